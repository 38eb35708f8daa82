//! What nights need: to wait for the agent's lock, and to leave word of how it ended.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use jiff::Timestamp;

use super::{Context, notify::notify, outcome::Outcome};
use crate::{
    clock,
    model::{self},
    report::Metrics,
    state_dir::{Readers, write_bytes},
    words::say,
};

/// The options of commands that run at night.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct UnattendedArgs {
    /// Wait so long (such as "30min") for another run on this agent to end, instead of exit code 4 at once
    #[arg(long, value_name = "DURATION", value_parser = |text: &str| model::duration("--wait", text))]
    pub(crate) wait: Option<Duration>,
    /// Write how it ended to this file, for Prometheus; also when nothing was sent
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
}

/// Leaves word of how a command ended. What fails here is said and changes nothing.
pub(crate) fn leave_word(args: &UnattendedArgs, outcome: &Outcome, started_at: Timestamp, context: &Context) {
    if let Some(path) = &args.metrics {
        let text = metrics(outcome, started_at, context);
        if let Err(error) = write_bytes(path, Readers::Everybody, text.as_bytes()) {
            context.output.error(say!(
                "cli-the-metrics-file-is-not-written",
                path = path.display(),
                error = error
            ));
            context.output.hint(say!("cli-is-there-such-a-folder-and-may-this-user"));
        }
    }
    if let Some(file) = &outcome.file {
        notify(file, outcome, context);
    }
}

fn metrics(outcome: &Outcome, started_at: Timestamp, context: &Context) -> String {
    let (job, kind, environment) = match (&outcome.file, &outcome.summary) {
        (_, Some(summary)) => (summary.job.clone(), summary.kind, summary.environment.clone()),
        (Some(file), None) => (file.job.name.clone(), file.job.kind.as_str(), file.job.environment.name()),
        (None, None) => (outcome.fallback.clone(), "", String::new()),
    };
    let ledger = context.existing_ledger().ok().flatten();
    let last_success = ledger.and_then(|ledger| ledger.last_success(&job, &environment).ok());
    let metrics = Metrics {
        job: &job,
        kind,
        environment: &environment,
        exit_code: outcome.exit() as u8,
        started_at,
        ended_at: clock::now(),
        last_success: last_success.flatten(),
        summary: outcome.summary.as_ref(),
    };
    metrics.to_string()
}
