//! `fullmakt check`.

use std::{fmt, path::PathBuf};

use clap::Args;
use serde::Serialize;

use super::super::{
    Context,
    exit::{Exit, Failure},
    rows::{MOST_COMPLAINTS_SHOWN, Repeated, Rows},
};
use crate::{
    manifest::{Column, Complaint, Dialect, Expects, Manifest},
    model::Action,
    report::count,
};

/// Read a manifest and say what is wrong with it, offline
///
/// Exit code 0 when every row can be acted on, 2 when not.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The manifest: a CSV file with an organisation number in each row
    manifest: PathBuf,
}

#[derive(Debug, Serialize)]
struct Checked {
    manifest: PathBuf,
    dialect: Dialect,
    number_column: Column,
    rows: u64,
    clients: u64,
    rejected: u64,
    repeated: Vec<Repeated>,
    complaints: Vec<Complaint>,
}

pub(crate) fn check(args: &CheckArgs, context: &Context) -> Result<Exit, Failure> {
    // What a job would make of an `action` column depends on its kind; as it stands, it must at least be readable.
    let manifest = Manifest::open(&args.manifest).map_err(Failure::nothing_sent)?;
    let expects = if manifest.has_actions() { Expects::Action } else { Expects::Only(Action::Delegate) };
    let rows = Rows::read(&args.manifest, expects, &mut |_| Ok(()))?;
    let checked = Checked {
        manifest: args.manifest.clone(),
        dialect: rows.dialect,
        number_column: manifest.number_column(),
        rows: rows.rows,
        clients: rows.clients,
        rejected: rows.rejected,
        repeated: rows.repeated,
        complaints: rows.complaints,
    };
    context.output.answer(&checked, &checked);
    Ok(if checked.rejected == 0 { Exit::Done } else { Exit::NothingSent })
}

impl fmt::Display for Checked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}: {}", self.manifest.display(), self.dialect)?;
        let Column { position, name } = &self.number_column;
        let name = if name.is_empty() { String::new() } else { format!(" ({name})") };
        writeln!(out, "organisation numbers in column {position}{name}")?;
        writeln!(out, "{:>9} rows, {} different clients", count(self.rows), count(self.clients))?;
        if !self.repeated.is_empty() {
            writeln!(out, "{:>9} rows name a client again", count(self.repeated.len() as u64))?;
        }
        for repeated in self.repeated.iter().take(10) {
            let Repeated { line, first_line, organisation_number } = repeated;
            writeln!(out, "          line {line}: {organisation_number}, as in line {first_line}")?;
        }
        if self.rejected == 0 {
            return writeln!(out, "every row can be acted on");
        }
        writeln!(out, "{:>9} rows cannot be acted on:", count(self.rejected))?;
        for complaint in self.complaints.iter().take(MOST_COMPLAINTS_SHOWN) {
            writeln!(out, "  {complaint}")?;
        }
        if self.complaints.len() > MOST_COMPLAINTS_SHOWN {
            writeln!(
                out,
                "  … and {} more; --format json lists all",
                count((self.complaints.len() - MOST_COMPLAINTS_SHOWN) as u64)
            )?;
        }
        Ok(())
    }
}
