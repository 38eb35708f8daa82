//! Workbooks: a sheet as records, held in memory.
//!
//! A workbook is read as a whole, for that is how its formats are made: at most [`LARGEST_FILE`] bytes of file and
//! [`MOST_CELLS`] filled cells, about 8 bytes each beside their text.

use std::{cell::Cell, fs::File, io::BufReader, panic::AssertUnwindSafe, path::Path};

use calamine::{Data, DataRef, Ods, Range, Reader, SheetType, SheetVisible, Xls, Xlsb, Xlsx};

use super::{
    decode::open,
    kind::{FileKind, save_as_csv},
    problem::{ManifestError, Problem},
    records::{Record, is_blank},
};
use crate::words::{Wording, kept, say};

/// The largest file that is opened, in bytes.
const LARGEST_FILE: u64 = 100 * 1024 * 1024;
/// The most filled cells of a sheet.
const MOST_CELLS: usize = 10_000_000;
/// The most text of a sheet, in bytes.
const MOST_TEXT: usize = 256 * 1024 * 1024;

/// The cells of a sheet that are filled.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) name: String,
    text: String,
    /// The column of each cell, from 0, and where its text ends.
    cells: Vec<(u32, u32)>,
    /// The row of each, from 1, and where its cells end.
    rows: Vec<(u32, u32)>,
}

impl Sheet {
    fn push(&mut self, row: u32, column: u32, value: &str) -> Result<(), Problem> {
        if is_blank(value) {
            return Ok(());
        }
        let too_large = |what: Wording| {
            Problem::LargeWorkbook(
                say!("manifest-sheet-has-more-than", sheet = self.name, what = what).kept(),
            )
        };
        if self.cells.len() >= MOST_CELLS {
            return Err(too_large(kept!("manifest-ten-million-cells")));
        }
        if self.text.len() + value.len() > MOST_TEXT {
            return Err(too_large(kept!("manifest-256-mb-of-text")));
        }
        self.text.push_str(value);
        self.cells.push((column, u32::try_from(self.text.len()).unwrap_or(u32::MAX)));
        let end = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
        match self.rows.last_mut() {
            Some((last, cells)) if *last == row + 1 => *cells = end,
            _ => self.rows.push((row + 1, end)),
        }
        Ok(())
    }

    /// Takes a dense range of cells.
    fn take(&mut self, range: &Range<Data>) -> Result<(), Problem> {
        let (first_row, first_column) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            let row = first_row.saturating_add(u32::try_from(row).unwrap_or(u32::MAX));
            let column = first_column.saturating_add(u32::try_from(column).unwrap_or(u32::MAX));
            self.push(row, column, &text_of(value))?;
        }
        Ok(())
    }

    /// How many rows have something in them.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The rows that have something in them, from 1.
    pub(super) fn filled_rows(&self) -> impl Iterator<Item = u32> {
        self.rows.iter().map(|(row, _)| *row)
    }

    /// A row, by its place among those that have something in them.
    pub(super) fn record(&self, place: usize) -> Option<Record> {
        let (row, end) = *self.rows.get(place)?;
        let before = place.checked_sub(1).and_then(|place| self.rows.get(place)).map_or(0, |(_, end)| *end);
        let mut cells: Vec<String> = Vec::new();
        for index in before as usize..end as usize {
            let (column, text_end) = *self.cells.get(index)?;
            let text_start =
                index.checked_sub(1).and_then(|index| self.cells.get(index)).map_or(0, |cell| cell.1);
            let text = self.text.get(text_start as usize..text_end as usize)?;
            let column = column as usize;
            if cells.len() <= column {
                cells.resize(column + 1, String::new());
            }
            text.clone_into(cells.get_mut(column)?);
        }
        let width = cells.len();
        Some(Record { line: u64::from(row), breaks_line: false, width, unterminated: false, cells })
    }
}

/// A workbook that is open.
pub(super) enum Workbook {
    Xlsx(Box<Xlsx<BufReader<File>>>),
    Xlsb(Box<Xlsb<BufReader<File>>>),
    Xls(Box<Xls<BufReader<File>>>),
    Ods(Box<Ods<BufReader<File>>>),
}

impl Workbook {
    /// Opens a workbook.
    ///
    /// # Errors
    ///
    /// It is damaged, too large, behind a password, or no workbook.
    pub(super) fn open(path: &Path, kind: FileKind) -> Result<Self, ManifestError> {
        let wrong = |problem| ManifestError::new(path, problem);
        let file = open(path)?;
        let length = file.metadata().map_err(|error| wrong(Problem::Io(error)))?.len();
        if length > LARGEST_FILE {
            return Err(wrong(Problem::LargeWorkbook(kept!("manifest-the-file-has-more-than-100-mb"))));
        }
        if kind == FileKind::Ole {
            ole_kind(path).map_err(wrong)?;
        }
        let file = BufReader::new(file);
        let book = guarded(|| {
            Ok(match kind {
                FileKind::Xlsb => Self::Xlsb(Box::new(Xlsb::new(file).map_err(damaged)?)),
                FileKind::Ods => Self::Ods(Box::new(Ods::new(file).map_err(damaged)?)),
                FileKind::Ole => Self::Xls(Box::new(Xls::new(file).map_err(damaged)?)),
                FileKind::Xlsx | FileKind::Text => Self::Xlsx(Box::new(Xlsx::new(file).map_err(damaged)?)),
            })
        });
        book.map_err(wrong)
    }

    /// The names of its sheets, those that can be seen first.
    pub(super) fn sheets(&self) -> Vec<String> {
        let all = match self {
            Self::Xlsx(book) => book.sheets_metadata(),
            Self::Xlsb(book) => book.sheets_metadata(),
            Self::Xls(book) => book.sheets_metadata(),
            Self::Ods(book) => book.sheets_metadata(),
        };
        let tables = || all.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        let seen = tables().filter(|sheet| sheet.visible == SheetVisible::Visible);
        let hidden = tables().filter(|sheet| sheet.visible != SheetVisible::Visible);
        seen.chain(hidden).map(|sheet| sheet.name.clone()).collect()
    }

    /// Reads a sheet.
    ///
    /// # Errors
    ///
    /// It is damaged or too large.
    pub(super) fn sheet(&mut self, name: &str) -> Result<Sheet, Problem> {
        guarded(|| self.read_sheet(name))
    }

    fn read_sheet(&mut self, name: &str) -> Result<Sheet, Problem> {
        let mut sheet = Sheet { name: name.to_owned(), ..Sheet::default() };
        match self {
            // Cell by cell: the whole rectangle of a sheet with one cell far out would not fit into memory.
            Self::Xlsx(book) => {
                let mut cells = book.worksheet_cells_reader(name).map_err(damaged)?;
                let mut last = (0, 0);
                while let Some(cell) = cells.next_cell().map_err(damaged)? {
                    let (row, column) = cell.get_position();
                    if (row, column) < last {
                        return Err(Problem::Workbook(
                            say!("manifest-sheet-its-cells-are-out-of-order", sheet = name).kept(),
                        ));
                    }
                    last = (row, column);
                    if !matches!(cell.get_value(), DataRef::Empty) {
                        sheet.push(row, column, &text_of(&Data::from(cell.get_value().clone())))?;
                    }
                }
            }
            Self::Xlsb(book) => sheet.take(&book.worksheet_range(name).map_err(damaged)?)?,
            Self::Xls(book) => sheet.take(&book.worksheet_range(name).map_err(damaged)?)?,
            Self::Ods(book) => sheet.take(&book.worksheet_range(name).map_err(damaged)?)?,
        }
        Ok(sheet)
    }
}

thread_local! {
    /// Whether a workbook is being read on this thread.
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// Whether a workbook is being read on this thread: what its reader panics over is the file's fault, and is said so.
pub fn is_reading_workbook() -> bool {
    READING.get()
}

/// The reader of old workbooks panics over some damaged files: that is a damaged file and no fault of this program.
fn guarded<T>(read: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    READING.set(true);
    let read = std::panic::catch_unwind(AssertUnwindSafe(read));
    READING.set(false);
    read.unwrap_or_else(|_| Err(Problem::Workbook(kept!("manifest-its-parts-contradict-each-other"))))
}

fn damaged(error: impl std::fmt::Display) -> Problem {
    let error = error.to_string();
    // Of a zip file that is cut off its reader speaks as to those who write such readers.
    if error.starts_with("Zip error") {
        return Problem::Workbook(kept!("manifest-it-is-damaged-or-cut-off"));
    }
    Problem::Workbook(Wording::heard(error))
}

/// What an OLE file is, by the names of its parts.
fn ole_kind(path: &Path) -> Result<(), Problem> {
    let bytes = std::fs::read(path).map_err(Problem::Io)?;
    let has = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.windows(name.len()).any(|window| window == name)
    };
    if has("EncryptedPackage") {
        let advice = kept!("manifest-open-it-with-its-password-and-save-the-list");
        return Err(Problem::Kind(kept!("manifest-a-workbook-behind-a-password"), advice));
    }
    if has("WordDocument") {
        return Err(Problem::Kind(kept!("manifest-a-text-document"), save_as_csv()));
    }
    Ok(())
}

/// A cell as it is shown, but for the format of numbers: an organisation number has none.
fn text_of(value: &Data) -> String {
    match value {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number_text(*number),
        Data::Bool(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
        Data::Error(error) => error.to_string(),
        Data::DateTime(date) => {
            // A number that is formatted as a date: what comes after the year 9999 is none.
            if date.is_duration() || !(1.0..2_958_466.0).contains(&date.as_f64()) {
                return number_text(date.as_f64());
            }
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            if (hour, minute, second) == (0, 0, 0) {
                format!("{year:04}-{month:02}-{day:02}")
            } else {
                format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
            }
        }
        Data::Empty => String::new(),
    }
}

fn number_text(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 { format!("{number:.0}") } else { number.to_string() }
}
