//! Tells an outage of Altinn from a client's bad luck.
//!
//! When nobody answers, or only gateways do, several times in a row, it is not the clients' doing: the run stops
//! sending, asks now and then whether Altinn is back, and takes no try from any client meanwhile.

use std::time::Duration;

use tokio::time::Instant;

use super::backoff;

/// So many answers in a row that nobody gave make an outage.
const OUTAGE_AFTER: u32 = 5;

/// What has been going wrong since the last verdict.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    /// Since when there has been no verdict, though one was asked for.
    since: Option<Instant>,
    unreachable_in_a_row: u32,
    throttled_in_a_row: u32,
    /// When the last refusal came that was not part of the one before.
    throttled_at: Option<Instant>,
    outage: Option<Outage>,
}

#[derive(Debug)]
struct Outage {
    probe_at: Instant,
    probes: u32,
}

impl Trouble {
    /// A verdict came: all is well.
    pub(super) fn verdict(&mut self) {
        *self = Self { throttled_at: self.throttled_at, ..Self::default() };
    }

    /// Altinn itself answered, though without a verdict.
    pub(super) fn unclear(&mut self, now: Instant) {
        self.since.get_or_insert(now);
        self.unreachable_in_a_row = 0;
        self.outage = None;
    }

    /// Altinn answered that it is too much. Answers how long to wait when it did not say; `None` for a request that
    /// had been sent before the last such answer came, for that wait is for this request as well.
    pub(super) fn throttled(&mut self, sent: Instant, now: Instant) -> Option<Duration> {
        self.unclear(now);
        if self.throttled_at.is_some_and(|at| sent <= at) {
            return None;
        }
        self.throttled_at = Some(now);
        self.throttled_in_a_row += 1;
        Some(backoff(self.throttled_in_a_row))
    }

    /// Nobody answered. Answers whether that is to count as one of the client's tries.
    pub(super) fn unreachable(&mut self, now: Instant) -> bool {
        self.since.get_or_insert(now);
        self.unreachable_in_a_row += 1;
        if self.unreachable_in_a_row >= OUTAGE_AFTER && self.outage.is_none() {
            self.outage = Some(Outage { probe_at: now + backoff(1), probes: 0 });
        }
        self.outage.is_none()
    }

    /// When to ask next whether Altinn is back; `None` when there is no outage.
    pub(super) fn probe_at(&self) -> Option<Instant> {
        self.outage.as_ref().map(|outage| outage.probe_at)
    }

    /// Asked, and Altinn is still away. Answers when to ask again.
    pub(super) fn still_away(&mut self, now: Instant) -> Instant {
        let probes = self.outage.as_ref().map_or(0, |outage| outage.probes) + 1;
        let probe_at = now + backoff(probes + 1);
        self.outage = Some(Outage { probe_at, probes });
        probe_at
    }

    /// Asked, and Altinn is back: clients are sent again, and count.
    pub(super) fn back(&mut self) {
        self.unreachable_in_a_row = 0;
        self.outage = None;
    }

    /// When to give up, if nothing changes; `None` while all is well.
    pub(super) fn give_up_at(&self, give_up_after: Duration) -> Option<Instant> {
        self.since.map(|since| since + give_up_after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_fifth_silence_in_a_row_is_an_outage_and_costs_no_client_a_try() {
        let mut trouble = Trouble::default();
        let now = Instant::now();
        let counted: Vec<bool> = (0..7).map(|_| trouble.unreachable(now)).collect();
        assert_eq!(counted, [true, true, true, true, false, false, false]);
        assert!(trouble.probe_at().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_in_between_is_no_outage() {
        let mut trouble = Trouble::default();
        let now = Instant::now();
        for _ in 0..20 {
            assert!((0..4).all(|_| trouble.unreachable(now)));
            trouble.unclear(now);
        }
        assert_eq!(trouble.probe_at(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_of_requests_that_were_under_way_together_make_one_wait() {
        let mut trouble = Trouble::default();
        let begin = Instant::now();
        let at = |ms| begin + Duration::from_millis(ms);
        let first = trouble.throttled(at(0), at(60)).unwrap();
        assert!(first < Duration::from_secs(2), "{first:?}");
        assert!((1..60).all(|ms| trouble.throttled(at(ms), at(60 + ms)).is_none()));
        let second = trouble.throttled(at(2000), at(2060)).unwrap();
        assert!((2.0..4.0).contains(&second.as_secs_f64()), "{second:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn giving_up_counts_from_the_first_trouble_after_the_last_verdict() {
        let mut trouble = Trouble::default();
        let hour = Duration::from_hours(1);
        assert_eq!(trouble.give_up_at(hour), None);
        let first = Instant::now();
        trouble.unreachable(first);
        trouble.unclear(first + Duration::from_secs(50));
        assert_eq!(trouble.give_up_at(hour), Some(first + hour));
        trouble.verdict();
        assert_eq!(trouble.give_up_at(hour), None);
    }
}
