//! How a night of a fleet ended, in Prometheus' text format: of all firms together, and of each.

use std::fmt::{self, Display, Write as _};

use jiff::Timestamp;

use super::super::metrics::Escaped;
use crate::{
    fleet::{FleetStatus, UnitStatus},
    model::Totals,
};

/// What is said of a night.
#[derive(Debug)]
pub struct FleetMetrics<'night> {
    /// How the fleet stands.
    pub status: &'night FleetStatus,
    /// What the exit code would be if the program ended now.
    pub exit_code: u8,
    /// When the night was over.
    pub ended_at: Timestamp,
}

/// Labels, and what holds for them.
type Value = (String, f64);

impl Display for FleetMetrics<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status;
        let fleet =
            format!("fleet=\"{}\",environment=\"{}\"", Escaped(&status.fleet), Escaped(&status.environment));
        let mut gauge = |name: &str, help: &str, values: Vec<Value>| -> fmt::Result {
            if values.is_empty() {
                return Ok(());
            }
            writeln!(out, "# HELP fullmakt_fleet_{name} {help}\n# TYPE fullmakt_fleet_{name} gauge")?;
            values.iter().try_for_each(|(labels, value)| {
                writeln!(out, "fullmakt_fleet_{name}{{{fleet}{labels}}} {value}")
            })
        };
        let seconds = |time: Timestamp| time.as_millisecond() as f64 / 1000.0;
        let one = |value: f64| vec![(String::new(), value)];
        gauge("last_exit_code", "How the night ended: 0 is all carried out.", one(self.exit_code.into()))?;
        gauge("night_start_timestamp_seconds", "When the night began.", one(seconds(status.night_from)))?;
        gauge("last_end_timestamp_seconds", "When the night's work was over.", one(seconds(self.ended_at)))?;
        let counts = &status.counts;
        let standings = [
            ("due", counts.due),
            ("waiting", counts.waiting),
            ("at_work", counts.at_work),
            ("done", counts.done),
            ("refused", counts.refused),
            ("failed", counts.failed),
        ];
        let standings = standings.map(|(word, units)| (format!(",standing=\"{word}\""), units as f64));
        gauge("jobs", "Jobs of tonight by how they stand.", standings.into())?;
        gauge(
            "jobs_with_failures",
            "Jobs carried out tonight with clients that failed.",
            one(counts.with_failures as f64),
        )?;
        gauge("held_jobs", "Jobs that are due, of firms that are held.", one(counts.held as f64))?;
        gauge("clients", "Clients of tonight's runs of all firms by outcome.", outcomes("", &status.totals))?;
        gauge("attempts", "Requests about clients of all firms tonight.", one(status.attempts as f64))?;
        let of_each = |values: &dyn Fn(&UnitStatus, &str) -> Vec<Value>| -> Vec<Value> {
            let units = status.units.iter().filter(|unit| !unit.row.job.is_empty());
            units.flat_map(|unit| values(unit, &labels(unit))).collect()
        };
        gauge(
            "job_carried_out",
            "1 where a firm's job was carried out tonight.",
            of_each(&|unit, labels| vec![(labels.to_owned(), f64::from(u8::from(unit.standing == "done")))]),
        )?;
        gauge(
            "job_failing_since_timestamp_seconds",
            "Since when a firm's job could not be carried out.",
            of_each(&|unit, labels| {
                unit.failing_since.iter().map(|since| (labels.to_owned(), seconds(*since))).collect()
            }),
        )?;
        gauge(
            "job_clients",
            "Clients of a firm's run of tonight by outcome.",
            of_each(&|unit, labels| unit.totals.iter().flat_map(|totals| outcomes(labels, totals)).collect()),
        )?;
        gauge(
            "job_attempts",
            "Requests about clients of a firm's run of tonight.",
            of_each(&|unit, labels| vec![(labels.to_owned(), unit.attempts as f64)]),
        )
    }
}

fn outcomes(labels: &str, totals: &Totals) -> Vec<Value> {
    totals
        .by_outcome()
        .into_iter()
        .map(|(word, clients)| (format!("{labels},outcome=\"{word}\""), clients as f64))
        .collect()
}

fn labels(unit: &UnitStatus) -> String {
    let mut labels = format!(
        ",job=\"{}\",kind=\"{}\",firm=\"{}\"",
        Escaped(&unit.row.job),
        Escaped(unit.row.kind),
        Escaped(&unit.row.facilitator)
    );
    if let Some(group) = &unit.row.group {
        let _ = write!(labels, ",group=\"{}\"", Escaped(group));
    }
    labels
}
