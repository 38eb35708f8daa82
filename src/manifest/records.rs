//! Records of a CSV text, with the line each begins on, and none longer than is reasonable.

use std::io::{self, Read};

use csv_core::ReadRecordResult;

use crate::model::is_invisible;

/// A longer record is no row of a manifest.
const LONGEST_RECORD: usize = 64 * 1024;
/// As many columns as a sheet of Excel has.
const MOST_CELLS: usize = 16 * 1024 + 1;

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The line that it begins on, from 1.
    pub(super) line: u64,
    /// A quoted cell of it holds a line break.
    pub(super) breaks_line: bool,
    /// How many cells it has, empty ones at its end included.
    pub(super) width: usize,
    /// The file ends behind it without a line break.
    pub(super) unterminated: bool,
    /// Its cells, unquoted; without the empty ones at its end.
    pub(super) cells: Vec<String>,
}

impl Record {
    /// A cell; empty where there is none.
    pub(super) fn cell(&self, index: usize) -> &str {
        self.cells.get(index).map(String::as_str).unwrap_or_default()
    }
}

/// Whether nothing can be seen in a cell.
pub(super) fn is_blank(cell: &str) -> bool {
    cell.chars().all(|character| character.is_whitespace() || is_invisible(character))
}

/// Why there are no more records.
#[derive(Debug)]
pub(super) enum RecordError {
    Io(io::Error),
    OpenQuote(u64),
    BrokenQuote(u64),
    TooLong(u64),
}

/// Reads records from UTF-8 text. Blank lines are passed over.
pub(super) struct Records<R> {
    text: R,
    parser: csv_core::Reader,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    lines: Lines,
    cells: Box<[u8]>,
    ends: Box<[usize]>,
    failed: bool,
}

/// Counts lines as an editor does, and watches the quotes, which the parser takes as it can.
#[derive(Debug)]
struct Lines {
    delimiter: u8,
    line: u64,
    after_cr: bool,
    /// The line that the record at hand begins on, once its first character has been seen.
    record: Option<u64>,
    quoting: Quoting,
    /// A quoted cell of the record at hand holds a line break.
    breaks_line: bool,
    /// A cell of the record at hand holds a line break, and its closing quote is followed by other text.
    broken: bool,
}

/// Where in a cell the reading is, as RFC 4180 has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quoting {
    AtStart,
    Bare,
    Quoted {
        breaks_line: bool,
    },
    /// After a quote within quotes: the first of a pair, or the closing one.
    AfterQuote {
        breaks_line: bool,
    },
}

impl Lines {
    fn pass(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.quote(*byte);
            match byte {
                b'\n' if self.after_cr => self.after_cr = false,
                b'\n' | b'\r' => {
                    self.line += 1;
                    self.after_cr = *byte == b'\r';
                }
                _ => {
                    self.after_cr = false;
                    self.record.get_or_insert(self.line);
                }
            }
        }
    }

    fn quote(&mut self, byte: u8) {
        let ends_cell = byte == self.delimiter || byte == b'\n' || byte == b'\r';
        self.quoting = match (self.quoting, byte) {
            (Quoting::Quoted { breaks_line }, b'"') => Quoting::AfterQuote { breaks_line },
            (Quoting::Quoted { breaks_line }, _) => {
                let breaks_line = breaks_line || byte == b'\n' || byte == b'\r';
                self.breaks_line |= breaks_line;
                Quoting::Quoted { breaks_line }
            }
            (Quoting::AtStart, b'"') => Quoting::Quoted { breaks_line: false },
            (Quoting::AfterQuote { breaks_line }, b'"') => Quoting::Quoted { breaks_line },
            (_, _) if ends_cell => Quoting::AtStart,
            (Quoting::AfterQuote { breaks_line }, _) => {
                self.broken |= breaks_line;
                Quoting::Bare
            }
            (Quoting::AtStart | Quoting::Bare, _) => Quoting::Bare,
        };
    }

    fn begin_record(&mut self) {
        self.record = None;
        self.breaks_line = false;
        self.broken = false;
    }
}

impl<R: Read> Records<R> {
    pub(super) fn new(text: R, delimiter: u8) -> Self {
        Self {
            text,
            parser: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            buffer: vec![0; 32 * 1024].into_boxed_slice(),
            start: 0,
            end: 0,
            lines: Lines {
                delimiter,
                line: 1,
                after_cr: false,
                record: None,
                quoting: Quoting::AtStart,
                breaks_line: false,
                broken: false,
            },
            cells: vec![0; LONGEST_RECORD].into_boxed_slice(),
            ends: vec![0; MOST_CELLS].into_boxed_slice(),
            failed: false,
        }
    }

    fn read(&mut self) -> Result<Option<Record>, RecordError> {
        let (mut written, mut cells) = (0, 0);
        let mut at_end = false;
        self.lines.begin_record();
        loop {
            if self.start == self.end && !at_end {
                self.start = 0;
                self.end = self.text.read(&mut self.buffer).map_err(RecordError::Io)?;
                at_end = self.end == 0;
            }
            let input = self.buffer.get(self.start..self.end).unwrap_or_default();
            let output = self.cells.get_mut(written..).unwrap_or_default();
            let ends = self.ends.get_mut(cells..).unwrap_or_default();
            let (result, read, wrote, ended) = self.parser.read_record(input, output, ends);
            self.lines.pass(input.get(..read).unwrap_or_default());
            self.start += read;
            written += wrote;
            cells += ended;
            let line = self.lines.record.unwrap_or(self.lines.line);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    return Err(RecordError::TooLong(line));
                }
                ReadRecordResult::End => return Ok(None),
                // The file ends inside quotes: what has been read runs over from the row that opened them.
                ReadRecordResult::Record if matches!(self.lines.quoting, Quoting::Quoted { .. }) => {
                    return Err(RecordError::OpenQuote(line));
                }
                ReadRecordResult::Record if self.lines.broken => return Err(RecordError::BrokenQuote(line)),
                ReadRecordResult::Record => return Ok(Some(self.record(line, cells, at_end))),
            }
        }
    }

    fn record(&self, line: u64, cells: usize, unterminated: bool) -> Record {
        let mut begin = 0;
        let mut cell = |end: &usize| {
            let cell = self.cells.get(begin..*end).unwrap_or_default();
            begin = *end;
            String::from_utf8_lossy(cell).into_owned()
        };
        let mut texts: Vec<String> = Vec::new();
        let mut filled = 0;
        for end in self.ends.iter().take(cells) {
            // Excel writes empty columns by the thousand.
            texts.push(cell(end));
            if texts.last().is_some_and(|text| !text.is_empty()) {
                filled = texts.len();
            }
        }
        texts.truncate(filled);
        let breaks_line = self.lines.breaks_line;
        Record { line, breaks_line, width: cells, unterminated, cells: texts }
    }
}

impl<R: Read> Iterator for Records<R> {
    type Item = Result<Record, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        loop {
            let record = self.read().transpose()?;
            match &record {
                // A line of nothing but delimiters or spaces is as blank as a blank one.
                Ok(record) if record.cells.iter().all(|cell| is_blank(cell)) => {}
                Ok(_) => return Some(record),
                Err(_) => {
                    self.failed = true;
                    return Some(record);
                }
            }
        }
    }
}
