//! The pace of a client on this machine: processes that share a state folder send no more together than one of them may.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{execute::LONGEST_HELD, pacer::SLACK};
use crate::{
    clock,
    model::Rate,
    state_dir::{PaceFile, PaceMarks},
};

/// Where another process has the file just now, it is tried again after so long.
const AGAIN: Duration = Duration::from_millis(1);
/// Who has had the file for so long has been stopped with it in hand: it is gone on without.
const GIVEN_UP: Duration = Duration::from_secs(2);
/// With no rate of its own, a process looks so often whether Altinn has told another to wait.
const LOOK: Duration = Duration::from_millis(100);

/// A client's pace on this machine, seen from one process.
pub(super) struct MachinePace {
    /// The time between two requests of all processes, in microseconds; none where this one's rate is unlimited.
    period: Option<i64>,
    seen: Mutex<Seen>,
}

struct Seen {
    file: PaceFile,
    /// When it was last had.
    had: Instant,
    /// The next look, of one without a rate.
    look: Instant,
    /// Until when another process has been told to wait, as the file said last.
    told_until: Option<Instant>,
    /// What the others are still to be told, on the wall clock in microseconds; 0 where there is nothing.
    to_tell: i64,
}

impl MachinePace {
    pub(super) fn new(rate: Rate, file: PaceFile) -> Self {
        let now = Instant::now();
        Self {
            period: period(rate),
            seen: Mutex::new(Seen { file, had: now, look: now, told_until: None, to_tell: 0 }),
        }
    }

    /// Takes leave for one request of all processes and, with `own`, of this one; or says when to ask again. Nothing is
    /// taken where either says no. Where the file cannot be used, this process alone keeps its pace.
    pub(super) fn try_ready(&self, own: impl FnOnce() -> Result<(), Instant>) -> Result<(), Instant> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if self.period.is_none() && now < seen.look {
            return own();
        }
        let wall = clock::own().as_microsecond();
        let mut own = Some(own);
        let mut told_until = None;
        let to_tell = seen.to_tell;
        let changed = seen.file.change(|marks| {
            hold(marks, to_tell, wall);
            told_until = told(*marks, wall).map(|wait| now + wait);
            if let Err(wait) = due(*marks, self.period, wall) {
                return Err(now + wait);
            }
            own.take().map_or(Ok(()), |own| own())?;
            if let Some(period) = self.period {
                marks.next = marks.next.clamp(wall, wall + period) + period;
            }
            Ok(())
        });
        let is_had = matches!(changed, Ok(Some(_)));
        if is_had {
            (seen.had, seen.look, seen.told_until, seen.to_tell) = (now, now + LOOK, told_until, 0);
        }
        match (changed, own) {
            (Ok(Some(answer)), _) => answer,
            (Ok(None), _) if now < seen.had + GIVEN_UP => Err(now + AGAIN),
            (_, Some(own)) => own(),
            // It was taken, and could not be written.
            (_, None) => Ok(()),
        }
    }

    /// Until when Altinn has told some process to wait, as far as this one has read.
    pub(super) fn told_until(&self) -> Option<Instant> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.told_until.filter(|until| *until > Instant::now())
    }

    /// Tells the other processes that nothing may be sent before then, for a day at the most.
    pub(super) fn hold_until(&self, until: Instant) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let left = until.saturating_duration_since(Instant::now());
        let now = clock::own().as_microsecond();
        let until = now.saturating_add(micros(left.min(LONGEST_HELD)));
        seen.to_tell = seen.to_tell.max(until);
        let to_tell = seen.to_tell;
        for _ in 0..20 {
            match seen.file.change(|marks| hold(marks, to_tell, now)) {
                Ok(None) => std::thread::sleep(AGAIN),
                Ok(Some(())) => {
                    seen.to_tell = 0;
                    return;
                }
                // It is told with the next leave that is asked for.
                Err(_) => return,
            }
        }
    }
}

/// Has everybody wait until then; what is not believed hides nothing.
fn hold(marks: &mut PaceMarks, until: i64, now: i64) {
    let known = told(*marks, now).map_or(0, |_| marks.not_before);
    if until > known {
        marks.not_before = until;
    }
}

/// How long nothing may be sent, because some process has been told so.
fn told(marks: PaceMarks, now: i64) -> Option<Duration> {
    let left = marks.not_before - now;
    // A longer wait than any that Altinn asks for was written by a clock that has been put back since.
    (0 < left && left <= micros(LONGEST_HELD)).then(|| Duration::from_micros(left.unsigned_abs()))
}

/// Whether the next request is due; else how long it is until then.
fn due(marks: PaceMarks, period: Option<i64>, now: i64) -> Result<(), Duration> {
    let wait = |until: i64| Duration::from_micros(u64::try_from(until - now).unwrap_or(0));
    if let Some(wait) = told(marks, now) {
        return Err(wait);
    }
    let Some(period) = period else { return Ok(()) };
    // A slower process leaves a later mark, a clock that was put back one in the future: no faster one waits for them.
    let from = marks.next.min(now + period) - micros(SLACK);
    if from > now { Err(wait(from)) } else { Ok(()) }
}

/// The period of a rate, a little longer, which pays for requests that are [`SLACK`] late.
fn period(rate: Rate) -> Option<i64> {
    rate.period_paying_for(SLACK).map(|period| micros(period) + 1)
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::{SharedPace, watch::Watch},
        state_dir::StateDir,
    };

    #[test]
    fn a_mark_far_ahead_holds_nobody_longer_than_a_period_and_a_wait_everybody() {
        let now = 1_780_000_000_000_000;
        let second = Some(1_000_000);
        let marks = |next, not_before| PaceMarks { next, not_before };
        assert_eq!(due(marks(0, 0), second, now), Ok(()));
        assert_eq!(due(marks(now + 4_000, 0), second, now), Ok(()), "late by less than the slack");
        assert_eq!(due(marks(now + 300_000, 0), second, now), Err(Duration::from_millis(295)));
        assert_eq!(due(marks(now + 3_600_000_000, 0), second, now), Err(Duration::from_millis(995)));
        assert_eq!(due(marks(0, now + 30_000_000), None, now), Err(Duration::from_secs(30)));
        assert_eq!(due(marks(0, now + 100 * 86_400_000_000), None, now), Ok(()), "the clock was put back");
    }

    #[test]
    fn a_wait_that_is_not_believed_hides_no_later_one() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::at(folder.path());
        let file = || PaceFile::open(&state, "tt02", "client").unwrap();
        let now = clock::own().as_microsecond();
        file().change(|marks| marks.not_before = now + 400 * 86_400_000_000).unwrap();
        MachinePace::new(Rate::Unlimited, file()).hold_until(Instant::now() + Duration::from_mins(5));
        let heard = MachinePace::new(Rate::Unlimited, file());
        assert!(heard.try_ready(|| Ok(())).is_err());
        let left = heard.told_until().unwrap().saturating_duration_since(Instant::now());
        assert!(left > Duration::from_mins(4) && left <= Duration::from_mins(5), "{left:?}");
    }

    #[test]
    fn a_wait_that_could_not_be_told_at_once_is_told_with_the_next_leave() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::at(folder.path());
        let file = || PaceFile::open(&state, "tt02", "client").unwrap();
        let told = MachinePace::new(Rate::per_second(10), file());
        let mut in_hand = file();
        in_hand.change(|_| told.hold_until(Instant::now() + Duration::from_mins(5))).unwrap().unwrap();
        assert!(told.try_ready(|| Ok(())).is_err());
        let heard = MachinePace::new(Rate::Unlimited, file());
        assert!(heard.try_ready(|| Ok(())).is_err(), "nobody told it");
    }

    #[test]
    fn two_processes_together_send_no_more_than_one_may_and_wait_for_what_either_was_told() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::at(folder.path());
        let pace = || {
            let file = PaceFile::open(&state, "tt02", "client").unwrap();
            SharedPace::on_machine(Rate::per_second(100), file).share()
        };
        let watch = Watch::begin();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().build().unwrap();
        let mut times: Vec<Instant> = runtime.block_on(async {
            let send = |share: crate::engine::Share| async move {
                let mut times = Vec::new();
                while times.len() < 100 {
                    share.ready().await;
                    times.push(Instant::now());
                }
                times
            };
            let (one, other) = (tokio::spawn(send(pace())), tokio::spawn(send(pace())));
            let (one, other) = (one.await.unwrap(), other.await.unwrap());
            one.into_iter().chain(other).collect()
        });
        times.sort();
        let times: Vec<_> = times.into_iter().map(Instant::into_std).collect();
        watch.must_be_kept(&times, 100);
        runtime.block_on(async {
            let (told, other) = (pace(), pace());
            let begin = Instant::now();
            told.hold_until(begin + Duration::from_millis(300));
            other.ready().await;
            assert!(begin.elapsed() >= Duration::from_millis(299), "{:?}", begin.elapsed());
        });
    }
}
