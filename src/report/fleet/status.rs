//! How a fleet stands, for people: how many units stand where, and what needs somebody.

use std::fmt;

use super::super::words::{clock_time, count, date_time};
use crate::{
    fleet::{FleetStatus, UnitStatus},
    words::{decimal, say, text},
};

/// How a fleet stands, for people.
#[derive(Debug)]
pub struct FleetText<'status>(pub &'status FleetStatus);

impl fmt::Display for FleetText<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.0;
        let counts = &status.counts;
        let from = date_time(status.night_from);
        let head = match status.night_to {
            Some(to) => say!(
                "fleet-status-head-to",
                fleet = status.fleet,
                environment = status.environment,
                from = from,
                to = clock_time(to)
            )
            .to_string(),
            None => {
                say!("fleet-status-head", fleet = status.fleet, environment = status.environment, from = from)
                    .to_string()
            }
        };
        writeln!(out, "{head}\n")?;
        let lines = [
            (counts.done, say!("fleet-count-done", units = counts.done).to_string()),
            (counts.at_work, say!("fleet-count-at-work", units = counts.at_work).to_string()),
            (counts.due, say!("fleet-count-due", units = counts.due).to_string()),
            (counts.waiting, say!("fleet-count-waiting", units = counts.waiting).to_string()),
            (counts.refused, say!("fleet-count-refused", units = counts.refused).to_string()),
            (counts.failed, say!("fleet-count-failed", units = counts.failed).to_string()),
        ];
        for (number, words) in lines.into_iter().filter(|(number, _)| *number > 0) {
            writeln!(out, "{:>9} {words}", count(number))?;
        }
        let totals = &status.totals;
        writeln!(
            out,
            "\n{}",
            say!(
                "fleet-status-clients",
                delegated = totals.delegated,
                removed = totals.removed,
                unchanged = totals.unchanged,
                failed = totals.failed + totals.rejected,
                pending = totals.pending
            )
        )?;
        self.pace(out)?;
        if let Some(hold) = &status.held {
            writeln!(
                out,
                "{}",
                say!("fleet-all-are-held", since = date_time(hold.since), reason = hold.why())
            )?;
        }
        let of_note: Vec<&UnitStatus> = status.units.iter().filter(|unit| is_of_note(unit)).collect();
        if !of_note.is_empty() {
            writeln!(out)?;
        }
        of_note.into_iter().try_for_each(|unit| of_unit(unit, out))
    }
}

/// How a night went, in a sentence for whoever is told.
pub fn fleet_sentence(status: &FleetStatus) -> String {
    let counts = &status.counts;
    say!(
        "fleet-sentence",
        fleet = status.fleet,
        done = counts.done,
        units = counts.units,
        refused = counts.refused,
        left = counts.due + counts.waiting + counts.at_work + counts.failed,
        clients = status.totals.delegated + status.totals.removed,
        failed = status.totals.failed + status.totals.rejected
    )
    .to_string()
}

impl FleetText<'_> {
    fn pace(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.0;
        if let Some(used) = status.pace_used_per_second {
            let used = decimal(&format!("{used:.1}"));
            writeln!(out, "{}", say!("fleet-status-pace", used = used, allowed = status.pace_allowed))?;
        } else if !status.at_work && status.counts.due + status.counts.waiting > 0 {
            writeln!(out, "{}", text!("fleet-nobody-is-at-work"))?;
        }
        match status.not_before {
            Some(until) => writeln!(out, "{}", say!("fleet-status-not-before", until = date_time(until))),
            None => Ok(()),
        }
    }
}

/// Whether somebody wants to read of it: it is under way, or needs somebody.
fn is_of_note(unit: &UnitStatus) -> bool {
    let has_failures = unit.totals.is_some_and(|totals| totals.failed + totals.rejected > 0);
    has_failures || unit.held.is_some() || !matches!(unit.standing, "due" | "done")
}

fn of_unit(unit: &UnitStatus, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let line = unit.row.line.to_string();
    let stands = in_words(unit);
    if unit.row.job.is_empty() {
        writeln!(out, "{}", say!("fleet-status-row", line = line, stands = stands))?;
    } else {
        let firm = format!("{} {}", unit.row.facilitator, unit.row.name.as_deref().unwrap_or_default());
        let firm = firm.trim_end();
        writeln!(
            out,
            "{}",
            say!("fleet-status-unit", line = line, firm = firm, job = unit.row.job, stands = stands)
        )?;
    }
    if let (Some(totals), Some(run)) = (&unit.totals, &unit.run) {
        let failed = totals.failed + totals.rejected;
        if failed > 0 {
            writeln!(out, "  {}", say!("fleet-clients-failed", clients = failed, run = run))?;
        }
    }
    if let Some(hold) = &unit.held {
        writeln!(out, "  {}", say!("fleet-is-held", since = date_time(hold.since), reason = hold.why()))?;
    }
    if let Some(message) = &unit.message {
        writeln!(out, "  {}", message.said())?;
        unit.hints.iter().try_for_each(|hint| writeln!(out, "  {}", hint.said()))?;
    }
    match unit.failing_since {
        Some(since) => writeln!(out, "  {}", say!("fleet-failing-since", since = date_time(since))),
        None => Ok(()),
    }
}

pub(in crate::report) fn in_words(unit: &UnitStatus) -> String {
    match unit.standing {
        "due" => text!("fleet-stands-due").to_owned(),
        "waiting" => {
            say!("fleet-stands-waiting", until = unit.until.map(clock_time).unwrap_or_default()).to_string()
        }
        "at_work" => match &unit.host {
            Some(host) => say!("fleet-stands-at-work-on", host = host).to_string(),
            None => text!("fleet-stands-at-work").to_owned(),
        },
        "done" => text!("fleet-stands-done").to_owned(),
        "refused" => text!("fleet-stands-refused").to_owned(),
        _ => text!("fleet-stands-failed").to_owned(),
    }
}
