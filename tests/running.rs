//! Running jobs: what comes out of it on stdout, in the exit code, in the reports and in Altinn.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/program.rs"]
mod program;

use std::time::Duration;

use fullmakt::sandbox::{Fault, Faults, ONBOARDING_AGENT, Quirk, Refusal, SandboxClient, World, facilitator};
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

#[test]
fn a_run_delegates_every_client_and_says_so_in_one_json_document() {
    let program = program(30);
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0);
    let summary = done.json();
    assert_eq!(summary["status"], "completed");
    assert_eq!(summary["job"], "test");
    assert_eq!(summary["kind"], "delegate");
    assert_eq!(summary["attempts"], 30);
    assert_eq!((done.total("rows"), done.total("delegated"), done.total("pending")), (30, 30, 0));
    assert_eq!(program.delegated(), 30);

    let written = program.path("state/runs").join(summary["run"].as_str().unwrap());
    let on_disk: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(written.join("summary.json")).unwrap()).unwrap();
    assert_eq!(on_disk, summary, "summary.json is what is printed");
    assert!(written.join("failures.csv").exists());
}

#[test]
fn a_second_run_sends_nothing() {
    let program = program(10);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0);
    assert_eq!((done.total("unchanged"), done.json()["attempts"].as_u64()), (10, Some(0)));
    assert_eq!(program.sent(), [1; 10]);
}

#[test]
fn a_manifest_job_does_what_each_row_says() {
    let program = program(4);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    let numbers: Vec<String> =
        program.world().lock().clients().iter().map(|client| client.number.unwrap().to_string()).collect();
    program.write("manifest.csv", format!("orgnr,action\n{},remove\n{},delegate\n", numbers[0], numbers[1]));
    program.write_job("manifest", "");
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0);
    assert_eq!((done.total("removed"), done.total("unchanged")), (1, 1));
    assert_eq!(program.delegated(), 3);
}

#[test]
fn a_client_tied_by_two_roles_is_removed_until_altinn_no_longer_lists_it() {
    let program = program(6);
    change(&program, 2, |client| client.relations = 2);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    program.write_job("remove", "");
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0);
    assert_eq!(done.total("removed"), 6);
    assert_eq!(program.delegated(), 0);
    assert_eq!(program.sent(), [2, 2, 3, 2, 2, 2]);
}

#[test]
fn passing_faults_of_every_kind_are_overcome() {
    let mut world = World::with_clients(8, 1);
    let faults = [
        Fault::Refused(Refusal::DelegationFailed),
        Fault::Refused(Refusal::GetClientsFailed),
        Fault::Refused(Refusal::InternalServerError),
        Fault::bad_gateway(),
        Fault::unavailable(),
        Fault::too_many_requests("1"),
        Fault::CutAfterChange,
        Fault::CutBeforeChange,
    ];
    let clients: Vec<_> = world.clients().iter().map(|client| client.id).collect();
    for (client, fault) in clients.into_iter().zip(faults) {
        world.faults_mut().fail_next_for(client, 1, fault);
    }
    let program = Program::new(world, Duration::ZERO);
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0);
    assert_eq!(done.total("delegated"), 8);
    assert_eq!(program.sent(), [2; 8]);
}

#[test]
fn lists_that_fail_in_passing_are_asked_for_again() {
    let mut world = World::with_clients(3, 1);
    world.faults_mut().fail_next(1, Fault::Refused(Refusal::SystemOwnerNotFound));
    let program = Program::new(world, Duration::ZERO);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    assert_eq!(program.delegated(), 3);
}

#[test]
fn lists_in_pages_are_followed() {
    let mut world = World::with_clients(25, 1);
    world.lists_mut().page_size = Some(4);
    let program = Program::new(world, Duration::ZERO);
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0);
    assert_eq!(done.total("delegated"), 25);
}

#[test]
fn first_posts_to_a_new_agent_do_not_race() {
    // With time between asking and answering, a second POST beside the first would lose the race.
    let mut program = Program::new(World::with_clients(30, 1), Duration::from_millis(10));
    program.pace = "rate = \"unlimited\"\nin_flight = 16\n".to_owned();
    program.write_job("delegate", "");
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    assert_eq!(program.sent(), [1; 30]);
}

#[test]
fn refused_clients_are_in_a_failure_report_that_is_the_next_manifest() {
    let program = program(6);
    change(&program, 1, |client| client.quirk = Some(Quirk::RefusesDelegation(Refusal::ClientNotFound)));
    change(&program, 4, |client| client.quirk = Some(Quirk::RefusesDelegation(Refusal::PackageMissing)));
    let list = program.read("manifest.csv");
    let rows =
        list.lines().skip(1).map(|row| format!("{};=cmd|'/c calc'!A1\r\n", row.split(';').next().unwrap()));
    program.write("manifest.csv", format!("Orgnr;Navn\r\n{}", rows.collect::<String>()));
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(1);
    assert_eq!((done.total("delegated"), done.total("failed")), (4, 2));

    let report = std::fs::read_to_string(done.json()["failures"].as_str().unwrap()).unwrap();
    let lines: Vec<&str> = report.lines().collect();
    assert!(
        lines[0].starts_with("Orgnr;Navn;fullmakt_action;fullmakt_outcome;fullmakt_status;fullmakt_code"),
        "{report}"
    );
    assert_eq!(lines.len(), 3);
    assert!(lines[1].contains(";'=cmd") && !report.contains(";=cmd"), "a formula is defused: {report}");
    assert!(lines[1].contains(";delegate;failed;400;AUTH-00079;"), "{report}");
    assert!(lines[2].contains("AUTH-00080") && lines[2].contains("package"), "{report}");

    // Somebody puts it right in Altinn, and gives the report back.
    change(&program, 1, |client| client.quirk = None);
    change(&program, 4, |client| client.quirk = None);
    program.write("manifest.csv", &report);
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0);
    assert_eq!((done.total("rows"), done.total("delegated")), (2, 2));
    assert_eq!(program.delegated(), 6);
}

#[test]
fn a_failure_report_keeps_the_manifests_encoding_and_line_ends() {
    let program = program(2);
    let number = program.world().lock().clients()[0].number.unwrap();
    change(&program, 0, |client| client.quirk = Some(Quirk::RefusesDelegation(Refusal::ClientNotFound)));
    let mut manifest = format!("Kundenavn;Orgnr\r\n\"BL_B_R; AS\";{number}\r\n").into_bytes();
    manifest.iter_mut().filter(|byte| **byte == b'_').for_each(|byte| *byte = 0xC5);
    program.write("manifest.csv", manifest);
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(1);
    let report = std::fs::read(done.json()["failures"].as_str().unwrap()).unwrap();
    let text = String::from_utf8_lossy(&report);
    assert!(report.windows(12).any(|bytes| bytes == b"\"BL\xC5B\xC5R; AS\""), "{text}");
    assert!(text.lines().count() == 2 && text.ends_with("\r\n"), "{text}");
}

#[test]
fn who_is_not_a_client_fails_at_once_with_a_hint_and_is_never_sent() {
    let program = program(3);
    program.write("manifest.csv", program.read("manifest.csv") + "\r\n314250052;stranger\r\n");
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(1);
    assert_eq!(
        (done.total("delegated"), done.total("failed"), done.json()["attempts"].as_u64()),
        (3, 1, Some(3))
    );
    let report = std::fs::read_to_string(done.json()["failures"].as_str().unwrap()).unwrap();
    assert!(
        report.contains("does not list this organisation") && report.contains("check the number"),
        "{report}"
    );
}

#[test]
fn bad_rows_refuse_the_manifest_or_go_to_the_failure_report() {
    let program = program(3);
    program.write("manifest.csv", program.read("manifest.csv") + "\r\n3,1E+08;x\r\n12;y\r\n");
    let refused = program.run(&["run", "job.toml", "--yes"]).expect(2);
    assert!(refused.stderr.contains("line 6, column 1 (Orgnr): \"3,1E+08\""), "{}", refused.stderr);
    assert!(refused.stderr.contains("line 7, column 1 (Orgnr): \"12\""), "{}", refused.stderr);
    assert_eq!(program.sent(), [0; 3]);

    let done = program.run(&["run", "job.toml", "--yes", "--skip-invalid", "--format", "json"]).expect(1);
    assert_eq!((done.total("delegated"), done.total("rejected"), done.total("rows")), (3, 2, 5));
    let report = std::fs::read_to_string(done.json()["failures"].as_str().unwrap()).unwrap();
    assert!(report.contains("3,1E+08;x;;rejected;"), "{report}");
}

#[test]
fn retry_tries_again_what_may_be_tried_again_and_nothing_else() {
    let program = program(5);
    program.write_job("delegate", "attempts = 1\n");
    change(&program, 0, |client| client.quirk = Some(Quirk::RefusesDelegation(Refusal::ClientNotFound)));
    change(&program, 1, |client| client.quirk = Some(Quirk::RefusesDelegation(Refusal::DelegationFailed)));
    change(&program, 2, |client| client.quirk = Some(Quirk::RefusesDelegation(Refusal::DelegationFailed)));
    // The agent has a client already, so that the first to be sent need not succeed.
    let last = program.world().lock().clients()[4].id;
    program.world().lock().set_delegated(ONBOARDING_AGENT, last, 1);
    let first = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(1);
    assert_eq!((first.total("delegated"), first.total("failed")), (1, 3));

    change(&program, 1, |client| client.quirk = None);
    let second = program.run(&["retry", "--yes", "--format", "json"]).expect(1);
    assert_eq!((second.total("rows"), second.total("delegated"), second.total("failed")), (2, 1, 1));
    assert_eq!(second.json()["retry_of"], first.json()["run"]);
    assert_eq!(program.sent(), [1, 2, 2, 1, 0]);

    change(&program, 2, |client| client.quirk = None);
    program.run(&["retry", "--yes"]).expect(0);
    let nothing = program.run(&["retry", "--yes"]).expect(0);
    assert!(nothing.stderr.contains("no failures that may be tried again"), "{}", nothing.stderr);
}

#[test]
fn a_retry_of_a_manifest_job_keeps_each_clients_operation() {
    let program = program(3);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    let numbers: Vec<String> =
        program.world().lock().clients().iter().map(|client| client.number.unwrap().to_string()).collect();
    program.write("manifest.csv", format!("orgnr,action\n{},remove\n{},delegate\n", numbers[0], numbers[1]));
    program.write_job("manifest", "attempts = 1\n");
    change(&program, 0, |client| client.quirk = Some(Quirk::RefusesRemoval(Refusal::PartyDoesNotMatch)));
    let failed = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(1);
    let report = std::fs::read_to_string(failed.json()["failures"].as_str().unwrap()).unwrap();
    assert!(report.contains(",remove,remove,failed,400,AUTH-00031"), "{report}");
    change(&program, 0, |client| client.quirk = None);
    let done = program.run(&["retry", "--yes", "--format", "json"]).expect(0);
    assert_eq!(done.total("removed"), 1);
    assert_eq!(program.delegated(), 2);
}

#[test]
fn a_removal_of_a_client_that_is_no_longer_available_works_all_the_same() {
    let program = program(3);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    change(&program, 1, |client| client.available = false);
    let plan = program.run(&["plan", "job.toml"]).expect(0);
    assert!(plan.stdout.contains("no longer lists it as available"), "{}", plan.stdout);
    program.write_job("remove", "");
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    assert_eq!(program.delegated(), 0);
}

#[test]
fn a_private_person_is_never_touched_by_a_manifest() {
    let program = program(2);
    let person = fullmakt::model::ClientId("6f1c7b1e-9d0a-4b7e-8a54-0f8f6b7f2c11".parse().unwrap());
    {
        let world = program.world();
        let mut world = world.lock();
        let packages = world.clients()[0].packages.clone();
        world.add_client(SandboxClient::person(person, facilitator(), "KARI", packages));
        world.set_delegated(ONBOARDING_AGENT, person, 1);
    }
    program.write_job("remove", "");
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    assert!(program.world().lock().delegated(ONBOARDING_AGENT).contains(&person));
}

#[test]
fn a_run_with_many_faults_sends_no_client_more_often_than_its_tries() {
    let mut world = World::with_clients(60, 5);
    *world.faults_mut() = Faults::passing(5, 0.3);
    let program = Program::new(world, Duration::ZERO);
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0);
    assert_eq!(done.total("delegated"), 60);
    assert!(program.sent().iter().all(|sent| *sent <= 5), "{:?}", program.sent());
}

#[test]
fn a_token_is_in_nothing_that_a_run_leaves_behind() {
    if program::postgres::is_meant() {
        return; // The files in the state folder are its subject.
    }
    let program = program(3);
    let secret = "hemmelig-token-8472";
    program.world().lock().accept_token(secret, fullmakt::sandbox::Permission::Forbidden);
    let output =
        program.command(&["run", "job.toml", "--yes", "-v"]).env("TEST_TOKEN", secret).output().unwrap();
    let done = program::Done::of(output).expect(3);
    assert!(!done.stdout.contains(secret) && !done.stderr.contains(secret));
    let mut folders = vec![program.path("state")];
    let mut looked_at = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                looked_at += 1;
                let bytes = std::fs::read(&path).unwrap();
                assert!(
                    !bytes.windows(secret.len()).any(|part| part == secret.as_bytes()),
                    "{}",
                    path.display()
                );
            }
        }
    }
    assert!(looked_at > 0);
}
