//! The tables, and how an older ledger becomes a newer one.

use rusqlite::{Connection, TransactionBehavior};

use super::LedgerError;

/// One entry per version, oldest first. An entry that has been released is never changed.
const VERSIONS: &[&str] = &[FIRST, SECOND, THIRD, FOURTH];

const FIRST: &str = "CREATE TABLE runs (
        number       INTEGER PRIMARY KEY,
        id           TEXT NOT NULL UNIQUE,
        job          TEXT NOT NULL,
        kind         TEXT NOT NULL,
        environment  TEXT NOT NULL,
        facilitator  TEXT NOT NULL,
        agent        TEXT NOT NULL,
        agent_title  TEXT NOT NULL,
        job_file     TEXT NOT NULL,
        job_text     TEXT NOT NULL,
        manifest     TEXT NOT NULL,
        dialect      TEXT NOT NULL,
        rows         INTEGER NOT NULL,
        retry_of     TEXT,
        status       TEXT NOT NULL,
        stop_cause   TEXT,
        stop_message TEXT,
        stop_trace_id TEXT,
        not_before   TEXT,
        program      TEXT NOT NULL,
        started_at   TEXT NOT NULL,
        finished_at  TEXT
    ) STRICT;

    CREATE TABLE clients (
        client              INTEGER PRIMARY KEY,
        run                 INTEGER NOT NULL REFERENCES runs (number),
        line                INTEGER NOT NULL,
        organisation_number TEXT,
        client_id           TEXT,
        name                TEXT NOT NULL,
        operation           TEXT,
        state               TEXT NOT NULL,
        tries               INTEGER NOT NULL DEFAULT 0,
        rounds              INTEGER NOT NULL DEFAULT 0,
        retryable           INTEGER NOT NULL DEFAULT 0,
        status              INTEGER,
        code                TEXT,
        message             TEXT NOT NULL DEFAULT '',
        hint                TEXT NOT NULL DEFAULT '',
        trace_id            TEXT,
        last_attempt_at     TEXT,
        cells               TEXT NOT NULL
    ) STRICT;
    CREATE INDEX clients_of_run ON clients (run);
    CREATE INDEX clients_by_id ON clients (client_id);

    CREATE TABLE attempts (
        attempt     INTEGER PRIMARY KEY,
        client      INTEGER NOT NULL REFERENCES clients (client),
        operation   TEXT NOT NULL,
        verdict     TEXT NOT NULL,
        sent_at     TEXT NOT NULL,
        duration_ms INTEGER,
        status      INTEGER,
        code        TEXT,
        message     TEXT NOT NULL,
        trace_id    TEXT
    ) STRICT;
    CREATE INDEX attempts_of_client ON attempts (client);";

/// A run can have several agents, and move clients from one to another; who signed in; what it undoes; and when
/// each client came to its final state.
const SECOND: &str = "ALTER TABLE runs ADD COLUMN undo_of TEXT;
    ALTER TABLE runs ADD COLUMN signed_in_as TEXT NOT NULL DEFAULT '';

    ALTER TABLE clients ADD COLUMN agent TEXT NOT NULL DEFAULT '';
    ALTER TABLE clients ADD COLUMN from_agent TEXT;
    ALTER TABLE clients ADD COLUMN settled_at TEXT;
    UPDATE clients SET agent = (SELECT agent FROM runs WHERE number = run);
    CREATE INDEX clients_by_number ON clients (organisation_number);

    ALTER TABLE attempts ADD COLUMN agent TEXT NOT NULL DEFAULT '';
    UPDATE attempts SET agent = (SELECT agent FROM clients WHERE clients.client = attempts.client);";

/// What is wanted for a client is stored, not deduced; totals are stored with a run that has ended; a night that changes
/// nothing points to the run whose clients it found unchanged; what each list held when it was last read.
const THIRD: &str = "ALTER TABLE clients ADD COLUMN intent TEXT NOT NULL DEFAULT 'delegate';
    UPDATE clients SET intent = CASE
        WHEN from_agent IS NOT NULL THEN 'move'
        WHEN (SELECT kind FROM runs WHERE number = run) = 'refresh' THEN 'refresh'
        ELSE coalesce(operation, 'delegate') END;
    CREATE INDEX clients_failed ON clients (run) WHERE state IN ('failed', 'rejected');

    ALTER TABLE runs ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';
    ALTER TABLE runs ADD COLUMN unchanged_as INTEGER REFERENCES runs (number);
    ALTER TABLE runs ADD COLUMN unchanged_there INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE runs ADD COLUMN superseded_by TEXT;
    ALTER TABLE runs ADD COLUMN totals TEXT;
    ALTER TABLE runs ADD COLUMN attempts INTEGER;
    ALTER TABLE runs ADD COLUMN lost INTEGER;
    CREATE INDEX runs_unchanged_as ON runs (unchanged_as) WHERE unchanged_as IS NOT NULL;

    CREATE TABLE lists (
        environment TEXT NOT NULL,
        agent       TEXT NOT NULL,
        list        TEXT NOT NULL,
        clients     INTEGER NOT NULL,
        read_at     TEXT NOT NULL,
        PRIMARY KEY (environment, agent, list)
    ) STRICT, WITHOUT ROWID;";

/// The firms' party UUIDs, as they were looked up; and of each attempt what was asked.
const FOURTH: &str = "ALTER TABLE attempts ADD COLUMN request TEXT NOT NULL DEFAULT '';

    CREATE TABLE facilitators (
        environment TEXT NOT NULL,
        facilitator TEXT NOT NULL,
        party_id    TEXT NOT NULL,
        PRIMARY KEY (environment, facilitator)
    ) STRICT, WITHOUT ROWID;";

/// Brings the ledger to this program's version. Several processes may do so at once: whoever is first writes, and the
/// others find it done.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), LedgerError> {
    migrate_to(connection, VERSIONS.len())
}

fn migrate_to(connection: &mut Connection, version: usize) -> Result<(), LedgerError> {
    if version_of(connection)? == version {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Read again: another process may have brought it up to date while this one waited.
    let from = version_of(&transaction)?;
    if from > version {
        return Err(LedgerError::Newer);
    }
    for step in VERSIONS.iter().take(version).skip(from) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", version)?;
    transaction.commit()?;
    Ok(())
}

fn version_of(connection: &Connection) -> Result<usize, LedgerError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_of_the_first_version_is_brought_up_to_date_with_everything_in_it() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate_to(&mut connection, 1).unwrap();
        connection
            .execute_batch(
                "INSERT INTO runs (number, id, job, kind, environment, facilitator, agent, agent_title, job_file,
                                   job_text, manifest, dialect, rows, status, program, started_at)
                 VALUES (1, 'r', 'j', 'delegate', 'tt02', '314250052', 'the-agent', '', '', '', '', '', 1,
                         'completed', '0.1.0', '2026-01-01T00:00:00Z');
                 INSERT INTO clients (client, run, line, name, state, cells) VALUES (7, 1, 2, 'A', 'failed', '[]');
                 INSERT INTO attempts (client, operation, verdict, sent_at, message)
                 VALUES (7, 'delegate', 'final', '2026-01-01T00:00:01Z', 'no');",
            )
            .unwrap();
        migrate(&mut connection).unwrap();
        let agents: (String, String, String, String) = connection
            .query_row(
                "SELECT clients.agent, attempts.agent, runs.signed_in_as, clients.intent FROM clients JOIN attempts USING (client)
                 JOIN runs ON runs.number = clients.run",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
            )
            .unwrap();
        let agent = || "the-agent".to_owned();
        assert_eq!(agents, (agent(), agent(), String::new(), "delegate".to_owned()));
    }

    #[test]
    fn what_is_wanted_is_taken_from_what_older_versions_kept() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate_to(&mut connection, 2).unwrap();
        for (number, kind, from_agent, operation) in [
            (1, "refresh", "NULL", "'delegate'"),
            (2, "migrate", "'a'", "'remove'"),
            (3, "remove", "NULL", "'remove'"),
        ] {
            connection
                .execute_batch(&format!(
                    "INSERT INTO runs (number, id, job, kind, environment, facilitator, agent, agent_title, job_file,
                                       job_text, manifest, dialect, rows, status, program, started_at)
                     VALUES ({number}, 'r{number}', 'j', '{kind}', 'tt02', '', '', '', '', '', '', '', 1, 'completed',
                             '0.1.0', '');
                     INSERT INTO clients (run, line, name, operation, state, from_agent, cells)
                     VALUES ({number}, 2, 'A', {operation}, 'delegated', {from_agent}, '[]');"
                ))
                .unwrap();
        }
        migrate(&mut connection).unwrap();
        let mut select = connection.prepare("SELECT intent FROM clients ORDER BY run").unwrap();
        let intents: Vec<String> =
            select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(intents, ["refresh", "move", "remove"]);
    }

    #[test]
    fn many_processes_that_open_a_fresh_ledger_at_once_all_find_it() {
        for from in [0, 1, 2] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("ledger.db");
            migrate_to(&mut Connection::open(&path).unwrap(), from).unwrap();
            let state = crate::state_dir::StateDir::at(folder.path());
            std::thread::scope(|scope| {
                let opened: Vec<_> =
                    (0..8).map(|_| scope.spawn(|| crate::ledger::Ledger::open(&state).map(drop))).collect();
                for opened in opened {
                    opened.join().unwrap().unwrap();
                }
            });
        }
    }

    #[test]
    fn a_newer_ledger_is_refused_in_words() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", VERSIONS.len() + 1).unwrap();
        let error = migrate(&mut connection).unwrap_err();
        assert!(error.to_string().contains("newer version of fullmakt"), "{error}");
    }
}
