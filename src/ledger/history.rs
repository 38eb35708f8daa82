//! Everything that the ledger knows of one client, over all runs and agents.

use serde::Serialize;

use super::{
    Ledger, LedgerError,
    db::{self, OptionalExtension, Row, ToSql, params},
};
use crate::{
    model::{ClientId, ClientState},
    words::Wording,
};

/// One client in one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryEntry {
    /// The run's id.
    pub run: String,
    /// The job's name.
    pub job: String,
    /// The job's kind.
    pub kind: String,
    /// `sandbox`, `tt02`, `prod` or an origin.
    pub environment: String,
    /// The firm's organisation number.
    pub facilitator: String,
    /// The agent.
    pub agent: String,
    /// What people call the run's agent; empty when that is not known.
    pub agent_title: String,
    /// In a migration: the agent that the client was moved from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_agent: Option<String>,
    /// The run that this one reverses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo_of: Option<String>,
    /// The run whose failures this one tries again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_of: Option<String>,
    /// Who signed in, in words; empty when that is not known.
    pub signed_in_as: Wording,
    /// When the run began, which is when the client was planned.
    pub planned_at: String,
    /// `delegate` or `remove`.
    pub operation: Option<String>,
    /// How the client stands in the run.
    pub state: String,
    /// When it came to its final state.
    pub settled_at: Option<String>,
    /// What was said of it last.
    pub message: Wording,
    /// The last code.
    pub code: Option<String>,
    /// The client's organisation number; none for a private person.
    pub organisation_number: Option<String>,
    /// The client's party UUID, where Altinn listed it.
    pub client: Option<String>,
    /// The client's name, as Altinn had it.
    pub name: String,
    /// Every request about it, oldest first.
    pub attempts: Vec<HistoryAttempt>,
    /// Later runs of the same job that found it as this one left it, and changed nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unchanged_since: Option<UnchangedSince>,
}

/// Runs that found a client as an earlier one left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnchangedSince {
    /// How many.
    pub runs: u64,
    /// The newest of them.
    pub last_run: String,
    /// When that began.
    pub last_at: String,
}

/// One request about a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryAttempt {
    /// When it was sent: UTC, to the millisecond.
    pub sent_at: String,
    /// The agent that it was about.
    pub agent: String,
    /// `delegate` or `remove`.
    pub operation: String,
    /// What was made of the answer: `done`, `final`, `again: …`, `halt` or `lost`.
    pub verdict: String,
    /// How long it took.
    pub duration_ms: Option<u64>,
    /// The HTTP status; none when nothing was answered.
    pub status: Option<u16>,
    /// Altinn's code.
    pub code: Option<String>,
    /// What was said.
    pub message: Wording,
    /// Altinn's trace id.
    pub trace_id: Option<String>,
    /// The method and the path; empty for what an older version sent, or what was lost.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub request: String,
}

const ENTRIES: &str = "
    SELECT c.client, r.id, r.job, r.kind, r.environment, r.facilitator, c.agent, r.agent_title, c.from_agent,
           r.signed_in_as, r.started_at, c.operation, c.state, c.settled_at, c.message, c.code,
           c.organisation_number, c.client_id, c.name, r.agent, r.undo_of, r.retry_of, c.line, c.run
    FROM clients c JOIN runs r ON r.number = c.run";

impl Ledger {
    /// Everything about the organisation with this number, oldest run first.
    pub fn history_of_number(&self, number: &str) -> Result<Vec<HistoryEntry>, LedgerError> {
        self.history("c.organisation_number = ?1", &number)
    }

    /// Everything about the client with this party UUID, oldest run first; what is kept under its organisation
    /// number alone included.
    pub fn history_of_client(&self, client: ClientId) -> Result<Vec<HistoryEntry>, LedgerError> {
        self.history(
            "c.client IN (SELECT client FROM client_rows WHERE client_id = ?1 OR organisation_number IN
                (SELECT organisation_number FROM client_rows WHERE client_id = ?1 AND organisation_number IS NOT NULL))",
            &client,
        )
    }

    fn history(&self, which: &str, key: &dyn ToSql) -> Result<Vec<HistoryEntry>, LedgerError> {
        let mut select =
            self.connection.prepare(&format!("{ENTRIES} WHERE {which} ORDER BY c.run, c.client"))?;
        let mut rows = select.query(params![key])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            let mut entry = entry(row)?;
            entry.attempts = self.attempts_of(row.get(0)?)?;
            // Only a client that a row names is looked for again.
            if row.get::<u64>(22)? > 0 && is_as_wanted(&entry.state) {
                entry.unchanged_since = self.unchanged_since(row.get(23)?)?;
            }
            entries.push(entry);
        }
        Ok(entries)
    }

    fn unchanged_since(&self, run: i64) -> Result<Option<UnchangedSince>, LedgerError> {
        let mut select = self.connection.prepare_cached(
            "SELECT count(*) OVER (), id, started_at FROM runs WHERE unchanged_as = ?1 ORDER BY number DESC LIMIT 1",
        )?;
        let since = select.query_row([run], |row| {
            Ok(UnchangedSince { runs: row.get(0)?, last_run: row.get(1)?, last_at: row.get(2)? })
        });
        Ok(since.optional()?)
    }

    fn attempts_of(&self, client: i64) -> Result<Vec<HistoryAttempt>, LedgerError> {
        let mut select = self.connection.prepare_cached(
            "SELECT sent_at, agent, operation, verdict, duration_ms, status, code, message, trace_id, request
             FROM attempts WHERE client = ?1 ORDER BY sent_at, attempt",
        )?;
        let attempts = select.query_map([client], |row| {
            Ok(HistoryAttempt {
                sent_at: row.get(0)?,
                agent: row.get(1)?,
                operation: row.get(2)?,
                verdict: row.get(3)?,
                duration_ms: row.get(4)?,
                status: row.get(5)?,
                code: row.get(6)?,
                message: row.get(7)?,
                trace_id: row.get(8)?,
                request: row.get(9)?,
            })
        })?;
        Ok(attempts.collect::<Result<_, _>>()?)
    }
}

fn is_as_wanted(state: &str) -> bool {
    matches!(state.parse(), Ok(ClientState::Delegated | ClientState::Removed | ClientState::Unchanged))
}

fn entry(row: Row<'_>) -> db::Result<HistoryEntry> {
    let (agent, agent_of_run): (String, String) = (row.get(6)?, row.get(19)?);
    // The title is the run's agent's; another agent of the same run has none in the ledger.
    let agent_title = if agent == agent_of_run { row.get(7)? } else { String::new() };
    Ok(HistoryEntry {
        run: row.get(1)?,
        job: row.get(2)?,
        kind: row.get(3)?,
        environment: row.get(4)?,
        facilitator: row.get(5)?,
        agent,
        agent_title,
        from_agent: row.get(8)?,
        signed_in_as: row.get(9)?,
        planned_at: row.get(10)?,
        operation: row.get(11)?,
        state: row.get(12)?,
        settled_at: row.get(13)?,
        message: row.get(14)?,
        code: row.get(15)?,
        organisation_number: row.get(16)?,
        client: row.get(17)?,
        name: row.get(18)?,
        undo_of: row.get(20)?,
        retry_of: row.get(21)?,
        attempts: Vec::new(),
        unchanged_since: None,
    })
}
