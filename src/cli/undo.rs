//! `fullmakt undo`.

use clap::Args;

use super::{
    Context,
    agents_of::{PlanAgents, lock_all},
    asking::must_be_able_to_ask,
    exit::{Exit, Failure},
    job::JobFile,
    proposal::{Proposal, Rows, make_plan, new_run},
    session::Session,
    unattended::UnattendedArgs,
};
use crate::{
    ledger::{Ledger, NewRun, RunRecord},
    model::{JobKind, RunStatus},
    report::{Summary, count},
};

/// A new run that reverses what a run changed
///
/// What was already so before that run stays so. The plan is made from Altinn's lists of now, shown, and asked about;
/// an undo can itself be undone. Clients that were moved go back to the old agent first, and then leave the new one.
#[derive(Debug, Args)]
pub(crate) struct UndoArgs {
    /// The run's id or the beginning of it [default: the newest]
    run: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    pub(crate) unattended: UnattendedArgs,
}

pub(crate) async fn undo(args: UndoArgs, context: &Context) -> Result<Exit, Failure> {
    let mut ledger = context.ledger()?;
    let record = ledger.find_run(args.run.as_deref())?;
    must_be_able_to_ask(args.yes)?;
    let file = JobFile::of_run(&record)?;
    context.watch.about(&file);
    // Nobody changes what is being undone.
    let locks = lock_all(&record.environment, ledger.agents_of_run(&record.id)?, None, context).await?;
    let rows = match record.kind {
        JobKind::Refresh => 0,
        _ => ledger.add_opposites_to_plan(&record.id)?,
    };
    if rows == 0 {
        return nothing_to_undo(&ledger, &record, context);
    }
    let warnings = warnings(&ledger, &record)?;
    let session = Session::open(&file, ledger, context).await?;
    let agents = PlanAgents::find(&file, &session).await?;
    let kind = if record.kind == JobKind::Migrate { JobKind::Migrate } else { JobKind::Manifest };
    // What is taken away is asked for by name: no guard.
    let planning = Rows { kind, rows: Some(rows), guard: None };
    let counts = make_plan(&session, &file.job, &agents, planning, context).await?;
    let new = NewRun {
        manifest: record.manifest.clone(),
        dialect: record.dialect.clone(),
        rows,
        undo_of: Some(record.id.clone()),
        ..new_run(&file, kind, &agents)
    };
    let proposal = Proposal { file, session, agents, locks, counts, new, warnings };
    // Boxed, because it is a large future on top of this one.
    Box::pin(proposal.carry_out(args.yes, context)).await
}

fn nothing_to_undo(ledger: &Ledger, record: &RunRecord, context: &Context) -> Result<Exit, Failure> {
    let why = if record.kind == JobKind::Refresh {
        "is a refresh: it has given packages to clients that were delegated before, and those cannot be taken back one by one"
    } else {
        "has changed nothing"
    };
    context.output.say(format!("run {} {why}; there is nothing to undo\n", record.id));
    let summary = Summary::of(ledger, record, record.status)?;
    context.output.answer("", &summary);
    Ok(Exit::Done)
}

fn warnings(ledger: &Ledger, record: &RunRecord) -> Result<Vec<String>, Failure> {
    let mut warnings = Vec::new();
    if record.status != RunStatus::Completed {
        warnings.push(format!(
            "run {} has not come to its end; after this, `resume` no longer goes on with it",
            record.id
        ));
    }
    let later = ledger.changed_by_later_runs(&record.id)?;
    if later > 0 {
        warnings.push(format!(
            "{} of these clients have been changed by later runs too; `fullmakt history ORG` says how",
            count(later)
        ));
    }
    Ok(warnings)
}
