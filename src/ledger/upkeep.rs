//! Keeping the ledger small, and safe: what may be forgotten, and a copy of all of it.

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use super::{
    Ledger, LedgerError,
    db::{NotCopied, params},
    stamp,
};
use crate::{
    model::{RunId, RunStatus},
    state_dir::{NotMade, make_new},
};

/// A run that may be forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Prunable {
    /// Its id.
    pub run: RunId,
    /// The job's name.
    pub job: String,
    /// When it began: UTC.
    pub started_at: String,
}

impl Ledger {
    /// Runs that ended before this time and may be forgotten, oldest first. Kept are the last run of every job, runs
    /// that have not come to their end, and a run that a kept one points to because it found the same clients
    /// unchanged.
    pub fn prunable(&self, before: Timestamp) -> Result<Vec<Prunable>, LedgerError> {
        let mut select = self.connection.prepare(
            "WITH old AS (
                SELECT number FROM runs AS r WHERE status IN (?2, ?3, ?4) AND finished_at < ?1
                    AND EXISTS (SELECT 1 FROM runs AS later WHERE later.number > r.number AND later.job = r.job
                                AND later.status != ?4 AND later.environment = r.environment AND later.facilitator = r.facilitator))
             SELECT id, job, started_at FROM runs
             WHERE number IN (SELECT number FROM old) AND NOT EXISTS (
                SELECT 1 FROM runs AS night WHERE night.unchanged_as = runs.number AND night.number NOT IN (SELECT number FROM old))
             ORDER BY number",
        )?;
        let runs = select.query_map(
            params![stamp(before), RunStatus::Completed, RunStatus::Superseded, RunStatus::Refused],
            |row| Ok(Prunable { run: row.get(0)?, job: row.get(1)?, started_at: row.get(2)? }),
        )?;
        Ok(runs.collect::<Result<_, _>>()?)
    }

    /// Forgets these runs with their clients and attempts, and gives the room back to the disk.
    pub fn forget(&mut self, runs: &[RunId]) -> Result<(), LedgerError> {
        let transaction = self.writing()?;
        for run in runs.iter().rev() {
            let number: i64 =
                transaction.query_row("SELECT number FROM runs WHERE id = ?1", [run], |row| row.get(0))?;
            transaction.execute(
                "DELETE FROM attempt_rows WHERE client IN (SELECT client FROM client_rows WHERE run = ?1)",
                [number],
            )?;
            transaction.execute(
                "DELETE FROM system_user_asks WHERE client IN (SELECT client FROM client_rows WHERE run = ?1)",
                [number],
            )?;
            transaction.execute("DELETE FROM client_rows WHERE run = ?1", [number])?;
            transaction.execute("DELETE FROM runs WHERE number = ?1", [number])?;
        }
        transaction.commit()?;
        self.connection.vacuum()?;
        self.checkpoint()
    }

    /// Copies the ledger as it is now into a file of its owner's, also while a run writes it. The file must not be
    /// there yet, and is there only when it is whole.
    ///
    /// # Errors
    ///
    /// The file is there or cannot be written, the ledger cannot be read, or it is on a server.
    pub fn back_up(&self, to: &Path) -> Result<(), LedgerError> {
        if self.address.is_some() {
            return Err(LedgerError::OnServer);
        }
        let not_written = |error| LedgerError::Backup { file: to.to_owned(), error };
        let copied = make_new(to, |beside| {
            self.connection.copy_to(beside).map_err(|fault| match fault {
                NotCopied::Source(error) => error.into(),
                NotCopied::Copy(error) => not_written(error),
            })
        });
        copied.map_err(|fault| match fault {
            NotMade::Place(error) => not_written(error),
            NotMade::Content(error) => error,
        })
    }
}
