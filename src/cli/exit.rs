//! Exit codes, and errors with everything a person needs: what, why, what next.

use std::{
    fmt::{self, Display},
    io,
    path::Path,
    process::ExitCode,
};

use serde::{Serialize, Serializer};

use super::output::Output;
use crate::{
    altinn::SignInError,
    engine::{EngineError, Halted, PlanError},
    ledger::LedgerError,
    report::{approximately, date_time},
    words::{Language, Lazy, Refusal, Wording, say, text},
};

/// What the exit code promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All as asked.
    Done = 0,
    /// Carried out, and some clients failed.
    SomeFailed = 1,
    /// Nothing was sent: usage, job file, manifest, guard, or no `--yes`.
    NothingSent = 2,
    /// Stopped early; `resume` goes on.
    Stopped = 3,
    /// Another run holds this agent.
    Held = 4,
    /// A fault of the program or of this machine.
    Fault = 5,
    /// Interrupted; `resume` goes on.
    Interrupted = 130,
}

/// An error where a file that a command is to write is there already: somebody may have worked in it.
pub(crate) fn must_be_new(file: &Path) -> Result<(), Failure> {
    if !file.exists() {
        return Ok(());
    }
    let why = say!("cli-there-is-a-file-already");
    Err(Failure::nothing_sent(say!("cli-cannot-be-written", file = file.display(), error = why)))
}

impl Exit {
    /// The word for it in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::SomeFailed => "some_failed",
            Self::NothingSent => "nothing_sent",
            Self::Stopped => "stopped",
            Self::Held => "held",
            Self::Fault => "fault",
            Self::Interrupted => "interrupted",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A sentence for people, and what is kept of it: programs read English whoever is at the keyboard, and the ledger keeps it.
#[derive(Debug)]
pub(crate) struct Told {
    here: String,
    language: Language,
    kept: Wording,
}

impl Told {
    /// Says it now, in both.
    pub(crate) fn of(sentence: &impl Display) -> Self {
        Self { here: sentence.to_string(), language: Language::current(), kept: Wording::of(|| sentence) }
    }
}

impl Display for Told {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if Language::current() == self.language {
            formatter.write_str(&self.here)
        } else {
            self.kept.fmt(formatter)
        }
    }
}

impl Serialize for Told {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.kept.serialize(serializer)
    }
}

/// Why a command did not do what was asked.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What went wrong.
    message: Told,
    /// More about it, a line each.
    details: Vec<Told>,
    /// What to do, a line each.
    hints: Vec<Told>,
    /// A person could sign in, and then it would go.
    pub(super) needs_login: bool,
    /// Trying again is no use until somebody has seen to it.
    pub(super) needs_somebody: bool,
    /// The server that the ledger is on was not there, or another host has taken over: no fault of what was to be done.
    pub(super) is_passing: bool,
}

impl Failure {
    /// A failure with its kind and what went wrong.
    pub fn new(exit: Exit, message: impl Display) -> Self {
        Self {
            exit,
            message: Told::of(&message),
            details: Vec::new(),
            hints: Vec::new(),
            needs_login: false,
            needs_somebody: exit == Exit::NothingSent,
            is_passing: false,
        }
    }

    /// Nothing was sent, because of this.
    pub fn nothing_sent(message: impl Display) -> Self {
        Self::new(Exit::NothingSent, message)
    }

    /// With more about it.
    pub fn detail(mut self, detail: impl Display) -> Self {
        self.details.push(Told::of(&detail));
        self
    }

    /// With something to do about it.
    pub fn hint(mut self, hint: impl Display) -> Self {
        self.hints.push(Told::of(&hint));
        self
    }

    /// The document that a script reads instead of the answer.
    pub(super) fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "error": {
            "kind": self.exit.name(), "message": self.message, "details": self.details,
            "hints": self.hints,
        } })
    }

    /// What went wrong.
    pub fn message(&self) -> &str {
        &self.message.here
    }

    /// What went wrong, and more about it and what to do, a line each.
    pub(super) fn into_told(self) -> (Told, Vec<Told>) {
        (self.message, self.details.into_iter().chain(self.hints).collect())
    }

    /// What went wrong, for the ledger and for programs.
    pub(super) fn kept(&self) -> &Wording {
        &self.message.kept
    }

    /// More about it and what to do, for programs and for what is kept.
    pub(super) fn advice(&self) -> Vec<Wording> {
        self.details.iter().chain(&self.hints).map(|told| told.kept.clone()).collect()
    }

    /// Says it, on stdout too where the answer is to be JSON.
    pub fn print(&self, output: Output) {
        output.error_as_answer(&self.to_json());
        output.error(&self.message);
        for detail in &self.details {
            output.detail(detail);
        }
        for hint in &self.hints {
            output.hint(hint);
        }
    }
}

impl Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(formatter)
    }
}

impl std::error::Error for Failure {}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        let failure = Self::new(Exit::Fault, &error);
        match error {
            LedgerError::NoRunYet(_) => {
                Self { exit: Exit::NothingSent, ..failure }.hint(say!("cli-state-dir-names-another-folder"))
            }
            LedgerError::NoSuchRun(_) | LedgerError::AmbiguousRun { .. } => {
                Self { exit: Exit::NothingSent, ..failure }
            }
            LedgerError::SeveralJobs { newest } => {
                let failure = Self { exit: Exit::NothingSent, ..failure };
                let failure = newest.iter().fold(failure, |failure, (run, job)| {
                    failure.detail(say!("cli-run-is-the-newest-of", run = run, job = job))
                });
                failure.hint(say!("cli-name-the-run-or-its-job-with-job-name"))
            }
            LedgerError::Folder { .. } | LedgerError::Dangling(_) | LedgerError::NotWritable(_) => {
                failure.hint(say!("cli-name-a-folder-that-is-yours-and-can-be"))
            }
            LedgerError::Backup { error, .. } if error.kind() == io::ErrorKind::AlreadyExists => {
                Self { exit: Exit::NothingSent, ..failure }
                    .hint(say!("cli-name-a-file-that-is-not-there-a-backup-never"))
            }
            LedgerError::Backup { error, .. } => failure.hint(Lazy(|| {
                Refusal(&error).todo().unwrap_or_else(|| text!("cli-look-at-the-disk-of-the-backup"))
            })),
            LedgerError::Disk(_) => failure
                .hint(say!("cli-look-at-the-disk-of-the-ledger"))
                .hint(say!("cli-nothing-that-was-shown-is-lost-resume")),
            LedgerError::DiskFull => failure.hint(say!("cli-make-room-on-the-disk-nothing-that-was-shown")),
            LedgerError::Busy(_) => failure
                .hint(say!("cli-close-the-program-that-has-it-open-a-database"))
                .hint(say!("cli-nothing-that-was-shown-is-lost-resume")),
            LedgerError::Vanished(_) => failure
                .hint(say!("cli-nothing-more-is-sent-put-the-folder-back-then"))
                .hint(say!("cli-without-it-run-the-job-again-the-plan-is-made")),
            LedgerError::Emptied(_) => failure
                .hint(say!("cli-put-the-real-ledger-db-back-a-synchronised"))
                .hint(say!("cli-to-begin-with-an-empty-history-move-the")),
            LedgerError::Unreachable(_) => Self { is_passing: true, ..failure }
                .hint(say!("cli-nothing-is-sent-without-the-ledger"))
                .hint(say!("cli-nothing-that-was-shown-is-lost-resume")),
            LedgerError::NotAllowed(_) => failure.hint(say!("cli-the-ledgers-server-lets-whom-in")),
            LedgerError::TakenOver => Self { is_passing: true, ..failure },
            LedgerError::Damaged(_) => failure.hint(say!("cli-move-ledger-db-out-of-the-state-folder-keep")),
            _ => failure,
        }
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        let message = Told::of(&error);
        match error {
            PlanError::Engine(error) => error.into(),
            PlanError::Manifest(error) => match error.downcast::<Self>() {
                Ok(failure) => *failure,
                Err(error) => Self::nothing_sent(error),
            },
            PlanError::Held { waited: None } => {
                Self::new(Exit::Held, message).hint(say!("cli-fullmakt-runs-shows-how-it-goes-try-again"))
            }
            PlanError::Held { waited: Some(waited) } => Self::new(
                Exit::Held,
                say!(
                    "cli-another-run-is-still-at-work-on-this-agent",
                    waited = Lazy(|| approximately(waited))
                ),
            )
            .hint(say!("cli-fullmakt-runs-shows-how-it-goes-wait-longer")),
            PlanError::InterruptedWaiting => Self::new(Exit::Interrupted, message),
            PlanError::TooOld { manifest, written_at, age, allowed } => Self::nothing_sent(say!(
                "cli-the-list-was-written-ago-at-guard-manifest",
                manifest = manifest,
                age = Lazy(|| approximately(age)),
                written_at = Lazy(|| date_time(written_at)),
                allowed = Lazy(|| approximately(allowed))
            ))
            .hint(say!("cli-has-the-system-that-writes-the-list-stopped"))
            .hint(say!("cli-to-use-this-one-once-all-the-same-save-it")),
            PlanError::FromTheFuture { written_at, .. } => Self::nothing_sent(message)
                .detail(say!("cli-its-file-says", written_at = Lazy(|| date_time(written_at))))
                .hint(say!("cli-set-the-clock-of-whoever-writes-the-list")),
            PlanError::Lock(_) => Self::new(Exit::Fault, message),
            PlanError::SameAgents | PlanError::AgentOfAnotherRow(_) | PlanError::Refused(_) => {
                Self::nothing_sent(message)
            }
            PlanError::AgentColumn(_) => {
                Self::nothing_sent(message).hint(say!("cli-take-the-agent-column-out-or-make-a-migrate"))
            }
            PlanError::UnknownAgents(unknown) => {
                let mut failure = Self::nothing_sent(message);
                for (named, cause) in unknown {
                    // As it was typed, with its quotes.
                    let (line, agent) = (named.line.to_string(), format!("{:?}", named.name));
                    let why = Lazy(|| cause.explanation());
                    failure = match named.rows {
                        1 => failure.detail(say!("cli-unknown-agent", line = line, agent = agent, why = why)),
                        rows => failure.detail(say!(
                            "cli-unknown-agent-of-rows",
                            line = line,
                            agent = agent,
                            why = why,
                            rows = rows
                        )),
                    };
                }
                failure
                    .hint(say!("cli-an-agent-is-a-uuid-an-external-reference-or-a"))
                    .hint(say!("cli-if-the-column-holds-something-else-a-person-a"))
            }
            PlanError::Contradiction(..) => {
                Self::nothing_sent(message).hint(say!("cli-leave-one-of-the-two"))
            }
            PlanError::Unfinished(run) => {
                Self::nothing_sent(message).hint(say!("cli-fullmakt-resume-goes-on-with-it", run = run))
            }
            PlanError::Nothing(_) | PlanError::CannotBeUndone(_) => Self::nothing_sent(message),
            PlanError::HasEnded(..) => {
                Self::nothing_sent(message).hint(say!("cli-fullmakt-runs-lists-the-runs"))
            }
            PlanError::Undone { .. } => {
                Self::nothing_sent(message).hint(say!("cli-fullmakt-run-job-begins-anew"))
            }
        }
    }
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        let exit = match &error {
            SignInError::Key(_) | SignInError::Token(_) => Exit::NothingSent,
            SignInError::Machine { .. } => Exit::Fault,
            SignInError::NotSignedIn(_)
            | SignInError::RanOut { .. }
            | SignInError::Refused { .. }
            | SignInError::ThisSide { .. }
            | SignInError::Unavailable { .. } => Exit::Stopped,
        };
        let needs_login = matches!(error, SignInError::NotSignedIn(_));
        let needs_somebody = !matches!(
            error,
            SignInError::Unavailable { .. } | SignInError::ThisSide { .. } | SignInError::Machine { .. }
        );
        Self { needs_login, needs_somebody, ..Self::new(exit, &error).hint(Lazy(|| error.hint())) }
    }
}

impl From<&Halted> for Failure {
    fn from(halted: &Halted) -> Self {
        let mut failure = Self::new(Exit::Stopped, Lazy(|| halted.cause.explanation()));
        if let Some(answer) = &halted.answer {
            // What Altinn said stays as it was said; what this side says of it is kept in English.
            let message = Lazy(|| answer.message.said());
            failure = match (&answer.code, answer.status) {
                _ if halted.cause.is_this_side() => failure.detail(message),
                (Some(code), _) => {
                    failure.detail(say!("cli-altinn-answered", code = code, message = message))
                }
                (None, Some(status)) => {
                    failure.detail(say!("cli-altinn-answered", code = status, message = message))
                }
                (None, None) => failure.detail(message),
            };
            if let Some(trace_id) = &answer.trace_id {
                failure = failure.detail(say!(
                    "cli-trace-id-sent-at",
                    trace_id = trace_id,
                    sent_at = crate::clock::stamp(answer.sent_at)
                ));
            }
        }
        if let Some(until) = halted.not_before {
            failure = failure.detail(say!("cli-not-before", until = Lazy(|| date_time(until))));
        }
        Self { needs_somebody: halted.cause.needs_somebody(), ..failure.hint(Lazy(|| halted.cause.hint())) }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Halted(halted) => Self::from(&*halted),
            EngineError::Interrupted => {
                Self::new(Exit::Interrupted, say!("cli-interrupted-nothing-was-sent"))
            }
            EngineError::Ledger(error) => error.into(),
            EngineError::Panicked(_) => Self::new(Exit::Fault, &error),
        }
    }
}
