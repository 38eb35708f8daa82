//! `fullmakt plan`.

use std::path::PathBuf;

use clap::Args;

use super::super::{
    Context,
    exit::{Exit, Failure},
    job::JobFile,
    planned::Planned,
    rows::source_of,
    session::{Errand, Session},
};

/// Read Altinn and show what a run would do; changes nothing
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// The job file
    job: PathBuf,
    /// Leave rows that cannot be read to the failure report, instead of refusing the manifest
    #[arg(long)]
    skip_invalid: bool,
}

pub(crate) async fn plan(args: PlanArgs, context: &Context) -> Result<Exit, Failure> {
    let file = JobFile::read(&args.job)?;
    let source = source_of(&file, args.skip_invalid, context)?;
    let session = Session::open(&file, context.ledger_to_look()?, Errand::Look, context).await?;
    let plan = session.engine.preview(file.request(source)).await?;
    let mut planned = Planned::read(&session, &file.job, &plan, context.output.is_json()).await?;
    planned.warn(&session, &plan, context).await;
    let next = if planned.view.refused.is_some() || plan.counts.operations == 0 {
        String::new()
    } else {
        format!("next: `fullmakt run '{}'` does it, and asks first\n", args.job.display())
    };
    context.output.answer(format!("{}{next}", planned.text()), &planned.view);
    match planned.refusal(&file.path) {
        Some(refusal) => Err(refusal),
        None => Ok(Exit::Done),
    }
}
