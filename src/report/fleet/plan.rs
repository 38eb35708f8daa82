//! What a night of a fleet would do.

use std::fmt;

use serde::Serialize;

use super::super::words::{about, count};
use crate::{
    fleet::{Unit, UnitRow, Units},
    model::{Fleet, Totals},
    words::{Wording, say, text},
};

/// What a fleet's units would do, firm by firm and in total.
#[derive(Debug, Clone, Serialize)]
pub struct FleetPlan {
    /// The fleet's name.
    pub fleet: String,
    /// `sandbox`, `tt02`, `prod` or an origin.
    pub environment: String,
    /// The pace of all together.
    pub pace: String,
    /// How many units and firms.
    pub counts: PlannedUnits,
    /// What the totals of all runs will be if everything goes well.
    pub totals: Totals,
    /// Requests about clients that are sent if everything goes well.
    pub operations: u64,
    /// Least seconds that all of it takes at the pace, lists and read-backs included; null where it is unlimited.
    pub seconds: Option<f64>,
    /// Every unit.
    pub units: Vec<UnitPlan>,
    /// Rows of the list of firms that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<WrongRow>,
}

/// How many units a plan has.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct PlannedUnits {
    /// All, rows that are wrong not counted.
    pub units: u64,
    /// Different firms.
    pub firms: u64,
    /// Those with something to send.
    pub with_something_to_do: u64,
    /// Those that would be refused, or that Altinn cannot be read for.
    pub refused: u64,
    /// Rows of the list of firms that are wrong.
    pub wrong_rows: u64,
}

/// A row that is wrong.
#[derive(Debug, Clone, Serialize)]
pub struct WrongRow {
    /// Its line.
    pub line: u64,
    /// What is wrong with it, in English.
    pub message: String,
}

/// What a unit would do.
#[derive(Debug, Clone, Serialize)]
pub struct UnitPlan {
    /// Which it is.
    #[serde(flatten)]
    pub row: UnitRow,
    /// What the run's totals will be if everything goes well; none where Altinn was not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totals: Option<Totals>,
    /// Requests about clients.
    pub operations: u64,
    /// Why it would be refused, or why Altinn cannot be read for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Wording>,
    /// More about that and what to do, in English.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<Wording>,
}

impl UnitPlan {
    /// Of a unit about which nothing is known yet.
    pub fn new(unit: &Unit) -> Self {
        Self { row: UnitRow::from(unit), totals: None, operations: 0, message: None, hints: Vec::new() }
    }

    /// With what its run would come to.
    #[must_use]
    pub fn with(self, totals: &Totals, operations: u64) -> Self {
        Self { totals: Some(*totals), operations, ..self }
    }

    /// With why it would be refused.
    #[must_use]
    pub fn refused(self, message: Wording, hints: Vec<Wording>) -> Self {
        Self { message: Some(message), hints, ..self }
    }
}

impl FleetPlan {
    /// Of these plans, which `list_requests` were needed for.
    pub fn of(fleet: &Fleet, units: &Units, plans: Vec<UnitPlan>, list_requests: u64) -> Self {
        let mut totals = Totals::default();
        let going = || plans.iter().filter(|plan| plan.message.is_none());
        going().filter_map(|plan| plan.totals.as_ref()).for_each(|one| totals.add(one));
        let operations = going().map(|plan| plan.operations).sum();
        let mut firms: Vec<&str> = plans.iter().map(|plan| plan.row.facilitator.as_str()).collect();
        firms.sort_unstable();
        firms.dedup();
        let many = |number: usize| number as u64;
        let counts = PlannedUnits {
            units: many(plans.len()),
            firms: many(firms.len()),
            with_something_to_do: many(going().filter(|plan| plan.operations > 0).count()),
            refused: many(plans.iter().filter(|plan| plan.message.is_some()).count()),
            wrong_rows: many(units.errors.len()),
        };
        // The run reads the lists that the plan has read, and, where it has sent something, its own clients once more.
        let requests = operations + list_requests + counts.with_something_to_do;
        let seconds = fleet.pace.rate.time_for(requests).filter(|_| list_requests > 0);
        let row = |error: &crate::fleet::RowError| WrongRow {
            line: error.line,
            message: crate::words::in_english(|| error.to_string()),
        };
        Self {
            fleet: fleet.name.clone(),
            environment: fleet.environment.name(),
            pace: fleet.pace.rate.to_string(),
            counts,
            totals,
            operations,
            seconds: seconds.map(|time| time.as_secs_f64()),
            rows: units.errors.iter().map(row).collect(),
            units: plans,
        }
    }
}

impl fmt::Display for FleetPlan {
    /// Firm by firm, then those with trouble, then what it comes to: the end is what stands on the screen.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = &self.counts;
        writeln!(
            out,
            "{}\n",
            say!(
                "fleet-plan-head",
                fleet = self.fleet,
                units = counts.units,
                firms = counts.firms,
                environment = self.environment,
                pace = self.pace
            )
        )?;
        let head = [
            text!("fleet-head-line"),
            text!("fleet-head-firm"),
            text!("fleet-head-kind"),
            text!("fleet-head-delegate"),
            text!("fleet-head-remove"),
            text!("fleet-head-unchanged"),
            text!("fleet-head-cannot"),
            text!("fleet-head-name"),
        ];
        let [line, firm, kind, delegate, remove, unchanged, cannot, name] = head;
        writeln!(
            out,
            "{line:>5}  {firm:<9}  {kind:<9}  {delegate:>9}  {remove:>9}  {unchanged:>9}  {cannot:>9}  {name}"
        )?;
        for unit in &self.units {
            write!(out, "{:>5}  {:<9}  {:<9}  ", unit.row.line, unit.row.facilitator, unit.row.kind)?;
            match (&unit.totals, &unit.message) {
                (_, Some(_)) => writeln!(out, "{}", text!("fleet-is-refused"))?,
                (None, None) => writeln!(out, "{}", text!("fleet-is-in-order"))?,
                (Some(totals), None) => writeln!(
                    out,
                    "{:>9}  {:>9}  {:>9}  {:>9}  {}",
                    count(totals.delegated),
                    count(totals.removed),
                    count(totals.unchanged),
                    count(totals.failed + totals.rejected),
                    unit.row.name.as_deref().unwrap_or_default()
                )?,
            }
        }
        writeln!(out)?;
        for unit in &self.units {
            let Some(message) = &unit.message else { continue };
            let line = unit.row.line.to_string();
            writeln!(
                out,
                "{}",
                say!("fleet-unit-refused", line = line, job = unit.row.job, why = message.said())
            )?;
            unit.hints.iter().try_for_each(|hint| writeln!(out, "  {}", hint.said()))?;
        }
        if self.units.iter().any(|unit| unit.totals.is_some()) {
            writeln!(
                out,
                "{}",
                say!("fleet-plan-total", operations = self.operations, units = counts.with_something_to_do)
            )?;
        }
        if counts.refused > 0 {
            writeln!(out, "{}", say!("fleet-plan-refused", units = counts.refused))?;
        }
        let Some(time) =
            self.seconds.and_then(|seconds| std::time::Duration::try_from_secs_f64(seconds).ok())
        else {
            return Ok(());
        };
        writeln!(out, "{}", say!("fleet-plan-time", time = about(time), pace = self.pace))
    }
}
