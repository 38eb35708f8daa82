//! What `verify` found, for people and for programs.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::words::count;
use crate::{
    clock,
    ledger::{Comparison, Difference, DifferenceKind, RunRecord},
    model::in_words,
    words::{say, text},
};

/// A run against Altinn's lists as they are now.
#[derive(Debug, Clone, Serialize)]
pub struct Verification {
    /// The run's id.
    pub run: String,
    /// The job's name.
    pub job: String,
    /// The job's kind.
    pub kind: &'static str,
    /// `sandbox`, `tt02`, `prod` or an origin.
    pub environment: String,
    /// The firm.
    pub facilitator: String,
    /// When the lists were read.
    pub verified_at: Timestamp,
    /// Whether all is as the run left it, what a later run changed apart.
    pub as_left: bool,
    /// The counts.
    pub totals: VerificationTotals,
    /// Every client that is otherwise, agent by agent.
    pub differences: Vec<Difference>,
}

/// How many clients stand how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct VerificationTotals {
    /// Clients that the run left delegated or not delegated, once for each agent.
    pub compared: u64,
    /// Clients of the run that failed, were rejected or are pending: the run has left nothing to compare.
    pub not_compared: u64,
    /// Left delegated, and not listed now.
    pub missing: u64,
    /// Missing, and no longer a client of the firm.
    pub gone_from_register: u64,
    /// Left delegated, and the agent has only some of its packages of it now.
    pub partial: u64,
    /// Left removed, or not named by a reconcile, and listed now.
    pub extra: u64,
    /// Reported as failed, and as it was asked now: no difference to worry about.
    pub done_after_all: u64,
    /// Otherwise, because a later run made it so. In none of those above.
    pub changed_since: u64,
    /// Private persons that a reconcile did not name: no difference.
    pub private_persons: u64,
}

impl Verification {
    /// A verification with nothing compared yet.
    pub fn of(run: &RunRecord, not_compared: u64) -> Self {
        Self {
            run: run.id.to_string(),
            job: run.job.clone(),
            kind: run.kind.as_str(),
            environment: run.environment.clone(),
            facilitator: run.facilitator.clone(),
            verified_at: clock::now(),
            as_left: true,
            totals: VerificationTotals { not_compared, ..VerificationTotals::default() },
            differences: Vec::new(),
        }
    }

    /// Adds what one agent's lists say.
    pub fn add(&mut self, comparison: Comparison) {
        self.totals.compared += comparison.compared;
        self.totals.private_persons += comparison.private_persons;
        for difference in comparison.differences {
            let totals = &mut self.totals;
            *match (&difference.changed_since_by, difference.difference) {
                (Some(_), _) => &mut totals.changed_since,
                (None, DifferenceKind::Missing) => &mut totals.missing,
                (None, DifferenceKind::GoneFromRegister) => &mut totals.gone_from_register,
                (None, DifferenceKind::Partial) => &mut totals.partial,
                (None, DifferenceKind::Extra) => &mut totals.extra,
                (None, DifferenceKind::DoneAfterAll) => &mut totals.done_after_all,
            } += 1;
            let is_no_loss = difference.difference == DifferenceKind::DoneAfterAll;
            self.as_left &= difference.changed_since_by.is_some() || is_no_loss;
            self.differences.push(difference);
        }
    }

    /// The differences that a manifest can mend, each with the action that does.
    pub fn mendable(&self) -> impl Iterator<Item = (&Difference, &'static str)> {
        self.differences.iter().filter_map(|difference| {
            let action = match difference.difference {
                DifferenceKind::Missing | DifferenceKind::Partial => "delegate",
                DifferenceKind::Extra => "remove",
                DifferenceKind::GoneFromRegister | DifferenceKind::DoneAfterAll => return None,
            };
            let can = difference.changed_since_by.is_none() && difference.organisation_number.is_some();
            can.then_some((difference, action))
        })
    }
}

/// So many clients of a kind are named to people; `--csv` and `--format json` name all.
const MOST_NAMED: usize = 20;

impl fmt::Display for Verification {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let totals = &self.totals;
        let head = if self.as_left {
            say!("plan-is-as-left", run = self.run, job = self.job).to_string()
        } else {
            say!("plan-is-not-as-left", run = self.run, job = self.job).to_string()
        };
        writeln!(out, "{head}")?;
        let mut line = |number: u64, what: &str| -> fmt::Result {
            if number > 0 { writeln!(out, "{:>9} {what}", count(number)) } else { Ok(()) }
        };
        let as_left = totals
            .compared
            .saturating_sub(self.differences.iter().filter(|difference| !difference.unnamed).count() as u64);
        line(as_left, text!("plan-as-left"))?;
        line(totals.missing, text!("plan-missing"))?;
        line(totals.gone_from_register, text!("plan-gone-from-register"))?;
        line(totals.partial, text!("plan-partial"))?;
        line(totals.extra, text!("plan-extra"))?;
        line(totals.done_after_all, text!("plan-done-after-all"))?;
        line(totals.changed_since, text!("plan-changed-since"))?;
        line(totals.not_compared, text!("plan-not-compared"))?;
        line(totals.private_persons, text!("plan-persons-not-compared"))?;
        if totals.compared == 0 && self.differences.is_empty() {
            writeln!(out, "{:>9} {}", 0, text!("plan-clients-to-compare"))?;
        }
        self.named(out)
    }
}

impl Verification {
    fn named(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut agent = None;
        for difference in self.differences.iter().take(MOST_NAMED) {
            if agent != Some(difference.agent) {
                writeln!(out, "{}", say!("plan-untitled-agent", agent = difference.agent))?;
                agent = Some(difference.agent);
            }
            let word = match difference.difference {
                DifferenceKind::Missing => text!("plan-word-missing"),
                DifferenceKind::GoneFromRegister => text!("plan-word-gone"),
                DifferenceKind::Partial => text!("plan-word-partial"),
                DifferenceKind::Extra => text!("plan-word-extra"),
                DifferenceKind::DoneAfterAll => text!("plan-word-done"),
            };
            let who =
                difference.organisation_number.as_deref().or(difference.client.as_deref()).unwrap_or("?");
            write!(out, "  {word:<7}  {who}  {}", difference.name)?;
            if !difference.missing_packages.is_empty() {
                let packages = in_words(&difference.missing_packages);
                write!(out, "  {}", say!("plan-lacks", packages = packages))?;
            }
            match &difference.changed_since_by {
                Some(run) => writeln!(out, "  {}", say!("plan-changed-since-by", run = run))?,
                None => writeln!(out)?,
            }
        }
        match self.differences.len().saturating_sub(MOST_NAMED) {
            0 => Ok(()),
            more => writeln!(out, "  {}", say!("plan-and-more-differences", more = more)),
        }
    }
}
