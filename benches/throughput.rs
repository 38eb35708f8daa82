//! How fast and in how much memory the whole program delegates, against a server that does next to nothing.
//!
//! `cargo bench --bench throughput` prints, for 20,000 and for 100,000 clients: the time of the whole process from
//! start to end (manifest, both lists, every client, read-back, reports), clients per second of that time, user and system
//! time a client, and the process's peak memory (`VmHWM`; Linux only). The server runs in the benchmark's own process, so
//! that the figures are the program's, on the cores that the server leaves it. `-- 1000 …` measures other numbers.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[path = "../tests/common/limits.rs"]
mod limits;
#[path = "common/process.rs"]
mod process;
#[path = "common/thin.rs"]
mod thin;

use process::{fullmakt, measure, sizes};
use thin::ThinServer;

fn main() {
    let sizes = sizes(&[20_000, 20_000, 20_000, 100_000]);
    if sizes.is_empty() {
        return;
    }
    println!(
        "{:>9}  {:>8}  {:>11}  {:>12}  {:>9}",
        "clients", "seconds", "clients/s", "µs a client", "peak MB"
    );
    for many in sizes {
        let server = ThinServer::start(many);
        let folder = tempfile::tempdir().unwrap();
        server.write_job(folder.path(), "rate = \"unlimited\"\nin_flight = 64");
        let took = measure(&mut fullmakt(folder.path(), &["run", "job.toml", "--yes", "--quiet"]));
        assert!(took.success);
        assert_eq!(server.delegated(), many);
        let seconds = took.wall.as_secs_f64();
        println!(
            "{many:>9}  {seconds:>8.2}  {:>11.0}  {:>12.1}  {:>9.1}",
            many as f64 / seconds,
            took.processor.as_secs_f64() * 1e6 / many as f64,
            took.peak_mb
        );
    }
}
