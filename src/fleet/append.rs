//! Adds firms to a fleet's list: rows at its end, in its own columns and dialect. Rows of system users whose clients a new one
//! takes over are taken out; nothing else is touched.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use thiserror::Error;

use super::units::{column_of, read_list};
use crate::{
    manifest::{Dialect, Manifest, ManifestError, Options, Table, TableRow, Writer},
    model::{AgentId, JobKind, OrganisationNumber},
    state_dir::{Readers, write_bytes},
    words::say,
};

/// The columns of a list that is not there yet.
const HEADER: [&str; 7] =
    ["Org.nr.", "Navn", "Systembruker", "Fra systembruker", "Type", "Liste", "Jobbnavn"];

/// A firm to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUnit {
    /// The firm.
    pub firm: OrganisationNumber,
    /// Its name; can be empty.
    pub name: String,
    /// Its system user.
    pub agent: AgentId,
    /// The system user whose clients that one takes over.
    pub from_agent: Option<AgentId>,
    /// The kind of job.
    pub kind: JobKind,
    /// Its list of clients, relative to the fleet file; empty where the kind needs none.
    pub manifest: String,
    /// A name of its own, for a firm's second system user; empty for the usual one.
    pub job: String,
    /// The system users whose rows this one takes the place of.
    pub instead_of: Vec<AgentId>,
}

/// What was done to a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Appended {
    /// The firms that were added.
    pub added: Vec<NewUnit>,
    /// The firms whose old rows were taken out, with the row's system user.
    pub taken_out: Vec<(OrganisationNumber, AgentId)>,
}

impl NewUnit {
    /// What stands under a column; `None` where a new firm has nothing to say.
    fn cell(&self, column: &str) -> Option<String> {
        Some(match column {
            "facilitator" => self.firm.to_string(),
            "name" => self.name.clone(),
            "agent" => self.agent.to_string(),
            "from_agent" => self.from_agent.map(|agent| agent.to_string()).unwrap_or_default(),
            "kind" => self.kind.as_str().to_owned(),
            "manifest" => self.manifest.clone(),
            "job" => self.job.clone(),
            _ => return None,
        })
    }
}

/// Why firms were not added.
#[derive(Debug, Error)]
pub enum AppendError {
    /// The list cannot be read as one.
    #[error(transparent)]
    List(#[from] ManifestError),
    /// The list lacks a column that a row needs.
    #[error("{}", say!("request-fleet-list-lacks-a-column", list = .list.display(), column = .column))]
    Column {
        /// The list.
        list: PathBuf,
        /// The column.
        column: &'static str,
    },
    /// The list is a workbook, to which nothing is added behind somebody's back.
    #[error("{}", say!("request-fleet-list-is-a-workbook", list = .0.display()))]
    Workbook(PathBuf),
    /// The file cannot be read or written.
    #[error("{}", say!("cli-cannot-be-written", file = .path.display(), error = .error))]
    Io {
        /// The list.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
}

/// Adds firms to the list; those whose system user is in it already are passed over. With a firm that is added, the rows that it
/// takes the place of are taken out, and what stood in columns that say nothing of the system user stands in the new row. Answers
/// what was done. A list that is not there is made.
///
/// # Errors
///
/// The list cannot be read, lacks a column, is a workbook, or cannot be written. Nothing has been added then.
pub fn append(list: &Path, units: &[NewUnit]) -> Result<Appended, AppendError> {
    let wrong = |error| AppendError::Io { path: list.to_owned(), error };
    let (old, dialect, rows) = match fs::read(list) {
        Ok(bytes) => {
            let table = read_list(list)?;
            let dialect = Manifest::open_with(list, &options(&table))?.dialect().clone();
            if dialect.sheet.is_some() {
                return Err(AppendError::Workbook(list.to_owned()));
            }
            (bytes, Dialect { header: Some(table.headings), ..dialect }, table.rows)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            (Vec::new(), Dialect::plain(&HEADER), Vec::new())
        }
        Err(error) => return Err(wrong(error)),
    };
    let columns: Vec<Option<&str>> =
        dialect.header.iter().flatten().map(|heading| column_of(heading)).collect();
    let old_rows = OldRows { columns: &columns, rows: &rows };
    let new: Vec<NewUnit> = units.iter().filter(|unit| !old_rows.have(unit)).cloned().collect();
    if new.is_empty() {
        return Ok(Appended::default());
    }
    let needs_from = new.iter().any(|unit| unit.from_agent.is_some());
    for column in ["facilitator", "agent", "kind", "manifest", "from_agent"] {
        if !columns.contains(&Some(column)) && (column != "from_agent" || needs_from) {
            return Err(AppendError::Column { list: list.to_owned(), column });
        }
    }
    let replaced: Vec<Vec<&TableRow>> = new.iter().map(|unit| old_rows.replaced_by(unit)).collect();
    let lines: Vec<u64> = replaced.iter().flatten().map(|row| row.line).collect();
    let kept = without_rows(&old, &rows, &lines);
    let cells = |place: usize| {
        let unit: &NewUnit = &new[place];
        let before = replaced[place].first();
        let own = |column: usize| before.and_then(|row| row.cells.get(column)).cloned().unwrap_or_default();
        let cell = |(place, column): (usize, Option<&str>)| {
            column.and_then(|column| unit.cell(column)).unwrap_or_else(|| own(place))
        };
        columns.iter().copied().enumerate().map(cell).collect()
    };
    let bytes = with_rows(&kept, &dialect, &(0..new.len()).map(cells).collect::<Vec<_>>()).map_err(wrong)?;
    write_bytes(list, Readers::Everybody, &bytes).map_err(wrong)?;
    let taken_out = new
        .iter()
        .zip(&replaced)
        .flat_map(|(unit, rows)| {
            rows.iter().map(|row| (unit.firm, old_rows.agent(row).unwrap_or(unit.agent)))
        })
        .collect();
    Ok(Appended { added: new, taken_out })
}

/// The rows that stand in a list.
struct OldRows<'a> {
    columns: &'a [Option<&'static str>],
    rows: &'a [TableRow],
}

impl<'a> OldRows<'a> {
    fn cell(&self, row: &'a TableRow, column: &str) -> &'a str {
        let place = self.columns.iter().position(|named| *named == Some(column));
        place.and_then(|place| row.cells.get(place)).map_or("", |cell| cell.trim())
    }

    fn agent(&self, row: &'a TableRow) -> Option<AgentId> {
        uuid::Uuid::parse_str(self.cell(row, "agent")).ok().map(AgentId)
    }

    /// Whether the firm is in the list with this system user. A row that moves clients to it is none in which it is given more.
    fn have(&self, unit: &NewUnit) -> bool {
        let agent = unit.agent.to_string();
        let names = |row: &&TableRow| row.cells.iter().any(|cell| cell.eq_ignore_ascii_case(&agent));
        let mut named = self.rows.iter().filter(names);
        if unit.kind.moves() { named.next().is_some() } else { named.any(|row| !self.moves_to(row, unit)) }
    }

    fn moves_to(&self, row: &'a TableRow, unit: &NewUnit) -> bool {
        self.agent(row) == Some(unit.agent) && !self.cell(row, "from_agent").is_empty()
    }

    fn replaced_by(&self, unit: &NewUnit) -> Vec<&'a TableRow> {
        let is_old = |row: &&TableRow| {
            let of_old = self.agent(row).is_some_and(|agent| unit.instead_of.contains(&agent));
            of_old || !unit.kind.moves() && self.moves_to(row, unit)
        };
        self.rows.iter().filter(is_old).collect()
    }
}

/// The list's bytes without the rows that begin on these lines.
fn without_rows(old: &[u8], rows: &[TableRow], lines: &[u64]) -> Vec<u8> {
    if lines.is_empty() {
        return old.to_vec();
    }
    let next = |line: u64| rows.iter().map(|row| row.line).find(|later| *later > line).unwrap_or(u64::MAX);
    let out: Vec<(u64, u64)> = lines.iter().map(|line| (*line, next(*line))).collect();
    // Of two bytes each in UTF-16: the end of a line is found where a letter begins.
    let (width, line_end): (usize, &[u8]) = match old {
        [0xff, 0xfe, ..] => (2, b"\n\0"),
        [0xfe, 0xff, ..] => (2, b"\0\n"),
        _ => (1, b"\n"),
    };
    let (mut kept, mut line) = (Vec::with_capacity(old.len()), 1_u64);
    for letter in old.chunks(width) {
        if !out.iter().any(|(first, end)| (*first..*end).contains(&line)) {
            kept.extend_from_slice(letter);
        }
        line += u64::from(letter == line_end);
    }
    kept
}

/// By the heading that is there.
fn options(table: &Table) -> Options {
    let is_firm = |heading: &&String| column_of(heading) == Some("facilitator");
    Options { column: table.headings.iter().find(is_firm).cloned(), ..Options::default() }
}

/// The old bytes as they are, a line break where one is missing, and the rows in the same dialect.
fn with_rows(old: &[u8], dialect: &Dialect, rows: &[Vec<String>]) -> io::Result<Vec<u8>> {
    let written = |rows: &[Vec<String>]| -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes, dialect, &[])?;
        for row in rows {
            writer.write(row)?;
        }
        writer.finish()?;
        Ok(bytes)
    };
    let whole = written(rows)?;
    if old.is_empty() {
        return Ok(whole);
    }
    let head = written(&[])?;
    let new = whole.get(head.len()..).unwrap_or_default();
    // Two headers differ by one line break in the same dialect.
    let line_break = {
        let twice = written(&rows[..1])?;
        let ends_in = |end: &[u8]| twice.ends_with(end);
        [&b"\r\0\n\0"[..], b"\0\r\0\n", b"\n\0", b"\0\n", b"\r\n", b"\n"].into_iter().find(|end| ends_in(end))
    };
    let mut bytes = old.to_vec();
    if let Some(line_break) = line_break.filter(|line_break| !old.ends_with(line_break)) {
        bytes.extend_from_slice(line_break);
    }
    bytes.extend_from_slice(new);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn unit(number: &str, agent: u128) -> NewUnit {
        NewUnit {
            firm: OrganisationNumber::parse(number).unwrap(),
            name: "ÆRLIG ELG AS".to_owned(),
            agent: AgentId(Uuid::from_u128(agent)),
            from_agent: None,
            kind: JobKind::ONBOARDS,
            manifest: format!("lists/{number}.csv"),
            instead_of: Vec::new(),
            job: String::new(),
        }
    }

    #[test]
    fn firms_are_added_at_the_end_in_the_lists_own_columns_and_only_once() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("firms.csv");
        let old = "Navn;Org.nr.;Gruppe;Type;Liste;Systembruker\r\nÅS AS;314250052;øst;reconcile;a.csv;lonn";
        fs::write(&list, old).unwrap();
        let added = append(&list, &[unit("310609544", 7)]).unwrap();
        assert_eq!(added.added.len(), 1);
        let text = fs::read_to_string(&list).unwrap();
        let row = format!("ÆRLIG ELG AS;310609544;;delegate;lists/310609544.csv;{}", Uuid::from_u128(7));
        assert_eq!(text, format!("{old}\r\n{row}\r\n"));
        assert_eq!(append(&list, &[unit("310609544", 7)]).unwrap(), Appended::default());
        assert_eq!(fs::read_to_string(&list).unwrap(), text);
    }

    #[test]
    fn a_row_that_takes_the_place_of_another_keeps_what_was_the_lists_own_and_every_other_line_as_it_is() {
        let [old, new] = [7, 8].map(|agent| AgentId(Uuid::from_u128(agent)));
        let head = "Navn;Org.nr.;Gruppe;Type;Liste;Systembruker;Fra systembruker\r\n";
        let other = "\"TO\r\nLINJER AS\";314250052;vest;reconcile;\"b.csv\";lonn;\r\n";
        let moves = NewUnit {
            from_agent: Some(old),
            kind: JobKind::MOVES,
            manifest: String::new(),
            instead_of: vec![old],
            ..unit("310609544", 8)
        };
        let utf_16 = |text: &str| -> Vec<u8> {
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
        };
        for encoded in [&|text: &str| text.as_bytes().to_vec(), &utf_16 as &dyn Fn(&str) -> Vec<u8>] {
            let folder = tempfile::tempdir().unwrap();
            let list = folder.path().join("firms.csv");
            let row = format!("\"ÆRLIG ELG AS\";310609544;øst;delegate;a.csv;{old};\r\n");
            fs::write(&list, encoded(&format!("{head}{other}{row}{other}"))).unwrap();
            let done = append(&list, std::slice::from_ref(&moves)).unwrap();
            assert_eq!(done.taken_out, [(moves.firm, old)]);
            let moving = format!("ÆRLIG ELG AS;310609544;øst;migrate;;{new};{old}\r\n");
            let expected = format!("{head}{other}{other}{moving}");
            assert_eq!(fs::read(&list).unwrap(), encoded(&expected), "{expected}");
            assert_eq!(append(&list, std::slice::from_ref(&moves)).unwrap(), Appended::default());
            // Moved: the new one's own row takes the place of the move.
            let own = NewUnit { instead_of: vec![old], ..unit("310609544", 8) };
            assert_eq!(append(&list, std::slice::from_ref(&own)).unwrap().taken_out, [(own.firm, new)]);
            let given = format!("ÆRLIG ELG AS;310609544;øst;delegate;lists/310609544.csv;{new};\r\n");
            assert_eq!(fs::read(&list).unwrap(), encoded(&format!("{head}{other}{other}{given}")));
            assert_eq!(append(&list, &[own]).unwrap(), Appended::default());
        }
    }

    #[test]
    fn a_list_that_is_not_there_is_made_and_one_without_a_column_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("firms.csv");
        append(&list, &[unit("310609544", 7)]).unwrap();
        append(&list, &[unit("314250052", 8)]).unwrap();
        assert_eq!(fs::read_to_string(&list).unwrap().lines().count(), 3);
        let other = folder.path().join("other.csv");
        fs::write(&other, "Org.nr.;Systembruker\n314250052;lonn\n").unwrap();
        let refused = append(&other, &[unit("310609544", 7)]).unwrap_err();
        assert!(refused.to_string().contains("kind"), "{refused}");
        assert_eq!(fs::read_to_string(&other).unwrap().lines().count(), 2);
    }
}
