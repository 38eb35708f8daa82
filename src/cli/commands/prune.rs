//! `fullmakt prune`.

use std::fmt;

use clap::Args;
use jiff::{SignedDuration, Span};
use serde::Serialize;

use super::super::{
    Context,
    asking::{ask_now, can_ask},
    exit::{Exit, Failure},
};
use crate::{
    clock,
    ledger::Prunable,
    words::{say, text},
};

/// Forget old runs, to keep the ledger small
///
/// Never forgotten are the last run of a job, a run that has not come to its end, and a run whose clients a kept one found
/// unchanged. What is forgotten is gone from `history`, `verify` and `undo`; what Altinn holds is not touched.
#[derive(Debug, Args)]
pub(crate) struct PruneArgs {
    /// Keep runs that ended within so long, such as "400d"
    #[arg(long, value_name = "AGE", value_parser = age)]
    keep: SignedDuration,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

/// An age in days, weeks, hours: at least a day.
fn age(text: &str) -> Result<SignedDuration, String> {
    let wrong = || {
        say!("cli-is-not-an-age-such-as-400d-or-52w-at-least-1d", text = format!("{:?}", text)).to_string()
    };
    let span: Span = text.parse().map_err(|_| wrong())?;
    let age = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    if age >= SignedDuration::from_hours(24) { Ok(age) } else { Err(wrong()) }
}

#[derive(Serialize)]
struct Pruned {
    forgotten: Vec<Prunable>,
}

pub(crate) fn prune(args: &PruneArgs, context: &Context) -> Result<Exit, Failure> {
    let before = clock::now().checked_sub(args.keep).map_err(Failure::nothing_sent)?;
    let forgotten = match context.existing_ledger()? {
        Some(ledger) => ledger.prunable(before)?,
        None => Vec::new(),
    };
    let pruned = Pruned { forgotten };
    if pruned.forgotten.is_empty() {
        context.output.answer(format!("{}\n", text!("cli-no-run-is-old-enough-to-be-forgotten")), &pruned);
        return Ok(Exit::Done);
    }
    if !args.yes && !can_ask() {
        let runs = pruned.forgotten.len();
        return Err(Failure::nothing_sent(say!("cli-no-terminal-to-ask-on-nothing-is-forgotten"))
            .hint(say!("cli-add-yes-to-forget-them", runs = runs)));
    }
    let question = format!("{pruned}{}", text!("cli-forget-them"));
    if !args.yes && !ask_now(&question, context) {
        return Err(Failure::nothing_sent(say!("cli-nothing-was-forgotten")));
    }
    let runs: Vec<_> = pruned.forgotten.iter().map(|run| run.run.clone()).collect();
    let mut ledger = context.ledger()?;
    ledger.forget(&runs)?;
    for run in &runs {
        if let Err(error) = ledger.state().remove_run_folder(run) {
            let folder = ledger.state().run_folder(run);
            context.output.warning(say!("cli-cannot-be-removed", folder = folder.display(), error = error));
        }
    }
    context.output.answer(format!("{}\n", say!("cli-runs-are-forgotten", runs = runs.len())), &pruned);
    Ok(Exit::Done)
}

/// So many runs are named before somebody says yes.
const MOST_NAMED: usize = 20;

impl fmt::Display for Pruned {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for run in self.forgotten.iter().take(MOST_NAMED) {
            writeln!(out, "{}  {}  {}", run.run, run.started_at, run.job)?;
        }
        let more = self.forgotten.len().saturating_sub(MOST_NAMED);
        if more > 0 { writeln!(out, "{}", say!("cli-and-more", more = more)) } else { Ok(()) }
    }
}
