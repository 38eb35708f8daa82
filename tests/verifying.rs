//! `verify` and `history`: what Altinn lists now against what a run left, and what is known of one client.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/program.rs"]
mod program;

use std::time::Duration;

use fullmakt::sandbox::{ONBOARDING_AGENT, Quirk, Refusal, SandboxClient, World};
use program::Program;

fn program(clients: usize) -> Program {
    Program::new(World::with_clients(clients, 1), Duration::ZERO)
}

/// Changes the world's client at this place.
fn change(program: &Program, place: usize, change: impl FnOnce(&mut SandboxClient)) {
    let world = program.world();
    let mut world = world.lock();
    let id = world.clients()[place].id;
    change(world.client_mut(id).unwrap());
}

/// Somebody else delegates or removes the client at this place.
fn set_delegated(program: &Program, place: usize, relations: u8) {
    let world = program.world();
    let mut world = world.lock();
    let id = world.clients()[place].id;
    world.set_delegated(ONBOARDING_AGENT, id, relations);
}

fn number(program: &Program, place: usize) -> String {
    program.world().lock().clients()[place].number.unwrap().to_string()
}

#[test]
fn altinn_as_the_run_left_it_verifies_with_exit_0() {
    let program = program(5);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    let done = program.run(&["verify", "--format", "json"]).expect(0);
    assert_eq!((done.total("compared"), done.total("missing"), done.total("extra")), (5, 0, 0));
    assert_eq!(done.json()["as_left"], true);
    let text = program.run(&["verify"]).expect(0).stdout;
    assert!(text.contains("is as it was left") && text.contains("5 as the run left them"), "{text}");
}

#[test]
fn what_somebody_else_changed_is_missing_or_gone_and_a_manifest_mends_it() {
    let program = program(5);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    set_delegated(&program, 1, 0);
    set_delegated(&program, 3, 0);
    change(&program, 3, |client| client.available = false);

    let done = program.run(&["verify", "--format", "json"]).expect(1);
    assert_eq!((done.total("missing"), done.total("gone_from_register")), (1, 1));
    let text = program.run(&["verify"]).expect(1);
    assert!(text.stdout.contains(&format!("missing  {}", number(&program, 1))), "{}", text.stdout);
    assert!(text.stderr.contains("--csv"), "{}", text.stderr);

    let csv = program.run(&["verify", "--csv"]).expect(1);
    assert!(csv.stderr.contains("gone from the register"), "{}", csv.stderr);
    program.write("manifest.csv", &csv.stdout);
    program.write_job("manifest", "");
    let mended = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0);
    assert_eq!((mended.total("rows"), mended.total("delegated")), (1, 1));
}

#[test]
fn a_client_that_was_removed_and_is_listed_again_is_extra() {
    let program = program(3);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    program.write_job("remove", "");
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    program.run(&["verify"]).expect(0);
    set_delegated(&program, 2, 1);
    let csv = program.run(&["verify", "--csv"]).expect(1).stdout;
    assert!(csv.lines().nth(1).unwrap().starts_with(&number(&program, 2)), "{csv}");
    assert!(csv.contains(";remove;"), "{csv}");
}

#[test]
fn what_a_later_run_changed_is_named_and_is_no_difference() {
    let program = program(4);
    let first = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0).json();
    program.write("manifest.csv", format!("orgnr\n{}\n", number(&program, 0)));
    program.write_job("remove", "");
    let second = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0).json();
    // The first run's job is known from what the ledger keeps of it.
    std::fs::remove_file(program.path("job.toml")).unwrap();
    let done = program.run(&["verify", first["run"].as_str().unwrap(), "--format", "json"]).expect(0);
    assert_eq!((done.total("changed_since"), done.total("missing")), (1, 0));
    assert_eq!(done.json()["differences"][0]["changed_since_by"], second["run"]);

    // Somebody else undoes what the later run did: now it is as the first run left it, and not as the second did.
    set_delegated(&program, 0, 1);
    program.run(&["verify", first["run"].as_str().unwrap()]).expect(0);
    program.run(&["verify", second["run"].as_str().unwrap()]).expect(1);
}

#[test]
fn a_history_tells_every_attempt_in_every_run() {
    let program = program(3);
    change(&program, 1, |client| client.quirk = Some(Quirk::RefusesDelegation(Refusal::ClientNotFound)));
    program.run(&["run", "job.toml", "--yes"]).expect(1);
    change(&program, 1, |client| client.quirk = None);
    program.run(&["run", "job.toml", "--yes"]).expect(0);

    let spaced = format!("NO {} MVA", number(&program, 1));
    let history = program.run(&["history", &spaced, "--format", "json"]).expect(0).json();
    let runs = history["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2);
    assert_eq!((&runs[0]["state"], &runs[1]["state"]), (&"failed".into(), &"delegated".into()));
    let attempt = &runs[0]["attempts"][0];
    assert_eq!((&attempt["status"], &attempt["code"]), (&400.into(), &"AUTH-00079".into()));
    assert!(attempt["sent_at"].as_str().unwrap().ends_with('Z'), "{attempt}");
    assert!(runs[1]["settled_at"].is_string());

    let client = runs[1]["client"].as_str().unwrap();
    let by_id = program.run(&["history", client, "--format", "json"]).expect(0).json();
    assert_eq!(by_id["runs"], history["runs"]);

    let text = program.run(&["history", &spaced]).expect(0).stdout;
    assert!(
        text.contains("delegate  final  400 AUTH-00079") && text.contains("to delegate: failed"),
        "{text}"
    );
    let support = program.run(&["history", &spaced, "--support"]).expect(0).stdout;
    for wanted in
        ["Trace id:", "(UTC)", "HTTP status:  400", "Code:         AUTH-00079", "Facilitator:", "Agent:"]
    {
        assert!(support.contains(wanted), "{wanted}: {support}");
    }
}

#[test]
fn a_client_that_no_run_has_named_is_said_to_be_unknown() {
    let program = program(1);
    let unknown = program.run(&["history", "314250052"]).expect(1);
    assert!(unknown.stderr.contains("knows nothing of 314250052"), "{}", unknown.stderr);
    assert!(unknown.stderr.contains(program.path("state").to_str().unwrap()), "{}", unknown.stderr);
    let malformed = program.run(&["history", "31425005"]).expect(2);
    assert!(malformed.stderr.contains("\"31425005\" is no client"), "{}", malformed.stderr);
}

#[test]
fn a_history_begins_with_how_the_client_stands_and_asks_altinn_where_it_is_told_to() {
    let program = program(2);
    let numbers = [number(&program, 0), number(&program, 1)];
    program.write("manifest.csv", format!("Orgnr\r\n{}\r\n", numbers[0]));
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    let first_line = |arguments: &[&str]| {
        let told = program.run(arguments).expect(0).stdout;
        told.lines().next().unwrap_or_default().to_owned()
    };
    let now = first_line(&["history", &numbers[0]]);
    assert!(now.starts_with(&numbers[0]) && now.contains("has been delegated to Årsoppgjør"), "{now}");
    let now = first_line(&["--lang", "nb", "history", &numbers[0]]);
    assert!(now.contains("har vært delegert til Årsoppgjør"), "{now}");

    let told =
        program.run(&["history", &numbers[0], "--now", "job.toml", "--format", "json"]).expect(0).json();
    assert_eq!(told["access"][0]["agents"][0]["delegated"], true, "{told}");
    assert_eq!(told["present"][0]["delegated"], true);
    // A client that no run has named is told of all the same where Altinn is asked.
    let told = program.run(&["history", &numbers[1], "--now", "job.toml"]).expect(1).stderr;
    assert!(told.contains("none of its system users has it"), "{told}");
    set_delegated(&program, 1, 1);
    program.run(&["history", &numbers[1]]).expect(1);
    let told = program.run(&["history", &numbers[1], "--now", "job.toml"]).expect(0).stdout;
    assert!(told.contains("Årsoppgjør"), "{told}");
}
