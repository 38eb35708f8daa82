//! `fullmakt request`: ask firms for their system users.

mod create;
mod firms;
mod look;
mod ready;
mod withdraw;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::super::{
    Context,
    exit::{Exit, Failure},
};
use crate::{
    engine::EngineError,
    ledger::RequestRecord,
    model::Vendor,
    report::RequestsView,
    state_dir::{AgentLock, LockError},
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

pub(crate) async fn request(args: RequestArgs, context: &Context) -> Result<Exit, Failure> {
    match args.command {
        RequestCommand::Create(args) => create::create(args, context).await,
        RequestCommand::MorePackages(args) => create::more_packages(args, context).await,
        RequestCommand::Status(args) => look::status(args, context).await,
        RequestCommand::List(args) => look::list(&args, context),
        RequestCommand::Links(args) => look::links(&args, context),
        RequestCommand::Withdraw(args) => withdraw::withdraw(args, context).await,
    }
}

/// One process at a time asks for a system's users.
fn lock(vendor: &Vendor, context: &Context) -> Result<AgentLock, Failure> {
    let state = context.state()?;
    state.lock_requests(&vendor.environment.name(), &vendor.system_id).map_err(|error| match error {
        LockError::Held => {
            Failure::new(Exit::Held, say!("request-another-process-asks", system = vendor.system_id))
        }
        error @ LockError::Io { .. } => Failure::new(Exit::Fault, error),
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

/// How a round ends that changed something: as the engine says, or with failures.
fn ended(done: Result<(), EngineError>, has_failures: bool, view: &RequestsView) -> Result<Exit, Failure> {
    let failure = match done {
        Ok(()) if has_failures => return Ok(Exit::SomeFailed),
        Ok(()) => return Ok(Exit::Done),
        Err(EngineError::Interrupted) => {
            Failure::new(Exit::Interrupted, say!("request-interrupted", left = view.counts.to_be_asked))
        }
        Err(error) => Failure::from(error),
    };
    Err(failure.hint(say!("request-same-command-goes-on")))
}
