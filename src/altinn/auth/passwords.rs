//! Asking a person for the password of a key: once for a command, and never where nobody is there.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use secrecy::SecretString;

/// Who is asked for the password of a key, and what was answered. Cloned, it is the same.
#[derive(Clone, Default)]
pub struct Passwords(Arc<Inner>);

#[derive(Default)]
struct Inner {
    ask: Option<fn() -> Option<SecretString>>,
    answer: Mutex<Option<SecretString>>,
}

impl Passwords {
    /// Asked by `ask`, which answers `None` where nobody can be asked.
    pub fn asked_by(ask: fn() -> Option<SecretString>) -> Self {
        Self(Arc::new(Inner { ask: Some(ask), answer: Mutex::default() }))
    }

    /// The password: asked for once, then remembered.
    pub(super) fn ask(&self) -> Option<SecretString> {
        let mut answer = self.0.answer.lock().unwrap_or_else(PoisonError::into_inner);
        if answer.is_none() {
            *answer = self.0.ask.and_then(|ask| ask());
        }
        answer.clone()
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Passwords").field("can_ask", &self.0.ask.is_some()).finish_non_exhaustive()
    }
}
