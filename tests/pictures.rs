//! What people see, as pictures: help texts, plans, summaries, refusals. A change of a sentence is seen by whoever reviews it.
//!
//! `INSTA_UPDATE=always cargo test --test pictures` writes them anew, under `tests/snapshots/`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/program.rs"]
mod program;

use std::time::Duration;

use fullmakt::{
    model::ClientId,
    sandbox::{
        Fault, ONBOARDING_AGENT, PAYROLL_AGENT, PAYROLL_PACKAGE, Permission, Refusal, SandboxAgent, World,
        facilitator,
    },
};
use program::{Done, Program};

fn program() -> Program {
    let mut world = World::with_clients(8, 1);
    world.add_agent(SandboxAgent::new(PAYROLL_AGENT, facilitator(), &[PAYROLL_PACKAGE]));
    Program::new(world, Duration::ZERO)
}

fn ids(program: &Program) -> Vec<ClientId> {
    program.world().lock().clients().iter().map(|client| client.id).collect()
}

fn numbers(program: &Program) -> Vec<String> {
    let world = program.world();
    let world = world.lock();
    world.clients().iter().filter_map(|client| client.number).map(|number| number.to_string()).collect()
}

fn delegate_first(program: &Program, many: usize) {
    let ids = ids(program);
    for id in ids.iter().take(many) {
        program.world().lock().set_delegated(ONBOARDING_AGENT, *id, 1);
    }
}

/// What was printed, with what differs from one time to the next taken out.
fn picture(program: &Program, done: &Done) -> String {
    let mut text = format!("exit {}\n", done.code.unwrap());
    for (name, said) in [("stdout", &done.stdout), ("stderr", &done.stderr)] {
        if !said.is_empty() {
            text += &["--- ", name, "\n", said].concat();
        }
    }
    let folder = program.path("");
    text = text.replace(folder.to_str().unwrap().trim_end_matches('/'), "[folder]");
    let origin = program.server().origin().origin().ascii_serialization();
    text = text.replace(&origin, "[origin]");
    let runs = program.run(&["runs", "--format", "json"]).json();
    for (place, run) in runs["runs"].as_array().unwrap().iter().rev().enumerate() {
        text = text.replace(run["run"].as_str().unwrap(), &format!("[run-{}]", place + 1));
    }
    // How fast this machine answers itself is no part of the picture.
    let lines = text.lines().map(|line| match line.split_once(" requests in flight allow: ") {
        Some((before, _)) => format!("{before} requests in flight allow: [time]\n"),
        None => format!("{line}\n"),
    });
    without_times(&lines.collect::<String>())
}

/// Digits of dates, clock times and time zones become zeros.
fn without_times(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let like = |at: &[u8], shape: &[u8]| {
        at.len() >= shape.len()
            && shape.iter().zip(at).all(|(shape, byte)| match shape {
                b'0' => byte.is_ascii_digit(),
                other => other == byte,
            })
    };
    for place in 0..bytes.len() {
        for shape in [&b"0000-00-00"[..], b"00:00:00.000", b"00:00:00", b"+00:00"] {
            if like(&bytes[place..], shape) {
                bytes[place..place + shape.len()].copy_from_slice(shape);
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[track_caller]
fn shot(name: &str, program: &Program, arguments: &[&str]) -> Done {
    let done = Done::of(program.command(arguments).env("TZ", "UTC").output().unwrap());
    insta::with_settings!({ description => arguments.join(" "), omit_expression => true }, {
        insta::assert_snapshot!(name, picture(program, &done));
    });
    done
}

#[test]
fn plans_say_what_would_be_done() {
    let program = program();
    delegate_first(&program, 2);
    let last = ids(&program)[7];
    program.world().lock().client_mut(last).unwrap().available = false;
    shot("plan_delegate", &program, &["plan", "job.toml"]);
    program.write("manifest.csv", format!("orgnr\n{}\n", numbers(&program)[1..3].join("\n")));
    program.write_job("reconcile", "[guard]\nremovals = \"50%\"\n");
    shot("plan_reconcile", &program, &["plan", "job.toml"]);
    program.write_job("reconcile", "[guard]\nremovals = 0\n");
    shot("plan_refused_by_the_guard", &program, &["run", "job.toml", "--yes"]);
    program.write_job("remove", "");
    shot("plan_remove", &program, &["plan", "job.toml"]);
    program.write_job("refresh", "");
    shot("plan_refresh", &program, &["plan", "job.toml"]);
    program.write_job("migrate", "");
    let agent = format!("agent = \"{ONBOARDING_AGENT}\"");
    let both = format!("from_agent = \"{ONBOARDING_AGENT}\"\nto_agent = \"{PAYROLL_AGENT}\"");
    program.write("job.toml", program.read("job.toml").replace(&agent, &both));
    shot("plan_migrate", &program, &["plan", "job.toml"]);
}

#[test]
fn runs_say_what_came_of_them() {
    let program = program();
    let refused = ids(&program)[1];
    program.world().lock().faults_mut().fail_next_for(refused, 9, Fault::Refused(Refusal::ClientNotFound));
    shot("run_with_a_failure", &program, &["run", "job.toml", "--yes"]);
    program.world().lock().faults_mut().clear_script();
    shot("run_again", &program, &["run", "job.toml", "--yes"]);
    shot("runs", &program, &["runs"]);
    shot("status", &program, &["status"]);
    shot("history", &program, &["history", &numbers(&program)[1]]);
    let taken = ids(&program)[3];
    program.world().lock().set_delegated(ONBOARDING_AGENT, taken, 0);
    shot("verify", &program, &["verify"]);
    shot("undo_dry_run", &program, &["undo", "--dry-run"]);
    shot("nothing_to_resume", &program, &["resume"]);
    shot("nothing_to_retry", &program, &["retry"]);
}

#[test]
fn refusals_say_what_is_wrong_and_what_to_do() {
    let program = program();
    shot("no_yes", &program, &["run", "job.toml"]);
    shot("no_job_file", &program, &["plan", "nowhere.toml"]);
    shot("no_runs", &program, &["status"]);
    program.write("manifest.csv", "orgnr;navn\n412345673;A\n41234567;B\n;C\n01017012345;D\n");
    shot("bad_rows", &program, &["run", "job.toml", "--yes"]);
    shot("check", &program, &["check", "manifest.csv"]);
    program.write("manifest.csv", "navn;by\nA;Oslo\n");
    shot("no_column", &program, &["plan", "job.toml"]);
    program.write_job("delegate", "rat = \"5/s\"\n");
    shot("unknown_key", &program, &["plan", "job.toml"]);
    program.write_job("delegate", "");
    program.write("manifest.csv", format!("orgnr\n{}\n", numbers(&program)[0]));
    program.write(
        "job.toml",
        program.read("job.toml").replace(&ONBOARDING_AGENT.to_string(), &uuid::Uuid::nil().to_string()),
    );
    shot("unknown_agent", &program, &["plan", "job.toml"]);
    program.write_job("delegate", "");
    program.world().lock().accept_token(fullmakt::sandbox::SANDBOX_TOKEN, Permission::Forbidden);
    shot("forbidden", &program, &["plan", "job.toml"]);
}

#[test]
fn every_command_explains_itself() {
    let program = program();
    let mut text = String::new();
    let commands = [
        "check", "plan", "run", "resume", "retry", "undo", "verify", "runs", "status", "report", "history",
        "agents", "clients", "login", "logout", "whoami", "prune", "backup", "sandbox",
    ];
    text.push_str(&program.run(&["--help"]).stdout);
    for command in commands {
        text += &["\n=== ", command, "\n", &program.run(&[command, "--help"]).stdout].concat();
    }
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!("help", text); });
}
