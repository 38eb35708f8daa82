//! Rows that name no client, called what they are: totals, footers, headings of groups, the header once more.

use super::{
    columns::is_like_a_number,
    headings::letters_and_digits,
    records::{Record, is_blank},
};

use crate::words::{Wording, kept};

/// What a row is that names no client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoClient {
    Total,
    Footer,
    HeaderAgain,
    Rule,
    GroupHeading,
}

/// Words that begin a total.
const TOTALS: [&str; 18] = [
    "sum",
    "summa",
    "sums",
    "total",
    "totalt",
    "totals",
    "totalsum",
    "totalbeløp",
    "subtotal",
    "delsum",
    "antall",
    "antal",
    "count",
    "gjennomsnitt",
    "snitt",
    "average",
    "hovedsum",
    "grandtotal",
];
/// How a footer begins, as letters and digits.
const FOOTERS: [&str; 18] = [
    "skrevetut",
    "skriveut",
    "utskrift",
    "utskrive",
    "printed",
    "print",
    "generert",
    "generated",
    "exported",
    "eksportert",
    "side",
    "page",
    "kilde",
    "source",
    "sistoppdatert",
    "lastupdated",
    "rapportdato",
    "slutt",
];

impl NoClient {
    /// What a row is whose number cell has no organisation number; `None` where it is a client with a wrong number.
    pub(super) fn of(record: &Record, number: usize, names: Option<&[String]>) -> Option<Self> {
        let filled: Vec<&String> = record.cells.iter().filter(|cell| !is_blank(cell)).collect();
        let first = filled.first()?;
        if names.is_some_and(|names| is_same(&record.cells, names)) {
            return Some(Self::HeaderAgain);
        }
        if filled
            .iter()
            .all(|cell| cell.chars().all(|one| matches!(one, '-' | '=' | '_' | '*' | ' ' | '–' | '—' | '+')))
        {
            return filled.iter().any(|cell| cell.chars().count() > 1).then_some(Self::Rule);
        }
        if is_like_a_number(record.cell(number)) {
            return None;
        }
        let begins = letters_and_digits(first);
        let word: String =
            first.trim().chars().take_while(|one| one.is_alphabetic()).flat_map(char::to_lowercase).collect();
        let others_are_short = record.cell(number).chars().filter(char::is_ascii_digit).count() < 6;
        if others_are_short && (TOTALS.contains(&word.as_str()) || begins.starts_with("ialt")) {
            return Some(Self::Total);
        }
        let has_digit = first.chars().any(|one| one.is_ascii_digit());
        if has_digit && FOOTERS.iter().any(|footer| begins.starts_with(footer)) {
            return Some(Self::Footer);
        }
        let several = names.is_some_and(|names| names.len() > 1);
        (several && filled.len() == 1 && is_blank(record.cell(number))
            || several && filled.len() == 1 && is_text(first))
        .then_some(Self::GroupHeading)
    }

    /// What is said of it.
    pub(super) fn problem(self) -> Wording {
        match self {
            Self::Total => kept!("manifest-this-looks-like-a-total-not-a-client-take-the"),
            Self::Footer => kept!("manifest-this-looks-like-a-footer-of-the-report-not-a"),
            Self::HeaderAgain => kept!("manifest-this-is-the-header-once-more-not-a-client"),
            Self::Rule => kept!("manifest-this-is-a-line-not-a-client-take-the-row-out"),
            Self::GroupHeading => {
                kept!("manifest-no-organisation-number-stands-here-a-heading")
            }
        }
    }

    /// Whether a corrected list can do without it: it says nothing of its own.
    pub(super) fn is_nothing(self) -> bool {
        matches!(self, Self::HeaderAgain | Self::Rule)
    }
}

fn is_text(cell: &str) -> bool {
    cell.chars().filter(char::is_ascii_digit).count() < 5 && cell.chars().any(char::is_alphabetic)
}

fn is_same(cells: &[String], names: &[String]) -> bool {
    let plain = |cells: &[String]| -> Vec<String> {
        let mut plain: Vec<String> = cells.iter().map(|cell| letters_and_digits(cell)).collect();
        while plain.last().is_some_and(String::is_empty) {
            plain.pop();
        }
        plain
    };
    !cells.is_empty() && plain(cells) == plain(names)
}
