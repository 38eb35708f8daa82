//! `fullmakt run`.

use std::path::PathBuf;

use clap::Args;

use super::{
    Context,
    carry_out::{Ready, ask, carry_out, must_be_able_to_ask},
    exit::{Exit, Failure},
    job::JobFile,
    plan::{Planned, make_plan, read_rows},
    resume::{ResumeArgs, resume},
    session::Session,
    unattended::{UnattendedArgs, lock_agent},
};
use crate::{
    ledger::{AgentLock, NewRun, PlanCounts, RunRecord},
    model::{Agent, Job, RunId, RunStatus},
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
    let rows = read_rows(&file, args.skip_invalid, &mut ledger, context)?;
    let dialect = serde_json::to_string(&rows.dialect).map_err(|error| Failure::new(Exit::Fault, error))?;
    let session = Session::open(&file, ledger, context).await?;
    let agent = session.engine.find_agent(&file.job.agent).await?;
    let lock = lock(&file, &agent, &session, context).await?;
    note_unfinished(&file, &agent, context)?;
    let counts = make_plan(&session, &file.job, &agent, file.job.kind, rows.rows, context).await?;
    let new = NewRun {
        manifest: file.manifest().display().to_string(),
        dialect,
        rows: rows.rows,
        ..new_run(&file, &agent)
    };
    Proposal { file, session, agent, lock, counts, new }.carry_out(args.yes, context).await
}

/// Finishes this job's last run when it has not come to its end. Answers with its exit code when that is the end of
/// it all: it was stopped or interrupted again.
async fn finish_previous(file: &JobFile, context: &Context) -> Result<Option<Exit>, Failure> {
    let environment = file.job.environment.name();
    // The job then and now must name the same agent, in whichever way.
    let same = |run: &RunRecord| {
        run.job == file.job.name
            && run.environment == environment
            && Job::parse(&run.job_text).is_ok_and(|then| then.agent == file.job.agent)
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

/// Takes the agent's lock, for as long as this process works on it.
pub(crate) async fn lock(
    file: &JobFile,
    agent: &Agent,
    session: &Session,
    context: &Context,
) -> Result<AgentLock, Failure> {
    let interrupt = Some(&session.engine.interrupt);
    lock_agent(&file.job.environment.name(), agent.id, interrupt, context).await
}

/// What a run's record begins with, from its job.
pub(crate) fn new_run(file: &JobFile, agent: &Agent) -> NewRun {
    NewRun {
        job: file.job.name.clone(),
        kind: file.job.kind,
        environment: file.job.environment.name(),
        facilitator: file.job.facilitator,
        agent: agent.id,
        agent_title: agent.title.clone(),
        job_file: file.path.display().to_string(),
        job_text: file.text.clone(),
        manifest: String::new(),
        dialect: String::new(),
        rows: 0,
        retry_of: None,
        undo_of: None,
        signed_in_as: String::new(),
    }
}

/// A plan that somebody has to say yes to.
pub(crate) struct Proposal {
    pub(crate) file: JobFile,
    pub(crate) session: Session,
    pub(crate) agent: Agent,
    pub(crate) lock: AgentLock,
    pub(crate) counts: PlanCounts,
    pub(crate) new: NewRun,
}

impl Proposal {
    /// Shows the plan, asks unless `yes`, and carries it out.
    pub(crate) async fn carry_out(self, yes: bool, context: &Context) -> Result<Exit, Failure> {
        let Self { file, session, agent, lock, counts, new } = self;
        let new = NewRun { signed_in_as: session.signed_in_as(), ..new };
        let mut planned = Planned::read(&session, &file.job, &agent, counts, false).await?;
        planned.warn(&session, context).await;
        let interrupt = session.engine.interrupt.clone();
        let says_yes = if yes || counts.operations() == 0 {
            context.output.say(format!("{}\n", planned.text()));
            true
        } else {
            // Nobody is asked about what he has not seen, -q or not.
            ask(&format!("{}\nGo on? (y/n)", planned.text()), context, &interrupt).await?
        };
        if interrupt.is_requested() {
            return Err(Failure::new(Exit::Interrupted, "interrupted; nothing was sent"));
        }
        if !says_yes {
            return Err(Failure::nothing_sent("nothing was sent"));
        }
        let run: RunId = session.engine.clerk.call(move |ledger| ledger.begin_run(&new)).await?;
        context.output.say(format!("run {run}\n"));
        carry_out(Ready { file, session, run, agent: agent.id, lock }, context).await
    }
}
