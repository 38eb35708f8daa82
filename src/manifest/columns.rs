//! Which column is which: by what the headings say, and by what the cells below them are.

use super::{
    complaint::{Column, shown},
    headings::{Heading, Whose},
    problem::{Columns as Named, OtherColumns, Problem},
    records::{Record, is_blank},
};
use crate::model::OrganisationNumber;

/// What the columns of a manifest are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    /// The header's names as written; none when there is no header.
    pub(super) names: Option<Vec<String>>,
    /// Where the organisation numbers are.
    pub(super) number: usize,
    /// Columns headed as organisation numbers, too, that have named the same clients as far as was looked.
    pub(super) twins: Vec<usize>,
    /// Where the actions are.
    pub(super) action: Option<usize>,
    /// Where the agents are.
    pub(super) agent: Option<usize>,
    /// Where the clients' names are, where one column can be told to hold them.
    pub(super) client_name: Option<usize>,
    /// Columns of bank accounts, which look like national identity numbers to who does not know that.
    pub(super) accounts: Vec<usize>,
    /// Which columns are the file's own.
    pub(super) own: Vec<usize>,
}

/// What stands in a column below the header.
#[derive(Debug, Clone, Copy, Default)]
struct Cells {
    filled: usize,
    /// Organisation numbers.
    numbers: usize,
    /// Those, and what something has happened to.
    like: usize,
}

impl Columns {
    /// One column of numbers, with a heading that says nothing or with none.
    pub(super) fn alone(names: Option<Vec<String>>) -> Self {
        Self {
            names,
            number: 0,
            twins: vec![],
            action: None,
            agent: None,
            client_name: None,
            accounts: vec![],
            own: vec![0],
        }
    }

    /// The columns below a header, given the records below it.
    pub(super) fn of(header: &Record, below: &[Record]) -> Result<Self, Problem> {
        let headings: Vec<Heading> = header.cells.iter().map(|name| Heading::of(name)).collect();
        let cells: Vec<Cells> = (0..headings.len()).map(|index| Cells::of(below, index)).collect();
        let number = number_column(header, &headings, &cells, below)?;
        Self::with_number(header, &headings, number)
    }

    /// The columns below a header, where the job says which has the numbers.
    pub(super) fn with_number(
        header: &Record,
        headings: &[Heading],
        (number, twins): (usize, Vec<usize>),
    ) -> Result<Self, Problem> {
        let all = |wanted: Heading| -> Vec<usize> {
            let fitting = headings.iter().enumerate().filter(|(_, heading)| **heading == wanted);
            fitting.map(|(index, _)| index).filter(|index| *index != number).collect()
        };
        let agents = all(Heading::Agent);
        if let [one, other, ..] = agents.as_slice() {
            let quoted = |index: usize| format!("\"{}\"", shown(header.cell(index)));
            return Err(Problem::TwoAgentColumns(quoted(*one), quoted(*other)));
        }
        let ours = all(Heading::Ours);
        Ok(Self {
            names: Some(header.cells.iter().map(|name| name.trim().to_owned()).collect()),
            number,
            twins,
            action: all(Heading::Action).first().copied(),
            agent: agents.first().copied(),
            client_name: name_column(&all(Heading::Name), &all(Heading::PerhapsName)),
            accounts: all(Heading::Account),
            own: (0..headings.len()).filter(|index| !ours.contains(index)).collect(),
        })
    }

    /// A column with its name.
    pub(super) fn column(&self, index: usize) -> Column {
        let name = self.names.as_ref().and_then(|names| names.get(index));
        Column { position: index + 1, name: name.map(|name| shown(name)).unwrap_or_default() }
    }

    /// The header of the file's own columns.
    pub(super) fn own_header(&self) -> Option<Vec<String>> {
        let names = self.names.as_ref()?;
        Some(self.own.iter().map(|index| names.get(*index).cloned().unwrap_or_default()).collect())
    }
}

impl Cells {
    fn of(records: &[Record], index: usize) -> Self {
        let mut cells = Self::default();
        for cell in records.iter().map(|record| record.cell(index)).filter(|cell| !is_blank(cell)) {
            let number = may_hold_a_number(cell) && OrganisationNumber::parse(cell).is_ok();
            cells.filled += 1;
            cells.numbers += usize::from(number);
            cells.like += usize::from(number || is_like_a_number(cell));
        }
        cells
    }

    /// Whether most of it is organisation numbers.
    fn holds_numbers(self) -> bool {
        self.numbers > 0 && self.numbers * 2 >= self.filled
    }
}

/// Where the clients' names are in rows that have this header, where one column can be told to hold them.
pub fn name_column_of(header: &[String]) -> Option<usize> {
    let headings: Vec<Heading> = header.iter().map(|name| Heading::of(name)).collect();
    let all = |wanted: Heading| -> Vec<usize> {
        headings
            .iter()
            .enumerate()
            .filter(|(_, heading)| **heading == wanted)
            .map(|(index, _)| index)
            .collect()
    };
    name_column(&all(Heading::Name), &all(Heading::PerhapsName))
}

/// The column of the clients' names: the only one that is headed so, or else the only one that could be. Of several, none is
/// taken: a wrong one would make every name another.
fn name_column(names: &[usize], perhaps: &[usize]) -> Option<usize> {
    match (names, perhaps) {
        ([name], _) | ([], [name]) => Some(*name),
        _ => None,
    }
}

/// The column of the clients' numbers, and those that say the same.
fn number_column(
    header: &Record,
    headings: &[Heading],
    cells: &[Cells],
    below: &[Record],
) -> Result<(usize, Vec<usize>), Problem> {
    let like = |index: &usize| cells.get(*index).is_some_and(|cells| cells.like > 0);
    let holds = |index: &usize| cells.get(*index).is_some_and(|cells| cells.holds_numbers());
    let headed = |fits: &dyn Fn(&Heading) -> bool| -> Vec<usize> {
        headings.iter().enumerate().filter(|(_, heading)| fits(heading)).map(|(index, _)| index).collect()
    };
    // `Orgnr sist sjekket` is headed as a number, and holds dates.
    let real = |columns: Vec<usize>| -> Vec<usize> {
        if columns.iter().any(like) { columns.into_iter().filter(like).collect() } else { columns }
    };
    let numbers = real(headed(&|heading| matches!(heading, Heading::Number(_))));
    let perhaps = headed(&|heading| *heading == Heading::Perhaps);
    let holding = || (0..headings.len()).filter(holds).collect::<Vec<_>>();
    match numbers.as_slice() {
        [] => match real(perhaps).as_slice() {
            [one] => Ok((*one, Vec::new())),
            [] => Err(no_numbers(header, &holding())),
            several => same_or_two(header, several, below),
        },
        [one] => match headings.get(*one) {
            Some(Heading::Number(Whose::Others(whose))) => Err(Problem::NotTheClients {
                column: column(header, *one),
                whose: *whose,
                others: OtherColumns(
                    holding()
                        .into_iter()
                        .filter(|index| index != one)
                        .map(|index| column(header, index))
                        .collect(),
                ),
            }),
            _ => Ok((*one, Vec::new())),
        },
        several => same_or_two(header, several, below),
    }
}

/// Several columns are one where each row names the same client in all of them.
fn same_or_two(header: &Record, several: &[usize], below: &[Record]) -> Result<(usize, Vec<usize>), Problem> {
    let agrees = |record: &Record| {
        let mut named = several.iter().map(|index| OrganisationNumber::parse(record.cell(*index)).ok());
        let first = named.next().flatten();
        named.all(|number| number == first)
    };
    match several {
        [first, twins @ ..] if !below.is_empty() && below.iter().all(agrees) => Ok((*first, twins.to_vec())),
        _ => Err(Problem::TwoColumns(Named(several.iter().map(|index| column(header, *index)).collect()))),
    }
}

/// No heading says where the numbers are.
pub(super) fn no_numbers(header: &Record, holding: &[usize]) -> Problem {
    if holding.is_empty() {
        return Problem::NoNumbers { line: header.line, columns: quoted_cells(header) };
    }
    Problem::UnknownHeading {
        line: header.line,
        columns: Named(holding.iter().map(|index| column(header, *index)).collect()),
    }
}

/// Which columns hold organisation numbers, whatever heads them.
pub(super) fn holding_numbers(records: &[Record]) -> Vec<usize> {
    let width = records.iter().map(|record| record.cells.len()).max().unwrap_or_default();
    (0..width).filter(|index| Cells::of(records, *index).holds_numbers()).collect()
}

/// How many rows have an organisation number in a cell, and how many have something like one.
pub(super) fn rows_with_numbers<'record>(records: impl Iterator<Item = &'record Record>) -> (usize, usize) {
    records.fold((0, 0), |(numbers, like), record| {
        let has_number = record.cells.iter().any(|cell| is_number(cell));
        let has_like = has_number || record.cells.iter().any(|cell| is_like_a_number(cell));
        (numbers + usize::from(has_number), like + usize::from(has_like))
    })
}

/// A cell that is an organisation number. One quote alone is half of a pair that another delimiter has divided.
pub(super) fn is_number(cell: &str) -> bool {
    let quotes = || cell.bytes().filter(|byte| *byte == b'"').count();
    may_hold_a_number(cell) && OrganisationNumber::parse(cell).is_ok() && quotes() % 2 == 0
}

/// Whether a cell has the digits for an organisation number, of whatever script. Asked of every cell of a list's beginning
/// before it is read as one, which takes twenty times as long.
pub(super) fn may_hold_a_number(cell: &str) -> bool {
    digits(cell) >= 9
}

/// How many digits a text has, and signs that are read as one.
fn digits(text: &str) -> usize {
    text.chars().filter(|character| character.is_numeric()).count()
}

/// An organisation number, or one that something has happened to.
pub(super) fn is_like_a_number(cell: &str) -> bool {
    use crate::model::OrganisationNumberError as Error;
    // Words: what has happened to a number has left digits, or a spreadsheet's error or formula.
    if digits(cell) == 0 && !cell.contains(['#', '=']) {
        return false;
    }
    match OrganisationNumber::parse(cell.trim().trim_matches('"')) {
        Err(Error::Empty | Error::NotADigit(_) | Error::WithText(_)) => false,
        Err(Error::Length(length)) => (6..=13).contains(&length),
        _ => true,
    }
}

pub(super) fn column(header: &Record, index: usize) -> Column {
    Column { position: index + 1, name: shown(header.cell(index)) }
}

/// The first cells of a record, as a sentence shows them.
pub(super) fn quoted_cells(record: &Record) -> String {
    const SHOWN: usize = 8;
    let filled = record.cells.iter().filter(|cell| !is_blank(cell));
    let cells: Vec<String> = filled.take(SHOWN).map(|cell| format!("\"{}\"", shown(cell))).collect();
    cells.join(", ")
}
