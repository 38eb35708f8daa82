//! `fullmakt request create` and `fullmakt request more-packages`.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{
    super::super::{
        Context,
        asking::{ask, must_be_able_to_ask_or},
        exit::{Exit, Failure},
        outcome::Ended,
        vendor_file::{VendorFile, VendorSession},
    },
    VendorArg, default_folder,
    firms::{Firm, Firms, FirmsArg, new_request},
    lock, nothing_is_in_the_way,
    round::{FirmsOf, begin, new_run, note_open_rounds},
};
use crate::{
    engine::FirmPlanned,
    ledger::{AskedFirm, NewRequest, NewRun, RequestRecord, RunRecord},
    model::{ClientState, JobKind, LeftAlone, OrganisationNumber, RequestStep, RunId, Vendor},
    report::{ListColumns, PlannedFirm, RequestPlan, RowLeftOut, Summary},
    state_dir::make_private_folder,
    words::{kept, say, text},
};

/// Ask firms for their system user: looks at what there is, shows the plan, asks, and writes the links
///
/// Nobody is asked twice: run the same command again to go on after an interruption. A firm that has rejected, or has not
/// answered in 180 days, is left alone without --again.
#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    #[command(flatten)]
    firms: FirmsArg,
    #[command(flatten)]
    vendor: VendorArg,
    /// The reference of these requests, for a second system user of the same system; instead of the vendor file's
    #[arg(long, value_name = "REF")]
    external_ref: Option<String>,
    /// Ask again where a request came to nothing (rejected, denied, timed out, withdrawn, system user deleted since)
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    how: HowArg,
}

/// Ask firms for a system user with other packages, and prepare the move of their clients to it
///
/// A system user for clients cannot be given more packages. The way is a new one, asked for with a reference of its own and
/// the packages that stand in the vendor file now; when a firm has approved it, `request status` writes the job that
/// moves the clients.
#[derive(Debug, Args)]
pub(crate) struct MorePackagesArgs {
    #[command(flatten)]
    firms: FirmsArg,
    #[command(flatten)]
    vendor: VendorArg,
    /// The reference of the new system users, such as lonn-2027
    #[arg(long, value_name = "REF")]
    external_ref: String,
    /// The reference of the present ones [default: the vendor file's, or the firm's number]
    #[arg(long, value_name = "REF")]
    from_ref: Option<String>,
    /// Withdraw requests with the new reference that came to nothing, and ask again
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    how: HowArg,
}

/// How it is done.
#[derive(Debug, Args)]
struct HowArg {
    /// Ask without being asked
    #[arg(long)]
    yes: bool,
    /// Show the plan, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// The folder of the links [default: requests/NAME in the state folder]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) async fn create(args: CreateArgs, context: &Context) -> Result<Ended, Failure> {
    let mut file = VendorFile::read(&args.vendor.vendor)?;
    if let Some(reference) = args.external_ref {
        must_be_a_reference(&reference)?;
        file.vendor.external_ref = Some(reference);
    }
    let firms = args.firms.read(context)?;
    let round =
        Round { file, firms, again: args.again, how: args.how, moves: Moves::Nobodys, retry_of: None };
    round.go(context).await
}

pub(super) async fn more_packages(args: MorePackagesArgs, context: &Context) -> Result<Ended, Failure> {
    let mut file = VendorFile::read(&args.vendor.vendor)?;
    must_be_a_reference(&args.external_ref)?;
    if OrganisationNumber::parse(&args.external_ref).is_ok() {
        return Err(Failure::nothing_sent(say!(
            "request-the-reference-is-a-firms-number",
            reference = args.external_ref
        ))
        .hint(say!("request-name-the-new-reference")));
    }
    let from_ref = args.from_ref.or(file.vendor.external_ref.take());
    if from_ref.as_ref() == Some(&args.external_ref) {
        return Err(Failure::nothing_sent(say!(
            "request-the-reference-is-the-old-one",
            reference = args.external_ref
        )));
    }
    file.vendor.external_ref = Some(args.external_ref);
    let firms = args.firms.read(context)?;
    context.output.say(format!("{}\n", text!("request-more-packages-how")));
    let round =
        Round { file, firms, again: args.again, how: args.how, moves: Moves::From(from_ref), retry_of: None };
    round.go(context).await
}

/// Looking at more firms than these is said.
const WORTH_SAYING: usize = 20;

/// One round of asking.
struct Round {
    file: VendorFile,
    firms: Firms,
    again: bool,
    how: HowArg,
    moves: Moves,
    /// The run whose failures are tried again.
    retry_of: Option<RunId>,
}

/// Whose clients the new system users are to take over.
enum Moves {
    /// Nobody's: the firms are new.
    Nobodys,
    /// Those of the present ones with this reference; none for the firms' numbers.
    From(Option<String>),
}

impl Round {
    async fn go(self, context: &Context) -> Result<Ended, Failure> {
        let (yes, looks) = (self.how.yes, self.how.dry_run);
        // A retry has no --dry-run.
        let hint =
            if self.retry_of.is_some() { kept!("request-add-yes-alone") } else { kept!("request-add-yes") };
        must_be_able_to_ask_or(yes || looks, &hint)?;
        let vendor = &self.file.vendor;
        let folder = self.folder(context)?;
        nothing_is_in_the_way(self.firms.path.as_deref(), &folder)?;
        if !looks {
            // Whoever has been asked has a link, which must have somewhere to stand.
            can_be_written(&folder)?;
        }
        let ledger = if looks { context.ledger_to_look()? } else { context.ledger()? };
        let _lock = if looks { None } else { Some(lock(vendor, &ledger)?) };
        let numbers: HashSet<OrganisationNumber> = self.firms.firms.iter().map(|firm| firm.number).collect();
        let session = VendorSession::open(&self.file, ledger, &numbers, !looks, context).await?;
        // Each firm's system user is looked for: of hundreds that takes a while.
        if self.firms.firms.len() > WORTH_SAYING {
            let firms = self.firms.firms.len();
            context.output.say(format!("{}\n", say!("request-looking-at", firms = firms)));
        }
        let wanted = self.wanted(&session).await?;
        let planned = session.engine.plan_firms(&vendor.system_id, wanted, self.again).await?;
        let plan = plan_of(vendor, &planned, &self.firms.left_out);
        if looks {
            context.output.answer(&plan, &plan);
            return Ok(Ended { exit: Exit::Done, summary: None });
        }
        let (asks, shown) = (plan.asks, plan.to_string());
        if yes || asks == 0 {
            context.output.say(&shown);
        } else {
            let question = format!("{shown}{}", say!("request-go-on", firms = asks));
            if !ask(&question, context, &session.interrupt).await? {
                context.output.say(format!("{}\n", text!("cli-nothing-was-sent")));
                return Ok(Ended { exit: Exit::NothingSent, summary: None });
            }
        }
        if session.interrupt.is_requested() {
            return Err(Failure::new(Exit::Interrupted, say!("cli-interrupted-nothing-was-sent")));
        }
        let supersedes = session.engine.supersede_rounds(&vendor.system_id, &planned).await?;
        note_open_rounds(&self.file, context)?;
        let run = new_run(&self.file, &session, JobKind::ASKS, &FirmsOf::Named(&self.firms));
        let run = NewRun { supersedes, retry_of: self.retry_of.clone(), ..run };
        let rows = self.firms.rows(planned);
        begin((&self.file, session), run, rows, Some(&folder), context).await
    }

    fn folder(&self, context: &Context) -> Result<PathBuf, Failure> {
        match &self.how.out {
            Some(folder) => Ok(folder.clone()),
            None => default_folder(&self.file.vendor, context),
        }
    }

    /// What each firm is asked for. Of a move, firms without a system user to move from end it here.
    async fn wanted(&self, session: &VendorSession) -> Result<Vec<NewRequest>, Failure> {
        let vendor = &self.file.vendor;
        let firms = &self.firms.firms;
        let Moves::From(from_ref) = &self.moves else {
            return Ok(firms.iter().map(|firm| new_request(vendor, firm, None)).collect());
        };
        let (mut wanted, mut without, mut same) = (Vec::new(), Vec::new(), Vec::new());
        let reference = |firm: &Firm| from_ref.clone().unwrap_or_else(|| firm.number.to_string());
        let present: Vec<_> = firms.iter().map(|firm| (firm.number, reference(firm))).collect();
        for (firm, found) in firms.iter().zip(session.engine.look_at_firms(&present).await?) {
            if found.system_user.is_none() {
                without.push(firm.number.to_string());
            } else if found.request.is_some_and(|request| are_the_same(&request.packages, &vendor.packages)) {
                same.push(firm.number.to_string());
            }
            wanted.push(new_request(vendor, firm, found.system_user));
        }
        if without.is_empty() && same.is_empty() {
            return Ok(wanted);
        }
        if without.is_empty() {
            let failure =
                Failure::nothing_sent(say!("request-the-packages-are-the-same", firms = same.len()));
            let failure = same.iter().take(20).fold(failure, Failure::detail);
            return Err(failure.hint(say!("request-the-packages-are-the-same-to-do")));
        }
        let failure = Failure::nothing_sent(say!("request-nothing-to-move-from", firms = without.len()));
        let failure = without.iter().take(20).fold(failure, Failure::detail);
        Err(failure.hint(say!("request-nothing-to-move-from-to-do")))
    }
}

/// Asks the firms again that a run could not ask, where that may help: a new run of them, as the vendor file is now.
pub(super) async fn retry(
    (record, file): (&RunRecord, VendorFile),
    yes: bool,
    context: &Context,
) -> Result<Ended, Failure> {
    let ledger = context.ledger()?;
    let may_be_tried = |firm: &AskedFirm| firm.state == ClientState::Failed && firm.retryable;
    let failed = ledger.firms_of_round(&record.id)?.into_iter().filter(may_be_tried);
    let firms: Vec<(Firm, String)> = failed
        .map(|firm| {
            let RequestRecord { firm: number, name, external_ref, .. } = firm.record;
            (Firm { number, name, line: 0 }, external_ref)
        })
        .collect();
    // Firms of one run have one reference, or each its own number.
    let own = firms.first().and_then(|(firm, reference)| {
        Some(reference.clone()).filter(|reference| *reference != firm.number.to_string())
    });
    if firms.is_empty() || record.kind != JobKind::ASKS {
        context
            .output
            .say(format!("{}\n", say!("cli-run-has-no-failures-that-may-be-tried-again", run = record.id)));
        let summary = Summary::of(&ledger, record, record.status)?;
        context.output.answer("", &summary);
        return Ok(Ended { exit: Exit::Done, summary: Some(summary) });
    }
    let mut file = file;
    file.vendor.external_ref = own;
    let rows = firms.len() as u64;
    let firms = Firms {
        firms: firms.into_iter().map(|(firm, _)| firm).collect(),
        list: ListColumns::of_round(&ledger, record)?,
        path: Some(PathBuf::from(&record.manifest)).filter(|path| !path.as_os_str().is_empty()),
        rows,
        left_out: Vec::new(),
    };
    drop(ledger);
    let how = HowArg { yes, dry_run: false, out: None };
    let retry_of = Some(record.id.clone());
    let round = Round { file, firms, again: false, how, moves: Moves::Nobodys, retry_of };
    round.go(context).await
}

/// An empty reference would be another address at Altinn, which answers as if it were away.
pub(super) fn must_be_a_reference(reference: &str) -> Result<(), Failure> {
    if reference.trim().is_empty() {
        return Err(Failure::nothing_sent(say!("request-the-reference-is-empty")));
    }
    Ok(())
}

/// Whether files can be written in the folder, which is made.
fn can_be_written(folder: &Path) -> Result<(), Failure> {
    make_private_folder(folder).and_then(|()| tempfile::NamedTempFile::new_in(folder).map(drop)).map_err(
        |error| {
            Failure::nothing_sent(say!(
                "request-folder-cannot-be-written",
                folder = folder.display(),
                error = error
            ))
            .hint(say!("request-name-another-folder"))
        },
    )
}

/// Whether these are the same packages, in whatever order.
fn are_the_same(some: &[String], others: &[String]) -> bool {
    some.len() == others.len() && some.iter().all(|package| others.contains(package))
}

fn plan_of(vendor: &Vendor, planned: &[FirmPlanned], left_out: &[RowLeftOut]) -> RequestPlan {
    let firms = planned.iter().map(|planned| {
        let NewRequest { wanted, name, .. } = &planned.firm;
        // What was asked for before stays what it was: a request is not changed by asking for something else.
        let asked =
            planned.found.request.as_ref().map(|request| request.packages.clone()).unwrap_or_default();
        let is_same = asked.is_empty() || are_the_same(&asked, &wanted.packages);
        // Of these alone: whoever is asked anew is asked for the new ones.
        let stays =
            matches!(planned.step, RequestStep::Leave(LeftAlone::SystemUserIsThere | LeftAlone::Pending));
        let other = if is_same || !stays { Vec::new() } else { asked };
        PlannedFirm::new((wanted.firm.to_string(), name.clone()), wanted.reference(), planned.step, other)
    });
    RequestPlan::of(vendor, firms.collect(), left_out)
}
