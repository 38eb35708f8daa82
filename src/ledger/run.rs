//! A run begins, ends, is superseded.

use jiff::Timestamp;

use super::{
    Ledger, LedgerError,
    db::{Connection, OptionalExtension, Transaction, params},
    millis, stamp, stamp_now,
};
use crate::model::{AgentId, ClientState, HaltCause, JobKind, OrganisationNumber, RunId, RunStatus};
use crate::{
    clock,
    words::{Wording, say},
};

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
    /// What identifies the manifest's content; empty where there is none.
    pub fingerprint: String,
    /// The manifest's dialect as JSON, so that the failure report can be written in it.
    pub dialect: String,
    /// How many rows the manifest has.
    pub rows: u64,
    /// The run whose failures this one tries again.
    pub retry_of: Option<RunId>,
    /// The run that this one reverses.
    pub undo_of: Option<RunId>,
    /// The runs whose place this one takes.
    pub supersedes: Vec<RunId>,
    /// Who signed in, in words for people; empty when the token does not say.
    pub signed_in_as: Wording,
}

/// Why a run stopped early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// The cause.
    pub cause: HaltCause,
    /// What Altinn said; empty when it said nothing.
    pub message: Wording,
    /// The trace id of the answer that decided it.
    pub trace_id: Option<String>,
    /// Until when Altinn asked to be left alone.
    pub not_before: Option<Timestamp>,
}

impl Ledger {
    /// Makes the plan a run: from now on it is in the ledger, in the file itself, and can be resumed.
    ///
    /// A run that another process left `running` on this agent is marked as interrupted: the caller holds the
    /// agent's lock, so that process is gone. A plan that changes nothing keeps no row of its own for the clients that
    /// an earlier run of the same job left as they are: it points to that run.
    pub fn begin_run(&mut self, run: &NewRun) -> Result<RunId, LedgerError> {
        let id = RunId::from_random(fastrand::u64(..));
        let begins = clock::now();
        let transaction = self.writing()?;
        transaction.execute(
            "UPDATE runs SET status = ?3 WHERE status = ?4 AND environment = ?1 AND agent = ?2",
            params![run.environment, run.agent, RunStatus::Interrupted, RunStatus::Running],
        )?;
        let base = unchanged_as(&transaction, run)?;
        let unchanged_there: u64 = match base {
            None => 0,
            Some(_) => transaction.query_row(
                "SELECT count(*) FROM temp.plan WHERE state = ?1",
                [ClientState::Unchanged],
                |row| row.get(0),
            )?,
        };
        let run_number = insert_run(&transaction, &id, run, begins)?;
        transaction.execute(
            "UPDATE runs SET unchanged_as = ?2, unchanged_there = ?3 WHERE number = ?1",
            params![run_number, base, unchanged_there],
        )?;
        transaction.execute(
            "INSERT INTO agents (id) SELECT agent FROM temp.plan
             UNION SELECT from_agent FROM temp.plan WHERE from_agent IS NOT NULL ON CONFLICT DO NOTHING",
            [],
        )?;
        transaction.execute(
            "INSERT INTO client_rows (run, agent, from_agent, line, organisation_number, client_id, name, intent, operation,
                                      state, message, hint, settled_ms, cells)
             SELECT ?1, (SELECT agent FROM agents WHERE id = plan.agent),
                    (SELECT agent FROM agents WHERE id = plan.from_agent), line, number, client_id, name, intent, operation, state, message, hint,
                    CASE WHEN state = ?3 THEN NULL ELSE CAST(?2 AS BIGINT) END, cells
             FROM temp.plan WHERE CAST(?4 AS BIGINT) IS NULL OR state != ?5 ORDER BY seq",
            params![
                run_number,
                millis(begins),
                ClientState::Pending,
                base,
                ClientState::Unchanged
            ],
        )?;
        for superseded in &run.supersedes {
            transaction
                .execute("UPDATE runs SET superseded_by = ?2 WHERE id = ?1", params![superseded, id])?;
        }
        transaction.commit()?;
        self.clear_plan()?;
        self.checkpoint()?;
        // What planning kept of its tables is of no use to a run that may take hours.
        self.connection.shrink()?;
        Ok(id)
    }

    /// Marks a run as being at work again, for whoever is signed in now (in words; empty when that is not known).
    pub fn reopen_run(&mut self, run: &RunId, signed_in_as: &Wording) -> Result<(), LedgerError> {
        let transaction = self.writing()?;
        let before: Wording =
            transaction.query_row("SELECT signed_in_as FROM runs WHERE id = ?1", [run], |row| row.get(0))?;
        transaction.execute(
            "UPDATE runs SET status = ?3, finished_at = NULL, stop_cause = NULL, stop_message = NULL,
                             stop_trace_id = NULL, not_before = NULL, totals = NULL, attempts = NULL, lost = NULL,
                             signed_in_as = ?2
             WHERE id = ?1",
            params![run, one_after_the_other(before, signed_in_as), RunStatus::Running],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Marks a run as ended, with its totals, and with why and until when where it was stopped early: all at once.
    pub fn end_run(
        &mut self,
        run: &RunId,
        status: RunStatus,
        stopped: Option<&Stopped>,
    ) -> Result<(), LedgerError> {
        let totals = serde_json::to_string(&self.counted_totals(run)?).unwrap_or_default();
        let (attempts, lost) = self.counted_attempts(run)?;
        let transaction = self.writing()?;
        transaction.execute(
            "UPDATE runs SET status = ?2, finished_at = ?3, totals = ?4, attempts = ?5, lost = ?6 WHERE id = ?1",
            params![run, status, stamp_now(), totals, attempts, lost],
        )?;
        if let Some(stopped) = stopped {
            transaction.execute(
                "UPDATE runs SET stop_cause = ?2, stop_message = ?3, stop_trace_id = ?4, not_before = ?5
                 WHERE id = ?1",
                params![run, stopped.cause, stopped.message, stopped.trace_id, stopped.not_before.map(stamp)],
            )?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// The times before which Altinn has asked runs in this environment not to send.
    pub fn not_before(&self, environment: &str) -> Result<Vec<NotBefore>, LedgerError> {
        let mut select = self.connection.prepare(
            "SELECT not_before, coalesce(finished_at, started_at) FROM runs
             WHERE environment = ?1 AND not_before IS NOT NULL",
        )?;
        let mut rows = select.query([environment])?;
        let mut asked = Vec::new();
        while let Some(row) = rows.next()? {
            let times = (row.get::<String>(0)?.parse(), row.get::<String>(1)?.parse());
            if let (Ok(until), Ok(said_at)) = times {
                asked.push(NotBefore { until, said_at });
            }
        }
        Ok(asked)
    }
}

/// A run that is at work from here on, whatever becomes of it. Answers the ledger's key of it.
pub(super) fn insert_run(
    transaction: &Transaction<'_>,
    id: &RunId,
    run: &NewRun,
    begins: Timestamp,
) -> Result<i64, LedgerError> {
    Ok(transaction.query_row(
        "INSERT INTO runs (id, job, kind, environment, facilitator, agent, agent_title, job_file, job_text,
                           manifest, dialect, rows, retry_of, undo_of, signed_in_as, status, program, started_at,
                           fingerprint)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
         RETURNING number",
        params![
            id,
            run.job,
            run.kind,
            run.environment,
            run.facilitator.to_string(),
            run.agent,
            run.agent_title,
            run.job_file,
            run.job_text,
            run.manifest,
            run.dialect,
            run.rows,
            run.retry_of,
            run.undo_of,
            run.signed_in_as,
            RunStatus::Running,
            env!("CARGO_PKG_VERSION"),
            stamp(begins),
            run.fingerprint,
        ],
        |row| row.get(0),
    )?)
}

/// Until when Altinn asked to be left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotBefore {
    /// Until then.
    pub until: Timestamp,
    /// When the run ended that was told so.
    pub said_at: Timestamp,
}

/// The clients that a run `?1` has rows for, that a row of its manifest names, and that it left as they were wanted.
const NAMED_AND_AS_WANTED: &str =
    "SELECT (SELECT id FROM agents WHERE agents.agent = client_rows.agent), client_id,
    organisation_number, intent FROM client_rows
    WHERE run = ?1 AND line > 0 AND state IN ('delegated', 'removed', 'unchanged')";

/// The same of the plan that is being made.
const UNCHANGED: &str =
    "SELECT agent, client_id, number, intent FROM temp.plan WHERE state = 'unchanged' AND line > 0";

/// Who was signed in first and who was later, each once.
fn one_after_the_other(first: Wording, then: &Wording) -> Wording {
    if then.is_empty() || first.encoded().contains(then.encoded()) {
        return first;
    }
    if first.is_empty() {
        return then.clone();
    }
    say!("ledger-signed-in-then", first = first, then = then).kept()
}

/// The newest run of this job that has rows, when the plan changes nothing and finds the very same clients unchanged.
fn unchanged_as(connection: &Connection, run: &NewRun) -> Result<Option<i64>, LedgerError> {
    let changes: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM temp.plan WHERE state = ?1)",
        [ClientState::Pending],
        |row| row.get(0),
    )?;
    if changes {
        return Ok(None);
    }
    let newest: Option<i64> = connection
        .query_row(
            "SELECT number FROM runs WHERE job = ?1 AND environment = ?2 AND facilitator = ?3 AND status = ?4
                AND unchanged_as IS NULL ORDER BY number DESC LIMIT 1",
            params![run.job, run.environment, run.facilitator.to_string(), RunStatus::Completed],
            |row| row.get(0),
        )
        .optional()?;
    let Some(newest) = newest else { return Ok(None) };
    let same: bool = connection.query_row(
        &format!(
            "SELECT EXISTS ({UNCHANGED})
                AND NOT EXISTS ({UNCHANGED} EXCEPT {NAMED_AND_AS_WANTED})
                AND NOT EXISTS ({NAMED_AND_AS_WANTED} EXCEPT {UNCHANGED})"
        ),
        [newest],
        |row| row.get(0),
    )?;
    Ok(same.then_some(newest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, in_language};

    #[test]
    fn who_was_signed_in_first_and_who_was_later_stand_there_each_once_in_the_readers_language() {
        let (kari, ola) =
            (say!("auth-altinn-user", user = "1").kept(), say!("auth-altinn-user", user = "2").kept());
        let both = one_after_the_other(kari.clone(), &ola);
        // As the ledger gives it back.
        let both = Wording::decoded(both.encoded());
        assert_eq!(both.said(), "Altinn user 1, then Altinn user 2");
        assert_eq!(
            in_language(Language::Nb, || both.to_string()),
            "Altinn-bruker 1, deretter Altinn-bruker 2"
        );
        for again in [&kari, &ola, &Wording::NOTHING] {
            assert_eq!(one_after_the_other(both.clone(), again), both);
        }
        assert_eq!(one_after_the_other(Wording::NOTHING, &ola), ola);
    }
}
