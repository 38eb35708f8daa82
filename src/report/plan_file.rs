//! A plan as a CSV file or a workbook, a row for each client, for whoever wants to look at all of it in a spreadsheet.

use std::{
    fs::File,
    io::{self, BufWriter},
    path::Path,
};

use super::PlanView;
use crate::{
    ledger::PlannedClient,
    manifest::{Dialect, SheetColumn, SheetWriter, Writer},
    model::Operation,
    state_dir::{Readers, write_whole},
    words::{for_people, text},
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

/// Writes the operations and failures of a plan, whole or not at all: as a workbook where the file's name ends in `.xlsx`, as
/// CSV under any other name.
///
/// # Errors
///
/// What the file says.
pub fn write_plan(path: &Path, view: &PlanView) -> io::Result<()> {
    let is_workbook = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx"));
    write_whole(path, Readers::Owner, |file| {
        for_people(|| if is_workbook { write_workbook(file, view) } else { write_csv(file, view) })
    })
}

fn write_csv(file: &mut File, view: &PlanView) -> io::Result<()> {
    let mut writer = Writer::new(BufWriter::new(file), &Dialect::plain(&COLUMNS), &[])?;
    for client in &view.operations {
        writer.write(row(client, text!("plan-file-to-be-sent")))?;
    }
    for client in &view.failures {
        writer.write(row(client, text!("plan-file-cannot-be-sent")))?;
    }
    writer.finish()
}

fn write_workbook(file: &mut File, view: &PlanView) -> io::Result<()> {
    let columns = COLUMNS.map(|heading| match heading {
        "agent" | "from_agent" => SheetColumn::folded(heading),
        "name" | "message" | "name_in_list" => SheetColumn::plain(heading, 40),
        _ => SheetColumn::of_heading(heading),
    });
    let mut sheet = SheetWriter::new(None, columns.to_vec()).map_err(io::Error::other)?;
    for client in &view.operations {
        sheet.write(row(client, text!("plan-file-to-be-sent")), false).map_err(io::Error::other)?;
    }
    // Marked, as in the workbook of failures.
    for client in &view.failures {
        sheet.write(row(client, text!("plan-file-cannot-be-sent")), true).map_err(io::Error::other)?;
    }
    sheet.finish(file).map_err(io::Error::other)
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
        client.message.to_string(),
        client.name_in_list.clone().unwrap_or_default(),
    ]
}
