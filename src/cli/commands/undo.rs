//! `fullmakt undo`.

use clap::Args;

use super::super::{
    Context,
    asking::must_be_able_to_ask,
    executing::propose,
    exit::{Exit, Failure},
    job::JobFile,
    outcome::{Ended, Outcome},
    planned::{Planned, Proposal},
    session::{Errand, Session},
    unattended::UnattendedArgs,
    which::WhichRunArgs,
};
use crate::{
    engine::{Plan, PlanError, Source},
    ledger::RunRecord,
    report::{Summary, Warning, WarningKind, count},
};

/// A new run that reverses what a run changed
///
/// What was already so before that run stays so. The plan is made from Altinn's lists of now, shown, and asked about;
/// an undo can itself be undone. Clients that were moved go back to the old agent first, and then leave the new one.
#[derive(Debug, Args)]
pub(crate) struct UndoArgs {
    #[command(flatten)]
    which: WhichRunArgs,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Show what would be done, and do nothing
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    #[command(flatten)]
    pub(crate) unattended: UnattendedArgs,
}

pub(crate) async fn undo(args: UndoArgs, context: &Context) -> Outcome {
    let found = || -> Result<(RunRecord, JobFile), Failure> {
        let (_, record) = args.which.look(context)?;
        let file = JobFile::of_run(&record)?;
        Ok((record, file))
    };
    match found() {
        Ok((record, file)) => {
            let result = Box::pin(undo_run(&args, &record, &file, context)).await;
            Outcome::of(file, result)
        }
        Err(failure) => Err(failure).into(),
    }
}

async fn undo_run(
    args: &UndoArgs,
    record: &RunRecord,
    file: &JobFile,
    context: &Context,
) -> Result<Ended, Failure> {
    if !args.dry_run {
        must_be_able_to_ask(args.yes)?;
    }
    let session =
        Session::open(file, context.ledger()?, Errand::Run { wait: args.unattended.wait }, context).await?;
    let request = file.request(Source::OppositesOf(record.id.clone()));
    let planned =
        if args.dry_run { session.engine.preview(request).await } else { session.engine.plan(request).await };
    let plan = match planned {
        Err(error @ (PlanError::Nothing(_) | PlanError::CannotBeUndone(_))) => {
            return nothing_to_undo(&error, record, context);
        }
        plan => plan?,
    };
    let warnings = warnings(&plan);
    if args.dry_run {
        return dry_run(file, &session, &plan, warnings, context).await;
    }
    let proposal = Proposal { file, session, plan, warnings, allowed_other_names: None };
    // Boxed, because it is a large future on top of this one.
    Box::pin(propose(proposal, args.yes, context)).await
}

async fn dry_run(
    file: &JobFile,
    session: &Session,
    plan: &Plan,
    warnings: Vec<Warning>,
    context: &Context,
) -> Result<Ended, Failure> {
    let mut planned = Planned::read(session, &file.job, plan, context.output.is_json()).await?;
    for warning in warnings {
        planned.warning(warning, context);
    }
    context.output.answer(planned.text(), &planned.view);
    Ok(Ended { exit: Exit::Done, summary: None })
}

fn nothing_to_undo(why: &PlanError, record: &RunRecord, context: &Context) -> Result<Ended, Failure> {
    let why = if matches!(why, PlanError::CannotBeUndone(_)) {
        "is a refresh: it has given packages to clients that were delegated before, and those cannot be taken back one by one"
    } else {
        "has changed nothing"
    };
    context.output.say(format!("run {} {why}; there is nothing to undo\n", record.id));
    let summary = Summary::of(&context.ledger()?, record, record.status)?;
    context.output.answer("", &summary);
    Ok(Ended { exit: Exit::Done, summary: Some(summary) })
}

fn warnings(plan: &Plan) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let Some(record) = plan.undo_of.as_ref().filter(|record| record.status.can_be_resumed()) {
        let message = format!(
            "run {} has not come to its end; after this, `resume` no longer goes on with it",
            record.id
        );
        let warning = Warning::new(WarningKind::PreviousUnfinished, message);
        warnings.push(warning.about(1, vec![record.id.to_string()]));
    }
    if plan.changed_later > 0 {
        let message = format!(
            "{} of these clients have been changed by later runs too; `fullmakt history ORG` says how",
            count(plan.changed_later)
        );
        warnings.push(Warning::new(WarningKind::ChangedLater, message).about(plan.changed_later, Vec::new()));
    }
    warnings
}
