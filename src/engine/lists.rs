//! Reads Altinn's lists into the ledger, page by page, each request at the job's pace and with its tries.

use std::{collections::HashSet, time::Duration};

use jiff::Timestamp;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};

use super::{Api, Engine, EngineError, Halted, ListInformation, NextPage, backoff};
use crate::{
    ledger::LedgerError,
    model::{
        Again, Agent, AgentId, AgentKind, AgentRef, Answer, AtLast, ClientList, Event, HaltCause,
        ListedClient, NoVerdict, Verdict, WaitReason,
    },
};

/// More pages than this are no list but a fault: at a hundred clients a page it would be a million.
const MOST_PAGES: usize = 10_000;

/// A list is asked for again after this long at the latest.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

impl<A: Api> Engine<A> {
    /// The facilitator's system users.
    ///
    /// # Errors
    ///
    /// Altinn refuses, or does not answer in the job's tries.
    pub async fn agents(&self) -> Result<Vec<Agent>, EngineError> {
        self.until_verdict(|| self.api.agents(self.facilitator)).await
    }

    /// The system user that the job names.
    ///
    /// # Errors
    ///
    /// It is not there, is ambiguous, deleted, or of the kind that can have no clients.
    pub async fn find_agent(&self, by: &AgentRef) -> Result<Agent, EngineError> {
        choose_agent(&self.agents().await?, by)
    }

    /// Reads a list into the ledger, in place of what was read before.
    ///
    /// # Errors
    ///
    /// Altinn refuses, does not answer in the job's tries, or the agent is another firm's.
    pub async fn read_list(&self, list: ClientList, agent: AgentId) -> Result<(), EngineError> {
        self.clerk.call(move |ledger| ledger.clear_list(list, agent)).await?;
        let mut seen = HashSet::new();
        let mut page: Option<NextPage> = None;
        loop {
            let information = self.until_verdict(|| self.read_page(list, agent, page.clone())).await??;
            if information.owner.is_some_and(|owner| owner != self.facilitator) {
                return Err(halted(HaltCause::UnknownAgent));
            }
            let Some(next) = information.next else {
                return Ok(());
            };
            if !seen.insert(next.clone()) || seen.len() > MOST_PAGES {
                return Err(halted(HaltCause::EndlessList));
            }
            page = Some(next);
        }
    }

    async fn read_page(
        &self,
        list: ClientList,
        agent: AgentId,
        page: Option<NextPage>,
    ) -> Result<Result<ListInformation, LedgerError>, Box<Answer>> {
        let (groups, mut arriving) = mpsc::channel::<Vec<ListedClient>>(4);
        let keep = async {
            while let Some(clients) = arriving.recv().await {
                self.clerk.call(move |ledger| ledger.add_to_list(list, agent, &clients)).await?;
            }
            Ok(())
        };
        let (information, kept) = tokio::join!(self.api.clients(list, agent, page, groups), keep);
        match kept {
            Ok(()) => information.map(Ok),
            // A list that could not be kept is no list, whatever Altinn answered.
            Err(error) => Ok(Err(error)),
        }
    }

    /// Asks until there is a verdict, at the job's pace, for as long as `give_up_after` allows.
    async fn until_verdict<T, F>(&self, mut ask: impl FnMut() -> F) -> Result<T, EngineError>
    where
        F: Future<Output = Result<T, Box<Answer>>>,
    {
        let begin = Instant::now();
        let mut tries = 0;
        loop {
            self.pause_if_held(begin + self.pace.give_up_after).await?;
            tokio::select! {
                biased;
                () = self.interrupt.requested() => return Err(EngineError::Interrupted),
                () = self.pacer.ready() => {}
            }
            let asked = tokio::select! {
                biased;
                () = self.interrupt.requested() => return Err(EngineError::Interrupted),
                asked = ask() => asked,
                // An answer that drips is no answer.
                () = sleep_until(begin + self.pace.give_up_after) => return Err(halted(HaltCause::ListUnavailable)),
            };
            let answer = match asked {
                Ok(value) => return Ok(value),
                Err(answer) => *answer,
            };
            let Again { not_before, why, at_last } = match answer.verdict {
                Verdict::Again(again) => again,
                Verdict::Halt(cause) => return Err(halted_by(cause, answer)),
                Verdict::Final | Verdict::Done => return Err(halted_by(HaltCause::Unexpected, answer)),
            };
            let may_pass = matches!(at_last, AtLast::FailClient | AtLast::Halt(HaltCause::ListUnavailable));
            if matches!(why, NoVerdict::Unclear | NoVerdict::Unreachable) {
                tries += 1;
            }
            // An outage is waited for as long as the job says; an answer that may mean that the job is wrong is asked for
            // a few times.
            let outage = why != NoVerdict::Unclear || may_pass;
            let (attempts, give_up) = (self.pace.attempts, begin + self.pace.give_up_after);
            if (!outage && tries >= attempts) || Instant::now() >= give_up {
                return Err(match at_last {
                    AtLast::Halt(cause) => halted_by(cause, answer),
                    AtLast::FailClient => halted_by(HaltCause::ListUnavailable, answer),
                });
            }
            match (not_before, why) {
                (Some(wait), _) => self.hold(wait, begin + self.pace.give_up_after, &answer)?,
                (None, NoVerdict::TokenRenewed) => {}
                (None, why) => {
                    let wait = backoff(tries.max(1))
                        .min(LONGEST_WAIT)
                        .min(give_up.saturating_duration_since(Instant::now()));
                    let why =
                        if why == NoVerdict::Unreachable { WaitReason::Outage } else { WaitReason::Unclear };
                    self.wait(wait, why).await?;
                }
            }
        }
    }

    /// Holds the whole run for as long as Altinn said; an error when that is later than `latest`.
    pub(super) fn hold(&self, wait: Duration, latest: Instant, answer: &Answer) -> Result<(), EngineError> {
        let until = Instant::now() + wait;
        let at = Timestamp::now() + wait;
        self.pacer.hold_until(until);
        if until > latest {
            return Err(told_to_wait(at, Some(answer.clone())));
        }
        self.tell(Event::Waiting { until: at, why: WaitReason::Told });
        Ok(())
    }

    /// Waits as long as Altinn has said; an error when that is later than `latest`.
    async fn pause_if_held(&self, latest: Instant) -> Result<(), EngineError> {
        let Some(until) = self.pacer.held_until() else { return Ok(()) };
        let at = Timestamp::now() + until.saturating_duration_since(Instant::now());
        if until > latest {
            return Err(told_to_wait(at, None));
        }
        self.tell(Event::Waiting { until: at, why: WaitReason::Told });
        tokio::select! {
            biased;
            () = self.interrupt.requested() => Err(EngineError::Interrupted),
            () = sleep_until(until) => {
                self.tell(Event::Going);
                Ok(())
            }
        }
    }

    async fn wait(&self, wait: Duration, why: WaitReason) -> Result<(), EngineError> {
        self.tell(Event::Waiting { until: Timestamp::now() + wait, why });
        tokio::select! {
            biased;
            () = self.interrupt.requested() => Err(EngineError::Interrupted),
            () = sleep(wait) => {
                self.tell(Event::Going);
                Ok(())
            }
        }
    }
}

/// The system user among these that is meant.
///
/// # Errors
///
/// It is not there, is ambiguous, deleted, or of the kind that can have no clients.
pub fn choose_agent(agents: &[Agent], by: &AgentRef) -> Result<Agent, EngineError> {
    let mut fits = agents.iter().filter(|agent| match by {
        AgentRef::Id(id) => agent.id == *id,
        AgentRef::ExternalRef(external_ref) => agent.external_ref.as_ref() == Some(external_ref),
        AgentRef::SystemId(system_id) => agent.system_id == *system_id && !agent.deleted,
    });
    match (fits.next(), fits.next()) {
        (Some(agent), None) if agent.deleted => Err(halted(HaltCause::DeletedAgent)),
        (Some(agent), None) if agent.kind == AgentKind::Standard => Err(halted(HaltCause::WrongKindOfAgent)),
        (Some(agent), None) => Ok(agent.clone()),
        (None, _) => Err(halted(HaltCause::UnknownAgent)),
        (Some(_), Some(_)) => Err(halted(HaltCause::AmbiguousAgent)),
    }
}

fn told_to_wait(until: Timestamp, answer: Option<Answer>) -> EngineError {
    let halted = Halted { cause: HaltCause::ToldToWait, answer, not_before: Some(until) };
    EngineError::Halted(Box::new(halted))
}

fn halted(cause: HaltCause) -> EngineError {
    EngineError::Halted(Box::new(Halted { cause, answer: None, not_before: None }))
}

fn halted_by(cause: HaltCause, answer: Answer) -> EngineError {
    EngineError::Halted(Box::new(Halted::by(cause, answer)))
}
