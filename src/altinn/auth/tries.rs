//! What signing in does about servers that do not answer: a few tries, further and further apart.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{
    Body, Method, Request, Response, StatusCode,
    header::{ACCEPT, CONTENT_TYPE, HeaderValue, RETRY_AFTER},
};
use tokio::time::{sleep, timeout};
use url::Url;

use super::SignInError;
use crate::{
    altinn::transport::{Limits, Whole, http_client},
    engine::backoff,
};

/// The longest that `Retry-After` is obeyed for before giving up instead.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// The most that is read of an answer, in bytes; a token has a few thousand.
const ANSWER_BYTES: usize = 256 * 1024;

/// Why there is no good answer.
pub(super) enum Trouble {
    /// It may be otherwise in a moment.
    Passing {
        /// What went wrong.
        message: String,
        /// When to ask again, where that was said.
        wait: Option<Duration>,
    },
    /// It is as it is.
    Lasting(SignInError),
}

impl From<SignInError> for Trouble {
    fn from(error: SignInError) -> Self {
        Self::Lasting(error)
    }
}

/// Asks `who` until there is an answer, `most` times.
pub(super) async fn with_tries<T, F>(
    who: &'static str,
    most: u32,
    mut ask: impl FnMut() -> F,
) -> Result<T, SignInError>
where
    F: Future<Output = Result<T, Trouble>>,
{
    let mut tries = 0;
    loop {
        tries += 1;
        match ask().await {
            Ok(answer) => return Ok(answer),
            Err(Trouble::Lasting(error)) => return Err(error),
            Err(Trouble::Passing { message, wait }) => {
                let wait = wait.unwrap_or_else(|| backoff(tries));
                if tries >= most || wait > LONGEST_WAIT {
                    return Err(SignInError::Unavailable { who, message });
                }
                sleep(wait).await;
            }
        }
    }
}

/// A form, as OAuth 2.0's endpoints take it.
pub(super) fn post(url: Url, form: String) -> Request {
    let mut request = Request::new(Method::POST, url);
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    *request.body_mut() = Some(Body::from(form));
    request
}

/// A connection to one server that takes part in signing in. No redirect is followed.
#[derive(Debug, Clone)]
pub(super) struct Line {
    http: reqwest::Client,
    limits: Limits,
}

impl Line {
    /// A line to the server of `url`; each request may take `limit`.
    pub(super) fn to(url: &Url, limit: Duration) -> Result<Self, SignInError> {
        let limits = Limits { connect: Duration::from_secs(10).min(limit), answer: limit };
        http_client(url, limits, 1).map(|http| Self { http, limits }).map_err(|error| SignInError::Machine {
            problem: format!("no encrypted connections on this machine: {}", limits.explain(&error)),
            hint: "check the machine's trust store, or SSL_CERT_FILE".to_owned(),
        })
    }

    /// One request, with its whole answer. 429 and 5xx are passing trouble, as is no answer.
    pub(super) async fn ask(&self, request: Request) -> Result<Told, Trouble> {
        let passing = |message: String| Trouble::Passing { message, wait: None };
        let asked = async {
            let response = self.http.execute(request).await.map_err(|error| self.limits.explain(&error))?;
            let told = TellTale::of(&response);
            let whole = Whole::read(response, ANSWER_BYTES).await;
            if whole.cut {
                return Err("the connection broke in the middle of the answer".to_owned());
            }
            Ok((told, whole))
        };
        let (told, whole) = timeout(self.limits.answer, asked)
            .await
            .map_err(|_| passing(self.limits.no_answer()))?
            .map_err(passing)?;
        if told.status == StatusCode::TOO_MANY_REQUESTS || told.status.is_server_error() {
            let message = format!("it answered {}", told.status.as_u16());
            return Err(Trouble::Passing { message, wait: told.retry_after });
        }
        Ok(Told { status: told.status.as_u16(), date: told.date, whole })
    }
}

/// What the head of an answer says.
struct TellTale {
    status: StatusCode,
    retry_after: Option<Duration>,
    date: Option<Timestamp>,
}

impl TellTale {
    fn of(response: &Response) -> Self {
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let date = header("date").and_then(|date| httpdate::parse_http_date(date).ok());
        Self {
            status: response.status(),
            retry_after: header(RETRY_AFTER.as_str())
                .and_then(|seconds| seconds.trim().parse().ok())
                .map(Duration::from_secs),
            date: date.and_then(|date| Timestamp::try_from(date).ok()),
        }
    }
}

/// An answer that came.
pub(super) struct Told {
    pub(super) status: u16,
    /// What the server's clock says.
    pub(super) date: Option<Timestamp>,
    pub(super) whole: Whole,
}

impl Told {
    /// The server's clock, or else this machine's.
    pub(super) fn now(&self) -> Timestamp {
        self.date.unwrap_or_else(Timestamp::now)
    }
}
