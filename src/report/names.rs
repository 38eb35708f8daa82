//! `other-names.csv` and `other-names.xlsx`: the rows whose name is not Altinn's, in the manifest's own columns, so that they
//! can be looked at, corrected and given back.

use std::{fs::File, io};

use super::{
    Facts, ReportError,
    failures::{message, own_cells},
    sentences::{reason, state_in_words},
};
use crate::{
    ledger::{ClientRecord, Ledger, LedgerError, RunRecord, Which},
    manifest::{Dialect, SheetColumn, SheetWriter, Writer, name_column_of, name_of},
    model::{ClientState, is_same_name},
    words::text,
};

/// The columns that are appended to the manifest's own.
const COLUMNS: [&str; 3] = ["fullmakt_name_in_altinn", "fullmakt_outcome", "fullmakt_message"];

/// What a row of the list calls its client, where Altinn calls it otherwise.
pub(super) struct Names {
    column: usize,
}

impl Names {
    /// Where a run's list has a column of names, and clients are from that list.
    pub(super) fn of(run: &RunRecord, dialect: &Dialect) -> Option<Self> {
        if run.manifest.is_empty() {
            return None;
        }
        Some(Self { column: name_column_of(dialect.header.as_ref()?)? })
    }

    /// The name in the row, where it is not Altinn's.
    pub(super) fn other(&self, client: &ClientRecord) -> Option<String> {
        if client.name.is_empty() || client.line == 0 {
            return None;
        }
        self.differs(&client.name, &client.cells())
    }

    fn differs(&self, altinn: &str, cells: &[String]) -> Option<String> {
        let name = name_of(cells.get(self.column)?)?;
        (!is_same_name(&name, altinn)).then_some(name)
    }
}

/// How many rows of a run have a name that is not Altinn's.
pub(super) fn count(ledger: &Ledger, run: &RunRecord, dialect: &Dialect) -> Result<u64, LedgerError> {
    let Some(names) = Names::of(run, dialect) else { return Ok(0) };
    let mut found = 0;
    ledger.each_name(&run.id, |altinn, cells| {
        found += u64::from(names.differs(altinn, cells).is_some());
        Ok::<(), LedgerError>(())
    })?;
    Ok(found)
}

/// Shows each row whose name is not Altinn's, with that name: first those of which nothing came.
pub(super) fn each<E: From<LedgerError>>(
    ledger: &Ledger,
    run: &RunRecord,
    names: &Names,
    mut show: impl FnMut(&ClientRecord, &str) -> Result<(), E>,
) -> Result<(), E> {
    for which in [Which::Failures, Which::Unsettled, Which::Done] {
        ledger.each_client(&run.id, which, None, |client| match names.other(client) {
            Some(name) => show(client, &name),
            None => Ok(()),
        })?;
    }
    Ok(())
}

/// Writes the rows in the manifest's own dialect.
pub(super) fn write(facts: &Facts<'_>, file: &mut File) -> Result<(), ReportError> {
    let dialect = facts.dialect()?;
    let width = dialect.header.as_ref().map_or(1, Vec::len);
    let mut writer = Writer::new(io::BufWriter::new(file), &dialect, &COLUMNS)?;
    if let Some(names) = Names::of(facts.run, &dialect) {
        each(facts.ledger, facts.run, &names, |client, _| {
            writer.write(cells(client, width)).map_err(ReportError::from)
        })?;
    }
    Ok(writer.finish()?)
}

/// Writes the rows as a workbook.
pub(super) fn write_workbook(facts: &Facts<'_>, file: &mut File) -> Result<(), ReportError> {
    let dialect = facts.dialect()?;
    let own = dialect.header.clone().unwrap_or_default();
    let width = own.len();
    let columns = own.into_iter().map(SheetColumn::of_heading);
    let ours = [
        SheetColumn::plain(text!("report-column-name-in-altinn"), 40),
        SheetColumn::plain(text!("report-column-outcome"), 20),
        SheetColumn::plain(text!("report-column-reason"), 60),
    ];
    let mut sheet = SheetWriter::new(dialect.sheet.as_deref(), columns.chain(ours).collect())?;
    if let Some(names) = Names::of(facts.run, &dialect) {
        each(facts.ledger, facts.run, &names, |client, _| {
            let is_failure = matches!(client.state, ClientState::Failed | ClientState::Rejected);
            let why = if is_failure { reason(client) } else { String::new() };
            let for_people = [client.name.clone(), state_in_words(client.state).to_owned(), why];
            let cells = own_cells(client, width).into_iter().chain(for_people);
            sheet.write(cells, is_failure).map_err(ReportError::from)
        })?;
    }
    Ok(sheet.finish(file)?)
}

fn cells(client: &ClientRecord, width: usize) -> impl Iterator<Item = String> {
    let appended = [client.name.clone(), client.state.as_str().to_owned(), message(client)];
    own_cells(client, width).into_iter().chain(appended)
}
