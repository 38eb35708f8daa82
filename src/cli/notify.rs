//! Calls the `[notify]` command of a job, a fleet or a vendor when there is something that it is to be told of.

use std::{
    fmt::Display,
    fs::{self, File},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{Context, exit::Exit, job::JobFile, outcome::Outcome};
use crate::{
    model::{Auth, Notify, NotifyOn},
    words::{Lazy, for_people, in_english, say, text},
};

/// The command is given up after this.
const LONGEST: Duration = Duration::from_mins(1);

/// What the command is told, and of whom.
pub(crate) struct Word<'end> {
    /// The job's or the fleet's name.
    pub(crate) job: &'end str,
    /// The run, where there is one.
    pub(crate) run: &'end str,
    /// How it stands, in a word.
    pub(crate) status: &'end str,
    /// How it went, in a sentence that is not made before it is told: people read it, whatever the log speaks.
    pub(crate) sentence: &'end dyn Display,
    /// What it is told on its stdin.
    pub(crate) told: String,
    /// What a relative path in the command is relative to.
    pub(crate) folder: &'end Path,
    /// The sign-in, whose secrets nobody else is given.
    pub(crate) auth: Option<&'end Auth>,
}

/// Calls the job's command, if it has one that is to be told of this end. Whatever goes wrong is a warning. Whether it was
/// told; none where it was not to be.
pub(crate) fn notify(
    file: &JobFile,
    outcome: &Outcome,
    new_failures: Option<bool>,
    context: &Context,
) -> Option<bool> {
    let notify = file.job.notify.as_ref()?;
    let summary = outcome.summary.as_ref();
    let status = summary.map_or("unknown", |summary| summary.status.as_str());
    let in_words = Lazy(|| summary.map_or(text!("cli-not-known"), |summary| summary.status.in_words()));
    let sentence = Lazy(|| match (&outcome.result, summary) {
        (Err(failure), _) => {
            say!("cli-job-was", job = file.job.name, status = in_words, why = failure).to_string()
        }
        (Ok(_), Some(summary)) => summary.sentence(),
        (Ok(_), None) => say!("cli-has-ended", job = file.job.name).to_string(),
    });
    let word = Word {
        job: &file.job.name,
        run: summary.map_or("", |summary| &summary.run),
        status,
        sentence: &sentence,
        told: told(file, outcome, status),
        folder: file.path.parent().unwrap_or(Path::new("")),
        auth: file.job.auth.as_ref(),
    };
    tell(notify, &ends(outcome, new_failures), word, context)
}

/// Calls a command that is to be told of one of these ends. Whatever goes wrong is a warning. Whether it was told; none where
/// it was not to be.
pub(crate) fn tell(notify: &Notify, ends: &[NotifyOn], word: Word<'_>, context: &Context) -> Option<bool> {
    let event = ends.iter().find(|end| notify.on.contains(end))?;
    Some(tell_of(&notify.command, event.as_str(), word, context))
}

/// Calls a command with the word for what it is told of. Whatever goes wrong is a warning. Whether it was told.
pub(crate) fn tell_of(command: &[String], event: &str, word: Word<'_>, context: &Context) -> bool {
    let Some((program, arguments)) = command.split_first() else { return false };
    let mut command = Command::new(place_of(word.folder, program));
    command
        .args(arguments)
        .env("FULLMAKT_EVENT", event)
        .env("FULLMAKT_JOB", word.job)
        .env("FULLMAKT_RUN", word.run)
        .env("FULLMAKT_STATUS", word.status)
        .env("FULLMAKT_TEXT", one_line(&for_people(|| word.sentence.to_string())));
    for secret in word.auth.into_iter().flat_map(Auth::variables) {
        command.env_remove(secret);
    }
    context.output.step(say!("cli-calling", program = program));
    let called = call(command, word.told, LONGEST);
    if let Err(problem) = &called {
        context.output.warning(say!(
            "cli-the-notify-command",
            program = format!("{program:?}"),
            problem = problem
        ));
    }
    called.is_ok()
}

/// How it ended, as the job file can name it.
fn ends(outcome: &Outcome, new_failures: Option<bool>) -> Vec<NotifyOn> {
    match outcome.exit() {
        Exit::Done => vec![NotifyOn::Completed],
        Exit::SomeFailed => {
            let new = (new_failures == Some(true)).then_some(NotifyOn::NewFailures);
            [NotifyOn::Failed].into_iter().chain(new).collect()
        }
        // Somebody has said no.
        Exit::NothingSent if outcome.result.is_ok() => Vec::new(),
        Exit::NothingSent => vec![NotifyOn::Refused],
        Exit::Stopped => vec![NotifyOn::Stopped],
        Exit::Held => vec![NotifyOn::Locked],
        Exit::Fault => vec![NotifyOn::Fault],
        Exit::Interrupted => Vec::new(),
    }
}

/// What the program is told on its stdin: the summary; where a command failed, with its exit code and why.
fn told(file: &JobFile, outcome: &Outcome, status: &str) -> String {
    let mut told = match &outcome.summary {
        Some(summary) => in_english(|| serde_json::to_value(summary)).unwrap_or_default(),
        None => serde_json::json!({
            "run": null, "job": file.job.name, "kind": file.job.kind, "environment": file.job.environment.name(),
            "status": status,
        }),
    };
    if let (Err(failure), Some(told)) = (&outcome.result, told.as_object_mut()) {
        told.insert("exit_code".to_owned(), (outcome.exit() as u8).into());
        told.insert("message".to_owned(), failure.kept().english().into());
    }
    serde_json::to_string_pretty(&told).unwrap_or_default()
}

/// A text without line breaks and other control characters.
fn one_line(text: &str) -> String {
    text.chars().map(|one| if one.is_control() { ' ' } else { one }).collect()
}

/// The program: found as a shell finds it; a relative path with a folder in it is relative to the job file.
fn place_of(folder: &Path, program: &str) -> PathBuf {
    let path = Path::new(program);
    if path.is_relative() && path.components().count() > 1 { folder.join(path) } else { path.to_owned() }
}

/// Where the program of a command is, by the rules by which it is called.
///
/// # Errors
///
/// It is not there, or is none.
pub(crate) fn program_of(folder: &Path, command: &[String]) -> io::Result<PathBuf> {
    let program = command.first().map(String::as_str).unwrap_or_default();
    let place = place_of(folder, program);
    let candidates = if place.is_absolute() || place.components().count() > 1 {
        vec![place]
    } else {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).map(|folder| folder.join(&place)).collect()
    };
    let mut refused = io::Error::from(io::ErrorKind::NotFound);
    for candidate in candidates {
        // Windows calls what it finds with this ending, too.
        let with_ending = candidate.with_added_extension(std::env::consts::EXE_EXTENSION);
        for candidate in [candidate, with_ending] {
            match is_program(&candidate) {
                Ok(()) => return Ok(candidate),
                Err(error) if error.kind() != io::ErrorKind::NotFound => refused = error,
                Err(_) => {}
            }
        }
    }
    Err(refused)
}

fn is_program(path: &Path) -> io::Result<()> {
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if metadata.permissions().mode() & 0o111 == 0 {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
    }
    Ok(())
}

/// Calls it with `told` on its stdin, and ends it after so long; the problem is in words that follow its name.
fn call(mut command: Command, told: String, longest: Duration) -> Result<(), String> {
    // A file takes whatever it says without anybody having to read along.
    let complaints = tempfile::tempfile().and_then(|file| Ok((file.try_clone()?, file)));
    let (stderr, mut complaints) = match complaints {
        Ok((stderr, complaints)) => (Stdio::from(stderr), Some(complaints)),
        Err(_) => (Stdio::null(), None),
    };
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(stderr);
    // A group of its own, so that what it has started can be ended with it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child =
        command.spawn().map_err(|error| say!("cli-cannot-be-started", error = error).to_string())?;
    if let Some(mut stdin) = child.stdin.take() {
        // It need not read what it is told.
        thread::spawn(move || drop(stdin.write_all(told.as_bytes())));
    }
    match wait(&mut child, longest) {
        Ok(Some(status)) if status.success() => Ok(()),
        Ok(Some(status)) => Err(match last_line(complaints.as_mut()) {
            Some(line) => say!("cli-command-failed-saying", status = status, line = line).to_string(),
            None => say!("cli-command-failed", status = status).to_string(),
        }),
        Ok(None) => {
            Err(say!("cli-took-longer-than-s-and-was-ended", seconds = longest.as_secs()).to_string())
        }
        Err(error) => Err(say!("cli-cannot-be-waited-for", error = error).to_string()),
    }
}

/// Waits for its end; none when it took too long and was ended.
fn wait(child: &mut Child, longest: Duration) -> std::io::Result<Option<ExitStatus>> {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if begin.elapsed() > longest {
            end(child)?;
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

/// Ends it, on Unix with everything that it has started: a script that hangs does so in a program that it calls.
fn end(child: &mut Child) -> std::io::Result<()> {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // Not waited for yet, so that the number is nobody else's.
        return Ok(rustix::process::kill_process_group(group, rustix::process::Signal::KILL)?);
    }
    child.kill()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_takes_too_long_is_ended_with_what_it_has_started() {
        let folder = tempfile::tempdir().unwrap();
        let late = folder.path().join("late");
        let mut command = Command::new("sh");
        command.args(["-c", "(sleep 1; touch \"$0\") & sleep 30"]).arg(&late);
        let begin = Instant::now();
        assert!(call(command, String::new(), Duration::from_millis(100)).is_err());
        assert!(begin.elapsed() < Duration::from_secs(20));
        thread::sleep(Duration::from_millis(1400));
        assert!(!late.exists());
    }
}
