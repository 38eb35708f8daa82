//! The agents of a plan: the job's own, those that rows name, and of a migration the old one; and their locks.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{Api, Engine, EngineError, PlanError, lists::choose_agent};
#[cfg(feature = "postgres")]
use crate::ledger::{Lease, LedgerError};
use crate::{
    ledger::NamedAgent,
    model::{Agent, AgentId, AgentRef, Event, OtherRow},
    state_dir::{AgentLock, LockError, LockHolder},
};

/// A lock that another process holds is asked for this often.
const ASK_EVERY: Duration = Duration::from_millis(200);

/// The agents of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanAgents {
    /// The job's own; of a migration, the new one.
    pub own: Agent,
    /// The one that a migration takes the clients from.
    pub old: Option<Agent>,
    /// What rows call their agents.
    pub(super) named: BTreeMap<String, AgentId>,
    /// Those that rows name besides.
    pub others: Vec<Agent>,
}

impl PlanAgents {
    /// The job's agents among the facilitator's system users.
    ///
    /// # Errors
    ///
    /// One is not there, ambiguous, deleted or of the wrong kind; or both of a migration are the same.
    pub fn of_job(
        listed: &[Agent],
        agent: &AgentRef,
        from_agent: Option<&AgentRef>,
    ) -> Result<Self, PlanError> {
        let own = choose_agent(listed, agent)?;
        let old = from_agent.map(|by| choose_agent(listed, by)).transpose()?;
        if old.as_ref().is_some_and(|old| old.id == own.id) {
            return Err(PlanError::SameAgents);
        }
        Ok(Self { own, old, named: BTreeMap::new(), others: Vec::new() })
    }

    /// Whether another row of the fleet's list means one of these, however it names it: two jobs on one system user undo each
    /// other's work.
    pub(super) fn must_be_of_no_other_row(
        &self,
        listed: &[Agent],
        rows: &[OtherRow],
    ) -> Result<(), PlanError> {
        for row in rows {
            // What cannot be found is that row's own trouble.
            let is_here =
                choose_agent(listed, &row.agent).is_ok_and(|agent| self.ids().any(|id| id == agent.id));
            if is_here {
                return Err(PlanError::AgentOfAnotherRow(row.line));
            }
        }
        Ok(())
    }

    /// Finds the agents that rows name.
    pub(super) fn find_named(&mut self, listed: &[Agent], named: Vec<NamedAgent>) -> Result<(), PlanError> {
        let mut unknown = Vec::new();
        for named in named {
            if self.old.is_some() {
                return Err(PlanError::AgentColumn(named));
            }
            match choose_agent(listed, &AgentRef::named(&named.name)) {
                Ok(agent) => self.add(named.name, agent),
                Err(EngineError::Halted(halted)) => unknown.push((named, halted.cause)),
                Err(error) => return Err(error.into()),
            }
        }
        if unknown.is_empty() { Ok(()) } else { Err(PlanError::UnknownAgents(unknown)) }
    }

    fn add(&mut self, name: String, agent: Agent) {
        self.named.insert(name, agent.id);
        if self.ids().all(|id| id != agent.id) {
            self.others.push(agent);
        }
    }

    /// Every agent, the job's own first.
    pub fn ids(&self) -> impl Iterator<Item = AgentId> {
        let all = std::iter::once(&self.own).chain(&self.old).chain(&self.others);
        all.map(|agent| agent.id)
    }
}

/// An agent that this run has, until it is dropped.
#[derive(Debug)]
#[expect(dead_code, reason = "held, not read")]
pub(super) enum Taken {
    /// On this host.
    Lock(AgentLock),
    /// In a ledger of several hosts.
    #[cfg(feature = "postgres")]
    Lease(Lease),
}

/// Asks a server without keeping anybody else on this thread waiting.
#[cfg(feature = "postgres")]
async fn on_blocking<T: Send + 'static>(
    ask: impl FnOnce() -> Result<T, LedgerError> + Send + 'static,
) -> Result<T, EngineError> {
    match tokio::task::spawn_blocking(ask).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(LedgerError::Panicked.into()),
    }
}

impl<A: Api> Engine<A> {
    /// Takes the locks of these agents, in one order for everybody, so that no two processes wait for each other; waits
    /// for another run's end as long as the settings say.
    pub(super) async fn lock(
        &self,
        agents: impl IntoIterator<Item = AgentId>,
    ) -> Result<Vec<Taken>, PlanError> {
        let agents: BTreeSet<AgentId> = agents.into_iter().collect();
        let mut locks = Vec::new();
        for agent in agents {
            locks.push(self.lock_one(agent).await?);
        }
        Ok(locks)
    }

    /// Takes an agent, if nobody has it: by a lock of the operating system's where the ledger is in the state folder, or else
    /// by a lease in the ledger.
    async fn try_take(&self, agent: AgentId) -> Result<Option<Taken>, PlanError> {
        #[cfg(feature = "postgres")]
        if let Some(leases) = self.leases.clone() {
            let (environment, fence) = (self.environment.clone(), self.fence.clone());
            let taken = on_blocking(move || leases.take(&environment, &agent.to_string(), &fence)).await?;
            return Ok(taken.map(Taken::Lease));
        }
        match self.state.lock_agent(&self.environment, agent) {
            Ok(lock) => Ok(Some(Taken::Lock(lock))),
            Err(LockError::Held) => Ok(None),
            Err(error) => Err(PlanError::Lock(error)),
        }
    }

    async fn holder(&self, agent: AgentId) -> Result<Option<LockHolder>, PlanError> {
        #[cfg(feature = "postgres")]
        if let Some(leases) = self.leases.clone() {
            let environment = self.environment.clone();
            let holder = on_blocking(move || leases.holder(&environment, &agent.to_string())).await?;
            return Ok(holder.map(|holder| LockHolder { process: holder.process, since: holder.since }));
        }
        // Nothing that waits where this does not.
        std::future::ready(Ok(self.state.lock_holder(&self.environment, agent))).await
    }

    async fn lock_one(&self, agent: AgentId) -> Result<Taken, PlanError> {
        let begin = Instant::now();
        let mut said = false;
        loop {
            if let Some(taken) = self.try_take(agent).await? {
                return Ok(taken);
            }
            let patience = self.patience.unwrap_or_default();
            let left = patience.saturating_sub(begin.elapsed());
            if left.is_zero() {
                return Err(PlanError::Held { waited: self.patience });
            }
            if !std::mem::replace(&mut said, true) {
                let holder = self.holder(agent).await?;
                let holder = holder.map(|holder| (holder.process, holder.since));
                self.tell(Event::Held { holder, patience });
            }
            tokio::select! {
                biased;
                () = self.interrupt.requested() => return Err(PlanError::InterruptedWaiting),
                () = sleep(ASK_EVERY.min(left)) => {}
            }
        }
    }
}
