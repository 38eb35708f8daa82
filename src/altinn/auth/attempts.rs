//! What signing in does about servers that do not answer: a few attempts, further and further apart.

use std::time::Duration;

use hyper::{
    Method, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER},
};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{sleep, timeout};
use url::{Url, form_urlencoded};

use super::{SignInError, redaction::Redaction};
use crate::{
    altinn::http::{Body, Http, Limits, Request, Response, Unanswered, Whole, clean},
    engine::backoff,
    model::HaltCause,
    words::{Wording, kept, say},
};

/// The longest that `Retry-After` is obeyed for before giving up instead.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// The most that is read of an answer, in bytes; a token has a few thousand.
const ANSWER_BYTES: usize = 256 * 1024;

/// Why there is no good answer.
pub(super) enum AttemptError {
    /// It may be otherwise in a moment.
    Passing {
        /// What went wrong.
        message: Wording,
        /// When to ask again, where that was said.
        wait: Option<Duration>,
        /// What on this side is the matter, where it is that.
        this_side: Option<HaltCause>,
    },
    /// It is as it is.
    Lasting(SignInError),
}

impl From<SignInError> for AttemptError {
    fn from(error: SignInError) -> Self {
        Self::Lasting(error)
    }
}

impl From<Unanswered> for AttemptError {
    fn from(unanswered: Unanswered) -> Self {
        let Unanswered { words: message, this_side, sent: _ } = unanswered;
        match this_side {
            Some(cause) if !cause.may_pass() => Self::Lasting(SignInError::ThisSide { cause, message }),
            this_side => Self::Passing { message, wait: None, this_side },
        }
    }
}

/// Asks `who` until there is an answer, `most` times.
pub(super) async fn with_attempts<T, F>(
    who: Wording,
    most: u32,
    mut ask: impl FnMut() -> F,
) -> Result<T, SignInError>
where
    F: Future<Output = Result<T, AttemptError>>,
{
    let mut attempts = 0;
    loop {
        attempts += 1;
        match ask().await {
            Ok(answer) => return Ok(answer),
            Err(AttemptError::Lasting(error)) => return Err(error),
            Err(AttemptError::Passing { message, wait, this_side }) => {
                let wait = wait.unwrap_or_else(|| backoff(attempts));
                if attempts >= most || wait > LONGEST_WAIT {
                    return Err(match this_side {
                        Some(cause) => SignInError::ThisSide { cause, message },
                        None => SignInError::Unavailable { who, message },
                    });
                }
                sleep(wait).await;
            }
        }
    }
}

/// A form, as OAuth 2.0's endpoints take it.
pub(super) fn post(url: Url, form: String) -> Request {
    let mut request = Http::request_with(Method::POST, url, form);
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    request
}

/// A connection to one server that takes part in signing in. No redirect is followed.
#[derive(Clone)]
pub(super) struct Line {
    http: Http,
    limits: Limits,
}

impl Line {
    /// A line to the server of `url`; each request may take `limit`.
    pub(super) fn to(url: &Url, limit: Duration) -> Result<Self, SignInError> {
        let limits = Limits { connect: Duration::from_secs(10).min(limit), answer: limit };
        Http::to(url, limits, 1).map(|http| Self { http, limits }).map_err(
            |Unanswered { words: why, .. }| SignInError::Machine {
                problem: say!("altinn-no-encrypted-connections-on-this-machine", why = why).kept(),
                hint: kept!("auth-hint-check-the-trust-store"),
            },
        )
    }

    /// One request, with its whole answer. 429 and 5xx are passing trouble, as is no answer.
    pub(super) async fn ask(&self, request: Request) -> Result<Told, AttemptError> {
        let secrets = secrets_of(&request);
        let asked = async {
            let response = self.http.send(request).await?;
            let told = TellTale::of(&response);
            let whole = Whole::read(response, ANSWER_BYTES).await;
            if whole.cut {
                return Err(Unanswered::sent(kept!("auth-the-connection-broke-in-the-middle")));
            }
            Ok((told, whole))
        };
        let (told, whole) = timeout(self.limits.answer, asked)
            .await
            .unwrap_or_else(|_| Err(self.limits.no_answer()))
            .map_err(AttemptError::from)?;
        let status = told.status.as_u16();
        let this_side = if status == 407 {
            Some(HaltCause::ProxySignIn)
        } else {
            Body::read(&whole.body).of_this_side(status)
        };
        if let Some(cause) = this_side {
            let message = Body::read(&whole.body).message(status);
            return Err(SignInError::ThisSide { cause, message }.into());
        }
        if told.status == StatusCode::TOO_MANY_REQUESTS || told.status.is_server_error() {
            let message = say!("auth-it-answered", status = told.status.as_u16()).kept();
            return Err(AttemptError::Passing { message, wait: told.retry_after, this_side: None });
        }
        // A refusal is shown, and may repeat what it was asked with.
        let secrets = if told.status == StatusCode::OK { Vec::new() } else { secrets };
        Ok(Told { status: told.status.as_u16(), date: told.date, whole, secrets })
    }
}

/// The bearer token, and what a form holds that nobody may see.
fn secrets_of(request: &Request) -> Vec<SecretString> {
    const SECRET_FIELDS: [&str; 6] =
        ["assertion", "client_assertion", "code", "code_verifier", "refresh_token", "token"];
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = header.and_then(|value| value.strip_prefix("Bearer ")).map(SecretString::from);
    let fields = form_urlencoded::parse(request.body())
        .filter(|(name, value)| SECRET_FIELDS.contains(&name.as_ref()) && !value.is_empty())
        .map(|(_, value)| SecretString::from(value.into_owned()));
    bearer.into_iter().filter(|bearer| !bearer.expose_secret().is_empty()).chain(fields).collect()
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
    /// What it was asked with, where it is a refusal.
    secrets: Vec<SecretString>,
}

impl Told {
    /// The server's clock, or else this machine's.
    pub(super) fn now(&self) -> Timestamp {
        self.date.unwrap_or_else(crate::clock::now)
    }

    /// What a refusal says, fit to be shown: one line, without what it was asked with. The one place where the words of
    /// those who sign in are cleaned.
    pub(super) fn shown(&self, words: &str) -> Option<String> {
        clean(&Redaction::of(&self.secrets).of_text(words))
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    #[tokio::test]
    async fn a_page_that_is_not_the_servers_is_this_sides_and_asked_for_once() {
        const PAGE: &str = "Connection: close\r\n\r\n<html>stop</html>";
        for (head, cause) in [
            ("403 Forbidden", HaltCause::BlockPage),
            ("200 OK", HaltCause::CaptivePortal),
            ("302 Found\r\nLocation: http://login.wifi/", HaltCause::CaptivePortal),
            ("407 Proxy Authentication Required", HaltCause::ProxySignIn),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = Url::parse(&format!("http://{}/token", listener.local_addr().unwrap())).unwrap();
            let served = tokio::spawn(async move {
                let (mut stream, _) = listener.accept().await.unwrap();
                let _ = stream.read(&mut [0; 4096]).await.unwrap();
                stream.write_all(format!("HTTP/1.1 {head}\r\n{PAGE}").as_bytes()).await.unwrap();
            });
            let line = Line::to(&url, Duration::from_secs(5)).unwrap();
            let asked =
                with_attempts(Wording::name("the server"), 5, || line.ask(post(url.clone(), String::new())))
                    .await;
            let Err(error) = asked else { panic!("{head} is no answer") };
            assert_eq!(error.this_side(), Some(cause), "{head}: {error}");
            assert!(!error.is_passing() && !error.to_string().contains("refuses the sign-in"), "{error}");
            served.await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_port_where_nothing_listens_is_asked_again_and_then_told_as_this_sides() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/token", listener.local_addr().unwrap())).unwrap();
        drop(listener);
        let line = Line::to(&url, Duration::from_secs(5)).unwrap();
        let mut asked = 0;
        let answer = with_attempts(Wording::name("the server"), 2, || {
            asked += 1;
            line.ask(post(url.clone(), String::new()))
        });
        let Err(error) = answer.await else { panic!("nobody answered") };
        assert_eq!((error.this_side(), error.is_passing()), (Some(HaltCause::NotReachable), true), "{error}");
        assert_eq!(asked, 2);
    }

    #[tokio::test]
    async fn a_refusal_that_repeats_the_secrets_of_the_request_is_read_without_them() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/token", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await.unwrap();
            let answer = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nno: hush-form and hush-head";
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        let mut request = post(url.clone(), "grant_type=x&assertion=hush-form".to_owned());
        request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_static("Bearer hush-head"));
        let line = Line::to(&url, Duration::from_secs(5)).unwrap();
        let Ok(told) = line.ask(request).await else { panic!("it answered") };
        let said = String::from_utf8(told.whole.body.clone()).unwrap();
        assert_eq!(told.shown(&said).as_deref(), Some("no: (token) and (token)"));
    }
}
