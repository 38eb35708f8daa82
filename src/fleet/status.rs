//! How a fleet stands tonight: every unit, and all together. From the list of firms, the ledger, and what the fleet keeps.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;

use super::{Hold, Holds, LastRun, Night, Record, RowError, Standing, Unit, Units, standing};
use crate::{
    ledger::{Ledger, LedgerError, RunRecord},
    model::{Fleet, RunStatus, Totals},
    words::Wording,
};

/// How a fleet stands.
#[derive(Debug, Clone, Serialize)]
pub struct FleetStatus {
    /// The fleet's name.
    pub fleet: String,
    /// `sandbox`, `tt02`, `prod` or an origin.
    pub environment: String,
    /// When the night began.
    pub night_from: Timestamp,
    /// When nothing more is sent tonight; null where the fleet has no window.
    pub night_to: Option<Timestamp>,
    /// Whether a process is at work on it.
    pub at_work: bool,
    /// All firms are held.
    pub held: Option<Hold>,
    /// The pace that all together may have.
    pub pace_allowed: String,
    /// The pace that all together have now, of every kind of request; null where nobody is at work.
    pub pace_used_per_second: Option<f64>,
    /// Until when Altinn has asked to be left alone.
    pub not_before: Option<Timestamp>,
    /// How many units stand where.
    pub counts: Counts,
    /// The clients of tonight's runs of all firms.
    pub totals: Totals,
    /// Requests about clients of tonight's runs of all firms.
    pub attempts: u64,
    /// Every unit, as the list of firms has them; rows that cannot be used are refused.
    pub units: Vec<UnitStatus>,
}

/// How many units stand where. Each stands in one place; `held` and `with_failures` are counted besides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All.
    pub units: u64,
    /// To be carried out.
    pub due: u64,
    /// Stopped, and tried again later.
    pub waiting: u64,
    /// Under way.
    pub at_work: u64,
    /// Carried out.
    pub done: u64,
    /// Refused: somebody has to see to the list, the guard, the row or the system user.
    pub refused: u64,
    /// Stopped as often as a unit is tried.
    pub failed: u64,
    /// Of the due and waiting: those of firms that are held.
    pub held: u64,
    /// Of the done: those with clients that failed.
    pub with_failures: u64,
}

/// Which row of the list of firms a unit is, and which job.
#[derive(Debug, Clone, Default, Serialize)]
pub struct UnitRow {
    /// The line in the list of firms.
    pub line: u64,
    /// The firm; empty where the row cannot be read.
    pub facilitator: String,
    /// What the list calls the firm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the list groups firms by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The job's name; empty where the row cannot be read.
    pub job: String,
    /// The job's kind.
    pub kind: &'static str,
}

impl From<&Unit> for UnitRow {
    fn from(unit: &Unit) -> Self {
        Self {
            line: unit.line,
            facilitator: unit.job.facilitator.to_string(),
            name: unit.name.clone(),
            group: unit.group.clone(),
            job: unit.job.name.clone(),
            kind: unit.job.kind.as_str(),
        }
    }
}

/// How a unit stands.
#[derive(Debug, Clone, Serialize)]
pub struct UnitStatus {
    /// Which it is.
    #[serde(flatten)]
    pub row: UnitRow,
    /// How it stands.
    pub standing: &'static str,
    /// The host that is at work on it, where the ledger is on a server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// When it is tried again, of one that waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The firm is held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<Hold>,
    /// Tonight's last run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// The counts of tonight's runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totals: Option<Totals>,
    /// Requests about clients of tonight's runs.
    pub attempts: u64,
    /// When tonight's run, or the last try, began or ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Why it could not be carried out when it was last tried, in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Wording>,
    /// What to do about it, in English.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<Wording>,
    /// Since when it could not be carried out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
}

/// What is known besides the list of firms.
#[derive(Debug)]
pub struct Known<'fleet> {
    /// The ledger, where there is one.
    pub ledger: Option<&'fleet Ledger>,
    /// What the fleet keeps.
    pub record: &'fleet Record,
    /// Who is held.
    pub holds: &'fleet Holds,
    /// Whether a process is at work.
    pub at_work: bool,
    /// The night.
    pub night: Night,
    /// When the fleet file or its list was saved last.
    pub saved_at: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
}

/// Tonight's runs of a job that count for its unit: no undo, no retry, nothing that was refused.
#[derive(Debug, Clone, Default)]
pub struct Tonight {
    /// The last one, which says how the unit stands; none where all have been superseded. A run that the ledger calls running,
    /// and whose agent nobody holds, was killed.
    pub last: Option<RunRecord>,
    /// Those before it, and those that were superseded: the last one finds unchanged what they did.
    earlier: Vec<RunRecord>,
    /// The host that carries out the last one, where the ledger is on a server.
    host: Option<String>,
}

impl Tonight {
    /// What they came to together, and how many requests about clients it took.
    fn totals(&self, ledger: &Ledger) -> Result<(Option<Totals>, u64), LedgerError> {
        let Some(last) = &self.last else { return Ok((None, 0)) };
        let (mut totals, mut attempts) = (ledger.totals(last)?, ledger.attempts(last)?.0);
        for run in &self.earlier {
            let earlier = ledger.totals(run)?;
            totals.unchanged = totals.unchanged.saturating_sub(earlier.delegated);
            totals.delegated += earlier.delegated;
            totals.removed += earlier.removed;
            attempts += ledger.attempts(run)?.0;
        }
        Ok((Some(totals), attempts))
    }
}

/// Tonight's runs, by their jobs.
pub fn runs_of_tonight(
    ledger: &Ledger,
    environment: &str,
    night: Night,
) -> Result<HashMap<String, Tonight>, LedgerError> {
    let mut tonight: HashMap<String, Tonight> = HashMap::new();
    for mut run in ledger.runs_since(environment, night.from)? {
        if run.retry_of.is_some() || run.undo_of.is_some() || run.status == RunStatus::Refused {
            continue;
        }
        let of_job = tonight.entry(run.job.clone()).or_default();
        if run.status == RunStatus::Superseded {
            of_job.earlier.push(run);
            continue;
        }
        of_job.host = None;
        if run.status == RunStatus::Running {
            match ledger.at_work(&run.environment, run.agent)? {
                Some(at_work) => of_job.host = at_work.host,
                None => run.status = RunStatus::Interrupted,
            }
        }
        of_job.earlier.extend(of_job.last.replace(run));
    }
    Ok(tonight)
}

impl FleetStatus {
    /// How the fleet stands.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn of(fleet: &Fleet, units: &Units, known: &Known<'_>) -> Result<Self, LedgerError> {
        let environment = fleet.environment.name();
        let runs = match known.ledger {
            Some(ledger) => runs_of_tonight(ledger, &environment, known.night)?,
            None => HashMap::new(),
        };
        let work = known.record.work.as_ref().filter(|_| known.at_work);
        let mut status = Self {
            fleet: fleet.name.clone(),
            environment,
            night_from: known.night.from,
            night_to: known.night.to,
            at_work: known.at_work,
            held: known.holds.all.clone(),
            pace_allowed: fleet.pace.rate.to_string(),
            pace_used_per_second: work.map(|work| work.per_second),
            not_before: runs
                .values()
                .filter_map(|tonight| tonight.last.as_ref()?.not_before)
                .max()
                .filter(|until| *until > known.now),
            counts: Counts::default(),
            totals: Totals::default(),
            attempts: 0,
            units: Vec::new(),
        };
        for unit in &units.units {
            let unit = unit_status(unit, runs.get(&unit.job.name), known)?;
            status.take(unit);
        }
        for error in &units.errors {
            status.take(refused_row(error));
        }
        status.units.sort_by_key(|unit| unit.row.line);
        Ok(status)
    }

    fn take(&mut self, unit: UnitStatus) {
        let counts = &mut self.counts;
        counts.units += 1;
        let place = match unit.standing {
            "due" => &mut counts.due,
            "waiting" => &mut counts.waiting,
            "at_work" => &mut counts.at_work,
            "done" => &mut counts.done,
            "refused" => &mut counts.refused,
            _ => &mut counts.failed,
        };
        *place += 1;
        let waits = matches!(unit.standing, "due" | "waiting");
        counts.held += u64::from(waits && (unit.held.is_some() || self.held.is_some()));
        if let Some(totals) = &unit.totals {
            counts.with_failures += u64::from(unit.standing == "done" && totals.failed + totals.rejected > 0);
            self.totals.add(totals);
        }
        self.attempts += unit.attempts;
        self.units.push(unit);
    }
}

fn unit_status(unit: &Unit, tonight: Option<&Tonight>, known: &Known<'_>) -> Result<UnitStatus, LedgerError> {
    let job = &unit.job;
    let run = tonight.and_then(|tonight| tonight.last.as_ref());
    let trouble = known.record.in_the_way_of(&job.name, known.saved_at);
    let last = run.map(|run| LastRun { status: run.status, started_at: run.started_at });
    let stands = match standing(last, trouble, known.night, known.now) {
        // Planning or signing in: there is no run yet.
        Standing::Due | Standing::Waiting { .. }
            if known.at_work
                && known.record.work.as_ref().is_some_and(|work| work.units.contains_key(&job.name)) =>
        {
            Standing::AtWork
        }
        stands => stands,
    };
    let (totals, attempts) = match (known.ledger, tonight) {
        (Some(ledger), Some(tonight)) => tonight.totals(ledger)?,
        _ => (None, 0),
    };
    // What was in the way is shown until it is carried out.
    let trouble = known.record.troubles.get(&job.name).filter(|_| stands != Standing::Done);
    Ok(UnitStatus {
        row: UnitRow::from(unit),
        standing: stands.into(),
        host: tonight.and_then(|tonight| tonight.host.clone()).filter(|_| stands == Standing::AtWork),
        until: if let Standing::Waiting { until } = stands { Some(until) } else { None },
        held: known.holds.firms.get(&job.facilitator.to_string()).cloned(),
        run: run.map(|run| run.id.to_string()),
        totals,
        attempts,
        at: run.map(|run| run.finished_at.unwrap_or(run.started_at)).max(trouble.map(|trouble| trouble.at)),
        message: trouble.map(|trouble| trouble.message.clone()),
        hints: trouble.map(|trouble| trouble.hints.clone()).unwrap_or_default(),
        failing_since: trouble.map(|trouble| trouble.since),
    })
}

/// A row that is no unit.
fn refused_row(error: &RowError) -> UnitStatus {
    UnitStatus {
        row: UnitRow { line: error.line, ..UnitRow::default() },
        standing: Standing::Refused.into(),
        host: None,
        until: None,
        held: None,
        run: None,
        totals: None,
        attempts: 0,
        at: None,
        message: Some(Wording::of(|| &error)),
        hints: Vec::new(),
        failing_since: None,
    }
}
