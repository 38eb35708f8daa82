//! One pace for several engines: the limit is the client's at Altinn, whichever firm it works for. Engines that share a
//! pace take turns at it, learn of the server's limit together, and are all held by one `Retry-After`.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

use super::{
    Pacer,
    machine::MachinePace,
    rate_control::{Answered, Leave, RateControl},
    silence::{Asking, Silence},
};
#[cfg(feature = "postgres")]
use crate::{
    engine::hosts::{HostsPace, OnSilence},
    ledger::Permits,
};
use crate::{
    model::{Again, NoVerdict, Rate, Verdict},
    state_dir::PaceFile,
};

/// Who has not come so long after its turn has lost it: timers ring up to some milliseconds late.
const LATE: Duration = Duration::from_millis(5);
/// Where another engine's answer is waited for, it is looked again after so long.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// While a hold by hand lasts, it is looked again after so long.
const HELD: Duration = Duration::from_millis(250);

/// The pace of all engines that work with one client of Altinn's in one environment.
pub struct SharedPace {
    pacer: Pacer,
    /// The other processes.
    others: Option<Others>,
    /// The time between two requests at the rate; none where it is unlimited.
    period: Option<Duration>,
    /// What has been learned of the server's limit, by the first that sends. Made then, because it measures from its making.
    control: Mutex<Option<RateControl>>,
    /// What all have asked in vain.
    silence: Mutex<Silence>,
    /// Who waits for a turn, first come first.
    queue: Mutex<VecDeque<Waits>>,
    /// Requests about clients that are not answered yet, of all engines.
    under_way: AtomicUsize,
    /// Requests of every kind that have been let through.
    let_through: AtomicU64,
    /// Held by hand.
    paused: AtomicBool,
    next_id: AtomicU64,
    /// How many have a part in it.
    shares: AtomicUsize,
}

/// Who has the same pace besides this process.
enum Others {
    /// Processes of this machine.
    Machine(MachinePace),
    /// Those of all hosts.
    #[cfg(feature = "postgres")]
    Hosts(HostsPace),
}

impl Others {
    fn try_ready(&self, own: impl FnOnce() -> Result<(), Instant>) -> Result<(), Instant> {
        match self {
            Self::Machine(machine) => machine.try_ready(own),
            #[cfg(feature = "postgres")]
            Self::Hosts(hosts) => hosts.try_ready(own),
        }
    }

    fn told_until(&self) -> Option<Instant> {
        match self {
            Self::Machine(machine) => machine.told_until(),
            #[cfg(feature = "postgres")]
            Self::Hosts(hosts) => hosts.told_until(),
        }
    }

    fn hold_until(&self, until: Instant) {
        match self {
            Self::Machine(machine) => machine.hold_until(until),
            #[cfg(feature = "postgres")]
            Self::Hosts(hosts) => hosts.hold_until(until),
        }
    }
}

/// An engine that waits for its turn.
struct Waits {
    id: u64,
    due: Instant,
}

/// An engine's part in a pace.
pub struct Share {
    all: Arc<SharedPace>,
    id: u64,
    paused: Arc<AtomicBool>,
}

/// A request under way, which counts until its answer is noted or nobody waits for it any more.
pub(super) struct UnderWay {
    all: Arc<SharedPace>,
    sent: Instant,
    is_noted: bool,
}

impl SharedPace {
    /// A pace that is shared by whoever is given a part in it.
    pub fn new(rate: Rate) -> Arc<Self> {
        Self::with(rate, None)
    }

    /// The same, shared with every process of this machine that has this file, too.
    pub fn on_machine(rate: Rate, file: PaceFile) -> Arc<Self> {
        Self::with(rate, Some(Others::Machine(MachinePace::new(rate, file))))
    }

    /// The same, shared with every process of any host that has this ledger. While its server does not answer nothing is let
    /// through, and after five seconds that is told.
    #[cfg(feature = "postgres")]
    pub fn on_hosts(rate: Rate, permits: Permits, on_silence: OnSilence) -> Arc<Self> {
        Self::with(rate, Some(Others::Hosts(HostsPace::new(rate, permits, on_silence))))
    }

    fn with(rate: Rate, others: Option<Others>) -> Arc<Self> {
        Arc::new(Self {
            pacer: Pacer::new(rate),
            others,
            period: rate.period(),
            control: Mutex::new(None),
            silence: Mutex::default(),
            queue: Mutex::new(VecDeque::new()),
            under_way: AtomicUsize::new(0),
            let_through: AtomicU64::new(0),
            paused: AtomicBool::new(false),
            next_id: AtomicU64::new(0),
            shares: AtomicUsize::new(0),
        })
    }

    /// A part in it, for one engine.
    pub fn share(self: &Arc<Self>) -> Share {
        self.share_with(Arc::default())
    }

    /// The same; while `paused` is set, this part stops alone.
    pub fn share_with(self: &Arc<Self>, paused: Arc<AtomicBool>) -> Share {
        self.shares.fetch_add(1, Relaxed);
        Share { all: Arc::clone(self), id: self.next_id.fetch_add(1, Relaxed), paused }
    }

    /// Stops all, or lets them go on. What is under way is answered.
    pub fn pause(&self, paused: bool) {
        self.paused.store(paused, Relaxed);
    }

    /// The requests of every kind that all have been let through with.
    pub fn let_through(&self) -> u64 {
        self.let_through.load(Relaxed)
    }

    /// Until when Altinn has asked to be left alone; `None` once it has come.
    pub fn held_until(&self) -> Option<Instant> {
        self.pacer.held_until()
    }

    fn silence(&self) -> MutexGuard<'_, Silence> {
        self.silence.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(&self) -> MutexGuard<'_, VecDeque<Waits>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes leave of the pacer, and of the other processes.
    fn try_ready(&self) -> Result<(), Instant> {
        match &self.others {
            Some(others) => {
                let ready = others.try_ready(|| self.pacer.try_ready());
                // What another process was told is a wait like this one's own: it is said, and bounded.
                if let (Err(_), Some(until)) = (ready, others.told_until()) {
                    self.pacer.hold_until(until);
                }
                ready
            }
            None => self.pacer.try_ready(),
        }
    }

    /// The control law, made where it is missing.
    fn with_control<T>(&self, what: impl FnOnce(&mut RateControl) -> T) -> T {
        let mut control = self.control.lock().unwrap_or_else(PoisonError::into_inner);
        let ceiling = self.period.map(|period| 1.0 / period.as_secs_f64());
        what(control.get_or_insert_with(|| RateControl::new(ceiling, Instant::now())))
    }
}

impl Share {
    /// Waits for leave for one request that is not about a client. Nothing is taken when it is dropped while waiting.
    pub(super) async fn ready(&self) {
        while let Err(until) = self.try_ready() {
            sleep_until(until).await;
        }
    }

    /// The same; false, and nothing is taken, where Altinn has asked meanwhile to be left alone.
    pub(super) async fn ready_unless_held(&self) -> bool {
        loop {
            match self.try_ready() {
                Ok(()) => return true,
                Err(_) if self.all.held_until().is_some() => return false,
                Err(until) => sleep_until(until).await,
            }
        }
    }

    /// Takes leave for one request that is not about a client, or says when to ask again.
    pub(super) fn try_ready(&self) -> Result<(), Instant> {
        match self.turn(Asking::List, |_| Leave::Now) {
            Leave::Now => Ok(()),
            Leave::At(until) => Err(until),
            Leave::AfterAnAnswer => Err(Instant::now() + LOOK_AGAIN),
        }
    }

    /// Takes leave for one request about a client: by the turn, by what is known of the server's limit, by the pace.
    pub(super) fn leave(&self) -> Leave {
        let under_way = self.all.under_way.load(Relaxed);
        self.turn(Asking::Change, |all| all.with_control(|control| control.leave(Instant::now(), under_way)))
    }

    /// Asks `control` and the pacer, when it is this one's turn.
    fn turn(&self, what: Asking, control: impl FnOnce(&SharedPace) -> Leave) -> Leave {
        let mut queue = self.all.queue();
        let own = queue.iter().position(|waits| waits.id == self.id);
        let now = Instant::now();
        let ask_at = self.all.silence().ask_at(what).filter(|at| *at > now);
        if let Some(until) = self.held_until().max(ask_at) {
            // Nobody waits behind one that may not go.
            own.map(|place| queue.remove(place));
            return Leave::At(until);
        }
        while queue.front().is_some_and(|first| first.id != self.id && first.due + LATE < now) {
            queue.pop_front();
        }
        let place = queue.iter().position(|waits| waits.id == self.id).unwrap_or_else(|| {
            queue.push_back(Waits { id: self.id, due: now });
            queue.len() - 1
        });
        if place > 0 {
            let first = queue.front().map_or(now, |first| first.due.max(now));
            let due = first + self.interval(now) * u32::try_from(place).unwrap_or(u32::MAX);
            let due = due.max(now + Duration::from_millis(1));
            queue[place].due = due;
            return Leave::At(due);
        }
        let at = match control(&self.all) {
            Leave::Now => match self.all.try_ready() {
                Ok(()) => {
                    queue.pop_front();
                    self.all.silence().asked(what, now);
                    self.all.let_through.fetch_add(1, Relaxed);
                    return Leave::Now;
                }
                Err(until) => until,
            },
            Leave::At(at) => at,
            Leave::AfterAnAnswer if self.is_alone() => {
                queue.pop_front();
                return Leave::AfterAnAnswer;
            }
            // The answer may be another's, which wakes nobody here.
            Leave::AfterAnAnswer => now + LOOK_AGAIN,
        };
        queue[0].due = at;
        Leave::At(at)
    }

    /// What a request came to.
    pub(super) fn heard(&self, what: Asking, verdict: Verdict) {
        match verdict {
            Verdict::Again(Again { why: NoVerdict::Unclear | NoVerdict::Unreachable, .. }) => {
                self.all.silence().unanswered(what, self.id, Instant::now());
            }
            _ => self.all.silence().answered(what),
        }
    }

    /// Whether one of several engines asks for all, because Altinn answers none of them.
    pub(super) fn asks_for_all(&self, what: Asking) -> bool {
        self.all.silence().ask_at(what).is_some()
    }

    /// The time between two requests as it is now.
    fn interval(&self, now: Instant) -> Duration {
        let learned = self.all.with_control(|control| control.rate(now));
        let learned = Duration::try_from_secs_f64(1.0 / learned).unwrap_or_default();
        learned.max(self.all.period.unwrap_or_default())
    }

    fn is_alone(&self) -> bool {
        self.all.shares.load(Relaxed) <= 1
    }

    /// Lets nobody through before `until`.
    pub(super) fn hold_until(&self, until: Instant) {
        self.all.pacer.hold_until(until);
        if let Some(others) = &self.all.others {
            others.hold_until(until);
        }
    }

    /// The same for this process alone: a wait that the others read where this one has read it.
    pub(super) fn hold_here_until(&self, until: Instant) {
        self.all.pacer.hold_until(until);
    }

    /// The time until which nothing is let through; `None` once it has come.
    pub(super) fn held_until(&self) -> Option<Instant> {
        let by_hand = self.paused.load(Relaxed) || self.all.paused.load(Relaxed);
        let by_hand = by_hand.then(|| Instant::now() + HELD);
        self.all.pacer.held_until().max(by_hand)
    }

    /// Requests a second just now, of all together.
    pub(super) fn rate(&self, now: Instant) -> f64 {
        self.all.with_control(|control| control.rate(now))
    }

    /// Whether the rate alone would let a request go now.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.all.with_control(|control| control.is_due(now))
    }

    /// A request about a client goes now.
    pub(super) fn sent(&self, now: Instant) -> UnderWay {
        self.all.with_control(|control| control.sent(now));
        self.all.under_way.fetch_add(1, Relaxed);
        UnderWay { all: Arc::clone(&self.all), sent: now, is_noted: false }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.all.shares.fetch_sub(1, Relaxed);
        self.all.queue().retain(|waits| waits.id != self.id);
    }
}

impl UnderWay {
    /// When it was sent.
    pub(super) fn at(&self) -> Instant {
        self.sent
    }

    /// It is answered now. Answers when its client may be sent again, if it was refused.
    pub(super) fn answered(mut self, now: Instant, what: Answered) -> Instant {
        self.is_noted = true;
        self.all.with_control(|control| control.answered(self.sent, now, what))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.all.under_way.fetch_sub(1, Relaxed);
        if !self.is_noted {
            // Others may wait for this one's answer.
            self.all.with_control(|control| control.answered(self.sent, Instant::now(), Answered::Nothing));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AtLast;
    use proptest::prelude::*;

    /// Under a virtual clock: so many engines with so much to send each. The times of the requests, with whose they were.
    fn served(rate: Rate, to_send: &[u32], delays_ms: &[u64]) -> Vec<(Duration, usize)> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let pace = SharedPace::new(rate);
            let begin = Instant::now();
            let times = Arc::new(Mutex::new(Vec::new()));
            let mut engines = tokio::task::JoinSet::new();
            for (who, count) in to_send.iter().copied().enumerate() {
                let (share, times, delays) = (pace.share(), Arc::clone(&times), delays_ms.to_vec());
                engines.spawn(async move {
                    for nth in 0..count {
                        share.ready().await;
                        times.lock().unwrap().push((begin.elapsed(), who));
                        let late = delays[(nth as usize + who) % delays.len()];
                        tokio::time::sleep(Duration::from_millis(late)).await;
                    }
                });
            }
            while engines.join_next().await.is_some() {}
            times.lock().unwrap().clone()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(30))]
        #[test]
        fn no_second_holds_more_requests_of_all_together_than_the_rate(
            per_second in 1u32..200,
            to_send in prop::collection::vec(1u32..40, 1..12),
            delays_ms in prop::collection::vec(prop_oneof![4 => Just(0u64), 1 => 0u64..900], 1..7),
        ) {
            let times = served(Rate::per_second(per_second), &to_send, &delays_ms);
            prop_assert_eq!(times.len(), to_send.iter().sum::<u32>() as usize);
            for (first, (begin, _)) in times.iter().enumerate() {
                let within = times[first..].iter().take_while(|(time, _)| *time < *begin + Duration::from_secs(1));
                prop_assert!(within.count() <= per_second as usize);
            }
        }
    }

    #[test]
    fn engines_are_served_in_turn_however_long_the_list_of_one_is() {
        let times = served(Rate::per_second(50), &[400, 20, 20, 20], &[0]);
        let last = times.iter().rposition(|(_, who)| *who > 0).unwrap();
        assert!(last <= 84, "the short ones were done after {last} requests of all");
    }

    #[test]
    fn the_pace_is_reached_by_all_together() {
        let times = served(Rate::per_second(50), &[100; 8], &[0]);
        let reached = 800.0 / times.last().unwrap().0.as_secs_f64();
        assert!(reached >= 48.0, "{reached}");
    }

    fn no_verdict() -> Verdict {
        let (why, at_last) = (NoVerdict::Unreachable, AtLast::FailClient);
        Verdict::Again(Again { not_before: None, why, at_last })
    }

    /// Eight engines that ask as often as they may until Altinn is back after an hour: how many requests were sent in vain,
    /// and how long after it was back the first had an answer, and the last.
    async fn through_an_hour_of_silence(what: Asking) -> (usize, Duration, Duration) {
        let pace = SharedPace::new(Rate::per_second(20));
        let back = Instant::now() + Duration::from_hours(1);
        let (in_vain, answers) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let mut engines = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (share, in_vain, answers) = (pace.share(), Arc::clone(&in_vain), Arc::clone(&answers));
            engines.spawn(async move {
                loop {
                    let until = match what {
                        Asking::List => share.try_ready().err(),
                        Asking::Change => match share.leave() {
                            Leave::Now => None,
                            Leave::At(at) => Some(at),
                            Leave::AfterAnAnswer => Some(Instant::now() + LOOK_AGAIN),
                        },
                    };
                    if let Some(until) = until {
                        sleep_until(until).await;
                        continue;
                    }
                    if Instant::now() >= back {
                        share.heard(what, Verdict::Done);
                        answers.lock().unwrap().push(back.elapsed());
                        return;
                    }
                    in_vain.fetch_add(1, Relaxed);
                    share.heard(what, no_verdict());
                    tokio::time::sleep(Duration::from_secs(10)).await;
                }
            });
        }
        while engines.join_next().await.is_some() {}
        let answers = answers.lock().unwrap();
        (in_vain.load(Relaxed), answers[0], *answers.last().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn in_an_outage_one_engine_asks_for_all_and_all_go_on_when_it_is_answered() {
        let (lists, first, last) = through_an_hour_of_silence(Asking::List).await;
        let (changes, ..) = through_an_hour_of_silence(Asking::Change).await;
        assert!((lists + changes) / 60 < 10, "{lists} and {changes} requests in the hour");
        assert!(first <= Duration::from_secs(15), "{first:?}");
        assert!(last <= Duration::from_secs(30), "{last:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_of_changes_keeps_nobody_from_lists() {
        let pace = SharedPace::new(Rate::Unlimited);
        let (one, other) = (pace.share(), pace.share());
        for share in [&one, &other, &one, &other, &one] {
            share.heard(Asking::Change, no_verdict());
        }
        assert!(matches!(other.leave(), Leave::At(_)));
        assert_eq!(other.try_ready(), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn one_engine_alone_is_left_to_its_own_circuit_breaker() {
        let pace = SharedPace::new(Rate::Unlimited);
        let alone = pace.share();
        (0..20).for_each(|_| alone.heard(Asking::List, no_verdict()));
        assert_eq!(alone.try_ready(), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_one_was_told_binds_all() {
        let pace = SharedPace::new(Rate::Unlimited);
        let (told, other) = (pace.share(), pace.share());
        let begin = Instant::now();
        told.hold_until(begin + Duration::from_secs(30));
        other.ready().await;
        assert_eq!(begin.elapsed().as_secs(), 30);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_held_by_hand_stops_alone_and_goes_on_when_it_is_released() {
        let pace = SharedPace::new(Rate::per_second(10));
        let paused = Arc::new(AtomicBool::new(true));
        let (held, other) = (pace.share_with(Arc::clone(&paused)), pace.share());
        for _ in 0..20 {
            other.ready().await;
        }
        assert!(held.try_ready().is_err());
        paused.store(false, Relaxed);
        let begin = Instant::now();
        held.ready().await;
        assert!(begin.elapsed() <= Duration::from_millis(150), "{:?}", begin.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_slows_all_and_an_engine_that_breaks_down_with_the_probe_under_way_stops_nobody() {
        let pace = SharedPace::new(Rate::per_second(10));
        let (first, second) = (pace.share(), pace.share());
        first.ready().await;
        let sent = first.sent(Instant::now());
        sent.answered(Instant::now(), Answered::Refused(None));
        assert!(matches!(second.leave(), Leave::At(_)));
        tokio::time::sleep(Duration::from_secs(20)).await;
        // The one that goes first after the hold, and is never answered.
        while first.leave() != Leave::Now {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let probe = first.sent(Instant::now());
        assert_ne!(second.leave(), Leave::Now);
        drop((probe, first));
        let begin = Instant::now();
        while second.leave() != Leave::Now {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(begin.elapsed() < Duration::from_secs(1));
    }
}
