//! A server that does next to nothing, so that what is measured is the program; and, where a bench says so, one that has
//! latency, limits, half outages and faults.
//!
//! One thread per connection, and no parsing beyond what the five calls need.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)]

use std::{
    fmt::Write as _,
    fs,
    io::{self, BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use fullmakt::model::OrganisationNumber;

use super::limits::{Kind, Limit, Limiter};

pub const AGENT: &str = "1b6cea43-f499-4aae-a633-51cf542795af";
pub const FACILITATOR: &str = "314250052";

/// How a server answers; by default at once, and everything.
#[derive(Debug, Clone, Default)]
pub struct Conduct {
    /// How long every answer takes but a refusal.
    pub latency: Duration,
    /// How long a refusal takes.
    pub refusal: Duration,
    /// What is taken of the changes; the rest is refused with 429.
    pub limit: Option<(Kind, Vec<(Duration, Limit)>)>,
    /// A refusal says how long to wait, in whole seconds.
    pub retry_after: bool,
    /// From when to when changes are answered 503, and lists as ever. Times are from the first change on.
    pub half_outage: Option<(Duration, Duration)>,
    /// Of so many changes one is answered 500 the first time; 0 for none.
    pub faults_one_in: u64,
}

/// A server on a loopback port.
pub struct ThinServer {
    pub port: u16,
    pub numbers: Arc<Vec<OrganisationNumber>>,
    world: Arc<World>,
}

struct World {
    conduct: Conduct,
    available: String,
    delegated: Vec<AtomicBool>,
    faulted: Vec<AtomicBool>,
    changes: AtomicU64,
    refused: AtomicU64,
    origin: Instant,
    limiter: Mutex<Option<Limiter>>,
    /// When the first change came and the last was answered, in microseconds from `origin`; 0 for never.
    first_change: AtomicU64,
    last_change: AtomicU64,
    /// When the last list had been written.
    list_written: AtomicU64,
}

impl ThinServer {
    pub fn start(many: usize) -> Self {
        Self::with_conduct(many, Conduct::default())
    }

    pub fn with_conduct(many: usize, conduct: Conduct) -> Self {
        let numbers: Arc<Vec<_>> =
            Arc::new((10_000_000..).filter_map(OrganisationNumber::from_first_eight).take(many).collect());
        let limiter = conduct.limit.clone().map(|(kind, limits)| Limiter::new(kind, limits));
        let flags = || (0..many).map(|_| AtomicBool::new(false)).collect();
        let world = Arc::new(World {
            conduct,
            available: list(&numbers, |_| true),
            delegated: flags(),
            faulted: flags(),
            changes: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            origin: Instant::now(),
            limiter: Mutex::new(limiter),
            first_change: AtomicU64::new(0),
            last_change: AtomicU64::new(0),
            list_written: AtomicU64::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (numbers_there, world_there) = (Arc::clone(&numbers), Arc::clone(&world));
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (numbers, world) = (Arc::clone(&numbers_there), Arc::clone(&world_there));
                thread::spawn(move || serve(connection, &numbers, &world));
            }
        });
        Self { port, numbers, world }
    }

    pub fn delegated(&self) -> usize {
        self.world.delegated.iter().filter(|delegated| delegated.load(Ordering::Relaxed)).count()
    }

    /// Changes that came, and how many of them were refused.
    pub fn changes(&self) -> (u64, u64) {
        (self.world.changes.load(Ordering::Relaxed), self.world.refused.load(Ordering::Relaxed))
    }

    /// From the first change that came to the last that was answered.
    pub fn sending(&self) -> Duration {
        let at = |time: &AtomicU64| Duration::from_micros(time.load(Ordering::Relaxed));
        at(&self.world.last_change).saturating_sub(at(&self.world.first_change))
    }

    /// From the last list that was written before the first change, to that change.
    pub fn list_to_first_change(&self) -> Duration {
        let at = |time: &AtomicU64| Duration::from_micros(time.load(Ordering::Relaxed));
        at(&self.world.first_change).saturating_sub(at(&self.world.list_written))
    }

    /// The next change is the first again. Nothing of the world is forgotten.
    pub fn watch_again(&self) {
        self.world.changes.store(0, Ordering::Relaxed);
        self.world.refused.store(0, Ordering::Relaxed);
        self.world.first_change.store(0, Ordering::Relaxed);
        self.world.last_change.store(0, Ordering::Relaxed);
    }

    /// The path and query of the change that delegates a client.
    pub fn change_path(index: usize) -> String {
        let client = client_id(index);
        format!("/authentication/api/v1/enduser/systemuser/clients?agent={AGENT}&client={client}")
    }

    /// A folder with a manifest of every client and a job.
    pub fn write_job(&self, folder: &Path, pace: &str) {
        let mut manifest = String::from("Orgnr;Navn\r\n");
        for (index, number) in self.numbers.iter().enumerate() {
            let _ = write!(manifest, "{number};KLIENT {index} AS\r\n");
        }
        fs::write(folder.join("manifest.csv"), manifest).unwrap();
        let job = format!(
            "name = \"bench\"\nkind = \"delegate\"\nmanifest = \"manifest.csv\"\n\
             [altinn]\nenvironment = \"http://127.0.0.1:{}\"\nfacilitator = \"{FACILITATOR}\"\nagent = \"{AGENT}\"\n\
             [auth]\nmethod = \"token\"\ntoken_env = \"BENCH_TOKEN\"\n[pace]\n{pace}\n",
            self.port
        );
        fs::write(folder.join("job.toml"), job).unwrap();
    }
}

impl World {
    fn now(&self) -> u64 {
        self.origin.elapsed().as_micros() as u64
    }
}

fn serve(mut connection: TcpStream, numbers: &[OrganisationNumber], world: &World) -> Option<()> {
    connection.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(connection.try_clone().ok()?);
    let (mut first, mut header) = (String::new(), String::new());
    loop {
        first.clear();
        if reader.read_line(&mut first).ok()? == 0 {
            return None;
        }
        loop {
            header.clear();
            reader.read_line(&mut header).ok()?;
            if header == "\r\n" {
                break;
            }
        }
        if first.starts_with("POST ") {
            change(&first, world, &mut connection).ok()?;
        } else {
            read(&first, numbers, world, &mut connection).ok()?;
        }
    }
}

fn change(first: &str, world: &World, out: &mut impl Write) -> io::Result<()> {
    world.changes.fetch_add(1, Ordering::Relaxed);
    let since_first = || {
        let now = world.now();
        let begin = world.first_change.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
        Duration::from_micros(now.saturating_sub(begin.err().unwrap_or(now)))
    };
    // A limiter's time must not run backwards, so it is read while no other request can be asking.
    let (since_first, refused) = if world.conduct.limit.is_some() {
        let mut limiter = world.limiter.lock().unwrap();
        let at = since_first();
        (at, limiter.as_mut().and_then(|limiter| limiter.ask(at).err()))
    } else {
        (since_first(), None)
    };
    if let Some(wait) = refused {
        world.refused.fetch_add(1, Ordering::Relaxed);
        thread::sleep(world.conduct.refusal);
        let seconds = wait.as_secs_f64().ceil() as u64;
        let header =
            if world.conduct.retry_after { format!("Retry-After: {seconds}\r\n") } else { String::new() };
        return respond(out, "429 Too Many Requests", &header, "{\"statusCode\":429}");
    }
    let outage = world.conduct.half_outage;
    if outage.is_some_and(|(from, until)| (from..until).contains(&since_first)) {
        return respond(out, "503 Service Unavailable", "", "");
    }
    if !world.conduct.latency.is_zero() {
        thread::sleep(world.conduct.latency);
    }
    let client = first.split("client=").nth(1).and_then(|rest| rest.get(..36)).unwrap_or_default();
    let index = client.get(24..).and_then(|tail| usize::from_str_radix(tail, 16).ok()).unwrap_or(usize::MAX);
    let one_in = world.conduct.faults_one_in;
    if one_in > 0
        && (index as u64).is_multiple_of(one_in)
        && world.faulted.get(index).is_some_and(|faulted| !faulted.swap(true, Ordering::Relaxed))
    {
        return respond(out, "500 Internal Server Error", "", "");
    }
    if let Some(delegated) = world.delegated.get(index) {
        delegated.store(true, Ordering::Relaxed);
    }
    respond(out, "200 OK", "", &format!("{{\"agent\":\"{AGENT}\",\"client\":\"{client}\"}}"))?;
    world.last_change.fetch_max(world.now(), Ordering::Relaxed);
    Ok(())
}

fn read(first: &str, numbers: &[OrganisationNumber], world: &World, out: &mut impl Write) -> io::Result<()> {
    thread::sleep(world.conduct.latency);
    if first.contains("/agents") {
        let agents = format!(
            "[{{\"id\":\"{AGENT}\",\"integrationTitle\":\"Thin\",\"reporteeOrgNo\":\"{FACILITATOR}\",\"userType\":\"agent\"}}]"
        );
        return respond(out, "200 OK", "", &agents);
    }
    if first.contains("/available") {
        respond(out, "200 OK", "", &world.available)?;
    } else {
        let now = list(numbers, |index| world.delegated[index].load(Ordering::Relaxed));
        respond(out, "200 OK", "", &now)?;
    }
    if world.first_change.load(Ordering::Relaxed) == 0 {
        world.list_written.store(world.now(), Ordering::Relaxed);
    }
    Ok(())
}

/// As random as a real one to whoever sorts them; its end says which client it is.
fn client_id(index: usize) -> String {
    let scattered = (index as u32).wrapping_mul(0x9E37_79B1);
    format!("{scattered:08x}-0000-4000-8000-{index:012x}")
}

fn list(numbers: &[OrganisationNumber], has: impl Fn(usize) -> bool) -> String {
    let mut list = format!(
        "{{\"links\":{{}},\"systemUserInformation\":{{\"systemUserId\":\"{AGENT}\",\"systemUserOwnerOrg\":\"{FACILITATOR}\"}},\"data\":["
    );
    let mut comma = "";
    for (index, number) in numbers.iter().enumerate().filter(|(index, _)| has(*index)) {
        let _ = write!(
            list,
            "{comma}{{\"clientId\":\"{}\",\"clientOrganizationNumber\":\"{number}\",\"clientOrganizationName\":\"KLIENT {index} AS\"}}",
            client_id(index)
        );
        comma = ",";
    }
    list.push_str("]}");
    list
}

fn respond(out: &mut impl Write, status: &str, header: &str, body: &str) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{header}Content-Length: {}\r\n\r\n",
        body.len()
    );
    if body.len() < 4096 {
        return out.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice());
    }
    out.write_all(head.as_bytes())?;
    out.write_all(body.as_bytes())
}
