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
const VERSION: i64 = 2;
/// The step from each version to the next, oldest first. One that has been released is never changed.
const STEPS: [(i64, &str); 1] = [(2, include_str!("rounds_postgres.sql"))];
/// Asked of the catalogue's tables, not of what this connection has looked up before: another may have made it meanwhile.
const IS_MADE: &str = "SELECT EXISTS (SELECT 1 FROM pg_tables
    WHERE tablename = 'schema_version' AND schemaname = ANY (current_schemas(false)))";
/// What keeps two processes from making the tables at once: any number that nobody else has.
const MAKING: i64 = 0x6675_6c6c_6d61_6b74;

impl From<Trouble> for LedgerError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Encryption(why) => Self::NotTrusted(why),
            trouble if trouble.is_about_rights() => Self::NotAllowed(trouble.to_string()),
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
    match found {
        found if found > VERSION => Err(LedgerError::Newer),
        VERSION => Ok(()),
        _ => bring_up_to_date(connection),
    }
}

/// Brings the tables of an older version up to this one's: whoever is first does, and the others find it done.
fn bring_up_to_date(connection: &Connection) -> Result<(), LedgerError> {
    connection.execute_batch("BEGIN")?;
    let done = (|| {
        connection.execute_batch(&format!("SELECT pg_advisory_xact_lock({MAKING})"))?;
        let found: i64 =
            connection.query_row("SELECT max(version) FROM schema_version", [], |row| row.get(0))?;
        for (version, step) in STEPS.iter().filter(|(version, _)| *version > found) {
            connection.execute_batch(step)?;
            connection.execute("INSERT INTO schema_version VALUES (?1)", [version])?;
        }
        Ok(())
    })();
    connection.execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::test_server::Postgres as Server;

    /// What the first version had in the place of what the second has.
    const BACK: &str = "DROP VIEW system_user_attempts; DROP TABLE system_user_asks;
        CREATE TABLE system_user_attempts (
            attempt BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            firm_request BIGINT NOT NULL REFERENCES system_user_requests (firm_request), call TEXT COLLATE \"C\" NOT NULL,
            verdict TEXT COLLATE \"C\" NOT NULL, sent_at TEXT COLLATE \"C\" NOT NULL, duration_ms BIGINT, status BIGINT,
            code TEXT COLLATE \"C\", message TEXT COLLATE \"C\" NOT NULL DEFAULT '', trace_id TEXT COLLATE \"C\");
        DELETE FROM schema_version; INSERT INTO schema_version VALUES (1);
        INSERT INTO system_user_requests (firm_request, environment, system_id, facilitator, external_ref, packages, state,
                                          request_id)
        VALUES (1, 'tt02', 's', '315000009', '315000009', '[]', 'accepted', '00000000-0000-0000-0000-000000000001');
        INSERT INTO system_user_attempts (firm_request, call, verdict, sent_at, status)
        VALUES (1, 'ask', 'done', '2026-01-01T00:00:01.500Z', 201);";

    #[test]
    fn a_ledger_of_the_first_version_is_brought_up_to_date_and_holds_each_round_as_a_run() {
        let Some(server) = Server::start() else { return };
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::at(folder.path());
        let address = Address::parse(&server.address()).unwrap();
        Ledger::open_at(&state, &address).unwrap().connection.execute_batch(BACK).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| Ledger::open_at(&state, &address).map(drop).unwrap());
            }
        });
        let ledger = Ledger::open_at(&state, &address).unwrap();
        let runs = ledger.runs().unwrap();
        assert_eq!((runs.len(), runs[0].agent_title.as_str(), runs[0].kind.asks_firms()), (1, "s", true));
        let firms = ledger.firms_of_round(&runs[0].id).unwrap();
        assert!(firms.len() == 1 && firms[0].made == firms[0].record.request && firms[0].made.is_some());
        let sent: String = ledger
            .connection
            .query_row("SELECT call || ' ' || sent_at FROM system_user_attempts", [], |row| row.get(0))
            .unwrap();
        assert_eq!(sent, "ask 2026-01-01T00:00:01.500Z");
    }
}
