//! `[notify]`: which program is told, and of which ends.

use serde::Deserialize;
use strum::{IntoStaticStr, VariantArray};

/// A program that is told how runs end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notify {
    /// The program and its arguments; no shell is involved.
    pub command: Vec<String>,
    /// What it is told of.
    pub on: Vec<NotifyOn>,
}

/// An end that somebody can be told of; the word in the job file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum NotifyOn {
    /// The run came to its end, and some clients failed.
    Failed,
    /// Nothing was sent: job file, list, guard.
    Refused,
    /// Stopped early, or could not begin: signed out, refused by Altinn, Altinn down.
    Stopped,
    /// Another run held the agent.
    Locked,
    /// A fault of the program or of this machine.
    Fault,
    /// The run came to its end, and no client failed.
    Completed,
    /// Clients failed that did not fail the last time that the job ran to its end.
    NewFailures,
}

impl NotifyOn {
    /// What somebody is told of where the job does not say.
    pub const DEFAULT: [Self; 5] = [Self::Failed, Self::Refused, Self::Stopped, Self::Locked, Self::Fault];

    /// The word in the job file.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
