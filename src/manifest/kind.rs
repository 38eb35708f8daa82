//! What a file is, whatever its name says.

use std::{
    io::{Read, Seek, SeekFrom},
    path::Path,
};

use super::{
    decode::open,
    problem::{ManifestError, Problem},
};
use crate::words::{Wording, kept};

pub(super) fn save_as_csv() -> Wording {
    kept!("manifest-open-it-and-save-it-as-xlsx-or-as-csv-utf-8")
}

fn in_a_spreadsheet() -> Wording {
    kept!("manifest-open-it-in-a-spreadsheet-program-and-save-it")
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    Text,
    Xlsx,
    Xlsb,
    Ods,
    /// An OLE file: a workbook of Excel 97 to 2003, or a workbook behind a password.
    Ole,
}

/// Looks at how a file begins, and into what it lists as its parts.
///
/// # Errors
///
/// It cannot be read, or is no list of clients by how it begins.
pub(super) fn kind_of(path: &Path) -> Result<FileKind, ManifestError> {
    let wrong = |problem| ManifestError::new(path, problem);
    let io = |error| ManifestError::new(path, Problem::Io(error));
    let mut file = open(path)?;
    let mut beginning = Vec::new();
    Read::by_ref(&mut file).take(4096).read_to_end(&mut beginning).map_err(io)?;
    let by_magic = |magics: &[(&[u8], Wording)]| {
        magics.iter().find(|(magic, _)| beginning.starts_with(magic)).map(|(_, name)| name.clone())
    };
    if beginning.starts_with(b"PK\x03\x04") {
        // A zip file lists its parts at its end.
        let length = file.seek(SeekFrom::End(0)).map_err(io)?;
        file.seek(SeekFrom::Start(length.saturating_sub(64 * 1024))).map_err(io)?;
        let mut parts = beginning.clone();
        file.take(64 * 1024).read_to_end(&mut parts).map_err(io)?;
        return in_zip(&parts).map_err(wrong);
    }
    if beginning.starts_with(b"\xD0\xCF\x11\xE0") {
        return Ok(FileKind::Ole);
    }
    if let Some(name) = by_magic(&[
        (b"%PDF", kept!("manifest-a-pdf-file")),
        (b"\x1F\x8B", kept!("manifest-a-gzip-file")),
        (b"7z\xBC\xAF", kept!("manifest-a-7-zip-file")),
        (b"Rar!", kept!("manifest-a-rar-file")),
        (b"{\\rtf", kept!("manifest-a-text-document-rtf")),
        (b"\x89PNG", kept!("manifest-a-picture")),
        (b"\xFF\xD8\xFF", kept!("manifest-a-picture")),
    ]) {
        return Err(wrong(Problem::Kind(name, kept!("manifest-ask-for-the-list-as-xlsx-or-csv"))));
    }
    match in_words(&beginning) {
        Some((name, advice)) => Err(wrong(Problem::Kind(name, advice))),
        None => Ok(FileKind::Text),
    }
}

fn in_zip(parts: &[u8]) -> Result<FileKind, Problem> {
    let has = |part: &str| parts.windows(part.len()).any(|window| window == part.as_bytes());
    if has("xl/workbook.bin") {
        Ok(FileKind::Xlsb)
    } else if has("xl/") {
        Ok(FileKind::Xlsx)
    } else if has("opendocument.spreadsheet") {
        Ok(FileKind::Ods)
    } else if has("word/") || has("opendocument.text") {
        Err(Problem::Kind(kept!("manifest-a-text-document"), save_as_csv()))
    } else if has("[Content_Types].xml") || has("mimetypeapplication/vnd.oasis") {
        Err(Problem::Kind(
            kept!("manifest-a-workbook-that-is-damaged-or-cut-off"),
            kept!("manifest-save-it-again-or-copy-it-again"),
        ))
    } else {
        Err(Problem::Kind(
            kept!("manifest-a-zip-file"),
            kept!("manifest-unpack-it-and-use-the-list-that-is-in-it"),
        ))
    }
}

/// What a text is that is no table.
fn in_words(beginning: &[u8]) -> Option<(Wording, Wording)> {
    // In UTF-16, too.
    let text: String = beginning
        .iter()
        .filter(|byte| byte.is_ascii() && **byte != 0)
        .map(|byte| char::from(*byte))
        .collect();
    let text = text.trim_start().to_ascii_lowercase();
    let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| text.starts_with(beginning));
    if begins(&["<?xml", "<workbook", "<auditfile", "<ss:"]) && text.contains("office:spreadsheet") {
        Some((kept!("manifest-an-xml-table-of-excel-2003-under-another-name"), in_a_spreadsheet()))
    } else if begins(&["<"]) && text.contains("auditfile") {
        Some((kept!("manifest-a-saf-t-file"), kept!("manifest-export-the-list-of-customers-as-xlsx-or-csv")))
    } else if begins(&["<!doctype html", "<html", "<table", "<head", "<meta", "<body", "<div", "<style"])
        || (begins(&["<"]) && (text.contains("<html") || text.contains("<table")))
    {
        Some((kept!("manifest-a-web-page-html-under-another-name"), in_a_spreadsheet()))
    } else if begins(&["mime-version:"]) {
        Some((kept!("manifest-a-web-archive-under-another-name"), in_a_spreadsheet()))
    } else if begins(&["<"]) {
        Some((kept!("manifest-an-xml-file"), kept!("manifest-export-the-list-as-xlsx-or-csv-instead")))
    } else if is_json(&text) {
        Some((kept!("manifest-a-json-file"), kept!("manifest-export-the-list-as-xlsx-or-csv-instead")))
    } else if is_job_file(&text) && text.lines().any(|line| line.trim() == "[vendor]") {
        Some((kept!("manifest-a-vendor-file"), kept!("manifest-name-it-with-vendor")))
    } else if is_job_file(&text) {
        Some((kept!("manifest-a-job-file"), kept!("manifest-the-list-is-what-its-manifest-names-fullmakt")))
    } else {
        None
    }
}

fn is_json(text: &str) -> bool {
    text.strip_prefix(['{', '[']).is_some_and(|rest| rest.trim_start().starts_with(['{', '"', '[', '}']))
}

fn is_job_file(text: &str) -> bool {
    let has_key = |key: &str| {
        text.lines().any(|line| {
            line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
        })
    };
    text.lines().any(|line| line.trim() == "[altinn]")
        && (has_key("kind") || has_key("name") || has_key("environment"))
}
