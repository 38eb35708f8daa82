//! The way to Altinn and back: how the connections are made, what came of an answer, and what went wrong on
//! the way, in a person's words that never show an address with its query, nor a header.

use std::{error::Error, io, time::Duration};

use reqwest::{
    Response, StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};
use url::Url;

use super::{RawAnswer, clean};
use crate::model::is_loopback;

/// Idle connections are closed before the gateways in between do it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);
/// How often an HTTP/2 connection with requests under way is asked whether it still lives, and how long it
/// may take to say so: a dead one would swallow request after request.
const PING: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(20));
/// Headers that can hold a trace id, best first.
const TRACE_HEADERS: [&str; 3] = ["traceparent", "request-id", "x-request-id"];

/// What stands in a body instead of a secret.
const SECRET_STOOD_HERE: &[u8; 7] = b"(token)";

/// The pool of connections. Nothing is sent twice and no redirect is followed behind the engine's back.
pub(in crate::altinn) fn http_client(
    origin: &Url,
    limits: Limits,
    in_flight: usize,
) -> Result<reqwest::Client, reqwest::Error> {
    // An error says that the process has a provider already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("fullmakt/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(limits.connect)
        .pool_max_idle_per_host(in_flight.max(1))
        .pool_idle_timeout(IDLE_TIMEOUT)
        .http2_adaptive_window(true)
        .http2_keep_alive_interval(PING.0)
        .http2_keep_alive_timeout(PING.1)
        .tcp_nodelay(true);
    if origin.scheme() == "http" {
        // Not encrypted, so a machine without certificates will do.
        builder = builder.tls_certs_only([]);
    }
    if is_loopback(origin) {
        builder = builder.no_proxy();
    }
    builder.build()
}

/// An answer whose body has been read, as far as it came.
pub(in crate::altinn) struct Whole {
    status: StatusCode,
    headers: HeaderMap,
    pub(in crate::altinn) body: Vec<u8>,
    /// The body was longer than was read, or the connection broke before its end.
    pub(in crate::altinn) cut: bool,
}

impl Whole {
    /// Reads up to `most_bytes`.
    pub(in crate::altinn) async fn read(mut response: Response, most_bytes: usize) -> Self {
        let mut body = Vec::new();
        let cut = loop {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    let room = most_bytes - body.len();
                    body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                    if chunk.len() > room {
                        break true;
                    }
                }
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        Self { status: response.status(), headers: std::mem::take(response.headers_mut()), body, cut }
    }

    pub(in crate::altinn) fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// For a library that reads answers itself.
    pub(in crate::altinn) fn into_parts(self) -> (StatusCode, HeaderMap, Vec<u8>) {
        (self.status, self.headers, self.body)
    }

    /// For judging.
    pub(in crate::altinn) fn raw(&self) -> RawAnswer<'_> {
        let header = |name: &str| self.headers.get(name).and_then(|value| value.to_str().ok());
        RawAnswer {
            status: self.status(),
            retry_after: header(RETRY_AFTER.as_str()),
            trace_id: TRACE_HEADERS.into_iter().find_map(header),
            body: &self.body,
            cut: self.cut,
        }
    }

    /// Takes a secret out of the body: a server may show what it was sent.
    pub(in crate::altinn) fn take_out(&mut self, secret: &str) {
        let secret = secret.as_bytes();
        let mut from = 0;
        while let Some(at) = find(&self.body[from..], secret) {
            let at = from + at;
            self.body.splice(at..at + secret.len(), *SECRET_STOOD_HERE);
            from = at + SECRET_STOOD_HERE.len();
        }
    }
}

/// The limits that words about time-outs name.
#[derive(Debug, Clone, Copy)]
pub(in crate::altinn) struct Limits {
    /// How long a connection may take.
    pub(in crate::altinn) connect: Duration,
    /// How long an answer may take.
    pub(in crate::altinn) answer: Duration,
}

impl Limits {
    /// No answer came in time.
    pub(in crate::altinn) fn no_answer(self) -> String {
        format!("no answer within {}", in_words(self.answer))
    }

    /// Why a request got no answer, or not all of it.
    pub(in crate::altinn) fn explain(self, error: &reqwest::Error) -> String {
        if error.is_timeout() && error.is_connect() {
            return format!("no connection within {}", in_words(self.connect));
        }
        if error.is_timeout() {
            return self.no_answer();
        }
        let mut innermost = None;
        let mut cause = error.source();
        while let Some(error) = cause {
            if let Some(words) = known(error) {
                return words;
            }
            innermost = Some(error);
            cause = below(error);
        }
        let what = if error.is_connect() { "no connection" } else { "the connection failed" };
        match innermost.and_then(|error| clean(&error.to_string())) {
            Some(reason) => format!("{what}: {reason}"),
            None => what.to_owned(),
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// The next error in the chain. An I/O error that wraps another passes over it in `source`.
fn below<'error>(error: &'error (dyn Error + 'static)) -> Option<&'error (dyn Error + 'static)> {
    let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    match wrapped {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

fn known(error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return Some(match error {
            rustls::Error::InvalidCertificate(reason) => {
                format!("the server's certificate is not trusted ({reason:?})")
            }
            other => format!("no encrypted connection: {other}"),
        });
    }
    let words = match error.downcast_ref::<io::Error>()?.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused",
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            "connection reset"
        }
        io::ErrorKind::UnexpectedEof => "connection closed before the end of the answer",
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => "the network is unreachable",
        io::ErrorKind::TimedOut => "the connection timed out",
        _ => return None,
    };
    Some(words.to_owned())
}

fn in_words(limit: Duration) -> String {
    if limit.subsec_nanos() == 0 {
        format!("{} s", limit.as_secs())
    } else {
        format!("{} ms", limit.as_millis())
    }
}
