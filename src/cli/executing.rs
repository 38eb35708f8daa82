//! What `run`, `resume`, `retry` and `undo` have in common: a plan is shown and asked about, a run executed and reported.

use super::{
    Context,
    asking::{ask, ask_for},
    at_rest::must_be_at_rest,
    commands::{login, report::write_reports},
    exit::{Exit, Failure},
    job::JobFile,
    outcome::Ended,
    planned::{Planned, Proposal},
    screen,
    session::Session,
    wrap::wrapped,
};
use crate::{
    engine::{Run, RunEnd},
    ledger::WhichRun,
    model::{Auth, HaltCause, argument},
    report::Summary,
    words::{say, text},
};

/// Shows a plan, asks unless `yes`, and executes it.
pub(crate) async fn propose(proposal: Proposal<'_>, yes: bool, context: &Context) -> Result<Ended, Failure> {
    let Proposal { file, session, plan, warnings, allowed_other_names } = proposal;
    let operations = plan.counts.operations;
    for line in plan.repeated.iter().take(10) {
        context.output.note(say!("cli-line-names-a-client-and-its-agent-again-it-is", line = line));
    }
    let mut planned = Planned::read(&session, &file.job, &plan, false).await?;
    planned.warn(&session, &plan, context).await;
    for warning in warnings {
        planned.warning(warning, context);
    }
    if let Some(refusal) = planned.refusal(&file.path, allowed_other_names) {
        context.output.say(format!("{}\n", planned.text()));
        return Err(refusal);
    }
    let says_yes = if yes || operations == 0 {
        context.output.say(format!("{}\n", planned.text()));
        true
    } else {
        says_yes(&planned, file, &session, context).await?
    };
    if says_yes {
        must_be_at_rest(file, &plan, &session.interrupt, context).await?;
    }
    if session.interrupt.is_requested() {
        return Err(Failure::new(Exit::Interrupted, say!("cli-interrupted-nothing-was-sent")));
    }
    if !says_yes {
        context.output.say(format!("{}\n", text!("cli-nothing-was-sent")));
        return Ok(Ended { exit: Exit::NothingSent, summary: None });
    }
    let run = session.engine.begin(plan, session.signed_in_as()).await?;
    context.output.say(format!("{}\n", say!("cli-run", run = run.id)));
    execute(file, session, run, context).await
}

/// Shows a plan, cut to the screen, and asks; the question comes last, with what will happen. Nobody is asked about what
/// has not been shown, -q or not.
async fn says_yes(
    planned: &Planned,
    file: &JobFile,
    session: &Session,
    context: &Context,
) -> Result<bool, Failure> {
    if let Some(found) = planned.names_question() {
        let question = format!("{found}.\n{}", text!("cli-is-the-list-right"));
        if !ask(&question, context, &session.interrupt).await? {
            return Ok(false);
        }
    }
    let text = planned.text();
    let summary = text.summary().join("\n");
    // The summary, the question, and a line between them and what is above.
    let taken = summary.lines().count() + 3;
    let rest = say!("cli-fullmakt-plan-shows-all-of-it", path = argument(&file.path)).to_string();
    let findings = text.to_string();
    let findings = match screen::size() {
        Some((lines, columns)) => {
            screen::cut(&wrapped(&findings, columns), lines.saturating_sub(taken), &rest)
        }
        None => findings,
    };
    let removed = text.to_be_removed();
    let shown = format!("{findings}\n{summary}\n");
    if removed == 0 {
        return ask(&format!("{shown}{}", text!("cli-go-on")), context, &session.interrupt).await;
    }
    let question = format!("{shown}{}", say!("cli-to-go-on-type-how-many-are-removed", removed = removed));
    Ok(ask_for(removed, &question, context, &session.interrupt).await)
}

/// Executes a run, shows how it goes, writes its reports, and says what came of it.
pub(crate) async fn execute(
    file: &JobFile,
    session: Session,
    mut run: Run,
    context: &Context,
) -> Result<Ended, Failure> {
    let mut end = session.engine.execute(&run).await.map_err(|error| goes_on(error.into(), &run))?;
    while is_signed_out(&end) && signed_in_again(file, &session, context).await? {
        session.engine.go_on(&mut run, &session.signed_in_as()).await?;
        end = session.engine.execute(&run).await.map_err(|error| goes_on(error.into(), &run))?;
    }
    let Session { engine, progress, place, .. } = session;
    // The last sender of events goes with the engine; the ledger's writer goes with its last handle.
    drop(engine);
    progress.finish().await;
    drop(place);
    let id = run.id.clone();
    drop(run);

    let ledger = context.ledger()?;
    let record = ledger.find_run(&WhichRun::exactly(&id))?;
    let summary = Summary::of(&ledger, &record, record.status)?;
    let written = write_reports(&ledger, &record, &summary);
    context.output.ended(&summary);
    context.output.answer(&summary, &summary);
    if let Err(failure) = written {
        // The ledger has everything; `fullmakt report` writes them again.
        failure.print(context.output);
    }
    let exit = say_how_it_ended(&end, &summary, file, context);
    Ok(Ended { exit, summary: Some(summary) })
}

/// A fault in the middle of a run: nothing that was shown is lost.
fn goes_on(failure: Failure, run: &Run) -> Failure {
    failure.hint(say!("cli-nothing-that-was-shown-is-lost-fullmakt", run = run.id))
}

fn is_signed_out(end: &RunEnd) -> bool {
    matches!(end, RunEnd::Halted(halted) if halted.cause == HaltCause::SignedOut)
}

/// Offers a person at a terminal to sign in and go on, there and then. Whether he did.
async fn signed_in_again(file: &JobFile, session: &Session, context: &Context) -> Result<bool, Failure> {
    let is_a_persons = matches!(file.job.auth, Some(Auth::IdPorten(_)));
    if !is_a_persons || !login::offered(file, &session.place, &session.interrupt, context).await? {
        return Ok(false);
    }
    session.tokens.sign_in_again().await?;
    Ok(true)
}

fn say_how_it_ended(end: &RunEnd, summary: &Summary, file: &JobFile, context: &Context) -> Exit {
    let run = &summary.run;
    match end {
        RunEnd::Completed if summary.has_failures() => {
            if summary.failure_reasons.iter().any(|reason| reason.retryable) {
                context.output.hint(say!("cli-fullmakt-retry-tries-again-what-may-be-tried", run = run));
            }
            context.output.hint(say!("cli-the-failure-report-says-what-to-do-for-each"));
            Exit::SomeFailed
        }
        RunEnd::Completed => Exit::Done,
        RunEnd::Interrupted => {
            context.output.hint(say!("cli-fullmakt-resume-goes-on-where-it-was", run = run));
            Exit::Interrupted
        }
        RunEnd::Halted(halted) => {
            let is_a_persons = matches!(file.job.auth, Some(Auth::IdPorten(_)));
            let failure = Failure::from(&**halted);
            let failure = if halted.cause == HaltCause::SignedOut && is_a_persons {
                let job = argument(&file.path);
                failure.hint(say!("cli-fullmakt-login-then-fullmakt-resume-goes-on", job = job, run = run))
            } else {
                failure.hint(say!("cli-then-fullmakt-resume-goes-on-nothing-is-lost", run = run))
            };
            failure.print(context.output);
            failure.exit
        }
    }
}
