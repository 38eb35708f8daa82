//! `fullmakt backup`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::super::{
    Context,
    exit::{Exit, Failure},
};

use crate::words::say;

/// Copy the ledger into a file, also while a run goes on
///
/// The copy is whole and of one moment. To use it, put it in the place of ledger.db in a state folder in which nothing
/// runs.
#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// The file to make; it must not be there yet
    file: PathBuf,
}

#[derive(Serialize)]
struct BackedUp {
    file: PathBuf,
    bytes: u64,
}

pub(crate) fn backup(args: &BackupArgs, context: &Context) -> Result<Exit, Failure> {
    let Some(ledger) = context.existing_ledger()? else {
        return Err(Failure::nothing_sent(say!(
            "cli-there-is-no-ledger-in-to-copy",
            path = context.state()?.path().display()
        )));
    };
    ledger.back_up(&args.file)?;
    let bytes = std::fs::metadata(&args.file).map(|metadata| metadata.len()).unwrap_or_default();
    let done = BackedUp { file: args.file.clone(), bytes };
    context.output.answer(
        format!("{}\n", say!("cli-backed-up", file = done.file.display(), bytes = bytes.to_string())),
        &done,
    );
    Ok(Exit::Done)
}
