//! A ledger on a server, which several hosts share: what is the same for both is everywhere else.

use jiff::Timestamp;

use super::{
    Ledger, LedgerError,
    db::{Address, Connection, Postgres, Trouble},
    fence::Fence,
    turns::Turns,
};
use crate::{clock, state_dir::StateDir};

const SCHEMA: &str = include_str!("schema_postgres.sql");
const TEMPORARY: &str = include_str!("temporary_postgres.sql");
/// The version of [`SCHEMA`]. A schema that has been released is changed by steps, one for each version.
const VERSION: i64 = 1;
/// Asked of the catalogue's tables, not of what this connection has looked up before: another may have made it meanwhile.
const IS_MADE: &str = "SELECT EXISTS (SELECT 1 FROM pg_tables
    WHERE tablename = 'schema_version' AND schemaname = ANY (current_schemas(false)))";
/// What keeps two processes from making the tables at once: any number that nobody else has.
const MAKING: i64 = 0x6675_6c6c_6d61_6b74;

impl From<Trouble> for LedgerError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Encryption(why) => Self::NotTrusted(why),
            Trouble::Changed { .. } => Self::Server(trouble.to_string()),
            trouble if trouble.is_passing() => Self::Unreachable(trouble.to_string()),
            trouble => Self::Server(trouble.to_string()),
        }
    }
}

impl Ledger {
    /// Opens the ledger at this address, and makes its tables where they are missing. Reports stay in the state folder.
    ///
    /// # Errors
    ///
    /// A server that cannot be reached or refuses, or a ledger that a newer version has written.
    pub fn open_at(state: &StateDir, address: &Address) -> Result<Self, LedgerError> {
        let connection = Connection::Postgres(Postgres::connect(address)?);
        // What waits for a process that hangs in the middle of a transaction would wait for ever.
        connection.execute_batch(
            "SET idle_in_transaction_session_timeout = '15s'; SET client_min_messages = 'error'; SET jit = off",
        )?;
        make(&connection)?;
        go_by_its_clock(&connection)?;
        connection.execute_batch(TEMPORARY)?;
        Ok(Self {
            connection,
            state: state.clone(),
            file: None,
            address: Some(address.clone()),
            approved: std::collections::BTreeMap::new(),
            working_on: None,
            keys: super::claims::Keys::default(),
            // The server lets many write at once.
            turns: Turns::alone(),
            fence: Fence::default(),
        })
    }
}

/// What hosts write into one ledger is told by one clock, the server's.
fn go_by_its_clock(connection: &Connection) -> Result<(), LedgerError> {
    const ITS_CLOCK: &str = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";
    let mut select = connection.prepare_cached(ITS_CLOCK)?;
    let asked = clock::own();
    let theirs: i64 = select.query_row([], |row| row.get(0))?;
    if let Ok(theirs) = Timestamp::from_microsecond(theirs) {
        clock::follow(theirs, asked, clock::own());
    }
    Ok(())
}

/// Makes the tables, where this is the first to come.
fn make(connection: &Connection) -> Result<(), LedgerError> {
    let version = |connection: &Connection| -> Result<Option<i64>, LedgerError> {
        let is_there: bool = connection.query_row(IS_MADE, [], |row| row.get(0))?;
        if !is_there {
            return Ok(None);
        }
        Ok(Some(connection.query_row("SELECT max(version) FROM schema_version", [], |row| row.get(0))?))
    };
    let found = if let Some(found) = version(connection)? {
        found
    } else {
        connection.execute_batch("BEGIN")?;
        let made = (|| {
            connection.execute_batch(&format!("SELECT pg_advisory_xact_lock({MAKING})"))?;
            // Another process may have made them while this one waited.
            if version(connection)?.is_none() {
                connection.execute_batch(SCHEMA)?;
                connection.execute("INSERT INTO schema_version VALUES (?1)", [VERSION])?;
            }
            version(connection)
        })();
        connection.execute_batch(if made.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        made?.unwrap_or_default()
    };
    if found > VERSION { Err(LedgerError::Newer) } else { Ok(()) }
}
