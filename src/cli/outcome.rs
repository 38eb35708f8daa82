//! What a command came to: everything that is said of it afterwards is made from this.

use std::path::Path;

use super::{
    exit::{Exit, Failure},
    job::JobFile,
};
use crate::report::Summary;

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// How it ended.
    pub(crate) result: Result<Exit, Failure>,
    /// The job that it was about, where its file could be read.
    pub(crate) file: Option<JobFile>,
    /// The job's name for when its file could not be read: the file's.
    pub(crate) fallback: String,
    /// The run that came to its end in it, or was stopped.
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

    /// Of a command whose job file could not be read.
    pub(crate) fn without_job(path: &Path, failure: Failure) -> Self {
        let fallback = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        Self { fallback, ..Self::from(Err(failure)) }
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match &self.result {
            Ok(exit) => *exit,
            Err(failure) => failure.exit,
        }
    }
}

impl From<Result<Exit, Failure>> for Outcome {
    fn from(result: Result<Exit, Failure>) -> Self {
        Self { result, file: None, fallback: String::new(), summary: None }
    }
}
