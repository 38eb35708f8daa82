//! Time is tokio's clock: real in the program, virtual in tests.

use std::time::Instant;

/// Tells the time to the rate limiter from tokio's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock;

impl governor::clock::Clock for Clock {
    type Instant = Instant;

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }
}
