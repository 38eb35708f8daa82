//! Asks firms, one after the other. Each is in the ledger as about to be asked before it is asked.

use std::{collections::VecDeque, time::Duration};

use tokio::time::{Instant, sleep_until};

use super::{Asked, RequestApi};
use crate::{
    clock,
    engine::{
        Answered, Engine, EngineError, Halted, Leave, backoff,
        circuit_breaker::{CircuitBreaker, Probe},
        lists::WORTH_TELLING,
        silence::Asking,
    },
    ledger::{RequestOutcome, RoundKey},
    model::{
        Again, Answer, AtLast, Event, HaltCause, NoVerdict, Notice, RequestId, RequestState, Totals, Verdict,
        WaitReason, WantedSystemUser,
    },
};

/// Where the control law waits for an answer, it is looked again after so long: no other answer of this engine's comes.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A firm to be asked, or one whose request is to be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirmAsk {
    /// Where it stands in the ledger.
    pub key: RoundKey,
    /// What it is asked for; `None` where its request is only taken back.
    pub wanted: Option<WantedSystemUser>,
    /// The request that is taken back first.
    pub withdraw: Option<RequestId>,
    /// How often it has been tried in this round.
    pub tries: u32,
}

/// A firm that waits.
struct Waits {
    due: Instant,
    ask: FirmAsk,
}

/// The round as it goes.
struct Round<'engine, A> {
    engine: &'engine Engine<A>,
    ready: VecDeque<FirmAsk>,
    waiting: Vec<Waits>,
    breaker: CircuitBreaker,
    last_without: Option<Answer>,
    /// It has been told that nothing is sent.
    told_waiting: bool,
}

impl<A: RequestApi> Engine<A> {
    /// Asks these firms, and takes back what is to be taken back. What came of each is in the ledger when this ends, however
    /// it ends; firms that were not reached stay as they were planned.
    ///
    /// # Errors
    ///
    /// Altinn refuses the sign-in or what is asked for, does not answer for as long as `give_up_after` says, or somebody
    /// asked to stop.
    pub(super) async fn ask_firms(&self, asks: Vec<FirmAsk>) -> Result<(), EngineError> {
        let mut round = Round {
            engine: self,
            ready: asks.into(),
            waiting: Vec::new(),
            breaker: CircuitBreaker::default(),
            last_without: None,
            told_waiting: false,
        };
        let firms = round.ready.len() as u64;
        self.tell(Event::Began(Totals { rows: firms, pending: firms, ..Totals::default() }));
        while let Some(ask) = round.next().await? {
            round.send(ask).await?;
        }
        Ok(())
    }
}

impl<A: RequestApi> Round<'_, A> {
    /// The firm whose turn it is, with leave to send; `None` when nobody is left.
    async fn next(&mut self) -> Result<Option<FirmAsk>, EngineError> {
        loop {
            if self.engine.interrupt.is_requested() {
                return Err(EngineError::Interrupted);
            }
            let now = Instant::now();
            if let Some(give_up) = self.breaker.give_up_at(self.engine.pace.give_up_after)
                && now >= give_up
            {
                return Err(self.given_up());
            }
            match self.breaker.probe(now) {
                Some(Probe::At(at)) => {
                    self.wait_until(at).await?;
                    continue;
                }
                Some(Probe::List) => {
                    self.ask_for_a_list().await?;
                    continue;
                }
                // An outage: whoever is first is the probe, due or not.
                Some(Probe::Client | Probe::UnderWay) => {
                    let Some(ask) = self.take(None) else { return Ok(None) };
                    self.breaker.probing();
                    self.leave().await?;
                    return Ok(Some(ask));
                }
                None => {}
            }
            if let Some(ask) = self.take(Some(now)) {
                self.leave().await?;
                return Ok(Some(ask));
            }
            match self.waiting.iter().map(|waits| waits.due).min() {
                Some(due) => {
                    self.tell_pause(due.saturating_duration_since(now));
                    self.wait_until(due).await?;
                }
                None => return Ok(None),
            }
        }
    }

    /// Takes whoever's wait is over (whoever's wait ends first, where `now` is none), else whoever has not been sent.
    fn take(&mut self, now: Option<Instant>) -> Option<FirmAsk> {
        let first = (0..self.waiting.len()).min_by_key(|place| self.waiting[*place].due);
        let due = first.filter(|place| match now {
            Some(now) => self.waiting[*place].due <= now,
            None => self.ready.is_empty(),
        });
        match due {
            Some(place) => Some(self.waiting.swap_remove(place).ask),
            None => self.ready.pop_front(),
        }
    }

    /// Waits for leave for one request.
    async fn leave(&self) -> Result<(), EngineError> {
        loop {
            let until = match self.engine.pacer.leave() {
                Leave::Now => return Ok(()),
                Leave::At(until) => until,
                Leave::AfterAnAnswer => Instant::now() + LOOK_AGAIN,
            };
            self.wait_until(until).await?;
        }
    }

    async fn wait_until(&self, until: Instant) -> Result<(), EngineError> {
        tokio::select! {
            biased;
            () = self.engine.interrupt.requested() => Err(EngineError::Interrupted),
            () = sleep_until(until) => Ok(()),
        }
    }

    /// Asks whether lists are answered, in an outage.
    async fn ask_for_a_list(&mut self) -> Result<(), EngineError> {
        while let Err(until) = self.engine.pacer.try_ready() {
            self.wait_until(until).await?;
        }
        self.breaker.probing();
        let answer = tokio::select! {
            biased;
            () = self.engine.interrupt.requested() => return Err(EngineError::Interrupted),
            list = self.engine.api.requests(None) => list.err(),
        };
        let verdict = answer.as_ref().map_or(Verdict::Done, |answer| answer.verdict);
        self.engine.heard_of(Asking::List, verdict);
        self.breaker.list_answered(verdict.is_an_answer(), Instant::now());
        match answer {
            Some(answer) if let Some(wait) = verdict.told_to_wait() => self.hold(wait, &answer),
            _ => {
                self.tell_outage();
                Ok(())
            }
        }
    }

    /// Has everybody wait as long as Altinn has said.
    fn hold(&mut self, wait: Duration, answer: &Answer) -> Result<(), EngineError> {
        let give_up = self.breaker.give_up_at(self.engine.pace.give_up_after);
        self.told_waiting = true;
        self.engine.hold(
            wait,
            give_up.unwrap_or_else(|| Instant::now() + self.engine.pace.give_up_after),
            answer,
        )
    }

    /// Sends what is next for the firm: the withdrawal, else the question.
    async fn send(&mut self, mut ask: FirmAsk) -> Result<(), EngineError> {
        ask.tries += 1;
        if std::mem::take(&mut self.told_waiting) {
            self.engine.tell(Event::Going);
        }
        let (key, withdraws) = (ask.key, ask.withdraw.is_some());
        let row = key.client;
        let state = if withdraws { RequestState::Withdrawing } else { RequestState::Asking };
        self.engine.writer.call(move |ledger| ledger.claim_request(key, state)).await?;
        let sent = self.engine.pacer.sent(Instant::now());
        let (api, ours) = (&self.engine.api, &self.engine.fence);
        let (asked, answer) = match (&ask.withdraw, &ask.wanted) {
            (Some(id), _) => (None, ours.while_ours(api.withdraw(*id)).await?),
            (None, Some(wanted)) => match ours.while_ours(api.ask(wanted)).await? {
                Ok((asked, answer)) => (Some(asked), answer),
                Err(answer) => (None, *answer),
            },
            (None, None) => return Ok(()),
        };
        let now = Instant::now();
        match answer.verdict {
            Verdict::Done => {
                sent.answered(now, Answered::Taken);
                self.breaker.verdict(row);
                self.done(ask, asked, answer).await?;
            }
            Verdict::Final => {
                sent.answered(now, Answered::Taken);
                self.breaker.verdict(row);
                let of_every_firm = answer.notice == Some(Notice::OfEveryFirm);
                self.record(key, RequestOutcome::failed(&answer, false)).await?;
                if of_every_firm {
                    return Err(halted(HaltCause::VendorFile, answer));
                }
            }
            Verdict::Halt(cause) => {
                drop(sent);
                self.record(key, RequestOutcome::set_back(&answer, ask.before())).await?;
                return Err(halted(cause, answer));
            }
            Verdict::Again(again) => {
                let what = match again.why {
                    NoVerdict::Throttled => Answered::Refused(again.not_before),
                    NoVerdict::Unclear => Answered::Taken,
                    NoVerdict::Unreachable | NoVerdict::TokenRenewed => Answered::Nothing,
                };
                let due = sent.answered(now, what);
                self.no_verdict(ask, answer, again, due).await?;
            }
        }
        Ok(())
    }

    /// Carried out: kept, and the question asked next where that was the withdrawal.
    async fn done(&mut self, ask: FirmAsk, asked: Option<Asked>, answer: Answer) -> Result<(), EngineError> {
        if ask.withdraw.is_some() {
            let asks_next = ask.wanted.is_some();
            let outcome = if asks_next {
                RequestOutcome::made_room(&answer)
            } else {
                RequestOutcome::withdrawn(&answer)
            };
            self.record(ask.key, outcome).await?;
            if asks_next {
                self.ready.push_front(FirmAsk { withdraw: None, tries: 0, ..ask });
            }
            return Ok(());
        }
        match asked {
            Some(Asked::Request { request, is_new }) => {
                self.record(ask.key, RequestOutcome::asked(&answer, &request, is_new)).await
            }
            Some(Asked::SystemUserIsThere) | None => {
                let agent = match &ask.wanted {
                    Some(wanted) => self.engine.system_user_of(wanted.firm, &wanted.reference()).await?,
                    None => None,
                };
                self.record(ask.key, RequestOutcome::there(&answer, agent)).await
            }
        }
    }

    /// Nobody answered, or nothing was decided: the firm waits, or has failed.
    async fn no_verdict(
        &mut self,
        mut ask: FirmAsk,
        answer: Answer,
        again: Again,
        due: Instant,
    ) -> Result<(), EngineError> {
        let now = Instant::now();
        let tried = matches!(again.why, NoVerdict::Unclear | NoVerdict::Unreachable);
        let was_open = self.breaker.is_open();
        if was_open {
            self.breaker.still_away(now);
        }
        if tried {
            self.last_without = Some(answer.clone());
            if was_open {
                self.tell_outage();
            } else if let Some(others) = self.breaker.no_verdict(ask.key.client, now) {
                for waits in &mut self.waiting {
                    let counted = others.iter().filter(|row| **row == waits.ask.key.client).count();
                    waits.ask.tries =
                        waits.ask.tries.saturating_sub(u32::try_from(counted).unwrap_or(u32::MAX));
                }
                self.tell_outage();
            }
        } else if again.why == NoVerdict::Throttled {
            self.breaker.throttled(now);
        }
        if !tried || self.breaker.is_open() || !answer.sent {
            ask.tries = ask.tries.saturating_sub(1);
        }
        if let Some(wait) = again.not_before {
            self.record(ask.key, RequestOutcome::set_back(&answer, ask.before())).await?;
            self.hold(wait, &answer)?;
        } else if ask.tries >= self.engine.pace.attempts {
            if let AtLast::Halt(cause) = again.at_last {
                self.record(ask.key, RequestOutcome::set_back(&answer, ask.before())).await?;
                return Err(halted(cause, answer));
            }
            return self.record(ask.key, RequestOutcome::failed(&answer, true)).await;
        } else {
            self.record(ask.key, RequestOutcome::set_back(&answer, ask.before())).await?;
        }
        let due = if tried { due.max(now + backoff(ask.tries.max(1))) } else { due };
        self.waiting.push(Waits { due, ask });
        Ok(())
    }

    async fn record(&self, key: RoundKey, outcome: RequestOutcome) -> Result<(), EngineError> {
        let ended = outcome.ends().then(|| outcome.is_failure());
        self.engine.writer.call(move |ledger| ledger.settle_request(key, &outcome)).await?;
        if let Some(failed) = ended {
            self.engine.tell(Event::Asked { failed });
        }
        Ok(())
    }

    /// Nobody else is left, and the first is asked again after a while.
    fn tell_pause(&mut self, wait: Duration) {
        if wait >= WORTH_TELLING && !self.told_waiting {
            self.told_waiting = true;
            let why = WaitReason::Unclear;
            self.engine.tell(Event::Waiting { until: clock::now() + wait, why });
        }
    }

    fn tell_outage(&mut self) {
        self.told_waiting = true;
        let now = Instant::now();
        let at = match self.breaker.probe(now) {
            Some(Probe::At(at)) => at,
            _ => now,
        };
        let why = match self.last_without.as_ref().and_then(Answer::this_side) {
            Some(cause) => WaitReason::ThisSide(cause),
            None => WaitReason::Outage,
        };
        let until = clock::now() + at.saturating_duration_since(now);
        self.engine.tell(Event::Waiting { until, why });
    }

    fn given_up(&mut self) -> EngineError {
        match self.last_without.take() {
            Some(answer) => halted(answer.this_side().unwrap_or(HaltCause::Unreachable), answer),
            None => Halted::without_answer(HaltCause::Unreachable),
        }
    }
}

impl FirmAsk {
    /// How the ledger holds it while it waits.
    fn before(&self) -> RequestState {
        if self.withdraw.is_some() { RequestState::Withdrawing } else { RequestState::Asking }
    }
}

fn halted(cause: HaltCause, answer: Answer) -> EngineError {
    EngineError::Halted(Box::new(Halted::by(cause, answer)))
}
