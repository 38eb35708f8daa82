//! The jobs that come with the program, as they are given, on the built-in sandbox. At their own pace this takes some seconds.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/program.rs"]
mod program;

use std::{path::Path, time::Duration};

use fullmakt::sandbox::World;
use program::{Done, Program};

fn run_given(program: &Program, job: &str, more: &[&str]) -> Done {
    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs").join(job);
    let job = job.to_str().unwrap();
    program.run(&[&["run", job, "--yes", "--format", "json"], more].concat())
}

#[test]
fn onboarding_ends_with_every_client_delegated_and_clients_and_a_second_run_agree() {
    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    let done = run_given(&program, "onboarding.toml", &[]).expect(0);
    assert_eq!((done.total("rows"), done.total("delegated"), done.total("unchanged")), (1000, 960, 40));
    assert!(done.json()["attempts"].as_u64().unwrap() > 960, "some requests failed in passing");

    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs/onboarding.toml");
    let clients = program.run(&["clients", job.to_str().unwrap(), "--format", "json"]).expect(0).json();
    let organisations = clients["clients"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|client| client["organisation_number"].is_string());
    assert_eq!(organisations.count(), 1000);

    let again = run_given(&program, "onboarding.toml", &[]).expect(0);
    assert_eq!((again.total("unchanged"), again.json()["attempts"].as_u64()), (1000, Some(0)));
}

#[test]
fn refusals_end_in_a_report_with_every_documented_reason() {
    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    run_given(&program, "onboarding-refusals.toml", &[]).expect(2);
    let done = run_given(&program, "onboarding-refusals.toml", &["--skip-invalid"]).expect(1);
    assert_eq!((done.total("delegated"), done.total("failed"), done.total("rejected")), (26, 16, 6));
    let report = std::fs::read_to_string(done.json()["failures"].as_str().unwrap()).unwrap();
    for reason in [
        "AUTH-00079",
        "it lacks ansvarlig-revisor",
        "AUTH.VLD-00016",
        "AUTH-00002",
        ",500,,",
        ",422,",
        "not list this organisation",
    ] {
        assert!(report.contains(reason), "{reason}: {report}");
    }
}

#[test]
fn the_nightly_reconciliation_makes_the_agent_have_exactly_its_manifest_and_a_second_night_sends_nothing() {
    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    let done = run_given(&program, "nightly-reconcile.toml", &[]).expect(0);
    let counts = ["rows", "delegated", "removed", "unchanged", "failed"].map(|name| done.total(name));
    assert_eq!(counts, [202, 12, 10, 190, 0]);
    let again = run_given(&program, "nightly-reconcile.toml", &[]).expect(0);
    assert_eq!((again.total("unchanged"), again.json()["attempts"].as_u64()), (202, Some(0)));
    program.run(&["verify"]).expect(0);
}

#[test]
fn the_migration_moves_everybody_whom_the_new_agent_may_have_and_its_undo_gives_them_back() {
    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    let done = run_given(&program, "migration.toml", &[]).expect(1);
    let counts = ["rows", "delegated", "removed", "unchanged", "failed"].map(|name| done.total(name));
    assert_eq!(counts, [45, 42, 0, 0, 3], "three are no longer available and stay where they are");
    program.run(&["verify"]).expect(0);
    let undone = program.run(&["undo", "--yes", "--format", "json"]).expect(0);
    assert_eq!(undone.total("delegated"), 42);
    program.run(&["verify"]).expect(0);
}

/// As in the docs, on the built-in sandbox, with its faults: the script and nothing else.
#[cfg(unix)]
#[test]
fn the_script_goes_from_nothing_to_a_thousand_delegated_clients() {
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs/from-nothing/rehearse.sh");
    let mut command = std::process::Command::new("sh");
    command.arg(script).arg(folder.path()).env("FULLMAKT", env!("CARGO_BIN_EXE_fullmakt"));
    command.env("LC_ALL", "C.UTF-8").env_remove("FULLMAKT_STATE_DIR");
    let done = Done::of(command.output().unwrap()).expect(0);
    for said in [
        "1 rejected",
        "1 too old to be answered",
        "48 ready",
        "50 ready",
        "50 jobs are carried out",
        "1,025 delegated",
    ] {
        assert!(done.stdout.contains(said), "{said}:\n{}\n{}", done.stdout, done.stderr);
    }
    assert_eq!(std::fs::read_to_string(folder.path().join("ready.csv")).unwrap().lines().count(), 51);
    assert_eq!(std::fs::read_dir(folder.path().join("links/pages")).unwrap().count(), 50);
}
