//! How fast a job may go.

use std::{fmt, num::NonZeroU32, time::Duration};

/// A job's pace, from its `[pace]` section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Requests per time, retries and lists included. Default 5/s.
    pub rate: Rate,
    /// Requests under way at once. 1 to 1,024, default 16.
    pub in_flight: usize,
    /// Tries per client. 1 to 100, default 5.
    pub attempts: u32,
    /// How long one request may take, from sending to the end of its answer. Default 120 s: behind
    /// Altinn's front several calls of up to 30 s each are possible.
    pub timeout: Duration,
    /// How long the run goes on without one verdict. Default 15 min.
    pub give_up_after: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            rate: Rate::per_second(5),
            in_flight: 16,
            attempts: 5,
            timeout: Duration::from_mins(2),
            give_up_after: Duration::from_mins(15),
        }
    }
}

/// Requests per time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// As fast as the requests in flight allow.
    Unlimited,
    /// At most this many requests in any stretch of `per` (and one more that begins it).
    Limited {
        /// How many.
        requests: NonZeroU32,
        /// In how long: a second, a minute or an hour.
        per: Duration,
    },
}

impl Rate {
    /// This many requests a second; unlimited for 0.
    pub fn per_second(requests: u32) -> Self {
        NonZeroU32::new(requests)
            .map_or(Self::Unlimited, |requests| Self::Limited { requests, per: Duration::from_secs(1) })
    }

    /// Reads `5/s`, `120/min`, `1000/h` or `unlimited`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "unlimited" {
            return Some(Self::Unlimited);
        }
        let (requests, unit) = text.split_once('/')?;
        let requests: NonZeroU32 = requests.trim().parse().ok()?;
        let per = match unit.trim() {
            "s" | "sec" | "second" => Duration::from_secs(1),
            "min" | "m" | "minute" => Duration::from_mins(1),
            "h" | "hour" => Duration::from_hours(1),
            _ => return None,
        };
        // Faster than one request per microsecond is no pace any more.
        (requests.get() <= 1_000_000).then_some(Self::Limited { requests, per })
    }

    /// The time between two requests; `None` when unlimited.
    pub fn period(self) -> Option<Duration> {
        match self {
            Self::Unlimited => None,
            Self::Limited { requests, per } => Some(per / requests.get()),
        }
    }

    /// The same, longer by what pays for requests that go up to `slack` too late: so no stretch of `per` holds more of them all
    /// the same. `None` when unlimited.
    pub fn period_paying_for(self, slack: Duration) -> Option<Duration> {
        let Self::Limited { per, .. } = self else { return None };
        let stretch = 1.0 + slack.as_secs_f64() / per.as_secs_f64();
        self.period().map(|period| period.mul_f64(stretch))
    }

    /// How long so many requests take at this pace at the least; `None` when unlimited.
    pub fn time_for(self, requests: u64) -> Option<Duration> {
        self.period().map(|period| period.mul_f64(requests as f64))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlimited => formatter.write_str("unlimited"),
            Self::Limited { requests, per } => {
                let unit = match per.as_secs() {
                    1 => "s",
                    60 => "min",
                    _ => "h",
                };
                write!(formatter, "{requests}/{unit}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_requests_per_second_minute_or_hour() {
        assert_eq!(Rate::parse("5/s"), Some(Rate::per_second(5)));
        assert_eq!(Rate::parse("120/min").unwrap().period(), Some(Duration::from_millis(500)));
        assert_eq!(Rate::parse("unlimited"), Some(Rate::Unlimited));
        for wrong in ["0/s", "5", "5/day", "-1/s", "fast", "", "/s", "1.5/s", "2000000/s"] {
            assert_eq!(Rate::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Rate::parse("120/min").unwrap().to_string(), "120/min");
    }

    #[test]
    fn a_thousand_requests_at_five_a_second_take_200_seconds() {
        assert_eq!(Rate::per_second(5).time_for(1000), Some(Duration::from_secs(200)));
    }
}
