//! Writes a CSV file in a given dialect, with nothing in it that a spreadsheet would run.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use csv::Terminator;
use encoding_rs::WINDOWS_1252;

use super::{Dialect, Encoding, LineEnding};
use crate::model::is_invisible;

/// What heads the organisation numbers when the manifest has no header of its own.
pub(super) const NUMBER_HEADER: &str = "organisation_number";

/// Writes rows in a dialect.
pub struct Writer<W: Write> {
    csv: csv::Writer<Encoder<W>>,
}

impl<W: Write> Writer<W> {
    /// A writer that has written its header: the dialect's columns and `appended` ones.
    ///
    /// A manifest without a header gets one all the same, so that the appended columns have names.
    ///
    /// # Errors
    ///
    /// What the file says.
    pub fn new(out: W, dialect: &Dialect, appended: &[&str]) -> io::Result<Self> {
        let terminator = match dialect.line_ending {
            LineEnding::Lf => Terminator::Any(b'\n'),
            LineEnding::Crlf => Terminator::CRLF,
        };
        let csv = csv::WriterBuilder::new()
            .delimiter(u8::try_from(dialect.delimiter).unwrap_or(b','))
            .terminator(terminator)
            .flexible(true)
            .from_writer(Encoder::new(out, dialect.encoding)?);
        let mut writer = Self { csv };
        let own = dialect.header.clone().unwrap_or_else(|| vec![NUMBER_HEADER.to_owned()]);
        writer.write(own.iter().map(String::as_str).chain(appended.iter().copied()))?;
        Ok(writer)
    }

    /// Writes a row.
    ///
    /// # Errors
    ///
    /// What the file says.
    pub fn write<Cell: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = Cell>) -> io::Result<()> {
        for cell in cells {
            self.csv.write_field(defused(cell.as_ref()).as_bytes())?;
        }
        self.csv.write_record(None::<&[u8]>).map_err(io::Error::other)
    }

    /// Writes what is left.
    ///
    /// # Errors
    ///
    /// What the file says.
    pub fn finish(mut self) -> io::Result<()> {
        self.csv.flush()
    }
}

/// A cell that a spreadsheet does not take for a formula: one that begins like one gets an apostrophe in front, which
/// a reader of manifests passes over.
fn defused(cell: &str) -> Cow<'_, str> {
    // What cannot be seen is passed over when the list is read again, and a terminal or a spreadsheet may obey it.
    let cell: Cow<'_, str> = if cell.chars().any(is_invisible) {
        cell.chars().filter(|character| !is_invisible(*character)).collect()
    } else {
        cell.into()
    };
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}").into() } else { cell }
}

/// UTF-8 in, the dialect's bytes out. The CSV writer hands over whole buffers, which can end inside a character.
struct Encoder<W> {
    out: W,
    encoding: Encoding,
    /// The beginning of a character.
    rest: Vec<u8>,
}

impl<W: Write> Encoder<W> {
    fn new(mut out: W, encoding: Encoding) -> io::Result<Self> {
        match encoding {
            Encoding::Utf8 | Encoding::Windows1252 => {}
            Encoding::Utf8Bom => out.write_all(b"\xEF\xBB\xBF")?,
            Encoding::Utf16Le => out.write_all(b"\xFF\xFE")?,
            Encoding::Utf16Be => out.write_all(b"\xFE\xFF")?,
        }
        Ok(Self { out, encoding, rest: Vec::new() })
    }

    fn encode(&mut self, text: &str) -> io::Result<()> {
        match self.encoding {
            Encoding::Utf8 | Encoding::Utf8Bom => self.out.write_all(text.as_bytes()),
            Encoding::Windows1252 => self.out.write_all(&windows_1252(text)),
            Encoding::Utf16Le => {
                let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                self.out.write_all(&bytes)
            }
            Encoding::Utf16Be => {
                let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
                self.out.write_all(&bytes)
            }
        }
    }
}

/// Text as Windows-1252. What the manifest held fits; a character of an answer that does not becomes `?`.
fn windows_1252(text: &str) -> Vec<u8> {
    let (encoded, _, unmappable) = WINDOWS_1252.encode(text);
    if !unmappable {
        return encoded.into_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut buffer = [0; 4];
    for character in text.chars() {
        let (encoded, _, unmappable) = WINDOWS_1252.encode(character.encode_utf8(&mut buffer));
        if unmappable { bytes.push(b'?') } else { bytes.extend_from_slice(&encoded) }
    }
    bytes
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = std::mem::take(&mut self.rest);
        all.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&all) {
            Ok(_) => all.len(),
            Err(error) => error.valid_up_to(),
        };
        self.rest = all.split_off(whole);
        self.encode(&String::from_utf8_lossy(&all))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
