//! Word of how a night ended: one notification and one file of metrics for all firms.

use std::{fmt::Display, path::Path};

use super::{
    super::super::{
        Context,
        exit::{Exit, Failure},
        fleet_file::FleetFile,
        notify::{Word, tell},
        unattended::write_metrics,
    },
    work::WorkArgs,
};
use crate::{
    clock,
    fleet::FleetStatus,
    model::{NotifyOn, RunId},
    report::{FleetMetrics, fleet_sentence},
    words::{Lazy, in_english},
};

/// Leaves word of a night that is over. What fails here is said and changes nothing.
pub(super) fn leave_word(
    args: &WorkArgs,
    file: &FleetFile,
    status: &FleetStatus,
    exit: Exit,
    context: &Context,
) {
    if let Some(path) = &args.metrics {
        let metrics = FleetMetrics { status, exit_code: exit as u8, ended_at: clock::now() };
        write_metrics(path, &metrics.to_string(), context);
    }
    let told = in_english(|| serde_json::to_string_pretty(status)).unwrap_or_default();
    let sentence = Lazy(|| fleet_sentence(status));
    tell_of(file, &ends(status, exit, context), exit, &sentence, told, context);
}

/// Leaves word of a night of which nothing can be carried out: its list cannot be read.
pub(super) fn leave_word_of(file: &FleetFile, failure: &Failure, context: &Context) {
    let told = serde_json::to_string_pretty(&failure.to_json()).unwrap_or_default();
    tell_of(file, &[NotifyOn::Refused], failure.exit, failure, told, context);
}

fn tell_of(
    file: &FleetFile,
    ends: &[NotifyOn],
    exit: Exit,
    sentence: &dyn Display,
    told: String,
    context: &Context,
) {
    let Some(notify) = &file.fleet.notify else { return };
    let word = Word {
        job: &file.fleet.name,
        run: "",
        status: exit.name(),
        sentence,
        told,
        folder: file.path.parent().unwrap_or(Path::new("")),
        auth: file.fleet.auth.as_ref(),
    };
    tell(notify, ends, word, context);
}

/// How the night ended, as `[notify] on` can name it.
fn ends(status: &FleetStatus, exit: Exit, context: &Context) -> Vec<NotifyOn> {
    let counts = &status.counts;
    let left = exit == Exit::Stopped;
    let named = [
        (exit == Exit::Done, NotifyOn::Completed),
        (left, NotifyOn::Stopped),
        (counts.refused > 0, NotifyOn::Refused),
        (counts.with_failures > 0, NotifyOn::Failed),
        (counts.with_failures > 0 && has_new_failures(status, context), NotifyOn::NewFailures),
    ];
    named.into_iter().filter(|(holds, _)| *holds).map(|(_, end)| end).collect()
}

/// Whether clients of any firm failed that did not fail the last time. Where that is not known, somebody is told.
fn has_new_failures(status: &FleetStatus, context: &Context) -> bool {
    let Ok(Some(ledger)) = context.existing_ledger() else { return true };
    let failed = |unit: &&crate::fleet::UnitStatus| {
        unit.totals.is_some_and(|totals| totals.failed + totals.rejected > 0)
    };
    let runs = status.units.iter().filter(failed).filter_map(|unit| unit.run.clone());
    runs.into_iter().any(|run| ledger.has_new_failures(&RunId::from_ledger(run)).unwrap_or(true))
}
