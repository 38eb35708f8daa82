//! Runs that stop early: what stops them, what they say, and that `resume` goes on.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/program.rs"]
mod program;

use std::time::Duration;

use fullmakt::sandbox::{Fault, ONBOARDING_AGENT, Permission, Refusal, World};
use program::Program;

fn program(clients: usize, latency_ms: u64) -> Program {
    Program::new(World::with_clients(clients, 1), Duration::from_millis(latency_ms))
}

/// Every cause that stops a run in the middle, with the words that must be said.
#[test]
fn a_run_that_cannot_go_on_stops_at_once_says_why_and_what_to_do_and_is_resumed() {
    for (refusal, explanation, hint) in [
        (Refusal::TokenNotAcceptedBehind, "no token that Altinn accepts", "sign in again"),
        (Refusal::RefusedBehind, "refuses this sign-in", "altinn:clientdelegations.read"),
        (Refusal::NoUsablePackage, "no usable access package", "right package"),
        (Refusal::NotForClients, "can have no clients", "fullmakt agents JOB"),
        (Refusal::StandardSystemUser, "can have no clients", "fullmakt agents JOB"),
        (Refusal::AgentNotFound, "does not find the agent", "fullmakt agents JOB"),
    ] {
        let program = program(200, 1);
        // Three lists and ten clients are answered, and then this.
        program.world().lock().faults_mut().outage(14..=100_000, Fault::Refused(refusal));
        let stopped = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(3);
        assert!(stopped.stderr.contains(explanation), "{refusal:?}: {}", stopped.stderr);
        assert!(stopped.stderr.contains(hint), "{refusal:?}: {}", stopped.stderr);
        assert!(stopped.stderr.contains("fullmakt resume"), "{}", stopped.stderr);
        assert_eq!(stopped.json()["status"], "stopped");
        assert_eq!((stopped.total("pending"), stopped.total("failed")), (200, 0));
        let sent: u32 = program.sent().iter().sum();
        assert!(sent <= 10 + 4 + 4, "not into a wall: {sent}");

        program.world().lock().faults_mut().clear_script();
        let resumed = program.run(&["resume", "--format", "json"]).expect(0);
        assert_eq!(resumed.total("delegated"), 200);
        assert_eq!(resumed.json()["run"], stopped.json()["run"]);
        assert!(resumed.json().get("stop").is_none(), "it is no longer stopped");
    }
}

#[test]
fn a_sign_in_that_cannot_write_stops_before_much_is_sent() {
    let program = program(50, 0);
    let output =
        program.command(&["run", "job.toml", "--yes"]).env("TEST_TOKEN", "sandbox-read").output().unwrap();
    let stopped = program::Done::of(output).expect(3);
    assert!(stopped.stderr.contains("both scopes"), "{}", stopped.stderr);
    assert!(program.sent().iter().sum::<u32>() <= 1);
}

#[test]
fn nothing_is_sent_when_the_lists_cannot_be_read() {
    for (token, words) in [
        ("sandbox-write", "both scopes"),
        ("nobody", "no token that Altinn accepts"),
        ("sandbox-list-refused", "cannot read the list"),
    ] {
        let program = program(5, 0);
        program.write_job("delegate", "attempts = 1\n");
        let output =
            program.command(&["run", "job.toml", "--yes"]).env("TEST_TOKEN", token).output().unwrap();
        let stopped = program::Done::of(output).expect(3);
        assert!(stopped.stderr.contains(words), "{token}: {}", stopped.stderr);
        assert_eq!(program.sent(), [0; 5]);
    }
}

#[test]
fn a_facilitator_that_altinn_does_not_know_is_believed_after_a_few_tries() {
    let program = program(2, 0);
    program.write_job("delegate", "attempts = 2\n");
    program.write("job.toml", program.read("job.toml").replace("314250052", "310609544"));
    let stopped = program.run(&["plan", "job.toml"]).expect(3);
    assert!(stopped.stderr.contains("does not know the facilitator"), "{}", stopped.stderr);
    assert_eq!(program.server().requests().len(), 2);
}

#[test]
fn an_agent_that_is_not_the_facilitators_is_said_before_anything_is_sent() {
    let program = program(2, 0);
    program.write(
        "job.toml",
        program
            .read("job.toml")
            .replace(&ONBOARDING_AGENT.to_string(), "00000000-0000-4000-8000-000000000001"),
    );
    let stopped = program.run(&["run", "job.toml", "--yes"]).expect(3);
    assert!(stopped.stderr.contains("fullmakt agents JOB"), "{}", stopped.stderr);
}

#[test]
fn a_token_file_that_changes_in_the_middle_is_read_again() {
    let program = program(60, 2);
    let job = program.read("job.toml").replace("token_env = \"TEST_TOKEN\"", "token_file = \"token\"");
    program.write("job.toml", job);
    program.write_private("token", "first\n");
    program.world().lock().accept_token("first", Permission::Both).accept_token("second", Permission::Both);
    let mut child = program.spawn(&["run", "job.toml", "--yes", "--format", "json"]);
    program.wait_for_requests(&mut child, 15);
    program.write_private("token", "second\n");
    program.world().lock().reject_token("first");
    let done = program::Done::of(child.wait_with_output().unwrap()).expect(0);
    assert_eq!(done.total("delegated"), 60);
}

#[test]
fn an_altinn_that_is_down_while_planning_is_waited_for_as_long_as_the_job_says() {
    let mut program = program(2, 0);
    program.write_job("delegate", "give_up_after = \"2s\"\n");
    program.stop_server();
    let stopped = program.run(&["run", "job.toml", "--yes"]).expect(3);
    assert!(stopped.stderr.contains("connection refused"), "{}", stopped.stderr);
}

#[test]
fn a_network_that_goes_in_the_middle_of_a_run_is_waited_for_told_as_this_sides_and_costs_no_attempt() {
    let mut program = program(40, 1);
    "rate = \"20/s\"\nin_flight = 2\nattempts = 1\n".clone_into(&mut program.pace);
    program.write_job("delegate", "give_up_after = \"3s\"\n");
    let mut child = program.spawn(&["run", "job.toml", "--yes", "--format", "json"]);
    program.wait_for_requests(&mut child, 8);
    program.stop_server();
    let stopped = program::Done::of(child.wait_with_output().unwrap()).expect(3);
    assert!(stopped.stderr.contains("this machine gets no connection to the server"), "{}", stopped.stderr);
    assert!(stopped.stderr.contains("trying again at"), "{}", stopped.stderr);
    assert_eq!(stopped.total("failed"), 0, "{}", stopped.stdout);
    let (attempts, sent) =
        (stopped.json()["attempts"].as_u64().unwrap(), program.sent().into_iter().sum::<u32>());
    // Two can have been under way when the server went.
    assert!(attempts <= u64::from(sent) + 2, "{attempts} attempts are told, {sent} requests came");
}

#[test]
fn an_altinn_that_goes_down_in_the_middle_stops_the_run_and_resume_goes_on() {
    let program = program(100, 1);
    program.write_job("delegate", "give_up_after = \"2s\"\n");
    program.world().lock().faults_mut().outage(30..=100_000, Fault::unavailable());
    let stopped = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(3);
    assert!(stopped.stderr.contains("has not answered"), "{}", stopped.stderr);
    assert_eq!((stopped.total("failed"), stopped.total("pending")), (0, 100));
    program.world().lock().faults_mut().clear_script();
    let done = program.run(&["resume", "--format", "json"]).expect(0);
    assert_eq!(done.total("delegated"), 100);
}

#[test]
fn told_to_wait_longer_than_the_job_allows_the_run_stops_and_says_until_when() {
    let program = program(20, 1);
    program.world().lock().faults_mut().outage(10..=10, Fault::too_many_requests("7200"));
    let stopped = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(3);
    assert!(stopped.stderr.contains("not before 20"), "{}", stopped.stderr);
    assert!(stopped.json()["stop"]["not_before"].is_string(), "{}", stopped.stdout);
    let sent: u32 = program.sent().iter().sum();
    // Resuming at once would be going against Altinn's word.
    let again = program.run(&["resume", "--format", "json"]).expect(3);
    assert!(again.stderr.contains("asks to wait"), "{}", again.stderr);
    assert_eq!(program.sent().iter().sum::<u32>(), sent);
}

#[cfg(unix)]
#[test]
fn ctrl_c_and_sigterm_wait_for_the_answers_under_way_and_say_how_to_resume() {
    for name in ["INT", "TERM"] {
        let program = program(200, 10);
        let mut child = program.spawn(&["run", "job.toml", "--yes", "--format", "json"]);
        program.wait_for_requests(&mut child, 40);
        program::signal(&child, name);
        let done = program::Done::of(child.wait_with_output().unwrap()).expect(130);
        assert_eq!(done.json()["status"], "interrupted");
        assert!(done.stderr.contains("fullmakt resume"), "{}", done.stderr);
        let sent = u64::from(program.sent().iter().sum::<u32>());
        assert_eq!(done.total("answered"), sent, "every answer is recorded");
        assert_eq!(done.total("pending"), 200);
        let resumed = program.run(&["resume", "--format", "json"]).expect(0);
        assert_eq!(resumed.total("delegated"), 200);
        assert!(program.sent().iter().all(|sent| *sent == 1), "what was answered is not sent again");
    }
}

#[test]
fn a_second_run_on_the_same_agent_is_refused_while_the_first_is_at_work() {
    // Long enough for three programs beside it.
    let program = program(100, if program::postgres::is_meant() { 200 } else { 20 });
    let mut child = program.spawn(&["run", "job.toml", "--yes", "--format", "json"]);
    program.wait_for_requests(&mut child, 10);
    let second = program.run(&["run", "job.toml", "--yes"]).expect(4);
    assert!(second.stderr.contains("another run is at work on this agent"), "{}", second.stderr);
    assert_eq!(program.run(&["resume"]).expect(4).code, Some(4));
    let status = program.run(&["status", "--format", "json"]).expect(0);
    assert_eq!(status.json()["status"], "running");
    program::Done::of(child.wait_with_output().unwrap()).expect(0);
}

#[test]
fn a_list_that_goes_round_in_a_circle_or_leads_elsewhere_stops_the_plan() {
    for (next, words) in [
        ("?agent=1b6cea43-f499-4aae-a633-51cf542795af", "goes round in a circle"),
        ("https://elsewhere.example/clients", "not the platform"),
    ] {
        let program = program(3, 0);
        program.world().lock().lists_mut().next = Some(next.to_owned());
        let stopped = program.run(&["plan", "job.toml"]).expect(3);
        assert!(stopped.stderr.contains(words), "{}", stopped.stderr);
    }
}
