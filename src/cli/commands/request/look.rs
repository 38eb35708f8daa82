//! `fullmakt request status`, `list` and `links`.

use std::{
    collections::HashSet,
    fmt::Display,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;

use super::{
    super::super::{
        Context,
        exit::{Exit, Failure},
        vendor_file::{VendorFile, VendorSession},
    },
    super::clients::write_available,
    VendorArg, default_folder,
    firms::{Firm, FirmsArg, new_request},
    lock_with, locks_of, nothing_is_in_the_way,
    ready::write_ready,
    records_of,
    word::Watch,
};
use crate::{
    ledger::{AskingLocks, NewRequest, RequestRecord},
    model::{OrganisationNumber, RequestState, Vendor, duration, is_loopback},
    report::{RequestsView, write_links},
    state_dir::make_private_folder,
    words::{Refusal, say, text},
};

/// Altinn is not asked more often than this how firms stand: people answer, and they take days.
const LEAST_BETWEEN_LOOKS: Duration = Duration::from_mins(1);

/// Look at Altinn how the firms stand, find the new system users, and write the jobs of firms that are ready
///
/// Where they are written, `[ready]` in the vendor file says: a job file for each firm, or rows in a fleet's list of firms.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    firms: FirmsArg,
    #[command(flatten)]
    vendor: VendorArg,
    /// Look again and again until every firm has answered, or until Ctrl-C
    #[arg(long)]
    wait: bool,
    /// How long between two looks, a minute at the least
    #[arg(long, value_name = "TIME", default_value = "5min", value_parser = every)]
    every: Duration,
    /// Write the lists of clients that the jobs lack, with those that each firm can give; read them before you run the jobs
    #[arg(long, conflicts_with = "no_jobs")]
    lists: bool,
    /// Write no jobs for firms that are ready
    #[arg(long)]
    no_jobs: bool,
}

/// How the firms stood when Altinn was last looked at; asks nothing of Altinn
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    firms: FirmsArg,
    #[command(flatten)]
    vendor: VendorArg,
}

/// Write the links of firms that have not answered: a list for mail merge, and a page for each with a code for the telephone
///
/// With a list of firms, its own columns (an e-mail address, a name) stand beside the links. A link opens a firm's request,
/// so the files are yours alone. Asks nothing of Altinn.
#[derive(Debug, Args)]
pub(crate) struct LinksArgs {
    #[command(flatten)]
    firms: FirmsArg,
    #[command(flatten)]
    vendor: VendorArg,
    /// The folder [default: requests/NAME in the state folder]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

fn every(text: &str) -> Result<Duration, String> {
    duration("--every", text)
}

pub(super) fn list(args: &ListArgs, context: &Context) -> Result<Exit, Failure> {
    let file = VendorFile::read(&args.vendor.vendor)?;
    let (records, _) = args.firms.of(records_of(&file.vendor, context)?, context)?;
    let view = RequestsView::of(&file.vendor, &records, true);
    context.output.answer(&view, &view);
    Ok(Exit::Done)
}

pub(super) fn links(args: &LinksArgs, context: &Context) -> Result<Exit, Failure> {
    let file = VendorFile::read(&args.vendor.vendor)?;
    let all = records_of(&file.vendor, context)?;
    let (records, list) = args.firms.of(all.clone(), context)?;
    let folder = match &args.out {
        Some(folder) => folder.clone(),
        None => default_folder(&file.vendor, context)?,
    };
    nothing_is_in_the_way(args.firms.list(), &folder)?;
    let list = match context.existing_ledger()? {
        Some(ledger) => list.with_what_is_known(&file.vendor, &records, &ledger, &folder)?,
        None => list,
    };
    let not_written = |error: &dyn Display| {
        Failure::new(Exit::Fault, say!("cli-is-not-written", path = folder.display(), error = error))
    };
    make_private_folder(&folder).map_err(|error| not_written(&Refusal(&error)))?;
    let (files, firms) =
        write_links(&file.vendor, &records, &all, &list, &folder).map_err(|error| not_written(&error))?;
    let said = format!(
        "{}\n{}",
        say!("request-links-written", firms = firms),
        files.iter().fold(String::new(), |lines, file| format!("{lines}  {}\n", file.display()))
    );
    context
        .output
        .answer(said, &serde_json::json!({ "firms": firms, "files": files, "pages": folder.join("pages") }));
    Ok(Exit::Done)
}

pub(super) async fn status(args: StatusArgs, context: &Context) -> Result<Exit, Failure> {
    let file = VendorFile::read(&args.vendor.vendor)?;
    let vendor = &file.vendor;
    let every = must_be_polite(args.every, vendor)?;
    let ledger = context.ledger()?;
    let locks = locks_of(vendor, &ledger);
    let first = lock_with(&locks, vendor)?;
    let (records, _) = args.firms.of(records_of(vendor, context)?, context)?;
    let meant: HashSet<i64> = records.iter().map(|record| record.row).collect();
    let numbers: HashSet<OrganisationNumber> = records.iter().map(|record| record.firm).collect();
    let session = VendorSession::open(&file, ledger, &numbers, false, context).await?;
    let knows_none = records.is_empty() && !args.firms.names_any();
    if knows_none {
        discover(&session, vendor).await?;
    }
    let is_meant = |record: &RequestRecord| knows_none || meant.contains(&record.row);
    let mut watch = Watch::since(&records_of(vendor, context)?);
    let looked = look(&session, vendor, &is_meant, context).await;
    let mut looked = if args.wait { or_next_time(looked, context) } else { looked };
    // Whoever waits keeps nobody from asking meanwhile.
    drop(first);
    let mut shown = None;
    let view = loop {
        let all = records_of(vendor, context)?;
        let records: Vec<RequestRecord> = all.iter().filter(|record| is_meant(record)).cloned().collect();
        let mut view = RequestsView::of(vendor, &records, false);
        if let Err(failure) = looked {
            // Whom it has seen before that is seen.
            watch.tell(&file, &records, &view, context);
            return Err(failure);
        }
        if !args.no_jobs {
            let written = write_ready(&file, &records, &all, context)?;
            view.jobs = written.jobs;
            view.taken_out = written.taken_out;
            view.without_list = written.without_list;
            if args.lists {
                write_lists(&mut view, context).await;
            }
        }
        watch.tell(&file, &records, &view, context);
        let waits = view.counts.pending + view.counts.accepted > 0;
        if !args.wait || !waits {
            break view;
        }
        if shown != Some(view.counts) {
            context.output.say(&view);
            context.output.say(format!("{}\n", text!("request-status-waits")));
            shown = Some(view.counts);
        }
        tokio::select! {
            () = session.interrupt.requested() => break view,
            () = tokio::time::sleep(every) => {}
        }
        looked = look_again(&session, (vendor, &locks), &is_meant, context).await;
    };
    context.output.answer(&view, &view);
    let lacks_lists = args.lists && !view.without_list.is_empty();
    Ok(if view.counts.came_to_nothing() > 0 || lacks_lists { Exit::SomeFailed } else { Exit::Done })
}

/// Writes the lists that jobs lack; of a firm whose list cannot be written it is said why, and the next one's is.
async fn write_lists(view: &mut RequestsView, context: &Context) {
    for job in std::mem::take(&mut view.without_list) {
        match write_available(Path::new(&job), context).await {
            Ok(list) => view.lists.push(list),
            Err(failure) => {
                context.output.note(&failure);
                view.without_list.push(job);
            }
        }
    }
}

/// Looks at Altinn how these firms stand, and keeps it.
async fn look(
    session: &VendorSession,
    vendor: &Vendor,
    is_meant: &(dyn Fn(&RequestRecord) -> bool + Sync),
    context: &Context,
) -> Result<(), Failure> {
    let records = records_of(vendor, context)?;
    let open = records
        .iter()
        .filter(|record| is_meant(record) && may_change(record))
        .map(RequestRecord::asked_before);
    let open: Vec<NewRequest> = open.collect();
    session.engine.see_firms(&vendor.system_id, &open).await?;
    Ok(())
}

/// The same while somebody waits: another process that asks, and an Altinn that does not answer, are left to the next time.
async fn look_again(
    session: &VendorSession,
    (vendor, locks): (&Vendor, &AskingLocks),
    is_meant: &(dyn Fn(&RequestRecord) -> bool + Sync),
    context: &Context,
) -> Result<(), Failure> {
    let _lock = match lock_with(locks, vendor) {
        Ok(lock) => lock,
        Err(failure) if failure.exit == Exit::Held => return Ok(()),
        Err(failure) => return Err(failure),
    };
    or_next_time(look(session, vendor, is_meant, context).await, context)
}

/// Whoever waits does not end because Altinn did not answer once.
fn or_next_time(looked: Result<(), Failure>, context: &Context) -> Result<(), Failure> {
    match looked {
        Err(failure) if failure.exit == Exit::Stopped && !failure.needs_somebody => {
            context.output.note(&failure);
            Ok(())
        }
        looked => looked,
    }
}

/// Whether Altinn may say something new of it.
fn may_change(record: &RequestRecord) -> bool {
    !record.is_ready() && !matches!(record.state, RequestState::Withdrawn | RequestState::Failed)
}

/// A ledger that knows no firm learns of those that were asked elsewhere.
async fn discover(session: &VendorSession, vendor: &Vendor) -> Result<(), Failure> {
    let firms: Vec<NewRequest> = session
        .engine
        .all_requests()
        .await?
        .into_iter()
        .map(|request| {
            let firm = Firm { number: request.firm, name: String::new(), line: 0 };
            let mut known = new_request(vendor, &firm, None);
            known.wanted.external_ref = Some(request.external_ref);
            known.wanted.packages = request.packages;
            known
        })
        .collect();
    session.engine.see_firms(&vendor.system_id, &firms).await?;
    Ok(())
}

/// Politely: minutes. A sandbox on this machine may be asked as often as somebody likes.
fn must_be_polite(every: Duration, vendor: &Vendor) -> Result<Duration, Failure> {
    let is_here = vendor.environment.origin().is_none_or(|origin| is_loopback(&origin));
    if is_here || every >= LEAST_BETWEEN_LOOKS {
        return Ok(every);
    }
    Err(Failure::nothing_sent(say!("request-every-is-too-often")))
}
