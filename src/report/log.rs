//! One line of `--log json`.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::model::is_invisible;

/// A message as one JSON object without line breaks: `at`, `level`, `message` and further fields.
pub fn log_line(level: &str, message: &str, fields: Map<String, Value>) -> String {
    let mut line = fields;
    line.insert("at".to_owned(), crate::clock::stamp(crate::clock::now()).into());
    line.insert("level".to_owned(), level.into());
    line.insert("message".to_owned(), message.trim().into());
    json_without_invisible(&Value::Object(line).to_string())
}

/// A JSON document with what cannot be seen written as escapes: the same document, and nothing in it that a terminal
/// obeys. Such characters stand in strings only.
pub fn json_without_invisible(json: &str) -> String {
    let is_plain = |character: char| {
        character == '\n' || !(is_invisible(character) || character.is_control() || is_separator(character))
    };
    if json.chars().all(is_plain) {
        return json.to_owned();
    }
    let mut shown = String::with_capacity(json.len() + 64);
    for character in json.chars() {
        if is_plain(character) {
            shown.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            let _ = write!(shown, "\\u{unit:04x}");
        }
    }
    shown
}

/// Line and paragraph separators.
fn is_separator(character: char) -> bool {
    matches!(character, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn json_with_characters_that_cannot_be_seen_is_the_same_document_without_them() {
        let document =
            serde_json::json!({ "a": "\u{1b}[2J\u{9b}x\u{202e}y\u{7f}\u{e0041}\u{2028}", "å": "ø\n" });
        let shown = json_without_invisible(&serde_json::to_string_pretty(&document).unwrap());
        assert!(shown.chars().all(|character| character == '\n' || !character.is_control()), "{shown}");
        assert!(!shown.contains(['\u{202e}', '\u{e0041}', '\u{2028}']), "{shown}");
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), document);
    }

    #[test]
    fn a_message_of_several_lines_is_one_line_of_json() {
        let fields = Map::from_iter([("run".to_owned(), Value::from("bcdfghjk"))]);
        let line = log_line("info", "first\nsecond \"quoted\"\n", fields);
        assert_eq!(line.lines().count(), 1);
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["message"], "first\nsecond \"quoted\"");
        assert_eq!((&read["level"], &read["run"]), (&"info".into(), &"bcdfghjk".into()));
        assert!(read["at"].as_str().unwrap().parse::<Timestamp>().is_ok());
    }
}
