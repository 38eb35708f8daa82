//! A day that is bad in every way, for the real program: `docs/reliability.md` has its table.
//!
//! `cargo bench --bench soak` delegates 5,000 clients, moves 5,000, and undoes that, each with up to 150 kills at random
//! moments, and prints the table. `-- SEED` takes another seed than 1, `-- SEED CLIENTS KILLS` other sizes. It fails when
//! anything is lost, unexplained, or sent beyond the bound.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[path = "../tests/common/program.rs"]
mod program;
#[path = "../tests/common/soak.rs"]
mod soak;

use std::{process::ExitCode, time::Duration};

use soak::{Soak, What};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    // `cargo test --benches` passes `--test`: nothing to measure then.
    if arguments.iter().any(|argument| argument == "--test") {
        return ExitCode::SUCCESS;
    }
    let number = |place: usize, default: u64| {
        arguments.get(place).and_then(|argument| argument.parse().ok()).unwrap_or(default)
    };
    let (seed, clients, kills) = (number(0, 1), number(1, 5_000), number(2, 150));
    println!(
        "| what | kills | limit moved | half outages | 429 | 5xx | answers lost | sent | lost | beyond the bound | again after done | unexplained | seconds |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|---|"
    );
    let mut whole = true;
    for what in [What::Delegate, What::Migrate, What::Undo] {
        let soaked = Soak {
            what,
            seed,
            clients: usize::try_from(clients).unwrap(),
            kills: u32::try_from(kills).unwrap(),
            longest: Duration::from_secs(2),
        }
        .run();
        println!(
            "| {what:?} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.0} |",
            soaked.kills,
            soaked.limit_moves,
            soaked.half_outages,
            soaked.refused_429,
            soaked.gateway_errors,
            soaked.answers_lost,
            soaked.sent,
            soaked.lost,
            soaked.beyond_the_bound,
            soaked.after_done,
            soaked.unexplained.len(),
            soaked.took.as_secs_f64()
        );
        for line in &soaked.unexplained {
            println!("unexplained: {line}");
        }
        whole &= soaked.is_whole();
    }
    if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
