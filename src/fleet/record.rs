//! What a fleet keeps in the state folder beside the ledger: what could not be carried out, and, while it is at work, how
//! it goes. What was carried out is in the ledger.

use std::{collections::BTreeMap, fs, io};

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use thiserror::Error;

use crate::{
    state_dir::{Readers, StateDir, write_bytes},
    words::say,
};

/// A file of a fleet's cannot be read or written.
#[derive(Debug, Error)]
#[error("{}", say!("fleet-file-cannot-be-used", file = .file, error = .error))]
pub struct KeptError {
    file: String,
    error: io::Error,
}

/// What a fleet keeps.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// The units that could not be carried out when they were last tried, by their jobs' names.
    pub troubles: BTreeMap<String, Trouble>,
    /// How it goes, of a fleet at work.
    pub work: Option<Work>,
    /// The beginning of the last night of which word was left.
    pub told_of: Option<Timestamp>,
}

/// Why a unit could not be carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trouble {
    /// When it was last tried.
    pub at: Timestamp,
    /// Whether it is tried again.
    pub kind: TroubleKind,
    /// How often it was tried in the night of `at`.
    pub tries: u32,
    /// When it first could not be carried out, after it last could.
    pub since: Timestamp,
    /// What was wrong, in English.
    pub message: String,
    /// What to do, in English, a line each.
    #[serde(default)]
    pub hints: Vec<String>,
    /// Until when Altinn has asked to be left alone.
    #[serde(default)]
    pub not_before: Option<Timestamp>,
}

/// What becomes of a unit that could not be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TroubleKind {
    /// The list, the guard, the job, the system user: somebody has to see to it, and it is an end for tonight.
    Refused,
    /// Altinn down, another run on the agent, this machine: tried again.
    Stopped,
}

/// How a fleet at work goes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// When this was written.
    pub at: Timestamp,
    /// Requests of every kind in the last ten seconds, a second.
    pub per_second: f64,
    /// The units under way, by their jobs' names, and since when.
    pub units: BTreeMap<String, Timestamp>,
}

const FOLDER: &str = "fleets";

impl Record {
    /// What the fleet of this name has kept; nothing where it has never been at work.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn read(state: &StateDir, fleet: &str) -> Result<Self, KeptError> {
        read(state, &format!("{fleet}.json"))
    }

    /// Keeps it.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn write(&self, state: &StateDir, fleet: &str) -> Result<(), KeptError> {
        write(state, &format!("{fleet}.json"), self)
    }

    /// A unit could not be carried out.
    pub fn note(&mut self, job: &str, night_from: Timestamp, trouble: Trouble) {
        let before = self.troubles.get(job);
        let tries = before.filter(|before| before.at >= night_from).map_or(0, |before| before.tries);
        let since = before.map_or(trouble.at, |before| before.since);
        self.troubles.insert(job.to_owned(), Trouble { tries: tries + 1, since, ..trouble });
    }
}

/// A file of a fleet's; what a missing one stands for, where there is none.
pub(super) fn read<T: Default + DeserializeOwned>(state: &StateDir, name: &str) -> Result<T, KeptError> {
    let path = state.path().join(FOLDER).join(name);
    let wrong = |error| KeptError { file: path.display().to_string(), error };
    match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| wrong(error.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(T::default()),
        Err(error) => Err(wrong(error)),
    }
}

/// Writes a file of a fleet's, whole or not at all.
pub(super) fn write<T: Serialize>(state: &StateDir, name: &str, kept: &T) -> Result<(), KeptError> {
    let path = state.path().join(FOLDER).join(name);
    let written = || {
        state.private_folder(FOLDER)?;
        write_bytes(&path, Readers::Owner, &serde_json::to_vec_pretty(kept)?)
    };
    written().map_err(|error| KeptError { file: path.display().to_string(), error })
}
