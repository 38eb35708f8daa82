//! What a plan is made of: which clients, for which agent, and what is wanted for them. They come from a manifest, from
//! the clients that are delegated now, from the failures of an earlier run, or from what an earlier run changed.

use std::collections::BTreeMap;

use super::{
    Ledger, LedgerError,
    db::{Connection, params},
};
use crate::{
    model::{AgentId, AttemptVerdict, ClientId, Intent, JobKind, ManifestRow, Operation, RunId, opposite},
    words::Wording,
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
        problem: Wording,
        /// What stood there.
        cells: Vec<String>,
    },
    /// A row that names a client again, and has a name for it.
    Repeated {
        /// The line in the file.
        line: u64,
        /// The line that names the client first.
        first_line: u64,
        /// The name that stands there.
        name: String,
        /// What stood there.
        cells: Vec<String>,
    },
}

/// What the `agent` column of a manifest names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedAgent {
    /// As it stands there.
    pub name: String,
    /// The first line that names it.
    pub line: u64,
    /// How many rows do.
    pub rows: u64,
}

/// The table of the intents, on this connection only.
///
/// `agent` is a name from the manifest until [`Ledger::set_agents`] makes it a UUID, and null where a row leaves it to
/// the job. `wanted` is the same with the job's agents in it: a million rows are not written a second time for that.
pub(super) fn make_table(connection: &Connection) -> Result<(), LedgerError> {
    connection.execute_batch(
        "CREATE TEMP TABLE intents (
            seq INTEGER PRIMARY KEY, line INTEGER NOT NULL, number INTEGER, client_id TEXT, agent TEXT,
            from_agent TEXT, intent TEXT NOT NULL, problem TEXT NOT NULL, cells TEXT NOT NULL, list_name TEXT);
         CREATE TEMP TABLE job_agents (agent TEXT NOT NULL, from_agent TEXT);
         CREATE TEMP TABLE agent_names (name TEXT PRIMARY KEY, agent TEXT NOT NULL) WITHOUT ROWID;
         CREATE TEMP VIEW wanted AS
            SELECT seq, line, number, client_id, intent, problem, cells, list_name,
                   coalesce(agent, (SELECT agent FROM temp.job_agents)) AS agent,
                   coalesce((SELECT from_agent FROM temp.job_agents), from_agent) AS from_agent
            FROM temp.intents;",
    )?;
    Ok(())
}

const INSERT: &str =
    "INSERT INTO temp.intents (line, number, client_id, agent, from_agent, intent, problem, cells)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

/// The same of a row, with the name that the list has for the client.
const INSERT_ROW: &str =
    "INSERT INTO temp.intents (line, number, client_id, agent, from_agent, intent, problem, cells, list_name)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

const INSERT_REPEATED: &str =
    "INSERT INTO temp.repeated (line, first_line, name, intent, cells) VALUES (?1, ?2, ?3, ?4, ?5)";

impl Ledger {
    /// Forgets the plan that was being made.
    pub fn clear_plan(&mut self) -> Result<(), LedgerError> {
        self.connection.execute_batch(
            "DROP INDEX IF EXISTS temp.intents_number; DROP INDEX IF EXISTS temp.plan_client;
             DELETE FROM temp.intents; DELETE FROM temp.plan; DELETE FROM temp.job_agents;
             DELETE FROM temp.agent_names; DELETE FROM temp.repeated; DELETE FROM temp.delegated_since;",
        )?;
        Ok(())
    }

    /// Adds rows of the manifest of a job of this kind to the plan that is being made.
    pub fn add_rows(&mut self, kind: JobKind, entries: &[PlanEntry]) -> Result<(), LedgerError> {
        let transaction = self.connection.transaction()?;
        {
            let mut insert = transaction.prepare_cached(INSERT_ROW)?;
            let mut repeat = transaction.prepare_cached(INSERT_REPEATED)?;
            let nobody = None::<String>;
            for entry in entries {
                match entry {
                    PlanEntry::Row(row) => insert.put(params![
                        row.line,
                        row.number.as_u32(),
                        nobody,
                        row.agent,
                        nobody,
                        kind.intent(row.action),
                        "",
                        cells_to_text(&row.cells),
                        row.name
                    ])?,
                    PlanEntry::Rejected { line, problem, cells } => insert.put(params![
                        line,
                        None::<u32>,
                        nobody,
                        nobody,
                        nobody,
                        kind.row().intent,
                        problem,
                        cells_to_text(cells),
                        nobody
                    ])?,
                    PlanEntry::Repeated { line, first_line, name, cells } => repeat.put(params![
                        line,
                        first_line,
                        name,
                        kind.row().intent,
                        cells_to_text(cells)
                    ])?,
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// The agents that the manifest's rows name.
    pub fn agents_named(&self) -> Result<Vec<NamedAgent>, LedgerError> {
        let mut select = self.connection.prepare(
            "SELECT agent, min(line), count(*) FROM
                (SELECT agent, line FROM temp.intents WHERE agent IS NOT NULL
                 UNION ALL SELECT from_agent, line FROM temp.intents WHERE from_agent IS NOT NULL) AS named
             GROUP BY agent ORDER BY 2",
        )?;
        let named = select.query_map([], |row| {
            Ok(NamedAgent { name: row.get(0)?, line: row.get(1)?, rows: row.get(2)? })
        })?;
        Ok(named.collect::<Result<_, _>>()?)
    }

    /// Makes the named agents those that they are, and gives the rows without one the job's; `from_agent` is the
    /// old agent of a migration. Answers the lines that say the same as an earlier one in other words, which are
    /// taken out. Whether a pair has two intents is seen by [`Self::contradiction`].
    pub fn set_agents(
        &mut self,
        named: &BTreeMap<String, AgentId>,
        default: AgentId,
        from_agent: Option<AgentId>,
    ) -> Result<Vec<u64>, LedgerError> {
        let transaction = self.connection.transaction()?;
        transaction.execute("DELETE FROM temp.job_agents", [])?;
        transaction.execute("INSERT INTO temp.job_agents VALUES (?1, ?2)", params![default, from_agent])?;
        for (name, agent) in named {
            transaction
                .prepare_cached(
                    "INSERT INTO temp.agent_names (name, agent) VALUES (?1, ?2)
                     ON CONFLICT (name) DO UPDATE SET agent = excluded.agent",
                )?
                .put(params![name, agent])?;
        }
        if !named.is_empty() {
            transaction.execute(
                "UPDATE temp.intents SET agent = n.agent FROM temp.agent_names n WHERE n.name = intents.agent",
                [],
            )?;
        }
        // Without names the reader has seen to it that no client comes twice.
        let repeated = if named.is_empty() {
            Vec::new()
        } else {
            let mut select = transaction.prepare(
                "DELETE FROM temp.intents WHERE number IS NOT NULL AND client_id IS NULL AND seq NOT IN
                    (SELECT min(seq) FROM temp.wanted WHERE number IS NOT NULL AND client_id IS NULL
                     GROUP BY number, agent, intent) RETURNING line",
            )?;
            let lines = select.query_map([], |row| row.get(0))?;
            lines.collect::<Result<Vec<u64>, _>>()?
        };
        transaction.commit()?;
        Ok(repeated)
    }

    /// Two lines that want the opposite for the same client on the same agent, which they name differently.
    pub fn contradiction(&self) -> Result<Option<(u64, u64)>, LedgerError> {
        let mut select = self.connection.prepare(
            "SELECT min(line), max(line) FROM temp.wanted WHERE number IS NOT NULL AND client_id IS NULL
             GROUP BY number, agent HAVING count(DISTINCT intent) > 1 LIMIT 1",
        )?;
        let mut rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.next().transpose()?)
    }

    /// Fills the plan that is being made with every client that is delegated to an agent now, private persons
    /// included. Answers how many they are.
    pub fn add_delegated(&mut self, kind: JobKind, agent: AgentId) -> Result<u64, LedgerError> {
        let added = self.connection.execute(
            "INSERT INTO temp.intents (line, number, client_id, intent, problem, cells)
             SELECT 0, number, id, ?2, '',
                    json_array(CASE WHEN number IS NULL THEN '' ELSE substr(CAST(1000000000 + number AS TEXT), 2) END, name)
             FROM (SELECT number, id, name FROM temp.delegated WHERE agent = ?1 ORDER BY number IS NULL, number, id) AS listed",
            params![agent, kind.row().intent],
        )?;
        Ok(added as u64)
    }

    /// Fills the plan that is being made with the clients of a run that failed and may be tried again: each with
    /// what was wanted for it. Answers how many they are.
    pub fn add_failures_of(&mut self, run: &RunId) -> Result<u64, LedgerError> {
        let added = self.connection.execute(
            "INSERT INTO temp.intents (line, number, client_id, agent, from_agent, intent, problem, cells)
             SELECT line, CAST(organisation_number AS INTEGER),
                    CASE WHEN organisation_number IS NULL THEN client_id END,
                    (SELECT id FROM agents WHERE agents.agent = client_rows.agent),
                    (SELECT id FROM agents WHERE agents.agent = client_rows.from_agent), intent, '', cells
             FROM client_rows WHERE run = ?1 AND state = 'failed' AND retryable = 1 ORDER BY client",
            [self.run_number(run)?],
        )?;
        Ok(added as u64)
    }

    /// Fills the plan that is being made with the opposite of what a run changed, or may have changed: what it
    /// left confirmed, and what it sent without learning what came of it; not what was refused, nor what a later run
    /// has settled. Answers how many clients they are.
    ///
    /// A client that was delegated before and was given further packages keeps them: a removal would take everything. A
    /// client that was moved goes back: first to the old agent, then off the new one.
    pub fn add_opposites_of(&mut self, run: &RunId) -> Result<u64, LedgerError> {
        let run_number = self.run_number(run)?;
        let transaction = self.connection.transaction()?;
        let mut added = 0;
        {
            let mut select = transaction.prepare(&format!(
                "WITH may_have_changed AS (
                    SELECT client, operation FROM attempt_rows WHERE verdict IN ({})
                    UNION SELECT client, operation FROM client_rows WHERE state = 'sending')
                 SELECT line, CAST(organisation_number AS INTEGER), client_id,
                        (SELECT id FROM agents WHERE agents.agent = client_rows.agent),
                        (SELECT id FROM agents WHERE agents.agent = client_rows.from_agent), intent, operation,
                        EXISTS (SELECT 1 FROM may_have_changed m WHERE m.client = client_rows.client
                                AND m.operation = 'delegate'), cells
                 FROM client_rows
                 WHERE run = ?1 AND client_id IS NOT NULL AND intent != 'refresh'
                   AND (state IN ('delegated', 'removed', 'sending')
                        OR (state NOT IN ('unchanged', 'superseded', 'rejected')
                            AND EXISTS (SELECT 1 FROM may_have_changed m WHERE m.client = client_rows.client)))
                 ORDER BY client",
                verdicts_that_may_have_changed()
            ))?;
            let mut insert = transaction.prepare(INSERT)?;
            let mut rows = select.query([run_number])?;
            while let Some(row) = rows.next()? {
                let (agent, from_agent): (AgentId, Option<AgentId>) = (row.get(3)?, row.get(4)?);
                let (intent, operation): (Intent, Operation) = (row.get(5)?, row.get(6)?);
                let undo = opposite(intent, operation, row.get(7)?);
                insert.put(params![
                    row.get::<u64>(0)?,
                    row.get::<Option<u32>>(1)?,
                    row.get::<ClientId>(2)?,
                    from_agent.unwrap_or(agent),
                    undo.agents_swap.then_some(agent),
                    undo.intent,
                    "",
                    row.get::<String>(8)?,
                ])?;
                added += 1;
            }
        }
        transaction.commit()?;
        Ok(added)
    }

    /// Agents that clients are only taken from.
    pub fn agents_only_moved_from(&self) -> Result<Vec<AgentId>, LedgerError> {
        let mut select = self.connection.prepare(
            "SELECT DISTINCT from_agent FROM temp.intents WHERE from_agent IS NOT NULL
             EXCEPT SELECT agent FROM temp.intents",
        )?;
        let agents = select.query_map([], |row| row.get(0))?;
        Ok(agents.collect::<Result<_, _>>()?)
    }

    /// Clients of the plan that is being made that later runs than this one have changed too.
    pub fn changed_by_later_runs(&self, run: &RunId) -> Result<u64, LedgerError> {
        Ok(self.connection.query_row(
            "SELECT count(*) FROM temp.intents w WHERE EXISTS (
                SELECT 1 FROM client_rows l JOIN runs r ON r.number = l.run
                WHERE l.client_id = w.client_id AND l.state IN ('delegated', 'removed')
                  AND EXISTS (SELECT 1 FROM agents WHERE agents.id IN (w.agent, w.from_agent)
                              AND agents.agent IN (l.agent, l.from_agent))
                  AND r.number > ?1 AND r.environment = (SELECT environment FROM runs WHERE number = ?1))",
            [self.run_number(run)?],
            |row| row.get(0),
        )?)
    }
}

/// For `verdict IN (…)`: attempts that may have changed something at Altinn.
fn verdicts_that_may_have_changed() -> String {
    use strum::VariantArray;
    let words = AttemptVerdict::VARIANTS.iter().filter(|verdict| verdict.may_have_changed());
    words.map(|verdict| format!("'{}'", <&str>::from(*verdict))).collect::<Vec<_>>().join(", ")
}

/// The cells of a row as one text: a JSON array.
pub(super) fn cells_to_text(cells: &[String]) -> String {
    serde_json::to_string(cells).unwrap_or_default()
}

/// Back from [`cells_to_text`].
pub(super) fn cells_from_text(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}
