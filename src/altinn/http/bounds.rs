//! Bounds on a JSON document that is parsed as it comes: how long it is, how long each string in it, how deeply it nests.
//! The parser itself keeps a string until it ends, and a server in trouble need not end one.

use crate::words::{Wording, kept};

/// How deep a list of Altinn's may nest; real ones nest six deep.
const MOST_DEPTH: u32 = 64;

/// Watches the bytes of one document go by.
#[derive(Debug)]
pub(super) struct Bounds {
    document_left: u64,
    string_bytes: usize,
    state: State,
    depth: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Outside,
    /// In a string, after so many bytes of it.
    String(usize),
    /// In a string, after a backslash.
    Escaped(usize),
}

impl Bounds {
    /// At most so many bytes in all, and in any one string.
    pub(super) fn new(document_bytes: u64, string_bytes: usize) -> Self {
        Self { document_left: document_bytes, string_bytes, state: State::Outside, depth: 0 }
    }

    /// The next bytes. What is too much, when something is.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Result<(), Wording> {
        self.document_left = self
            .document_left
            .checked_sub(bytes.len() as u64)
            .ok_or_else(|| kept!("altinn-it-is-longer-than-any-list-of-clients"))?;
        for byte in bytes {
            self.state = match (self.state, byte) {
                (State::Outside, b'"') => State::String(0),
                (State::Outside, b'{' | b'[') => {
                    self.depth += 1;
                    if self.depth > MOST_DEPTH {
                        return Err(kept!("altinn-it-nests-deeper-than-any-list-of-clients"));
                    }
                    State::Outside
                }
                (State::Outside, b'}' | b']') => {
                    self.depth = self.depth.saturating_sub(1);
                    State::Outside
                }
                (State::Outside, _) => State::Outside,
                (State::String(_), b'"') => State::Outside,
                (State::String(length), b'\\') => State::Escaped(length + 1),
                (State::String(length) | State::Escaped(length), _) => State::String(length + 1),
            };
            if let State::String(length) = self.state
                && length > self.string_bytes
            {
                return Err(kept!("altinn-it-has-a-text-longer-than-any-name"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(document: &str) -> bool {
        let mut whole = Bounds::new(100, 5);
        let at_once = whole.pass(document.as_bytes());
        let mut bounds = Bounds::new(100, 5);
        let one_by_one = document.bytes().try_for_each(|byte| bounds.pass(&[byte]));
        assert_eq!(at_once.is_ok(), one_by_one.is_ok(), "{document}");
        at_once.is_ok()
    }

    #[test]
    fn a_string_may_be_as_long_as_the_bound_and_no_longer() {
        for fits in [r#"{"abcde":"12345"}"#, r#"["\"\"","12345"]"#, r#""\\\\""#, "[111111111111]"] {
            assert!(!fits.is_empty() && passes(fits), "{fits}");
        }
        for too_long in [r#""123456"#, r#"["a","b","\"\"\"\"\"\""#, r#"{"abcdef"#] {
            assert!(!passes(too_long), "{too_long}");
        }
    }

    #[test]
    fn a_document_may_be_as_long_as_the_bound_and_no_longer() {
        assert!(passes(&" ".repeat(100)));
        assert!(!passes(&" ".repeat(101)));
    }

    #[test]
    fn a_document_may_nest_as_deep_as_the_bound_and_brackets_in_strings_do_not_count() {
        assert!(passes(&"[".repeat(64)));
        assert!(!passes(&"[".repeat(65)));
        assert!(passes(&r#""[[[""#.repeat(16)));
        assert!(passes(&"[]".repeat(50)));
    }
}
