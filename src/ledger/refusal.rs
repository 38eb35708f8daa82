//! Runs that were refused: kept so that a night on which nothing was sent can be seen, and nothing else.

use super::{
    Ledger, LedgerError, NewRun,
    db::{OptionalExtension, params},
    run::insert_run,
};
use crate::{
    clock,
    model::{RunId, RunStatus},
    words::Wording,
};

/// Failed clients of a run. A row that could not be read has only its cells to be known by.
const FAILED: &str = "SELECT agent, coalesce(organisation_number, client_id, cells) FROM clients
    WHERE state IN ('failed', 'rejected') AND run =";

impl Ledger {
    /// Keeps that a run was refused before it began, and why, in words. It has no clients, is never gone on with and
    /// never the newest run that a command means.
    pub fn record_refused(&mut self, run: &NewRun, why: &Wording) -> Result<RunId, LedgerError> {
        let id = RunId::from_random(fastrand::u64(..));
        let transaction = self.writing()?;
        let number = insert_run(&transaction, &id, run, clock::now())?;
        transaction.execute(
            "UPDATE runs SET status = ?2, finished_at = started_at, stop_message = ?3 WHERE number = ?1",
            params![number, RunStatus::Refused, why],
        )?;
        transaction.commit()?;
        Ok(id)
    }

    /// Whether clients of a run failed that did not fail in the last run of its job that came to its end before; a run
    /// of another's failures, and an undo, is no such last run.
    pub fn has_new_failures(&self, run: &RunId) -> Result<bool, LedgerError> {
        let this = self.run_number(run)?;
        let before: Option<i64> = self
            .connection
            .query_row(
                "SELECT b.number FROM runs b JOIN runs r ON r.number = ?1
                 WHERE b.number < r.number AND b.job = r.job AND b.environment = r.environment
                   AND b.facilitator = r.facilitator AND b.status = ?2 AND b.retry_of IS NULL AND b.undo_of IS NULL
                 ORDER BY b.number DESC LIMIT 1",
                params![this, RunStatus::Completed],
                |row| row.get(0),
            )
            .optional()?;
        Ok(self.connection.query_row(
            &format!("SELECT EXISTS ({FAILED} ?1 EXCEPT {FAILED} ?2)"),
            params![this, before],
            |row| row.get(0),
        )?)
    }
}
