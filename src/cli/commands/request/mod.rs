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
