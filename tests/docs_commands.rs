//! Every command that the docs show is one that the program takes: each is run, in a folder that has what it names.

#![allow(clippy::unwrap_used, clippy::zombie_processes, missing_docs)]

#[path = "common/program.rs"]
mod program;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use fullmakt::sandbox::World;
use program::Program;

/// A page on which commands are shown, or a folder of them.
const PAGES: [&str; 5] = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "docs", "packaging"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn pages(path: &Path, into: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            pages(&entry.unwrap().path(), into);
        }
    } else if path.extension().is_some_and(|extension| extension == "md") {
        into.push(path.to_owned());
    }
}

/// The commands of a page: in its blocks after `$ `, and in its lines between backticks. What a shell does with the
/// output is left out.
fn commands(page: &str) -> Vec<String> {
    let in_lines = page.split('`').filter(|span| span.starts_with("fullmakt ") && !span.contains('\n'));
    let in_blocks = page.lines().filter_map(|line| {
        let line = line.trim().strip_prefix("$ ")?;
        line.strip_prefix("cargo run --release -- ").or_else(|| line.strip_prefix("fullmakt "))
    });
    // A command's bare name in a sentence is no line to type.
    let in_lines = in_lines.map(|span| match &span["fullmakt ".len()..] {
        name if name.contains(' ') => name.to_owned(),
        name => format!("{name} --help"),
    });
    let plain = |command: String| command.split(" > ").next().unwrap_or_default().trim().to_owned();
    in_lines.chain(in_blocks.map(str::to_owned)).map(plain).collect()
}

/// What a reader puts in place of a word in capitals, and of a run's id that another machine has given.
fn filled_in(word: &str, run: &str) -> String {
    match word {
        "JOB" => "onboarding.toml".to_owned(),
        "FLEET" => "jobs/fleet/fleet.toml".to_owned(),
        "FLEET#JOB" => "jobs/fleet/fleet.toml#practice-315000742-reconcile".to_owned(),
        "LIST" | "MANIFEST" | "clients.csv" => "clients.csv".to_owned(),
        "ORG" | "[ORG…]" | "310609544" | "528395082" => "310609544".to_owned(),
        "RUN" | "R" | "49ffkmgz" => run.to_owned(),
        "FILE" => "some-file.csv".to_owned(),
        "AGE" => "400d".to_owned(),
        "N" => "3".to_owned(),
        "SHELL" => "bash".to_owned(),
        word if word.contains("$(date +%F)") => "of-today.db".to_owned(),
        word => word.to_owned(),
    }
}

/// Words as a shell splits them, with double quotes.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in command.chars() {
        match character {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            character => words.last_mut().unwrap().push(character),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A folder with jobs on the sandbox under the names that the docs give them, and one run.
fn prepared() -> Program {
    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    for folder in ["jobs", "jobs/fleet", "jobs/fleet/lists", "jobs/from-nothing", "fixtures"] {
        let to = program.path(folder);
        fs::create_dir_all(&to).unwrap();
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let entry = entry.unwrap();
            if entry.path().is_file() {
                fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
    }
    let job = |name: &str| fs::read_to_string(root().join(format!("jobs/{name}.toml"))).unwrap();
    let list = "organisation_number;name;action\n104938299;GRØNN ELG REGNSKAP AS;delegate\n";
    program.write("clients.csv", list);
    program.write("mend.csv", list);
    let here = |job: String, kind: &str| {
        let lines = job.lines().map(|line| {
            if line.starts_with("manifest = ") {
                "manifest = \"clients.csv\"".to_owned()
            } else if line.starts_with("kind = ") {
                format!("kind = \"{kind}\"")
            } else {
                line.to_owned()
            }
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    for (name, kind) in
        [("onboarding", "delegate"), ("nightly", "manifest"), ("mend", "manifest"), ("refresh", "refresh")]
    {
        program.write(&format!("{name}.toml"), here(job("onboarding"), kind));
    }
    for name in ["vendor.toml", "firms.csv", "fleet.toml"] {
        program.write(name, fs::read(root().join("jobs/from-nothing").join(name)).unwrap());
    }
    program.write("nightly-reconcile.toml", job("nightly-reconcile").replace("../", ""));
    program
}

fn fullmakt(program: &Program, arguments: &[String]) -> Output {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut command: Command = program.command(&arguments);
    command.current_dir(program.path(".")).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn every_command_in_the_docs_is_one_that_the_program_takes() {
    let mut found = Vec::new();
    for page in PAGES {
        pages(&root().join(page), &mut found);
    }
    let program = prepared();
    let first = fullmakt(&program, &words("run mend.toml --yes --format json"));
    let summary: serde_json::Value = serde_json::from_slice(&first.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&first.stderr)));
    let run = summary["run"].as_str().unwrap();
    // The firm that stands for ORG has been asked for its system user.
    fullmakt(&program, &words("request create --firm 310609544 --yes"));
    let mut tried = BTreeSet::new();
    for page in found {
        for command in commands(&fs::read_to_string(&page).unwrap()) {
            let mut arguments: Vec<String> =
                words(&command).iter().map(|word| filled_in(word, run)).collect();
            let of = arguments.iter().find(|word| !word.starts_with('-') && *word != "nb").cloned();
            match of.as_deref() {
                // With nobody there to answer.
                Some("run" | "resume" | "retry" | "undo" | "prune")
                    if !arguments.iter().any(|word| word == "--yes" || word == "--dry-run") =>
                {
                    arguments.push("--yes".to_owned());
                }
                // Never ends by itself.
                Some("fleet") if arguments.iter().any(|word| word == "work") => {
                    arguments.push("--until-done".to_owned());
                    arguments.dedup();
                }
                Some("request") => {
                    // Whom nobody has approved there is nothing to move from; and nobody answers here while it waits.
                    if arguments.iter().any(|word| word == "more-packages") {
                        arguments.push("--help".to_owned());
                    }
                    if let Some(at) = arguments.iter().position(|word| word == "--wait") {
                        arguments.truncate(at);
                    }
                    let sends = arguments.iter().any(|word| word == "create" || word == "withdraw");
                    if sends && !arguments.iter().any(|word| word == "--dry-run") {
                        arguments.push("--yes".to_owned());
                    }
                }
                // Opens a browser, or ends with Ctrl-C alone.
                Some("login" | "logout" | "init") => arguments.push("--help".to_owned()),
                Some("sandbox") if !arguments.iter().any(|word| word == "--reset") => {
                    arguments.push("--help".to_owned());
                }
                _ => {}
            }
            // The jobs of the sandbox are run whole in tests/demonstration.rs: here they are planned.
            if let [first, job, ..] = arguments.as_mut_slice()
                && first == "run"
                && job.starts_with("jobs/")
            {
                "plan".clone_into(first);
                arguments.retain(|word| word != "--yes");
            }
            // The folder has runs of several jobs.
            let of_a_run = ["resume", "retry", "undo", "verify", "report", "status"];
            if !["fleet", "request"].contains(&arguments[0].as_str())
                && let Some(at) = arguments.iter().position(|word| of_a_run.contains(&word.as_str()))
                && arguments.get(at + 1).is_none_or(|word| word.starts_with('-'))
            {
                arguments.insert(at + 1, run.to_owned());
            }
            arguments.retain(|word| word != "--open");
            if !tried.insert(arguments.clone()) {
                continue;
            }
            let done = fullmakt(&program, &arguments);
            let stderr = String::from_utf8_lossy(&done.stderr);
            assert!(
                matches!(done.status.code(), Some(0 | 1 | 3)),
                "{}: `fullmakt {command}`, run as {arguments:?}: {:?} {stderr}",
                page.display(),
                done.status.code()
            );
        }
    }
    assert!(tried.len() > 25, "{tried:?}");
}
