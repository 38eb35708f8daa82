//! A list that is no list of clients, such as a fleet's firms: its rows by heading, each with its place, in every dialect
//! and workbook that lists of clients come in.

use std::path::Path;

use super::{
    Manifest, Options,
    problem::{ManifestError, Problem},
    records::is_blank,
};

/// The rows of a list under its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What stands above the columns.
    pub headings: Vec<String>,
    /// The rows, without blank ones.
    pub rows: Vec<TableRow>,
}

/// A row of a [`Table`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRow {
    /// Its line, from 1.
    pub line: u64,
    /// The cells, as many as there are headings at the most.
    pub cells: Vec<String>,
}

impl Table {
    /// Reads a list whose first row that is not blank is its header. `numbers` is the heading of a column of
    /// organisation numbers, by which the dialect is found out.
    ///
    /// # Errors
    ///
    /// It cannot be read, is no list, or ends within a quoted cell.
    pub fn read(path: &Path, numbers: &str) -> Result<Self, ManifestError> {
        let options = Options { column: Some(numbers.to_owned()), ..Options::default() };
        let manifest = Manifest::open_with(path, &options)?;
        let wrong = |problem| ManifestError::new(path, problem);
        let mut table = Self { headings: Vec::new(), rows: Vec::new() };
        for record in manifest.source.records(path)? {
            let record = record.map_err(|error| wrong(Problem::from(error)))?;
            if record.cells.iter().all(|cell| is_blank(cell)) {
                continue;
            }
            let cells: Vec<String> = record.cells.iter().map(|cell| cell.trim().to_owned()).collect();
            if table.headings.is_empty() {
                if manifest.layout.header_line.is_some_and(|line| record.line < line) {
                    continue;
                }
                table.headings = cells;
            } else {
                table.rows.push(TableRow { line: record.line, cells });
            }
        }
        Ok(table)
    }
}
