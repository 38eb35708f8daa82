//! A server that misbehaves: it ends by itself, in little memory, and nothing of it reaches a terminal raw.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/program.rs"]
mod program;
#[path = "common/raw_server.rs"]
mod raw_server;

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader},
    process::Child,
    time::{Duration, Instant},
};

use fullmakt::sandbox::World;
use program::{Done, Program};
use raw_server::{AGENT, Server, Write, answer, page};
use tokio::runtime::Runtime;

/// A job against a raw server, whose list of system users is in order.
struct Bench {
    program: Program,
    server: Server,
    _runtime: Runtime,
}

fn agents(title: &str) -> String {
    serde_json::json!([{
        "id": AGENT, "integrationTitle": title, "systemId": "s", "externalRef": "x", "supplierName": title,
        "userType": "Agent", "created": "2026-01-01T00:00:00Z", "accessPackages": [{ "urn": "urn:altinn:accesspackage:x" }],
    }])
    .to_string()
}

impl Bench {
    fn new(pace: &str, serve: impl Fn(usize, &str) -> Vec<Write> + Send + Sync + 'static) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(Server::start(serve));
        let mut program = Program::new(World::with_clients(1, 1), Duration::ZERO);
        pace.clone_into(&mut program.pace);
        program.write_job("delegate", "");
        let sandbox = program.server().origin().origin().ascii_serialization();
        let job = program.read("job.toml").replace(&sandbox, &server.origin.origin().ascii_serialization());
        program.write("job.toml", job);
        Self { program, server, _runtime: runtime }
    }
}

/// Waits for the end. Answers the most memory that it has had, in kilobytes, as often as one can look.
fn watch(child: &mut Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let now = fs::read_to_string(&status).unwrap_or_default();
        let peak = now.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        most = most.max(peak.and_then(|peak| peak.trim().parse().ok()).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(5));
    }
    most
}

const LIST: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"data\":[";

fn client(number: usize) -> String {
    format!(
        r#"{{"clientId":"00000000-0000-4000-8000-{number:012x}","clientOrganizationNumber":"310609544","clientOrganizationName":"A"}},"#
    )
}

/// Far from the 500 MB that are sent.
const MOST_KB: u64 = 120_000;

/// What is served as a list of clients.
type List = fn(usize) -> Vec<Write>;

#[test]
fn whatever_a_list_is_a_command_ends_within_give_up_after_in_little_memory() {
    const EVER: u32 = 1_000_000;
    let lists: [(&str, List); 6] = [
        ("drips", |_| {
            vec![Write::Bytes(LIST.to_owned()), Write::Repeat(client(1), EVER, Duration::from_millis(20))]
        }),
        ("never ends", |_| {
            let many: String = (0..500).map(client).collect();
            vec![Write::Bytes(LIST.to_owned()), Write::Repeat(many, EVER, Duration::ZERO)]
        }),
        ("has a name of 500 MB", |_| {
            let begin = format!("{LIST}{{\"clientOrganizationName\":\"");
            vec![Write::Bytes(begin), Write::Repeat("A".repeat(1 << 20), 500, Duration::ZERO)]
        }),
        ("says nothing", |_| vec![Write::Pause(Duration::from_mins(10))]),
        ("is a redirect to itself", |_| answer("302 Found\r\nLocation: /authentication/", "")),
        ("goes on and on, page by page", |number| {
            answer("200 OK", &page(&format!("\"?page={number}\""), [u32::try_from(number).unwrap()]))
        }),
    ];
    let benches: Vec<_> = lists
        .into_iter()
        .map(|(what, list)| {
            let bench = Bench::new(
                "give_up_after = \"2s\"\ntimeout = \"30s\"\nrate = \"unlimited\"\n",
                move |number, request| {
                    if request.contains("/agents") { answer("200 OK", &agents("x")) } else { list(number) }
                },
            );
            (what, bench)
        })
        .collect();
    for (what, bench) in benches {
        for command in [&["clients", "job.toml"][..], &["run", "job.toml", "--yes"]] {
            let begin = Instant::now();
            let mut child = bench.program.spawn(command);
            let most = watch(&mut child);
            let took = begin.elapsed();
            let done = Done::of(child.wait_with_output().unwrap()).expect(3);
            assert!(
                took < Duration::from_secs(25),
                "a list that {what}, {command:?}: {took:?}\n{}",
                done.stderr
            );
            assert!(most < MOST_KB, "a list that {what}, {command:?}: {most} kB\n{}", done.stderr);
        }
    }
}

/// Takes so many connections and no more, answers whatever comes on them, and leaves all others to hang.
#[cfg(target_os = "linux")]
fn takes_few(connections: usize, clients: String) -> std::net::SocketAddr {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for _ in 0..connections {
            let (mut stream, _) = listener.accept().await.unwrap();
            let clients = clients.clone();
            tokio::spawn(async move {
                let mut request = vec![0; 8192];
                while let Ok(read @ 1..) = stream.read(&mut request).await {
                    let request = String::from_utf8_lossy(&request[..read]);
                    let body = if request.contains("/agents") {
                        agents("x")
                    } else if request.starts_with("GET") && request.contains("/available") {
                        page("null", []).replace("[]", &clients)
                    } else if request.starts_with("GET") {
                        page("null", [])
                    } else {
                        let (_, client) = request.split_once("client=").unwrap();
                        format!(r#"{{"agent":"{AGENT}","client":"{}"}}"#, &client[..36])
                    };
                    tokio::time::sleep(Duration::from_millis(2)).await;
                    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
                    stream.write_all((head + &body).as_bytes()).await.unwrap();
                }
            });
        }
        // Whoever else has come stands in the queue.
        std::future::pending::<()>().await;
        drop(listener);
    });
    address
}

#[test]
#[cfg(target_os = "linux")]
fn where_a_server_takes_few_connections_no_more_are_begun_than_requests_may_be_under_way() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut program = Program::new(World::with_clients(400, 1), Duration::ZERO);
    let world = program.world();
    let listed = world.lock().clients().iter().fold(String::new(), |listed, client| {
        let (id, number) = (client.id, client.number.unwrap());
        listed + &format!(r#",{{"clientId":"{id}","clientOrganizationNumber":"{number}"}}"#)
    });
    let _entered = runtime.enter();
    let address = takes_few(2, format!("[{}]", &listed[1..]));
    "rate = \"unlimited\"\nin_flight = 8\ntimeout = \"1s\"\ngive_up_after = \"3s\"\n"
        .clone_into(&mut program.pace);
    program.write_job("delegate", "");
    let sandbox = program.server().origin().origin().ascii_serialization();
    program.write("job.toml", program.read("job.toml").replace(&sandbox, &format!("http://{address}")));
    let mut child = program.spawn(&["run", "job.toml", "--yes"]);
    let process = std::path::Path::new("/proc").join(child.id().to_string());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        // Before it is the program, it has what the test has.
        if fs::read_link(process.join("exe"))
            .is_ok_and(|exe| exe == std::path::Path::new(env!("CARGO_BIN_EXE_fullmakt")))
        {
            most = most.max(fs::read_dir(process.join("fd")).map_or(0, Iterator::count));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let done = Done::of(child.wait_with_output().unwrap()).expect(1);
    assert!(done.stdout.contains("requests about clients were sent"), "{}", done.stdout);
    assert!(most < 64, "{most} files and connections are open\n{}", done.stderr);
}

/// A terminal title, a cleared screen, C1, text that is turned, hidden, and tagged; an escape of its own.
const HOSTILE: &str = "AS \u{1b}]0;owned\u{7} \u{1b}[2J\u{9b}31m \u{202e}dnoces\u{2066} \u{200b}\u{feff}\u{e0041}\u{7f}\u{85}\u{2028}end";

fn is_obeyed(character: char) -> bool {
    (character.is_control() && !matches!(character, '\n' | '\r'))
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{e0000}'..='\u{e0fff}')
}

#[track_caller]
fn is_clean(what: &str, text: &str) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some(character) = text.chars().find(|character| is_obeyed(*character) || *character == '\u{feff}')
    {
        panic!("{character:?} in {what}:\n{}", text.escape_debug());
    }
}

#[test]
fn nothing_from_outside_reaches_a_terminal_a_log_or_a_report_raw() {
    let problem = serde_json::json!({
        "title": HOSTILE, "detail": HOSTILE, "code": format!("AUTH-{HOSTILE}"), "traceId": HOSTILE,
    })
    .to_string();
    let named = |list: &str| {
        let name = serde_json::to_string(HOSTILE).unwrap();
        list.replace("\"VEIK Å 1\"", &name)
    };
    let bench = Bench::new("give_up_after = \"5s\"\nattempts = 1\n", move |_, request| {
        if request.contains("/agents") {
            answer("200 OK", &agents(HOSTILE))
        } else if request.starts_with("GET") && request.contains("/available") {
            answer("200 OK", &named(&page("null", [1])))
        } else if request.starts_with("GET") {
            answer("200 OK", &page("null", []))
        } else {
            answer("400 Bad Request", &problem)
        }
    });
    let program = &bench.program;
    let name = "h\u{1b}[31m\u{202e}.csv";
    let mut list = format!("Orgnr;Navn;\"{HOSTILE}\"\n310609544;\"{HOSTILE}\";\"{HOSTILE}\"\n");
    program.write("manifest.csv", list.replace(['\u{2028}', '\u{85}'], ""));
    let _ = writeln!(list, "12\"{HOSTILE}\";a;b");
    program.write(name, list);
    let hostile_job = program.read("job.toml").replace("name = \"test\"", "name = \"t\\u001b[2Jest\"");
    program.write("hostile.toml", hostile_job);
    let commands: &[&[&str]] = &[
        &["agents", "job.toml"],
        &["clients", "job.toml", "--available"],
        &["check", name],
        &["plan", "job.toml"],
        &["plan", "hostile.toml"],
        &["run", "job.toml", "--yes"],
        &["run", name, "--yes"],
        &["runs"],
        &["status"],
        &["report"],
        &["history", "310609544"],
        &["history", "310609544", "--support"],
        &["history", "a\u{1b}[2J\u{202e}"],
        &["status", "\u{1b}]0;x\u{7}"],
        &["nonsense\u{1b}[2J\u{202e}"],
    ];
    for command in commands {
        for more in [&[][..], &["--format", "json"], &["--log", "json"]] {
            let arguments: Vec<&str> = command.iter().chain(more).copied().collect();
            let done = program.run(&arguments);
            is_clean(&format!("stdout of {arguments:?}"), &done.stdout);
            is_clean(&format!("stderr of {arguments:?}"), &done.stderr);
            if more.contains(&"json") && more[0] == "--format" {
                done.json();
            }
        }
    }
    let runs = fs::read_dir(program.path("state/runs")).unwrap();
    let reports: Vec<_> =
        runs.map(|run| run.unwrap().path().join("failures.csv")).filter(|path| path.exists()).collect();
    assert!(!reports.is_empty());
    for report in reports {
        let text = fs::read_to_string(&report).unwrap();
        assert!(text.contains("dnoces"), "{text}");
        is_clean("failures.csv", &text);
    }
}

#[test]
#[cfg(unix)]
fn a_second_ctrl_c_leaves_at_once_where_the_first_waits_for_an_answer() {
    let bench = Bench::new("rate = \"unlimited\"\ntimeout = \"10min\"\n", |_, request| {
        let available = page("null", []).replace("[]", &format!("[{}]", client(1).trim_end_matches(',')));
        match request {
            _ if request.starts_with("POST ") => vec![Write::Pause(Duration::from_mins(10))],
            _ if request.contains("/agents") => answer("200 OK", &agents("x")),
            _ if request.contains("/available") => answer("200 OK", &available),
            _ => answer("200 OK", &page("null", [])),
        }
    });
    bench.program.write("manifest.csv", "Orgnr\n310609544\n");
    let mut child = bench.program.spawn(&["run", "job.toml", "--yes"]);
    let begin = Instant::now();
    while !bench.server.requests().iter().any(|request| request.starts_with("POST ")) {
        assert!(begin.elapsed() < Duration::from_mins(1) && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(5));
    }
    program::signal(&child, "INT");
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("once more leaves at once")));
    assert!(child.try_wait().unwrap().is_none(), "it waits for the answer");
    let begin = Instant::now();
    program::signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(begin.elapsed() < Duration::from_mins(1), "{:?}", begin.elapsed());
}

#[test]
fn a_hang_up_stops_as_a_termination_does_and_nohup_is_left_alone() {
    let mut program = Program::new(World::with_clients(60, 1), Duration::ZERO);
    "rate = \"25/s\"\nin_flight = 4\n".clone_into(&mut program.pace);
    program.write_job("delegate", "");
    let mut child = program.spawn(&["run", "job.toml", "--yes", "--format", "json"]);
    program.wait_for_requests(&mut child, 8);
    program::signal(&child, "HUP");
    let stopped = Done::of(child.wait_with_output().unwrap()).expect(130);
    assert_eq!(stopped.json()["status"], "interrupted");
    assert!(stopped.stderr.contains("stopping"), "{}", stopped.stderr);

    let inner = program.command(&["resume", "--format", "json"]);
    let mut nohup = std::process::Command::new("nohup");
    nohup.arg(inner.get_program()).args(inner.get_args()).current_dir(program.path("."));
    for (name, value) in inner.get_envs() {
        value.map(|value| nohup.env(name, value));
    }
    nohup
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let sent = program.world().lock().requests();
    let mut child = nohup.spawn().unwrap();
    program.wait_for_requests(&mut child, sent + 5);
    program::signal(&child, "HUP");
    let done = Done::of(child.wait_with_output().unwrap()).expect(0);
    assert_eq!(done.total("delegated"), 60);
}

#[test]
fn with_format_json_an_error_is_json_too_and_what_reads_makes_nothing() {
    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    for (arguments, code, kind, says) in [
        (&["plan", "none.toml"][..], 2, "nothing_sent", "none.toml"),
        (&["status"], 2, "nothing_sent", "there is no run yet in"),
        (&["history", "310609544"], 1, "some_failed", "knows nothing of 310609544"),
        (&["check", "-"], 2, "nothing_sent", "a list is read from a file"),
        (&["runs", "--nonsense"], 2, "nothing_sent", "--nonsense"),
        (&["sing"], 2, "nothing_sent", "sing"),
    ] {
        let done = program.run(&[arguments, &["--format", "json"]].concat()).expect(code);
        let error = &done.json()["error"];
        assert_eq!(error["kind"], kind, "{arguments:?}: {error}");
        assert!(error["message"].as_str().unwrap().contains(says), "{arguments:?}: {error}");
        assert!(
            !error["hints"].as_array().unwrap().is_empty() || arguments[0] == "plan",
            "{arguments:?}: {error}"
        );
    }
    let runs = program.run(&["runs"]).expect(0);
    assert!(runs.stdout.contains(&program.path("state").display().to_string()), "{}", runs.stdout);
    assert!(!program.path("state").exists(), "what only reads makes nothing");
}

#[test]
#[cfg(unix)]
fn a_state_folder_that_cannot_be_used_is_told_with_the_option_that_names_another() {
    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    program.write("file", "");
    let mut command = program.command(&["run", "job.toml", "--yes"]);
    let folder = program.path("file").join("below");
    let done = Done::of(command.env("FULLMAKT_STATE_DIR", folder).output().unwrap()).expect(5);
    assert!(done.stderr.contains("--state-dir"), "{}", done.stderr);
}
