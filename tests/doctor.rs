//! `doctor`: one line for each thing that a run needs, and what to do where one is not well.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/program.rs"]
mod program;

use std::time::Duration;

use fullmakt::sandbox::{PAYROLL_AGENT, SandboxAgent, World, facilitator};
use program::{Done, Program};

fn program() -> Program {
    let mut world = World::with_clients(3, 1);
    world.add_agent(SandboxAgent::new(PAYROLL_AGENT, facilitator(), &[]));
    Program::new(world, Duration::ZERO)
}

/// The state of a check, with what is said of it.
#[track_caller]
fn check(done: &Done, name: &str) -> (String, String) {
    let document = done.json();
    let check = document["checks"].as_array().unwrap().iter().find(|check| check["check"] == name);
    let check = check.unwrap_or_else(|| panic!("no {name}: {}", done.stdout)).clone();
    let todo = check["what_to_do"].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned());
    let said = [check["message"].as_str().unwrap().to_owned()].into_iter().chain(todo);
    (check["state"].as_str().unwrap().to_owned(), said.collect::<Vec<_>>().join("\n"))
}

#[track_caller]
fn ill(done: &Done, name: &str, word: &str) {
    let (state, said) = check(done, name);
    assert!(state == "ill" && said.contains(word), "{name}: {state}: {said}");
    assert!(said.contains('\n'), "nothing to do about {name}: {said}");
}

const JSON: [&str; 4] = ["doctor", "job.toml", "--format", "json"];

#[test]
fn where_all_is_well_it_says_so_in_one_line_each_and_changes_nothing() {
    let program = program();
    let done = program.run(&JSON).expect(0);
    for name in [
        "network", "clock", "sign_in", "scopes", "doors", "firm", "agent", "packages", "list", "state",
        "pace", "runs",
    ] {
        assert_eq!(check(&done, name).0, "well", "{name}: {}", done.stdout);
    }
    assert_eq!(program.sent(), [0; 3]);
    assert!(!program.path("state").exists(), "looking makes no folder");
    for (language, word) in [("en", "a run can begin"), ("nb", "alt er klart for en kjøring")] {
        let text = program.run(&["doctor", "job.toml", "--lang", language]).expect(0).stdout;
        assert!(text.contains(word) && text.lines().count() == 13, "{text}");
    }
}

#[test]
fn programs_read_english_whatever_language_people_read() {
    let program = program();
    program.write("job.toml", program.read("job.toml").replace("manifest.csv", "none.csv"));
    let said = |language: &str| {
        let done = program.run(&[&JSON[..], &["--lang", language]].concat()).expect(2);
        ["clock", "list", "runs"].map(|name| check(&done, name))
    };
    assert_eq!(said("nb"), said("en"));
}

#[test]
fn an_altinn_that_is_not_there_is_said_and_the_list_is_looked_at_all_the_same() {
    let mut program = program();
    program.stop_server();
    let done = program.run(&JSON).expect(3);
    ill(&done, "network", "does not answer");
    assert_eq!(check(&done, "clock").0, "unknown");
    assert_eq!(check(&done, "firm").0, "unknown", "it would only say the same once more");
    assert_eq!(check(&done, "list").0, "well");
}

#[test]
fn a_sign_in_that_is_missing_is_said_with_what_to_do() {
    let program = program();
    let output = program.command(&JSON).env_remove("TEST_TOKEN").output().unwrap();
    let done = Done::of(output).expect(2);
    ill(&done, "sign_in", "TEST_TOKEN");
    assert_eq!(check(&done, "agent").0, "unknown");
    assert_eq!(check(&done, "network").0, "well");
}

#[test]
fn a_system_user_that_is_not_there_or_can_have_no_clients_is_said() {
    let program = program();
    let job = program.read("job.toml");
    let agent = "1b6cea43-f499-4aae-a633-51cf542795af";
    program.write("job.toml", job.replace(agent, "99999999-f499-4aae-a633-51cf542795af"));
    ill(&program.run(&JSON).expect(3), "agent", "fullmakt agents");
    program.write("job.toml", job.replace(agent, &PAYROLL_AGENT.to_string()));
    let done = program.run(&JSON).expect(3);
    let ill_somewhere = ["agent", "packages"].iter().any(|name| check(&done, name).0 == "ill");
    assert!(ill_somewhere, "{}", done.stdout);
}

#[test]
fn a_list_with_a_bad_row_is_said_by_its_line() {
    let program = program();
    program.write("manifest.csv", program.read("manifest.csv") + "310609545;FEIL SIFFER AS\r\n");
    let done = program.run(&JSON).expect(2);
    ill(&done, "list", "line 5");
    assert!(!done.json()["well"].as_bool().unwrap());
}

#[cfg(unix)]
#[test]
fn a_state_folder_that_cannot_be_written_is_a_fault_of_this_machine() {
    use std::os::unix::fs::PermissionsExt;
    let program = program();
    std::fs::create_dir(program.path("state")).unwrap();
    let set = |mode| std::fs::set_permissions(program.path("state"), std::fs::Permissions::from_mode(mode));
    set(0o500).unwrap();
    // Root writes everywhere.
    let is_refused = std::fs::write(program.path("state/try"), "").is_err();
    if is_refused {
        ill(&program.run(&JSON).expect(5), "state", "--state-dir");
    }
    set(0o700).unwrap();
}

#[test]
fn runs_that_have_not_gone_well_are_told_since_when() {
    let program = program();
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    assert_eq!(check(&program.run(&JSON).expect(0), "runs").0, "well");
    program.write("manifest.csv", program.read("manifest.csv") + "314250052;FREMMED AS\r\n");
    program.run(&["run", "job.toml", "--yes"]).expect(1);
    program.run(&["run", "job.toml", "--yes"]).expect(1);
    let (state, said) = check(&program.run(&JSON).expect(0), "runs");
    assert!(
        state == "warning" && said.contains("1 client failed; not one run has gone well since"),
        "{said}"
    );
}

#[cfg(unix)]
#[test]
fn whom_to_tell_and_where_copies_go_are_looked_at_where_the_job_has_them() {
    use std::os::unix::fs::PermissionsExt;
    let program = program();
    let job = |command: &str, folder: &str| {
        program.write_job(
            "delegate",
            &format!("[notify]\ncommand = [\"{command}\"]\n[report]\nfolder = \"{folder}\"\n"),
        );
        program.run(&JSON)
    };
    program.write("tell.sh", "#!/bin/sh\n");
    let made = |mode| {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(program.path("tell.sh"), mode).unwrap();
    };
    made(0o755);
    for command in ["sh", "./tell.sh"] {
        let done = job(command, "reports/here").expect(0);
        assert_eq!(check(&done, "notify").0, "well", "{}", done.stdout);
        assert_eq!(check(&done, "report").0, "well", "{}", done.stdout);
        assert!(!program.path("reports").exists(), "looking makes no folder");
    }
    made(0o644);
    for (command, word) in [
        ("./tell.sh", "access is denied"),
        ("/none/mail.sh", "no such file"),
        ("no-such-word", "no such file"),
    ] {
        ill(&job(command, "reports").expect(2), "notify", word);
    }
    // Nothing can be made in it, by root neither.
    ill(&job("sh", "/proc/reports").expect(5), "report", "/proc/reports cannot be written");
    ill(&job("sh", "manifest.csv").expect(5), "report", "manifest.csv cannot be written");
}

#[cfg(unix)]
#[test]
fn a_state_folder_that_others_can_change_is_said_with_what_mends_it() {
    use std::os::unix::fs::PermissionsExt;
    let program = program();
    std::fs::create_dir(program.path("state")).unwrap();
    std::fs::set_permissions(program.path("state"), std::fs::Permissions::from_mode(0o777)).unwrap();
    let text = program.run(&["doctor", "job.toml"]).expect(0).stdout;
    if !program::postgres::is_meant() {
        assert!(text.contains("has mode 777") && text.contains("chmod -R go-rwx"), "{text}");
    }
}
