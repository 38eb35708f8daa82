//! A run's name and its status.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::words::text;

/// A run's id: eight letters and digits, none of them easily mistaken for another, no vowels.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(String);

impl RunId {
    const ALPHABET: &[u8; 24] = b"bcdfghjkmnpqrstvwxz23479";

    /// An id from 64 random bits.
    pub fn from_random(mut bits: u64) -> Self {
        let base = Self::ALPHABET.len() as u64;
        let mut id = String::with_capacity(8);
        for _ in 0..8 {
            id.extend(
                Self::ALPHABET.get(usize::try_from(bits % base).unwrap_or(0)).map(|byte| char::from(*byte)),
            );
            bits /= base;
        }
        Self(id)
    }

    /// An id as the ledger holds it.
    pub fn from_ledger(id: String) -> Self {
        Self(id)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// How a run stands, as `summary.json` says it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum RunStatus {
    /// A process is at work on it.
    Running,
    /// Every client is in a final state.
    Completed,
    /// Ctrl-C, SIGTERM, or a process that is gone: `resume` goes on.
    Interrupted,
    /// Halted by a cause that concerns the whole run: `resume` goes on.
    Stopped,
    /// A later run took its place before it had come to its end.
    Superseded,
    /// Nothing was sent: the guard, the list, a lock, a sign-in. It has no clients.
    Refused,
}

impl RunStatus {
    /// The word in the ledger.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// How the run stands, as people say it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Running => text!("plan-status-running"),
            Self::Completed => text!("plan-status-completed"),
            Self::Interrupted => text!("plan-status-interrupted"),
            Self::Stopped => text!("plan-status-stopped"),
            Self::Superseded => text!("plan-status-superseded"),
            Self::Refused => text!("plan-status-refused"),
        }
    }

    /// Whether `resume` can go on with it.
    pub fn can_be_resumed(self) -> bool {
        matches!(self, Self::Running | Self::Interrupted | Self::Stopped)
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}
