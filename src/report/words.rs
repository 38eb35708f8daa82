//! Numbers and times as people read them.

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};

pub use crate::words::count;
use crate::words::{Language, say, text};

/// `less than a second`, `12 s`, `3 min 20 s`, `2 h 5 min`.
pub fn approximately(duration: Duration) -> String {
    let seconds = (duration + Duration::from_millis(500)).as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0) => text!("plan-less-than-a-second").to_owned(),
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => say!("plan-hours", hours = hours).to_string(),
        (hours, minutes, _) => say!("plan-hours-minutes", hours = hours, minutes = minutes).to_string(),
    }
}

/// How long ago it was, as short as a column wants it: `now`, `5 min`, `3 h`, `2 days`, `5 months`, `2 years`.
pub fn age(time: Timestamp, now: Timestamp) -> String {
    const HOUR: i64 = 60;
    const DAY: i64 = 24 * HOUR;
    const MONTH: i64 = 30 * DAY;
    let minutes = (now.as_second() - time.as_second()) / 60;
    if minutes < 1 {
        text!("plan-age-now").to_owned()
    } else if minutes < HOUR {
        format!("{minutes} min")
    } else if minutes < 2 * DAY {
        say!("plan-hours", hours = minutes / HOUR).to_string()
    } else if minutes < 2 * MONTH {
        say!("plan-age-days", days = minutes / DAY).to_string()
    } else if minutes < 24 * MONTH {
        say!("plan-age-months", months = minutes / MONTH).to_string()
    } else {
        say!("plan-age-years", years = minutes / (365 * DAY)).to_string()
    }
}

/// `about 12 s`, or `less than a second`.
pub(super) fn about(duration: Duration) -> String {
    let said = approximately(duration);
    if duration < Duration::from_millis(500) { said } else { say!("plan-about", time = said).to_string() }
}

/// `22:04:31` on the user's clock.
pub fn clock_time(time: Timestamp) -> String {
    time.to_zoned_datetime(TimeZone::system()).strftime("%H:%M:%S").to_string()
}

/// `2026-01-31 22:04:31 +01:00` on the user's clock; `31. januar 2026 kl. 22:04:31` in Norwegian.
pub fn date_time(time: Timestamp) -> String {
    let time = time.to_zoned_datetime(TimeZone::system());
    match Language::current() {
        Language::En => time.strftime("%Y-%m-%d %H:%M:%S %:z").to_string(),
        Language::Nb => {
            let date = say!(
                "plan-date",
                day = i64::from(time.day()),
                month = month(time.month()),
                year = time.year().to_string()
            )
            .to_string();
            format!("{date} kl. {}", time.strftime("%H:%M:%S"))
        }
    }
}

/// A month's name.
fn month(month: i8) -> &'static str {
    match month {
        1 => text!("plan-january"),
        2 => text!("plan-february"),
        3 => text!("plan-march"),
        4 => text!("plan-april"),
        5 => text!("plan-may"),
        6 => text!("plan-june"),
        7 => text!("plan-july"),
        8 => text!("plan-august"),
        9 => text!("plan-september"),
        10 => text!("plan-october"),
        11 => text!("plan-november"),
        _ => text!("plan-december"),
    }
}

/// A time as the ledger keeps it (UTC), as [`date_time`] says it; what is no time stays as it is.
pub(super) fn stored_time(stored: &str) -> String {
    stored.parse().map_or_else(|_| stored.to_owned(), date_time)
}

/// A time as the ledger keeps it (UTC), as the day that it was on the user's calendar: `3 March 2026`.
pub(super) fn stored_day(stored: &str) -> String {
    stored.parse::<Timestamp>().map_or_else(
        |_| stored.to_owned(),
        |time| {
            let time = time.to_zoned_datetime(TimeZone::system());
            let (day, year) = (i64::from(time.day()), time.year().to_string());
            say!("plan-date", day = day, month = month(time.month()), year = year).to_string()
        },
    )
}

/// `2026-03-03`, by UTC: for lists that programs read.
pub(super) fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

/// `+01:00`: how far the user's clock is ahead of UTC.
pub(super) fn offset(time: Timestamp) -> String {
    time.to_zoned_datetime(TimeZone::system()).strftime("%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_norwegian_reads_a_date_as_norwegians_write_it() {
        let time: Timestamp = "2026-03-03T12:00:00Z".parse().unwrap();
        let said = crate::words::in_language(Language::Nb, || date_time(time));
        assert!(said.starts_with("3. mars 2026 kl. "), "{said:?}");
        assert_eq!(crate::words::in_language(Language::Nb, || about(Duration::from_mins(5))), "ca. 5 min");
    }

    #[test]
    fn an_age_is_said_in_its_largest_unit() {
        const DAY: i64 = 24 * 3600;
        let said = |seconds| age(Timestamp::UNIX_EPOCH, Timestamp::from_second(seconds).unwrap());
        let ages = [0, 59, 60, 3599, 3600, 2 * DAY - 1, 2 * DAY, 61 * DAY, 400 * DAY, 730 * DAY];
        assert_eq!(
            ages.map(said),
            ["now", "now", "1 min", "59 min", "1 h", "47 h", "2 days", "2 months", "13 months", "2 years"]
        );
        assert_eq!(said(-5), "now", "a clock that was put back");
    }

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
