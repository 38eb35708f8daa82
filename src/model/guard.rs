//! `[guard]`: how much a run may change, and how old its list may be, before it is refused as a whole.

use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};

use crate::words::say;

/// What goes past one of these refuses the run; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guard {
    /// Removals from one agent: of a reconcile those of clients that no manifest row names, of other kinds all.
    pub removals: Option<Limit>,
    /// Delegations to one agent of clients that it does not have.
    pub additions: Option<Limit>,
    /// How long ago the manifest's file may have been written.
    pub manifest_age: Option<Duration>,
    /// How long nobody may have written the manifest's file before clients lose access that it does not name.
    pub manifest_rest: Duration,
    /// What somebody has said yes to for this run alone.
    pub once: Once,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            removals: None,
            additions: None,
            manifest_age: None,
            manifest_rest: DEFAULT_REST,
            once: Once::default(),
        }
    }
}

/// Longer than a program that writes a list row by row stands still.
const DEFAULT_REST: Duration = Duration::from_secs(10);

/// What is let through for one run: a plan that changes exactly so much. Said on the command line, never in a job file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Once {
    /// Removals, on all agents together.
    pub removals: Option<u64>,
    /// Additions, on all agents together.
    pub additions: Option<u64>,
    /// Names in the list that are not Altinn's, on all agents together.
    pub other_names: Option<u64>,
}

/// A limit for changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// Per cent of the clients delegated now, 0 to 100.
    Percent(f64),
    /// A number of clients.
    Count(u64),
}

impl Limit {
    /// A limit as the job file has it: a share such as `"10%"`, or a number of clients, in quotes or not.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words; `key` is what it is for.
    pub(super) fn parse(key: &str, value: &toml::Value) -> Result<Self, String> {
        let wrong = || say!("model-is-a-share-such-as-10-or-a-number-of-clients", key = key).to_string();
        match value {
            toml::Value::Integer(count) => u64::try_from(*count).map(Self::Count).map_err(|_| wrong()),
            toml::Value::String(text) => match text.strip_suffix('%') {
                // `1e2` and `inf` are numbers to a program, and no share that a person means.
                Some(share) => Some(share.trim())
                    .filter(|share| share.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
                    .and_then(|share| share.parse::<f64>().ok())
                    .filter(|share| (0.0..=100.0).contains(share))
                    .map(Self::Percent)
                    .ok_or_else(wrong),
                None => Some(text.trim())
                    .filter(|count| count.bytes().all(|byte| byte.is_ascii_digit()))
                    .and_then(|count| count.parse().ok())
                    .map(Self::Count)
                    .ok_or_else(wrong),
            },
            _ => Err(wrong()),
        }
    }

    /// How many of so many clients it allows: a share is never rounded up.
    pub fn of(self, clients: u64) -> u64 {
        match self {
            Self::Count(count) => count,
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a share of a count, from 0 up"
            )]
            Self::Percent(share) => (clients as f64 * share / 100.0 + 1e-9).floor() as u64,
        }
    }
}

/// How old a list may be: a minute to ten years, such as `"36h"` or `"7d"`.
///
/// # Errors
///
/// What is wrong with it, in words.
pub(super) fn manifest_age(text: &str) -> Result<Duration, String> {
    text.parse::<Span>()
        .ok()
        .and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok())
        .and_then(|age| Duration::try_from(age).ok())
        .filter(|age| (Duration::from_mins(1)..=Duration::from_hours(10 * 366 * 24)).contains(age))
        .ok_or_else(|| {
            say!("model-manifest-age-is-not-an-age-such-as-36h-or-7d", text = format!("{:?}", text))
                .to_string()
        })
}

/// How long a list must have been left alone: nothing to an hour, such as `"10s"`.
///
/// # Errors
///
/// What is wrong with it, in words.
pub(super) fn manifest_rest(text: &str) -> Result<Duration, String> {
    text.parse::<SignedDuration>()
        .ok()
        .and_then(|rest| Duration::try_from(rest).ok())
        .filter(|rest| *rest <= Duration::from_hours(1))
        .ok_or_else(|| say!("model-manifest-rest-is-no-time", text = format!("{:?}", text)).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_never_rounded_up() {
        let allowed = |share, of| Limit::Percent(share).of(of);
        assert_eq!(allowed(10.0, 1000), 100);
        assert_eq!((allowed(10.0, 19), allowed(10.0, 9), allowed(0.0, 1000)), (1, 0, 0));
        assert_eq!((allowed(100.0, 7), allowed(2.5, 120), allowed(33.3, 10)), (7, 3, 3));
    }

    #[test]
    fn a_limit_is_a_share_or_a_number_with_or_without_quotes() {
        let parse = |value: &str| {
            let table: toml::Table = format!("limit = {value}").parse().unwrap();
            Limit::parse("additions", &table["limit"])
        };
        for (value, limit) in [
            ("500", Limit::Count(500)),
            ("\"500\"", Limit::Count(500)),
            ("0", Limit::Count(0)),
            ("\"10%\"", Limit::Percent(10.0)),
            ("\"2.5 %\"", Limit::Percent(2.5)),
        ] {
            assert_eq!(parse(value), Ok(limit), "{value}");
        }
        for wrong in ["-1", "\"-1\"", "\"101%\"", "\"many\"", "0.5", "true", "\"NaN%\""] {
            assert!(parse(wrong).unwrap_err().starts_with("additions is a share"), "{wrong}");
        }
    }

    #[test]
    fn an_age_is_hours_or_days() {
        assert_eq!(manifest_age("36h"), Ok(Duration::from_hours(36)));
        assert_eq!(manifest_age("7d"), Ok(Duration::from_hours(7 * 24)));
        for wrong in ["", "36", "-1h", "1s", "yesterday", "90000d"] {
            assert!(manifest_age(wrong).is_err(), "{wrong}");
        }
    }
}
