//! What was made of a list that its reader may want to know.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{
    complaint::{Column, shown},
    layout::Layout,
    problem::Columns,
    records::{Record, is_blank},
};

use crate::words::say;

/// Something that was decided about a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// The header is not the first line.
    HeaderBelow {
        /// Its line.
        line: u64,
        /// How many lines above it have something in them.
        above: usize,
    },
    /// One column of numbers, whose heading says nothing.
    Heading {
        /// Its line.
        line: u64,
        /// What it says.
        name: String,
    },
    /// More than one column names the clients, and all agree.
    Twins(Vec<Column>),
    /// The cells of the agent column are no system users' ids.
    Agents {
        /// The column.
        column: Column,
        /// What stands there.
        examples: Vec<String>,
    },
    /// Rows that the workbook hides, and that are read all the same.
    HiddenRows {
        /// How many.
        count: u64,
        /// The first of them, from 1.
        first: u32,
    },
    /// Columns that are taken for something, and that the workbook hides.
    HiddenColumns(Vec<Column>),
    /// A workbook has several sheets.
    Sheets {
        /// The one that is read.
        read: String,
        /// Those that are not.
        others: Vec<String>,
    },
}

impl Remark {
    pub(super) fn all(layout: &Layout, sample: &[Record]) -> Vec<Self> {
        let columns = &layout.columns;
        let mut remarks = Vec::new();
        if let Some(line) = layout.header_line.filter(|_| layout.before_rows > 1) {
            remarks.push(Self::HeaderBelow { line, above: layout.before_rows - 1 });
        }
        let names = columns.names.as_deref().unwrap_or_default();
        if let (Some(line), [name]) = (layout.header_line, names)
            && !super::headings::Heading::of(name).speaks_of_numbers()
        {
            remarks.push(Self::Heading { line, name: shown(name) });
        }
        if !columns.twins.is_empty() {
            let twins =
                [columns.number].iter().chain(&columns.twins).map(|index| columns.column(*index)).collect();
            remarks.push(Self::Twins(twins));
        }
        if let Some(agent) = columns.agent {
            let mut examples: Vec<String> = Vec::new();
            let is_id = |cell: &str| cell.trim().trim_matches(['{', '}']).parse::<uuid::Uuid>().is_ok();
            for cell in sample.iter().skip(layout.before_rows).map(|record| record.cell(agent)) {
                if examples.len() < 3 && !is_blank(cell) && !is_id(cell) && !examples.contains(&shown(cell)) {
                    examples.push(shown(cell));
                }
            }
            if !examples.is_empty() {
                remarks.push(Self::Agents { column: columns.column(agent), examples });
            }
        }
        remarks
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HiddenRows { count, first } => {
                write!(out, "{}", say!("manifest-hidden-rows", count = count, first = first.to_string()))
            }
            Self::HiddenColumns(columns) => {
                write!(
                    out,
                    "{}",
                    say!(
                        "manifest-hidden-columns",
                        columns = Columns(columns.clone()),
                        count = columns.len()
                    )
                )
            }
            Self::HeaderBelow { line, above } => {
                write!(out, "{}", say!("manifest-header-below", line = line.to_string(), above = above))
            }
            Self::Heading { line, name } => write!(
                out,
                "{}",
                say!("manifest-line-is-taken-for-the-heading", line = line.to_string(), name = name)
            ),
            Self::Twins(columns) => {
                write!(
                    out,
                    "{}",
                    say!(
                        "manifest-name-the-same-clients-a-row-in-which-they",
                        columns = Columns(columns.clone())
                    )
                )
            }
            Self::Agents { column, examples } => {
                let quoted: Vec<String> = examples.iter().map(|example| format!("\"{example}\"")).collect();
                write!(
                    out,
                    "{}",
                    say!(
                        "manifest-is-taken-for-the-system-user-that-each-row-is",
                        column = column,
                        examples = quoted.join(", ")
                    )
                )
            }
            Self::Sheets { read, others } => {
                let quoted: Vec<String> = others.iter().map(|name| format!("\"{name}\"")).collect();
                write!(
                    out,
                    "{}",
                    say!(
                        "manifest-sheet-is-read-and-not-the-jobs-sheet-says",
                        read = read,
                        others = quoted.join(", ")
                    )
                )
            }
        }
    }
}

impl Serialize for Remark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
