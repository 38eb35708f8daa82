//! Reads Altinn's lists into the ledger, page by page, each request at the job's pace and with its tries.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    sync::atomic::Ordering::Relaxed,
    time::Duration,
};

use jiff::Timestamp;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};

use super::{Api, Engine, EngineError, Halted, ListInformation, NextPage, backoff, silence::Asking};
use crate::{
    clock,
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

/// What part an agent has in a job: which of its lists are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AgentPart {
    /// Clients are delegated to it, or removed from it because a row says so.
    Given,
    /// Clients are only moved away from it: it may have no package left, or be gone.
    Left,
}

impl AgentPart {
    /// The lists that planning and verifying need.
    fn lists(self) -> &'static [ClientList] {
        match self {
            Self::Given => &[ClientList::Delegated, ClientList::Available],
            Self::Left => &[ClientList::Delegated],
        }
    }
}

/// What a list said of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ListRead {
    /// It said whose clients it has.
    pub(super) names_agent: bool,
}

/// A shorter wait is told to nobody.
pub(super) const WORTH_TELLING: Duration = Duration::from_secs(5);

impl<A: Api> Engine<A> {
    /// The facilitator's system users.
    ///
    /// # Errors
    ///
    /// Altinn refuses, or does not answer in time.
    pub async fn agents(&self) -> Result<Vec<Agent>, EngineError> {
        let agents = self.verdict_of(|| self.api.agents(self.facilitator)).await?;
        let listed = agents.clone();
        self.writer.call(move |ledger| ledger.know_agents(&listed)).await?;
        Ok(agents)
    }

    /// The clients of one of an agent's lists, by organisation number; private persons last.
    ///
    /// # Errors
    ///
    /// The agent is not there, or the list cannot be read.
    pub async fn clients(
        &self,
        list: ClientList,
        by: &AgentRef,
    ) -> Result<(Agent, Vec<ListedClient>), EngineError> {
        let agent = choose_agent(&self.agents().await?, by)?;
        let id = agent.id;
        self.read_list(list, id).await?;
        let listed = self.writer.call(move |ledger| ledger.listed(list, id)).await?;
        Ok((agent, listed))
    }

    /// Reads the lists that an agent's part in a job needs. Answers what its list of delegated clients said of itself.
    pub(super) async fn read_lists(&self, agent: AgentId, part: AgentPart) -> Result<ListRead, EngineError> {
        let mut delegated = ListRead { names_agent: false };
        for list in part.lists() {
            let read = self.read_list(*list, agent).await?;
            if *list == ClientList::Delegated {
                delegated = read;
            }
        }
        Ok(delegated)
    }

    /// Reads the list of an agent's delegated clients, by which clients are removed or moved: it must say whose it is.
    pub(super) async fn read_list_to_remove_by(&self, agent: AgentId) -> Result<(), EngineError> {
        let read = self.read_list(ClientList::Delegated, agent).await?;
        if read.names_agent { Ok(()) } else { Err(Halted::without_answer(HaltCause::UnnamedList)) }
    }

    /// Reads a list into the ledger, in place of what was read before. One that had clients and now has none is read
    /// once more before that is believed.
    ///
    /// # Errors
    ///
    /// Altinn refuses, does not answer in time, or the agent is another firm's.
    pub(super) async fn read_list(&self, list: ClientList, agent: AgentId) -> Result<ListRead, EngineError> {
        self.tell(Event::Reading { list, agent });
        // The whole list, however many pages it has, and once more where it is asked for twice.
        let mut deadline = Instant::now() + self.pace.give_up_after;
        let read = self.read_pages(list, agent, &mut deadline).await?;
        let environment = self.environment.clone();
        let (before, now) = self
            .writer
            .call(move |ledger| {
                Ok((ledger.remember_list(&environment, list, agent)?, ledger.list_len(list, agent)?))
            })
            .await?;
        if now > 0 || before.is_none_or(|before| before == 0) {
            return Ok(read);
        }
        let read = self.read_pages(list, agent, &mut deadline).await?;
        let environment = self.environment.clone();
        self.writer.call(move |ledger| ledger.remember_list(&environment, list, agent)).await?;
        Ok(read)
    }

    async fn read_pages(
        &self,
        list: ClientList,
        agent: AgentId,
        deadline: &mut Instant,
    ) -> Result<ListRead, EngineError> {
        self.writer.call(move |ledger| ledger.clear_list(list, agent)).await?;
        let mut read = ListRead { names_agent: true };
        let mut pages = Pages::default();
        let mut page: Option<NextPage> = None;
        loop {
            let information =
                self.until_verdict(deadline, || self.read_page(list, agent, page.clone())).await??;
            if information.owner.is_some_and(|owner| owner != self.facilitator) {
                return Err(Halted::without_answer(HaltCause::UnknownAgent));
            }
            read.names_agent &= information.agent == Some(agent);
            let Some(next) = information.next else {
                return Ok(read);
            };
            page = Some(pages.follow(next)?);
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
                self.writer.call(move |ledger| ledger.add_to_list(list, agent, &clients)).await?;
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
}

impl<A: Send + Sync + 'static> Engine<A> {
    /// Asks one question until there is a verdict, for as long as `give_up_after` allows.
    pub(super) async fn verdict_of<T, F>(&self, ask: impl FnMut() -> F) -> Result<T, EngineError>
    where
        F: Future<Output = Result<T, Box<Answer>>>,
    {
        let mut deadline = Instant::now() + self.pace.give_up_after;
        self.until_verdict(&mut deadline, ask).await
    }

    /// Asks until there is a verdict, at the job's pace, and until `deadline` at the latest. What is waited for the pace
    /// puts that off: it is not Altinn's time.
    async fn until_verdict<T, F>(
        &self,
        deadline: &mut Instant,
        mut ask: impl FnMut() -> F,
    ) -> Result<T, EngineError>
    where
        F: Future<Output = Result<T, Box<Answer>>>,
    {
        let mut tries = 0;
        let mut last = None;
        loop {
            self.pause_if_held(*deadline).await?;
            let before_pace = Instant::now();
            // While Altinn answers nobody, the wait is its time.
            let in_vain = self.pacer.asks_for_all(Asking::List);
            let ready = tokio::select! {
                biased;
                () = self.interrupt.requested() => return Err(EngineError::Interrupted),
                ready = self.pacer.ready_unless_held() => ready,
                () = sleep_until(*deadline), if in_vain => return Err(in_the_end(last)),
            };
            if !in_vain {
                *deadline += before_pace.elapsed();
            }
            if !ready {
                continue;
            }
            self.must_be_ours()?;
            let asked_at = Instant::now();
            let asked = tokio::select! {
                biased;
                () = self.interrupt.requested() => return Err(EngineError::Interrupted),
                asked = ask() => asked,
                // An answer that drips is no answer; what was said before it is.
                () = sleep_until(*deadline) => return Err(in_the_end(last)),
            };
            let answer = match asked {
                Ok(value) => {
                    self.note_latency(asked_at.elapsed());
                    self.heard.store(true, Relaxed);
                    self.heard_of(Asking::List, Verdict::Done);
                    return Ok(value);
                }
                Err(answer) => *answer,
            };
            self.heard_of(Asking::List, answer.verdict);
            let this_side = answer.this_side();
            if this_side.is_none() && answer.status.is_some() {
                self.heard.store(true, Relaxed);
            }
            let Again { not_before, why, at_last } = match answer.verdict {
                Verdict::Again(again) => again,
                Verdict::Halt(cause) => return Err(halted_by(cause, answer)),
                Verdict::Final | Verdict::Done => return Err(halted_by(HaltCause::Unexpected, answer)),
            };
            if let Some(cause) = this_side
                && !cause.may_pass()
                && !self.heard.load(Relaxed)
            {
                // Nothing has come from Altinn yet: waiting will not take a filter's page away.
                return Err(halted_by(cause, answer));
            }
            let may_pass = matches!(at_last, AtLast::FailClient | AtLast::Halt(HaltCause::ListUnavailable));
            if matches!(why, NoVerdict::Unclear | NoVerdict::Unreachable) {
                tries += 1;
            }
            // A run waits through an outage for as long as the job says; an answer that may mean that the job is wrong is
            // asked for a few times, and so is everything while somebody may be looking at the screen.
            let outage =
                why == NoVerdict::Throttled || (self.persistent && (why != NoVerdict::Unclear || may_pass));
            let (attempts, give_up) = (self.pace.attempts, *deadline);
            if (!outage && tries >= attempts) || Instant::now() >= give_up {
                let cause = match at_last {
                    AtLast::Halt(cause) => cause,
                    AtLast::FailClient => HaltCause::ListUnavailable,
                };
                return Err(halted_by(this_side.unwrap_or(cause), answer));
            }
            last = Some(halted_by(this_side.unwrap_or(HaltCause::ListUnavailable), answer.clone()));
            match (not_before, why) {
                (Some(wait), _) => self.hold(wait, give_up, &answer)?,
                (None, NoVerdict::TokenRenewed) => {}
                (None, why) => {
                    let wait = backoff(tries.max(1))
                        .min(LONGEST_WAIT)
                        .min(give_up.saturating_duration_since(Instant::now()));
                    let why = match (this_side, why) {
                        (Some(cause), _) => WaitReason::ThisSide(cause),
                        (None, NoVerdict::Unreachable) => WaitReason::Outage,
                        (None, _) => WaitReason::Unclear,
                    };
                    self.wait(wait, why).await?;
                }
            }
        }
    }

    /// Holds the whole run for as long as Altinn said; an error when that is later than `latest`.
    pub(super) fn hold(&self, wait: Duration, latest: Instant, answer: &Answer) -> Result<(), EngineError> {
        let until = Instant::now() + wait;
        let at = clock::now() + wait;
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
        let at = clock::now() + until.saturating_duration_since(Instant::now());
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
        // One answer that is lost is no outage, and is asked for again before anybody has read of it.
        let is_told = wait >= WORTH_TELLING;
        if is_told {
            self.tell(Event::Waiting { until: clock::now() + wait, why });
        }
        tokio::select! {
            biased;
            () = self.interrupt.requested() => Err(EngineError::Interrupted),
            () = sleep(wait) => {
                if is_told {
                    self.tell(Event::Going);
                }
                Ok(())
            }
        }
    }
}

/// The pages of a list that have been asked for.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// A page's address can be long: what is kept of it is its hash.
    seen: HashSet<u64>,
    hasher: RandomState,
}

impl Pages {
    /// The next page.
    ///
    /// # Errors
    ///
    /// It was asked for already, or there are too many: the list never ends.
    pub(super) fn follow(&mut self, next: NextPage) -> Result<NextPage, EngineError> {
        if self.seen.insert(self.hasher.hash_one(&next)) && self.seen.len() <= MOST_PAGES {
            Ok(next)
        } else {
            Err(Halted::without_answer(HaltCause::EndlessList))
        }
    }
}

/// What a list that was asked for in vain comes to: what was said last, if anything was.
fn in_the_end(last: Option<EngineError>) -> EngineError {
    last.unwrap_or_else(|| Halted::without_answer(HaltCause::ListUnavailable))
}

/// The system user among these that is meant.
///
/// # Errors
///
/// It is not there, is ambiguous, deleted, or of the kind that can have no clients.
pub(super) fn choose_agent(agents: &[Agent], by: &AgentRef) -> Result<Agent, EngineError> {
    let by_reference = |reference: &str| -> Vec<&Agent> {
        agents.iter().filter(|agent| agent.external_ref.as_deref() == Some(reference)).collect()
    };
    let fits: Vec<&Agent> = match by {
        AgentRef::ExternalRef(reference) => by_reference(reference),
        AgentRef::SystemId(system) => agents.iter().filter(|agent| agent.system_id == *system).collect(),
        // A reference that a vendor has given can look like an id, and an id comes first.
        AgentRef::Id(id) => match agents.iter().find(|agent| agent.id == *id) {
            Some(agent) => vec![agent],
            None => agents.iter().filter(|agent| is_reference(agent, *id)).collect(),
        },
        // A title is anybody's to give, and a reference comes first.
        AgentRef::Named(name) => match by_reference(name) {
            fits if fits.is_empty() => agents.iter().filter(|agent| is_titled(agent, name)).collect(),
            fits => fits,
        },
    };
    // One that was asked for again has the reference of the one that was deleted.
    let live: Vec<&Agent> = fits.iter().copied().filter(|agent| !agent.deleted).collect();
    let mut fits = if live.is_empty() { fits } else { live }.into_iter();
    match (fits.next(), fits.next()) {
        (Some(agent), _) if agent.deleted => Err(Halted::without_answer(HaltCause::DeletedAgent)),
        (Some(agent), None) if agent.kind == AgentKind::Standard => {
            Err(Halted::without_answer(HaltCause::WrongKindOfAgent))
        }
        (Some(agent), None) => Ok(agent.clone()),
        (None, _) => Err(Halted::without_answer(HaltCause::UnknownAgent)),
        (Some(_), Some(_)) => Err(Halted::without_answer(HaltCause::AmbiguousAgent)),
    }
}

fn is_reference(agent: &Agent, id: AgentId) -> bool {
    agent.external_ref.as_ref().is_some_and(|reference| reference.trim().parse() == Ok(id))
}

fn is_titled(agent: &Agent, name: &str) -> bool {
    agent.title.trim().to_lowercase() == name.trim().to_lowercase()
}

fn told_to_wait(until: Timestamp, answer: Option<Answer>) -> EngineError {
    let halted = Halted { cause: HaltCause::ToldToWait, answer, not_before: Some(until) };
    EngineError::Halted(Box::new(halted))
}

fn halted_by(cause: HaltCause, answer: Answer) -> EngineError {
    EngineError::Halted(Box::new(Halted::by(cause, answer)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(id: u128, deleted: bool) -> Agent {
        Agent {
            id: AgentId(uuid::Uuid::from_u128(id)),
            title: "Payroll".to_owned(),
            system_id: "315000009_payroll".to_owned(),
            external_ref: Some("payroll-2026".to_owned()),
            supplier: String::new(),
            kind: AgentKind::Agent,
            deleted,
            packages: Vec::new(),
            created: String::new(),
        }
    }

    #[test]
    fn the_system_user_that_was_asked_for_again_is_meant_and_not_the_deleted_one() {
        let named = |by: &str| AgentRef::named(by);
        let refs = [
            AgentRef::ExternalRef("payroll-2026".to_owned()),
            AgentRef::SystemId("315000009_payroll".to_owned()),
            named("payroll-2026"),
            named("Payroll"),
        ];
        for by in refs {
            let chosen = |agents: &[Agent]| choose_agent(agents, &by);
            let again = chosen(&[agent(1, true), agent(2, false)]).unwrap();
            assert_eq!(again.id, AgentId(uuid::Uuid::from_u128(2)), "{by:?}");
            assert!(chosen(&[agent(2, false), agent(3, false), agent(1, true)]).is_err(), "{by:?}");
            for gone in [&[agent(1, true)][..], &[agent(1, true), agent(2, true)]] {
                let error = chosen(gone).unwrap_err();
                assert!(
                    matches!(&error, EngineError::Halted(halted) if halted.cause == HaltCause::DeletedAgent),
                    "{by:?}: {error:?}"
                );
            }
        }
    }
}
