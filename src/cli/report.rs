//! `fullmakt report`, and the writing of reports at the end of every run.

use std::io::Write;

use clap::Args;
use serde::Serialize;

use super::{
    Context,
    exit::{Exit, Failure},
    status::live_status,
};
use crate::{
    ledger::{Ledger, RunRecord, make_private_folder},
    report::{Summary, write_failures},
};

/// Write the run's reports again
///
/// failures.csv holds every client that failed, in the manifest's own columns, and is itself a manifest.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// The run's id or the beginning of it [default: the newest]
    run: Option<String>,
}

#[derive(Serialize)]
struct Written {
    failures: std::path::PathBuf,
    summary: std::path::PathBuf,
}

pub(crate) fn report(args: &ReportArgs, context: &Context) -> Result<Exit, Failure> {
    let ledger = context.ledger()?;
    let record = ledger.find_run(args.run.as_deref())?;
    let summary = Summary::of(&ledger, &record, live_status(&ledger, &record)?)?;
    write_reports(&ledger, &record, &summary)?;
    let folder = ledger.run_folder(&record.id);
    let written = Written { failures: folder.join("failures.csv"), summary: folder.join("summary.json") };
    let text = format!("{}\n{}\n", written.failures.display(), written.summary.display());
    context.output.answer(text, &written);
    Ok(Exit::Done)
}

/// Writes `failures.csv` and `summary.json`; one that fails does not stop the other.
pub(crate) fn write_reports(ledger: &Ledger, record: &RunRecord, summary: &Summary) -> Result<(), Failure> {
    let folder = ledger.run_folder(&record.id);
    make_private_folder(&folder).map_err(|error| {
        Failure::new(Exit::Fault, format!("{} cannot be made: {error}", folder.display()))
    })?;
    let failures = write_failures(ledger, record, &folder.join("failures.csv"))
        .map_err(|error| Failure::new(Exit::Fault, format!("the failure report is not written: {error}")));
    let path = folder.join("summary.json");
    let summary = serde_json::to_vec_pretty(summary)
        .map_err(std::io::Error::other)
        .and_then(|json| write_whole(&path, &json))
        .map_err(|error| Failure::new(Exit::Fault, format!("{} is not written: {error}", path.display())));
    failures.and(summary)
}

/// Writes a file whole or not at all.
fn write_whole(path: &std::path::Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(std::path::Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    temporary.persist(path)?;
    Ok(())
}
