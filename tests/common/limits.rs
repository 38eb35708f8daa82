//! Limiters as servers have them, the best that can be done against each, and a simulation of a run against one.
//!
//! The simulation asks the same [`RateControl`] that the engine's loop asks, and takes a millisecond's worth of real
//! time for a minute of simulated time, so that a whole grid of limits is walked through in a test.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::unchecked_time_subtraction,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)]

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use tokio::time::Instant;

use fullmakt::engine::{Answered, Leave, RateControl};

/// How a server limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A bucket that holds so many, filled at the limit's rate.
    Bucket(u32),
    /// So many in each stretch of the clock.
    Fixed,
    /// So many in any stretch.
    Sliding,
}

/// So many requests per time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    pub requests: u32,
    pub per: Duration,
}

impl Limit {
    pub fn per_second(requests: u32) -> Self {
        Self { requests, per: Duration::from_secs(1) }
    }

    pub fn per_minute(requests: u32) -> Self {
        Self { requests, per: Duration::from_mins(1) }
    }

    fn rate(self) -> f64 {
        f64::from(self.requests) / self.per.as_secs_f64()
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let per = if self.per == Duration::from_secs(1) { "s" } else { "min" };
        write!(formatter, "{}/{per}", self.requests)
    }
}

/// A limiter at work. Times are from the beginning of the run.
#[derive(Debug, Clone)]
pub struct Limiter {
    kind: Kind,
    /// From when which limit holds, in order; the first from the beginning.
    limits: Vec<(Duration, Limit)>,
    tokens: f64,
    filled_at: Duration,
    window: u64,
    in_window: u32,
    accepted: VecDeque<Duration>,
}

impl Limiter {
    pub fn new(kind: Kind, limits: Vec<(Duration, Limit)>) -> Self {
        let tokens = if let Kind::Bucket(burst) = kind { f64::from(burst) } else { 0.0 };
        Self {
            kind,
            limits,
            tokens,
            filled_at: Duration::ZERO,
            window: 0,
            in_window: 0,
            accepted: VecDeque::new(),
        }
    }

    fn limit(&self, at: Duration) -> Limit {
        self.limits.iter().rev().find(|(from, _)| *from <= at).unwrap_or(&self.limits[0]).1
    }

    /// Takes a request, or says how long it is until one is taken.
    pub fn ask(&mut self, at: Duration) -> Result<(), Duration> {
        let limit = self.limit(at);
        match self.kind {
            Kind::Bucket(burst) => {
                let filled = (at - self.filled_at).as_secs_f64() * limit.rate();
                self.tokens = (self.tokens + filled).min(f64::from(burst));
                self.filled_at = at;
                if self.tokens >= 1.0 - 1e-6 {
                    self.tokens -= 1.0;
                    return Ok(());
                }
                Err(Duration::from_secs_f64((1.0 - self.tokens) / limit.rate()))
            }
            Kind::Fixed => {
                let window = u64::try_from(at.as_nanos() / limit.per.as_nanos()).unwrap();
                if window != self.window {
                    (self.window, self.in_window) = (window, 0);
                }
                if self.in_window < limit.requests {
                    self.in_window += 1;
                    return Ok(());
                }
                Err(limit.per * u32::try_from(window + 1).unwrap() - at)
            }
            Kind::Sliding => {
                while self.accepted.front().is_some_and(|first| at >= *first + limit.per) {
                    self.accepted.pop_front();
                }
                if self.accepted.len() < limit.requests as usize {
                    self.accepted.push_back(at);
                    return Ok(());
                }
                let frees = self.accepted[self.accepted.len() - limit.requests as usize];
                Err(frees + limit.per - at)
            }
        }
    }

    /// When the last of `clients` requests is taken, for somebody who knows the limit and may send so many a second.
    pub fn ideal(mut self, clients: usize, asked: f64) -> Duration {
        let mut at = Duration::ZERO;
        for client in 0..clients {
            if client > 0 {
                at += Duration::from_secs_f64(1.0 / asked);
            }
            while let Err(wait) = self.clone().ask(at) {
                // A limit that moves may take it sooner than was said.
                at += wait.min(Duration::from_secs(1)) + Duration::from_micros(1);
            }
            self.ask(at).unwrap();
        }
        at
    }
}

/// One cell of the grid.
#[derive(Debug, Clone)]
pub struct Cell {
    pub kind: Kind,
    pub limits: Vec<(Duration, Limit)>,
    /// The job's pace, requests a second.
    pub asked: u32,
    pub in_flight: usize,
    pub clients: usize,
    /// From a request to its refusal.
    pub refusal: Duration,
    /// From a request to its verdict.
    pub latency: Duration,
    /// Whether a refusal says how long to wait, in whole seconds.
    pub retry_after: bool,
}

/// What became of a cell.
#[derive(Debug, Clone, Default)]
pub struct Ran {
    pub took: Duration,
    pub ideal: Duration,
    pub requests: usize,
    pub refused: usize,
    /// When each request was sent, and whether it was taken.
    pub log: Vec<(Duration, bool)>,
}

impl Ran {
    /// Time taken by the ideal time.
    pub fn ratio(&self) -> f64 {
        self.took.as_secs_f64() / self.ideal.as_secs_f64()
    }

    /// Refusals among the requests.
    pub fn refusals(&self) -> f64 {
        self.refused as f64 / self.requests as f64
    }
}

impl Cell {
    pub fn limiter(&self) -> Limiter {
        Limiter::new(self.kind, self.limits.clone())
    }

    /// Runs the cell in simulated time.
    pub fn run(&self) -> Ran {
        let begin = Instant::now();
        let mut control = RateControl::new(Some(f64::from(self.asked)), begin);
        let mut limiter = self.limiter();
        let mut ran = Ran {
            ideal: self.limiter().ideal(self.clients, f64::from(self.asked)) + self.latency,
            ..Ran::default()
        };
        // The job's pace, which the pacer keeps in the program.
        let period = Duration::from_secs_f64(1.005 / f64::from(self.asked));
        let mut pacer_at = Duration::ZERO;
        let mut answers: BTreeMap<(Duration, usize), (Duration, Answered)> = BTreeMap::new();
        // Who is to be sent: now, or when.
        let mut waiting: Vec<Duration> = vec![Duration::ZERO; self.clients];
        waiting.reverse();
        let (mut now, mut under_way, mut done) = (Duration::ZERO, 0, 0);
        while done < self.clients {
            let mut wake = None;
            loop {
                let due = waiting.last().copied();
                if due.is_none_or(|due| due > now) || under_way >= self.in_flight {
                    wake = due.filter(|due| *due > now);
                    break;
                }
                match control.leave(begin + now, under_way) {
                    Leave::Now => {}
                    Leave::At(at) => {
                        wake = Some(at - begin);
                        break;
                    }
                    Leave::AfterAnAnswer => break,
                }
                if pacer_at > now {
                    wake = Some(pacer_at);
                    break;
                }
                pacer_at = pacer_at.max(now.saturating_sub(Duration::from_millis(5))) + period;
                control.sent(begin + now);
                waiting.pop();
                under_way += 1;
                let taken = limiter.ask(now);
                ran.requests += 1;
                ran.refused += usize::from(taken.is_err());
                ran.log.push((now, taken.is_ok()));
                let (after, answer) = match taken {
                    Ok(()) => (self.latency, Answered::Taken),
                    Err(wait) => {
                        let said = Duration::from_secs(wait.as_secs_f64().ceil() as u64);
                        (self.refusal, Answered::Refused(self.retry_after.then_some(said)))
                    }
                };
                answers.insert((now + after, ran.requests), (now, answer));
            }
            let answered_at = answers.first_key_value().map(|((at, _), _)| *at);
            // Timers ring on the next whole millisecond.
            let wake =
                wake.map(|at| Duration::from_millis(at.as_nanos().div_ceil(1_000_000) as u64).max(now));
            let next = [answered_at, wake].into_iter().flatten().min().expect("something to wait for");
            assert!(next < Duration::from_hours(4), "never ends: {self:?}");
            now = next;
            while let Some(entry) = answers.first_entry() {
                if entry.key().0 > now {
                    break;
                }
                let (sent, answer) = entry.remove();
                under_way -= 1;
                let due = control.answered(begin + sent, begin + now, answer) - begin;
                if answer == Answered::Taken {
                    done += 1;
                } else {
                    let place = waiting.partition_point(|other| *other > due);
                    waiting.insert(place, due);
                }
            }
        }
        ran.took = now;
        ran
    }
}

/// A cell of the grid, with what it is to keep.
#[derive(Debug, Clone)]
pub struct Target {
    /// Which kind of limiter, and which limit.
    pub family: String,
    pub cell: Cell,
    /// The most time, as a multiple of the ideal.
    pub time: f64,
    /// The most refusals among the requests.
    pub refusals: f64,
}

impl Target {
    pub fn is_met(&self, ran: &Ran) -> bool {
        ran.ratio() <= self.time && ran.refusals() <= self.refusals
    }
}

/// Buckets, fixed and sliding windows; per second and per minute; 20 to 400 asked; refusals after 0, 60 and 300 ms, with
/// `Retry-After` and without; limits that move. 16 requests under way at most, verdicts after 30 ms, half a minute at
/// the limit at least.
pub fn grid() -> Vec<Target> {
    let steady = [
        Limit::per_second(10),
        Limit::per_second(40),
        Limit::per_second(100),
        Limit::per_minute(120),
        Limit::per_minute(600),
        Limit::per_minute(2400),
    ];
    let at = |seconds, limit| (Duration::from_secs(seconds), limit);
    let moving = [
        [at(0, Limit::per_second(40)), at(30, Limit::per_second(80)), at(60, Limit::per_second(20))],
        [at(0, Limit::per_second(100)), at(20, Limit::per_second(20)), at(50, Limit::per_second(60))],
        [at(0, Limit::per_minute(600)), at(120, Limit::per_minute(300)), at(240, Limit::per_minute(1200))],
    ];
    let steady = steady.map(|limit| (vec![at(0, limit)], clients(limit), 1.15, limit.to_string()));
    let moving = moving.map(|limits| {
        let names: Vec<_> = limits.iter().map(|(_, limit)| limit.to_string()).collect();
        (limits.to_vec(), 4000, 1.3, names.join(", then "))
    });
    let mut grid = Vec::new();
    for (limits, clients, time, name) in steady.into_iter().chain(moving) {
        let first = limits[0].1.requests;
        for (kind, words, refusals) in [
            (Kind::Bucket(1), "bucket of one", 0.06),
            (Kind::Bucket(first), "bucket", 0.03),
            (Kind::Fixed, "fixed window", 0.03),
            (Kind::Sliding, "sliding window", 0.03),
        ] {
            for retry_after in [false, true] {
                let told = if retry_after { "Retry-After" } else { "bare 429" };
                for asked in [20, 80, 200, 400] {
                    for refusal_ms in [0, 60, 300] {
                        let cell = Cell {
                            kind,
                            limits: limits.clone(),
                            asked,
                            in_flight: 16,
                            clients,
                            refusal: Duration::from_millis(refusal_ms),
                            latency: Duration::from_millis(30),
                            retry_after,
                        };
                        let family = format!("{words} | {name} | {told}");
                        grid.push(Target { family, cell, time, refusals });
                    }
                }
            }
        }
    }
    grid
}

fn clients(limit: Limit) -> usize {
    if limit.per == Duration::from_secs(1) { (limit.requests as usize * 30).max(1200) } else { 1200 }
}
