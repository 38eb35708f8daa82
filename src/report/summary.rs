//! A run in one page: `summary.json`, and the same for people.

use std::{
    fmt::{self, Write as _},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::Serialize;

use super::{
    files::is_from_a_workbook,
    sentences::why,
    words::{clock_time, count, offset},
};
use crate::{
    ledger::{FailureReason, Ledger, LedgerError, RunRecord},
    model::{HaltCause, JobKind, RunStatus, Totals},
    words::{Wording, in_english, say, text},
};

/// What `summary.json` holds, and what `run`, `resume`, `retry` and `status` print with `--format json`.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// The run's id.
    pub run: String,
    /// The job's name.
    pub job: String,
    /// The job's kind.
    pub kind: &'static str,
    /// The same, to ask it what it does.
    #[serde(skip)]
    job_kind: JobKind,
    /// How the run stands.
    pub status: RunStatus,
    /// `sandbox`, `tt02`, `prod` or an origin.
    pub environment: String,
    /// The firm.
    pub facilitator: String,
    /// The agent.
    pub agent: String,
    /// The counts.
    pub totals: Totals,
    /// Requests about a client that were sent and answered, or lost.
    pub attempts: u64,
    /// Of the attempts: those of which nothing is known because the program ended. They may never have left.
    #[serde(skip_serializing_if = "is_zero")]
    pub lost: u64,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended or was interrupted.
    pub finished_at: Option<Timestamp>,
    /// Where the failure report is.
    pub failures: PathBuf,
    /// The same for people: the workbook, where the manifest was one.
    #[serde(skip)]
    pub failures_for_people: PathBuf,
    /// Why clients failed, the most frequent reason first.
    pub failure_reasons: Vec<FailureReason>,
    /// The run whose failures this one tries again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_of: Option<String>,
    /// The run that this one reverses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo_of: Option<String>,
    /// The run that took this one's place before it had come to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<String>,
    /// Who signed in, in words; empty when the token does not say.
    #[serde(skip_serializing_if = "Wording::is_empty")]
    pub signed_in_as: Wording,
    /// Why it stopped early.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop: Option<Stop>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Wording>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Why a run stopped early.
#[derive(Debug, Clone, Serialize)]
pub struct Stop {
    /// The cause, as a word.
    pub cause: HaltCause,
    /// What it means, in English.
    pub explanation: &'static str,
    /// What Altinn said.
    pub message: Wording,
    /// What to do, in English.
    pub hint: &'static str,
    /// The trace id of the answer that decided it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Until when Altinn asked to be left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
}

impl Summary {
    /// A run's summary, from the ledger. `status` is the run's, as it really stands.
    pub fn of(ledger: &Ledger, run: &RunRecord, status: RunStatus) -> Result<Self, LedgerError> {
        let (attempts, lost) = ledger.attempts(run)?;
        Ok(Self {
            run: run.id.to_string(),
            job: run.job.clone(),
            kind: run.kind.as_str(),
            job_kind: run.kind,
            status,
            environment: run.environment.clone(),
            facilitator: run.facilitator.clone(),
            agent: if run.agent.0.is_nil() { String::new() } else { run.agent.to_string() },
            totals: ledger.totals(run)?,
            attempts,
            lost,
            started_at: run.started_at,
            finished_at: run.finished_at,
            failures: failures_path(&ledger.state().run_folder(&run.id)),
            failures_for_people: failures_path(&ledger.state().run_folder(&run.id))
                .with_extension(if is_from_a_workbook(run) { "xlsx" } else { "csv" }),
            failure_reasons: ledger.failure_reasons(&run.id)?,
            retry_of: run.retry_of.clone(),
            undo_of: run.undo_of.clone(),
            superseded_by: run.superseded_by.clone(),
            signed_in_as: run.signed_in_as.clone(),
            stop: run.stop_cause.map(|cause| Stop {
                cause,
                explanation: in_english(|| cause.explanation()),
                message: run.stop_message.clone().unwrap_or_default(),
                hint: in_english(|| cause.hint()),
                trace_id: run.stop_trace_id.clone(),
                not_before: run.not_before,
            }),
            message: run.stop_message.clone().filter(|_| status == RunStatus::Refused),
        })
    }

    /// How it went, in a sentence for whoever is told.
    pub fn sentence(&self) -> String {
        let totals = &self.totals;
        let rejected = say!("plan-count-rejected", rows = totals.rejected).to_string();
        let counts = [
            (totals.delegated, text!("plan-count-delegated")),
            (totals.removed, text!("plan-count-removed")),
            (totals.asked, text!("report-state-asked")),
            (totals.withdrawn, text!("report-state-withdrawn")),
            (totals.unchanged, text!("plan-count-unchanged")),
            (totals.failed, text!("plan-count-failed")),
            (totals.rejected, &rejected),
            (totals.pending, text!("plan-count-pending")),
        ];
        let counts: Vec<String> = counts
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{} {what}", count(*number)))
            .collect();
        let counts = if counts.is_empty() { text!("plan-no-clients").to_owned() } else { counts.join(", ") };
        let status = self.status.in_words();
        say!("plan-run-is-with", run = self.run, job = self.job, status = status, counts = counts).to_string()
    }

    /// Whether some clients are in the failure report.
    pub fn has_failures(&self) -> bool {
        self.totals.failed + self.totals.rejected > 0
    }
}

/// So many reasons are said to people; the failure report has all.
const MOST_REASONS: usize = 8;

impl Summary {
    fn reasons(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for reason in self.failure_reasons.iter().take(MOST_REASONS) {
            let code = reason.code.as_deref().map(|code| format!("{code}: ")).unwrap_or_default();
            let why = why(reason.code.as_deref(), &reason.message);
            write!(formatter, "{:>13} {code}{why}", count(reason.clients))?;
            if reason.retryable {
                write!(formatter, " {}", text!("plan-may-be-retried"))?;
            }
            writeln!(formatter)?;
        }
        let more = self.failure_reasons.len().saturating_sub(MOST_REASONS);
        if more > 0 {
            writeln!(formatter, "{:>13} {}", format!("… {more}"), text!("plan-more-reasons"))
        } else {
            Ok(())
        }
    }
}

/// Where a run's failure report is.
pub(super) fn failures_path(run_folder: &Path) -> PathBuf {
    run_folder.join("failures.csv")
}

/// What became of the clients that a run of this kind has changed.
pub(super) fn done_words(kind: JobKind, undoes: bool) -> (&'static str, &'static str) {
    match (kind.moves(), undoes) {
        (true, true) => (text!("plan-moved-back"), text!("plan-taken-off-again")),
        (true, false) => (text!("plan-moved"), text!("plan-taken-off-old")),
        (false, _) if kind.refreshes() => (text!("plan-delegated-again"), text!("plan-count-removed")),
        (false, _) => (text!("plan-delegated"), text!("plan-removed-confirmed")),
    }
}

/// What is said of what was as it was wanted.
pub(super) fn unchanged_words(kind: JobKind) -> &'static str {
    if kind.asks_firms() { text!("report-left-alone") } else { text!("report-unchanged") }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let totals = &self.totals;
        if let Some(message) = &self.message {
            let message = message.said();
            let said =
                say!("plan-run-was-refused", run = self.run, job = self.job, message = message).to_string();
            return writeln!(formatter, "{said}");
        }
        let status = self.status.in_words();
        writeln!(formatter, "{}", say!("plan-run-is", run = self.run, job = self.job, status = status))?;
        let mut line = |number: u64, what: &str| -> fmt::Result {
            if number > 0 { writeln!(formatter, "{:>9} {what}", count(number)) } else { Ok(()) }
        };
        let (delegated, removed) = done_words(self.job_kind, self.undo_of.is_some());
        line(totals.delegated, delegated)?;
        line(totals.removed, removed)?;
        line(totals.asked, &say!("report-asked-firms", firms = totals.asked).to_string())?;
        line(totals.withdrawn, &say!("report-taken-back", requests = totals.withdrawn).to_string())?;
        line(totals.unchanged - totals.superseded, unchanged_words(self.job_kind))?;
        line(totals.superseded, text!("report-superseded"))?;
        line(totals.failed, text!("report-failed"))?;
        self.reasons(formatter)?;
        let mut line = |number: u64, what: &str| -> fmt::Result {
            if number > 0 { writeln!(formatter, "{:>9} {what}", count(number)) } else { Ok(()) }
        };
        line(totals.rejected, &say!("plan-rows-rejected", rows = totals.rejected).to_string())?;
        line(totals.answered, text!("report-unconfirmed"))?;
        line(totals.pending - totals.answered, text!("report-to-be-sent"))?;
        if totals.clients() == 0 {
            let what = if self.job_kind.asks_firms() {
                super::sentences::firms(0)
            } else {
                format!("0 {}", text!("plan-clients"))
            };
            writeln!(formatter, "        {what}")?;
        }
        let mut tail = String::new();
        let sent = if self.job_kind.asks_firms() {
            say!("request-requests-sent", requests = self.attempts).to_string()
        } else {
            say!("plan-requests-sent", requests = self.attempts).to_string()
        };
        let _ = write!(tail, "  {sent}");
        if self.lost > 0 {
            let _ = write!(tail, " {}", say!("plan-of-which-lost", requests = self.lost));
        }
        if let Some(finished_at) = self.finished_at {
            let (from, to) = (clock_time(self.started_at), clock_time(finished_at));
            let said = say!("plan-from-to", from = from, to = to, zone = offset(finished_at)).to_string();
            let _ = write!(tail, ", {said}");
        }
        writeln!(formatter, "{tail}")?;
        if self.has_failures() {
            writeln!(formatter, "  {}", say!("plan-who-and-why", file = self.failures_for_people.display()))?;
        }
        Ok(())
    }
}
