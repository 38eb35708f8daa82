//! What holds for any list: written in any dialect from a world that is known, it is read as exactly that; and no bytes
//! make the reader panic.

use std::{
    fs,
    path::{Path, PathBuf},
};

use proptest::prelude::*;

use super::*;
use crate::model::{Action, OrganisationNumber};

/// A list that somebody might have, with what is true of it.
#[derive(Debug, Clone)]
struct List {
    bytes: Vec<u8>,
    /// The clients that it names, in order.
    clients: Vec<String>,
    /// The lines of its rows that name none.
    wrong_lines: Vec<u64>,
}

#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is one way in which lists differ")]
struct Style {
    delimiter: char,
    line_ending: &'static str,
    encoding: usize,
    quotes_all: bool,
    ends_with_break: bool,
    titles: Vec<&'static str>,
    padded_titles: bool,
    heading: &'static str,
    number_first: bool,
    sep_line: bool,
}

fn any_style() -> impl Strategy<Value = Style> {
    let titles = vec![
        "Kundeliste per 01.11.2026",
        "Fjord Regnskap AS Org.nr. 314250052",
        "Utskrift 24.11.2026",
        "Kunder",
    ];
    let headings =
        vec!["Org.nr.", "orgnr", "Kundens organisasjonsnr.", "Organization No", "MVA-nummer", "Foretaksnr"];
    (
        (
            prop::sample::select(vec![';', ',', '\t', '|']),
            prop::sample::select(vec!["\n", "\r\n"]),
            0usize..5,
            any::<bool>(),
            any::<bool>(),
        ),
        prop::collection::vec(prop::sample::select(titles), 0..4),
        any::<bool>(),
        prop::sample::select(headings),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(basic, titles, padded_titles, heading, number_first, sep_line)| Style {
            delimiter: basic.0,
            line_ending: basic.1,
            encoding: basic.2,
            quotes_all: basic.3,
            ends_with_break: basic.4,
            titles,
            padded_titles,
            heading,
            number_first,
            sep_line,
        })
}

fn any_number() -> impl Strategy<Value = String> {
    (1000u32..99_999_999)
        .prop_filter_map("no check digit", OrganisationNumber::from_first_eight)
        .prop_map(|number| number.to_string())
}

/// A number as people write it.
fn spelled(number: &str, spelling: usize) -> String {
    let (a, b, c) = (&number[..3], &number[3..6], &number[6..]);
    match spelling {
        0 => format!("{a} {b} {c}"),
        1 => format!("{a}\u{a0}{b}\u{a0}{c}"),
        2 => format!("{a}.{b}.{c}"),
        3 => format!("NO {a} {b} {c} MVA"),
        4 => format!("0192:{number}"),
        5 => format!("'{number}"),
        6 => format!("\"{number}\""),
        7 => format!("{a},{b},{c}"),
        8 => format!("Org.nr: {number}"),
        _ => number.to_owned(),
    }
}

/// A cell that names no client: nothing, a wrong check digit, and what spreadsheets make of numbers.
fn broken(number: &str, how: usize) -> String {
    match how {
        0 => String::new(),
        1 => {
            let last = (number.as_bytes()[8] - b'0' + 1) % 10;
            format!("{}{last}", &number[..8])
        }
        2 => format!("{number},0"),
        3 => "#N/A".to_owned(),
        4 => "4,12346E+08".to_owned(),
        5 => "01017012345".to_owned(),
        6 => format!("{number} {number}"),
        _ => number[..7].to_owned(),
    }
}

fn any_list() -> impl Strategy<Value = List> {
    let row = (
        any_number(),
        0usize..12,
        prop::option::weighted(0.2, 0usize..8),
        "[A-ZÆØÅa-zæøå;,|\"\t ]{0,12}",
        any::<bool>(),
    );
    (any_style(), prop::collection::vec(row, 1..20), any_number()).prop_map(|(style, mut rows, sure)| {
        // One row that is right, without which nothing says which delimiter is meant.
        rows.push((sure, 11, None, "Nord AS".to_owned(), false));
        let mut list = List { bytes: Vec::new(), clients: Vec::new(), wrong_lines: Vec::new() };
        let mut text = String::new();
        if style.sep_line {
            text.extend(["sep=", &style.delimiter.to_string(), style.line_ending]);
        }
        for title in &style.titles {
            let pad = if style.padded_titles { style.delimiter.to_string().repeat(2) } else { String::new() };
            text.extend([*title, &pad, style.line_ending]);
        }
        push_row(&mut text, &style, style.heading, "Navn", "Poststed");
        for (number, spelling, broken_how, name, breaks_line) in &rows {
            let line = 1 + text.matches('\n').count() as u64;
            let cell = if let Some(how) = broken_how {
                list.wrong_lines.push(line);
                broken(number, *how)
            } else {
                if !list.clients.contains(number) {
                    list.clients.push(number.clone());
                }
                spelled(number, *spelling)
            };
            let town = if *breaks_line { "Storgata 1\n0155 Oslo" } else { "Oslo" };
            push_row(&mut text, &style, &cell, &format!("x{name}"), town);
        }
        if !style.ends_with_break {
            text.truncate(text.len() - style.line_ending.len());
        }
        list.bytes = encoded(&text, style.encoding);
        list
    })
}

fn push_row(text: &mut String, style: &Style, number: &str, name: &str, town: &str) {
    let cells = if style.number_first { [number, name, town] } else { [name, number, town] };
    let quoted = cells.map(|cell| {
        let must = cell.contains([style.delimiter, '"', '\n']);
        if must || style.quotes_all { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
    });
    text.push_str(&quoted.join(&style.delimiter.to_string()));
    text.push_str(style.line_ending);
}

fn encoded(text: &str, encoding: usize) -> Vec<u8> {
    let utf16 = |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| {
        mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect::<Vec<u8>>()
    };
    match encoding {
        0 => text.as_bytes().to_vec(),
        1 => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        2 => encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
        3 => utf16([0xFF, 0xFE], u16::to_le_bytes),
        _ => utf16([0xFE, 0xFF], u16::to_be_bytes),
    }
}

/// The clients and the lines that are complained about.
fn read(path: &Path) -> Result<(Vec<String>, Vec<u64>), ManifestError> {
    let (mut clients, mut lines) = (Vec::new(), Vec::new());
    for entry in Manifest::open(path)?.read(Expects::Only(Action::Delegate))? {
        match entry? {
            Entry::Row(row) => clients.push(row.number.to_string()),
            Entry::Rejected { line, complaints, .. } => {
                assert!(complaints.iter().all(|complaint| complaint.line == line));
                lines.push(line);
            }
            Entry::Repeated { .. } => {}
        }
    }
    Ok((clients, lines))
}

fn file(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clients");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// Lists and workbooks from the field.
fn field_files() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases");
    let files = ["lists", "workbooks"].map(|kind| fs::read_dir(folder.join(kind)).unwrap());
    let mut paths: Vec<PathBuf> = files.into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    // The reader of old workbooks (OLE) allots a rectangle as large as their cells' places claim, before it can be asked
    // how large that is: a damaged place in two bytes can be 65,535 rows by 65,535 columns. SECURITY.md says so.
    let is_bounded = |bytes: &Vec<u8>| bytes.len() < 10_000 && !bytes.starts_with(b"\xd0\xcf\x11\xe0");
    paths.iter().map(|path| fs::read(path).unwrap()).filter(is_bounded).collect()
}

/// The jobs of the sandbox, and those that people have written.
fn job_files() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [root.join("jobs"), root.join("fixtures/cases/jobs")];
    let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    let files = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let read: Vec<_> = files.map(|path| fs::read(path).unwrap()).collect();
    assert!(read.len() > 20, "{}", read.len());
    read
}

/// What a bad disk, a bad copy or a bad program does to a file.
fn damaged(mut bytes: Vec<u8>, damage: &[(u8, usize, u8)]) -> Vec<u8> {
    for (how, at, value) in damage {
        if bytes.is_empty() {
            break;
        }
        let at = at % bytes.len();
        match how % 5 {
            0 => bytes[at] = *value,
            1 => bytes.truncate(at),
            2 => bytes.insert(at, *value),
            3 => bytes.insert(at, b"\";,\n\t|"[usize::from(*value) % 6]),
            _ => {
                let tail = bytes[at..].to_vec();
                bytes.extend(tail);
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_list_is_read_as_what_was_meant_and_complained_about_in_its_place(list in any_list()) {
        let (_folder, path) = file(&list.bytes);
        let (clients, lines) = read(&path).unwrap();
        prop_assert_eq!(clients, list.clients);
        prop_assert_eq!(lines, list.wrong_lines);
    }

    #[test]
    fn a_corrected_list_names_no_other_client_and_loses_none(list in any_list()) {
        let (folder, path) = file(&list.bytes);
        let (before, _) = read(&path).unwrap();
        let corrected = folder.path().join("corrected.csv");
        Manifest::open(&path).unwrap().write_corrected(fs::File::create(&corrected).unwrap()).unwrap();
        let (after, _) = read(&corrected).unwrap();
        prop_assert!(before.iter().all(|number| after.contains(number)), "{before:?} {after:?}");
    }

    #[test]
    fn no_damage_to_a_file_from_the_field_makes_the_reader_panic(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<u8>(), any::<usize>(), any::<u8>()), 1..6),
    ) {
        let files = field_files();
        let (_folder, path) = file(&damaged(which.get(&files).clone(), &damage));
        let _ = read(&path);
    }

    #[test]
    fn no_damage_to_a_job_file_makes_its_reader_panic(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<u8>(), any::<usize>(), any::<u8>()), 1..6),
    ) {
        let jobs = job_files();
        let bytes = damaged(which.get(&jobs).clone(), &damage);
        if let Ok(text) = crate::model::job_text(bytes) {
            let _ = crate::model::Job::parse(&text);
        }
    }

    #[test]
    fn a_client_is_never_named_that_does_not_stand_in_the_file(
        rows in prop::collection::vec("[0-9 ;,\"\n]{0,24}", 1..12),
    ) {
        let text = format!("orgnr;navn\n{}", rows.join("\n"));
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let (_folder, path) = file(text.as_bytes());
        if let Ok((clients, _)) = read(&path) {
            prop_assert!(clients.iter().all(|client| digits.contains(client.as_str())), "{text:?} {clients:?}");
        }
    }
}
