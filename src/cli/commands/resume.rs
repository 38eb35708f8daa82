//! `fullmakt resume`.

use clap::Args;

use super::{
    super::{
        Context,
        asking::{ask, can_ask},
        executing::execute,
        exit::{Exit, Failure},
        job::JobFile,
        outcome::{Ended, Outcome},
        session::{Errand, Session},
        unattended::UnattendedArgs,
        which::WhichRunArgs,
    },
    request,
};
use crate::{
    engine::Resumption,
    ledger::{Ledger, RunRecord},
    words::{Lazy, say, text},
};

/// Go on with a run that was interrupted or stopped
///
/// Reads Altinn's list again and settles what was under way before it sends anything. Clients that a later run has
/// settled on the same system user are left as that run left them.
#[derive(Debug, Args)]
pub(crate) struct ResumeArgs {
    #[command(flatten)]
    which: WhichRunArgs,
    /// Go on although the manifest or the job file has changed since
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    pub(crate) unattended: UnattendedArgs,
}

pub(crate) async fn resume(args: ResumeArgs, context: &Context) -> Outcome {
    let found = || -> Result<RunRecord, Failure> {
        let (ledger, record) = args.which.look(context)?;
        if !record.status.can_be_resumed() {
            return Err(nothing_to_resume(&ledger, &record)?);
        }
        Ok(record)
    };
    Outcome::of_run(
        found(),
        async |record| request::resume(record, context).await,
        async |record, file| resume_run(&args, record, file, context).await,
    )
    .await
}

async fn resume_run(
    args: &ResumeArgs,
    record: &RunRecord,
    file: &JobFile,
    context: &Context,
) -> Result<Ended, Failure> {
    let changes = file.changed_since(record);
    for change in &changes {
        context.output.note(say!("cli-since-run-began", run = record.id, change = change));
    }
    let must_ask = !changes.is_empty() && !args.yes;
    if must_ask && !can_ask() {
        return Err(Failure::nothing_sent(say!(
            "cli-run-would-be-finished-as-it-was-planned-then",
            run = record.id
        ))
        .hint(say!("cli-fullmakt-run-job-plans-afresh-yes-goes-on")));
    }
    let session =
        Session::open(file, context.ledger()?, Errand::Run { wait: args.unattended.wait }, context).await?;
    if must_ask {
        let question = say!("cli-go-on-with-run-as-it-was-planned-then-y-n", run = record.id).to_string();
        if !ask(&question, context, &session.interrupt).await? {
            context.output.say(format!("{}\n", text!("cli-nothing-was-sent")));
            return Ok(Ended { exit: Exit::NothingSent, summary: None });
        }
    }
    resume_record(file, session, record, context).await
}

/// Goes on with a run in an open session.
pub(crate) async fn resume_record(
    file: &JobFile,
    session: Session,
    record: &RunRecord,
    context: &Context,
) -> Result<Ended, Failure> {
    context.output.step(say!("cli-reading-altinns-lists-to-settle-what-was"));
    let resumed = session.engine.resume(&record.id, &session.signed_in_as()).await;
    let Resumption { run, superseded } = resumed.map_err(|error| {
        let failure = Failure::from(error);
        if failure.exit == Exit::NothingSent {
            failure
        } else {
            failure.hint(say!("cli-then-fullmakt-resume-goes-on", run = record.id))
        }
    })?;
    context.output.say(format!(
        "{}\n",
        say!(
            "cli-run-goes-on-clients-still-to-be-sent",
            run = run.id,
            clients = run.totals.pending - run.totals.answered
        )
    ));
    if run.totals.answered > 0 {
        context.output.note(say!("cli-answered-are-confirmed-at-the-end", clients = run.totals.answered));
    }
    if superseded > 0 {
        context.output.note(say!("cli-clients-are-left-as-a-later-run-has-settled", clients = superseded));
    }
    execute(file, session, run, context).await
}

/// The run has come to its end; says which runs have not.
fn nothing_to_resume(ledger: &Ledger, record: &RunRecord) -> Result<Failure, Failure> {
    let mut failure = Failure::nothing_sent(say!(
        "cli-run-is-there-is-nothing-to-go-on-with",
        run = record.id,
        status = Lazy(|| record.status.in_words())
    ));
    for run in ledger.runs()?.iter().filter(|run| run.status.can_be_resumed()).take(3) {
        failure = failure.hint(say!("cli-run-of-is-not-fullmakt-resume", run = run.id, job = run.job));
    }
    Ok(failure.hint(say!("cli-fullmakt-runs-lists-the-runs")))
}
