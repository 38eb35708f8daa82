//! Which firms are meant: a list of them, or some that are named.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use clap::Args;

use super::super::super::{Context, exit::Failure, rows::MOST_COMPLAINTS_SHOWN};
use crate::{
    engine::FirmPlanned,
    ledger::{NewRequest, RequestRecord, RoundRow, RoundStep},
    manifest::{Complaint, Entry, Expects, Manifest, Options},
    model::{Action, AgentId, OrganisationNumber, RequestStep, Vendor, WantedSystemUser},
    report::{ListColumns, RowLeftOut},
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
    /// Its line in the list; 0 where it is named without one.
    pub(super) line: u64,
}

/// What a vendor asks a firm for.
pub(super) fn new_request(vendor: &Vendor, firm: &Firm, from_agent: Option<AgentId>) -> NewRequest {
    NewRequest {
        wanted: WantedSystemUser {
            firm: firm.number,
            external_ref: vendor.external_ref.clone(),
            packages: vendor.packages.clone(),
            redirect: vendor.redirect.clone(),
            title: vendor.title.clone(),
        },
        name: firm.name.clone(),
        from_agent,
    }
}

/// The firms that are meant.
#[derive(Debug, Clone)]
pub(super) struct Firms {
    pub(super) firms: Vec<Firm>,
    pub(super) list: ListColumns,
    /// Where the list is.
    pub(super) path: Option<PathBuf>,
    /// Rows of the list.
    pub(super) rows: u64,
    /// Rows that cannot be read, and are to be left out.
    pub(super) left_out: Vec<RowLeftOut>,
}

impl Firms {
    /// The rows of a round of these, each with what is to be done about it.
    pub(super) fn rows(&self, planned: Vec<FirmPlanned>) -> Vec<RoundRow> {
        let lines: HashMap<OrganisationNumber, u64> =
            self.firms.iter().map(|firm| (firm.number, firm.line)).collect();
        let mut rows: Vec<RoundRow> = planned
            .into_iter()
            .map(|planned| {
                let FirmPlanned { firm, step, .. } = planned;
                let number = firm.wanted.firm;
                let what = match step {
                    RequestStep::Ask => RoundStep::Ask,
                    RequestStep::AskAgain(id) => RoundStep::AskAgain(id),
                    RequestStep::Leave(_) => RoundStep::Leave,
                };
                self.row(lines.get(&number).copied().unwrap_or_default(), firm, what)
            })
            .collect();
        let left_out = self.left_out.iter().map(|row| RoundRow::Rejected {
            line: row.line,
            cells: row.cells.clone(),
            problem: row.message.clone(),
        });
        rows.extend(left_out);
        rows
    }

    fn row(&self, line: u64, firm: NewRequest, what: RoundStep) -> RoundRow {
        let cells = self.list.cells_of(firm.wanted.firm, &firm.name);
        RoundRow::Firm { line, cells, firm, what }
    }
}

impl FirmsArg {
    /// Whether some are named in one way or the other.
    pub(super) fn names_any(&self) -> bool {
        self.list.is_some() || !self.firm.is_empty()
    }

    /// The list, where there is one.
    pub(super) fn list(&self) -> Option<&Path> {
        self.list.as_deref()
    }

    /// The firms that are named; an error where there is none.
    pub(super) fn read(&self, context: &Context) -> Result<Firms, Failure> {
        let Some(path) = &self.list else {
            let firms: Vec<Firm> = self
                .firm
                .iter()
                .map(|number| Firm { number: *number, name: String::new(), line: 0 })
                .collect();
            if firms.is_empty() {
                return Err(Failure::nothing_sent(say!("request-no-firm-is-named"))
                    .hint(say!("request-name-a-list-or-a-firm")));
            }
            let rows = firms.len() as u64;
            return Ok(Firms { firms, list: ListColumns::none(), path: None, rows, left_out: Vec::new() });
        };
        context.output.step(say!("cli-reading", path = path.display()));
        let manifest = Manifest::open_with(path, &Options::default()).map_err(Failure::nothing_sent)?;
        for remark in manifest.remarks() {
            context.output.note(remark);
        }
        let dialect = manifest.dialect().clone();
        let (mut firms, mut cells_of) = (Vec::new(), HashMap::new());
        let (mut complaints, mut left_out, mut rows, mut rejected) = (Vec::new(), Vec::new(), 0_u64, 0_u64);
        for entry in manifest.read(Expects::Only(Action::Delegate)).map_err(Failure::nothing_sent)? {
            rows += 1;
            match entry.map_err(Failure::nothing_sent)? {
                Entry::Row(row) => {
                    firms.push(Firm {
                        number: row.number,
                        name: row.name.unwrap_or_default(),
                        line: row.line,
                    });
                    cells_of.insert(row.number, row.cells);
                }
                Entry::Repeated { line, first_line, number, .. } => context.output.note(say!(
                    "cli-line-names-again-as-line-does-it-is-one",
                    line = line,
                    organisation_number = number,
                    first_line = first_line
                )),
                Entry::Rejected { line, complaints: of_row, cells } => {
                    rejected += 1;
                    left_out.push(RowLeftOut { line, cells, message: Complaint::problems(&of_row) });
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
        let list = ListColumns::of_list(dialect, cells_of, &mut left_out);
        Ok(Firms { firms, list, path: Some(path.clone()), rows, left_out })
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
        let named_numbers: HashSet<_> = named.firms.iter().map(|firm| firm.number).collect();
        let asked: HashSet<_> = records.iter().map(|record| record.firm).collect();
        let strangers: Vec<String> = named
            .firms
            .iter()
            .filter(|firm| !asked.contains(&firm.number))
            .map(|firm| firm.number.to_string())
            .collect();
        let records: Vec<RequestRecord> =
            records.into_iter().filter(|record| named_numbers.contains(&record.firm)).collect();
        let first = strangers.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
        let never_asked = || {
            Failure::nothing_sent(say!(
                "request-firms-were-never-asked",
                firms = strangers.len(),
                first = first
            ))
        };
        if records.is_empty() {
            return Err(never_asked().hint(say!("request-ask-them-first")));
        }
        if !strangers.is_empty() {
            context.output.note(never_asked());
        }
        Ok((records, named.list))
    }
}
