//! `fullmakt undo`.

use clap::Args;

use super::{
    super::{
        Context,
        asking::must_be_able_to_ask_or,
        executing::propose,
        exit::{Exit, Failure},
        job::JobFile,
        outcome::{Ended, Outcome},
        planned::{Planned, Proposal},
        session::{Errand, Session},
        unattended::UnattendedArgs,
        which::WhichRunArgs,
    },
    request,
};
use crate::{
    engine::{Plan, PlanError, Source},
    ledger::RunRecord,
    report::{Summary, Warning, WarningKind},
    words::say,
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
    Outcome::of_run(
        args.which.look(context).map(|(_, record)| record),
        async |record| request::undo(record, (args.yes, args.dry_run), context).await,
        async |record, file| undo_run(&args, record, file, context).await,
    )
    .await
}

async fn undo_run(
    args: &UndoArgs,
    record: &RunRecord,
    file: &JobFile,
    context: &Context,
) -> Result<Ended, Failure> {
    if !args.dry_run {
        must_be_able_to_ask_or(
            args.yes,
            &say!("cli-add-yes-to-undo-without-being-asked", run = record.id).kept(),
        )?;
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
    let run = &record.id;
    let why = if matches!(why, PlanError::CannotBeUndone(_)) {
        say!("cli-a-refresh-is-not-undone", run = run).to_string()
    } else {
        say!("cli-nothing-to-undo", run = run).to_string()
    };
    context.output.say(format!("{why}\n"));
    let summary = Summary::of(&context.ledger()?, record, record.status)?;
    context.output.answer("", &summary);
    Ok(Ended { exit: Exit::Done, summary: Some(summary) })
}

fn warnings(plan: &Plan) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let Some(record) = plan.undo_of.as_ref().filter(|record| record.status.can_be_resumed()) {
        let message =
            || say!("cli-run-has-not-come-to-its-end-after-this-resume", run = record.id).to_string();
        let warning = Warning::new(WarningKind::PreviousUnfinished, message);
        warnings.push(warning.about(1, vec![record.id.to_string()]));
    }
    if plan.changed_later > 0 {
        let message = || {
            say!("cli-of-these-clients-have-been-changed-by-later", clients = plan.changed_later).to_string()
        };
        warnings.push(Warning::new(WarningKind::ChangedLater, message).about(plan.changed_later, Vec::new()));
    }
    warnings
}
