//! The last door before a screen or a pipe. It takes [`Clean`] and nothing else, so that a text that has not been cleaned
//! cannot be printed: names, titles, file names, whatever Altinn or a file said. Nothing else writes to stdout or stderr.

use std::{
    fmt::{self, Display, Write as _},
    io::{self, Write as _},
};

use crate::model::is_invisible;

/// A text without what a terminal obeys instead of showing: control characters, and those that are not seen or turn the
/// direction of writing. Line breaks and tabs stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clean(String);

/// Takes what a terminal obeys out of everything that is written to it.
struct Cleaner(String);

impl fmt::Write for Cleaner {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let is_obeyed = |character: char| {
            is_invisible(character)
                || (character.is_control() && !matches!(character, '\n' | '\t'))
                || matches!(character, '\u{2028}' | '\u{2029}')
        };
        text.split(is_obeyed).try_for_each(|piece| self.0.write_str(piece))
    }
}

impl Clean {
    /// Cleans a text, wherever its parts come from.
    pub fn of(text: impl Display) -> Self {
        let mut cleaner = Cleaner(String::new());
        // Writing into a text fails only where a part's own Display does: what came before is shown then.
        let _ = write!(cleaner, "{text}");
        Self(cleaner.0)
    }

    /// The same with a label of ours before it, which may be coloured.
    #[must_use]
    pub fn labelled(self, label: &'static str, style: Option<anstyle::Style>) -> Self {
        match style {
            Some(style) => Self(format!("{style}{label}{style:#}: {}", self.0)),
            None => Self(format!("{label}: {}", self.0)),
        }
    }

    /// The same with so many blanks before it.
    #[must_use]
    pub fn indented(self, blanks: usize) -> Self {
        Self(format!("{:blanks$}{}", "", self.0))
    }

    /// The same, broken at its words by `wrap`, which adds nothing but line breaks and blanks.
    #[must_use]
    pub fn wrapped(self, wrap: impl FnOnce(&str) -> String) -> Self {
        Self(wrap(&self.0))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Display for Clean {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.0)
    }
}

/// Writes to stdout. Whoever has closed our stdout does not want to read any more; that is no error.
pub fn to_stdout(text: &Clean) {
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(text.0.as_bytes()).and_then(|()| stdout.flush());
}

/// Writes to stderr. What cannot be said there is no reason to stop.
pub fn to_stderr(text: &Clean) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(text.0.as_bytes()).and_then(|()| stderr.flush());
}

/// Writes a line to stderr, in one piece.
pub fn line_to_stderr(line: &Clean) {
    to_stderr(&Clean(format!("{}\n", line.0)));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_that_a_terminal_obeys_is_in_a_clean_text_and_nothing_else_is_taken_out(text in "\\PC*[\u{0}-\u{9f}\u{200b}-\u{202e}]*\\PC*") {
            let clean = Clean::of(&text);
            let is_obeyed = |character: char| {
                (character.is_control() && character != '\n' && character != '\t') || is_invisible(character)
            };
            prop_assert!(!clean.as_str().contains(is_obeyed));
            let expected: String = text.chars().filter(|character| !is_obeyed(*character)).collect();
            let without_separators = expected.replace(['\u{2028}', '\u{2029}'], "");
            prop_assert_eq!(clean.as_str(), without_separators);
        }
    }

    #[test]
    fn our_own_colours_stay_and_those_of_a_name_go() {
        let red = anstyle::AnsiColor::Red.on_default();
        let said = Clean::of(format_args!("{} stands there", "\u{1b}[32mEVIL\u{1b}[0m"))
            .labelled("error", Some(red));
        assert_eq!(said.as_str(), format!("{red}error{red:#}: [32mEVIL[0m stands there"));
    }
}
