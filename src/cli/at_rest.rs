//! A list whose writer may be in the middle of it is not believed about whom it does not name.

use std::{fs, path::Path, time::Duration};

use tokio::time::Instant;

use super::{Context, exit::Failure, job::JobFile, rows::written_at};
use crate::{
    clock,
    engine::{Interrupt, Plan},
    manifest::fingerprint,
    words::say,
};

/// So often a list that is waited for is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Before clients lose access because the list does not name them: waits until nobody has written the list for as long as
/// `[guard] manifest_rest` says, and refuses one that has changed since the plan was made. Somebody who asks to stop ends the
/// waiting.
pub(crate) async fn must_be_at_rest(
    file: &JobFile,
    plan: &Plan,
    interrupt: &Interrupt,
    context: &Context,
) -> Result<(), Failure> {
    let Some(path) = file.manifest().filter(|_| plan.counts.unnamed > 0) else { return Ok(()) };
    let rest = file.job.guard.manifest_rest;
    let (mut is_said, mut has_rested) = (false, false);
    let latest = Instant::now() + rest + file.job.pace.give_up_after;
    loop {
        if fingerprint(&path).map_err(Failure::nothing_sent)? != plan.fingerprint() {
            return Err(Failure::nothing_sent(say!("cli-the-list-has-changed", path = path.display()))
                .hint(say!("cli-write-the-list-beside-its-place")));
        }
        let left = rest.saturating_sub(left_alone(&path, rest));
        if has_rested || left.is_zero() {
            return Ok(());
        }
        if Instant::now() > latest {
            return Err(Failure::nothing_sent(say!("cli-the-list-never-rests", path = path.display()))
                .hint(say!("cli-the-list-is-written-so-often")));
        }
        if !is_said {
            is_said = true;
            context.output.note(say!(
                "cli-waiting-for-the-list-to-rest",
                path = path.display(),
                clients = plan.counts.unnamed,
                seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0)
            ));
        }
        tokio::select! {
            () = interrupt.requested() => return Ok(()),
            stays = stays_so_long(&path, left) => has_rested = stays,
        }
    }
}

/// Whether nobody writes it for so long; ends when somebody does.
async fn stays_so_long(path: &Path, long: Duration) -> bool {
    let (before, end) = (stamp(path), Instant::now() + long);
    while Instant::now() < end {
        tokio::time::sleep_until(end.min(Instant::now() + LOOK_EVERY)).await;
        if stamp(path) != before {
            return false;
        }
    }
    true
}

/// How long nobody has written it, `rest` at the most; not at all, where its clock is ahead of this one's.
fn left_alone(path: &Path, rest: Duration) -> Duration {
    let age = written_at(path).map(|at| clock::now().duration_since(at));
    age.map_or(rest, |age| Duration::try_from(age).unwrap_or_default())
}

/// What changes with every writing.
fn stamp(path: &Path) -> Option<(std::time::SystemTime, u64)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
