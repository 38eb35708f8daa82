//! The tables, and how an older ledger becomes a newer one.

use rusqlite::{Connection, TransactionBehavior};

use super::LedgerError;

/// One entry per version, oldest first. An entry that has been released is never changed.
const VERSIONS: &[&str] =
    &[FIRST, SECOND, THIRD, FOURTH, FIFTH, super::requests::TABLES, super::rounds::TABLES];

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

/// Clients and attempts in fewer bytes: a party UUID is sixteen, a time a number of milliseconds, and the agents and requests,
/// which are few, are numbered. What people have written their queries for are views with the names, columns and values
/// that the tables had.
const FIFTH: &str = "CREATE TABLE agents (agent INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE requests (request INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
    INSERT INTO agents (id) SELECT agent FROM clients UNION SELECT agent FROM attempts
        UNION SELECT from_agent FROM clients WHERE from_agent IS NOT NULL;
    INSERT INTO requests (text) SELECT DISTINCT request FROM attempts WHERE request != '';

    CREATE TABLE client_rows (
        client              INTEGER PRIMARY KEY,
        run                 INTEGER NOT NULL REFERENCES runs (number),
        line                INTEGER NOT NULL,
        organisation_number TEXT,
        client_id           BLOB,
        name                TEXT NOT NULL,
        agent               INTEGER NOT NULL,
        from_agent          INTEGER,
        intent              TEXT NOT NULL DEFAULT 'delegate',
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
        last_attempt_ms     INTEGER,
        settled_ms          INTEGER,
        cells               TEXT NOT NULL
    ) STRICT;
    INSERT INTO client_rows
        SELECT client, run, line, organisation_number, unhex(client_id, '-'), name,
               (SELECT agent FROM agents WHERE id = clients.agent),
               (SELECT agent FROM agents WHERE id = clients.from_agent),
               intent, operation, state, tries, rounds, retryable, status, code, message, hint, trace_id,
               CAST(round(unixepoch(last_attempt_at, 'subsec') * 1000) AS INTEGER),
               CAST(round(unixepoch(settled_at, 'subsec') * 1000) AS INTEGER), cells
        FROM clients ORDER BY client;

    CREATE TABLE attempt_rows (
        attempt     INTEGER PRIMARY KEY,
        client      INTEGER NOT NULL REFERENCES client_rows (client),
        agent       INTEGER NOT NULL,
        operation   TEXT NOT NULL,
        verdict     TEXT NOT NULL,
        sent_ms     INTEGER NOT NULL,
        duration_ms INTEGER,
        status      INTEGER,
        code        TEXT,
        message     TEXT NOT NULL,
        trace_id    TEXT,
        request     INTEGER
    ) STRICT;
    INSERT INTO attempt_rows
        SELECT attempt, client, (SELECT agent FROM agents WHERE id = attempts.agent), operation, verdict,
               coalesce(CAST(round(unixepoch(sent_at, 'subsec') * 1000) AS INTEGER), 0), duration_ms, status, code, message,
               trace_id, (SELECT request FROM requests WHERE text = attempts.request)
        FROM attempts ORDER BY attempt;

    DROP TABLE attempts;
    DROP TABLE clients;
    CREATE INDEX clients_of_run ON client_rows (run);
    CREATE INDEX clients_by_id ON client_rows (client_id);
    CREATE INDEX clients_by_number ON client_rows (organisation_number);
    CREATE INDEX clients_failed ON client_rows (run) WHERE state IN ('failed', 'rejected');
    CREATE INDEX attempts_of_client ON attempt_rows (client);

    CREATE VIEW clients AS SELECT client, run, line, organisation_number,
        CASE WHEN client_id IS NOT NULL THEN lower(hex(substr(client_id, 1, 4)) || '-' || hex(substr(client_id, 5, 2)) || '-' || hex(substr(client_id, 7, 2))
              || '-' || hex(substr(client_id, 9, 2)) || '-' || hex(substr(client_id, 11))) END AS client_id,
        name, operation, state, tries, rounds, retryable, status, code, message, hint, trace_id,
        strftime('%Y-%m-%dT%H:%M:%fZ', last_attempt_ms / 1000.0, 'unixepoch') AS last_attempt_at, cells,
        (SELECT id FROM agents WHERE agents.agent = client_rows.agent) AS agent,
        (SELECT id FROM agents WHERE agents.agent = client_rows.from_agent) AS from_agent,
        strftime('%Y-%m-%dT%H:%M:%fZ', settled_ms / 1000.0, 'unixepoch') AS settled_at, intent
        FROM client_rows;
    CREATE VIEW attempts AS SELECT attempt, client, operation, verdict,
        strftime('%Y-%m-%dT%H:%M:%fZ', sent_ms / 1000.0, 'unixepoch') AS sent_at, duration_ms, status, code, message,
        trace_id, (SELECT id FROM agents WHERE agents.agent = attempt_rows.agent) AS agent,
        coalesce((SELECT text FROM requests WHERE requests.request = attempt_rows.request), '') AS request
        FROM attempt_rows;";

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

    /// Puts a run with one client and one attempt into a ledger of any version before the fifth.
    fn fill(connection: &Connection) {
        connection
            .execute_batch(
                "INSERT INTO runs (number, id, job, kind, environment, facilitator, agent, agent_title, job_file,
                                   job_text, manifest, dialect, rows, status, program, started_at)
                 VALUES (1, 'r', 'j', 'delegate', 'tt02', '314250052', '00000000-0000-0000-0000-0000000000aa', '',
                         '', '', '', '', 1, 'completed', '0.1.0', '2026-01-01T00:00:00Z');
                 INSERT INTO clients (client, run, line, organisation_number, client_id, name, state, last_attempt_at, cells)
                 VALUES (7, 1, 2, '310609544', 'c0ffee00-1234-4abc-8def-0123456789ab', 'A', 'failed',
                         '2026-01-01T00:00:01.009Z', '[]'),
                        (8, 1, 3, NULL, NULL, '', 'rejected', NULL, '[\"x\"]');
                 INSERT INTO attempts (client, operation, verdict, sent_at, duration_ms, message)
                 VALUES (7, 'delegate', 'final', '2026-01-01T00:00:01.009Z', 31, 'no');",
            )
            .unwrap();
    }

    /// What people can ask, whatever the version.
    fn asked(connection: &Connection) -> Vec<String> {
        let mut select = connection
            .prepare(
                "SELECT json_array(c.client, c.run, c.line, c.organisation_number, c.client_id, c.name, c.state,
                                   c.last_attempt_at, c.cells, a.operation, a.verdict, a.sent_at, a.duration_ms, a.message)
                 FROM clients c LEFT JOIN attempts a USING (client) ORDER BY client",
            )
            .unwrap();
        let rows = select.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    #[test]
    fn what_people_have_asked_an_older_ledger_a_newer_one_answers_to_the_letter() {
        for from in 1..5 {
            let folder = tempfile::tempdir().unwrap();
            let mut connection = Connection::open(folder.path().join("ledger.db")).unwrap();
            migrate_to(&mut connection, from).unwrap();
            fill(&connection);
            if from > 1 {
                let agent = "UPDATE clients SET agent = 'aa'; UPDATE attempts SET agent = 'aa';";
                connection.execute_batch(agent).unwrap();
            }
            let before = asked(&connection);
            migrate(&mut connection).unwrap();
            assert_eq!(asked(&connection), before, "from version {from}");
            let broken: i64 = connection
                .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))
                .unwrap();
            assert_eq!(broken, 0);
        }
    }

    #[test]
    fn what_a_ledger_holds_of_asked_firms_becomes_a_run_of_each_system_with_every_attempt() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate_to(&mut connection, 6).unwrap();
        connection
            .execute_batch(
                "INSERT INTO system_user_requests (firm_request, environment, system_id, facilitator, external_ref, name,
                                                   packages, state, request_id)
                 VALUES (1, 'tt02', 's', '315000009', '315000009', 'A', '[]', 'accepted', 'one'),
                        (2, 'tt02', 's', '315000017', '315000017', 'B', '[]', 'failed', NULL),
                        (3, 'tt02', 's', '315000025', '315000025', 'C', '[]', 'pending', 'three');
                 INSERT INTO system_user_attempts (firm_request, call, verdict, sent_at, status)
                 VALUES (1, 'ask', 'done', '2026-01-01T00:00:01.500Z', 201), (2, 'ask', 'final', '2026-01-01T00:00:02.000Z', 400),
                        (1, 'withdraw', 'lost', '2026-01-01T00:00:03.000Z', NULL);",
            )
            .unwrap();
        let attempts = |connection: &Connection| -> Vec<String> {
            let asked = "SELECT json_array(firm_request, call, verdict, sent_at, status) FROM system_user_attempts ORDER BY attempt";
            let mut select = connection.prepare(asked).unwrap();
            select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let before = attempts(&connection);
        migrate(&mut connection).unwrap();
        assert_eq!(attempts(&connection), before);
        // The third was only seen, and asked by nobody here.
        let of_run =
            "SELECT json_array(kind, job, agent_title, runs.status, rows, state, organisation_number, request_id)
            FROM runs JOIN clients ON run = number JOIN system_user_asks USING (client) ORDER BY client";
        let mut select = connection.prepare(of_run).unwrap();
        let rows: Vec<String> = select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let row = |rest: &str| format!("[\"request\",\"request\",\"s\",\"completed\",2,{rest}]");
        let first = row("\"asked\",\"315000009\",\"one\"");
        assert_eq!(rows, [first, row("\"failed\",\"315000017\",null")]);
        let dialect: String = connection.query_row("SELECT dialect FROM runs", [], |row| row.get(0)).unwrap();
        let plain = crate::manifest::Dialect::plain(&["organisation_number", "name"]);
        assert_eq!(serde_json::from_str::<crate::manifest::Dialect>(&dialect).unwrap(), plain);
    }

    #[test]
    fn a_process_that_is_killed_while_it_brings_a_ledger_up_to_date_leaves_it_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let [path, killed] = ["ledger.db", "killed.db"].map(|name| folder.path().join(name));
        let mut connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "journal_mode", "wal").unwrap();
        // So small that the log holds a part of what is not committed.
        connection.pragma_update(None, "cache_size", 1).unwrap();
        migrate_to(&mut connection, 4).unwrap();
        fill(&connection);
        connection
            .execute_batch(
                "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
                 INSERT INTO clients (client, run, line, name, state, cells) SELECT i, 1, i, 'B', 'delegated', '[]' FROM n;",
            )
            .unwrap();
        let before = asked(&connection);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        transaction.execute_batch(FIFTH).unwrap();
        // What stands on the disk at this moment is what the next process finds.
        let log = |path: &std::path::Path| std::path::PathBuf::from(format!("{}-wal", path.display()));
        std::fs::copy(&path, &killed).unwrap();
        std::fs::copy(log(&path), log(&killed)).unwrap();
        drop(transaction);
        let mut left = Connection::open(&killed).unwrap();
        assert_eq!(version_of(&left).unwrap(), 4);
        assert!(asked(&left) == before);
        migrate(&mut left).unwrap();
        assert!(asked(&left) == before);
    }

    #[test]
    fn many_processes_that_open_a_fresh_ledger_at_once_all_find_it() {
        for from in [0, 1, 2, 4] {
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
