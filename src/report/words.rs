//! Numbers and times as people read them.

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};

pub use crate::words::count;

/// `less than a second`, `12 s`, `3 min 20 s`, `2 h 5 min`.
pub fn approximately(duration: Duration) -> String {
    let seconds = (duration + Duration::from_millis(500)).as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0) => "less than a second".to_owned(),
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{} h", count(hours)),
        (hours, minutes, _) => format!("{} h {minutes} min", count(hours)),
    }
}

/// `about 12 s`, or `less than a second`.
pub(super) fn about(duration: Duration) -> String {
    let said = approximately(duration);
    if said.starts_with("less") { said } else { format!("about {said}") }
}

/// `22:04:31` on the user's clock.
pub fn clock_time(time: Timestamp) -> String {
    time.to_zoned_datetime(TimeZone::system()).strftime("%H:%M:%S").to_string()
}

/// `2026-01-31 22:04:31 +01:00` on the user's clock.
pub fn date_time(time: Timestamp) -> String {
    time.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
}

/// A time as the ledger keeps it (UTC), as [`date_time`] says it; what is no time stays as it is.
pub(super) fn stored_time(stored: &str) -> String {
    stored.parse().map_or_else(|_| stored.to_owned(), date_time)
}

/// `+01:00`: how far the user's clock is ahead of UTC.
pub(super) fn offset(time: Timestamp) -> String {
    time.to_zoned_datetime(TimeZone::system()).strftime("%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_said_in_its_two_largest_units() {
        let said = |seconds| approximately(Duration::from_secs(seconds));
        assert_eq!(said(0), "less than a second");
        assert_eq!(said(12), "12 s");
        assert_eq!(said(60), "1 min");
        assert_eq!(said(200), "3 min 20 s");
        assert_eq!(said(7500), "2 h 5 min");
        assert_eq!(said(7200), "2 h");
    }
}
