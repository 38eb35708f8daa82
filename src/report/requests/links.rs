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
    manifest::{Dialect, Entry, Expects, Manifest, Options, SheetColumn, SheetWriter, Writer},
    model::{Action, OrganisationNumber, RequestState, Vendor, short},
    report::{ReportError, words::day},
    state_dir::{Readers, make_private_folder, write_whole},
    words::{Wording, for_people, say},
};

/// What is appended to the list's own columns.
const COLUMNS: [&str; 6] =
    ["request_state", "request_link", "request_page", "answer_by", "asked_packages", "external_ref"];

/// The lists of links.
const LISTS: [&str; 2] = ["links.csv", "links.xlsx"];

/// The columns of the list of firms, so that what it has beside the numbers (an address, a name to greet) is beside the links.
#[derive(Debug, Clone)]
pub struct ListColumns {
    /// How the list is written.
    dialect: Dialect,
    /// Each firm's cells.
    cells: HashMap<OrganisationNumber, Vec<String>>,
}

/// The columns in which a list has numbers and names.
#[derive(Debug, Clone, Copy, Default)]
struct Places {
    number: Option<usize>,
    name: Option<usize>,
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

    /// Those of a list of links that stands in a folder; none where there is none that can be read.
    pub fn of_links(folder: &Path) -> Option<Self> {
        let file = folder.join(LISTS[0]);
        if !is_a_list_of_links(&file) {
            return None;
        }
        let manifest = Manifest::open_with(&file, &Options::default()).ok()?;
        let dialect = manifest.dialect().clone();
        let mut cells = HashMap::new();
        for entry in manifest.read(Expects::Only(Action::Delegate)).ok()? {
            if let Entry::Row(row) = entry.ok()? {
                cells.insert(row.number, row.cells);
            }
        }
        Some(Self::of_list(dialect, cells, &mut []))
    }

    /// With what the list of links in this folder has of firms that this list lacks, and then what the ledger has of them,
    /// newest first: whoever asks one firm more keeps the others' addresses.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn with_what_is_known(
        self,
        vendor: &Vendor,
        firms: &[RequestRecord],
        ledger: &Ledger,
        folder: &Path,
    ) -> Result<Self, LedgerError> {
        let is_open = |record: &&RequestRecord| record.state == RequestState::Pending;
        let firms: Vec<&RequestRecord> = firms.iter().filter(is_open).collect();
        let mut all = match Self::of_links(folder) {
            Some(standing) => self.completed_by(&standing, &firms),
            None => self,
        };
        let environment = vendor.environment.name();
        for run in ledger.runs()? {
            let is_of_the_system = run.kind.asks_firms()
                && run.environment == environment
                && run.agent_title == vendor.system_id
                && !run.manifest.is_empty();
            if !all.lacks_any(&firms) {
                break;
            }
            if is_of_the_system {
                all = all.completed_by(&Self::of_round(ledger, &run)?, &firms);
            }
        }
        Ok(all)
    }

    fn lacks_any(&self, firms: &[&RequestRecord]) -> bool {
        self.is_plain() || firms.iter().any(|record| !self.cells.contains_key(&record.firm))
    }

    /// It has nothing but numbers and names.
    fn is_plain(&self) -> bool {
        self.dialect.header.is_none() || self.dialect.header == Self::none().dialect.header
    }

    /// With what another list has of those of these firms that this one lacks, under the same headings, and under new ones
    /// behind. A list that has nothing but numbers and names becomes the other.
    fn completed_by(mut self, other: &Self, firms: &[&RequestRecord]) -> Self {
        let is_lacking = |record: &&&RequestRecord| self.is_plain() || !self.cells.contains_key(&record.firm);
        let found = firms
            .iter()
            .filter(is_lacking)
            .filter_map(|record| other.cells.get(&record.firm).map(|cells| (record.firm, cells.clone())));
        let found: Vec<(OrganisationNumber, Vec<String>)> = found.collect();
        if other.is_plain() || found.is_empty() {
            return self;
        }
        if self.is_plain() {
            return Self { dialect: other.dialect.clone(), cells: found.into_iter().collect() };
        }
        let (own_places, theirs) = (self.places(firms), other.places(firms));
        let mut header = self.header();
        let width = header.len();
        let mut places = Vec::new();
        for (place, heading) in other.header().into_iter().enumerate() {
            let same = |own: &String| own.trim().eq_ignore_ascii_case(heading.trim());
            let own = match Some(place) {
                place if place == theirs.number && own_places.number.is_some() => own_places.number,
                place if place == theirs.name && own_places.name.is_some() => own_places.name,
                _ => header.iter().position(same),
            };
            places.push(own.unwrap_or_else(|| {
                header.push(heading);
                header.len() - 1
            }));
        }
        // What stands beyond the last heading is under none.
        self.cells.values_mut().for_each(|cells| cells.truncate(width));
        for (firm, cells) in found {
            let mut own = vec![String::new(); header.len()];
            for (place, cell) in places.iter().zip(cells) {
                own[*place] = cell;
            }
            self.cells.insert(firm, own);
        }
        self.dialect.header = Some(header);
        self
    }

    /// In which columns the firms' numbers and names are, as their cells show.
    fn places(&self, firms: &[&RequestRecord]) -> Places {
        let most = |is_it: &dyn Fn(OrganisationNumber, &str) -> bool| {
            let mut times = vec![0_usize; self.header().len()];
            for (firm, cells) in &self.cells {
                for (count, cell) in times.iter_mut().zip(cells) {
                    *count += usize::from(is_it(*firm, cell.trim()));
                }
            }
            let best = (0..times.len()).rev().max_by_key(|place| times[*place]);
            best.filter(|place| times[*place] > 0)
        };
        let names: HashMap<OrganisationNumber, &str> =
            firms.iter().map(|record| (record.firm, record.name.trim())).collect();
        Places {
            number: most(&|firm, cell| OrganisationNumber::parse(cell).is_ok_and(|number| number == firm)),
            name: most(&|firm, cell| !cell.is_empty() && names.get(&firm) == Some(&cell)),
        }
    }

    /// How the list is written, as the ledger keeps it.
    pub fn dialect_text(&self) -> String {
        serde_json::to_string(&self.dialect).unwrap_or_default()
    }

    /// A firm's cells under the list's own columns.
    pub fn cells_of(&self, firm: OrganisationNumber, name: &str) -> Vec<String> {
        self.of(firm, name, Places::default())
    }

    /// Where there is no list.
    pub fn none() -> Self {
        Self { dialect: Dialect::plain(&["organisation_number", "name"]), cells: HashMap::new() }
    }

    /// The heads of the list's own columns.
    fn header(&self) -> Vec<String> {
        self.dialect.header.clone().unwrap_or_else(|| vec!["organisation_number".to_owned()])
    }

    /// A firm's cells; `places` is where numbers and names are, for one that the list lacks.
    fn of(&self, firm: OrganisationNumber, name: &str, places: Places) -> Vec<String> {
        let width = self.header().len();
        let of_name = places.name.or(self.is_plain().then_some(1));
        let at = |place: usize| match place {
            place if place == places.number.unwrap_or(0) => firm.to_string(),
            place if Some(place) == of_name => name.to_owned(),
            _ => String::new(),
        };
        let laid_out = || (0..width).map(at).collect();
        let mut cells = self.cells.get(&firm).cloned().unwrap_or_else(laid_out);
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
    let places = list.places(&open);
    for record in &open {
        let page = page_name(record);
        let path = pages.join(&page);
        write_whole(&path, Readers::Owner, |file| page::write_firm(vendor, record, file))?;
        rows.push((list.of(record.firm, &record.name, places), appended(record, &path)));
    }
    let [csv, workbook] = LISTS.map(|name| folder.join(name));
    write_whole(&csv, Readers::Owner, |file| for_people(|| write_csv(list, &rows, file)))?;
    write_whole(&workbook, Readers::Owner, |file| for_people(|| write_workbook(list, &rows, file)))?;
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
    let [csv, workbook] = LISTS.map(|name| folder.join(name));
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
