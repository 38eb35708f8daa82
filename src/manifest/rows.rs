//! The rows of a manifest, read one by one.

use std::{collections::HashMap, iter::Skip, path::PathBuf};

use super::{
    columns::{Columns, is_like_a_number},
    complaint::{Complaint, shown},
    nearly::NoClient,
    open::Manifest,
    problem::{ManifestError, Problem},
    records::{Record, is_blank},
    seen::Seen,
    source::AnyRecords,
};
use crate::{
    model::{Action, ManifestRow, OrganisationNumber, masked, masked_among_accounts},
    words::{Wording, kept, say},
};

/// What a job expects of the `action` column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expects {
    /// Every row says what to do.
    Action,
    /// The job does one thing; a row that says the other is a mistake, not to be passed over.
    Only(Action),
}

/// One row of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A row that names a client for the first time.
    Row(ManifestRow),
    /// A row that cannot be acted on.
    Rejected {
        /// The line that it begins on.
        line: u64,
        /// Everything that is wrong with it.
        complaints: Vec<Complaint>,
        /// What stood there; a national identity number is masked.
        cells: Vec<String>,
    },
    /// A row that says again what an earlier one says.
    Repeated {
        /// The line that it begins on.
        line: u64,
        /// The earlier row's line.
        first_line: u64,
        /// The client.
        number: OrganisationNumber,
        /// The client's name, where a column holds names.
        name: Option<String>,
        /// Every cell of the row, as it stood there.
        cells: Vec<String>,
    },
}

impl Manifest {
    /// Reads the rows.
    ///
    /// # Errors
    ///
    /// There is no action column where one is needed, or no row at all.
    pub fn read(&self, expects: Expects) -> Result<Rows, ManifestError> {
        let needs_action = expects == Expects::Action;
        if needs_action && !self.has_actions() {
            return Err(ManifestError::new(&self.path, Problem::NoActions));
        }
        if self.records()?.next().is_none() {
            let problem = if self.columns().names.is_some() { Problem::HeaderOnly } else { Problem::Empty };
            return Err(ManifestError::new(&self.path, problem));
        }
        let contradicted = match self.columns().action.filter(|_| needs_action) {
            Some(action) => self.contradicted(action)?,
            None => HashMap::new(),
        };
        Ok(Rows {
            path: self.path.clone(),
            sheet: self.source.sheet().map(ToOwned::to_owned),
            records: self.records()?,
            columns: self.columns().clone(),
            delimiter: self.dialect.delimiter,
            expects,
            narrowest: None,
            seen: Seen::default(),
            contradicted,
            open_end: None,
        })
    }

    /// The records of rows, without the header and what stands above it.
    pub(super) fn records(&self) -> Result<Skip<AnyRecords>, ManifestError> {
        Ok(self.source.records(&self.path)?.skip(self.layout.before_rows))
    }

    /// The same, but that a file that has lost rows is an error.
    pub(super) fn checked_records(
        &self,
    ) -> Result<impl Iterator<Item = Result<Record, ManifestError>> + '_, ManifestError> {
        let mut narrowest = None;
        Ok(self.records()?.map(move |record| {
            let record = record
                .map_err(Problem::from)
                .and_then(|record| self.columns().whole(record, &mut narrowest, self.dialect.delimiter));
            record.map_err(|problem| ManifestError::new(&self.path, problem))
        }))
    }

    /// Clients that are named with both actions, with the first line of each action. They are rejected wherever
    /// they stand, so the whole file is looked at before any row is given out.
    fn contradicted(&self, action: usize) -> Result<HashMap<Named, [u64; 2]>, ManifestError> {
        let mut first: HashMap<Named, (Action, u64)> = HashMap::new();
        let mut contradicted = HashMap::new();
        for record in self.records()? {
            let record = record.map_err(|error| ManifestError::new(&self.path, error.into()))?;
            let (Ok(number), Some(says)) = (
                OrganisationNumber::parse(record.cell(self.columns().number)),
                read_action(record.cell(action)),
            ) else {
                continue;
            };
            let named = (number, agent_of(self.columns().agent.map(|agent| record.cell(agent))));
            let (earlier, line) = *first.entry(named.clone()).or_insert((says, record.line));
            if earlier != says {
                contradicted.entry(named).or_insert([line, record.line]);
            }
        }
        Ok(contradicted)
    }
}

/// The rows of a manifest, in the order of the file.
pub struct Rows {
    path: PathBuf,
    sheet: Option<String>,
    records: Skip<AnyRecords>,
    columns: Columns,
    delimiter: char,
    expects: Expects,
    /// The fewest cells that a row has had.
    narrowest: Option<usize>,
    seen: Seen,
    contradicted: HashMap<Named, [u64; 2]>,
    /// The row that no line break ends.
    open_end: Option<u64>,
}

/// What a row names: a client, and the agent if it says which.
type Named = (OrganisationNumber, Option<String>);

impl Iterator for Rows {
    type Item = Result<Entry, ManifestError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let record = self.records.next()?.map_err(Problem::from);
            let record = record
                .and_then(|record| self.columns.whole(record, &mut self.narrowest, self.delimiter))
                .map_err(|problem| ManifestError::new(&self.path, problem));
            if let Ok(record) = &record {
                self.open_end = record.unterminated.then_some(record.line);
            }
            match record {
                Ok(record) if self.is_kept(&record) => {}
                record => return Some(record.map(|record| self.entry(&record))),
            }
        }
    }
}

impl Rows {
    /// The line of the row that was read last, where it is the end of a text and no line break ends it: as of a file that is
    /// cut off within it, or of one whose writer ends none so.
    pub fn open_end(&self) -> Option<u64> {
        self.open_end
    }

    /// Whether nothing is asked for the row's client. Only a list in which every row says what is to be done can say
    /// so: to the others a client that no row names may be one that is to go, and there the word is an error.
    fn is_kept(&self, record: &Record) -> bool {
        let says = self.columns.action.map(|column| record.cell(column)).unwrap_or_default();
        self.expects == Expects::Action && says_keep(says)
    }

    fn entry(&mut self, record: &Record) -> Entry {
        let cell = |index: usize| record.cell(index);
        let number = OrganisationNumber::parse(cell(self.columns.number));
        // Asked of the few rows without a number only: it looks at every character.
        if number.is_err()
            && let Some(what) = NoClient::of(record, self.columns.number, self.columns.names.as_deref())
        {
            let column = (what == NoClient::GroupHeading).then(|| self.columns.column(self.columns.number));
            let complaint =
                Complaint::about(record.line, column, &self.columns.whole_row(record), what.problem());
            return self.rejected(record, vec![complaint]);
        }
        let mut complaints = Vec::new();
        self.check_shape(record, &mut complaints);
        if let Err(error) = &number {
            complaints.push(self.about(record, self.columns.number, Wording::of(|| error)));
        }
        for twin in self.columns.twins.iter().filter(|twin| !is_blank(cell(**twin))) {
            if number.is_ok() && OrganisationNumber::parse(cell(*twin)) != number {
                let first = self.columns.column(self.columns.number);
                complaints.push(self.about(
                    record,
                    *twin,
                    say!("manifest-names-another-client", column = first).kept(),
                ));
            }
        }
        let action = self.columns.action.and_then(|column| {
            let says = read_action(cell(column));
            let problem = self.wrong_action(cell(column), says);
            complaints.extend(problem.map(|problem| self.about(record, column, problem)));
            says
        });
        let agent = agent_of(self.columns.agent.map(cell));
        let named = number.as_ref().ok().map(|number| (*number, agent.clone()));
        if let Some([delegate_or_remove, the_other]) =
            named.as_ref().and_then(|named| self.contradicted.get(named))
        {
            let other = if *the_other == record.line { delegate_or_remove } else { the_other };
            let problem =
                say!("manifest-the-client-is-to-be-delegated-and-removed-see", line = other.to_string())
                    .kept();
            complaints.push(Complaint::about(record.line, None, cell(self.columns.number), problem));
        }
        match number {
            Ok(number) if complaints.is_empty() => {
                let cells = self.columns.masked_cells(record);
                let name = self.columns.client_name.and_then(|column| name_of(cell(column)));
                if let Some(first_line) = self.seen.insert(number, agent.as_deref(), record.line) {
                    return Entry::Repeated { line: record.line, first_line, number, name, cells };
                }
                Entry::Row(ManifestRow { line: record.line, number, action, agent, name, cells })
            }
            _ => self.rejected(record, complaints),
        }
    }

    fn rejected(&self, record: &Record, complaints: Vec<Complaint>) -> Entry {
        let complaints =
            complaints.into_iter().map(|complaint| complaint.in_sheet(self.sheet.as_deref())).collect();
        Entry::Rejected { line: record.line, complaints, cells: self.columns.masked_cells(record) }
    }

    fn wrong_action(&self, cell: &str, says: Option<Action>) -> Option<Wording> {
        match (self.expects, says) {
            (Expects::Action, None) if is_blank(cell) => {
                Some(kept!("manifest-no-action-stands-here-write-delegate-or"))
            }
            (Expects::Action, None) => Some(kept!("manifest-an-action-is-delegate-or-remove-or-deleger")),
            (Expects::Only(does), None) if says_keep(cell) => {
                Some(say!("manifest-the-row-says-keep", does = does.as_str()).kept())
            }
            (Expects::Only(does), Some(says)) if does != says => Some(
                say!(
                    "manifest-the-row-says-and-the-job-is-to-every-row-make",
                    says = says.as_str(),
                    does = does.as_str()
                )
                .kept(),
            ),
            _ => None,
        }
    }

    fn about(&self, record: &Record, index: usize, problem: Wording) -> Complaint {
        Complaint::about(record.line, Some(self.columns.column(index)), record.cell(index), problem)
    }

    /// A row whose cells have moved.
    fn check_shape(&self, record: &Record, complaints: &mut Vec<Complaint>) {
        let Some(names) = &self.columns.names else { return };
        let surplus = record.cells.iter().skip(names.len()).find(|cell| !is_blank(cell));
        if let Some(surplus) = surplus {
            let problem = say!(
                "manifest-the-row-has-cells-where-the-header-has-a-name",
                cells = record.cells.len(),
                names = names.len()
            )
            .kept();
            complaints.push(Complaint::about(record.line, None, surplus, problem));
        } else if let [whole] = record.cells.as_slice()
            && names.len() > 1
            && record.width == 1
            && whole.contains(self.delimiter)
        {
            let problem = say!(
                "manifest-this-row-is-one-cell-a-spreadsheet-has-not",
                delimiter = format!("{:?}", self.delimiter)
            )
            .kept();
            complaints.push(Complaint::about(record.line, None, whole, problem));
        }
    }
}

impl Columns {
    /// The record, if no row is lost in it or behind it. `narrowest` is the fewest cells that a row has had.
    fn whole(
        &self,
        record: Record,
        narrowest: &mut Option<usize>,
        delimiter: char,
    ) -> Result<Record, Problem> {
        if swallowed_row(&record, self.number, delimiter) {
            return Err(Problem::LostRows(record.line));
        }
        if narrowest.is_some_and(|narrowest| record.unterminated && self.is_torn(&record, narrowest)) {
            return Err(Problem::Torn(record.line));
        }
        *narrowest = Some(narrowest.map_or(record.width, |narrowest| narrowest.min(record.width)));
        Ok(record)
    }

    /// Whether the file ends within its last row: with less in it than every row above it, or with a number that is too
    /// short at its end.
    fn is_torn(&self, record: &Record, narrowest: usize) -> bool {
        let number = record.cell(self.number);
        let digits = number.chars().filter(char::is_ascii_digit).count();
        let short_number = record.width == self.number + 1 && (1..9).contains(&digits);
        let is_wrong = OrganisationNumber::parse(number).is_err();
        let is_note = NoClient::of(record, self.number, self.names.as_deref())
            .is_some_and(|what| what != NoClient::GroupHeading);
        !is_note && (record.width < narrowest || (short_number && is_wrong))
    }

    /// How many columns the header has.
    pub(super) fn width(&self) -> usize {
        self.names.as_ref().map_or(1, Vec::len)
    }

    /// What stands in the file's own cells of a row.
    fn whole_row(&self, record: &Record) -> String {
        let cells = self.own.iter().map(|index| record.cell(*index));
        let filled: Vec<String> = cells.filter(|cell| !is_blank(cell)).take(8).map(shown).collect();
        filled.join(" ")
    }

    /// The file's own cells of a row, with national identity numbers masked.
    pub(super) fn masked_cells(&self, record: &Record) -> Vec<String> {
        let cell = |index: &usize| {
            let cell = record.cell(*index);
            let cell = if self.accounts.contains(index) { masked_among_accounts(cell) } else { masked(cell) };
            cell.into_owned()
        };
        self.own.iter().map(cell).collect()
    }
}

/// Whether a quoted cell of several lines holds a row: a quote at the end of one name can close that at the beginning
/// of another, and be right by RFC 4180. A note is not taken for rows because a number stands in it: it takes a line
/// that is divided by the delimiter, with a number where this file has its numbers.
fn swallowed_row(record: &Record, number: usize, delimiter: char) -> bool {
    let holds_number = |line: &str, place: Option<usize>| {
        let mut cells = line.split(delimiter);
        line.contains(delimiter) && place.is_some_and(|place| cells.nth(place).is_some_and(is_like_a_number))
    };
    record.breaks_line
        && record.cells.iter().enumerate().any(|(index, cell)| {
            let mut lines = cell.split(['\n', '\r']);
            // The first line goes on in the row that the quote was opened in.
            let first = lines.next().unwrap_or_default();
            let mut rest = lines.peekable();
            rest.peek().is_some()
                && (holds_number(first, number.checked_sub(index))
                    || rest.any(|line| holds_number(line, Some(number))))
        })
}

/// What an `agent` cell says; an empty one leaves it to the job.
fn agent_of(cell: Option<&str>) -> Option<String> {
    let agent = cell?.trim().trim_start_matches('\'');
    (!agent.is_empty()).then(|| agent.to_owned())
}

/// The word of an `action` column for a client that is to stay as it is.
pub const KEEP: &str = "keep";
/// The same, in English or Norwegian.
const KEPT: [&str; 2] = [KEEP, "behold"];

fn says_keep(cell: &str) -> bool {
    KEPT.contains(&plain_word(cell).as_str())
}

fn plain_word(cell: &str) -> String {
    cell.trim().trim_start_matches('\'').to_lowercase()
}

/// The client's name in a cell: letters, and no national identity number.
pub fn name_of(cell: &str) -> Option<String> {
    let name = masked(cell.trim().trim_start_matches('\''));
    name.chars().any(char::is_alphabetic).then(|| name.into_owned())
}

/// What an `action` cell says, in English or Norwegian.
fn read_action(cell: &str) -> Option<Action> {
    match plain_word(cell).as_str() {
        "delegate" | "deleger" | "delegér" => Some(Action::Delegate),
        "remove" | "fjern" => Some(Action::Remove),
        _ => None,
    }
}
