//! The way of every client of a run: claimed in the ledger, sent at the pace, judged, recorded, perhaps sent again.
//!
//! One task decides. Requests run beside it and bring it their answers (`answers`); what it does in an outage is in
//! `outage`.

mod answers;
mod outage;
mod waiting;

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::oneshot,
    task::JoinSet,
    time::{Instant, sleep_until},
};

use self::waiting::Waiting;
use super::{
    Api, Engine, EngineError,
    circuit_breaker::{CircuitBreaker, Probe},
    in_flight::InFlight,
    rate_control::Leave,
    share::UnderWay,
};
use crate::{
    ledger::{Claimed, LedgerError, Outcome},
    model::{Agent, AgentId, Answer, AtLast, ClientChange, ClientEvent, Event, JobKind, Pace, WaitReason},
};

/// Where a lease can be over while nothing else happens, it is looked at so often.
const LOOK_AT_LEASE: Duration = Duration::from_millis(500);

/// A stretch of the pace is claimed at once: at 80/s sixteen clients, at 5/s one.
const CLAIM_AHEAD: Duration = Duration::from_millis(200);

/// What has been learned of Altinn's troubles. Lasts from one agent's turn to the next.
pub(super) struct Conditions {
    in_flight: InFlight,
    breaker: CircuitBreaker,
    /// Refused by what the client gives today, where the list that was read says otherwise.
    outdated: Vec<Claimed>,
    /// The clients for which the list has been read again, each once.
    read_again_for: HashSet<i64>,
}

impl Conditions {
    /// Nothing is known yet.
    pub(super) fn new(pace: &Pace) -> Self {
        let now = Instant::now();
        Self {
            in_flight: InFlight::new(pace.in_flight, now),
            breaker: CircuitBreaker::default(),
            outdated: Vec::new(),
            read_again_for: HashSet::new(),
        }
    }
}

impl Conditions {
    /// What an outage left open has been settled by a list.
    pub(super) fn settled(&mut self) {
        self.breaker.settled();
    }

    /// Keeps a refusal that a list of now may turn: once for each client.
    fn note_outdated(&mut self, claimed: &Claimed) {
        if self.read_again_for.insert(claimed.row) {
            self.outdated.push(claimed.clone());
        }
    }

    /// The refusals that a list of now may turn.
    pub(super) fn take_outdated(&mut self) -> Vec<Claimed> {
        std::mem::take(&mut self.outdated)
    }
}

/// How far sending came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// Every client has a verdict, or no attempts left.
    All,
    /// Requests have been answered by nobody, or unclearly, and lists are answered: what the list shows is to be settled
    /// before anything is sent again.
    ReadBackFirst,
}

impl<A: Api> Engine<A> {
    /// Sends every pending client of the run that the writer works on, until each has a verdict or no attempts left.
    ///
    /// When the agent has no client yet, the first request goes alone: it creates the agent's own assignment, and
    /// requests beside it would lose the race for that.
    pub(super) async fn send_pending(
        &self,
        agent: AgentId,
        agent_is_new: bool,
        kind: JobKind,
        conditions: &mut Conditions,
    ) -> Result<Sent, EngineError> {
        let mut sending = Sending {
            engine: self,
            conditions,
            agent,
            kind,
            ready: VecDeque::new(),
            waiting: Waiting::default(),
            undecided: Vec::new(),
            under_way: JoinSet::new(),
            asking_for_a_list: JoinSet::new(),
            probe: None,
            claiming: None,
            nothing_fresh: false,
            first_alone: agent_is_new,
            last_without: None,
            told_to_wait: false,
            ending: None,
        };
        sending.run().await
    }
}

struct Sending<'engine, A> {
    engine: &'engine Engine<A>,
    conditions: &'engine mut Conditions,
    agent: AgentId,
    kind: JobKind,
    /// Claimed, and may be sent.
    ready: VecDeque<Claimed>,
    /// Without a verdict, to be claimed again when their time comes.
    waiting: Waiting,
    /// Without a verdict on their last attempt: failed when the next client gets one, sent again after an outage.
    undecided: Vec<(Claimed, Answer, AtLast)>,
    /// Sent and not answered; an error where another host has taken over meanwhile.
    under_way: JoinSet<Result<Answered, LedgerError>>,
    /// Whether Altinn answers lists.
    asking_for_a_list: JoinSet<Result<Vec<Agent>, Box<Answer>>>,
    /// The client that is sent to see whether an outage is over.
    probe: Option<i64>,
    /// A claim that the ledger is writing.
    claiming: Option<Claiming>,
    /// Every client of the run has been claimed once.
    nothing_fresh: bool,
    first_alone: bool,
    /// The last answer without a verdict.
    last_without: Option<(Answer, AtLast)>,
    told_to_wait: bool,
    /// Why nothing more is sent.
    ending: Option<Result<Sent, EngineError>>,
}

/// A request that was answered.
struct Answered {
    claimed: Claimed,
    sent: UnderWay,
    answer: Answer,
}

struct Claiming {
    reply: oneshot::Receiver<Vec<Claimed>>,
    asked: usize,
}

impl<A: Api> Sending<'_, A> {
    async fn run(&mut self) -> Result<Sent, EngineError> {
        while !self.is_over() {
            // What is under way goes with this, and nothing is written: another host sees to both.
            self.engine.must_be_ours()?;
            self.claim_more().await?;
            let may_send_at = self.send_what_may();
            // What has just been sent may have emptied the queue: the next clients are claimed while the pace is waited
            // for, not when an answer comes.
            self.claim_more().await?;
            // Claiming may have found that sending is over.
            if self.is_over() {
                break;
            }
            if self.only_undecided_are_left() {
                self.decide_the_last().await?;
                continue;
            }
            let wake_at = self.wake_at(may_send_at);
            tokio::select! {
                biased;
                () = self.engine.interrupt.requested(), if self.ending.is_none() => {
                    self.end(Err(EngineError::Interrupted)).await?;
                }
                Some(joined) = self.under_way.join_next() => self.take_answers(joined).await?,
                Some(joined) = self.asking_for_a_list.join_next(), if self.ending.is_none() => {
                    let list = joined.map_err(|error| EngineError::Panicked(error.to_string()))?;
                    self.list_answered(list).await?;
                }
                claims = claimed(&mut self.claiming), if self.claiming.is_some() => self.take_claims(claims).await?,
                () = sleep_until(wake_at.unwrap_or_else(Instant::now)), if wake_at.is_some() => self.woken().await?,
            }
        }
        // Answers may have come after the end began.
        let interrupted = matches!(self.ending, Some(Err(EngineError::Interrupted)));
        self.set_back_undecided(interrupted).await?;
        self.ending.take().unwrap_or(Ok(Sent::All))
    }

    fn is_over(&self) -> bool {
        self.is_idle()
            && (self.ending.is_some()
                || (self.nothing_fresh && self.waiting.is_empty() && self.undecided.is_empty()))
    }

    fn is_idle(&self) -> bool {
        self.under_way.is_empty() && self.claiming.is_none() && self.ready.is_empty()
    }

    /// Whether it is time to claim more clients, if there are any.
    fn wants_more(&self) -> bool {
        let few = match self.conditions.breaker.probe(Instant::now()) {
            Some(Probe::Client) => self.ready.is_empty(),
            Some(_) => false,
            None => self.ready.len() * 2 < self.group(),
        };
        few && self.ending.is_none()
            && self.claiming.is_none()
            && self.engine.pacer.held_until().is_none()
            && !(self.first_alone && !self.under_way.is_empty())
    }

    /// Asks the ledger for the next clients, before the last ones are sent.
    async fn claim_more(&mut self) -> Result<(), LedgerError> {
        if !self.wants_more() {
            return Ok(());
        }
        let group = self.group();
        let again = if self.conditions.breaker.is_open() {
            if self.nothing_fresh && self.conditions.breaker.has_open_questions() {
                return self.end(Ok(Sent::ReadBackFirst)).await;
            }
            let first = if self.nothing_fresh { self.waiting.take_first() } else { None };
            first.into_iter().collect()
        } else {
            self.waiting.take_due(Instant::now(), group)
        };
        let fresh = if self.nothing_fresh { 0 } else { group - again.len() };
        let asked = again.len() + fresh;
        if asked > 0 {
            let reply = self.engine.writer.claim(fresh, again).await?;
            self.claiming = Some(Claiming { reply, asked });
        }
        Ok(())
    }

    /// How many clients are claimed at once.
    fn group(&self) -> usize {
        if self.first_alone || self.conditions.breaker.is_open() {
            return 1;
        }
        let rate = self.engine.pacer.rate(Instant::now());
        if rate.is_infinite() {
            return (self.engine.pace.in_flight * 8).clamp(1, 1024);
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 1024")]
        let group = (rate * CLAIM_AHEAD.as_secs_f64()).clamp(1.0, 1024.0) as usize;
        group
    }

    async fn take_claims(&mut self, claims: Option<Vec<Claimed>>) -> Result<(), LedgerError> {
        let asked = self.claiming.take().map_or(0, |claiming| claiming.asked);
        let Some(claims) = claims else { return Err(self.engine.writer.ended_on().await) };
        self.nothing_fresh |= claims.len() < asked;
        self.ready.extend(claims);
        if self.ending.is_some() { self.set_back_ready().await } else { Ok(()) }
    }

    /// Whether there is somebody to send, and nothing but the pace stops it.
    fn has_somebody_to_send(&self) -> bool {
        self.ending.is_none() && !self.ready.is_empty() && !(self.first_alone && !self.under_way.is_empty())
    }

    /// Sends what may be sent now. Answers when the next may go, where it is known.
    fn send_what_may(&mut self) -> Option<Instant> {
        if self.ending.is_some() {
            return None;
        }
        loop {
            let now = Instant::now();
            match self.conditions.breaker.probe(now) {
                Some(Probe::At(at)) => return Some(at),
                Some(Probe::UnderWay) => return None,
                Some(Probe::List) => return self.ask_for_a_list(),
                Some(Probe::Client) | None => {}
            }
            if !self.has_somebody_to_send() {
                return None;
            }
            if self.under_way.len() >= self.conditions.in_flight.allowed() {
                return None;
            }
            match self.engine.pacer.leave() {
                Leave::Now => {}
                Leave::At(at) => return Some(at),
                Leave::AfterAnAnswer => return None,
            }
            let claimed = self.ready.pop_front()?;
            self.send(claimed, now);
        }
    }

    fn send(&mut self, claimed: Claimed, now: Instant) {
        let sent = self.engine.pacer.sent(now);
        if self.conditions.breaker.is_open() {
            self.conditions.breaker.probing();
            self.probe = Some(claimed.row);
        } else if self.told_to_wait {
            self.told_to_wait = false;
            self.engine.tell(Event::Going);
        }
        let (api, fence) = (Arc::clone(&self.engine.api), self.engine.fence.clone());
        let change = ClientChange {
            operation: claimed.operation,
            agent: self.agent,
            client: claimed.client,
            packages: claimed.packages.clone(),
        };
        self.under_way.spawn(async move {
            let answer = fence.while_ours(api.send(&change)).await?;
            Ok(Answered { claimed, sent, answer })
        });
    }

    /// When something is to be done that no answer brings.
    fn wake_at(&self, may_send_at: Option<Instant>) -> Option<Instant> {
        if self.ending.is_some() {
            return None;
        }
        let give_up = self.conditions.breaker.give_up_at(self.engine.pace.give_up_after);
        let held = self.engine.pacer.held_until();
        let due = self.waiting.next_due().filter(|_| self.wants_more());
        let looked = self.engine.fence.is_there().then(|| Instant::now() + LOOK_AT_LEASE);
        [give_up, may_send_at, held, due, looked].into_iter().flatten().min()
    }

    async fn woken(&mut self) -> Result<(), EngineError> {
        let give_up = self.conditions.breaker.give_up_at(self.engine.pace.give_up_after);
        if give_up.is_some_and(|at| at <= Instant::now()) {
            let halted = self.given_up();
            self.end(Err(halted)).await?;
        }
        Ok(())
    }

    async fn record(
        &self,
        claimed: Claimed,
        event: ClientEvent,
        answer: Answer,
        counts: bool,
    ) -> Result<(), LedgerError> {
        self.engine
            .writer
            .record(Outcome { claimed, event, answer: answer.sent.then_some(answer), counts })
            .await
    }

    /// Holds the whole run for as long as Altinn said, or ends it when that is too long.
    async fn hold(&mut self, wait: Duration, answer: &Answer) -> Result<(), LedgerError> {
        let latest = self.conditions.breaker.give_up_at(self.engine.pace.give_up_after);
        let latest = latest.unwrap_or_else(|| Instant::now() + self.engine.pace.give_up_after);
        self.told_to_wait = true;
        match self.engine.hold(wait, latest, answer) {
            Ok(()) => Ok(()),
            Err(halted) => self.end(Err(halted)).await,
        }
    }

    fn tell_waiting(&mut self, until: Instant, why: WaitReason) {
        self.told_to_wait = true;
        let until = crate::clock::now() + until.saturating_duration_since(Instant::now());
        self.engine.tell(Event::Waiting { until, why });
    }

    /// Nothing more is sent; what is under way is waited for.
    async fn end(&mut self, how: Result<Sent, EngineError>) -> Result<(), LedgerError> {
        let interrupted = matches!(how, Err(EngineError::Interrupted));
        if self.ending.is_none() {
            self.ending = Some(how);
        }
        self.set_back_undecided(interrupted).await?;
        self.set_back_ready().await
    }

    /// What was claimed and not sent is pending again.
    async fn set_back_ready(&mut self) -> Result<(), LedgerError> {
        for claimed in std::mem::take(&mut self.ready) {
            let outcome = Outcome { claimed, event: ClientEvent::SetBack, answer: None, counts: false };
            self.engine.writer.record(outcome).await?;
        }
        Ok(())
    }
}

/// The reply to a claim; `None` when the ledger's writer has ended.
async fn claimed(claiming: &mut Option<Claiming>) -> Option<Vec<Claimed>> {
    match claiming {
        Some(claiming) => (&mut claiming.reply).await.ok(),
        None => std::future::pending().await,
    }
}
