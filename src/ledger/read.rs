//! What the ledger holds, for those who ask.

use std::{collections::HashMap, str::FromStr};

use jiff::Timestamp;

use super::{
    Ledger, LedgerError,
    db::{self, OptionalExtension, Row, params},
    millis, stamp,
};
use crate::{
    clock,
    model::{AgentId, AttemptVerdict, HaltCause, JobKind, RunId, RunStatus, Totals},
    words::{Wording, say},
};

/// One run, as the ledger holds it.
#[derive(Debug, Clone)]
pub struct RunRecord {
    /// Its id.
    pub id: RunId,
    /// The job's name.
    pub job: String,
    /// The job's kind.
    pub kind: JobKind,
    /// `sandbox`, `tt02`, `prod` or an origin.
    pub environment: String,
    /// The firm's organisation number.
    pub facilitator: String,
    /// The agent.
    pub agent: AgentId,
    /// What people call the agent.
    pub agent_title: String,
    /// Where the job file was.
    pub job_file: String,
    /// What stood in the job file.
    pub job_text: String,
    /// Where the manifest was.
    pub manifest: String,
    /// The manifest's dialect, as JSON.
    pub dialect: String,
    /// Rows of the manifest.
    pub rows: u64,
    /// The run whose failures it tries again.
    pub retry_of: Option<String>,
    /// As the ledger has it: a process that was killed leaves `running`.
    pub status: RunStatus,
    /// Why it stopped early.
    pub stop_cause: Option<HaltCause>,
    /// What Altinn said then.
    pub stop_message: Option<Wording>,
    /// The trace id of that answer.
    pub stop_trace_id: Option<String>,
    /// Until when Altinn asked to be left alone.
    pub not_before: Option<Timestamp>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended, or was last interrupted.
    pub finished_at: Option<Timestamp>,
    /// The run that it reverses.
    pub undo_of: Option<String>,
    /// Who signed in, in words for people; empty when that is not known.
    pub signed_in_as: Wording,
    /// What identifies the content that the manifest had; empty where there was none.
    pub fingerprint: String,
    /// The run that took this one's place.
    pub superseded_by: Option<String>,
    /// The counts that it ended with.
    totals: Option<Totals>,
    /// Requests about clients that were sent, and of them those of which nothing is known; by its end.
    attempts: Option<(u64, u64)>,
}

/// How fast a run has been going lately.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AttemptPace {
    /// Attempts per second over the last minute, or since the run began if that is shorter.
    pub per_second: f64,
}

/// One reason for which clients of a run failed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FailureReason {
    /// How many clients.
    pub clients: u64,
    /// The code, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What was said.
    pub message: Wording,
    /// Whether a later run may try again.
    pub retryable: bool,
    /// What a person can do.
    pub hint: Wording,
}

pub(super) const RUN_COLUMNS: &str = "id, job, kind, environment, facilitator, agent, agent_title, job_file, job_text, manifest,
    dialect, rows, retry_of, status, stop_cause, stop_message, stop_trace_id, not_before, started_at, finished_at,
    undo_of, signed_in_as, fingerprint, superseded_by, totals, attempts, lost";

/// The clients of the run `?1`, for those who want all of them: they were written at once, so they lie side by side, and to
/// read along there costs half of looking up each by the index.
pub(super) const ROWS_OF_RUN: &str = "+run = ?1
    AND client >= (SELECT min(client) FROM client_rows WHERE run = ?1)
    AND client <= (SELECT max(client) FROM client_rows WHERE run = ?1)";

impl RunRecord {
    pub(super) fn from_row(row: Row<'_>) -> db::Result<Self> {
        let time = |column: usize| -> db::Result<Option<Timestamp>> {
            Ok(row.get::<Option<String>>(column)?.and_then(|text| Timestamp::from_str(&text).ok()))
        };
        Ok(Self {
            id: row.get(0)?,
            job: row.get(1)?,
            kind: row.get(2)?,
            environment: row.get(3)?,
            facilitator: row.get(4)?,
            agent: row.get(5)?,
            agent_title: row.get(6)?,
            job_file: row.get(7)?,
            job_text: row.get(8)?,
            manifest: row.get(9)?,
            dialect: row.get(10)?,
            rows: row.get(11)?,
            retry_of: row.get(12)?,
            status: row.get(13)?,
            stop_cause: row.get(14)?,
            stop_message: row.get(15)?,
            stop_trace_id: row.get(16)?,
            not_before: time(17)?,
            started_at: parsed(row, 18, |text| text.parse().ok())?,
            finished_at: time(19)?,
            undo_of: row.get(20)?,
            signed_in_as: row.get(21)?,
            fingerprint: row.get(22)?,
            superseded_by: row.get(23)?,
            totals: row.get::<Option<String>>(24)?.and_then(|json| serde_json::from_str(&json).ok()),
            attempts: row.get::<Option<u64>>(25)?.zip(row.get(26)?),
        })
    }
}

/// A text column that means something, or a complaint that it does not.
fn parsed<T>(row: Row<'_>, column: usize, read: impl Fn(&str) -> Option<T>) -> db::Result<T> {
    let text: String = row.get(column)?;
    read(&text).ok_or_else(|| {
        db::Error::unreadable(column, say!("ledger-not-known-here", text = format!("{text:?}")).to_string())
    })
}

impl Ledger {
    /// Every run, newest first.
    pub fn runs(&self) -> Result<Vec<RunRecord>, LedgerError> {
        let mut select =
            self.connection.prepare(&format!("SELECT {RUN_COLUMNS} FROM runs ORDER BY number DESC"))?;
        let rows = select.query_map([], RunRecord::from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Every run in an environment that began at `since` or later, oldest first.
    pub fn runs_since(&self, environment: &str, since: Timestamp) -> Result<Vec<RunRecord>, LedgerError> {
        let mut select = self.connection.prepare(&format!(
            "SELECT {RUN_COLUMNS} FROM runs WHERE environment = ?1 AND started_at >= ?2 ORDER BY number"
        ))?;
        let rows = select.query_map(params![environment, stamp(since)], RunRecord::from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// When each job was last begun in an environment, or refused.
    pub fn last_begun(&self, environment: &str) -> Result<HashMap<String, String>, LedgerError> {
        let mut select = self
            .connection
            .prepare("SELECT job, max(started_at) FROM runs WHERE environment = ?1 GROUP BY job")?;
        let rows = select.query_map([environment], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Runs of a job that have not come to their end, newest first.
    pub fn unfinished_runs(
        &self,
        job: &str,
        environment: &str,
        facilitator: &str,
    ) -> Result<Vec<RunRecord>, LedgerError> {
        let mut select = self.connection.prepare(&format!(
            "SELECT {RUN_COLUMNS} FROM runs WHERE job = ?1 AND environment = ?2 AND facilitator = ?3
             ORDER BY number DESC"
        ))?;
        let runs = select.query_map(params![job, environment, facilitator], RunRecord::from_row)?;
        let mut runs: Vec<RunRecord> = runs.collect::<Result<_, _>>()?;
        runs.retain(|run| run.status.can_be_resumed() && !run.kind.asks_firms());
        Ok(runs)
    }

    /// Whether no run of the same job has begun after this one.
    pub fn is_newest_of_its_job(&self, run: &RunId) -> Result<bool, LedgerError> {
        Ok(self.connection.query_row(
            "SELECT NOT EXISTS (
                SELECT 1 FROM runs AS later JOIN runs AS this ON this.id = ?1
                WHERE later.number > this.number AND later.job = this.job AND later.status != ?2
                  AND later.environment = this.environment AND later.facilitator = this.facilitator)",
            params![run, RunStatus::Refused],
            |row| row.get(0),
        )?)
    }

    /// The newest run that undoes this one.
    pub fn undone_by(&self, run: &RunId) -> Result<Option<String>, LedgerError> {
        let newest = self.connection.query_row(
            "SELECT id FROM runs WHERE undo_of = ?1 ORDER BY number DESC LIMIT 1",
            [run],
            |row| row.get(0),
        );
        Ok(newest.optional()?)
    }

    /// The ledger's own key of a run.
    pub(super) fn run_number(&self, run: &RunId) -> Result<i64, LedgerError> {
        Ok(self.connection.query_row("SELECT number FROM runs WHERE id = ?1", [run], |row| row.get(0))?)
    }

    /// A run's counts: those that it ended with, or those of now.
    pub fn totals(&self, run: &RunRecord) -> Result<Totals, LedgerError> {
        run.totals.map_or_else(|| self.counted_totals(&run.id), Ok)
    }

    /// A run's counts, counted now.
    pub fn counted_totals(&self, run: &RunId) -> Result<Totals, LedgerError> {
        let (rows, unchanged_there) = self.connection.query_row(
            "SELECT rows, unchanged_there FROM runs WHERE id = ?1",
            [run],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let mut totals = Totals { rows, unchanged: unchanged_there, ..Totals::default() };
        // Counted here: to group them, SQLite would sort a million words.
        let mut select =
            self.connection.prepare_cached(&format!("SELECT state FROM client_rows WHERE {ROWS_OF_RUN}"))?;
        let mut rows = select.query([self.run_number(run)?])?;
        while let Some(row) = rows.next()? {
            totals.count(row.get(0)?, 1);
        }
        Ok(totals)
    }

    /// Why clients of the run failed, the most frequent reason first.
    pub fn failure_reasons(&self, run: &RunId) -> Result<Vec<FailureReason>, LedgerError> {
        let mut select = self.connection.prepare_cached(
            "SELECT count(*), code, message, retryable, hint FROM clients
             WHERE run = ?1 AND state IN ('failed', 'rejected') AND state = 'failed'
             GROUP BY code, message, retryable, hint ORDER BY 1 DESC, 2 NULLS FIRST, 3",
        )?;
        let rows = select.query_map([self.run_number(run)?], |row| {
            Ok(FailureReason {
                clients: row.get(0)?,
                code: row.get(1)?,
                message: row.get(2)?,
                retryable: row.get(3)?,
                hint: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many requests about a client the run has sent, and of how many of them nothing is known: they may never
    /// have left.
    pub fn attempts(&self, run: &RunRecord) -> Result<(u64, u64), LedgerError> {
        run.attempts.map_or_else(|| self.counted_attempts(&run.id), Ok)
    }

    pub(super) fn counted_attempts(&self, run: &RunId) -> Result<(u64, u64), LedgerError> {
        Ok(self.connection.query_row(
            "SELECT count(*), count(*) FILTER (WHERE verdict = ?2) FROM attempt_rows
             WHERE client IN (SELECT client FROM client_rows WHERE run = ?1)",
            params![self.run_number(run)?, AttemptVerdict::Lost],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?)
    }

    /// How fast a run has been going in its last minute.
    pub fn recent_pace(&self, run: &RunRecord) -> Result<AttemptPace, LedgerError> {
        let now = clock::now();
        let window = (now.duration_since(run.started_at).as_secs_f64()).clamp(1.0, 60.0);
        let since = now - jiff::SignedDuration::from_secs_f64(window);
        let since = millis(since);
        let attempts: u64 = self.connection.query_row(
            "SELECT count(*) FROM (SELECT client, sent_ms FROM attempt_rows ORDER BY attempt DESC LIMIT 100000) AS newest
             WHERE sent_ms >= ?2 AND client IN (SELECT client FROM client_rows WHERE run = ?1)",
            params![self.run_number(&run.id)?, since],
            |row| row.get(0),
        )?;
        Ok(AttemptPace { per_second: attempts as f64 / window })
    }

    /// When a run of this job last came to its end, whether clients failed in it or not.
    pub fn last_completion(
        &self,
        job: &str,
        environment: &str,
        facilitator: &str,
    ) -> Result<Option<Timestamp>, LedgerError> {
        let last: Option<Option<String>> = self
            .connection
            .query_row(
                "SELECT finished_at FROM runs
                 WHERE job = ?1 AND environment = ?2 AND facilitator = ?3 AND status = ?4 AND undo_of IS NULL
                 ORDER BY number DESC LIMIT 1",
                params![job, environment, facilitator, RunStatus::Completed],
                |row| row.get(0),
            )
            .optional()?;
        Ok(last.flatten().and_then(|text| text.parse().ok()))
    }

    /// When a run of this job last completed without failures.
    pub fn last_success(
        &self,
        job: &str,
        environment: &str,
        facilitator: &str,
    ) -> Result<Option<Timestamp>, LedgerError> {
        // Newest first, so that only as many runs are looked into as went wrong since.
        let last: Option<Option<String>> = self
            .connection
            .query_row(
                "SELECT finished_at FROM runs
                 WHERE job = ?1 AND environment = ?2 AND facilitator = ?3 AND status = 'completed'
                   AND undo_of IS NULL AND NOT EXISTS
                       (SELECT 1 FROM clients WHERE run = number AND state IN ('failed', 'rejected'))
                 ORDER BY number DESC LIMIT 1",
                params![job, environment, facilitator],
                |row| row.get(0),
            )
            .optional()?;
        Ok(last.flatten().and_then(|text| text.parse().ok()))
    }
}
