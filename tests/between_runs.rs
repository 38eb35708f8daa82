//! What an interrupted run, a later run and today's list make of each other. The real program, killed for real.

#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/program.rs"]
mod program;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use fullmakt::{
    model::{AgentId, ClientId},
    sandbox::{
        Fault, ONBOARDING_AGENT, PAYROLL_AGENT, PAYROLL_PACKAGE, Refusal, SandboxAgent, World, facilitator,
    },
};
use program::{Done, Program};

const CLIENTS: usize = 20;

fn program(clients: usize) -> Program {
    Program::new(World::with_clients(clients, 1), Duration::from_millis(2))
}

fn numbers(program: &Program) -> Vec<String> {
    let world = program.world();
    let world = world.lock();
    world.clients().iter().filter_map(|client| client.number).map(|number| number.to_string()).collect()
}

fn ids(program: &Program) -> Vec<ClientId> {
    program.world().lock().clients().iter().map(|client| client.id).collect()
}

fn write_list(program: &Program, numbers: &[String]) {
    program.write("manifest.csv", format!("orgnr;navn\n{}\n", numbers.join(";x\n")));
}

/// Which of the world's clients are delegated, by their place.
fn delegated(program: &Program) -> Vec<usize> {
    let world = program.world();
    let world = world.lock();
    let now = world.delegated(ONBOARDING_AGENT);
    let clients = world.clients().iter().enumerate();
    clients.filter(|(_, client)| now.contains(&client.id)).map(|(place, _)| place).collect()
}

/// Starts a command and kills it when the server has seen so many requests more.
fn kill_after(program: &Program, arguments: &[&str], requests: u64) {
    let seen = program.world().lock().requests();
    let mut child = program.spawn(arguments);
    program.wait_for_requests(&mut child, seen + requests);
    child.kill().unwrap();
    child.wait().unwrap();
    // What was under way may still arrive.
    std::thread::sleep(Duration::from_millis(50));
}

fn runs(program: &Program) -> Vec<serde_json::Value> {
    let done = program.run(&["runs", "--format", "json"]).expect(0);
    done.json()["runs"].as_array().unwrap().clone()
}

fn status(program: &Program, run: &serde_json::Value) -> Done {
    program.run(&["status", run["run"].as_str().unwrap(), "--format", "json"]).expect(0)
}

const NIGHT: [&str; 6] = ["run", "job.toml", "--yes", "--resume-previous", "--format", "json"];

#[test]
fn an_interrupted_run_is_superseded_by_todays_list_whatever_its_kind_and_nothing_it_planned_is_sent() {
    for kind in ["delegate", "reconcile", "manifest", "remove"] {
        let program = program(CLIENTS);
        let all = numbers(&program);
        let list = |numbers: &[String]| match kind {
            "manifest" => {
                let rows: Vec<_> = numbers.iter().map(|number| format!("{number};delegate")).collect();
                program.write("manifest.csv", format!("orgnr;action\n{}\n", rows.join("\n")));
            }
            _ => write_list(&program, numbers),
        };
        if kind == "remove" {
            for id in ids(&program) {
                program.world().lock().set_delegated(ONBOARDING_AGENT, id, 1);
            }
        }
        list(&all);
        program.write_job(kind, "[guard]\nremovals = \"100%\"\n");
        kill_after(&program, &["run", "job.toml", "--yes"], 9);
        let before = delegated(&program).len();
        assert!((1..CLIENTS).contains(&before), "{kind}: killed in the middle, at {before}");

        // A month later the list is another one.
        list(&all[..3]);
        let sent_before = program.sent();
        let tonight = program.run(&NIGHT).expect(0);
        let now = delegated(&program);
        let sent = program.sent();
        let sent_tonight = (0..CLIENTS).filter(|place| sent[*place] > sent_before[*place]);
        match kind {
            "reconcile" => assert_eq!(now, [0, 1, 2], "exactly the list"),
            "remove" => assert!(sent_tonight.max().is_none_or(|place| place < 3), "{sent:?}"),
            _ => {
                assert_eq!(&now[..3], [0, 1, 2]);
                assert!(sent_tonight.max().is_none_or(|place| place < 3), "{kind}: {sent_before:?} {sent:?}");
            }
        }
        assert!(tonight.stderr.contains("this run takes its place"), "{}", tonight.stderr);
        let runs = runs(&program);
        assert_eq!((&runs[1]["status"], &runs[1]["superseded_by"]), (&"superseded".into(), &runs[0]["run"]));
        let old = status(&program, &runs[1]);
        assert_eq!((old.total("pending"), old.total("failed")), (0, 0), "{kind}: {old:?}");
        assert!(old.total("superseded") > 0);
        program.run(&["resume", runs[1]["run"].as_str().unwrap()]).expect(2);
    }
}

#[test]
fn a_broken_or_empty_list_tonight_sends_nothing_and_leaves_the_old_run_as_it_was() {
    for list in ["orgnr;navn\n", "orgnr;navn\n12345;x\n", ""] {
        let program = program(CLIENTS);
        kill_after(&program, &["run", "job.toml", "--yes"], 9);
        let (before, requests) = (program.sent(), program.world().lock().requests());
        program.write("manifest.csv", list);
        program.run(&NIGHT).expect(2);
        assert_eq!(program.sent(), before);
        assert_eq!(program.world().lock().requests(), requests, "Altinn was not even asked");
        let statuses: Vec<_> = runs(&program).iter().map(|run| run["status"].clone()).collect();
        assert_eq!(statuses, ["refused", "interrupted"], "the night is kept, and the old run is as it was");
    }
}

fn migration_world() -> World {
    let mut world = World::with_clients(CLIENTS, 1);
    world.add_agent(SandboxAgent::new(PAYROLL_AGENT, facilitator(), &[PAYROLL_PACKAGE]));
    let ids: Vec<_> = world.clients().iter().map(|client| client.id).collect();
    for id in ids {
        world.set_delegated(ONBOARDING_AGENT, id, 1);
    }
    world
}

fn write_migration(program: &Program, from: AgentId, to: AgentId) {
    program.write_job("migrate", "");
    let agent = format!("agent = \"{ONBOARDING_AGENT}\"");
    let both = format!("from_agent = \"{from}\"\nto_agent = \"{to}\"");
    program.write("job.toml", program.read("job.toml").replace(&agent, &both));
}

#[test]
fn an_interrupted_migration_is_finished_first_while_its_agents_are_the_jobs_and_else_superseded() {
    let program = Program::new(migration_world(), Duration::from_millis(2));
    write_migration(&program, ONBOARDING_AGENT, PAYROLL_AGENT);
    kill_after(&program, &["run", "job.toml", "--yes"], 12);
    write_list(&program, &numbers(&program)[..1]);
    let tonight = program.run(&NIGHT).expect(0);
    assert!(tonight.stderr.contains("it is finished first"), "{}", tonight.stderr);
    assert_eq!(delegated(&program), [0; 0], "the old plan was for all of them");
    assert_eq!(runs(&program)[1]["status"], "completed");

    // Back again, interrupted, and then the job is about another agent.
    let third = AgentId(uuid::Uuid::from_u128(0x7e57));
    program.world().lock().add_agent(SandboxAgent::new(third, facilitator(), &[PAYROLL_PACKAGE]));
    write_list(&program, &numbers(&program));
    write_migration(&program, PAYROLL_AGENT, ONBOARDING_AGENT);
    kill_after(&program, &["run", "job.toml", "--yes"], 12);
    write_migration(&program, PAYROLL_AGENT, third);
    let tonight = program.run(&NIGHT).expect(0);
    assert!(tonight.stderr.contains("this run takes its place"), "{}", tonight.stderr);
    assert_eq!(runs(&program)[1]["status"], "superseded");
}

#[test]
fn what_a_run_did_before_it_was_interrupted_stays_its_own_when_the_job_is_run_afresh() {
    for kind in ["delegate", "remove"] {
        let program = program(CLIENTS);
        if kind == "remove" {
            for id in ids(&program) {
                program.world().lock().set_delegated(ONBOARDING_AGENT, id, 1);
            }
        }
        program.write_job(kind, "");
        let before = delegated(&program);
        kill_after(&program, &["run", "job.toml", "--yes"], 12);
        let old = runs(&program)[0]["run"].as_str().unwrap().to_owned();
        let sent = program.sent().iter().filter(|sent| **sent > 0).count() as u64;
        program.run(&["run", "job.toml", "--yes"]).expect(0);
        let resumed = program.run(&["resume", &old, "--format", "json"]).expect(0);
        let total = if kind == "remove" { "removed" } else { "delegated" };
        // What was under way at the kill the newer run may have sent itself.
        let own = resumed.total(total);
        assert!((1..=sent).contains(&own), "{kind}: {own} of {sent}: {}", resumed.stdout);
        assert_eq!(own + resumed.total("superseded"), CLIENTS as u64, "{kind}");

        // Between them the two undo all that either did.
        for run in runs(&program) {
            program.run(&["undo", run["run"].as_str().unwrap(), "--yes"]).expect(0);
        }
        assert_eq!(delegated(&program), before, "{kind}");
    }
}

#[test]
fn a_resumed_older_run_reverses_nothing_that_a_newer_one_did() {
    let program = program(CLIENTS);
    kill_after(&program, &["run", "job.toml", "--yes"], 9);
    let old = runs(&program)[0]["run"].as_str().unwrap().to_owned();
    // Somebody takes everybody away, in another job on the same agent, and gives back three.
    program.write_job("remove", "");
    program.write("other.toml", program.read("job.toml").replace("name = \"test\"", "name = \"other\""));
    program.write_job("delegate", "");
    program.run(&["run", "other.toml", "--yes"]).expect(0);
    let resumed = program.run(&["resume", &old, "--format", "json"]).expect(0);
    assert_eq!(delegated(&program), [0; 0], "{resumed:?}");
    assert_eq!(resumed.total("superseded"), CLIENTS as u64);
    assert!(
        resumed.stderr.contains("20 clients are left as a later run has settled them"),
        "{}",
        resumed.stderr
    );
}

#[test]
fn a_resume_whose_manifest_or_job_has_changed_asks_and_without_a_terminal_sends_nothing() {
    for change in ["manifest", "guard"] {
        let program = program(CLIENTS);
        kill_after(&program, &["run", "job.toml", "--yes"], 9);
        match change {
            "manifest" => write_list(&program, &numbers(&program)[..3]),
            _ => program.write_job("delegate", "[guard]\nremovals = 3\n"),
        }
        let before = program.sent();
        let refused = program.run(&["resume"]).expect(2);
        assert!(refused.stderr.contains("since run"), "{}", refused.stderr);
        assert_eq!(program.sent(), before);
        program.run(&["resume", "--yes"]).expect(0);
        assert_eq!(delegated(&program).len(), CLIENTS);
    }
}

#[test]
fn a_wait_that_a_broken_header_asked_for_ends_a_day_later() {
    let program = program(3);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    let at = |hours: i64| {
        let at = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(hours);
        format!("{at:.3}")
    };
    let change = |what: &str| program.ledger(&format!("UPDATE runs SET {what} RETURNING number")).unwrap();
    let asked = |hours: i64| {
        change(&format!("not_before = '2199-01-01T00:00:00.000Z', finished_at = '{}'", at(hours)));
    };
    // Another run was told something sensible since, which the absurd one must not hide.
    asked(-25);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    let later = |hours: i64| {
        program.ledger(&format!(
            "UPDATE runs SET not_before = '{}' WHERE number = 2 RETURNING number",
            at(hours)
        ))
    };
    later(3);
    program.run(&NIGHT).expect(3);
    later(-3);
    asked(-1);
    let held = program.run(&NIGHT).expect(3);
    assert!(held.stderr.contains("Altinn asks to wait longer"), "{}", held.stderr);
    asked(-25);
    program.run(&NIGHT).expect(0);
}

#[test]
fn a_wait_that_another_process_was_told_is_said_and_bounded_like_ones_own() {
    if program::postgres::is_meant() {
        return; // The pace file of one host is its subject.
    }
    let program = program(3);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    let marks = fs::read_dir(program.path("state/locks")).unwrap().map(|entry| entry.unwrap().path());
    let marks = marks.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("pace-"));
    let in_three_hours = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_hours(3);
    for mark in marks.collect::<Vec<_>>() {
        fs::write(mark, format!("{:20} {:20}\n", 0, in_three_hours.as_micros())).unwrap();
    }
    let held = program.run(&NIGHT).expect(3);
    assert!(held.stderr.contains("Altinn asks to wait longer"), "{}", held.stderr);
}

#[test]
fn a_client_that_altinns_list_has_as_asked_is_never_reported_as_failed() {
    let mut program = program(6);
    program.pace.push_str("attempts = 2\n");
    program.write_job("delegate", "");
    // Carried out every time, and answered as if it had failed; or refused though it is so already.
    let clients = ids(&program);
    {
        let world = program.world();
        let mut world = world.lock();
        for id in &clients {
            world.faults_mut().fail_next_for(*id, 9, Fault::CutAfterChange);
        }
    }
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0);
    assert_eq!((done.total("failed"), done.total("delegated")), (0, 6), "{done:?}");
}

#[test]
fn a_client_that_was_refused_and_is_not_listed_has_failed_and_verify_says_when_it_is_done_after_all() {
    let program = program(4);
    let refused = ids(&program)[1];
    program.world().lock().faults_mut().fail_next_for(refused, 9, Fault::Refused(Refusal::ClientNotFound));
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(1);
    assert_eq!((done.total("failed"), done.total("delegated")), (1, 3));
    program.world().lock().set_delegated(ONBOARDING_AGENT, refused, 1);
    let verified = program.run(&["verify", "--format", "json"]).expect(0);
    assert_eq!(verified.json()["totals"]["done_after_all"], 1, "{}", verified.stdout);
}

#[test]
fn verify_of_a_migration_works_when_the_old_agent_is_deleted_or_has_lost_its_packages() {
    let program = Program::new(migration_world(), Duration::ZERO);
    write_migration(&program, ONBOARDING_AGENT, PAYROLL_AGENT);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    program.world().lock().agent_mut(ONBOARDING_AGENT).unwrap().listed.packages.clear();
    program.run(&["verify"]).expect(0);
    program.world().lock().agent_mut(ONBOARDING_AGENT).unwrap().listed.deleted = true;
    program.run(&["verify"]).expect(0);
}

#[test]
fn what_may_never_have_left_is_counted_apart() {
    let program = Program::new(World::with_clients(CLIENTS, 1), Duration::from_millis(30));
    kill_after(&program, &["run", "job.toml", "--yes"], 9);
    let arrived_before: u32 = program.sent().iter().sum();
    let done = program.run(&["resume", "--format", "json"]).expect(0);
    let arrived = u64::from(program.sent().iter().sum::<u32>());
    let (attempts, lost) = (done.json()["attempts"].as_u64().unwrap(), done.json()["lost"].as_u64().unwrap());
    assert!(lost > 0 && arrived_before > 0);
    assert!((attempts - lost..=attempts).contains(&arrived), "{attempts} of which {lost}, arrived {arrived}");
}

#[test]
fn a_state_folder_that_vanishes_in_the_middle_stops_the_sending() {
    if program::postgres::is_meant() {
        return; // The ledger's file is its subject.
    }
    let mut program = program(60);
    "rate = \"30/s\"\n".clone_into(&mut program.pace);
    program.write_job("delegate", "");
    let mut child = program.spawn(&["run", "job.toml", "--yes"]);
    program.wait_for_requests(&mut child, 8);
    fs::remove_dir_all(program.path("state")).unwrap();
    let output = Done::of(child.wait_with_output().unwrap()).expect(5);
    assert!(output.stderr.contains("is gone: it was removed or replaced"), "{}", output.stderr);
    assert!(delegated(&program).len() < 30, "{}", delegated(&program).len());
}

#[test]
fn a_ledger_that_another_program_holds_is_said_with_what_to_do() {
    if program::postgres::is_meant() {
        return; // The ledger's file is its subject.
    }
    let program = program(2);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    let other = rusqlite::Connection::open(program.path("state/ledger.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let busy = program.run(&["run", "job.toml", "--yes"]).expect(5);
    assert!(busy.stderr.contains("another program has held"), "{}", busy.stderr);
    assert!(busy.stderr.contains("resume"), "{}", busy.stderr);
}

#[test]
fn a_ledger_of_no_bytes_beside_what_runs_have_left_is_not_taken_for_a_new_one() {
    if program::postgres::is_meant() {
        return; // The ledger's file is its subject.
    }
    let program = program(2);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    for name in ["ledger.db-wal", "ledger.db-shm"] {
        let _ = fs::remove_file(program.path(&format!("state/{name}")));
    }
    program.write("state/ledger.db", "");
    for command in [&["runs"][..], &["run", "job.toml", "--yes"]] {
        let said = program.run(command).expect(5);
        assert!(said.stderr.contains("is empty, though runs have left their folders"), "{}", said.stderr);
    }
}

#[test]
fn a_planned_run_survives_the_loss_of_the_log_beside_the_ledger() {
    if program::postgres::is_meant() {
        return; // The ledger's file is its subject.
    }
    let program = program(CLIENTS);
    kill_after(&program, &["run", "job.toml", "--yes"], 5);
    for name in ["ledger.db-wal", "ledger.db-shm"] {
        let _ = fs::remove_file(program.path(&format!("state/{name}")));
    }
    let done = program.run(&["resume", "--format", "json"]).expect(0);
    assert_eq!(done.total("delegated") + done.total("unchanged"), CLIENTS as u64);
}

#[test]
fn looking_at_a_killed_run_never_keeps_a_resume_from_its_lock() {
    let program = program(CLIENTS);
    kill_after(&program, &["run", "job.toml", "--yes"], 9);
    std::thread::scope(|scope| {
        let resume = scope.spawn(|| program.run(&["resume"]));
        while !resume.is_finished() {
            for look in [&["status"][..], &["runs"], &["report"]] {
                program.run(look).expect(0);
            }
        }
        resume.join().unwrap().expect(0);
    });
}

#[test]
fn without_a_name_the_newest_run_is_meant_only_where_there_is_one_job() {
    let program = program(4);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    program.run(&["status"]).expect(0);
    program.write("other.toml", program.read("job.toml").replace("name = \"test\"", "name = \"other\""));
    program.run(&["run", "other.toml", "--yes"]).expect(0);
    for command in ["status", "report", "verify", "resume", "retry", "undo"] {
        let refused = program.run(&[command]).expect(2);
        let both = refused.stderr.contains("is the newest of test")
            && refused.stderr.contains("is the newest of other");
        assert!(both, "{command}: {}", refused.stderr);
        let named = program.run(&[command, "--job", "test"]);
        assert!(!named.stderr.contains("is the newest of"), "{command}: {}", named.stderr);
    }
    let looked = program.run(&["undo", "--job", "test", "--dry-run"]).expect(0);
    assert!(looked.stdout.contains("4 to remove"), "{}", looked.stdout);
    assert_eq!(delegated(&program).len(), 4, "nothing was sent");
}

#[test]
fn localhost_and_its_address_are_one_lock() {
    let mut program = program(40);
    "rate = \"20/s\"\n".clone_into(&mut program.pace);
    program.write_job("delegate", "");
    let mut child = program.spawn(&["run", "job.toml", "--yes"]);
    program.wait_for_requests(&mut child, 6);
    program.write("other.toml", program.read("job.toml").replace("127.0.0.1", "localhost"));
    program.run(&["run", "other.toml", "--yes"]).expect(4);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn nights_that_change_nothing_stay_small_and_are_one_line_of_a_clients_history() {
    let program = Program::new(World::with_clients(400, 1), Duration::ZERO);
    program.write_job("reconcile", "");
    program.run(&NIGHT).expect(0);
    program.run(&NIGHT).expect(0);
    let size = || {
        if program::postgres::is_meant() {
            let of = "SELECT sum(pg_total_relation_size(relid))::bigint FROM pg_stat_user_tables WHERE schemaname = 'public'";
            return program.ledger(of).unwrap()[0][0].parse::<u64>().unwrap();
        }
        let ledger = rusqlite::Connection::open(program.path("state/ledger.db")).unwrap();
        ledger.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        fs::metadata(program.path("state/ledger.db")).unwrap().len()
    };
    let before = size();
    for _ in 0..5 {
        let night = program.run(&NIGHT).expect(0);
        assert_eq!(night.total("unchanged"), 400);
    }
    assert!(size() - before < 5 * 20_000, "{} bytes in five nights", size() - before);
    let number = &numbers(&program)[7];
    let history = program.run(&["history", number]).expect(0);
    assert!(history.stdout.lines().count() < 12, "{}", history.stdout);
    assert!(history.stdout.contains("unchanged in 6 later runs"), "{}", history.stdout);
    // What such a night left can be verified all the same.
    program.run(&["verify"]).expect(0);
    let gone = ids(&program)[7];
    program.world().lock().set_delegated(ONBOARDING_AGENT, gone, 0);
    let verified = program.run(&["verify"]).expect(1);
    assert!(verified.stdout.contains(number), "{}", verified.stdout);
}

#[test]
fn prune_forgets_old_runs_and_never_the_last_of_a_job_an_unfinished_one_or_what_a_kept_one_points_to() {
    let program = program(4);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    let all = numbers(&program);
    write_list(&program, &all[..2]);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    program.ledger("UPDATE runs SET finished_at = '2020-01-01T00:00:00.000Z' RETURNING number").unwrap();
    program.run(&["prune", "--keep", "400d"]).expect(2);
    assert_eq!(runs(&program).len(), 3, "nobody said yes");
    let pruned = program.run(&["prune", "--keep", "400d", "--yes", "--format", "json"]).expect(0);
    assert_eq!(pruned.json()["forgotten"].as_array().unwrap().len(), 1, "{}", pruned.stdout);
    assert_eq!(runs(&program).len(), 2, "the last one, and the one that it points to");
    program.run(&["verify"]).expect(0);
    program.run(&["prune", "--keep", "5min", "--yes"]).expect(2);
}

#[test]
fn a_backup_taken_while_a_run_goes_on_is_a_whole_ledger() {
    if program::postgres::is_meant() {
        return; // The ledger's file is its subject.
    }
    let mut program = program(60);
    "rate = \"60/s\"\n".clone_into(&mut program.pace);
    program.write_job("delegate", "");
    let mut child = program.spawn(&["run", "job.toml", "--yes"]);
    program.wait_for_requests(&mut child, 20);
    program.run(&["backup", "copy.db"]).expect(0);
    program.run(&["backup", "copy.db"]).expect(2);
    child.wait().unwrap();
    fs::create_dir(program.path("restored")).unwrap();
    fs::copy(program.path("copy.db"), program.path("restored/ledger.db")).unwrap();
    let looked = program.run(&["runs", "--state-dir", "restored", "--format", "json"]).expect(0);
    assert_eq!(looked.json()["runs"][0]["totals"]["rows"], 60, "{}", looked.stdout);
}

#[test]
fn reading_commands_make_no_folder() {
    let program = program(2);
    for command in [
        &["runs"][..],
        &["plan", "job.toml"],
        &["agents", "job.toml"],
        &["clients", "job.toml"],
        &["history", "310609544"],
        &["status"],
        &["verify"],
        &["prune", "--keep", "400d"],
    ] {
        program.run(command);
        assert!(!program.path("state").exists(), "{command:?}");
    }
}

/// The program, where no file may grow past so many blocks of half a kilobyte: as on a disk that is full.
fn where_files_end_at(program: &Program, blocks: u32, arguments: &[&str]) -> Done {
    let inner = program.command(arguments);
    let mut command = std::process::Command::new("sh");
    command.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""));
    command.arg(inner.get_program()).args(inner.get_args()).current_dir(program.path("."));
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    Done::of(command.output().unwrap())
}

#[test]
fn a_backup_that_fails_leaves_nothing_behind_and_speaks_of_its_own_disk() {
    if program::postgres::is_meant() {
        return; // The ledger's file is its subject.
    }
    let program = program(3);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    assert!(fs::metadata(program.path("state/ledger.db")).unwrap().len() > 100_000);
    fs::create_dir(program.path("elsewhere")).unwrap();
    let failed = where_files_end_at(&program, 80, &["backup", "elsewhere/b.db"]).expect(5);
    assert!(failed.stderr.contains("the backup elsewhere/b.db cannot be written"), "{}", failed.stderr);
    assert!(failed.stderr.contains("the disk that the backup goes to"), "{}", failed.stderr);
    assert!(!failed.stderr.contains("resume"), "{}", failed.stderr);
    assert_eq!(fs::read_dir(program.path("elsewhere")).unwrap().count(), 0);
    let nowhere = program.run(&["backup", "none/b.db"]).expect(5);
    assert!(nowhere.stderr.contains("the backup none/b.db cannot be written"), "{}", nowhere.stderr);
    assert!(nowhere.stderr.contains("make the folder first"), "{}", nowhere.stderr);
    assert!(!nowhere.stderr.contains("--state-dir"), "{}", nowhere.stderr);
    program.run(&["backup", "elsewhere/b.db"]).expect(0);
    assert_eq!(fs::read_dir(program.path("elsewhere")).unwrap().count(), 1);
    let mode = fs::metadata(program.path("elsewhere/b.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_disk_that_fails_is_said_to_be_looked_at_and_doctor_shows_its_list_all_the_same() {
    if program::postgres::is_meant() {
        return; // The ledger's file is its subject.
    }
    let program = program(3);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    let failed = where_files_end_at(&program, 4, &["runs"]).expect(5);
    assert!(failed.stderr.contains("look at the disk"), "{}", failed.stderr);
    let doctor = where_files_end_at(&program, 4, &["doctor", "job.toml"]).expect(5);
    for line in ["WRONG state folder", "WRONG last runs", "ok    list", "look at the disk"] {
        assert!(doctor.stdout.contains(line), "{line}: {}{}", doctor.stdout, doctor.stderr);
    }
}

#[test]
fn a_state_folder_that_is_none_is_an_error_and_no_folder_without_runs() {
    let program = program(1);
    std::os::unix::fs::symlink(program.path("not-mounted"), program.path("link")).unwrap();
    for (folder, word) in [("job.toml", "is no folder"), ("link", "symbolic link to what is not there")] {
        for command in
            [&["runs"][..], &["status"], &["prune", "--keep", "400d"], &["run", "job.toml", "--yes"]]
        {
            let done = program.run(&[command, &["--state-dir", folder]].concat());
            let is_said = done.stderr.contains(word) && matches!(done.code, Some(2 | 5));
            assert!(is_said || program::postgres::is_meant(), "{command:?} {done:?}");
        }
    }
    assert!(!program.path("not-mounted").exists());
}

#[test]
fn forgetting_without_a_terminal_says_what_a_yes_would_forget() {
    let program = program(1);
    for _ in 0..2 {
        program.run(&["run", "job.toml", "--yes"]).expect(0);
        let world = program.world();
        let client = world.lock().clients()[0].id;
        world.lock().set_delegated(ONBOARDING_AGENT, client, 0);
    }
    program.ledger("UPDATE runs SET finished_at = '2020-01-01T00:00:00.000Z' RETURNING number").unwrap();
    let refused = program.run(&["prune", "--keep", "400d"]).expect(2);
    assert!(refused.stderr.contains("nothing is forgotten without a yes"), "{}", refused.stderr);
    assert!(refused.stderr.contains("--yes to forget 1 run") && !refused.stderr.contains("plan JOB"));
}

#[test]
fn an_undo_that_nobody_can_be_asked_about_says_what_shows_it() {
    let program = program(1);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    let refused = program.run(&["undo"]).expect(2);
    assert!(refused.stderr.contains("--dry-run` shows what it would do"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("plan JOB"), "{}", refused.stderr);
}
