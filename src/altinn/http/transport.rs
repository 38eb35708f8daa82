//! The way to Altinn and back: how the connections are made, what came of an answer, and what went wrong on
//! the way, in a person's words that never show an address with its query, nor a header.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use http_body_util::{BodyExt, Full};
use hyper::{
    Method, StatusCode, Uri, Version,
    body::{Bytes, Incoming},
    header::{HeaderMap, HeaderValue, RETRY_AFTER, USER_AGENT},
};
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioTimer},
};
use tokio::time::timeout;
use url::Url;

use super::{
    RawAnswer,
    connect::Connector,
    unanswered::{Unanswered, took_too_long_to_connect, was_left_unread},
};
use crate::words::say;

/// Idle connections are closed before the gateways in between do it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);
/// How often an HTTP/2 connection with requests under way is asked whether it still lives, and how long it
/// may take to say so: a dead one would swallow request after request.
const PING: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(20));
/// Who asks.
const OURS: HeaderValue = HeaderValue::from_static(concat!("fullmakt/", env!("CARGO_PKG_VERSION")));
/// Headers that can hold a trace id, best first.
const TRACE_HEADERS: [&str; 3] = ["traceparent", "request-id", "x-request-id"];

/// What stands in a body instead of a secret.
const SECRET_STOOD_HERE: &[u8; 7] = b"(token)";

/// A request, with its body.
pub(in crate::altinn) type Request = hyper::Request<Bytes>;
/// An answer, as far as its head.
pub(in crate::altinn) type Response = hyper::Response<Incoming>;

/// A pool of connections. No redirect is followed behind the engine's back, and nothing is sent twice but once more what a
/// server has left unread.
#[derive(Clone)]
pub(in crate::altinn) struct Http {
    pool: Client<Connector, Full<Bytes>>,
    limits: Limits,
    /// The last answer came over HTTP/1, which leaves nothing unread: no request need be kept to be sent once more.
    is_http1: Arc<AtomicBool>,
}

impl Http {
    /// Connections to `origin`, of which so many may be kept. An error says why this machine has no encrypted ones.
    pub(in crate::altinn) fn to(origin: &Url, limits: Limits, in_flight: usize) -> Result<Self, Unanswered> {
        let in_flight = in_flight.max(1);
        let connector =
            Connector::to(origin, limits.connect, in_flight).map_err(|error| Unanswered::not_sent(&error))?;
        let pool = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(in_flight)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .http2_adaptive_window(true)
            .http2_keep_alive_interval(PING.0)
            .http2_keep_alive_timeout(PING.1)
            .build(connector);
        Ok(Self { pool, limits, is_http1: Arc::default() })
    }

    /// A request without a body.
    pub(in crate::altinn) fn request(method: Method, url: Url) -> Request {
        Self::request_with(method, url, Bytes::new())
    }

    /// A request with this body.
    pub(in crate::altinn) fn request_with(method: Method, url: Url, body: impl Into<Bytes>) -> Request {
        let mut request = Request::new(body.into());
        *request.method_mut() = method;
        // What is an address to `url` and none here becomes one without a host, which is refused unsent.
        *request.uri_mut() = Uri::try_from(String::from(url)).unwrap_or_default();
        request
    }

    /// Sends a request and waits for the head of its answer, no longer than an answer may take.
    pub(in crate::altinn) async fn send(&self, mut request: Request) -> Result<Response, Unanswered> {
        request.headers_mut().insert(USER_AGENT, OURS);
        let request = request.map(Full::new);
        let again = (!self.is_http1.load(Relaxed)).then(|| request.clone());
        let asked = async {
            match (self.pool.request(request).await, again) {
                (Err(error), Some(again)) if was_left_unread(&error) => self.pool.request(again).await,
                (answered, _) => answered,
            }
        };
        match timeout(self.limits.answer, asked).await {
            Ok(Ok(response)) => {
                self.is_http1.store(response.version() != Version::HTTP_2, Relaxed);
                Ok(response)
            }
            // Where no connection was made (name, TCP, tunnel, TLS), nothing of the request has left.
            Ok(Err(error)) if error.is_connect() => Err(self.limits.not_connected(&error)),
            Ok(Err(error)) => Err(Unanswered::broken(&error)),
            Err(_) => Err(self.limits.no_answer()),
        }
    }
}

/// The next piece of a body; `None` at its end.
pub(in crate::altinn) async fn chunk(body: &mut Incoming) -> Result<Option<Bytes>, hyper::Error> {
    while let Some(frame) = body.frame().await {
        // What is no data is trailers.
        if let Ok(data) = frame?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
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
    pub(in crate::altinn) async fn read(response: Response, most_bytes: usize) -> Self {
        let (head, mut coming) = response.into_parts();
        let mut body = Vec::new();
        let cut = loop {
            match chunk(&mut coming).await {
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
        Self { status: head.status, headers: head.headers, body, cut }
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
    /// No answer came in time, to a request that may have been taken.
    pub(in crate::altinn) fn no_answer(self) -> Unanswered {
        Unanswered::sent(say!("altinn-no-answer-within", limit = in_words(self.answer)).kept())
    }

    /// Why there is no connection.
    fn not_connected(self, error: &hyper_util::client::legacy::Error) -> Unanswered {
        match took_too_long_to_connect(error) {
            this_side @ Some(_) => {
                let words = say!("altinn-no-connection-within", limit = in_words(self.connect)).kept();
                Unanswered { words, this_side, sent: false }
            }
            None => Unanswered::not_sent(error),
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn in_words(limit: Duration) -> String {
    if limit.subsec_nanos() == 0 {
        format!("{} s", limit.as_secs())
    } else {
        format!("{} ms", limit.as_millis())
    }
}
