//! `init`: from a few answers, typed or given as flags, to a job file that plans and runs.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/program.rs"]
mod program;
#[cfg(target_os = "linux")]
#[path = "common/terminal.rs"]
mod terminal;

use std::{fs, time::Duration};

use fullmakt::{
    model::{AgentRef, Auth, Job},
    sandbox::{CLIENT_ID, ONBOARDING_AGENT, PAYROLL_AGENT, SandboxAgent, World, facilitator},
};
use program::Program;

/// A firm with two system users that can have clients, and one that cannot.
fn program() -> Program {
    let mut world = World::with_clients(4, 1);
    let package = "urn:altinn:accesspackage:regnskapsforer-lonn";
    let mut payroll = SandboxAgent::new(PAYROLL_AGENT, facilitator(), &[package]);
    "sandkasse_lonn_regnskap".clone_into(&mut payroll.listed.system_id);
    world.add_agent(payroll);
    let bare = "0e0e0e0e-1111-4222-8333-444444444444".parse().unwrap();
    world.add_agent(SandboxAgent::new(bare, facilitator(), &[]));
    let program = Program::new(world, Duration::ZERO);
    fs::remove_file(program.path("job.toml")).unwrap();
    program
}

fn origin(program: &Program) -> String {
    program.server().origin().origin().ascii_serialization()
}

/// Every answer as a flag, for the server of the test.
fn flags(program: &Program) -> Vec<String> {
    let words = format!(
        "init ny.toml --environment {} --facilitator 314250052 --method token --token-env TEST_TOKEN --agent {} \
         --manifest manifest.csv",
        origin(program),
        PAYROLL_AGENT
    );
    words.split_whitespace().map(str::to_owned).collect()
}

fn run(program: &Program, arguments: &[String], more: &[&str]) -> program::Done {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain(more.iter().copied()).collect();
    program.run(&arguments)
}

/// The names in the folder, without what was there before.
fn made(program: &Program) -> Vec<String> {
    let names = fs::read_dir(program.path("")).unwrap();
    let mut names: Vec<String> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != "manifest.csv");
    names.sort();
    names
}

#[test]
fn with_every_answer_as_a_flag_it_asks_nobody_and_the_job_plans_and_runs() {
    let program = program();
    let done = run(&program, &flags(&program), &["--format", "json"]).expect(0).json();
    assert_eq!((done["name"].as_str(), done["kind"].as_str()), (Some("ny"), Some("delegate")));
    assert_eq!(done["facilitator_name"], "REGNSKAPSFIRMAET");
    assert_eq!(
        (done["clients"].as_u64(), done["next"][0].as_str()),
        (Some(4), Some("fullmakt plan ny.toml"))
    );
    assert_eq!(made(&program), ["ny.toml"], "nothing is kept but the job file");
    let job = Job::parse(&program.read("ny.toml")).unwrap();
    assert_eq!(job.agent, AgentRef::Id(PAYROLL_AGENT));
    assert!(program.run(&["plan", "ny.toml"]).expect(0).stdout.contains("4 to delegate"));
    program.run(&["run", "ny.toml", "--yes"]).expect(0);
    assert_eq!(program.world().lock().delegated(PAYROLL_AGENT).len(), 4);
}

#[test]
fn without_a_terminal_every_flag_that_is_missing_is_named_and_nothing_is_written() {
    let program = program();
    let refused = program.run(&["init"]).expect(2).stderr;
    assert!(refused.contains("--environment, --facilitator, --manifest"), "{refused}");
    let refused = program.run(&["init", "--environment", "prod", "--method", "id-porten"]).expect(2).stderr;
    assert!(refused.contains("--facilitator, --client-id, --redirect-uri, --manifest"), "{refused}");
    // Which system users there are can be looked up, and which is meant cannot.
    let mut flags = flags(&program);
    let at = flags.iter().position(|flag| flag == "--agent").unwrap();
    flags.drain(at..at + 2);
    let refused = run(&program, &flags, &["--lang", "nb"]).expect(2).stderr;
    assert!(refused.contains("--agent mangler") && refused.contains(&PAYROLL_AGENT.to_string()), "{refused}");
    assert!(refused.contains(&ONBOARDING_AGENT.to_string()) && !refused.contains("0e0e0e0e"), "{refused}");
    assert!(made(&program).is_empty());
}

#[test]
fn a_system_user_is_named_by_its_system_too_where_that_has_one_only() {
    let program = program();
    let by_system = |flag: String| match flag {
        flag if flag == PAYROLL_AGENT.to_string() => "sandkasse_lonn_regnskap".to_owned(),
        flag => flag,
    };
    let flags: Vec<String> = flags(&program).into_iter().map(by_system).collect();
    run(&program, &flags, &[]).expect(0);
    assert!(program.read("ny.toml").contains(&PAYROLL_AGENT.to_string()), "{}", program.read("ny.toml"));
}

#[test]
fn a_wrong_flag_is_said_with_its_name() {
    let program = program();
    for (flag, wrong, why) in [
        ("--environment", "produksjon", "is not"),
        ("--facilitator", "314250053", "check digit"),
        ("--facilitator", "310609544", "Altinn does not know 310609544"),
        ("--agent", "0e0e0e0e-1111-4222-8333-444444444444", "without an access package"),
        ("--agent", "Lønnsystemet", "system user"),
        ("--manifest", "nei.csv", "no such file"),
        ("--kind", "migrate", "between two system users"),
        ("--method", "bankid", "id-porten, maskinporten, token"),
    ] {
        let mut flags = flags(&program);
        match flags.iter().position(|one| one == flag) {
            Some(at) => wrong.clone_into(&mut flags[at + 1]),
            None => flags.extend([flag.to_owned(), wrong.to_owned()]),
        }
        let refused = run(&program, &flags, &[]).expect(2).stderr;
        assert!(refused.contains(why), "{flag} {wrong}: {refused}");
        assert!(made(&program).is_empty(), "{flag}");
    }
}

#[test]
fn a_file_that_is_there_is_written_over_only_when_that_is_asked_for() {
    let program = program();
    program.write("ny.toml", "mine");
    let refused = run(&program, &flags(&program), &[]).expect(2).stderr;
    assert!(refused.contains("ny.toml is there already") && refused.contains("--force"), "{refused}");
    assert_eq!(program.read("ny.toml"), "mine");
    assert!(program.server().requests().is_empty(), "it is said before anything is asked");
    run(&program, &flags(&program), &["--force"]).expect(0);
    assert!(Job::parse(&program.read("ny.toml")).is_ok());
}

#[test]
fn who_has_not_signed_in_yet_gets_the_job_file_with_what_to_do_first() {
    let program = program();
    let words = format!(
        "init ny.toml --environment {} --facilitator 314250052 --method id-porten --client-id {CLIENT_ID} --issuer \
         {}/sandbox/ --agent {PAYROLL_AGENT} --manifest manifest.csv",
        origin(&program),
        origin(&program),
    );
    let done = run(&program, &words.split(' ').map(str::to_owned).collect::<Vec<_>>(), &[]).expect(0);
    assert!(done.stdout.contains("`fullmakt login ny.toml` signs you in"), "{}", done.stdout);
    let job = Job::parse(&program.read("ny.toml")).unwrap();
    assert!(matches!(job.auth, Some(Auth::IdPorten(_))), "{job:?}");
}

#[test]
fn a_list_with_rows_that_cannot_be_used_gets_a_next_step_that_works() {
    let program = program();
    program.write("manifest.csv", program.read("manifest.csv") + "41234567;M\u{e5}r\r\n");
    let done = run(&program, &flags(&program), &["--format", "json"]).expect(0).json();
    assert_eq!(done["rejected"], 1);
    let next = done["next"][0].as_str().unwrap().strip_prefix("fullmakt ").unwrap().to_owned();
    program.run(&["plan", "ny.toml"]).expect(2);
    program.run(&next.split(' ').collect::<Vec<_>>()).expect(0);
    let said = run(&program, &flags(&program), &["--force"]).expect(0).stdout;
    assert!(said.contains("1 row of the list cannot be used") && said.contains(&next), "{said}");
}

#[test]
fn help_of_help_is_help() {
    let program = program();
    let help = program.run(&["help"]).expect(0).stdout;
    for asked in [&["help", "--help"][..], &["help", "-h"]] {
        assert_eq!(program.run(asked).expect(0).stdout, help);
    }
}

#[test]
fn a_list_that_says_in_each_row_what_to_do_makes_a_job_of_that_kind() {
    let program = program();
    let list = program.read("manifest.csv").replace("Orgnr;Navn", "Orgnr;Navn;Handling");
    program.write("manifest.csv", list.replace("\r\n", ";fjern\r\n").replacen(";fjern", "", 1));
    let done = run(&program, &flags(&program), &["--format", "json"]).expect(0).json();
    assert_eq!(done["kind"], "manifest", "{}", program.read("ny.toml"));
}

#[cfg(target_os = "linux")]
mod at_a_terminal {
    use super::*;
    use terminal::Terminal;

    #[test]
    fn a_wrong_answer_is_told_why_and_asked_again_and_the_end_is_a_job_that_plans() {
        let program = program();
        fs::create_dir(program.path("lister hos oss")).unwrap();
        fs::rename(program.path("manifest.csv"), program.path("lister hos oss/Våre kunder.csv")).unwrap();
        let mut terminal = Terminal::start(&program, "init --lang nb");
        terminal.answer("eller en adresse [3]:", "produksjon");
        terminal.wait_for("er verken sandbox, tt02, prod");
        terminal.answer("eller en adresse [3]:", &origin(&program));
        terminal.answer("Organisasjonsnummeret til virksomheten:", "314250053");
        terminal.wait_for("kontrollsiffer");
        terminal.answer("virksomheten:", "314 250 052");
        terminal.answer("1, 2 eller 3 [1]:", "3");
        terminal.answer("Hvor tokenet er", "INGEN_SLIK");
        terminal.wait_for("ikke selve tokenet");
        terminal.answer("Hvor tokenet er", "TEST_TOKEN");
        terminal.wait_for("314250052 er REGNSKAPSFIRMAET");
        terminal.wait_for("følger med rollen regnskapsfører");
        terminal.wait_for("1 til kan ikke ha klienter");
        terminal.answer("Et tall fra 1 til 2:", "7");
        terminal.answer("Et tall fra 1 til 2:", &PAYROLL_AGENT.to_string());
        terminal.answer("Klientlisten", "nei.csv");
        terminal.wait_for("det finnes ingen slik fil");
        let list = program.path("lister hos oss/Våre kunder.csv");
        terminal.answer("Klientlisten", &format!("'{}' ", list.display()));
        terminal.wait_for("4 klienter, alle rader kan brukes");
        terminal.wait_for("neste: `fullmakt plan onboarding.toml`");
        assert_eq!(terminal.end().0, Some(0));
        let file = program.read("onboarding.toml");
        assert!(
            file.contains("manifest = \"lister hos oss/Våre kunder.csv\"") && file.contains("# klientlisten")
        );
        assert!(program.run(&["plan", "onboarding.toml"]).expect(0).stdout.contains("4 to delegate"));
    }

    #[test]
    fn ctrl_c_and_the_end_of_the_input_leave_nothing_behind() {
        let program = program();
        for (ends, code) in [(false, 130), (true, 2)] {
            let mut terminal = Terminal::start(&program, "init");
            terminal.answer("address [3]:", &origin(&program));
            terminal.wait_for("organisation number:");
            if ends {
                terminal.ends_input();
            } else {
                terminal.types("\u{3}");
            }
            let (exit, screen) = terminal.end();
            assert_eq!(exit, Some(code), "{screen}");
            assert!(screen.contains("nothing is written"), "{screen}");
            assert!(made(&program).is_empty(), "{:?}", made(&program));
        }
    }

    #[test]
    fn a_job_file_that_is_there_is_asked_about_first() {
        let program = program();
        program.write("onboarding.toml", "mine");
        let mut flags = flags(&program);
        flags.remove(1);
        let mut terminal = Terminal::start(&program, &flags.join(" "));
        terminal.wait_for("onboarding.toml is there already");
        terminal.answer("Another name, or y to write over it:", "lønn og slikt");
        terminal.wait_for("is written");
        assert_eq!(terminal.end().0, Some(0));
        assert_eq!(program.read("onboarding.toml"), "mine");
        let job = Job::parse(&program.read("lønn og slikt.toml")).unwrap();
        assert_eq!(job.name, "lonn-og-slikt");
        let mut terminal = Terminal::start(&program, &flags.join(" "));
        terminal.answer("y to write over it:", "y");
        assert_eq!(terminal.end().0, Some(0));
        assert!(Job::parse(&program.read("onboarding.toml")).is_ok());
    }

    #[test]
    fn bad_rows_are_shown_at_once_and_the_column_is_asked_for_where_it_is_not_clear() {
        let program = program();
        program.write("bad.csv", program.read("manifest.csv") + "310609545;FEIL SIFFER AS\r\n");
        let two = "Kundens nr;Eiers nr\r\n310609544;314250052\r\n";
        program.write("two.csv", two);
        let mut flags = flags(&program);
        flags.truncate(flags.len() - 2);
        let mut terminal = Terminal::start(&program, &flags.join(" "));
        terminal.answer("The client list", "bad.csv");
        terminal.wait_for("1 of 5 rows cannot be acted on");
        terminal.wait_for("line 6");
        terminal.answer("Another list, or Enter to take this one:", "two.csv");
        terminal.answer("The heading of the clients' column", "Kundens nr");
        terminal.wait_for("1 client, every row can be acted on");
        assert_eq!(terminal.end().0, Some(0));
        assert_eq!(Job::parse(&program.read("ny.toml")).unwrap().column.unwrap(), "Kundens nr");
    }

    #[test]
    fn where_altinn_is_not_reached_it_is_tried_again_or_the_system_user_is_typed() {
        let mut program = program();
        let flags = flags(&program);
        let mut flags: Vec<String> =
            flags.into_iter().filter(|flag| *flag != PAYROLL_AGENT.to_string()).collect();
        flags.retain(|flag| flag != "--agent");
        program.stop_server();
        let mut terminal = Terminal::start(&program, &flags.join(" "));
        terminal.answer("1, 2 or 3 [1]:", "1");
        terminal.wait_for("What now?");
        terminal.answer("1, 2 or 3 [1]:", "3");
        terminal.answer("The system user's UUID:", "Lønn");
        terminal.wait_for("is no UUID");
        terminal.answer("The system user's UUID:", &PAYROLL_AGENT.to_string());
        terminal.wait_for("next: `fullmakt doctor ny.toml`");
        assert_eq!(terminal.end().0, Some(0));
    }
}
