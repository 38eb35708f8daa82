//! Commands that only look, and commands that refuse: check, plan, agents, clients, runs, status, report, and what is
//! said to a wrong word.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/program.rs"]
mod program;

use std::time::Duration;

use fullmakt::sandbox::{Quirk, Refusal, World};
use program::Program;

fn program(clients: usize) -> Program {
    Program::new(World::with_clients(clients, 1), Duration::ZERO)
}

#[test]
fn a_plan_says_what_would_be_done_and_changes_nothing() {
    let program = program(12);
    program.write_job("delegate", "");
    program.write("job.toml", program.read("job.toml").replace("unlimited", "2/s"));
    program.write("manifest.csv", program.read("manifest.csv") + "\r\n314250052;stranger\r\n");
    let text = program.run(&["plan", "job.toml"]).expect(0);
    assert!(text.stdout.contains("12 to delegate"), "{}", text.stdout);
    assert!(text.stdout.contains("line 15: 314250052:"), "{}", text.stdout);
    assert!(text.stdout.contains("takes about 7 s at 2/s"), "{}", text.stdout);
    let json = program.run(&["plan", "job.toml", "--format", "json"]).expect(0);
    assert_eq!((json.total("delegated"), json.total("failed"), json.total("rows")), (12, 1, 13));
    assert_eq!(json.json()["operations"].as_array().unwrap().len(), 12);
    assert_eq!(json.json()["operations"][0]["operation"], "delegate");
    assert_eq!(program.sent(), [0; 12]);
    assert!(program.run(&["runs"]).expect(0).stdout.contains("no runs yet"));
}

#[test]
fn without_a_terminal_a_run_needs_a_yes_before_anything_is_asked_of_altinn() {
    let mut program = program(3);
    let refused = program.run(&["run", "job.toml"]).expect(2);
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    assert!(program.server().requests().is_empty());

    let late = program.world().lock().clients()[0].id;
    program.world().lock().client_mut(late).unwrap().quirk =
        Some(Quirk::RefusesDelegation(Refusal::DelegationFailed));
    program.pace.push_str("attempts = 1\n");
    program.write_job("delegate", "");
    program.run(&["run", "job.toml", "--yes"]).expect(1);
    let before = program.server().requests().len();
    for command in ["retry", "undo"] {
        let refused = program.run(&[command]).expect(2);
        assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
        let nothing = program.run(&[command, "zzz"]).expect(2);
        assert!(nothing.stderr.contains("there is no run \"zzz\""), "{}", nothing.stderr);
    }
    assert_eq!(program.server().requests().len(), before);
}

/// Runs the program at a terminal of so many lines, where this is typed. Answers its exit code and what was on the screen.
#[cfg(target_os = "linux")]
fn at_a_terminal(program: &Program, arguments: &str, lines: u16, typed: &str) -> (Option<i32>, String) {
    use std::{io::Write, process::Stdio};
    let fullmakt = env!("CARGO_BIN_EXE_fullmakt");
    let command = format!("stty rows {lines} cols 100; exec {fullmakt} {arguments}");
    let mut child = program.command(&[]);
    let environment: Vec<_> =
        child.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect();
    child = std::process::Command::new("script");
    let mut child = child
        .args(["-qec", &command, "/dev/null"])
        .envs(environment)
        .current_dir(program.path(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap().replace('\r', ""))
}

#[cfg(target_os = "linux")]
#[test]
fn the_question_comes_last_and_says_how_many_which_way_for_whom_and_where() {
    let program = program(12);
    for (typed, code, sent) in [("n\n", 2, 0), ("\n", 2, 0), ("12\n", 2, 0), ("j\n", 0, 1)] {
        let (exit, screen) = at_a_terminal(&program, "run job.toml", 40, typed);
        assert_eq!(exit, Some(code), "{typed:?}: {screen}");
        let asked = screen.split("Go on? (y/n)").next().unwrap();
        let last: Vec<&str> = asked.trim_end().lines().rev().take(3).collect();
        assert!(last[2].starts_with("DELEGATE  12 clients to \""), "{screen}");
        assert!(
            last[1].starts_with("for       314250052") && last[0].starts_with("in        http://127.0.0.1"),
            "{screen}"
        );
        // A no is an answer, and no error.
        assert_eq!(screen.contains("nothing was sent"), code == 2, "{screen}");
        assert!(!screen.contains("error"), "{screen}");
        assert_eq!(program.sent(), [sent; 12]);
    }
    assert!(program.run(&["runs"]).expect(0).stdout.lines().count() == 2, "a no is no refused run");
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_removes_asks_for_the_number_to_be_typed() {
    let program = program(12);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    program.write_job("remove", "");
    for (typed, code) in [("y\n", 2), ("11\n", 2), ("12\n", 0)] {
        let (exit, screen) = at_a_terminal(&program, "run job.toml", 40, typed);
        assert_eq!(exit, Some(code), "{screen}");
        assert!(screen.contains("REMOVE    12 clients from \""), "{screen}");
        assert!(screen.contains("type how many are removed (12):"), "{screen}");
    }
    assert_eq!(program.delegated(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_long_plan_is_cut_to_the_screen_with_where_the_rest_is() {
    let program = program(30);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    program.write_job("remove", "");
    let (exit, screen) = at_a_terminal(&program, "run job.toml -q", 20, "no\n");
    assert_eq!(exit, Some(2), "{screen}");
    assert!(screen.contains("lines are left out here; `fullmakt plan /"), "{screen}");
    let shown = screen.split("type how many").next().unwrap().lines().count();
    assert!(shown <= 20, "{shown}: {screen}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_list_of_shuffled_names_is_refused_where_somebody_could_say_yes_too_and_says_how_to_send_it_all_the_same()
{
    let program = program(20);
    program.write_job("delegate", "");
    let rows: Vec<[String; 2]> = {
        let world = program.world();
        let world = world.lock();
        let clients = world.clients().iter();
        clients.filter_map(|client| Some([client.number?.to_string(), client.name.clone()])).collect()
    };
    let shuffled = rows.iter().zip(rows.iter().cycle().skip(1));
    let shuffled: Vec<String> = shuffled.map(|([number, _], [_, name])| format!("{number};{name}")).collect();
    program.write("manifest.csv", format!("Orgnr;Navn\n{}\n", shuffled.join("\n")));
    let (exit, screen) = at_a_terminal(&program, "run job.toml", 50, "y\ny\n");
    assert_eq!(exit, Some(2), "{screen}");
    assert!(screen.contains("--allow-other-names 20"), "{screen}");
    assert_eq!(program.sent(), [0; 20]);
    let (exit, screen) = at_a_terminal(&program, "run job.toml --allow-other-names 20", 50, "y\ny\n");
    assert_eq!(exit, Some(0), "{screen}");
    assert_eq!(program.sent(), [1; 20]);
}

#[test]
fn the_clients_command_writes_a_manifest_that_a_run_takes() {
    let program = program(5);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    let clients = program.run(&["clients", "job.toml"]).expect(0);
    program.write("manifest.csv", &clients.stdout);
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0);
    assert_eq!((done.total("rows"), done.total("unchanged")), (5, 5));
    let json = program.run(&["clients", "job.toml", "--available", "--format", "json"]).expect(0).json();
    assert_eq!(json["clients"].as_array().unwrap().len(), 5);
}

#[test]
fn agents_are_listed_with_what_they_are() {
    let program = program(1);
    let agents = program.run(&["agents", "job.toml"]).expect(0);
    assert!(agents.stdout.contains("1b6cea43-f499-4aae-a633-51cf542795af"), "{}", agents.stdout);
    let json = program.run(&["agents", "job.toml", "--format", "json"]).expect(0).json();
    assert_eq!(json["agents"][0]["kind"], "agent");
}

#[test]
fn runs_are_listed_newest_first_and_named_by_a_prefix() {
    let program = program(2);
    let first = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0).json();
    let second = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0).json();
    let runs = program.run(&["runs", "--format", "json"]).expect(0).json();
    assert_eq!(runs["runs"][0]["run"], second["run"]);
    assert_eq!(runs["runs"][1]["run"], first["run"]);
    let prefix = &first["run"].as_str().unwrap()[..6];
    let status = program.run(&["status", prefix, "--format", "json"]).expect(0).json();
    assert_eq!(status["run"], first["run"]);
    assert!(program.run(&["status", "zzzzzz"]).expect(2).stderr.contains("there is no run"));
}

#[test]
fn reports_are_written_again_when_they_are_gone() {
    let program = program(2);
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0);
    let failures = done.json()["failures"].as_str().unwrap().to_owned();
    std::fs::remove_file(&failures).unwrap();
    program.run(&["report"]).expect(0);
    assert!(std::fs::exists(failures).unwrap());
}

#[test]
fn a_manifest_is_checked_without_any_altinn() {
    let mut program = program(3);
    program.stop_server();
    let good = program.run(&["check", "manifest.csv", "--format", "json"]).expect(0).json();
    assert_eq!((good["rows"].as_u64(), good["rejected"].as_u64()), (Some(3), Some(0)));
    program.write("bad.csv", "orgnr\n310609545\n");
    let bad = program.run(&["check", "bad.csv"]).expect(2);
    assert!(
        bad.stdout.contains("line 2, column 1 (orgnr): \"310609545\": the check digit does not fit"),
        "{}",
        bad.stdout
    );
    let none = program.run(&["check", "none.csv"]).expect(2);
    assert!(none.stderr.contains("none.csv"), "{}", none.stderr);
}

#[test]
fn a_wrong_job_file_is_said_with_its_line() {
    let program = program(1);
    program.write("job.toml", program.read("job.toml").replace("in_flight", "inflight"));
    let wrong = program.run(&["run", "job.toml", "--yes"]).expect(2);
    assert!(
        wrong.stderr.contains("job.toml, line 13") && wrong.stderr.contains("`inflight`"),
        "{}",
        wrong.stderr
    );
    assert!(program.run(&["plan", "none.toml"]).expect(2).stderr.contains("none.toml"));
}

#[test]
fn a_missing_token_is_said_by_the_name_of_its_variable() {
    let program = program(1);
    let output = program.command(&["plan", "job.toml"]).env_remove("TEST_TOKEN").output().unwrap();
    let wrong = program::Done::of(output).expect(2);
    assert!(wrong.stderr.contains("TEST_TOKEN"), "{}", wrong.stderr);
}

#[test]
fn no_escape_codes_go_where_there_is_no_terminal() {
    let program = program(3);
    for arguments in [&["run", "job.toml", "--yes"][..], &["plan", "none.toml"], &["--help"], &["runs"]] {
        let done = program.run(arguments);
        assert!(!done.stdout.contains('\u{1b}') && !done.stderr.contains('\u{1b}'), "{done:?}");
    }
}

#[test]
fn quiet_says_nothing_but_the_answer() {
    let program = program(3);
    let done = program.run(&["run", "job.toml", "--yes", "--quiet"]).expect(0);
    assert_eq!(done.stderr, "");
}

#[test]
fn every_command_has_a_help_text() {
    let program = program(1);
    for command in [
        "check", "plan", "run", "resume", "retry", "runs", "status", "report", "agents", "clients", "sandbox",
    ] {
        let help = program.run(&[command, "--help"]).expect(0);
        assert!(
            help.stdout.contains("Usage: fullmakt") && help.stdout.contains("--state-dir"),
            "{}",
            help.stdout
        );
    }
}

#[test]
fn a_ledger_of_a_newer_version_is_refused_in_words() {
    if program::postgres::is_meant() {
        return; // The ledger's file is its subject.
    }
    let program = program(1);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    let ledger = rusqlite::Connection::open(program.path("state/ledger.db")).unwrap();
    ledger.pragma_update(None, "user_version", 1000).unwrap();
    drop(ledger);
    let refused = program.run(&["runs"]).expect(5);
    assert!(refused.stderr.contains("newer version of fullmakt"), "{}", refused.stderr);
}

#[test]
fn a_damaged_ledger_is_said_with_what_to_do() {
    if program::postgres::is_meant() {
        return; // The ledger's file is its subject.
    }
    let program = program(1);
    std::fs::create_dir_all(program.path("state")).unwrap();
    program
        .write("state/ledger.db", "this is no database, whatever its name says, and long enough to see that");
    let refused = program.run(&["runs"]).expect(5);
    assert!(
        refused.stderr.contains("damaged") && refused.stderr.contains("hint: move ledger.db"),
        "{}",
        refused.stderr
    );
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_state_folder() {
    use std::os::unix::fs::PermissionsExt;
    let program = program(1);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    let mode = std::fs::metadata(program.path("state")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}

#[cfg(unix)]
#[test]
fn a_folder_that_was_there_keeps_its_permissions_and_the_ledger_in_it_is_private() {
    use std::os::unix::fs::PermissionsExt;
    if program::postgres::is_meant() {
        return; // The ledger's file is its subject.
    }
    let program = program(1);
    let mode = |path: &str| std::fs::metadata(program.path(path)).unwrap().permissions().mode() & 0o777;
    std::fs::create_dir(program.path("state")).unwrap();
    std::fs::set_permissions(program.path("state"), std::fs::Permissions::from_mode(0o755)).unwrap();
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    assert_eq!((mode("state"), mode("state/ledger.db")), (0o755, 0o600));
    assert_eq!((mode("state/runs"), mode("state/locks")), (0o700, 0o700));
}
