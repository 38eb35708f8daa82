//! The clients of a run, streamed: what every report is made from.

use std::collections::HashMap;

use super::{
    Ledger, LedgerError,
    db::{Row, params},
    intents::cells_from_text,
};
use crate::{
    model::{AgentId, ClientState, Intent, Operation, RunId},
    words::Wording,
};
use jiff::Timestamp;

/// One client of a run, with all there is to say of it.
#[derive(Debug, Clone)]
pub struct ClientRecord {
    /// The ledger's key of it in this run.
    pub row: i64,
    /// The line in the manifest; 0 for a client that no row names.
    pub line: u64,
    /// The cells of the manifest's row, as the ledger keeps them: see [`Self::cells`].
    kept_cells: String,
    /// The organisation number, where it could be read; none for a private person.
    pub organisation_number: Option<String>,
    /// The name, as Altinn has it.
    pub name: String,
    /// The agent; of a migration, the new one.
    pub agent: AgentId,
    /// The agent that a migration takes the client from.
    pub from_agent: Option<AgentId>,
    /// What was wanted.
    pub intent: Intent,
    /// What was to be done last.
    pub operation: Option<Operation>,
    /// Where it stands.
    pub state: ClientState,
    /// The last HTTP status.
    pub status: Option<u16>,
    /// The last code.
    pub code: Option<String>,
    /// What was said.
    pub message: Wording,
    /// Whether a later run may try again.
    pub retryable: bool,
    /// How often it was sent.
    pub attempts: u64,
    /// When it was last sent.
    pub last_attempt_at: Option<Timestamp>,
    /// The trace id of the last answer.
    pub trace_id: Option<String>,
    /// What a person can do.
    pub hint: Wording,
    /// When it came to its final state.
    pub settled_at: Option<Timestamp>,
}

/// Which clients of a run are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that failed and the rows that were rejected.
    Failures,
    /// Those that are not settled yet.
    Unsettled,
    /// Those that the run removed.
    Removed,
    /// Those that the run delegated.
    Delegated,
    /// Those that were so already; of a night that changed nothing also those of the run that it points to.
    Unchanged,
    /// Firms that the run asked, and those whose requests it took back.
    Asked,
    /// Delegated, removed and unchanged, in the order of the manifest; of firms those that were asked or withdrawn.
    Done,
    /// Those that a later run settled, or whose run a later one took the place of.
    Superseded,
}

impl Which {
    fn states(self) -> &'static str {
        match self {
            Self::Failures => "'failed', 'rejected'",
            Self::Unsettled => "'pending', 'sending', 'waiting', 'answered', 'unverified'",
            Self::Removed => "'removed'",
            Self::Delegated => "'delegated'",
            Self::Unchanged => "'unchanged'",
            Self::Asked => "'asked', 'withdrawn'",
            Self::Done => "'delegated', 'removed', 'asked', 'withdrawn', 'unchanged'",
            Self::Superseded => "'superseded'",
        }
    }

    fn has_unchanged(self) -> bool {
        matches!(self, Self::Unchanged | Self::Done)
    }
}

const COLUMNS: &str =
    "line, cells, organisation_number, name, operation, state, status, code, message, retryable,
    (SELECT count(*) FROM attempt_rows a WHERE a.client = client_rows.client),
    last_attempt_ms, trace_id, hint, intent, agent, from_agent, settled_ms, client";

impl ClientRecord {
    /// The cells of the manifest's row; none for a client that no row names.
    pub fn cells(&self) -> Vec<String> {
        cells_from_text(&self.kept_cells)
    }

    /// The agent that the outcome is about: a client that was only taken off its old agent is said of that one.
    pub fn agent_of_outcome(&self) -> AgentId {
        match (self.state, self.from_agent) {
            (ClientState::Removed, Some(from_agent)) => from_agent,
            _ => self.agent,
        }
    }

    /// What the outcome is an outcome of, in a word: a client that was moved was delegated, whatever was sent for it last;
    /// of a firm what was wanted.
    pub fn operation_of_outcome(&self) -> &'static str {
        let operation = match self.state {
            ClientState::Delegated => Some(Operation::Delegate),
            ClientState::Removed => Some(Operation::Remove),
            _ => self.operation.or_else(|| self.intent.operation()),
        };
        operation.map_or_else(|| self.intent.as_str(), Operation::as_str)
    }
}

impl Ledger {
    /// Shows the clients of a run, in the manifest's order, at most so many.
    ///
    /// A night that changed nothing has no rows of its own for the clients that it found as an earlier run left them:
    /// they are shown as that run has them, unchanged since this night began.
    pub fn each_client<E: From<LedgerError>>(
        &self,
        run: &RunId,
        which: Which,
        most: Option<u64>,
        mut show: impl FnMut(&ClientRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        let number = self.run_number(run)?;
        let most = most.map_or(i64::MAX, |most| i64::try_from(most).unwrap_or(i64::MAX));
        let mut left = most;
        let own = format!(
            "SELECT {COLUMNS} FROM client_rows WHERE run = ?1 AND state IN ({}) ORDER BY client LIMIT ?2",
            which.states()
        );
        self.each_of(&own, number, left, |client| {
            left = if left > 0 { left - 1 } else { left };
            show(&client)
        })?;
        let base = self.unchanged_night(number)?;
        let (Some((base, night)), true) = (base, which.has_unchanged() && left != 0) else { return Ok(()) };
        let theirs = format!(
            "SELECT {COLUMNS} FROM client_rows WHERE run = ?1 AND line > 0 AND state IN ({}) ORDER BY client LIMIT ?2",
            Which::Done.states()
        );
        self.each_of(&theirs, base, left, |client| show(&as_found(client, night)))
    }

    /// Shows the name that Altinn has and the cells of each row of a run's list, but for those that a later run has settled:
    /// what names are compared by, without all the rest.
    pub fn each_name<E: From<LedgerError>>(
        &self,
        run: &RunId,
        mut show: impl FnMut(&str, &[String]) -> Result<(), E>,
    ) -> Result<(), E> {
        let number = self.run_number(run)?;
        let base = self.unchanged_night(number)?.map(|(base, _)| (base, Which::Done));
        let all = [Which::Failures, Which::Unsettled, Which::Done].map(|which| (number, which));
        for (number, which) in all.into_iter().chain(base) {
            let sql = format!(
                "SELECT name, cells FROM client_rows WHERE run = ?1 AND line > 0 AND name != '' AND state IN ({})",
                which.states()
            );
            let mut select = self.connection.prepare(&sql).map_err(LedgerError::from)?;
            let mut rows = select.query(params![number]).map_err(LedgerError::from)?;
            while let Some(row) = rows.next().map_err(LedgerError::from)? {
                let (name, cells): (String, String) =
                    (row.get(0).map_err(LedgerError::from)?, row.get(1).map_err(LedgerError::from)?);
                show(&name, &cells_from_text(&cells))?;
            }
        }
        Ok(())
    }

    /// The run whose clients this one found unchanged, and when this one began.
    fn unchanged_night(&self, number: i64) -> Result<Option<(i64, Option<Timestamp>)>, LedgerError> {
        let (base, night) = self.connection.query_row(
            "SELECT unchanged_as, started_at FROM runs WHERE number = ?1",
            [number],
            |row| Ok((row.get::<Option<i64>>(0)?, row.get::<String>(1)?)),
        )?;
        Ok(base.map(|base| (base, night.parse().ok())))
    }

    fn each_of<E: From<LedgerError>>(
        &self,
        select: &str,
        run: i64,
        most: i64,
        mut show: impl FnMut(ClientRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        let agents = self.agents_by_key()?;
        let mut select = self.connection.prepare(select).map_err(LedgerError::from)?;
        let mut rows = select.query(params![run, most]).map_err(LedgerError::from)?;
        while let Some(row) = rows.next().map_err(LedgerError::from)? {
            show(from_row(row, &agents)?)?;
        }
        Ok(())
    }

    /// The agents, few, by the numbers that rows have for them.
    fn agents_by_key(&self) -> Result<HashMap<i64, AgentId>, LedgerError> {
        let mut select = self.connection.prepare("SELECT agent, id FROM agents")?;
        let agents = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(agents.collect::<Result<_, _>>()?)
    }
}

/// A client as a night that changed nothing found it.
fn as_found(client: ClientRecord, night: Option<Timestamp>) -> ClientRecord {
    ClientRecord {
        operation: client.intent.operation(),
        state: ClientState::Unchanged,
        status: None,
        code: None,
        message: Wording::NOTHING,
        retryable: false,
        attempts: 0,
        last_attempt_at: None,
        trace_id: None,
        hint: Wording::NOTHING,
        settled_at: night,
        ..client
    }
}

fn from_row(row: Row<'_>, agents: &HashMap<i64, AgentId>) -> Result<ClientRecord, LedgerError> {
    let time = |index: usize| -> Result<Option<Timestamp>, LedgerError> {
        let millis: Option<i64> = row.get(index)?;
        // What SQLite's date functions would show as nothing is nothing here, too.
        Ok(millis.and_then(|millis| Timestamp::from_millisecond(millis).ok()))
    };
    let agent = |key: i64| {
        agents.get(&key).copied().ok_or_else(|| LedgerError::Damaged(format!("agent {key} is missing")))
    };
    Ok(ClientRecord {
        row: row.get(18)?,
        line: row.get(0)?,
        kept_cells: row.get(1)?,
        organisation_number: row.get(2)?,
        name: row.get(3)?,
        operation: row.get(4)?,
        state: row.get(5)?,
        status: row.get(6)?,
        code: row.get(7)?,
        message: row.get(8)?,
        retryable: row.get(9)?,
        attempts: row.get(10)?,
        last_attempt_at: time(11)?,
        trace_id: row.get(12)?,
        hint: row.get(13)?,
        intent: row.get(14)?,
        agent: agent(row.get(15)?)?,
        from_agent: row.get::<Option<i64>>(16)?.map(agent).transpose()?,
        settled_at: time(17)?,
    })
}
