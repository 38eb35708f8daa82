//! `fullmakt report`, and the writing of reports at the end of every run.

use clap::Args;
use serde::Serialize;

use super::super::{
    Context,
    exit::{Exit, Failure},
    which::{WhichRunArgs, live_status},
};
use crate::{
    ledger::{Ledger, RunRecord},
    report::{Summary, write_failures},
    state_dir::{Readers, write_bytes},
};

/// Write the run's reports again
///
/// failures.csv holds every client that failed, in the manifest's own columns, and is itself a manifest.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    which: WhichRunArgs,
}

#[derive(Serialize)]
struct Written {
    failures: std::path::PathBuf,
    summary: std::path::PathBuf,
}

pub(crate) fn report(args: &ReportArgs, context: &Context) -> Result<Exit, Failure> {
    let (ledger, record) = args.which.look(context)?;
    let summary = Summary::of(&ledger, &record, live_status(&ledger, &record))?;
    write_reports(&ledger, &record, &summary)?;
    let folder = ledger.state().run_folder(&record.id);
    let written = Written { failures: folder.join("failures.csv"), summary: folder.join("summary.json") };
    let text = format!("{}\n{}\n", written.failures.display(), written.summary.display());
    context.output.answer(text, &written);
    Ok(Exit::Done)
}

/// Writes `failures.csv` and `summary.json`; one that fails does not stop the other.
pub(crate) fn write_reports(ledger: &Ledger, record: &RunRecord, summary: &Summary) -> Result<(), Failure> {
    let folder = ledger.state().make_run_folder(&record.id).map_err(|error| {
        let folder = ledger.state().run_folder(&record.id);
        Failure::new(Exit::Fault, format!("{} cannot be made: {error}", folder.display()))
    })?;
    let failures = write_failures(ledger, record, &folder.join("failures.csv"))
        .map_err(|error| Failure::new(Exit::Fault, format!("the failure report is not written: {error}")));
    let path = folder.join("summary.json");
    let summary = serde_json::to_vec_pretty(summary)
        .map_err(std::io::Error::other)
        .and_then(|json| write_bytes(&path, Readers::Owner, &json))
        .map_err(|error| Failure::new(Exit::Fault, format!("{} is not written: {error}", path.display())));
    failures.and(summary)
}
