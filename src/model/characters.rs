//! What the characters of a text are to a reader: digits of any script, those that cannot be seen, and those that a
//! command line takes for something else.

use std::path::Path;

use super::CREDENTIALS;

/// The value of a digit: ASCII, full-width, or Arabic.
pub(super) fn digit(character: char) -> Option<u8> {
    let value = match character {
        '0'..='9' => character as u32 - '0' as u32,
        '\u{ff10}'..='\u{ff19}' => character as u32 - 0xff10,
        '\u{660}'..='\u{669}' => character as u32 - 0x660,
        '\u{6f0}'..='\u{6f9}' => character as u32 - 0x6f0,
        _ => return None,
    };
    u8::try_from(value).ok()
}

/// Whether a character takes no room: control characters, soft hyphens, zero-width marks and those that turn the
/// direction of the text. Blanks and line breaks are not among them.
pub fn is_invisible(character: char) -> bool {
    // Most are, and the rest takes longer.
    if character.is_ascii() {
        return character.is_control() && !character.is_whitespace();
    }
    (character.is_control() && !character.is_whitespace())
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The text as a line that can be shown: no character that cannot be seen, and no line break.
pub fn visible(text: &str) -> String {
    let shown = |character: char| if character.is_whitespace() { ' ' } else { character };
    text.chars().filter(|character| !is_invisible(*character)).map(shown).collect()
}

/// A path as it is typed in a command: in quotes where it has what a shell takes apart.
pub fn argument(path: &Path) -> String {
    let shown = path.display().to_string();
    let plain = if cfg!(windows) { r"-_./:\" } else { "-_./:,+@%" };
    if !shown.is_empty()
        && shown.chars().all(|character| character.is_alphanumeric() || plain.contains(character))
    {
        shown
    } else if cfg!(windows) {
        format!("\"{shown}\"")
    } else {
        format!("'{}'", shown.replace('\'', r"'\''"))
    }
}

/// Whether a path holds what a shell puts something else in place of, and this program does not: `~`, `$HOME`, `%USERPROFILE%`.
pub fn is_for_a_shell(path: &Path) -> bool {
    // Where systemd hands a key over is known.
    !path.starts_with(CREDENTIALS)
        && path.components().any(|part| {
            let part = part.as_os_str().to_string_lossy();
            part == "~"
                || part.starts_with('$')
                || (part.len() > 2 && part.starts_with('%') && part.ends_with('%'))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_path_is_in_quotes_where_a_shell_would_take_it_apart() {
        let typed = |path: &str| argument(Path::new(path));
        assert_eq!(typed("jobs/årlig-2026.toml"), "jobs/årlig-2026.toml");
        assert_eq!(typed("Ola Nordmann/job.toml"), "'Ola Nordmann/job.toml'");
        assert_eq!(typed("$(rm).toml"), "'$(rm).toml'");
        assert_eq!(typed("it's.toml"), r"'it'\''s.toml'");
        assert_eq!(typed(r"a\b.toml"), r"'a\b.toml'");
    }

    #[test]
    fn what_a_shell_would_replace_in_a_path_is_known() {
        for path in [
            "~/clients.csv",
            "$HOME/clients.csv",
            "jobs/~/clients.csv",
            "${HOME}/x.csv",
            "%USERPROFILE%/x.csv",
        ] {
            assert!(is_for_a_shell(Path::new(path)), "{path}");
        }
        for path in [
            "clients~.csv",
            "/srv/a$b.csv",
            "100%.csv",
            "~backup.csv",
            "../clients.csv",
            "$CREDENTIALS_DIRECTORY/key.jwk",
        ] {
            assert!(!is_for_a_shell(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn nothing_that_steers_a_terminal_or_turns_a_line_is_shown() {
        assert_eq!(visible("\u{202e}a\u{200b}b\u{1b}[31m\tc\u{a0}d\r\n"), "ab[31m c d  ");
    }

    #[test]
    fn digits_are_digits_in_every_script_that_lists_have() {
        assert_eq!("４1٢۳x".chars().filter_map(digit).collect::<Vec<_>>(), [4, 1, 2, 3]);
    }
}
