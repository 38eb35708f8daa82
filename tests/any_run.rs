//! What holds for any run, whatever Altinn answers and whenever it is interrupted. In virtual time.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::{sync::Arc, time::Duration};

use common::{AGENT, Bench, Outcome, ScriptedAltinn, again, client};
use fullmakt::{
    engine::RunEnd,
    model::{ClientState, Event, JobKind, NoVerdict, Rate, Totals, Verdict},
};
use proptest::prelude::*;
use tokio::time::sleep;

const CLIENTS: usize = 24;

/// What Altinn answers to one client, try after try; then it is done.
fn any_answers() -> impl Strategy<Value = Vec<Verdict>> {
    let verdict = prop_oneof![
        6 => Just(Verdict::Done),
        2 => Just(again(NoVerdict::Unclear, None)),
        2 => Just(again(NoVerdict::Unreachable, None)),
        1 => Just(again(NoVerdict::Throttled, Some(Duration::from_secs(2)))),
        1 => Just(Verdict::Final),
    ];
    prop::collection::vec(verdict, 0..6)
}

/// The totals that whoever listened to the events would have.
fn heard(began: Totals, events: &[Event]) -> Totals {
    let mut totals = began;
    for event in events {
        match event {
            Event::Began(began) => totals = *began,
            Event::Changed { from, to, .. } => totals.moved(*from, *to),
            _ => {}
        }
    }
    totals
}

fn check(outcome: &Outcome) {
    let of_listener = heard(Totals::default(), &outcome.events);
    assert_eq!(of_listener, outcome.totals, "what was shown is what the ledger holds");
    assert_eq!(outcome.totals.clients(), CLIENTS as u64);
}

fn in_virtual_time<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn totals_add_up_live_equals_ledger_and_delegated_means_listed(
        answers in prop::collection::vec(any_answers(), CLIENTS),
        interrupts_ms in prop::collection::vec(400u64..3400, 0..4),
        kind in prop::sample::select(vec![JobKind::Delegate, JobKind::Remove]),
        delegated in prop::collection::vec(any::<bool>(), CLIENTS),
        in_flight in 1usize..12,
    ) {
        in_virtual_time(async {
            let script = move |index: usize, before: usize| {
                answers[index].get(before).copied().unwrap_or(Verdict::Done)
            };
            let now: Vec<usize> = (0..CLIENTS).filter(|index| delegated[*index]).collect();
            let altinn = ScriptedAltinn::new(CLIENTS, script).with_delegated(now.clone()).with_two_relations([1, 5]);
            let mut bench = Bench::new(altinn, Rate::per_second(40));
            bench.pace.in_flight = in_flight;

            let mut interrupts = interrupts_ms.into_iter();
            let mut outcome = interrupted(&bench, interrupts.next(), bench.run(kind, 0..CLIENTS)).await;
            check(&outcome);
            while !matches!(outcome.end, RunEnd::Completed) {
                bench = bench.uninterrupted();
                let resume = bench.resume(outcome.run.clone());
                outcome = interrupted(&bench, interrupts.next(), resume).await;
                check(&outcome);
            }

            assert_eq!(outcome.totals.pending, 0);
            let done = if kind == JobKind::Delegate { outcome.totals.delegated } else { outcome.totals.removed };
            assert_eq!(done + outcome.totals.unchanged + outcome.totals.failed, CLIENTS as u64);
            let listed = bench.altinn.delegated();
            bench.ledger().each_client(&outcome.run, fullmakt::ledger::Which::Failures, None, |failed| {
                assert_eq!(failed.state, ClientState::Failed);
                Ok::<(), fullmakt::ledger::LedgerError>(())
            }).unwrap();
            // Whoever did not fail is where the job wants it.
            let as_wanted = (0..CLIENTS).filter(|index| listed.contains(index) == (kind == JobKind::Delegate)).count();
            assert!(as_wanted as u64 >= done + outcome.totals.unchanged, "{as_wanted}");
            for index in 0..CLIENTS {
                assert!(bench.altinn.sent(index) <= 40, "client {index} of {:?} on {AGENT}", client(index).number);
            }
        });
    }
}

/// Carries on and asks to stop after so many milliseconds, if any.
async fn interrupted(bench: &Bench, after_ms: Option<u64>, run: impl Future<Output = Outcome>) -> Outcome {
    let interrupter = Arc::clone(&bench.interrupter);
    let stopper = async move {
        if let Some(after_ms) = after_ms {
            sleep(Duration::from_millis(after_ms)).await;
            interrupter.interrupt();
        }
    };
    tokio::pin!(run);
    tokio::pin!(stopper);
    tokio::select! {
        biased;
        outcome = &mut run => outcome,
        () = &mut stopper => run.await,
    }
}
