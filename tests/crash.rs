//! The program is killed at many moments, and resumed: nothing is lost, and nothing is sent more than it may be.

#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/program.rs"]
mod program;
#[path = "common/soak.rs"]
mod soak;

use std::time::Duration;

use fullmakt::sandbox::{
    Faults, ONBOARDING_AGENT, PAYROLL_AGENT, PAYROLL_PACKAGE, SandboxAgent, World, facilitator,
};
use program::{Done, Program};
use soak::{Soak, What};

const CLIENTS: u64 = 40;

/// Every invariant that must hold once a run that was killed has been resumed to its end.
fn assert_whole(program: &Program, done: &Done, most_sent: u32) {
    assert_eq!(done.json()["status"], "completed", "{done:?}");
    let sum: u64 = ["delegated", "removed", "unchanged", "failed", "rejected", "pending"]
        .into_iter()
        .map(|name| done.total(name))
        .sum();
    assert_eq!(sum, CLIENTS, "{done:?}");
    assert_eq!((done.total("failed"), done.total("pending")), (0, 0));
    assert_eq!(program.delegated() as u64, CLIENTS);
    let sent = program.sent();
    assert!(sent.iter().all(|sent| *sent <= most_sent), "more than {most_sent}: {sent:?}");
}

/// A moment in so many is tried: with a ledger on a server, where everything takes longer, one in three.
fn step() -> usize {
    if program::postgres::is_meant() { 3 } else { 1 }
}

fn kill_after(program: &Program, arguments: &[&str], requests: u64) -> bool {
    let mut child = program.spawn(arguments);
    program.wait_for_requests(&mut child, requests);
    let was_running = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    was_running
}

#[test]
fn a_run_killed_at_any_moment_is_resumed_to_its_end() {
    // Three lists come first, forty clients, and the list that confirms them.
    for requests in (0..46).step_by(step()) {
        let program = Program::new(World::with_clients(40, 1), Duration::from_millis(1));
        kill_after(&program, &["run", "job.toml", "--yes"], requests);
        let mut done = program.run(&["resume", "--format", "json"]);
        let before_it_began = done.stderr.contains("there is no run yet");
        let after_its_end = done.stderr.contains("is completed");
        if before_it_began {
            assert!(
                program.sent().iter().all(|sent| *sent == 0),
                "nothing is sent that the ledger does not hold"
            );
            done = program.run(&["run", "job.toml", "--yes", "--format", "json"]);
        } else if after_its_end {
            done = program.run(&["status", "--format", "json"]);
        }
        assert_whole(&program, &done.expect(0), 2);
    }
}

#[test]
fn a_run_killed_again_and_again_with_faults_on_the_way_is_resumed_to_its_end() {
    let mut world = World::with_clients(40, 2);
    *world.faults_mut() = Faults::passing(2, 0.2);
    let program = Program::new(world, Duration::from_millis(2));
    program.write_job("delegate", "give_up_after = \"2min\"\n");
    kill_after(&program, &["run", "job.toml", "--yes"], 8);
    let mut kills = 1;
    for _ in 0..8 {
        let seen = program.world().lock().requests();
        kills += u32::from(kill_after(&program, &["resume"], seen + 6));
    }
    let done = program.run(&["resume", "--format", "json"]);
    let done = if done.stderr.contains("is completed") {
        program.run(&["status", "--format", "json"])
    } else {
        done
    };
    assert_whole(&program, &done.expect(0), 5 + kills);
}

#[test]
fn a_killed_run_is_shown_as_interrupted_and_nothing_unconfirmed_as_delegated() {
    let program = Program::new(World::with_clients(40, 3), Duration::from_millis(5));
    kill_after(&program, &["run", "job.toml", "--yes"], 20);
    let status = program.run(&["status", "--format", "json"]).expect(0);
    assert_eq!(status.json()["status"], "interrupted");
    assert_eq!(status.total("delegated"), 0);
    assert_eq!(status.total("pending"), CLIENTS);
}

#[test]
fn a_removal_killed_in_the_middle_is_resumed_to_its_end() {
    let program = Program::new(World::with_clients(40, 4), Duration::from_millis(1));
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    program.write_job("remove", "");
    let seen = program.world().lock().requests();
    kill_after(&program, &["run", "job.toml", "--yes"], seen + 20);
    let done = program.run(&["resume", "--format", "json"]).expect(0);
    assert_eq!(done.total("removed"), CLIENTS);
    assert_eq!(program.delegated(), 0);
}

#[test]
fn what_a_later_run_did_is_not_counted_again_by_the_resumed_one() {
    let mut program = Program::new(World::with_clients(40, 5), Duration::from_millis(60));
    program.pace = "rate = \"unlimited\"\nin_flight = 8\n".to_owned();
    program.write_job("delegate", "");
    let mut child = program.spawn(&["run", "job.toml", "--yes"]);
    // The first client went alone; now eight are under way, unanswered.
    program.wait_for_requests(&mut child, 12);
    child.kill().unwrap();
    child.wait().unwrap();
    let first =
        program.run(&["runs", "--format", "json"]).json()["runs"][0]["run"].as_str().unwrap().to_owned();
    let second = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0);
    let resumed = program.run(&["resume", &first, "--format", "json"]).expect(0);
    assert!(second.stderr.contains("has not come to its end"), "{}", second.stderr);
    assert!(second.total("delegated") + resumed.total("delegated") <= CLIENTS, "{second:?} {resumed:?}");
    assert_eq!(resumed.total("delegated") + resumed.total("unchanged"), CLIENTS);
}

/// A world in which the onboarding agent has 12 clients, one of them by two relations, that are to be moved.
fn before_a_migration() -> World {
    let mut world = World::with_clients(12, 6);
    world.add_agent(SandboxAgent::new(PAYROLL_AGENT, facilitator(), &[PAYROLL_PACKAGE]));
    let ids: Vec<_> = world.clients().iter().map(|client| client.id).collect();
    for (place, id) in ids.into_iter().enumerate() {
        let relations = if place == 3 { 2 } else { 1 };
        world.client_mut(id).unwrap().relations = relations;
        world.set_delegated(ONBOARDING_AGENT, id, relations);
    }
    world
}

fn migration(latency: Duration) -> Program {
    let program = Program::new(before_a_migration(), latency);
    program.write_job("migrate", "");
    let agent = format!("agent = \"{ONBOARDING_AGENT}\"");
    let both = format!("from_agent = \"{ONBOARDING_AGENT}\"\nto_agent = \"{PAYROLL_AGENT}\"");
    program.write("job.toml", program.read("job.toml").replace(&agent, &both));
    program
}

/// Goes through every change of the world: nobody is on neither agent after any of them.
fn assert_never_on_neither(program: &Program) {
    let world = program.world();
    let world = world.lock();
    let mut on = std::collections::BTreeMap::new();
    for client in world.clients() {
        on.insert((ONBOARDING_AGENT, client.id), 1);
    }
    for change in world.changes() {
        on.insert((change.agent, change.client), change.after);
        let left = |agent| on.get(&(agent, change.client)).copied().unwrap_or(0);
        assert!(left(ONBOARDING_AGENT) > 0 || left(PAYROLL_AGENT) > 0, "{change:?}");
    }
}

#[test]
fn a_migration_killed_at_any_moment_is_resumed_and_its_undo_too_with_nobody_on_neither_agent() {
    // The agents, three lists, twelve POSTs, a list, thirteen DELETEs, lists; then the undo. Side by side, because
    // most of it is waiting for Altinn's lists to settle.
    std::thread::scope(|scope| {
        for worker in 0..12 {
            scope.spawn(move || (worker..36).step_by(12 * step()).for_each(kill_a_migration_and_its_undo_at));
        }
    });
}

fn kill_a_migration_and_its_undo_at(requests: u64) {
    let program = migration(Duration::from_millis(1));
    kill_after(&program, &["run", "job.toml", "--yes"], requests);
    let mut done = program.run(&["resume", "--format", "json"]);
    if done.stderr.contains("there is no run yet") {
        done = program.run(&["run", "job.toml", "--yes", "--format", "json"]);
    } else if done.stderr.contains("is completed") {
        done = program.run(&["status", "--format", "json"]);
    }
    assert_eq!((done.code, done.total("delegated")), (Some(0), 12), "killed at {requests}: {done:?}");
    let on_payroll = || program.world().lock().delegated(PAYROLL_AGENT).len();
    assert_eq!((program.delegated(), on_payroll()), (0, 12));

    let seen = program.world().lock().requests();
    kill_after(&program, &["undo", "--yes"], seen + requests);
    let undo = program.run(&["resume", "--format", "json"]);
    if undo.stderr.contains("is completed") && program.delegated() < 12 {
        // It was killed before it began.
        program.run(&["undo", "--yes"]).expect(0);
    }
    assert_eq!((program.delegated(), on_payroll()), (12, 0), "killed at {requests}: {undo:?}");
    assert_never_on_neither(&program);
}

#[test]
fn a_small_day_that_is_bad_in_every_way_loses_nothing_and_leaves_nothing_unexplained() {
    // `cargo bench --bench soak` is the large one.
    std::thread::scope(|scope| {
        for (seed, what) in [(1, What::Delegate), (2, What::Migrate), (3, What::Undo)] {
            scope.spawn(move || {
                let soak = Soak { what, seed, clients: 100, kills: 8, longest: Duration::from_secs(1) };
                let soaked = soak.run();
                assert!(soaked.is_whole(), "{what:?}: {soaked:#?}");
                assert!(soaked.kills > 0, "{what:?}: {soaked:#?}");
            });
        }
    });
}
