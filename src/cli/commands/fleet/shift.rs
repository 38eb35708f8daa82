//! The units of a fleet at work: which are under way, which come next, what became of each.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use jiff::{SignedDuration, Timestamp};
use tokio::task::{Id, JoinError, JoinSet};

use super::{
    super::{
        super::{
            Context,
            exit::{Exit, Failure},
            fleet_file::FleetFile,
            outcome::Outcome,
            together::Together,
        },
        run::run_unit,
    },
    ready::{of_unit, on_own_thread},
    status::{local_now, status_of},
    word::leave_word_of,
};
#[cfg(feature = "postgres")]
use crate::ledger::{Fence, Lease};
use crate::{
    clock,
    engine::{Interrupt, Interrupter},
    fleet::{
        ASIDE, Aside, FleetStatus, Holds, KeptError, LastRun, Night, OUTAGES_IN_A_ROW, Place, Record,
        Standing, Trouble, TroubleKind, Unit, Units, Work, runs_of_tonight, standing,
    },
    words::{Wording, say},
};

/// The requests of so many seconds say how fast it goes.
const SECONDS_OF_PACE: i64 = 10;
/// What is kept for others to read is written so often.
const KEEP_EVERY_MS: i64 = 2000;

/// What other hosts do is looked at so often.
const POLL: SignedDuration = SignedDuration::from_secs(5);

/// A fleet at work, through one night after the other.
pub(super) struct Shift {
    /// The fleet.
    pub(super) file: FleetFile,
    /// Tonight.
    pub(super) night: Night,
    units: Units,
    /// Places in the list of firms, in the order in which they are carried out: who was longest ago is first.
    order: Vec<usize>,
    together: Together,
    stop_tonight: (Interrupter, Interrupt),
    /// Tonight's last run of each job.
    last: HashMap<String, LastRun>,
    record: Record,
    holds: Holds,
    under_way: JoinSet<Outcome>,
    /// Who is under way: the place in the list, and since when.
    who: HashMap<Id, (usize, Timestamp)>,
    /// When how many requests had been let through.
    passed: VecDeque<(Timestamp, u64)>,
    kept_at: Option<Timestamp>,
    /// Where the fleet keeps what it keeps, while it can be reached.
    kept_in: Option<Place>,
    /// When it was last looked what other hosts have done.
    looked_at: Option<Timestamp>,
    /// What other hosts have done cannot be looked at now: nothing is begun.
    is_blind: bool,
    /// Units that another host has, or that an outage of the ledger stopped, and when they are looked at again.
    elsewhere: HashMap<usize, Timestamp>,
    /// Of several hosts, whether this one leaves the rest to the others.
    aside: Aside,
    /// Something has ended since word was last left.
    has_news: bool,
}

/// Whether a unit is this host's.
#[cfg(feature = "postgres")]
enum Claim {
    /// There is one host.
    NotNeeded,
    /// Until this is dropped.
    Taken(Lease),
    /// Another has it, or has carried it out.
    Elsewhere,
}

/// What came of a unit.
pub(super) type Ended = Result<(Id, Outcome), JoinError>;

impl Shift {
    /// Begins with the night that is on, or was last.
    pub(super) fn begin(
        file: FleetFile,
        units: Units,
        together: Together,
        context: &Context,
    ) -> Result<Self, Failure> {
        let night = Night::of(file.fleet.window, &local_now());
        let place = context.place()?;
        let mut record = Record::read(&place, &file.fleet.name)?;
        record.work = None;
        let holds = Holds::read(&place, &file.fleet.name)?;
        let mut shift = Self {
            file,
            night,
            order: Vec::new(),
            units,
            together,
            stop_tonight: Interrupter::new(),
            last: HashMap::new(),
            record,
            holds,
            under_way: JoinSet::new(),
            who: HashMap::new(),
            passed: VecDeque::new(),
            kept_at: None,
            kept_in: Some(place),
            looked_at: None,
            is_blind: false,
            elsewhere: HashMap::new(),
            aside: Aside::default(),
            has_news: false,
        };
        shift.look_at_the_ledger(context)?;
        Ok(shift)
    }

    fn look_at_the_ledger(&mut self, context: &Context) -> Result<(), Failure> {
        self.order = (0..self.units.units.len()).collect();
        if !self.units.units.is_empty() {
            let there: HashSet<&str> = self.units.units.iter().map(|unit| unit.job.name.as_str()).collect();
            self.record.troubles.retain(|job, _| there.contains(job.as_str()));
        }
        let opened;
        let ledger = match &self.kept_in {
            #[cfg(feature = "postgres")]
            Some(Place::Server(ledger)) => ledger.as_ref(),
            _ => {
                let Some(ledger) = context.existing_ledger()? else { return Ok(()) };
                opened = ledger;
                &opened
            }
        };
        let environment = self.file.fleet.environment.name();
        let runs = runs_of_tonight(ledger, &environment, self.night)?;
        self.last = runs
            .into_iter()
            .filter_map(|(job, tonight)| {
                let run = tonight.last?;
                Some((job, LastRun { status: run.status, started_at: run.started_at }))
            })
            .collect();
        let begun = ledger.last_begun(&environment)?;
        self.order.sort_by_key(|place| begun.get(&self.units.units[*place].job.name).cloned());
        Ok(())
    }

    /// Another night has begun: the fleet file and its list are read again.
    pub(super) fn next_night(&mut self, night: Night, context: &Context) {
        self.night = night;
        // The places in the list may be other firms' now.
        self.elsewhere.clear();
        self.stop_tonight = Interrupter::new();
        let read = FleetFile::read(&self.file.path).and_then(|file| Ok((file.units()?, file)));
        match read {
            Ok((units, file)) => {
                self.units = units;
                // The pace and the Altinn of all are those that the process began with.
                (self.file.fleet.list, self.file.fleet.notify) = (file.fleet.list, file.fleet.notify);
            }
            Err(failure) => {
                self.units = Units::default();
                failure.print(context.output);
                leave_word_of(&self.file, &failure, context);
            }
        }
        if let Err(failure) = self.look_at_the_ledger(context) {
            failure.print(context.output);
        }
    }

    /// Starts as many units as there is room for.
    pub(super) fn start_what_is_due(&mut self, now: Timestamp, context: &Context) {
        self.look_what_others_did(now, context);
        self.look_who_is_held(context);
        if self.is_blind || self.aside.is_on(now) {
            return;
        }
        let at_work: Vec<usize> = self.who.values().map(|(place, _)| *place).collect();
        // One that is held keeps its place in the run, not among those at work.
        let busy =
            at_work.iter().filter(|place| !self.holds.holds(self.unit(**place).job.facilitator)).count();
        let room = self.file.fleet.side_by_side.saturating_sub(busy);
        let due: Vec<usize> = (self.order.iter().copied())
            .filter(|place| !at_work.contains(place) && !self.holds.holds(self.unit(*place).job.facilitator))
            .filter(|place| self.stands(*place, now) == Standing::Due)
            .filter(|place| self.elsewhere.get(place).is_none_or(|until| *until <= now))
            .take(room)
            .collect();
        for place in due {
            #[cfg(feature = "postgres")]
            let claim = match self.claim(place, now, context) {
                Ok(Claim::NotNeeded) => None,
                Ok(Claim::Taken(lease)) => Some(lease),
                Ok(Claim::Elsewhere) => {
                    self.elsewhere.insert(place, later(now));
                    continue;
                }
                Err(failure) => {
                    self.lose_sight(&failure, context);
                    return;
                }
            };
            let job = self.file.job_of(self.unit(place));
            let context = of_unit(context, self.together.until(self.stop_tonight.1.clone()));
            let started = on_own_thread(&mut self.under_way, async move {
                let outcome = Box::pin(run_unit(job, &context)).await;
                #[cfg(feature = "postgres")]
                drop(claim);
                outcome
            });
            self.who.insert(started.id(), (place, now));
        }
    }

    fn unit(&self, place: usize) -> &Unit {
        &self.units.units[place]
    }

    fn stands(&self, place: usize, now: Timestamp) -> Standing {
        let job = &self.unit(place).job.name;
        standing(
            self.last.get(job).copied(),
            self.record.in_the_way_of(job, self.file.saved_at),
            self.night,
            now,
        )
    }

    fn look_who_is_held(&mut self, context: &Context) {
        let fleet = self.file.fleet.name.clone();
        // Where it cannot be read, what was known holds.
        match self.with_kept(context, |place| Holds::read(place, &fleet)) {
            Ok(holds) => self.holds = holds,
            Err(failure) if context.address.is_some() => self.lose_sight(&failure, context),
            Err(_) => {}
        }
        self.together.hold(&self.holds);
    }

    /// What the fleet keeps, over a new connection where the last one broke.
    fn with_kept<T>(
        &mut self,
        context: &Context,
        what: impl FnOnce(&Place) -> Result<T, KeptError>,
    ) -> Result<T, Failure> {
        let place = match self.kept_in.take() {
            Some(place) => place,
            None => context.place()?,
        };
        let answer = what(&place)?;
        self.kept_in = Some(place);
        Ok(answer)
    }

    /// The ledger cannot be read: it is said once, and tried again.
    fn lose_sight(&mut self, failure: &Failure, context: &Context) {
        self.kept_in = None;
        if !std::mem::replace(&mut self.is_blind, true) {
            context.output.warning(failure);
        }
    }

    /// Whether the ledger cannot be read just now.
    pub(super) fn is_blind(&self) -> bool {
        self.is_blind
    }

    /// Of a fleet on several hosts: what the others have carried out, what is in their way.
    fn look_what_others_did(&mut self, now: Timestamp, context: &Context) {
        let is_due = self.looked_at.is_none_or(|at| later(at) <= now) || self.is_blind;
        if context.address.is_none() || !is_due {
            return;
        }
        let fleet = self.file.fleet.name.clone();
        let looked = self.with_kept(context, |place| Record::read(place, &fleet)).and_then(|record| {
            self.record.troubles = record.troubles;
            self.look_at_the_ledger(context)
        });
        match looked {
            Ok(()) => (self.looked_at, self.is_blind) = (Some(now), false),
            Err(failure) => self.lose_sight(&failure, context),
        }
    }

    /// Takes a unit for this host; none where another has it, or has carried it out meanwhile.
    #[cfg(feature = "postgres")]
    fn claim(&mut self, place: usize, now: Timestamp, context: &Context) -> Result<Claim, Failure> {
        let Some(Place::Server(ledger)) = &self.kept_in else { return Ok(Claim::NotNeeded) };
        let Some(leases) = ledger.leases() else { return Ok(Claim::NotNeeded) };
        let (environment, job) = (self.file.fleet.environment.name(), self.unit(place).job.name.clone());
        let what = format!("{}#{job}", self.file.fleet.name);
        let Some(lease) = leases.take(&environment, &what, &Fence::default())? else {
            return Ok(Claim::Elsewhere);
        };
        // What was known may be some seconds old.
        self.looked_at = None;
        self.look_what_others_did(now, context);
        let is_due = !self.is_blind && self.stands(place, now) == Standing::Due;
        Ok(if is_due { Claim::Taken(lease) } else { Claim::Elsewhere })
    }

    /// Whether this host is the first that says how the night went, as far as it went.
    pub(super) fn is_first_to_tell(&mut self, status: &FleetStatus, context: &Context) -> bool {
        #[cfg(feature = "postgres")]
        if context.address.is_some() {
            let fleet = self.file.fleet.name.clone();
            let counts = &status.counts;
            let name = format!(
                "{} {} {} {} {}",
                self.night.from, counts.done, counts.refused, counts.failed, status.attempts
            );
            let first = self.with_kept(context, |place| match place {
                Place::Server(ledger) => Ok(ledger.keep_first(&fleet, "told", &name)?),
                Place::Folder(_) => Ok(true),
            });
            return first.unwrap_or(true);
        }
        let _ = (status, context);
        true
    }

    /// Whether no unit is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.under_way.is_empty()
    }

    /// Whether nothing is left to do tonight, but for firms that are held.
    pub(super) fn is_done(&self, now: Timestamp) -> bool {
        (0..self.units.units.len()).all(|place| {
            self.holds.holds(self.unit(place).job.facilitator) || !self.stands(place, now).is_open()
        })
    }

    /// Asks all that are under way to stop.
    pub(super) fn stop(&self) {
        self.stop_tonight.0.interrupt();
    }

    /// Waits for a unit to end; `None` where none is under way.
    pub(super) async fn ended(&mut self) -> Option<Ended> {
        self.under_way.join_next_with_id().await
    }

    /// Takes in what became of a unit, and says it.
    pub(super) fn take(&mut self, ended: Ended, context: &Context) {
        let (id, outcome) = match ended {
            Ok((id, outcome)) => (id, outcome),
            Err(error) => {
                let broken = Failure::new(Exit::Fault, say!("fleet-a-unit-broke-down", error = error));
                (error.id(), Outcome::from(Err(broken)))
            }
        };
        let Some((place, _)) = self.who.remove(&id) else { return };
        let job = self.unit(place).job.name.clone();
        if let Some(summary) = &outcome.summary
            && summary.status != crate::model::RunStatus::Refused
        {
            let run = LastRun { status: summary.status, started_at: summary.started_at };
            self.last.insert(job.clone(), run);
        }
        let is_elsewhere = outcome.exit() == Exit::Held && context.address.is_some();
        let is_passing = outcome.result.as_ref().is_err_and(|failure| failure.is_passing);
        match outcome.exit() {
            _ if is_elsewhere || is_passing => {
                self.elsewhere.insert(place, later(clock::now()));
                if let (Err(failure), true) = (&outcome.result, is_passing) {
                    context.output.warning(say!(
                        "fleet-unit-has-trouble",
                        job = job,
                        why = failure.message()
                    ));
                }
            }
            Exit::Done | Exit::SomeFailed => {
                self.aside.reached();
                self.record.troubles.remove(&job);
                self.keep_trouble(&job, context);
                if let Some(summary) = &outcome.summary {
                    context.output.say(format!("{}\n", summary.sentence()));
                }
            }
            Exit::Interrupted => {}
            _ => {
                let trouble = trouble_of(&outcome);
                context.output.warning(say!(
                    "fleet-unit-has-trouble",
                    job = job,
                    why = trouble.message.said()
                ));
                trouble.hints.iter().for_each(|hint| context.output.hint(hint.said()));
                let is_outage = outcome.exit() == Exit::Stopped && trouble.kind == TroubleKind::Stopped;
                if is_outage && context.address.is_some() && self.aside.not_reached(clock::now()) {
                    context.output.warning(say!(
                        "fleet-host-stands-aside",
                        jobs = OUTAGES_IN_A_ROW,
                        minutes = ASIDE.as_secs() / 60
                    ));
                }
                self.record.note(&job, self.night.from, trouble);
                self.keep_trouble(&job, context);
            }
        }
        self.kept_at = None;
        self.has_news = true;
    }

    /// Whether something has ended since this was last asked: then word of the night is left.
    pub(super) fn has_something_to_tell(&mut self) -> bool {
        let untold = !self.units.errors.is_empty() && self.record.told_of != Some(self.night.from);
        let has_news = std::mem::take(&mut self.has_news) || untold;
        if has_news {
            self.record.told_of = Some(self.night.from);
        }
        has_news
    }

    /// Keeps how it goes, for `fleet status` and for the next process.
    pub(super) fn keep(&mut self, now: Timestamp, context: &Context) {
        let since = |at: Timestamp| now.as_millisecond() - at.as_millisecond();
        if self.kept_at.is_some_and(|at| since(at) < KEEP_EVERY_MS) {
            return;
        }
        self.kept_at = Some(now);
        self.passed.push_back((now, self.together.requests()));
        while self.passed.len() > 2 && since(self.passed[0].0) > SECONDS_OF_PACE * 1000 {
            self.passed.pop_front();
        }
        let per_second = match (self.passed.front(), self.passed.back()) {
            (Some((from, before)), Some((to, now))) if to > from => {
                let ms = to.as_millisecond() - from.as_millisecond();
                (now - before) as f64 * 1000.0 / ms as f64
            }
            _ => 0.0,
        };
        let units: BTreeMap<_, _> =
            self.who.values().map(|(place, since)| (self.unit(*place).job.name.clone(), *since)).collect();
        self.record.work = Some(Work { at: now, per_second, units });
        self.write_record(context);
    }

    fn write_record(&mut self, context: &Context) {
        let (fleet, record) = (self.file.fleet.name.clone(), self.record.clone());
        match self.with_kept(context, |place| record.write(place, &fleet)) {
            Ok(()) => {}
            Err(failure) if context.address.is_some() => self.lose_sight(&failure, context),
            Err(failure) => context.output.warning(failure),
        }
    }

    fn keep_trouble(&mut self, job: &str, context: &Context) {
        let (fleet, record) = (self.file.fleet.name.clone(), self.record.clone());
        if let Err(failure) = self.with_kept(context, |place| record.write_trouble(place, &fleet, job)) {
            self.lose_sight(&failure, context);
        }
    }

    /// How the fleet stands, when all that were under way have ended.
    pub(super) fn status(&mut self, context: &Context) -> Result<FleetStatus, Failure> {
        self.record.work = None;
        self.write_record(context);
        status_of(&self.file, &self.units, false, context)
    }
}

/// When another look is worth it.
fn later(now: Timestamp) -> Timestamp {
    now.checked_add(POLL).unwrap_or(now)
}

/// Why a unit was not carried out, and what to do: as the run says it, or as the command does where no run began.
fn trouble_of(outcome: &Outcome) -> Trouble {
    let stop = outcome.summary.as_ref().and_then(|summary| summary.stop.as_ref());
    let needs_somebody = match (&outcome.result, stop) {
        (Err(failure), _) => failure.needs_somebody,
        (Ok(_), Some(stop)) => stop.cause.needs_somebody(),
        (Ok(exit), None) => *exit == Exit::NothingSent,
    };
    let kind = if needs_somebody { TroubleKind::Refused } else { TroubleKind::Stopped };
    let (message, hints) = match (&outcome.result, stop) {
        (Err(failure), _) => (failure.kept().clone(), failure.advice()),
        (Ok(_), Some(stop)) => {
            let hints = [stop.message.clone(), Wording::of(|| stop.cause.hint())];
            let hints = hints.into_iter().filter(|hint| !hint.is_empty()).collect();
            (Wording::of(|| stop.cause.explanation()), hints)
        }
        (Ok(exit), None) => (Wording::name(exit.name()), Vec::new()),
    };
    let at = clock::now();
    let not_before = stop.and_then(|stop| stop.not_before);
    // A list that is written in the course of the night is not waited for until the next one.
    let list = outcome.file.as_ref().and_then(|file| Some(file.resolve(file.job.manifest.as_ref()?)));
    let lacked = list.filter(|list| needs_somebody && !list.exists());
    Trouble { at, kind, tries: 0, since: at, message, hints, not_before, lacked }
}
