//! `fullmakt request withdraw`.

use std::collections::{BTreeMap, HashSet};

use clap::Args;

use super::{
    super::super::{
        Context,
        asking::{ask, must_be_able_to_ask_or},
        exit::{Exit, Failure},
        vendor_file::{VendorFile, VendorSession},
    },
    VendorArg, ended,
    firms::FirmsArg,
    lock, records_of,
};
use crate::{
    ledger::RequestRecord,
    model::{OrganisationNumber, RequestState},
    report::RequestsView,
    words::{say, text},
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

pub(super) async fn withdraw(args: WithdrawArgs, context: &Context) -> Result<Exit, Failure> {
    let file = VendorFile::read(&args.vendor.vendor)?;
    must_be_able_to_ask_or(args.yes, text!("request-add-yes"))?;
    if !args.firms.names_any() {
        return Err(Failure::nothing_sent(say!("request-no-firm-is-named"))
            .hint(say!("request-name-a-list-or-a-firm")));
    }
    let vendor = &file.vendor;
    let _lock = lock(vendor, context)?;
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
        return Ok(Exit::Done);
    }
    let numbers: HashSet<OrganisationNumber> = withdrawn.iter().map(|record| record.firm).collect();
    let session = VendorSession::open(&file, context.ledger()?, &numbers, true, context).await?;
    if !args.yes {
        let question = say!("request-withdraw-question", firms = withdrawn.len()).to_string();
        if !ask(&question, context, &session.interrupt).await? {
            context.output.say(format!("{}\n", text!("cli-nothing-was-sent")));
            return Ok(Exit::NothingSent);
        }
    }
    let done = session.engine.withdraw_requests(&withdrawn).await;
    let VendorSession { engine, progress, .. } = session;
    drop(engine);
    progress.finish().await;
    let rows: HashSet<i64> = withdrawn.iter().map(|record| record.row).collect();
    let records: Vec<RequestRecord> =
        records_of(vendor, context)?.into_iter().filter(|record| rows.contains(&record.row)).collect();
    let view = RequestsView::of(vendor, &records, true);
    context.output.answer(&view, &view);
    ended(done, view.counts.failed > 0, &view)
}
