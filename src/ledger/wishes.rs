//! What a plan is made of: which clients, for which agent, and what is wished for them.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::{Ledger, LedgerError};
use crate::model::{Action, AgentId, JobKind, ManifestRow, RunId, Wanted};

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

/// The table of the wishes, on this connection only.
///
/// `agent` is a name from the manifest until [`Ledger::set_agents`] makes it a UUID.
pub(super) fn make_table(connection: &Connection) -> Result<(), LedgerError> {
    connection.execute_batch(
        "CREATE TEMP TABLE wishes (
            seq INTEGER PRIMARY KEY, line INTEGER NOT NULL, number INTEGER, client_id TEXT, agent TEXT,
            from_agent TEXT, wanted TEXT, action TEXT, problem TEXT NOT NULL, cells TEXT NOT NULL);
         CREATE INDEX temp.wishes_number ON wishes (agent, number);",
    )?;
    Ok(())
}

impl Ledger {
    /// Forgets the plan that was being made.
    pub fn clear_plan(&mut self) -> Result<(), LedgerError> {
        self.connection.execute_batch("DELETE FROM temp.wishes; DELETE FROM temp.plan;")?;
        Ok(())
    }

    /// Adds rows of a manifest to the plan that is being made.
    pub fn add_to_plan(&mut self, entries: &[PlanEntry]) -> Result<(), LedgerError> {
        let transaction = self.connection.transaction()?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO temp.wishes (line, number, agent, action, problem, cells)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            for entry in entries {
                match entry {
                    PlanEntry::Row(row) => insert.execute(params![
                        row.line,
                        row.number.as_u32(),
                        row.agent,
                        row.action.map(Action::as_str),
                        "",
                        cells_to_text(&row.cells)
                    ])?,
                    PlanEntry::Rejected { line, problem, cells } => insert.execute(params![
                        line,
                        None::<u32>,
                        None::<&str>,
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

    /// The agents that the manifest's rows name.
    pub fn agents_named(&self) -> Result<Vec<NamedAgent>, LedgerError> {
        let mut select = self.connection.prepare(
            "SELECT agent, min(line), count(*) FROM
                (SELECT agent, line FROM temp.wishes WHERE agent IS NOT NULL
                 UNION ALL SELECT from_agent, line FROM temp.wishes WHERE from_agent IS NOT NULL)
             GROUP BY agent ORDER BY 2",
        )?;
        let named = select.query_map([], |row| {
            Ok(NamedAgent { name: row.get(0)?, line: row.get(1)?, rows: row.get(2)? })
        })?;
        Ok(named.collect::<Result<_, _>>()?)
    }

    /// Makes the named agents those that they are, and gives the rows without one the job's; `from_agent` is the
    /// old agent of a migration. Answers the lines that say the same as an earlier one in other words, which are
    /// taken out.
    ///
    /// # Errors
    ///
    /// Besides the ledger's own, none: whether a pair has two actions is seen by [`Self::contradiction`].
    pub fn set_agents(
        &mut self,
        named: &BTreeMap<String, AgentId>,
        default: AgentId,
        from_agent: Option<AgentId>,
    ) -> Result<Vec<u64>, LedgerError> {
        let transaction = self.connection.transaction()?;
        for (name, agent) in named {
            transaction.execute(
                "UPDATE temp.wishes SET agent = ?2 WHERE agent = ?1",
                params![name, agent.to_string()],
            )?;
        }
        transaction
            .execute("UPDATE temp.wishes SET agent = ?1 WHERE agent IS NULL", [default.to_string()])?;
        if let Some(from_agent) = from_agent {
            transaction.execute("UPDATE temp.wishes SET from_agent = ?1", [from_agent.to_string()])?;
        }
        let repeated = {
            let mut select = transaction.prepare(
                "DELETE FROM temp.wishes WHERE number IS NOT NULL AND client_id IS NULL AND seq NOT IN
                    (SELECT min(seq) FROM temp.wishes WHERE number IS NOT NULL AND client_id IS NULL
                     GROUP BY number, agent, coalesce(action, '')) RETURNING line",
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
            "SELECT min(line), max(line) FROM temp.wishes WHERE number IS NOT NULL
             GROUP BY number, agent HAVING count(DISTINCT action) > 1 LIMIT 1",
        )?;
        let mut rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.next().transpose()?)
    }

    /// Fills the plan that is being made with every client that is delegated to an agent now, private persons
    /// included. Answers how many they are.
    pub fn add_delegated_to_plan(&mut self, agent: AgentId) -> Result<u64, LedgerError> {
        let added = self.connection.execute(
            "INSERT INTO temp.wishes (line, number, client_id, problem, cells)
             SELECT 0, number, id, '', json_array(coalesce(printf('%09d', number), ''), name)
             FROM (SELECT number, id, name FROM temp.delegated WHERE agent = ?1 ORDER BY number IS NULL, number, id)",
            [agent.to_string()],
        )?;
        // `printf` makes zeros of no number.
        self.connection.execute(
            "UPDATE temp.wishes SET cells = json_set(cells, '$[0]', '') WHERE number IS NULL AND client_id IS NOT NULL",
            [],
        )?;
        Ok(added as u64)
    }

    /// Fills the plan that is being made with the clients of a run that failed and may be tried again: each with
    /// what was wished for it. Answers how many they are.
    pub fn add_failures_to_plan(&mut self, run: &RunId) -> Result<u64, LedgerError> {
        let added = self.connection.execute(
            "INSERT INTO temp.wishes (line, number, client_id, agent, from_agent, wanted, problem, cells)
             SELECT line, CAST(organisation_number AS INTEGER),
                    CASE WHEN organisation_number IS NULL THEN client_id END, clients.agent, from_agent,
                    CASE WHEN from_agent IS NOT NULL THEN ?2 WHEN runs.kind = ?3 THEN ?4 ELSE operation END, '', cells
             FROM clients JOIN runs ON runs.number = clients.run
             WHERE runs.id = ?1 AND state = 'failed' AND retryable = 1 ORDER BY client",
            params![
                run.as_str(),
                Wanted::Move.as_str(),
                JobKind::Refresh.as_str(),
                Wanted::DelegateAgain.as_str()
            ],
        )?;
        Ok(added as u64)
    }

    /// Fills the plan that is being made with the opposite of what a run changed, or may have changed: what it
    /// left confirmed, and what it sent without learning what came of it; not what was refused. Answers how many clients they are.
    ///
    /// A client that was moved goes back: first to the old agent, then off the new one.
    pub fn add_opposites_to_plan(&mut self, run: &RunId) -> Result<u64, LedgerError> {
        let added = self.connection.execute(
            "WITH may_have_changed AS (
                SELECT client, operation FROM attempts
                WHERE verdict IN ('done', 'lost', 'again: unclear', 'again: unreachable')
                UNION SELECT client, operation FROM clients WHERE state = 'sending')
             INSERT INTO temp.wishes (line, number, client_id, agent, from_agent, wanted, problem, cells)
             SELECT line, CAST(organisation_number AS INTEGER), client_id,
                    CASE WHEN from_agent IS NULL THEN agent ELSE from_agent END,
                    CASE WHEN from_agent IS NOT NULL AND was_delegated THEN agent END,
                    CASE WHEN from_agent IS NOT NULL AND was_delegated THEN ?2
                         WHEN from_agent IS NOT NULL OR operation = 'remove' THEN ?3
                         ELSE ?4 END, '', cells
             FROM (SELECT clients.*,
                          EXISTS (SELECT 1 FROM may_have_changed m WHERE m.client = clients.client
                                  AND m.operation = 'delegate') AS was_delegated
                   FROM clients
                   WHERE run = (SELECT number FROM runs WHERE id = ?1) AND client_id IS NOT NULL
                     AND (state IN ('delegated', 'removed', 'sending')
                          OR (state NOT IN ('unchanged', 'rejected')
                              AND EXISTS (SELECT 1 FROM may_have_changed m WHERE m.client = clients.client))))
             ORDER BY client",
            params![run.as_str(), Wanted::Move.as_str(), Wanted::Delegate.as_str(), Wanted::Remove.as_str()],
        )?;
        Ok(added as u64)
    }

    /// Agents that clients are only taken from.
    pub fn agents_only_moved_from(&self) -> Result<Vec<String>, LedgerError> {
        let mut select = self.connection.prepare(
            "SELECT DISTINCT from_agent FROM temp.wishes WHERE from_agent IS NOT NULL
             EXCEPT SELECT agent FROM temp.wishes",
        )?;
        let agents = select.query_map([], |row| row.get(0))?;
        Ok(agents.collect::<Result<_, _>>()?)
    }

    /// Clients of the plan that is being made that later runs than this one have changed too.
    pub fn changed_by_later_runs(&self, run: &RunId) -> Result<u64, LedgerError> {
        Ok(self.connection.query_row(
            "SELECT count(*) FROM temp.wishes w WHERE EXISTS (
                SELECT 1 FROM clients l JOIN runs r ON r.number = l.run
                WHERE l.client_id = w.client_id AND l.state IN ('delegated', 'removed')
                  AND (l.agent IN (w.agent, w.from_agent) OR l.from_agent IN (w.agent, w.from_agent))
                  AND r.number > (SELECT number FROM runs WHERE id = ?1)
                  AND r.environment = (SELECT environment FROM runs WHERE id = ?1))",
            [run.as_str()],
            |row| row.get(0),
        )?)
    }
}

/// The cells of a row as one text: a JSON array.
pub(super) fn cells_to_text(cells: &[String]) -> String {
    serde_json::to_string(cells).unwrap_or_default()
}

/// Back from [`cells_to_text`].
pub(super) fn cells_from_text(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}
