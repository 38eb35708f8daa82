//! The program's own code, for tests that read it: without comments and without tests, line for line.

#![allow(unreachable_pub, missing_docs, clippy::unwrap_used, clippy::missing_panics_doc)]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where the code is.
pub fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every file below a folder, in order.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

/// A file's code: comments are empty lines, and the tests at its end are left out. A test module in a file of its own is
/// only named, wherever that stands.
pub fn code_of(path: &Path) -> String {
    let code = fs::read_to_string(path).unwrap();
    let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = code.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

/// Every file of `src`, test modules in files of their own left out, with its path from `src`.
pub fn code_files() -> Vec<(String, String)> {
    let src = src();
    let files = files_below(&src).into_iter().filter(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        path.extension().is_some_and(|extension| extension == "rs")
            && !matches!(name, "tests.rs" | "fixtures.rs" | "properties.rs" | "contract.rs")
            && !path.components().any(|part| part.as_os_str() == "tests")
    });
    files
        .map(|path| {
            let name = path.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
            (name, code_of(&path))
        })
        .collect()
}
