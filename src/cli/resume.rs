//! `fullmakt resume`.

use clap::Args;
use tokio::time::Instant;

use super::{
    Context,
    agents_of::lock_all,
    carry_out::{Ready, carry_out},
    exit::{Exit, Failure},
    job::JobFile,
    session::Session,
    unattended::UnattendedArgs,
};
use crate::{
    ledger::{Ledger, RunRecord},
    model::RunStatus,
};

/// Go on with a run that was interrupted or stopped
///
/// Reads Altinn's list again and settles what was under way before it sends anything.
#[derive(Debug, Args)]
pub(crate) struct ResumeArgs {
    /// The run's id or the beginning of it [default: the newest]
    pub(crate) run: Option<String>,
    #[command(flatten)]
    pub(crate) unattended: UnattendedArgs,
}

pub(crate) async fn resume(args: ResumeArgs, context: &Context) -> Result<Exit, Failure> {
    let ledger = context.ledger()?;
    let mut record = ledger.find_run(args.run.as_deref())?;
    if record.status == RunStatus::Completed {
        return Err(nothing_to_resume(&ledger, &record)?);
    }
    let file = JobFile::of_run(&record)?;
    context.watch.about(&file);
    let locks = lock_all(&record.environment, ledger.agents_of_run(&record.id)?, None, context).await?;
    // Whoever held the lock may have seen to it.
    record = ledger.find_run(Some(record.id.as_str()))?;
    if record.status == RunStatus::Completed {
        return Err(nothing_to_resume(&ledger, &record)?);
    }
    if let Some(undone_by) = ledger.undone_by(&record.id)? {
        return Err(Failure::nothing_sent(format!("run {} has been undone by run {undone_by}", record.id))
            .hint("`fullmakt run JOB` begins anew"));
    }
    let session = Session::open(&file, ledger, context).await?;
    let engine = &session.engine;
    if let Some(wait) =
        record.not_before.map(|until| until.duration_since(jiff::Timestamp::now()).unsigned_abs())
        && record.not_before > Some(jiff::Timestamp::now())
    {
        engine.pacer.hold_until(Instant::now() + wait);
        context.output.note(format!(
            "Altinn asked to be left alone for another {}",
            crate::report::approximately(wait)
        ));
    }
    context.output.step("reading Altinn's lists, to settle what was under way");
    engine.settle_unfinished(&record.id).await.map_err(|error| {
        Failure::from(error).hint(format!("then `fullmakt resume {}` goes on", record.id))
    })?;
    let run = record.id.clone();
    let signed_in_as = session.signed_in_as();
    engine.clerk.call(move |ledger| ledger.reopen_run(&run, &signed_in_as)).await?;
    context.output.say(format!("run {} goes on\n", record.id));
    carry_out(Ready { file, session, run: record.id, locks }, context).await
}

/// The run is completed; says which runs are not.
fn nothing_to_resume(ledger: &Ledger, record: &RunRecord) -> Result<Failure, Failure> {
    let mut failure =
        Failure::nothing_sent(format!("run {} is completed; there is nothing to go on with", record.id));
    for run in ledger.runs()?.iter().filter(|run| run.status != RunStatus::Completed).take(3) {
        failure = failure.hint(format!("run {} of {} is not: `fullmakt resume {}`", run.id, run.job, run.id));
    }
    Ok(failure.hint("`fullmakt runs` lists the runs"))
}
