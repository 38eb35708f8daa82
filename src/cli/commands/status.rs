//! `fullmakt status`.

use std::{fmt, time::Duration};

use clap::Args;

use super::super::{
    Context,
    exit::{Exit, Failure},
    which::{WhichRunArgs, live_status},
};
use crate::{
    clock,
    model::RunStatus,
    report::{Summary, age, approximately, date_time},
    words::{decimal, say, text},
};

/// One run's counts, pace and time left; also while it is going on
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    which: WhichRunArgs,
}

struct StatusText<'summary> {
    summary: &'summary Summary,
    per_second: f64,
}

pub(crate) fn status(args: &StatusArgs, context: &Context) -> Result<Exit, Failure> {
    let (ledger, record) = args.which.look(context)?;
    let summary = Summary::of(&ledger, &record, live_status(&ledger, &record))?;
    let pace = ledger.recent_pace(&record)?;
    context.output.answer(StatusText { summary: &summary, per_second: pace.per_second }, &summary);
    Ok(Exit::Done)
}

impl fmt::Display for StatusText<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.summary)?;
        let begun = date_time(self.summary.started_at);
        let age = age(self.summary.started_at, clock::now());
        writeln!(out, "  {}", say!("cli-begun-and-age", begun = begun, age = age))?;
        if let Some(stop) = &self.summary.stop {
            writeln!(out, "  {}", say!("cli-stopped", why = stop.cause.explanation()))?;
            if !stop.message.is_empty() {
                let who = if stop.cause.is_this_side() {
                    text!("cli-what-came")
                } else {
                    text!("report-altinn-said")
                };
                writeln!(out, "  {who}: {}", stop.message.said())?;
            }
            writeln!(out, "  {}", stop.cause.hint())?;
        }
        let left = self.summary.totals.pending - self.summary.totals.answered;
        match self.summary.status {
            RunStatus::Running if self.per_second > 0.0 => {
                let time = Duration::from_secs_f64(left as f64 / self.per_second);
                writeln!(
                    out,
                    "  {}",
                    say!(
                        "cli-going-at-s-about-left",
                        pace = decimal(&format!("{:.1}", self.per_second)),
                        time = approximately(time)
                    )
                )
            }
            RunStatus::Running | RunStatus::Completed | RunStatus::Superseded | RunStatus::Refused => Ok(()),
            RunStatus::Interrupted | RunStatus::Stopped => {
                writeln!(out, "  {}", say!("cli-fullmakt-resume-goes-on", run = self.summary.run))
            }
        }
    }
}
