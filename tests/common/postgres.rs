//! A real server for ledgers of several hosts, made and started by the test itself, and gone with it.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    clippy::pedantic,
    clippy::print_stderr,
    clippy::zombie_processes
)]

use std::{
    collections::HashMap,
    fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// A server, with as many databases as tests ask for.
pub struct Postgres {
    folder: tempfile::TempDir,
    bin: PathBuf,
    pub port: u16,
    databases: AtomicU32,
}

/// Where the server's programs are; none where it is not installed.
fn bin() -> Option<PathBuf> {
    let mut places: Vec<PathBuf> =
        std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    // Debian keeps them out of the path, a folder for each version.
    for version in (13..30).rev() {
        places.push(format!("/usr/lib/postgresql/{version}/bin").into());
    }
    places.into_iter().find(|place| {
        ["initdb", "pg_ctl", "createdb", "psql"].iter().all(|program| place.join(program).exists())
    })
}

impl Postgres {
    /// A server of this test's own; none, loudly, where it is not installed.
    pub fn start() -> Option<Self> {
        let Some(bin) = bin() else {
            assert!(
                std::env::var_os("FULLMAKT_TEST_POSTGRES_MUST").is_none(),
                "PostgreSQL's server is not installed: apt-get install postgresql"
            );
            eprintln!("LEFT OUT: PostgreSQL's server is not installed (apt-get install postgresql)");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("postgres").tempdir().unwrap();
        // The server refuses to run as root.
        if is_root() {
            let owner = Command::new("chown").arg("postgres").arg(folder.path()).status().unwrap();
            assert!(owner.success());
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { folder, bin, port, databases: AtomicU32::new(0) };
        server.does(
            "initdb",
            &["-D", &server.data(), "-U", "fullmakt", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"],
        );
        fs::OpenOptions::new()
            .append(true)
            .open(server.folder.path().join("data/postgresql.conf"))
            .and_then(|mut file| {
                use std::io::Write;
                write!(
                    file,
                    "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\n\
                     max_connections = 300\nshared_buffers = '32MB'\nlog_statement = 'none'\n"
                )
            })
            .unwrap();
        server.up();
        Some(server)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn does(&self, program: &str, arguments: &[&str]) {
        let done = self.command(program).args(arguments).output().unwrap();
        assert!(
            done.status.success(),
            "{program}: {}{}",
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr)
        );
    }

    fn command(&self, program: &str) -> Command {
        let path = self.bin.join(program);
        if !is_root() {
            return Command::new(path);
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(path);
        command.current_dir("/");
        command
    }

    /// Starts it (again), and waits until it answers.
    pub fn up(&self) {
        let log = self.folder.path().join("data/log.txt");
        let done = self
            .command("pg_ctl")
            .args(["-D", &self.data(), "-w", "-t", "60", "-l", &log.display().to_string(), "start"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(done.success(), "{}", fs::read_to_string(log).unwrap_or_default());
        let begin = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(begin.elapsed() < Duration::from_secs(30));
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Stops it as a power cut would: nothing is written any more, nobody is told.
    pub fn crash(&self) {
        let _ = self
            .command("pg_ctl")
            .args(["-D", &self.data(), "-m", "immediate", "-w", "stop"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }

    /// The address of a fresh database.
    pub fn address(&self) -> String {
        let name = format!("ledger{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let port = self.port.to_string();
        self.does("createdb", &["-h", "127.0.0.1", "-p", &port, "-U", "fullmakt", &name]);
        format!("postgres://fullmakt@127.0.0.1:{port}/{name}?lease=3s")
    }

    /// What a question is answered, as plain text.
    pub fn ask(&self, address: &str, sql: &str) -> String {
        let done = self.command("psql").args(["-X", "-A", "-t", "-c", sql, address]).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.crash();
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|done| done.stdout.starts_with(b"0\n"))
}

/// With `FULLMAKT_TEST_LEDGER=postgres` the tests that have any ledger have it on a server: its address for this state
/// folder. The server is the test program's, and goes with it.
pub fn address_for(state: &Path) -> Option<String> {
    static ADDRESSES: Mutex<Option<HashMap<PathBuf, String>>> = Mutex::new(None);
    if std::env::var_os("FULLMAKT_TEST_LEDGER")? != "postgres" {
        return None;
    }
    let mut addresses = ADDRESSES.lock().unwrap_or_else(PoisonError::into_inner);
    let addresses = addresses.get_or_insert_default();
    if let Some(address) = addresses.get(state) {
        return Some(address.clone());
    }
    let address = kept()?.address();
    addresses.insert(state.to_owned(), address.clone());
    Some(address)
}

/// The ledger of this state folder, wherever it is.
pub fn ledger(state: &Path) -> fullmakt::ledger::Ledger {
    let address = address_for(state).map(|address| fullmakt::ledger::Address::parse(&address).unwrap());
    fullmakt::ledger::Ledger::open_where(&fullmakt::state_dir::StateDir::at(state), address.as_ref()).unwrap()
}

/// A server that stays until the program ends: a process of its own sees to it, because nothing is dropped at that end.
fn kept() -> Option<&'static Postgres> {
    static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
    let start = || {
        let server = Postgres::start()?;
        let (data, bin) = (server.folder.path().display(), server.bin.display());
        let watch = format!(
            "while kill -0 {} 2>/dev/null; do sleep 1; done; kill -s QUIT $(head -1 {data}/data/postmaster.pid); sleep 1; rm -rf {data}",
            std::process::id()
        );
        let _ = bin;
        Command::new("sh")
            .args(["-c", &watch])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Some(server)
    };
    SERVER.get_or_init(start).as_ref()
}
