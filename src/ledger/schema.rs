//! The tables, and how an older ledger becomes a newer one.

use rusqlite::Connection;
use rusqlite_migration::{M, MigrationDefinitionError, Migrations};

use super::LedgerError;

/// One entry per version, oldest first. An entry that has been released is never changed.
const VERSIONS: &[M<'static>] = &[M::up(FIRST), M::up(SECOND)];

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

/// Brings the ledger to this program's version.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), LedgerError> {
    match Migrations::from_slice(VERSIONS).to_latest(connection) {
        Ok(()) => Ok(()),
        Err(rusqlite_migration::Error::MigrationDefinition(
            MigrationDefinitionError::DatabaseTooFarAhead,
        )) => Err(LedgerError::Newer),
        Err(rusqlite_migration::Error::RusqliteError { err, .. }) => Err(err.into()),
        Err(error) => Err(LedgerError::Damaged(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_are_valid() {
        Migrations::from_slice(VERSIONS).validate().unwrap();
    }

    #[test]
    fn a_ledger_of_the_first_version_is_brought_up_to_date_with_everything_in_it() {
        let mut connection = Connection::open_in_memory().unwrap();
        Migrations::from_slice(&VERSIONS[..1]).to_latest(&mut connection).unwrap();
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
        let agents: (String, String, String) = connection
            .query_row(
                "SELECT clients.agent, attempts.agent, runs.signed_in_as FROM clients JOIN attempts USING (client)
                 JOIN runs ON runs.number = clients.run",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .unwrap();
        assert_eq!(agents, ("the-agent".to_owned(), "the-agent".to_owned(), String::new()));
    }

    #[test]
    fn a_newer_ledger_is_refused_in_words() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", VERSIONS.len() + 1).unwrap();
        let error = migrate(&mut connection).unwrap_err();
        assert!(error.to_string().contains("newer version of fullmakt"), "{error}");
    }
}
