//! What `run`, `resume`, `retry` and `undo` have in common: carry out, report.

use super::{
    Context,
    exit::{Exit, Failure},
    job::JobFile,
    login,
    report::write_reports,
    session::Session,
};
use crate::{
    altinn::Client,
    engine::{Engine, Halted, RunEnd},
    ledger::{AgentLock, Ledger},
    model::{Auth, HaltCause, RunId, RunStatus},
    report::Summary,
};

/// A run that is in the ledger and about to be carried out.
pub(crate) struct Ready {
    /// The job.
    pub(crate) file: JobFile,
    /// Connected and signed in.
    pub(crate) session: Session,
    /// The run.
    pub(crate) run: RunId,
    /// The locks of its agents.
    pub(crate) locks: Vec<AgentLock>,
}

/// Carries out a run, shows how it goes, writes its reports, and says what came of it.
pub(crate) async fn carry_out(ready: Ready, context: &Context) -> Result<Exit, Failure> {
    let Ready { file, session, run, locks } = ready;
    let mut end = session.engine.carry_out(&run).await?;
    while is_signed_out(&end) && signed_in_again(&file, &session, context).await? {
        session.engine.settle_unfinished(&run).await?;
        end = session.engine.carry_out(&run).await?;
    }
    let Session { engine, progress, place, .. } = session;
    note_end(&engine, &run, &end).await?;
    // The last sender of events goes with the engine; the ledger's writer goes with its last handle.
    drop(engine);
    progress.finish().await;
    drop((locks, place));

    let ledger = context.ledger()?;
    let record = ledger.find_run(Some(run.as_str()))?;
    let summary = Summary::of(&ledger, &record, record.status)?;
    let written = write_reports(&ledger, &record, &summary);
    context.watch.ended(&summary);
    context.output.ended(&summary);
    context.output.answer(&summary, &summary);
    if let Err(failure) = written {
        // The ledger has everything; `fullmakt report` writes them again.
        failure.print(context.output);
    }
    Ok(say_how_it_ended(&end, &summary, &file, context))
}

fn is_signed_out(end: &RunEnd) -> bool {
    matches!(end, RunEnd::Halted(halted) if halted.cause == HaltCause::SignedOut)
}

/// Offers a person at a terminal to sign in and go on, there and then. Whether he did.
async fn signed_in_again(file: &JobFile, session: &Session, context: &Context) -> Result<bool, Failure> {
    let is_a_persons = matches!(file.job.auth, Some(Auth::IdPorten(_)));
    if !is_a_persons || !login::offered(file, &session.place, &session.engine.interrupt, context).await? {
        return Ok(false);
    }
    session.tokens.sign_in_again().await?;
    Ok(true)
}

async fn note_end(engine: &Engine<Client>, run: &RunId, end: &RunEnd) -> Result<(), Failure> {
    let (status, halted) = match end {
        RunEnd::Completed => (RunStatus::Completed, None),
        RunEnd::Interrupted => (RunStatus::Interrupted, None),
        RunEnd::Halted(halted) => (RunStatus::Stopped, Some(Halted::clone(halted))),
    };
    let run = run.clone();
    engine
        .clerk
        .call(move |ledger: &mut Ledger| {
            if let Some(halted) = halted {
                let trace_id = halted.answer.as_ref().and_then(|answer| answer.trace_id.as_deref());
                ledger.note_stop(&run, halted.cause, halted.message(), trace_id, halted.not_before)?;
            }
            ledger.end_run(&run, status)
        })
        .await?;
    Ok(())
}

fn say_how_it_ended(end: &RunEnd, summary: &Summary, file: &JobFile, context: &Context) -> Exit {
    let run = &summary.run;
    match end {
        RunEnd::Completed if summary.has_failures() => {
            if summary.failure_reasons.iter().any(|reason| reason.retryable) {
                context.output.hint(format!("`fullmakt retry {run}` tries again what may be tried again"));
            }
            context
                .output
                .hint("the failure report says what to do for each client, and is itself a manifest");
            Exit::SomeFailed
        }
        RunEnd::Completed => Exit::Done,
        RunEnd::Interrupted => {
            context.output.hint(format!("`fullmakt resume {run}` goes on where it was interrupted"));
            Exit::Interrupted
        }
        RunEnd::Halted(halted) => {
            let is_a_persons = matches!(file.job.auth, Some(Auth::IdPorten(_)));
            let go_on = if halted.cause == HaltCause::SignedOut && is_a_persons {
                let job = file.path.display();
                format!("`fullmakt login '{job}' && fullmakt resume {run}` goes on; nothing is lost")
            } else {
                format!("then `fullmakt resume {run}` goes on; nothing is lost")
            };
            let failure = Failure::from(&**halted).hint(go_on);
            failure.print(context.output);
            failure.exit
        }
    }
}
