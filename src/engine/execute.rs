//! A run, executed to its end: one agent has its turn after the other, each with sending, read-back and further rounds.

use std::time::Duration;

use tokio::time::sleep;

use super::{
    Api, Engine, EngineError, FirstDelegation, Halted,
    agents::Taken,
    sending::{Conditions, Sent},
};
use crate::{
    ledger::{Changed, Ledger, Settled, Stopped},
    model::{AgentId, ClientList, Event, JobAgents, JobKind, Moment, Phase, RunId, RunStatus, Totals},
};

/// How often a client is sent at the most because a read-back does not say what Altinn answered. A client can
/// have one delegation per relation to the facilitator, and a DELETE removes one.
pub(super) const ROUNDS: u32 = 4;

/// Before another round: what has just been changed may take a moment to be listed.
const ROUND_PAUSE: Duration = Duration::from_secs(1);

/// A run that is in the ledger, with the locks of its agents.
#[derive(Debug)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Its counts when it was begun or taken up again.
    pub totals: Totals,
    pub(super) kind: JobKind,
    #[expect(dead_code, reason = "held, not read")]
    pub(super) locks: Vec<Taken>,
}

/// How a run ended, when nothing broke.
#[derive(Debug)]
pub enum RunEnd {
    /// Every client is in a final state.
    Completed,
    /// Somebody asked it to stop.
    Interrupted,
    /// It cannot go on.
    Halted(Box<Halted>),
}

impl<A: Api> Engine<A> {
    /// Executes a run that the ledger holds, to its end: sends every client that is pending, confirms by a read-back,
    /// sends again what is not as Altinn answered, a few times at the most; and notes how it ended. Agents that clients
    /// are to be delegated to come before those that they are taken from.
    ///
    /// # Errors
    ///
    /// Only the ledger's and the program's own; whatever Altinn does is a [`RunEnd`].
    pub async fn execute(&self, run: &Run) -> Result<RunEnd, EngineError> {
        let end = match self.turns(run).await {
            Ok(()) => RunEnd::Completed,
            Err(EngineError::Interrupted) => RunEnd::Interrupted,
            Err(EngineError::Halted(halted)) => RunEnd::Halted(halted),
            Err(error @ EngineError::Panicked(_)) => {
                self.end(&run.id, &RunEnd::Interrupted).await?;
                return Err(error);
            }
            Err(error @ EngineError::Ledger(_)) => return Err(error),
        };
        self.end(&run.id, &end).await?;
        Ok(end)
    }

    async fn end(&self, run: &RunId, end: &RunEnd) -> Result<(), EngineError> {
        let (status, stopped) = match end {
            RunEnd::Completed => (RunStatus::Completed, None),
            RunEnd::Interrupted => (RunStatus::Interrupted, None),
            RunEnd::Halted(halted) => (RunStatus::Stopped, Some(stopped(halted))),
        };
        let run = run.clone();
        Ok(self.writer.call(move |ledger| ledger.end_run(&run, status, stopped.as_ref())).await?)
    }

    async fn turns(&self, run: &Run) -> Result<(), EngineError> {
        let Run { id: run, totals, kind, .. } = run;
        self.tell(Event::Began(*totals));
        let mut conditions = Conditions::new(&self.pace);
        loop {
            let id = run.clone();
            let Some(agent) = self.writer.call(move |ledger| ledger.next_agent(&id)).await? else {
                return Ok(());
            };
            self.rounds(run, agent, *kind, &mut conditions).await?;
        }
    }

    async fn rounds(
        &self,
        run: &RunId,
        agent: AgentId,
        kind: JobKind,
        conditions: &mut Conditions,
    ) -> Result<(), EngineError> {
        if kind.row().agents == JobAgents::OldAndNew {
            self.check_moves(run, agent).await?;
        }
        let delegated = self.writer.call(move |ledger| ledger.list_len(ClientList::Delegated, agent)).await?;
        let mut agent_is_new = delegated == 0 && self.is_first_alone(run, agent).await?;
        for round in 0..ROUNDS {
            self.tell(Event::Phase(Phase::Sending));
            self.writer.work_on(run.clone(), agent).await?;
            while self.send_pending(agent, agent_is_new, kind, conditions).await? == Sent::ReadBackFirst {
                self.read_back_first(run, agent).await?;
                conditions.settled();
                self.writer.work_on(run.clone(), agent).await?;
            }
            agent_is_new = false;
            sleep(ROUND_PAUSE * round).await;
            let again = self.read_outdated_again(agent, conditions).await?;
            if again + self.read_back(run, agent).await? == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Whether the first delegation to an agent without clients has to go alone. Where the door lets one, the agent's own
    /// assignment is made beforehand, and it need not.
    async fn is_first_alone(&self, run: &RunId, agent: AgentId) -> Result<bool, EngineError> {
        let id = run.clone();
        let delegates = self.writer.call(move |ledger| ledger.delegates_to(&id, agent)).await?;
        if !delegates || !self.api.tells_packages() {
            return Ok(true);
        }
        Ok(self.verdict_of(|| self.api.prepare(agent)).await? == FirstDelegation::Alone)
    }

    /// Before clients are taken off an old agent: no client is that is not on the new one now.
    async fn check_moves(&self, run: &RunId, old_agent: AgentId) -> Result<(), EngineError> {
        let id = run.clone();
        let new_agents = self.writer.call(move |ledger| ledger.agents_moved_to(&id, old_agent)).await?;
        if new_agents.is_empty() {
            return Ok(());
        }
        self.tell(Event::Phase(Phase::ReadingBack));
        for agent in new_agents.into_iter().chain([old_agent]) {
            self.read_list_to_remove_by(agent).await?;
        }
        self.settle_and_tell(run, Moment::BeforeRemoval, Some(old_agent)).await?;
        Ok(())
    }

    /// In an outage: reads the list of `agent`, and settles what it shows before anything is sent again.
    async fn read_back_first(&self, run: &RunId, agent: AgentId) -> Result<(), EngineError> {
        self.tell(Event::Phase(Phase::ReadingBack));
        self.read_list_of_turn(run, agent).await?;
        self.settle_and_tell(run, Moment::Outage, Some(agent)).await?;
        self.tell(Event::Phase(Phase::Sending));
        Ok(())
    }

    /// Reads the list of an agent's delegated clients, by which clients of the run are settled.
    pub(super) async fn read_list_of_turn(&self, run: &RunId, agent: AgentId) -> Result<(), EngineError> {
        let id = run.clone();
        if self.writer.call(move |ledger| ledger.takes_from(&id, agent)).await? {
            return self.read_list_to_remove_by(agent).await;
        }
        self.read_list(ClientList::Delegated, agent).await?;
        Ok(())
    }

    /// Compares what Altinn answered, or did not, with what it lists. Answers how many clients are to be sent again.
    async fn read_back(&self, run: &RunId, agent: AgentId) -> Result<u64, EngineError> {
        let id = run.clone();
        if !self.writer.call(move |ledger| ledger.awaits_read_back(&id, agent)).await? {
            return Ok(0);
        }
        self.tell(Event::Phase(Phase::ReadingBack));
        self.read_list_of_turn(run, agent).await?;
        Ok(self.settle_and_tell(run, Moment::EndOfRound, Some(agent)).await?.pending)
    }

    /// Where Altinn refused clients because what they give has changed since the list was read: reads it again, and sends
    /// those again, once, whose packages it has otherwise now. Answers how many.
    async fn read_outdated_again(
        &self,
        agent: AgentId,
        conditions: &mut Conditions,
    ) -> Result<u64, EngineError> {
        let refused = conditions.take_outdated();
        if refused.is_empty() {
            return Ok(0);
        }
        self.tell(Event::Phase(Phase::ReadingBack));
        self.read_list(ClientList::Available, agent).await?;
        let moved =
            self.writer.call(move |ledger| ledger.send_again_where_list_differs(agent, &refused)).await?;
        let again = moved.len() as u64;
        self.tell_changed(moved);
        Ok(again)
    }

    async fn settle_and_tell(
        &self,
        run: &RunId,
        moment: Moment,
        agent: Option<AgentId>,
    ) -> Result<Settled, EngineError> {
        self.settle_in_parts(run, moment, agent, |changed| self.tell_changed(changed)).await
    }

    fn tell_changed(&self, changed: Vec<Changed>) {
        for changed in changed {
            self.tell(Event::from(changed));
        }
    }

    /// Settles clients of a run by the lists that have just been read.
    pub(super) async fn settle(
        &self,
        run: &RunId,
        moment: Moment,
        agent: Option<AgentId>,
    ) -> Result<Settled, EngineError> {
        self.settle_in_parts(run, moment, agent, drop).await
    }

    /// The same; `tell` is given what moved, part by part, when the ledger holds it. Answers the counts of all parts.
    async fn settle_in_parts(
        &self,
        run: &RunId,
        moment: Moment,
        agent: Option<AgentId>,
        tell: impl Fn(Vec<Changed>),
    ) -> Result<Settled, EngineError> {
        let mut all = Settled::default();
        let mut after = Some(0);
        while let Some(begin) = after {
            let run = run.clone();
            let settle = move |ledger: &mut Ledger| ledger.settle(&run, moment, agent, ROUNDS, begin);
            let part = self.writer.call(settle).await?;
            tell(part.changed);
            all.pending += part.pending;
            all.superseded += part.superseded;
            after = part.goes_on_after;
        }
        Ok(all)
    }
}

/// A wait that Altinn has asked for is not believed for longer than this over a restart.
pub(super) const LONGEST_HELD: Duration = Duration::from_hours(24);

pub(super) fn stopped(halted: &Halted) -> Stopped {
    Stopped {
        cause: halted.cause,
        message: halted.message(),
        trace_id: halted.answer.as_ref().and_then(|answer| answer.trace_id.clone()),
        not_before: halted.not_before,
    }
}
