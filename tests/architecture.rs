//! The map in ARCHITECTURE.md is true: every folder is on it, everything on it exists, and nothing uses what it may not.

#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
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
    used.retain(|name| name != folder && folders_of_src().contains(name));
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
        ("model", &[][..]),
        ("manifest", &["model"]),
        ("sandbox", &["model"]),
        ("ledger", &["model"]),
        ("engine", &["ledger", "model"]),
        ("altinn", &["engine", "model"]),
        ("report", &["ledger", "manifest", "model"]),
    ] {
        let may_use: BTreeSet<String> = may_use.iter().map(ToString::to_string).collect();
        let used = used_by(folder);
        assert!(used.is_subset(&may_use), "{folder} uses {used:?}");
    }
}

#[test]
fn http_sql_and_printing_stay_where_they_belong() {
    for (word, folders) in [
        ("reqwest", &["altinn"][..]),
        ("rusqlite", &["ledger"]),
        ("axum", &["sandbox"]),
        ("indicatif", &["report"]),
        ("clap", &["cli"]),
        ("io::stdout", &["cli"]),
    ] {
        for folder in folders_of_src() {
            let uses = files_below(&root().join("src").join(&folder)).iter().any(|path| {
                let code = fs::read_to_string(path).unwrap();
                let is_test = path.file_name().unwrap() == "tests.rs";
                let code = code.split("#[cfg(test)]\nmod tests").next().unwrap();
                !is_test
                    && code.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(word))
            });
            assert_eq!(uses, folders.contains(&folder.as_str()), "{word} in src/{folder}/");
        }
    }
}
