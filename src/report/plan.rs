//! What a run would do: in words and numbers before anybody says yes.

use std::{fmt, time::Duration};

use serde::Serialize;

use super::words::{about, count};
use crate::{
    ledger::{PlanCounts, PlannedClient},
    model::{Agent, Job, Rate, Totals},
};

/// The head of a plan as JSON: `plan --format json` adds `operations` and `notes`.
#[derive(Debug, Clone, Serialize)]
pub struct PlanView {
    /// The job's name.
    pub job: String,
    /// The job's kind.
    pub kind: &'static str,
    /// `sandbox`, `tt02`, `prod` or an origin.
    pub environment: String,
    /// The firm.
    pub facilitator: String,
    /// The agent.
    pub agent: String,
    /// What the run's totals will be if everything goes well.
    pub totals: Totals,
    /// Clients that the agent has now.
    pub delegated_now: u64,
    /// Clients of the manifest that are delegated but no longer available.
    pub no_longer_available: u64,
    /// Least seconds that it takes at the job's pace; none when the pace is unlimited.
    pub seconds: Option<f64>,
    /// What to think of before saying yes.
    pub warnings: Vec<String>,
    /// Clients that something is sent for.
    pub operations: Vec<PlannedClient>,
    /// Clients that nothing is sent for although the manifest names them, and why.
    pub failures: Vec<PlannedClient>,
}

/// A plan for people.
#[derive(Debug)]
pub struct PlanText<'plan> {
    /// The job.
    pub job: &'plan Job,
    /// The agent.
    pub agent: &'plan Agent,
    /// What it comes to.
    pub counts: &'plan PlanCounts,
    /// The first clients that nothing can be sent for.
    pub first_failures: &'plan [PlannedClient],
    /// The first clients that are delegated but no longer available.
    pub first_gone: &'plan [PlannedClient],
}

/// How long so many requests take at this pace at the least. The lists and the read-back are three more.
pub(super) fn least_time(rate: Rate, operations: u64) -> Option<Duration> {
    rate.time_for(if operations == 0 { 0 } else { operations + 1 })
}

impl fmt::Display for PlanText<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (job, agent, totals) = (self.job, self.agent, &self.counts.totals);
        writeln!(
            out,
            "{} ({}) for {} in {}",
            job.name,
            job.kind.as_str(),
            job.facilitator,
            job.environment.name()
        )?;
        let title = if agent.title.is_empty() { "no title" } else { &agent.title };
        writeln!(out, "agent {} ({title}), {} clients now", agent.id, count(self.counts.delegated_now))?;
        writeln!(out)?;
        writeln!(
            out,
            "{:>9} rows, {} different clients",
            count(totals.rows),
            count(totals.clients() - totals.rejected)
        )?;
        let mut line = |number: u64, what: &str| -> fmt::Result {
            if number > 0 { writeln!(out, "{:>9} {what}", count(number)) } else { Ok(()) }
        };
        line(totals.delegated, "to delegate")?;
        line(totals.removed, "to remove")?;
        line(totals.unchanged, "already so, nothing to send")?;
        line(totals.failed, "cannot be sent, see below")?;
        line(totals.rejected, "rows that cannot be read, left to the failure report")?;
        writeln!(out)?;
        self.failures(out)?;
        self.gone(out)?;
        self.time(out)
    }
}

impl PlanText<'_> {
    fn failures(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for client in self.first_failures {
            let number = client.organisation_number.as_deref().unwrap_or("?");
            writeln!(out, "line {}: {number}: {}", client.line, client.message)?;
        }
        let more = self.counts.totals.failed.saturating_sub(self.first_failures.len() as u64);
        if more > 0 {
            writeln!(out, "… and {} more; `plan --format json` lists all", count(more))?;
        }
        if self.counts.totals.failed > 0 { writeln!(out) } else { Ok(()) }
    }

    fn gone(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.counts.gone == 0 {
            return Ok(());
        }
        writeln!(
            out,
            "{} delegated, but Altinn no longer lists them as available: the client's relationship with the firm \
             may be ending",
            if self.counts.gone == 1 {
                "1 client is".to_owned()
            } else {
                format!("{} clients are", count(self.counts.gone))
            }
        )?;
        for client in self.first_gone {
            let number = client.organisation_number.as_deref().unwrap_or("?");
            writeln!(out, "line {}: {number} {}", client.line, client.name)?;
        }
        writeln!(out)
    }

    fn time(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operations = self.counts.operations();
        match least_time(self.job.pace.rate, operations) {
            _ if operations == 0 => writeln!(out, "nothing to send"),
            Some(time) => writeln!(
                out,
                "takes {} at {}, longer if Altinn is slow or asks to wait",
                about(time),
                self.job.pace.rate
            ),
            None => writeln!(out, "goes as fast as {} requests in flight allow", self.job.pace.in_flight),
        }
    }
}

impl PlanView {
    /// The head; `operations` and `failures` are filled from the ledger.
    pub fn of(job: &Job, agent: &Agent, counts: &PlanCounts) -> Self {
        Self {
            job: job.name.clone(),
            kind: job.kind.as_str(),
            environment: job.environment.name(),
            facilitator: job.facilitator.to_string(),
            agent: agent.id.to_string(),
            totals: counts.totals,
            delegated_now: counts.delegated_now,
            no_longer_available: counts.gone,
            seconds: least_time(job.pace.rate, counts.operations()).map(|time| time.as_secs_f64()),
            warnings: Vec::new(),
            operations: Vec::new(),
            failures: Vec::new(),
        }
    }
}
