//! `fullmakt request`: ask firms for their system users.

mod create;
mod firms;
mod look;
mod ready;
mod round;
mod withdraw;
mod word;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::super::{
    Context,
    exit::{Exit, Failure},
    outcome::{Ended, Outcome},
    vendor_file::{VendorFile, VendorSession},
};
use crate::{
    ledger::{AskingLock, AskingLocks, Ledger, RequestRecord, RunRecord},
    model::{JobKind, Vendor},
    report::in_the_way,
    words::say,
};

/// Ask firms for the system users that act for their clients, one firm or hundreds
///
/// For vendors. A vendor file (TOML) says what is asked for; a list of firms (CSV or workbook) says of whom. Each firm gets a
/// link, which somebody there approves in Altinn; nobody is told, so `status` looks. docs/requests.md has all of it.
#[derive(Debug, Args)]
pub(crate) struct RequestArgs {
    #[command(subcommand)]
    command: RequestCommand,
}

#[derive(Debug, Subcommand)]
enum RequestCommand {
    Create(create::CreateArgs),
    MorePackages(create::MorePackagesArgs),
    Status(look::StatusArgs),
    List(look::ListArgs),
    Links(look::LinksArgs),
    Withdraw(withdraw::WithdrawArgs),
}

/// Which vendor file.
#[derive(Debug, Args)]
pub(super) struct VendorArg {
    /// The vendor file
    #[arg(
        long,
        value_name = "FILE",
        default_value = "vendor.toml",
        env = "FULLMAKT_VENDOR",
        hide_env_values = true
    )]
    vendor: PathBuf,
}

pub(crate) async fn request(args: RequestArgs, context: &Context) -> Outcome {
    match args.command {
        RequestCommand::Create(args) => Outcome::of_round(create::create(args, context).await),
        RequestCommand::MorePackages(args) => Outcome::of_round(create::more_packages(args, context).await),
        RequestCommand::Status(args) => look::status(args, context).await.into(),
        RequestCommand::List(args) => look::list(&args, context).into(),
        RequestCommand::Links(args) => look::links(&args, context).into(),
        RequestCommand::Withdraw(args) => Outcome::of_round(withdraw::withdraw(args, context).await),
    }
}

/// One process at a time asks for a system's users.
fn lock(vendor: &Vendor, ledger: &Ledger) -> Result<AskingLock, Failure> {
    lock_with(&locks_of(vendor, ledger), vendor)
}

/// The locks of the vendor's system, for what this ledger writes.
fn locks_of(vendor: &Vendor, ledger: &Ledger) -> AskingLocks {
    ledger.asking_locks(&vendor.environment.name(), &vendor.system_id)
}

fn lock_with(locks: &AskingLocks, vendor: &Vendor) -> Result<AskingLock, Failure> {
    locks.take()?.ok_or_else(|| {
        Failure::new(Exit::Held, say!("request-another-process-asks", system = vendor.system_id))
            .hint(say!("request-wait-for-the-other"))
    })
}

/// Every firm that the ledger has of the vendor's system.
fn records_of(vendor: &Vendor, context: &Context) -> Result<Vec<RequestRecord>, Failure> {
    match context.existing_ledger()? {
        Some(ledger) => Ok(ledger.firm_requests(&vendor.environment.name(), &vendor.system_id)?),
        None => Ok(Vec::new()),
    }
}

/// Where links go when nobody says otherwise.
fn default_folder(vendor: &Vendor, context: &Context) -> Result<PathBuf, Failure> {
    Ok(context.state()?.path().join("requests").join(&vendor.name))
}

/// Refuses a folder in which the lists of links would be written over the list of firms, or over a file of somebody's own.
fn nothing_is_in_the_way(list: Option<&Path>, folder: &Path) -> Result<(), Failure> {
    match in_the_way(list, folder) {
        None => Ok(()),
        Some(file) => Err(Failure::nothing_sent(file).hint(say!("request-name-another-folder-for-links"))),
    }
}

/// Goes on with a round that was interrupted or stopped.
pub(crate) async fn resume(record: &RunRecord, context: &Context) -> Result<Ended, Failure> {
    let file = VendorFile::of_run(record)?;
    let vendor = &file.vendor;
    let ledger = context.ledger()?;
    let _lock = lock(vendor, &ledger)?;
    let open = ledger.open_firms(&record.id)?;
    let firms = open.iter().map(|firm| firm.record.firm).collect();
    let session = VendorSession::open(&file, ledger, &firms, true, context).await?;
    let signed_in_as = session.signed_in_as(&file);
    // What had to be put right in the vendor file is asked for as it stands there now.
    let as_now = |record: &RequestRecord| {
        let mut firm = record.asked_before();
        firm.wanted.packages.clone_from(&vendor.packages);
        (firm.wanted.title, firm.wanted.redirect) = (vendor.title.clone(), vendor.redirect.clone());
        firm
    };
    let resumed = session.engine.resume_round(&vendor.system_id, &record.id, &signed_in_as, as_now).await;
    let round = resumed.map_err(|error| {
        Failure::from(error).hint(say!("cli-then-fullmakt-resume-goes-on", run = record.id))
    })?;
    let folder = default_folder(vendor, context)?;
    round::carry_out((&file, session), round, Some(&folder), context).await
}

/// Asks those firms of a run again that could not be asked.
pub(crate) async fn retry(record: &RunRecord, yes: bool, context: &Context) -> Result<Ended, Failure> {
    create::retry((record, VendorFile::of_run(record)?), yes, context).await
}

/// Takes the requests of a run back that nobody has answered. `looks` is whether that is only shown.
pub(crate) async fn undo(
    record: &RunRecord,
    (yes, looks): (bool, bool),
    context: &Context,
) -> Result<Ended, Failure> {
    if record.kind == JobKind::TAKES_BACK {
        return Err(Failure::nothing_sent(say!("request-withdrawn-is-not-undone", run = record.id))
            .hint(say!("request-create-again-asks")));
    }
    withdraw::undo((record, &VendorFile::of_run(record)?), (yes, looks), context).await
}
