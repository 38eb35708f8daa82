//! Five thousand organisation numbers from Altinn's test environments, where they lie beside the project.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::path::Path;

use fullmakt::{
    manifest::{Entry, Expects, Manifest},
    model::Action,
};

#[test]
fn every_real_number_is_read_and_keeps_its_leading_zeros() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/test-organisations.csv");
    if !path.exists() {
        eprintln!("skipped: {} is not here", path.display());
        return;
    }
    let manifest = Manifest::open(&path).unwrap();
    let mut numbers = 0;
    for entry in manifest.read(Expects::Only(Action::Delegate)).unwrap() {
        match entry.unwrap() {
            Entry::Row(row) => assert_eq!(row.number.to_string(), row.cells[0]),
            other => panic!("{other:?}"),
        }
        numbers += 1;
    }
    assert_eq!(numbers, 5000);
}
