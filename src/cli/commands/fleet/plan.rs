//! `fullmakt fleet plan`.

use std::{collections::VecDeque, path::PathBuf};

use clap::Args;
use tokio::task::JoinSet;

use super::{
    super::{
        super::{
            Context,
            exit::{Exit, Failure},
            fleet_file::FleetFile,
            rows::source_of,
            signals,
        },
        plan::look,
    },
    ready::{of_unit, on_own_thread, together},
};
use crate::{
    fleet::{Unit, Units},
    model::OrganisationNumber,
    report::{FleetPlan, UnitPlan},
    words::{say, text},
};

/// Check every row of the list of firms, read Altinn, and show what is to be done; changes nothing
///
/// Exit code 1 where a firm's job would be refused or Altinn cannot be read for it, 2 where rows of the list of firms
/// are wrong.
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// The fleet file
    fleet: PathBuf,
    /// Only this firm
    #[arg(long, value_name = "ORG", value_parser = firm)]
    firm: Option<OrganisationNumber>,
    /// Only read the list of firms and the client lists; nothing is asked of Altinn
    #[arg(long)]
    offline: bool,
}

/// A firm's number, however it is written.
pub(super) fn firm(text: &str) -> Result<OrganisationNumber, String> {
    OrganisationNumber::parse(text).map_err(|error| error.to_string())
}

pub(super) async fn plan(args: &PlanArgs, context: &Context) -> Result<Exit, Failure> {
    let file = FleetFile::read(&args.fleet)?;
    let mut units = file.units()?;
    say_passed_over(&units, context);
    units.units.retain(|unit| args.firm.is_none_or(|firm| unit.job.facilitator == firm));
    if let (Some(firm), true) = (args.firm, units.units.is_empty()) {
        return Err(Failure::nothing_sent(say!(
            "fleet-has-no-such-firm",
            list = file.list().display(),
            firm = firm
        )));
    }
    let (plans, list_requests) = if args.offline {
        (units.units.iter().map(|unit| offline(&file, unit, context)).collect(), 0)
    } else {
        read_altinn(&file, &units, context).await?
    };
    let plan = FleetPlan::of(&file.fleet, &units, plans, list_requests);
    context.output.answer(&plan, &plan);
    if units.errors.is_empty() {
        return Ok(if plan.counts.refused == 0 { Exit::Done } else { Exit::SomeFailed });
    }
    Err(rows_are_wrong(&file, &units))
}

/// Rows of the list of firms that are no units, each with its place.
fn rows_are_wrong(file: &FleetFile, units: &Units) -> Failure {
    let rows = (units.units.len() + units.errors.len()) as u64;
    let failure = Failure::nothing_sent(say!(
        "fleet-rows-are-wrong",
        wrong = units.errors.len() as u64,
        rows = rows,
        list = file.list().display()
    ));
    let failure = units.errors.iter().fold(failure, Failure::detail);
    failure.hint(say!("fleet-the-others-are-carried-out"))
}

/// Columns that mean nothing here may be misspelt.
pub(super) fn say_passed_over(units: &Units, context: &Context) {
    if !units.passed_over.is_empty() {
        context.output.note(say!("fleet-columns-are-passed-over", columns = units.passed_over.join(", ")));
    }
}

/// What the client list alone says.
fn offline(file: &FleetFile, unit: &Unit, context: &Context) -> UnitPlan {
    let quiet = Context { output: context.output.silent(), ..context.clone() };
    match source_of(&file.job_of(unit), false, &quiet) {
        Ok(_) => UnitPlan::new(unit),
        Err(failure) => UnitPlan::new(unit).refused(failure.kept().clone(), failure.advice()),
    }
}

/// The plan of every unit, side by side at the pace of all, and how many requests it took.
async fn read_altinn(
    file: &FleetFile,
    units: &Units,
    context: &Context,
) -> Result<(Vec<UnitPlan>, u64), Failure> {
    let interrupt = signals::listen(context.output, text!("cli-stopping-waiting-for-the-answers-that-are"));
    let together = together(file, units, true, interrupt.clone(), context).await?;
    let count = units.units.len() as u64;
    context.output.say(format!("{}\n", say!("fleet-reading-altinn-for", units = count)));
    let mut waiting: VecDeque<(usize, &Unit)> = units.units.iter().enumerate().collect();
    let mut looking = JoinSet::new();
    let mut plans: Vec<Option<UnitPlan>> = vec![None; units.units.len()];
    loop {
        while looking.len() < file.fleet.side_by_side && !interrupt.is_requested() {
            let Some((place, unit)) = waiting.pop_front() else { break };
            let (unit, job) = (unit.clone(), file.job_of(unit));
            let context = of_unit(context, together.clone());
            on_own_thread(&mut looking, async move { (place, planned(&unit, job, &context).await) });
        }
        match looking.join_next().await {
            Some(Ok((place, plan))) => plans[place] = Some(plan),
            Some(Err(error)) => return Err(Failure::new(Exit::Fault, error)),
            None => break,
        }
    }
    if interrupt.is_requested() {
        return Err(Failure::new(Exit::Interrupted, say!("cli-interrupted-nothing-was-sent")));
    }
    Ok((plans.into_iter().flatten().collect(), together.requests()))
}

async fn planned(unit: &Unit, job: super::super::super::job::JobFile, context: &Context) -> UnitPlan {
    let plan = UnitPlan::new(unit);
    match Box::pin(look(&job, false, false, context)).await {
        Err(failure) => plan.refused(failure.kept().clone(), failure.advice()),
        Ok((planned, operations)) => {
            let plan = plan.with(&planned.view.totals, operations);
            match planned.refusal(&job.path, None) {
                None => plan,
                Some(refusal) => plan.refused(refusal.kept().clone(), refusal.advice()),
            }
        }
    }
}
