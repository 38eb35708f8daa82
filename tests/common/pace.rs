//! Whether a pace was kept, as it is seen where the requests arrive, on a machine that may have much to do beside.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::missing_panics_doc)]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// One request takes so much longer from its sending to its arrival than another.
const JITTER: Duration = Duration::from_millis(50);
const TICK: Duration = Duration::from_millis(1);

/// Watches for how long this process is put aside while others have the processors: so much later than they were sent
/// requests may be seen, and closer to the next ones.
pub struct Watch {
    longest_us: Arc<AtomicU64>,
}

impl Watch {
    pub fn begin() -> Self {
        let longest_us = Arc::new(AtomicU64::new(0));
        let watched = Arc::downgrade(&longest_us);
        thread::spawn(move || {
            while let Some(longest_us) = watched.upgrade() {
                let begin = Instant::now();
                thread::sleep(TICK);
                let aside = begin.elapsed().saturating_sub(TICK);
                longest_us.fetch_max(aside.as_micros().try_into().unwrap(), Ordering::Relaxed);
            }
        });
        Self { longest_us }
    }

    /// No second holds more requests than `rate`. A stretch that is shorter by what keeps them from being seen when they
    /// are sent holds no more, and a whole second no more than come in that much longer.
    pub fn must_be_kept(&self, times: &[Instant], rate: usize) {
        let second = Duration::from_secs(1);
        // The sender is put aside like the one who sees it.
        let slack = JITTER + 2 * Duration::from_micros(self.longest_us.load(Ordering::Relaxed));
        let more = (rate * usize::try_from(slack.as_millis()).unwrap()).div_ceil(1000);
        let (short, whole) = (most_within(times, second.saturating_sub(slack)), most_within(times, second));
        assert!(
            short <= rate && whole <= rate + more,
            "{short} within a second less {slack:?}, {whole} within a second"
        );
    }
}

fn most_within(times: &[Instant], stretch: Duration) -> usize {
    let from =
        |first: usize| times[first..].iter().take_while(|time| **time < times[first] + stretch).count();
    (0..times.len()).map(from).max().unwrap_or(0)
}
