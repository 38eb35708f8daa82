//! Encrypted connections: whose certificate is trusted, through which proxy, and where a token is never sent.

#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/program.rs"]
mod program;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use fullmakt::sandbox::{SANDBOX_TOKEN, World};
use program::Program;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
    server::TlsStream,
};

const HOST: &str = "platform.example";

/// What stands behind the encryption.
#[derive(Clone, Copy)]
enum Behind {
    Sandbox,
    /// A server that answers with exactly this.
    Answers(&'static str),
    /// The sandbox, after an HTTP/2 connection that leaves its first request unread, with these frames.
    SandboxAfter(&'static [u8]),
}

impl From<Option<&'static str>> for Behind {
    fn from(answer: Option<&'static str>) -> Self {
        answer.map_or(Self::Sandbox, Self::Answers)
    }
}

/// A platform at `https://platform.example` that only a proxy knows the way to.
struct Platform {
    program: Program,
    proxy: SocketAddr,
    /// What the proxy was asked for.
    asked: Arc<Mutex<Vec<String>>>,
    runtime: Runtime,
}

impl Platform {
    /// `protocol` is what both sides agree to speak inside the encryption.
    fn start(behind: impl Into<Behind>, protocol: &[u8]) -> Self {
        let stands = behind.into();
        let program = Program::new(World::with_clients(40, 1), Duration::ZERO);
        let origin = program.server().origin().clone();
        let job = program
            .read("job.toml")
            .replace(origin.as_str().trim_end_matches('/'), &format!("https://{HOST}"));
        program.write("job.toml", job);

        let ca_key = KeyPair::generate().unwrap();
        let mut ca = CertificateParams::new(Vec::new()).unwrap();
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        program.write("ca.pem", ca.self_signed(&ca_key).unwrap().pem());
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![HOST.to_owned()])
            .unwrap()
            .signed_by(&key, &Issuer::from_params(&ca, &ca_key))
            .unwrap();
        let mut tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .unwrap();

        tls.alpn_protocols = vec![protocol.to_vec()];

        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let behind = SocketAddr::from(([127, 0, 0, 1], origin.port().unwrap()));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let proxy = runtime.block_on(async {
            let encrypted = listen().await;
            let to = encrypted.local_addr().unwrap();
            tokio::spawn(decrypt(encrypted, TlsAcceptor::from(Arc::new(tls)), behind, stands));
            let listener = listen().await;
            let proxy = listener.local_addr().unwrap();
            tokio::spawn(pass_on(listener, to, Arc::clone(&asked)));
            proxy
        });
        Self { program, proxy, asked, runtime }
    }

    fn agents(&self, environment: &[(&str, &str)]) -> program::Done {
        let mut command = self.program.command(&["agents", "job.toml", "--format", "json"]);
        command.env("https_proxy", format!("http://{}", self.proxy)).env_remove("SSL_CERT_FILE");
        command.envs(environment.iter().copied());
        program::Done::of(command.output().unwrap())
    }

    fn ca(&self) -> String {
        self.program.path("ca.pem").display().to_string()
    }
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// Takes the encryption off, as a gateway does.
async fn decrypt(listener: TcpListener, tls: TlsAcceptor, behind: SocketAddr, stands: Behind) {
    let mut none_before = true;
    while let Ok((stream, _)) = listener.accept().await {
        let tls = tls.clone();
        let is_first = std::mem::take(&mut none_before);
        tokio::spawn(async move {
            let Ok(mut stream) = tls.accept(stream).await else { return };
            match stands {
                Behind::SandboxAfter(frames) if is_first => leave_unread(&mut stream, frames).await,
                Behind::Answers(answer) => {
                    let _ = stream.read(&mut [0; 8192]).await;
                    let _ = stream.write_all(answer.as_bytes()).await;
                    let _ = stream.shutdown().await;
                }
                Behind::Sandbox | Behind::SandboxAfter(_) => {
                    let mut behind = TcpStream::connect(behind).await.unwrap();
                    let _ = copy_bidirectional(&mut stream, &mut behind).await;
                }
            }
        });
    }
}

/// The connection ends in order: the last stream that was looked at is 0, the error is none.
const GO_AWAY: &[u8] = &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
/// The first stream is refused (7), and the connection ends in order.
const REFUSED: &[u8] =
    &[0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];

/// Speaks HTTP/2 until a request has come, and answers with these frames without having looked at it.
async fn leave_unread(stream: &mut TlsStream<TcpStream>, frames: &[u8]) {
    const HEADERS: u8 = 1;
    const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
    stream.read_exact(&mut [0; 24]).await.unwrap();
    stream.write_all(SETTINGS).await.unwrap();
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.unwrap();
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        stream.read_exact(&mut vec![0; length]).await.unwrap();
        if head[3] == HEADERS {
            break;
        }
    }
    stream.write_all(frames).await.unwrap();
    let _ = stream.read_to_end(&mut Vec::new()).await;
}

/// A proxy that does `CONNECT`, and keeps everything that it can read.
async fn pass_on(listener: TcpListener, to: SocketAddr, asked: Arc<Mutex<Vec<String>>>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let asked = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut head = vec![0; 8192];
            let read = stream.read(&mut head).await.unwrap();
            asked.lock().unwrap().push(String::from_utf8_lossy(&head[..read]).into_owned());
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
            let mut onward = TcpStream::connect(to).await.unwrap();
            let _ = copy_bidirectional(&mut stream, &mut onward).await;
        });
    }
}

#[test]
fn a_certificate_of_the_authority_in_ssl_cert_file_is_trusted_through_the_proxy_of_the_environment() {
    let platform = Platform::start(None, b"http/1.1");
    let done = platform.agents(&[("SSL_CERT_FILE", &platform.ca())]).expect(0);
    assert!(!done.json()["agents"].as_array().unwrap().is_empty(), "{}", done.stdout);
    let asked = platform.asked.lock().unwrap();
    assert!(asked.iter().all(|head| head.starts_with(&format!("CONNECT {HOST}:443 "))), "{asked:?}");
    assert!(!asked.concat().contains(SANDBOX_TOKEN), "a proxy sees no token: {asked:?}");
}

#[test]
fn a_proxy_is_signed_in_to_with_what_the_variable_says() {
    let platform = Platform::start(None, b"http/1.1");
    let with_password = format!("http://kari:hush%21@{}", platform.proxy);
    platform.agents(&[("SSL_CERT_FILE", &platform.ca()), ("https_proxy", &with_password)]).expect(0);
    let asked = platform.asked.lock().unwrap();
    // kari:hush!
    let signs_in = |head: &String| head.to_ascii_lowercase().contains("proxy-authorization: basic ");
    assert!(asked.iter().all(|head| signs_in(head) && head.contains("a2FyaTpodXNoIQ==")), "{asked:?}");
}

#[test]
fn a_run_over_http_2_has_its_requests_side_by_side_on_one_connection() {
    let platform = Platform::start(None, b"h2");
    let mut command = platform.program.command(&["run", "job.toml", "--yes", "--format", "json"]);
    command.env("https_proxy", format!("http://{}", platform.proxy)).env("SSL_CERT_FILE", platform.ca());
    let done = program::Done::of(command.output().unwrap()).expect(0);
    assert_eq!(done.total("delegated"), 40);
    let connections = platform.asked.lock().unwrap().len();
    // One for the calls; the token needs none. A second can be opened before the first is known to speak HTTP/2.
    assert!(connections <= 2, "{connections} connections");
}

#[test]
fn a_request_that_an_http_2_server_has_left_unread_goes_again_at_once_and_costs_no_attempt() {
    for frames in [GO_AWAY, REFUSED] {
        let platform = Platform::start(Behind::SandboxAfter(frames), b"h2");
        let job = platform.program.read("job.toml").replace("[pace]\n", "[pace]\nattempts = 1\n");
        platform.program.write("job.toml", job);
        platform.agents(&[("SSL_CERT_FILE", &platform.ca())]).expect(0);
        assert_eq!(platform.asked.lock().unwrap().len(), 2);
    }
}

#[test]
fn a_redirect_is_not_followed_with_a_token() {
    let platform = Platform::start(
        Some(
            "HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        ),
        b"http/1.1",
    );
    let job = platform.program.read("job.toml").replace("[pace]\n", "[pace]\nattempts = 1\n");
    platform.program.write("job.toml", job);
    platform.agents(&[("SSL_CERT_FILE", &platform.ca())]).expect(3);
    let asked = platform.asked.lock().unwrap();
    assert!(asked.iter().all(|head| head.starts_with(&format!("CONNECT {HOST}:443 "))), "{asked:?}");
}

/// A proxy that answers what comes to it with exactly this, part by part, and keeps count of the connections.
fn proxy_answering(platform: &Platform, answer: &'static str) -> (SocketAddr, Arc<Mutex<u32>>) {
    let asked = Arc::new(Mutex::new(0));
    let count = Arc::clone(&asked);
    let address = platform.runtime.block_on(async {
        let listener = listen().await;
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                *count.lock().unwrap() += 1;
                for part in answer.split('|') {
                    let _ = stream.read(&mut [0; 8192]).await;
                    let _ = stream.write_all(part.as_bytes()).await;
                }
                let _ = stream.shutdown().await;
            }
        });
        address
    });
    (address, asked)
}

/// It is said at once, as this side's, with what to do, and not as Altinn's.
#[track_caller]
fn is_this_sides(done: &program::Done, says: &str, hint: &str) {
    let said = &done.stderr;
    assert!(said.contains(says) && said.contains(hint), "{says:?}, {hint:?}:\n{said}");
    assert!(said.contains("docs/networks.md"), "{said}");
    for wrong in ["Altinn refuses", "when Altinn answers", "Altinn did not give", "Altinn answered"] {
        assert!(!said.contains(wrong), "{wrong:?}:\n{said}");
    }
    let error = &done.json()["error"];
    assert_eq!(error["kind"], "stopped", "{}", done.stdout);
    assert!(error["message"].as_str().unwrap().contains(says), "{error}");
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_this_sides_and_asked_for_once() {
    let platform = Platform::start(None, b"http/1.1");
    let done = platform.agents(&[]).expect(3);
    is_this_sides(&done, "a certificate that this machine does not trust", "SSL_CERT_FILE");
    assert_eq!(platform.asked.lock().unwrap().len(), 1);
}

#[test]
fn what_a_proxy_answers_instead_of_a_tunnel_is_this_sides_and_asked_for_once() {
    let platform = Platform::start(None, b"http/1.1");
    let cases = [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n",
            "your proxy wants a user name",
            "NTLM",
        ),
        ("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "your proxy does not let", "allow CONNECT"),
        // It makes the tunnel, and speaks no TLS in it.
        (
            "HTTP/1.1 200 OK\r\n\r\n|HTTP/1.1 400 Bad Request\r\n\r\n<html>plain</html>",
            "without encryption",
            "HTTPS_PROXY",
        ),
    ];
    for (answer, says, hint) in cases {
        let (proxy, asked) = proxy_answering(&platform, answer);
        let done = platform.agents(&[("https_proxy", &format!("http://{proxy}"))]).expect(3);
        is_this_sides(&done, says, hint);
        assert_eq!(*asked.lock().unwrap(), 1, "{answer}");
    }
}

#[test]
fn a_proxy_that_has_no_way_to_the_host_or_is_away_itself_is_asked_again_and_then_told_as_the_proxy() {
    let platform = Platform::start(None, b"http/1.1");
    let job = platform.program.read("job.toml").replace("[pace]\n", "[pace]\nattempts = 2\n");
    platform.program.write("job.toml", job);
    let cases = [
        ("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "answered 503"),
        ("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<html>", "answered 502"),
        ("", "connection closed before the end of the answer"),
    ];
    for (answer, says) in cases {
        let (proxy, asked) = proxy_answering(&platform, answer);
        let done = platform.agents(&[("https_proxy", &format!("http://kari:hush@{proxy}"))]).expect(3);
        is_this_sides(&done, "no connection to the server through your proxy", "HTTPS_PROXY");
        assert!(
            done.stderr.contains(says) && done.stderr.contains(&format!("the proxy {proxy}")),
            "{}",
            done.stderr
        );
        assert!(!done.stderr.contains("hush"), "{}", done.stderr);
        assert_eq!(*asked.lock().unwrap(), 2, "{answer}");
    }
    let closed = platform.runtime.block_on(async { listen().await.local_addr().unwrap() });
    let done = platform.agents(&[("https_proxy", &format!("http://{closed}"))]).expect(3);
    is_this_sides(&done, "no connection to the server through your proxy", "HTTPS_PROXY");
    assert!(done.stderr.contains(&format!("the proxy {closed}: connection refused")), "{}", done.stderr);
}

#[test]
fn a_proxy_that_has_no_way_to_the_host_for_a_moment_ends_no_run() {
    let platform = Platform::start(None, b"http/1.1");
    let (behind, asked) = (platform.proxy, Arc::new(Mutex::new(0)));
    let count = Arc::clone(&asked);
    let proxy = platform.runtime.block_on(async {
        let listener = listen().await;
        let proxy = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                *count.lock().unwrap() += 1;
                if *count.lock().unwrap() == 1 {
                    let _ = stream.read(&mut [0; 8192]).await;
                    let _ =
                        stream.write_all(b"HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\n\r\n").await;
                    continue;
                }
                tokio::spawn(async move {
                    let mut onward = TcpStream::connect(behind).await.unwrap();
                    let _ = copy_bidirectional(&mut stream, &mut onward).await;
                });
            }
        });
        proxy
    });
    let mut command = platform.program.command(&["run", "job.toml", "--yes", "--format", "json"]);
    command.env("https_proxy", format!("http://{proxy}")).env("SSL_CERT_FILE", platform.ca());
    let done = program::Done::of(command.output().unwrap()).expect(0);
    assert_eq!(done.total("delegated"), 40);
    assert!(*asked.lock().unwrap() > 1);
}

#[test]
fn a_variable_that_names_no_http_proxy_is_said_by_its_name_and_nothing_goes_past_the_proxy() {
    let platform = Platform::start(None, b"http/1.1");
    let proxy = platform.proxy;
    for value in [
        format!("socks5://kari:hush@{proxy}"),
        format!("socks://kari:hush@{proxy}"),
        format!("http://kari:1#hush@{proxy}"),
        format!("http://{proxy}/proxy.pac"),
        "http://hush hush".to_owned(),
    ] {
        let done = platform.agents(&[("https_proxy", &value)]).expect(3);
        is_this_sides(&done, "no SOCKS", "HTTPS_PROXY=http://");
        assert!(done.stderr.contains("https_proxy does not hold"), "{value}: {}", done.stderr);
        assert!(!done.stderr.contains("hush"), "{}", done.stderr);
    }
    assert!(platform.asked.lock().unwrap().is_empty());
}

#[test]
fn a_page_of_a_filter_or_of_a_network_is_this_sides() {
    const PAGE: &str =
        "Content-Type: text/html\r\nContent-Length: 19\r\nConnection: close\r\n\r\n<html>Stop!</html>\n";
    let cases = [
        (format!("HTTP/1.1 403 Forbidden\r\n{PAGE}"), "a filter in your network", "allow Altinn's names"),
        (format!("HTTP/1.1 200 OK\r\n{PAGE}"), "a page answers in Altinn's place", "in a browser"),
        (
            format!("HTTP/1.1 302 Found\r\nLocation: http://login.wifi/\r\n{PAGE}"),
            "a page answers in Altinn's place",
            "in a browser",
        ),
    ];
    for (answer, says, hint) in cases {
        let platform = Platform::start(Some(&*answer.leak()), b"http/1.1");
        let ca = platform.ca();
        let done = platform.agents(&[("SSL_CERT_FILE", &ca)]).expect(3);
        is_this_sides(&done, says, hint);
        let asked = platform.asked.lock().unwrap().len();
        assert_eq!(asked, 1, "{says}");
    }
}

#[test]
fn a_port_where_nothing_listens_is_this_sides_after_the_first_attempts() {
    let platform = Platform::start(None, b"http/1.1");
    let job = platform.program.read("job.toml").replace("[pace]\n", "[pace]\nattempts = 1\n");
    let closed = platform.runtime.block_on(async { listen().await.local_addr().unwrap() });
    platform.program.write("job.toml", job.replace(&format!("https://{HOST}"), &format!("http://{closed}")));
    let done = platform.agents(&[]).expect(3);
    is_this_sides(&done, "gets no connection to the server", "check the network");
    assert!(done.stderr.contains("connection refused"), "{}", done.stderr);
}
