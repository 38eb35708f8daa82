//! What to think of before saying yes to a plan: what kind of thing, how many clients, which for example, and in words.

use serde::Serialize;
use strum::{IntoStaticStr, VariantArray};

use crate::{
    model::{Agent, in_words, mixed, short},
    words::{in_english, say},
};

/// What a warning is about: the word of `kind` in `plan --format json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum WarningKind {
    /// The token runs out before the run can have come to its end.
    TokenTooShort,
    /// Of an undo: later runs have changed some of the clients too.
    ChangedLater,
    /// Another run has not come to its end.
    PreviousUnfinished,
    /// The agent mixes packages that a role in the register carries with packages that clients delegate.
    MixedPackages,
    /// Clients that another run has delegated since the list was written, and that the list would have removed.
    DelegatedSince,
    /// Names in the list that are not Altinn's.
    OtherName,
    /// The list has far fewer rows than the last time.
    FewerRows,
}

/// One thing to think of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// What it is about.
    pub kind: WarningKind,
    /// How many clients (or what else the examples are) it concerns; 0 where it is about the whole run.
    pub count: u64,
    /// The first of them.
    pub examples: Vec<String>,
    /// In words, in English.
    pub message: String,
    /// The same in the language of whoever is asked.
    #[serde(skip)]
    pub said: String,
}

impl Warning {
    /// A warning about the run as a whole; `message` says it in the language that holds.
    pub fn new(kind: WarningKind, message: impl Fn() -> String) -> Self {
        Self { kind, count: 0, examples: Vec::new(), message: in_english(&message), said: message() }
    }

    /// Of an agent that was approved for packages that no one relation gives; none where it was not.
    pub fn mixed_packages(agent: &Agent) -> Option<Self> {
        mixed(&agent.packages)?;
        let names: Vec<String> = agent.packages.iter().map(|package| short(package).to_owned()).collect();
        let message = || {
            let packages = in_words(&agent.packages);
            say!("plan-mixed-packages", agent = agent.id, packages = packages).to_string()
        };
        Some(Self::new(WarningKind::MixedPackages, message).about(names.len() as u64, names))
    }

    /// The same about so many.
    #[must_use]
    pub fn about(self, count: u64, examples: Vec<String>) -> Self {
        Self { count, examples, ..self }
    }
}
