//! `fullmakt fleet status`.

use std::path::PathBuf;

use clap::Args;
use jiff::{ZonedDateTime, tz::TimeZone};

use super::super::super::{
    Context,
    exit::{Exit, Failure},
    fleet_file::FleetFile,
};
use crate::{
    clock,
    fleet::{FleetStatus, Holds, Known, Night, Record, Units},
    report::{FleetText, write_fleet_page},
    state_dir::{Readers, write_whole},
    words::say,
};

/// How tonight stands: how many units are due, at work, done, refused, and what needs somebody
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// The fleet file
    fleet: PathBuf,
    /// Write it to this file as well, as a page for people, firm by firm
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

pub(super) fn status(args: &StatusArgs, context: &Context) -> Result<Exit, Failure> {
    let file = FleetFile::read(&args.fleet)?;
    let units = file.units()?;
    let status = status_of(&file, &units, context.state()?.is_fleet_at_work(&file.fleet.name), context)?;
    if let Some(path) = &args.html {
        let written = write_whole(path, Readers::Owner, |file| write_fleet_page(&status, file));
        written.map_err(|error| {
            Failure::new(Exit::Fault, say!("cli-is-not-written", path = path.display(), error = error))
        })?;
    }
    context.output.answer(FleetText(&status), &status);
    Ok(Exit::Done)
}

/// How the fleet stands now.
pub(super) fn status_of(
    file: &FleetFile,
    units: &Units,
    at_work: bool,
    context: &Context,
) -> Result<FleetStatus, Failure> {
    let place = context.place()?;
    let name = &file.fleet.name;
    let (record, holds) = (Record::read(&place, name)?, Holds::read(&place, name)?);
    // Of several hosts each tells the others that it is at work; on one, its lock does.
    let at_work = at_work || context.address.is_some() && record.work.is_some();
    let ledger = context.existing_ledger()?;
    let now = local_now();
    let known = Known {
        ledger: ledger.as_ref(),
        record: &record,
        saved_at: file.saved_at,
        holds: &holds,
        at_work,
        night: Night::of(file.fleet.window, &now),
        now: now.timestamp(),
    };
    Ok(FleetStatus::of(&file.fleet, units, &known)?)
}

/// Now, on this machine's clock and calendar.
pub(super) fn local_now() -> ZonedDateTime {
    clock::now().to_zoned_datetime(TimeZone::system())
}
