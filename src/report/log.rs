//! One line of `--log json`.

use serde_json::{Map, Value};

/// A message as one JSON object without line breaks: `at`, `level`, `message` and further fields.
pub fn log_line(level: &str, message: &str, fields: Map<String, Value>) -> String {
    let mut line = fields;
    line.insert("at".to_owned(), format!("{:.3}", crate::clock::now()).into());
    line.insert("level".to_owned(), level.into());
    line.insert("message".to_owned(), message.trim().into());
    Value::Object(line).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

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
