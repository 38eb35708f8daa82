//! What a client costs through either of Altinn's two APIs, by the size of the firm.
//!
//! `cargo bench --bench doors` delegates every client of firms of several sizes, through the first API and through the
//! second, on a sandbox that answers as the real ones are known to: the first goes through the firm's whole client list for
//! each delegation (here 100 µs a client), the second does not. What is printed is the time of the sending that a client
//! costs with one request in flight, in milliseconds: waiting for the server, so that any build and machine will do.
//! `-- 1000 …` measures other sizes.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[path = "common/process.rs"]
mod process;

use std::{fs, path::Path, time::Duration};

use fullmakt::sandbox::{ONBOARDING_AGENT, Options, SANDBOX_TOKEN, Server, World, facilitator};
use process::{fullmakt, measure, sizes};

/// How long any answer takes, and how much longer the first API's takes for each client of the firm.
const LATENCY: Duration = Duration::from_millis(10);
const PER_CLIENT: Duration = Duration::from_micros(100);

/// How many clients are delegated, of however many the firm has.
const DELEGATED: usize = 100;

fn main() {
    let sizes = sizes(&[250, 500, 1_000, 2_000, 4_000]);
    if sizes.is_empty() {
        return;
    }
    println!("{:>14}  {:>22}  {:>22}", "firm's clients", "first API, ms a client", "second API, ms a client");
    for size in sizes {
        let [first, second] = ["delegation", "administration"].map(|api| ms_a_client(api, size));
        println!("{size:>14}  {first:>22.1}  {second:>23.1}");
    }
}

/// The time that a client costs: of a run with all of them, less that of a run with one.
fn ms_a_client(api: &str, size: usize) -> f64 {
    let whole = run(api, size, DELEGATED);
    let one = run(api, size, 1);
    (whole.saturating_sub(one)).as_secs_f64() * 1e3 / (DELEGATED - 1) as f64
}

fn run(api: &str, size: usize, delegated: usize) -> Duration {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = World::with_clients(size, 1);
    let numbers: Vec<String> =
        world.clients().iter().take(delegated).map(|client| client.number.unwrap().to_string()).collect();
    let options = Options { latency: LATENCY, latency_per_client: PER_CLIENT, ..Options::default() };
    let server = runtime.block_on(Server::start(world, options)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("clients.csv"), format!("Orgnr\n{}\n", numbers.join("\n"))).unwrap();
    write_job(folder.path(), api, &server);
    let mut command = fullmakt(folder.path(), &["run", "job.toml", "--yes", "--quiet"]);
    let took = measure(command.env("DOORS_TOKEN", SANDBOX_TOKEN));
    assert!(took.success);
    assert_eq!(server.world().lock().delegated(ONBOARDING_AGENT).len(), delegated);
    took.wall
}

fn write_job(folder: &Path, api: &str, server: &Server) {
    let (agent, firm) = (ONBOARDING_AGENT, facilitator());
    let party = server.world().lock().party(firm);
    let environment = server.origin().origin().ascii_serialization();
    let job = format!(
        "name = \"doors\"\nkind = \"delegate\"\nmanifest = \"clients.csv\"\n\n[altinn]\nenvironment = {environment:?}\n\
         facilitator = \"{firm}\"\nfacilitator_id = \"{party}\"\nagent = \"{agent}\"\napi = {api:?}\n\n\
         [auth]\nmethod = \"token\"\ntoken_env = \"DOORS_TOKEN\"\n\n[pace]\nrate = \"unlimited\"\nin_flight = 1\n"
    );
    fs::write(folder.join("job.toml"), job).unwrap();
}
