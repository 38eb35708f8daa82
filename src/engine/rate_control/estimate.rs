//! What a refusal tells of the server's limit, and the rate that follows from it.

use std::time::Duration;

use tokio::time::Instant;

use super::{Event, FEW, LONG, RateControl, Was};

/// The slowest rate, requests a second: slower limits are kept by the holds.
pub(super) const SLOWEST: f64 = 0.1;
/// What the server took is measured over so many seconds,
const MEASURED_OVER: Duration = Duration::from_secs(2);
/// or over so many requests where they take longer.
const MEASURED_REQUESTS: f64 = 20.0;
/// After a refusal the rate begins so far under what is known,
const UNDER: f64 = 0.10;
/// reaches it after `patience`, and is so far over it after twice that.
const OVER: f64 = 0.05;
/// From then on it grows by the factor e to this, each second.
const FASTER: f64 = 0.3;
/// The rate climbs from what is sure to what is likely by the factor e to this, each second,
const CLIMB: f64 = 0.3;
/// and where too few requests were taken to go by, to this.
const BLIND_CLIMB: f64 = 1.5;
/// Seconds until the rate is as known again: after a refusal that named no time,
const PATIENCE: f64 = 4.0;
/// after one that held everybody until the time it named, which costs more,
const PATIENCE_TOLD: f64 = 12.0;
/// and where the estimate is a guess.
const PATIENCE_UNSURE: f64 = 2.0;
/// As many requests at least go before it is as known again: one refusal among twice as many.
const PATIENCE_REQUESTS: f64 = 70.0;
/// A second that begins and ends with a request holds one more than the limit, or none.
const FENCE_POST: f64 = 0.5;

/// What is known of the server's limit.
#[derive(Debug, Clone, Copy)]
pub(super) enum Law {
    /// Nothing: the job's rate.
    Free,
    /// It takes `requests` at once and then no more until they are `per` old.
    /// Whether it takes more by now is tried from `try_from` on, one request after the other.
    Window { requests: usize, per: Duration, try_from: Instant },
    /// It is between `low` and about `known`, requests a second, measured at `since`. The rate climbs from the one by the
    /// factor e to the `climb` a second, keeps about the other for twice `patience`, and then grows.
    Known { low: f64, climb: f64, known: f64, since: Instant, patience: Duration },
}

impl Law {
    /// Requests a second; `None` for the job's rate.
    pub(super) fn rate(&self, now: Instant) -> Option<f64> {
        let Self::Known { low, climb, known, since, patience } = *self else { return None };
        let (t, patience) = (now.saturating_duration_since(since).as_secs_f64(), patience.as_secs_f64());
        let x = (t / patience - 1.0).min(1.0);
        let about_known = known
            * (1.0 + if x < 0.0 { UNDER } else { OVER } * x.powi(3))
            * (FASTER * (t - 2.0 * patience).max(0.0)).exp();
        Some(about_known.min(low * (climb * t).exp()))
    }

    /// What the rate is doing.
    pub(super) fn is_doing(&self, now: Instant) -> Was {
        match *self {
            Self::Free => Was::Free,
            Self::Window { .. } => Was::Climbing,
            Self::Known { low, climb, known, since, .. } => {
                let climbed = low * (climb * now.saturating_duration_since(since).as_secs_f64()).exp();
                match (climbed < known * (1.0 + OVER), climb > CLIMB) {
                    (true, true) => Was::ClimbingBlindly,
                    (true, false) => Was::Climbing,
                    (false, _) => Was::Settled,
                }
            }
        }
    }
}

impl RateControl {
    /// What a cycle that ended with this event tells of the limit.
    pub(super) fn known(&self, event: Event, low: f64, since: Instant, recovery: Duration) -> Law {
        let active = event.at.saturating_duration_since(self.cycle.begin).as_secs_f64();
        let climbing = event.was != Was::Settled;
        let many = if climbing { 10.0 } else { 20.0 };
        let stretch = Duration::from_secs_f64((many / event.rate).clamp(1.0, 600.0));
        let poor = self.cycle.taken < FEW;
        let blindly = poor && event.was == Was::Free;
        let tracked = event.first.saturating_duration_since(self.cycle.begin) >= stretch;
        let (low, known, sure) = if tracked {
            let from = event.first.checked_sub(stretch).unwrap_or(event.first);
            let first = self.taken.partition_point(|sent| *sent < from);
            let end = self.taken.partition_point(|sent| *sent <= event.first);
            let known = ((end - first) as f64 + 0.5) / stretch.as_secs_f64();
            let known = if event.was == Was::ClimbingBlindly { known.max(0.9 * event.rate) } else { known };
            (known, known, !climbing)
        } else {
            let best = (self.best_second(event.at) - FENCE_POST).max(low);
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
                (
                    low,
                    if best < f64::from(FEW) { best.min(1.5 * low) } else { best },
                    self.cycle.taken >= 2 * FEW,
                )
            }
        };
        let known = known.max(SLOWEST);
        let patience = match (sure, event.told) {
            (false, _) => PATIENCE_UNSURE,
            (true, true) => PATIENCE_TOLD,
            (true, false) => PATIENCE,
        };
        let requests = if sure { PATIENCE_REQUESTS } else { PATIENCE_REQUESTS / 4.0 };
        let patience = Duration::from_secs_f64(f64::max(patience, requests / known));
        let climb = if blindly { BLIND_CLIMB } else { CLIMB };
        Law::Known { low: low.min(known) * (1.0 - OVER), climb, known, since, patience }
    }

    /// Requests a second that the server took between refusals: what a bucket takes that is asked for too much; 0 where
    /// none was.
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
    pub(super) fn measured(&self, at: Instant, recovery: Duration) -> f64 {
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
