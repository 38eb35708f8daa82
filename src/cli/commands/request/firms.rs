//! Which firms are meant: a list of them, or some that are named.

use std::{collections::HashMap, path::PathBuf};

use clap::Args;

use super::super::super::{Context, exit::Failure, rows::MOST_COMPLAINTS_SHOWN};
use crate::{
    ledger::RequestRecord,
    manifest::{Entry, Expects, Manifest, Options},
    model::{Action, OrganisationNumber},
    report::ListColumns,
    words::say,
};

/// Which firms.
#[derive(Debug, Args)]
pub(super) struct FirmsArg {
    /// The list of firms: a CSV file or a workbook with a column of organisation numbers
    #[arg(conflicts_with = "firm")]
    list: Option<PathBuf>,
    /// One firm; may be given several times
    #[arg(long, value_name = "ORG", value_parser = firm)]
    firm: Vec<OrganisationNumber>,
    /// Leave out rows of the list that cannot be read
    #[arg(long)]
    skip_invalid: bool,
}

fn firm(text: &str) -> Result<OrganisationNumber, String> {
    OrganisationNumber::parse(text).map_err(|error| error.to_string())
}

/// A firm that is meant.
#[derive(Debug, Clone)]
pub(super) struct Firm {
    pub(super) number: OrganisationNumber,
    /// What the list calls it; can be empty.
    pub(super) name: String,
}

/// The firms that are meant.
#[derive(Debug, Clone)]
pub(super) struct Firms {
    pub(super) firms: Vec<Firm>,
    pub(super) list: ListColumns,
}

impl FirmsArg {
    /// Whether some are named in one way or the other.
    pub(super) fn names_any(&self) -> bool {
        self.list.is_some() || !self.firm.is_empty()
    }

    /// The firms that are named; an error where there is none.
    pub(super) fn read(&self, context: &Context) -> Result<Firms, Failure> {
        let Some(path) = &self.list else {
            let firms: Vec<Firm> =
                self.firm.iter().map(|number| Firm { number: *number, name: String::new() }).collect();
            if firms.is_empty() {
                return Err(Failure::nothing_sent(say!("request-no-firm-is-named"))
                    .hint(say!("request-name-a-list-or-a-firm")));
            }
            return Ok(Firms { firms, list: ListColumns::none() });
        };
        context.output.step(say!("cli-reading", path = path.display()));
        let manifest = Manifest::open_with(path, &Options::default()).map_err(Failure::nothing_sent)?;
        for remark in manifest.remarks() {
            context.output.note(remark);
        }
        let dialect = manifest.dialect().clone();
        let (mut firms, mut cells_of) = (Vec::new(), HashMap::new());
        let (mut complaints, mut rows, mut rejected) = (Vec::new(), 0_u64, 0_u64);
        for entry in manifest.read(Expects::Only(Action::Delegate)).map_err(Failure::nothing_sent)? {
            rows += 1;
            match entry.map_err(Failure::nothing_sent)? {
                Entry::Row(row) => {
                    firms.push(Firm { number: row.number, name: row.name.unwrap_or_default() });
                    cells_of.insert(row.number, row.cells);
                }
                Entry::Repeated { line, first_line, number, .. } => context.output.note(say!(
                    "cli-line-names-again-as-line-does-it-is-one",
                    line = line,
                    organisation_number = number,
                    first_line = first_line
                )),
                Entry::Rejected { complaints: of_row, .. } => {
                    rejected += 1;
                    complaints.extend(of_row);
                }
            }
        }
        if rejected > 0 && !self.skip_invalid {
            let failure = Failure::nothing_sent(say!(
                "cli-of-rows-in-cannot-be-acted-on-so-nothing-is",
                rejected = rejected,
                rows = rows,
                path = path.display()
            ));
            let failure = complaints.iter().take(MOST_COMPLAINTS_SHOWN).fold(failure, Failure::detail);
            return Err(failure.hint(say!("request-correct-the-list")));
        }
        Ok(Firms { firms, list: ListColumns::of_list(dialect, cells_of) })
    }

    /// Of these, the ones that are meant: all, where none is named.
    pub(super) fn of(
        &self,
        records: Vec<RequestRecord>,
        context: &Context,
    ) -> Result<(Vec<RequestRecord>, ListColumns), Failure> {
        if !self.names_any() {
            return Ok((records, ListColumns::none()));
        }
        let named = self.read(context)?;
        let is_meant = |record: &RequestRecord| named.firms.iter().any(|firm| firm.number == record.firm);
        let strangers: Vec<String> = named
            .firms
            .iter()
            .filter(|firm| !records.iter().any(|record| record.firm == firm.number))
            .map(|firm| firm.number.to_string())
            .collect();
        if !strangers.is_empty() {
            context.output.note(say!(
                "request-firms-were-never-asked",
                firms = strangers.len(),
                first = strangers.iter().take(5).cloned().collect::<Vec<_>>().join(", ")
            ));
        }
        let records = records.into_iter().filter(is_meant).collect();
        Ok((records, named.list))
    }
}
