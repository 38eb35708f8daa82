//! What the README and the help texts show works as it stands.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/program.rs"]
mod program;

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use fullmakt::{
    model::{Environment, Fleet, Job, Pace, Vendor},
    sandbox::World,
};
use program::Program;

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// The README's blocks of a language, without their indentation.
fn blocks(language: &str) -> Vec<String> {
    blocks_of(&readme(), language)
}

/// A page's blocks of a language, without their indentation.
fn blocks_of(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}");
    let mut blocks = Vec::new();
    let mut block: Option<Vec<&str>> = None;
    for line in page.lines() {
        match (&mut block, line.trim()) {
            (None, start) if start == fence => block = Some(Vec::new()),
            (Some(lines), "```") => {
                blocks.push(lines.join("\n"));
                block = None;
            }
            (Some(lines), _) => lines.push(line.strip_prefix("   ").unwrap_or(line)),
            (None, _) => {}
        }
    }
    blocks
}

#[test]
fn the_readmes_job_file_and_pace_are_what_the_program_takes() {
    let blocks = blocks("toml");
    let job = Job::parse(&blocks[0]).unwrap();
    assert_eq!(job.environment, Environment::Tt02);
    let with_pace = Job::parse(&format!("{}\n{}", blocks[0], blocks[1])).unwrap();
    assert_eq!(with_pace.pace, Pace::default(), "the README calls these the defaults");
}

/// Every page under a folder.
fn pages(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages.extend(self::pages(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    pages
}

#[test]
fn every_job_file_in_the_docs_is_one() {
    let mut jobs = 0;
    for page in pages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")) {
        for block in blocks_of(&fs::read_to_string(&page).unwrap(), "toml") {
            if block.starts_with("name = ") {
                jobs += 1;
                if block.contains("[vendor]") {
                    assert!(Vendor::parse(&block).is_ok(), "{}: {:?}", page.display(), Vendor::parse(&block));
                    continue;
                }
                if block.contains("[fleet]") {
                    assert!(Fleet::parse(&block).is_ok(), "{}: {:?}", page.display(), Fleet::parse(&block));
                    continue;
                }
                assert!(Job::parse(&block).is_ok(), "{}: {:?}", page.display(), Job::parse(&block));
            }
        }
    }
    assert!(jobs >= 7, "{jobs}");
}

/// The reader itself says which keys it knows, when it is given one that it does not.
#[test]
fn the_page_on_the_job_file_has_every_key_that_the_reader_takes_and_no_other() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/job-file.md")).unwrap();
    let job = blocks_of(&page, "toml").remove(0);
    for heading in ["At the top", "[altinn]", "[auth]", "[pace]", "[guard]", "[report]", "[notify]"] {
        let with_a_stray = match heading {
            "At the top" => format!("stray = 1\n{job}"),
            table => job.replace(&format!("{table}\n"), &format!("{table}\nstray = 1\n")),
        };
        let error = Job::parse(&with_a_stray).unwrap_err().message;
        let quoted = |text: &str| -> BTreeSet<String> {
            text.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
        };
        let mut taken = quoted(error.split_once("those that are: ").unwrap().1);
        // The tables are sections of the page.
        taken.retain(|key| heading != "At the top" || !page.contains(&format!("## [{key}]")));
        let section = page.split(&format!("## {heading}\n")).nth(1).unwrap().split("\n## ").next().unwrap();
        let keys = section.lines().filter_map(|row| row.strip_prefix("| `")?.split('`').next());
        let described: BTreeSet<String> = keys.map(ToOwned::to_owned).collect();
        assert_eq!(described, taken, "{heading}");
    }
}

/// The page says the ranges; what lies just within is taken, what lies just outside is not.
#[test]
fn the_page_on_the_job_file_has_the_ranges_that_the_reader_has() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/job-file.md")).unwrap();
    let job = blocks_of(&page, "toml").remove(0);
    let with = |line: String| {
        let place = job.find("rate = ").unwrap();
        Job::parse(&format!("{}{line}\n{}", &job[..place], &job[place..]))
    };
    for (key, least, most) in [("in_flight", 1, 1024), ("attempts", 1, 100)] {
        assert!(page.contains(&format!("| {least} to {most} |")), "{key}");
        for (value, is_taken) in [(least - 1, false), (least, true), (most, true), (most + 1, false)] {
            assert_eq!(with(format!("{key} = {value}")).is_ok(), is_taken, "{key} = {value}");
        }
    }
    for (value, is_taken) in [("0s", false), ("1ms", true), ("24h", true), ("25h", false)] {
        assert_eq!(with(format!("timeout = \"{value}\"")).is_ok(), is_taken, "{value}");
        assert_eq!(with(format!("give_up_after = \"{value}\"")).is_ok(), is_taken, "{value}");
    }
    for (value, is_taken) in [("30s", false), ("1min", true), ("7d", true), ("3660d", true), ("3661d", false)]
    {
        let job = job.replace("\"36h\"", &format!("\"{value}\""));
        assert_eq!(Job::parse(&job).is_ok(), is_taken, "{value}");
    }
    let defaults = Pace::default();
    assert_eq!((defaults.in_flight, defaults.attempts, defaults.timeout.as_secs()), (16, 5, 120));
    assert_eq!((defaults.rate.to_string().as_str(), defaults.give_up_after.as_secs()), ("5/s", 900));
}

#[test]
fn the_helps_job_file_is_one() {
    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    let help = program.run(&["--help"]).expect(0).stdout;
    let job = help.split("A job file:\n").nth(1).unwrap();
    let job: Vec<&str> = job.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
    assert_eq!(Job::parse(&job.join("\n")).unwrap().environment, Environment::Sandbox);
}

#[test]
fn the_readmes_commands_are_those_that_there_are() {
    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    let help = program.run(&["--help"]).expect(0).stdout;
    let there: BTreeSet<&str> = help
        .split("Commands:\n")
        .nth(1)
        .unwrap()
        .lines()
        .map_while(|line| line.strip_prefix("  ")?.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    let readme = readme();
    let table = readme.split("## Commands").nth(1).unwrap().split("\n\n").nth(1).unwrap();
    let named: BTreeSet<&str> = table
        .lines()
        .filter_map(|row| row.split('|').nth(1))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .filter_map(|command| command.split_whitespace().next())
        .collect();
    assert_eq!(named, there);
}

#[test]
fn the_given_jobs_are_valid() {
    for name in ["onboarding", "onboarding-refusals", "nightly-reconcile", "migration"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("jobs/{name}.toml"));
        let job = Job::parse(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!((job.name.as_str(), job.environment), (name, Environment::Sandbox));
        if let Some(manifest) = job.manifest {
            assert!(path.parent().unwrap().join(manifest).exists());
        }
    }
}

/// `FULLMAKT_WRITE_DOCS=1 cargo test --test documents` writes the page anew.
#[test]
fn the_page_of_errors_is_what_the_program_says_of_them() {
    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    let said = program.run(&["help", "errors"]).expect(0).stdout;
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md");
    if std::env::var_os("FULLMAKT_WRITE_DOCS").is_some() {
        fs::write(&page, &said).unwrap();
    }
    assert!(said.contains("AUTH-00079") && said.contains("AM.VLD-00026") && said.contains("captive_portal"));
    assert_eq!(
        said,
        fs::read_to_string(&page).unwrap(),
        "docs/errors.md is of other words than the program's"
    );
    let json = program.run(&["help", "errors", "--format", "json"]).expect(0).json();
    assert!(json["clients"].as_array().unwrap().iter().any(|client| client["code"] == "AUTH-00079"));
    let norwegian = program.run(&["help", "errors", "--lang", "nb"]).expect(0).stdout;
    assert!(norwegian.starts_with("# Feil") && norwegian.contains("captive_portal"), "{norwegian}");
}

#[test]
fn called_with_nothing_to_do_the_program_says_in_five_lines_where_to_begin() {
    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    for (arguments, word) in [(&[][..], "Where to begin"), (&["--lang", "nb"], "Begynn her")] {
        let said = program.run(arguments).expect(2);
        assert_eq!((said.stdout.as_str(), said.stderr.lines().count()), ("", 5), "{}", said.stderr);
        assert!(said.stderr.contains(word) && said.stderr.contains("fullmakt init"), "{}", said.stderr);
    }
    // Nothing to do for a command is another matter.
    assert!(program.run(&["plan"]).expect(2).stderr.contains("JOB"));
}
