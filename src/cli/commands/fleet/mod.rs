//! `fullmakt fleet`: many firms, one pace.

mod hold;
mod plan;
mod ready;
mod shift;
mod status;
mod word;
mod work;

use clap::{Args, Subcommand};

use super::super::{
    Context,
    exit::{Exit, Failure},
};

/// Carry out the jobs of many firms at one pace
///
/// A fleet file (TOML) says what all firms have in common, a list of firms (CSV or workbook) what differs: the firm, its
/// system user, the kind of job and the client list. docs/fleet.md has both.
#[derive(Debug, Args)]
pub(crate) struct FleetArgs {
    #[command(subcommand)]
    command: FleetCommand,
}

#[derive(Debug, Subcommand)]
enum FleetCommand {
    Plan(plan::PlanArgs),
    Work(work::WorkArgs),
    Status(status::StatusArgs),
    Hold(hold::HoldArgs),
    Release(hold::ReleaseArgs),
}

pub(crate) async fn fleet(args: FleetArgs, context: &Context) -> Result<Exit, Failure> {
    match args.command {
        FleetCommand::Plan(args) => plan::plan(&args, context).await,
        FleetCommand::Work(args) => work::work(&args, context).await,
        FleetCommand::Status(args) => status::status(&args, context),
        FleetCommand::Hold(args) => hold::hold(&args, context),
        FleetCommand::Release(args) => hold::release(&args, context),
    }
}
