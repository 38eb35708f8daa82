//! How clients are sent: pace, tries, back-off, outages, halts. In virtual time.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use common::{Bench, ScriptedAltinn, again, cause, limits};
use fullmakt::{
    engine::{RunEnd, SharedPace},
    model::{ClientState, Event, HaltCause, JobKind, NoVerdict, Rate, Verdict, WaitReason},
};
use tokio::time::{Instant, sleep};

fn done(_: usize, _: usize) -> Verdict {
    Verdict::Done
}

fn most_in_any_second(times: &[Instant]) -> usize {
    (0..times.len())
        .map(|first| {
            times[first..].iter().take_while(|time| **time < times[first] + Duration::from_secs(1)).count()
        })
        .max()
        .unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn every_client_is_delegated_and_confirmed_by_altinns_list() {
    let bench = Bench::new(ScriptedAltinn::new(50, done).with_delegated(0..5), Rate::per_second(80));
    let outcome = bench.run(JobKind::Delegate, 0..50).await;
    assert!(matches!(outcome.end, RunEnd::Completed));
    assert_eq!((outcome.totals.delegated, outcome.totals.unchanged), (45, 5));
    assert_eq!(bench.altinn.delegated().len(), 50);
    assert!((0..50).all(|index| bench.altinn.sent(index) == usize::from(index >= 5)));
}

#[tokio::test(start_paused = true)]
async fn the_pace_is_kept_and_reached_with_retries_included() {
    // Every third client needs a second try.
    let altinn = ScriptedAltinn::new(800, |index, before| {
        if index % 3 == 0 && before == 0 { again(NoVerdict::Unclear, None) } else { Verdict::Done }
    });
    let bench = Bench::new(altinn.with_delegated(799..800), Rate::per_second(80));
    let outcome = bench.run(JobKind::Delegate, 0..799).await;
    assert_eq!(outcome.totals.delegated, 799);
    let times = bench.altinn.times();
    assert!(most_in_any_second(&times) <= 81, "{}", most_in_any_second(&times));
    // The last seconds belong to whoever had to wait for a second try.
    let in_ten_seconds = times.iter().filter(|time| **time - times[0] < Duration::from_secs(10)).count();
    assert!(in_ten_seconds >= 760, "95 % of the pace: {in_ten_seconds}");
}

#[tokio::test(start_paused = true)]
async fn sending_takes_as_long_as_the_pace_and_one_answer_however_slow_the_answers_are() {
    for (per_second, clients) in [(1, 10), (5, 40), (15, 60), (80, 240), (200, 400)] {
        for latency_ms in [10, 200, 1000, 20_000] {
            let latency = Duration::from_millis(latency_ms);
            let in_flight = (u64::from(per_second) * latency_ms).div_ceil(1000) + 2;
            if in_flight > 1024 {
                continue;
            }
            let altinn =
                ScriptedAltinn::new(clients + 1, done).with_delegated([clients]).with_latency(latency);
            let mut bench = Bench::new(altinn, Rate::per_second(per_second));
            bench.pace.in_flight = usize::try_from(in_flight).unwrap();
            bench.run(JobKind::Delegate, 0..clients).await;
            let times = bench.altinn.times();
            let took = times[clients - 1] - times[0] + latency;
            let most = Duration::from_secs_f64(1.02 * clients as f64 / f64::from(per_second)) + latency;
            assert!(took <= most, "{per_second}/s, {latency:?}: {took:?}, at most {most:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_are_under_way_than_the_job_allows() {
    let mut bench = Bench::new(ScriptedAltinn::new(300, done).with_delegated(299..300), Rate::Unlimited);
    bench.pace.in_flight = 7;
    bench.run(JobKind::Delegate, 0..299).await;
    assert_eq!(bench.altinn.most_under_way(), 7);
}

#[tokio::test(start_paused = true)]
async fn the_first_request_to_an_agent_without_clients_goes_alone() {
    let bench = Bench::new(ScriptedAltinn::new(100, done), Rate::Unlimited);
    bench.run(JobKind::Delegate, 0..100).await;
    assert_eq!(bench.altinn.under_way_before_first_answer(), 1);
    assert!(bench.altinn.most_under_way() > 1);
}

#[tokio::test(start_paused = true)]
async fn the_first_request_goes_alone_until_one_has_succeeded() {
    let altinn = ScriptedAltinn::new(20, |index, before| match (index, before) {
        (0, _) => Verdict::Final,
        (1, 0) => again(NoVerdict::Unclear, None),
        _ => Verdict::Done,
    });
    let bench = Bench::new(altinn, Rate::Unlimited);
    let outcome = bench.run(JobKind::Delegate, 0..20).await;
    assert_eq!((outcome.totals.delegated, outcome.totals.failed), (19, 1));
    assert_eq!(bench.altinn.under_way_before_first_answer(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_client_without_a_verdict_is_tried_as_often_as_the_job_says_and_not_once_more() {
    let altinn =
        ScriptedAltinn::new(
            10,
            |index, _| {
                if index == 4 { again(NoVerdict::Unclear, None) } else { Verdict::Done }
            },
        );
    let bench = Bench::new(altinn, Rate::per_second(80));
    let outcome = bench.run(JobKind::Delegate, 0..10).await;
    assert_eq!((outcome.totals.delegated, outcome.totals.failed), (9, 1));
    assert_eq!(bench.altinn.sent(4), 5);
    assert!(outcome.took > Duration::from_secs(10), "the waits grow: {:?}", outcome.took);
}

#[tokio::test(start_paused = true)]
async fn a_refused_client_is_sent_once_and_the_others_go_on() {
    let altinn = ScriptedAltinn::new(10, |index, _| if index == 4 { Verdict::Final } else { Verdict::Done });
    let bench = Bench::new(altinn, Rate::per_second(80));
    let outcome = bench.run(JobKind::Delegate, 0..10).await;
    assert_eq!((outcome.totals.delegated, outcome.totals.failed), (9, 1));
    assert_eq!(bench.altinn.sent(4), 1);
}

#[tokio::test(start_paused = true)]
async fn retry_after_holds_the_whole_run_and_no_success_clears_it() {
    // In flight beside the 429 are requests that succeed after it.
    let altinn = ScriptedAltinn::new(200, |index, before| {
        if index == 20 && before == 0 {
            again(NoVerdict::Throttled, Some(Duration::from_secs(40)))
        } else {
            Verdict::Done
        }
    });
    let bench = Bench::new(altinn.with_delegated(199..200), Rate::per_second(80));
    let outcome = bench.run(JobKind::Delegate, 0..199).await;
    assert_eq!(outcome.totals.delegated, 199);
    let times = bench.altinn.times();
    let longest = times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!((Duration::from_secs_f64(39.9)..Duration::from_secs(41)).contains(&longest), "{longest:?}");
    let told =
        outcome.events.iter().filter(|event| matches!(event, Event::Waiting { why: WaitReason::Told, .. }));
    assert_eq!(told.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn many_refusals_at_once_that_name_no_time_are_one_wait_and_not_a_minute() {
    // Whatever is under way at the second second is refused.
    let begin = Instant::now();
    let altinn = ScriptedAltinn::new(400, move |_, before| {
        let refused = (2000..2060).contains(&begin.elapsed().as_millis()) && before == 0;
        if refused { again(NoVerdict::Throttled, None) } else { Verdict::Done }
    });
    let mut bench = Bench::new(altinn.with_delegated([399]), Rate::per_second(100));
    bench.pace.in_flight = 64;
    let outcome = bench.run(JobKind::Delegate, 0..399).await;
    assert_eq!(outcome.totals.delegated, 399);
    assert!(outcome.took < Duration::from_secs(10), "{:?}", outcome.took);
}

#[tokio::test(start_paused = true)]
async fn being_throttled_costs_no_client_a_try() {
    let altinn = ScriptedAltinn::new(5, |_, before| {
        if before < 9 { again(NoVerdict::Throttled, Some(Duration::from_secs(1))) } else { Verdict::Done }
    });
    let bench = Bench::new(altinn, Rate::per_second(80));
    let outcome = bench.run(JobKind::Delegate, 0..5).await;
    assert_eq!(outcome.totals.delegated, 5);
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_ten_minutes_costs_no_client_its_tries() {
    let begin = Instant::now();
    let is_up = move || {
        let seconds = begin.elapsed().as_secs();
        !(5..605).contains(&seconds)
    };
    let altinn =
        ScriptedAltinn::new(
            2000,
            move |_, _| {
                if is_up() { Verdict::Done } else { again(NoVerdict::Unreachable, None) }
            },
        );
    let bench = Bench::new(altinn.reachable_when(is_up), Rate::per_second(80));
    let outcome = bench.run(JobKind::Delegate, 0..2000).await;
    assert!(matches!(outcome.end, RunEnd::Completed));
    assert_eq!(outcome.totals.delegated, 2000);
    let sent_again = bench.altinn.times().len() - 2000;
    assert!(sent_again < 40, "requests into the wall: {sent_again}");
    assert!(bench.altinn.probes() < 60, "probes: {}", bench.altinn.probes());
}

/// An outage in which lists are answered: every client that is sent from `from` on for `seconds` gets this answer.
struct HalfOutage {
    begin: Instant,
    from: u64,
    seconds: u64,
}

impl HalfOutage {
    fn is_on(&self) -> bool {
        (self.from..self.from + self.seconds).contains(&self.begin.elapsed().as_secs())
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_an_hour_fails_nobody_costs_no_attempt_and_is_probed_now_and_then_by_one_client() {
    for (why, lists_answer) in
        [(NoVerdict::Unclear, true), (NoVerdict::Unreachable, true), (NoVerdict::Unreachable, false)]
    {
        let outage = HalfOutage { begin: Instant::now(), from: 5, seconds: 3600 };
        let begin = outage.begin;
        let outage = std::sync::Arc::new(outage);
        let (asked, listed) = (std::sync::Arc::clone(&outage), std::sync::Arc::clone(&outage));
        let altinn = ScriptedAltinn::new(
            600,
            move |_, _| {
                if asked.is_on() { again(why, None) } else { Verdict::Done }
            },
        );
        let altinn = altinn.reachable_when(move || lists_answer || !listed.is_on()).with_delegated([599]);
        let mut bench = Bench::new(altinn, Rate::per_second(50));
        // One attempt more than none: an attempt that counted would fail its client.
        bench.pace.attempts = 1;
        bench.pace.give_up_after = Duration::from_hours(2);
        let outcome = bench.run(JobKind::Delegate, 0..599).await;
        assert_eq!((outcome.totals.delegated, outcome.totals.failed), (599, 0), "{why:?} {lists_answer}");
        let during: Vec<_> = (bench.altinn.times().into_iter().chain(bench.altinn.probe_times()))
            .map(|time| (time - begin).as_secs())
            .filter(|second| (6..3605).contains(second))
            .collect();
        assert!(during.len() < 10 * 60, "{} requests in an hour", during.len());
        let most =
            (6..3545).map(|from| during.iter().filter(|at| (from..from + 60).contains(*at)).count()).max();
        assert!(most < Some(10), "{most:?} requests in a minute");
        assert!(outcome.took < Duration::from_secs(3605 + 15 + 15), "{:?}", outcome.took);
        let told = if lists_answer { WaitReason::ChangesRefused } else { WaitReason::Outage };
        assert!(
            outcome.events.iter().any(|event| matches!(event, Event::Waiting { why, .. } if *why == told))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_carried_out_and_answered_by_nobody_is_read_back_and_not_sent_again() {
    let begin = Instant::now();
    let altinn = ScriptedAltinn::new(300, move |_, _| {
        if (2..200).contains(&begin.elapsed().as_secs()) {
            again(NoVerdict::Unreachable, None)
        } else {
            Verdict::Done
        }
    });
    let bench = Bench::new(altinn.with_delegated([299]).carried_out_all_the_same(), Rate::per_second(50));
    let outcome = bench.run(JobKind::Delegate, 0..299).await;
    assert_eq!((outcome.totals.delegated, outcome.totals.failed), (299, 0));
    let twice = (0..299).filter(|index| bench.altinn.sent(*index) > 1).count();
    assert!(twice <= 4, "sent again before the outage was known: {twice}");
}

#[tokio::test(start_paused = true)]
async fn clients_that_alone_get_no_verdict_fail_by_their_attempts_and_are_no_outage() {
    for poisoned in [1, 12] {
        let altinn = ScriptedAltinn::new(200, move |index, _| {
            if index % 16 == 3 && index / 16 < poisoned {
                again(NoVerdict::Unclear, None)
            } else {
                Verdict::Done
            }
        });
        let bench = Bench::new(altinn.with_delegated([199]), Rate::per_second(50));
        let outcome = bench.run(JobKind::Delegate, 0..199).await;
        assert!(matches!(outcome.end, RunEnd::Completed));
        assert_eq!(outcome.totals.failed, poisoned as u64);
        assert!((0..poisoned).all(|client| bench.altinn.sent(16 * client + 3) == 5));
        assert!(outcome.took < Duration::from_mins(1), "{:?}", outcome.took);
    }
}

#[tokio::test(start_paused = true)]
async fn passing_faults_do_not_keep_the_last_clients_waiting() {
    let altinn = ScriptedAltinn::new(1001, |index, before| {
        let faulty = (index * 7 + before * 13 + index / 9) % 100 < 28;
        if faulty && before < 4 { again(NoVerdict::Unclear, None) } else { Verdict::Done }
    });
    let mut bench = Bench::new(altinn.with_delegated([1000]), Rate::Unlimited);
    bench.pace.in_flight = 64;
    let outcome = bench.run(JobKind::Delegate, 0..1000).await;
    assert_eq!(outcome.totals.delegated, 1000);
    assert!(outcome.took < Duration::from_secs(30), "{:?}", outcome.took);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_in_flight_holds_back_says_so_once_with_the_number_it_would_need() {
    let altinn = ScriptedAltinn::new(401, done).with_delegated([400]).with_latency(Duration::from_secs(2));
    let mut bench = Bench::new(altinn, Rate::per_second(20));
    bench.pace.in_flight = 16;
    let outcome = bench.run(JobKind::Delegate, 0..400).await;
    let said: Vec<_> =
        (outcome.events.iter()).filter(|event| matches!(event, Event::HeldBack { .. })).collect();
    assert_eq!(said, [&Event::HeldBack { in_flight: 16, needed: 40 }]);
}

/// What cannot be kept, and by how much: (limiter, how it is told, time, refusals).
const EXCEPTIONS: [(&str, &str, f64, f64); 5] = [
    ("bucket of one", "Retry-After", 2.7, 0.06),
    ("bucket of one", "bare 429", 1.75, 0.06),
    ("bucket", "", 1.6, 0.08),
    ("fixed window", "", 1.85, 0.04),
    ("sliding window", "", 2.1, 0.04),
];

#[test]
fn under_every_limit_of_the_grid_the_law_keeps_its_targets_or_the_exception_that_is_written_down() {
    let grid = limits::grid();
    let mut met = 0;
    // Each fifth cell; `cargo bench --bench pace_law` walks through them all.
    let grid: Vec<_> = grid.into_iter().step_by(5).collect();
    for target in &grid {
        let ran = target.cell.run();
        met += usize::from(target.is_met(&ran));
        let (_, _, time, refusals) = EXCEPTIONS
            .iter()
            .find(|(kind, told, ..)| target.family.starts_with(kind) && target.family.ends_with(told))
            .unwrap();
        let (took, refused) = (ran.ratio(), ran.refusals());
        let (asked, refusal) = (target.cell.asked, target.cell.refusal);
        assert!(
            took <= *time && refused <= *refusals,
            "{}, {asked}/s asked, refused after {refusal:?}: {took:.2} × ideal, {refused:.3} refused",
            target.family
        );
    }
    assert!(met * 100 >= grid.len() * 80, "{met} of {} cells keep their targets", grid.len());
}

#[tokio::test(start_paused = true)]
async fn a_run_keeps_the_pace_that_the_server_takes_as_the_simulation_says() {
    let grid = limits::grid();
    // One of each kind of limiter, told and not told.
    for kind in ["bucket of one | 40/s", "bucket | 40/s", "fixed window | 40/s", "sliding window | 40/s"] {
        for told in ["bare 429", "Retry-After"] {
            let cell = |target: &&limits::Target| {
                let (asked, refusal) = (target.cell.asked, target.cell.refusal.as_millis());
                target.family == format!("{kind} | {told}") && asked == 400 && refusal == 60
            };
            let mut cell = grid.iter().find(cell).unwrap().cell.clone();
            cell.clients = 500;
            let simulated = cell.run();
            let altinn = ScriptedAltinn::new(cell.clients + 1, done).with_delegated([cell.clients]);
            let bench = Bench::new(altinn.limited_as(&cell), Rate::per_second(cell.asked));
            let outcome = bench.run(JobKind::Delegate, 0..cell.clients).await;
            assert_eq!(outcome.totals.delegated, cell.clients as u64, "{kind} {told}");
            let times = bench.altinn.times();
            let took = (times[times.len() - 1] - times[0]).as_secs_f64();
            let simulated_took = simulated.took.as_secs_f64();
            assert!(
                took <= 1.25 * simulated_took + 2.0,
                "{kind} {told}: {took} s, simulated {simulated_took} s"
            );
            let refused = bench.altinn.refused();
            assert!(
                refused <= 2 * simulated.refused + 10,
                "{kind} {told}: {refused}, simulated {}",
                simulated.refused
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_nobody_answers_is_asked_for_as_long_as_the_job_allows() {
    let begin = Instant::now();
    let back = move || begin.elapsed() >= Duration::from_mins(2);
    let bench = Bench::new(ScriptedAltinn::new(1, done).reachable_when(back), Rate::per_second(5));
    bench.engine().0.agents().await.unwrap();
    assert!(begin.elapsed() < Duration::from_secs(120 + 20), "{:?}", begin.elapsed());

    let refused = ScriptedAltinn::new(1, done).reachable_when(|| false);
    let never = ScriptedAltinn::new(1, done).agents_take(Duration::from_hours(100));
    for altinn in [refused, never] {
        let bench = Bench::new(altinn, Rate::per_second(5));
        let begin = Instant::now();
        assert!(bench.engine().0.agents().await.is_err());
        let minutes = begin.elapsed().as_secs_f64() / 60.0;
        assert!((15.0..15.1).contains(&minutes), "{minutes}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_nobody_answers_gives_up_after_the_jobs_time_and_keeps_everything_pending() {
    // It goes away when the tenth client has been sent.
    let away = Arc::new(AtomicBool::new(false));
    let goes = Arc::clone(&away);
    let altinn = ScriptedAltinn::new(100, move |index, _| {
        if index < 10 {
            return Verdict::Done;
        }
        goes.store(true, Ordering::Relaxed);
        again(NoVerdict::Unreachable, None)
    });
    let bench =
        Bench::new(altinn.reachable_when(move || !away.load(Ordering::Relaxed)), Rate::per_second(80));
    let outcome = bench.run(JobKind::Delegate, 0..100).await;
    assert_eq!(cause(&outcome.end), Some(HaltCause::Unreachable));
    assert_eq!(outcome.totals.failed, 0);
    assert_eq!(outcome.totals.pending, 100);
    let minutes = outcome.took.as_secs_f64() / 60.0;
    assert!((15.0..15.5).contains(&minutes), "{minutes}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_longer_than_the_job_allows_stops_the_run_at_once_and_says_until_when() {
    let altinn = ScriptedAltinn::new(100, |index, _| {
        if index == 10 { again(NoVerdict::Throttled, Some(Duration::from_hours(2))) } else { Verdict::Done }
    });
    let bench = Bench::new(altinn, Rate::per_second(80));
    let outcome = bench.run(JobKind::Delegate, 0..100).await;
    let RunEnd::Halted(halted) = &outcome.end else { panic!("{:?}", outcome.end) };
    assert_eq!(halted.cause, HaltCause::ToldToWait);
    assert!(halted.not_before.is_some());
    assert!(outcome.took < Duration::from_secs(2), "{:?}", outcome.took);
}

#[tokio::test(start_paused = true)]
async fn a_halt_stops_sending_at_once_and_leaves_everybody_else_pending() {
    let altinn = ScriptedAltinn::new(2000, |index, _| {
        if index >= 100 { Verdict::Halt(HaltCause::Forbidden) } else { Verdict::Done }
    });
    let mut bench = Bench::new(altinn, Rate::Unlimited);
    bench.pace.in_flight = 16;
    let outcome = bench.run(JobKind::Delegate, 0..2000).await;
    assert_eq!(cause(&outcome.end), Some(HaltCause::Forbidden));
    assert!(bench.altinn.times().len() <= 100 + 2 * 16, "{}", bench.altinn.times().len());
    assert_eq!((outcome.totals.pending, outcome.totals.answered), (2000, 100));

    let resumed = Bench {
        altinn: std::sync::Arc::new(ScriptedAltinn::new(2000, done).with_delegated(0..100)),
        ..bench
    };
    let outcome = resumed.resume(outcome.run).await;
    assert_eq!(outcome.totals.delegated, 2000);
    assert!((0..100).all(|index| resumed.altinn.sent(index) == 0), "what was confirmed is not sent again");
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_stops_sending_and_waits_for_the_answers_under_way() {
    let bench = Bench::new(ScriptedAltinn::new(1000, done), Rate::per_second(80));
    let (outcome, ()) = tokio::join!(bench.run(JobKind::Delegate, 0..1000), async {
        sleep(Duration::from_secs(3)).await;
        bench.interrupter.interrupt();
    });
    assert!(matches!(outcome.end, RunEnd::Interrupted));
    let sent = bench.altinn.times().len();
    assert_eq!(outcome.totals.answered, sent as u64, "every answer under way was recorded");
    assert!((200..260).contains(&sent), "{sent}");
    assert!(
        !outcome
            .events
            .iter()
            .any(|event| matches!(event, Event::Changed { to: ClientState::Delegated, .. }))
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_with_two_relations_is_removed_twice() {
    let altinn = ScriptedAltinn::new(20, done).with_delegated(0..20).with_two_relations([3, 7]);
    let bench = Bench::new(altinn, Rate::per_second(80));
    let outcome = bench.run(JobKind::Remove, 0..20).await;
    assert!(matches!(outcome.end, RunEnd::Completed));
    assert_eq!(outcome.totals.removed, 20);
    assert!(bench.altinn.delegated().is_empty());
    assert_eq!((bench.altinn.sent(3), bench.altinn.sent(4)), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn what_altinn_does_not_list_is_never_shown_as_delegated() {
    let bench = Bench::new(ScriptedAltinn::new(20, done).with_liars([3]), Rate::per_second(80));
    let outcome = bench.run(JobKind::Delegate, 0..20).await;
    assert!(matches!(outcome.end, RunEnd::Completed));
    assert_eq!((outcome.totals.delegated, outcome.totals.failed), (19, 1));
    assert_eq!(bench.altinn.sent(3), 4, "sent again a few times, and not for ever");
}

#[tokio::test(start_paused = true)]
async fn a_second_run_sends_nothing() {
    let bench = Bench::new(ScriptedAltinn::new(20, done), Rate::per_second(80));
    bench.run(JobKind::Delegate, 0..20).await;
    let sent = bench.altinn.times().len();
    let outcome = bench.run(JobKind::Delegate, 0..20).await;
    assert_eq!(outcome.totals.unchanged, 20);
    assert_eq!(bench.altinn.times().len(), sent);
}

/// How long so many engines that only look, and share a pace, take to say that Altinn does not answer.
async fn told_of_an_outage(engines: usize) -> Duration {
    let altinn = ScriptedAltinn::new(1, done).reachable_when(|| false);
    let mut bench = Bench::new(altinn, Rate::per_second(20));
    bench.persistent = false;
    let pace = SharedPace::new(Rate::per_second(20));
    let begin = Instant::now();
    let mut looking = tokio::task::JoinSet::new();
    for _ in 0..engines {
        let engine = bench.engine().0.at_pace(pace.share());
        looking.spawn(async move { common::plan(&engine, JobKind::Delegate, Vec::new()).await.is_err() });
    }
    assert!(looking.join_all().await.into_iter().all(|is_told| is_told));
    begin.elapsed()
}

#[tokio::test(start_paused = true)]
async fn eight_that_only_look_are_told_of_an_outage_as_soon_as_one_would_be() {
    // Waits are drawn by chance, and the longest of eight is longer than one.
    let (one, eight) = (told_of_an_outage(1).await, told_of_an_outage(8).await);
    assert!(eight < one * 2, "one after {one:?}, eight after {eight:?}");
}
