//! The targets of `docs/performance.md`, measured on this machine, with a verdict each.
//!
//! `cargo bench --bench targets` takes some minutes; `-- tenth` measures a tenth of the clients, for a first look. It fails
//! when a target is missed. Ratios are taken in one run against the same thin server, one after the other, so that
//! they say the same on a slow machine; times and memory are this machine's. Linux only where memory or processor time
//! is looked at.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[path = "../tests/common/limits.rs"]
mod limits;
#[path = "common/process.rs"]
mod process;
#[path = "common/thin.rs"]
mod thin;
#[path = "common/yardstick.rs"]
mod yardstick;

use std::{
    fs,
    process::ExitCode,
    time::{Duration, Instant},
};

use limits::{Kind, Limit};
use process::{Took, fullmakt, measure, measure_until};
use thin::{Conduct, ThinServer};

const UNLIMITED: &str = "rate = \"unlimited\"\nin_flight = 64";

/// One line of the table.
struct Line {
    what: String,
    target: String,
    figure: String,
    met: bool,
}

#[derive(Default)]
struct Table(Vec<Line>);

impl Table {
    fn at_most(&mut self, what: &str, figure: f64, most: f64, unit: &str) {
        self.line(what, format!("≤ {most} {unit}"), format!("{figure:.2} {unit}"), figure <= most);
    }

    fn at_least(&mut self, what: &str, figure: f64, least: f64, unit: &str) {
        self.line(what, format!("≥ {least} {unit}"), format!("{figure:.2} {unit}"), figure >= least);
    }

    /// Printed at once: some of it takes minutes.
    fn line(&mut self, what: &str, target: String, figure: String, met: bool) {
        println!("| {what} | {target} | {figure} | {} |", if met { "met" } else { "**missed**" });
        self.0.push(Line { what: what.to_owned(), target, figure, met });
    }

    fn end(self) -> ExitCode {
        let missed: Vec<_> = self.0.iter().filter(|line| !line.met).collect();
        println!("\n{} of {} targets are met.", self.0.len() - missed.len(), self.0.len());
        for Line { what, target, figure, .. } in &missed {
            println!("missed: {what}: {figure}, and the target is {target}");
        }
        if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    // `cargo test --benches` passes `--test`: nothing to measure then.
    if arguments.iter().any(|argument| argument == "--test") {
        return ExitCode::SUCCESS;
    }
    let share = if arguments.iter().any(|argument| argument == "tenth") { 10 } else { 1 };
    let wants = |part: &str| {
        arguments.iter().all(|argument| argument == "tenth") || arguments.iter().any(|a| a == part)
    };
    println!("| what | target | measured | verdict |\n|---|---|---|---|");
    let mut table = Table::default();
    if wants("program") {
        program(&mut table);
    }
    if wants("million") {
        million(1_000_000 / share, &mut table);
    }
    if wants("ratios") {
        ratios(20_000, &mut table);
    }
    if wants("pace") {
        paced(&mut table);
    }
    if wants("server") {
        difficult_servers(&mut table);
    }
    table.end()
}

/// The executable itself.
fn program(table: &mut Table) {
    let size = fs::metadata(process::program()).unwrap().len();
    table.at_most("executable", size as f64 / 1e6, 15.0, "MB");
    let folder = tempfile::tempdir().unwrap();
    let mut starts: Vec<Duration> = (0..31)
        .map(|_| {
            let begin = Instant::now();
            assert!(fullmakt(folder.path(), &["--version"]).status().unwrap().success());
            begin.elapsed()
        })
        .collect();
    starts.sort();
    table.at_most("start to end of `--version`, median of 31", millis(starts[15]), 10.0, "ms");
}

/// A million clients: check, plan, a run that is killed, its resume.
fn million(many: usize, table: &mut Table) {
    let scale = many as f64 / 1e6;
    let folder = tempfile::tempdir().unwrap();
    let server = ThinServer::start(many);
    server.write_job(folder.path(), UNLIMITED);
    let folder = folder.path();

    let check = measure(&mut fullmakt(folder, &["check", "manifest.csv"]));
    assert!(check.success);
    table.at_most("check of a million rows", check.wall.as_secs_f64(), 2.0 * scale, "s");
    let plan = measure(&mut fullmakt(folder, &["plan", "job.toml", "--quiet"]));
    assert!(plan.success);
    table.at_most("plan of a million clients", plan.wall.as_secs_f64(), 10.0 * scale, "s");
    table.at_most("its peak memory", plan.peak_mb, 100.0, "MB");

    let killed_at = many as u64 * 3 / 10;
    let killed = measure_until(&mut fullmakt(folder, &["run", "job.toml", "--yes", "--quiet"]), || {
        server.changes().0 >= killed_at
    });
    assert!(!killed.success, "killed on its way");
    server.watch_again();
    let resumed = measure(&mut fullmakt(folder, &["resume", "--quiet"]));
    assert!(resumed.success);
    assert_eq!(server.delegated(), many);
    let run_mb = killed.peak_mb.max(resumed.peak_mb);
    table.at_most("peak memory of a run of a million", run_mb, 100.0, "MB");
    let first = server.list_to_first_change().as_secs_f64();
    table.at_most("first request of its resume, after the list", first, 2.0 * scale, "s");
    let ledger = fs::metadata(folder.join("state/ledger.db")).unwrap().len();
    table.at_most("ledger", ledger as f64 / many as f64, 300.0, "bytes a client");
}

/// Against what else one could send the same requests with, on the same server.
fn ratios(many: usize, table: &mut Table) {
    let mut whole = Vec::new();
    let mut sending = Vec::new();
    let mut bare = Vec::new();
    let mut oha = Vec::new();
    let mut curl = Vec::new();
    let mut processor = Vec::new();
    // By turns, so that what else goes on on the machine meets all of them.
    for _ in 0..3 {
        let server = ThinServer::start(many);
        let took = run_whole(&server);
        whole.push(took.wall);
        processor.push(took.processor);
        sending.push(server.sending());
        bare.push(yardstick::bare_client(&ThinServer::start(many), 64));
        oha.extend(yardstick::oha(&ThinServer::start(many), 64));
        curl.extend(yardstick::curl(&ThinServer::start(many), 64));
    }
    let best = |times: &[Duration]| times.iter().min().copied().unwrap_or_default().as_secs_f64();
    if !oha.is_empty() {
        println!("| `oha`, against the bare client | | {:.2} × | |", best(&bare) / best(&oha));
    }
    table.at_least(
        "sending, against a bare client on 64 connections",
        best(&bare) / best(&sending),
        0.5,
        "×",
    );
    table.at_least("whole run, against the bare client", best(&bare) / best(&whole), 0.3, "×");
    if curl.is_empty() {
        println!("| sending, against `curl --parallel` | ≥ 1.7 × | there is no curl here | not measured |");
    } else {
        // curl sends, and does nothing else.
        table.at_least("sending, against `curl --parallel`", best(&curl) / best(&sending), 1.7, "×");
        println!("| whole run, against `curl --parallel` | | {:.2} × | |", best(&curl) / best(&whole));
    }
    let micros = best(&processor) * 1e6 / many as f64;
    table.at_most("user and system time of a whole run", micros, 60.0, "µs a client");
}

fn run_whole(server: &ThinServer) -> Took {
    let folder = tempfile::tempdir().unwrap();
    server.write_job(folder.path(), UNLIMITED);
    let took = measure(&mut fullmakt(folder.path(), &["run", "job.toml", "--yes", "--quiet"]));
    assert!(took.success);
    assert_eq!(server.delegated(), server.numbers.len());
    took
}

/// A pace that the server keeps up with.
fn paced(table: &mut Table) {
    let many = 1_600;
    let server =
        ThinServer::with_conduct(many, Conduct { latency: Duration::from_millis(30), ..Conduct::default() });
    let folder = tempfile::tempdir().unwrap();
    server.write_job(folder.path(), "rate = \"80/s\"");
    assert!(measure(&mut fullmakt(folder.path(), &["run", "job.toml", "--yes", "--quiet"])).success);
    let ideal = many as f64 / 80.0;
    table.at_most("sending 1,600 clients at 80/s", server.sending().as_secs_f64() / ideal, 1.01, "× ideal");
}

/// Servers that refuse, are down for changes, or fault, over real connections. `cargo bench --bench pace_law` has the whole
/// grid of limits, in simulated time.
fn difficult_servers(table: &mut Table) {
    let limit = |kind, requests| Some((kind, vec![(Duration::ZERO, Limit::per_second(requests))]));
    let slow_refusal = Conduct {
        latency: Duration::from_millis(30),
        refusal: Duration::from_millis(60),
        ..Conduct::default()
    };
    for (what, kind, retry_after) in [
        ("bucket of 40/s, bare 429 after 60 ms", Kind::Bucket(40), false),
        ("fixed window of 40/s, bare 429 after 60 ms", Kind::Fixed, false),
        ("sliding window of 40/s, Retry-After", Kind::Sliding, true),
    ] {
        let many = 1_200;
        let conduct = Conduct { limit: limit(kind, 40), retry_after, ..slow_refusal.clone() };
        let ideal =
            limits::Limiter::new(kind, vec![(Duration::ZERO, Limit::per_second(40))]).ideal(many, 400.0);
        let (took, refused) = difficult(many, "rate = \"400/s\"", conduct);
        let ratio = took.as_secs_f64() / ideal.as_secs_f64();
        table.at_most(&format!("{what}: time"), ratio, 1.2, "× ideal");
        table.at_most(&format!("{what}: refused"), 100.0 * refused, 3.0, "%");
    }
    let outage = Conduct {
        half_outage: Some((Duration::from_secs(2), Duration::from_secs(12))),
        ..slow_refusal.clone()
    };
    let (took, _) = difficult(400, "rate = \"40/s\"", outage);
    table.at_most(
        "400 clients at 40/s, changes down for 10 s: time",
        took.as_secs_f64(),
        10.0 + 10.0 + 15.0,
        "s",
    );
    let faults = Conduct { faults_one_in: 4, ..slow_refusal };
    let (took, _) = difficult(400, "rate = \"40/s\"", faults);
    table.at_most("400 clients at 40/s, one in four faults once: time", took.as_secs_f64(), 12.5 * 1.5, "s");
}

/// How long sending took, and what share of the requests was refused. Every client is delegated in the end.
fn difficult(many: usize, pace: &str, conduct: Conduct) -> (Duration, f64) {
    let server = ThinServer::with_conduct(many, conduct);
    let folder = tempfile::tempdir().unwrap();
    server.write_job(folder.path(), pace);
    let took = measure(&mut fullmakt(folder.path(), &["run", "job.toml", "--yes", "--quiet"]));
    assert!(took.success, "a client has failed");
    assert_eq!(server.delegated(), many);
    let (changes, refused) = server.changes();
    (server.sending(), refused as f64 / changes as f64)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
