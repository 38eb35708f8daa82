//! `fullmakt retry`.

use clap::Args;

use super::{
    Context,
    agents_of::PlanAgents,
    asking::must_be_able_to_ask,
    exit::{Exit, Failure},
    job::JobFile,
    proposal::{Proposal, Rows, make_plan, new_run},
    session::Session,
    status::live_status,
    unattended::{UnattendedArgs, lock_agent},
};
use crate::{
    ledger::NewRun,
    model::{JobKind, RunStatus},
};

/// A new run of what failed and may be tried again
///
/// What Altinn refused for good is not in it: put that right first, then run the failure report as a manifest.
#[derive(Debug, Args)]
pub(crate) struct RetryArgs {
    /// The run's id or the beginning of it [default: the newest]
    run: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    pub(crate) unattended: UnattendedArgs,
}

pub(crate) async fn retry(args: RetryArgs, context: &Context) -> Result<Exit, Failure> {
    let mut ledger = context.ledger()?;
    let mut record = ledger.find_run(args.run.as_deref())?;
    if live_status(&ledger, &record)? == RunStatus::Running && context.watch.wait().is_some() {
        drop(lock_agent(&record.environment, record.agent, None, context).await?);
        record = ledger.find_run(Some(record.id.as_str()))?;
    }
    if live_status(&ledger, &record)? == RunStatus::Running {
        return Err(Failure::new(
            Exit::Held,
            format!("run {} is at work; retry it when it has ended", record.id),
        ));
    }
    if record.status != RunStatus::Completed {
        return Err(Failure::nothing_sent(format!("run {} has not come to its end", record.id))
            .hint(format!("`fullmakt resume {}` goes on with it", record.id)));
    }
    let file = JobFile::of_run(&record)?;
    context.watch.about(&file);
    let rows = ledger.add_failures_to_plan(&record.id)?;
    if rows == 0 {
        context.output.say(format!("run {} has no failures that may be tried again\n", record.id));
        let summary = crate::report::Summary::of(&ledger, &record, record.status)?;
        context.output.answer("", &summary);
        return Ok(Exit::Done);
    }
    must_be_able_to_ask(args.yes)?;
    let session = Session::open(&file, ledger, context).await?;
    let agents = PlanAgents::find(&file, &session).await?;
    let locks = agents.lock(&file.job.environment.name(), &session, context).await?;
    // Each client keeps what was wished for it, and a reconcile removes nobody but those.
    let kind = match record.kind {
        JobKind::Reconcile => JobKind::Manifest,
        kind => kind,
    };
    let planning = Rows { kind, rows: Some(rows), guard: None };
    let counts = make_plan(&session, &file.job, &agents, planning, context).await?;
    let new = NewRun {
        manifest: record.manifest.clone(),
        dialect: record.dialect.clone(),
        rows,
        retry_of: Some(record.id.clone()),
        ..new_run(&file, kind, &agents)
    };
    let warnings = Vec::new();
    let proposal = Proposal { file, session, agents, locks, counts, new, warnings };
    // Boxed, because it is a large future on top of this one.
    Box::pin(proposal.carry_out(args.yes, context)).await
}
