//! What becomes of a client by its answer, and what the answer says of the pace and of Altinn.

use std::time::Duration;

use tokio::time::Instant;

use super::{Sending, Sent};
use crate::{
    engine::{Api, EngineError, Halted, backoff, rate_control::Answered, share::UnderWay, silence::Asking},
    ledger::{Claimed, LedgerError},
    model::{Again, Answer, AtLast, ClientEvent, Event, NoVerdict, Notice, Verdict, WaitReason},
    words::{Wording, kept},
};

/// Shorter waits are not told.
const WORTH_TELLING: Duration = Duration::from_secs(2);

/// The longest wait between two attempts of a client when only clients without a verdict are left.
const LONGEST_OF_THE_LAST: Duration = Duration::from_secs(5);

/// A delegation whose reason was replaced in the register can no longer be renewed; never done unasked, because the
/// client has no access in between.
fn stuck() -> Wording {
    kept!("engine-if-it-stays-so-the-relationship-behind-this")
}

impl<A: Api> Sending<'_, A> {
    pub(super) async fn take_answers(
        &mut self,
        first: Result<Result<super::Answered, LedgerError>, tokio::task::JoinError>,
    ) -> Result<(), EngineError> {
        let mut next = Some(first);
        while let Some(joined) = next {
            // A request that panicked is a fault of the program: its client stays `sending` for the next resume.
            let answered = joined.map_err(|error| EngineError::Panicked(error.to_string()))?;
            self.take_answer(answered?).await?;
            next = self.under_way.try_join_next();
        }
        Ok(())
    }

    async fn take_answer(&mut self, answered: super::Answered) -> Result<(), EngineError> {
        let super::Answered { claimed, sent, answer } = answered;
        self.engine.heard_of(Asking::Change, answer.verdict);
        match answer.verdict {
            Verdict::Done => {
                self.first_alone = false;
                self.take_verdict(claimed.row, sent).await?;
                if claimed.more_delegations > 0 && self.ending.is_none() {
                    // One of its delegations is gone: the next.
                    let more_delegations = claimed.more_delegations - 1;
                    let claimed = Claimed { more_delegations, ..claimed };
                    return Ok(self.wait(claimed, answer, false, Instant::now()).await?);
                }
                self.record(claimed, ClientEvent::Accepted, answer, true).await?;
            }
            Verdict::Final => {
                self.take_verdict(claimed.row, sent).await?;
                if answer.notice == Some(Notice::ListOutdated) {
                    self.conditions.note_outdated(&claimed);
                }
                self.record(claimed, ClientEvent::Refused, answer, true).await?;
            }
            Verdict::Halt(cause) => {
                self.record(claimed, ClientEvent::SetBack, answer.clone(), false).await?;
                self.end(Err(EngineError::Halted(Box::new(Halted::by(cause, answer))))).await?;
            }
            Verdict::Again(again) => match again.why {
                NoVerdict::Throttled => self.take_refusal(claimed, sent, answer, again).await?,
                NoVerdict::TokenRenewed => {
                    self.note(sent, Answered::Nothing);
                    self.probe_failed(claimed.row);
                    self.wait(claimed, answer, false, Instant::now()).await?;
                }
                NoVerdict::Unclear | NoVerdict::Unreachable => {
                    self.take_no_verdict(claimed, sent, answer, again).await?;
                }
            },
        }
        Ok(())
    }

    /// Somebody got a verdict: Altinn is there, and whoever has used up the attempts meanwhile has failed.
    async fn take_verdict(&mut self, row: i64, sent: UnderWay) -> Result<(), EngineError> {
        self.note(sent, Answered::Taken);
        self.probe = self.probe.filter(|probe| *probe != row);
        let outage_is_over = self.conditions.breaker.verdict(row);
        for (claimed, answer, at_last) in std::mem::take(&mut self.undecided) {
            self.attempts_used_up(claimed, answer, at_last).await?;
        }
        if outage_is_over && self.conditions.breaker.has_open_questions() {
            self.end(Ok(Sent::ReadBackFirst)).await?;
        }
        Ok(())
    }

    /// Tells the pace of an answer. Answers when the client may be sent again, if it was refused.
    fn note(&mut self, sent: UnderWay, what: Answered) -> Instant {
        let now = Instant::now();
        if what == Answered::Taken {
            let rate = self.engine.pacer.rate(now);
            let full = self.under_way.len() + 1 >= self.conditions.in_flight.allowed();
            if full && !self.ready.is_empty() && self.engine.pacer.is_due(now) {
                self.conditions.in_flight.held_back();
            }
            let needed = self.conditions.in_flight.answered(now - sent.at(), now, rate);
            if let Some(needed) = needed.filter(|_| rate.is_finite()) {
                self.engine.tell(Event::HeldBack { in_flight: self.engine.pace.in_flight, needed });
            }
        }
        sent.answered(now, what)
    }

    /// 429: says nothing about the client, and costs it no attempt.
    async fn take_refusal(
        &mut self,
        claimed: Claimed,
        sent: UnderWay,
        answer: Answer,
        again: Again,
    ) -> Result<(), EngineError> {
        let now = Instant::now();
        self.conditions.breaker.throttled(now);
        self.probe_failed(claimed.row);
        let due = self.note(sent, Answered::Refused(again.not_before));
        if let Some(wait) = again.not_before {
            self.hold(wait, &answer).await?;
        } else if due > now + WORTH_TELLING {
            self.tell_waiting(due, WaitReason::Throttled);
        }
        self.wait(claimed, answer, false, due).await?;
        Ok(())
    }

    /// Nobody answered, or Altinn did and decided nothing.
    async fn take_no_verdict(
        &mut self,
        claimed: Claimed,
        sent: UnderWay,
        answer: Answer,
        again: Again,
    ) -> Result<(), EngineError> {
        let now = Instant::now();
        let taken = again.why == NoVerdict::Unclear;
        self.note(sent, if taken { Answered::Taken } else { Answered::Nothing });
        self.last_without = Some((answer.clone(), again.at_last));
        if let Some(wait) = again.not_before {
            self.hold(wait, &answer).await?;
        }
        if let Some(others) = self.conditions.breaker.no_verdict(claimed.row, now) {
            self.outage_begins(claimed.row, others).await?;
        }
        self.probe_failed(claimed.row);
        // What never left is no attempt of the client's.
        let counts = answer.sent && !self.conditions.breaker.is_open();
        if counts && claimed.tries >= self.engine.pace.attempts {
            self.undecided.push((claimed, answer, again.at_last));
            return Ok(());
        }
        let mut wait = backoff(claimed.tries);
        if self.nothing_fresh {
            // Nobody else is waited for meanwhile.
            wait = wait.min(LONGEST_OF_THE_LAST);
        }
        self.wait(claimed, answer, counts, now + wait).await?;
        Ok(())
    }

    /// Records that there is no verdict, and lets the client wait.
    pub(super) async fn wait(
        &mut self,
        mut claimed: Claimed,
        answer: Answer,
        counts: bool,
        due: Instant,
    ) -> Result<(), LedgerError> {
        self.record(claimed.clone(), ClientEvent::NoVerdict, answer, counts).await?;
        if !counts {
            claimed.tries = claimed.tries.saturating_sub(1);
        }
        self.waiting.push(due, claimed);
        Ok(())
    }

    pub(super) async fn attempts_used_up(
        &mut self,
        claimed: Claimed,
        answer: Answer,
        at_last: AtLast,
    ) -> Result<(), LedgerError> {
        match at_last {
            AtLast::FailClient => {
                let hint = self.hint_at_last(&answer);
                self.record(claimed, ClientEvent::AttemptsUsedUp, Answer { hint, ..answer }, true).await
            }
            AtLast::Halt(cause) => {
                self.record(claimed, ClientEvent::SetBack, answer.clone(), false).await?;
                Box::pin(self.end(Err(EngineError::Halted(Box::new(Halted::by(cause, answer)))))).await
            }
        }
    }

    /// What to do about a client that was sent as often as may be.
    fn hint_at_last(&self, answer: &Answer) -> Wording {
        if self.kind.refreshes() && answer.notice == Some(Notice::PerhapsStuck) {
            stuck()
        } else {
            answer.hint.clone()
        }
    }
}
