//! How a run went over time: its attempts counted in stretches, and the pauses between them.

use jiff::Timestamp;

use super::{Ledger, LedgerError, db::params};
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

const OF_RUN: &str = "client IN (SELECT client FROM client_rows WHERE run = ?1)";

impl Ledger {
    /// How a run's attempts went over time, in at most `stretches` stretches; a pause is longer than
    /// `pause_seconds`. `None` where nothing was sent.
    pub fn timeline(
        &self,
        run: &RunId,
        stretches: u32,
        pause_seconds: f64,
    ) -> Result<Option<Timeline>, LedgerError> {
        let run = self.run_number(run)?;
        let (begins, seconds): (Option<f64>, Option<f64>) = self.connection.query_row(
            &format!(
                "SELECT min(sent_ms / 1000.0),
                        max(sent_ms / 1000.0) - min(sent_ms / 1000.0)
                 FROM attempt_rows WHERE {OF_RUN}"
            ),
            [run],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let (Some(begins), Some(seconds)) = (begins, seconds) else { return Ok(None) };
        let stretch_seconds = stretch(seconds, stretches);
        let buckets = self.buckets(run, begins, seconds, stretch_seconds)?;
        let pauses = self.pauses(run, begins, pause_seconds)?;
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit")]
        let begins = Timestamp::from_millisecond((begins * 1000.0).round() as i64)
            .map_err(|error| LedgerError::Damaged(error.to_string()))?;
        Ok(Some(Timeline { begins, seconds, stretch_seconds, buckets, pauses }))
    }

    fn buckets(
        &self,
        run: i64,
        begins: f64,
        seconds: f64,
        stretch_seconds: f64,
    ) -> Result<Vec<Bucket>, LedgerError> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "as many as were asked for"
        )]
        let mut buckets = vec![Bucket::default(); (seconds / stretch_seconds) as usize + 1];
        let mut select = self.connection.prepare(&format!(
            "SELECT CAST((sent_ms / 1000.0 - ?2) / ?3 AS INTEGER), verdict, count(*)
             FROM attempt_rows WHERE {OF_RUN} GROUP BY 1, 2"
        ))?;
        let mut rows = select.query(params![run, begins, stretch_seconds])?;
        while let Some(row) = rows.next()? {
            let (place, verdict, many): (usize, AttemptVerdict, u64) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let last = buckets.len() - 1;
            let Some(bucket) = buckets.get_mut(place.min(last)) else { continue };
            match verdict {
                AttemptVerdict::Done => bucket.done += many,
                AttemptVerdict::Final | AttemptVerdict::Halt => bucket.refused += many,
                AttemptVerdict::Throttled
                | AttemptVerdict::Unreachable
                | AttemptVerdict::Unclear
                | AttemptVerdict::TokenRenewed
                | AttemptVerdict::Lost => bucket.retried += many,
            }
        }
        Ok(buckets)
    }

    fn pauses(&self, run: i64, begins: f64, pause_seconds: f64) -> Result<Vec<Pause>, LedgerError> {
        let mut select = self.connection.prepare(&format!(
            "WITH sent AS (SELECT sent_ms / 1000.0 AS at FROM attempt_rows WHERE {OF_RUN}),
                  gaps AS (SELECT lag(at) OVER (ORDER BY at) AS after, at FROM sent)
             SELECT after - ?2, at - after FROM gaps WHERE at - after > ?3 ORDER BY 2 DESC LIMIT ?4"
        ))?;
        let pauses = select.query_map(params![run, begins, pause_seconds, MOST_PAUSES], |row| {
            Ok(Pause { after_seconds: row.get(0)?, seconds: row.get(1)? })
        })?;
        let mut pauses: Vec<Pause> = pauses.collect::<Result<_, _>>()?;
        pauses.sort_by(|one, other| one.after_seconds.total_cmp(&other.after_seconds));
        Ok(pauses)
    }
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
