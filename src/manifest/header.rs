//! Which column is which.

use super::{
    complaint::{Column, Problem},
    records::Record,
};
use crate::model::OrganisationNumber;

/// Names for the clients' organisation numbers, as letters and digits only.
const NUMBER_NAMES: [&str; 16] = [
    "orgnr",
    "orgnummer",
    "organisasjonsnr",
    "organisasjonsnummer",
    "orgno",
    "orgnumber",
    "organisationno",
    "organisationnumber",
    "organizationno",
    "organizationnumber",
    "clientorganisationnumber",
    "clientorganizationnumber",
    "kundeorgnr",
    "kundensorgnr",
    "klientorgnr",
    "foretaksnummer",
];

/// Parts of longer names for the same.
const NUMBER_PARTS: [&str; 6] =
    ["orgnr", "orgnummer", "organisasjonsnummer", "orgnumber", "organisationnumber", "organizationnumber"];

/// Whose number it is when a longer name says so: not the client's.
const OTHER_PARTIES: [&str; 5] = ["regnskapsf", "revisor", "facilitator", "leverand", "supplier"];

/// Names for the system user that a row is about.
const AGENT_NAMES: [&str; 4] = ["agent", "systembruker", "systemuser", "systembrukerid"];

const ACTION_NAMES: [&str; 3] = ["action", "handling", "aksjon"];

/// Columns that an earlier failure report has appended.
const OUR_PREFIX: &str = "fullmakt_";

/// What the columns of a manifest are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    /// The header's names as written; none when there is no header.
    pub(super) names: Option<Vec<String>>,
    /// Where the organisation numbers are.
    pub(super) number: usize,
    /// Where the actions are.
    pub(super) action: Option<usize>,
    /// Where the agents are.
    pub(super) agent: Option<usize>,
    /// Which columns are the file's own.
    pub(super) own: Vec<usize>,
}

impl Columns {
    /// Reads a header, or sees that there is none.
    pub(super) fn of(first: &Record) -> Result<Self, Problem> {
        let plain: Vec<String> = first.cells.iter().map(|name| letters_and_digits(name)).collect();
        let is_ours =
            |index: usize| first.cells.get(index).is_some_and(|name| name.trim().starts_with(OUR_PREFIX));
        let own: Vec<usize> = (0..plain.len()).filter(|index| !is_ours(*index)).collect();
        let fitting = |fits: &dyn Fn(&str) -> bool| -> Vec<usize> {
            own.iter().copied().filter(|index| plain.get(*index).is_some_and(|name| fits(name))).collect()
        };
        let mut numbers = fitting(&|name| NUMBER_NAMES.contains(&name));
        if numbers.is_empty() {
            numbers = fitting(&|name| {
                NUMBER_PARTS.iter().any(|part| name.contains(part))
                    && !OTHER_PARTIES.iter().any(|party| name.contains(party))
            });
        }
        let agents = fitting(&|name| AGENT_NAMES.contains(&name));
        if let ([one, other, ..], [_]) = (agents.as_slice(), numbers.as_slice()) {
            return Err(Problem::TwoAgentColumns(quoted(first, *one), quoted(first, *other)));
        }
        match numbers.as_slice() {
            [number] => Ok(Self {
                number: *number,
                action: fitting(&|name| ACTION_NAMES.contains(&name)).first().copied(),
                agent: agents.first().copied(),
                names: Some(first.cells.iter().map(|name| name.trim().to_owned()).collect()),
                own,
            }),
            [one, other, ..] => Err(Problem::TwoColumns(quoted(first, *one), quoted(first, *other))),
            [] if first.cells.len() == 1 => {
                Ok(Self { names: None, number: 0, action: None, agent: None, own: vec![0] })
            }
            [] => {
                let columns =
                    (0..first.cells.len().min(8)).map(|index| quoted(first, index)).collect::<Vec<_>>();
                Err(Problem::NoNumbers { line: first.line, columns: columns.join(", ") })
            }
        }
    }

    /// A column with its name.
    pub(super) fn column(&self, index: usize) -> Column {
        let name = self.names.as_ref().and_then(|names| names.get(index));
        Column { position: index + 1, name: name.cloned().unwrap_or_default() }
    }

    /// The header of the file's own columns.
    pub(super) fn own_header(&self) -> Option<Vec<String>> {
        self.names.as_ref().map(|names| self.own_cells(names))
    }

    /// The file's own cells of a row.
    pub(super) fn own_cells(&self, cells: &[String]) -> Vec<String> {
        self.own.iter().map(|index| cells.get(*index).cloned().unwrap_or_default()).collect()
    }
}

/// How well a first record, split by some delimiter, looks like the beginning of a manifest: the better the more.
pub(super) fn likeness(first: &Record) -> (bool, usize) {
    let has_number = match Columns::of(first) {
        Ok(columns) if columns.names.is_some() => true,
        Ok(_) => first.cells.first().is_some_and(|cell| OrganisationNumber::parse(cell).is_ok()),
        Err(problem) => matches!(problem, Problem::TwoColumns(..) | Problem::TwoAgentColumns(..)),
    };
    (has_number, first.cells.len())
}

fn quoted(record: &Record, index: usize) -> String {
    let name: String =
        record.cells.get(index).map(|name| name.chars().take(40).collect()).unwrap_or_default();
    format!("{:?}", super::complaint::masked(&name))
}

fn letters_and_digits(name: &str) -> String {
    name.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
