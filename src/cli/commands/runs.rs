//! `fullmakt runs`.

use std::{fmt, path::PathBuf};

use clap::Args;
use serde::Serialize;

use super::super::{
    Context,
    exit::{Exit, Failure},
    which::live_status,
};
use crate::{
    report::{Summary, count, date_time_in_table},
    words::{say, text},
};

/// Every run, newest first
#[derive(Debug, Args)]
pub(crate) struct RunsArgs {}

#[derive(Serialize)]
struct Runs {
    runs: Vec<Summary>,
    state_dir: PathBuf,
}

pub(crate) fn runs(_: &RunsArgs, context: &Context) -> Result<Exit, Failure> {
    let mut runs = Runs { runs: Vec::new(), state_dir: context.state()?.path().to_owned() };
    if let Some(ledger) = context.existing_ledger()? {
        for record in ledger.runs()? {
            runs.runs.push(Summary::of(&ledger, &record, live_status(&ledger, &record))?);
        }
    }
    context.output.answer(&runs, &runs);
    Ok(Exit::Done)
}

impl fmt::Display for Runs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.runs.is_empty() {
            let folder = self.state_dir.display();
            return writeln!(
                out,
                "{}",
                say!("cli-no-runs-yet-in-fullmakt-run-job-makes-one", folder = folder)
            );
        }
        let width = self.runs.iter().map(|run| run.job.len()).max().unwrap_or(0).max(3);
        writeln!(
            out,
            "{:<8}  {:<width$}  {:<11}  {:<26}  {:>8}  {:>8}  {:>8}  {:>8}  {:>8}  {:>8}",
            text!("cli-head-run"),
            text!("cli-head-job"),
            text!("cli-head-status"),
            text!("cli-head-started"),
            text!("cli-head-clients"),
            text!("cli-head-done"),
            text!("cli-head-same"),
            text!("cli-head-failed"),
            text!("cli-head-answered"),
            text!("cli-head-unsent")
        )?;
        for run in &self.runs {
            let totals = &run.totals;
            writeln!(
                out,
                "{:<8}  {:<width$}  {:<11}  {:<26}  {:>8}  {:>8}  {:>8}  {:>8}  {:>8}  {:>8}",
                run.run,
                run.job,
                run.status.in_words(),
                date_time_in_table(run.started_at),
                count(totals.clients()),
                count(totals.delegated + totals.removed),
                count(totals.unchanged),
                count(totals.failed + totals.rejected),
                count(totals.answered),
                count(totals.pending - totals.answered),
            )?;
        }
        Ok(())
    }
}
