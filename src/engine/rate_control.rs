//! The control law: under the job's rate, finds what the server takes. Pure: no I/O, and the time is passed in.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

/// The first hold after a refusal that names no time; each fruitless one after it is twice as long.
const FIRST_HOLD: Duration = Duration::from_millis(500);
/// The longest hold that no server has asked for.
const LONGEST_HOLD: Duration = Duration::from_secs(15);
/// So many answers are looked back upon to tell whether refusals are frequent, and so many refusals among them are.
const LOOK_BACK: usize = 20;
const FREQUENT: usize = 6;
/// A recovery as long as this is a window that was full, not a bucket that fills.
const LONG: Duration = Duration::from_secs(4);
/// What the server took is measured over this long, or over so many requests where they take longer.
const MEASURED_OVER: Duration = Duration::from_secs(2);
const MEASURED_REQUESTS: f64 = 20.0;
/// How far under what the server took the rate goes on, and how far over it is after twice [`RateControl::patience`].
const MARGIN: f64 = 0.05;
/// How the rate climbs, a second, from what is sure to what is likely.
const CLIMB: f64 = 0.3;
const POOR: f64 = 1.5;
const TOLD: f64 = 12.0;
const BARE: f64 = 4.0;
const BEST: f64 = 0.5;
const UNDER: f64 = 0.10;
const SLOW: f64 = 70.0;
/// How it grows where the server takes more than was known of.
const FASTER: f64 = 0.3;
const KNEE: f64 = 1.0;
const SLOWEST: f64 = 0.1;
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
    law: Law,
    hold: Hold,
    /// When the last request was due.
    last_due: Option<Instant>,
    event: Option<Event>,
    fruitless: u32,
    cycle: Cycle,
    /// When the last requests were sent, without those that were refused.
    kept: VecDeque<Instant>,
    /// When the requests were sent that the server took, the last ones.
    taken: VecDeque<Instant>,
    /// Whether the last answers were refusals.
    last: VecDeque<bool>,
}

/// What is known of the server's limit.
#[derive(Debug, Clone, Copy)]
enum Law {
    /// Nothing: the job's rate.
    Free,
    /// It takes `requests` at once and then no more until they are `per` old.
    Window { requests: usize, per: Duration, more: usize, tried_until: Instant },
    /// It is between `low` and about `known`, measured by the time `since`.
    Known { low: f64, climb: f64, known: f64, since: Instant, patience: Duration },
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
    at: Instant,
    /// When the first of them was sent.
    first: Instant,
    /// When the last of them was sent.
    last: Instant,
    climbing: bool,
    /// It was climbing without much to go by.
    blind: bool,
    free: bool,
    rate: f64,
    /// Whether everything was held for it.
    held: bool,
    told: bool,
    taken_since: u32,
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
        let rate = match self.law {
            Law::Free | Law::Window { .. } => self.ceiling,
            Law::Known { low, climb, known, since, patience } => {
                let (t, patience) =
                    (now.saturating_duration_since(since).as_secs_f64(), patience.as_secs_f64());
                let x = (t / patience - 1.0).min(KNEE);
                let about_known = known
                    * (1.0 + if x < 0.0 { UNDER } else { MARGIN } * x.powi(3))
                    * (FASTER * (t - (1.0 + KNEE) * patience).max(0.0)).exp();
                about_known.min(low * (climb * t).exp())
            }
        };
        rate.max(SLOWEST).min(self.ceiling)
    }

    /// Whether the rate alone would let a request go now.
    pub fn is_due(&self, now: Instant) -> bool {
        self.last_due.is_none_or(|due| due + Duration::from_secs_f64(1.0 / self.rate(now)) <= now)
    }

    fn climbing(&self, now: Instant) -> bool {
        match self.law {
            Law::Known { low, climb, known, since, .. } => {
                low * (climb * now.saturating_duration_since(since).as_secs_f64()).exp()
                    < known * (1.0 + MARGIN)
            }
            Law::Free | Law::Window { .. } => true,
        }
    }

    /// Whether a request may go now, with so many under way.
    pub fn leave(&self, now: Instant, under_way: usize) -> Leave {
        match self.hold {
            Hold::Until { until, .. } if now < until => return Leave::At(until),
            Hold::OneIsUnderWay { .. } => return Leave::AfterAnAnswer,
            Hold::Open | Hold::Until { .. } => {}
        }
        if let Law::Window { requests, per, more, tried_until } = self.law {
            let in_window = self.in_window(now, per);
            if in_window >= requests {
                let frees = self.kept[self.kept.len() - in_window] + per;
                let _ = more;
                if now < tried_until {
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
        if let Law::Window { requests, per, more, tried_until } = &mut self.law
            && self.kept.back().is_none_or(|last| now >= *last + *per / 4)
        {
            if self.cycle.taken as usize > *requests {
                *requests = self.cycle.taken as usize;
                *more *= 2;
            }
            self.cycle = Cycle { begin: now, taken: 0 };
            let _ = tried_until;
        }
        self.kept.push_back(now);
        if self.kept.len() > 20_000 {
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
        self.taken.push_back(sent);
        if self.taken.len() > 20_000 {
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
        if let Law::Window { requests, per, more, tried_until } = &mut self.law
            && self.cycle.taken as usize >= *requests
        {
            *requests = self.cycle.taken as usize;
            *more = (*requests / 20).max(1);
            *tried_until = self.cycle.begin + *per;
            self.event = Some(Event {
                at: now,
                first: sent,
                last: sent,
                climbing: false,
                blind: false,
                free: false,
                rate: self.ceiling,
                held: false,
                told: until.is_some(),
                taken_since: 1,
            });
            if let Some(until) = until {
                *per = until - self.cycle.begin;
                return self.hold_for(now, Some(until));
            }
            return *tried_until;
        }
        let nothing_since = self.event.is_some_and(|event| event.taken_since == 0);
        let known = self.measured(now, Duration::ZERO);
        self.event = Some(Event {
            at: now,
            first: sent,
            last: sent,
            climbing: self.climbing(now),
            blind: self.climbing(now) && matches!(self.law, Law::Known { climb, .. } if climb > 1.0),
            rate: self.rate(sent),
            free: matches!(self.law, Law::Free),
            held: false,
            told: until.is_some(),
            taken_since: 0,
        });
        if until.is_some() || frequent || nothing_since || self.cycle.taken < 8 {
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
            if let Law::Window { per, tried_until, .. } = &mut self.law
                && (self.cycle.taken == 0 || now < *tried_until + LONG)
            {
                if self.cycle.taken == 0 {
                    *per += recovery;
                }
            } else if recovery >= LONG && recovery > active / 4 && self.cycle.taken >= 8 {
                let requests = self.cycle.taken as usize;
                let more = (requests / 20).max(1);
                self.law = Law::Window { requests, per: now - self.cycle.begin, more, tried_until: now };
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

    fn known(&self, event: Event, low: f64, since: Instant, recovery: Duration) -> Law {
        let active = event.at.saturating_duration_since(self.cycle.begin).as_secs_f64();
        let many = if event.climbing { 10.0 } else { 20.0 };
        let stretch = Duration::from_secs_f64((many / event.rate).clamp(1.0, 600.0));
        let poor = self.cycle.taken < 8;
        let blindly = poor && event.free;
        let tracked = event.first.saturating_duration_since(self.cycle.begin) >= stretch;
        let (low, known, sure) = if tracked {
            let from = event.first.checked_sub(stretch).unwrap_or(event.first);
            let first = self.taken.partition_point(|sent| *sent < from);
            let end = self.taken.partition_point(|sent| *sent <= event.first);
            let known = ((end - first) as f64 + 0.5) / stretch.as_secs_f64();
            let known = if event.blind { known.max(0.9 * event.rate) } else { known };
            (known, known, !event.climbing)
        } else {
            let best = (self.best_second(event.at) - BEST).max(low);
            let overload = self.overload(event).min(best);
            if overload > 0.0 {
                (low.max(overload), event.rate, false)
            } else if !poor && active > 3.0 * recovery.as_secs_f64() && active > 2.0 {
                (low, low * 1.05, true)
            } else if poor && blindly {
                (low, event.rate, false)
            } else if poor {
                (low.max(0.7 * event.rate), 0.9 * event.rate, false)
            } else {
                (low, if best < 8.0 { best.min(1.5 * low) } else { best }, true)
            }
        };
        let known = known.max(SLOWEST);
        let patience = match (sure, event.told) {
            (false, _) => 2.0,
            (true, true) => TOLD,
            (true, false) => BARE,
        };
        let slow = if sure { SLOW } else { SLOW / 4.0 };
        let patience = Duration::from_secs_f64(f64::max(patience, slow / known));
        let climb = if blindly { POOR } else { CLIMB };
        Law::Known { low: low.min(known) * (1.0 - MARGIN), climb, known, since, patience }
    }

    fn overload(&self, event: Event) -> f64 {
        let first = self.taken.partition_point(|sent| *sent <= event.first);
        let end = self.taken.partition_point(|sent| *sent <= event.last);
        if end < first + 2 {
            return 0.0;
        }
        (end - first) as f64 / (event.last - event.first).as_secs_f64()
    }

    /// The most that the server took in any one of the last seconds of the cycle.
    fn best_second(&self, at: Instant) -> f64 {
        let from = at.checked_sub(Duration::from_secs(3)).unwrap_or(at).max(self.cycle.begin);
        let first = self.taken.partition_point(|sent| *sent < from);
        let end = self.taken.partition_point(|sent| *sent <= at);
        let second = Duration::from_secs(1);
        let (mut best, mut left) = (0, first);
        for right in first..end {
            while self.taken[left] + second <= self.taken[right] {
                left += 1;
            }
            best = best.max(right + 1 - left);
        }
        best as f64
    }

    /// Requests a second that the server took before a refusal at `at`, after which it took none for `recovery`.
    fn measured(&self, at: Instant, recovery: Duration) -> f64 {
        let active = at.saturating_duration_since(self.cycle.begin);
        let rate = self.rate(at);
        let long = MEASURED_OVER.max(Duration::from_secs_f64((MEASURED_REQUESTS / rate).min(3600.0)));
        let in_cycle = f64::from(self.cycle.taken);
        if recovery >= LONG {
            return in_cycle / (active + recovery).as_secs_f64();
        }
        if active >= long {
            let from = at.checked_sub(long).unwrap_or(at);
            let taken = self.taken.iter().rev().filter(|sent| **sent > from && **sent <= at).count();
            return taken as f64 / long.as_secs_f64();
        }
        in_cycle / active.max(long.min(active + recovery)).as_secs_f64().max(0.001)
    }
}
