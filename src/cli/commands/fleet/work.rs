//! `fullmakt fleet work`.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use tokio::time::sleep;

use super::{
    super::super::{
        Context,
        exit::{Exit, Failure},
        fleet_file::FleetFile,
        signals,
        unattended::before,
    },
    plan::say_passed_over,
    ready::together,
    shift::Shift,
    status::local_now,
    word::{leave_word, leave_word_of},
};
#[cfg(feature = "postgres")]
use crate::{clock, fleet::Place};
use crate::{
    fleet::{FleetStatus, Night},
    report::FleetText,
    state_dir::{AgentLock, LockError},
    words::{say, text},
};

/// Carry out what is due, side by side at one pace, until told to stop
///
/// Each firm's job is carried out exactly as `fullmakt run --yes --resume-previous` does it; what is in one firm's way is
/// in no other's. Ctrl-C and SIGTERM stop: what is under way is answered and kept, and the next `fleet work` goes on.
/// Every unit is carried out once in each window, or once a day where the fleet has none.
#[derive(Debug, Args)]
pub(crate) struct WorkArgs {
    /// The fleet file
    fleet: PathBuf,
    /// End when nothing is due any more, or when the window ends
    #[arg(long)]
    until_done: bool,
    /// When a night's work is over, write how it went to this file, for Prometheus: all firms together, and each
    #[arg(long, value_name = "FILE")]
    pub(super) metrics: Option<PathBuf>,
}

/// The longest round trip to the ledger's server with which a slot of the pace is still in time.
#[cfg(feature = "postgres")]
const LONGEST_ROUND_TRIP: Duration = Duration::from_millis(12);

/// Where it took longer, it is measured so often again before it is refused.
#[cfg(feature = "postgres")]
const MEASURED_AGAIN: u32 = 20;

/// How often it is looked what is due and who is held.
const TICK: Duration = Duration::from_millis(250);

/// Takes the fleet's lock: one process of this host is at work on it.
fn lock(file: &FleetFile, context: &Context) -> Result<AgentLock, Failure> {
    let name = &file.fleet.name;
    context.state()?.lock_fleet(name).map_err(|error| match error {
        LockError::Held => Failure::new(Exit::Held, say!("fleet-another-is-at-work", fleet = name)),
        LockError::Io { .. } => Failure::new(Exit::Fault, error),
    })
}

pub(super) async fn work(args: &WorkArgs, context: &Context) -> Result<Exit, Failure> {
    before(args.metrics.as_deref(), context)?;
    let file = FleetFile::read(&args.fleet)?;
    let begun = file.units().and_then(|units| Ok((units, lock(&file, context)?)));
    let (units, lock) = begun.inspect_err(|failure| leave_word_of(&file, failure, context))?;
    let signal = signals::listen(context.output, text!("cli-stopping-waiting-for-the-answers-that-are"));
    #[cfg(feature = "postgres")]
    can_be_relied_on(context).await?;
    let together = together(&file, &units, false, signal.clone(), context).await?;
    say_passed_over(&units, context);
    let mut shift = Shift::begin(file, units, together, context)?;
    let mut has_begun = false;
    if let Some(window) = shift.file.fleet.window
        && !shift.night.is_on(local_now().timestamp())
    {
        let (from, to) = (window.from.strftime("%H:%M"), window.to.strftime("%H:%M"));
        context.output.note(say!("fleet-waits-for-its-window", from = from, to = to));
    }
    let status = loop {
        let now = local_now();
        let night = Night::of(shift.file.fleet.window, &now);
        let is_on = night.is_on(now.timestamp());
        // Who is at work ends with the night that it began in: another night has other firms in their places.
        if night.from != shift.night.from && shift.is_idle() {
            shift.next_night(night, context);
        }
        has_begun |= is_on;
        if signal.is_requested() || !is_on {
            shift.stop();
        } else if night.from == shift.night.from {
            shift.start_what_is_due(now.timestamp(), context);
        }
        let is_over = shift.is_idle() && !shift.is_blind() && (!is_on || shift.is_done(now.timestamp()));
        if is_over && shift.has_something_to_tell() {
            let status = shift.status(context)?;
            if shift.is_first_to_tell(&status, context) {
                leave_word(args, &shift.file, &status, exit_of(&status, false), context);
            }
        }
        if shift.is_idle() && (signal.is_requested() || is_over && args.until_done && has_begun) {
            break shift.status(context)?;
        }
        shift.keep(now.timestamp(), context);
        tokio::select! {
            Some(ended) = shift.ended() => shift.take(ended, context),
            () = signal.requested(), if !signal.is_requested() => {}
            () = sleep(TICK) => {}
        }
    };
    drop(lock);
    context.output.answer(FleetText(&status), &status);
    Ok(exit_of(&status, signal.is_requested()))
}

/// Measures what the ledger's server can be relied on for: what would make every slot of the pace late, or lose what was
/// confirmed, is refused, and what could in a fail-over is said.
#[cfg(feature = "postgres")]
async fn can_be_relied_on(context: &Context) -> Result<(), Failure> {
    let Place::Server(ledger) = context.place()? else { return Ok(()) };
    let mut condition = ledger.server_condition()?;
    // A busy moment is no distance.
    for _ in 0..MEASURED_AGAIN {
        if condition.round_trip <= LONGEST_ROUND_TRIP {
            break;
        }
        sleep(TICK).await;
        condition = ledger.server_condition()?;
    }
    let ms = |duration: Duration| format!("{:.1}", duration.as_secs_f64() * 1000.0);
    if condition.round_trip > LONGEST_ROUND_TRIP {
        return Err(Failure::nothing_sent(say!(
            "fleet-server-is-too-far",
            measured = ms(condition.round_trip),
            allowed = ms(LONGEST_ROUND_TRIP)
        )));
    }
    if condition.is_standby {
        return Err(Failure::nothing_sent(say!("fleet-server-is-a-standby")));
    }
    if condition.synchronous_commit == "off" || condition.fsync == "off" {
        return Err(Failure::nothing_sent(say!(
            "fleet-server-confirms-too-early",
            commit = condition.synchronous_commit,
            fsync = condition.fsync
        )));
    }
    if condition.synchronous_standbys.is_empty() || condition.synchronous_commit == "local" {
        context.output.note(say!("fleet-server-has-no-synchronous-standby"));
    }
    let ahead = clock::ahead();
    if !ahead.is_zero() {
        let seconds = ((ahead.abs().as_millis() + 500) / 1000).unsigned_abs();
        if ahead.is_negative() {
            context.output.warning(say!("fleet-clock-is-ahead-of-the-servers", seconds = seconds));
        } else {
            context.output.warning(say!("fleet-clock-is-behind-the-servers", seconds = seconds));
        }
    }
    context.output.note(say!("fleet-server-answers-in", measured = ms(condition.round_trip)));
    Ok(())
}

/// How the night ended, for a script.
fn exit_of(status: &FleetStatus, interrupted: bool) -> Exit {
    let counts = &status.counts;
    let left = counts.due + counts.waiting + counts.at_work;
    if interrupted && left > 0 {
        Exit::Interrupted
    } else if left + counts.failed > 0 {
        Exit::Stopped
    } else if counts.refused + counts.with_failures > 0 {
        Exit::SomeFailed
    } else {
        Exit::Done
    }
}
