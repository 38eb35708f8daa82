//! The agents of a plan: the job's own, those that the manifest's rows name, and of a migration the old one.

use std::collections::BTreeMap;

use super::{
    Context,
    exit::{Exit, Failure},
    job::JobFile,
    session::Session,
    unattended::lock_agent,
};
use crate::{
    engine::{EngineError, choose_agent},
    ledger::{AgentLock, NamedAgent},
    model::{Agent, AgentId, AgentRef},
    report::count,
};

/// The agents of a plan.
#[derive(Debug, Clone)]
pub(crate) struct PlanAgents {
    /// The job's own; of a migration, the new one.
    pub(crate) own: Agent,
    /// The one that a migration takes the clients from.
    pub(crate) old: Option<Agent>,
    /// What rows call their agents.
    named: BTreeMap<String, AgentId>,
    /// Those that rows name besides.
    pub(crate) others: Vec<Agent>,
}

impl PlanAgents {
    /// Finds them all among the facilitator's system users. The wishes are in the ledger's hands already.
    pub(crate) async fn find(file: &JobFile, session: &Session) -> Result<Self, Failure> {
        let listed = session.engine.agents().await?;
        let own = choose_agent(&listed, &file.job.agent)?;
        let old = match &file.job.from_agent {
            Some(by) => Some(choose_agent(&listed, by)?),
            None => None,
        };
        if old.as_ref().is_some_and(|old| old.id == own.id) {
            return Err(Failure::nothing_sent("from_agent and to_agent are the same system user"));
        }
        let migrates = old.is_some();
        let mut agents = Self { own, old, named: BTreeMap::new(), others: Vec::new() };
        let mut problems = Vec::new();
        for named in session.engine.clerk.call(|ledger| ledger.agents_named()).await? {
            if migrates {
                return Err(Failure::nothing_sent(format!(
                    "line {} names agent {:?}, and a migration has one agent for everybody: to_agent",
                    named.line, named.name
                ))
                .hint("take the agent column out, or make a migrate job for each new agent"));
            }
            match choose_agent(&listed, &reference(&named.name)) {
                Ok(agent) => agents.add(named.name, agent),
                Err(error) => problems.push((named, error)),
            }
        }
        refuse_unknown(problems)?;
        Ok(agents)
    }

    fn add(&mut self, name: String, agent: Agent) {
        self.named.insert(name, agent.id);
        if self.ids().all(|id| id != agent.id) {
            self.others.push(agent);
        }
    }

    /// Every agent, the job's own first.
    pub(crate) fn ids(&self) -> impl Iterator<Item = AgentId> {
        let all = std::iter::once(&self.own).chain(&self.old).chain(&self.others);
        all.map(|agent| agent.id)
    }

    /// Makes the names in the wishes those agents, and says which rows then say the same.
    pub(crate) async fn settle_names(&self, session: &Session, context: &Context) -> Result<(), Failure> {
        let (named, own) = (self.named.clone(), self.own.id);
        let old = self.old.as_ref().map(|old| old.id);
        let clerk = &session.engine.clerk;
        let repeated = clerk.call(move |ledger| ledger.set_agents(&named, own, old)).await?;
        for line in repeated.iter().take(10) {
            context.output.note(format!("line {line} names a client and its agent again; it is one client"));
        }
        if let Some((one, other)) = clerk.call(|ledger| ledger.contradiction()).await? {
            return Err(Failure::nothing_sent(format!(
                "lines {one} and {other} want the opposite for the same client on the same agent"
            ))
            .hint("leave one of the two"));
        }
        Ok(())
    }

    /// Takes the locks of all agents, always in the same order, for as long as this process works on them.
    pub(crate) async fn lock(
        &self,
        environment: &str,
        session: &Session,
        context: &Context,
    ) -> Result<Vec<AgentLock>, Failure> {
        lock_all(environment, self.ids().collect(), Some(session), context).await
    }
}

/// Takes the locks of these agents in one order for everybody, so that no two processes wait for each other.
pub(crate) async fn lock_all(
    environment: &str,
    mut agents: Vec<AgentId>,
    session: Option<&Session>,
    context: &Context,
) -> Result<Vec<AgentLock>, Failure> {
    agents.sort_unstable_by_key(|agent| agent.0);
    let mut locks = Vec::new();
    for agent in agents {
        let interrupt = session.map(|session| &session.engine.interrupt);
        locks.push(lock_agent(environment, agent, interrupt, context).await?);
    }
    Ok(locks)
}

/// What a cell means: a UUID, or an external reference.
fn reference(name: &str) -> AgentRef {
    name.parse().map_or_else(|_| AgentRef::ExternalRef(name.to_owned()), AgentRef::Id)
}

fn refuse_unknown(problems: Vec<(NamedAgent, EngineError)>) -> Result<(), Failure> {
    if problems.is_empty() {
        return Ok(());
    }
    let mut failure = Failure::new(
        Exit::NothingSent,
        "the manifest names agents that cannot be given clients, so nothing is sent",
    );
    for (NamedAgent { name, line, rows }, error) in problems {
        let rows = if rows == 1 { String::new() } else { format!(" ({} rows name it)", count(rows)) };
        failure = failure.detail(format!("line {line}: agent {name:?}: {error}{rows}"));
    }
    Err(failure.hint(
        "an agent is a UUID or an external reference; `fullmakt agents JOB` lists the facilitator's system users",
    ))
}
