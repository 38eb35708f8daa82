//! The reports of a run: a list of files, each written from the same typed rows, whole or not at all.

use std::{
    cell::OnceCell,
    collections::HashMap,
    fs::{self, File},
    io,
    panic::resume_unwind,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use thiserror::Error;

use super::{
    Summary, done, failures, names, page,
    sentences::{clients, firms},
    workbook::{write_done_workbook, write_failures_workbook},
};
use crate::{
    ledger::{ClientRecord, Ledger, LedgerError, RequestRecord, RunRecord},
    manifest::{Dialect, SheetError},
    state_dir::{Readers, write_whole},
    words::{Refusal, for_people, in_english},
};

/// Why a report was not written.
#[derive(Debug, Error)]
pub enum ReportError {
    /// The file cannot be written.
    #[error("{}", Refusal(.0))]
    Io(#[from] io::Error),
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The workbook cannot be made.
    #[error(transparent)]
    Sheet(#[from] SheetError),
}

/// What every report is made from.
#[derive(Debug)]
pub struct Facts<'run> {
    /// Where the clients and attempts are.
    pub(super) ledger: &'run Ledger,
    /// The run.
    pub(super) run: &'run RunRecord,
    /// Its counts and how it stands.
    pub(super) summary: &'run Summary,
    /// How many rows have a name that is not Altinn's, once somebody has asked.
    other_names: OnceCell<u64>,
    /// Of a run that asks firms: each firm's request as it is now, by its row.
    requests: HashMap<i64, RequestRecord>,
}

impl<'run> Facts<'run> {
    /// The facts of a run.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn of(
        ledger: &'run Ledger,
        run: &'run RunRecord,
        summary: &'run Summary,
    ) -> Result<Self, LedgerError> {
        let requests = if run.kind.asks_firms() {
            ledger.firms_of_round(&run.id)?.into_iter().map(|firm| (firm.client, firm.record)).collect()
        } else {
            HashMap::new()
        };
        Ok(Self { ledger, run, summary, other_names: OnceCell::new(), requests })
    }

    /// How many rows have a name that is not Altinn's.
    pub(super) fn other_names(&self) -> Result<u64, LedgerError> {
        if let Some(counted) = self.other_names.get() {
            return Ok(*counted);
        }
        let counted = names::count(self.ledger, self.run, &self.dialect()?)?;
        Ok(*self.other_names.get_or_init(|| counted))
    }

    /// Of a firm that a run asks: its request as it is now.
    pub(super) fn request_of(&self, client: &ClientRecord) -> Option<&RequestRecord> {
        self.requests.get(&client.row)
    }

    /// Whether the run asks firms.
    pub(super) fn asks_firms(&self) -> bool {
        self.run.kind.asks_firms()
    }

    /// `12 clients`; of a run that asks firms, `12 firms`.
    pub(super) fn many(&self, number: u64) -> String {
        if self.asks_firms() { firms(number) } else { clients(number) }
    }

    /// The file that a person opens: the workbook, where the manifest was one.
    pub(super) fn file(&self, name: &str) -> String {
        format!("{name}.{}", if came_from_a_workbook(self) { "xlsx" } else { "csv" })
    }

    /// The files beside the page, as people look for them.
    pub(super) fn files_for_people(&self) -> Vec<String> {
        let mut files = vec![self.file("failures"), self.file("done")];
        files.extend(has_other_names(self).then(|| self.file("other-names")));
        files.push("summary.json".to_owned());
        files
    }

    /// How the run's manifest is written.
    pub(super) fn dialect(&self) -> Result<Dialect, LedgerError> {
        dialect(self.run)
    }
}

/// How a run's manifest is written.
pub(super) fn dialect(run: &RunRecord) -> Result<Dialect, LedgerError> {
    serde_json::from_str(&run.dialect)
        .map_err(|error| LedgerError::Damaged(format!("the manifest's dialect: {error}")))
}

/// One report.
#[derive(Debug, Clone, Copy)]
pub struct ReportFile {
    /// Its name in the run's folder.
    pub name: &'static str,
    /// Whether a run has it.
    applies: fn(&Facts<'_>) -> bool,
    /// Writes all of it.
    write: fn(&Facts<'_>, &mut File) -> Result<(), ReportError>,
}

/// Every report that there is. A new one is an entry here.
pub const FILES: [ReportFile; 8] = [
    ReportFile { name: "failures.csv", applies: always, write: failures::write },
    ReportFile { name: "done.csv", applies: always, write: done::write },
    ReportFile { name: "failures.xlsx", applies: came_from_a_workbook, write: write_failures_workbook },
    ReportFile { name: "done.xlsx", applies: came_from_a_workbook, write: write_done_workbook },
    ReportFile { name: "other-names.csv", applies: has_other_names, write: names::write },
    ReportFile {
        name: "other-names.xlsx",
        applies: |facts| came_from_a_workbook(facts) && has_other_names(facts),
        write: names::write_workbook,
    },
    ReportFile { name: "report.html", applies: always, write: page::write },
    ReportFile { name: "summary.json", applies: always, write: write_summary },
];

/// From so many rows on, a second connection to the ledger is opened sooner than one thread has written all.
const WORTH_TWO_THREADS: u64 = 2_000;

/// What became of each of [`FILES`]: where it is, nothing where the run does not have it, or why it is not written.
pub type Written = Vec<Result<Option<PathBuf>, ReportError>>;

/// Writes every report that the run has into the folder. One that fails does not stop the others.
pub fn write_all(facts: &Facts<'_>, folder: &Path) -> Written {
    let next = AtomicUsize::new(0);
    // Each takes the next file that nobody has taken.
    let write = |facts: &Facts<'_>| {
        let mut written = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = FILES.get(place) else { return written };
            written.push((place, file.write(facts, folder)));
        }
    };
    let is_long = facts.summary.totals.rows >= WORTH_TWO_THREADS;
    let beside = is_long.then(|| facts.ledger.another().ok()).flatten();
    let (run, summary, requests) = (facts.run, facts.summary, facts.requests.clone());
    let mut written = thread::scope(|scope| {
        let other = beside.map(|ledger| {
            let (write, other_names) = (&write, OnceCell::new());
            scope.spawn(move || write(&Facts { ledger: &ledger, run, summary, other_names, requests }))
        });
        let mut written = write(facts);
        if let Some(other) = other {
            written.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        written
    });
    written.sort_by_key(|(place, _)| *place);
    written.into_iter().map(|(_, written)| written).collect()
}

fn always(_: &Facts<'_>) -> bool {
    true
}

/// Whether a run's manifest was a workbook.
pub(super) fn is_from_a_workbook(run: &RunRecord) -> bool {
    dialect(run).is_ok_and(|dialect| dialect.sheet.is_some())
}

fn came_from_a_workbook(facts: &Facts<'_>) -> bool {
    is_from_a_workbook(facts.run)
}

/// What keeps them from being counted, the reports that need all of that say themselves.
fn has_other_names(facts: &Facts<'_>) -> bool {
    facts.other_names().is_ok_and(|rows| rows > 0)
}

fn write_summary(facts: &Facts<'_>, file: &mut File) -> Result<(), ReportError> {
    in_english(|| serde_json::to_writer_pretty(file, facts.summary)).map_err(io::Error::from)?;
    Ok(())
}

impl ReportFile {
    /// Writes the report into the folder, where the run has one. Answers where it is.
    ///
    /// # Errors
    ///
    /// The file cannot be written, or the ledger cannot be read; an older report is then left as it was.
    pub fn write(&self, facts: &Facts<'_>, folder: &Path) -> Result<Option<PathBuf>, ReportError> {
        if !(self.applies)(facts) {
            return Ok(None);
        }
        let path = folder.join(self.name);
        write_whole(&path, Readers::Owner, |file| for_people(|| (self.write)(facts, file)))?;
        Ok(Some(path))
    }

    /// Copies the report to where people look for it, under a name that no other run has. Answers where it is.
    ///
    /// # Errors
    ///
    /// What the operating system says of either file.
    pub fn copy(&self, written: &Path, facts: &Facts<'_>, folder: &Path) -> io::Result<PathBuf> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{}-{}-{}", facts.run.job, facts.run.id, self.name));
        let mut from = File::open(written)?;
        write_whole(&path, Readers::Everybody, |file| io::copy(&mut from, file).map(drop))?;
        Ok(path)
    }
}
