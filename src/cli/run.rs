//! `fullmakt run`.

use std::path::PathBuf;

use clap::Args;

use super::{
    Context,
    agents_of::PlanAgents,
    asking::must_be_able_to_ask,
    exit::{Exit, Failure},
    job::JobFile,
    plan::Read,
    proposal::{Proposal, make_plan, new_run},
    resume::{ResumeArgs, resume},
    session::Session,
    unattended::UnattendedArgs,
};
use crate::{
    ledger::{NewRun, RunRecord},
    model::{Agent, Job, RunStatus},
};

/// Plan, ask, carry out, report
///
/// Sends one request per client at the job's pace, tries again what had no answer, confirms everything by reading
/// Altinn's list again, and writes failures.csv, which is itself a manifest. Ctrl-C stops; `fullmakt resume` goes on.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The job file
    pub(crate) job: PathBuf,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Leave rows that cannot be read to the failure report, instead of refusing the manifest
    #[arg(long)]
    skip_invalid: bool,
    /// When this job's last run was interrupted or stopped, finish that one first
    #[arg(long)]
    resume_previous: bool,
    #[command(flatten)]
    pub(crate) unattended: UnattendedArgs,
}

pub(crate) async fn run(args: RunArgs, context: &Context) -> Result<Exit, Failure> {
    let file = JobFile::read(&args.job)?;
    context.watch.about(&file);
    must_be_able_to_ask(args.yes)?;
    if args.resume_previous
        && let Some(exit) = finish_previous(&file, context).await?
    {
        return Ok(exit);
    }
    let mut ledger = context.ledger()?;
    let read = Read::manifest(&file, args.skip_invalid, &mut ledger, context)?;
    let dialect = serde_json::to_string(&read.dialect).map_err(|error| Failure::new(Exit::Fault, error))?;
    let session = Session::open(&file, ledger, context).await?;
    let agents = PlanAgents::find(&file, &session).await?;
    let locks = agents.lock(&file.job.environment.name(), &session, context).await?;
    note_unfinished(&file, &agents.own, context)?;
    let counts = make_plan(&session, &file.job, &agents, read.rows(&file), context).await?;
    let new = NewRun {
        manifest: file.manifest().map(|path| path.display().to_string()).unwrap_or_default(),
        dialect,
        rows: counts.totals.rows,
        ..new_run(&file, file.job.kind, &agents)
    };
    let warnings = Vec::new();
    let proposal = Proposal { file, session, agents, locks, counts, new, warnings };
    // Boxed, because it is a large future on top of this one.
    Box::pin(proposal.carry_out(args.yes, context)).await
}

/// Finishes this job's last run when it has not come to its end. Answers with its exit code when that is the end of
/// it all: it was stopped or interrupted again.
async fn finish_previous(file: &JobFile, context: &Context) -> Result<Option<Exit>, Failure> {
    let environment = file.job.environment.name();
    // The job then and now must name the same agent, in whichever way.
    let same = |run: &RunRecord| {
        run.job == file.job.name
            && run.environment == environment
            && Job::parse(&run.job_text)
                .is_ok_and(|then| then.agent == file.job.agent && then.from_agent == file.job.from_agent)
    };
    let newest = context.ledger()?.runs()?.into_iter().find(same);
    let Some(previous) = newest.filter(|run| run.status != RunStatus::Completed) else { return Ok(None) };
    context.output.note(format!("run {} has not come to its end; it is finished first", previous.id));
    // Stdout is for the answer about the new run.
    let aside = Context { output: context.output.aside(), ..context.clone() };
    let args = ResumeArgs { run: Some(previous.id.to_string()), unattended: UnattendedArgs::default() };
    match resume(args, &aside).await? {
        Exit::Done | Exit::SomeFailed => {
            context.watch.about(file);
            Ok(None)
        }
        exit => Ok(Some(exit)),
    }
}

/// Says that an earlier run on this agent has not come to its end: the new one does what is left, all the same.
fn note_unfinished(file: &JobFile, agent: &Agent, context: &Context) -> Result<(), Failure> {
    let environment = file.job.environment.name();
    let runs = context.ledger()?.runs()?;
    let newest = runs.iter().find(|run| run.agent == agent.id && run.environment == environment);
    if let Some(run) = newest.filter(|run| run.status != RunStatus::Completed) {
        context.output.note(format!(
            "run {} on this agent has not come to its end; `fullmakt resume {}` goes on with it, this run begins anew",
            run.id, run.id
        ));
    }
    Ok(())
}
