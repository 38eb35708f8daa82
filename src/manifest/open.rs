//! Opens a manifest: finds out what the file is, how it is written and which column is which.

use std::{
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Dialect, LineEnding,
    columns::Columns,
    complaint::{Column, shown},
    decode::{encoding_of, text_of},
    hidden::Hidden,
    kind::{FileKind, kind_of},
    layout::{Layout, score},
    problem::{ManifestError, Problem},
    records::{Record, RecordError, is_blank},
    remark::Remark,
    source::{Source, Unfolded},
    workbook::Workbook,
};

/// So much of a text is looked at to see how it is written: all of it, but for lists of tens of thousands.
const LOOKED_AT: u64 = 1024 * 1024;
/// So many records are looked at.
const RECORDS_LOOKED_AT: usize = 5000;
/// So many of them say how a text is delimited, where there are organisation numbers among them.
const RECORDS_TO_COMPARE: usize = 300;
/// The delimiters that lists have, the likelier ones first.
const DELIMITERS: [u8; 4] = [b';', b'\t', b',', b'|'];

/// What a job says of its list, where the program cannot tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The heading of the column of the clients' organisation numbers.
    pub column: Option<String>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
}

/// A manifest whose dialect and columns are known and whose rows are yet to be read.
#[derive(Debug)]
pub struct Manifest {
    pub(super) path: PathBuf,
    pub(super) dialect: Dialect,
    pub(super) source: Source,
    pub(super) layout: Layout,
    remarks: Vec<Remark>,
}

impl Manifest {
    /// Opens a manifest and finds out how it is written.
    ///
    /// # Errors
    ///
    /// It cannot be read, is empty or no list, or no column or several could be the organisation numbers.
    pub fn open(path: &Path) -> Result<Self, ManifestError> {
        Self::open_with(path, &Options::default())
    }

    /// The same, with what the job says of its list.
    ///
    /// # Errors
    ///
    /// As [`Self::open`]; and there is no such column or sheet.
    pub fn open_with(path: &Path, options: &Options) -> Result<Self, ManifestError> {
        match kind_of(path)? {
            FileKind::Text if options.sheet.is_some() => Err(ManifestError::new(path, Problem::NoSheets)),
            FileKind::Text => Self::open_text(path, options),
            kind => Self::open_workbook(path, kind, options),
        }
    }

    fn open_text(path: &Path, options: &Options) -> Result<Self, ManifestError> {
        let wrong = |problem| ManifestError::new(path, problem);
        let encoding = encoding_of(path)?;
        let mut bytes = Vec::new();
        text_of(path, encoding)?
            .take(LOOKED_AT)
            .read_to_end(&mut bytes)
            .map_err(|error| wrong(Problem::Io(error)))?;
        let beginning = String::from_utf8_lossy(&bytes);
        let sep = sep_line(&beginning);
        let (delimiter, mut sample) = best_delimiter(&beginning, sep);
        let heads = usize::from(sep.is_some());
        sample.records.drain(..heads.min(sample.records.len()));
        let layout = match Layout::of(&sample.records, options.column.as_deref()) {
            Err(Problem::Empty) => return Err(wrong(sample.error.map_or(Problem::Empty, Problem::from))),
            layout => layout.map_err(wrong)?,
        };
        let line_ending = if beginning.contains("\r\n") { LineEnding::Crlf } else { LineEnding::Lf };
        let dialect = Dialect {
            delimiter: char::from(delimiter),
            encoding,
            line_ending,
            header: layout.columns.own_header(),
            sheet: None,
        };
        let remarks = Remark::all(&layout, &sample.records);
        let layout = Layout { before_rows: layout.before_rows + heads, ..layout };
        let source = Source::Csv { encoding, delimiter };
        Ok(Self { path: path.to_owned(), dialect, source, layout, remarks })
    }

    /// The first sheet that has a column of organisation numbers, or the one that the job names.
    fn open_workbook(path: &Path, kind: FileKind, options: &Options) -> Result<Self, ManifestError> {
        let wrong = |problem| ManifestError::new(path, problem);
        let mut book = Workbook::open(path, kind)?;
        let sheets = book.sheets();
        let named = |name: &String| options.sheet.as_ref().is_none_or(|wanted| name.trim() == wanted.trim());
        let candidates: Vec<&String> = sheets.iter().filter(|name| named(name)).collect();
        if candidates.is_empty() {
            let quoted: Vec<String> = sheets.iter().map(|name| format!("\"{}\"", shown(name))).collect();
            let problem = match &options.sheet {
                Some(wanted) => Problem::NoSuchSheet { wanted: wanted.clone(), sheets: quoted.join(", ") },
                None => Problem::Empty,
            };
            return Err(wrong(problem));
        }
        let mut first_problem = None;
        for name in &candidates {
            let sheet = book.sheet(name).map_err(wrong)?;
            let sample: Vec<Record> =
                (0..sheet.len().min(RECORDS_LOOKED_AT)).filter_map(|place| sheet.record(place)).collect();
            let layout = match Layout::of(&sample, options.column.as_deref()) {
                Ok(layout) => layout,
                // A sheet of something else; the list may be on another.
                Err(
                    problem @ (Problem::Empty
                    | Problem::NoNumbers { .. }
                    | Problem::UnknownHeading { .. }
                    | Problem::NoSuchColumn { .. }
                    | Problem::NoHeader { .. }),
                ) => {
                    let better = matches!(first_problem, None | Some(Problem::Empty));
                    first_problem = if better { Some(problem) } else { first_problem };
                    continue;
                }
                Err(problem) => return Err(wrong(problem)),
            };
            // A sheet of one column of text: no list, unless it is the only one.
            if layout.header_line.is_none() && candidates.len() > 1 && !has_number(&sample) {
                continue;
            }
            let mut remarks = Remark::all(&layout, &sample);
            if options.sheet.is_none() && sheets.len() > 1 {
                let others = sheets.iter().filter(|other| other != name).map(|other| shown(other)).collect();
                remarks.push(Remark::Sheets { read: shown(name), others });
            }
            remarks.extend(Hidden::of(path, kind, name).remarks(&sheet, &layout));
            let dialect = Dialect {
                header: layout.columns.own_header(),
                sheet: Some((*name).clone()),
                ..Dialect::plain(&[])
            };
            let source = Source::Sheet(Arc::new(sheet));
            return Ok(Self { path: path.to_owned(), dialect, source, layout, remarks });
        }
        Err(wrong(first_problem.unwrap_or(Problem::Empty)))
    }

    /// How it is written; of a workbook, how its reports are.
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// What was made of it that its reader may want to know.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// The column of the clients' organisation numbers.
    pub fn number_column(&self) -> Column {
        self.columns().column(self.columns().number)
    }

    /// The column that says what to do with each client.
    pub fn action_column(&self) -> Option<Column> {
        self.columns().action.map(|index| self.columns().column(index))
    }

    /// The column that says which system user a row is about.
    pub fn agent_column(&self) -> Option<Column> {
        self.columns().agent.map(|index| self.columns().column(index))
    }

    /// The column of the clients' names, which are compared with Altinn's.
    pub fn name_column(&self) -> Option<Column> {
        self.columns().client_name.map(|index| self.columns().column(index))
    }

    /// Whether there is a column that says what to do with each client.
    pub fn has_actions(&self) -> bool {
        self.columns().action.is_some()
    }

    pub(super) fn columns(&self) -> &Columns {
        &self.layout.columns
    }
}

fn has_number(sample: &[Record]) -> bool {
    super::columns::rows_with_numbers(sample.iter()).0 > 0
}

/// The first records of a text, by some delimiter.
struct Sample {
    records: Vec<Record>,
    /// Why there are no more.
    error: Option<RecordError>,
}

impl Sample {
    fn of(beginning: &str, delimiter: u8, most: usize) -> Self {
        let mut sample = Self { records: Vec::new(), error: None };
        // A quote that is never closed further down is for the reading of rows to find.
        for record in Unfolded::new(beginning.as_bytes(), delimiter).take(most) {
            match record {
                Ok(record) => sample.records.push(record),
                Err(error) => sample.error = Some(error),
            }
        }
        if beginning.len() as u64 >= LOOKED_AT {
            // The text is cut off within the last one.
            sample.records.pop();
        }
        sample
    }
}

/// The delimiter that makes the best table of the text; what a `sep=` line names where others are no better.
fn best_delimiter(beginning: &str, sep: Option<char>) -> (u8, Sample) {
    let (numbers, delimiter, _) = best_of_first(beginning, sep, RECORDS_TO_COMPARE);
    if numbers > 0 {
        return (delimiter, Sample::of(beginning, delimiter, RECORDS_LOOKED_AT));
    }
    let (_, delimiter, sample) = best_of_first(beginning, sep, RECORDS_LOOKED_AT);
    (delimiter, sample)
}

/// The same by so many records, with how many organisation numbers are among them.
fn best_of_first(beginning: &str, sep: Option<char>, most: usize) -> (usize, u8, Sample) {
    let named = sep.and_then(|sep| u8::try_from(sep).ok()).filter(|sep| DELIMITERS.contains(sep));
    let candidates = DELIMITERS.into_iter().map(|delimiter| {
        let sample = Sample::of(beginning, delimiter, most);
        let rows = sample.records.get(usize::from(sep.is_some())..).unwrap_or_default();
        let (numbers, has_header, like, cells) = score(rows);
        ((numbers, has_header, Some(delimiter) == named, like, cells), delimiter, sample)
    });
    // The likelier ones come first, and win when there is nothing between them.
    let best = candidates.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map_or((0, b';', Sample { records: Vec::new(), error: None }), |(score, delimiter, sample)| {
        (score.0, delimiter, sample)
    })
}

/// The delimiter that a first line such as `sep=;` names, whatever a spreadsheet has padded it with.
fn sep_line(beginning: &str) -> Option<char> {
    let first = beginning.split(['\r', '\n']).find(|line| !is_blank(line))?;
    let line = first.trim_start_matches(['\u{feff}', ' ', '"']);
    let named = line.get(..3).filter(|prefix| prefix.eq_ignore_ascii_case("sep")).and(line.get(3..))?;
    let named =
        named.trim_start_matches(' ').strip_prefix('=')?.trim_start_matches(' ').trim_end_matches(['"', ' ']);
    let mut characters = named.chars();
    match characters.next() {
        // `trim` has taken a tab away.
        None => Some('\t'),
        Some(sep) if !sep.is_alphanumeric() => {
            characters.all(|one| matches!(one, ';' | ',' | '\t' | '"' | ' ')).then_some(sep)
        }
        Some(_) => None,
    }
}
