//! `fullmakt verify`.

use clap::Args;

use super::super::{
    Context,
    exit::{Exit, Failure},
    job::JobFile,
    session::{Errand, Session},
    which::{WhichRunArgs, live_status},
};
use crate::{
    ledger::RunRecord,
    manifest::{Dialect, Writer},
    model::RunStatus,
    report::Verification,
    words::say,
};

/// Compare Altinn now with what the run left behind
///
/// Reads the agent's lists again. Exit code 0: all is as the run left it; 1: something is not. What a later run has
/// changed on the same agent is named with that run, and is no difference.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    which: WhichRunArgs,
    /// Print the differences as a manifest with an `action` column, which a job of kind "manifest" mends them with
    #[arg(long)]
    csv: bool,
}

pub(crate) async fn verify(args: VerifyArgs, context: &Context) -> Result<Exit, Failure> {
    let (ledger, record) = args.which.look(context)?;
    if record.kind.asks_firms() {
        return Err(Failure::nothing_sent(say!("request-rounds-are-not-verified", run = record.id))
            .hint(say!("request-status-looks")));
    }
    if live_status(&ledger, &record) == RunStatus::Running {
        return Err(Failure::new(Exit::Held, say!("cli-run-is-at-work-on-this-agent", run = record.id))
            .hint(say!("cli-verify-it-when-it-has-ended-fullmakt-runs")));
    }
    let file = JobFile::of_run(&record)?;
    let totals = ledger.totals(&record)?;
    let not_compared = totals.rejected + totals.pending + totals.superseded;
    let mut verification = Verification::of(&record, not_compared);
    let session = Session::open(&file, ledger, Errand::Look, context).await?;
    for comparison in session.engine.verify(&record).await? {
        verification.add(comparison);
    }
    answer(&verification, &record, args.csv, context)
}

fn answer(
    verification: &Verification,
    record: &RunRecord,
    csv: bool,
    context: &Context,
) -> Result<Exit, Failure> {
    if csv && !context.output.is_json() {
        let csv = manifest(verification).map_err(|error| Failure::new(Exit::Fault, error))?;
        context.output.answer(csv, verification);
        let left_out = verification.differences.len() - verification.mendable().count();
        if left_out > 0 {
            context.output.note(say!("cli-are-not-in-it-gone-from-the-register-changed", clients = left_out));
        }
    } else {
        context.output.answer(verification, verification);
    }
    if verification.as_left {
        return Ok(Exit::Done);
    }
    if !csv && verification.mendable().next().is_some() {
        context.output.hint(say!("cli-fullmakt-verify-csv-mend-csv-writes-a", run = record.id));
    }
    Ok(Exit::SomeFailed)
}

fn manifest(verification: &Verification) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    let columns = ["organisation_number", "name", "action", "agent"];
    let mut writer = Writer::new(&mut bytes, &Dialect::plain(&columns), &[])?;
    for (difference, action) in verification.mendable() {
        let number = difference.organisation_number.clone().unwrap_or_default();
        writer.write(&[number, difference.name.clone(), action.to_owned(), difference.agent.to_string()])?;
    }
    writer.finish()?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
