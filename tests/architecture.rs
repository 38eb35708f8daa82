//! The map in ARCHITECTURE.md is true: every folder is on it, everything on it exists, and nothing uses what it may not.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/source.rs"]
mod source;

use std::{collections::BTreeSet, fs, path::Path};

use source::{code_files, files_below};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folders_of_src() -> BTreeSet<String> {
    let entries = fs::read_dir(root().join("src")).unwrap().map(|entry| entry.unwrap());
    entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect()
}

/// The folders that a folder's code names in `crate::…` paths, tests left out.
fn used_by(folder: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for path in files_below(&root().join("src").join(folder)) {
        let name = path.file_name().unwrap().to_str().unwrap();
        if name == "tests.rs" || name == "fixtures.rs" {
            continue;
        }
        let code = fs::read_to_string(&path).unwrap();
        let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for rest in code.split("crate::").skip(1) {
            let names = if let Some(inner) = rest.strip_prefix('{') {
                top_level_names(inner)
            } else {
                vec![
                    rest.split(|character: char| !character.is_alphanumeric() && character != '_')
                        .next()
                        .unwrap()
                        .to_owned(),
                ]
            };
            used.extend(names);
        }
    }
    // Errors of every room say sentences.
    used.retain(|name| name != folder && name != "words" && folders_of_src().contains(name));
    used
}

/// The first names of the branches of `use crate::{…}`.
fn top_level_names(tree: &str) -> Vec<String> {
    let (mut depth, mut name, mut names, mut naming) = (0, String::new(), Vec::new(), true);
    for character in tree.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(std::mem::take(&mut name));
                naming = true;
            }
            ':' => naming &= depth > 0,
            character if depth == 0 && naming && (character.is_alphanumeric() || character == '_') => {
                name.push(character);
            }
            _ => {}
        }
    }
    names.push(name);
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn every_folder_and_nothing_else_is_on_the_map() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for folder in folders_of_src() {
        assert!(map.contains(&format!("| `src/{folder}/` |")), "src/{folder}/ is not on the map");
    }
    for row in map.lines().filter(|line| line.starts_with("| `")) {
        for place in row.split('|').nth(1).unwrap().split(',').map(|place| place.trim().trim_matches('`')) {
            assert!(root().join(place).exists(), "{place} is on the map and nowhere else");
        }
    }
}

#[test]
fn no_folder_uses_what_it_may_not() {
    for (folder, may_use) in [
        ("words", &[][..]),
        ("model", &[]),
        ("state_dir", &["model"]),
        ("manifest", &["model"]),
        ("sandbox", &["model"]),
        ("ledger", &["model", "state_dir"]),
        ("engine", &["ledger", "model", "state_dir"]),
        ("altinn", &["engine", "model", "state_dir"]),
        ("fleet", &["ledger", "manifest", "model", "state_dir"]),
        ("report", &["fleet", "ledger", "manifest", "model", "state_dir"]),
    ] {
        let may_use: BTreeSet<String> = may_use.iter().map(ToString::to_string).collect();
        let used = used_by(folder);
        assert!(used.is_subset(&may_use), "{folder} uses {used:?}");
    }
}

#[track_caller]
fn only_in(words: &[&str], places: &[&str], why: &str) {
    for (name, code) in code_files() {
        for word in words.iter().filter(|word| code.contains(**word)) {
            let is_there = places.iter().any(|place| name.starts_with(place));
            assert!(is_there, "src/{name} has {word:?}: {why}");
        }
    }
}

#[test]
fn http_sql_and_printing_stay_where_they_belong() {
    only_in(&["hyper::", "hyper_util"], &["altinn/"], "HTTP is for altinn/");
    only_in(
        &["rusqlite"],
        &["ledger/db/", "ledger/schema.rs", "ledger/words.rs", "ledger/mod.rs"],
        "the ledger goes through its one door to the database",
    );
    only_in(&["SELECT ", "INSERT INTO", "UPDATE clients", "DELETE FROM"], &["ledger/"], "SQL is for ledger/");
    only_in(&["axum"], &["sandbox/"], "serving is for sandbox/");
    only_in(&["indicatif"], &["report/"], "the bar is for report/");
    only_in(&["clap"], &["cli/"], "arguments are for cli/");
    only_in(&["io::stdout"], &["cli/", "report/terminal.rs"], "answers are printed in cli/output.rs");
    only_in(
        &["io::stdout().lock", "io::stderr().lock", "write!(io::", "writeln!(io::", ".write_line("],
        &["report/terminal.rs"],
        "what has not been cleaned does not compile there",
    );
}

#[test]
fn nothing_but_the_kinds_table_and_the_words_for_each_asks_which_kind_a_job_is() {
    let kinds = [
        "JobKind::Delegate",
        "JobKind::Remove",
        "JobKind::Manifest",
        "JobKind::Reconcile",
        "JobKind::Refresh",
    ];
    only_in(
        &kinds,
        &["model/kind.rs", "report/sentences.rs"],
        "what distinguishes the kinds is a row in model/kind.rs",
    );
    only_in(
        &["JobKind::Migrate"],
        &["model/kind.rs", "report/sentences.rs"],
        "what distinguishes the kinds is a row in model/kind.rs",
    );
}

#[test]
fn the_clock_is_read_in_one_place() {
    only_in(
        &["Timestamp::now", "SystemTime::now", "Zoned::now"],
        &["clock.rs"],
        "crate::clock::now() reads the wall clock",
    );
}

#[test]
fn the_catalogue_of_sentences_is_read_in_one_place() {
    only_in(&["fluent", "unic_langid", "sys_locale"], &["words/"], "sentences are for words/");
}

#[test]
fn the_command_line_does_not_reach_the_ledger_through_the_engine() {
    for (name, code) in code_files().into_iter().filter(|(name, _)| name.starts_with("cli/")) {
        for word in [".writer", ".clerk", "LedgerWriter", "begin_run", "end_run", ".settle("] {
            assert!(!code.contains(word), "src/{name} has {word:?}: use cases are the engine's");
        }
    }
}

#[test]
fn an_apis_codes_and_paths_stand_in_its_own_folder() {
    only_in(&["AUTH-0", "AM.VLD-", "/enduser/"], &["altinn/", "sandbox/"], "an API is one folder of altinn/");
}

#[test]
fn what_is_said_reaches_the_ledger_as_codes_and_facts_and_never_as_a_string() {
    let said = ["message", "hint", "hints", "problem", "stop_message", "signed_in_as", "words"];
    let rooms = ["ledger/", "model/verdict.rs", "altinn/http/", "altinn/auth/error.rs", "fleet/record.rs"];
    let mut seen = 0;
    for (name, code) in
        code_files().into_iter().filter(|(name, _)| rooms.iter().any(|room| name.starts_with(room)))
    {
        for line in code.lines() {
            let Some((field, of)) = line.trim().split_once(": ") else { continue };
            let field = field.rsplit([' ', '(', '{']).next().unwrap_or_default();
            if !said.contains(&field) {
                continue;
            }
            let of = of.split([',', ')', '=']).next().unwrap_or_default();
            let is_a_string = ["String", "str", "Cow"]
                .iter()
                .any(|text| of.split(|part: char| !part.is_alphanumeric()).any(|part| part == *text));
            let is_code = of.contains("::") || of.contains('(');
            assert!(!is_a_string || is_code, "src/{name}: {} is to be a Wording", line.trim());
            seen += usize::from(of.contains("Wording"));
        }
    }
    assert!(seen > 20, "the fields are found: {seen}");
    // `text!` is text in the language that holds when it is made; what is told in two languages is `say!`, or `kept!`.
    for (name, code) in code_files() {
        let code: String = code.split_whitespace().collect();
        for wrong in ["hint(text!", "detail(text!", "nothing_sent(text!", "cannot(&text!", "Told::of(&text!"]
        {
            assert!(!code.contains(wrong), "src/{name}: {wrong}");
        }
        let made = ["NothingSent", "Stopped", "Held", "Fault"].map(|exit| format!("Exit::{exit},text!"));
        assert!(made.iter().all(|wrong| !code.contains(wrong)), "src/{name}: a failure of text!");
    }
    only_in(&["Wording::decoded"], &["ledger/words.rs", "words/"], "what is kept is read by the ledger");
    only_in(
        &["Wording::heard"],
        &["altinn/", "words/", "manifest/workbook.rs", "report/present.rs"],
        "who is heard is another: what we say is no text",
    );
}
