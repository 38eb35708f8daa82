//! The tables, and how an older ledger becomes a newer one.

use rusqlite::Connection;
use rusqlite_migration::{M, MigrationDefinitionError, Migrations};

use super::LedgerError;

/// One entry per version, oldest first. An entry that has been released is never changed.
const VERSIONS: &[M<'static>] = &[M::up(
    "CREATE TABLE runs (
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
    CREATE INDEX attempts_of_client ON attempts (client);",
)];

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
    fn a_newer_ledger_is_refused_in_words() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", VERSIONS.len() + 1).unwrap();
        let error = migrate(&mut connection).unwrap_err();
        assert!(error.to_string().contains("newer version of fullmakt"), "{error}");
    }
}
