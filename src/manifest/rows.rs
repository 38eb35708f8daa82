//! A manifest, opened and read row by row.

use std::{
    collections::HashMap,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use super::{
    Dialect, LineEnding,
    complaint::{Column, Complaint, ManifestError, Problem, masked},
    decode::{Decoded, encoding_of, text_of},
    header::{Columns, likeness},
    records::{Record, RecordError, Records},
};
use crate::model::{Action, ManifestRow, OrganisationNumber};

/// So much of a file is looked at to see how it is written.
const LOOKED_AT: u64 = 64 * 1024;

/// A manifest whose dialect and columns are known and whose rows are yet to be read.
#[derive(Debug)]
pub struct Manifest {
    path: PathBuf,
    dialect: Dialect,
    columns: Columns,
    /// A first line such as `sep=;`, which Excel writes and reads.
    has_sep_line: bool,
}

/// What a job expects of the `action` column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expects {
    /// Every row says what to do.
    Action,
    /// The job does one thing; a row that says the other is a mistake, not to be passed over.
    Only(Action),
}

/// One row of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A row that names a client for the first time.
    Row(ManifestRow),
    /// A row that cannot be acted on.
    Rejected {
        /// The line that it begins on.
        line: u64,
        /// Everything that is wrong with it.
        complaints: Vec<Complaint>,
        /// What stood there; a national identity number is masked.
        cells: Vec<String>,
    },
    /// A row that says again what an earlier one says.
    Repeated {
        /// The line that it begins on.
        line: u64,
        /// The earlier row's line.
        first_line: u64,
        /// The client.
        number: OrganisationNumber,
    },
}

impl Manifest {
    /// Opens a manifest and finds out how it is written.
    ///
    /// # Errors
    ///
    /// It cannot be read, is empty or no CSV file, or no column or several could be the organisation numbers.
    pub fn open(path: &Path) -> Result<Self, ManifestError> {
        let wrong = |problem| ManifestError::new(path, problem);
        let encoding = encoding_of(path)?;
        let mut bytes = Vec::new();
        text_of(path, encoding)?
            .take(LOOKED_AT)
            .read_to_end(&mut bytes)
            .map_err(|error| wrong(Problem::Io(error)))?;
        let beginning = String::from_utf8_lossy(&bytes);
        let sep = sep_line(&beginning);
        let (delimiter, first) = match sep {
            Some(delimiter) => (delimiter, first_record(&beginning, delimiter, true)),
            None => best_delimiter(&beginning),
        };
        let first = first.ok_or_else(|| wrong(Problem::Empty))?.map_err(|error| wrong(error.into()))?;
        let columns = Columns::of(&first);
        if !columns.as_ref().is_ok_and(|columns| columns.names.is_some())
            && let Some(line) = header_below(&beginning)
        {
            return Err(wrong(Problem::HeaderBelow(line)));
        }
        let columns = columns.map_err(wrong)?;
        let line_ending = if beginning.contains("\r\n") { LineEnding::Crlf } else { LineEnding::Lf };
        let dialect =
            Dialect { delimiter: char::from(delimiter), encoding, line_ending, header: columns.own_header() };
        Ok(Self { path: path.to_owned(), dialect, columns, has_sep_line: sep.is_some() })
    }

    /// How it is written.
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// The column of the clients' organisation numbers.
    pub fn number_column(&self) -> Column {
        self.columns.column(self.columns.number)
    }

    /// Whether there is a column that says what to do with each client.
    pub fn has_actions(&self) -> bool {
        self.columns.action.is_some()
    }

    /// Reads the rows.
    ///
    /// # Errors
    ///
    /// There is no action column where one is needed, or no row at all.
    pub fn read(&self, expects: Expects) -> Result<Rows, ManifestError> {
        let needs_action = expects == Expects::Action;
        if needs_action && !self.has_actions() {
            return Err(ManifestError::new(&self.path, Problem::NoActions));
        }
        if self.records()?.next().is_none() {
            let problem = if self.columns.names.is_some() { Problem::HeaderOnly } else { Problem::Empty };
            return Err(ManifestError::new(&self.path, problem));
        }
        let contradicted = match self.columns.action.filter(|_| needs_action) {
            Some(action) => self.contradicted(action)?,
            None => HashMap::new(),
        };
        Ok(Rows {
            path: self.path.clone(),
            records: self.records()?,
            columns: self.columns.clone(),
            delimiter: self.dialect.delimiter,
            expects,
            seen: HashMap::new(),
            contradicted,
        })
    }

    fn records(&self) -> Result<Records<Decoded<File>>, ManifestError> {
        let delimiter = u8::try_from(self.dialect.delimiter).unwrap_or(b',');
        let mut records = Records::new(text_of(&self.path, self.dialect.encoding)?, delimiter);
        let heads = usize::from(self.has_sep_line) + usize::from(self.columns.names.is_some());
        for _ in 0..heads {
            if let Some(Err(error)) = records.next() {
                return Err(ManifestError::new(&self.path, error.into()));
            }
        }
        Ok(records)
    }

    /// Clients that are named with both actions, with the first line of each action. They are rejected wherever
    /// they stand, so the whole file is looked at before any row is given out.
    fn contradicted(&self, action: usize) -> Result<HashMap<Named, [u64; 2]>, ManifestError> {
        let mut first: HashMap<Named, (Action, u64)> = HashMap::new();
        let mut contradicted = HashMap::new();
        for record in self.records()? {
            let record = record.map_err(|error| ManifestError::new(&self.path, error.into()))?;
            let cell = |index: usize| record.cells.get(index).map(String::as_str).unwrap_or_default();
            let (Ok(number), Some(says)) =
                (OrganisationNumber::parse(cell(self.columns.number)), read_action(cell(action)))
            else {
                continue;
            };
            let named = (number, agent_of(self.columns.agent.map(cell)));
            let (earlier, line) = *first.entry(named.clone()).or_insert((says, record.line));
            if earlier != says {
                contradicted.entry(named).or_insert([line, record.line]);
            }
        }
        Ok(contradicted)
    }
}

/// The rows of a manifest, in the order of the file.
pub struct Rows {
    path: PathBuf,
    records: Records<Decoded<File>>,
    columns: Columns,
    delimiter: char,
    expects: Expects,
    /// The first line of each client: about twenty bytes a client, the only thing that grows with the file.
    seen: HashMap<Named, u64>,
    contradicted: HashMap<Named, [u64; 2]>,
}

/// What a row names: a client, and the agent if it says which.
type Named = (OrganisationNumber, Option<String>);

impl Iterator for Rows {
    type Item = Result<Entry, ManifestError>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.records.next()?;
        Some(
            record
                .map_err(Problem::from)
                .and_then(|record| {
                    let lost = swallowed_row(&record, self.columns.number, self.delimiter);
                    if lost { Err(Problem::LostRows(record.line)) } else { Ok(self.entry(&record)) }
                })
                .map_err(|problem| ManifestError::new(&self.path, problem)),
        )
    }
}

impl Rows {
    fn entry(&mut self, record: &Record) -> Entry {
        let mut complaints = Vec::new();
        self.check_shape(record, &mut complaints);
        let cell = |index: usize| record.cells.get(index).map(String::as_str).unwrap_or_default();
        let number = OrganisationNumber::parse(cell(self.columns.number));
        if let Err(error) = &number {
            complaints.push(self.about(record, self.columns.number, error));
        }
        let action = self.columns.action.and_then(|column| {
            let says = read_action(cell(column));
            let problem = match (self.expects, says) {
                (Expects::Action, None) if cell(column).trim().is_empty() => {
                    Some("no action stands here; write delegate or remove".to_owned())
                }
                (Expects::Action, None) => {
                    Some("an action is delegate or remove (or deleger, fjern)".to_owned())
                }
                (Expects::Only(does), Some(says)) if does != says => Some(format!(
                    "the row says {}, and the job's kind is {}; make the kind manifest, or take the row out",
                    says.as_str(),
                    does.as_str()
                )),
                _ => None,
            };
            complaints.extend(problem.map(|problem| self.about(record, column, problem)));
            says
        });
        let agent = agent_of(self.columns.agent.map(cell));
        let named = number.as_ref().ok().map(|number| (*number, agent.clone()));
        if let Some([delegate_or_remove, the_other]) =
            named.as_ref().and_then(|named| self.contradicted.get(named))
        {
            let other = if *the_other == record.line { delegate_or_remove } else { the_other };
            let problem =
                format!("the client is to be delegated and removed, see line {other}; leave one of the two");
            complaints.push(Complaint::about(record.line, None, cell(self.columns.number), problem));
        }
        match number {
            Ok(number) if complaints.is_empty() => {
                let named = (number, agent.clone());
                if let Some(first_line) = self.seen.get(&named) {
                    return Entry::Repeated { line: record.line, first_line: *first_line, number };
                }
                self.seen.insert(named, record.line);
                let cells = self.columns.own_cells(&record.cells);
                Entry::Row(ManifestRow { line: record.line, number, action, agent, cells })
            }
            _ => {
                let cells = self.columns.own_cells(&record.cells);
                let cells = cells.iter().map(|cell| masked(cell)).collect();
                Entry::Rejected { line: record.line, complaints, cells }
            }
        }
    }

    fn about(&self, record: &Record, index: usize, problem: impl std::fmt::Display) -> Complaint {
        let cell = record.cells.get(index).map(String::as_str).unwrap_or_default();
        Complaint::about(record.line, Some(self.columns.column(index)), cell, problem)
    }

    /// A row whose cells have moved.
    fn check_shape(&self, record: &Record, complaints: &mut Vec<Complaint>) {
        let Some(names) = &self.columns.names else { return };
        let surplus = record.cells.iter().skip(names.len()).find(|cell| !cell.trim().is_empty());
        if let Some(surplus) = surplus {
            let problem = format!(
                "the row has {} cells where the header has {}; a name with the delimiter in it needs quotes",
                record.cells.len(),
                names.len()
            );
            complaints.push(Complaint::about(record.line, None, surplus, problem));
        }
    }
}

/// Whether a quoted cell of several lines holds a row: a quote at the end of one name can close that at the beginning
/// of another, and be right by RFC 4180. A note is not taken for rows because a number stands in it: it takes a line
/// that is divided by the delimiter, with a number where this file has its numbers.
fn swallowed_row(record: &Record, number: usize, delimiter: char) -> bool {
    let holds_number = |line: &str, place: Option<usize>| {
        let mut cells = line.split(delimiter);
        line.contains(delimiter) && place.is_some_and(|place| cells.nth(place).is_some_and(is_like_a_number))
    };
    record.breaks_line
        && record.cells.iter().enumerate().any(|(index, cell)| {
            let mut lines = cell.split(['\n', '\r']);
            // The first line goes on in the row that the quote was opened in.
            let first = lines.next().unwrap_or_default();
            let mut rest = lines.peekable();
            rest.peek().is_some()
                && (holds_number(first, number.checked_sub(index))
                    || rest.any(|line| holds_number(line, Some(number))))
        })
}

/// An organisation number, or one that something has happened to.
fn is_like_a_number(cell: &str) -> bool {
    use crate::model::OrganisationNumberError as Error;
    match OrganisationNumber::parse(cell.trim().trim_matches('"')) {
        Ok(_) => true,
        Err(Error::Empty | Error::NotADigit(_) | Error::SpreadsheetError | Error::WithText(_)) => false,
        Err(Error::Length(length)) => (6..=13).contains(&length),
        Err(_) => true,
    }
}

/// What an `agent` cell says; an empty one leaves it to the job.
fn agent_of(cell: Option<&str>) -> Option<String> {
    let agent = cell?.trim().trim_start_matches('\'');
    (!agent.is_empty()).then(|| agent.to_owned())
}

/// What an `action` cell says, in English or Norwegian.
fn read_action(cell: &str) -> Option<Action> {
    match cell.trim().trim_start_matches('\'').to_lowercase().as_str() {
        "delegate" | "deleger" | "delegér" => Some(Action::Delegate),
        "remove" | "fjern" => Some(Action::Remove),
        _ => None,
    }
}

/// The delimiter that a first line such as `sep=;` names.
fn sep_line(beginning: &str) -> Option<u8> {
    let first = beginning.lines().next()?.trim().trim_matches('"');
    let named = first.get(..4).filter(|prefix| prefix.eq_ignore_ascii_case("sep=")).and(first.get(4..))?;
    match named {
        ";" => Some(b';'),
        "," => Some(b','),
        // `lines` and `trim` have taken a tab away.
        "" | "\t" => Some(b'\t'),
        _ => None,
    }
}

/// The line of a header that stands under something else, such as a title and the date of the export.
fn header_below(beginning: &str) -> Option<u64> {
    const LINES_LOOKED_AT: usize = 10;
    [b';', b'\t', b','].into_iter().find_map(|delimiter| {
        Records::new(beginning.as_bytes(), delimiter)
            .skip(1)
            .take(LINES_LOOKED_AT)
            .map_while(Result::ok)
            .find(|record| Columns::of(record).is_ok_and(|columns| columns.names.is_some()))
            .map(|record| record.line)
    })
}

type First = Option<Result<Record, RecordError>>;

/// The delimiter that makes the first line look most like the beginning of a manifest.
fn best_delimiter(beginning: &str) -> (u8, First) {
    let score = |first: &First| match first {
        Some(Ok(record)) => likeness(record),
        _ => (false, 0),
    };
    [b';', b'\t', b',']
        .map(|delimiter| (delimiter, first_record(beginning, delimiter, false)))
        .into_iter()
        .rev()
        .max_by_key(|(_, first)| score(first))
        .unwrap_or((b';', None))
}

fn first_record(beginning: &str, delimiter: u8, after_sep_line: bool) -> First {
    // Only the first lines: a quote that is never closed further down is for the reading of rows to find.
    Records::new(beginning.as_bytes(), delimiter).nth(usize::from(after_sep_line))
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
