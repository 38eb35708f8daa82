//! Manifests as spreadsheets write them, and as nobody should.

use std::{fs, path::PathBuf};

use proptest::prelude::*;

use super::*;
use crate::model::{Action, OrganisationNumber};

const A: &str = "310609544";
const B: &str = "314250052";

struct Read {
    numbers: Vec<String>,
    complaints: Vec<Complaint>,
    repeated: usize,
    cells: Vec<Vec<String>>,
    actions: Vec<Option<Action>>,
    dialect: Dialect,
    remarks: Vec<String>,
}

fn file(bytes: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clients.csv");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn try_read(bytes: impl AsRef<[u8]>, needs_action: bool) -> Result<Read, ManifestError> {
    let (_folder, path) = file(bytes);
    let manifest = Manifest::open(&path)?;
    let mut read = Read {
        numbers: Vec::new(),
        complaints: Vec::new(),
        repeated: 0,
        cells: Vec::new(),
        actions: Vec::new(),
        dialect: manifest.dialect().clone(),
        remarks: manifest.remarks().iter().map(ToString::to_string).collect(),
    };
    let expects = if needs_action { Expects::Action } else { Expects::Only(Action::Delegate) };
    for entry in manifest.read(expects)? {
        match entry? {
            Entry::Row(row) => {
                read.numbers.push(row.number.to_string());
                read.cells.push(row.cells);
                read.actions.push(row.action);
            }
            Entry::Rejected { complaints, cells, .. } => {
                read.complaints.extend(complaints);
                read.cells.push(cells);
            }
            Entry::Repeated { .. } => read.repeated += 1,
        }
    }
    Ok(read)
}

fn read(bytes: impl AsRef<[u8]>) -> Read {
    try_read(bytes, false).unwrap()
}

fn refused(bytes: impl AsRef<[u8]>) -> String {
    try_read(bytes, false).err().expect("this is no manifest").problem.to_string()
}

#[test]
fn a_manifest_is_read_with_every_delimiter_line_ending_and_header() {
    for delimiter in [";", ",", "\t"] {
        for line_ending in ["\n", "\r\n", "\r"] {
            for header in [
                "Org.nr.",
                "ORGNR",
                "Organisasjonsnummer",
                "org_number",
                "organisation number",
                "Kundens orgnr",
            ] {
                let text = [
                    "Navn",
                    delimiter,
                    header,
                    line_ending,
                    "NORD AS",
                    delimiter,
                    A,
                    line_ending,
                    "SØR AS",
                    delimiter,
                    B,
                ]
                .concat();
                let read = read(&text);
                assert_eq!(read.numbers, [A, B], "{text:?}");
                assert_eq!(read.dialect.delimiter.to_string(), delimiter);
            }
        }
    }
}

#[test]
fn what_an_earlier_report_has_appended_is_no_part_of_a_row_in_either_language() {
    for ours in ["fullmakt: what is wrong, and what to do", "fullmakt: linje i listen", "fullmakt_hint"] {
        let read = read(format!("Org.nr.;Navn;{ours}\n{A};NORD AS;3\n;Sum;said of it\n"));
        assert_eq!(read.dialect.header.unwrap(), ["Org.nr.", "Navn"]);
        assert_eq!(read.cells[0], [A, "NORD AS"]);
        let complaint = read.complaints[0].to_string();
        assert!(complaint.contains("Sum") && !complaint.contains("said of it"), "{complaint}");
    }
}

#[test]
fn one_column_needs_no_header() {
    let read = read(format!("{A}\n{B}\n"));
    assert_eq!(read.numbers, [A, B]);
    assert_eq!(read.dialect.header, None);
}

#[test]
fn several_columns_without_a_known_header_are_refused_with_what_stands_there() {
    let problem = refused(format!("NORD AS;{A}\nSØR AS;{B}\n"));
    assert!(problem.contains("first line is data") && problem.contains("NORD AS"), "{problem}");
}

#[test]
fn a_title_above_the_header_is_passed_over_and_a_client_above_it_is_not() {
    let read = read(format!("Kundeliste per 1.1.2026\n\norgnr;navn\n{A};NORD AS\n"));
    assert_eq!(read.numbers, [A]);
    assert_eq!(read.remarks, ["the header stands in line 3; the line above it is passed over"]);
    let problem = refused(format!("{A};NORD AS\norgnr;navn\n{B};SØR AS\n"));
    assert!(problem.contains("the header stands in line 2, and line 1 above it"), "{problem}");
}

#[test]
fn two_columns_that_could_be_the_numbers_are_refused_by_name() {
    let problem = refused(format!("Orgnr mor;Orgnr datter\n{A};{B}\n"));
    assert!(problem.contains("Orgnr mor") && problem.contains("Orgnr datter"), "{problem}");
    let problem = refused(format!("Orgnr;Orgnr mor\n{A};{B}\n"));
    assert!(problem.contains("column 1 (Orgnr) and column 2 (Orgnr mor)"), "{problem}");
    assert_eq!(read(format!("Orgnr;Navn;Org.nr.\n{A};NORD;310 609 544\n")).numbers, [A], "they say the same");
}

#[test]
fn another_partys_number_is_not_the_clients() {
    let problem = refused(format!("Navn;Regnskapsførers orgnr\nNORD;{A}\n"));
    assert!(problem.contains("organisation numbers of the accountant"), "{problem}");
}

#[test]
fn the_job_says_which_column_it_is_where_the_program_cannot_tell() {
    let text = format!("Orgnr;Orgnr mor;Firmakode\n{A};{B};000522783\n");
    for (column, number) in [("Orgnr", A), ("orgnr mor", B), ("Firmakode", "000522783")] {
        let (_folder, path) = file(&text);
        let options = Options { column: Some(column.to_owned()), sheet: None };
        let manifest = Manifest::open_with(&path, &options).unwrap();
        let mut rows = manifest.read(Expects::Only(Action::Delegate)).unwrap();
        assert!(
            matches!(rows.next(), Some(Ok(Entry::Row(row))) if row.number.to_string() == number),
            "{column}"
        );
        let wrong = Options { column: Some("Kunde".to_owned()), sheet: None };
        let problem = Manifest::open_with(&path, &wrong).unwrap_err().to_string();
        assert!(
            problem.contains("no column is headed \"Kunde\"") && problem.contains("Firmakode"),
            "{problem}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_device_is_refused_and_not_waited_for() {
    assert!(
        Manifest::open(std::path::Path::new("/dev/null"))
            .unwrap_err()
            .to_string()
            .contains("no ordinary file")
    );
}

#[test]
fn every_encoding_of_norwegian_letters_is_read() {
    let text = format!("Navn;Orgnr\r\nBLÅBÆR OG RØDLØK AS;{A}\r\n");
    let (windows, _, _) = encoding_rs::WINDOWS_1252.encode(&text);
    let utf16 = |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| {
        mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect::<Vec<u8>>()
    };
    for (bytes, encoding) in [
        (text.clone().into_bytes(), Encoding::Utf8),
        ([b"\xEF\xBB\xBF", text.as_bytes()].concat(), Encoding::Utf8Bom),
        (windows.to_vec(), Encoding::Windows1252),
        (utf16([0xFF, 0xFE], u16::to_le_bytes), Encoding::Utf16Le),
        (utf16([0xFE, 0xFF], u16::to_be_bytes), Encoding::Utf16Be),
    ] {
        let read = read(bytes);
        assert_eq!(read.dialect.encoding, encoding);
        assert_eq!(read.numbers, [A]);
        assert_eq!(read.cells[0][0], "BLÅBÆR OG RØDLØK AS");
    }
}

#[test]
fn a_first_letter_outside_ascii_far_down_decides_the_encoding_too() {
    let mut bytes = format!("Orgnr;Navn\n{}", format!("{A};NORD AS\n").repeat(20_000)).into_bytes();
    bytes.extend_from_slice(b"314250052;S\xD8R AS\n");
    let read = read(bytes);
    assert_eq!(read.dialect.encoding, Encoding::Windows1252);
    assert_eq!(read.cells[1][1], "SØR AS");
}

#[test]
fn excels_sep_line_names_the_delimiter_and_lines_are_counted_from_it() {
    let read = read(format!("sep=;\r\nOrgnr;Navn, fullt\r\n{A};x\r\n31060954;y\r\n"));
    assert_eq!(read.numbers, [A]);
    assert_eq!(read.complaints[0].line, 4);
}

#[test]
fn all_bad_rows_are_reported_together_with_line_column_and_what_stood_there() {
    let read = read(format!("Navn;Org.nr.\r\nA;{A}\r\n\r\nB;3,1E+08\r\n\"C\r\nCO\";12\r\nD;{B}\r\nE;\r\n"));
    assert_eq!(read.numbers, [A, B]);
    let said: Vec<String> = read.complaints.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 3);
    assert!(said[0].starts_with("line 4, column 2 (Org.nr.): \"3,1E+08\": a spreadsheet"), "{}", said[0]);
    assert!(
        said[1].starts_with("line 5, column 2 (Org.nr.): \"12\": an organisation number has nine digits"),
        "{}",
        said[1]
    );
    assert!(said[2].starts_with("line 8, column 2 (Org.nr.): \"E\": no organisation number"), "{}", said[2]);
}

#[test]
fn a_national_identity_number_is_masked_wherever_it_goes() {
    let read = read("Orgnr;Navn\n010170 12345;KARI\n");
    let problems: Vec<String> = read.complaints.iter().map(ToString::to_string).collect();
    let everything = format!("{problems:?} {:?} {:?}", read.complaints, read.cells);
    assert!(everything.contains("national identity number"), "{everything}");
    assert!(!everything.contains("12345"), "{everything}");
}

#[test]
fn the_same_client_twice_is_one_client_with_a_note() {
    let read = read(format!("Orgnr\n{A}\n310 609 544\n"));
    assert_eq!((read.numbers.len(), read.repeated), (1, 1));
}

#[test]
fn actions_are_read_in_both_languages() {
    let read = try_read(format!("Orgnr;Handling\n{A};Deleger\n{B};FJERN\n"), true).unwrap();
    assert_eq!(read.actions, [Some(Action::Delegate), Some(Action::Remove)]);
}

#[test]
fn a_manifest_job_needs_an_action_in_every_row() {
    assert!(
        matches!(try_read(format!("Orgnr\n{A}\n"), true), Err(error) if error.to_string().contains("action"))
    );
    let read = try_read(format!("orgnr,action\n{A},\n{B},slett\n"), true).unwrap();
    assert_eq!(read.complaints.len(), 2);
    assert_eq!(read.complaints[1].found, "slett");
}

#[test]
fn a_row_that_says_the_opposite_of_the_jobs_kind_is_a_complaint() {
    let read = read(format!("orgnr,action\n{A},delegate\n{B},remove\n000522783,call them\n"));
    assert_eq!(read.numbers, [A, "000522783"]);
    assert!(read.complaints[0].problem.said().contains("says remove, and the job is to delegate every row"));
}

#[test]
fn a_client_with_both_actions_is_rejected_on_every_line_that_names_it() {
    let read = try_read(format!("orgnr,action\n{A},delegate\n{B},delegate\n{A},remove\n"), true).unwrap();
    assert_eq!(read.numbers, [B]);
    assert_eq!(read.complaints.len(), 2);
    assert!(
        read.complaints[0].problem.said().contains("line 4")
            && read.complaints[1].problem.said().contains("line 2")
    );
}

#[test]
fn columns_of_a_failure_report_are_passed_over() {
    let read = read(format!("Navn;Orgnr;fullmakt_action;fullmakt_hint\nNORD;{A};delegate;'=x\n"));
    assert_eq!(read.dialect.header, Some(vec!["Navn".to_owned(), "Orgnr".to_owned()]));
    assert_eq!(read.cells, [["NORD", A]]);
}

#[test]
fn a_row_whose_cells_have_moved_is_a_complaint() {
    let read = read(format!("Orgnr;Navn\n{A};NORD; SØR OG VEST AS\n{B};X;;\n"));
    assert_eq!(read.numbers, [B], "empty cells at the end are nothing");
    assert!(read.complaints[0].problem.said().contains("needs quotes"));
}

#[test]
fn a_quote_that_is_never_closed_is_an_error_on_its_line() {
    let text = format!("Orgnr;Navn\n{A};\"NORD AS\n{B};SØR AS\n");
    assert!(refused(&text).contains("line 2: a quote is opened"), "{}", refused(&text));
    let last_row = format!("Orgnr;Navn\n{B};SØR AS\n{A};\"NORD AS");
    assert!(refused(&last_row).contains("line 3: a quote is opened"), "{}", refused(&last_row));
}

#[test]
fn quotes_that_may_have_swallowed_rows_refuse_the_whole_file() {
    for (text, line) in [
        // Closed by the quote of another row, which goes on behind it.
        (format!("Orgnr;Navn\n{A};\"NORD AS\n{B};SØR AS\n000522783;\"VEST AS\"\n"), 2),
        (format!("Navn;Org.nr.\r\n\"Elg AS;{A}\r\n\"Rype\" AS;{B}\r\nGaupe AS;000522783\r\n"), 2),
        (format!("Navn;Orgnr\nØst;000522783\n\"Elg AS;{A}\nMår AS;31060954\n\"Rype\" AS;{B}\n"), 3),
        (format!("Navn,Orgnr\n\"Elg 19\"\",{A}\nRype,{B}\n\"Gaupe\",000522783\n"), 2),
        // Closed at the end of a cell, so that the quotes are right and the rows are gone all the same.
        (format!("Orgnr;Navn;Merknad\n{A};Elg;\"19 tommer\n000522783 ;Mår;\n{B};Rype;24\"\n"), 2),
        (format!("Navn;Orgnr\n\"Elg AS;{A}\nRype AS\";{B}\n"), 2),
        (format!("Navn;Orgnr;By\n\"Elg AS;70086117;Oslo\nRype AS\";{B};Moss\n"), 2),
    ] {
        let problem = refused(&text);
        assert!(problem.contains(&format!("line {line}: rows may be lost")), "{text}: {problem}");
    }
}

#[test]
fn a_note_of_several_lines_is_a_note_whatever_stands_in_it() {
    for note in [
        "Tidligere\n314250052\nfusjonert",
        "Ring\n\n314250052",
        "Storgata 1; 2. etg\n0155 Oslo",
        "\"Bo\"\r\nx",
    ] {
        let quoted = note.replace('"', "\"\"");
        let read = read(format!("Orgnr;Navn;Merknad\r\n{A};\"Elg\";\"{quoted}\"\r\n{B};Rype;x\r\n"));
        assert_eq!(read.numbers, [A, B], "{note}");
        assert_eq!(read.cells[0][2], note);
    }
}

#[test]
fn a_quote_in_the_middle_of_a_name_and_a_line_break_in_quotes_are_fine() {
    let read = read(format!("Orgnr;Navn\n{A};AS \"NORD\n{B};\"Storgata 1\nOslo\"\n"));
    assert_eq!(read.numbers, [A, B]);
    assert_eq!(read.cells[1][1], "Storgata 1\nOslo");
}

#[test]
fn a_line_of_three_megabytes_is_an_error_on_its_line() {
    let text = format!("Orgnr;Navn\n{A};{}\n", "x".repeat(3_000_000));
    assert!(refused(text).contains("line 2: this row is longer than 64 KB"));
    assert!(refused("x".repeat(3_000_000)).contains("line 1"));
}

#[test]
fn what_is_no_csv_file_is_called_by_its_name() {
    for (bytes, name) in [
        (&b"PK\x03\x04rest"[..], "zip file"),
        (b"\xD0\xCF\x11\xE0rest", "workbook cannot be read"),
        (b"%PDF-1.7", "PDF"),
        (b"a\0b\0c\0", "binary"),
        (b"\xE6\xF8\xE5 \0", "binary"),
        (b"", "empty"),
        (b"\xEF\xBB\xBF", "empty"),
        (b"\r\n\r\n", "empty"),
        (b"Orgnr;Navn\r\n", "header and no rows"),
    ] {
        let problem = refused(bytes);
        assert!(problem.contains(name), "{bytes:?}: {problem}");
    }
}

#[test]
fn a_folder_and_a_missing_file_are_said() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Manifest::open(folder.path()).unwrap_err().to_string().contains("folder"));
    assert!(
        Manifest::open(&folder.path().join("none.csv"))
            .unwrap_err()
            .to_string()
            .contains("there is no such file")
    );
}

#[test]
fn a_cell_that_a_spreadsheet_would_run_is_defused() {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes, &Dialect::plain(&["orgnr", "x"]), &[]).unwrap();
    for cell in ["=1+1", "+47", "-5", "@x", "\tx", "plain"] {
        writer.write([A, cell]).unwrap();
    }
    writer.finish().unwrap();
    let text = String::from_utf8(bytes).unwrap();
    for defused in ["'=1+1", "'+47", "'-5", "'@x", "'\tx", ";plain"] {
        assert!(text.contains(defused), "{text}");
    }
}

fn any_dialect() -> impl Strategy<Value = Dialect> {
    let encodings =
        vec![Encoding::Utf8, Encoding::Utf8Bom, Encoding::Windows1252, Encoding::Utf16Le, Encoding::Utf16Be];
    (
        prop::sample::select(vec![';', ',', '\t']),
        prop::sample::select(encodings),
        prop::sample::select(vec![LineEnding::Lf, LineEnding::Crlf]),
    )
        .prop_map(|(delimiter, encoding, line_ending)| Dialect {
            delimiter,
            encoding,
            line_ending,
            header: Some(vec!["Navn".to_owned(), "Orgnr".to_owned(), "By".to_owned()]),
            sheet: None,
        })
}

fn any_number() -> impl Strategy<Value = OrganisationNumber> {
    (0u32..100_000_000).prop_filter_map("no check digit", OrganisationNumber::from_first_eight)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = try_read(bytes, false);
    }

    #[test]
    fn no_text_makes_the_reader_panic(
        header in prop::sample::select(vec!["orgnr\n", "orgnr;action\n", "", "sep=\n", "\"orgnr\n"]),
        text in "[0-9a-zæøå;,\t\"'=\r\n ]{0,300}",
        needs_action in any::<bool>(),
    ) {
        let _ = try_read([header, &text].concat(), needs_action);
    }

    #[test]
    fn what_is_written_in_a_dialect_reads_back_in_it(
        dialect in any_dialect(),
        rows in prop::collection::vec(("[a-zæøåÆØÅ;,\" ]{0,20}", any_number(), "[A-ZÆØÅ]{0,8}"), 1..30),
    ) {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes, &dialect, &["fullmakt_hint"]).unwrap();
        let mut expected = Vec::new();
        for (name, number, town) in &rows {
            writer.write([name.as_str(), &number.to_string(), town, "=hint"]).unwrap();
            if !expected.contains(&number.to_string()) {
                expected.push(number.to_string());
            }
        }
        writer.finish().unwrap();
        let read = try_read(bytes, false).unwrap();
        prop_assert_eq!(read.complaints, vec![]);
        prop_assert_eq!(&read.numbers, &expected);
        prop_assert_eq!(&read.dialect.header, &dialect.header);
        prop_assert_eq!(read.dialect.delimiter, dialect.delimiter);
        prop_assert_eq!(&read.cells[0][0], &rows[0].0);
        prop_assert_eq!(&read.cells[0][2], &rows[0].2);
    }
}
