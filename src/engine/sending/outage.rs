//! What the loop does in an outage: probes, attempts given back, clients whose last attempt nobody answered.

use tokio::time::Instant;

use super::{Sending, Sent};
use crate::{
    engine::{Api, EngineError, Halted, silence::Asking},
    ledger::LedgerError,
    model::{Agent, Answer, AtLast, ClientEvent, HaltCause, NoVerdict, Verdict, WaitReason},
};

impl<A: Api> Sending<'_, A> {
    /// An outage begins with this client's answer; the attempts of `others` (it is one of them) do not count.
    pub(super) async fn outage_begins(&mut self, client: i64, others: Vec<i64>) -> Result<(), LedgerError> {
        let mut waiting = Vec::new();
        let mut own = true;
        for row in others {
            if row == client && std::mem::take(&mut own) {
                // Its answer has not been recorded yet.
            } else if self.waiting.give_back(row) {
                waiting.push(row);
            } else if let Some(ready) = self.ready.iter_mut().find(|ready| ready.row == row) {
                ready.tries = ready.tries.saturating_sub(1);
            }
        }
        self.engine.writer.call(move |ledger| ledger.give_back_attempts(&waiting)).await?;
        let now = Instant::now();
        for (claimed, answer, _) in std::mem::take(&mut self.undecided) {
            self.wait(claimed, answer, false, now).await?;
        }
        self.tell_outage();
        Ok(())
    }

    fn tell_outage(&mut self) {
        let Some(give_up) = self.conditions.breaker.give_up_at(self.engine.pace.give_up_after) else {
            return;
        };
        let now = Instant::now();
        let next = match self.conditions.breaker.probe(now) {
            Some(super::Probe::At(at)) => at,
            _ => now,
        };
        let this_side = self.last_without.as_ref().and_then(|(answer, _)| answer.this_side());
        let why = if let Some(cause) = this_side {
            WaitReason::ThisSide(cause)
        } else if self.conditions.breaker.lists_answer() {
            WaitReason::ChangesRefused
        } else {
            WaitReason::Outage
        };
        self.tell_waiting(next.min(give_up), why);
    }

    /// The client was the probe, and got no verdict.
    pub(super) fn probe_failed(&mut self, client: i64) {
        if self.probe != Some(client) {
            return;
        }
        self.probe = None;
        if self.conditions.breaker.still_away(Instant::now()).is_some() {
            self.tell_outage();
        }
    }

    /// Asks whether lists are answered. Answers when it may be asked, if not now.
    pub(super) fn ask_for_a_list(&mut self) -> Option<Instant> {
        if let Err(until) = self.engine.pacer.try_ready() {
            return Some(until);
        }
        self.conditions.breaker.probing();
        self.spawn_list();
        None
    }

    fn spawn_list(&mut self) {
        let api = std::sync::Arc::clone(&self.engine.api);
        let facilitator = self.engine.facilitator;
        self.asking_for_a_list.spawn(async move { api.agents(facilitator).await });
    }

    pub(super) async fn list_answered(
        &mut self,
        list: Result<Vec<Agent>, Box<Answer>>,
    ) -> Result<(), EngineError> {
        let verdict = list.as_ref().map_or_else(|answer| answer.verdict, |_| Verdict::Done);
        self.engine.heard_of(Asking::List, verdict);
        let answered = verdict.is_an_answer();
        if let (Err(answer), Some(wait)) = (list, verdict.told_to_wait()) {
            self.hold(wait, &answer).await?;
        }
        let now = Instant::now();
        if !self.conditions.breaker.is_open() {
            return self.decide_by_list(answered).await;
        }
        self.conditions.breaker.list_answered(answered, now);
        self.tell_outage();
        if answered && self.conditions.breaker.has_open_questions() {
            self.end(Ok(Sent::ReadBackFirst)).await?;
        }
        Ok(())
    }

    pub(super) fn only_undecided_are_left(&self) -> bool {
        self.is_idle()
            && self.ending.is_none()
            && self.nothing_fresh
            && self.waiting.is_empty()
            && !self.undecided.is_empty()
            && self.asking_for_a_list.is_empty()
    }

    /// Nobody is left who could get a verdict. Whether clients that nobody answered for have failed, a list tells.
    pub(super) async fn decide_the_last(&mut self) -> Result<(), EngineError> {
        let unanswered = self.undecided.iter().any(|(_, answer, _)| {
            matches!(answer.verdict, Verdict::Again(again) if again.why == NoVerdict::Unreachable)
        });
        if !unanswered {
            return self.decide_by_list(true).await;
        }
        tokio::select! {
            biased;
            () = self.engine.interrupt.requested() => self.end(Err(EngineError::Interrupted)).await?,
            () = self.engine.pacer.ready() => self.spawn_list(),
        }
        Ok(())
    }

    async fn decide_by_list(&mut self, answered: bool) -> Result<(), EngineError> {
        if !answered {
            let now = Instant::now();
            let others = self.conditions.breaker.open(now);
            self.outage_begins(0, others).await?;
            return Ok(());
        }
        for (claimed, answer, at_last) in std::mem::take(&mut self.undecided) {
            self.attempts_used_up(claimed, answer, at_last).await?;
        }
        Ok(())
    }

    /// Sending ends: whoever is undecided waits for a resume, or has failed where somebody asked to stop.
    pub(super) async fn set_back_undecided(&mut self, interrupted: bool) -> Result<(), LedgerError> {
        for (claimed, answer, at_last) in std::mem::take(&mut self.undecided) {
            if interrupted && at_last == AtLast::FailClient {
                self.record(claimed, ClientEvent::AttemptsUsedUp, answer, true).await?;
            } else {
                self.record(claimed, ClientEvent::NoVerdict, answer, false).await?;
            }
        }
        Ok(())
    }

    /// There has been no verdict for as long as the job allows.
    pub(super) fn given_up(&mut self) -> EngineError {
        let (answer, cause) = match self.last_without.take() {
            Some((answer, AtLast::Halt(cause))) => (Some(answer), cause),
            Some((answer, AtLast::FailClient)) => (Some(answer), HaltCause::Unreachable),
            None => (None, HaltCause::Unreachable),
        };
        let cause = answer.as_ref().and_then(Answer::this_side).unwrap_or(cause);
        EngineError::Halted(Box::new(Halted { cause, answer, not_before: None }))
    }
}
