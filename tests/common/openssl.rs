//! Keys and certificates as openssl makes them.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::missing_panics_doc)]

use std::{
    io::Write,
    process::{Command, Stdio},
    sync::OnceLock,
};

/// What `openssl …` writes, with this on its standard input.
#[track_caller]
pub fn run(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = Command::new("openssl");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // One that reads nothing has closed its end.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments:?}: {said}");
    output.stdout
}

/// A private RSA key of 2048 bits in PEM (PKCS#8), the same for all tests of a process.
pub fn rsa_key() -> String {
    static KEY: OnceLock<String> = OnceLock::new();
    let make = || String::from_utf8(run(&["genpkey", "-quiet", "-algorithm", "RSA"], b"")).unwrap();
    KEY.get_or_init(make).clone()
}
