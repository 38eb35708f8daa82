//! `fullmakt request create` and `fullmakt request more-packages`.

use std::{collections::HashSet, path::PathBuf};

use clap::Args;

use super::{
    super::super::{
        Context,
        asking::{ask, must_be_able_to_ask_or},
        exit::{Exit, Failure},
        vendor_file::{VendorFile, VendorSession},
    },
    VendorArg,
    firms::{Firm, Firms, FirmsArg},
    look::{default_folder, records_of},
};
use crate::{
    engine::{EngineError, FirmPlanned},
    ledger::{NewRequest, RequestRecord},
    model::{AgentId, OrganisationNumber, Vendor, WantedSystemUser},
    report::{PlannedFirm, RequestPlan, RequestsView, write_failures, write_links},
    state_dir::{AgentLock, LockError, Readers, make_private_folder, write_whole},
    words::{in_english, say, text},
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
    /// Withdraw requests that came to nothing (rejected, denied, timed out, system user deleted since), and ask again
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

pub(super) async fn create(args: CreateArgs, context: &Context) -> Result<Exit, Failure> {
    let mut file = VendorFile::read(&args.vendor.vendor)?;
    if args.external_ref.is_some() {
        file.vendor.external_ref = args.external_ref;
    }
    let firms = args.firms.read(context)?;
    let round = Round { file, firms, again: args.again, how: args.how, moves: Moves::Nobodys };
    round.go(context).await
}

pub(super) async fn more_packages(args: MorePackagesArgs, context: &Context) -> Result<Exit, Failure> {
    let mut file = VendorFile::read(&args.vendor.vendor)?;
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
    let round = Round { file, firms, again: false, how: args.how, moves: Moves::From(from_ref) };
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
}

/// Whose clients the new system users are to take over.
enum Moves {
    /// Nobody's: the firms are new.
    Nobodys,
    /// Those of the present ones with this reference; none for the firms' numbers.
    From(Option<String>),
}

impl Round {
    async fn go(self, context: &Context) -> Result<Exit, Failure> {
        let (yes, looks) = (self.how.yes, self.how.dry_run);
        must_be_able_to_ask_or(yes || looks, text!("request-add-yes"))?;
        let vendor = &self.file.vendor;
        let ledger = if looks { context.ledger_to_look()? } else { context.ledger()? };
        let _lock = if looks { None } else { Some(lock(vendor, context)?) };
        let numbers: HashSet<OrganisationNumber> = self.firms.firms.iter().map(|firm| firm.number).collect();
        let session = VendorSession::open(&self.file, ledger, &numbers, !looks, context).await?;
        // Each firm's system user is looked for: of hundreds that takes a while.
        if self.firms.firms.len() > WORTH_SAYING {
            let firms = self.firms.firms.len();
            context.output.say(format!("{}\n", say!("request-looking-at", firms = firms)));
        }
        let wanted = self.wanted(&session).await?;
        let planned = session.engine.plan_firms(&vendor.system_id, wanted, self.again).await?;
        let plan = plan_of(vendor, &planned);
        if looks {
            context.output.answer(&plan, &plan);
            return Ok(Exit::Done);
        }
        let (asks, shown) = (plan.asks, plan.to_string());
        if yes || asks == 0 {
            context.output.say(&shown);
        } else {
            let question = format!("{shown}{}", say!("request-go-on", firms = asks));
            if !ask(&question, context, &session.interrupt).await? {
                context.output.say(format!("{}\n", text!("cli-nothing-was-sent")));
                return Ok(Exit::NothingSent);
            }
        }
        if session.interrupt.is_requested() {
            return Err(Failure::new(Exit::Interrupted, say!("cli-interrupted-nothing-was-sent")));
        }
        let done = session.engine.carry_out_requests(&vendor.system_id, &planned).await;
        let VendorSession { engine, progress, .. } = session;
        drop(engine);
        progress.finish().await;
        self.report(done, context)
    }

    /// What each firm is asked for. Of a move, firms without a system user to move from end it here.
    async fn wanted(&self, session: &VendorSession) -> Result<Vec<NewRequest>, Failure> {
        let vendor = &self.file.vendor;
        let (mut wanted, mut without) = (Vec::new(), Vec::new());
        for firm in &self.firms.firms {
            let from_agent = match &self.moves {
                Moves::Nobodys => None,
                Moves::From(from_ref) => {
                    let reference = from_ref.clone().unwrap_or_else(|| firm.number.to_string());
                    let found = session.engine.system_user_of(firm.number, &reference).await?;
                    if found.is_none() {
                        without.push(firm.number.to_string());
                    }
                    found
                }
            };
            wanted.push(new_request(vendor, firm, from_agent));
        }
        if without.is_empty() {
            return Ok(wanted);
        }
        let failure = Failure::nothing_sent(say!("request-nothing-to-move-from", firms = without.len()));
        let failure = without.iter().take(20).fold(failure, Failure::detail);
        Err(failure.hint(say!("request-nothing-to-move-from-to-do")))
    }

    /// Writes the links and says how the firms stand, however the round ended.
    fn report(&self, done: Result<(), EngineError>, context: &Context) -> Result<Exit, Failure> {
        let vendor = &self.file.vendor;
        let folder = match &self.how.out {
            Some(folder) => folder.clone(),
            None => default_folder(vendor, context)?,
        };
        let meant: HashSet<(OrganisationNumber, String)> = self
            .firms
            .firms
            .iter()
            .map(|firm| (firm.number, new_request(vendor, firm, None).wanted.reference()))
            .collect();
        let records: Vec<RequestRecord> = records_of(vendor, context)?
            .into_iter()
            .filter(|record| meant.contains(&(record.firm, record.external_ref.clone())))
            .collect();
        let mut view = RequestsView::of(vendor, &records, false);
        let written = make_private_folder(&folder).map_err(Into::into).and_then(|()| {
            let (files, _) = write_links(vendor, &records, &self.firms.list, &folder)?;
            let failures = write_failures(&records, &self.firms.list, &folder)?;
            write_whole(&folder.join("summary.json"), Readers::Owner, |file| {
                in_english(|| serde_json::to_writer_pretty(file, &view)).map_err(std::io::Error::from)
            })?;
            Ok::<_, crate::report::ReportError>(files.into_iter().chain(failures).collect())
        });
        match written {
            Ok(files) => view.files = files,
            Err(error) => {
                let folder = folder.display();
                context.output.warning(say!("cli-is-not-written", path = folder, error = error));
            }
        }
        context.output.answer(&view, &view);
        match done {
            Ok(()) if view.counts.came_to_nothing() > 0 => Ok(Exit::SomeFailed),
            Ok(()) => Ok(Exit::Done),
            Err(EngineError::Interrupted) => Err(Failure::new(
                Exit::Interrupted,
                say!("request-interrupted", left = view.counts.to_be_asked),
            )
            .hint(say!("request-same-command-goes-on"))),
            Err(error) => Err(Failure::from(error).hint(say!("request-same-command-goes-on"))),
        }
    }
}

/// One process at a time asks for a system's users.
pub(super) fn lock(vendor: &Vendor, context: &Context) -> Result<AgentLock, Failure> {
    let state = context.state()?;
    state.lock_requests(&vendor.environment.name(), &vendor.system_id).map_err(|error| match error {
        LockError::Held => {
            Failure::new(Exit::Held, say!("request-another-process-asks", system = vendor.system_id))
        }
        error @ LockError::Io { .. } => Failure::new(Exit::Fault, error),
    })
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

fn plan_of(vendor: &Vendor, planned: &[FirmPlanned]) -> RequestPlan {
    let firms = planned.iter().map(|planned| {
        let NewRequest { wanted, name, .. } = &planned.firm;
        // What was asked for before stays what it was: a request is not changed by asking for something else.
        let asked =
            planned.found.request.as_ref().map(|request| request.packages.clone()).unwrap_or_default();
        let is_same = asked.is_empty()
            || asked.len() == wanted.packages.len()
                && asked.iter().all(|package| wanted.packages.contains(package));
        let other = if is_same { Vec::new() } else { asked };
        PlannedFirm::new((wanted.firm.to_string(), name.clone()), wanted.reference(), planned.step, other)
    });
    RequestPlan::of(vendor, firms.collect())
}
