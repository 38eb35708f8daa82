//! Planning, pacing, sending, retrying, stopping. Emits events; knows neither HTTP nor SQL.
//!
//! [`Engine::carry_out`] is the way of one run: send every client, read back, and send again who is not
//! as Altinn answered. The way of one client is in `sending`.

mod api;
mod backoff;
mod circuit_breaker;
mod clock;
mod in_flight;
mod interrupt;
mod lists;
mod pacer;
mod rate_control;
mod sending;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use thiserror::Error;
use tokio::{sync::mpsc, time::sleep};

pub use api::{Api, ListInformation, NextPage};
pub use backoff::backoff;
pub use clock::Clock;
pub use interrupt::{Interrupt, Interrupter};
pub use lists::choose_agent;
pub use pacer::Pacer;
pub use rate_control::{Answered, Leave, RateControl};

use self::sending::{Conditions, Sent};
use crate::{
    ledger::{Clerk, Ledger, LedgerError},
    model::{AgentId, Answer, ClientList, Event, HaltCause, JobKind, OrganisationNumber, Pace, Phase, RunId},
};

/// How often a client is sent at the most because a read-back does not say what Altinn answered. A client can
/// have one delegation per relation to the facilitator, and a DELETE removes one.
const ROUNDS: u32 = 4;

/// Before another round: what has just been changed may take a moment to be listed.
const ROUND_PAUSE: Duration = Duration::from_secs(1);

/// Everything that carrying out a run needs.
pub struct Engine<A> {
    /// Altinn, or what stands in for it.
    pub api: Arc<A>,
    /// The ledger's writer.
    pub clerk: Clerk,
    /// Who says when the next request may go.
    pub pacer: Pacer,
    /// The job's pace.
    pub pace: Pace,
    /// The firm.
    pub facilitator: OrganisationNumber,
    /// Where events are told.
    pub events: mpsc::UnboundedSender<Event>,
    /// Ctrl-C.
    pub interrupt: Interrupt,
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

/// Why a run cannot go on.
#[derive(Debug, Clone, PartialEq)]
pub struct Halted {
    /// The cause.
    pub cause: HaltCause,
    /// The answer that decided it, where one did.
    pub answer: Option<Answer>,
    /// Until when Altinn asked to be left alone.
    pub not_before: Option<Timestamp>,
}

impl Halted {
    fn by(cause: HaltCause, answer: Answer) -> Self {
        Self { cause, answer: Some(answer), not_before: None }
    }

    /// What Altinn said; empty when it said nothing.
    pub fn message(&self) -> &str {
        self.answer.as_ref().map_or("", |answer| answer.message.as_str())
    }
}

/// Why the engine gave no answer.
#[derive(Debug, Error)]
pub enum EngineError {
    /// Altinn's word, or the lack of it.
    #[error("{}", .0.cause.explanation())]
    Halted(Box<Halted>),
    /// Somebody asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The ledger cannot be written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl<A: Api> Engine<A> {
    /// Carries out a run that the ledger holds: sends every client that is pending, confirms by a read-back,
    /// sends again who is not as Altinn answered, a few times at the most. One agent has its turn after the other;
    /// those that clients are to be delegated to come before those that they are taken from.
    ///
    /// # Errors
    ///
    /// Only the ledger's; whatever Altinn does is a [`RunEnd`].
    pub async fn carry_out(&self, run: &RunId) -> Result<RunEnd, LedgerError> {
        match self.turns(run).await {
            Ok(()) => Ok(RunEnd::Completed),
            Err(EngineError::Interrupted) => Ok(RunEnd::Interrupted),
            Err(EngineError::Halted(halted)) => Ok(RunEnd::Halted(halted)),
            Err(EngineError::Ledger(error)) => Err(error),
        }
    }

    async fn turns(&self, run: &RunId) -> Result<(), EngineError> {
        let id = run.clone();
        let (totals, kind) = self
            .clerk
            .call(move |ledger| Ok((ledger.totals(&id)?, ledger.find_run(Some(id.as_str()))?.kind)))
            .await?;
        self.tell(Event::Began(totals));
        let mut conditions = Conditions::new(&self.pace);
        loop {
            let id = run.clone();
            let Some(agent) = self.clerk.call(move |ledger| ledger.next_agent(&id)).await? else {
                return Ok(());
            };
            self.rounds(run, agent, kind, &mut conditions).await?;
        }
    }

    async fn rounds(
        &self,
        run: &RunId,
        agent: AgentId,
        kind: JobKind,
        conditions: &mut Conditions,
    ) -> Result<(), EngineError> {
        self.check_moves(run, agent).await?;
        let delegated = self.clerk.call(move |ledger| ledger.list_len(ClientList::Delegated, agent)).await?;
        let mut agent_is_new = delegated == 0;
        for round in 0..ROUNDS {
            self.tell(Event::Phase(Phase::Sending));
            self.clerk.work_on(run.clone(), agent).await?;
            while self.send_pending(agent, agent_is_new, kind, conditions).await? == Sent::ReadBackFirst {
                self.read_back_first(run, agent, conditions).await?;
                self.clerk.work_on(run.clone(), agent).await?;
            }
            agent_is_new = false;
            sleep(ROUND_PAUSE * round).await;
            if self.read_back(run, agent).await? == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Before clients are taken off an old agent: nobody is who is not on the new one now.
    async fn check_moves(&self, run: &RunId, old_agent: AgentId) -> Result<(), EngineError> {
        let id = run.clone();
        let new_agents = self.clerk.call(move |ledger| ledger.agents_moved_to(&id, old_agent)).await?;
        if new_agents.is_empty() {
            return Ok(());
        }
        self.tell(Event::Phase(Phase::ReadingBack));
        for agent in new_agents.into_iter().chain([old_agent]) {
            self.read_list(ClientList::Delegated, agent).await?;
        }
        let id = run.clone();
        let settle = move |ledger: &mut Ledger| ledger.settle_before_removal(&id, old_agent, ROUNDS);
        for (from, to) in self.clerk.call(settle).await?.moves {
            self.tell(Event::Changed { from, to });
        }
        Ok(())
    }

    /// Compares what Altinn answered with what it lists. Answers how many clients are to be sent again.
    async fn read_back(&self, run: &RunId, agent: AgentId) -> Result<u64, EngineError> {
        let totals = {
            let run = run.clone();
            self.clerk.call(move |ledger| ledger.totals(&run)).await?
        };
        if totals.answered == 0 {
            return Ok(0);
        }
        self.tell(Event::Phase(Phase::ReadingBack));
        self.read_list(ClientList::Delegated, agent).await?;
        let run = run.clone();
        let settled = self.clerk.call(move |ledger| ledger.settle_answered(&run, agent, ROUNDS)).await?;
        for (from, to) in settled.moves {
            self.tell(Event::Changed { from, to });
        }
        Ok(settled.pending)
    }

    /// Before a resume sends anything: reads Altinn's lists of delegated clients, and settles every client
    /// of the run that was under way or unconfirmed.
    ///
    /// # Errors
    ///
    /// A list cannot be read, or the ledger cannot be written.
    pub async fn settle_unfinished(&self, run: &RunId) -> Result<(), EngineError> {
        let id = run.clone();
        for agent in self.clerk.call(move |ledger| ledger.agents_unfinished(&id)).await? {
            self.read_list(ClientList::Delegated, agent).await?;
        }
        let run = run.clone();
        self.clerk.call(move |ledger| ledger.settle_unfinished(&run)).await?;
        Ok(())
    }

    fn tell(&self, event: Event) {
        // Nobody listening is no reason to stop.
        let _ = self.events.send(event);
    }
}
