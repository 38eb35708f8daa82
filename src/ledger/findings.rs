//! What somebody should know of a plan before saying yes: clients that another run has delegated since the list was
//! written, and how long the list was the last time.

use jiff::Timestamp;

use super::{
    Ledger, LedgerError,
    db::{Connection, OptionalExtension, Transaction, params},
    millis,
};
use crate::model::{AgentId, ClientState, Intent, OrganisationNumber, RunStatus};

/// A client, as a warning names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedClient {
    /// Its organisation number; none for a private person.
    pub number: Option<OrganisationNumber>,
    /// Its name, as Altinn has it.
    pub name: String,
}

/// When and where a list was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListWritten {
    /// The environment of the plan.
    pub environment: String,
    /// When the list's file was last written.
    pub at: Timestamp,
}

/// The table of clients that were delegated since the list was written, on this connection only.
pub(super) fn make_table(connection: &Connection) -> Result<(), LedgerError> {
    connection.execute_batch(
        "CREATE TEMP TABLE delegated_since (agent TEXT NOT NULL, id TEXT NOT NULL, number INTEGER, name TEXT NOT NULL,
                                           PRIMARY KEY (agent, id)) WITHOUT ROWID;",
    )?;
    Ok(())
}

/// Whether a run has delegated the client of this id to agent `?1` after the list was written; delegating again what was
/// delegated before is no such thing. What counts is when it was sent: a read-back can settle it long after.
fn since(id: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM main.client_rows c JOIN main.runs r ON r.number = c.run
                 WHERE c.client_id = {id} AND c.agent = (SELECT agent FROM agents WHERE id = ?1) AND c.state = ?2 AND coalesce(c.last_attempt_ms, c.settled_ms) > ?3
                   AND c.intent != '{}' AND r.environment = ?4)",
        <&str>::from(Intent::Refresh)
    )
}

/// Notes which clients of an agent a plan would remove although a run has delegated them after the list was written.
/// `FROM temp.delegated d …` says which clients no row names; none where the plan removes only clients that rows name.
pub(super) fn note_delegated_since(
    transaction: &Transaction<'_>,
    agent: AgentId,
    unnamed: Option<&str>,
    written: Option<&ListWritten>,
) -> Result<(), LedgerError> {
    let Some(written) = written else { return Ok(()) };
    let (at, state) = (millis(written.at), ClientState::Delegated);
    let which = match unnamed {
        Some(from) => format!("SELECT ?1, d.number, d.name, d.id {from} AND {}", since("d.id")),
        None => format!(
            "SELECT ?1, CAST(p.number AS INTEGER), p.name, p.client_id FROM temp.plan p
             WHERE p.agent = ?1 AND p.state = '{}' AND p.intent = '{}' AND {}",
            <&str>::from(ClientState::Pending),
            <&str>::from(Intent::Remove),
            since("p.client_id")
        ),
    };
    transaction.execute(
        &format!("INSERT INTO temp.delegated_since (agent, number, name, id) {which} ON CONFLICT DO NOTHING"),
        params![agent, state, at, written.environment],
    )?;
    Ok(())
}

impl Ledger {
    /// The first clients that a run has delegated after the plan's list was written, and that the list would have
    /// removed.
    pub fn delegated_since(&self, first: usize) -> Result<Vec<NamedClient>, LedgerError> {
        let mut select = self.connection.prepare(
            "SELECT number, name FROM temp.delegated_since ORDER BY number IS NULL, number LIMIT ?1",
        )?;
        let clients = select.query_map([first as u64], |row| {
            let number = row.get::<Option<u32>>(0)?.and_then(OrganisationNumber::from_u32);
            Ok(NamedClient { number, name: row.get(1)? })
        })?;
        Ok(clients.collect::<Result<_, _>>()?)
    }

    /// How many rows the list of a job had in its last run that was neither refused nor made of another run's clients.
    pub fn rows_last_time(
        &self,
        job: &str,
        environment: &str,
        facilitator: OrganisationNumber,
    ) -> Result<Option<u64>, LedgerError> {
        let rows = self.connection.query_row(
            "SELECT rows FROM runs WHERE job = ?1 AND environment = ?2 AND facilitator = ?3 AND status != ?4
                AND retry_of IS NULL AND undo_of IS NULL AND fingerprint != '' ORDER BY number DESC LIMIT 1",
            params![job, environment, facilitator.to_string(), RunStatus::Refused],
            |row| row.get(0),
        );
        Ok(rows.optional()?)
    }
}
