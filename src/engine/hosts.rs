//! The pace of a client on several hosts: slots on the clock of the server that the ledger is on, handed out in turn. A thread
//! of its own asks for them, as many as this process has use for, and no slot is used before its time or later than
//! [`SLACK`] after it: so no second holds more requests of all hosts than one of them may send, whatever their clocks say.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tokio::time::Instant;

use super::execute::LONGEST_HELD;
use crate::{ledger::Permits, model::Rate};

/// So late a slot may be used. It must be more than a round trip to the server, or every slot comes too late.
pub(crate) const SLACK: Duration = Duration::from_millis(20);
/// Who has not asked for leave for so long has no use for slots.
const IDLE: Duration = Duration::from_millis(300);
/// Where there is no slot yet, it is looked again after so long.
const LOOK_AGAIN: Duration = Duration::from_millis(2);
/// Where the server does not answer, it is asked again after so long, and half as long again each time.
const AGAIN: Duration = Duration::from_millis(100);
const AGAIN_AT_MOST: Duration = Duration::from_secs(2);
/// With no rate, it is asked so often whether Altinn has told another host to wait.
const LOOK: Duration = Duration::from_millis(100);
/// A server that does not answer for so long is told of.
const WORTH_TELLING: Duration = Duration::from_secs(5);
/// Between two questions to a server that does not answer there is no more time, unless nobody has use for slots.
const LONGEST_ANSWER: Duration = Duration::from_secs(20);
/// At the most so many slots are asked for at once.
const MOST: u32 = 1000;

/// What is done when the ledger's server has not answered for a while, which is said with how long, and when it answers again.
pub(super) type OnSilence = Box<dyn Fn(Option<Duration>) + Send>;

/// A server that does not answer: from when, when it was asked last, and whether somebody knows of it.
struct Silence {
    since: Option<Instant>,
    asked: Instant,
    is_told: bool,
    tell: OnSilence,
}

impl Silence {
    fn new(tell: OnSilence) -> Self {
        Self { since: None, asked: Instant::now(), is_told: false, tell }
    }

    /// A question of then was not answered.
    fn lasts(&mut self, asked: Instant) {
        // What it did while nobody asked is not known.
        if asked.saturating_duration_since(self.asked) > LONGEST_ANSWER {
            self.since = None;
        }
        self.asked = asked;
        let lasts = self.since.get_or_insert(asked).elapsed();
        if lasts >= WORTH_TELLING && !self.is_told {
            self.is_told = true;
            (self.tell)(Some(lasts));
        }
    }

    fn is_over(&mut self) {
        self.since = None;
        if std::mem::take(&mut self.is_told) {
            (self.tell)(None);
        }
    }
}

/// A client's pace on all hosts, seen from one process.
pub(super) struct HostsPace {
    shared: Arc<Shared>,
    is_limited: bool,
}

struct Shared {
    seen: Mutex<Seen>,
    wanted: Condvar,
}

#[derive(Default)]
struct Seen {
    slots: VecDeque<Slot>,
    /// When leave was last asked for.
    asked: Option<Instant>,
    /// How many were used since slots were last asked for.
    used: u32,
    told_until: Option<Instant>,
    /// What the others are still to be told.
    to_tell: Option<Instant>,
    /// Until when what was last heard of waits is believed, of one without a rate.
    heard_until: Option<Instant>,
    is_over: bool,
}

/// A stretch in which one request may go.
#[derive(Debug, Clone, Copy)]
struct Slot {
    from: Instant,
    until: Instant,
}

impl HostsPace {
    pub(super) fn new(rate: Rate, permits: Permits, on_silence: OnSilence) -> Self {
        let shared = Arc::new(Shared { seen: Mutex::default(), wanted: Condvar::new() });
        let period = period(rate);
        let for_thread = Arc::clone(&shared);
        thread::spawn(move || for_thread.keep_asking(permits, period, Silence::new(on_silence)));
        Self { shared, is_limited: period.is_some() }
    }

    /// Takes leave for one request of all hosts and, with `own`, of this process; or says when to ask again.
    pub(super) fn try_ready(&self, own: impl FnOnce() -> Result<(), Instant>) -> Result<(), Instant> {
        let mut seen = self.shared.seen();
        let now = Instant::now();
        seen.asked = Some(now);
        if let Some(until) = seen.told(now) {
            return Err(until);
        }
        let answer = if self.is_limited {
            while seen.slots.front().is_some_and(|slot| slot.until < now) {
                seen.slots.pop_front();
            }
            match seen.slots.front() {
                Some(slot) if slot.from <= now => own().inspect(|()| {
                    seen.slots.pop_front();
                    seen.used += 1;
                }),
                Some(slot) => Err(slot.from),
                None => Err(now + LOOK_AGAIN),
            }
        } else if seen.heard_until.is_some_and(|until| now < until) {
            own()
        } else {
            Err(now + LOOK_AGAIN)
        };
        drop(seen);
        self.shared.wanted.notify_one();
        answer
    }

    /// Until when Altinn has told some host to wait, as far as this one has heard.
    pub(super) fn told_until(&self) -> Option<Instant> {
        self.shared.seen().told(Instant::now())
    }

    /// Tells the other hosts that nothing may be sent before then, for a day at the most.
    pub(super) fn hold_until(&self, until: Instant) {
        let mut seen = self.shared.seen();
        let until = until.min(Instant::now() + LONGEST_HELD);
        seen.to_tell = seen.to_tell.max(Some(until));
        seen.told_until = seen.told_until.max(Some(until));
        seen.slots.clear();
        drop(seen);
        self.shared.wanted.notify_one();
    }
}

impl Drop for HostsPace {
    fn drop(&mut self) {
        self.shared.seen().is_over = true;
        self.shared.wanted.notify_one();
    }
}

impl Seen {
    fn told(&self, now: Instant) -> Option<Instant> {
        self.told_until.filter(|until| *until > now)
    }

    /// How many slots there is use for now; none where nobody waits or there are enough.
    fn want(&self, now: Instant, is_limited: bool) -> Option<u32> {
        let is_awaited = self.asked.is_some_and(|asked| asked + IDLE > now);
        if !is_awaited || self.told(now).is_some() {
            return None;
        }
        if !is_limited {
            let is_fresh = self.heard_until.is_some_and(|until| now + LOOK / 2 < until);
            return (!is_fresh).then_some(0);
        }
        let want = (self.used * 2).clamp(1, MOST);
        (self.slots.len() as u64 * 2 < u64::from(want)).then_some(want)
    }
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep_asking(&self, mut permits: Permits, period: Option<Duration>, mut silence: Silence) {
        let mut again = AGAIN;
        loop {
            let (want, tell) = {
                let mut seen = self.seen();
                loop {
                    if seen.is_over {
                        return;
                    }
                    let now = Instant::now();
                    let tell = seen.to_tell.filter(|until| *until > now);
                    let want = seen.want(now, period.is_some());
                    if tell.is_some() || want.is_some() {
                        break (want, tell);
                    }
                    seen.to_tell = None;
                    let waited = self.wanted.wait_timeout(seen, LOOK).unwrap_or_else(PoisonError::into_inner);
                    seen = waited.0;
                }
            };
            if let Some(until) = tell {
                if permits.hold(until.saturating_duration_since(Instant::now())).is_ok() {
                    let mut seen = self.seen();
                    seen.to_tell = seen.to_tell.filter(|later| *later > until);
                } else {
                    self.rest(&mut again);
                }
                continue;
            }
            let asked = Instant::now();
            if let Ok(answer) = permits.ask(period, want.unwrap_or(0)) {
                again = AGAIN;
                silence.is_over();
                let rest = self.take(answer, period);
                // Others have the next slots: it is not worth asking before.
                thread::sleep(rest);
            } else {
                silence.lasts(asked);
                self.rest(&mut again);
            }
        }
    }

    /// Takes in what was answered; says how long to wait before the next question.
    fn take(&self, answer: crate::ledger::Permitted, period: Option<Duration>) -> Duration {
        let (asked, answered) = (Instant::from_std(answer.asked), Instant::from_std(answer.answered));
        let mut seen = self.seen();
        seen.used = 0;
        if !answer.told.is_zero() {
            seen.told_until = seen.told_until.max(Some(answered + answer.told.min(LONGEST_HELD)));
            seen.slots.clear();
            return Duration::ZERO;
        }
        let Some(period) = period else {
            seen.heard_until = Some(answered + LOOK);
            return Duration::ZERO;
        };
        for nth in 0..answer.slots {
            let at = answer.first + period * nth;
            let slot = Slot { from: answered + at, until: asked + at + SLACK };
            if slot.from <= slot.until {
                seen.slots.push_back(slot);
            }
        }
        if answer.slots == 0 { answer.first.clamp(LOOK_AGAIN, LOOK) } else { Duration::ZERO }
    }

    fn rest(&self, again: &mut Duration) {
        self.seen().slots.clear();
        thread::sleep(*again);
        *again = (*again * 3 / 2).min(AGAIN_AT_MOST);
    }
}

/// The period of a rate, longer by what slots may be used too late.
fn period(rate: Rate) -> Option<Duration> {
    rate.period_paying_for(SLACK).map(|period| period + Duration::from_micros(1))
}
