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
use serde_json::Value;

use crate::program::{Done, Program, postgres::Postgres};

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
    pub door: Door,
}

impl Hosts {
    /// None, loudly, where no server is installed.
    pub fn new(firms: usize, rate: &str) -> Option<Self> {
        Some(Self::on(Postgres::start()?, firms, rate))
    }

    pub fn on(server: Postgres, firms: usize, rate: &str) -> Self {
        let address = server.address();
        let program = Program::new(World::with_small_firms(1, 0.0, firms), Duration::from_millis(5));
        program.write_private("key.jwk", CLIENT_KEY);
        let door = Door::to(&program);
        let per_second = rate.strip_suffix("/s").map(|rate| rate.parse().unwrap());
        let hosts = Self { program, firms, server, address, rate: per_second, door };
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
        let mut times = self.door.times.lock().unwrap_or_else(PoisonError::into_inner).clone();
        times.sort_unstable();
        times
    }

    /// Waits until the first so many requests about clients have been answered.
    pub fn wait_for(&self, requests: u64) {
        let begin = Instant::now();
        while self.program.world().lock().requests() < requests {
            assert!(begin.elapsed() < Duration::from_mins(1), "{}", self.said());
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// The places of the firms whose agents a process has now.
    pub fn agents_of(&self, worker: &Child) -> Vec<usize> {
        let sql = format!(
            "SELECT agent FROM leases WHERE process = {} AND lease_until > clock_timestamp()",
            worker.id()
        );
        let held = self.server.ask(&bare(&self.address), &sql);
        (0..self.firms).filter(|place| held.contains(&small_firms_agent(*place).to_string())).collect()
    }

    /// How often clients of these firms have been sent.
    pub fn sent_about(&self, places: &[usize]) -> u32 {
        places.iter().flat_map(|place| self.clients(*place)).map(|(_, sent)| sent).sum()
    }

    /// Waits until another process has one of these firms' agents.
    pub fn wait_for_another(&self, places: &[usize], worker: u32) {
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

    /// No second holds more requests than the rate. They are seen when they come, and one takes some milliseconds longer
    /// than another: so no stretch that is shorter by 50 ms may hold more, and a whole second one more at the most.
    pub fn must_keep_the_pace(&self) {
        let Some(rate) = self.rate else { return };
        let times = self.times();
        let seen = self.program.server().requests();
        let seen = seen.iter().filter(|seen| seen.path.contains("/enduser/")).count();
        assert!(times.len() >= seen, "the door saw {} of {seen}", times.len());
        let (short, whole) =
            (most_within(&times, Duration::from_millis(950)), most_within(&times, Duration::from_secs(1)));
        assert!(short <= rate && whole <= rate + rate.div_ceil(20), "{short} in 950 ms, {whole} in 1 s");
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

/// The way to Altinn. It lets everybody through while it is open, and remembers whose connection is whose.
pub struct Door {
    port: u16,
    is_shut: Arc<AtomicBool>,
    workers: Arc<Mutex<Vec<u32>>>,
    came_by: Arc<Mutex<HashMap<u16, u32>>>,
    /// When each request to Altinn's API came here: nothing that Altinn does keeps the clock from being read.
    times: Arc<Mutex<Vec<Instant>>>,
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
            times: Arc::default(),
        };
        // What its lists lead on to is on this side of the door, too.
        program.world().lock().lists_mut().origin = door.origin();
        let (workers, came_by) = (Arc::clone(&door.workers), Arc::clone(&door.came_by));
        let (times, is_shut) = (Arc::clone(&door.times), Arc::clone(&door.is_shut));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                if is_shut.load(Ordering::Relaxed) {
                    continue;
                }
                let Ok(other) = TcpStream::connect(("127.0.0.1", altinn)) else { continue };
                join(&stream, &other, &Arc::default(), Some(&times));
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
            assert!(begin.elapsed() < Duration::from_secs(5), "a request came by no door");
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
        if begin.elapsed() > Duration::from_secs(2) {
            return 0;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// The address without what only our program knows.
pub fn bare(address: &str) -> String {
    address.split('?').next().unwrap().to_owned()
}

pub fn most_within(times: &[Instant], stretch: Duration) -> usize {
    let from =
        |first: usize| times[first..].iter().take_while(|time| **time < times[first] + stretch).count();
    (0..times.len()).map(from).max().unwrap_or(0)
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
fn join(one: &TcpStream, other: &TcpStream, cut: &Arc<AtomicBool>, times: Option<&Arc<Mutex<Vec<Instant>>>>) {
    for (from, to, times) in [(one, other, times), (other, one, None)] {
        from.set_nodelay(true).unwrap();
        let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
        let (cut, times) = (Arc::clone(cut), times.cloned());
        thread::spawn(move || carry(from, to, &cut, times.as_deref()));
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, cut: &AtomicBool, times: Option<&Mutex<Vec<Instant>>>) {
    let mut bytes = [0; 16 * 1024];
    loop {
        let Ok(many) = from.read(&mut bytes) else { return };
        let now = Instant::now();
        let asks = |bytes: &[u8]| {
            let head = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
            head.windows(9).any(|part| part == b"/enduser/") && head.ends_with(b" HTTP/1.1")
        };
        if let Some(times) = times.filter(|_| asks(&bytes[..many])) {
            times.lock().unwrap_or_else(PoisonError::into_inner).push(now);
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
