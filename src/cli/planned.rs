//! A plan, read from the ledger to be shown: what `plan`, `run`, `retry` and `undo` have in common.

use std::time::Duration;

use super::{Context, exit::Failure, job::JobFile, session::Session};
use crate::{
    engine::{Plan, PlanAgents},
    ledger::{PlanCounts, PlannedClient},
    model::{ClientState, Job, JobKind},
    report::{PlanText, PlanView, Purpose, Warning},
};

/// A plan that somebody has to say yes to.
pub(crate) struct Proposal<'job> {
    pub(crate) file: &'job JobFile,
    pub(crate) session: Session,
    pub(crate) plan: Plan,
    /// What to think of, besides what the plan says.
    pub(crate) warnings: Vec<Warning>,
}

/// A plan, ready to be shown.
pub(crate) struct Planned {
    job: Job,
    kind: JobKind,
    purpose: Purpose,
    agents: PlanAgents,
    counts: PlanCounts,
    latency: Option<Duration>,
    pub(crate) view: PlanView,
    first_failures: Vec<PlannedClient>,
    first_gone: Vec<PlannedClient>,
    first_removed: Vec<PlannedClient>,
}

/// So many clients of a kind are named in a plan for people.
const FIRST: usize = 10;

impl Planned {
    /// Reads the plan from the ledger: the first clients of note, or `all` for JSON.
    pub(crate) async fn read(session: &Session, job: &Job, plan: &Plan, all: bool) -> Result<Self, Failure> {
        let PlanAgents { own, old, others, .. } = &plan.agents;
        let purpose = match (&plan.retry_of, &plan.undo_of) {
            (_, Some(run)) => Purpose::Undo(run.id.clone()),
            (Some(run), None) => Purpose::Retry(run.clone()),
            (None, None) => Purpose::Job,
        };
        let planned = Self {
            job: job.clone(),
            kind: plan.kind,
            purpose,
            agents: plan.agents.clone(),
            counts: plan.counts,
            view: PlanView::of(job, plan.kind, own, old.as_ref(), others, &plan.counts, plan.latency),
            latency: plan.latency,
            first_failures: Vec::new(),
            first_gone: Vec::new(),
            first_removed: Vec::new(),
        };
        Ok(session.engine.each_planned(planned, move |planned, client| planned.take(client, all)).await?)
    }

    /// Says what to think of before saying yes.
    pub(crate) async fn warn(&mut self, session: &Session, context: &Context) {
        if let Some(warning) = session.token_warning(self.view.seconds).await {
            self.warning(warning, context);
        }
        let agents = std::iter::once(&self.agents.own).chain(&self.agents.others);
        for warning in agents.filter_map(Warning::mixed_packages).collect::<Vec<_>>() {
            self.warning(warning, context);
        }
    }

    /// Adds something to think of before saying yes.
    pub(crate) fn warning(&mut self, warning: Warning, context: &Context) {
        context.output.note(&warning.message);
        self.view.warnings.push(warning);
    }

    fn take(&mut self, client: PlannedClient, all: bool) {
        let keep = |first: &mut Vec<PlannedClient>, is_one: bool| {
            if is_one && first.len() < FIRST {
                first.push(client.clone());
            }
        };
        keep(&mut self.first_gone, client.gone && !client.unnamed);
        keep(&mut self.first_removed, client.is_removed());
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
            purpose: &self.purpose,
            agent: &self.agents.own,
            old_agent: self.agents.old.as_ref(),
            other_agents: &self.agents.others,
            counts: &self.counts,
            latency: self.latency,
            first_failures: &self.first_failures,
            first_gone: &self.first_gone,
            first_removed: &self.first_removed,
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
