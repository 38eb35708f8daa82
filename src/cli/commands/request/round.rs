//! A round of asking as a run: begun, carried out, and reported as every run is.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{
    super::{
        super::{
            Context,
            exit::{Exit, Failure},
            outcome::Ended,
            vendor_file::{VendorFile, VendorSession},
        },
        report::write_reports,
    },
    firms::Firms,
    records_of,
};
use crate::{
    engine::{EngineError, FirmRound},
    ledger::{Ledger, NewRun, RequestRecord, RoundRow, RunRecord, WhichRun},
    model::{AgentId, JobKind},
    report::{ListColumns, RequestsView, Summary, in_the_way, write_links},
    state_dir::make_private_folder,
    words::say,
};

/// What a round came to: the run, and how its firms stand.
#[derive(Serialize)]
struct RoundAnswer<'a> {
    #[serde(flatten)]
    summary: &'a Summary,
    #[serde(flatten)]
    view: &'a RequestsView,
}

impl fmt::Display for RoundAnswer<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}", self.summary, self.view)
    }
}

/// Where the firms of a round come from.
pub(super) enum FirmsOf<'a> {
    /// From a list, or by name.
    Named(&'a Firms),
    /// From another run.
    OfRun(&'a RunRecord),
}

/// What is known of a round before it begins.
pub(super) fn new_run(
    file: &VendorFile,
    session: &VendorSession,
    kind: JobKind,
    firms: &FirmsOf<'_>,
) -> NewRun {
    let vendor = &file.vendor;
    let (manifest, dialect, rows) = match firms {
        FirmsOf::Named(firms) => {
            let list = firms.path.as_deref().map(|path| path.display().to_string()).unwrap_or_default();
            (list, firms.list.dialect_text(), firms.rows)
        }
        FirmsOf::OfRun(record) => (record.manifest.clone(), record.dialect.clone(), 0),
    };
    NewRun {
        job: job_of(file),
        kind,
        environment: vendor.environment.name(),
        facilitator: vendor.organisation,
        agent: AgentId(uuid::Uuid::nil()),
        agent_title: vendor.system_id.clone(),
        job_file: file.path.display().to_string(),
        job_text: file.text.clone(),
        manifest,
        fingerprint: String::new(),
        dialect,
        rows,
        retry_of: None,
        undo_of: None,
        supersedes: Vec::new(),
        signed_in_as: session.signed_in_as(file),
    }
}

/// What the rounds of a vendor file are called among the runs of jobs: no job of the vendor's has this name.
pub(super) fn job_of(file: &VendorFile) -> String {
    format!("{}-request", file.vendor.name)
}

/// Begins a round, and carries it out.
pub(super) async fn begin(
    (file, session): (&VendorFile, VendorSession),
    run: NewRun,
    rows: Vec<RoundRow>,
    links: Option<&Path>,
    context: &Context,
) -> Result<Ended, Failure> {
    let round = session.engine.begin_round(run, rows).await?;
    carry_out((file, session), round, links, context).await
}

/// Carries a round out, writes its reports and the links, and says what came of it.
pub(super) async fn carry_out(
    (file, session): (&VendorFile, VendorSession),
    round: FirmRound,
    links: Option<&Path>,
    context: &Context,
) -> Result<Ended, Failure> {
    context.output.say(format!("{}\n", say!("cli-run", run = round.run)));
    let id = round.run.clone();
    let done = session.engine.carry_out_round(round).await;
    let VendorSession { engine, progress, .. } = session;
    drop(engine);
    progress.finish().await;
    let ledger = context.ledger()?;
    let record = ledger.find_run(&WhichRun::exactly(&id))?;
    let summary = Summary::of(&ledger, &record, record.status)?;
    let written = write_reports(&ledger, &record, &summary);
    let firms = ledger.firms_of_round(&id)?;
    let records: Vec<RequestRecord> = firms.into_iter().map(|firm| firm.record).collect();
    let mut view = RequestsView::of_round(&file.vendor, &records, record.kind);
    view.rows_left_out = summary.totals.rejected;
    if let Some(folder) = links {
        match links_of((file, &ledger), &record, folder, context) {
            Ok(files) => view.files = files,
            Err(error) => {
                let folder = folder.display();
                context.output.warning(say!("cli-is-not-written", path = folder, error = error));
            }
        }
    }
    context.output.ended(&summary);
    let answer = RoundAnswer { summary: &summary, view: &view };
    context.output.answer(&answer, &answer);
    if let Err(failure) = written {
        // The ledger has everything; `fullmakt report` writes them again.
        failure.print(context.output);
    }
    let exit = how_it_ended(done, &summary, &view, context);
    Ok(Ended { exit, summary: Some(summary) })
}

/// Every open link of the vendor file, with the columns of the list that the round was of.
fn links_of(
    (file, ledger): (&VendorFile, &Ledger),
    record: &RunRecord,
    folder: &Path,
    context: &Context,
) -> Result<Vec<PathBuf>, Box<dyn std::error::Error>> {
    let list = ListColumns::of_round(ledger, record)?;
    let all = records_of(&file.vendor, context).map_err(|failure| failure.message().to_string())?;
    let of_round = Some(Path::new(&record.manifest)).filter(|path| !path.as_os_str().is_empty());
    if let Some(file) = in_the_way(of_round, folder) {
        return Err(file.to_string().into());
    }
    let list = list.with_what_is_known(&file.vendor, &all, ledger, folder)?;
    make_private_folder(folder)?;
    Ok(write_links(&file.vendor, &all, &all, &list, folder)?.0)
}

fn how_it_ended(
    done: Result<(), EngineError>,
    summary: &Summary,
    view: &RequestsView,
    context: &Context,
) -> Exit {
    let open = summary.totals.pending;
    let failure = match done {
        Ok(()) => {
            if summary.failure_reasons.iter().any(|reason| reason.retryable) {
                context
                    .output
                    .hint(say!("cli-fullmakt-retry-tries-again-what-may-be-tried", run = summary.run));
            }
            let has_failures = summary.has_failures() || view.counts.came_to_nothing() > 0;
            return if has_failures { Exit::SomeFailed } else { Exit::Done };
        }
        Err(EngineError::Interrupted) => {
            Failure::new(Exit::Interrupted, say!("request-interrupted", left = open))
        }
        Err(error) => Failure::from(error),
    };
    let failure = failure
        .hint(say!("cli-fullmakt-resume-goes-on-where-it-was", run = summary.run))
        .hint(say!("request-same-command-goes-on"));
    failure.print(context.output);
    failure.exit
}

/// The rounds of this system that are left open, said: nobody is asked twice by going on with them.
pub(super) fn note_open_rounds(file: &VendorFile, context: &Context) -> Result<(), Failure> {
    let Some(ledger) = context.existing_ledger()? else { return Ok(()) };
    let vendor = &file.vendor;
    for run in ledger.open_rounds(&vendor.environment.name(), &vendor.system_id)? {
        context.output.note(say!("request-round-is-open", run = run));
    }
    Ok(())
}
