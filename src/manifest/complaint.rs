//! What is wrong with a manifest, said so that a person can mend it.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use serde::Serialize;
use thiserror::Error;

/// A row that cannot be acted on: where, what stood there, what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Complaint {
    /// The line in the file that the row begins on, from 1.
    pub line: u64,
    /// The column, where one is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<Column>,
    /// What stood there, cut to a bearable length; a national identity number is masked.
    pub found: String,
    /// What is wrong with it, and what to do.
    pub problem: String,
}

/// A column of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Counted from 1.
    pub position: usize,
    /// Its header; empty where there is none.
    pub name: String,
}

/// The longest text of a cell that is shown, in characters.
const LONGEST_FOUND: usize = 60;

impl Complaint {
    /// A complaint about a cell.
    pub(super) fn about(line: u64, column: Option<Column>, found: &str, problem: impl fmt::Display) -> Self {
        Self { line, column, found: shown(found), problem: problem.to_string() }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(out, ", column {}", column.position)?;
            if !column.name.is_empty() {
                write!(out, " ({})", column.name)?;
            }
        }
        if self.found.is_empty() {
            write!(out, ": {}", self.problem)
        } else {
            write!(out, ": {:?}: {}", self.found, self.problem)
        }
    }
}

/// A cell as it may be shown.
fn shown(cell: &str) -> String {
    let cell = masked(cell);
    if cell.chars().count() > LONGEST_FOUND {
        cell.chars().take(LONGEST_FOUND).chain(['…']).collect()
    } else {
        cell
    }
}

/// The cell, with all but the first two digits of a national identity number (eleven digits) covered: such a
/// number is nobody's business, and must not wander into reports.
pub(super) fn masked(cell: &str) -> String {
    if cell.chars().filter(char::is_ascii_digit).count() != 11 {
        return cell.to_owned();
    }
    let mut digits = 0;
    let mask = |character: char| {
        digits += usize::from(character.is_ascii_digit());
        if character.is_ascii_digit() && digits > 2 { '*' } else { character }
    };
    cell.chars().map(mask).collect()
}

/// Why a file is no manifest.
#[derive(Debug, Error)]
#[error("{}: {problem}", path.display())]
pub struct ManifestError {
    /// Which file.
    pub path: PathBuf,
    /// What is wrong, and what to do.
    pub problem: Problem,
}

/// What can be wrong with a whole file.
#[derive(Debug, Error)]
pub enum Problem {
    /// It cannot be read.
    #[error("the manifest cannot be read: {0}")]
    Io(io::Error),
    /// A folder.
    #[error("this is a folder; a manifest is a CSV file")]
    Folder,
    /// A pipe or a device.
    #[error("this is no ordinary file; a manifest is read more than once, so save it first")]
    NoFile,
    /// Nothing is in it.
    #[error("the manifest is empty: it needs a row for each client")]
    Empty,
    /// Only a header is in it.
    #[error("the manifest has a header and no rows: it needs a row for each client")]
    HeaderOnly,
    /// Another kind of file, by name.
    #[error("this is {0}, not a CSV file; {1}")]
    Kind(&'static str, &'static str),
    /// No column has the numbers.
    #[error(
        "no column is headed as organisation numbers; call one of them orgnr (line {line} has {columns})"
    )]
    NoNumbers {
        /// The line of the header.
        line: u64,
        /// What stands there.
        columns: String,
    },
    /// The header is not the first line.
    #[error("the header stands in line {0}, and must be the first line; take out what stands above it")]
    HeaderBelow(u64),
    /// Two columns could have the numbers.
    #[error(
        "columns {0} and {1} could both be the clients' organisation numbers; call the right one orgnr and the other something else"
    )]
    TwoColumns(String, String),
    /// Several columns could say which system user a row is about.
    #[error(
        "columns {0} and {1} could both say which agent a row is about; call the right one agent and the other something else"
    )]
    TwoAgentColumns(String, String),
    /// A job of kind manifest needs to know what to do.
    #[error(
        "the job's kind is manifest, so that each row says what to do, but no column is headed action (with delegate or remove in each row)"
    )]
    NoActions,
    /// A quote that swallows the rest of the file.
    #[error("line {0}: a quote is opened in this row and never closed; close it, or take it out")]
    OpenQuote(u64),
    /// Quotes that are not where they should be, so that a cell holds what may have been rows.
    #[error(
        "line {0}: rows may be lost here: a quote in this row is closed in a row below it, and what stands between \
         them is read as one cell; close the quote, or take it out (within a quoted text, a quote is written twice)"
    )]
    LostRows(u64),
    /// A row that is too long to be one.
    #[error("line {0}: this row is longer than 64 KB; a quote that is never closed, or no CSV file")]
    TooLong(u64),
}

impl ManifestError {
    pub(super) fn new(path: &Path, problem: Problem) -> Self {
        Self { path: path.to_owned(), problem }
    }
}
