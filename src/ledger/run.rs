//! A run begins and ends.

use jiff::Timestamp;
use rusqlite::params;

use super::{Ledger, LedgerError, stamp};
use crate::model::{AgentId, HaltCause, JobKind, OrganisationNumber, RunId, RunStatus};

/// What is known of a run before it begins.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// The job's name.
    pub job: String,
    /// The job's kind.
    pub kind: JobKind,
    /// `sandbox`, `tt02`, `prod` or an origin.
    pub environment: String,
    /// The firm.
    pub facilitator: OrganisationNumber,
    /// The agent.
    pub agent: AgentId,
    /// What people call the agent.
    pub agent_title: String,
    /// Where the job file is, so that `resume` finds it.
    pub job_file: String,
    /// What stood in it.
    pub job_text: String,
    /// Where the manifest is.
    pub manifest: String,
    /// The manifest's dialect as JSON, so that the failure report can be written in it.
    pub dialect: String,
    /// How many rows the manifest has.
    pub rows: u64,
    /// The run whose failures this one tries again.
    pub retry_of: Option<RunId>,
    /// The run that this one reverses.
    pub undo_of: Option<RunId>,
    /// Who signed in, in words for people; empty when the token does not say.
    pub signed_in_as: String,
}

impl Ledger {
    /// Makes the plan a run: from now on it is in the ledger and can be resumed.
    ///
    /// A run that another process left `running` on this agent is marked as interrupted: the caller holds the
    /// agent's lock, so that process is gone.
    pub fn begin_run(&mut self, run: &NewRun) -> Result<RunId, LedgerError> {
        let id = RunId::from_random(fastrand::u64(..));
        let started_at = stamp(Timestamp::now());
        // Writing from the start: one that reads first cannot wait for a run on another agent that writes meanwhile.
        let transaction =
            self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        transaction.execute(
            "UPDATE runs SET status = 'interrupted'
             WHERE status = 'running' AND environment = ?1 AND agent = ?2",
            params![run.environment, run.agent.to_string()],
        )?;
        transaction.execute(
            "INSERT INTO runs (id, job, kind, environment, facilitator, agent, agent_title, job_file, job_text,
                               manifest, dialect, rows, retry_of, undo_of, signed_in_as, status, program, started_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 'running', ?16, ?17)",
            params![
                id.as_str(),
                run.job,
                run.kind.as_str(),
                run.environment,
                run.facilitator.to_string(),
                run.agent.to_string(),
                run.agent_title,
                run.job_file,
                run.job_text,
                run.manifest,
                run.dialect,
                run.rows,
                run.retry_of.as_ref().map(RunId::as_str),
                run.undo_of.as_ref().map(RunId::as_str),
                run.signed_in_as,
                env!("CARGO_PKG_VERSION"),
                started_at,
            ],
        )?;
        transaction.execute(
            "INSERT INTO clients (run, agent, from_agent, line, organisation_number, client_id, name, operation, state,
                                  message, hint, settled_at, cells)
             SELECT ?1, agent, from_agent, line, number, client_id, name, operation, state, message, hint,
                    CASE WHEN state = 'pending' THEN NULL ELSE ?2 END, cells
             FROM temp.plan ORDER BY seq",
            params![transaction.last_insert_rowid(), started_at],
        )?;
        transaction.commit()?;
        self.clear_plan()?;
        Ok(id)
    }

    /// Marks a run as being at work again, for whoever is signed in now (in words; empty when that is not known).
    pub fn reopen_run(&mut self, run: &RunId, signed_in_as: &str) -> Result<(), LedgerError> {
        self.connection.execute(
            "UPDATE runs SET status = 'running', finished_at = NULL, stop_cause = NULL, stop_message = NULL,
                             stop_trace_id = NULL,
                             signed_in_as = CASE WHEN ?2 = '' OR instr(signed_in_as, ?2) > 0 THEN signed_in_as
                                                 WHEN signed_in_as = '' THEN ?2
                                                 ELSE signed_in_as || ', then ' || ?2 END
             WHERE id = ?1",
            params![run.as_str(), signed_in_as],
        )?;
        Ok(())
    }

    /// Marks a run as ended.
    pub fn end_run(&mut self, run: &RunId, status: RunStatus) -> Result<(), LedgerError> {
        self.connection.execute(
            "UPDATE runs SET status = ?2, finished_at = ?3 WHERE id = ?1",
            params![run.as_str(), status.as_str(), stamp(Timestamp::now())],
        )?;
        Ok(())
    }

    /// Notes why a run stopped early, and until when Altinn asks to be left alone.
    pub fn note_stop(
        &mut self,
        run: &RunId,
        cause: HaltCause,
        message: &str,
        trace_id: Option<&str>,
        not_before: Option<Timestamp>,
    ) -> Result<(), LedgerError> {
        let cause = serde_json::to_value(cause).ok();
        self.connection.execute(
            "UPDATE runs SET stop_cause = ?2, stop_message = ?3, stop_trace_id = ?4, not_before = ?5 WHERE id = ?1",
            params![
                run.as_str(),
                cause.as_ref().and_then(|cause| cause.as_str()),
                message,
                trace_id,
                not_before.map(stamp)
            ],
        )?;
        Ok(())
    }
}
