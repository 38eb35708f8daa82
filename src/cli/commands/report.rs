//! `fullmakt report`, and the writing of reports at the end of every run.

use std::{
    io,
    path::{Path, PathBuf},
};

use clap::Args;
use serde::Serialize;

use super::super::{
    Context,
    exit::{Exit, Failure, Told},
    which::{WhichRunArgs, live_status},
};
use crate::{
    ledger::{Ledger, RunRecord},
    model::Job,
    report::{FILES, Facts, ReportError, Summary, write_all},
    words::{Lazy, Refusal, say, text},
};

/// Write the run's reports again
///
/// report.html shows the run, for people; done.csv holds every client that is as it was asked for, and failures.csv
/// every client that failed, in the manifest's own columns: it is itself a manifest. Where the manifest was a workbook,
/// there are done.xlsx and failures.xlsx too.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    which: WhichRunArgs,
    /// Show report.html in the browser
    #[arg(long)]
    open: bool,
}

#[derive(Serialize)]
struct Written {
    /// `failures.csv`.
    failures: PathBuf,
    /// `summary.json`.
    summary: PathBuf,
    /// Every file, copies included.
    files: Vec<PathBuf>,
}

/// The report for people.
const PAGE: &str = "report.html";

pub(crate) fn report(args: &ReportArgs, context: &Context) -> Result<Exit, Failure> {
    let (ledger, record) = args.which.look(context)?;
    let summary = Summary::of(&ledger, &record, live_status(&ledger, &record))?;
    let files = write_reports(&ledger, &record, &summary)?;
    let folder = ledger.state().run_folder(&record.id);
    let lines: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let text = format!("{}\n", lines.join("\n"));
    let (failures, summary) = (folder.join("failures.csv"), folder.join("summary.json"));
    context.output.answer(text, &Written { failures, summary, files });
    if args.open {
        open(&folder.join(PAGE), context);
    }
    Ok(Exit::Done)
}

/// A browser that does not open is no reason to fail: the path is on the screen.
fn open(page: &Path, context: &Context) {
    let opened = std::path::absolute(page).is_ok_and(|page| {
        url::Url::from_file_path(page).is_ok_and(|address| {
            let mut options = webbrowser::BrowserOptions::new();
            options.with_suppress_output(true);
            webbrowser::open_browser_with_options(webbrowser::Browser::Default, address.as_str(), &options)
                .is_ok()
        })
    });
    if !opened {
        context.output.note(say!("cli-no-browser-could-be-opened-here-open-in-one", page = page.display()));
    }
}

/// Writes every report of a run, and copies them to where the job wants them; one that fails does not stop the others.
/// Answers where they are.
pub(crate) fn write_reports(
    ledger: &Ledger,
    record: &RunRecord,
    summary: &Summary,
) -> Result<Vec<PathBuf>, Failure> {
    let folder = ledger.state().make_run_folder(&record.id).map_err(|error| {
        let folder = ledger.state().run_folder(&record.id);
        Failure::new(Exit::Fault, say!("cli-cannot-be-made", folder = folder.display(), error = error))
    })?;
    let facts = Facts::of(ledger, record, summary)?;
    let copies = copies_folder(record);
    let mut paths = Vec::new();
    let mut wrong: Vec<Told> = Vec::new();
    let mut todo = None;
    for (file, written) in FILES.into_iter().zip(write_all(&facts, &folder)) {
        let written = match written {
            Ok(Some(written)) => written,
            Ok(None) => continue,
            Err(error) => {
                todo.get_or_insert_with(|| match &error {
                    ReportError::Io(error) => todo_of(error),
                    ReportError::Ledger(_) | ReportError::Sheet(_) => Told::of(&say!("cli-close-the-file")),
                });
                let path = folder.join(file.name);
                wrong.push(Told::of(&say!("cli-is-not-written", path = path.display(), error = error)));
                continue;
            }
        };
        if let Some(copies) = &copies {
            match file.copy(&written, &facts, copies) {
                Ok(copy) => paths.push(copy),
                Err(error) => {
                    todo.get_or_insert_with(|| todo_of(&error));
                    wrong.push(Told::of(&say!(
                        "cli-is-not-copied-to",
                        file = file.name,
                        copies = copies.display(),
                        error = error
                    )));
                }
            }
        }
        paths.push(written);
    }
    let mut wrong = wrong.into_iter();
    match wrong.next() {
        None => Ok(paths),
        Some(first) => {
            let failure = Failure::new(Exit::Fault, first);
            let failure = wrong.fold(failure, Failure::detail);
            let failure = todo.into_iter().fold(failure, Failure::hint);
            Err(failure.hint(say!("cli-the-ledger-has-everything-report", run = record.id)))
        }
    }
}

/// Where the job of a run wants copies: `[report] folder`, relative to the job file.
fn copies_folder(record: &RunRecord) -> Option<PathBuf> {
    copies_folder_of(&Job::parse(&record.job_text).ok()?, Path::new(&record.job_file))
}

/// Where a job wants copies; none where it wants none.
pub(crate) fn copies_folder_of(job: &Job, file: &Path) -> Option<PathBuf> {
    Some(file.parent().unwrap_or(Path::new("")).join(job.report_folder.as_ref()?))
}

/// What to do about a report that cannot be written.
fn todo_of(error: &io::Error) -> Told {
    Told::of(&Lazy(|| Refusal(error).todo().unwrap_or_else(|| text!("cli-close-the-file"))))
}
