//! `fullmakt runs`.

use std::{fmt, path::PathBuf};

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use super::super::{
    Context,
    exit::{Exit, Failure},
    which::live_status,
};
use crate::{
    clock,
    report::{Summary, age, count},
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
        let now = clock::now();
        let head = [
            text!("cli-head-run"),
            text!("cli-head-job"),
            text!("cli-head-status"),
            text!("cli-head-age"),
            text!("cli-head-done"),
            text!("cli-head-same"),
            text!("cli-head-failed"),
            text!("cli-head-left"),
        ];
        let rows = self.runs.iter().map(|run| cells(run, now));
        write!(out, "{}", table(std::iter::once(head.map(str::to_owned)).chain(rows).collect()))
    }
}

/// So wide is a terminal at least, in columns.
const COLUMNS: usize = 80;
/// Where the name of the job stands in a row: it is what can be cut.
const JOB: usize = 1;
/// Where the counts begin, which are aligned at the right.
const COUNTS: usize = 4;

/// What stands of a run in the columns of the table.
fn cells(run: &Summary, now: Timestamp) -> [String; 8] {
    let totals = &run.totals;
    [
        run.run.clone(),
        run.job.clone(),
        run.status.in_words().to_owned(),
        age(run.started_at, now),
        count(totals.done()),
        count(totals.unchanged),
        count(totals.failed + totals.rejected),
        count(totals.pending),
    ]
}

/// Rows of cells as a table that fits a terminal, but for counts that do not; a job's name that is too long for it is cut.
fn table<const N: usize>(mut rows: Vec<[String; N]>) -> String {
    let length = |cell: &String| cell.chars().count();
    let widest = |rows: &[[String; N]], column: usize| rows.iter().map(|row| length(&row[column])).max();
    let mut widths: [usize; N] = std::array::from_fn(|column| widest(&rows, column).unwrap_or(0));
    let others: usize = widths.iter().sum::<usize>() - widths[JOB] + 2 * (N - 1);
    widths[JOB] = widths[JOB].min(COLUMNS.saturating_sub(others).max(SHORTEST_JOB));
    for row in &mut rows {
        if length(&row[JOB]) > widths[JOB] {
            row[JOB] = row[JOB].chars().take(widths[JOB] - 1).chain(['…']).collect();
        }
    }
    let line = |row: &[String; N]| {
        let cells: Vec<String> = std::iter::zip(row, widths)
            .enumerate()
            .map(
                |(column, (cell, width))| {
                    if column < COUNTS { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
                },
            )
            .collect();
        cells.join("  ") + "\n"
    };
    rows.iter().map(line).collect()
}

/// So much of a job's name is always shown, in characters.
const SHORTEST_JOB: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_fits_eighty_columns_and_what_is_cut_is_a_jobs_name() {
        let row = |job: &str, number: &str| {
            let [number, job] = [number, job].map(str::to_owned);
            let words = ["k7c29njm", "", "interrupted", "11 months"].map(str::to_owned);
            let [run, _, status, age] = words;
            [run, job, status, age, number.clone(), number.clone(), number.clone(), number]
        };
        let name = "nattlig-avstemming-av-alle-klienter-hos-fjord";
        let shown = table(vec![row(name, "12,345"), row("kort", "1")]);
        for line in shown.lines() {
            assert_eq!(line.chars().count(), 80, "{line}");
        }
        assert!(shown.contains("nattlig-av") && shown.contains('…') && shown.contains("12,345"), "{shown}");
        assert_eq!(
            table(vec![row("kort", "1")]).lines().next().unwrap().chars().count(),
            50,
            "no wider than its cells"
        );
    }
}
