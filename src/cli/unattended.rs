//! What nights need: to wait for the agent's lock, and to leave word of how it ended.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use clap::Args;
use jiff::Timestamp;
use tokio::time::{Instant, sleep};

use super::{
    Context,
    exit::{Exit, Failure},
    job::JobFile,
    notify::notify,
    signals,
};
use crate::{
    engine::Interrupt,
    ledger::{AgentLock, LockError},
    model::{self, AgentId},
    report::{Metrics, Summary, approximately, clock_time},
};

/// The options of commands that run at night.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct UnattendedArgs {
    /// Wait so long (such as "30min") for another run on this agent to end, instead of exit code 4 at once
    #[arg(long, value_name = "DURATION", value_parser = |text: &str| model::duration("--wait", text))]
    wait: Option<Duration>,
    /// Write how it ended to this file, for Prometheus; also when nothing was sent
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
}

/// What is noted while a command goes on, and told when it has ended.
#[derive(Debug)]
pub(crate) struct Watch(Mutex<Watched>);

#[derive(Debug)]
struct Watched {
    args: UnattendedArgs,
    /// A job's name for when its file cannot be read.
    fallback: String,
    file: Option<JobFile>,
    summary: Option<Summary>,
    started_at: Timestamp,
}

impl Watch {
    /// Nothing noted yet.
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Watched {
            args: UnattendedArgs::default(),
            fallback: String::new(),
            file: None,
            summary: None,
            started_at: Timestamp::now(),
        }))
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes the command's options, and its job file before it is read.
    pub(crate) fn arm(&self, args: &UnattendedArgs, job: Option<&Path>) {
        let mut watched = self.watched();
        watched.args = args.clone();
        let stem = job.and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
        watched.fallback = stem.unwrap_or_default();
    }

    /// Notes the job that it is about from here on; no run of it has begun yet.
    pub(crate) fn about(&self, file: &JobFile) {
        let mut watched = self.watched();
        watched.file = Some(file.clone());
        watched.summary = None;
    }

    /// Notes what came of the run.
    pub(crate) fn ended(&self, summary: &Summary) {
        self.watched().summary = Some(summary.clone());
    }

    /// How long to wait for an agent's lock.
    pub(crate) fn wait(&self) -> Option<Duration> {
        self.watched().args.wait
    }

    /// Leaves word of how the command ended. What fails here is said and changes nothing.
    pub(crate) fn finish(&self, exit: Exit, why: Option<&str>, context: &Context) {
        let watched = self.watched();
        if let Some(path) = &watched.args.metrics {
            let text = watched.metrics(exit, context);
            if let Err(error) = write_for_all(path, &text) {
                context.output.error(format!("the metrics file {} is not written: {error}", path.display()));
                context.output.hint("is there such a folder, and may this user write in it?");
            }
        }
        if let (Exit::SomeFailed | Exit::Stopped, Some(file)) = (exit, &watched.file) {
            notify(file, watched.summary.as_ref(), exit, why, context);
        }
    }
}

impl Watched {
    fn metrics(&self, exit: Exit, context: &Context) -> String {
        let (job, kind, environment) = match (&self.file, &self.summary) {
            (_, Some(summary)) => (summary.job.clone(), summary.kind, summary.environment.clone()),
            (Some(file), None) => {
                (file.job.name.clone(), file.job.kind.as_str(), file.job.environment.name())
            }
            (None, None) => (self.fallback.clone(), "", String::new()),
        };
        let last_success =
            context.ledger().ok().and_then(|ledger| ledger.last_success(&job, &environment).ok());
        let metrics = Metrics {
            job: &job,
            kind,
            environment: &environment,
            exit_code: exit as u8,
            started_at: self.started_at,
            ended_at: Timestamp::now(),
            last_success: last_success.flatten(),
            summary: self.summary.as_ref(),
        };
        metrics.to_string()
    }
}

/// Writes a file whole or not at all, readable by everybody: another program collects it.
fn write_for_all(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(text.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(temporary.path(), fs::Permissions::from_mode(0o644))?;
    }
    temporary.as_file().sync_all()?;
    temporary.persist(path)?;
    Ok(())
}

/// An agent's lock is asked for this often.
const ASK_EVERY: Duration = Duration::from_millis(200);

/// Takes an agent's lock, for as long as this process works on it; waits for it as long as `--wait` says.
///
/// `interrupt` is what a session that is open already listens to.
pub(crate) async fn lock_agent(
    environment: &str,
    agent: AgentId,
    interrupt: Option<&Interrupt>,
    context: &Context,
) -> Result<AgentLock, Failure> {
    let ledger = context.ledger()?;
    let Some(wait) = context.watch.wait() else { return Ok(ledger.lock_agent(environment, agent)?) };
    let until = Instant::now() + wait;
    let mut said = false;
    loop {
        match ledger.lock_agent(environment, agent) {
            Err(LockError::Held) => {}
            taken => return Ok(taken?),
        }
        if !std::mem::replace(&mut said, true) {
            let holder = ledger.lock_holder(environment, agent).map_or_else(String::new, |holder| {
                format!(" (process {}, since {})", holder.process, clock_time(holder.since))
            });
            context.output.note(format!(
                "another run is at work on this agent{holder}; waiting up to {} for its end",
                approximately(wait)
            ));
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Failure::new(
                Exit::Held,
                format!(
                    "another run is still at work on this agent, after a wait of {}",
                    approximately(wait)
                ),
            )
            .hint("`fullmakt status` shows how it goes; wait longer, or try again when it has ended"));
        }
        let interrupted = async {
            match interrupt {
                Some(interrupt) => interrupt.requested().await,
                None => signals::asked_to_stop().await,
            }
        };
        tokio::select! {
            () = interrupted => {
                return Err(Failure::new(
                    Exit::Interrupted,
                    "interrupted while waiting for the other run; nothing was sent",
                ));
            }
            () = sleep(ASK_EVERY.min(left)) => {}
        }
    }
}
