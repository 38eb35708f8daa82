//! How many requests are under way at once, within the job's `in_flight`. Pure: the time is passed in.
//!
//! As long as the pace is what holds requests back, as many are under way as rate × latency makes. When `in_flight` is
//! what holds them back, either the answers are slow by nature, and every request under way counts, or requests queue
//! up in the server, and fewer do as well. Answers that take as long as the fastest did tell the one; else fewer are tried,
//! and kept where no fewer answers come of it.

use std::time::Duration;

use tokio::time::Instant;

/// An epoch has at least so many answers, and lasts two latencies and a second.
const ANSWERS: u32 = 20;
/// Answers that take so many times the fastest one's time may have queued.
const QUEUED: f64 = 1.5;
/// As many answers as before, or nearly.
const AS_MANY: f64 = 0.95;
/// The most epochs between two trials that came to nothing.
const LONGEST_REST: u32 = 32;

/// The number of requests that may be under way at once.
#[derive(Debug)]
pub(super) struct InFlight {
    most: usize,
    allowed: usize,
    fastest: Option<Duration>,
    epoch: Epoch,
    trial: Option<Trial>,
    /// Epochs until the next trial.
    rest: u32,
    longer_rest: u32,
    /// Epochs in a row in which slow answers and not a queue held the pace back.
    slow_by_nature: u32,
}

#[derive(Debug)]
struct Epoch {
    begin: Instant,
    answers: u32,
    latencies: Duration,
    held_back: u32,
}

impl Epoch {
    fn new(begin: Instant) -> Self {
        Self { begin, answers: 0, latencies: Duration::ZERO, held_back: 0 }
    }
}

#[derive(Debug)]
struct Trial {
    before: usize,
    answers_per_second: f64,
}

impl InFlight {
    /// At most so many (at least 1).
    pub(super) fn new(most: usize, now: Instant) -> Self {
        Self {
            most,
            allowed: most.max(1),
            fastest: None,
            epoch: Epoch::new(now),
            trial: None,
            rest: 0,
            longer_rest: 1,
            slow_by_nature: 0,
        }
    }

    /// How many may be under way now.
    pub(super) fn allowed(&self) -> usize {
        self.allowed
    }

    /// An answer came, and a request could have gone before it, had not too many been under way.
    pub(super) fn held_back(&mut self) {
        self.epoch.held_back += 1;
    }

    /// An answer came after `latency`. Answers how many requests under way the `rate` (a second) would need, when
    /// the job's `in_flight` holds it back for good.
    pub(super) fn answered(&mut self, latency: Duration, now: Instant, rate: f64) -> Option<usize> {
        self.fastest = Some(self.fastest.map_or(latency, |fastest| fastest.min(latency)));
        self.epoch.answers += 1;
        self.epoch.latencies += latency;
        let mean = self.epoch.latencies / self.epoch.answers;
        let lasted = now.saturating_duration_since(self.epoch.begin);
        if self.epoch.answers < ANSWERS || lasted < (mean * 2).max(Duration::from_secs(1)) {
            return None;
        }
        let answers_per_second = f64::from(self.epoch.answers) / lasted.as_secs_f64();
        let held_back = self.epoch.held_back * 2 > self.epoch.answers;
        self.epoch = Epoch::new(now);
        if !held_back {
            self.trial = None;
            self.slow_by_nature = 0;
            return None;
        }
        self.end_epoch(mean, answers_per_second);
        let needed = (rate * mean.as_secs_f64()).ceil();
        let says = self.slow_by_nature == 2 && self.allowed == self.most && needed > self.most as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and far below the limit"
        )]
        says.then_some(needed.min(100_000.0) as usize)
    }

    fn end_epoch(&mut self, mean: Duration, answers_per_second: f64) {
        if let Some(Trial { before, answers_per_second: without }) = self.trial.take() {
            let as_many = answers_per_second >= AS_MANY * without;
            let more = answers_per_second * AS_MANY > without;
            if if self.allowed < before { as_many } else { more } {
                self.longer_rest = 1;
            } else {
                self.slow_by_nature += u32::from(self.allowed < before);
                self.allowed = before;
                self.longer_rest = (self.longer_rest * 2).min(LONGEST_REST);
            }
            self.rest = self.longer_rest;
            return;
        }
        let fastest = self.fastest.unwrap_or(mean);
        let queued = mean.as_secs_f64() > QUEUED * fastest.as_secs_f64();
        self.slow_by_nature += u32::from(!queued);
        self.rest = self.rest.saturating_sub(1);
        if self.rest > 0 {
            return;
        }
        let next = if queued {
            // What would be under way without a queue, and a few more; no less than half at once.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive and small")]
            let without = (answers_per_second * fastest.as_secs_f64() * 1.25).ceil() as usize + 1;
            without.max(self.allowed / 2).min(self.allowed)
        } else {
            (self.allowed * 2).min(self.most)
        };
        if next != self.allowed {
            self.trial = Some(Trial { before: self.allowed, answers_per_second });
            self.allowed = next.max(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends as fast as may be for a while to a server that answers after `latency(under way)`, or one after the other.
    /// Answers what is under way at the end, the answers a second, and what was said to be needed.
    fn run(
        most: usize,
        rate: f64,
        service: Duration,
        one_after_the_other: bool,
        seconds: u64,
    ) -> (usize, f64, Option<usize>) {
        let begin = Instant::now();
        let mut in_flight = InFlight::new(most, begin);
        let (mut now, mut next, mut free_at) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
        let mut under_way = std::collections::VecDeque::<(Duration, Duration)>::new();
        let (mut answers, mut needed) = (0u32, None);
        while now < Duration::from_secs(seconds) {
            while now >= next {
                if under_way.len() >= in_flight.allowed() {
                    break;
                }
                free_at = if one_after_the_other { free_at.max(now) + service } else { now + service };
                under_way.push_back((now, free_at));
                next = next.max(now) + Duration::from_secs_f64(1.0 / rate);
            }
            let answer = under_way.front().map(|(_, at)| *at);
            let due = (under_way.len() < in_flight.allowed()).then_some(next);
            now = [answer, due].into_iter().flatten().min().unwrap();
            while under_way.front().is_some_and(|(_, at)| *at <= now) {
                if under_way.len() >= in_flight.allowed() && now >= next {
                    in_flight.held_back();
                }
                let (sent, _) = under_way.pop_front().unwrap();
                answers += u32::from(now > Duration::from_secs(seconds / 2));
                needed = needed.or(in_flight.answered(now.saturating_sub(sent), begin + now, rate));
            }
        }
        (in_flight.allowed(), f64::from(answers) / (seconds as f64 / 2.0), needed)
    }

    #[test]
    fn a_server_that_answers_one_after_the_other_gets_no_queue_and_no_fewer_requests() {
        let (allowed, answers, needed) = run(64, 100.0, Duration::from_millis(50), true, 120);
        assert!(allowed <= 6, "{allowed}");
        assert!(answers >= 19.0, "{answers}");
        assert_eq!(needed, None);
    }

    #[test]
    fn answers_that_are_slow_by_nature_get_all_that_the_job_allows_and_it_is_said_what_they_need() {
        let (allowed, answers, needed) = run(16, 5.0, Duration::from_secs(10), false, 600);
        assert_eq!((allowed, needed), (16, Some(50)));
        assert!(answers >= 1.55, "{answers}");
    }

    #[test]
    fn nothing_is_said_where_the_pace_is_what_holds_back() {
        let (allowed, answers, needed) = run(64, 5.0, Duration::from_secs(10), false, 200);
        assert_eq!((allowed, needed), (64, None));
        assert!(answers >= 4.9, "{answers}");
    }
}
