//! `fullmakt doctor`.

use std::{fmt, path::PathBuf};

use clap::Args;
use serde::Serialize;

use super::super::{
    Context,
    exit::{Exit, Failure, Told},
    job::JobFile,
};
use crate::{
    report::count,
    words::{Lazy, say, text},
};

mod altinn;
mod machine;

/// Check everything that a run needs, one line each, and say what to do
///
/// Sends only questions, and changes nothing. The exit code is that of the worst line: 0 all is well, 2 the job or its list, 3 the
/// network, the sign-in or Altinn, 4 another run holds the system user, 5 this machine.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// The job file
    job: PathBuf,
}

/// What was looked at, in the order in which one thing needs the other.
#[derive(Serialize)]
struct Doctor {
    checks: Vec<Check>,
    well: bool,
}

/// One line.
#[derive(Serialize)]
struct Check {
    check: &'static str,
    #[serde(skip)]
    title: &'static str,
    /// `well`, `ill`, `warning`, or `unknown` where something before it has to be mended first.
    state: State,
    message: Told,
    what_to_do: Vec<Told>,
    #[serde(skip)]
    exit: Exit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Well,
    Warning,
    Ill,
    Unknown,
}

pub(crate) async fn doctor(args: DoctorArgs, context: &Context) -> Result<Exit, Failure> {
    let file = JobFile::read(&args.job)?;
    let mut doctor = Doctor { checks: Vec::new(), well: true };
    doctor.at_altinn(&file, context).await?;
    doctor.here(&file, context);
    let failing = |check: &&Check| check.state == State::Ill;
    // What comes first keeps the rest from being seen; a fault of this machine comes before all.
    let ill = doctor.checks.iter().filter(failing).map(|check| check.exit);
    let exit = ill.max_by_key(|exit| match exit {
        Exit::Fault => 4,
        Exit::Stopped => 3,
        Exit::Held => 2,
        _ => 1,
    });
    doctor.well = exit.is_none();
    context.output.answer(&doctor, &doctor);
    Ok(exit.unwrap_or(Exit::Done))
}

impl Doctor {
    /// What was found well, or is a reason not to run.
    fn add(&mut self, check: &'static str, title: &'static str, found: Result<Told, Failure>) {
        let (state, exit, (message, what_to_do)) = match found {
            Ok(message) => (State::Well, Exit::Done, (message, Vec::new())),
            Err(failure) => (State::Ill, failure.exit, failure.into_told()),
        };
        self.checks.push(Check { check, title, state, message, what_to_do, exit });
    }

    /// What is no reason not to run, and worth knowing.
    fn warn(&mut self, check: &'static str, title: &'static str, message: Told, todo: Told) {
        let (state, exit) = (State::Warning, Exit::Done);
        self.checks.push(Check { check, title, state, message, what_to_do: vec![todo], exit });
    }

    /// What cannot be looked at before something else is mended.
    fn unknown(&mut self, checks: &[(&'static str, &'static str)]) {
        for (check, title) in checks {
            let message = Told::of(&Lazy(|| text!("doctor-not-known-yet")));
            let (state, exit) = (State::Unknown, Exit::Done);
            self.checks.push(Check { check, title, state, message, what_to_do: Vec::new(), exit });
        }
    }
}

impl fmt::Display for Doctor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Check { title, state, message, what_to_do, .. } in &self.checks {
            let state = match state {
                State::Well => text!("doctor-well"),
                State::Warning => text!("doctor-warning"),
                State::Ill => text!("doctor-ill"),
                State::Unknown => text!("doctor-unknown"),
            };
            writeln!(out, "{state:<5} {title}: {message}")?;
            for todo in what_to_do {
                writeln!(out, "    {todo}")?;
            }
        }
        let ill = self.checks.iter().filter(|check| check.state == State::Ill).count();
        if ill == 0 {
            writeln!(out, "{}", text!("doctor-all-well"))
        } else {
            writeln!(out, "{}", say!("doctor-so-many-ill", ill = count(ill as u64)))
        }
    }
}
