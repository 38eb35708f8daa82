//! Says when the next request may go: the job's rate, and Altinn's `Retry-After`.

use std::{
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::Clock as _,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use tokio::time::{Instant, sleep_until};

use super::Clock;
use crate::model::Rate;

type Limiter = RateLimiter<NotKeyed, InMemoryState, Clock, NoOpMiddleware<std::time::Instant>>;

/// How late a request may be sent and the next still on time. Timers ring up to a few milliseconds late; without
/// this the pace would always be missed a little.
pub(super) const SLACK: Duration = Duration::from_millis(5);

/// One request is many cells of the limiter, about this long each, so that the slack can be less than a request.
const CELL: Duration = Duration::from_millis(1);

/// Lets requests through at a rate, and none before Altinn says so.
///
/// In any stretch of time as long as the rate's (a second for `80/s`), begin included and end not, at most
/// the rate's number of requests are let through. The slack is paid for by the rate: 80/s with 5 ms of slack
/// is 79.6/s.
pub struct Pacer {
    rate: Option<Paced>,
    not_before: Mutex<Option<Instant>>,
}

struct Paced {
    limiter: Limiter,
    cells_per_request: NonZeroU32,
}

impl Pacer {
    /// A pacer for this rate. The first request may go at once.
    pub fn new(rate: Rate) -> Self {
        Self { rate: Paced::new(rate), not_before: Mutex::new(None) }
    }

    /// Takes leave for one request now, or says when to ask again.
    ///
    /// # Errors
    ///
    /// The time before which no request may go.
    pub fn try_ready(&self) -> Result<(), Instant> {
        if let Some(until) = self.held_until() {
            return Err(until);
        }
        let Some(paced) = &self.rate else { return Ok(()) };
        match paced.limiter.check_n(paced.cells_per_request) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(not_until)) => Err(Instant::now() + not_until.wait_time_from(Clock.now())),
            // A request always fits into the burst: it is made of it.
            Err(_) => Ok(()),
        }
    }

    /// Waits for leave for one request. Nothing is taken when it is dropped while waiting.
    pub async fn ready(&self) {
        while let Err(until) = self.try_ready() {
            sleep_until(until).await;
        }
    }

    /// Lets nothing through before `until`. Only a later time changes this: no success clears it.
    pub fn hold_until(&self, until: Instant) {
        let mut not_before = self.not_before.lock().unwrap_or_else(PoisonError::into_inner);
        if not_before.is_none_or(|earlier| until > earlier) {
            *not_before = Some(until);
        }
    }

    /// The time until which nothing is let through; `None` once it has come.
    pub fn held_until(&self) -> Option<Instant> {
        let not_before = *self.not_before.lock().unwrap_or_else(PoisonError::into_inner);
        not_before.filter(|until| *until > Instant::now())
    }
}

impl Paced {
    fn new(rate: Rate) -> Option<Self> {
        let period = rate.period()?;
        let cells = u32::try_from(period.as_nanos() / CELL.as_nanos()).unwrap_or(u32::MAX).max(1);
        let cell = rate.period_paying_for(SLACK)? / cells + Duration::from_nanos(1);
        let slack = u32::try_from(SLACK.as_nanos() / cell.as_nanos().max(1)).unwrap_or(0);
        let cells_per_request = NonZeroU32::new(cells)?;
        let quota = Quota::with_period(cell)?.allow_burst(cells_per_request.saturating_add(slack));
        Some(Self { limiter: RateLimiter::direct_with_clock(quota, Clock), cells_per_request })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Under a virtual clock: sends as often as the pacer allows, now and then late by `delays_ms`.
    fn times_of_requests(rate: Rate, delays_ms: &[u64], many: usize) -> Vec<Duration> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let pacer = Pacer::new(rate);
            let begin = Instant::now();
            let mut delays = delays_ms.iter().cycle();
            let mut times = Vec::new();
            for _ in 0..many {
                tokio::time::advance(Duration::from_millis(*delays.next().unwrap_or(&0))).await;
                pacer.ready().await;
                times.push(begin.elapsed());
            }
            times
        })
    }

    fn most_in_any(stretch: Duration, times: &[Duration]) -> usize {
        (0..times.len())
            .map(|first| times[first..].iter().take_while(|time| **time < times[first] + stretch).count())
            .max()
            .unwrap_or(0)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn no_second_holds_more_requests_than_the_rate_however_late_some_are(
            per_second in 1u32..3000,
            delays_ms in prop::collection::vec(prop_oneof![4 => Just(0u64), 1 => 0u64..30, 1 => 0u64..2500], 1..20),
        ) {
            let rate = Rate::per_second(per_second);
            let many = (per_second as usize * 2).clamp(20, 2000);
            let times = times_of_requests(rate, &delays_ms, many);
            prop_assert!(most_in_any(Duration::from_secs(1), &times) <= per_second as usize);
        }
    }

    #[test]
    fn the_pace_is_reached_though_timers_ring_late() {
        // tokio's timers are a millisecond coarse, so 12.5 ms is never met exactly.
        for per_second in [5, 80, 100, 333, 999] {
            let times = times_of_requests(Rate::per_second(per_second), &[0], per_second as usize * 10);
            let reached = f64::from(per_second) * 10.0 / times.last().unwrap().as_secs_f64();
            assert!(reached >= 0.98 * f64::from(per_second), "{per_second}/s: {reached}");
        }
    }

    #[test]
    fn a_pace_per_minute_is_kept_by_the_minute() {
        let rate = Rate::parse("120/min").unwrap();
        let times = times_of_requests(rate, &[0, 0, 7000], 400);
        assert!(most_in_any(Duration::from_mins(1), &times) <= 120);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_goes_before_the_time_that_altinn_gave_and_an_earlier_time_does_not_shorten_it() {
        let pacer = Pacer::new(Rate::Unlimited);
        let begin = Instant::now();
        pacer.hold_until(begin + Duration::from_secs(30));
        pacer.hold_until(begin + Duration::from_secs(10));
        pacer.ready().await;
        assert_eq!(begin.elapsed().as_secs(), 30);
        assert_eq!(pacer.held_until(), None);
    }
}
