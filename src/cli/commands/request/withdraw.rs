//! `fullmakt request withdraw`.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
};

use clap::Args;
use serde::Serialize;

use super::{
    super::super::{
        Context,
        asking::{ask, must_be_able_to_ask_or},
        exit::{Exit, Failure},
        outcome::Ended,
        vendor_file::{VendorFile, VendorSession},
    },
    VendorArg, default_folder,
    firms::FirmsArg,
    lock, records_of,
    round::{FirmsOf, begin, new_run},
};
use crate::{
    ledger::{AskedFirm, NewRequest, NewRun, RequestRecord, RoundRow, RoundStep, RunRecord},
    model::{JobKind, OrganisationNumber, RequestState},
    report::{ListColumns, Summary},
    words::{kept, say, text},
};

/// Take requests back: their links are good for nothing any more
///
/// A system user that a firm has approved is not touched by it; only the firm can delete that.
#[derive(Debug, Args)]
pub(crate) struct WithdrawArgs {
    #[command(flatten)]
    firms: FirmsArg,
    #[command(flatten)]
    vendor: VendorArg,
    /// The reference of the requests, where a firm has several
    #[arg(long, value_name = "REF")]
    external_ref: Option<String>,
    /// Withdraw without being asked
    #[arg(long)]
    yes: bool,
}

/// Who has two open requests is not to lose both by one word.
fn must_be_one_of_each(withdrawn: &[RequestRecord]) -> Result<(), Failure> {
    let mut references: BTreeMap<OrganisationNumber, Vec<&str>> = BTreeMap::new();
    for record in withdrawn {
        references.entry(record.firm).or_default().push(&record.external_ref);
    }
    references.retain(|_, references| references.len() > 1);
    if references.is_empty() {
        return Ok(());
    }
    let failure = Failure::nothing_sent(say!("request-several-references", firms = references.len()));
    let details =
        references.iter().take(20).map(|(firm, references)| format!("{firm}: {}", references.join(", ")));
    Err(details.fold(failure, Failure::detail).hint(say!("request-name-the-reference")))
}

pub(super) async fn withdraw(args: WithdrawArgs, context: &Context) -> Result<Ended, Failure> {
    let file = VendorFile::read(&args.vendor.vendor)?;
    must_be_able_to_ask_or(args.yes, &kept!("request-add-yes-alone"))?;
    if !args.firms.names_any() {
        return Err(Failure::nothing_sent(say!("request-no-firm-is-named"))
            .hint(say!("request-name-a-list-or-a-firm")));
    }
    let vendor = &file.vendor;
    let ledger = context.ledger()?;
    let _lock = lock(vendor, &ledger)?;
    let named = args.firms.read(context)?;
    let (records, _) = args.firms.of(records_of(vendor, context)?, context)?;
    let (withdrawn, kept): (Vec<RequestRecord>, Vec<RequestRecord>) = records
        .into_iter()
        .filter(|record| args.external_ref.as_ref().is_none_or(|meant| record.external_ref == *meant))
        .partition(|record| record.request.is_some() && record.state != RequestState::Accepted);
    must_be_one_of_each(&withdrawn)?;
    let ready = kept.iter().filter(|record| record.state == RequestState::Accepted).count();
    if ready > 0 {
        context.output.note(say!("request-approved-is-not-withdrawn", firms = ready));
    }
    if withdrawn.is_empty() {
        context.output.say(format!("{}\n", text!("request-nothing-to-withdraw")));
        return Ok(Ended { exit: Exit::Done, summary: None });
    }
    let numbers: HashSet<OrganisationNumber> = withdrawn.iter().map(|record| record.firm).collect();
    let session = VendorSession::open(&file, ledger, &numbers, true, context).await?;
    if !args.yes {
        let question = say!("request-withdraw-question", firms = withdrawn.len()).to_string();
        if !ask(&question, context, &session.interrupt).await? {
            context.output.say(format!("{}\n", text!("cli-nothing-was-sent")));
            return Ok(Ended { exit: Exit::NothingSent, summary: None });
        }
    }
    let run = new_run(&file, &session, JobKind::TAKES_BACK, &FirmsOf::Named(&named));
    let rows = withdrawn.iter().filter_map(|record| taken_back(record, &named.list));
    begin((&file, session), run, rows.collect(), None, context).await
}

/// The row of a round that takes this request back.
fn taken_back(record: &RequestRecord, list: &ListColumns) -> Option<RoundRow> {
    let cells = list.cells_of(record.firm, &record.name);
    let what = RoundStep::Withdraw(record.request?);
    Some(RoundRow::Firm { line: 0, cells, firm: record.asked_before(), what })
}

/// Takes the requests back that a run has made and that nobody has answered.
pub(super) async fn undo(
    (record, file): (&RunRecord, &VendorFile),
    (yes, looks): (bool, bool),
    context: &Context,
) -> Result<Ended, Failure> {
    if !looks {
        must_be_able_to_ask_or(yes, &kept!("request-add-yes"))?;
    }
    let vendor = &file.vendor;
    let ledger = context.ledger()?;
    let _lock = lock(vendor, &ledger)?;
    let still_its_own = |firm: &AskedFirm| firm.made.is_some() && firm.made == firm.record.request;
    let made: Vec<AskedFirm> = ledger.firms_of_round(&record.id)?.into_iter().filter(still_its_own).collect();
    let numbers: HashSet<OrganisationNumber> = made.iter().map(|firm| firm.record.firm).collect();
    let nothing = |context: &Context| -> Result<Ended, Failure> {
        context.output.say(format!("{}\n", say!("cli-nothing-to-undo", run = record.id)));
        let summary = Summary::of(&context.ledger()?, record, record.status)?;
        context.output.answer("", &summary);
        Ok(Ended { exit: Exit::Done, summary: Some(summary) })
    };
    if made.is_empty() {
        return nothing(context);
    }
    let session = VendorSession::open(file, ledger, &numbers, !looks, context).await?;
    let firms: Vec<NewRequest> = made.iter().map(|firm| firm.record.asked_before()).collect();
    session.engine.see_firms(&vendor.system_id, &firms).await?;
    let made: Vec<AskedFirm> =
        context.ledger()?.firms_of_round(&record.id)?.into_iter().filter(still_its_own).collect();
    let (open, answered): (Vec<AskedFirm>, Vec<AskedFirm>) =
        made.into_iter().partition(|firm| firm.record.state == RequestState::Pending);
    let approved = answered.iter().filter(|firm| firm.record.state == RequestState::Accepted).count();
    if approved > 0 {
        context.output.note(say!("request-approved-is-not-withdrawn", firms = approved));
    }
    if open.is_empty() {
        return nothing(context);
    }
    let plan = UndoPlan::of(&open, approved);
    if looks {
        context.output.answer(&plan, &plan);
        return Ok(Ended { exit: Exit::Done, summary: None });
    }
    if !yes {
        let question = format!("{plan}{}", say!("request-withdraw-question", firms = open.len()));
        if !ask(&question, context, &session.interrupt).await? {
            context.output.say(format!("{}\n", text!("cli-nothing-was-sent")));
            return Ok(Ended { exit: Exit::NothingSent, summary: None });
        }
    }
    let list = ListColumns::of_round(&context.ledger()?, record)?;
    let run = new_run(file, &session, JobKind::TAKES_BACK, &FirmsOf::OfRun(record));
    let run = NewRun { undo_of: Some(record.id.clone()), rows: open.len() as u64, ..run };
    let rows = open.iter().filter_map(|firm| taken_back(&firm.record, &list)).collect();
    let folder = default_folder(vendor, context)?;
    begin((file, session), run, rows, Some(&folder), context).await
}

/// What an undo would take back.
#[derive(Serialize)]
struct UndoPlan {
    withdraws: usize,
    approved: usize,
    firms: Vec<String>,
}

impl UndoPlan {
    fn of(open: &[AskedFirm], approved: usize) -> Self {
        let firms = open.iter().map(|firm| format!("{} {}", firm.record.firm, firm.record.name));
        let firms = firms.map(|firm| firm.trim_end().to_owned()).collect();
        Self { withdraws: open.len(), approved, firms }
    }
}

impl fmt::Display for UndoPlan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 10;
        let more = if self.firms.len() > SHOWN { ", …" } else { "" };
        let first: Vec<&str> = self.firms.iter().take(SHOWN).map(String::as_str).collect();
        let count = say!("request-withdraws", firms = self.withdraws).to_string();
        writeln!(out, "{count}: {}{more}", first.join(", "))
    }
}
