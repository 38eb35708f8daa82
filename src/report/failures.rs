//! `failures.csv`: who failed and why, in the manifest's own columns and dialect, so that it is the next manifest.

use std::{fs::File, io};

use super::{Facts, ReportError};
use crate::{
    clock::stamp,
    ledger::{ClientRecord, Which},
    manifest::Writer,
    model::ClientState,
};

/// The columns that are appended to the manifest's own.
pub(super) const COLUMNS: [&str; 10] = [
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

/// Writes the failure report of a run.
pub(super) fn write(facts: &Facts<'_>, file: &mut File) -> Result<(), ReportError> {
    let dialect = facts.dialect()?;
    // Without a header there is one column.
    let width = dialect.header.as_ref().map_or(1, Vec::len);
    let mut writer = Writer::new(io::BufWriter::new(file), &dialect, &COLUMNS)?;
    facts.ledger.each_client(&facts.run.id, Which::Failures, None, |client| {
        writer.write(own_cells(client, width).into_iter().chain(appended(client))).map_err(ReportError::from)
    })?;
    Ok(writer.finish()?)
}

/// The cells of the manifest's own columns.
pub(super) fn own_cells(client: &ClientRecord, width: usize) -> Vec<String> {
    let mut cells = client.cells();
    cells.resize(width, String::new());
    cells
}

/// What was said, in the language of whoever has the report written. A client that no row of the manifest names is named here and not in the manifest's own columns: a
/// report that is given back as a manifest must not turn its removal into a delegation.
pub(super) fn message(client: &ClientRecord) -> String {
    match &client.organisation_number {
        Some(number) if client.cells().is_empty() => {
            format!("{number} {}: {}", client.name, client.message.said())
        }
        _ => client.message.to_string(),
    }
}

/// The cells of the columns that are appended.
pub(super) fn appended(client: &ClientRecord) -> [String; COLUMNS.len()] {
    [
        action(client).to_owned(),
        client.state.as_str().to_owned(),
        client.status.map(|status| status.to_string()).unwrap_or_default(),
        client.code.clone().unwrap_or_default(),
        message(client),
        if client.state == ClientState::Rejected { "false".to_owned() } else { client.retryable.to_string() },
        client.attempts.to_string(),
        client.last_attempt_at.map(stamp).unwrap_or_default(),
        client.trace_id.clone().unwrap_or_default(),
        client.hint.to_string(),
    ]
}

/// What was to be done: nothing is said of a client that is none, and of a row that cannot be read only where firms are asked.
fn action(client: &ClientRecord) -> &'static str {
    match client.operation {
        Some(operation) => operation.as_str(),
        None if client.intent.operation().is_none() => client.intent.as_str(),
        None => "",
    }
}
