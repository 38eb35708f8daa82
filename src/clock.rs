//! The wall clock, read in one place: what is written for people and kept over restarts. Whatever waits counts on
//! tokio's clock instead, which tests make virtual.

use jiff::Timestamp;

/// Now, as this machine's clock has it.
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// A time as it is kept and shown to machines: UTC, to the millisecond.
pub fn stamp(time: Timestamp) -> String {
    format!("{time:.3}")
}
