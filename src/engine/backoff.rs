//! How long to wait before asking again.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(1);
const FACTOR: u32 = 3;
const LONGEST: Duration = Duration::from_mins(1);

/// The wait after the `tries`-th try (from 1) without a verdict: 1 s, 3 s, 9 s, 27 s, then 60 s, each a quarter
/// more or less by chance, so that what failed together does not come back together.
pub fn backoff(tries: u32) -> Duration {
    let steps = tries.saturating_sub(1).min(8);
    let wait = FIRST.saturating_mul(FACTOR.saturating_pow(steps)).min(LONGEST);
    wait.mul_f64(0.75 + 0.5 * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_from_a_second_to_a_minute_give_or_take_a_quarter() {
        for (tries, middle) in [(1, 1.0), (2, 3.0), (3, 9.0), (4, 27.0), (5, 60.0), (u32::MAX, 60.0)] {
            for _ in 0..100 {
                let wait = backoff(tries).as_secs_f64();
                assert!((middle * 0.75..=middle * 1.25).contains(&wait), "{tries}: {wait}");
            }
        }
    }
}
