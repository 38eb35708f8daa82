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
        Fault, NEW_SYSTEM, ONBOARDING_AGENT, PAYROLL_AGENT, PAYROLL_PACKAGE, Permission, Refusal,
        RequestStatus, SandboxAgent, VENDOR_TOKEN, World, facilitator, small_firm,
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
    let lines = text.lines().map(|line| {
        let allow = [" requests in flight allow: ", " forespørsler om gangen tillater: "];
        match allow.into_iter().find_map(|allow| Some((line.split_once(allow)?.0, allow))) {
            Some((before, allow)) => format!("{before}{allow}[time]\n"),
            None => format!("{line}\n"),
        }
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
        for shape in [&b"0000-00-00"[..], b"00.00.0000", b"00:00:00.000", b"00:00:00", b"+00:00"] {
            if like(&bytes[place..], shape) {
                bytes[place..place + shape.len()].copy_from_slice(shape);
            }
        }
    }
    without_days(&String::from_utf8(bytes).unwrap())
}

/// `3 March 2026` and `28. november 2026` become `[date]`.
fn without_days(text: &str) -> String {
    let is_day = |word: &str| {
        let day = word.strip_suffix('.').unwrap_or(word);
        (1..=2).contains(&day.len()) && day.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_month = |word: &str| word.len() > 2 && word.chars().all(char::is_alphabetic);
    let is_year = |word: &str| {
        word.len() >= 4 && word.starts_with("20") && word.bytes().take(4).all(|byte| byte.is_ascii_digit())
    };
    let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    let mut place = 0;
    while place + 2 < words.len() {
        if is_day(&words[place]) && is_month(&words[place + 1]) && is_year(&words[place + 2]) {
            let after = words[place + 2][4..].to_owned();
            words.splice(place..place + 3, [format!("[date]{after}")]);
        }
        place += 1;
    }
    words.join(" ")
}

/// The languages that each picture is taken in, and what its name ends with.
const LANGUAGES: [(&str, &str); 2] = [("en", ""), ("nb", "_nb")];

/// A program that speaks one language, and takes pictures of what it says.
struct Camera {
    program: Program,
    language: &'static str,
    suffix: &'static str,
}

impl Camera {
    fn shot(&self, name: &str, arguments: &[&str]) {
        let arguments = [arguments, &["--lang", self.language]].concat();
        let done = Done::of(self.program.command(&arguments).env("TZ", "UTC").output().unwrap());
        let name = [name, self.suffix].concat();
        insta::with_settings!({ description => arguments.join(" "), omit_expression => true }, {
            insta::assert_snapshot!(name, picture(&self.program, &done));
        });
    }
}

impl std::ops::Deref for Camera {
    type Target = Program;

    fn deref(&self) -> &Program {
        &self.program
    }
}

/// One camera for each language, each with a world of its own.
fn cameras() -> impl Iterator<Item = Camera> {
    LANGUAGES.into_iter().map(|(language, suffix)| Camera { program: program(), language, suffix })
}

#[test]
fn plans_say_what_would_be_done() {
    for program in cameras() {
        delegate_first(&program, 2);
        let last = ids(&program)[7];
        program.world().lock().client_mut(last).unwrap().available = false;
        program.shot("plan_delegate", &["plan", "job.toml"]);
        program.write("manifest.csv", format!("orgnr\n{}\n", numbers(&program)[1..3].join("\n")));
        program.write_job("reconcile", "[guard]\nremovals = \"50%\"\n");
        program.shot("plan_reconcile", &["plan", "job.toml"]);
        program.write_job("reconcile", "[guard]\nremovals = 0\n");
        program.shot("plan_refused_by_the_guard", &["run", "job.toml", "--yes"]);
        program.write_job("remove", "");
        program.shot("plan_remove", &["plan", "job.toml"]);
        program.write_job("refresh", "");
        program.shot("plan_refresh", &["plan", "job.toml"]);
        program.write_job("migrate", "");
        let agent = format!("agent = \"{ONBOARDING_AGENT}\"");
        let both = format!("from_agent = \"{ONBOARDING_AGENT}\"\nto_agent = \"{PAYROLL_AGENT}\"");
        program.write("job.toml", program.read("job.toml").replace(&agent, &both));
        program.shot("plan_migrate", &["plan", "job.toml"]);
    }
}

#[test]
fn runs_say_what_came_of_them() {
    for program in cameras() {
        let refused = ids(&program)[1];
        program.world().lock().faults_mut().fail_next_for(
            refused,
            9,
            Fault::Refused(Refusal::ClientNotFound),
        );
        program.shot("run_with_a_failure", &["run", "job.toml", "--yes"]);
        program.world().lock().faults_mut().clear_script();
        program.shot("run_again", &["run", "job.toml", "--yes"]);
        program.shot("runs", &["runs"]);
        program.shot("status", &["status"]);
        program.shot("history", &["history", &numbers(&program)[1]]);
        let taken = ids(&program)[3];
        program.world().lock().set_delegated(ONBOARDING_AGENT, taken, 0);
        program.shot("verify", &["verify"]);
        program.shot("undo_dry_run", &["undo", "--dry-run"]);
        program.shot("nothing_to_resume", &["resume"]);
        program.shot("nothing_to_retry", &["retry"]);
    }
}

#[test]
fn refusals_say_what_is_wrong_and_what_to_do() {
    for program in cameras() {
        program.shot("no_yes", &["run", "job.toml"]);
        program.shot("no_such_command", &["rum"]);
        program.shot("no_such_option", &["plan", "job.toml", "--skip-invalids"]);
        program.shot("no_such_value", &["prune", "--keep", "abc"]);
        program.shot("no_job_file", &["plan", "nowhere.toml"]);
        program.shot("no_runs", &["status"]);
        program.write("manifest.csv", "orgnr;navn\n412345673;A\n41234567;B\n;C\n01017012345;D\n");
        program.shot("bad_rows", &["run", "job.toml", "--yes"]);
        program.shot("check", &["check", "manifest.csv"]);
        program.write("manifest.csv", "navn;by\nA;Oslo\n");
        program.shot("no_column", &["plan", "job.toml"]);
        program.write_job("delegate", "rat = \"5/s\"\n");
        program.shot("unknown_key", &["plan", "job.toml"]);
        program.write_job("delegate", "");
        program.write("manifest.csv", format!("orgnr\n{}\n", numbers(&program)[0]));
        program.write(
            "job.toml",
            program.read("job.toml").replace(&ONBOARDING_AGENT.to_string(), &uuid::Uuid::nil().to_string()),
        );
        program.shot("unknown_agent", &["plan", "job.toml"]);
        program.write_job("delegate", "");
        program.world().lock().accept_token(fullmakt::sandbox::SANDBOX_TOKEN, Permission::Forbidden);
        program.shot("forbidden", &["plan", "job.toml"]);
    }
}

#[test]
fn every_command_explains_itself() {
    for program in cameras() {
        let mut text = String::new();
        let commands = [
            "check", "plan", "run", "resume", "retry", "undo", "verify", "runs", "status", "report",
            "history", "agents", "clients", "login", "logout", "whoami", "prune", "backup", "sandbox",
        ];
        let lang = ["--lang", program.language];
        text.push_str(&program.run(&[&["--help"], &lang[..]].concat()).stdout);
        for command in commands {
            text +=
                &["\n=== ", command, "\n", &program.run(&[&[command, "--help"], &lang[..]].concat()).stdout]
                    .concat();
        }
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(["help", program.suffix].concat(), text); });
    }
}

#[test]
fn firms_are_asked_in_words() {
    for (language, suffix) in LANGUAGES {
        let program = Program::new(World::with_small_firms(1, 0.0, 6), Duration::ZERO);
        let camera = Camera { program, language, suffix };
        camera.write_private("token", VENDOR_TOKEN);
        let vendor = |packages: &str| {
            let origin = camera.server().origin().origin().ascii_serialization();
            format!(
                "name = \"lonn\"\n[vendor]\nname = \"Lønnsystemet AS\"\norganisation = \"314250052\"\n\
                 system_id = \"{NEW_SYSTEM}\"\npackages = [{packages}]\n[altinn]\nenvironment = \"{origin}\"\n\
                 [auth]\nmethod = \"token\"\ntoken_file = \"token\"\n[pace]\nrate = \"unlimited\"\nattempts = 1\n"
            )
        };
        camera.write("vendor.toml", vendor("\"regnskapsforer-lonn\""));
        let rows: Vec<String> =
            (0..6).map(|place| format!("FIRMA {place} AS;{}\n", small_firm(place))).collect();
        let rows = rows.concat();
        camera.write("firms.csv", format!("Navn;Org.nr.\n{rows}UKJENT AS;991825827\n"));
        camera.shot("request_dry_run", &["request", "create", "firms.csv", "--dry-run"]);
        camera.shot("request_no_yes", &["request", "create", "firms.csv"]);
        camera.shot("request_create", &["request", "create", "firms.csv", "--yes"]);
        let answers = [
            RequestStatus::Accepted,
            RequestStatus::Rejected,
            RequestStatus::Denied,
            RequestStatus::Accepted,
        ];
        {
            let world = camera.world();
            let mut world = world.lock();
            let open = world.open_requests();
            for ((id, _), answer) in open.iter().zip(answers) {
                world.answer_request(*id, answer);
            }
            world.let_request_time_out(open[4].0);
        }
        camera.shot("request_status", &["request", "status"]);
        camera.shot("request_list", &["request", "list"]);
        camera.shot("request_again", &["request", "create", "firms.csv", "--again", "--dry-run"]);
        camera.shot("request_links", &["request", "links", "firms.csv", "--out", "letters"]);
        camera.shot("request_withdraw", &["request", "withdraw", "firms.csv", "--yes"]);
        camera.write("vendor.toml", vendor("\"finnes-ikke\""));
        camera.shot("request_refused", &["request", "create", "firms.csv", "--again", "--yes"]);
        camera.write("vendor.toml", vendor("\"Lønn\""));
        camera.shot("request_wrong_file", &["request", "list"]);
    }
}
