//! Where the header of a list stands, what stands above it, and which delimiter makes a table of it.

use super::{
    columns::{self, Columns, is_number, may_hold_a_number, no_numbers, quoted_cells, rows_with_numbers},
    headings::{Heading, letters_and_digits},
    problem::Problem,
    records::{Record, is_blank},
};

/// The header stands in one of so many first rows that are not blank.
const FIRST_ROWS: usize = 50;

/// How a list is laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) columns: Columns,
    /// How many records stand before the first row of a client.
    pub(super) before_rows: usize,
    /// The line of the header.
    pub(super) header_line: Option<u64>,
}

impl Layout {
    /// Finds the header among the first records, and the columns below it. `wanted` is the heading that the job names.
    pub(super) fn of(sample: &[Record], wanted: Option<&str>) -> Result<Self, Problem> {
        let first = sample.first().ok_or(Problem::Empty)?;
        if let Some(wanted) = wanted {
            return Self::with_column(sample, wanted);
        }
        if let Some(place) = header_place(sample) {
            let (header, below) = at(sample, place).ok_or(Problem::Empty)?;
            let columns = Columns::of(header, below)?;
            nothing_above(sample, place, header, &columns)?;
            return Ok(Self { columns, before_rows: place + 1, header_line: Some(header.line) });
        }
        if sample.iter().all(|record| record.width == 1) {
            return Ok(Self::one_column(sample));
        }
        let first_data =
            sample.iter().take(FIRST_ROWS).position(|record| record.cells.iter().any(|cell| is_number(cell)));
        match first_data {
            Some(0) => Err(Problem::NoHeader { line: first.line, columns: quoted_cells(first) }),
            Some(place) => {
                let (header, below) = at(sample, place - 1).ok_or(Problem::Empty)?;
                Err(no_numbers(header, &columns::holding_numbers(below)))
            }
            None => {
                let header = sample.iter().take(FIRST_ROWS).max_by_key(|record| {
                    (
                        record.cells.iter().filter(|cell| !is_blank(cell)).count(),
                        std::cmp::Reverse(record.line),
                    )
                });
                Err(no_numbers(header.unwrap_or(first), &[]))
            }
        }
    }

    /// The job says which heading the numbers have.
    fn with_column(sample: &[Record], wanted: &str) -> Result<Self, Problem> {
        let exactly = |name: &str| name.trim() == wanted.trim();
        let loosely = |name: &str| !is_blank(name) && letters_and_digits(name) == letters_and_digits(wanted);
        let place = |fits: &dyn Fn(&str) -> bool| {
            sample.iter().take(FIRST_ROWS).position(|record| record.cells.iter().any(|cell| fits(cell)))
        };
        let found = place(&exactly).map(|place| (place, &exactly as &dyn Fn(&str) -> bool));
        let found = found.or_else(|| place(&loosely).map(|place| (place, &loosely as &dyn Fn(&str) -> bool)));
        let Some((place, fits)) = found else {
            let header = header_place(sample).and_then(|place| sample.get(place)).or(sample.first());
            return Err(Problem::NoSuchColumn {
                wanted: wanted.to_owned(),
                line: header.map_or(1, |header| header.line),
                columns: header.map(quoted_cells).unwrap_or_default(),
            });
        };
        let (header, _) = at(sample, place).ok_or(Problem::Empty)?;
        let fitting: Vec<usize> =
            header.cells.iter().enumerate().filter(|(_, name)| fits(name)).map(|(index, _)| index).collect();
        let [number] = fitting.as_slice() else {
            return Err(Problem::ColumnTwice { wanted: wanted.to_owned(), line: header.line });
        };
        let headings: Vec<Heading> = header.cells.iter().map(|name| Heading::of(name)).collect();
        let columns = Columns::with_number(header, &headings, (*number, Vec::new()))?;
        nothing_above(sample, place, header, &columns)?;
        Ok(Self { columns, before_rows: place + 1, header_line: Some(header.line) })
    }

    /// One column, which needs no header: text above the first number is one.
    fn one_column(sample: &[Record]) -> Self {
        let first_data = sample.iter().position(|record| is_number(record.cell(0))).unwrap_or_default();
        let is_text = |record: &Record| record.cell(0).chars().filter(char::is_ascii_digit).count() < 5;
        let above = sample.get(..first_data).unwrap_or_default();
        match above.last() {
            Some(header) if above.iter().all(is_text) && above.len() <= FIRST_ROWS => Self {
                columns: Columns::alone(Some(vec![header.cell(0).trim().to_owned()])),
                before_rows: above.len(),
                header_line: Some(header.line),
            },
            _ => Self { columns: Columns::alone(None), before_rows: 0, header_line: None },
        }
    }
}

fn at(sample: &[Record], place: usize) -> Option<(&Record, &[Record])> {
    Some((sample.get(place)?, sample.get(place + 1..)?))
}

/// The header is the row that speaks of organisation numbers, names none, and has the most of them below it.
fn header_place(sample: &[Record]) -> Option<usize> {
    let headers = sample.iter().enumerate().take(FIRST_ROWS).filter(|(_, record)| is_header(record));
    let numbers_below = |place: usize, record: &Record| {
        let headed =
            record.cells.iter().enumerate().filter(|(_, name)| Heading::of(name).speaks_of_numbers());
        let below = sample.get(place + 1..).unwrap_or_default();
        let numbers = headed.map(|(index, _)| below.iter().filter(|row| is_number(row.cell(index))).count());
        numbers.max().unwrap_or_default()
    };
    let scored = headers.map(|(place, record)| (numbers_below(place, record), std::cmp::Reverse(place)));
    scored.max().map(|(_, std::cmp::Reverse(place))| place)
}

fn is_header(record: &Record) -> bool {
    let speaks = |cell: &String| cell.chars().count() <= 100 && Heading::of(cell).speaks_of_numbers();
    record.cells.iter().any(speaks) && !record.cells.iter().any(|cell| names_one(cell))
}

/// Whether a cell has an organisation number in it, alone or in a sentence.
fn names_one(cell: &str) -> bool {
    use crate::model::OrganisationNumber;
    use crate::model::OrganisationNumberError as Error;
    may_hold_a_number(cell)
        && matches!(
            OrganisationNumber::parse(cell),
            Ok(_)
                | Err(Error::WithText(_)
                    | Error::Several
                    | Error::CheckDigit
                    | Error::NationalIdentityNumber)
        )
}

/// A client above the header would be lost. A title may name the firm's own number, with a label in front of it.
fn nothing_above(sample: &[Record], place: usize, header: &Record, columns: &Columns) -> Result<(), Problem> {
    let labelled = |record: &Record| {
        record.cells.iter().take(columns.number).any(|cell| Heading::of(cell).speaks_of_numbers())
    };
    let is_client = |record: &&Record| is_number(record.cell(columns.number)) && !labelled(record);
    match sample.iter().take(place).find(is_client) {
        Some(client) => Err(Problem::AboveHeader { header: header.line, line: client.line }),
        None => Ok(()),
    }
}

/// How well a delimiter makes a table of a text: the more rows have a number in a cell of its own, the better; then
/// whether there is a header, then how many cells there are.
pub(super) fn score(sample: &[Record]) -> (usize, bool, usize, usize) {
    let header = header_place(sample);
    let head = header.and_then(|place| sample.get(place)).or(sample.first());
    // With a wrong delimiter, what stands behind a number is a cell that the header does not have.
    let most = if header.is_some() { head.map_or(usize::MAX, |head| head.width) } else { usize::MAX };
    let fitting = || sample.iter().filter(|record| record.cells.len() <= most);
    let (numbers, like) = rows_with_numbers(fitting());
    (numbers, header.is_some(), like, head.map_or(0, |head| head.width.min(64)))
}
