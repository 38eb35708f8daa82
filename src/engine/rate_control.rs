//! The control law: under the job's rate, finds what the server takes. Pure: no I/O, and the time is passed in.
//!
//! `docs/pace.md` has the law in words. Here are holds and what makes one; what is learned of the limit by it is in
//! `estimate`.

mod estimate;

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use self::estimate::{Law, SLOWEST};

/// The first hold after a refusal that names no time; each fruitless one after it is twice as long.
const FIRST_HOLD: Duration = Duration::from_millis(500);
/// The longest hold that no server has asked for.
const LONGEST_HOLD: Duration = Duration::from_secs(15);
/// Refusals are frequent where so many of the last answers
const FREQUENT: usize = 6;
/// (so many) are.
const LOOK_BACK: usize = 20;
/// Fewer requests taken in a cycle are too few to go by.
const FEW: u32 = 8;
/// A recovery as long as this is a window that was full, not a bucket that fills.
const LONG: Duration = Duration::from_secs(4);
/// So many sent requests are remembered at most.
const REMEMBERED: usize = 20_000;
/// A request may be so late without the next being late for it: timers are a millisecond coarse.
const SLACK: Duration = Duration::from_millis(1);

/// Whether the next request may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// Now.
    Now,
    /// Not before then, and then it is to be asked again.
    At(Instant),
    /// Not before one of the requests under way is answered.
    AfterAnAnswer,
}

/// What an answer says about the pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// The server took the request, whatever came of it.
    Taken,
    /// 429, perhaps with a `Retry-After`.
    Refused(Option<Duration>),
    /// Nobody answered: says nothing about the pace.
    Nothing,
}

/// The rate that is sent at, and the holds.
#[derive(Debug)]
pub struct RateControl {
    /// Requests a second; infinite where the job sets none.
    ceiling: f64,
    /// What is known of the server's limit.
    law: Law,
    hold: Hold,
    /// When the last request was due.
    last_due: Option<Instant>,
    event: Option<Event>,
    /// Refusals in a row of the one that goes first after a hold.
    fruitless: u32,
    cycle: Cycle,
    /// When the last requests were sent, without those that were refused.
    kept: VecDeque<Instant>,
    /// When the requests were sent that the server took, the last ones.
    taken: VecDeque<Instant>,
    /// Whether the last answers were refusals.
    last: VecDeque<bool>,
}

#[derive(Debug, Clone, Copy)]
enum Hold {
    Open,
    Until { until: Instant, one_first: bool },
    OneIsUnderWay { sent: Instant },
}

/// A refusal, and all others of requests that had been sent by then.
#[derive(Debug, Clone, Copy)]
struct Event {
    /// When it came.
    at: Instant,
    /// When the first of the refused requests was sent.
    first: Instant,
    /// When the last of them was sent.
    last: Instant,
    /// The rate at that time, requests a second,
    rate: f64,
    /// and what it was doing.
    was: Was,
    /// Whether everything was held for it.
    held: bool,
    /// Whether the server said until when.
    told: bool,
    /// Requests sent after it that the server took.
    taken_since: u32,
}

/// What the rate was doing when a refusal came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Was {
    /// It was the job's: nothing was known.
    Free,
    /// It climbed with nothing to go by.
    ClimbingBlindly,
    /// It climbed from what was sure to what was likely.
    Climbing,
    /// It was about as known, or grew slowly.
    Settled,
}

/// From the end of one hold to the end of the next.
#[derive(Debug, Clone, Copy)]
struct Cycle {
    begin: Instant,
    taken: u32,
}

impl RateControl {
    /// A control under this ceiling, in requests a second (none: unlimited).
    pub fn new(ceiling: Option<f64>, now: Instant) -> Self {
        Self {
            ceiling: ceiling.unwrap_or(f64::INFINITY),
            law: Law::Free,
            hold: Hold::Open,
            last_due: None,
            event: None,
            fruitless: 0,
            cycle: Cycle { begin: now, taken: 0 },
            kept: VecDeque::new(),
            taken: VecDeque::new(),
            last: VecDeque::new(),
        }
    }

    /// Requests a second just now.
    pub fn rate(&self, now: Instant) -> f64 {
        self.law.rate(now).unwrap_or(self.ceiling).max(SLOWEST).min(self.ceiling)
    }

    /// Whether the rate alone would let a request go now.
    pub fn is_due(&self, now: Instant) -> bool {
        self.last_due.is_none_or(|due| due + Duration::from_secs_f64(1.0 / self.rate(now)) <= now)
    }

    /// Whether a request may go now, with so many under way.
    pub fn leave(&self, now: Instant, under_way: usize) -> Leave {
        match self.hold {
            Hold::Until { until, .. } if now < until => return Leave::At(until),
            Hold::OneIsUnderWay { .. } => return Leave::AfterAnAnswer,
            Hold::Open | Hold::Until { .. } => {}
        }
        if let Law::Window { requests, per, try_from } = self.law {
            let in_window = self.in_window(now, per);
            if in_window >= requests {
                let frees = self.kept[self.kept.len() - in_window] + per;
                if now < try_from {
                    return Leave::At(frees);
                }
                if under_way > (self.cycle.taken as usize).saturating_sub(requests) / 8 {
                    return Leave::AfterAnAnswer;
                }
            }
        }
        let rate = self.rate(now);
        match self.last_due {
            Some(due) if rate < self.ceiling => {
                let next = due + Duration::from_secs_f64(1.0 / rate);
                if next > now { Leave::At(next) } else { Leave::Now }
            }
            _ => Leave::Now,
        }
    }

    fn in_window(&self, now: Instant, per: Duration) -> usize {
        let first = self.kept.partition_point(|sent| *sent + per <= now);
        self.kept.len() - first
    }

    /// A request goes now.
    pub fn sent(&mut self, now: Instant) {
        if let Hold::Until { one_first, .. } = self.hold {
            if one_first {
                self.hold = Hold::OneIsUnderWay { sent: now };
            } else {
                self.recovered(now);
            }
        }
        if let Law::Window { requests, per, .. } = &mut self.law
            && self.kept.back().is_none_or(|last| now >= *last + *per / 4)
        {
            *requests = (self.cycle.taken as usize).max(*requests);
            self.cycle = Cycle { begin: now, taken: 0 };
        }
        self.kept.push_back(now);
        if self.kept.len() > REMEMBERED {
            self.kept.pop_front();
        }
        let due = self.last_due.map_or(now, |due| due + Duration::from_secs_f64(1.0 / self.rate(now)));
        self.last_due = Some(due.clamp(now.checked_sub(SLACK).unwrap_or(now), now));
    }

    /// A request that was sent then is answered now. Answers when its client may be sent again, if it was refused.
    pub fn answered(&mut self, sent: Instant, now: Instant, what: Answered) -> Instant {
        match what {
            Answered::Taken => self.was_taken(sent),
            Answered::Refused(retry_after) => return self.was_refused(sent, now, retry_after),
            Answered::Nothing => {
                if self.is_the_first(sent) {
                    self.hold = Hold::Until { until: now, one_first: true };
                }
            }
        }
        now
    }

    fn is_the_first(&self, sent: Instant) -> bool {
        matches!(self.hold, Hold::OneIsUnderWay { sent: first } if first == sent)
    }

    fn was_taken(&mut self, sent: Instant) {
        self.look(false);
        if self.is_the_first(sent) {
            self.recovered(sent);
        }
        if sent >= self.cycle.begin {
            self.cycle.taken += 1;
        }
        let place = self.taken.partition_point(|earlier| *earlier <= sent);
        self.taken.insert(place, sent);
        if self.taken.len() > REMEMBERED {
            self.taken.pop_front();
        }
        if let Some(event) = &mut self.event
            && sent > event.at
        {
            event.taken_since += 1;
            self.fruitless = 0;
        }
    }

    fn look(&mut self, refused: bool) {
        self.last.push_back(refused);
        if self.last.len() > LOOK_BACK {
            self.last.pop_front();
        }
    }

    fn was_refused(&mut self, sent: Instant, now: Instant, retry_after: Option<Duration>) -> Instant {
        self.look(true);
        if let Ok(place) = self.kept.binary_search(&sent) {
            self.kept.remove(place);
        }
        let until = retry_after.map(|wait| now + wait);
        let frequent = self.last.iter().filter(|refused| **refused).count() >= FREQUENT;
        if self.is_the_first(sent) {
            self.fruitless += 1;
            return self.hold_for(now, until);
        }
        if let Some(event) = &mut self.event
            && sent <= event.at
        {
            event.last = event.last.max(sent);
            let event = *event;
            if until.is_some() || (frequent && !event.held) {
                return self.hold_for(now, until);
            }
            return match self.hold {
                Hold::Until { until, .. } => until,
                _ => now + FIRST_HOLD,
            };
        }
        if let Law::Window { requests, per, try_from } = &mut self.law
            && self.cycle.taken as usize >= *requests
        {
            // The one that was tried: the window is as large as it was.
            *requests = self.cycle.taken as usize;
            *try_from = self.cycle.begin + *per;
            self.event = Some(Event {
                at: now,
                first: sent,
                last: sent,
                rate: self.ceiling,
                was: Was::Settled,
                held: false,
                told: until.is_some(),
                taken_since: 1,
            });
            if let Some(until) = until {
                *per = until.saturating_duration_since(self.cycle.begin).max(Duration::from_secs(1));
                return self.hold_for(now, Some(until));
            }
            return *try_from;
        }
        let nothing_since = self.event.is_some_and(|event| event.taken_since == 0);
        let known = self.measured(now, Duration::ZERO);
        self.event = Some(Event {
            at: now,
            first: sent,
            last: sent,
            rate: self.rate(sent),
            was: self.law.is_doing(now),
            held: false,
            told: until.is_some(),
            taken_since: 0,
        });
        if until.is_some() || frequent || nothing_since || self.cycle.taken < FEW {
            return self.hold_for(now, until);
        }
        if let Some(event) = self.event {
            self.law = self.known(event, known, now, Duration::ZERO);
        }
        now + FIRST_HOLD
    }

    /// Holds everything, and answers until when.
    fn hold_for(&mut self, now: Instant, told: Option<Instant>) -> Instant {
        let own = now + (FIRST_HOLD * 2u32.saturating_pow(self.fruitless.min(8))).min(LONGEST_HOLD);
        let one_first = told.is_none() || self.fruitless > 0 || self.cycle.taken == 0;
        let mut until = told.unwrap_or(own);
        if let Hold::Until { until: earlier, .. } = self.hold {
            until = until.max(earlier);
        }
        self.hold = Hold::Until { until, one_first };
        if let Some(event) = &mut self.event {
            event.held = true;
            event.told |= told.is_some();
        }
        until
    }

    /// The hold is over: what the server took in the last cycle is what is known of its limit.
    fn recovered(&mut self, now: Instant) {
        self.hold = Hold::Open;
        // Where nothing was taken there is nothing to measure by.
        if let Some(event) = self.event
            && (self.cycle.taken > 0 || matches!(self.law, Law::Window { .. }))
        {
            let recovery = now.saturating_duration_since(event.at);
            let known = self.measured(event.at, recovery).max(SLOWEST);
            let active = event.at.saturating_duration_since(self.cycle.begin);
            if let Law::Window { per, try_from, .. } = &mut self.law
                && (self.cycle.taken == 0 || now < *try_from + LONG)
            {
                // Refused at the beginning of a window: it had not begun.
                if self.cycle.taken == 0 {
                    *per += recovery;
                }
            } else if recovery >= LONG && recovery > active / 4 && self.cycle.taken >= FEW {
                let per = now.saturating_duration_since(self.cycle.begin);
                self.law = Law::Window { requests: self.cycle.taken as usize, per, try_from: now };
            } else {
                self.law = self.known(event, known, now, recovery);
                if recovery >= LONG
                    && let Law::Known { patience, .. } = &mut self.law
                {
                    *patience = active + recovery;
                }
            }
        }
        self.cycle = Cycle { begin: now, taken: 0 };
    }
}
