//! A path as people give it: typed, pasted from a file manager, or dragged into the window.

use std::path::PathBuf;

use etcetera::BaseStrategy;
use url::Url;

use crate::model::is_invisible;

/// The path that is meant. A file of exactly the name that was typed is that file, whatever is in the name.
pub(super) fn path(typed: &str) -> PathBuf {
    // Windows puts a mark that nobody sees before a path that is copied from a file's properties.
    let typed: String = typed.chars().filter(|one| !is_invisible(*one)).collect();
    let typed = typed.trim();
    if PathBuf::from(typed).exists() {
        return typed.into();
    }
    // PowerShell writes what is dragged into it as a call.
    let called = typed.strip_prefix("& ").unwrap_or(typed).trim();
    let plain = match unquoted(called) {
        Some(inner) => inner,
        None if called.starts_with("file:") => return of_address(called),
        None if cfg!(windows) => called.to_owned(),
        None => without_escapes(called),
    };
    if plain.starts_with("file:") {
        return of_address(&plain);
    }
    match (plain.strip_prefix("~/"), etcetera::choose_base_strategy()) {
        (Some(below), Ok(strategy)) => strategy.home_dir().join(below),
        _ => plain.into(),
    }
}

/// What stands between quotes of one kind, if it stands between any. A shell's way to write a quote within them is undone.
fn unquoted(text: &str) -> Option<String> {
    if let Some(inner) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return Some(inner.replace(r"'\''", "'").replace("''", "'"));
    }
    let pairs = [('"', '"'), ('“', '”'), ('«', '»')];
    let inner = pairs.into_iter().find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close));
    inner.map(str::to_owned)
}

/// `file:///home/kari/my%20list.csv`.
fn of_address(text: &str) -> PathBuf {
    Url::parse(text).ok().and_then(|url| url.to_file_path().ok()).unwrap_or_else(|| text.into())
}

/// A backslash before a blank or another character that a shell takes apart.
fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.extend(characters.next()),
            character => plain.push(character),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_understood_however_it_got_into_the_window() {
        let wanted = if cfg!(windows) { r"C:\lister\Våre kunder.xlsx" } else { "/lister/Våre kunder.xlsx" };
        let mut ways = vec![
            wanted.to_owned(),
            format!("  {wanted}  "),
            format!("\"{wanted}\""),
            format!("'{wanted}'"),
            format!("& '{wanted}'"),
            format!("\u{202a}{wanted}"),
            Url::from_file_path(wanted).unwrap().to_string(),
            format!("'{}'", Url::from_file_path(wanted).unwrap()),
        ];
        if !cfg!(windows) {
            ways.push(wanted.replace(' ', "\\ "));
        }
        for way in ways {
            assert_eq!(path(&way), PathBuf::from(wanted), "{way}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn quotes_within_a_name_are_kept_and_the_home_folder_is_known() {
        assert_eq!(path(r"'/lister/Kari'\''s kunder.csv'"), PathBuf::from("/lister/Kari's kunder.csv"));
        assert_eq!(path(r"/lister/Kari\'s\ \(2026\).csv"), PathBuf::from("/lister/Kari's (2026).csv"));
        let home = etcetera::choose_base_strategy().unwrap().home_dir().to_owned();
        assert_eq!(path("~/kunder.csv"), home.join("kunder.csv"));
    }

    #[test]
    fn a_file_of_exactly_that_name_is_that_file() {
        let folder = tempfile::tempdir().unwrap();
        let odd = folder.path().join("'a'");
        std::fs::write(&odd, "").unwrap();
        assert_eq!(path(odd.to_str().unwrap()), odd);
    }
}
