//! Why a whole file is no manifest, and what to do about it.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use thiserror::Error;

use super::{complaint::Column, headings::Somebody, records::RecordError};
use crate::{
    model::is_for_a_shell,
    words::{Wording, say, text},
};

/// Why a file is no manifest.
#[derive(Debug, Error)]
#[error("{}: {problem}", path.display())]
pub struct ManifestError {
    /// Which file.
    pub path: PathBuf,
    /// What is wrong, and what to do.
    pub problem: Problem,
}

/// Windows' `ERROR_SHARING_VIOLATION` and `ERROR_LOCK_VIOLATION`: another program has the file for itself, as Excel does.
const HELD_ON_WINDOWS: [i32; 2] = [32, 33];

/// What can be wrong with a whole file.
#[derive(Debug, Error)]
pub enum Problem {
    /// It cannot be read.
    #[error("{}", cannot_be_read(.0))]
    Io(io::Error),
    /// It is not there, and what a shell would have replaced stands in its path.
    #[error("{}", text!("manifest-there-is-no-such-file-as-nothing-is-replaced"))]
    NothingReplaced,
    /// A folder.
    #[error("{}", text!("manifest-this-is-a-folder-a-manifest-is-a-csv-file-or"))]
    Folder,
    /// A pipe or a device.
    #[error("{}", text!("manifest-this-is-no-ordinary-file-a-manifest-is-read"))]
    NoFile,
    /// Nothing is in it.
    #[error("{}", text!("manifest-the-manifest-is-empty-it-needs-a-row-for-each"))]
    Empty,
    /// Only a header is in it.
    #[error("{}", text!("manifest-the-manifest-has-a-header-and-no-rows-it"))]
    HeaderOnly,
    /// A list of firms without one.
    #[error("{}", text!("manifest-the-list-names-no-firm"))]
    NoFirms,
    /// No column of a list of firms has them.
    #[error("{}", say!("manifest-no-column-has-the-firms", line = .line.to_string(), columns = .columns))]
    NoFirmColumn {
        /// The line of the header.
        line: u64,
        /// What stands there.
        columns: String,
    },
    /// Another kind of file, by name.
    #[error("{}", say!("manifest-this-is-not-a-list-of-clients", kind = .0, advice = .1))]
    Kind(Wording, Wording),
    /// A workbook that cannot be read.
    #[error("{}", say!("manifest-this-workbook-cannot-be-read-open-it-save-it", why = .0))]
    Workbook(Wording),
    /// A workbook that would take more memory than is given to one.
    #[error("{}", say!("manifest-this-workbook-is-too-large-to-be-read-save", why = .0))]
    LargeWorkbook(Wording),
    /// The workbook has no such sheet.
    #[error("{}", say!("manifest-the-workbook-has-no-sheet-it-has", wanted = .wanted, sheets = .sheets))]
    NoSuchSheet {
        /// What the job asks for.
        wanted: String,
        /// What there is.
        sheets: String,
    },
    /// The job names a sheet, and the list is no workbook.
    #[error("{}", text!("manifest-the-job-names-a-sheet-and-this-is-no-workbook"))]
    NoSheets,
    /// No column has the numbers.
    #[error("{}", say!("manifest-no-column-is-headed-as-organisation-numbers", line = .line.to_string(), columns = .columns))]
    NoNumbers {
        /// The line of the header.
        line: u64,
        /// What stands there.
        columns: String,
    },
    /// A column has numbers, and a heading that does not say so.
    #[error("{}", say!("manifest-unknown-heading", columns = .columns, number = .columns.0.len(), first = .columns.first_name(), line = .line.to_string()))]
    UnknownHeading {
        /// The line of the header.
        line: u64,
        /// Which hold numbers.
        columns: Columns,
    },
    /// There is no header.
    #[error("{}", say!("manifest-the-first-line-is-data-not-a-header-line-has", line = .line.to_string(), columns = .columns))]
    NoHeader {
        /// The line.
        line: u64,
        /// What stands there.
        columns: String,
    },
    /// A row that names a client stands above the header.
    #[error("{}", say!("manifest-the-header-stands-in-line-and-line-above-it", header = .header.to_string(), line = .line.to_string()))]
    AboveHeader {
        /// The line of the header.
        header: u64,
        /// The line of the number.
        line: u64,
    },
    /// Several columns could have the numbers.
    #[error("{}", say!("manifest-could-both-be-the-clients-organisation", columns = .0, name = .0.first_name()))]
    TwoColumns(Columns),
    /// The only column of numbers is headed as somebody else's.
    #[error("{}", say!("manifest-holds-organisation-numbers-of-by-its-heading", column = .column, whose = .whose, name = .column.name, others = .others))]
    NotTheClients {
        /// The column.
        column: Column,
        /// Whose numbers they seem to be.
        whose: Somebody,
        /// What else holds numbers.
        others: OtherColumns,
    },
    /// The job names a column that is not there.
    #[error("{}", say!("manifest-no-column-is-headed-as-the-job-says-line-has", wanted = .wanted, line = .line.to_string(), columns = .columns))]
    NoSuchColumn {
        /// What the job asks for.
        wanted: String,
        /// The line of the header.
        line: u64,
        /// What stands there.
        columns: String,
    },
    /// The job names a column that is there twice.
    #[error("{}", say!("manifest-line-has-several-columns-headed-and-the-job", line = .line.to_string(), wanted = .wanted))]
    ColumnTwice {
        /// What the job asks for.
        wanted: String,
        /// The line of the header.
        line: u64,
    },
    /// Several columns could say which system user a row is about.
    #[error("{}", say!("manifest-columns-and-could-both-say-which-agent-a-row", first = .0, second = .1))]
    TwoAgentColumns(String, String),
    /// A job of kind manifest needs to know what to do.
    #[error("{}", text!("manifest-the-jobs-kind-is-manifest-so-that-each-row"))]
    NoActions,
    /// A quote that swallows the rest of the file.
    #[error("{}", say!("manifest-line-a-quote-is-opened-in-this-row-and-never", line = .0.to_string()))]
    OpenQuote(u64),
    /// Quotes that are not where they should be, so that a cell holds what may have been rows.
    #[error("{}", say!("manifest-line-rows-may-be-lost-here-a-quote-in-this", line = .0.to_string()))]
    LostRows(u64),
    /// The file ends within a row.
    #[error("{}", say!("manifest-line-the-file-ends-in-the-middle-of-this-row", line = .0.to_string()))]
    Torn(u64),
    /// A row that is too long to be one.
    #[error("{}", say!("manifest-line-this-row-is-longer-than-64-kb-a-quote", line = .0.to_string()))]
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
                place if place + 1 == self.0.len() => text!("model-and"),
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
        let columns = Columns(self.0.clone());
        write!(out, "{}", say!("manifest-organisation-numbers-too", columns = columns, number = self.0.len()))
    }
}

impl ManifestError {
    pub(crate) fn new(path: &Path, problem: Problem) -> Self {
        let problem = match problem {
            Problem::Io(error) if error.kind() == io::ErrorKind::NotFound && is_for_a_shell(path) => {
                Problem::NothingReplaced
            }
            problem => problem,
        };
        Self { path: path.to_owned(), problem }
    }
}

/// Why a file cannot be read; that it is not there is said in words.
fn cannot_be_read(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::NotFound {
        return text!("manifest-there-is-no-such-file").to_owned();
    }
    if cfg!(windows) && error.raw_os_error().is_some_and(|code| HELD_ON_WINDOWS.contains(&code)) {
        return text!("manifest-another-program-has-the-file-open").to_owned();
    }
    say!("manifest-the-manifest-cannot-be-read", error = error).to_string()
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
