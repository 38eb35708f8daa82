//! Which unit is due. Pure: the time and what the ledger knows are passed in.

use std::time::Duration;

use jiff::{Timestamp, ZonedDateTime};

use super::record::{Trouble, TroubleKind};
use crate::model::{RunStatus, Window};

/// So often a unit that was stopped is tried in a night.
const MOST_TRIES: u32 = 3;
/// After the first time; twice as long after each further one.
const FIRST_REST: Duration = Duration::from_mins(5);

/// The stretch in which every unit is to be carried out once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Night {
    /// When it began.
    pub from: Timestamp,
    /// When nothing more is sent; with no window, never.
    pub to: Option<Timestamp>,
}

impl Night {
    /// The night that `now` is in, or the last one that there was. Without a window it is the day.
    pub fn of(window: Option<Window>, now: &ZonedDateTime) -> Self {
        let Some(window) = window else {
            let begin = now.start_of_day().map_or_else(|_| now.timestamp(), |day| day.timestamp());
            return Self { from: begin, to: None };
        };
        let on = |days_ago: i32, time| {
            let date = (0..days_ago).fold(now.date(), |date, _| date.yesterday().unwrap_or(date));
            // A time that the clock passes over is the first one after it.
            now.time_zone().to_timestamp(date.to_datetime(time)).unwrap_or(now.timestamp())
        };
        let days_ago = i32::from(on(0, window.from) > now.timestamp());
        let from = on(days_ago, window.from);
        let same_day = on(days_ago, window.to);
        let to = if window.to > window.from {
            same_day
        } else if days_ago == 1 {
            on(0, window.to)
        } else {
            same_day.checked_add(jiff::SignedDuration::from_hours(24)).unwrap_or(same_day)
        };
        Self { from, to: Some(to) }
    }

    /// Whether something may be sent now.
    pub fn is_on(&self, now: Timestamp) -> bool {
        self.to.is_none_or(|to| now < to)
    }
}

/// So many units in a row that Altinn did not answer, and a host of several leaves the rest to the others,
pub const OUTAGES_IN_A_ROW: u32 = 5;
/// for so long: longer than any unit rests before it is tried again, so that another host has it first.
pub const ASIDE: Duration = Duration::from_mins(11);

/// Whether a host that reaches the ledger of several and not Altinn stands aside. What it tried in vain counts as a try of
/// the unit's, so it must not try the same ones again until they are given up for the night.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Aside {
    in_a_row: u32,
    until: Option<Timestamp>,
}

impl Aside {
    /// A unit came to its end: Altinn can be reached from here.
    pub fn reached(&mut self) {
        *self = Self::default();
    }

    /// A unit was stopped because Altinn did not answer. Whether the host stands aside from now on.
    pub fn not_reached(&mut self, now: Timestamp) -> bool {
        self.in_a_row += 1;
        let begins = self.in_a_row >= OUTAGES_IN_A_ROW && !self.is_on(now);
        if begins {
            self.until = now.checked_add(ASIDE).ok();
        }
        begins
    }

    /// Whether nothing is to be begun here now.
    pub fn is_on(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| now < until)
    }
}

/// What the ledger has of a unit's last run of tonight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastRun {
    /// How it stands.
    pub status: RunStatus,
    /// When it began.
    pub started_at: Timestamp,
}

/// How a unit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Standing {
    /// To be carried out.
    Due,
    /// Was stopped, and is tried again.
    Waiting {
        /// When.
        until: Timestamp,
    },
    /// Under way.
    AtWork,
    /// Carried out tonight.
    Done,
    /// Refused tonight: somebody has to see to it.
    Refused,
    /// Stopped as often as it is tried in a night.
    Failed,
}

impl Standing {
    /// Whether something is left to do tonight.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Due | Self::Waiting { .. } | Self::AtWork)
    }
}

/// How a unit stands now, by its last run of tonight and by what was in its way.
pub fn standing(last: Option<LastRun>, trouble: Option<&Trouble>, night: Night, now: Timestamp) -> Standing {
    let of_tonight = trouble.filter(|trouble| trouble.at >= night.from);
    match (last, of_tonight) {
        (Some(run), _) if run.status == RunStatus::Running => Standing::AtWork,
        // Somebody may have seen to it by hand since.
        (Some(run), trouble)
            if run.status == RunStatus::Completed
                && trouble.is_none_or(|trouble| trouble.at <= run.started_at) =>
        {
            Standing::Done
        }
        (_, None) => Standing::Due,
        (_, Some(trouble)) if trouble.kind == TroubleKind::Refused => Standing::Refused,
        (_, Some(trouble)) if trouble.tries >= MOST_TRIES => Standing::Failed,
        (_, Some(trouble)) => {
            let rest = FIRST_REST * 2u32.saturating_pow(trouble.tries.saturating_sub(1));
            let rested = trouble.at.checked_add(rest).ok();
            match rested.max(trouble.not_before) {
                Some(until) if until > now => Standing::Waiting { until },
                _ => Standing::Due,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> ZonedDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_night_may_go_over_midnight_and_over_a_change_of_the_clock() {
        let hours = |window: &str, now: &str| {
            let night = Night::of(Window::parse(window), &at(now));
            let zone = at(now).time_zone().clone();
            let shown = |at: Timestamp| at.to_zoned_datetime(zone.clone()).strftime("%d %H:%M").to_string();
            (shown(night.from), shown(night.to.unwrap()), night.is_on(at(now).timestamp()))
        };
        let is = |from: &str, to: &str, on| (from.to_owned(), to.to_owned(), on);
        assert_eq!(hours("01:00-05:00", "2026-11-28T02:00[Europe/Oslo]"), is("28 01:00", "28 05:00", true));
        assert_eq!(hours("01:00-05:00", "2026-11-28T12:00[Europe/Oslo]"), is("28 01:00", "28 05:00", false));
        assert_eq!(hours("01:00-05:00", "2026-11-28T00:30[Europe/Oslo]"), is("27 01:00", "27 05:00", false));
        assert_eq!(hours("23:00-05:00", "2026-11-28T02:00[Europe/Oslo]"), is("27 23:00", "28 05:00", true));
        assert_eq!(hours("23:00-05:00", "2026-11-28T23:30[Europe/Oslo]"), is("28 23:00", "29 05:00", true));
        assert_eq!(hours("02:30-05:00", "2026-03-29T04:00[Europe/Oslo]"), is("29 03:30", "29 05:00", true));
    }

    #[test]
    fn a_host_that_does_not_reach_altinn_stands_aside_until_others_have_had_each_unit() {
        let now: Timestamp = "2026-11-28T02:00:00Z".parse().unwrap();
        let after = |minutes: i64| now.checked_add(jiff::SignedDuration::from_mins(minutes)).unwrap();
        let mut aside = Aside::default();
        assert!((1..OUTAGES_IN_A_ROW).all(|_| !aside.not_reached(now)));
        aside.reached();
        assert!((1..OUTAGES_IN_A_ROW).all(|_| !aside.not_reached(now)), "in a row");
        assert!(aside.not_reached(now) && aside.is_on(now));
        assert!(!aside.not_reached(now), "those that were under way say nothing new");
        let longest_rest = FIRST_REST * 2u32.pow(MOST_TRIES - 2);
        assert!(ASIDE > longest_rest);
        assert!(aside.is_on(after(10)) && !aside.is_on(after(11)));
        assert!(aside.not_reached(after(11)), "one look is enough to know that nothing has changed");
        aside.reached();
        assert!(!aside.is_on(after(11)));
    }

    #[test]
    fn what_is_due_is_told_by_what_became_of_it_tonight() {
        let now: Timestamp = "2026-11-28T02:00:00Z".parse().unwrap();
        let ago = |minutes: i64| now.checked_sub(jiff::SignedDuration::from_mins(minutes)).unwrap();
        let night = Night { from: ago(60), to: None };
        let trouble = |kind, tries, minutes| Trouble {
            lacked: None,
            at: ago(minutes),
            kind,
            tries,
            since: ago(5000),
            message: crate::words::Wording::NOTHING,
            hints: Vec::new(),
            not_before: None,
        };
        let run = |status, minutes| Some(LastRun { status, started_at: ago(minutes) });
        let of = |last, trouble: Option<Trouble>| standing(last, trouble.as_ref(), night, now);
        let (refused, stopped) = (TroubleKind::Refused, TroubleKind::Stopped);
        assert_eq!(of(None, None), Standing::Due);
        assert_eq!(of(run(RunStatus::Completed, 10), None), Standing::Done);
        assert_eq!(of(run(RunStatus::Interrupted, 10), None), Standing::Due);
        assert_eq!(of(run(RunStatus::Running, 10), None), Standing::AtWork);
        assert_eq!(of(None, Some(trouble(refused, 1, 1))), Standing::Refused);
        assert_eq!(of(None, Some(trouble(refused, 1, 61))), Standing::Due, "of another night");
        assert_eq!(
            of(run(RunStatus::Completed, 5), Some(trouble(refused, 1, 10))),
            Standing::Done,
            "by hand since"
        );
        assert!(matches!(of(None, Some(trouble(stopped, 1, 4))), Standing::Waiting { .. }));
        assert_eq!(of(run(RunStatus::Stopped, 8), Some(trouble(stopped, 1, 5))), Standing::Due);
        assert!(matches!(of(None, Some(trouble(stopped, 2, 9))), Standing::Waiting { .. }));
        assert_eq!(of(None, Some(trouble(stopped, 3, 50))), Standing::Failed);
    }
}
