//! Lists as people who do this job have reported them: each is read as it was meant, or refused with what to do.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/program.rs"]
mod program;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use fullmakt::{
    manifest::{Entry, Expects, Manifest, Options},
    model::Action,
    sandbox::World,
};
use program::Program;

const ELG: &str = "412345673";
const RYPE: &str = "588888886";
const GAUPE: &str = "165432096";

fn case(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/lists");
    let path = folder.join(name);
    if path.exists() { path } else { folder.join("../workbooks").join(name) }
}

/// What became of a list: the clients that it names and what is wrong with its rows, or why it is refused.
#[derive(Debug, Default)]
struct Outcome {
    clients: Vec<String>,
    complaints: Vec<String>,
    cells: Vec<Vec<String>>,
    refused: Option<String>,
    remarks: Vec<String>,
}

fn read_with(path: &Path, options: &Options) -> Outcome {
    let mut outcome = Outcome::default();
    let read = |outcome: &mut Outcome| {
        let manifest = Manifest::open_with(path, options)?;
        outcome.remarks = manifest.remarks().iter().map(ToString::to_string).collect();
        let expects = if manifest.has_actions() { Expects::Action } else { Expects::Only(Action::Delegate) };
        for entry in manifest.read(expects)? {
            match entry? {
                Entry::Row(row) => {
                    outcome.clients.push(row.number.to_string());
                    outcome.cells.push(row.cells);
                }
                Entry::Rejected { complaints, cells, .. } => {
                    outcome.complaints.extend(complaints.iter().map(ToString::to_string));
                    outcome.cells.push(cells);
                }
                Entry::Repeated { .. } => {}
            }
        }
        Ok::<(), fullmakt::manifest::ManifestError>(())
    };
    outcome.refused = read(&mut outcome).err().map(|error| error.problem.to_string());
    outcome
}

fn read(name: &str) -> Outcome {
    read_with(&case(name), &Options::default())
}

/// The list names exactly these clients, and what is wrong with its other rows is said in these words, row by row.
fn is_read(name: &str, clients: &[&str], complaints: &[&str]) {
    let outcome = read(name);
    assert_eq!(outcome.refused, None, "{name}");
    assert_eq!(outcome.clients, clients, "{name}: {outcome:?}");
    assert_eq!(outcome.complaints.len(), complaints.len(), "{name}: {outcome:?}");
    for (complaint, says) in outcome.complaints.iter().zip(complaints) {
        assert!(complaint.contains(says), "{name}: {complaint}");
        assert!(!complaint.contains("\\u{"), "{name}: {complaint}");
    }
}

/// The list is refused as a whole, with all of these words.
fn is_refused(name: &str, says: &[&str]) {
    let outcome = read(name);
    let refused = outcome.refused.unwrap_or_else(|| panic!("{name} is read: {:?}", outcome.clients));
    for says in says {
        assert!(refused.contains(says), "{name}: {refused}");
    }
}

#[test]
fn headings_that_systems_write_are_known() {
    for name in [
        "01a-tripletex-hyphen.csv",
        "01b-tripletex-english.csv",
        "01c-orgnr-slash-fnr.csv",
        "01d-orgnr-slash-persnr.csv",
        "01e-foretaksnr.csv",
        "01f-mvanummer.csv",
        "01g-vatno.csv",
        "01h-companyno.csv",
        "01i-saft-regno.csv",
        "01j-odoo.csv",
        "01k-erpnext.csv",
        "01l-org-no.csv",
        "01m-orgid.csv",
        "01n-enhetsnr.csv",
        "01o-virksomhetsnr.csv",
        "01p-bedriftsnr.csv",
        "01q-organisasjon.csv",
        "01r-swedish-tpl.csv",
        "01s-danish.csv",
        "01t-klientnr-orgnr.csv",
        "01u-nynorsk.csv",
        "01v-regnr.csv",
        "01w-customer-orgno.csv",
        "01x-orgno-hash.csv",
        "01y-peppol-endpoint.csv",
        "01z-kundens-organisasjonsnr.csv",
        "01za-client-organisation-no.csv",
        "01zb-orgnr-9siffer.csv",
        "01zc-bracket.csv",
        "01zd-header-nbsp.csv",
        "01ze-org-nr-underscore.csv",
        "01zf-orgnr-kunde.csv",
        "14n-visma-corporate-identity.csv",
    ] {
        is_read(name, &[ELG], &[]);
    }
}

#[test]
fn the_header_is_found_below_titles_and_sep_lines() {
    is_read("02a-title-rows.csv", &[ELG, RYPE], &[]);
    for name in [
        "02b-title-rows-with-own-orgnr.csv",
        "02c-title-cell-named-orgnr.csv",
        "02d-powershell-type.csv",
        "02e-title-12-lines.csv",
        "04a-blank-first-line.csv",
        "04b-blank-semicolons-first.csv",
        "05a-sep-quoted.csv",
        "05b-sep-bom.csv",
        "05c-sep-padded-by-excel.csv",
        "05d-sep-pipe.csv",
        "05e-pipe.csv",
        "05f-sep-utf16.csv",
        "05g-sep-space.csv",
        "05h-sep-says-comma-file-semicolon.csv",
    ] {
        is_read(name, &[ELG], &[]);
    }
    is_read("02g-two-line-header.csv", &[ELG], &["line 2, column 2 (Org.): \"nr.\""]);
    let remarks = read("02b-title-rows-with-own-orgnr.csv").remarks;
    assert_eq!(remarks, ["the header stands in line 4; 2 lines above it are passed over"]);
}

#[test]
fn totals_footers_and_group_headings_are_called_what_they_are() {
    is_read("03a-total-row-sum.csv", &[ELG, RYPE], &["line 4: \"Sum 300\": this looks like a total"]);
    is_read(
        "03b-total-row-label-first.csv",
        &[ELG, RYPE],
        &["\"Antall kunder: 2\": this looks like a total"],
    );
    is_read("03c-total-row-in-orgcol.csv", &[ELG, RYPE], &["\"Totalt 2\": this looks like a total"]);
    is_read("03d-footer-printed-by.csv", &[ELG], &["av Kari Nordmann\": this looks like a footer"]);
    is_read("03e-footer-with-comma.csv", &[ELG], &["\"Antall rader: 1\": this looks like a total"]);
    is_read(
        "13n-group-heading-rows.csv",
        &[ELG, RYPE],
        &[
            "\"Avdeling Oslo\": no organisation number stands here: a heading of a group",
            "\"Avdeling Bergen\"",
        ],
    );
    is_read("13i-header-repeated-page.csv", &[ELG, RYPE], &["this is the header once more"]);
    is_read(
        "11k-bom-mid-file-concat.csv",
        &[ELG, RYPE],
        &["line 3: \"Org.nr. Navn\": this is the header once more"],
    );
    is_read("13k-dashes-underline.csv", &[ELG], &["this is a line, not a client"]);
    is_read("13d-short-row.csv", &[ELG], &["\"Rype AS\": no organisation number stands here"]);
    is_read("12h-unquoted-newline.csv", &[ELG, RYPE], &["\"0155 Oslo\""]);
}

#[test]
fn numbers_are_read_as_people_write_them() {
    for name in [
        "06a-nbsp.csv",
        "06b-nnbsp.csv",
        "06c-thin.csv",
        "06d-dots.csv",
        "06e-commas-quoted.csv",
        "06f-apostrophe-swiss.csv",
        "06g-rsquo-swiss.csv",
        "06h-hyphens.csv",
        "06i-endash.csv",
        "06j-nbsp-1252.csv",
        "06k-underscore.csv",
        "08a-apostrophe.csv",
        "08b-rsquo.csv",
        "08c-lsquo.csv",
        "08d-acute.csv",
        "08e-backtick.csv",
        "08f-eq-quoted.csv",
        "08g-eq-unq.csv",
        "08i-tab-prefix.csv",
        "08j-dquoted-literal.csv",
        "08k-apostrophe-both.csv",
        "09a-zwsp.csv",
        "09b-lrm.csv",
        "09c-pdf-lre.csv",
        "09d-soft-hyphen.csv",
        "09e-zwj.csv",
        "09f-fullwidth.csv",
        "09g-arabic.csv",
        "09i-bom-inside.csv",
        "09j-nul-cell-ctrl.csv",
        "09l-isolate.csv",
        "10a-no-prefix.csv",
        "10b-mva-space-paren.csv",
        "10c-foretaksregisteret.csv",
        "10d-label.csv",
        "10e-label2.csv",
        "10f-peppol.csv",
        "10g-9908.csv",
        "10h-NO-ORGNR.csv",
        "10i-urn.csv",
        "10j-hyphen-mva.csv",
        "10k-MVAprefix.csv",
        "10l-mva-dots.csv",
        "10m-orgprefix.csv",
        "10n-paren.csv",
        "10o-url.csv",
        "10q-NO-hyphen.csv",
        "10r-0192-nocolon.csv",
        "10s-trailing-dot.csv",
        "10t-trailing-semicolonq.csv",
        "12j-singlequoted-all.csv",
        "12n-curly-quotes.csv",
    ] {
        is_read(name, &[ELG], &[]);
    }
}

#[test]
fn what_is_no_number_is_explained() {
    for (name, says) in [
        ("06l-slash.csv", "'/' does not belong"),
        ("07a-dot0.csv", "\"412345673.0\": a spreadsheet has made a decimal number"),
        ("07b-comma0.csv", "a decimal number"),
        ("07c-comma00-thousand.csv", "\"412 345 673,00\": a spreadsheet has made a decimal number"),
        ("07d-us-thousand-dec.csv", "\"412,345,673.00\": a spreadsheet has made a decimal number"),
        ("07e-sci.csv", "rounded this number away"),
        ("07f-sci-lossless.csv", "rounded this number away"),
        ("07g-plus.csv", "telephone"),
        ("08h-formula.csv", "a formula"),
        ("08l-hash-overflow.csv", "too narrow"),
        ("08m-na.csv", "shows an error"),
        ("08n-ref.csv", "shows an error"),
        ("08o-norwegian-na.csv", "shows an error"),
        ("09h-letter-O.csv", "'O' does not belong"),
        ("10p-name-and-nr.csv", "other text stands beside the number"),
        ("10u-two-numbers.csv", "several organisation numbers"),
        ("10v-two-lines.csv", "several organisation numbers"),
        ("10w-swedish.csv", "Swedish"),
        ("10x-danish.csv", "Danish"),
        ("10y-fnr.csv", "\"01*********\": these digits look like a national identity number"),
        ("10z-fnr-space.csv", "\"01**** *****\": these digits look like a national identity number"),
    ] {
        is_read(name, &[], &[says]);
    }
    let nothing = "no organisation number stands here";
    is_read("10za-null.csv", &[ELG], &[nothing, nothing, nothing, nothing, nothing, "filler", "filler"]);
    is_read("10zb-leading-zero-lost.csv", &[], &["write 092592731", "write 000522783"]);
}

#[test]
fn every_encoding_is_read_or_named() {
    for name in [
        "11a-cr-only.csv",
        "11c-utf16be-bom.csv",
        "11d-macroman.csv",
        "11e-cp865-dos.csv",
        "11f-mixed-enc.csv",
        "11i-utf7ish-doublebom.csv",
        "11n-double-encoded.csv",
    ] {
        is_read(name, &[ELG, RYPE], &[]);
    }
    // A byte too many at the end, and so half a letter: what stood there cannot be known.
    is_refused("11g-utf16-odd.csv", &["line 4: the file ends in the middle of this row"]);
    is_read("11j-bom-quoted-header.csv", &[ELG], &[]);
    is_read("11m-ctrl-z.csv", &[ELG], &[]);
    for name in ["11b-utf16le-nobom.csv", "11h-utf32.csv", "11l-nul-bytes.csv"] {
        assert!(read(name).refused.is_some(), "{name}");
    }
}

#[test]
fn what_is_no_list_is_told_for_what_it_is() {
    for (name, says) in [
        ("11b-utf16le-nobom.csv", "binary file (or UTF-16 without its mark)"),
        ("11o-gzip.csv", "gzip"),
        ("11p-html-as-xls.xls", "a web page (HTML)"),
        ("11q-json.json", "JSON"),
        ("11r-rtf.rtf", "RTF"),
        ("11t-zip-empty.xlsx", "zip"),
        ("11u-ods.ods", "damaged or cut off"),
        ("spreadsheetml.xls", "XML table of Excel 2003"),
        ("saf-t.xml", "SAF-T"),
        ("list-in-a-zip.zip", "a zip file"),
        ("letter.docx", "a text document"),
        ("../jobs/job.toml", "a job file"),
        ("../jobs/utf16.toml", "a job file"),
    ] {
        is_refused(name, &[says]);
    }
}

#[test]
fn quotes_are_believed_where_they_are_right_and_refused_where_rows_may_be_lost() {
    for name in [
        "12b-inch-mark-start.csv",
        "16a-stray-quote-two-rows-silent.csv",
        "16b-stray-quote-two-rows-orgfirst.csv",
        "16e-stray-quote-3rows.csv",
        "16f-silent-loss-reconcile.csv",
        "16h-stray-quote-swallows-two-of-three-name-last.csv",
        "16i-inch-marks-two.csv",
    ] {
        is_refused(name, &["line ", "quote"]);
    }
    for (name, clients) in [
        ("12a-quote-in-name.csv", &[ELG, RYPE][..]),
        ("12c-inch-mark-mid.csv", &[ELG, RYPE]),
        ("12d-newline-in-address.csv", &[ELG, RYPE]),
        ("12e-newline-in-header.csv", &[ELG]),
        ("12f-newline-with-orgnr-in-note.csv", &[ELG]),
        ("12g-phone9-in-note.csv", &[ELG]),
        ("12i-backslash-quote.csv", &[ELG, RYPE]),
    ] {
        is_read(name, clients, &[]);
    }
}

#[test]
fn a_list_that_a_spreadsheet_has_saved_as_one_column_is_read_as_what_it_was() {
    is_read("12k-whole-line-quoted.csv", &[ELG, RYPE], &[]);
    is_read("12l-whole-line-quoted-comma.csv", &[ELG], &[]);
    is_read("35-saved-by-excel-as-one-column.csv", &[], &["column 1 (orgnr): \"999999999\": a filler"]);
}

#[test]
fn delimiters_are_judged_by_the_whole_list_and_empty_columns_are_nothing() {
    for (name, clients) in [
        ("13a-trailing-delims.csv", &[ELG][..]),
        ("13b-trailing-delim-rows-only.csv", &[ELG]),
        ("13c-1000-empty-rows.csv", &[ELG]),
        ("13g-dup-header.csv", &[ELG]),
        ("13h-dup-client.csv", &[ELG]),
        ("13j-space-only-rows.csv", &[ELG]),
        ("13l-excel-1025-cols.csv", &[ELG]),
        ("13m-excel-16384-cols.csv", &[ELG]),
        ("13o-hidden-idx-col.csv", &[ELG, RYPE]),
        ("13x-sep-comma-values-semicolon-in-name.csv", &[ELG]),
        ("13y-header-has-commas.csv", &[ELG, RYPE]),
        ("13z-header-has-commas-more.csv", &[ELG, RYPE]),
        ("13za-header-quoted-commas.csv", &[ELG, RYPE]),
        ("13zc-comma-file-header-semicolons.csv", &[ELG]),
    ] {
        is_read(name, clients, &[]);
    }
    is_read("13e-extra-comma-name.csv", &[], &["needs quotes"]);
    assert!(read("13f-name-comma-before-orgnr.csv").clients.is_empty());
    for name in
        ["11w-spacesep.csv", "12m-space-before-quote.csv", "13v-tab-in-csv-comma.csv", "13w-mixed-delims.csv"]
    {
        let outcome = read(name);
        assert!(
            outcome.clients.is_empty() && !(outcome.complaints.is_empty() && outcome.refused.is_none()),
            "{name}"
        );
    }
}

#[test]
fn a_list_without_a_header_is_one_column_or_told_to_get_one() {
    is_read("13r-headerless-comment.csv", &[ELG, RYPE], &[]);
    is_read("13u-header-unknown-onecol.csv", &[ELG, RYPE], &[]);
    for name in [
        "13p-headerless-many-cols.csv",
        "13q-headerless-semicolon-trailing.csv",
        "13s-one-line-comma-list.csv",
        "13t-one-line-semi-list.csv",
    ] {
        is_refused(name, &["the first line is data, not a header", ELG, "put a line above it"]);
    }
}

#[test]
fn the_right_column_is_taken_or_none() {
    for (name, says) in [
        ("14a-own-orgnr-vs-klientens.csv", &["column 1 (Org.nr.) and column 4 (Klientens org.nr.)"][..]),
        ("14b-own-orgnr-vs-client-org-number.csv", &["(Orgnr) and column 3 (Client org. number)"]),
        ("14c-kundens-organisasjonsnummer.csv", &["could both be", "column = \"Organisasjonsnummer\""]),
        ("14d-faktura-mottaker.csv", &["(Org.nr.) and column 3 (Fakturamottaker org.nr.)"]),
        ("14e-hovedenhet-underenhet.csv", &["Orgnr underenhet", "Orgnr hovedenhet"]),
        (
            "14f-only-regnskapsforer.csv",
            &["of the accountant", "column 3 (MVA-nr) holds organisation numbers, too"],
        ),
        ("14g-only-byra.csv", &["of the accountant", "probably not the clients'"]),
        ("14h-firma-orgnr.csv", &["Avgivers orgnr", "Mottakers orgnr"]),
        ("14j-own-by-altinn.csv", &["Avgiver organisasjonsnummer", "Mottaker organisasjonsnummer"]),
        (
            "14k-fakturamottaker-vs-kundens-organisasjonsnr.csv",
            &["Fakturamottaker orgnr", "Kundens organisasjonsnr."],
        ),
    ] {
        is_refused(name, says);
    }
    is_read("14i-orgnr-dato.csv", &[ELG], &[]);
    is_read("14l-orgnr-ok-flag.csv", &[ELG], &[]);
    for (name, column) in [
        ("14a-own-orgnr-vs-klientens.csv", "Klientens org.nr."),
        ("14g-only-byra.csv", "Kundens MVA-nr"),
        ("14k-fakturamottaker-vs-kundens-organisasjonsnr.csv", "kundens organisasjonsnr"),
    ] {
        let options = Options { column: Some(column.to_owned()), sheet: None };
        assert_eq!(read_with(&case(name), &options).clients.first().map(String::as_str), Some(ELG), "{name}");
    }
}

#[test]
fn a_national_identity_number_is_shown_nowhere_and_bank_accounts_everywhere() {
    for name in [
        "10y-fnr.csv",
        "10z-fnr-space.csv",
        "17a-fnr-leading-zero-lost.csv",
        "17c-fnr-in-text.csv",
        "17d-fnr-fullwidth.csv",
        "17e-fnr-headerless-many.csv",
        "17f-fnr-sci.csv",
        "17g-fnr-in-surplus.csv",
        "17i-dnr-10.csv",
        "18-masked-report.csv",
    ] {
        let outcome = read(name);
        let everything = format!("{outcome:?}");
        for secret in ["17012345", "70 12345", "28012345", "1234\"", "７０１２", "0170 1234"] {
            assert!(!everything.contains(secret), "{name}: {everything}");
        }
        assert!(!outcome.complaints.is_empty() || outcome.refused.is_some(), "{name}");
    }
    let outcome = read("18-masked-report.csv");
    assert_eq!(outcome.clients, ["441975309", "310609544"]);
    assert!(outcome.cells.iter().filter(|cells| cells[2] == "1234 56 78903").count() == 4, "{outcome:?}");
    assert!(outcome.cells.iter().any(|cells| cells[0] == "412\u{a0}345\u{a0}673,00"), "{outcome:?}");
    assert!(outcome.cells.iter().any(|cells| cells[4] == "+47 412 34 567"), "{outcome:?}");
}

#[test]
fn a_column_headed_agent_that_holds_something_else_is_named() {
    for (name, examples) in [
        ("19a-agent-is-salesperson.csv", "\"Kari Nordmann\", \"Ola\""),
        ("19b-systembruker-ja-nei.csv", "\"Ja\", \"Nei\""),
    ] {
        let remarks = read(name).remarks.join("\n");
        assert!(remarks.contains(examples) && remarks.contains("column 3"), "{name}: {remarks}");
    }
    is_read(
        "19c-handling-free-text.csv",
        &[],
        &["\"Legg til\": an action is delegate or remove", "\"Slett\""],
    );
    is_read("19d-status-column.csv", &[ELG, RYPE], &[]);
    is_read("19e-action-caps.csv", &[ELG, RYPE], &["\"Add\"", "\"delete\"", "no action stands here"]);
    for name in ["15a-facilitator-in-list.csv", "15a-run.csv"] {
        is_read(name, &["314250052", ELG], &[]);
    }
}

#[test]
fn workbooks_are_read_with_the_place_of_every_complaint() {
    is_read(
        "kunder.xlsx",
        &[ELG, RYPE, GAUPE],
        &[
            "Kunder!C6 (Org.nr.): \"92592731\": 8 digits: a spreadsheet has dropped what zeros stood in front; write 092592731",
            "Kunder!C7 (Org.nr.)",
            "Kunder!C8 (Org.nr.): \"#N/A\": the spreadsheet shows an error",
            "Kunder!C9 (Org.nr.): \"10********\": these digits look like a national identity number",
            "Kunder, row 11: \"Sum\": this looks like a total",
        ],
    );
    let outcome = read("kunder.xlsx");
    assert!(outcome.remarks.iter().any(|remark| remark.contains("sheet \"Kunder\" is read")), "{outcome:?}");
    assert_eq!(outcome.cells[0], ["1", "Elg AS", ELG, "2020-05-01"]);
    is_read("kunder.xls", &[ELG, RYPE], &["Kunder!B4 (Org.nr.): \"2\""]);
    is_read("kunder.ods", &[ELG, RYPE], &["Kunder, row 4: \"Sum\": this looks like a total"]);
    is_read("one-cell-far-out.xlsx", &[ELG], &[]);
    is_read("dates.xlsx", &[ELG], &["Ark1!A3 (Orgnr): \"2026-11-24\""]);
    is_refused("two-columns.xlsx", &["column 1 (Org.nr.) and column 3 (Kundens org.nr.)"]);
    is_read("two-sheets.xlsx", &[ELG], &[]);
    let sheet = |name: &str| Options { column: None, sheet: Some(name.to_owned()) };
    assert_eq!(read_with(&case("two-sheets.xlsx"), &sheet("Gamle")).clients, [RYPE]);
    let missing = read_with(&case("two-sheets.xlsx"), &sheet("Kunder")).refused.unwrap();
    assert!(missing.contains("no sheet \"Kunder\"") && missing.contains("\"Nye\", \"Gamle\""), "{missing}");
}

#[test]
fn what_a_workbook_hides_is_read_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().set_name("Forside").unwrap().set_row_hidden(1).unwrap();
    let sheet = book.add_worksheet().set_name("Kunder & co").unwrap();
    sheet.write_row(0, 0, ["Navn", "Orgnr", "By"]).unwrap();
    for (row, number) in [(1, ELG), (2, RYPE), (3, GAUPE)] {
        sheet.write_row(row, 0, ["x", number, "Oslo"]).unwrap();
    }
    // The first is empty, and so nobody's client.
    sheet.set_row_hidden(30).unwrap().set_row_hidden(2).unwrap().set_row_hidden(3).unwrap();
    sheet.set_column_hidden(1).unwrap().set_column_hidden(2).unwrap();
    book.save(&path).unwrap();
    let outcome = read_with(&path, &Options::default());
    assert_eq!(outcome.clients, [ELG, RYPE, GAUPE]);
    let says = |text: &str| outcome.remarks.iter().any(|remark| remark.contains(text));
    assert!(says("2 hidden rows are read like the others, the first is 3"), "{:?}", outcome.remarks);
    assert!(says("column 2 (Orgnr) is hidden, and is read"), "{:?}", outcome.remarks);

    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    let done = program.run(&["check", path.to_str().unwrap()]).expect(0);
    assert!((done.stdout + &done.stderr).contains("2 hidden rows are read"));
    let path_in_job = path.to_str().unwrap();
    program.write("job.toml", program.read("job.toml").replacen("manifest.csv", path_in_job, 1));
    let done = program.run(&["plan", "job.toml"]);
    assert!(done.stderr.contains("2 hidden rows are read"), "{} {}", done.stdout, done.stderr);

    // A case from the field has one, and what can be seen is not spoken of.
    let seen = read("kunder.xlsx").remarks;
    let told: Vec<_> = seen.iter().filter(|remark| remark.contains("hidden")).collect();
    assert_eq!(told.len(), 1, "{seen:?}");
    assert!(told[0].contains("a hidden row, 10, is read"), "{told:?}");
}

#[test]
fn what_an_ods_workbook_hides_is_read_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.ods");
    let mut archive = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let row = |cell: &str, more: &str| {
        format!(
            "<table:table-row {more}><table:table-cell office:value-type=\"string\"><text:p>{cell}</text:p>\
             </table:table-cell></table:table-row>"
        )
    };
    let rows = [
        row("Orgnr", ""),
        row(ELG, "table:visibility=\"filter\""),
        row(RYPE, ""),
        "<table:table-row table:visibility=\"collapse\" table:number-rows-repeated=\"5\"><table:table-cell/></table:table-row>"
            .to_owned(),
        row(GAUPE, "table:visibility=\"collapse\""),
    ];
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content \
         xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
         xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet>\
         <table:table table:name=\"Kunder\"><table:table-column/>{}</table:table>\
         </office:spreadsheet></office:body></office:document-content>",
        rows.concat()
    );
    for (part, text) in [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        (
            "META-INF/manifest.xml",
            "<?xml version=\"1.0\"?><manifest:manifest \
             xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>",
        ),
        ("content.xml", content.as_str()),
    ] {
        archive.start_file(part, stored).unwrap();
        std::io::Write::write_all(&mut archive, text.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    let outcome = read_with(&path, &Options::default());
    assert_eq!(outcome.clients, [ELG, RYPE, GAUPE], "{outcome:?}");
    assert_eq!(
        outcome.remarks,
        ["2 hidden rows are read like the others, the first is 2; delete them if they are not meant"]
    );
}

#[test]
fn the_last_row_of_a_file_that_was_cut_off_refuses_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clients.csv");
    for (text, is_torn) in [
        ("Orgnr;Navn;By\r\n412345673;Elg;Oslo\r\n588888886;Ry", true),
        ("Navn;Orgnr\r\nElg;412345673\r\nRype;58888", true),
        ("Navn;Orgnr\r\nElg;412345673\r\nRy", true),
        ("Orgnr\n412345673\n5888", true),
        ("Orgnr;Navn;By\r\n412345673;Elg;Oslo\r\n588888886;Rype;Bergen", false),
        ("Orgnr;Navn;By\r\n412345673;Elg\r\n588888886;Rype", false),
        ("Navn;Orgnr\r\nElg;412345673\r\nAntall: 1", false),
    ] {
        fs::write(&path, text).unwrap();
        let refused = read_with(&path, &Options::default()).refused;
        let says_so = refused
            .as_ref()
            .is_some_and(|refused| refused.contains("the file ends in the middle of this row"));
        assert_eq!(says_so, is_torn, "{text}: {refused:?}");
    }
}

#[test]
fn check_says_the_columns_first_and_the_count_and_the_next_step_last() {
    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    let list = case("19b-systembruker-ja-nei.csv");
    let done = program.run(&["check", list.to_str().unwrap()]).expect(0);
    let lines: Vec<&str> = done.stdout.lines().collect();
    assert!(lines[1] == "organisation numbers in column 1 (Org.nr.)", "{}", done.stdout);
    assert!(lines[2] == "system users in column 3 (Systembruker)", "{}", done.stdout);
    assert!(lines[lines.len() - 2].ends_with("2 rows, 2 different clients"), "{}", done.stdout);
    assert!(lines[lines.len() - 1].starts_with("every row can be acted on; next:"), "{}", done.stdout);
    let list = case("10zb-leading-zero-lost.csv");
    let done = program.run(&["check", list.to_str().unwrap()]).expect(2);
    let last: Vec<&str> = done.stdout.lines().rev().take(2).collect();
    assert!(
        last[0].starts_with("next:") && last[1].ends_with("2 rows cannot be acted on"),
        "{}",
        done.stdout
    );
}

#[test]
fn check_writes_a_corrected_list_and_leaves_what_cannot_be_corrected() {
    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    program.write(
        "list.csv",
        "Liste 2026;\r\nOrg.nr.;Navn\r\n\"412 345 673,00\";Blåbær\r\nOrg.nr.;Navn\r\n92592731;Rype\r\n\
         NO 165 432 096 MVA;Gaupe\r\n41234567;Mår\r\n1017012345;Ola\r\n",
    );
    let done = program.run(&["check", "list.csv", "--fix", "corrected.csv"]).expect(2);
    assert!(done.stdout.contains("2 rows put right and 1 taken out; 2 rows of it still"), "{}", done.stdout);
    assert_eq!(
        program.read("corrected.csv"),
        "Org.nr.;Navn\r\n412345673;Blåbær\r\n092592731;Rype\r\n165432096;Gaupe\r\n41234567;Mår\r\n10********;Ola\r\n"
    );
    program.run(&["check", "list.csv", "--fix", "corrected.csv"]).expect(2);
    program.run(&["check", "list.csv", "--fix", "list.csv"]).expect(2);
    program.write("good.csv", "Orgnr;Navn\n412345673,0;Elg\n");
    program.run(&["check", "good.csv", "--fix", "better.csv"]).expect(0);
    assert_eq!(program.read("better.csv"), "Orgnr;Navn\n412345673;Elg\n");
    let book = case("kunder.xlsx");
    program.run(&["check", book.to_str().unwrap(), "--fix", "book.csv"]).expect(2);
    assert!(program.read("book.csv").contains("092592731"));
    // A workbook goes back to where it came from, with every column that it had.
    let done = program.run(&["check", book.to_str().unwrap(), "--fix", "book.xlsx"]).expect(2);
    assert!(done.stdout.contains("book.xlsx is the list"), "{}", done.stdout);
    let cells = |path: &std::path::Path| -> Vec<Vec<String>> {
        let mut book = calamine::open_workbook_auto(path).unwrap();
        let sheet = calamine::Reader::worksheet_range_at(&mut book, 0).unwrap().unwrap();
        sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
    };
    let after = cells(&program.path("book.xlsx"));
    assert_eq!(Some(&after[0]), Manifest::open(&book).unwrap().dialect().header.as_ref());
    assert!(after.iter().flatten().any(|cell| cell == "092592731"), "{after:?}");
    let read = Manifest::open(&program.path("book.xlsx")).unwrap();
    assert_eq!(read.dialect().sheet, Manifest::open(&book).unwrap().dialect().sheet);
    program.run(&["check", "good.csv", "--fix", "better.ods"]).expect(2);
}

#[test]
fn a_reconcile_sends_nothing_when_a_quote_has_swallowed_rows() {
    let program = Program::new(World::with_clients(20, 7), Duration::ZERO);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    let delegated = program.delegated();
    let rows: Vec<String> =
        program.read("manifest.csv").lines().skip(1).map(|row| row[..9].to_owned()).collect();
    let mut text = "Navn;Org.nr.\r\n".to_owned();
    for (place, number) in rows.iter().enumerate() {
        let name = ["\"Elg AS", "\"Rype\" AS", "Gaupe AS"][place.min(2)];
        text.extend([name, ";", number, "\r\n"]);
    }
    program.write("manifest.csv", text);
    program.write_job("reconcile", "");
    for more in [&["--yes"][..], &["--yes", "--skip-invalid"]] {
        let done = program.run(&[&["run", "job.toml"], more].concat()).expect(2);
        assert!(done.stderr.contains("line 2: rows may be lost"), "{}", done.stderr);
        assert_eq!(program.delegated(), delegated);
    }
}

#[test]
fn a_job_names_the_column_and_the_sheet_of_its_list_where_the_program_cannot_tell() {
    let program = Program::new(World::with_clients(3, 7), Duration::ZERO);
    let numbers: Vec<String> =
        program.read("manifest.csv").lines().skip(1).map(|row| row[..9].to_owned()).collect();
    let rows: Vec<String> = numbers.iter().map(|number| format!("314250052;{number}\r\n")).collect();
    program.write("manifest.csv", format!("Org.nr.;Kundens org.nr.\r\n{}", rows.concat()));
    let refused = program.run(&["run", "job.toml", "--yes"]).expect(2);
    assert!(
        refused.stderr.contains("column 1 (Org.nr.) and column 2 (Kundens org.nr.)"),
        "{}",
        refused.stderr
    );
    let job = program.read("job.toml");
    program.write("job.toml", job.replacen("manifest =", "column = \"Kundens org.nr.\"\nmanifest =", 1));
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    assert_eq!(program.delegated(), numbers.len());
    program.write("job.toml", job.replacen("manifest =", "sheet = \"Kunder\"\nmanifest =", 1));
    let refused = program.run(&["run", "job.toml", "--yes"]).expect(2);
    assert!(refused.stderr.contains("this is no workbook"), "{}", refused.stderr);
}

/// A case that nothing reads proves nothing. The count is that of the folder that people's files were gathered in.
#[test]
fn every_case_is_in_a_table_of_the_tests() {
    let tables = [include_str!("cases.rs"), include_str!("../src/model/job_words.rs")].concat();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases");
    for (kind, count) in [("lists", 224), ("jobs", 34), ("workbooks", 11)] {
        let files: Vec<String> = fs::read_dir(folder.join(kind))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let missing: Vec<&String> =
            files.iter().filter(|name| !tables.contains(&format!("{name}\""))).collect();
        assert!(missing.is_empty(), "no test reads these {kind}: {missing:?}");
        assert_eq!(files.len(), count, "{kind}");
    }
}

#[test]
fn a_file_that_is_cut_off_or_not_there_is_told_in_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.xlsx");
    let whole = fs::read(case("kunder.xlsx")).unwrap();
    for length in [whole.len() / 4, whole.len() / 2, whole.len() - 10] {
        fs::write(&path, &whole[..length]).unwrap();
        let refused = read_with(&path, &Options::default()).refused.unwrap();
        assert!(refused.contains("damaged or cut off") && !refused.contains("EOCD"), "{refused}");
    }
    let missing = read_with(&folder.path().join("none.csv"), &Options::default()).refused.unwrap();
    assert_eq!(missing, "there is no such file; check its name and its folder");
    let for_a_shell = read_with(Path::new("~/none.csv"), &Options::default()).refused.unwrap();
    assert!(for_a_shell.contains("$HOME and other variables are not replaced"), "{for_a_shell}");
    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    program.write("list.csv", "Orgnr\n412345673\n4123\n");
    let done = program.run(&["check", "list.csv"]).expect(2);
    assert!(done.stdout.contains("1 row cannot be acted on"), "{}", done.stdout);
}
