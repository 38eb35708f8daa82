//! `fullmakt retry`.

use clap::Args;

use super::{
    super::{
        Context,
        asking::must_be_able_to_ask_or,
        executing::propose,
        exit::{Exit, Failure},
        job::JobFile,
        outcome::{Ended, Outcome},
        planned::Proposal,
        session::{Errand, Session},
        unattended::UnattendedArgs,
        which::{WhichRunArgs, live_status},
    },
    request,
};
use crate::{
    engine::{PlanError, Source},
    ledger::{Ledger, RunRecord},
    model::RunStatus,
    report::Summary,
    words::say,
};

/// A new run of what failed and may be tried again
///
/// What Altinn refused for good is not in it: put that right first, then run the failure report as a manifest.
#[derive(Debug, Args)]
pub(crate) struct RetryArgs {
    #[command(flatten)]
    which: WhichRunArgs,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    pub(crate) unattended: UnattendedArgs,
}

pub(crate) async fn retry(args: RetryArgs, context: &Context) -> Outcome {
    let found = || -> Result<RunRecord, Failure> {
        let (ledger, record) = args.which.look(context)?;
        if live_status(&ledger, &record) == RunStatus::Running && args.unattended.wait.is_none() {
            return Err(Failure::new(
                Exit::Held,
                say!("cli-run-is-at-work-retry-it-when-it-has-ended", run = record.id),
            ));
        }
        Ok(record)
    };
    Outcome::of_run(
        found(),
        async |record| request::retry(record, args.yes, context).await,
        async |record, file| retry_run(&args, record, file, context).await,
    )
    .await
}

async fn retry_run(
    args: &RetryArgs,
    record: &RunRecord,
    file: &JobFile,
    context: &Context,
) -> Result<Ended, Failure> {
    let mut ledger = context.ledger()?;
    let is_ended = !record.status.can_be_resumed();
    // Known without asking Altinn.
    if is_ended && ledger.add_failures_of(&record.id)? == 0 {
        return no_failures(&ledger, record, context);
    }
    must_be_able_to_ask_or(
        args.yes,
        &say!("cli-add-yes-to-retry-without-being-asked", run = record.id).kept(),
    )?;
    let session = Session::open(file, ledger, Errand::Run { wait: args.unattended.wait }, context).await?;
    let plan = match session.engine.plan(file.request(Source::FailuresOf(record.id.clone()))).await {
        // It came to its end while it was waited for.
        Err(PlanError::Nothing(_)) => return no_failures(&context.ledger()?, record, context),
        plan => plan?,
    };
    let proposal = Proposal { file, session, plan, warnings: Vec::new(), allowed_other_names: None };
    // Boxed, because it is a large future on top of this one.
    Box::pin(propose(proposal, args.yes, context)).await
}

fn no_failures(ledger: &Ledger, record: &RunRecord, context: &Context) -> Result<Ended, Failure> {
    context
        .output
        .say(format!("{}\n", say!("cli-run-has-no-failures-that-may-be-tried-again", run = record.id)));
    let summary = Summary::of(ledger, record, live_status(ledger, record))?;
    context.output.answer("", &summary);
    Ok(Ended { exit: Exit::Done, summary: Some(summary) })
}
