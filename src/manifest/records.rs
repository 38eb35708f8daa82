//! Records of a CSV text, with the line each begins on, and none longer than is reasonable.

use std::io::{self, Read};

use csv_core::ReadRecordResult;

/// A longer record is no row of a manifest.
const LONGEST_RECORD: usize = 64 * 1024;
const MOST_CELLS: usize = 1024;

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The line that it begins on, from 1.
    pub(super) line: u64,
    /// Its cells, unquoted.
    pub(super) cells: Vec<String>,
}

/// Why there are no more records.
#[derive(Debug)]
pub(super) enum RecordError {
    Io(io::Error),
    OpenQuote(u64),
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

/// Counts lines as an editor does.
#[derive(Debug)]
struct Lines {
    line: u64,
    after_cr: bool,
    /// The line that the record at hand begins on, once its first character has been seen.
    record: Option<u64>,
    quotes: u64,
}

impl Lines {
    fn pass(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\n' if self.after_cr => self.after_cr = false,
                b'\n' | b'\r' => {
                    self.line += 1;
                    self.after_cr = *byte == b'\r';
                }
                byte => {
                    self.after_cr = false;
                    self.record.get_or_insert(self.line);
                    self.quotes += u64::from(*byte == b'"');
                }
            }
        }
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
            lines: Lines { line: 1, after_cr: false, record: None, quotes: 0 },
            cells: vec![0; LONGEST_RECORD].into_boxed_slice(),
            ends: vec![0; MOST_CELLS].into_boxed_slice(),
            failed: false,
        }
    }

    fn read(&mut self) -> Result<Option<Record>, RecordError> {
        let (mut written, mut cells) = (0, 0);
        let mut at_end = false;
        self.lines.record = None;
        self.lines.quotes = 0;
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
                ReadRecordResult::Record if at_end && self.is_quote_open(line) => {
                    return Err(RecordError::OpenQuote(line));
                }
                ReadRecordResult::Record => return Ok(Some(self.record(line, cells))),
            }
        }
    }

    fn is_quote_open(&self, line: u64) -> bool {
        self.lines.quotes % 2 == 1 && self.lines.line > line
    }

    fn record(&self, line: u64, cells: usize) -> Record {
        let mut begin = 0;
        let cell = |end: &usize| {
            let cell = self.cells.get(begin..*end).unwrap_or_default();
            begin = *end;
            String::from_utf8_lossy(cell).into_owned()
        };
        Record { line, cells: self.ends.iter().take(cells).map(cell).collect() }
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
                Ok(record) if record.cells.iter().all(|cell| cell.trim().is_empty()) => {}
                Ok(_) => return Some(record),
                Err(_) => {
                    self.failed = true;
                    return Some(record);
                }
            }
        }
    }
}
