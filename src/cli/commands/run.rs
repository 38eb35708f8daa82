//! `fullmakt run`.

use std::path::PathBuf;

use clap::Args;

use super::{
    super::{
        Context,
        asking::must_be_able_to_ask,
        executing::propose,
        exit::{Exit, Failure},
        job::JobFile,
        outcome::{Ended, Outcome},
        planned::Proposal,
        rows::source_of,
        session::{Errand, Session},
        unattended::UnattendedArgs,
    },
    resume::resume_record,
};
use crate::{
    engine::PlanRequest,
    model::{Guard, Once, RunId},
    words::say,
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
    /// When this job's last run was interrupted or stopped: a migration, refresh or undo is finished first; any other
    /// run is settled by Altinn's lists and superseded, and today's list is planned afresh
    #[arg(long)]
    resume_previous: bool,
    /// Let this one run past [guard] removals, if its plan removes exactly so many clients
    #[arg(long, value_name = "N")]
    allow_removals: Option<u64>,
    /// Let this one run past [guard] additions, if its plan delegates exactly so many clients
    #[arg(long, value_name = "N")]
    allow_additions: Option<u64>,
    /// Send rows, too, in which a number stands beside the name of another client, this once. N is how many names in the
    /// list are not Altinn's, as the plan says; with any other number none of them is sent
    #[arg(long, value_name = "N")]
    allow_other_names: Option<u64>,
    #[command(flatten)]
    pub(crate) unattended: UnattendedArgs,
}

pub(crate) async fn run(args: RunArgs, context: &Context) -> Outcome {
    match JobFile::read(&args.job) {
        Ok(file) => {
            // Without anybody who could say yes it was no night's run.
            if let Err(failure) = must_be_able_to_ask(args.yes) {
                return Outcome::of(file, Err(failure));
            }
            carry_out(&args, file, context).await
        }
        Err(failure) => Outcome::without_job(&args.job, failure),
    }
}

/// Carries out a unit of a fleet as `run --yes --resume-previous` does.
pub(crate) async fn run_unit(file: JobFile, context: &Context) -> Outcome {
    let args = RunArgs {
        job: file.path.clone(),
        yes: true,
        skip_invalid: false,
        resume_previous: true,
        allow_removals: None,
        allow_additions: None,
        allow_other_names: None,
        unattended: UnattendedArgs::default(),
    };
    carry_out(&args, file, context).await
}

async fn carry_out(args: &RunArgs, file: JobFile, context: &Context) -> Outcome {
    let result = Box::pin(run_job(args, &file, context)).await;
    Outcome::of(file, result).with_refusal_kept(context)
}

async fn run_job(args: &RunArgs, file: &JobFile, context: &Context) -> Result<Ended, Failure> {
    // Before anything is asked of Altinn, and before an old run is touched: a broken list sends nothing at all.
    let source = source_of(file, args.skip_invalid, context)?;
    let mut supersedes = Vec::new();
    if args.resume_previous {
        match settle_previous(args, file, context).await? {
            Previous::Superseded(runs) => supersedes = runs,
            Previous::StoppedAgain(ended) => return Ok(*ended),
        }
    }
    let session =
        Session::open(file, context.ledger()?, Errand::Run { wait: args.unattended.wait }, context).await?;
    if !args.resume_previous {
        note_unfinished(file, &session, context).await?;
    }
    let once = Once {
        removals: args.allow_removals,
        additions: args.allow_additions,
        other_names: args.allow_other_names,
    };
    let guard = Some(Guard { once, ..file.job.guard });
    let request = PlanRequest { guard, supersedes, ..file.request(source) };
    let plan = session.engine.plan(request).await?;
    let allowed_other_names = args.allow_other_names;
    let proposal = Proposal { file, session, plan, warnings: Vec::new(), allowed_other_names };
    // Boxed, because it is a large future on top of this one.
    Box::pin(propose(proposal, args.yes, context)).await
}

/// What became of this job's earlier runs that had not come to their end.
enum Previous {
    /// Whatever had to be finished is; these are to be superseded.
    Superseded(Vec<RunId>),
    /// The one that had to be finished was stopped again, and that is the end of it all.
    StoppedAgain(Box<Ended>),
}

async fn settle_previous(args: &RunArgs, file: &JobFile, context: &Context) -> Result<Previous, Failure> {
    // Most nights there is none, and nobody has to sign in to know that.
    let job = &file.job;
    let unfinished = match context.existing_ledger()? {
        Some(ledger) => {
            ledger.unfinished_runs(&job.name, &job.environment.name(), &job.facilitator.to_string())?
        }
        None => Vec::new(),
    };
    if unfinished.is_empty() {
        return Ok(Previous::Superseded(Vec::new()));
    }
    let session =
        Session::open(file, context.ledger()?, Errand::Run { wait: args.unattended.wait }, context).await?;
    let previous =
        session.engine.previous(&file.job.name, &file.job.agent, file.job.from_agent.as_ref()).await?;
    for run in &previous.supersede {
        context.output.note(say!("cli-run-has-not-come-to-its-end-it-is-settled-by", run = run.id));
    }
    let superseded = previous.supersede.into_iter().map(|run| run.id).collect();
    let Some(unfinished) = previous.finish else { return Ok(Previous::Superseded(superseded)) };
    context.output.note(say!("cli-run-has-not-come-to-its-end-it-is-finished", run = unfinished.id));
    // Stdout is for the answer about the new run.
    let aside = Context { output: context.output.aside(), ..context.clone() };
    let ended = Box::pin(resume_record(file, session, &unfinished, &aside)).await?;
    match ended.exit {
        Exit::Done | Exit::SomeFailed => Ok(Previous::Superseded(superseded)),
        _ => Ok(Previous::StoppedAgain(Box::new(ended))),
    }
}

/// Says that an earlier run of this job has not come to its end: the new one does what is left, all the same.
async fn note_unfinished(file: &JobFile, session: &Session, context: &Context) -> Result<(), Failure> {
    if let Some(run) = session.engine.unfinished_runs(&file.job.name).await?.first() {
        context.output.note(say!("cli-run-of-this-job-has-not-come-to-its-end", run = run.id));
    }
    Ok(())
}
