//! A fleet's workers as they are installed: the units of systemd and Kubernetes say how they are started, looked after and
//! stopped, and the ledger's server is reached over an encrypted connection with a password.

#![cfg(all(target_os = "linux", feature = "postgres"))]
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/hosts.rs"]
mod hosts;
#[path = "common/program.rs"]
mod program;

use std::time::Duration;

use fullmakt::sandbox::World;
use program::{Done, Program, postgres::Postgres};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

const PASSWORD: &str = "hemmelig-passord-4711";

/// An authority, and a certificate for `localhost` that it has signed, with its key.
fn authority() -> (String, String, String) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let own = ca.self_signed(&ca_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()])
        .unwrap()
        .signed_by(&key, &Issuer::from_params(&ca, &ca_key))
        .unwrap();
    (own, certificate.pem(), key.serialize_pem())
}

/// A server that lets nobody in without encryption and the password, the address of a ledger there without what it says of
/// encryption, and a program with the files `ca.pem`, `other.pem` and `pgpass`.
fn encrypted() -> Option<(Postgres, String, Program)> {
    let server = Postgres::start()?;
    let program = Program::new(World::with_clients(4, 1), Duration::ZERO);
    let address = hosts::bare(&server.address());
    server.ask(&address, &format!("ALTER ROLE fullmakt PASSWORD '{PASSWORD}'"));
    let (ca, certificate, key) = authority();
    server.write("server.crt", &certificate);
    server.write("server.key", &key);
    server.write("postgresql.auto.conf", "ssl = on\n");
    server.write("pg_hba.conf", "hostssl all all 127.0.0.1/32 scram-sha-256\n");
    server.crash();
    server.up();
    program.write("ca.pem", ca);
    program.write("other.pem", authority().0);
    program.write_private("pgpass", format!("*:{}:*:fullmakt:{PASSWORD}\n", server.port));
    Some((server, address.replace("127.0.0.1", "localhost"), program))
}

/// What a command says with a ledger at this address.
fn with_ledger(program: &Program, address: &str, passwords: &str, arguments: &[&str]) -> Done {
    let mut command = program.command(arguments);
    command.env("FULLMAKT_LEDGER", address).env("PGPASSFILE", program.path(passwords));
    let done = Done::of(command.output().unwrap());
    assert!(!format!("{}{}", done.stdout, done.stderr).contains("hemmelig"), "{done:?}");
    done
}

#[test]
fn a_ledger_is_reached_over_an_encrypted_connection_with_the_password_of_the_password_file() {
    let Some((_server, address, program)) = encrypted() else { return };
    let ca = program.path("ca.pem").display().to_string();
    // Weaker modes are the strongest here.
    for mode in ["verify-full", "verify-ca", "require"] {
        let address = format!("{address}?sslmode={mode}&sslrootcert={ca}");
        let done = with_ledger(&program, &address, "pgpass", &["run", "job.toml", "--yes", "-v"]);
        done.expect(0);
    }
    assert_eq!(program.delegated(), 4);
}

#[test]
fn a_server_that_does_not_prove_its_name_is_refused_in_words() {
    let Some((_server, address, program)) = encrypted() else { return };
    let (ca, other) = (program.path("ca.pem"), program.path("other.pem"));
    let (ca, other) = (ca.display(), other.display());
    let by_number = address.replace("localhost", "127.0.0.1");
    let (mut wrong, mut norwegian) = (Vec::new(), Vec::new());
    for (address, says, sier) in [
        (
            format!("{address}?sslmode=verify-full&sslrootcert={other}"),
            "not by the authority in",
            "ikke utstedt av",
        ),
        (
            format!("{address}?sslmode=require&sslrootcert={other}"),
            "not by the authority in",
            "ikke utstedt av",
        ),
        (
            format!("{address}?sslmode=verify-full"),
            "an authority that this machine does not know",
            "ikke kjenner",
        ),
        (format!("{by_number}?sslmode=verify-full&sslrootcert={ca}"), "for another name", "et annet navn"),
        (format!("{address}?sslmode=require&sslrootcert=/nowhere.pem"), "/nowhere.pem", "/nowhere.pem"),
        // Without encryption the server lets nobody in, and without the address saying so a loopback is not encrypted.
        (format!("{address}?sslmode=disable"), "no encryption", "no encryption"),
    ] {
        let said = with_ledger(&program, &address, "pgpass", &["run", "job.toml", "--yes", "-v"]);
        if said.code != Some(5) || !said.stderr.contains(says) {
            wrong.push((address.clone(), said));
        }
        let said = with_ledger(&program, &address, "pgpass", &["--lang", "nb", "run", "job.toml", "--yes"]);
        if !said.stderr.contains(sier) {
            norwegian.push((address, said));
        }
    }
    assert!(wrong.is_empty() && norwegian.is_empty(), "{wrong:#?}\n{norwegian:#?}");
    assert_eq!(program.delegated(), 0);
}

#[test]
fn a_wrong_password_and_none_are_told_and_shown_to_nobody() {
    let Some((_server, address, program)) = encrypted() else { return };
    let address = format!("{address}?sslmode=verify-full&sslrootcert={}", program.path("ca.pem").display());
    program.write_private("wrong", "*:*:*:*:hemmelig-og-feil\n");
    for (passwords, says) in [("wrong", "password authentication failed"), ("nowhere", "PGPASSFILE")] {
        for more in [&[][..], &["--log", "json"], &["--format", "json"], &["-v"]] {
            let said = with_ledger(&program, &address, passwords, &[&["runs"], more].concat()).expect(5);
            assert!(format!("{}{}", said.stdout, said.stderr).contains(says), "{said:?}");
        }
    }
}
