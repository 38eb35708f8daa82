//! The only place that knows SQLite: what was planned, sent, answered and confirmed, durable before it is shown.
//!
//! [`Ledger`] is one connection and does everything there is to do, synchronously. [`Clerk`] is the one
//! writer of a run that goes on: it owns a [`Ledger`] on a task of its own and writes in groups, one
//! transaction per group. The tables are described in `docs/ledger.md`.

mod clerk;
mod history;
mod listing;
mod lock;
mod planning;
mod read;
mod run;
mod schema;
mod settle;
mod verify;
mod wishes;
mod working;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::Connection;
use thiserror::Error;

pub use clerk::Clerk;
pub use history::{HistoryAttempt, HistoryEntry};
pub use lock::{AgentLock, LockError, LockHolder};
pub use planning::{PlanCounts, PlannedClient, Planning, Refused};
pub use read::{AttemptPace, ClientRecord, FailureReason, RunRecord};
pub use run::NewRun;
pub use settle::Settled;
pub use verify::{Comparison, Difference, DifferenceKind};
pub use wishes::{NamedAgent, PlanEntry};
pub use working::{Claimed, Outcome};

use crate::model::IllegalTransition;

/// What can go wrong with the ledger.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// The file was written by a newer version.
    #[error(
        "the ledger was written by a newer version of fullmakt; update fullmakt, or name another folder with --state-dir"
    )]
    Newer,
    /// It is not a ledger, or not whole.
    #[error("the ledger is damaged: {0}")]
    Damaged(String),
    /// There is no place left to write.
    #[error("the disk that holds the ledger is full")]
    DiskFull,
    /// Any other fault that SQLite reports.
    #[error("the ledger cannot be used: {0}")]
    Sqlite(rusqlite::Error),
    /// The state folder cannot be made or used.
    #[error("the state folder {} cannot be used: {error}", path.display())]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// A client cannot go from the state that the ledger holds to the one that is reported.
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
    /// There is no such run.
    #[error("there is no run {0:?}; `fullmakt runs` lists them")]
    NoSuchRun(String),
    /// The prefix fits more than one run.
    #[error("{prefix:?} fits more than one run: {}", fits.join(", "))]
    AmbiguousRun {
        /// What was given.
        prefix: String,
        /// What it fits.
        fits: Vec<String>,
    },
    /// Nothing has been run yet.
    #[error("there is no run yet; `fullmakt run JOB` makes one")]
    NoRunYet,
    /// The task that writes the ledger has ended after an earlier error.
    #[error("the ledger is closed after an earlier error")]
    Closed,
}

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error.to_string()),
            _ => Self::Sqlite(error),
        }
    }
}

/// One connection to the ledger of a state folder.
#[derive(Debug)]
pub struct Ledger {
    connection: Connection,
    folder: PathBuf,
    /// Whose clients are claimed.
    working_on: Option<working::Work>,
}

impl Ledger {
    /// Opens the ledger in this state folder; makes both where they are missing, for their owner only.
    ///
    /// # Errors
    ///
    /// A folder that cannot be used, a damaged ledger, or one that a newer version has written.
    pub fn open(folder: &Path) -> Result<Self, LedgerError> {
        let path = folder.join("ledger.db");
        make_private_folder(folder)
            .and_then(|()| make_private_file(&path))
            .map_err(|error| LedgerError::Folder { path: folder.to_owned(), error })?;
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        // Full: a commit is on the disk, so that a power cut loses nothing that was shown.
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.set_prepared_statement_cache_capacity(64);
        schema::migrate(&mut connection)?;
        listing::make_tables(&connection)?;
        planning::make_table(&connection)?;
        wishes::make_table(&connection)?;
        Ok(Self { connection, folder: folder.to_owned(), working_on: None })
    }

    /// The state folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a run's reports go: `<state-dir>/runs/<run>/`.
    pub fn run_folder(&self, run: &crate::model::RunId) -> PathBuf {
        self.folder.join("runs").join(run.as_str())
    }
}

/// A time as the ledger holds it: UTC, to the millisecond.
fn stamp(time: Timestamp) -> String {
    format!("{time:.3}")
}

/// Makes a folder, with those above it, that only its owner can read. One that is there already keeps the
/// permissions that somebody gave it.
pub(crate) fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// Makes the ledger's file, where it is missing, for its owner only: the folder may be one that others can read.
/// What SQLite puts beside it has the same permissions.
fn make_private_file(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).map(drop)
}
