//! A ledger on a server, which several hosts share: what is the same for both is everywhere else.

use jiff::Timestamp;

use super::{
    Ledger, LedgerError,
    db::{Address, Connection, Postgres, Trouble},
    fence::Fence,
    turns::Turns,
};
use crate::{clock, state_dir::StateDir};

/// One entry per version, oldest first. An entry that has been released is never changed.
const VERSIONS: [&str; 2] = [include_str!("schema_postgres.sql"), include_str!("rounds_postgres.sql")];
const TEMPORARY: &str = include_str!("temporary_postgres.sql");
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

/// Which version the tables are of; 0 where there are none yet.
fn version_of(connection: &Connection) -> Result<usize, LedgerError> {
    let is_made: bool = connection.query_row(IS_MADE, [], |row| row.get(0))?;
    if !is_made {
        return Ok(0);
    }
    let version: i64 =
        connection.query_row("SELECT max(version) FROM schema_version", [], |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

/// Makes the tables, or brings those of an older version up to date: whoever is first does, and the others find it done.
fn make(connection: &Connection) -> Result<(), LedgerError> {
    if version_of(connection)? == VERSIONS.len() {
        return Ok(());
    }
    connection.execute_batch("BEGIN")?;
    let made = (|| {
        connection.execute_batch(&format!("SELECT pg_advisory_xact_lock({MAKING})"))?;
        // Another process may have made them while this one waited.
        let from = version_of(connection)?;
        if from > VERSIONS.len() {
            return Err(LedgerError::Newer);
        }
        for (step, version) in VERSIONS.iter().zip(1_i64..).skip(from) {
            connection.execute_batch(step)?;
            connection.execute("INSERT INTO schema_version VALUES (?1)", [version])?;
        }
        Ok(())
    })();
    connection.execute_batch(if made.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::test_server::Postgres as Server;

    /// What a vendor had asked with the first version.
    const ASKED: &str = "INSERT INTO schema_version VALUES (1);
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
        let first = Connection::Postgres(Postgres::connect(&address).unwrap());
        first.execute_batch(VERSIONS[0]).unwrap();
        first.execute_batch(ASKED).unwrap();
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

    #[test]
    fn a_long_write_about_one_agent_costs_the_process_no_other() {
        let Some(server) = Server::start() else { return };
        let folder = tempfile::tempdir().unwrap();
        let address = Address::parse(&server.address_with_lease("3s")).unwrap();
        let ledger = Ledger::open_at(&StateDir::at(folder.path()), &address).unwrap();
        let leases = ledger.leases().unwrap();
        let take = |what: &str| {
            let fence = Fence::default();
            let lease = leases.take("tt02", what, &fence).unwrap().unwrap();
            (fence, lease)
        };
        let (written, other) = (take("written"), take("other"));
        let writer = Connection::Postgres(Postgres::connect(&address).unwrap());
        writer.execute_batch("BEGIN; SELECT 1 FROM leases WHERE agent = 'written' FOR SHARE").unwrap();
        let begin = std::time::Instant::now();
        while !written.0.is_over() {
            assert!(begin.elapsed() < std::time::Duration::from_secs(20) && !other.0.is_over());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        writer.execute_batch("COMMIT").unwrap();
        assert!(!other.0.is_over(), "the other was renewed all the time");
    }

    #[test]
    fn what_the_server_may_do_the_next_time_is_told_from_what_it_never_will() {
        let Some(server) = Server::start() else { return };
        let address = Address::parse(&server.address()).unwrap();
        let connection = Connection::Postgres(Postgres::connect(&address).unwrap());
        let told = |statement: &str| LedgerError::from(connection.execute_batch(statement).unwrap_err());
        let raise = |code| format!("DO $$ BEGIN RAISE EXCEPTION 'so' USING ERRCODE = '{code}'; END $$");
        for code in ["08006", "25P03", "25P04", "40001", "40P01", "53100", "53300", "55P03", "57014", "57P03"]
        {
            let error = told(&raise(code));
            assert!(matches!(error, LedgerError::Unreachable(_)), "{code}: {error}");
        }
        for code in ["22012", "23505", "25006", "42601", "XX001"] {
            let error = told(&raise(code));
            assert!(matches!(error, LedgerError::Server(_)), "{code}: {error}");
        }
        connection.execute_batch("SET idle_in_transaction_session_timeout = 100; BEGIN").unwrap();
        std::thread::sleep(std::time::Duration::from_millis(500));
        let error = told("COMMIT");
        assert!(matches!(error, LedgerError::Unreachable(_)), "{error}");
    }
}
