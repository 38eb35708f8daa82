//! A fleet's workers as they are installed: the units of systemd and Kubernetes say how they are started, looked after and
//! stopped, and the ledger's server is reached over an encrypted connection with a password.

#![cfg(all(target_os = "linux", feature = "postgres"))]
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/hosts.rs"]
mod hosts;
#[path = "common/program.rs"]
mod program;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use fullmakt::sandbox::World;
use hosts::Hosts;
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

/// A fleet whose files are where a unit says, below a folder that stands for the machine's root.
struct Installed {
    hosts: Hosts,
    root: PathBuf,
}

impl Installed {
    /// With the fleet file in one folder, and the key where the fleet file names it.
    fn new(fleet: &str, key: &str) -> Option<Self> {
        let hosts = Hosts::new(6, "25/s")?;
        let root = hosts.program.path("root");
        let installed = Self { hosts, root };
        let folder = installed.at(fleet);
        fs::create_dir_all(&folder).unwrap();
        for entry in fs::read_dir(installed.root.parent().unwrap()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "csv") {
                fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
            }
        }
        let key = installed.at(key);
        fs::create_dir_all(key.parent().unwrap()).unwrap();
        fs::copy(installed.hosts.program.path("key.jwk"), &key).unwrap();
        let named = format!("key_file = {:?}", key.display().to_string());
        let file = installed.hosts.program.read("fleet.toml").replace("key_file = \"key.jwk\"", &named);
        fs::write(folder.join("fleet.toml"), file).unwrap();
        Some(installed)
    }

    /// Where a path of the unit's is here.
    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path.strip_prefix('/').unwrap())
    }

    /// A word of a command line, or a value of a variable.
    fn here(&self, word: &str) -> String {
        if word.starts_with("postgres://") {
            self.hosts.address.clone()
        } else if word.starts_with('/') {
            self.at(word).display().to_string()
        } else {
            word.to_owned()
        }
    }

    fn start(&self, mut command: Command) -> Child {
        let log = fs::File::create(self.hosts.program.path("one.err")).unwrap();
        command
            .current_dir("/")
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(log);
        let worker = command.spawn().unwrap();
        self.hosts.door.knows(worker.id());
        worker
    }

    /// Tells it to stop; it ends in that time, and how.
    fn stop(&self, mut worker: Child, within: Duration) -> i32 {
        program::signal(&worker, "TERM");
        let begin = Instant::now();
        while worker.try_wait().unwrap().is_none() {
            assert!(begin.elapsed() < within, "{}", self.hosts.said());
            thread::sleep(Duration::from_millis(20));
        }
        worker.wait().unwrap().code().unwrap()
    }

    fn wait_until_done(&self) {
        let begin = Instant::now();
        while self.hosts.status()["counts"]["done"] != self.hosts.firms as u64 {
            assert!(begin.elapsed() < Duration::from_mins(1), "{}", self.hosts.said());
            thread::sleep(Duration::from_millis(200));
        }
    }

    /// What is in the way of others.
    fn leases(&self) -> String {
        let held = "SELECT count(*) FROM leases WHERE lease_until > clock_timestamp()";
        self.hosts.server.ask(&hosts::bare(&self.hosts.address), held)
    }

    /// Starts it, stops it in the middle, and has the next one do the rest.
    fn must_work(&self, command: impl Fn() -> Command, grace: Duration, success: &[i32]) {
        let worker = self.start(command());
        self.hosts.wait_until_sent(10);
        assert_ne!(self.leases(), "0");
        let code = self.stop(worker, grace);
        assert_eq!(code, 130, "{}", self.hosts.said());
        assert!(success.contains(&code), "told to stop is no failure");
        assert_eq!(self.leases(), "0", "they were given up");
        for line in self.hosts.said_by("one").lines() {
            assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
        }
        let worker = self.start(command());
        self.wait_until_done();
        assert_eq!(self.stop(worker, grace), 0, "{}", self.hosts.said());
        self.hosts.must_be_done(0);
        self.hosts.must_keep_the_pace();
    }
}

fn given(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_service_of_systemd_works_on_a_fleet_of_several_hosts_as_its_unit_says() {
    let unit = given("packaging/systemd/fullmakt-fleet.service");
    let credentials = "/run/credentials/fullmakt-fleet.service";
    let Some(installed) = Installed::new("/etc/fullmakt", &format!("{credentials}/key.jwk")) else { return };
    installed.hosts.program.write("pgpass", "");
    fs::create_dir_all(installed.at("/var/lib/node_exporter/textfile_collector")).unwrap();
    // What is in the unit for several hosts is there, too.
    let lines: Vec<&str> =
        unit.lines().map(|line| line.strip_prefix("#Environment").map_or(line, |_| &line[1..])).collect();
    let value = |key: &str| {
        let found = lines.iter().filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        found.map(str::to_owned).collect::<Vec<_>>()
    };
    let variables = value("Environment");
    let names: Vec<&str> = variables.iter().filter_map(|variable| variable.split('=').next()).collect();
    assert_eq!(names, ["FULLMAKT_STATE_DIR", "FULLMAKT_LEDGER", "PGPASSFILE"]);
    let command = || {
        let line = value("ExecStart").remove(0);
        let mut words = line.split_whitespace();
        assert_eq!(words.next(), Some("/usr/local/bin/fullmakt"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_fullmakt"));
        command.args(words.map(|word| installed.here(word))).env_clear();
        for variable in &variables {
            let (name, value) = variable.split_once('=').unwrap();
            command.env(name, installed.here(&value.replace("%d", credentials)));
        }
        command.env("CREDENTIALS_DIRECTORY", installed.at(credentials));
        command
    };
    let grace = Duration::from_secs(value("TimeoutStopSec")[0].parse().unwrap());
    let success: Vec<i32> =
        value("SuccessExitStatus")[0].split(' ').map(|code| code.parse().unwrap()).collect();
    installed.must_work(command, grace, &success);
    let metrics = installed.at("/var/lib/node_exporter/textfile_collector/fullmakt_fleet.prom");
    assert!(fs::read_to_string(metrics).unwrap().contains("fullmakt_fleet_"));
}

#[test]
fn systemd_has_nothing_against_the_unit() {
    let folder = tempfile::tempdir().unwrap();
    let binary = env!("CARGO_BIN_EXE_fullmakt");
    let unit = given("packaging/systemd/fullmakt-fleet.service").replace("/usr/local/bin/fullmakt", binary);
    let path = folder.path().join("fullmakt-fleet.service");
    fs::write(&path, unit).unwrap();
    let failed = given("packaging/systemd/fullmakt-failed@.service")
        .replace("/usr/local/lib/fullmakt/mail.sh", "/bin/true");
    fs::write(folder.path().join("fullmakt-failed@.service"), failed).unwrap();
    match Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&path).output() {
        Ok(done) => {
            let said = String::from_utf8_lossy(&done.stderr);
            let ours: Vec<&str> = said.lines().filter(|line| line.contains("fullmakt")).collect();
            assert!(done.status.success() && ours.is_empty(), "{said}");
        }
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{error}"),
    }
}

#[test]
fn the_workers_of_kubernetes_work_as_their_deployment_says() {
    let deployment = given("packaging/kubernetes/fleet.yaml");
    let after = |what: &str| {
        let found = deployment.lines().find_map(|line| line.trim().strip_prefix(what));
        found.unwrap_or_else(|| panic!("no {what}")).trim().to_owned()
    };
    let Some(installed) = Installed::new("/fleet", "/secrets/key.jwk") else { return };
    assert!(deployment.contains("key_file = \"/secrets/key.jwk\""));
    // What a mount of a secret looks like to a pod: root's, and readable for the pod's group. The files cannot be written by the
    // pod's user; only the state can.
    fs::create_dir_all(installed.at("/state")).unwrap();
    let (user, group) = (after("runAsUser:"), after("fsGroup:"));
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|done| done.stdout.starts_with(b"0\n"));
    let mode = |path: PathBuf, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    fs::write(installed.at("/secrets/pgpass"), "").unwrap();
    mode(installed.at("/secrets/key.jwk"), 0o440);
    mode(installed.at("/secrets/pgpass"), 0o440);
    let binary = installed.at("/fullmakt");
    fs::copy(env!("CARGO_BIN_EXE_fullmakt"), &binary).unwrap();
    if is_root {
        mode(installed.root.parent().unwrap().to_owned(), 0o755);
        for path in ["/secrets/key.jwk", "/secrets/pgpass", "/state"] {
            let owner = Command::new("chown").arg(format!("0:{group}")).arg(installed.at(path)).status();
            assert!(owner.unwrap().success());
        }
        mode(installed.at("/state"), 0o2770);
    }
    let variables: Vec<(String, String)> = deployment
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- {name: ")?.strip_suffix('}')?.split_once(", value: "))
        .map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned()))
        .collect();
    let names: Vec<&str> = variables.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["FULLMAKT_LEDGER", "PGPASSFILE", "FULLMAKT_STATE_DIR", "TZ"]);
    let arguments = after("args:");
    let arguments = arguments.strip_prefix('[').unwrap().strip_suffix(']').unwrap();
    let command = || {
        let mut command = if is_root {
            let mut command = Command::new("setpriv");
            command.arg(format!("--reuid={user}")).arg(format!("--regid={group}"));
            command.args(["--clear-groups", "--no-new-privs", "--bounding-set=-all"]).arg(&binary);
            command
        } else {
            Command::new(&binary)
        };
        command.args(arguments.split(", ").map(|word| installed.here(word)));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("KUBERNETES_SERVICE_HOST", "10.0.0.1").env("HOSTNAME", "fullmakt-fleet-7c9d-x2x7q");
        command.envs(variables.iter().map(|(name, value)| (name, installed.here(value))));
        command
    };
    let grace = Duration::from_secs(after("terminationGracePeriodSeconds:").parse().unwrap());
    // Kubernetes starts a pod anew whatever its end was.
    installed.must_work(command, grace, &[130]);
}

/// Does nothing but for the test after it, which starts it in a process of its own.
#[test]
fn a_server_is_held_until_somebody_kills_who_holds_it() {
    if std::env::var_os("FULLMAKT_TEST_HOLDS").is_some() {
        let server = Postgres::start().unwrap();
        fs::write(
            std::env::var_os("FULLMAKT_TEST_HOLDS").unwrap(),
            format!("{} {}", server.port, server.folder()),
        )
        .unwrap();
        thread::sleep(Duration::from_mins(1));
    }
}

#[test]
fn a_test_that_is_killed_leaves_no_server_behind() {
    if Postgres::start().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let told = folder.path().join("told");
    let mut test = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_server_is_held_until_somebody_kills_who_holds_it"])
        .env("FULLMAKT_TEST_HOLDS", &told)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    let wait = |what: &dyn Fn() -> bool| {
        while !what() {
            assert!(begin.elapsed() < Duration::from_mins(1));
            thread::sleep(Duration::from_millis(50));
        }
    };
    wait(&|| fs::read_to_string(&told).is_ok_and(|told| told.contains(' ')));
    let told = fs::read_to_string(&told).unwrap();
    let (port, files) = told.split_once(' ').unwrap();
    let port: u16 = port.parse().unwrap();
    let is_there = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
    assert!(is_there() && Path::new(files).exists());
    test.kill().unwrap();
    test.wait().unwrap();
    wait(&|| !is_there() && !Path::new(files).exists());
}
