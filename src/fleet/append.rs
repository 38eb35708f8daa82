//! Adds firms to a fleet's list: rows at its end, in its own columns and dialect, with nothing else touched.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use thiserror::Error;

use super::units::{column_of, facilitator_headings};
use crate::{
    manifest::{Dialect, Manifest, ManifestError, Options, Table, Writer},
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
}

impl NewUnit {
    fn cell(&self, column: &str) -> String {
        match column {
            "facilitator" => self.firm.to_string(),
            "name" => self.name.clone(),
            "agent" => self.agent.to_string(),
            "from_agent" => self.from_agent.map(|agent| agent.to_string()).unwrap_or_default(),
            "kind" => self.kind.as_str().to_owned(),
            "manifest" => self.manifest.clone(),
            "job" => self.job.clone(),
            _ => String::new(),
        }
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

/// Adds firms to the list; those whose system user is in it already are passed over. Answers which were added. A list that
/// is not there is made.
///
/// # Errors
///
/// The list cannot be read, lacks a column, is a workbook, or cannot be written. Nothing has been added then.
pub fn append(list: &Path, units: &[NewUnit]) -> Result<Vec<NewUnit>, AppendError> {
    let wrong = |error| AppendError::Io { path: list.to_owned(), error };
    let (old, dialect, known) = match fs::read(list) {
        Ok(bytes) => {
            let table = read(list)?;
            let dialect = Manifest::open_with(list, &options(&table))?.dialect().clone();
            if dialect.sheet.is_some() {
                return Err(AppendError::Workbook(list.to_owned()));
            }
            let known: Vec<String> =
                table.rows.iter().flat_map(|row| row.cells.iter().map(|cell| cell.to_lowercase())).collect();
            (bytes, Dialect { header: Some(table.headings), ..dialect }, known)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            (Vec::new(), Dialect::plain(&HEADER), Vec::new())
        }
        Err(error) => return Err(wrong(error)),
    };
    let new: Vec<NewUnit> =
        units.iter().filter(|unit| !known.contains(&unit.agent.to_string())).cloned().collect();
    if new.is_empty() {
        return Ok(new);
    }
    let columns: Vec<Option<&str>> =
        dialect.header.iter().flatten().map(|heading| column_of(heading)).collect();
    let needs_from = new.iter().any(|unit| unit.from_agent.is_some());
    for column in ["facilitator", "agent", "kind", "manifest", "from_agent"] {
        if !columns.contains(&Some(column)) && (column != "from_agent" || needs_from) {
            return Err(AppendError::Column { list: list.to_owned(), column });
        }
    }
    let bytes = with_rows(&old, &dialect, &columns, &new).map_err(wrong)?;
    write_bytes(list, Readers::Everybody, &bytes).map_err(wrong)?;
    Ok(new)
}

fn read(list: &Path) -> Result<Table, ManifestError> {
    let mut last = None;
    for heading in facilitator_headings() {
        match Table::read(list, heading) {
            Ok(table) => return Ok(table),
            Err(error) => last = last.or(Some(error)),
        }
    }
    match last {
        Some(error) => Err(error),
        None => Table::read(list, HEADER[0]),
    }
}

/// By the heading that is there.
fn options(table: &Table) -> Options {
    let is_firm = |heading: &&String| column_of(heading) == Some("facilitator");
    Options { column: table.headings.iter().find(is_firm).cloned(), ..Options::default() }
}

/// The old bytes as they are, a line break where one is missing, and the rows in the same dialect.
fn with_rows(
    old: &[u8],
    dialect: &Dialect,
    columns: &[Option<&str>],
    units: &[NewUnit],
) -> io::Result<Vec<u8>> {
    let written = |units: &[NewUnit]| -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes, dialect, &[])?;
        for unit in units {
            writer.write(
                columns.iter().map(|column| column.map(|column| unit.cell(column)).unwrap_or_default()),
            )?;
        }
        writer.finish()?;
        Ok(bytes)
    };
    let whole = written(units)?;
    if old.is_empty() {
        return Ok(whole);
    }
    let head = written(&[])?;
    let rows = whole.get(head.len()..).unwrap_or_default();
    // Two headers differ by one line break in the same dialect.
    let line_break = {
        let twice = written(&units[..1])?;
        let ends_in = |end: &[u8]| twice.ends_with(end);
        [&b"\r\0\n\0"[..], b"\0\r\0\n", b"\n\0", b"\0\n", b"\r\n", b"\n"].into_iter().find(|end| ends_in(end))
    };
    let mut bytes = old.to_vec();
    if let Some(line_break) = line_break.filter(|line_break| !old.ends_with(line_break)) {
        bytes.extend_from_slice(line_break);
    }
    bytes.extend_from_slice(rows);
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
        assert_eq!(added.len(), 1);
        let text = fs::read_to_string(&list).unwrap();
        let row = format!("ÆRLIG ELG AS;310609544;;delegate;lists/310609544.csv;{}", Uuid::from_u128(7));
        assert_eq!(text, format!("{old}\r\n{row}\r\n"));
        assert_eq!(append(&list, &[unit("310609544", 7)]).unwrap(), []);
        assert_eq!(fs::read_to_string(&list).unwrap(), text);
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
