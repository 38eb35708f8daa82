//! The wall clock, read in one place: what is written for people and kept over restarts. Whatever waits counts on
//! tokio's clock instead, which tests make virtual. Hosts that share a ledger on a server share its clock, too: what one of
//! them writes is in order with what another has written, and "not before" is the same moment for all.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use jiff::{SignedDuration, Timestamp};

/// A clock that is no further from another is as good.
#[cfg(any(test, feature = "postgres"))]
const NEAR_ENOUGH: SignedDuration = SignedDuration::from_secs(1);

/// How far the clock that is gone by is ahead of this machine's, in microseconds.
static AHEAD: AtomicI64 = AtomicI64::new(0);

/// Now, as this machine's clock has it, or the ledger's server's where that is followed.
pub fn now() -> Timestamp {
    let own = own();
    match AHEAD.load(Relaxed) {
        0 => own,
        ahead => own.checked_add(SignedDuration::from_micros(ahead)).unwrap_or(own),
    }
}

/// Now, as this machine's own clock has it, whatever others say.
pub fn own() -> Timestamp {
    Timestamp::now()
}

/// How far the clock that is gone by is ahead of this machine's; zero where this machine's is.
pub fn ahead() -> SignedDuration {
    SignedDuration::from_micros(AHEAD.load(Relaxed))
}

/// Goes by another clock from now on: it said `theirs` between `asked` and `answered`, both on this machine's own. One that
/// is within a second of this machine's changes nothing.
#[cfg(feature = "postgres")]
pub fn follow(theirs: Timestamp, asked: Timestamp, answered: Timestamp) {
    let found = theirs.duration_since(asked) - answered.duration_since(asked) / 2;
    let next = next_ahead(ahead(), found);
    AHEAD.store(i64::try_from(next.as_micros()).unwrap_or(0), Relaxed);
}

/// What is gone by after another clock was found so far ahead. A difference is kept while it is near enough: time is not to
/// jump whenever an answer takes a little longer.
#[cfg(any(test, feature = "postgres"))]
fn next_ahead(before: SignedDuration, found: SignedDuration) -> SignedDuration {
    let is_near = |other: SignedDuration| (found - other).abs() <= NEAR_ENOUGH;
    if is_near(before) {
        before
    } else if is_near(SignedDuration::ZERO) {
        SignedDuration::ZERO
    } else {
        found
    }
}

/// A time as it is kept and shown to machines: UTC, to the millisecond.
pub fn stamp(time: Timestamp) -> String {
    format!("{time:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_clock_is_followed_where_it_is_more_than_a_second_off_and_until_it_is_right() {
        let ms = SignedDuration::from_millis;
        assert_eq!(next_ahead(ms(0), ms(900)), ms(0));
        assert_eq!(next_ahead(ms(0), ms(-300_000)), ms(-300_000));
        assert_eq!(next_ahead(ms(-300_000), ms(-300_400)), ms(-300_000), "an answer that took longer");
        assert_eq!(next_ahead(ms(-300_000), ms(-302_000)), ms(-302_000));
        assert_eq!(next_ahead(ms(-300_000), ms(700)), ms(0), "set right meanwhile");
    }
}
