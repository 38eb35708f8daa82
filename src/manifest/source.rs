//! Where the records of a manifest come from: a CSV text, or a sheet of a workbook.

use std::{fs::File, io::Read, path::Path, sync::Arc};

use super::{
    Encoding,
    decode::{Decoded, text_of},
    problem::ManifestError,
    records::{Record, RecordError, Records},
    workbook::Sheet,
};

/// Where the records come from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    Csv { encoding: Encoding, delimiter: u8 },
    Sheet(Arc<Sheet>),
}

impl Source {
    /// The records from the beginning.
    pub(super) fn records(&self, path: &Path) -> Result<AnyRecords, ManifestError> {
        Ok(match self {
            Self::Csv { encoding, delimiter } => {
                AnyRecords::Csv(Box::new(Unfolded::new(text_of(path, *encoding)?, *delimiter)))
            }
            Self::Sheet(sheet) => AnyRecords::Sheet { sheet: sheet.clone(), next: 0 },
        })
    }

    /// The name of the sheet.
    pub(super) fn sheet(&self) -> Option<&str> {
        match self {
            Self::Csv { .. } => None,
            Self::Sheet(sheet) => Some(&sheet.name),
        }
    }
}

/// The records of a source.
pub(super) enum AnyRecords {
    Csv(Box<Unfolded<Decoded<File>>>),
    Sheet { sheet: Arc<Sheet>, next: usize },
}

impl Iterator for AnyRecords {
    type Item = Result<Record, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Csv(records) => records.next(),
            Self::Sheet { sheet, next } => {
                *next += 1;
                sheet.record(*next - 1).map(Ok)
            }
        }
    }
}

/// Records, and those that a spreadsheet has saved as one cell each, because it looked for another delimiter, as what
/// they were.
pub(super) struct Unfolded<R> {
    records: Records<R>,
    delimiter: u8,
}

impl<R: Read> Unfolded<R> {
    pub(super) fn new(text: R, delimiter: u8) -> Self {
        Self { records: Records::new(text, delimiter), delimiter }
    }

    fn unfold(&self, record: Record) -> Record {
        let whole = match record.cells.as_slice() {
            [one] if record.width == 1 && !record.breaks_line && one.contains(char::from(self.delimiter)) => {
                one
            }
            _ => return record,
        };
        let mut inner = csv::ReaderBuilder::new()
            .delimiter(self.delimiter)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(whole.len())
            .from_reader(whole.as_bytes());
        let mut rows = inner.records();
        match (rows.next(), rows.next()) {
            (Some(Ok(cells)), None) => {
                let width = cells.len();
                Record { width, cells: cells.iter().map(ToOwned::to_owned).collect(), ..record }
            }
            _ => record,
        }
    }
}

impl<R: Read> Iterator for Unfolded<R> {
    type Item = Result<Record, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.records.next()?.map(|record| self.unfold(record)))
    }
}
