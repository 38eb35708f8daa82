//! A plan, from where its clients come from to what would be sent; and the run that it becomes.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use super::{
    Api, Engine, EngineError, Halted, Run,
    agents::{PlanAgents, Taken},
    lists::AgentPart,
};
use crate::{
    clock,
    ledger::{
        Ledger, LedgerError, ListWritten, NamedAgent, NamedClient, NewRun, PlanCounts, PlanEntry,
        PlannedClient, Planning, Refused, RunRecord, WhichRun,
    },
    model::{Agent, AgentId, AgentRef, Guard, HaltCause, JobKind, OtherRow, RunId, RunStatus, Undo},
    state_dir::LockError,
    words::{Wording, say, text},
};

/// Reads a manifest from its beginning, row by row, into what it is given. Called when the locks are held, so that no row
/// is older than what another run has done.
pub type ReadRows = Box<
    dyn FnOnce(&mut dyn FnMut(&[PlanEntry]) -> Result<(), LedgerError>) -> Result<RowsRead, ManifestError>
        + Send,
>;

/// Why a manifest cannot be used; the reader's own error, for whoever gave the reader.
pub type ManifestError = Box<dyn std::error::Error + Send + Sync>;

/// What was read of a manifest, besides its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowsRead {
    /// How many rows it has, those that could not be read and those that repeat another included.
    pub rows: u64,
    /// Where it is.
    pub manifest: String,
    /// How it is written, as JSON, so that the failure report can be written alike.
    pub dialect: String,
    /// What identifies its content.
    pub fingerprint: String,
    /// When its file was last written, where that is known.
    pub written_at: Option<Timestamp>,
    /// The last row's line, where no line break ends it: the file may be cut off.
    pub open_end: Option<u64>,
}

/// Where the clients of a plan come from.
pub enum Source {
    /// From a manifest; it is read a second time where rows turn out to name further agents.
    Manifest(Box<dyn FnMut() -> ReadRows + Send + Sync>),
    /// Every client that is delegated now to the agent; of a migration, to the old one. The failure report is written in
    /// this dialect.
    AllDelegated(RowsRead),
    /// What failed in a run and may be tried again, each client with what was wanted for it.
    FailuresOf(RunId),
    /// The opposite of what a run changed, or may have changed.
    OppositesOf(RunId),
}

/// What is known of the job that a plan is made for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobFacts {
    /// The job's name.
    pub name: String,
    /// Where the job file is.
    pub file: String,
    /// What stands in it.
    pub text: String,
}

/// What a plan is to be made of.
pub struct PlanRequest {
    /// The kind of job.
    pub kind: JobKind,
    /// Where the clients come from.
    pub source: Source,
    /// The agent that is given the clients; of a migration, the new one.
    pub agent: AgentRef,
    /// The agent that a migration takes the clients from.
    pub from_agent: Option<AgentRef>,
    /// How much may be taken away; `None` where what is removed is asked for by name.
    pub guard: Option<Guard>,
    /// Of a fleet's unit: the system users that the firm's other rows name. The plan must have none of them.
    pub other_rows: Vec<OtherRow>,
    /// The job.
    pub job: JobFacts,
    /// Runs of the job that have not come to their end and whose place this one takes.
    pub supersedes: Vec<RunId>,
}

/// So many clients are named in a finding.
const MOST_NAMED: usize = 10;

/// A plan that can be shown, and that becomes a run when somebody says yes. It holds the locks of its agents.
#[derive(Debug)]
pub struct Plan {
    /// The kind of the run: an undo or a retry can have another than its job.
    pub kind: JobKind,
    /// Its agents.
    pub agents: PlanAgents,
    /// What it comes to.
    pub counts: PlanCounts,
    /// How long the fastest answer took while it was made, where Altinn was asked.
    pub latency: Option<Duration>,
    /// Lines of the manifest that say the same as an earlier one.
    pub repeated: Vec<u64>,
    /// The run whose failures it tries again.
    pub retry_of: Option<RunId>,
    /// The run that it reverses.
    pub undo_of: Option<RunRecord>,
    /// Of an undo: clients that later runs have changed too.
    pub changed_later: u64,
    /// The first clients that another run has delegated since the list was written, and that the list would have
    /// removed.
    pub delegated_since: Vec<NamedClient>,
    /// How many rows the job's list had the last time, where it now has far fewer.
    pub far_more_rows_before: Option<u64>,
    /// The line of the list's last row, where no line break ends it: the file may be cut off.
    pub open_end: Option<u64>,
    pub(super) new: NewRun,
    pub(super) locks: Vec<Taken>,
}

impl Plan {
    /// What identifies the content of the list that it was made of; empty where it was made of none.
    pub fn fingerprint(&self) -> &str {
        &self.new.fingerprint
    }
}

/// Why there is no plan, or nothing to go on with.
#[derive(Debug, Error)]
pub enum PlanError {
    /// The engine's own reasons.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The manifest cannot be used.
    #[error("{0}")]
    Manifest(ManifestError),
    /// Another run holds an agent, and was waited for so long.
    #[error("{}", text!("ledger-another-run-is-at-work-on-this-agent"))]
    Held {
        /// How long it was waited for, where it was.
        waited: Option<Duration>,
    },
    /// Somebody asked to stop while another run was waited for.
    #[error("{}", text!("engine-interrupted-while-waiting-for-the-other-run"))]
    InterruptedWaiting,
    /// A lock cannot be taken.
    #[error(transparent)]
    Lock(LockError),
    /// A migration from an agent to itself.
    #[error("{}", text!("engine-from-agent-and-to-agent-are-the-same-system"))]
    SameAgents,
    /// Another row of the fleet's list means the same system user, under another name.
    #[error("{}", say!("fleet-agent-stands-twice", line = .0.to_string()))]
    AgentOfAnotherRow(u64),
    /// A migration with a column of agents.
    #[error("{}", say!("engine-line-names-agent-and-a-migration-has-one", line = .0.line.to_string(), agent = format!("{:?}", .0.name)))]
    AgentColumn(NamedAgent),
    /// More would change than the guard allows.
    #[error("{}", say!("engine-guard-allows-on-agent-and-there-would-be", exceeds = .0.exceeds.as_str(), allowed = .0.allowed, agent = .0.agent, planned = .0.planned()))]
    Refused(Refused),
    /// The list is older than the guard allows.
    #[error("{}", say!("engine-the-list-is-older-than-guard-manifest-age", manifest = .manifest))]
    TooOld {
        /// The list.
        manifest: String,
        /// When it was written.
        written_at: Timestamp,
        /// How old it is.
        age: Duration,
        /// How old it may be.
        allowed: Duration,
    },
    /// The list's age is bounded, and its file says that it was written later than now.
    #[error("{}", say!("engine-the-list-is-from-the-future", manifest = .manifest))]
    FromTheFuture {
        /// The list.
        manifest: String,
        /// When it says that it was written.
        written_at: Timestamp,
    },
    /// Rows name agents that cannot be given clients.
    #[error("{}", text!("engine-the-manifest-names-agents-that-cannot-be"))]
    UnknownAgents(Vec<(NamedAgent, HaltCause)>),
    /// Two lines contradict each other.
    #[error("{}", say!("engine-lines-and-want-the-opposite-for-the-same", first = .0.to_string(), second = .1.to_string()))]
    Contradiction(u64, u64),
    /// The run whose failures are to be tried again has not come to its end.
    #[error("{}", say!("engine-run-has-not-come-to-its-end", run = .0))]
    Unfinished(RunId),
    /// There is nothing to do: the run has no such failures, or has changed nothing.
    #[error("{}", say!("engine-there-is-nothing-to-do-for-run", run = .0))]
    Nothing(RunId),
    /// The run cannot be undone: it gave what cannot be taken back one by one.
    #[error("{}", say!("engine-run-cannot-be-undone", run = .0))]
    CannotBeUndone(RunId),
    /// The run to be gone on with has come to its end.
    #[error("{}", say!("engine-run-is-there-is-nothing-to-go-on-with", run = .0, status = .1.in_words()))]
    HasEnded(RunId, RunStatus),
    /// The run to be gone on with has been undone.
    #[error("{}", say!("engine-run-has-been-undone-by-run", run = .run, undone_by = .undone_by))]
    Undone {
        /// The run.
        run: RunId,
        /// The run that undid it.
        undone_by: String,
    },
}

impl From<LedgerError> for PlanError {
    fn from(error: LedgerError) -> Self {
        Self::Engine(error.into())
    }
}

/// Whether a plan is made to be executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Locking {
    /// It is: nobody else changes its agents meanwhile.
    Take,
    /// It is only looked at.
    Leave,
}

/// What is to be planned, when the rows are in the ledger.
struct Gathered {
    kind: JobKind,
    /// `None` when every client that is delegated now is meant.
    rows: Option<u64>,
    read: RowsRead,
    locks: Vec<Taken>,
    changed_later: u64,
}

impl<A: Api> Engine<A> {
    /// Makes a plan from Altinn's lists of now: finds the agents, takes their locks, reads the clients, settles the runs
    /// whose place it takes, reads the lists, decides. Sends nothing.
    ///
    /// # Errors
    ///
    /// See [`PlanError`].
    pub async fn plan(&self, request: PlanRequest) -> Result<Plan, PlanError> {
        self.plan_under(Locking::Take, request).await
    }

    /// The same for looking only: takes no lock and settles no other run, so that it can be asked while a run is at work.
    ///
    /// # Errors
    ///
    /// See [`PlanError`].
    pub async fn preview(&self, request: PlanRequest) -> Result<Plan, PlanError> {
        self.plan_under(Locking::Leave, PlanRequest { supersedes: Vec::new(), ..request }).await
    }

    async fn plan_under(&self, locking: Locking, mut request: PlanRequest) -> Result<Plan, PlanError> {
        self.honour_not_before().await?;
        self.writer.call(Ledger::clear_plan).await?;
        let listed = self.agents().await?;
        let mut agents = PlanAgents::of_job(&listed, &request.agent, request.from_agent.as_ref())?;
        let gathered = match locking {
            Locking::Take => self.gather(&mut request, &mut agents, &listed).await?,
            Locking::Leave => {
                let gathered = self.read_source(&mut request, Vec::new()).await?;
                let named = self.writer.call(|ledger| ledger.agents_named()).await?;
                agents.find_named(&listed, named)?;
                agents.must_be_of_no_other_row(&listed, &request.other_rows)?;
                gathered
            }
        };
        let held: Vec<AgentId> = agents.ids().collect();
        for run in &request.supersedes {
            self.supersede(run, &held).await?;
        }
        self.finish_plan(request, agents, gathered).await
    }

    /// Takes the locks and reads the rows under them; once more where rows name agents that are not locked yet.
    async fn gather(
        &self,
        request: &mut PlanRequest,
        agents: &mut PlanAgents,
        listed: &[Agent],
    ) -> Result<Gathered, PlanError> {
        let mut to_lock: Vec<AgentId> = agents.ids().collect();
        if let Source::FailuresOf(run) | Source::OppositesOf(run) = &request.source {
            let run = run.clone();
            to_lock.extend(self.writer.call(move |ledger| ledger.agents_of_run(&run)).await?);
        }
        loop {
            // Before it is locked: the other row's run would be taken for a stranger's, and waited for.
            agents.must_be_of_no_other_row(listed, &request.other_rows)?;
            let locks = self.lock(to_lock.iter().copied()).await?;
            let mut gathered = self.read_source(request, locks).await?;
            let named = self.writer.call(|ledger| ledger.agents_named()).await?;
            agents.find_named(listed, named)?;
            if agents.ids().all(|agent| to_lock.contains(&agent)) {
                return Ok(gathered);
            }
            to_lock.extend(agents.ids());
            gathered.locks.clear();
            self.writer.call(Ledger::clear_plan).await?;
        }
    }

    async fn read_source(&self, request: &mut PlanRequest, locks: Vec<Taken>) -> Result<Gathered, PlanError> {
        let kind = request.kind;
        let gathered = |kind, rows, read, changed_later| Gathered { kind, rows, read, locks, changed_later };
        match &mut request.source {
            Source::Manifest(manifest) => {
                let read = manifest();
                let read = self
                    .writer
                    .call(move |ledger| Ok(read(&mut |entries| ledger.add_rows(kind, entries))))
                    .await?
                    .map_err(|error| match error.downcast::<LedgerError>() {
                        Ok(error) => PlanError::from(*error),
                        Err(error) => PlanError::Manifest(error),
                    })?;
                must_be_recent(&read, request.guard)?;
                Ok(gathered(kind, Some(read.rows), read, 0))
            }
            Source::AllDelegated(read) => Ok(gathered(kind, None, read.clone(), 0)),
            Source::FailuresOf(run) => {
                let record = self.record(run).await?;
                if record.status.can_be_resumed() {
                    return Err(PlanError::Unfinished(record.id));
                }
                let id = run.clone();
                let rows = self.writer.call(move |ledger| ledger.add_failures_of(&id)).await?;
                if rows == 0 {
                    return Err(PlanError::Nothing(record.id));
                }
                Ok(gathered(record.kind.row().retried_as, Some(rows), read_of(&record, rows), 0))
            }
            Source::OppositesOf(run) => {
                let record = self.record(run).await?;
                let Undo::Opposites(kind) = record.kind.row().undo else {
                    return Err(PlanError::CannotBeUndone(record.id));
                };
                let id = run.clone();
                let (rows, changed_later) = self
                    .writer
                    .call(move |ledger| {
                        Ok((ledger.add_opposites_of(&id)?, ledger.changed_by_later_runs(&id)?))
                    })
                    .await?;
                if rows == 0 {
                    return Err(PlanError::Nothing(record.id));
                }
                Ok(gathered(kind, Some(rows), read_of(&record, rows), changed_later))
            }
        }
    }

    async fn record(&self, run: &RunId) -> Result<RunRecord, LedgerError> {
        let which = WhichRun::exactly(run);
        self.writer.call(move |ledger| ledger.find_run(&which)).await
    }

    async fn finish_plan(
        &self,
        request: PlanRequest,
        agents: PlanAgents,
        gathered: Gathered,
    ) -> Result<Plan, PlanError> {
        let Gathered { kind, rows, read, locks, changed_later } = gathered;
        let unnamed_lists = self.read_lists_of(&agents).await?;
        let rows = if let Some(rows) = rows {
            rows
        } else {
            let agent = agents.old.as_ref().map_or(agents.own.id, |old| old.id);
            self.writer.call(move |ledger| ledger.add_delegated(kind, agent)).await?
        };
        let repeated = self.settle_names(&agents).await?;
        let written = read.written_at.map(|at| ListWritten { environment: self.environment.clone(), at });
        let planning = Planning { kind, rows, agents: agents.ids().collect(), guard: request.guard, written };
        let counts = self.writer.call(move |ledger| ledger.make_plan(&planning)).await?;
        let delegated_since = self.writer.call(|ledger| ledger.delegated_since(MOST_NAMED)).await?;
        let far_more_rows_before = self.far_more_rows_before(&request, rows).await?;
        let takes_away = counts.totals.removed > 0 || agents.old.is_some();
        if takes_away && unnamed_lists {
            return Err(Halted::without_answer(HaltCause::UnnamedList).into());
        }
        let (retry_of, undo_of) = match &request.source {
            Source::FailuresOf(run) => (Some(run.clone()), None),
            Source::OppositesOf(run) => (None, Some(self.record(run).await?)),
            Source::Manifest(_) | Source::AllDelegated(_) => (None, None),
        };
        let new = NewRun {
            job: request.job.name,
            kind,
            environment: self.environment.clone(),
            facilitator: self.facilitator,
            agent: agents.own.id,
            agent_title: agents.own.title.clone(),
            job_file: request.job.file,
            job_text: request.job.text,
            manifest: read.manifest,
            fingerprint: read.fingerprint,
            dialect: read.dialect,
            rows,
            retry_of: retry_of.clone(),
            undo_of: undo_of.as_ref().map(|run: &RunRecord| run.id.clone()),
            supersedes: request.supersedes,
            signed_in_as: Wording::NOTHING,
        };
        let latency = self.latency();
        Ok(Plan {
            kind,
            agents,
            counts,
            latency,
            repeated,
            retry_of,
            undo_of,
            changed_later,
            delegated_since,
            far_more_rows_before,
            open_end: read.open_end,
            new,
            locks,
        })
    }

    /// How many rows the job's list had the last time, where it now has far fewer: a part of it may be missing.
    async fn far_more_rows_before(
        &self,
        request: &PlanRequest,
        rows: u64,
    ) -> Result<Option<u64>, LedgerError> {
        if !matches!(request.source, Source::Manifest(_)) {
            return Ok(None);
        }
        let (job, environment, facilitator) =
            (request.job.name.clone(), self.environment.clone(), self.facilitator);
        let before =
            self.writer.call(move |ledger| ledger.rows_last_time(&job, &environment, facilitator)).await?;
        // A third less, and not of a handful.
        Ok(before.filter(|before| rows * 3 < before * 2 && before.saturating_sub(rows) >= 5))
    }

    /// Reads the lists that the plan needs. Answers whether one of them did not say whose it is.
    async fn read_lists_of(&self, agents: &PlanAgents) -> Result<bool, EngineError> {
        let only_left = self.writer.call(|ledger| ledger.agents_only_moved_from()).await?;
        let old = agents.old.as_ref().map(|old| old.id);
        let mut unnamed = false;
        for agent in agents.ids() {
            let is_left = old == Some(agent) || only_left.contains(&agent);
            let part = if is_left { AgentPart::Left } else { AgentPart::Given };
            unnamed |= !self.read_lists(agent, part).await?.names_agent;
        }
        Ok(unnamed)
    }

    /// Makes the names in the rows those agents. Answers the lines that then say the same as an earlier one.
    async fn settle_names(&self, agents: &PlanAgents) -> Result<Vec<u64>, PlanError> {
        let (named, own) = (agents.named.clone(), agents.own.id);
        let old = agents.old.as_ref().map(|old| old.id);
        let (repeated, contradiction) = self
            .writer
            .call(move |ledger| {
                let repeated = ledger.set_agents(&named, own, old)?;
                // Without names the reader has seen to it that no client is wanted in two ways.
                let contradiction = if named.is_empty() { None } else { ledger.contradiction()? };
                Ok((repeated, contradiction))
            })
            .await?;
        match contradiction {
            Some((one, other)) => Err(PlanError::Contradiction(one, other)),
            None => Ok(repeated),
        }
    }

    /// Shows the clients of the plan that was made last, in the manifest's order: `all`, or those that somebody has to look at.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub async fn each_planned<T: Send + 'static>(
        &self,
        all: bool,
        mut shown: T,
        mut show: impl FnMut(&mut T, PlannedClient) + Send + 'static,
    ) -> Result<T, EngineError> {
        let read = move |ledger: &mut Ledger| {
            ledger.each_planned(all, |client| show(&mut shown, client))?;
            Ok(shown)
        };
        Ok(self.writer.call(read).await?)
    }

    /// Makes a plan a run: from now on it is in the ledger and can be resumed. `signed_in_as` is who signed in, in words
    /// for people; empty when that is not known.
    ///
    /// # Errors
    ///
    /// The guard refuses it, or the ledger cannot be written.
    pub async fn begin(&self, plan: Plan, signed_in_as: Wording) -> Result<Run, PlanError> {
        if let Some(refused) = plan.counts.refused {
            return Err(PlanError::Refused(refused));
        }
        let new = NewRun { signed_in_as, ..plan.new };
        let begin = move |ledger: &mut Ledger| {
            let id = ledger.begin_run(&new)?;
            let totals = ledger.counted_totals(&id)?;
            Ok((id, totals))
        };
        let (id, totals) = self.writer.call(begin).await?;
        Ok(Run { id, totals, kind: plan.kind, locks: plan.locks })
    }
}

/// So far may the clock of the machine that writes a list be ahead of this one's.
const CLOCKS_APART: SignedDuration = SignedDuration::from_mins(10);

/// Refuses a list that is older than the guard allows, or whose age nobody can tell.
fn must_be_recent(read: &RowsRead, guard: Option<Guard>) -> Result<(), PlanError> {
    let (Some(allowed), Some(written_at)) = (guard.and_then(|guard| guard.manifest_age), read.written_at)
    else {
        return Ok(());
    };
    let age = clock::now().duration_since(written_at);
    if age < -CLOCKS_APART {
        return Err(PlanError::FromTheFuture { manifest: read.manifest.clone(), written_at });
    }
    let age = Duration::try_from(age).unwrap_or_default();
    if age <= allowed {
        return Ok(());
    }
    Err(PlanError::TooOld { manifest: read.manifest.clone(), written_at, age, allowed })
}

/// The manifest of a run, for another run of its clients.
fn read_of(record: &RunRecord, rows: u64) -> RowsRead {
    RowsRead {
        rows,
        manifest: record.manifest.clone(),
        dialect: record.dialect.clone(),
        fingerprint: String::new(),
        written_at: None,
        open_end: None,
    }
}
