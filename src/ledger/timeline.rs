//! How a run went over time: its attempts counted in stretches, and the pauses between them.

use std::{collections::BTreeMap, ops::AddAssign};

use jiff::Timestamp;

use super::{Ledger, LedgerError};
use crate::model::{AttemptVerdict, RunId};

/// A run's attempts over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// When the first request about a client was sent.
    pub begins: Timestamp,
    /// Seconds from the first to the last.
    pub seconds: f64,
    /// How many seconds each stretch has; more than 0.
    pub stretch_seconds: f64,
    /// The stretches, those without attempts included.
    pub buckets: Vec<Bucket>,
    /// The longest pauses, in the order of time.
    pub pauses: Vec<Pause>,
}

/// What was sent in one stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bucket {
    /// Altinn said that it is so.
    pub done: u64,
    /// Altinn said no.
    pub refused: u64,
    /// No verdict: sent again later.
    pub retried: u64,
}

impl Bucket {
    /// All of them.
    pub fn attempts(self) -> u64 {
        self.done + self.refused + self.retried
    }
}

impl AddAssign for Bucket {
    fn add_assign(&mut self, other: Self) {
        self.done += other.done;
        self.refused += other.refused;
        self.retried += other.retried;
    }
}

/// A time in which nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pause {
    /// Seconds after the first request.
    pub after_seconds: f64,
    /// How long, in seconds.
    pub seconds: f64,
}

/// So many pauses are told apart.
const MOST_PAUSES: usize = 20;

impl Ledger {
    /// How a run's attempts went over time, in at most `stretches` stretches of whole seconds; a pause is longer than
    /// `pause_seconds`, and than a second. `None` where nothing was sent.
    pub fn timeline(
        &self,
        run: &RunId,
        stretches: u32,
        pause_seconds: f64,
    ) -> Result<Option<Timeline>, LedgerError> {
        let seconds = self.attempts_by_second(self.run_number(run)?)?;
        let (Some((first, begin)), Some((_, end))) = (seconds.first_key_value(), seconds.last_key_value())
        else {
            return Ok(None);
        };
        let (first, begins, lasted) = (*first, begin.first_ms, in_seconds(end.last_ms - begin.first_ms));
        let stretch_seconds = stretch(lasted, stretches);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "as many as were asked for"
        )]
        let place = |second: i64| (((second - first) as f64) / stretch_seconds) as usize;
        let last = seconds.keys().last().map_or(0, |last| place(*last));
        let mut buckets = vec![Bucket::default(); last + 1];
        for (second, sent) in &seconds {
            if let Some(bucket) = buckets.get_mut(place(*second)) {
                *bucket += sent.bucket;
            }
        }
        Ok(Some(Timeline {
            begins: Timestamp::from_millisecond(begins)
                .map_err(|error| LedgerError::Damaged(error.to_string()))?,
            seconds: lasted,
            stretch_seconds,
            buckets,
            pauses: longest_pauses(&seconds, begins, pause_seconds),
        }))
    }

    /// What was sent in each second in which anything was, in one pass over a run's attempts.
    fn attempts_by_second(&self, run: i64) -> Result<BTreeMap<i64, Second>, LedgerError> {
        let mut select = self.connection.prepare(
            "SELECT sent_ms, verdict FROM attempt_rows
             WHERE client IN (SELECT client FROM client_rows WHERE run = ?1)",
        )?;
        let mut rows = select.query([run])?;
        let mut seconds = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let sent_ms: i64 = row.get(0)?;
            let second: &mut Second = seconds.entry(sent_ms.div_euclid(1000)).or_insert(Second {
                first_ms: sent_ms,
                last_ms: sent_ms,
                bucket: Bucket::default(),
            });
            second.first_ms = second.first_ms.min(sent_ms);
            second.last_ms = second.last_ms.max(sent_ms);
            match row.get(1)? {
                AttemptVerdict::Done => second.bucket.done += 1,
                AttemptVerdict::Final | AttemptVerdict::Halt => second.bucket.refused += 1,
                AttemptVerdict::Throttled
                | AttemptVerdict::Unreachable
                | AttemptVerdict::Unclear
                | AttemptVerdict::TokenRenewed
                | AttemptVerdict::Lost => second.bucket.retried += 1,
            }
        }
        Ok(seconds)
    }
}

/// What was sent within one second of the clock.
struct Second {
    first_ms: i64,
    last_ms: i64,
    bucket: Bucket,
}

/// The longest stretches without any attempt, in the order of time. Nothing that is longer than a second lies within one.
fn longest_pauses(seconds: &BTreeMap<i64, Second>, begins: i64, pause_seconds: f64) -> Vec<Pause> {
    let gaps = seconds.values().zip(seconds.values().skip(1)).map(|(before, after)| Pause {
        after_seconds: in_seconds(before.last_ms - begins),
        seconds: in_seconds(after.first_ms - before.last_ms),
    });
    let mut pauses: Vec<Pause> = gaps.filter(|gap| gap.seconds > pause_seconds.max(1.0)).collect();
    pauses.sort_by(|one, other| other.seconds.total_cmp(&one.seconds));
    pauses.truncate(MOST_PAUSES);
    pauses.sort_by(|one, other| one.after_seconds.total_cmp(&other.after_seconds));
    pauses
}

fn in_seconds(millis: i64) -> f64 {
    millis as f64 / 1000.0
}

/// The shortest round stretch, in seconds, of which at most so many cover a run. Within less than a second a pace is
/// rightly uneven, so that a shorter one would show what is not there.
fn stretch(seconds: f64, stretches: u32) -> f64 {
    const ROUND: [f64; 15] =
        [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 21_600.0];
    let least = seconds / f64::from(stretches.max(1));
    let round = ROUND.into_iter().find(|round| *round > least);
    round.unwrap_or_else(|| (least / 86_400.0).floor().mul_add(86_400.0, 86_400.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_any_length_is_covered_by_few_round_stretches() {
        for seconds in [0.0, 0.05, 3.0, 59.9, 200.0, 4000.0, 90_000.0, 3e6, 1e9] {
            let stretch = stretch(seconds, 60);
            assert!(seconds / stretch < 60.0, "{seconds}: {stretch}");
            assert!(
                stretch <= 1.0 || seconds / stretch > 11.0 || stretch <= 86_400.0,
                "{seconds}: {stretch}"
            );
        }
    }
}
