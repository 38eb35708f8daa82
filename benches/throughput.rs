//! How fast and in how much memory the whole program delegates, against a server that does next to nothing.
//!
//! `cargo bench --bench throughput` prints, for 20,000 and for 100,000 clients: the time of the whole process from
//! start to end (manifest, both lists, every client, read-back, reports), clients per second of that time, and the
//! process's peak memory (`VmHWM`; Linux only). The server runs in the benchmark's own process, so that the
//! figures are the program's, on the cores that the server leaves it.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::{
    fmt::Write as _,
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use fullmakt::model::OrganisationNumber;

const AGENT: &str = "1b6cea43-f499-4aae-a633-51cf542795af";
const FACILITATOR: &str = "314250052";

fn main() {
    // `cargo test --benches` passes `--test`: nothing to measure then.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!("{:>9}  {:>8}  {:>11}  {:>9}", "clients", "seconds", "clients/s", "peak MB");
    for many in [20_000, 20_000, 20_000, 100_000] {
        let (took, peak_kb) = delegate(many);
        let seconds = took.as_secs_f64();
        println!(
            "{many:>9}  {seconds:>8.2}  {:>11.0}  {:>9.1}",
            many as f64 / seconds,
            peak_kb as f64 / 1024.0
        );
    }
}

/// Runs the program on so many clients. Answers how long the process took and its peak memory in KiB.
fn delegate(many: usize) -> (Duration, u64) {
    let folder = tempfile::tempdir().unwrap();
    let server = ThinServer::start(many);
    write_job(folder.path(), &server);
    let begin = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_fullmakt"))
        .args(["run", "job.toml", "--yes", "--quiet", "--format", "json", "--state-dir", "state"])
        .env("BENCH_TOKEN", "thin")
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut peak_kb = 0;
    let status = loop {
        peak_kb = peak_memory_kb(child.id()).unwrap_or(0).max(peak_kb);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        thread::sleep(Duration::from_millis(5));
    };
    let took = begin.elapsed();
    let mut summary = String::new();
    child.stdout.unwrap().read_to_string(&mut summary).unwrap();
    assert!(status.success(), "{summary}");
    assert_eq!(server.delegated(), many, "{summary}");
    (took, peak_kb)
}

fn write_job(folder: &Path, server: &ThinServer) {
    let mut manifest = String::from("Orgnr;Navn\r\n");
    for (index, number) in server.numbers.iter().enumerate() {
        let _ = write!(manifest, "{number};KLIENT {index} AS\r\n");
    }
    fs::write(folder.join("manifest.csv"), manifest).unwrap();
    let job = format!(
        "name = \"throughput\"\nkind = \"delegate\"\nmanifest = \"manifest.csv\"\n\
         [altinn]\nenvironment = \"http://127.0.0.1:{}\"\nfacilitator = \"{FACILITATOR}\"\nagent = \"{AGENT}\"\n\
         [auth]\nmethod = \"token\"\ntoken_env = \"BENCH_TOKEN\"\n\
         [pace]\nrate = \"unlimited\"\nin_flight = 64\n",
        server.port
    );
    fs::write(folder.join("job.toml"), job).unwrap();
}

fn peak_memory_kb(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Answers the five calls and nothing else: one thread per connection, no parsing beyond what it needs.
struct ThinServer {
    port: u16,
    numbers: Arc<Vec<OrganisationNumber>>,
    world: Arc<World>,
}

struct World {
    delegated: Vec<AtomicBool>,
    requests: AtomicU64,
}

impl ThinServer {
    fn start(many: usize) -> Self {
        let numbers: Arc<Vec<_>> =
            Arc::new((10_000_000..).filter_map(OrganisationNumber::from_first_eight).take(many).collect());
        let world = Arc::new(World {
            delegated: (0..many).map(|_| AtomicBool::new(false)).collect(),
            requests: AtomicU64::new(0),
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

    fn delegated(&self) -> usize {
        self.world.delegated.iter().filter(|delegated| delegated.load(Ordering::Relaxed)).count()
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
        world.requests.fetch_add(1, Ordering::Relaxed);
        answer(&first, numbers, world, &mut connection).ok()?;
    }
}

fn answer(
    first: &str,
    numbers: &[OrganisationNumber],
    world: &World,
    out: &mut impl Write,
) -> io::Result<()> {
    if first.starts_with("POST ") {
        let client = first.split("client=").nth(1).and_then(|rest| rest.get(..36)).unwrap_or_default();
        let index = client.get(24..).and_then(|tail| usize::from_str_radix(tail, 16).ok());
        if let Some(delegated) = index.and_then(|index| world.delegated.get(index)) {
            delegated.store(true, Ordering::Relaxed);
        }
        return respond(out, &format!("{{\"agent\":\"{AGENT}\",\"client\":\"{client}\"}}"));
    }
    if first.contains("/agents") {
        return respond(
            out,
            &format!(
                "[{{\"id\":\"{AGENT}\",\"integrationTitle\":\"Thin\",\"reporteeOrgNo\":\"{FACILITATOR}\",\"userType\":\"agent\"}}]"
            ),
        );
    }
    let all = first.contains("/available");
    let mut list = format!(
        "{{\"links\":{{}},\"systemUserInformation\":{{\"systemUserId\":\"{AGENT}\",\"systemUserOwnerOrg\":\"{FACILITATOR}\"}},\"data\":["
    );
    let mut comma = "";
    for (index, number) in numbers.iter().enumerate() {
        if all || world.delegated[index].load(Ordering::Relaxed) {
            let _ = write!(
                list,
                "{comma}{{\"clientId\":\"00000000-0000-4000-8000-{index:012x}\",\"clientOrganizationNumber\":\"{number}\",\"clientOrganizationName\":\"KLIENT {index} AS\"}}"
            );
            comma = ",";
        }
    }
    list.push_str("]}");
    respond(out, &list)
}

fn respond(out: &mut impl Write, body: &str) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    out.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice())
}
