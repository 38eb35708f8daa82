//! A plan is made of the manifest and Altinn's two lists, in temporary tables, until somebody says yes to it.

use rusqlite::{Connection, Row, params};
use serde::Serialize;

use super::{Ledger, LedgerError};
use crate::model::{
    Action, ClientId, ClientState, JobKind, Listing, ManifestRow, Operation, OrganisationNumber, Planned,
    RunId, Totals, plan_client,
};

/// A row of the manifest, on its way into a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanEntry {
    /// A row that names a client.
    Row(ManifestRow),
    /// A row that could not be read and is left to the failure report.
    Rejected {
        /// The line in the file.
        line: u64,
        /// Everything that is wrong with it.
        problem: String,
        /// What stood there.
        cells: Vec<String>,
    },
}

/// What a plan comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlanCounts {
    /// What the run's totals will be if everything goes well.
    pub totals: Totals,
    /// How many clients the agent has now.
    pub delegated_now: u64,
    /// Clients of the manifest that are delegated but that Altinn no longer lists as available.
    pub gone: u64,
}

impl PlanCounts {
    /// Requests that the run sends if everything goes well, lists not counted.
    pub fn operations(&self) -> u64 {
        self.totals.delegated + self.totals.removed
    }
}

/// One client of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedClient {
    /// `delegate` or `remove`; none for a row that could not be read.
    pub operation: Option<Operation>,
    /// What comes of it: `pending` is to be sent.
    #[serde(skip)]
    pub state: ClientState,
    /// The client's organisation number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation_number: Option<String>,
    /// The client's party UUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The client's name, as Altinn has it.
    pub name: String,
    /// The line of the manifest.
    pub line: u64,
    /// Why nothing is sent, for a failure or a row that could not be read.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Delegated, but no longer listed as available.
    pub gone: bool,
}

/// The tables of a plan, on this connection only.
pub(super) fn make_tables(connection: &Connection) -> Result<(), LedgerError> {
    connection.execute_batch(
        "CREATE TEMP TABLE manifest (
            seq INTEGER PRIMARY KEY, line INTEGER NOT NULL, number INTEGER, action TEXT,
            problem TEXT NOT NULL, cells TEXT NOT NULL);
         CREATE TEMP TABLE plan (
            seq INTEGER PRIMARY KEY, line INTEGER NOT NULL, number TEXT, client_id TEXT, name TEXT NOT NULL,
            operation TEXT, state TEXT NOT NULL, message TEXT NOT NULL, hint TEXT NOT NULL, gone INTEGER NOT NULL,
            cells TEXT NOT NULL);",
    )?;
    Ok(())
}

/// One row of the manifest with what Altinn lists for it.
struct Candidate {
    seq: i64,
    line: u64,
    number: Option<u32>,
    action: Option<Action>,
    problem: String,
    cells: String,
    available: Option<(String, String)>,
    delegated: Option<(String, String)>,
    clients_with_number: u64,
}

const CANDIDATES: &str = "
    SELECT m.seq, m.line, m.number, m.action, m.problem, m.cells, a.id, a.name, d.id, d.name,
           (SELECT count(*) FROM (SELECT id FROM temp.available WHERE number = m.number
                                  UNION SELECT id FROM temp.delegated WHERE number = m.number))
    FROM temp.manifest m
    LEFT JOIN temp.available a ON a.id = (SELECT id FROM temp.available WHERE number = m.number LIMIT 1)
    LEFT JOIN temp.delegated d ON d.id = (SELECT id FROM temp.delegated WHERE number = m.number LIMIT 1)
    ORDER BY m.seq";

impl Candidate {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let pair = |id: Option<String>, name: Option<String>| id.map(|id| (id, name.unwrap_or_default()));
        Ok(Self {
            seq: row.get(0)?,
            line: row.get(1)?,
            number: row.get(2)?,
            action: row
                .get::<_, Option<String>>(3)?
                .map(|word| if word == Action::Remove.as_str() { Action::Remove } else { Action::Delegate }),
            problem: row.get(4)?,
            cells: row.get(5)?,
            available: pair(row.get(6)?, row.get(7)?),
            delegated: pair(row.get(8)?, row.get(9)?),
            clients_with_number: row.get(10)?,
        })
    }

    fn listing(&self) -> Listing {
        let id = |listed: &Option<(String, String)>| {
            listed.as_ref().and_then(|(id, _)| id.parse::<ClientId>().ok())
        };
        Listing {
            available: id(&self.available),
            delegated: id(&self.delegated),
            ambiguous: self.clients_with_number > 1,
        }
    }

    fn decide(&self, kind: JobKind) -> Decided {
        if self.number.is_none() {
            return Decided {
                operation: None,
                state: ClientState::Rejected,
                client: None,
                message: self.problem.clone(),
                hint: "correct the row and run this report as a manifest",
            };
        }
        let decided = |operation, state, client| Decided {
            operation: Some(operation),
            state,
            client,
            message: String::new(),
            hint: "",
        };
        match plan_client(kind, self.action, self.listing()) {
            Planned::Send(operation, client) => decided(operation, ClientState::Pending, Some(client)),
            Planned::Unchanged(operation, client) => decided(operation, ClientState::Unchanged, client),
            Planned::NotSent(operation, why) => Decided {
                message: why.message().to_owned(),
                hint: why.hint(),
                ..decided(operation, ClientState::Failed, None)
            },
        }
    }
}

struct Decided {
    operation: Option<Operation>,
    state: ClientState,
    client: Option<ClientId>,
    message: String,
    hint: &'static str,
}

impl Decided {
    /// The state that counts in what the plan promises: what is to be sent counts as done.
    fn promised(&self) -> ClientState {
        match (self.state, self.operation) {
            (ClientState::Pending, Some(Operation::Delegate)) => ClientState::Delegated,
            (ClientState::Pending, Some(Operation::Remove)) => ClientState::Removed,
            (state, _) => state,
        }
    }
}

impl Ledger {
    /// Forgets the plan that was being made.
    pub fn clear_plan(&mut self) -> Result<(), LedgerError> {
        self.connection.execute_batch("DELETE FROM temp.manifest; DELETE FROM temp.plan;")?;
        Ok(())
    }

    /// Adds rows of a manifest to the plan that is being made.
    pub fn add_to_plan(&mut self, entries: &[PlanEntry]) -> Result<(), LedgerError> {
        let transaction = self.connection.transaction()?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO temp.manifest (line, number, action, problem, cells) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for entry in entries {
                match entry {
                    PlanEntry::Row(row) => insert.execute(params![
                        row.line,
                        row.number.as_u32(),
                        row.action.map(Action::as_str),
                        "",
                        cells_to_text(&row.cells)
                    ])?,
                    PlanEntry::Rejected { line, problem, cells } => insert.execute(params![
                        line,
                        None::<u32>,
                        None::<&str>,
                        problem,
                        cells_to_text(cells)
                    ])?,
                };
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Fills the plan that is being made with the clients of a run that failed and may be tried again.
    /// Answers how many they are.
    pub fn add_failures_to_plan(&mut self, run: &RunId) -> Result<u64, LedgerError> {
        let added = self.connection.execute(
            "INSERT INTO temp.manifest (line, number, action, problem, cells)
             SELECT line, CAST(organisation_number AS INTEGER), operation, '', cells
             FROM clients JOIN runs ON runs.number = clients.run
             WHERE runs.id = ?1 AND state = 'failed' AND retryable = 1 ORDER BY client",
            [run.as_str()],
        )?;
        Ok(added as u64)
    }

    /// Makes the plan from the rows and the two lists. `rows` is how many rows the manifest has.
    pub fn make_plan(&mut self, kind: JobKind, rows: u64) -> Result<PlanCounts, LedgerError> {
        let mut counts = PlanCounts {
            delegated_now: self.list_len(crate::model::ClientList::Delegated)?,
            ..PlanCounts::default()
        };
        counts.totals.rows = rows;
        let transaction = self.connection.transaction()?;
        {
            let mut candidates = transaction.prepare(CANDIDATES)?;
            let mut insert = transaction.prepare(
                "INSERT INTO temp.plan (seq, line, number, client_id, name, operation, state, message, hint, gone, cells)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?;
            let mut rows = candidates.query([])?;
            while let Some(row) = rows.next()? {
                let candidate = Candidate::from_row(row)?;
                let decided = candidate.decide(kind);
                let gone = candidate.delegated.is_some() && candidate.available.is_none();
                counts.gone += u64::from(gone);
                counts.totals.count(decided.promised(), 1);
                let listed = candidate.delegated.or(candidate.available);
                insert.execute(params![
                    candidate.seq,
                    candidate.line,
                    candidate.number.and_then(OrganisationNumber::from_u32).map(|number| number.to_string()),
                    decided.client.map(|client| client.to_string()),
                    listed.map(|(_, name)| name).unwrap_or_default(),
                    decided.operation.map(Operation::as_str),
                    decided.state.as_str(),
                    decided.message,
                    decided.hint,
                    gone,
                    candidate.cells,
                ])?;
            }
        }
        transaction.commit()?;
        Ok(counts)
    }

    /// Shows every client of the plan, in the manifest's order.
    pub fn each_planned(&self, mut show: impl FnMut(PlannedClient)) -> Result<(), LedgerError> {
        let mut select = self.connection.prepare(
            "SELECT operation, state, number, client_id, name, line, message, gone FROM temp.plan ORDER BY seq",
        )?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            show(PlannedClient {
                operation: operation_from(row.get(0)?),
                state: ClientState::from_word(&row.get::<_, String>(1)?).unwrap_or(ClientState::Failed),
                organisation_number: row.get(2)?,
                client: row.get(3)?,
                name: row.get(4)?,
                line: row.get(5)?,
                message: row.get(6)?,
                gone: row.get(7)?,
            });
        }
        Ok(())
    }
}

/// An operation as the ledger holds it.
pub(super) fn operation_from(word: Option<String>) -> Option<Operation> {
    word.map(|word| if word == Operation::Remove.as_str() { Operation::Remove } else { Operation::Delegate })
}

/// The cells of a row as one text: a JSON array.
fn cells_to_text(cells: &[String]) -> String {
    serde_json::to_string(cells).unwrap_or_default()
}

/// Back from [`cells_to_text`].
pub(super) fn cells_from_text(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}
