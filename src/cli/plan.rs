//! `fullmakt plan`, and how it and `run` read a job's manifest.

use std::path::PathBuf;

use clap::Args;

use super::{
    Context,
    agents_of::PlanAgents,
    exit::{Exit, Failure},
    job::JobFile,
    proposal::{self, Planned, make_plan},
    rows::Rows,
    session::Session,
};
use crate::{
    ledger::Ledger,
    manifest::{Dialect, Expects, Options},
    model::{Action, JobKind},
};

/// Read Altinn and show what a run would do; changes nothing
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// The job file
    job: PathBuf,
    /// Leave rows that cannot be read to the failure report, instead of refusing the manifest
    #[arg(long)]
    skip_invalid: bool,
}

pub(crate) async fn plan(args: PlanArgs, context: &Context) -> Result<Exit, Failure> {
    let file = JobFile::read(&args.job)?;
    let mut ledger = context.ledger()?;
    let read = Read::manifest(&file, args.skip_invalid, &mut ledger, context)?;
    let session = Session::open(&file, ledger, context).await?;
    let agents = PlanAgents::find(&file, &session).await?;
    let counts = make_plan(&session, &file.job, &agents, read.rows(&file), context).await?;
    let all = context.output.is_json();
    let mut planned = Planned::read(&session, &file.job, file.job.kind, &agents, counts, all).await?;
    planned.warn(&session, context).await;
    context.output.answer(planned.text(), &planned.view);
    match planned.refusal() {
        Some(refusal) => Err(refusal),
        None => Ok(Exit::Done),
    }
}

/// What was read of a job's manifest; the rows themselves are in the ledger's hands.
pub(crate) struct Read {
    /// How the manifest is written, or how its failure report is to be.
    pub(crate) dialect: Dialect,
    /// How many rows it has; `None` when the job has none.
    pub(crate) rows: Option<u64>,
}

impl Read {
    /// Reads the job's manifest into the plan.
    pub(crate) fn manifest(
        file: &JobFile,
        skip_invalid: bool,
        ledger: &mut Ledger,
        context: &Context,
    ) -> Result<Self, Failure> {
        let Some(manifest) = file.manifest() else {
            return Ok(Self { dialect: Dialect::plain(&["organisation_number", "name"]), rows: None });
        };
        context.output.step(format!("reading {}", manifest.display()));
        let options = Options { column: file.job.column.clone(), sheet: file.job.sheet.clone() };
        let rows = Rows::read(&manifest, &options, expects(file.job.kind), Some(ledger))?;
        rows.must_be_clean(&manifest, skip_invalid, context)?;
        Ok(Self { dialect: rows.dialect, rows: Some(rows.rows) })
    }

    /// What the plan is made of.
    pub(crate) fn rows(&self, file: &JobFile) -> proposal::Rows {
        proposal::Rows { kind: file.job.kind, rows: self.rows, guard: Some(file.job.guard) }
    }
}

/// What a kind of job expects of a manifest's `action` column.
fn expects(kind: JobKind) -> Expects {
    match kind {
        JobKind::Manifest => Expects::Action,
        JobKind::Remove => Expects::Only(Action::Remove),
        JobKind::Delegate | JobKind::Reconcile | JobKind::Refresh | JobKind::Migrate => {
            Expects::Only(Action::Delegate)
        }
    }
}
