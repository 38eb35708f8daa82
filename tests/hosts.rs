//! A fleet on several hosts: real workers, each with a state folder of its own as on a host of its own, and one ledger on a
//! real server that the test starts, kills and cuts off.

#![cfg(all(unix, feature = "postgres"))]
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/program.rs"]
mod program;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::Child,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use fullmakt::{
    model::OrganisationNumber,
    sandbox::{CLIENT_ID, CLIENT_KEY, Fault, Method, World, small_firm, small_firms_agent},
};
use program::{Done, Program, postgres::Postgres};
use serde_json::Value;

/// How long a lease is in these tests, and how often workers look at what others do.
const LEASE: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_secs(5);

/// A fleet of so many small firms, with a ledger on a server.
struct Hosts {
    program: Program,
    firms: usize,
    server: Postgres,
    address: String,
}

impl Hosts {
    /// None, loudly, where no server is installed.
    fn new(firms: usize, rate: &str) -> Option<Self> {
        let server = Postgres::start()?;
        let address = server.address();
        let program = Program::new(World::with_small_firms(1, 0.0, firms), Duration::from_millis(5));
        program.write_private("key.jwk", CLIENT_KEY);
        let hosts = Self { program, firms, server, address };
        hosts.write_file(rate);
        let mut list = "Org.nr.;Systembruker;Type;Liste\n".to_owned();
        for place in 0..firms {
            let (firm, agent) = (small_firm(place), small_firms_agent(place));
            writeln!(list, "{firm};{agent};reconcile;{firm}.csv").unwrap();
            let mut clients = "orgnr\n".to_owned();
            for (number, _) in hosts.clients(place) {
                writeln!(clients, "{number}").unwrap();
            }
            hosts.program.write(&format!("{firm}.csv"), clients);
        }
        hosts.program.write("firms.csv", list);
        Some(hosts)
    }

    fn write_file(&self, rate: &str) {
        let server = self.program.server();
        let (origin, endpoint) = (server.origin().origin().ascii_serialization(), server.token_endpoint().0);
        self.program.write(
            "fleet.toml",
            format!(
                "name = \"night\"\n[fleet]\nlist = \"firms.csv\"\nside_by_side = 3\n\
                 [altinn]\nenvironment = \"{origin}\"\n\
                 [auth]\nmethod = \"maskinporten\"\nclient_id = {CLIENT_ID:?}\nkey_file = \"key.jwk\"\n\
                 token_endpoint = \"{endpoint}\"\n[guard]\nremovals = \"10%\"\n[pace]\nrate = \"{rate}\"\n"
            ),
        );
    }

    /// A firm's clients that can be given, with how often each was sent.
    fn clients(&self, place: usize) -> Vec<(OrganisationNumber, u32)> {
        let world = self.program.world();
        let world = world.lock();
        let agent = world.agents().find(|agent| agent.listed.id == small_firms_agent(place)).unwrap();
        let whole = agent.listed.packages.len();
        let of_firm = world.clients().iter().filter(|client| client.facilitator == small_firm(place));
        of_firm
            .filter(|client| client.packages.len() == whole && client.variant != "BBL")
            .map(|client| (client.number.unwrap(), world.sent(small_firms_agent(place), client.id)))
            .collect()
    }

    fn sent(&self) -> Vec<u32> {
        (0..self.firms).flat_map(|place| self.clients(place)).map(|(_, sent)| sent).collect()
    }

    /// A worker on a host of its own.
    fn worker(&self, host: &str, address: &str) -> Child {
        let mut command = self.program.command(&["fleet", "work", "fleet.toml", "--until-done"]);
        command
            .env("FULLMAKT_STATE_DIR", self.program.path(host))
            .env("FULLMAKT_LEDGER", address)
            .stdout(std::fs::File::create(self.program.path(&format!("{host}.out"))).unwrap())
            .stderr(std::fs::File::create(self.program.path(&format!("{host}.err"))).unwrap());
        command.spawn().unwrap()
    }

    fn workers(&self) -> Vec<Child> {
        ["one", "two", "three"].iter().map(|host| self.worker(host, &self.address)).collect()
    }

    fn said(&self) -> String {
        ["one", "two", "three"]
            .iter()
            .map(|host| {
                std::fs::read_to_string(self.program.path(&format!("{host}.err"))).unwrap_or_default()
            })
            .collect::<Vec<_>>()
            .join("---\n")
    }

    fn ask(&self, arguments: &[&str]) -> Done {
        let mut command = self.program.command(arguments);
        command.env("FULLMAKT_STATE_DIR", self.program.path("looks")).env("FULLMAKT_LEDGER", &self.address);
        Done::of(command.output().unwrap())
    }

    fn status(&self) -> Value {
        self.ask(&["fleet", "status", "fleet.toml", "--format", "json"]).expect(0).json()
    }

    /// When Altinn's API was asked; sign-ins have no part in its pace.
    fn times(&self) -> Vec<Instant> {
        let requests = self.program.server().requests();
        requests.iter().filter(|seen| seen.path.contains("/enduser/")).map(|seen| seen.at).collect()
    }

    /// Waits until the first so many requests about clients have been answered.
    fn wait_for(&self, requests: u64) {
        let begin = Instant::now();
        while self.program.world().lock().requests() < requests {
            assert!(begin.elapsed() < Duration::from_mins(1), "{}", self.said());
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// The places of the firms whose agents a process has now.
    fn agents_of(&self, worker: &Child) -> Vec<usize> {
        let sql = format!(
            "SELECT agent FROM leases WHERE process = {} AND lease_until > clock_timestamp()",
            worker.id()
        );
        let held = self.server.ask(&bare(&self.address), &sql);
        (0..self.firms).filter(|place| held.contains(&small_firms_agent(*place).to_string())).collect()
    }

    /// How often clients of these firms have been sent.
    fn sent_about(&self, places: &[usize]) -> u32 {
        places.iter().flat_map(|place| self.clients(*place)).map(|(_, sent)| sent).sum()
    }

    /// Waits until another process has one of these firms' agents.
    fn wait_for_another(&self, places: &[usize], worker: u32) {
        let agents: Vec<String> =
            places.iter().map(|place| format!("'{}'", small_firms_agent(*place))).collect();
        let sql = format!(
            "SELECT count(*) FROM leases WHERE agent IN ({}) AND process != {worker}",
            agents.join(", ")
        );
        let begin = Instant::now();
        while self.server.ask(&bare(&self.address), &sql) == "0" {
            assert!(begin.elapsed() < Duration::from_mins(1), "{}", self.said());
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn must_end_well(&self, worker: &mut Child) {
        let begin = Instant::now();
        while worker.try_wait().unwrap().is_none() {
            assert!(begin.elapsed() < Duration::from_secs(90), "{}\n{}", self.said(), self.status());
            thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(worker.wait().unwrap().code(), Some(0), "{}", self.said());
    }

    /// Every firm done, every client delegated, and none sent again but those that were under way when something broke.
    fn must_be_done(&self, twice_at_most: usize) {
        assert_eq!(self.status()["counts"]["done"].as_u64(), Some(self.firms as u64), "{}", self.said());
        let sent = self.sent();
        assert!(sent.iter().all(|sent| (1..=2).contains(sent)), "{sent:?}");
        let twice = sent.iter().filter(|sent| **sent == 2).count();
        assert!(twice <= twice_at_most, "{twice} were sent twice");
    }
}

/// The address without what only our program knows.
fn bare(address: &str) -> String {
    address.split('?').next().unwrap().to_owned()
}

fn most_within(times: &[Instant], stretch: Duration) -> usize {
    let from =
        |first: usize| times[first..].iter().take_while(|time| **time < times[first] + stretch).count();
    (0..times.len()).map(from).max().unwrap_or(0)
}

fn kill(mut worker: Child) {
    worker.kill().unwrap();
    worker.wait().unwrap();
}

/// What stands between a worker and the server, and can be cut: nothing comes through then, and nobody is told.
struct Line {
    port: u16,
    is_cut: Arc<AtomicBool>,
}

impl Line {
    fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_cut = Arc::new(AtomicBool::new(false));
        let cut = Arc::clone(&is_cut);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let Ok(other) = TcpStream::connect(("127.0.0.1", server)) else { continue };
                for (from, to) in [(&stream, &other), (&other, &stream)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let cut = Arc::clone(&cut);
                    thread::spawn(move || carry(from, to, &cut));
                }
            }
        });
        Self { port, is_cut }
    }

    fn cut(&self, is_cut: bool) {
        self.is_cut.store(is_cut, Ordering::SeqCst);
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, cut: &AtomicBool) {
    let mut bytes = [0; 16 * 1024];
    loop {
        let Ok(many) = from.read(&mut bytes) else { return };
        if many == 0 {
            let _ = to.shutdown(std::net::Shutdown::Write);
            return;
        }
        while cut.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(5));
        }
        if to.write_all(&bytes[..many]).is_err() {
            return;
        }
    }
}

/// A worker more is two processors' work: these tests come one after the other.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> std::sync::MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[test]
fn three_hosts_share_the_firms_and_one_pace_and_no_client_is_sent_twice() {
    let _alone = alone();
    let Some(hosts) = Hosts::new(12, "60/s") else { return };
    let mut workers = hosts.workers();
    for worker in &mut workers {
        hosts.must_end_well(worker);
    }
    hosts.must_be_done(0);
    // One run for each firm: nobody began what another had.
    let runs = hosts.server.ask(&bare(&hosts.address), "SELECT count(*), count(DISTINCT agent) FROM runs");
    assert_eq!(runs, "12|12", "{}", hosts.said());
    let by_host = hosts
        .server
        .ask(&bare(&hosts.address), "SELECT count(DISTINCT process) FROM leases WHERE agent NOT LIKE '%#%'");
    assert!(by_host.parse::<u32>().unwrap() >= 2, "one worker did it all");
    let times = hosts.times();
    // They come a little later than they were sent, one a little more than another.
    assert!(
        most_within(&times, Duration::from_millis(950)) <= 60,
        "{}",
        most_within(&times, Duration::from_millis(950))
    );
    let lasted = times.last().unwrap().duration_since(times[0]).as_secs_f64();
    let least = times.len() as f64 / 60.0;
    assert!(lasted < 2.5 * least + 2.0, "{lasted} s for {least} s");
}

#[test]
fn what_a_killed_host_was_at_is_taken_over_within_its_lease_and_a_look_and_every_client_is_delegated() {
    let _alone = alone();
    let Some(hosts) = Hosts::new(9, "25/s") else { return };
    let mut workers = hosts.workers();
    hosts.wait_for(60);
    let places = hosts.agents_of(&workers[0]);
    assert!(!places.is_empty());
    let gone = workers.remove(0);
    let id = gone.id();
    kill(gone);
    let killed = Instant::now();
    hosts.wait_for_another(&places, id);
    let taken_over = killed.elapsed();
    for worker in &mut workers {
        hosts.must_end_well(worker);
    }
    hosts.must_be_done(3 * 16);
    // Two processors have much to do beside, and the others may have all their places taken for a while.
    assert!(taken_over < LEASE + POLL + Duration::from_secs(4), "{taken_over:?}");
    assert!(taken_over > LEASE.mul_f64(0.6), "not while the lease lasts: {taken_over:?}");
}

#[test]
fn a_host_that_stood_still_sends_nothing_about_what_another_has_taken_over() {
    let _alone = alone();
    let Some(hosts) = Hosts::new(9, "25/s") else { return };
    let mut workers = hosts.workers();
    hosts.wait_for(60);
    let places = hosts.agents_of(&workers[0]);
    assert!(!places.is_empty());
    program::signal(&workers[0], "STOP");
    for worker in &mut workers[1..] {
        hosts.must_end_well(worker);
    }
    hosts.must_be_done(3 * 16);
    let before = hosts.times().len();
    let sent = hosts.sent();
    program::signal(&workers[0], "CONT");
    hosts.must_end_well(&mut workers[0]);
    assert_eq!(hosts.sent(), sent, "{}", hosts.said());
    assert_eq!(hosts.times().len(), before, "nothing is left to do");
    assert_eq!(
        hosts.server.ask(
            &bare(&hosts.address),
            "SELECT count(*) FROM client_rows WHERE state NOT IN ('delegated', 'unchanged', 'superseded')"
        ),
        "0"
    );
}

#[test]
fn a_host_that_is_cut_off_from_the_ledger_stops_at_once_and_another_takes_over() {
    let _alone = alone();
    let Some(hosts) = Hosts::new(9, "25/s") else { return };
    let line = Line::to(hosts.server.port);
    let through = hosts.address.replace(&format!(":{}/", hosts.server.port), &format!(":{}/", line.port));
    let mut cut_off = hosts.worker("one", &through);
    let mut others = [hosts.worker("two", &hosts.address), hosts.worker("three", &hosts.address)];
    hosts.wait_for(60);
    let places = hosts.agents_of(&cut_off);
    assert!(!places.is_empty());
    line.cut(true);
    let cut = Instant::now();
    // What was handed out ahead lies at most 250 ms ahead; the answer takes a moment, too.
    thread::sleep(Duration::from_millis(500));
    let sent = hosts.sent_about(&places);
    while cut.elapsed() < LEASE.mul_f64(0.6) {
        assert_eq!(hosts.sent_about(&places), sent, "{}", hosts.said());
        thread::sleep(Duration::from_millis(20));
    }
    hosts.wait_for_another(&places, cut_off.id());
    for worker in &mut others {
        hosts.must_end_well(worker);
    }
    hosts.must_be_done(3 * 16);
    line.cut(false);
    hosts.must_end_well(&mut cut_off);
    hosts.must_be_done(3 * 16);
}

#[test]
fn when_the_server_dies_all_stop_and_when_it_is_back_all_go_on() {
    let _alone = alone();
    let Some(hosts) = Hosts::new(9, "25/s") else { return };
    let mut workers = hosts.workers();
    hosts.wait_for(60);
    hosts.server.crash();
    let died = Instant::now();
    thread::sleep(Duration::from_secs(3));
    let late = hosts.times().into_iter().filter(|at| *at > died + Duration::from_millis(500)).count();
    assert_eq!(late, 0, "{}", hosts.said());
    for worker in &mut workers {
        assert!(worker.try_wait().unwrap().is_none(), "nobody gives up: {}", hosts.said());
    }
    hosts.server.up();
    for worker in &mut workers {
        hosts.must_end_well(worker);
    }
    hosts.must_be_done(9 * 16);
    assert!(most_within(&hosts.times(), Duration::from_millis(950)) <= 25);
}

#[test]
fn a_retry_after_that_one_host_is_told_holds_all_of_them() {
    let _alone = alone();
    let Some(hosts) = Hosts::new(9, "40/s") else { return };
    let mut workers = hosts.workers();
    hosts.wait_for(60);
    hosts.program.world().lock().faults_mut().fail_next_of(Method::Post, 1, Fault::too_many_requests("3"));
    for worker in &mut workers {
        hosts.must_end_well(worker);
    }
    let times = hosts.times();
    let longest = times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!(longest >= Duration::from_millis(2600), "{longest:?}\n{}", hosts.said());
    let total: u32 = hosts.sent().iter().sum();
    assert_eq!(total as usize, hosts.sent().len() + 1, "one was refused, and nobody else asked meanwhile");
}

#[test]
fn a_hold_by_hand_holds_all_hosts_and_a_worker_elsewhere_goes_on_when_it_is_released() {
    let _alone = alone();
    let Some(hosts) = Hosts::new(6, "25/s") else { return };
    // So many that each has something under way: one that has nothing, and may begin nothing, has ended.
    let mut workers = [hosts.worker("one", &hosts.address), hosts.worker("two", &hosts.address)];
    hosts.wait_for(30);
    hosts.ask(&["fleet", "hold", "fleet.toml", "--reason", "maintenance"]).expect(0);
    thread::sleep(Duration::from_secs(1));
    let held = hosts.times().len();
    thread::sleep(Duration::from_millis(1500));
    assert_eq!(hosts.times().len(), held);
    let status = hosts.status();
    assert_eq!(status["held"]["reason"], "maintenance");
    assert_eq!(status["at_work"], true, "{status}");
    hosts.ask(&["fleet", "release", "fleet.toml"]).expect(0);
    for worker in &mut workers {
        hosts.must_end_well(worker);
    }
    hosts.must_be_done(0);
}

#[test]
fn a_server_that_confirms_too_early_is_refused_with_its_settings() {
    let _alone = alone();
    let Some(hosts) = Hosts::new(1, "unlimited") else { return };
    let sql = "ALTER ROLE fullmakt SET synchronous_commit = off";
    hosts.server.ask(&bare(&hosts.address), sql);
    let refused = hosts.ask(&["fleet", "work", "fleet.toml", "--until-done"]).expect(2);
    assert!(refused.stderr.contains("synchronous_commit = off"), "{}", refused.stderr);
    assert!(hosts.sent().iter().all(|sent| *sent == 0));
    hosts.server.ask(&bare(&hosts.address), "ALTER ROLE fullmakt RESET synchronous_commit");
    let done = hosts.ask(&["fleet", "work", "fleet.toml", "--until-done"]).expect(0);
    assert!(done.stderr.contains("synchronous_standby_names is empty"), "{}", done.stderr);
}

#[test]
fn the_history_of_a_client_is_the_same_from_a_ledger_on_a_server_and_one_in_the_folder() {
    let _alone = alone();
    let Some(server) = Postgres::start() else { return };
    let histories = [None, Some(server.address())].map(|address| {
        let world = World::with_clients(40, 1);
        let program = Program::new(world, Duration::ZERO);
        let run = |arguments: &[&str]| {
            let mut command = program.command(arguments);
            if let Some(address) = &address {
                command.env("FULLMAKT_LEDGER", address);
            }
            Done::of(command.output().unwrap())
        };
        let code = run(&["run", "job.toml", "--yes"]).code;
        assert!(matches!(code, Some(0 | 1)), "{code:?}");
        run(&["run", "job.toml", "--yes"]);
        assert_eq!(program.path("state/ledger.db").exists(), address.is_none());
        let numbers: Vec<_> = {
            let world = program.world();
            let world = world.lock();
            world.clients().iter().filter_map(|client| client.number).collect()
        };
        let mut all = BTreeMap::new();
        for number in numbers {
            let number = number.to_string();
            let told = run(&["history", &number, "--format", "json"]);
            let mut told: Value = serde_json::from_str(&told.stdout).unwrap_or_default();
            without_what_differs(&mut told);
            all.insert(number, told);
        }
        let mut last = run(&["status", "--format", "json"]).json();
        without_what_differs(&mut last);
        (code, all, last)
    });
    let [folder, on_server] = histories;
    assert!(folder.1.len() > 30 && folder.1.values().any(|told| told.to_string().contains("attempts")));
    assert_eq!(folder, on_server);
}

/// Ids, times, ports: what two runs of the same never have in common.
fn without_what_differs(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| {
                !name.ends_with("_at")
                    && !name.contains("duration")
                    && !name.contains("second")
                    && !matches!(
                        name.as_str(),
                        "environment"
                            | "run"
                            | "last_run"
                            | "since"
                            | "failures"
                            | "trace_id"
                            | "job_file"
                            | "state_dir"
                            | "folder"
                            | "report"
                            | "reports"
                            | "files"
                    )
            });
            fields.values_mut().for_each(without_what_differs);
        }
        Value::Array(all) => all.iter_mut().for_each(without_what_differs),
        _ => {}
    }
}

#[test]
fn an_address_that_cannot_be_used_is_refused_without_showing_what_stands_in_it() {
    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    for address in [
        "postgres://fullmakt:hush-hush@127.0.0.1/ledger",
        "postgres://127.0.0.1/ledger?password=hush-hush",
        "host=127.0.0.1 password=hush-hush",
        "mysql://fullmakt:hush-hush@127.0.0.1/ledger",
    ] {
        for more in [&[][..], &["--format", "json"], &["--lang", "nb"], &["--log", "json"]] {
            let said = program.run(&[&["--ledger", address, "runs"], more].concat()).expect(2);
            assert!(said.stderr.contains("--ledger") || said.stdout.contains("--ledger"), "{}", said.stderr);
            assert!(!format!("{}{}", said.stdout, said.stderr).contains("hush"), "{address}");
            let mut command = program.command(&[&["runs"], more].concat());
            let said = Done::of(command.env("FULLMAKT_LEDGER", address).output().unwrap()).expect(2);
            assert!(!format!("{}{}", said.stdout, said.stderr).contains("hush"), "{address}");
        }
    }
}

#[test]
fn a_variable_that_is_set_to_nothing_leaves_the_ledger_in_the_state_folder() {
    let program = Program::new(World::with_clients(3, 1), Duration::ZERO);
    let mut command = program.command(&["run", "job.toml", "--yes"]);
    Done::of(command.env("FULLMAKT_LEDGER", "").output().unwrap()).expect(0);
    assert_eq!(program.delegated(), 3);
}
