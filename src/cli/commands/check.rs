//! `fullmakt check`.

use std::{
    fmt,
    io::BufWriter,
    path::{Path, PathBuf},
};

use clap::Args;
use serde::Serialize;

use super::super::{
    Context,
    exit::{Exit, Failure, must_be_new},
    rows::{MOST_COMPLAINTS_SHOWN, Repeated, Rows},
};
use crate::{
    manifest::{Column, Complaint, Corrected, Dialect, Expects, Manifest, Options, Remark},
    model::Action,
    report::count,
    words::{say, text},
};

/// Read a client list and say what is wrong with it, offline
///
/// Exit code 0 when every row can be acted on, 2 when not; with --fix, of the corrected list.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The list: a CSV file or a workbook (xlsx, xls, ods) with an organisation number in each row
    manifest: PathBuf,
    /// The heading of the column of the clients' organisation numbers, as the job's `column` names it
    #[arg(long)]
    column: Option<String>,
    /// The sheet of a workbook, as the job's `sheet` names it
    #[arg(long)]
    sheet: Option<String>,
    /// Write the list again to this file (.csv or .xlsx): what can be put right put right, the rest as it is
    #[arg(long, value_name = "FILE")]
    fix: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Checked {
    manifest: PathBuf,
    dialect: Dialect,
    number_column: Column,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_column: Option<Column>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_column: Option<Column>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_column: Option<Column>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    agents_by_name: Vec<String>,
    remarks: Vec<Remark>,
    rows: u64,
    clients: u64,
    rejected: u64,
    repeated: Vec<Repeated>,
    complaints: Vec<Complaint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed: Option<Fixed>,
}

/// The corrected list.
#[derive(Debug, Serialize)]
struct Fixed {
    file: PathBuf,
    #[serde(flatten)]
    corrected: Corrected,
    /// Its rows that cannot be acted on.
    rejected: u64,
}

pub(crate) fn check(args: &CheckArgs, context: &Context) -> Result<Exit, Failure> {
    if args.manifest.as_os_str() == "-" {
        return Err(Failure::nothing_sent(say!("cli-is-no-list-a-list-is-read-from-a-file-not"))
            .hint(say!("cli-save-it-first-how-a-list-is-written-is-found")));
    }
    let options = Options { column: args.column.clone(), sheet: args.sheet.clone() };
    let manifest = Manifest::open_with(&args.manifest, &options).map_err(Failure::nothing_sent)?;
    let rows = Rows::of(&manifest, expects(&manifest), &mut |_| Ok(()))?;
    let fixed = args.fix.as_deref().map(|file| fix(&manifest, file, &options)).transpose()?;
    let checked = Checked {
        manifest: args.manifest.clone(),
        number_column: manifest.number_column(),
        action_column: manifest.action_column(),
        agent_column: manifest.agent_column(),
        name_column: manifest.name_column(),
        agents_by_name: rows.agents_by_name,
        dialect: rows.dialect,
        remarks: rows.remarks,
        rows: rows.rows,
        clients: rows.clients,
        rejected: rows.rejected,
        repeated: rows.repeated,
        complaints: rows.complaints,
        fixed,
    };
    context.output.answer(&checked, &checked);
    let rejected = checked.fixed.as_ref().map_or(checked.rejected, |fixed| fixed.rejected);
    Ok(if rejected == 0 { Exit::Done } else { Exit::NothingSent })
}

/// What a job would make of an `action` column depends on its kind; as it stands, it must at least be readable.
fn expects(manifest: &Manifest) -> Expects {
    if manifest.has_actions() { Expects::Action } else { Expects::Only(Action::Delegate) }
}

/// Writes the corrected list, whole or not at all, and reads it as a job would.
fn fix(manifest: &Manifest, file: &Path, options: &Options) -> Result<Fixed, Failure> {
    let cannot = |error: &dyn fmt::Display| {
        Failure::nothing_sent(say!("cli-cannot-be-written", file = file.display(), error = error))
    };
    must_be_new(file)?;
    let ends_in = |names: &[&str]| {
        file.extension()
            .is_some_and(|extension| names.iter().any(|name| extension.eq_ignore_ascii_case(name)))
    };
    let is_workbook = ends_in(&["xlsx"]);
    if file.extension().is_some() && !is_workbook && !ends_in(&["csv", "txt", "tsv"]) {
        return Err(cannot(&say!("cli-a-corrected-list-is-a-csv-file-let-its-name")));
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(folder).map_err(|error| cannot(&error))?;
    let corrected = if is_workbook {
        manifest.write_corrected_workbook(temporary.as_file_mut())
    } else {
        manifest.write_corrected(BufWriter::new(temporary.as_file_mut()))
    };
    let corrected = corrected.map_err(|error| cannot(&error))?;
    temporary.as_file().sync_all().map_err(|error| cannot(&error))?;
    temporary.persist_noclobber(file).map_err(|error| cannot(&error.error))?;
    let options = Options { column: options.column.clone(), sheet: None };
    let again = Manifest::open_with(file, &options).map_err(Failure::nothing_sent)?;
    let rejected = Rows::of(&again, expects(&again), &mut |_| Ok(()))?.rejected;
    Ok(Fixed { file: file.to_owned(), corrected, rejected })
}

impl fmt::Display for Checked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}: {}", self.manifest.display(), self.dialect)?;
        writeln!(out, "{}", say!("cli-organisation-numbers-in", number_column = self.number_column))?;
        if let Some(column) = &self.action_column {
            writeln!(out, "{}", say!("cli-what-is-to-be-done-in", column = column))?;
        }
        if let Some(column) = &self.agent_column {
            writeln!(out, "{}", say!("cli-system-users-in", column = column))?;
            if !self.agents_by_name.is_empty() {
                let names: Vec<String> =
                    self.agents_by_name.iter().map(|name| format!("\"{name}\"")).collect();
                writeln!(
                    out,
                    "{}",
                    say!(
                        "cli-note-is-read-as-the-system-user-that-each-row",
                        column = column,
                        names = names.join(", ")
                    )
                )?;
            }
        }
        if let Some(column) = &self.name_column {
            writeln!(out, "{}", say!("cli-names-in-a-plan-compares-them-with-altinns", column = column))?;
        }
        for remark in &self.remarks {
            writeln!(out, "{}: {remark}", text!("cli-note"))?;
        }
        for complaint in self.complaints.iter().take(MOST_COMPLAINTS_SHOWN) {
            writeln!(out, "  {complaint}")?;
        }
        if self.complaints.len() > MOST_COMPLAINTS_SHOWN {
            let more = count((self.complaints.len() - MOST_COMPLAINTS_SHOWN) as u64);
            writeln!(out, "  {}", say!("cli-and-more-format-json-lists-all", more = more))?;
        }
        for repeated in self.repeated.iter().take(10) {
            let Repeated { line, first_line, organisation_number } = repeated;
            writeln!(
                out,
                "  {}",
                say!(
                    "cli-line-as-in-line-it-is-one-client",
                    line = line,
                    organisation_number = organisation_number,
                    first_line = first_line
                )
            )?;
        }
        if self.repeated.len() > 10 {
            writeln!(
                out,
                "  {}",
                say!("cli-and-more-rows-name-a-client-again", rows = self.repeated.len() as u64 - 10)
            )?;
        }
        writeln!(
            out,
            "{:>9} {}, {}",
            count(self.rows),
            say!("plan-rows", rows = self.rows),
            say!("plan-different-clients", clients = self.clients)
        )?;
        if !self.repeated.is_empty() {
            writeln!(
                out,
                "{:>9} {}",
                count(self.repeated.len() as u64),
                say!("cli-rows-name-a-client-again", rows = self.repeated.len())
            )?;
        }
        if self.rejected > 0 {
            writeln!(
                out,
                "{:>9} {}",
                count(self.rejected),
                say!("cli-rows-cannot-be-acted-on", rejected = self.rejected)
            )?;
        }
        self.next_step(out)
    }
}

impl Checked {
    fn next_step(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.fixed {
            Some(Fixed { file, corrected, rejected }) => {
                let Corrected { put_right, taken_out, .. } = corrected;
                write!(
                    out,
                    "{} ",
                    say!(
                        "cli-is-the-list-with-rows-put-right-and-taken-out",
                        file = file.display(),
                        put_right = put_right,
                        taken_out = taken_out
                    )
                )?;
                if *rejected == 0 {
                    writeln!(out, "{}", text!("cli-every-row-of-it-can-be-acted-on"))
                } else {
                    let rejected = count(*rejected);
                    writeln!(
                        out,
                        "{}",
                        say!("cli-rows-of-it-still-cannot-be-acted-on-correct", rejected = rejected)
                    )
                }
            }
            None if self.rejected == 0 => {
                writeln!(out, "{}", text!("cli-every-row-can-be-acted-on-next-name-the-list"))
            }
            None => {
                let extension = if self.dialect.sheet.is_some() { "xlsx" } else { "csv" };
                writeln!(out, "{}", say!("cli-next-correct-these-rows-in-the-list-or", extension = extension))
            }
        }
    }
}
