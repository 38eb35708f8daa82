//! The links: a list that a mail program merges, and a page for each firm. Whoever has a link can open the firm's request, so
//! each file is its owner's alone.

use std::{
    collections::HashMap,
    fmt,
    fs::File,
    io::{self, BufWriter, Read},
    path::{Path, PathBuf},
};

use super::{super::files::dialect, super::page, standing::state_of};
use crate::{
    ledger::{Ledger, LedgerError, RequestRecord, RunRecord, Which},
    manifest::{Dialect, SheetColumn, SheetWriter, Writer},
    model::{OrganisationNumber, RequestState, Vendor, short},
    report::{ReportError, words::day},
    state_dir::{Readers, make_private_folder, write_whole},
    words::{Wording, say},
};

/// What is appended to the list's own columns.
const COLUMNS: [&str; 6] =
    ["request_state", "request_link", "request_page", "answer_by", "asked_packages", "external_ref"];

/// The columns of the list of firms, so that what it has beside the numbers (an address, a name to greet) is beside the links.
#[derive(Debug, Clone)]
pub struct ListColumns {
    /// How the list is written.
    dialect: Dialect,
    /// Each firm's cells.
    cells: HashMap<OrganisationNumber, Vec<String>>,
}

impl ListColumns {
    /// Those of a list. What an earlier list of links has added is left out: an old link beside the new one could be sent.
    pub fn of_list(
        mut dialect: Dialect,
        mut cells: HashMap<OrganisationNumber, Vec<String>>,
        left_out: &mut [RowLeftOut],
    ) -> Self {
        let Some(header) = &mut dialect.header else { return Self { dialect, cells } };
        let own: Vec<bool> = header.iter().map(|heading| !COLUMNS.contains(&heading.trim())).collect();
        let keep = |values: &mut Vec<String>| {
            let mut place = own.iter();
            values.retain(|_| *place.next().unwrap_or(&true));
        };
        keep(header);
        cells.values_mut().for_each(keep);
        for row in left_out {
            keep(&mut row.cells);
        }
        Self { dialect, cells }
    }

    /// Those of the list that a round was of, as the ledger has kept them.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn of_round(ledger: &Ledger, run: &RunRecord) -> Result<Self, LedgerError> {
        let mut cells = HashMap::new();
        for which in [Which::Failures, Which::Unsettled, Which::Done, Which::Superseded] {
            ledger.each_client(&run.id, which, None, |client| {
                let number = client.organisation_number.as_deref().unwrap_or_default();
                if let Ok(number) = OrganisationNumber::parse(number) {
                    cells.insert(number, client.cells());
                }
                Ok::<(), LedgerError>(())
            })?;
        }
        Ok(Self { dialect: dialect(run)?, cells })
    }

    /// How the list is written, as the ledger keeps it.
    pub fn dialect_text(&self) -> String {
        serde_json::to_string(&self.dialect).unwrap_or_default()
    }

    /// A firm's cells under the list's own columns.
    pub fn cells_of(&self, firm: OrganisationNumber, name: &str) -> Vec<String> {
        self.of(firm, name)
    }

    /// Where there is no list.
    pub fn none() -> Self {
        Self { dialect: Dialect::plain(&["organisation_number", "name"]), cells: HashMap::new() }
    }

    /// The heads of the list's own columns.
    fn header(&self) -> Vec<String> {
        self.dialect.header.clone().unwrap_or_else(|| vec!["organisation_number".to_owned()])
    }

    fn of(&self, firm: OrganisationNumber, name: &str) -> Vec<String> {
        let width = self.header().len();
        let mut cells = match self.cells.get(&firm) {
            Some(cells) => cells.clone(),
            None => vec![firm.to_string(), name.to_owned()],
        };
        cells.resize(width, String::new());
        cells
    }
}

/// Writes `links.csv`, `links.xlsx` and a page for each of these firms that has been asked and has not answered. Pages of
/// firms that have answered since are removed: `all` is every firm of the vendor's. Answers where the lists are, and how many
/// firms stand in them.
///
/// # Errors
///
/// A file cannot be written.
pub fn write_links(
    vendor: &Vendor,
    records: &[RequestRecord],
    all: &[RequestRecord],
    list: &ListColumns,
    folder: &Path,
) -> Result<(Vec<PathBuf>, u64), ReportError> {
    let pages = folder.join("pages");
    make_private_folder(&pages)?;
    let is_open = |record: &&RequestRecord| record.state == RequestState::Pending && record.link.is_some();
    let open: Vec<&RequestRecord> = records.iter().filter(is_open).collect();
    for record in all.iter().filter(|record| !is_open(record)) {
        match std::fs::remove_file(pages.join(page_name(record))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    let mut rows = Vec::with_capacity(open.len());
    for record in &open {
        let page = page_name(record);
        let path = pages.join(&page);
        write_whole(&path, Readers::Owner, |file| page::write_firm(vendor, record, file))?;
        rows.push((list.of(record.firm, &record.name), appended(record, &path)));
    }
    let [csv, workbook] = ["links.csv", "links.xlsx"].map(|name| folder.join(name));
    write_whole(&csv, Readers::Owner, |file| write_csv(list, &rows, file))?;
    write_whole(&workbook, Readers::Owner, |file| write_workbook(list, &rows, file))?;
    Ok((vec![csv, workbook], open.len() as u64))
}

/// Where a firm has several requests, each has a page of its own.
fn page_name(record: &RequestRecord) -> String {
    let number = record.firm.to_string();
    if record.external_ref == number {
        return format!("{number}.html");
    }
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
    let reference: String = record.external_ref.chars().take(60).map(plain).collect();
    format!("{number}-{reference}-{}.html", record.row)
}

fn appended(record: &RequestRecord, page: &Path) -> [String; COLUMNS.len()] {
    let packages: Vec<&str> = record.packages.iter().map(|package| short(package)).collect();
    [
        state_of(record).to_owned(),
        record.link.as_ref().map(|link| link.expose().to_owned()).unwrap_or_default(),
        std::path::absolute(page).unwrap_or_else(|_| page.to_owned()).display().to_string(),
        record.answer_by().map(day).unwrap_or_default(),
        packages.join(", "),
        record.external_ref.clone(),
    ]
}

/// A file in a folder that a list of links would be written over, and that is not to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InTheWay {
    /// The list of firms itself.
    TheList(PathBuf),
    /// A file that is no list of links.
    Somebodys(PathBuf),
}

impl fmt::Display for InTheWay {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TheList(file) => {
                write!(out, "{}", say!("request-links-would-replace-the-list", file = file.display()))
            }
            Self::Somebodys(file) => {
                write!(out, "{}", say!("request-links-would-replace-a-file", file = file.display()))
            }
        }
    }
}

/// What the lists of links would be written over in this folder, beside an earlier one of the same kind. `list` is the list of
/// firms, where there is one.
pub fn in_the_way(list: Option<&Path>, folder: &Path) -> Option<InTheWay> {
    let [csv, workbook] = ["links.csv", "links.xlsx"].map(|name| folder.join(name));
    let list = list.and_then(|list| list.canonicalize().ok());
    let is_the_list = |file: &&PathBuf| list.is_some() && file.canonicalize().ok() == list;
    if let Some(file) = [&csv, &workbook].into_iter().find(is_the_list) {
        return Some(InTheWay::TheList(file.clone()));
    }
    if csv.exists() {
        return (!is_a_list_of_links(&csv)).then_some(InTheWay::Somebodys(csv));
    }
    workbook.exists().then_some(InTheWay::Somebodys(workbook))
}

/// Whether a CSV file has the columns of links, in whatever characters.
fn is_a_list_of_links(file: &Path) -> bool {
    const HEAD: u64 = 64 * 1024;
    let mut head = Vec::new();
    let read = File::open(file).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    // A character of UTF-16 has a byte that says nothing.
    head.retain(|byte| *byte != 0);
    let head = String::from_utf8_lossy(&head);
    read.is_ok() && COLUMNS.iter().all(|column| head.contains(column))
}

type LinkRow = (Vec<String>, [String; COLUMNS.len()]);

fn write_csv(list: &ListColumns, rows: &[LinkRow], file: &mut File) -> Result<(), ReportError> {
    let mut writer = Writer::new(BufWriter::new(file), &list.dialect, &COLUMNS)?;
    for (own, appended) in rows {
        writer.write(own.iter().chain(appended))?;
    }
    Ok(writer.finish()?)
}

fn write_workbook(list: &ListColumns, rows: &[LinkRow], file: &mut File) -> Result<(), ReportError> {
    let own = list.header().into_iter().map(SheetColumn::of_heading);
    let columns: Vec<SheetColumn> = own.chain(COLUMNS.map(SheetColumn::of_heading)).collect();
    let mut sheet = SheetWriter::new(list.dialect.sheet.as_deref(), columns)?;
    for (own, appended) in rows {
        sheet.write(own.iter().chain(appended), false)?;
    }
    Ok(sheet.finish(file)?)
}

/// A row of the list of firms that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowLeftOut {
    /// The line in the list.
    pub line: u64,
    /// What stood there; a national identity number is masked.
    pub cells: Vec<String>,
    /// What is wrong with it.
    pub message: Wording,
}
