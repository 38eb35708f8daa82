//! What nights need: to wait for the agent's lock, and to leave word of how it ended.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use jiff::Timestamp;

use super::{
    Context,
    exit::{Exit, Failure, Told},
    job::JobFile,
    notify::notify,
    outcome::Outcome,
};
use crate::{
    clock,
    model::{self, RunId, RunStatus},
    report::Metrics,
    state_dir::{Exposed, Readers, write_bytes},
    words::{Lazy, Refusal, say, text},
};

/// The options of commands that run at night.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct UnattendedArgs {
    /// Wait so long (such as "30min") for another run on this agent to end, instead of exit code 4 at once
    #[arg(long, value_name = "DURATION", value_parser = |text: &str| model::duration("--wait", text))]
    pub(crate) wait: Option<Duration>,
    /// Write how it ended to this file, for Prometheus; also when nothing was sent
    #[arg(long, value_name = "FILE")]
    pub(crate) metrics: Option<PathBuf>,
}

/// Leaves word of how a command ended. What fails here is said and changes nothing.
pub(crate) fn leave_word(args: &UnattendedArgs, outcome: &Outcome, started_at: Timestamp, context: &Context) {
    let is_notified = outcome.file.as_ref().is_some_and(|file| file.job.notify.is_some());
    if args.metrics.is_none() && !is_notified {
        return;
    }
    let new_failures = has_new_failures(outcome, context);
    let tell = || outcome.file.as_ref().and_then(|file| notify(file, outcome, new_failures, context));
    let Some(path) = &args.metrics else {
        tell();
        return;
    };
    let (job, kind, environment, firm) = match (&outcome.file, &outcome.summary) {
        (_, Some(of)) => (of.job.clone(), of.kind, of.environment.clone(), of.facilitator.clone()),
        (Some(JobFile { job, .. }), None) => {
            (job.name.clone(), job.kind.as_str(), job.environment.name(), job.facilitator.to_string())
        }
        (None, None) => (outcome.fallback.clone(), "", String::new(), String::new()),
    };
    let ledger = context.existing_ledger().ok().flatten();
    let last_success = ledger.as_ref().and_then(|ledger| ledger.last_success(&job, &environment, &firm).ok());
    let last_completion = ledger.and_then(|ledger| ledger.last_completion(&job, &environment, &firm).ok());
    // Nothing can be kept of a file that is not there, or no text.
    let before = fs::read_to_string(path).unwrap_or_default();
    let metrics = Metrics {
        job: &job,
        kind,
        environment: &environment,
        exit_code: outcome.exit() as u8,
        started_at,
        ended_at: clock::now(),
        last_success: last_success.flatten(),
        last_completion: last_completion.flatten(),
        before: &before,
        new_failures,
        notify_failed: None,
        summary: outcome.summary.as_ref(),
    };
    // Before somebody is told, which may take its time.
    write_metrics(path, &metrics.to_string(), context);
    if let Some(told) = tell() {
        write_metrics(path, &Metrics { notify_failed: Some(!told), ..metrics }.to_string(), context);
    }
}

/// Writes a file of metrics. What fails here is said and changes nothing.
pub(crate) fn write_metrics(path: &Path, text: &str, context: &Context) {
    if let Err(error) = write_bytes(path, Readers::Everybody, text.as_bytes()) {
        context.output.error(say!(
            "cli-the-metrics-file-is-not-written",
            path = path.display(),
            error = error
        ));
        let todo = || Refusal(&error).todo().unwrap_or_else(|| text!("cli-is-there-such-a-folder"));
        context.output.hint(Lazy(todo));
    }
}

/// Looks at what a command is to leave and to keep before it begins: its file of metrics must be no other file, and a state
/// folder that others can write is said to be one.
pub(crate) fn before(metrics: Option<&Path>, context: &Context) -> Result<(), Failure> {
    if let Some(path) = metrics {
        must_hold_metrics(path)?;
    }
    if let Some(exposed) = exposed(context) {
        context.output.warning(exposed.said());
        context.output.hint(exposed.todo());
    }
    Ok(())
}

/// What of the state folder others than its owner can get at.
pub(crate) struct Open {
    folder: PathBuf,
    exposed: Exposed,
}

/// Looks whether others can get at the state folder; not where the ledger is on a server.
pub(crate) fn exposed(context: &Context) -> Option<Open> {
    let state = context.state().ok().filter(|_| context.address.is_none())?;
    Some(Open { exposed: state.exposed()?, folder: state.path().to_owned() })
}

impl Open {
    pub(crate) fn said(&self) -> Told {
        let mode = format!("{:o}", self.exposed.mode);
        Told::of(&say!(
            "cli-others-can-get-at-the-state-folder",
            path = self.exposed.path.display(),
            mode = mode
        ))
    }

    pub(crate) fn todo(&self) -> Told {
        Told::of(&say!("cli-others-can-get-at-the-state-folder-todo", folder = self.folder.display()))
    }
}

/// How every file of ours begins.
const OURS: &[u8] = b"# HELP fullmakt";

/// An error where a file of metrics would take the place of something else.
fn must_hold_metrics(path: &Path) -> Result<(), Failure> {
    // A file that is not there, or in a folder that cannot be entered, is no loss.
    let Ok(metadata) = fs::metadata(path) else { return Ok(()) };
    let mut start = Vec::new();
    let is_ours = metadata.is_file()
        && (metadata.len() == 0
            || File::open(path)
                .and_then(|file| file.take(OURS.len() as u64).read_to_end(&mut start))
                .is_ok_and(|_| start == OURS));
    if is_ours {
        return Ok(());
    }
    Err(Failure::nothing_sent(say!("cli-metrics-would-overwrite", path = path.display()))
        .hint(say!("cli-name-a-file-for-the-metrics-alone")))
}

/// Whether clients failed in one of these runs that did not fail the last time. Where it is not known, they are new: somebody
/// is told.
pub(crate) fn some_failed_anew(mut runs: impl Iterator<Item = String>, context: &Context) -> bool {
    let Ok(Some(ledger)) = context.existing_ledger() else { return true };
    runs.any(|run| ledger.has_new_failures(&RunId::from_ledger(run)).unwrap_or(true))
}

/// Whether clients failed in a run that did not fail the last time; none of one that did not come to its end.
fn has_new_failures(outcome: &Outcome, context: &Context) -> Option<bool> {
    let run = outcome.summary.as_ref().filter(|summary| summary.status == RunStatus::Completed)?;
    match outcome.result {
        Ok(Exit::SomeFailed) => Some(some_failed_anew(std::iter::once(run.run.clone()), context)),
        Ok(Exit::Done) => Some(false),
        _ => None,
    }
}
