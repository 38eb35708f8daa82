//! The real program against the sandbox's real server, which runs in the test's own process.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::missing_panics_doc)]

#[path = "postgres.rs"]
pub mod postgres;

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use fullmakt::sandbox::{ONBOARDING_AGENT, Options, SANDBOX_TOKEN, Server, SharedWorld, World, facilitator};
use serde_json::Value;
use tokio::runtime::Runtime;

/// A server, a folder with a job and a manifest, and a state folder.
pub struct Program {
    folder: tempfile::TempDir,
    server: Option<Server>,
    world: SharedWorld,
    runtime: Runtime,
    /// Appended to the job file.
    pub pace: String,
    /// The job's `[auth]`.
    pub auth: String,
}

const GUARD: &str = "[guard]\n";
/// A list that a test has just written is whole.
const AT_REST: &str = "[guard]\nmanifest_rest = \"0s\"\n";

impl Program {
    /// Serves this world, with answers that take about `latency`; the manifest names every client of it.
    pub fn new(world: World, latency: Duration) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let options = Options { latency, ..Options::default() };
        let server = runtime.block_on(Server::start(world, options)).unwrap();
        let program = Self {
            folder: tempfile::tempdir().unwrap(),
            world: server.world(),
            server: Some(server),
            runtime,
            pace: "rate = \"unlimited\"\nin_flight = 4\n".to_owned(),
            auth: "method = \"token\"\ntoken_env = \"TEST_TOKEN\"\n".to_owned(),
        };
        let rows: Vec<String> = program
            .world()
            .lock()
            .clients()
            .iter()
            .filter_map(|client| Some(format!("{};{}", client.number?, client.name)))
            .collect();
        program.write("manifest.csv", format!("Orgnr;Navn\r\n{}\r\n", rows.join("\r\n")));
        program.write_job("delegate", "");
        program
    }

    pub fn world(&self) -> SharedWorld {
        self.world.clone()
    }

    /// Every request that has reached the server.
    pub fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    /// From now on nobody listens.
    pub fn stop_server(&mut self) {
        let server = self.server.take().unwrap();
        self.runtime.block_on(server.shutdown());
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    /// A file that only its owner can read.
    pub fn write_private(&self, name: &str, content: impl AsRef<[u8]>) {
        self.write(name, content);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
        }
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Writes the job file, with further lines at its end.
    pub fn write_job(&self, kind: &str, more: &str) {
        let origin = self.server().origin().origin().ascii_serialization();
        let (facilitator, pace, auth) = (facilitator(), &self.pace, &self.auth);
        let more = match more {
            more if kind != "reconcile" || more.contains("manifest_rest") => more.to_owned(),
            more if more.contains(GUARD) => more.replacen(GUARD, AT_REST, 1),
            more => format!("{more}{AT_REST}"),
        };
        let job = format!(
            "name = \"test\"\nkind = \"{kind}\"\nmanifest = \"manifest.csv\"\n\
             [altinn]\nenvironment = \"{origin}\"\nfacilitator = \"{facilitator}\"\nagent = \"{ONBOARDING_AGENT}\"\n\
             [auth]\n{auth}[pace]\n{pace}{more}"
        );
        self.write("job.toml", job);
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fullmakt"));
        if let Some(address) = postgres::address_for(&self.path("state")) {
            command.env("FULLMAKT_LEDGER", address);
        }
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("FULLMAKT_STATE_DIR", self.path("state"))
            .env("TEST_TOKEN", SANDBOX_TOKEN)
            .env("FULLMAKT_KEYRING", "off")
            .env_remove("NO_COLOR")
            // Whatever this machine speaks.
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// What the ledger answers, wherever it is; none where there is none yet.
    pub fn ledger(&self, sql: &str) -> Option<Vec<Vec<String>>> {
        postgres::rows(&self.path("state"), sql)
    }

    pub fn run(&self, arguments: &[&str]) -> Done {
        Done::of(self.command(arguments).output().unwrap())
    }

    pub fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    /// Waits until the server has been asked about clients so often, or the program has ended.
    pub fn wait_for_requests(&self, child: &mut Child, requests: u64) {
        let begin = Instant::now();
        while self.world().lock().requests() < requests && child.try_wait().unwrap().is_none() {
            assert!(begin.elapsed() < Duration::from_secs(30), "the program does not get on");
            thread::sleep(Duration::from_micros(200));
        }
    }

    /// How often each client was sent, in the world's order.
    pub fn sent(&self) -> Vec<u32> {
        let world = self.world();
        let world = world.lock();
        world.clients().iter().map(|client| world.sent(ONBOARDING_AGENT, client.id)).collect()
    }

    pub fn delegated(&self) -> usize {
        self.world().lock().delegated(ONBOARDING_AGENT).len()
    }
}

/// What a finished program left.
#[derive(Debug)]
pub struct Done {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Done {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The one JSON document on stdout.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }

    /// One of the totals on stdout.
    #[track_caller]
    pub fn total(&self, name: &str) -> u64 {
        self.json()["totals"][name].as_u64().unwrap_or_else(|| panic!("no {name}: {}", self.stdout))
    }
}

/// Sends a signal by name.
#[cfg(unix)]
pub fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}
