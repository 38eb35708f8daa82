//! Running at night: waiting for another run, the JSON log, metrics, the notify command, finishing the last run first.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/program.rs"]
mod program;

use std::time::Duration;

use fullmakt::model::AgentId;
use fullmakt::sandbox::{ONBOARDING_AGENT, Permission, Quirk, Refusal, SANDBOX_TOKEN, World};
use program::{Done, Program};

fn program(clients: usize) -> Program {
    Program::new(World::with_clients(clients, 1), Duration::ZERO)
}

/// A run that takes a second or two, and is at work when this returns.
fn slow(clients: usize) -> (Program, std::process::Child) {
    let mut program = program(clients);
    // Slow enough for another program to come while it is at work; with a ledger on a server that takes longer.
    let rate = if program::postgres::is_meant() { 6 } else { 25 };
    program.pace = format!("rate = \"{rate}/s\"\nin_flight = 4\n");
    program.write_job("delegate", "");
    let mut child = program.spawn(&["run", "job.toml", "--yes"]);
    program.wait_for_requests(&mut child, 6);
    (program, child)
}

/// Altinn refuses this client.
fn refuse(program: &Program, place: usize) {
    let world = program.world();
    let mut world = world.lock();
    let id = world.clients()[place].id;
    world.client_mut(id).unwrap().quirk = Some(Quirk::RefusesDelegation(Refusal::ClientNotFound));
}

fn json_lines(text: &str) -> Vec<serde_json::Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

#[test]
fn a_second_run_on_the_agent_is_refused_or_waits_for_the_first() {
    let (program, mut first) = slow(30);
    let refused = program.run(&["run", "job.toml", "--yes", "--metrics", "m.prom"]).expect(4);
    assert!(refused.stderr.contains("another run is at work on this agent"), "{}", refused.stderr);
    assert!(program.read("m.prom").contains("} 4\n"), "{}", program.read("m.prom"));

    let waited = program.run(&["run", "job.toml", "--yes", "--wait", "30s", "--format", "json"]).expect(0);
    assert!(first.try_wait().unwrap().is_some(), "the first had ended");
    assert_eq!((waited.total("unchanged"), waited.total("delegated")), (30, 0));
    let notes = waited.stderr.matches("another run is at work on this agent").count();
    assert_eq!(notes, 1, "{}", waited.stderr);
    assert!(waited.stderr.contains(&format!("(process {}, since ", first.id())), "{}", waited.stderr);
    assert_eq!(program.sent(), [1; 30]);
}

#[test]
fn runs_on_different_agents_go_side_by_side() {
    let (program, mut first) = slow(60);
    let another: AgentId = "0d6f3c5e-2f0c-4b51-9d43-3f7a1e6f5b02".parse().unwrap();
    {
        let world = program.world();
        let mut world = world.lock();
        let mut agent = world.agents().find(|agent| agent.listed.id == ONBOARDING_AGENT).unwrap().clone();
        agent.listed.id = another;
        world.add_agent(agent);
    }
    let other = program.read("job.toml").replace(&ONBOARDING_AGENT.to_string(), &another.to_string());
    program.write("other.toml", other.replace(&program.pace, "rate = \"unlimited\"\nin_flight = 4\n"));
    let second = program.run(&["run", "other.toml", "--yes", "--format", "json"]).expect(0);
    assert_eq!(second.total("delegated"), 60);
    assert!(first.try_wait().unwrap().is_none(), "the first is at work still");
    first.kill().unwrap();
    first.wait().unwrap();
}

#[test]
fn a_wait_that_is_too_short_ends_with_exit_4() {
    let (program, mut first) = slow(40);
    let refused = program.run(&["run", "job.toml", "--yes", "--wait", "300ms"]).expect(4);
    assert!(refused.stderr.contains("still at work on this agent"), "{}", refused.stderr);
    let refused = program.run(&["resume", "--wait", "100ms"]).expect(4);
    assert!(refused.stderr.contains("still at work on this agent"), "{}", refused.stderr);
    let usage = program.run(&["run", "job.toml", "--yes", "--wait", "soon"]).expect(2);
    assert!(usage.stderr.contains("is not a duration such as"), "{}", usage.stderr);
    first.kill().unwrap();
    first.wait().unwrap();
}

#[cfg(unix)]
#[test]
fn ctrl_c_while_waiting_ends_with_130() {
    use std::io::{BufRead, BufReader, Read};
    for command in [&["run", "job.toml", "--yes", "--wait", "1min"][..], &["resume", "--wait", "1min"]] {
        let (program, mut first) = slow(60);
        let mut second = program.spawn(command);
        let mut stderr = BufReader::new(second.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("waiting up to") {
            assert!(stderr.read_line(&mut said).unwrap() > 0, "{said}");
        }
        std::thread::sleep(Duration::from_millis(50));
        program::signal(&second, "INT");
        assert_eq!(second.wait().unwrap().code(), Some(130), "{command:?}");
        stderr.read_to_string(&mut said).unwrap();
        assert!(said.contains("interrupted while waiting"), "{said}");
        first.kill().unwrap();
        first.wait().unwrap();
    }
}

#[test]
fn a_killed_run_leaves_no_lock() {
    let (mut program, mut first) = slow(40);
    first.kill().unwrap();
    first.wait().unwrap();
    "rate = \"unlimited\"\n".clone_into(&mut program.pace);
    program.write_job("delegate", "");
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    assert_eq!(program.delegated(), 40);
}

#[test]
fn metrics_tell_how_it_went_and_when_it_last_went_well() {
    let program = program(4);
    program.run(&["run", "job.toml", "--yes", "--metrics", "fullmakt.prom"]).expect(0);
    let well = program.read("fullmakt.prom");
    for wanted in [
        "outcome=\"delegated\"} 4\n",
        "status=\"completed\"} 1\n",
        "fullmakt_last_success_timestamp_seconds{",
    ] {
        assert!(well.contains(wanted), "{wanted}: {well}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(program.path("fullmakt.prom")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o644);
    }
    // Signed out before anything was planned.
    let output = program
        .command(&["run", "job.toml", "--yes", "--metrics", "fullmakt.prom"])
        .env("TEST_TOKEN", "another")
        .output()
        .unwrap();
    Done::of(output).expect(3);
    let refused = program.read("fullmakt.prom");
    assert!(
        refused.contains("status=\"refused\"} 1\n") && !refused.contains("last_run_clients"),
        "{refused}"
    );
    assert!(
        refused
            .lines()
            .any(|line| line.starts_with("fullmakt_last_exit_code{job=\"test\"") && line.ends_with(" 3"))
    );
    let success =
        |text: &str| text.lines().find(|line| line.starts_with("fullmakt_last_success")).map(str::to_owned);
    assert_eq!(success(&refused), success(&well));

    // A job file that cannot be read, and a metrics file that cannot be written.
    program.write("broken.toml", "name = ");
    program.run(&["run", "broken.toml", "--yes", "--metrics", "fullmakt.prom"]).expect(2);
    assert!(
        program
            .read("fullmakt.prom")
            .contains("fullmakt_last_exit_code{job=\"broken\",kind=\"\",environment=\"\"} 2")
    );
    let done = program.run(&["run", "job.toml", "--yes", "--metrics", "nowhere/fullmakt.prom"]).expect(0);
    assert!(done.stderr.contains("nowhere/fullmakt.prom is not written"), "{}", done.stderr);
}

#[test]
fn the_json_log_is_one_object_a_line_and_stdout_stays_one_document() {
    let program = program(4);
    refuse(&program, 2);
    let done =
        program.run(&["run", "job.toml", "--yes", "--log", "json", "--format", "json", "-v"]).expect(1);
    assert_eq!(done.total("failed"), 1);
    let lines = json_lines(&done.stderr);
    for line in &lines {
        assert!(line["at"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{line}");
        assert!(line["level"].is_string() && line["message"].is_string(), "{line}");
    }
    let level = |level: &str| lines.iter().filter(|line| line["level"] == level).collect::<Vec<_>>();
    assert!(level("progress").iter().any(|line| line["phase"] == "reading back"), "{}", done.stderr);
    let end = lines.iter().find(|line| line["status"] == "completed").unwrap();
    assert_eq!(end["totals"], done.json()["totals"]);
    assert!(!level("hint").is_empty() && !level("step").is_empty());

    let failed = program.run(&["resume", "--log", "json"]).expect(2);
    assert_eq!(json_lines(&failed.stderr)[0]["level"], "error");
}

#[cfg(unix)]
#[test]
fn the_notify_command_is_told_the_summary_and_no_secret() {
    let program = program(3);
    let tell = "cat > told.json; env > told.env";
    let notify = |command: &str| format!("[notify]\ncommand = [\"sh\", \"-c\", \"{command}\"]\n");
    program.write_job("delegate", &notify(tell));
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    assert!(!program.path("told.json").exists(), "all went well");

    refuse(&program, 1);
    program.write("manifest.csv", program.read("manifest.csv") + "\r\n314250052;stranger\r\n");
    let failed = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(1);
    let told: serde_json::Value = serde_json::from_str(&program.read("told.json")).unwrap();
    assert_eq!(told, failed.json());
    let environment = program.read("told.env");
    assert!(environment.contains(&format!("FULLMAKT_RUN={}\n", told["run"].as_str().unwrap())));
    assert!(environment.contains("FULLMAKT_STATUS=completed\n"));
    assert!(!environment.contains("TEST_TOKEN") && !environment.contains(SANDBOX_TOKEN), "{environment}");

    // Signed out: there is no run to tell of.
    program.world().lock().accept_token("forbidden", Permission::Forbidden);
    let output =
        program.command(&["run", "job.toml", "--yes"]).env("TEST_TOKEN", "forbidden").output().unwrap();
    Done::of(output).expect(3);
    let told: serde_json::Value = serde_json::from_str(&program.read("told.json")).unwrap();
    assert_eq!((&told["status"], &told["exit_code"]), (&"refused".into(), &3.into()));

    // Its own failures are warnings.
    program.write_job("delegate", &notify("echo no mail today >&2; exit 7"));
    let failed = program.run(&["run", "job.toml", "--yes"]).expect(1);
    assert!(failed.stderr.contains("warning: the [notify] command \"sh\" failed"), "{}", failed.stderr);
    assert!(failed.stderr.contains("no mail today"), "{}", failed.stderr);
    program.write_job("delegate", "[notify]\ncommand = [\"no-such-program-here\"]\n");
    let failed = program.run(&["run", "job.toml", "--yes"]).expect(1);
    assert!(failed.stderr.contains("cannot be started"), "{}", failed.stderr);
}

#[test]
fn a_night_on_which_nothing_was_sent_is_kept_as_a_run_and_means_nothing_to_later_commands() {
    let program = program(4);
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0).json();
    program.write_job("remove", "[guard]\nremovals = 2\n");
    program.run(&["run", "job.toml", "--yes", "--metrics", "m.prom"]).expect(2);
    program.write("manifest.csv", "orgnr\n310609545\n");
    program.run(&["run", "job.toml", "--yes"]).expect(2);

    let runs = program.run(&["runs", "--format", "json"]).expect(0).json();
    let statuses: Vec<_> =
        runs["runs"].as_array().unwrap().iter().map(|run| run["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["refused", "refused", "completed"]);
    let refused = &runs["runs"][1];
    assert!(refused["message"].as_str().unwrap().contains("4 clients of agent"), "{refused}");
    assert!(refused["totals"].as_object().unwrap().values().all(|number| *number == 0), "{refused}");
    let metrics = program.read("m.prom");
    assert!(metrics.contains("status=\"refused\"} 1\n"), "{metrics}");
    assert!(metrics.contains(&format!("run=\"{}\"}} 1\n", refused["run"].as_str().unwrap())), "{metrics}");

    // The newest run is the one that was.
    let newest = program.run(&["status", "--format", "json"]).expect(0).json();
    assert_eq!(newest["run"], done["run"]);
    let id = refused["run"].as_str().unwrap();
    let resumed = program.run(&["resume", id]).expect(2);
    assert!(resumed.stderr.contains("is refused"), "{}", resumed.stderr);
    program.write_job("delegate", "");
    let undone = program.run(&["undo", "--yes", "--format", "json"]).expect(0);
    assert_eq!(undone.json()["undo_of"], done["run"]);
    assert_eq!(undone.total("removed"), 4);
}

#[cfg(unix)]
#[test]
fn somebody_is_told_of_the_ends_that_the_job_names() {
    let job =
        |on: &str| format!("[notify]\ncommand = [\"sh\", \"-c\", \"cat > told.json; env > told.env\"]\n{on}");
    let told = |program: &Program| {
        let told = std::fs::read_to_string(program.path("told.env")).ok()?;
        std::fs::remove_file(program.path("told.env")).unwrap();
        let event = told.lines().find_map(|line| line.strip_prefix("FULLMAKT_EVENT=")).unwrap().to_owned();
        Some(event)
    };
    let run = |program: &Program, code: i32| program.run(&["run", "job.toml", "--yes"]).expect(code);
    let well = program(3);
    well.write_job("delegate", &job(""));
    run(&well, 0);
    assert_eq!(told(&well), None, "all went well");
    well.write_job("delegate", &job("on = [\"completed\"]\n"));
    run(&well, 0);
    assert_eq!(told(&well).as_deref(), Some("completed"));
    well.write_job("remove", &job("[guard]\nremovals = 0\n"));
    run(&well, 2);
    assert_eq!(told(&well).as_deref(), Some("refused"));
    let json: serde_json::Value = serde_json::from_str(&well.read("told.json")).unwrap();
    assert_eq!((&json["status"], &json["exit_code"]), (&"refused".into(), &2.into()));
    well.write_job("remove", &job("on = [\"failed\"]\n[guard]\nremovals = 0\n"));
    run(&well, 2);
    assert_eq!(told(&well), None);

    // One client that Altinn never accepts is told of once.
    let failing = program(4);
    failing.write_job("delegate", &job("on = [\"new-failures\"]\n"));
    refuse(&failing, 1);
    for expected in [Some("new-failures"), None] {
        run(&failing, 1);
        assert_eq!(told(&failing).as_deref(), expected);
    }
    refuse(&failing, 2);
    let second = failing.world().lock().clients()[2].id;
    failing.world().lock().set_delegated(ONBOARDING_AGENT, second, 0);
    for expected in [Some("new-failures"), None] {
        run(&failing, 1);
        assert_eq!(told(&failing).as_deref(), expected);
    }

    let (locked, mut first) = slow(40);
    locked.write_job("delegate", &job(""));
    run(&locked, 4);
    assert_eq!(told(&locked).as_deref(), Some("locked"));
    first.kill().unwrap();
    first.wait().unwrap();
}

#[cfg(unix)]
#[test]
fn the_last_run_is_settled_and_superseded_when_asked_for() {
    let (program, mut first) = slow(30);
    program::signal(&first, "INT");
    assert_eq!(first.wait().unwrap().code(), Some(130));
    let done = program.run(&["run", "job.toml", "--yes", "--resume-previous", "--format", "json"]).expect(0);
    assert!(done.stderr.contains("this run takes its place"), "{}", done.stderr);
    assert_eq!(done.total("unchanged") + done.total("delegated"), 30, "the answer is about the new run");
    assert_eq!(program.sent(), [1; 30]);
    let runs = program.run(&["runs", "--format", "json"]).expect(0).json();
    let runs = runs["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2);
    assert_eq!((&runs[0]["status"], &runs[1]["status"]), (&"completed".into(), &"superseded".into()));
    let nothing = program.run(&["run", "job.toml", "--yes", "--resume-previous"]).expect(0);
    assert!(!nothing.stderr.contains("takes its place"), "{}", nothing.stderr);
}

#[cfg(unix)]
#[test]
fn a_last_run_that_stops_again_is_the_end_of_it() {
    let (program, mut first) = slow(30);
    program::signal(&first, "INT");
    first.wait().unwrap();
    program.world().lock().accept_token("forbidden", Permission::Forbidden);
    let output = program
        .command(&["run", "job.toml", "--yes", "--resume-previous"])
        .env("TEST_TOKEN", "forbidden")
        .output()
        .unwrap();
    Done::of(output).expect(3);
    let runs = program.run(&["runs", "--format", "json"]).expect(0).json();
    let runs = runs["runs"].as_array().unwrap();
    let began = runs.iter().filter(|run| run["status"] != "refused").count();
    assert_eq!((began, runs.len()), (1, 2), "no new run was begun, and that is kept");
}

/// The first command in backticks that begins so.
#[cfg(unix)]
fn told_command(said: &str, verb: &str) -> String {
    let commands = said.split('`').skip(1).step_by(2);
    let mut fitting = commands.filter(|command| command.starts_with("fullmakt ") && command.contains(verb));
    fitting.next().unwrap_or_else(|| panic!("no `fullmakt … {verb}` in: {said}")).to_owned()
}

/// Types a command as it was told, in the program's folder.
#[cfg(unix)]
fn typed(program: &Program, command: &str) -> Done {
    let line = command.replacen("fullmakt", env!("CARGO_BIN_EXE_fullmakt"), 1);
    let mut shell = std::process::Command::new("sh");
    let environment = program.command(&[]);
    shell.args(["-c", &line]).current_dir(program.path("")).stdin(std::process::Stdio::null());
    for (name, value) in environment.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    // Where nothing else is said, runs are kept elsewhere.
    Done::of(shell.env("FULLMAKT_STATE_DIR", program.path("elsewhere")).output().unwrap())
}

#[test]
#[cfg(unix)]
fn a_command_in_a_hint_acts_on_the_ledger_that_the_command_line_named() {
    if program::postgres::is_meant() {
        return;
    }
    let program = program(8);
    program.write_job("delegate", "");
    refuse(&program, 0);
    let first = program.run(&["run", "job.toml", "--yes", "--state-dir", "state of ours"]).expect(1);
    let report = std::fs::read_dir(program.path("state of ours/runs")).unwrap().next().unwrap().unwrap();
    let page = std::fs::read_to_string(report.path().join("report.html")).unwrap();
    assert!(!page.contains("fullmakt resume") && !page.contains("fullmakt retry"), "{page}");
    assert!(!first.stderr.contains("`fullmakt r"), "{}", first.stderr);

    program.write_job("remove", "[guard]\nremovals = 2\n");
    let refused = program.run(&["run", "job.toml", "--yes", "--state-dir", "state of ours"]).expect(2);
    let hint = told_command(&refused.stderr, "--allow-removals");
    assert!(hint.contains("--state-dir 'state of ours'"), "{hint}");
    typed(&program, &hint.replace(" --allow", " --yes --allow")).expect(0);
    assert_eq!(program.delegated(), 0);
    assert!(!program.path("elsewhere").exists(), "nothing is kept elsewhere");
    let runs = program.run(&["runs", "--state-dir", "state of ours", "--format", "json"]).json();
    assert_eq!(runs["runs"].as_array().unwrap().len(), 3, "{runs}");

    // A variable is there for the next command, too.
    let refused = program.run(&["run", "job.toml", "--yes"]);
    assert!(!refused.stderr.contains("--state-dir"), "{}", refused.stderr);
}

/// What differs between two runs of the same: ids, times, how long it took, and where.
#[cfg(unix)]
fn without_what_differs(program: &Program, text: &str) -> String {
    let mut text = text.replace(program.path("").to_str().unwrap().trim_end_matches('/'), "[folder]");
    for run in program.run(&["runs", "--format", "json"]).json()["runs"].as_array().unwrap() {
        text = text.replace(run["run"].as_str().unwrap(), "[run]");
    }
    text.chars().map(|one| if one.is_ascii_digit() { '0' } else { one }).collect()
}

/// A night with notes, a plan, failures, warnings and an error, in a language: its log without progress, what `[notify]` was
/// told on its stdin and as a sentence, and the page of the first run.
#[cfg(unix)]
fn a_bad_night(language: &str) -> [String; 4] {
    let program = program(6);
    let tell =
        "[notify]\ncommand = [\"sh\", \"-c\", \"cat > told.json; echo $FULLMAKT_TEXT > told.txt; exit 7\"]\n";
    refuse(&program, 0);
    let numbers: Vec<_> = program
        .world()
        .lock()
        .clients()
        .iter()
        .filter_map(|client| client.number.map(|number| number.to_string()))
        .collect();
    let rows: Vec<_> = numbers.iter().map(|number| format!("{number};NOBODY AS")).collect();
    program.write("manifest.csv", format!("orgnr;navn\n{}\n12345;X\n", rows.join("\n")));
    program.write_job("delegate", tell);
    let night = |arguments: &[&str], exit| {
        program.run(&[arguments, &["--lang", language, "--log", "json"]].concat()).expect(exit).stderr
    };
    let mut log = night(&["run", "job.toml", "--yes", "-v"], 2);
    log += &night(&["run", "job.toml", "--yes", "-v", "--skip-invalid"], 1);
    let page = program.path("state/runs");
    let page = std::fs::read_dir(page).unwrap().map(|run| run.unwrap().path().join("report.html"));
    let page = std::fs::read_to_string(page.into_iter().find(|page| page.exists()).unwrap()).unwrap();
    program.write_job("remove", &format!("[guard]\nremovals = 0\n{tell}"));
    log += &night(&["run", "job.toml", "--yes", "--skip-invalid"], 2);
    log += &night(&["resume", "nosuchid"], 2);
    log += &night(&["plan", "job.toml", "--skip-invalid"], 2);
    let said: Vec<String> = json_lines(&log)
        .iter()
        .filter(|line| line["level"] != "progress")
        .map(|line| format!("{}: {}", line["level"], line["message"]))
        .collect();
    let log = without_what_differs(&program, &said.join("\n"));
    let told: serde_json::Value = serde_json::from_str(&program.read("told.json")).unwrap();
    [log, told["message"].as_str().unwrap().to_owned(), program.read("told.txt"), page]
}

#[test]
#[cfg(unix)]
fn the_log_is_english_in_every_language_and_the_reports_are_not() {
    if program::postgres::is_meant() {
        return;
    }
    let [log, message, sentence, page] = a_bad_night("nb");
    let [english, english_message, english_sentence, english_page] = a_bad_night("en");
    for level in ["error", "detail", "hint", "note", "warning", "info", "step"] {
        assert!(log.contains(&format!("\"{level}\": ")), "{level}: {log}");
    }
    assert_eq!(log, english);
    assert_eq!(message, english_message);
    assert_ne!(sentence, english_sentence);
    assert!(page.contains("<html lang=\"nb\"") && english_page.contains("<html lang=\"en\""), "{page}");
}

#[test]
#[cfg(unix)]
fn what_notify_reads_is_english_also_where_the_log_speaks_to_people() {
    let program = program(4);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    let tell = "[notify]\ncommand = [\"sh\", \"-c\", \"cat > told.json; echo $FULLMAKT_TEXT > told.txt\"]\n";
    program.write_job("remove", &format!("[guard]\nremovals = 0\n{tell}"));
    let refused = program.run(&["run", "job.toml", "--yes", "--lang", "nb"]).expect(2);
    assert!(refused.stderr.contains("feil: "), "{}", refused.stderr);
    let told: serde_json::Value = serde_json::from_str(&program.read("told.json")).unwrap();
    let message = told["message"].as_str().unwrap();
    assert!(message.contains("would remove") || message.contains("clients"), "{message}");
    assert!(!message.contains("klient"), "{message}");
    assert!(program.read("told.txt").contains("klient"), "{}", program.read("told.txt"));
}

#[test]
fn a_file_that_holds_something_else_is_never_overwritten_with_metrics() {
    let program = program(2);
    std::fs::create_dir(program.path("folder")).unwrap();
    for name in ["job.toml", "manifest.csv", "folder"] {
        let done = program.run(&["run", "job.toml", "--yes", "--metrics", name]).expect(2);
        assert!(done.stderr.contains(&format!("--metrics names {name}")), "{}", done.stderr);
        let fleet = program.run(&["fleet", "work", "fleet.toml", "--metrics", name]).expect(2);
        assert!(fleet.stderr.contains(&format!("--metrics names {name}")), "{}", fleet.stderr);
    }
    assert_eq!(program.sent(), [0; 2], "nothing is sent");
    // One that is empty, and one of ours.
    program.write("new.prom", "");
    for _ in 0..2 {
        program.run(&["run", "job.toml", "--yes", "--metrics", "new.prom"]).expect(0);
        assert!(program.read("new.prom").starts_with("# HELP fullmakt"));
    }
}

#[cfg(unix)]
#[test]
fn a_state_folder_that_others_can_change_or_read_is_warned_of_once() {
    use std::os::unix::fs::PermissionsExt;
    if program::postgres::is_meant() {
        return; // The ledger's file is its subject.
    }
    let program = program(2);
    let set = |name: &str, mode| {
        std::fs::set_permissions(program.path(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let said = || {
        let done = program.run(&["run", "job.toml", "--yes"]).expect(0);
        assert_eq!(done.stderr.contains("chmod -R go-rwx"), done.stderr.contains("others on this machine"));
        (done.stderr.matches("others on this machine").count(), done.stderr)
    };
    assert_eq!(said().0, 0, "what the program makes is for its owner");
    set("state", 0o777);
    let (times, stderr) = said();
    assert!(times == 1 && stderr.contains("has mode 777"), "{stderr}");
    // A folder that others may look into is somebody's choice; a ledger that they may read is none.
    set("state", 0o755);
    assert_eq!(said().0, 0);
    set("state/ledger.db", 0o644);
    let (times, stderr) = said();
    assert!(times == 1 && stderr.contains("ledger.db has mode 644"), "{stderr}");
}

#[cfg(unix)]
#[test]
fn what_systemd_hands_over_is_found_under_whatever_name_the_unit_has() {
    let mut program = program(2);
    "method = \"token\"\ntoken_file = \"$CREDENTIALS_DIRECTORY/token\"\n".clone_into(&mut program.auth);
    program.write_job("delegate", "");
    for unit in ["fullmakt-nightly.service", "run-u42.service"] {
        std::fs::create_dir(program.path(unit)).unwrap();
        program.write_private(&format!("{unit}/token"), fullmakt::sandbox::SANDBOX_TOKEN);
        let mut command = program.command(&["plan", "job.toml"]);
        command.env("CREDENTIALS_DIRECTORY", program.path(unit));
        Done::of(command.output().unwrap()).expect(0);
    }
    let outside = |program: &Program, word: &str| {
        let done = program.command(&["plan", "job.toml"]).env_remove("CREDENTIALS_DIRECTORY").output();
        let done = Done::of(done.unwrap()).expect(2);
        assert!(done.stderr.contains(word), "{}", done.stderr);
    };
    outside(&program, "$CREDENTIALS_DIRECTORY/token cannot be read");
    "method = \"maskinporten\"\nclient_id = \"c\"\nkey_file = \"$CREDENTIALS_DIRECTORY/key.jwk\"\n\
     token_endpoint = \"http://127.0.0.1:9/token\"\n"
        .clone_into(&mut program.auth);
    program.write_job("delegate", "");
    outside(&program, "by-hand.sh");
}

#[test]
fn the_error_document_is_english_whoever_asks() {
    let program = program(2);
    let error = |language: &str, arguments: &[&str]| {
        let common = ["--format", "json", "--lang", language];
        let done = program.run(&[arguments, &common].concat()).expect(2);
        done.json()["error"].clone()
    };
    for arguments in [["run", "job.toml"].as_slice(), &["access", "job.toml", "314250053"]] {
        assert_eq!(error("nb", arguments), error("en", arguments));
    }
}

/// A series of a metrics file: its value.
fn series(metrics: &str, name: &str) -> Option<f64> {
    let line = metrics.lines().find(|line| line.starts_with(&format!("fullmakt_{name}{{")))?;
    Some(line.rsplit_once(' ').unwrap().1.parse().unwrap())
}

#[test]
fn a_night_whose_ledger_cannot_be_read_does_not_forget_the_last_success() {
    if program::postgres::is_meant() {
        return;
    }
    let program = program(3);
    program.run(&["run", "job.toml", "--yes", "--metrics", "m.prom"]).expect(0);
    let well = program.read("m.prom");
    let times = |metrics: &str| {
        ["last_success_timestamp_seconds", "last_completion_timestamp_seconds"]
            .map(|name| series(metrics, name))
    };
    assert!(times(&well).iter().all(Option::is_some), "{well}");
    std::fs::rename(program.path("state"), program.path("state.away")).unwrap();
    program.write("state", "no folder");
    program.run(&["run", "job.toml", "--yes", "--metrics", "m.prom"]).expect(5);
    let bad = program.read("m.prom");
    assert_eq!(times(&bad), times(&well), "{bad}");
    // Nor does one whose job file cannot be read.
    program.write("job.toml", "name = ");
    program.run(&["run", "job.toml", "--yes", "--metrics", "m.prom"]).expect(2);
    assert_eq!(times(&program.read("m.prom")), times(&well));
}

#[test]
fn another_firms_job_of_the_same_name_is_no_success_of_this_one() {
    let program = program(3);
    program.run(&["run", "job.toml", "--yes", "--metrics", "m.prom"]).expect(0);
    assert!(series(&program.read("m.prom"), "last_success_timestamp_seconds").is_some());
    let own = fullmakt::sandbox::facilitator().to_string();
    let job = program.read("job.toml");
    assert!(job.contains(&own));
    program.write("other.toml", job.replace(&own, "315000009"));
    let mut failed = program.command(&["run", "other.toml", "--yes", "--metrics", "other.prom"]);
    Done::of(failed.env("TEST_TOKEN", "another").output().unwrap()).expect(3);
    let metrics = program.read("other.prom");
    for name in ["last_success_timestamp_seconds", "last_completion_timestamp_seconds"] {
        assert_eq!(series(&metrics, name), None, "{metrics}");
    }
}

#[test]
fn a_client_that_altinn_never_accepts_is_a_new_failure_once_and_the_job_still_comes_to_its_end() {
    let program = program(4);
    refuse(&program, 0);
    let night = || {
        program.run(&["run", "job.toml", "--yes", "--metrics", "m.prom"]).expect(1);
        let metrics = program.read("m.prom");
        assert_eq!(series(&metrics, "last_success_timestamp_seconds"), None, "{metrics}");
        let end = series(&metrics, "last_completion_timestamp_seconds").unwrap();
        (series(&metrics, "last_run_new_failures") == Some(1.0), end)
    };
    let (first, ended) = night();
    let (second, ended_later) = night();
    assert_eq!((first, second), (true, false));
    assert!(ended_later > ended, "{ended} {ended_later}");
    refuse(&program, 1);
    let id = program.world().lock().clients()[1].id;
    program.world().lock().set_delegated(ONBOARDING_AGENT, id, 0);
    assert!(night().0);

    // A run that was stopped says nothing of it, and forgets no end.
    let mut stopped = program.command(&["run", "job.toml", "--yes", "--metrics", "m.prom"]);
    Done::of(stopped.env("TEST_TOKEN", "another").output().unwrap()).expect(3);
    let metrics = program.read("m.prom");
    assert_eq!(series(&metrics, "last_run_new_failures"), None, "{metrics}");
    assert!(series(&metrics, "last_completion_timestamp_seconds").unwrap() > ended_later, "{metrics}");
}

#[cfg(unix)]
#[test]
fn metrics_tell_whether_the_notify_command_failed_where_it_was_called() {
    let program = program(2);
    let failed = |command: &str, on: &str| {
        program.write_job(
            "delegate",
            &format!("[notify]\ncommand = [\"sh\", \"-c\", \"{command}\"]\non = [\"{on}\"]\n"),
        );
        program.run(&["run", "job.toml", "--yes", "--metrics", "m.prom"]).expect(0);
        series(&program.read("m.prom"), "last_notify_failed")
    };
    assert_eq!(failed("exit 7", "completed"), Some(1.0));
    assert_eq!(failed("exit 0", "completed"), Some(0.0));
    assert_eq!(failed("exit 7", "fault"), None);
}
