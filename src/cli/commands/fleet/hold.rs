//! `fullmakt fleet hold` and `fullmakt fleet release`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{
    super::super::{
        Context,
        exit::{Exit, Failure},
        fleet_file::FleetFile,
    },
    plan::firm,
};
use crate::{
    clock,
    fleet::{Holds, KeptError},
    model::OrganisationNumber,
    report::date_time,
    words::{say, text},
};

/// Send nothing more for all firms, or for one, until they are released
///
/// A fleet at work stops within a second: what is under way is answered and kept, and nothing is ended. It goes on where
/// it was with `fullmakt fleet release`.
#[derive(Debug, Args)]
pub(crate) struct HoldArgs {
    /// The fleet file
    fleet: PathBuf,
    /// Only this firm
    #[arg(long, value_name = "ORG", value_parser = firm)]
    firm: Option<OrganisationNumber>,
    /// Why, for whoever reads `fleet status`
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    reason: String,
}

/// Let all firms, or one, go on
///
/// A firm that is held alone stays held when all go on: `--firm` releases it.
#[derive(Debug, Args)]
pub(crate) struct ReleaseArgs {
    /// The fleet file
    fleet: PathBuf,
    /// Only this firm
    #[arg(long, value_name = "ORG", value_parser = firm)]
    firm: Option<OrganisationNumber>,
}

pub(super) fn hold(args: &HoldArgs, context: &Context) -> Result<Exit, Failure> {
    let (name, file) = named(&args.fleet, context)?;
    if let (Some(firm), Some(file)) = (args.firm, file) {
        must_be_there(&file, firm)?;
    }
    let hold = |holds: &mut Holds| holds.hold(args.firm, clock::now(), args.reason.clone());
    let (holds, ()) = Holds::change(&context.place()?, &name, hold)?;
    let said = match args.firm {
        Some(firm) => say!("fleet-firm-is-held-now", firm = firm).to_string(),
        None => text!("fleet-all-are-held-now").to_owned(),
    };
    context.output.answer(format!("{said}\n"), &holds);
    Ok(Exit::Done)
}

pub(super) fn release(args: &ReleaseArgs, context: &Context) -> Result<Exit, Failure> {
    let (name, _) = named(&args.fleet, context)?;
    let (holds, was_held) = Holds::change(&context.place()?, &name, |holds| holds.release(args.firm))?;
    let said = match args.firm {
        Some(firm) if !was_held => say!("fleet-firm-was-not-held", firm = firm).to_string(),
        None if !was_held => text!("fleet-all-were-not-held").to_owned(),
        Some(firm) if holds.all.is_some() => say!("fleet-firm-is-held-with-all", firm = firm).to_string(),
        Some(firm) => say!("fleet-firm-goes-on", firm = firm).to_string(),
        None => text!("fleet-all-go-on").to_owned(),
    };
    let mut lines = vec![said];
    if args.firm.is_none() {
        lines.extend(holds.firms.iter().map(|(firm, hold)| {
            say!("fleet-firm-is-held-alone", firm = firm, since = date_time(hold.since), reason = hold.why())
                .to_string()
        }));
    }
    context.output.answer(format!("{}\n", lines.join("\n")), &holds);
    Ok(Exit::Done)
}

/// The fleet's name, and its file where that is in order. What is wrong with it is said, and is in nobody's way.
fn named(path: &Path, context: &Context) -> Result<(String, Option<FleetFile>), Failure> {
    let (name, file) = FleetFile::name_of(path)?;
    let file = file.inspect_err(|failure| context.output.warning(failure)).ok();
    Ok((name, file))
}

/// A firm that is not in the list would be held for nothing.
fn must_be_there(file: &FleetFile, firm: OrganisationNumber) -> Result<(), Failure> {
    // A list that cannot be read is in nobody's way, either.
    if file.units().map_or(true, |units| units.units.iter().any(|unit| unit.job.facilitator == firm)) {
        return Ok(());
    }
    Err(Failure::nothing_sent(say!("fleet-has-no-such-firm", list = file.list().display(), firm = firm)))
}

impl From<KeptError> for Failure {
    fn from(error: KeptError) -> Self {
        Self::new(Exit::Fault, error)
    }
}
