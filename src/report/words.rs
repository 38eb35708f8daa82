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

/// The same in columns, shorter where the language has it shorter: `31.01.2026 22:04:31`.
pub fn date_time_in_table(time: Timestamp) -> String {
    match Language::current() {
        Language::En => date_time(time),
        Language::Nb => time.to_zoned_datetime(TimeZone::system()).strftime("%d.%m.%Y %H:%M:%S").to_string(),
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
        let said = crate::words::in_language(Language::Nb, || (date_time(time), date_time_in_table(time)));
        assert!(said.0.starts_with("3. mars 2026 kl. ") && said.1.starts_with("03.03.2026 "), "{said:?}");
        assert_eq!(crate::words::in_language(Language::Nb, || about(Duration::from_mins(5))), "ca. 5 min");
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
