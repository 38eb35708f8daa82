//! `failures.csv`: who failed and why, in the manifest's own columns and dialect, so that it is the next manifest.

use std::{fs::File, io, path::Path};

use thiserror::Error;

use crate::{
    ledger::{ClientRecord, Ledger, LedgerError, RunRecord},
    manifest::{Dialect, Writer},
    model::{ClientState, Operation},
    state_dir::{Readers, write_whole},
};

/// Why a report was not written.
#[derive(Debug, Error)]
pub enum FailuresError {
    /// The file cannot be written.
    #[error("{path}: {error}")]
    Io {
        /// Which file.
        path: String,
        /// What the operating system said.
        error: io::Error,
    },
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<io::Error> for FailuresError {
    fn from(error: io::Error) -> Self {
        Self::Io { path: String::new(), error }
    }
}

/// The columns that are appended to the manifest's own.
const COLUMNS: [&str; 10] = [
    "fullmakt_action",
    "fullmakt_outcome",
    "fullmakt_status",
    "fullmakt_code",
    "fullmakt_message",
    "fullmakt_retryable",
    "fullmakt_attempts",
    "fullmakt_last_attempt_at",
    "fullmakt_trace_id",
    "fullmakt_hint",
];

/// Writes the failure report of a run, whole or not at all.
///
/// # Errors
///
/// The file cannot be written, or the ledger cannot be read.
pub fn write_failures(ledger: &Ledger, run: &RunRecord, path: &Path) -> Result<(), FailuresError> {
    let named = |error: io::Error| FailuresError::Io { path: path.display().to_string(), error };
    let dialect: Dialect = serde_json::from_str(&run.dialect)
        .map_err(|error| LedgerError::Damaged(format!("the manifest's dialect: {error}")))?;
    write_whole(path, Readers::Owner, |file| write_to(file, ledger, run, &dialect)).map_err(|error| {
        match error {
            FailuresError::Io { error, .. } => named(error),
            error @ FailuresError::Ledger(_) => error,
        }
    })
}

fn write_to(
    file: &mut File,
    ledger: &Ledger,
    run: &RunRecord,
    dialect: &Dialect,
) -> Result<(), FailuresError> {
    // Without a header there is one column.
    let width = dialect.header.as_ref().map_or(1, Vec::len);
    let mut writer = Writer::new(io::BufWriter::new(file), dialect, &COLUMNS)?;
    ledger.each_failure(&run.id, |client| {
        let mut cells = client.cells.clone();
        cells.resize(width, String::new());
        cells.extend(appended(client));
        writer.write(&cells)?;
        Ok::<(), FailuresError>(())
    })?;
    writer.finish()?;
    Ok(())
}

/// What was said. A client that no row of the manifest names is named here and not in the manifest's own columns: a
/// report that is given back as a manifest must not turn its removal into a delegation.
fn message(client: &ClientRecord) -> String {
    match &client.organisation_number {
        Some(number) if client.cells.is_empty() => format!("{number} {}: {}", client.name, client.message),
        _ => client.message.clone(),
    }
}

fn appended(client: &ClientRecord) -> [String; COLUMNS.len()] {
    [
        client.operation.map(Operation::as_str).unwrap_or_default().to_owned(),
        client.state.as_str().to_owned(),
        client.status.map(|status| status.to_string()).unwrap_or_default(),
        client.code.clone().unwrap_or_default(),
        message(client),
        if client.state == ClientState::Rejected { "false".to_owned() } else { client.retryable.to_string() },
        client.attempts.to_string(),
        client.last_attempt_at.clone().unwrap_or_default(),
        client.trace_id.clone().unwrap_or_default(),
        client.hint.clone(),
    ]
}
