//! What a command came to: everything that is said of it afterwards is made from this.

use std::path::Path;

use super::{
    Context,
    exit::{Exit, Failure},
    job::JobFile,
};
use crate::{
    ledger::{RunRecord, WhichRun},
    report::Summary,
    words::{Wording, say},
};

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// How it ended.
    pub(crate) result: Result<Exit, Failure>,
    /// The job that it was about, where its file could be read.
    pub(crate) file: Option<JobFile>,
    /// The job's name for when its file could not be read: the file's.
    pub(crate) fallback: String,
    /// The run that came to its end in it, was stopped, or was refused.
    pub(crate) summary: Option<Summary>,
}

/// A run that was executed, or for which there was nothing to do.
#[derive(Debug)]
pub(crate) struct Ended {
    /// How.
    pub(crate) exit: Exit,
    /// The run.
    pub(crate) summary: Option<Summary>,
}

impl Outcome {
    /// Of a command about this job.
    pub(crate) fn of(file: JobFile, result: Result<Ended, Failure>) -> Self {
        let (result, summary) = match result {
            Ok(ended) => (Ok(ended.exit), ended.summary),
            Err(failure) => (Err(failure), None),
        };
        Self { result, file: Some(file), fallback: String::new(), summary }
    }

    /// Of a run that no job file is about: a vendor's round.
    pub(crate) fn of_round(result: Result<Ended, Failure>) -> Self {
        match result {
            Ok(Ended { exit, summary }) => Self { summary, ..Self::from(Ok(exit)) },
            Err(failure) => Self::from(Err(failure)),
        }
    }

    /// Of a command about a run: what it does with a vendor's round, or with another run and its job's file.
    pub(crate) async fn of_run(
        record: Result<RunRecord, Failure>,
        with_round: impl AsyncFnOnce(&RunRecord) -> Result<Ended, Failure>,
        with_job: impl AsyncFnOnce(&RunRecord, &JobFile) -> Result<Ended, Failure>,
    ) -> Self {
        let found = match record {
            Ok(record) if record.kind.asks_firms() => {
                return Self::of_round(Box::pin(with_round(&record)).await);
            }
            record => record.and_then(|record| Ok((JobFile::of_run(&record)?, record))),
        };
        match found {
            Ok((file, record)) => {
                let result = Box::pin(with_job(&record, &file)).await;
                Self::of(file, result)
            }
            Err(failure) => Err(failure).into(),
        }
    }

    /// Of a command whose job file could not be read.
    pub(crate) fn without_job(path: &Path, failure: Failure) -> Self {
        let fallback = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        Self { fallback, ..Self::from(Err(failure)) }
    }

    /// The same, with a run that was refused before it began kept in the ledger. Whatever keeps it from being kept
    /// changes nothing.
    pub(crate) fn with_refusal_kept(mut self, context: &Context) -> Self {
        let (Err(failure), Some(file)) = (&self.result, &self.file) else { return self };
        let nothing_began = matches!(failure.exit, Exit::NothingSent | Exit::Stopped | Exit::Held);
        if nothing_began && self.summary.is_none() {
            match refused_run(file, failure.kept(), context) {
                Ok(summary) => self.summary = Some(summary),
                Err(error) => context.output.warning(say!("cli-the-refusal-is-not-kept", error = error)),
            }
        }
        self
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match &self.result {
            Ok(exit) => *exit,
            Err(failure) => failure.exit,
        }
    }
}

fn refused_run(file: &JobFile, why: &Wording, context: &Context) -> Result<Summary, Failure> {
    let mut ledger = context.ledger()?;
    let id = ledger.record_refused(&file.refused_run(), why)?;
    let record = ledger.find_run(&WhichRun::exactly(&id))?;
    Ok(Summary::of(&ledger, &record, record.status)?)
}

impl From<Result<Exit, Failure>> for Outcome {
    fn from(result: Result<Exit, Failure>) -> Self {
        Self { result, file: None, fallback: String::new(), summary: None }
    }
}
