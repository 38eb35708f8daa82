//! How a manifest is written, so that its failure report can be written the same way.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::complaint::shown;

use crate::words::{say, text};

/// How a CSV file is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// `,`, `;`, `|` or a tab.
    pub delimiter: char,
    /// How characters are bytes.
    pub encoding: Encoding,
    /// How lines end.
    pub line_ending: LineEnding,
    /// The file's own columns, those of an earlier failure report left out; none when it has no header.
    pub header: Option<Vec<String>>,
    /// The sheet, where it was read from a workbook: its reports are written as CSV all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
}

/// How characters are bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    /// UTF-8 without a byte order mark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-8 with a byte order mark, as Excel writes "CSV UTF-8".
    #[serde(rename = "utf-8-bom")]
    Utf8Bom,
    /// Windows-1252, as Excel writes "CSV" in Western Europe.
    #[serde(rename = "windows-1252")]
    Windows1252,
    /// UTF-16, low byte first, with a byte order mark, as Excel writes "Unicode text".
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// UTF-16, high byte first, with a byte order mark.
    #[serde(rename = "utf-16be")]
    Utf16Be,
}

/// How lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LineEnding {
    /// `\n`.
    Lf,
    /// `\r\n`.
    Crlf,
}

impl Dialect {
    /// What `fullmakt clients` writes: semicolons and a byte order mark, which a Norwegian Excel opens as a table.
    pub fn plain(header: &[&str]) -> Self {
        Self {
            delimiter: ';',
            encoding: Encoding::Utf8Bom,
            line_ending: LineEnding::Lf,
            header: Some(header.iter().map(|name| (*name).to_owned()).collect()),
            sheet: None,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = if self.header.is_some() {
            text!("manifest-with-a-header")
        } else {
            text!("manifest-without-a-header")
        };
        if let Some(sheet) = &self.sheet {
            return write!(
                out,
                "{}",
                say!("manifest-a-workbook-sheet", sheet = shown(sheet), header = header)
            );
        }
        let delimiter = match self.delimiter {
            ';' => text!("manifest-semicolons"),
            '\t' => text!("manifest-tabs"),
            '|' => text!("manifest-pipes"),
            _ => text!("manifest-commas"),
        };
        let encoding = match self.encoding {
            Encoding::Utf8 => "UTF-8",
            Encoding::Utf8Bom => text!("manifest-utf-8-with-a-byte-order-mark"),
            Encoding::Windows1252 => "Windows-1252",
            Encoding::Utf16Le => "UTF-16 (little-endian)",
            Encoding::Utf16Be => "UTF-16 (big-endian)",
        };
        let lines = match self.line_ending {
            LineEnding::Lf => "LF",
            LineEnding::Crlf => "CRLF",
        };
        write!(out, "{delimiter}, {encoding}, {lines}, {header}")
    }
}
