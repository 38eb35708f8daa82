//! The units of a fleet at work: which are under way, which come next, what became of each.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use jiff::Timestamp;
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
use crate::{
    clock,
    engine::{Interrupt, Interrupter},
    fleet::{
        FleetStatus, Holds, LastRun, Night, Record, Standing, Trouble, TroubleKind, Unit, Units, Work,
        runs_of_tonight, standing,
    },
    words::{again, say},
};

/// The requests of so many seconds say how fast it goes.
const SECONDS_OF_PACE: i64 = 10;
/// What is kept for others to read is written so often.
const KEEP_EVERY_MS: i64 = 2000;

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
    /// Something has ended since word was last left.
    has_news: bool,
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
        let mut record = Record::read(&context.state()?, &file.fleet.name)?;
        record.work = None;
        let holds = Holds::read(&context.state()?, &file.fleet.name)?;
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
        let Some(ledger) = context.existing_ledger()? else { return Ok(()) };
        let environment = self.file.fleet.environment.name();
        let runs = runs_of_tonight(&ledger, &environment, self.night)?;
        let last = |(job, run): (String, crate::ledger::RunRecord)| {
            (job, LastRun { status: run.status, started_at: run.started_at })
        };
        self.last = runs.into_iter().map(last).collect();
        let begun = ledger.last_begun(&environment)?;
        self.order.sort_by_key(|place| begun.get(&self.units.units[*place].job.name).cloned());
        Ok(())
    }

    /// Another night has begun: the fleet file and its list are read again.
    pub(super) fn next_night(&mut self, night: Night, context: &Context) {
        self.night = night;
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
        self.look_who_is_held(context);
        let at_work: Vec<usize> = self.who.values().map(|(place, _)| *place).collect();
        // One that is held keeps its place in the run, not among those at work.
        let busy =
            at_work.iter().filter(|place| !self.holds.holds(self.unit(**place).job.facilitator)).count();
        let room = self.file.fleet.side_by_side.saturating_sub(busy);
        let due: Vec<usize> = (self.order.iter().copied())
            .filter(|place| !at_work.contains(place) && !self.holds.holds(self.unit(*place).job.facilitator))
            .filter(|place| self.stands(*place, now) == Standing::Due)
            .take(room)
            .collect();
        for place in due {
            let job = self.file.job_of(self.unit(place));
            let context = of_unit(context, self.together.until(self.stop_tonight.1.clone()));
            let started =
                on_own_thread(&mut self.under_way, async move { Box::pin(run_unit(job, &context)).await });
            self.who.insert(started.id(), (place, now));
        }
    }

    fn unit(&self, place: usize) -> &Unit {
        &self.units.units[place]
    }

    fn stands(&self, place: usize, now: Timestamp) -> Standing {
        let job = &self.unit(place).job.name;
        standing(self.last.get(job).copied(), self.record.troubles.get(job), self.night, now)
    }

    fn look_who_is_held(&mut self, context: &Context) {
        let read = context.state().and_then(|state| Ok(Holds::read(&state, &self.file.fleet.name)?));
        // Where it cannot be read, what was known holds.
        if let Ok(holds) = read {
            self.holds = holds;
        }
        self.together.hold(&self.holds);
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
        match outcome.exit() {
            Exit::Done | Exit::SomeFailed => {
                self.record.troubles.remove(&job);
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
                    why = again(&trouble.message)
                ));
                trouble.hints.iter().for_each(|hint| context.output.hint(again(hint)));
                self.record.note(&job, self.night.from, trouble);
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

    fn write_record(&self, context: &Context) {
        let written =
            context.state().and_then(|state| Ok(self.record.write(&state, &self.file.fleet.name)?));
        if let Err(failure) = written {
            context.output.warning(failure);
        }
    }

    /// How the fleet stands, when all that were under way have ended.
    pub(super) fn status(&mut self, context: &Context) -> Result<FleetStatus, Failure> {
        self.record.work = None;
        self.write_record(context);
        status_of(&self.file, &self.units, false, context)
    }
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
        (Err(failure), _) => (failure.english().to_owned(), failure.advice()),
        (Ok(_), Some(stop)) => {
            let hints = [stop.message.as_str(), stop.hint];
            let hints = hints.into_iter().filter(|hint| !hint.is_empty()).map(str::to_owned).collect();
            (stop.explanation.to_owned(), hints)
        }
        (Ok(exit), None) => (exit.name().to_owned(), Vec::new()),
    };
    let at = clock::now();
    let not_before = stop.and_then(|stop| stop.not_before);
    Trouble { at, kind, tries: 0, since: at, message, hints, not_before }
}
