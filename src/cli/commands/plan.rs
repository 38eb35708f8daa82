//! `fullmakt plan`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::super::{
    Context,
    exit::{Exit, Failure, must_be_new},
    fleet_file::must_not_be_held,
    job::JobFile,
    planned::Planned,
    rows::source_of,
    session::{Errand, Session},
};
use crate::{
    model::argument,
    report::write_plan,
    words::{say, text},
};

/// Read Altinn and show what a run would do; changes nothing
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// The job file
    job: PathBuf,
    /// Leave rows that cannot be read to the failure report, instead of refusing the manifest
    #[arg(long)]
    skip_invalid: bool,
    /// Write the plan to this file (.csv or .xlsx), a row for each client
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Refuses a file that is there already, or that would be neither a CSV file nor a workbook.
fn can_be_written(out: &Path) -> Result<(), Failure> {
    must_be_new(out)?;
    let is_written = |extension: &std::ffi::OsStr| {
        extension.eq_ignore_ascii_case("csv") || extension.eq_ignore_ascii_case("xlsx")
    };
    if !out.extension().is_some_and(is_written) {
        let why = text!("cli-the-plan-is-written-as-a-csv-file-let-its");
        return Err(Failure::nothing_sent(say!("cli-cannot-be-written", file = out.display(), error = why)));
    }
    Ok(())
}

/// Makes the plan of a job, with how many requests about clients it has, lists not counted.
pub(crate) async fn look(
    file: &JobFile,
    skip_invalid: bool,
    all: bool,
    context: &Context,
) -> Result<(Planned, u64), Failure> {
    let source = source_of(file, skip_invalid, context)?;
    let session = Session::open(file, context.ledger_to_look()?, Errand::Look, context).await?;
    let plan = session.engine.preview(file.request(source)).await?;
    let mut planned = Planned::read(&session, &file.job, &plan, all).await?;
    planned.warn(&session, &plan, context).await;
    Ok((planned, plan.counts.operations))
}

pub(crate) async fn plan(args: PlanArgs, context: &Context) -> Result<Exit, Failure> {
    let file = JobFile::read(&args.job)?;
    if let Some(out) = &args.out {
        can_be_written(out)?;
    }
    let all = context.output.is_json() || args.out.is_some();
    let (planned, operations) = look(&file, args.skip_invalid, all, context).await?;
    if let Some(out) = &args.out {
        write_plan(out, &planned.view).map_err(|error| {
            Failure::new(Exit::Fault, say!("cli-is-not-written", path = out.display(), error = error))
        })?;
        context.output.note(say!("cli-the-plan-is-in-a-row-for-each-client", file = out.display()));
    }
    let refusal = planned.refusal(&file.path, None);
    let held = must_not_be_held(&file, context).err();
    if let Some(held) = &held {
        context.output.note(held);
    }
    let next = if refusal.is_some() || held.is_some() || operations == 0 {
        String::new()
    } else {
        let skip_invalid = if args.skip_invalid { " --skip-invalid" } else { "" };
        format!(
            "{}\n",
            say!(
                "cli-next-fullmakt-run-does-it-and-asks-first",
                job = argument(&args.job),
                skip_invalid = skip_invalid
            )
        )
    };
    context.output.answer(format!("{}{next}", planned.text()), &planned.view);
    match refusal {
        Some(refusal) => Err(refusal),
        None => Ok(Exit::Done),
    }
}
