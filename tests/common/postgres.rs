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
    io::Write,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// A server, with as many databases as tests ask for. It ends with the test's process, however that ends.
pub struct Postgres {
    folder: tempfile::TempDir,
    bin: PathBuf,
    pub port: u16,
    databases: AtomicU32,
    keeper: Mutex<Option<Child>>,
    environment: Mutex<Vec<(String, String)>>,
}

/// Runs the server `$@`, whose files are in the folder `$0`, until a line comes or whoever would send one is gone; then stops
/// it as a power cut would, and with nobody left takes its files away.
const KEEPER: &str = r#""$@" & server=$!
if read -r _; then gone=no; else gone=yes; fi
kill -s QUIT $server
wait $server
if test $gone = yes; then rm -rf "$0"; fi"#;

/// Where the server's programs are; none where it is not installed.
fn bin() -> Option<PathBuf> {
    let mut places: Vec<PathBuf> =
        std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    // Debian keeps them out of the path, a folder for each version.
    for version in (13..30).rev() {
        places.push(format!("/usr/lib/postgresql/{version}/bin").into());
    }
    places.into_iter().find(|place| {
        ["initdb", "postgres", "pg_isready", "createdb", "psql"]
            .iter()
            .all(|program| place.join(program).exists())
    })
}

impl Postgres {
    /// A server of this test's own; none, loudly, where it is not installed.
    pub fn start() -> Option<Self> {
        Self::start_with("")
    }

    /// The same, with further settings.
    pub fn start_with(settings: &str) -> Option<Self> {
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
        let port = free_port();
        let server = Self {
            folder,
            bin,
            port,
            databases: AtomicU32::new(0),
            keeper: Mutex::default(),
            environment: Mutex::default(),
        };
        server.does(
            "initdb",
            &[
                "-D",
                &server.data(),
                "-U",
                "fullmakt",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
        );
        fs::OpenOptions::new()
            .append(true)
            .open(server.folder.path().join("data/postgresql.conf"))
            .and_then(|mut file| {
                write!(
                    file,
                    "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\n\
                     max_connections = 300\nshared_buffers = '32MB'\nlog_statement = 'none'\n{settings}\n"
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
        let folder = self.folder.path();
        let log = fs::OpenOptions::new().create(true).append(true).open(folder.join("log.txt")).unwrap();
        let server = self.command("/usr/bin/env");
        let mut keeper = Command::new("sh");
        let settings = self.environment.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let settings = settings.iter().map(|(name, value)| format!("{name}={value}"));
        // Only the server itself is to have them.
        keeper.args(["-c", KEEPER]).arg(folder).arg(server.get_program()).args(server.get_args());
        keeper.args(settings).arg(self.bin.join("postgres"));
        keeper.args(["-D", &self.data()]).current_dir("/").stdin(Stdio::piped());
        keeper.stdout(Stdio::null()).stderr(log);
        *self.keeper() = Some(keeper.spawn().unwrap());
        let begin = Instant::now();
        let port = self.port.to_string();
        while !self
            .command("pg_isready")
            .args(["-q", "-h", "127.0.0.1", "-p", &port, "-U", "fullmakt", "-d", "postgres"])
            .status()
            .unwrap()
            .success()
        {
            let log = || fs::read_to_string(folder.join("log.txt")).unwrap_or_default();
            assert!(begin.elapsed() < Duration::from_mins(1), "{}", log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// A server that is started anew with these variables.
    pub fn start_in(settings: &str, environment: &[(&str, &str)]) -> Option<Self> {
        let server = Self::start_with(settings)?;
        server.restart_in(environment);
        Some(server)
    }

    /// Starts it anew, with these variables.
    pub fn restart_in(&self, environment: &[(&str, &str)]) {
        self.crash();
        let environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        *self.environment.lock().unwrap_or_else(PoisonError::into_inner) = environment.collect();
        self.up();
    }

    /// Stops it as a power cut would: nothing is written any more, nobody is told.
    pub fn crash(&self) {
        let Some(mut keeper) = self.keeper().take() else { return };
        keeper.stdin.take().unwrap().write_all(b"stop\n").unwrap();
        keeper.wait().unwrap();
    }

    fn keeper(&self) -> MutexGuard<'_, Option<Child>> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where its files are.
    pub fn folder(&self) -> String {
        self.folder.path().display().to_string()
    }

    /// Writes a file into the server's folder, which only the server reads.
    pub fn write(&self, name: &str, content: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.folder.path().join("data").join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        if is_root() {
            assert!(Command::new("chown").arg("postgres").arg(path).status().unwrap().success());
        }
    }

    /// The address of a fresh database, for processes that keep what they have however long the machine lets them wait.
    pub fn address(&self) -> String {
        self.address_with_lease("5min")
    }

    /// The address of a fresh database, for processes that lose what they have when they are not heard of for so long.
    pub fn address_with_lease(&self, lease: &str) -> String {
        let name = format!("ledger{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let port = self.port.to_string();
        self.does("createdb", &["-h", "127.0.0.1", "-p", &port, "-U", "fullmakt", &name]);
        format!("postgres://fullmakt@127.0.0.1:{port}/{name}?lease={lease}")
    }

    /// What a question is answered, as plain text: a line for each row, a bar between columns.
    pub fn ask(&self, address: &str, sql: &str) -> String {
        self.try_ask(address, sql).unwrap().replace('\u{1f}', "|")
    }

    /// The same; an error is what the server says.
    pub fn try_ask(&self, address: &str, sql: &str) -> Result<String, String> {
        let mut command = self.command("psql");
        let done =
            command.args(["-X", "-q", "-A", "-t", "-F", "\u{1f}", "-c", sql, address]).output().unwrap();
        if !done.status.success() {
            return Err(String::from_utf8_lossy(&done.stderr).into_owned());
        }
        Ok(String::from_utf8(done.stdout).unwrap().trim().to_owned())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.crash();
    }
}

/// A port that is free, and stays so until a program that is told of it has it. It is none of those that the system gives to
/// connections, or one of another test might have it meanwhile.
pub fn free_port() -> u16 {
    let given = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let first = given.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or(32_768_u16);
    let from = (first / 2).max(1024);
    let begin = fastrand::u16(from..first);
    (begin..first).chain(from..begin).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
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

/// A server that stays until the program ends. No test takes its power away, so it waits for no disk.
fn kept() -> Option<&'static Postgres> {
    static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
    SERVER.get_or_init(|| Postgres::start_with("fsync = off\n")).as_ref()
}

/// Whether the tests that have any ledger have it on a server: then what is about the ledger's file is left out.
pub fn is_meant() -> bool {
    std::env::var_os("FULLMAKT_TEST_LEDGER").is_some_and(|meant| meant == "postgres")
}

/// What the ledger of this state folder answers, wherever it is: rows of texts. None where there is no ledger yet, or one
/// without tables.
pub fn rows(state: &Path, sql: &str) -> Option<Vec<Vec<String>>> {
    if let Some(address) = address_for(state) {
        let bare = address.split('?').next().unwrap();
        let answer = kept()?.try_ask(bare, sql).ok()?;
        return Some(answer.lines().map(|line| line.split('\u{1f}').map(str::to_owned).collect()).collect());
    }
    let ledger = rusqlite::Connection::open_with_flags(
        state.join("ledger.db"),
        rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE,
    )
    .ok()?;
    ledger.busy_timeout(Duration::from_secs(10)).unwrap();
    let mut select = ledger.prepare(sql).ok()?;
    let columns = select.column_count();
    let text = |value: rusqlite::types::ValueRef<'_>| match value {
        rusqlite::types::ValueRef::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
        rusqlite::types::ValueRef::Integer(number) => number.to_string(),
        rusqlite::types::ValueRef::Null => String::new(),
        other => panic!("{other:?}"),
    };
    let rows = select
        .query_map([], |row| (0..columns).map(|column| Ok(text(row.get_ref(column)?))).collect())
        .unwrap();
    Some(rows.map(Result::unwrap).collect())
}
