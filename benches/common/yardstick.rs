//! What else one could send the same requests with: a client that does nothing but send, and `curl`.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::missing_panics_doc)]

use std::{
    fmt::Write as _,
    fs,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use http_body_util::{BodyExt, Empty};
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::thin::ThinServer;

/// Sends every client once on so many connections, keeps nothing, and looks at nothing but the status: hyper on two
/// threads, which load generators are made of.
pub fn bare_client(server: &ThinServer, connections: usize) -> Duration {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (port, many) = (server.port, server.numbers.len());
    let begin = Instant::now();
    runtime.block_on(async {
        let next = Arc::new(AtomicUsize::new(0));
        let mut senders = tokio::task::JoinSet::new();
        for _ in 0..connections {
            let next = Arc::clone(&next);
            senders.spawn(async move {
                let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                stream.set_nodelay(true).unwrap();
                let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
                tokio::spawn(connection);
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= many {
                        return;
                    }
                    let request = Request::post(ThinServer::change_path(index))
                        .header("host", "127.0.0.1")
                        .header("authorization", "Bearer thin")
                        .header("accept", "application/json")
                        .header("content-length", "0")
                        .body(Empty::<Bytes>::new())
                        .unwrap();
                    let answer = sender.send_request(request).await.unwrap();
                    assert_eq!(answer.status(), 200);
                    answer.into_body().collect().await.unwrap();
                }
            });
        }
        while let Some(sender) = senders.join_next().await {
            sender.unwrap();
        }
    });
    let took = begin.elapsed();
    assert_eq!(server.delegated(), many);
    took
}

/// As many with `oha`, each for a client that it takes at random, by its own clock: it looks at every answer and keeps how long
/// it took. `None` where there is no oha.
pub fn oha(server: &ThinServer, connections: usize) -> Option<Duration> {
    let many = server.numbers.len();
    let folder = tempfile::tempdir().unwrap();
    let mut urls = String::new();
    for index in 0..many {
        let _ = writeln!(urls, "http://127.0.0.1:{}{}", server.port, ThinServer::change_path(index));
    }
    fs::write(folder.path().join("urls"), urls).unwrap();
    let output = Command::new("oha")
        .args(["-n", &many.to_string(), "-c", &connections.to_string(), "-m", "POST"])
        .args([
            "-H",
            "Authorization: Bearer thin",
            "-H",
            "Accept: application/json",
            "-H",
            "Content-Length: 0",
        ])
        .args(["--no-tui", "--output-format", "json", "--urls-from-file", "urls"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["statusCodeDistribution"]["200"], many, "{said}");
    Some(Duration::from_secs_f64(said["summary"]["total"].as_f64().unwrap()))
}

/// The same with `curl --parallel`; `None` where there is no curl.
pub fn curl(server: &ThinServer, connections: usize) -> Option<Duration> {
    let folder = tempfile::tempdir().unwrap();
    let mut config = String::new();
    for index in 0..server.numbers.len() {
        let path = ThinServer::change_path(index);
        let _ = write!(
            config,
            "next\nurl = \"http://127.0.0.1:{}{path}\"\nrequest = \"POST\"\nheader = \"Authorization: Bearer thin\"\n\
             header = \"Content-Length: 0\"\noutput = \"/dev/null\"\n",
            server.port
        );
    }
    let config = config.strip_prefix("next\n").unwrap_or(&config);
    fs::write(folder.path().join("requests"), config).unwrap();
    let begin = Instant::now();
    let status = Command::new("curl")
        .args(["--silent", "--parallel", "--parallel-immediate", "--parallel-max", &connections.to_string()])
        .args(["--config", "requests"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .ok()?;
    let took = begin.elapsed();
    assert!(status.success());
    assert_eq!(server.delegated(), server.numbers.len());
    Some(took)
}
