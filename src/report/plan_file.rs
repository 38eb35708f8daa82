//! A plan as a CSV file, a row for each client, for whoever wants to look at all of it in a spreadsheet.

use std::{
    io::{self, BufWriter},
    path::Path,
};

use super::PlanView;
use crate::{
    ledger::PlannedClient,
    manifest::{Dialect, Writer},
    model::Operation,
    state_dir::{Readers, write_whole},
    words::{again, text},
};

/// Its columns.
const COLUMNS: [&str; 9] = [
    "organisation_number",
    "name",
    "agent",
    "from_agent",
    "operation",
    "line",
    "in_plan",
    "message",
    "name_in_list",
];

/// Writes the operations and failures of a plan, whole or not at all.
///
/// # Errors
///
/// What the file says.
pub fn write_plan(path: &Path, view: &PlanView) -> io::Result<()> {
    write_whole(path, Readers::Owner, |file| {
        let mut writer = Writer::new(BufWriter::new(file), &Dialect::plain(&COLUMNS), &[])?;
        for client in &view.operations {
            writer.write(row(client, text!("plan-file-to-be-sent")))?;
        }
        for client in &view.failures {
            writer.write(row(client, text!("plan-file-cannot-be-sent")))?;
        }
        writer.finish()
    })
}

fn row(client: &PlannedClient, in_plan: &str) -> [String; COLUMNS.len()] {
    [
        client.organisation_number.clone().unwrap_or_default(),
        client.name.clone(),
        client.agent.clone(),
        client.from_agent.clone().unwrap_or_default(),
        client.operation.map(Operation::as_str).unwrap_or_default().to_owned(),
        if client.line == 0 { String::new() } else { client.line.to_string() },
        in_plan.to_owned(),
        again(&client.message).into_owned(),
        client.name_in_list.clone().unwrap_or_default(),
    ]
}
