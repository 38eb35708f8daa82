//! What is given for running at night is in order: unit files, the cron line, and the command lines in them.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/program.rs"]
mod program;

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use fullmakt::sandbox::World;
use program::Program;

fn given(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// A unit file's values by section and key.
fn unit(path: &str) -> BTreeMap<(String, String), Vec<String>> {
    let mut values: BTreeMap<_, Vec<String>> = BTreeMap::new();
    let mut section = String::new();
    for line in given(path).lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[') {
            name.strip_suffix(']').unwrap().clone_into(&mut section);
            continue;
        }
        let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("{path}: {line}"));
        assert!(key.chars().all(|character| character.is_ascii_alphanumeric()), "{path}: {line}");
        values.entry((section.clone(), key.to_owned())).or_default().push(value.to_owned());
    }
    values
}

fn one(unit: &BTreeMap<(String, String), Vec<String>>, section: &str, key: &str) -> String {
    let values = unit.get(&(section.to_owned(), key.to_owned())).unwrap_or_else(|| panic!("no {key}"));
    assert_eq!(values.len(), 1, "{key}");
    values[0].clone()
}

/// Gives the program this command line. That there is no such job file is all that may be wrong with it.
fn parses(command: &str) {
    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    let mut words = command.split_whitespace().peekable();
    let binary = words.next().unwrap();
    assert!(binary.ends_with("fullmakt") || binary.ends_with("fullmakt.exe"), "{command}");
    // Nothing is written outside the test's own folder.
    let inside = |word: &str| {
        let file = word.rsplit(['/', '\\']).next().unwrap();
        if word.contains(['/', '\\']) {
            program.path(&format!("inside-{file}")).display().to_string()
        } else {
            word.to_owned()
        }
    };
    let words: Vec<String> = words.take_while(|word| !word.contains('>')).map(inside).collect();
    let arguments: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = program.run(&arguments).expect(2);
    assert!(
        done.stderr.contains("the job file") && done.stderr.contains("cannot be read"),
        "{}",
        done.stderr
    );
}

#[test]
fn the_service_runs_a_command_line_that_the_program_takes() {
    let service = unit("packaging/systemd/fullmakt-nightly.service");
    assert_eq!(one(&service, "Service", "Type"), "oneshot");
    parses(&one(&service, "Service", "ExecStart"));
    let state = format!("/var/lib/{}", one(&service, "Service", "StateDirectory"));
    assert_eq!(one(&service, "Service", "Environment"), format!("FULLMAKT_STATE_DIR={state}"));
    // The unit that runs a command by hand is handed the same, and has the same user and state folder.
    let by_hand = given("packaging/systemd/by-hand.sh");
    for key in ["LoadCredential", "SetCredential", "UMask"] {
        for value in &service[&("Service".to_owned(), key.to_owned())] {
            assert!(by_hand.contains(&format!("--property={key}={value}")), "{key}={value}");
        }
    }
    assert!(by_hand.contains(&format!("--setenv=FULLMAKT_STATE_DIR={state}")));
    assert!(by_hand.contains(&format!("--uid={}", one(&service, "Service", "User"))));
    let place = "key_file = \"$CREDENTIALS_DIRECTORY/key.jwk\"";
    for path in ["docs/unattended.md", "packaging/systemd/fullmakt-nightly.service"] {
        assert!(given(path).contains(place), "{path}");
    }
    assert!(given("packaging/systemd/fullmakt-fleet.service").contains(place));
}

/// The values of `LoadCredential=` in a unit, each with the default that keeps a file that is not there from being fatal.
fn handed_over(unit: &BTreeMap<(String, String), Vec<String>>) -> Vec<String> {
    let values = |key: &str| unit.get(&("Service".to_owned(), key.to_owned())).cloned().unwrap_or_default();
    let names = |values: Vec<String>| -> Vec<String> {
        values.iter().map(|value| value.split(':').next().unwrap().to_owned()).collect()
    };
    let defaults = names(values("SetCredential"));
    names(values("LoadCredential")).into_iter().filter(|name| defaults.contains(name)).collect()
}

#[test]
fn every_unit_that_may_tell_a_chat_is_handed_its_address_and_starts_without_one() {
    for name in ["fullmakt-nightly.service", "fullmakt-fleet.service", "fullmakt-failed@.service"] {
        let unit = unit(&format!("packaging/systemd/{name}"));
        assert_eq!(handed_over(&unit), ["webhook"], "{name}");
    }
    // For mail all that keeps Postfix and Exim from being handed it is taken away again.
    let failed = unit("packaging/systemd/fullmakt-failed@.service");
    let by_mail = unit("packaging/systemd/failed-by-mail.conf");
    let service = |key: &str| by_mail.get(&("Service".to_owned(), key.to_owned())).cloned().unwrap();
    assert_eq!(service("LoadCredential"), [""]);
    assert_eq!((service("DynamicUser"), service("User")), (vec!["no".into()], vec!["fullmakt".into()]));
    assert!(service("ExecStart")[0].is_empty() && service("ExecStart")[1].contains("/mail.sh "));
    let hardened = |(_, key): &(String, String)| key.starts_with("Protect") || key == "NoNewPrivileges";
    assert!(!failed.keys().any(hardened));
}

#[test]
fn a_service_that_fails_starts_a_unit_that_tells_somebody() {
    let service = unit("packaging/systemd/fullmakt-nightly.service");
    assert_eq!(one(&service, "Unit", "OnFailure"), "fullmakt-failed@%n.service");
    let failed = unit("packaging/systemd/fullmakt-failed@.service");
    let script = one(&failed, "Service", "ExecStart");
    let (script, argument) = script.split_once(' ').unwrap();
    let name = script.strip_prefix("/usr/local/lib/fullmakt/").unwrap();
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/notify").join(name).exists(), "{script}");
    assert_eq!(argument, format!("%d/{}", handed_over(&failed)[0]));
}

/// Runs a script of `packaging/notify` for a run that ended so, with a program of this name in its path that writes down its
/// arguments and its stdin.
#[cfg(unix)]
fn told_by(script: &str, arguments: &[&str], stands_for: &str, text: &str) -> (Option<i32>, String, String) {
    let script = format!("packaging/notify/{script}");
    let (code, arguments, stdin, _) = scripted(&[&[script.as_str()], arguments].concat(), stands_for, text);
    (code, arguments, stdin)
}

/// The same for a script of any folder, and with what it says.
#[cfg(unix)]
fn scripted(words: &[&str], stands_for: &str, text: &str) -> (Option<i32>, String, String, String) {
    use std::{
        io::Write,
        os::unix::fs::PermissionsExt,
        process::{Command, Stdio},
    };
    let folder = tempfile::tempdir().unwrap();
    let tool = folder.path().join(stands_for);
    let said = |what: &str| fs::read_to_string(folder.path().join(what)).unwrap_or_default();
    fs::write(&tool, "#!/bin/sh\nfor one in \"$@\"; do printf '%s\\n' \"$one\"; done > \"$SAID/arguments\"\ncat > \"$SAID/stdin\"\n").unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(folder.path().join("webhook"), "https://chat.example/hook/secret\n").unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let mut child = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(words[0]))
        .args(&words[1..])
        .current_dir(folder.path())
        .env("PATH", path)
        .env("SAID", folder.path())
        .env("FULLMAKT_TEXT", text)
        // As from systemd, which hands the webhook over.
        .env("CREDENTIALS_DIRECTORY", folder.path())
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It need not read it.
    let _ = child.stdin.take().unwrap().write_all(b"{\"run\": \"bcdfghjk\"}");
    let done = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(done.stderr).unwrap();
    (done.status.code(), said("arguments"), said("stdin"), stderr)
}

#[cfg(unix)]
#[test]
fn the_mail_has_the_sentence_as_its_subject_and_the_summary_as_its_body() {
    let (code, arguments, stdin) =
        told_by("mail.sh", &["a@example.com", "b@example.com"], "mail", "3 failed");
    assert_eq!(code, Some(0));
    assert_eq!(arguments, "-s\nfullmakt: 3 failed\na@example.com\nb@example.com\n");
    assert_eq!(stdin, "{\"run\": \"bcdfghjk\"}");
    assert_eq!(told_by("mail.sh", &[], "mail", "").0, Some(64));
}

#[cfg(unix)]
#[test]
fn the_webhook_is_told_json_and_its_address_stands_on_no_command_line() {
    let text = "the job \"a\\b\" was refused:\ttoo much";
    let (code, arguments, stdin) = told_by("webhook.sh", &["webhook"], "curl", text);
    assert_eq!(code, Some(0));
    assert_eq!(stdin, "url = \"https://chat.example/hook/secret\"\n");
    assert!(!arguments.contains("secret"), "{arguments}");
    let body = arguments.lines().last().unwrap();
    let told: serde_json::Value =
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"));
    assert_eq!(told["text"], "fullmakt: the job \"a\\b\" was refused: too much");
    assert_eq!(told_by("webhook.sh", &[], "curl", "").0, Some(64));
    for (file, code, word) in
        [("./no-such-file", 66, "there is no ./no-such-file"), ("./curl", 78, "no webhook's address")]
    {
        let (ended, _, _, said) = scripted(&["packaging/notify/webhook.sh", file], "curl", "");
        assert!(ended == Some(code) && said.contains(word), "{file}: {ended:?} {said}");
    }
}

#[cfg(unix)]
#[test]
fn by_hand_a_command_is_run_in_a_unit_of_its_own_with_all_its_words() {
    let words = ["packaging/systemd/by-hand.sh", "run", "a job.toml", "--allow-removals", "12"];
    let (code, arguments, ..) = scripted(&words, "systemd-run", "");
    assert_eq!(code, Some(0));
    assert!(arguments.starts_with("--pipe\n--wait\n"), "no terminal: {arguments}");
    assert!(arguments.ends_with("\nfullmakt\nrun\na job.toml\n--allow-removals\n12\n"), "{arguments}");
    assert_eq!(scripted(&words[..1], "systemd-run", "").0, Some(64));
}

#[test]
fn the_commands_that_go_by_hand_are_ones_that_the_program_takes() {
    let page = given("docs/unattended.md");
    let commands = page.lines().filter_map(|line| line.strip_prefix("sudo ")?.split_once("by-hand.sh "));
    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    let mut tried = 0;
    for (_, command) in commands {
        let words: Vec<&str> = command.split(' ').collect();
        // That there is no such job file, and no run, is all that is wrong.
        let done = program.run(&words).expect(2);
        assert!(
            !done.stderr.contains("--help") && !done.stderr.contains("Usage"),
            "{command}: {}",
            done.stderr
        );
        tried += 1;
    }
    assert!(tried > 3);
}

#[test]
fn the_package_has_the_units_and_the_scripts_in_its_own_places() {
    let build = given("packaging/debian/build.sh");
    for (ours, its) in
        [("/usr/local/bin/fullmakt", "/usr/bin/fullmakt"), ("/usr/local/lib/fullmakt", "/usr/lib/fullmakt")]
    {
        assert!(build.contains(&format!("s|{ours}|{its}|g")), "{ours}");
    }
    let page = given("docs/unattended.md");
    for place in ["/lib/systemd/system", "/usr/lib/fullmakt", "/usr/share/doc/fullmakt/examples"] {
        let built = place.replace("/usr/share/doc/fullmakt", "$doc");
        assert!(build.contains(&format!("$root{built}/")) || build.contains(&format!("{built}/")), "{place}");
        assert!(page.contains(place), "{place}");
    }
}

#[test]
fn every_metric_of_a_fleet_is_on_its_page() {
    let page = given("docs/fleet.md");
    let code = given("src/report/fleet/metrics.rs");
    let names: Vec<&str> = code
        .split("gauge(")
        .skip(1)
        .filter_map(|call| call.trim_start().strip_prefix('"')?.split('"').next())
        .collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        assert!(page.contains(&format!("`fullmakt_fleet_{name}")), "{name}");
    }
    for rule in page.lines().filter_map(|line| line.trim().strip_prefix("expr: ")) {
        let metric = rule
            .split(|at: char| !at.is_alphanumeric() && at != '_')
            .find(|word| word.starts_with("fullmakt_"));
        let name = metric.unwrap().strip_prefix("fullmakt_fleet_").unwrap();
        assert!(code.contains(&format!("\"{name}\"")), "{rule}");
    }
}

#[test]
fn the_timer_is_for_the_service_of_its_name_and_is_started() {
    let timer = unit("packaging/systemd/fullmakt-nightly.timer");
    assert!(one(&timer, "Timer", "OnCalendar").contains("02:15"));
    assert_eq!(one(&timer, "Install", "WantedBy"), "timers.target");
    assert!(!timer.contains_key(&("Timer".to_owned(), "Unit".to_owned())));
}

#[test]
fn the_lines_of_the_page_on_nights_are_what_the_program_takes() {
    let page = given("docs/unattended.md");
    parses(page.lines().find(|line| line.starts_with("fullmakt run")).unwrap());

    let cron = page.split("```cron\n").nth(1).unwrap().lines().next().unwrap();
    let mut rest = cron;
    for (least, most) in [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)] {
        let (field, after) = rest.split_once(' ').unwrap();
        assert!(field == "*" || (least..=most).contains(&field.parse::<u32>().unwrap()), "{field}");
        rest = after;
    }
    parses(rest);
    assert!(!cron.contains('%'), "cron takes a per cent sign for a line break");

    let task = page.lines().find(|line| line.starts_with("schtasks /Create")).unwrap();
    let command = task.split("/TR \"").nth(1).unwrap().strip_suffix('"').unwrap();
    assert!(command.len() <= 261, "the scheduler takes no longer command");
    parses(command);
}

#[test]
fn each_shells_completion_names_the_commands_and_loads_where_the_shell_is() {
    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    for (shell, loads) in [
        ("bash", Some(["bash", "--norc", "-c", ". \"$0\" && complete -p fullmakt"])),
        (
            "zsh",
            Some([
                "zsh",
                "-f",
                "-c",
                "autoload -U compinit && compinit -u -D && . \"$0\" && whence _fullmakt",
            ]),
        ),
        (
            "fish",
            Some(["fish", "--no-config", "-c", "source $argv[1]; complete -C 'fullmakt resu' | grep resume"]),
        ),
        ("powershell", None),
    ] {
        let script = program.run(&["completions", shell]).expect(0).stdout;
        for command in ["state-dir", "resume", "undo"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
        let path = program.path(&format!("completion.{shell}"));
        fs::write(&path, script).unwrap();
        let Some([shell, words @ ..]) = loads else { continue };
        // Not every machine has every shell.
        if let Ok(done) = std::process::Command::new(shell).args(words).arg(&path).output() {
            assert!(done.status.success() && !done.stdout.is_empty(), "{shell}: {done:?}");
        }
    }
}

#[test]
fn every_command_has_a_manual_page_with_its_options_in_either_language() {
    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    for (language, words) in [("en", "go on with a run"), ("nb", "kjøring")] {
        let folder = program.path(language);
        program.run(&["--lang", language, "man", folder.to_str().unwrap()]).expect(0);
        for name in ["fullmakt", "fullmakt-run", "fullmakt-resume", "fullmakt-completions"] {
            let page = fs::read_to_string(folder.join(format!("{name}.1"))).unwrap();
            assert!(page.contains(".SH") && page.contains("state\\-dir"), "{name}: {page}");
            assert!(name != "fullmakt-resume" || page.to_lowercase().contains(words), "{page}");
        }
        assert!(!folder.join("fullmakt-man.1").exists(), "hidden");
    }
}
