//! Many firms in one process: memory, whether the pace of all is kept and reached, and how evenly firms are served.
//!
//! `cargo bench --bench fleet` carries out 100 firms, 50 at once, at 100/s, one of them fifty times as large as the
//! others, on the sandbox's server, whose answers take about 30 ms. `-- 400` does it for as many firms. It counts what
//! arrives: on a machine that has other things to do, requests wait between their leave and the server, and come in a bunch. It
//! fails when more than one second in a hundred holds more than 101, when one holds more than 110, when less than 95 a
//! second were reached while there was work for it, or when a firm was served at less than half the pace of the middle one.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[path = "common/process.rs"]
mod process;

use std::{
    fmt::Write as _,
    fs,
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use fullmakt::{
    ledger::Ledger,
    model::{ClientId, OrganisationNumber, RunStatus},
    sandbox::{CLIENT_ID, CLIENT_KEY, Options, SandboxClient, Server, World, small_firm, small_firms_agent},
    state_dir::StateDir,
};
use process::{fullmakt, measure, sizes};
use uuid::Uuid;

const RATE: usize = 100;
const SIDE_BY_SIDE: usize = 50;
/// Clients that the first firm has besides.
const LARGE: usize = 1000;

fn main() -> ExitCode {
    let mut good = true;
    for firms in sizes(&[100]) {
        good &= measured(firms);
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn measured(firms: usize) -> bool {
    let mut world = World::with_small_firms(1, 0.0, firms);
    enlarge(&mut world);
    let folder = tempfile::tempdir().unwrap();
    let clients = write_lists(&world, firms, folder.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let options = Options { latency: Duration::from_millis(30), ..Options::default() };
    let server = runtime.block_on(Server::start(world, options)).unwrap();
    write_fleet(&server, folder.path());
    let took = measure(&mut fullmakt(folder.path(), &["fleet", "work", "fleet.toml", "--until-done", "-q"]));
    assert!(took.success, "see `fullmakt fleet status`");

    let requests = server.requests();
    let of_altinn = requests.iter().filter(|seen| seen.path.contains("/enduser/"));
    let times: Vec<Instant> = of_altinn.map(|seen| seen.at).collect();
    let in_seconds = in_seconds(&times);
    let most = in_seconds.iter().copied().max().unwrap_or(0);
    let over =
        in_seconds.iter().filter(|count| **count > RATE + 1).count() as f64 * 100.0 / times.len() as f64;
    // The last tenth is the large firm's end, whose read-backs wait for themselves.
    let counted = &times[..times.len() * 9 / 10];
    let reached = counted.len() as f64 / (counted[counted.len() - 1] - counted[0]).as_secs_f64();
    let paces = paces(folder.path());
    let (slowest, middle, fastest) = (paces[0], paces[paces.len() / 2], paces[paces.len() - 1]);
    println!(
        "{firms} firms, {clients} clients, {SIDE_BY_SIDE} at once: {:.1} s, {:.2} s of processor, {:.0} MB at the most",
        took.wall.as_secs_f64(),
        took.processor.as_secs_f64(),
        took.peak_mb
    );
    println!(
        "  {} requests; at most {most} in any second, more than {} in {over:.1} % of them; {reached:.1} a second reached",
        times.len(),
        RATE + 1
    );
    println!(
        "  a firm was served at {middle:.2} requests about clients a second (middle), {slowest:.2} at the least, {fastest:.2} at the most"
    );
    most <= RATE * 11 / 10 && over <= 1.0 && reached >= 0.95 * RATE as f64 && slowest >= middle / 2.0
}

/// The first firm has many more clients than the others.
fn enlarge(world: &mut World) {
    let firm = small_firm(0);
    let like = world.clients().iter().find(|client| client.facilitator == firm).unwrap().packages.clone();
    let numbers = (30_000_000..).filter_map(OrganisationNumber::from_first_eight);
    for (place, number) in numbers.take(LARGE).enumerate() {
        let id = ClientId(Uuid::from_u128(0xF1EE_7000 + place as u128));
        world.add_client(SandboxClient::organisation(
            id,
            firm,
            number,
            format!("STOR {place}"),
            like.clone(),
        ));
    }
}

/// Writes the list of firms and each firm's clients. Answers how many clients there are.
fn write_lists(world: &World, firms: usize, folder: &Path) -> usize {
    let mut list = "facilitator;agent;kind;manifest\n".to_owned();
    let mut all = 0;
    for place in 0..firms {
        let (firm, agent) = (small_firm(place), small_firms_agent(place));
        writeln!(list, "{firm};{agent};delegate;{firm}.csv").unwrap();
        let packages = &world.agents().find(|one| one.listed.id == agent).unwrap().listed.packages;
        let of_firm = world.clients().iter().filter(|client| client.facilitator == firm);
        let whole =
            of_firm.filter(|client| client.packages.len() == packages.len() && client.variant != "BBL");
        let numbers: Vec<String> = whole.filter_map(|client| Some(client.number?.to_string())).collect();
        all += numbers.len();
        fs::write(folder.join(format!("{firm}.csv")), format!("orgnr\n{}\n", numbers.join("\n"))).unwrap();
    }
    fs::write(folder.join("firms.csv"), list).unwrap();
    all
}

fn write_fleet(server: &Server, folder: &Path) {
    let (origin, endpoint) = (server.origin().origin().ascii_serialization(), server.token_endpoint().0);
    let key = folder.join("key.jwk");
    fs::write(&key, CLIENT_KEY).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let fleet = format!(
        "name = \"bench\"\n[fleet]\nlist = \"firms.csv\"\nside_by_side = {SIDE_BY_SIDE}\n\
         [altinn]\nenvironment = \"{origin}\"\n[pace]\nrate = \"{RATE}/s\"\n\
         [auth]\nmethod = \"maskinporten\"\nclient_id = {CLIENT_ID:?}\nkey_file = \"key.jwk\"\ntoken_endpoint = \"{endpoint}\"\n"
    );
    fs::write(folder.join("fleet.toml"), fleet).unwrap();
}

/// How many requests came in the second that each begins.
fn in_seconds(times: &[Instant]) -> Vec<usize> {
    let in_second_from = |first: usize| {
        times[first..].iter().take_while(|time| **time < times[first] + Duration::from_secs(1)).count()
    };
    (0..times.len()).map(in_second_from).collect()
}

/// Requests about clients a second, of each firm while it was under way with all places taken; in order.
fn paces(folder: &Path) -> Vec<f64> {
    let ledger = Ledger::open(&StateDir::at(folder.join("state"))).unwrap();
    let mut runs: Vec<_> =
        ledger.runs().unwrap().into_iter().filter(|run| run.status == RunStatus::Completed).collect();
    runs.sort_by_key(|run| run.finished_at);
    // While fewer firms are left than there are places, each has more of the pace.
    let full = runs.len().saturating_sub(SIDE_BY_SIDE).max(1);
    let pace = |run: &fullmakt::ledger::RunRecord| {
        let ms = run.finished_at.unwrap().as_millisecond() - run.started_at.as_millisecond();
        ledger.attempts(run).unwrap().0 as f64 * 1000.0 / ms.max(1) as f64
    };
    let mut paces: Vec<f64> = runs.iter().take(full).map(pace).collect();
    paces.sort_by(f64::total_cmp);
    paces
}
