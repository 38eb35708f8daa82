//! What a fleet keeps in the state folder beside the ledger: what could not be carried out, and, while it is at work, how
//! it goes. What was carried out is in the ledger.

use std::{collections::BTreeMap, fs, io};

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use thiserror::Error;

#[cfg(feature = "postgres")]
use crate::ledger::Ledger;
use crate::{
    ledger::LedgerError,
    state_dir::{Readers, StateDir, write_bytes},
    words::{Wording, say},
};

/// What a fleet keeps cannot be read or written.
#[derive(Debug, Error)]
pub enum KeptError {
    /// A file in the state folder.
    #[error("{}", say!("fleet-file-cannot-be-used", file = .file, error = .error))]
    File {
        /// Which.
        file: String,
        /// What the operating system, or the file's reader, said.
        error: io::Error,
    },
    /// A row in the ledger of several hosts.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Where a fleet keeps what it keeps.
#[derive(Debug)]
pub enum Place {
    /// In files of the state folder.
    Folder(StateDir),
    /// In the ledger, for all hosts.
    #[cfg(feature = "postgres")]
    Server(Box<Ledger>),
}

/// A worker that was not heard of for so many seconds is not at work.
#[cfg(feature = "postgres")]
const SILENT_SECONDS: f64 = 15.0;

/// What this worker is called among those of the fleet.
#[cfg(feature = "postgres")]
fn worker() -> String {
    format!("{} {}", crate::ledger::host_name(), std::process::id())
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
    /// What was wrong.
    #[serde(with = "crate::words::as_kept")]
    pub message: Wording,
    /// What to do, a line each.
    #[serde(default, with = "crate::words::all_as_kept")]
    pub hints: Vec<Wording>,
    /// Until when Altinn has asked to be left alone.
    #[serde(default)]
    pub not_before: Option<Timestamp>,
    /// The list that was missing: once it is there, the unit is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lacked: Option<std::path::PathBuf>,
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
    pub fn read(place: &Place, fleet: &str) -> Result<Self, KeptError> {
        match place {
            Place::Folder(state) => read(state, &format!("{fleet}.json")),
            #[cfg(feature = "postgres")]
            Place::Server(ledger) => {
                let mut record = Self::default();
                for row in ledger.kept(fleet, "trouble")? {
                    if let Ok(trouble) = serde_json::from_str(&row.value) {
                        record.troubles.insert(row.name, trouble);
                    }
                }
                for row in ledger.kept(fleet, "work")? {
                    if row.age_seconds > SILENT_SECONDS {
                        continue;
                    }
                    let Ok(work) = serde_json::from_str::<Work>(&row.value) else { continue };
                    let all = record.work.get_or_insert_default();
                    all.at = all.at.max(work.at);
                    all.per_second += work.per_second;
                    all.units.extend(work.units);
                }
                Ok(record)
            }
        }
    }

    /// Keeps it.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn write(&self, place: &Place, fleet: &str) -> Result<(), KeptError> {
        match place {
            Place::Folder(state) => write(state, &format!("{fleet}.json"), self),
            #[cfg(feature = "postgres")]
            Place::Server(ledger) => {
                let work = self.work.as_ref().and_then(|work| serde_json::to_string(work).ok());
                Ok(ledger.keep(fleet, "work", &worker(), work.as_deref())?)
            }
        }
    }

    /// Keeps what is in a unit's way, or that nothing is, where others read it.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    #[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "files are written whole"))]
    pub fn write_trouble(&self, place: &Place, fleet: &str, job: &str) -> Result<(), KeptError> {
        match place {
            Place::Folder(_) => Ok(()),
            #[cfg(feature = "postgres")]
            Place::Server(ledger) => {
                let trouble = self.troubles.get(job).and_then(|trouble| serde_json::to_string(trouble).ok());
                Ok(ledger.keep(fleet, "trouble", job, trouble.as_deref())?)
            }
        }
    }

    /// What is in a unit's way. Nothing any more where a list was missing, and is there now; or where somebody has saved the
    /// fleet since: what was wrong may have been put right, and where not it is refused again.
    pub fn in_the_way_of(&self, job: &str, saved_at: Option<Timestamp>) -> Option<&Trouble> {
        let is_over = |trouble: &Trouble| {
            trouble.lacked.as_ref().is_some_and(|list| list.exists())
                || trouble.kind == TroubleKind::Refused && saved_at.is_some_and(|at| at > trouble.at)
        };
        self.troubles.get(job).filter(|trouble| !is_over(trouble))
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
    let wrong = |error| KeptError::File { file: path.display().to_string(), error };
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
    written().map_err(|error| KeptError::File { file: path.display().to_string(), error })
}
