//! A plan, from Altinn's lists to somebody's yes: what `plan`, `run`, `retry` and `undo` have in common.

use super::{
    Context,
    agents_of::PlanAgents,
    asking::ask,
    carry_out::{Ready, carry_out},
    exit::{Exit, Failure},
    job::JobFile,
    session::Session,
};
use crate::{
    ledger::{AgentLock, Ledger, LedgerError, NewRun, PlanCounts, PlannedClient, Planning},
    model::{ClientList, ClientState, Guard, Job, JobKind, RunId},
    report::{PlanText, PlanView},
};

/// Reads Altinn's lists and makes the plan of the wishes that are in the ledger's hands. Without a manifest the
/// wishes are the clients that are delegated now. Answers with how many rows there were.
pub(crate) async fn make_plan(
    session: &Session,
    job: &Job,
    agents: &PlanAgents,
    planning: Rows,
    context: &Context,
) -> Result<PlanCounts, Failure> {
    let engine = &session.engine;
    let old = agents.old.as_ref().map(|old| old.id);
    let only_moved_from = engine.clerk.call(|ledger| ledger.agents_only_moved_from()).await?;
    for agent in agents.ids() {
        context.output.step(format!("reading the clients of agent {agent} and those that may be"));
        engine.read_list(ClientList::Delegated, agent).await?;
        // Nobody is given to the old agent of a migration, which may have no package left.
        if old != Some(agent) && !only_moved_from.contains(&agent.to_string()) {
            engine.read_list(ClientList::Available, agent).await?;
        }
    }
    let rows = if let Some(rows) = planning.rows {
        rows
    } else {
        let agent = old.unwrap_or(agents.own.id);
        engine.clerk.call(move |ledger| ledger.add_delegated_to_plan(agent)).await?
    };
    agents.settle_names(session, context).await?;
    let planning =
        Planning { kind: planning.kind, rows, agents: agents.ids().collect(), guard: planning.guard };
    let counts = engine.clerk.call(move |ledger| ledger.make_plan(&planning)).await?;
    context.output.step(format!("{} at {}", job.name, job.pace.rate));
    Ok(counts)
}

/// What a plan is made of, besides the lists.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows {
    /// The kind of job.
    pub(crate) kind: JobKind,
    /// How many rows there are; `None` when every client that is delegated now is meant.
    pub(crate) rows: Option<u64>,
    /// How much may be taken away unnamed.
    pub(crate) guard: Option<Guard>,
}

/// A plan, ready to be shown.
pub(crate) struct Planned {
    job: Job,
    kind: JobKind,
    purpose: Option<String>,
    agents: PlanAgents,
    counts: PlanCounts,
    pub(crate) view: PlanView,
    first_failures: Vec<PlannedClient>,
    first_gone: Vec<PlannedClient>,
    first_unnamed: Vec<PlannedClient>,
}

/// So many clients of a kind are named in a plan for people.
const FIRST: usize = 10;

impl Planned {
    /// Reads the plan from the ledger: the first clients of note, or `all` for JSON.
    pub(crate) async fn read(
        session: &Session,
        job: &Job,
        kind: JobKind,
        agents: &PlanAgents,
        counts: PlanCounts,
        all: bool,
    ) -> Result<Self, Failure> {
        let mut planned = Self {
            job: job.clone(),
            kind,
            purpose: None,
            agents: agents.clone(),
            counts,
            view: PlanView::of(job, kind, &agents.own, agents.old.as_ref(), &agents.others, &counts),
            first_failures: Vec::new(),
            first_gone: Vec::new(),
            first_unnamed: Vec::new(),
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
            self.warning(warning, context);
        }
    }

    /// Adds something to think of before saying yes.
    pub(crate) fn warning(&mut self, warning: String, context: &Context) {
        context.output.note(&warning);
        self.view.warnings.push(warning);
    }

    fn take(&mut self, client: PlannedClient, all: bool) {
        let keep = |first: &mut Vec<PlannedClient>, is_one: bool| {
            if is_one && first.len() < FIRST {
                first.push(client.clone());
            }
        };
        keep(&mut self.first_gone, client.gone && !client.unnamed);
        keep(&mut self.first_unnamed, client.unnamed);
        keep(&mut self.first_failures, client.state == ClientState::Failed);
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
            kind: self.kind,
            purpose: self.purpose.as_deref(),
            agent: &self.agents.own,
            old_agent: self.agents.old.as_ref(),
            other_agents: &self.agents.others,
            counts: &self.counts,
            first_failures: &self.first_failures,
            first_gone: &self.first_gone,
            first_unnamed: &self.first_unnamed,
        }
    }

    /// The guard's no, where it says no.
    pub(crate) fn refusal(&self) -> Option<Failure> {
        self.view.refused.as_ref()?;
        Some(
            Failure::nothing_sent(self.text().refusal())
                .hint("is the manifest whole? A client that is to stay must be in it")
                .hint("if so many are really to go, raise [guard] removals in the job file for this once"),
        )
    }
}

/// A plan that somebody has to say yes to.
pub(crate) struct Proposal {
    pub(crate) file: JobFile,
    pub(crate) session: Session,
    pub(crate) agents: PlanAgents,
    pub(crate) locks: Vec<AgentLock>,
    pub(crate) counts: PlanCounts,
    pub(crate) new: NewRun,
    /// What to think of, besides what the plan says.
    pub(crate) warnings: Vec<String>,
}

impl Proposal {
    /// Shows the plan, asks unless `yes`, and carries it out.
    pub(crate) async fn carry_out(self, yes: bool, context: &Context) -> Result<Exit, Failure> {
        let Self { file, session, agents, locks, counts, new, warnings } = self;
        let new = NewRun { signed_in_as: session.signed_in_as(), ..new };
        let mut planned = Planned::read(&session, &file.job, new.kind, &agents, counts, false).await?;
        planned.purpose = match (&new.retry_of, &new.undo_of) {
            (_, Some(run)) => Some(format!("undo of run {run}")),
            (Some(run), None) => Some(format!("retry of run {run}")),
            (None, None) => None,
        };
        planned.warn(&session, context).await;
        for warning in warnings {
            planned.warning(warning, context);
        }
        if let Some(refusal) = planned.refusal() {
            context.output.say(format!("{}\n", planned.text()));
            return Err(refusal);
        }
        let interrupt = session.engine.interrupt.clone();
        let says_yes = if yes || counts.operations == 0 {
            context.output.say(format!("{}\n", planned.text()));
            true
        } else {
            // Nobody is asked about what he has not seen, -q or not.
            ask(&format!("{}\nGo on? (y/n)", planned.text()), context, &interrupt).await?
        };
        if interrupt.is_requested() {
            return Err(Failure::new(Exit::Interrupted, "interrupted; nothing was sent"));
        }
        if !says_yes {
            return Err(Failure::nothing_sent("nothing was sent"));
        }
        let run: RunId = session.engine.clerk.call(move |ledger| ledger.begin_run(&new)).await?;
        context.output.say(format!("run {run}\n"));
        carry_out(Ready { file, session, run, locks }, context).await
    }
}

/// What a run's record begins with, from its job.
pub(crate) fn new_run(file: &JobFile, kind: JobKind, agents: &PlanAgents) -> NewRun {
    NewRun {
        job: file.job.name.clone(),
        kind,
        environment: file.job.environment.name(),
        facilitator: file.job.facilitator,
        agent: agents.own.id,
        agent_title: agents.own.title.clone(),
        job_file: file.path.display().to_string(),
        job_text: file.text.clone(),
        manifest: String::new(),
        dialect: String::new(),
        rows: 0,
        retry_of: None,
        undo_of: None,
        signed_in_as: String::new(),
    }
}
