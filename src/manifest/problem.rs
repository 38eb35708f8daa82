//! Why a whole file is no manifest, and what to do about it.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use thiserror::Error;

use super::{complaint::Column, records::RecordError};

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
    #[error("this is a folder; a manifest is a CSV file or a workbook")]
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
    #[error("this is {0}, not a list of clients; {1}")]
    Kind(&'static str, &'static str),
    /// A workbook that cannot be read.
    #[error(
        "this workbook cannot be read ({0}); open it, save it again as .xlsx or as \"CSV UTF-8\", and use that"
    )]
    Workbook(String),
    /// A workbook that would take more memory than is given to one.
    #[error("this workbook is too large to be read ({0}); save its list as \"CSV UTF-8\", and use that")]
    LargeWorkbook(String),
    /// The workbook has no such sheet.
    #[error("the workbook has no sheet \"{wanted}\"; it has {sheets}")]
    NoSuchSheet {
        /// What the job asks for.
        wanted: String,
        /// What there is.
        sheets: String,
    },
    /// The job names a sheet, and the list is no workbook.
    #[error("the job names a sheet, and this is no workbook; take `sheet` out of the job")]
    NoSheets,
    /// No column has the numbers.
    #[error(
        "no column is headed as organisation numbers; call one of them orgnr, or name it in the job: column = \"…\" \
         (line {line} has {columns})"
    )]
    NoNumbers {
        /// The line of the header.
        line: u64,
        /// What stands there.
        columns: String,
    },
    /// A column has numbers, and a heading that does not say so.
    #[error(
        "no column is headed as organisation numbers, but {columns} {} to hold them; if they are the clients', write \
         column = \"{}\" in the job, or call it orgnr in line {line}",
        if columns.0.len() == 1 { "seems" } else { "seem" },
        columns.first_name()
    )]
    UnknownHeading {
        /// The line of the header.
        line: u64,
        /// Which hold numbers.
        columns: Columns,
    },
    /// There is no header.
    #[error(
        "the first line is data, not a header (line {line} has {columns}); put a line above it that names the columns, \
         with orgnr over the organisation numbers"
    )]
    NoHeader {
        /// The line.
        line: u64,
        /// What stands there.
        columns: String,
    },
    /// A row that names a client stands above the header.
    #[error(
        "the header stands in line {header}, and line {line} above it has a client's number; move the header to the top"
    )]
    AboveHeader {
        /// The line of the header.
        header: u64,
        /// The line of the number.
        line: u64,
    },
    /// Several columns could have the numbers.
    #[error(
        "{0} could both be the clients' organisation numbers, and they differ; write in the job which it is, such as \
         column = \"{name}\", or call the other something else",
        name = .0.first_name()
    )]
    TwoColumns(Columns),
    /// The only column of numbers is headed as somebody else's.
    #[error(
        "{column} holds organisation numbers of {whose}, by its heading, and probably not the clients'; if they are the \
         clients', write column = \"{}\" in the job{others}",
        column.name
    )]
    NotTheClients {
        /// The column.
        column: Column,
        /// Whose numbers they seem to be.
        whose: &'static str,
        /// What else holds numbers.
        others: OtherColumns,
    },
    /// The job names a column that is not there.
    #[error("no column is headed \"{wanted}\", as the job says (line {line} has {columns})")]
    NoSuchColumn {
        /// What the job asks for.
        wanted: String,
        /// The line of the header.
        line: u64,
        /// What stands there.
        columns: String,
    },
    /// The job names a column that is there twice.
    #[error(
        "line {line} has several columns headed \"{wanted}\", and the job wants one; give them different headings"
    )]
    ColumnTwice {
        /// What the job asks for.
        wanted: String,
        /// The line of the header.
        line: u64,
    },
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
    /// The file ends within a row.
    #[error(
        "line {0}: the file ends in the middle of this row, so that rows below it may be lost, too; export the list again"
    )]
    Torn(u64),
    /// A row that is too long to be one.
    #[error("line {0}: this row is longer than 64 KB; a quote that is never closed, or no CSV file")]
    TooLong(u64),
}

/// Columns, as a sentence names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns(pub Vec<Column>);

impl Columns {
    fn first_name(&self) -> &str {
        self.0.first().map(|column| column.name.as_str()).unwrap_or_default()
    }
}

impl fmt::Display for Columns {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, column) in self.0.iter().enumerate() {
            let between = match place {
                0 => "",
                place if place + 1 == self.0.len() => " and ",
                _ => ", ",
            };
            write!(out, "{between}{column}")?;
        }
        Ok(())
    }
}

/// What else holds numbers, said behind what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherColumns(pub Vec<Column>);

impl fmt::Display for OtherColumns {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        let verb = if self.0.len() == 1 { "holds" } else { "hold" };
        write!(out, "; {} {verb} organisation numbers, too", Columns(self.0.clone()))
    }
}

impl ManifestError {
    pub(super) fn new(path: &Path, problem: Problem) -> Self {
        Self { path: path.to_owned(), problem }
    }
}

impl From<RecordError> for Problem {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Io(error) => Self::Io(error),
            RecordError::OpenQuote(line) => Self::OpenQuote(line),
            RecordError::BrokenQuote(line) => Self::LostRows(line),
            RecordError::TooLong(line) => Self::TooLong(line),
        }
    }
}
