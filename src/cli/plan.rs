//! `fullmakt plan`, and the planning that `run` and `retry` begin with.

use std::path::PathBuf;

use clap::Args;

use super::{
    Context,
    exit::{Exit, Failure},
    job::JobFile,
    rows::Rows,
    session::Session,
};
use crate::{
    ledger::{Ledger, LedgerError, PlanCounts, PlannedClient},
    manifest::Expects,
    model::{Action, Agent, ClientList, ClientState, Job, JobKind},
    report::{PlanText, PlanView},
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
    let rows = read_rows(&file, args.skip_invalid, &mut ledger, context)?;
    let session = Session::open(&file, ledger, context).await?;
    let agent = session.engine.find_agent(&file.job.agent).await?;
    let counts = make_plan(&session, &file.job, &agent, file.job.kind, rows.rows, context).await?;
    let mut planned = Planned::read(&session, &file.job, &agent, counts, context.output.is_json()).await?;
    planned.warn(&session, context).await;
    context.output.answer(planned.text(), &planned.view);
    Ok(Exit::Done)
}

/// Reads the job's manifest into the plan.
pub(crate) fn read_rows(
    file: &JobFile,
    skip_invalid: bool,
    ledger: &mut Ledger,
    context: &Context,
) -> Result<Rows, Failure> {
    let manifest = file.manifest();
    context.output.step(format!("reading {}", manifest.display()));
    let rows = Rows::read(&manifest, expects(file.job.kind), Some(ledger))?;
    rows.must_be_clean(&manifest, skip_invalid, context)?;
    Ok(rows)
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

/// Reads Altinn's two lists and makes the plan of what is in the ledger's hands.
pub(crate) async fn make_plan(
    session: &Session,
    job: &Job,
    agent: &Agent,
    kind: JobKind,
    rows: u64,
    context: &Context,
) -> Result<PlanCounts, Failure> {
    let engine = &session.engine;
    context.output.step(format!("reading the clients of agent {} and those that may be", agent.id));
    engine.read_list(ClientList::Delegated, agent.id).await?;
    engine.read_list(ClientList::Available, agent.id).await?;
    let counts = engine.clerk.call(move |ledger| ledger.make_plan(kind, rows)).await?;
    context.output.step(format!("{} at {}", job.name, job.pace.rate));
    Ok(counts)
}

/// A plan, ready to be shown.
pub(crate) struct Planned {
    job: Job,
    agent: Agent,
    counts: PlanCounts,
    view: PlanView,
    first_failures: Vec<PlannedClient>,
    first_gone: Vec<PlannedClient>,
}

/// So many clients of a kind are named in a plan for people.
const FIRST: usize = 10;

impl Planned {
    /// Reads the plan from the ledger: the first clients of note, or `all` for JSON.
    pub(crate) async fn read(
        session: &Session,
        job: &Job,
        agent: &Agent,
        counts: PlanCounts,
        all: bool,
    ) -> Result<Self, Failure> {
        let mut planned = Self {
            job: job.clone(),
            agent: agent.clone(),
            counts,
            view: PlanView::of(job, agent, &counts),
            first_failures: Vec::new(),
            first_gone: Vec::new(),
        };
        let read = move |ledger: &mut Ledger| -> Result<Self, LedgerError> {
            ledger.each_planned(|client| planned.take(client, all))?;
            Ok(planned)
        };
        Ok(session.engine.clerk.call(read).await?)
    }

    /// Says what to think of before saying yes.
    pub(crate) async fn warn(&mut self, session: &Session, context: &Context) {
        if let Some(warning) = session.token_warning(self.view.seconds).await {
            context.output.note(&warning);
            self.view.warnings.push(warning);
        }
    }

    fn take(&mut self, client: PlannedClient, all: bool) {
        if client.gone && self.first_gone.len() < FIRST {
            self.first_gone.push(client.clone());
        }
        if client.state == ClientState::Failed && self.first_failures.len() < FIRST {
            self.first_failures.push(client.clone());
        }
        match client.state {
            ClientState::Pending if all => self.view.operations.push(client),
            ClientState::Failed | ClientState::Rejected if all => self.view.failures.push(client),
            _ => {}
        }
    }

    /// For people.
    pub(crate) fn text(&self) -> PlanText<'_> {
        PlanText {
            job: &self.job,
            agent: &self.agent,
            counts: &self.counts,
            first_failures: &self.first_failures,
            first_gone: &self.first_gone,
        }
    }
}
