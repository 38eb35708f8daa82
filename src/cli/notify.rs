//! Calls the job's `[notify]` command when a run has ended with failures or was stopped.

use std::{
    fs::File,
    io::{Read, Seek, Write},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{Context, job::JobFile, outcome::Outcome};
use crate::model::Auth;

/// The command is given up after this.
const LONGEST: Duration = Duration::from_mins(1);

/// Calls the job's command, if it has one. Whatever goes wrong is a warning.
pub(crate) fn notify(file: &JobFile, outcome: &Outcome, context: &Context) {
    let summary = outcome.summary.as_ref();
    let why = outcome.result.as_ref().err().map(super::exit::Failure::message);
    let Some((program, arguments)) = file.job.notify.as_ref().and_then(|notify| notify.command.split_first())
    else {
        return;
    };
    let told = match summary {
        Some(summary) => serde_json::to_string_pretty(summary).unwrap_or_default(),
        // Stopped before a run began: there is no summary yet.
        None => serde_json::json!({
            "run": null, "job": file.job.name, "kind": file.job.kind, "environment": file.job.environment.name(),
            "status": "refused", "exit_code": outcome.exit() as u8, "message": why,
        })
        .to_string(),
    };
    let mut command = Command::new(place_of(file, program));
    command
        .args(arguments)
        .env("FULLMAKT_RUN", summary.map_or("", |summary| &summary.run))
        .env("FULLMAKT_STATUS", summary.map_or("refused", |summary| summary.status.as_str()));
    for secret in secrets(file) {
        command.env_remove(secret);
    }
    context.output.step(format!("calling {program}, as [notify] says"));
    if let Err(problem) = call(command, told) {
        context.output.warning(format!("the [notify] command {program:?} {problem}"));
    }
}

/// The program: found as a shell finds it; a relative path with a folder in it is relative to the job file.
fn place_of(file: &JobFile, program: &str) -> std::path::PathBuf {
    let path = Path::new(program);
    if path.is_relative() && path.components().count() > 1 { file.resolve(path) } else { path.to_owned() }
}

/// The environment variables of the job that hold a secret, and that nobody else is given.
fn secrets(file: &JobFile) -> Vec<String> {
    let auth = file.job.auth.iter();
    auth.flat_map(Auth::variables).map(str::to_owned).collect()
}

/// Calls it with `told` on its stdin; the problem is in words that follow its name.
fn call(mut command: Command, told: String) -> Result<(), String> {
    // A file takes whatever it says without anybody having to read along.
    let complaints = tempfile::tempfile().and_then(|file| Ok((file.try_clone()?, file)));
    let (stderr, mut complaints) = match complaints {
        Ok((stderr, complaints)) => (Stdio::from(stderr), Some(complaints)),
        Err(_) => (Stdio::null(), None),
    };
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(stderr);
    let mut child = command.spawn().map_err(|error| format!("cannot be started: {error}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // It need not read what it is told.
        thread::spawn(move || drop(stdin.write_all(told.as_bytes())));
    }
    match wait(&mut child) {
        Ok(Some(status)) if status.success() => Ok(()),
        Ok(Some(status)) => Err(match last_line(complaints.as_mut()) {
            Some(line) => format!("failed ({status}): {line}"),
            None => format!("failed ({status})"),
        }),
        Ok(None) => Err(format!("took longer than {} s and was ended", LONGEST.as_secs())),
        Err(error) => Err(format!("cannot be waited for: {error}")),
    }
}

/// Waits for its end; none when it took too long and was ended.
fn wait(child: &mut Child) -> std::io::Result<Option<ExitStatus>> {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if begin.elapsed() > LONGEST {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// The last line that it wrote on stderr.
fn last_line(complaints: Option<&mut File>) -> Option<String> {
    let complaints = complaints?;
    complaints.rewind().ok()?;
    let mut bytes = Vec::new();
    complaints.take(64 * 1024).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    text.lines().map(str::trim).rfind(|line| !line.is_empty()).map(str::to_owned)
}
