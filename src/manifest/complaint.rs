//! What is wrong with a row of a manifest, said so that a person can mend it.

use std::fmt;

use serde::Serialize;

use crate::{
    model::{masked, visible},
    words::{Wording, say},
};

/// A row that cannot be acted on: where, what stood there, what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Complaint {
    /// The sheet, where the manifest is a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The line in the file (of a workbook: the row of the sheet) that the row begins on, from 1.
    pub line: u64,
    /// The column, where one is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<Column>,
    /// What stood there, cut to a bearable length, without what cannot be seen; a national identity number is masked.
    pub found: String,
    /// What is wrong with it, and what to do.
    pub problem: Wording,
}

/// A column of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Counted from 1.
    pub position: usize,
    /// Its header; empty where there is none.
    pub name: String,
}

/// The longest text of a cell that is shown, in characters.
const LONGEST_FOUND: usize = 60;

impl Complaint {
    /// A complaint about a cell.
    pub(super) fn about(line: u64, column: Option<Column>, found: &str, problem: Wording) -> Self {
        Self { sheet: None, line, column, found: shown(found), problem }
    }

    /// What is wrong with a row of which all these were said.
    pub fn problems(of_row: &[Self]) -> Wording {
        Wording::of(|| {
            let all: Vec<String> = of_row.iter().map(|complaint| complaint.problem.to_string()).collect();
            all.join("; ")
        })
    }

    /// The same in a sheet of a workbook.
    pub(super) fn in_sheet(self, sheet: Option<&str>) -> Self {
        Self { sheet: sheet.map(shown), ..self }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.to_string();
        match (&self.sheet, &self.column) {
            (Some(sheet), Some(column)) => write!(out, "{sheet}!{}{}", letters(column.position), self.line)?,
            (Some(sheet), None) => write!(out, "{}", say!("manifest-in-sheet", sheet = sheet, row = line))?,
            (None, Some(column)) => {
                let column = column.position.to_string();
                write!(out, "{}", say!("manifest-in-line-and-column", line = line, column = column))?;
            }
            (None, None) => write!(out, "{}", say!("manifest-in-line", line = line))?,
        }
        if let Some(Column { name, .. }) = self.column.as_ref().filter(|column| !column.name.is_empty()) {
            write!(out, " ({name})")?;
        }
        if self.found.is_empty() {
            write!(out, ": {}", self.problem.said())
        } else {
            write!(out, ": \"{}\": {}", self.found, self.problem.said())
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = self.position.to_string();
        if self.name.is_empty() {
            write!(out, "{}", say!("manifest-column", position = position))
        } else {
            write!(out, "{}", say!("manifest-column-named", position = position, name = self.name))
        }
    }
}

/// A column as a spreadsheet names it: A, B, … Z, AA.
fn letters(position: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = position;
    while rest > 0 {
        rest -= 1;
        letters.push(b'A' + u8::try_from(rest % 26).unwrap_or_default());
        rest /= 26;
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}

/// A cell as it may be shown: on one line, with nothing in it that cannot be seen.
pub(super) fn shown(cell: &str) -> String {
    let cell = visible(&masked(cell)).trim().to_owned();
    if cell.chars().count() > LONGEST_FOUND {
        cell.chars().take(LONGEST_FOUND).chain(['…']).collect()
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_letters_of_a_spreadsheet() {
        for (position, name) in [(1, "A"), (26, "Z"), (27, "AA"), (703, "AAA"), (16_384, "XFD")] {
            assert_eq!(letters(position), name);
        }
    }
}
