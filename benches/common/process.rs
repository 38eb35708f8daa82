//! The real program as a process that is measured: its time, its processor time, its peak memory.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    clippy::zombie_processes
)]

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// What a process took. Processor time and memory are read from `/proc`, so they are zero where there is none.
#[derive(Debug, Clone, Copy, Default)]
pub struct Took {
    pub wall: Duration,
    /// User and system time together, to a hundredth of a second.
    pub processor: Duration,
    pub peak_mb: f64,
    pub success: bool,
}

/// The program that is measured: this build's, or the one that `BENCH_PROGRAM` names, to compare two builds.
pub fn program() -> String {
    std::env::var("BENCH_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_fullmakt").to_owned())
}

/// The numbers that the command line names, or these; none where `cargo test --benches` runs the bench, with nothing to
/// measure.
pub fn sizes(default: &[usize]) -> Vec<usize> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.iter().any(|argument| argument == "--test") {
        return Vec::new();
    }
    let named: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    if named.is_empty() { default.to_vec() } else { named }
}

/// The program in this folder; under what `BENCH_WRAPPER` names (`valgrind …`), where it names something.
pub fn fullmakt(folder: &Path, arguments: &[&str]) -> Command {
    let wrapper = std::env::var("BENCH_WRAPPER").unwrap_or_default();
    let program = program();
    let mut words = wrapper.split_whitespace().chain([program.as_str()]);
    let mut command = Command::new(words.next().unwrap_or_default());
    command
        .args(words)
        .args(arguments)
        .env("BENCH_TOKEN", "thin")
        .env("FULLMAKT_STATE_DIR", folder.join("state"))
        .env("FULLMAKT_KEYRING", "off")
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

/// Runs a command to its end.
pub fn measure(command: &mut Command) -> Took {
    let begin = Instant::now();
    let mut child = command.spawn().unwrap();
    watch(&mut child, begin, || false)
}

/// Runs a command until it ends, or until `kill` says that it is to be killed.
pub fn measure_until(command: &mut Command, kill: impl FnMut() -> bool) -> Took {
    let begin = Instant::now();
    let mut child = command.spawn().unwrap();
    watch(&mut child, begin, kill)
}

fn watch(child: &mut Child, begin: Instant, mut kill: impl FnMut() -> bool) -> Took {
    let id = child.id();
    let mut took = Took::default();
    loop {
        took.peak_mb = peak_mb(id).unwrap_or(0.0).max(took.peak_mb);
        // A process that has ended and has not been waited for still says what it took.
        let ended = match stat(id) {
            Some((state, processor)) => {
                took.processor = processor;
                state == 'Z'
            }
            None => true,
        };
        if ended {
            took.wall = begin.elapsed();
            took.success = child.wait().unwrap().success();
            return took;
        }
        if kill() {
            child.kill().unwrap();
        }
        thread::sleep(Duration::from_millis(2));
    }
}

fn peak_mb(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kb: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kb / 1024.0)
}

fn stat(process: u32) -> Option<(char, Duration)> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?.chars().next()?;
    let ticks: u64 = fields.skip(10).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Some((state, Duration::from_millis(ticks * 10)))
}
