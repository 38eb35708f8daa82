//! What a workbook hides: rows and columns that its reader does not see, and that are read all the same.
//!
//! Only xlsx and ods say so in a way that is read here. A file that cannot be understood hides nothing: what is damaged,
//! the reader of its cells has found already.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    ops::RangeInclusive,
    path::Path,
};

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};
use zip::ZipArchive;

use super::{kind::FileKind, layout::Layout, remark::Remark, workbook::Sheet};

/// So much of a part of a workbook is looked through, in bytes.
const LOOKED_THROUGH: u64 = 512 * 1024 * 1024;
/// So many stretches of hidden rows are kept: more are a pattern, and the first place is known by then.
const MOST_STRETCHES: usize = 1_000_000;

/// Rows, from 1, and columns, from 0.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Hidden {
    rows: Vec<RangeInclusive<u32>>,
    columns: Vec<RangeInclusive<u32>>,
}

impl Hidden {
    /// What the sheet of a workbook hides.
    pub(super) fn of(path: &Path, kind: FileKind, sheet: &str) -> Self {
        let mut hidden = Self::default();
        // Whatever was found before something was wrong stands.
        let _ = match kind {
            FileKind::Xlsx => hidden.look_through_xlsx(path, sheet),
            FileKind::Ods => hidden.look_through_ods(path, sheet),
            FileKind::Xlsb | FileKind::Ole | FileKind::Text => None,
        };
        hidden
    }

    fn look_through_xlsx(&mut self, path: &Path, sheet: &str) -> Option<()> {
        let mut archive = ZipArchive::new(BufReader::new(File::open(path).ok()?)).ok()?;
        let mut wanted = None;
        each_element(&mut archive, "xl/workbook.xml", |element| {
            if element.local_name().as_ref() == "sheet" && value(element, "name").as_deref() == Some(sheet) {
                wanted = element
                    .attributes()
                    .flatten()
                    .find(|attribute| attribute.key.local_name().as_ref() == "id")
                    .and_then(|attribute| {
                        Some(attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
                    });
            }
        })?;
        let wanted = wanted?;
        let mut part = None;
        each_element(&mut archive, "xl/_rels/workbook.xml.rels", |element| {
            if value(element, "Id").as_deref() == Some(&wanted) {
                part = value(element, "Target");
            }
        })?;
        let part = part?;
        let part = part.strip_prefix('/').map_or_else(|| format!("xl/{part}"), ToOwned::to_owned);
        let mut row = 0;
        each_element(&mut archive, &part, |element| match element.local_name().as_ref() {
            "row" => {
                row = number(element, "r").unwrap_or(row + 1);
                if is_true(element, "hidden") {
                    add(&mut self.rows, row..=row);
                }
            }
            "col" if is_true(element, "hidden") => {
                if let (Some(first), Some(last)) = (number(element, "min"), number(element, "max")) {
                    add(&mut self.columns, first.saturating_sub(1)..=last.saturating_sub(1));
                }
            }
            _ => {}
        })
    }

    fn look_through_ods(&mut self, path: &Path, sheet: &str) -> Option<()> {
        let mut archive = ZipArchive::new(BufReader::new(File::open(path).ok()?)).ok()?;
        let mut is_wanted = false;
        let (mut row, mut column) = (1_u32, 0_u32);
        each_element(&mut archive, "content.xml", |element| {
            let is_hidden =
                || matches!(value(element, "table:visibility").as_deref(), Some("collapse" | "filter"));
            match element.local_name().as_ref() {
                "table" => {
                    is_wanted = value(element, "table:name").as_deref() == Some(sheet);
                    (row, column) = (1, 0);
                }
                "table-row" if is_wanted => {
                    let next = row.saturating_add(number(element, "table:number-rows-repeated").unwrap_or(1));
                    if is_hidden() {
                        add(&mut self.rows, row..=next.saturating_sub(1));
                    }
                    row = next;
                }
                "table-column" if is_wanted => {
                    let times = number(element, "table:number-columns-repeated").unwrap_or(1);
                    let next = column.saturating_add(times);
                    if is_hidden() {
                        add(&mut self.columns, column..=next.saturating_sub(1));
                    }
                    column = next;
                }
                _ => {}
            }
        })
    }

    /// What of it the reader of the list may want to know: clients in hidden rows, and columns that are taken and hidden.
    pub(super) fn remarks(&self, sheet: &Sheet, layout: &Layout) -> Vec<Remark> {
        let mut remarks = Vec::new();
        let below = layout.header_line.unwrap_or(0);
        let mut stretches = self.rows.iter().peekable();
        let (mut count, mut first) = (0_u64, None);
        for row in sheet.filled_rows().filter(|row| u64::from(*row) > below) {
            while stretches.next_if(|stretch| *stretch.end() < row).is_some() {}
            if stretches.peek().is_some_and(|stretch| stretch.contains(&row)) {
                count += 1;
                first.get_or_insert(row);
            }
        }
        if let Some(first) = first {
            remarks.push(Remark::HiddenRows { count, first });
        }
        let columns = &layout.columns;
        let taken = [Some(columns.number), columns.action, columns.agent, columns.client_name];
        let is_hidden = |index: &usize| {
            u32::try_from(*index)
                .is_ok_and(|index| self.columns.iter().any(|stretch| stretch.contains(&index)))
        };
        let hidden: Vec<_> =
            taken.into_iter().flatten().filter(is_hidden).map(|index| columns.column(index)).collect();
        if !hidden.is_empty() {
            remarks.push(Remark::HiddenColumns(hidden));
        }
        remarks
    }
}

/// The elements of a part of a workbook, one after the other.
fn each_element<R: Read + std::io::Seek>(
    archive: &mut ZipArchive<R>,
    part: &str,
    mut take: impl FnMut(&BytesStart<'_>),
) -> Option<()> {
    let part = archive.by_name(part).ok()?;
    elements_of(BufReader::new(part.take(LOOKED_THROUGH)), &mut take)
}

fn elements_of(text: impl BufRead, take: &mut impl FnMut(&BytesStart<'_>)) -> Option<()> {
    let mut reader = Reader::from_reader(text);
    reader.config_mut().check_end_names = false;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(element) | Event::Empty(element) => take(&element),
            Event::Eof => return Some(()),
            _ => {}
        }
    }
}

fn value(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).ok()??;
    Some(attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
}

fn number(element: &BytesStart<'_>, name: &str) -> Option<u32> {
    value(element, name)?.trim().parse().ok()
}

fn is_true(element: &BytesStart<'_>, name: &str) -> bool {
    matches!(value(element, name).as_deref(), Some("1" | "true"))
}

/// Adds a stretch; one that goes on where the last ended makes that longer.
fn add(stretches: &mut Vec<RangeInclusive<u32>>, next: RangeInclusive<u32>) {
    let is_full = stretches.len() >= MOST_STRETCHES;
    match stretches.last_mut() {
        Some(last) if last.end().checked_add(1) == Some(*next.start()) => *last = *last.start()..=*next.end(),
        _ if is_full => {}
        _ => stretches.push(next),
    }
}
