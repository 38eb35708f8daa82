//! A run compared with Altinn's lists of now.

use super::{Api, Engine, EngineError, lists::AgentPart};
use crate::{
    ledger::{Comparison, RunRecord},
    model::HaltCause,
};

impl<A: Api> Engine<A> {
    /// Reads the lists of every agent of a run and compares them with what the run left there, agent by agent.
    ///
    /// # Errors
    ///
    /// A list cannot be read. An agent that clients were only taken from, and that is gone, has none: that is as the run
    /// left it.
    pub async fn verify(&self, run: &RunRecord) -> Result<Vec<Comparison>, EngineError> {
        self.honour_not_before().await?;
        let id = run.id.clone();
        let (agents, only_left) = self
            .writer
            .call(move |ledger| Ok((ledger.agents_of_run(&id)?, ledger.agents_only_left(&id)?)))
            .await?;
        if self.api.tells_packages() {
            // What each was approved for: the lists are compared package by package.
            self.agents().await?;
        }
        let names_all = run.kind.row().removes_unnamed;
        let mut comparisons = Vec::new();
        for agent in agents {
            let part = if only_left.contains(&agent) { AgentPart::Left } else { AgentPart::Given };
            match self.read_lists(agent, part).await {
                Err(EngineError::Halted(halted))
                    if part == AgentPart::Left && halted.cause == HaltCause::UnknownAgent => {}
                read => drop(read?),
            }
            let id = run.id.clone();
            let compare =
                move |ledger: &mut crate::ledger::Ledger| ledger.compare_with_lists(&id, agent, names_all);
            comparisons.push(self.writer.call(compare).await?);
        }
        Ok(comparisons)
    }
}
