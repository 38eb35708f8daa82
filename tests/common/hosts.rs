//! A fleet on several hosts: real workers, each with a state folder of its own as on a host of its own, and one ledger on a
//! real server that the test starts, kills and cuts off. Altinn is reached through a door that knows which worker's
//! connection it lets through, so that of every request it is known who sent it.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    clippy::print_stderr
)]

#[path = "pace.rs"]
mod pace;

use std::{
    collections::HashMap,
    fmt::Write as _,
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use fullmakt::{
    model::OrganisationNumber,
    sandbox::{CLIENT_ID, CLIENT_KEY, World, small_firm, small_firms_agent},
};
use pace::Watch;
use serde_json::Value;

use crate::program::{self, Done, Program, postgres::Postgres};

/// How long a lease is in these tests, and how often workers look at what others do.
pub const LEASE: Duration = Duration::from_secs(3);
pub const POLL: Duration = Duration::from_secs(5);

/// A fleet of so many small firms, with a ledger on a server.
pub struct Hosts {
    pub program: Program,
    pub firms: usize,
    pub server: Postgres,
    pub address: String,
    rate: Option<usize>,
    watch: Watch,
    pub door: Door,
}

impl Hosts {
    /// None, loudly, where no server is installed.
    pub fn new(firms: usize, rate: &str) -> Option<Self> {
        Some(Self::on(Postgres::start()?, firms, rate))
    }

    pub fn on(server: Postgres, firms: usize, rate: &str) -> Self {
        let address = server.address_with_lease(&format!("{}s", LEASE.as_secs()));
        let program = Program::new(World::with_small_firms(1, 0.0, firms), Duration::from_millis(5));
        program.write_private("key.jwk", CLIENT_KEY);
        let door = Door::to(&program);
        let per_second = rate.strip_suffix("/s").map(|rate| rate.parse().unwrap());
        let hosts = Self { program, firms, server, address, rate: per_second, watch: Watch::begin(), door };
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
        hosts
    }

    pub fn write_file(&self, rate: &str) {
        let server = self.program.server();
        let (origin, endpoint) = (self.door.origin(), server.token_endpoint().0);
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
    pub fn clients(&self, place: usize) -> Vec<(OrganisationNumber, u32)> {
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

    pub fn sent(&self) -> Vec<u32> {
        (0..self.firms).flat_map(|place| self.clients(place)).map(|(_, sent)| sent).collect()
    }

    /// A worker on a host of its own.
    pub fn worker(&self, host: &str, address: &str) -> Child {
        self.worker_with(host, address, |_| {})
    }

    /// The same, with more in its environment.
    pub fn worker_with(&self, host: &str, address: &str, more: impl FnOnce(&mut Command)) -> Child {
        let mut command = self.program.command(&["fleet", "work", "fleet.toml", "--until-done"]);
        more(&mut command);
        command
            .env("HOSTNAME", host)
            .env("FULLMAKT_STATE_DIR", self.program.path(host))
            .env("FULLMAKT_LEDGER", address)
            .stdout(std::fs::File::create(self.program.path(&format!("{host}.out"))).unwrap())
            .stderr(std::fs::File::create(self.program.path(&format!("{host}.err"))).unwrap());
        let worker = command.spawn().unwrap();
        self.door.knows(worker.id());
        worker
    }

    pub fn workers(&self) -> Vec<Child> {
        ["one", "two", "three"].iter().map(|host| self.worker(host, &self.address)).collect()
    }

    /// Waits until each of these workers has firms, however slowly one of them comes up, and only then lets them change anything.
    /// [`Door::hold`] was called before they were started.
    pub fn wait_until_all_are_at_work(&self, workers: &[&Child]) {
        let begin = Instant::now();
        while workers.iter().any(|worker| self.agents_of(worker).is_empty()) {
            assert!(begin.elapsed() < Duration::from_mins(1), "{}", self.said());
            thread::sleep(Duration::from_millis(20));
        }
        self.door.hold(false);
    }

    /// Three workers, each of which has firms.
    pub fn workers_at_work(&self) -> Vec<Child> {
        self.door.hold(true);
        let workers = self.workers();
        self.wait_until_all_are_at_work(&workers.iter().collect::<Vec<_>>());
        workers
    }

    /// Stops a worker at a moment at which it has begun with firms and is done with none of them, and says which.
    pub fn stop_in_the_middle(&self, worker: &Child) -> Vec<Held> {
        let begin = Instant::now();
        loop {
            program::signal(worker, "STOP");
            // What it has just told the server still comes to pass.
            thread::sleep(Duration::from_millis(50));
            let sql = format!(
                "SELECT agent, extract(epoch FROM lease_until) FROM leases
                 WHERE process = {} AND lease_until > clock_timestamp()
                   AND agent IN (SELECT agent FROM runs WHERE finished_at IS NULL)",
                worker.id()
            );
            let held = self.server.ask(&bare(&self.address), &sql);
            let held: Vec<Held> = held.lines().map(Held::read).collect();
            if !held.is_empty() {
                return held;
            }
            program::signal(worker, "CONT");
            assert!(begin.elapsed() < Duration::from_secs(20), "{}", self.said());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// What one worker has said so far.
    pub fn said_by(&self, host: &str) -> String {
        fs::read_to_string(self.program.path(&format!("{host}.err"))).unwrap_or_default()
    }

    pub fn said(&self) -> String {
        ["one", "two", "three"].iter().map(|host| self.said_by(host)).collect::<Vec<_>>().join("---\n")
    }

    pub fn ask(&self, arguments: &[&str]) -> Done {
        let mut command = self.program.command(arguments);
        command.env("FULLMAKT_STATE_DIR", self.program.path("looks")).env("FULLMAKT_LEDGER", &self.address);
        Done::of(command.output().unwrap())
    }

    pub fn status(&self) -> Value {
        self.ask(&["fleet", "status", "fleet.toml", "--format", "json"]).expect(0).json()
    }

    /// When Altinn's API was asked; sign-ins have no part in its pace.
    pub fn times(&self) -> Vec<Instant> {
        let mut times = self.door.passing.times.lock().unwrap_or_else(PoisonError::into_inner).clone();
        times.sort_unstable();
        times
    }

    /// Waits until so many clients have been sent, of all firms together.
    pub fn wait_until_sent(&self, many: u32) {
        let begin = Instant::now();
        while self.sent().iter().sum::<u32>() < many {
            assert!(begin.elapsed() < Duration::from_mins(1), "{}", self.said());
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits until nothing has been asked for a second and a half.
    pub fn must_fall_silent(&self) {
        let begin = Instant::now();
        loop {
            let before = self.times().len();
            thread::sleep(Duration::from_millis(1500));
            if self.times().len() == before {
                return;
            }
            assert!(begin.elapsed() < Duration::from_secs(20), "{}", self.said());
        }
    }

    /// The places of the firms whose agents a process has now. Before the first worker has made the tables nobody has one.
    pub fn agents_of(&self, worker: &Child) -> Vec<usize> {
        let sql = format!(
            "SELECT agent FROM leases WHERE process = {} AND lease_until > clock_timestamp()",
            worker.id()
        );
        let held = self.server.try_ask(&bare(&self.address), &sql).unwrap_or_default();
        (0..self.firms).filter(|place| held.contains(&small_firms_agent(*place).to_string())).collect()
    }

    /// How often clients of these firms have been sent.
    pub fn sent_about(&self, places: &[usize]) -> u32 {
        places.iter().flat_map(|place| self.clients(*place)).map(|(_, sent)| sent).sum()
    }

    /// Waits until another process has one of the agents that this one had. That is not so while the lease lasts, and soon
    /// after: by the server's clock, which both go by.
    pub fn must_be_taken_over(&self, held: &[Held], from: u32) {
        let agents: Vec<String> = held.iter().map(|held| format!("'{}'", held.agent)).collect();
        let sql = format!(
            "SELECT agent, extract(epoch FROM since) FROM leases WHERE agent IN ({}) AND process != {from}",
            agents.join(", ")
        );
        let begin = Instant::now();
        let taken = loop {
            let taken = self.server.ask(&bare(&self.address), &sql);
            if let Some(first) = taken.lines().map(Held::read).min_by(|a, b| a.until.total_cmp(&b.until)) {
                break first;
            }
            assert!(begin.elapsed() < Duration::from_mins(1), "{}", self.said());
            thread::sleep(Duration::from_millis(50));
        };
        let until = held.iter().find(|held| held.agent == taken.agent).unwrap().until;
        let after = taken.until - until;
        assert!(after >= 0.0, "taken over {after} s after the lease was over");
        // The others may have all their places taken for a while, and the machine much to do beside.
        assert!(after < (POLL + Duration::from_secs(10)).as_secs_f64(), "{after} s after the lease was over");
    }

    pub fn must_end_well(&self, worker: &mut Child) {
        let begin = Instant::now();
        while worker.try_wait().unwrap().is_none() {
            assert!(begin.elapsed() < Duration::from_secs(90), "{}\n{}", self.said(), self.status());
            thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(worker.wait().unwrap().code(), Some(0), "{}", self.said());
    }

    /// No two workers at one agent: once a worker's request about an agent has come after another's, none of the other's
    /// follows. And the pace was kept.
    pub fn must_not_be_mixed(&self) {
        let of_each = self.requests_of_each_agent();
        assert!(of_each.len() >= self.firms, "{of_each:?}");
        for (agent, workers) in &of_each {
            let mut turns = workers.clone();
            turns.dedup();
            let mut once = turns.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(
                turns.len(),
                once.len(),
                "requests about {agent} came from {turns:?}\n{}",
                self.said()
            );
        }
        self.must_keep_the_pace();
    }

    /// Of each agent, which worker sent each request about it, in the order in which they came.
    pub fn requests_of_each_agent(&self) -> HashMap<String, Vec<u32>> {
        let mut of_each: HashMap<String, Vec<u32>> = HashMap::new();
        for seen in self.program.server().requests() {
            if let Some(agent) = seen.agent {
                of_each.entry(agent).or_default().push(self.door.who_came_by(seen.from.port()));
            }
        }
        of_each
    }

    /// No second holds more requests than the rate, and all of them were seen.
    pub fn must_keep_the_pace(&self) {
        let Some(rate) = self.rate else { return };
        let times = self.times();
        let seen = self.program.server().requests();
        let seen = seen.iter().filter(|seen| seen.path.contains("/enduser/")).count();
        assert!(times.len() >= seen, "the door saw {} of {seen}", times.len());
        self.watch.must_be_kept(&times, rate);
    }

    /// Every firm done, every client delegated, and none sent again but those that were under way when something broke.
    pub fn must_be_done(&self, twice_at_most: usize) {
        assert_eq!(self.status()["counts"]["done"].as_u64(), Some(self.firms as u64), "{}", self.said());
        let sent = self.sent();
        assert!(sent.iter().all(|sent| (1..=2).contains(sent)), "{sent:?}");
        let twice = sent.iter().filter(|sent| **sent == 2).count();
        assert!(twice <= twice_at_most, "{twice} were sent twice");
    }
}

impl Drop for Hosts {
    /// A test that fails leaves no worker behind.
    fn drop(&mut self) {
        let folder = self.program.path("").display().to_string();
        for worker in self.door.workers.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let is_ours = fs::read(format!("/proc/{worker}/environ"))
                .is_ok_and(|there| String::from_utf8_lossy(&there).contains(&folder));
            if is_ours {
                let _ = Command::new("kill").args(["-9", &worker.to_string()]).status();
            }
        }
    }
}

/// An agent that a worker has, and until when, in seconds of the server's clock.
pub struct Held {
    pub agent: String,
    pub until: f64,
}

impl Held {
    fn read(line: &str) -> Self {
        let (agent, until) = line.split_once('|').unwrap();
        Self { agent: agent.to_owned(), until: until.parse().unwrap() }
    }
}

/// The way to Altinn. It lets everybody through while it is open, and remembers whose connection is whose.
pub struct Door {
    port: u16,
    is_shut: Arc<AtomicBool>,
    workers: Arc<Mutex<Vec<u32>>>,
    came_by: Arc<Mutex<HashMap<u16, u32>>>,
    passing: Arc<Passing>,
}

/// What the door sees of each request, and those that it has wait.
#[derive(Default)]
struct Passing {
    is_held: AtomicBool,
    /// When each request to Altinn's API came here: nothing that Altinn does keeps the clock from being read.
    times: Mutex<Vec<Instant>>,
}

impl Passing {
    fn pass(&self, bytes: &[u8]) {
        let now = Instant::now();
        let head = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let asks = head.windows(9).any(|part| part == b"/enduser/") && head.ends_with(b" HTTP/1.1");
        if asks {
            self.times.lock().unwrap_or_else(PoisonError::into_inner).push(now);
        }
        while asks && !head.starts_with(b"GET ") && self.is_held.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Door {
    fn to(program: &Program) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let altinn = program.server().origin().port().unwrap();
        let door = Self {
            port,
            is_shut: Arc::default(),
            workers: Arc::default(),
            came_by: Arc::default(),
            passing: Arc::default(),
        };
        // What its lists lead on to is on this side of the door, too.
        program.world().lock().lists_mut().origin = door.origin();
        let (workers, came_by) = (Arc::clone(&door.workers), Arc::clone(&door.came_by));
        let (passing, is_shut) = (Arc::clone(&door.passing), Arc::clone(&door.is_shut));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                if is_shut.load(Ordering::Relaxed) {
                    continue;
                }
                let Ok(other) = TcpStream::connect(("127.0.0.1", altinn)) else { continue };
                join(&stream, &other, &Arc::default(), Some(&passing));
                // Nothing waits for the answer to whose it is.
                let (workers, came_by) = (Arc::clone(&workers), Arc::clone(&came_by));
                thread::spawn(move || {
                    let (Ok(end), Ok(own)) = (stream.peer_addr(), other.local_addr()) else { return };
                    let worker = who_has(end.port(), port, &workers);
                    came_by.lock().unwrap().insert(own.port(), worker);
                });
            }
        });
        door
    }

    fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Lets nobody through any more, or everybody again.
    pub fn shut(&self, is_shut: bool) {
        self.is_shut.store(is_shut, Ordering::Relaxed);
    }

    /// Has everybody who would change something wait in front of the door, or lets them on.
    pub fn hold(&self, is_held: bool) {
        self.passing.is_held.store(is_held, Ordering::SeqCst);
    }

    pub fn knows(&self, worker: u32) {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
    }

    /// Whose connection came out of the door at this port.
    fn who_came_by(&self, port: u16) -> u32 {
        let begin = Instant::now();
        loop {
            if let Some(worker) = self.came_by.lock().unwrap().get(&port) {
                return *worker;
            }
            assert!(begin.elapsed() < Duration::from_secs(20), "a request came by no door");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The worker that has the connection whose end on its side is at this port, and the other at the door's.
fn who_has(port: u16, door: u16, workers: &Mutex<Vec<u32>>) -> u32 {
    let begin = Instant::now();
    let ends = [format!("0100007F:{port:04X}"), format!("0100007F:{door:04X}")];
    loop {
        let all = fs::read_to_string("/proc/net/tcp").unwrap();
        let mut lines = all.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let inode = lines
            .find(|fields| fields.get(1..3).is_some_and(|there| *there == ends))
            .map(|fields| fields[9].to_owned());
        if let Some(inode) = inode.filter(|inode| inode != "0") {
            let socket = format!("socket:[{inode}]");
            let workers = workers.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let has = |worker: &u32| {
                let open = fs::read_dir(format!("/proc/{worker}/fd")).into_iter().flatten().flatten();
                open.filter_map(|open| fs::read_link(open.path()).ok())
                    .any(|open| open.to_string_lossy() == socket)
            };
            if let Some(worker) = workers.into_iter().find(has) {
                return worker;
            }
        }
        // It was killed before anybody could look.
        if begin.elapsed() > Duration::from_secs(5) {
            return 0;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// The address without what only our program knows.
pub fn bare(address: &str) -> String {
    address.split('?').next().unwrap().to_owned()
}

/// Has a program see a clock that is so far off, such as `+300s`; of the clock that nobody sets it sees the real one.
pub fn with_clock(command: &mut Command, off: &str) {
    command
        .env("LD_PRELOAD", faketime().unwrap())
        .env("FAKETIME", off)
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    command.env("DONT_FAKE_MONOTONIC", "1");
}

/// Where the library is that shows a program another time; none, loudly, where it is not installed.
pub fn faketime() -> Option<PathBuf> {
    let places = fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    let found =
        places.map(|place| place.join("faketime/libfaketimeMT.so.1")).find(|library| library.exists());
    if found.is_none() {
        assert!(
            std::env::var_os("FULLMAKT_TEST_POSTGRES_MUST").is_none(),
            "libfaketime is not installed: apt-get install faketime"
        );
        eprintln!("LEFT OUT: libfaketime is not installed (apt-get install faketime)");
    }
    found
}

pub fn kill(mut worker: Child) {
    worker.kill().unwrap();
    worker.wait().unwrap();
}

/// What stands between a worker and the server, and can be cut: nothing comes through then, and nobody is told.
pub struct Line {
    pub port: u16,
    is_cut: Arc<AtomicBool>,
}

impl Line {
    pub fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_cut = Arc::new(AtomicBool::new(false));
        let cut = Arc::clone(&is_cut);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let Ok(other) = TcpStream::connect(("127.0.0.1", server)) else { continue };
                join(&stream, &other, &cut, None);
            }
        });
        Self { port, is_cut }
    }

    pub fn cut(&self, is_cut: bool) {
        self.is_cut.store(is_cut, Ordering::SeqCst);
    }
}

/// What comes from one goes to the other, both ways.
fn join(one: &TcpStream, other: &TcpStream, cut: &Arc<AtomicBool>, door: Option<&Arc<Passing>>) {
    for (from, to, door) in [(one, other, door), (other, one, None)] {
        from.set_nodelay(true).unwrap();
        let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
        let (cut, door) = (Arc::clone(cut), door.cloned());
        thread::spawn(move || carry(from, to, &cut, door.as_deref()));
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, cut: &AtomicBool, door: Option<&Passing>) {
    let mut bytes = [0; 16 * 1024];
    loop {
        let Ok(many) = from.read(&mut bytes) else { return };
        if let Some(door) = door {
            door.pass(&bytes[..many]);
        }
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
