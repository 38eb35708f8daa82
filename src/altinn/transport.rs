//! One request and the beginning of its answer, over one pool of connections.

use std::{
    error::Error as _,
    io,
    time::{Duration, SystemTime},
};

use jiff::Timestamp;
use reqwest::{
    Method, Request, Response, Url,
    header::{AUTHORIZATION, HeaderValue, RETRY_AFTER},
    redirect,
};
use tokio::time::{Instant, timeout};

use super::problem::{Judged, at_last, retry_after};
use crate::model::{Again, Answer, AtLast, Call, NoVerdict, Verdict};

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// More of an answer about one client, or of an error, is not read.
const LONGEST_BODY: usize = 64 * 1024;

/// An HTTP client for one origin: rustls with the platform's trust store, HTTP/2 where it is offered, no redirects
/// (a token never leaves the origin), no cookies.
pub(super) fn http(origin: &Url, request_timeout: Duration) -> reqwest::Result<reqwest::Client> {
    // The first to install it wins; it is always this one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("fullmakt/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT.min(request_timeout));
    if origin.scheme() == "http" {
        // Loopback only, see the job file: no proxy is asked for the way to this machine.
        builder = builder.no_proxy();
    }
    builder.build()
}

/// When a request was sent, and about what.
pub(super) struct Sent {
    call: Call,
    sent_at: Timestamp,
    begin: Instant,
    limit: Duration,
}

impl Sent {
    /// Sends a request and waits for the head of its answer.
    pub(super) async fn send(
        http: &reqwest::Client,
        call: Call,
        url: Url,
        authorization: HeaderValue,
        limit: Duration,
    ) -> (Self, Result<Response, Answer>) {
        let method = match call {
            Call::Agents | Call::Available | Call::Delegated => Method::GET,
            Call::Delegate => Method::POST,
            Call::Remove => Method::DELETE,
        };
        let mut request = Request::new(method, url);
        request.headers_mut().insert(AUTHORIZATION, authorization);
        if call == Call::Delegate {
            // An empty body, so that the length is said: some gateways refuse a POST without one.
            *request.body_mut() = Some("".into());
        }
        let sent = Self { call, sent_at: Timestamp::now(), begin: Instant::now(), limit };
        let response = match timeout(limit, http.execute(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(sent.no_answer(&error)),
            Err(_) => Err(sent.too_late()),
        };
        (sent, response)
    }

    /// Reads the body, up to a length that no answer about one client has; an error when it breaks off.
    pub(super) async fn body(&self, response: &mut Response) -> Result<Vec<u8>, Answer> {
        let mut body = Vec::new();
        while body.len() < LONGEST_BODY {
            let left = self.limit.saturating_sub(self.begin.elapsed());
            match timeout(left, response.chunk()).await {
                Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
                Ok(Ok(None)) => break,
                Ok(Err(error)) => return Err(self.no_answer(&error)),
                Err(_) => return Err(self.too_late()),
            }
        }
        Ok(body)
    }

    /// A judged answer.
    pub(super) fn judged(&self, status: u16, judged: Judged) -> Answer {
        Answer {
            verdict: judged.verdict,
            status: Some(status),
            code: judged.code,
            message: judged.message,
            trace_id: judged.trace_id,
            hint: judged.hint,
            sent_at: self.sent_at,
            took: self.begin.elapsed(),
        }
    }

    /// Done.
    pub(super) fn done(&self, status: u16) -> Answer {
        Answer { status: Some(status), ..self.bare(Verdict::Done, String::new()) }
    }

    /// Nobody answered, or the answer broke off.
    pub(super) fn no_answer(&self, error: &reqwest::Error) -> Answer {
        self.unreachable(in_words(error))
    }

    /// The answer did not come in time. Altinn may go on with it all the same.
    pub(super) fn too_late(&self) -> Answer {
        self.unreachable(format!("no answer within {} s", self.limit.as_secs_f64()))
    }

    /// An answer that this program made up of what it saw.
    pub(super) fn bare(&self, verdict: Verdict, message: String) -> Answer {
        Answer {
            verdict,
            status: None,
            code: None,
            message,
            trace_id: None,
            hint: "",
            sent_at: self.sent_at,
            took: self.begin.elapsed(),
        }
    }

    /// No verdict on this try.
    pub(super) fn again(&self, why: NoVerdict, at_last: AtLast, message: String) -> Answer {
        self.bare(Verdict::Again(Again { not_before: None, why, at_last }), message)
    }

    fn unreachable(&self, message: String) -> Answer {
        let answer = self.again(NoVerdict::Unreachable, at_last(self.call), message);
        Answer { hint: "`fullmakt retry` tries again when Altinn answers", ..answer }
    }
}

/// What `Retry-After` says, counted from now.
pub(super) fn wait_of(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    retry_after(value, SystemTime::now())
}

/// What went wrong on the way, in words; never the address, whose query names a client.
fn in_words(error: &reqwest::Error) -> String {
    let mut source = error.source();
    let mut last = None;
    while let Some(cause) = source {
        if let Some(io_error) = cause.downcast_ref::<io::Error>() {
            match io_error.kind() {
                io::ErrorKind::ConnectionRefused => return "the connection was refused".to_owned(),
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::ConnectionAborted => {
                    return "the connection was reset".to_owned();
                }
                io::ErrorKind::UnexpectedEof => {
                    return "the connection was closed in the middle of the answer".to_owned();
                }
                _ => {}
            }
        }
        last = Some(cause.to_string());
        source = cause.source();
    }
    let last = last.unwrap_or_default();
    if error.is_timeout() {
        "no connection in time".to_owned()
    } else if error.is_connect() {
        format!("no connection: {last}")
    } else {
        format!("the connection broke: {last}")
    }
}
