//! The way to Altinn and back: how the connections are made, what came of an answer, and what went wrong on
//! the way, in a person's words that never show an address with its query, nor a header.

use std::{sync::Arc, time::Duration};

use reqwest::{
    Response, StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};
use url::Url;

use super::{
    RawAnswer,
    unanswered::{Names, Trouble, Unanswered, proxy},
};
use crate::{
    model::{HaltCause, is_loopback},
    words::say,
};

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
        .tcp_nodelay(true)
        .dns_resolver(Arc::new(Names));
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
    /// No answer came in time, to a request that may have been taken.
    pub(in crate::altinn) fn no_answer(self) -> Unanswered {
        Unanswered::sent(say!("altinn-no-answer-within", limit = in_words(self.answer)).kept())
    }

    /// Why a request got no answer, or not all of it.
    pub(in crate::altinn) fn explain(self, error: &reqwest::Error) -> Unanswered {
        // Where no connection was made (name, TCP, tunnel, TLS), nothing of the request has left.
        let sent = !error.is_connect();
        if error.is_timeout() && !sent {
            let words = say!("altinn-no-connection-within", limit = in_words(self.connect)).kept();
            return Unanswered { words, this_side: Some(HaltCause::NotReachable), sent };
        }
        if error.is_timeout() {
            return self.no_answer();
        }
        let trouble = Trouble::of(error, sent);
        let this_side = match trouble.this_side {
            None | Some(HaltCause::NotReachable) if !sent && proxy::is_of_another_kind(error.url()) => {
                Some(HaltCause::ProxyVariable)
            }
            this_side => this_side,
        };
        Unanswered { words: trouble.words, this_side, sent }
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
