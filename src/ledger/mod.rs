//! The only place that knows SQL: what was planned, sent, answered and confirmed, durable before it is shown.
//!
//! [`Ledger`] is one connection and does everything there is to do, synchronously. [`LedgerWriter`] is the one
//! writer of a run that goes on: it owns a [`Ledger`] on a task of its own and writes in groups, one
//! transaction per group. The tables are described in `docs/ledger.md`. SQL stores and selects; what is decided from it
//! is decided in [`crate::model`].

mod asking;
mod claims;
mod clients;
mod db;
mod facilitators;
mod fence;
mod findings;
mod guard;
mod history;
mod intents;
#[cfg(feature = "postgres")]
mod kept;
#[cfg(feature = "postgres")]
mod leases;
mod listing;
mod names;
#[cfg(feature = "postgres")]
mod permits;
mod planning;
mod read;
mod refusal;
mod requests;
mod rounds;
mod run;
mod schema;
#[cfg(feature = "postgres")]
mod server;
mod settle;
#[cfg(test)]
#[path = "../../tests/common/postgres.rs"]
mod test_server;
mod timeline;
mod turns;
mod undelegable;
mod upkeep;
mod verify;
mod which;
mod words;
mod writer;

use std::{
    collections::BTreeMap,
    fs, io,
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};

use jiff::Timestamp;
use thiserror::Error;

use self::{
    db::Connection,
    turns::{Turns, Writing},
};

pub use asking::{AskingLock, AskingLocks};
pub use claims::{Claimed, Outcome};
pub use clients::{ClientRecord, Which};
#[cfg(feature = "postgres")]
pub use db::{Address, AddressError};
pub use fence::Fence;
pub use findings::{ListWritten, NamedClient};
pub use guard::{Guarded, Refused};
pub use history::{HistoryAttempt, HistoryEntry, UnchangedSince};
pub use intents::{NamedAgent, PlanEntry};
#[cfg(feature = "postgres")]
pub use kept::{KeptRow, ServerCondition};
#[cfg(feature = "postgres")]
pub use leases::{Lease, LeaseHolder, Leases, host_name};
#[cfg(feature = "postgres")]
pub use permits::{Permits, Permitted};
pub use planning::{PlanCounts, PlannedClient, Planning};
pub use read::{AttemptPace, FailureReason, RunRecord};
pub use requests::{NewRequest, RequestOutcome, RequestRecord, SeenFirm};
pub use rounds::{AskedFirm, FirmEvent, OpenFirm, RoundKey, RoundRow, RoundStep};
pub use run::{NewRun, Stopped};
pub use settle::{Changed, Settled};
pub use timeline::{Bucket, Pause, Timeline};
pub use upkeep::Prunable;
pub use verify::{Comparison, Difference, DifferenceKind};
pub use which::WhichRun;
pub use writer::LedgerWriter;

use crate::{
    clock::stamp,
    model::{AgentId, IllegalTransition},
    state_dir::{StateDir, make_private_file},
    words::{say, text},
};

/// How long a transaction waits for another program that holds the ledger, in seconds.
const WAIT_SECONDS: u64 = 10;

/// How much of the ledger is kept in memory at the most, in kilobytes.
const LEDGER_CACHE_KB: i64 = 6_000;
/// The same of the temporary tables: lists and plan.
const TEMPORARY_CACHE_KB: i64 = 18_000;

/// What can go wrong with the ledger.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// The file was written by a newer version.
    #[error(
        "{}", text!("ledger-newer")
    )]
    Newer,
    /// It is not a ledger, or not whole.
    #[error("{}", say!("ledger-damaged", error = .0))]
    Damaged(String),
    /// The file is there and empty, beside what runs have left.
    #[error("{}", say!("ledger-emptied", file = .0.display()))]
    Emptied(PathBuf),
    /// It was there when the program began, and is gone.
    #[error("{}", say!("ledger-vanished", file = .0.display()))]
    Vanished(PathBuf),
    /// There is no place left to write.
    #[error("{}", text!("ledger-disk-full"))]
    DiskFull,
    /// Another program holds it.
    #[error("{}", say!("ledger-busy", file = .0.display(), seconds = WAIT_SECONDS))]
    Busy(PathBuf),
    /// It can be read or written by another user only, or lies where nothing can be written.
    #[error("{}", say!("ledger-not-writable", error = .0))]
    NotWritable(rusqlite::Error),
    /// Any other fault that SQLite reports.
    #[error("{}", say!("ledger-cannot-be-used", error = .0))]
    Sqlite(rusqlite::Error),
    /// The state folder cannot be made or used.
    #[error("{}", say!("ledger-folder", folder = .path.display(), error = .error))]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// A copy of it cannot be written; the ledger itself is well.
    #[error("{}", say!("ledger-backup-not-written", file = .file.display(), error = .error))]
    Backup {
        /// The copy.
        file: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// The disk does not do what it is told.
    #[error("{}", say!("ledger-cannot-be-used", error = .0))]
    Disk(rusqlite::Error),
    /// The state folder is a link to a place that is not there.
    #[error("{}", say!("ledger-folder-dangling", folder = .0.display()))]
    Dangling(PathBuf),
    /// A client cannot go from the state that the ledger holds to the one that is reported.
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
    /// There is no such run.
    #[error("{}", say!("ledger-no-such-run", run = format!("{:?}", .0)))]
    NoSuchRun(String),
    /// The prefix fits more than one run.
    #[error("{}", say!("ledger-ambiguous-run", prefix = format!("{:?}", .prefix), runs = .fits.join(", ")))]
    AmbiguousRun {
        /// What was given.
        prefix: String,
        /// What it fits.
        fits: Vec<String>,
    },
    /// No run was named, and the folder holds the runs of several jobs.
    #[error("{}", say!("ledger-several-jobs", jobs = .newest.len()))]
    SeveralJobs {
        /// The newest run of each job, newest first: its id and the job's name.
        newest: Vec<(String, String)>,
    },
    /// Nothing has been run yet.
    #[error("{}", say!("ledger-no-run-yet", folder = .0.display()))]
    NoRunYet(PathBuf),
    /// The server that it is on cannot be reached, or is not ready.
    #[error("{}", say!("ledger-unreachable", error = .0))]
    Unreachable(String),
    /// The server that it is on refuses.
    #[error("{}", say!("ledger-server-refuses", error = .0))]
    Server(String),
    /// The server that it is on does not let this user in, or not do what a ledger needs.
    #[error("{}", say!("ledger-server-refuses", error = .0))]
    NotAllowed(String),
    /// The connection to the server that it is on cannot be encrypted as the address says.
    #[error("{}", say!("ledger-server-not-trusted", error = .0))]
    NotTrusted(String),
    /// Another host works on one of the agents now.
    #[error("{}", text!("ledger-taken-over"))]
    TakenOver,
    /// What can be done with a file only.
    #[error("{}", text!("ledger-is-on-a-server"))]
    OnServer,
    /// The task that writes the ledger has panicked.
    #[error(
        "{}", text!("ledger-writer-broke-down")
    )]
    Panicked,
    /// The task that writes the ledger has ended after an earlier error.
    #[error("{}", text!("ledger-closed"))]
    Closed,
}

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error.to_string()),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Busy(PathBuf::from("ledger.db"))
            }
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::NotWritable(error)
            }
            Some(ErrorCode::SystemIoFailure) => Self::Disk(error),
            _ => match error {
                rusqlite::Error::FromSqlConversionFailure(_, _, why) => Self::Damaged(why.to_string()),
                error => Self::Sqlite(error),
            },
        }
    }
}

impl From<db::Error> for LedgerError {
    fn from(error: db::Error) -> Self {
        match error {
            db::Error::Sqlite(error) => error.into(),
            #[cfg(feature = "postgres")]
            db::Error::Postgres(trouble) => trouble.into(),
        }
    }
}

/// Where a ledger is, when it is no file: this program was built without any such place.
#[cfg(not(feature = "postgres"))]
#[derive(Debug, Clone)]
pub enum Address {}

/// Whether there is a folder where SQLite can put its temporary tables: it looks in these. A container whose root cannot be
/// written has none, and then they stay in memory.
fn has_temporary_folder() -> bool {
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| {
        let named = ["SQLITE_TMPDIR", "TMPDIR"].into_iter().filter_map(std::env::var_os).map(PathBuf::from);
        let usual = [PathBuf::from("/var/tmp"), std::env::temp_dir()];
        named.chain(usual).any(|folder| tempfile::tempfile_in(folder).is_ok())
    })
}

/// What is at work on an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtWork {
    /// On which host, where the ledger is on a server.
    pub host: Option<String>,
}

/// One connection to the ledger of a state folder.
#[derive(Debug)]
pub struct Ledger {
    connection: Connection,
    state: StateDir,
    /// What the file was when it was opened; none for a ledger in memory.
    file: Option<FileIdentity>,
    /// Which packages each agent was approved for, as far as Altinn has told.
    approved: BTreeMap<AgentId, Vec<String>>,
    /// Whose clients are claimed.
    working_on: Option<claims::Work>,
    keys: claims::Keys,
    /// The server that it is on; none for a file.
    address: Option<Address>,
    /// What keeps it from writing what another host has taken over.
    fence: Fence,
    /// The other connections of this process.
    turns: Arc<Turns>,
}

impl Ledger {
    /// Opens the ledger in this state folder; makes both where they are missing, for their owner only.
    ///
    /// # Errors
    ///
    /// A folder that cannot be used, a damaged or emptied ledger, or one that a newer version has written.
    pub fn open(state: &StateDir) -> Result<Self, LedgerError> {
        if state.is_dangling() {
            return Err(LedgerError::Dangling(state.path().to_owned()));
        }
        let path = state.ledger_path();
        let cannot = |error| LedgerError::Folder { path: state.path().to_owned(), error };
        let is_empty = fs::metadata(&path).is_ok_and(|metadata| metadata.len() == 0);
        // A ledger that is being made by another process right now is empty for a moment, and has no runs beside it.
        if is_empty && state.has_run_folders() {
            return Err(LedgerError::Emptied(path));
        }
        state.make().and_then(|()| make_private_file(&path)).map_err(cannot)?;
        let connection = rusqlite::Connection::open(&path)?;
        connection.busy_timeout(Duration::from_secs(WAIT_SECONDS))?;
        write_ahead(&connection)?;
        // Full: a commit is on the disk, so that a power cut loses nothing that was shown.
        connection.pragma_update(None, "synchronous", "full")?;
        let ledger = Self::on(connection, state)?;
        let file = FileIdentity::of(&path).map_err(cannot)?;
        Ok(Self { file: Some(file), ..ledger })
    }

    /// Opens the ledger at this address, where there is one, or else in the state folder; makes what is missing.
    ///
    /// # Errors
    ///
    /// As [`Self::open`], and a server that cannot be reached or refuses.
    pub fn open_where(state: &StateDir, address: Option<&Address>) -> Result<Self, LedgerError> {
        match address {
            None => Self::open(state),
            #[cfg(feature = "postgres")]
            Some(address) => Self::open_at(state, address),
            #[cfg(not(feature = "postgres"))]
            Some(address) => match *address {},
        }
    }

    /// Another connection to the same ledger, for another thread to read from.
    ///
    /// # Errors
    ///
    /// As [`Self::open_where`].
    pub fn another(&self) -> Result<Self, LedgerError> {
        self.must_be_there()?;
        Self::open_where(&self.state, self.address.as_ref())
    }

    /// Opens the ledger for a command that keeps nothing; where there is none, one in memory that goes with it.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub fn open_to_look(state: &StateDir) -> Result<Self, LedgerError> {
        match Self::open_existing(state)? {
            Some(ledger) => Ok(ledger),
            None => Self::on(rusqlite::Connection::open_in_memory()?, state),
        }
    }

    fn on(mut connection: rusqlite::Connection, state: &StateDir) -> Result<Self, LedgerError> {
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.set_prepared_statement_cache_capacity(64);
        // What the ledger's and the temporary tables' pages may take of memory: with less, a million clients are read
        // from the files again and again.
        connection.pragma_update(Some("main"), "cache_size", -LEDGER_CACHE_KB)?;
        connection.pragma_update(Some("temp"), "cache_size", -TEMPORARY_CACHE_KB)?;
        if !has_temporary_folder() {
            connection.pragma_update(None, "temp_store", "memory")?;
        }
        schema::migrate(&mut connection)?;
        let connection = Connection::Sqlite(connection);
        listing::make_tables(&connection)?;
        planning::make_table(&connection)?;
        findings::make_table(&connection)?;
        intents::make_table(&connection)?;
        names::make_table(&connection)?;
        settle::make_table(&connection)?;
        Ok(Self {
            connection,
            state: state.clone(),
            file: None,
            address: None,
            fence: Fence::default(),
            approved: BTreeMap::new(),
            working_on: None,
            keys: claims::Keys::default(),
            turns: Turns::of(&state.ledger_path()),
        })
    }

    /// Opens the ledger for looking; `None` where there is none, and nothing is made.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub fn open_existing(state: &StateDir) -> Result<Option<Self>, LedgerError> {
        match state.ledger_path().try_exists() {
            Ok(true) => Self::open(state).map(Some),
            Ok(false) if state.is_dangling() => Err(LedgerError::Dangling(state.path().to_owned())),
            Ok(false) => Ok(None),
            Err(error) => Err(LedgerError::Folder { path: state.path().to_owned(), error }),
        }
    }

    /// The leases of this process, where the ledger is on a server.
    #[cfg(feature = "postgres")]
    pub fn leases(&self) -> Option<Arc<Leases>> {
        self.address.as_ref().map(|address| Leases::of(address, &self.state))
    }

    /// Whether a run is at work on an agent: on this host where the ledger is in the state folder, or else on any.
    ///
    /// # Errors
    ///
    /// The server cannot be reached or refuses.
    pub fn is_held(&self, environment: &str, agent: AgentId) -> Result<bool, LedgerError> {
        Ok(self.at_work(environment, agent)?.is_some())
    }

    /// What is at work on an agent: none where no run is.
    ///
    /// # Errors
    ///
    /// The server cannot be reached or refuses.
    pub fn at_work(&self, environment: &str, agent: AgentId) -> Result<Option<AtWork>, LedgerError> {
        #[cfg(feature = "postgres")]
        if let Some(leases) = self.leases() {
            let holder = leases.holder(environment, &agent.to_string())?;
            return Ok(holder.map(|holder| AtWork { host: Some(holder.host) }));
        }
        Ok(self.state.is_held(environment, agent).then_some(AtWork { host: None }))
    }

    /// The leases that its work depends on.
    pub fn fence(&self) -> Fence {
        self.fence.clone()
    }

    /// The state folder.
    pub fn state(&self) -> &StateDir {
        &self.state
    }

    /// Whether the file that this connection writes still is the state folder's ledger.
    fn must_be_there(&self) -> Result<(), LedgerError> {
        let Some(file) = self.file else { return Ok(()) };
        let path = self.state.ledger_path();
        match FileIdentity::of(&path) {
            Ok(now) if now == file => Ok(()),
            _ => Err(LedgerError::Vanished(path)),
        }
    }

    /// A transaction that writes from its start: one that reads first cannot wait for a run on another agent that
    /// writes meanwhile.
    fn writing(&mut self) -> Result<Writing<'_>, LedgerError> {
        let turn = self.turns.take();
        let transaction = self.connection.writing()?;
        #[cfg(feature = "postgres")]
        leases::must_be_ours(&transaction, &self.fence)?;
        Ok(Writing::new(transaction, turn))
    }

    /// Writes what is in the log beside the ledger into the ledger itself, so that nothing is lost with the log.
    fn checkpoint(&self) -> Result<(), LedgerError> {
        let _turn = self.turns.take();
        // Somebody who reads may keep a part from being written; then the next time does it.
        self.connection.checkpoint()?;
        Ok(())
    }
}

/// Sets the journal mode. Two processes that make the ledger at once can find it locked for a moment, and `SQLite` does
/// not wait there.
fn write_ahead(connection: &rusqlite::Connection) -> Result<(), LedgerError> {
    const PAUSE: Duration = Duration::from_millis(20);
    let mut tries = Duration::from_secs(WAIT_SECONDS).as_millis() / PAUSE.as_millis();
    loop {
        let error = match connection.pragma_update(None, "journal_mode", "wal") {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if tries == 0 || error.sqlite_error_code() != Some(rusqlite::ErrorCode::DatabaseBusy) {
            return Err(error.into());
        }
        tries -= 1;
        std::thread::sleep(PAUSE);
    }
}

/// What a file is, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileIdentity(u64, u64);

impl FileIdentity {
    #[cfg(unix)]
    fn of(path: &std::path::Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let metadata = fs::metadata(path)?;
        Ok(Self(metadata.dev(), metadata.ino()))
    }

    /// Elsewhere an open file cannot be removed or replaced.
    #[cfg(not(unix))]
    fn of(path: &std::path::Path) -> io::Result<Self> {
        fs::metadata(path).map(|_| Self(0, 0))
    }
}

/// A time as the rows of clients and attempts hold it: milliseconds since 1970, UTC.
fn millis(time: Timestamp) -> i64 {
    time.as_millisecond()
}

/// The time now, as those rows hold it.
fn millis_now() -> i64 {
    millis(crate::clock::now())
}

/// The time now, as the other tables hold it.
fn stamp_now() -> String {
    stamp(crate::clock::now())
}
