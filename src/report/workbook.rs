//! `failures.xlsx` and `done.xlsx`: the reports of a run whose manifest was a workbook, each itself a workbook that goes
//! back in as the next list.

use std::fs::File;

use super::{
    Facts, ReportError, done, failures,
    sentences::{reason, state_in_words},
    words::date_time,
};
use crate::{
    ledger::Which,
    manifest::{KEEP, SheetColumn, SheetWriter, is_action_heading},
    model::{Action, ClientState, RowActions},
    words::text,
};

/// Who failed and why: the manifest's own columns, for people what is wrong, on which line of the list and what Altinn calls
/// the client, and folded away the columns of `failures.csv`.
pub(super) fn write_failures_workbook(facts: &Facts<'_>, file: &mut File) -> Result<(), ReportError> {
    let dialect = facts.dialect()?;
    // What heads the organisation numbers when the manifest has no header of its own.
    let own = dialect.header.unwrap_or_else(|| vec![done::COLUMNS.map(ToOwned::to_owned)[0].clone()]);
    let width = own.len();
    let choices = choices(facts);
    let mut columns: Vec<SheetColumn> = own
        .into_iter()
        .map(|heading| {
            let choices = if is_action_heading(&heading) { choices.clone() } else { Vec::new() };
            SheetColumn { choices, ..SheetColumn::of_heading(heading) }
        })
        .collect();
    columns.push(SheetColumn::plain(text!("report-column-reason"), 70));
    columns.push(SheetColumn::plain(text!("report-column-line"), 12));
    columns.push(SheetColumn::plain(text!("report-column-name-in-altinn"), 30));
    columns.extend(failures::COLUMNS.map(SheetColumn::folded));
    let mut sheet = SheetWriter::new(dialect.sheet.as_deref(), columns)?;
    facts.ledger.each_client(&facts.run.id, Which::Failures, None, |client| {
        let line = if client.line == 0 { String::new() } else { client.line.to_string() };
        let for_people = [reason(client), line, client.name.clone()];
        let cells = failures::own_cells(client, width).into_iter().chain(for_people);
        let may_be_retried = client.retryable && client.state != ClientState::Rejected;
        sheet.write(cells.chain(failures::appended(client)), may_be_retried).map_err(ReportError::from)
    })?;
    Ok(sheet.finish(file)?)
}

/// Every client that is as it was asked for: for people what came of it and when, a column in which to say what is to become of
/// it, and folded away the other columns of `done.csv`.
pub(super) fn write_done_workbook(facts: &Facts<'_>, file: &mut File) -> Result<(), ReportError> {
    let [number, name, for_programs @ ..] = done::COLUMNS;
    let mut columns = vec![SheetColumn::plain(number, 20), SheetColumn::plain(name, 40)];
    // Of a firm that was asked nothing can be made by a word in a column.
    let choose = (!facts.asks_firms()).then(|| KEEP.to_owned());
    columns.extend(choose.as_ref().map(|_| action_column()));
    columns.push(SheetColumn::plain(text!("report-column-outcome"), 20));
    columns.push(SheetColumn::plain(text!("report-column-when"), 32));
    if facts.asks_firms() {
        columns.extend(done::OF_FIRMS.map(|heading| SheetColumn::plain(heading, 20)));
    }
    columns.extend(for_programs.map(SheetColumn::folded));
    let mut sheet = SheetWriter::new(facts.dialect()?.sheet.as_deref(), columns)?;
    facts.ledger.each_client(&facts.run.id, Which::Done, None, |client| {
        let mut cells = done::cells(facts, client);
        let of_firms = cells.split_off(done::COLUMNS.len());
        let for_programs = cells.split_off(done::COLUMNS.len() - for_programs.len());
        cells.extend(choose.clone());
        cells.push(state_in_words(client.state).to_owned());
        cells.push(client.settled_at.map(date_time).unwrap_or_default());
        sheet.write(cells.into_iter().chain(of_firms).chain(for_programs), false).map_err(ReportError::from)
    })?;
    Ok(sheet.finish(file)?)
}

/// The column of a list in which every row says what is to be done, with the words to choose from.
pub fn action_column() -> SheetColumn {
    let choices = vec![KEEP, Action::Delegate.as_str(), Action::Remove.as_str()];
    SheetColumn { choices, ..SheetColumn::plain("action", 14) }
}

/// What an `action` cell of the run's list may say.
fn choices(facts: &Facts<'_>) -> Vec<&'static str> {
    match facts.run.kind.row().row_actions {
        RowActions::EachRow => action_column().choices,
        RowActions::Only(action) => vec![action.as_str()],
    }
}
