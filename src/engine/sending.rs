//! The way of every client of a run: claimed in the ledger, sent at the pace, judged, recorded, perhaps sent again.
//!
//! One task decides. Requests run beside it and bring it their answers.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use tokio::{
    sync::oneshot,
    task::JoinSet,
    time::{Instant, sleep_until},
};

use super::{Api, Engine, EngineError, Halted, backoff, trouble::Trouble};
use crate::{
    ledger::{Claimed, LedgerError, Outcome},
    model::{
        Again, AgentId, Answer, AtLast, ClientEvent, Event, HaltCause, JobKind, NoVerdict, Rate, Verdict,
        WaitReason,
    },
};

/// A stretch of the pace is claimed at once: at 80/s sixteen clients, at 5/s one.
const CLAIM_AHEAD: Duration = Duration::from_millis(200);

/// A delegation whose reason was replaced in the register can no longer be renewed; never done unasked, because the
/// client has no access in between.
const STUCK: &str = "if it stays so, the relationship behind this delegation may have been replaced: remove the client \
                     and delegate it again (a remove job, then a delegate job), at a time when nobody needs the access";

impl<A: Api> Engine<A> {
    /// Sends every pending client of the run that the clerk works on, until each has a verdict or no tries left.
    ///
    /// When the agent has no client yet, the first request goes alone: it creates the agent's own assignment, and
    /// requests beside it would lose the race for that.
    pub(super) async fn send_pending(
        &self,
        agent: AgentId,
        agent_is_new: bool,
        kind: JobKind,
    ) -> Result<(), EngineError> {
        let mut sending = Sending {
            engine: self,
            agent,
            kind,
            ready: VecDeque::new(),
            waiting: Waiting::default(),
            under_way: JoinSet::new(),
            claiming: None,
            nothing_fresh: false,
            first_alone: agent_is_new,
            trouble: Trouble::default(),
            told_to_wait: false,
            ending: None,
        };
        sending.run().await
    }
}

struct Sending<'engine, A> {
    engine: &'engine Engine<A>,
    agent: AgentId,
    kind: JobKind,
    /// Claimed, and may be sent.
    ready: VecDeque<Claimed>,
    /// Without a verdict, to be claimed again when their time comes.
    waiting: Waiting,
    /// Sent and not answered.
    under_way: JoinSet<Answered>,
    /// A claim that the ledger is writing.
    claiming: Option<Claiming>,
    /// Every client of the run has been claimed once.
    nothing_fresh: bool,
    first_alone: bool,
    trouble: Trouble,
    told_to_wait: bool,
    /// Why nothing more is sent.
    ending: Option<EngineError>,
}

/// A request that was answered.
struct Answered {
    claimed: Claimed,
    sent: Instant,
    answer: Answer,
}

struct Claiming {
    reply: oneshot::Receiver<Vec<Claimed>>,
    asked: usize,
}

/// Clients by the time at which they may be sent again.
#[derive(Default)]
struct Waiting {
    due: BinaryHeap<Reverse<(Instant, i64)>>,
    claims: HashMap<i64, Claimed>,
}

impl Waiting {
    fn push(&mut self, due: Instant, claimed: Claimed) {
        self.due.push(Reverse((due, claimed.row)));
        self.claims.insert(claimed.row, claimed);
    }

    fn next_due(&self) -> Option<Instant> {
        self.due.peek().map(|Reverse((due, _))| *due)
    }

    fn take_due(&mut self, now: Instant, most: usize) -> Vec<Claimed> {
        let mut taken = Vec::new();
        while taken.len() < most && self.next_due().is_some_and(|due| due <= now) {
            let Some(Reverse((_, row))) = self.due.pop() else {
                break;
            };
            taken.extend(self.claims.remove(&row));
        }
        taken
    }
}

impl<A: Api> Sending<'_, A> {
    async fn run(&mut self) -> Result<(), EngineError> {
        while !self.is_over() {
            self.claim_more().await?;
            let may_send_at = self.send_what_may();
            // What has just been sent may have emptied the queue: the next clients are claimed while the pace is waited
            // for, not when an answer comes.
            self.claim_more().await?;
            let wake_at = self.wake_at(may_send_at);
            tokio::select! {
                biased;
                () = self.engine.interrupt.requested(), if self.ending.is_none() => {
                    self.end(EngineError::Interrupted).await?;
                }
                Some(joined) = self.under_way.join_next() => self.take_answers(joined).await?,
                claims = claimed(&mut self.claiming), if self.claiming.is_some() => self.take_claims(claims).await?,
                () = sleep_until(wake_at.unwrap_or_else(Instant::now)), if wake_at.is_some() => self.woken().await?,
            }
        }
        self.ending.take().map_or(Ok(()), Err)
    }

    fn is_over(&self) -> bool {
        let idle = self.under_way.is_empty() && self.claiming.is_none() && self.ready.is_empty();
        idle && (self.ending.is_some() || (self.nothing_fresh && self.waiting.claims.is_empty()))
    }

    /// Whether anything may be sent at all just now.
    fn is_going(&self) -> bool {
        self.ending.is_none() && self.trouble.probe_at().is_none()
    }

    /// Whether it is time to claim more clients, if there are any.
    fn wants_more(&self) -> bool {
        self.is_going()
            && self.claiming.is_none()
            && self.engine.pacer.held_until().is_none()
            && self.ready.len() * 2 < self.group()
            && !(self.first_alone && !self.under_way.is_empty())
    }

    /// Asks the ledger for the next clients, before the last ones are sent.
    async fn claim_more(&mut self) -> Result<(), LedgerError> {
        if !self.wants_more() {
            return Ok(());
        }
        let group = self.group();
        let again = self.waiting.take_due(Instant::now(), group);
        let fresh = if self.nothing_fresh { 0 } else { group - again.len() };
        let asked = again.len() + fresh;
        if asked > 0 {
            let reply = self.engine.clerk.claim(fresh, again).await?;
            self.claiming = Some(Claiming { reply, asked });
        }
        Ok(())
    }

    /// How many clients are claimed at once.
    fn group(&self) -> usize {
        if self.first_alone {
            return 1;
        }
        let group = match self.engine.pace.rate {
            Rate::Unlimited => self.engine.pace.in_flight * 8,
            Rate::Limited { requests, per } => {
                let group = u128::from(requests.get()) * CLAIM_AHEAD.as_millis() / per.as_millis();
                usize::try_from(group).unwrap_or(usize::MAX)
            }
        };
        group.clamp(1, 1024)
    }

    async fn take_claims(&mut self, claims: Option<Vec<Claimed>>) -> Result<(), LedgerError> {
        let asked = self.claiming.take().map_or(0, |claiming| claiming.asked);
        let claims = claims.ok_or_else(|| self.engine.clerk.ended_on())?;
        self.nothing_fresh |= claims.len() < asked;
        self.ready.extend(claims);
        if self.ending.is_some() { self.set_back_ready().await } else { Ok(()) }
    }

    fn may_send(&self) -> bool {
        self.is_going()
            && !self.ready.is_empty()
            && self.under_way.len() < self.engine.pace.in_flight
            && !(self.first_alone && !self.under_way.is_empty())
    }

    /// Sends what may be sent now. Answers when the pacer lets the next one through, where that is what stops it.
    fn send_what_may(&mut self) -> Option<Instant> {
        while self.may_send() {
            if let Err(until) = self.engine.pacer.try_ready() {
                return Some(until);
            }
            let Some(claimed) = self.ready.pop_front() else {
                break;
            };
            if self.told_to_wait {
                self.told_to_wait = false;
                self.engine.tell(Event::Going);
            }
            let api = Arc::clone(&self.engine.api);
            let agent = self.agent;
            let sent = Instant::now();
            self.under_way.spawn(async move {
                let answer = api.send(claimed.operation, agent, claimed.client).await;
                Answered { claimed, sent, answer }
            });
        }
        None
    }

    /// When something is to be done that no answer brings.
    fn wake_at(&self, may_send_at: Option<Instant>) -> Option<Instant> {
        if self.ending.is_some() {
            return None;
        }
        let give_up = self.trouble.give_up_at(self.engine.pace.give_up_after);
        let probe = self.trouble.probe_at();
        let held = self.engine.pacer.held_until();
        let due = self.waiting.next_due().filter(|_| self.wants_more());
        [give_up, probe, may_send_at, held, due].into_iter().flatten().min()
    }

    async fn woken(&mut self) -> Result<(), EngineError> {
        let now = Instant::now();
        if self.trouble.give_up_at(self.engine.pace.give_up_after).is_some_and(|at| at <= now) {
            let halted = Halted { cause: HaltCause::Unreachable, answer: None, not_before: None };
            return Ok(self.end(EngineError::Halted(Box::new(halted))).await?);
        }
        if self.trouble.probe_at().is_some_and(|at| at <= now) {
            self.probe().await?;
        }
        Ok(())
    }

    /// Asks whether Altinn is back.
    async fn probe(&mut self) -> Result<(), EngineError> {
        let engine = self.engine;
        let probe = async {
            engine.pacer.ready().await;
            engine.api.agents(engine.facilitator).await
        };
        let probed = tokio::select! {
            biased;
            () = engine.interrupt.requested() => return Ok(()),
            probed = probe => probed,
        };
        match probed {
            Err(answer) if matches!(answer.verdict, Verdict::Again(_)) => {
                let probe_at = self.trouble.still_away(Instant::now());
                if let Verdict::Again(Again { not_before: Some(wait), .. }) = answer.verdict {
                    self.hold(wait, &answer).await?;
                }
                self.tell_waiting(probe_at, WaitReason::Outage);
            }
            _ => self.trouble.back(),
        }
        Ok(())
    }

    async fn take_answers(
        &mut self,
        first: Result<Answered, tokio::task::JoinError>,
    ) -> Result<(), EngineError> {
        let mut next = Some(first);
        while let Some(joined) = next {
            // A request that panicked is a fault of the program: its client stays `sending` for the next resume.
            let answered = joined.map_err(|error| {
                LedgerError::Damaged(format!("a request ended without an answer: {error}"))
            })?;
            self.take_answer(answered).await?;
            next = self.under_way.try_join_next();
        }
        Ok(())
    }

    async fn take_answer(&mut self, answered: Answered) -> Result<(), EngineError> {
        let Answered { claimed, sent, answer } = answered;
        match answer.verdict {
            Verdict::Done => {
                self.trouble.verdict();
                self.first_alone = false;
                self.record(claimed, ClientEvent::Accepted, answer, true).await?;
            }
            Verdict::Final => {
                self.trouble.verdict();
                self.record(claimed, ClientEvent::Refused, answer, true).await?;
            }
            Verdict::Halt(cause) => {
                self.record(claimed, ClientEvent::SetBack, answer.clone(), false).await?;
                self.end(EngineError::Halted(Box::new(Halted::by(cause, answer)))).await?;
            }
            Verdict::Again(again) => self.take_no_verdict(claimed, sent, answer, again).await?,
        }
        Ok(())
    }

    async fn take_no_verdict(
        &mut self,
        mut claimed: Claimed,
        sent: Instant,
        answer: Answer,
        again: Again,
    ) -> Result<(), EngineError> {
        let now = Instant::now();
        let mut not_before = again.not_before;
        let counts = match again.why {
            NoVerdict::TokenRenewed => false,
            NoVerdict::Throttled => {
                let wait = self.trouble.throttled(sent, now);
                not_before = not_before.or(wait);
                false
            }
            NoVerdict::Unclear => {
                self.trouble.unclear(now);
                true
            }
            NoVerdict::Unreachable => {
                let was_going = self.trouble.probe_at().is_none();
                let counts = self.trouble.unreachable(now);
                if let Some(probe_at) = self.trouble.probe_at().filter(|_| was_going) {
                    self.tell_waiting(probe_at, WaitReason::Outage);
                }
                counts
            }
        };
        if let Some(wait) = not_before {
            self.hold(wait, &answer).await?;
        }
        if counts && claimed.tries >= self.engine.pace.attempts {
            return self.tries_used_up(claimed, answer, again.at_last).await;
        }
        self.record(claimed, ClientEvent::NoVerdict, answer, counts).await?;
        let wait = match again.why {
            NoVerdict::Unclear | NoVerdict::Unreachable => backoff(claimed.tries),
            NoVerdict::Throttled | NoVerdict::TokenRenewed => Duration::ZERO,
        };
        if !counts {
            claimed.tries -= 1;
        }
        self.waiting.push(now + wait, claimed);
        Ok(())
    }

    async fn tries_used_up(
        &mut self,
        claimed: Claimed,
        answer: Answer,
        at_last: AtLast,
    ) -> Result<(), EngineError> {
        match at_last {
            AtLast::FailClient => {
                let hint = self.hint_at_last(&answer);
                self.record(claimed, ClientEvent::TriesUsedUp, Answer { hint, ..answer }, true).await?;
            }
            AtLast::Halt(cause) => {
                self.record(claimed, ClientEvent::SetBack, answer.clone(), false).await?;
                self.end(EngineError::Halted(Box::new(Halted::by(cause, answer)))).await?;
            }
        }
        Ok(())
    }

    /// What to do about a client that was sent as often as may be.
    fn hint_at_last(&self, answer: &Answer) -> &'static str {
        if self.kind == JobKind::Refresh && answer.code.as_deref() == Some("AUTH-00002") {
            STUCK
        } else {
            answer.hint
        }
    }

    async fn record(
        &self,
        claimed: Claimed,
        event: ClientEvent,
        answer: Answer,
        counts: bool,
    ) -> Result<(), LedgerError> {
        self.engine
            .clerk
            .record(Outcome { claimed, event, answer: answer.sent.then_some(answer), counts })
            .await
    }

    /// Holds the whole run for as long as Altinn said, or ends it when that is too long.
    async fn hold(&mut self, wait: Duration, answer: &Answer) -> Result<(), LedgerError> {
        let latest = self.trouble.give_up_at(self.engine.pace.give_up_after);
        let latest = latest.unwrap_or_else(|| Instant::now() + self.engine.pace.give_up_after);
        self.told_to_wait = true;
        match self.engine.hold(wait, latest, answer) {
            Ok(()) => Ok(()),
            Err(halted) => self.end(halted).await,
        }
    }

    fn tell_waiting(&mut self, until: Instant, why: WaitReason) {
        self.told_to_wait = true;
        let until = Timestamp::now() + until.saturating_duration_since(Instant::now());
        self.engine.tell(Event::Waiting { until, why });
    }

    /// Nothing more is sent; what is under way is waited for.
    async fn end(&mut self, why: EngineError) -> Result<(), LedgerError> {
        if self.ending.is_none() {
            self.ending = Some(why);
        }
        self.set_back_ready().await
    }

    /// What was claimed and not sent is pending again.
    async fn set_back_ready(&mut self) -> Result<(), LedgerError> {
        for claimed in std::mem::take(&mut self.ready) {
            let outcome = Outcome { claimed, event: ClientEvent::SetBack, answer: None, counts: false };
            self.engine.clerk.record(outcome).await?;
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
