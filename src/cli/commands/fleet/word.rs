//! Word of how a night ended: one notification and one file of metrics for all firms.

use std::{fmt::Display, path::Path};

use super::{
    super::super::{
        Context,
        exit::{Exit, Failure},
        fleet_file::FleetFile,
        notify::{Word, tell},
        unattended::{some_failed_anew, write_metrics},
    },
    work::WorkArgs,
};
use crate::{
    clock,
    fleet::{FleetStatus, UnitStatus},
    model::NotifyOn,
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

/// Leaves word of a night of which nothing can be carried out: its list cannot be read, or another process is at work.
pub(super) fn leave_word_of(file: &FleetFile, failure: &Failure, context: &Context) {
    let end = match failure.exit {
        Exit::NothingSent => NotifyOn::Refused,
        Exit::Held => NotifyOn::Locked,
        Exit::Fault => NotifyOn::Fault,
        _ => NotifyOn::Stopped,
    };
    let told = serde_json::to_string_pretty(&failure.to_json()).unwrap_or_default();
    tell_of(file, &[end], failure.exit, failure, told, context);
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
    let failed = |unit: &&UnitStatus| unit.totals.is_some_and(|totals| totals.failed + totals.rejected > 0);
    let new_failures = || {
        let runs = status.units.iter().filter(failed).filter_map(|unit| unit.run.clone());
        some_failed_anew(runs, context)
    };
    let named = [
        (exit == Exit::Done, NotifyOn::Completed),
        (left, NotifyOn::Stopped),
        (counts.refused > 0, NotifyOn::Refused),
        (counts.with_failures > 0, NotifyOn::Failed),
        (counts.with_failures > 0 && new_failures(), NotifyOn::NewFailures),
    ];
    named.into_iter().filter(|(holds, _)| *holds).map(|(_, end)| end).collect()
}
