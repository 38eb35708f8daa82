//! The text of a job file, whatever an editor has saved it as, and what it is if it is no job file.

use crate::words::{say, text};

/// What is said of a file that is not in UTF-8.
fn save_as_utf8() -> &'static str {
    text!("model-save-it-as-utf-8-in-notepad-file-save-as")
}

/// The text of a job file.
///
/// # Errors
///
/// It is not in UTF-8, or it is a client list; in words that say what to do.
pub fn job_text(bytes: Vec<u8>) -> Result<String, String> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err(is_a_list(text!("model-a-workbook")));
    }
    let readable: String =
        bytes.iter().filter(|byte| byte.is_ascii() && **byte != 0).map(|byte| char::from(*byte)).collect();
    if is_client_list(&readable) {
        return Err(is_a_list(text!("model-a-client-list")));
    }
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") || bytes.contains(&0) {
        return Err(
            say!("model-it-is-saved-as-utf-16-which-notepad-calls", what_to_do = save_as_utf8()).to_string()
        );
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count();
        say!(
            "model-line-a-letter-such-as-o-or-a-is-saved-as-ansi",
            line = line.to_string(),
            what_to_do = save_as_utf8()
        )
        .to_string()
    })?;
    Ok(text.strip_prefix('\u{feff}').map(ToOwned::to_owned).unwrap_or(text))
}

fn is_a_list(what: &str) -> String {
    say!("model-this-is-not-a-job-file-fullmakt-check-reads-a", what = what).to_string()
}

/// Whether no line is TOML, and the first ones are rows.
fn is_client_list(text: &str) -> bool {
    let lines =
        || text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).take(20);
    let is_toml =
        |line: &str| line.starts_with('[') || line.split_once('=').is_some_and(|(key, _)| is_key(key.trim()));
    // A line such as `sep=;` begins lists that Excel has written.
    let is_toml = |line: &str| is_toml(line) && !line.starts_with("sep");
    let is_row = |line: &str| {
        let digits = line.chars().filter(char::is_ascii_digit).count();
        line.contains([';', ',', '\t', '|']) || digits >= 9
    };
    lines().next().is_some() && !lines().any(is_toml) && lines().any(is_row)
}

fn is_key(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(name: &str) -> Vec<u8> {
        std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases").join(name))
            .unwrap()
    }

    #[test]
    fn a_job_file_in_another_encoding_is_told_to_be_saved_as_utf8() {
        assert!(job_text(case("jobs/utf16.toml")).unwrap_err().contains("UTF-16"));
        let ansi = job_text(case("jobs/cp1252.toml")).unwrap_err();
        assert!(ansi.contains("line 1") && ansi.contains("ANSI") && ansi.contains("UTF-8"), "{ansi}");
        assert!(job_text(case("jobs/bom.toml")).unwrap().starts_with("name"));
        assert_eq!(job_text(Vec::new()).unwrap(), "");
    }

    #[test]
    fn a_list_that_is_given_as_a_job_is_told_for_what_it_is() {
        for name in [
            "lists/01a-tripletex-hyphen.csv",
            "lists/06j-nbsp-1252.csv",
            "lists/05f-sep-utf16.csv",
            "lists/13u-header-unknown-onecol.csv",
            "workbooks/kunder.xlsx",
            "workbooks/kunder.xls",
        ] {
            let error = job_text(case(name)).unwrap_err();
            assert!(error.contains("not a job file"), "{name}: {error}");
        }
    }
}
