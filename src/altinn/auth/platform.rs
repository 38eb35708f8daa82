//! Altinn's own part in signing in: another's token is exchanged for an Altinn token, and an Altinn token for a
//! fresher one.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use hyper::{
    Method,
    header::{ACCEPT, AUTHORIZATION, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroize};
use url::Url;

use super::{
    Limits, SignInError, Token,
    attempts::{AttemptError, Line, Told, with_attempts},
    token_provider::Issued,
};
use crate::{
    altinn::http::Http,
    words::{Wording, kept},
};

const EXCHANGE: &str = "/authentication/api/v1/exchange/";
const REFRESH: &str = "/authentication/api/v1/refresh";

fn who() -> Wording {
    kept!("auth-altinns-token-exchange")
}

/// Whose token is exchanged.
#[derive(Debug, Clone, Copy)]
pub(super) enum Issuer {
    IdPorten,
    Maskinporten,
}

impl Issuer {
    fn path(self) -> &'static str {
        match self {
            Self::IdPorten => "id-porten",
            Self::Maskinporten => "maskinporten",
        }
    }
}

/// Altinn's platform, as far as tokens are concerned. Cloned, it is the same.
#[derive(Clone)]
pub struct Platform(Arc<Inner>);

struct Inner {
    limits: Limits,
    line: Line,
    origin: Url,
    is_production: bool,
    /// This environment wants `?test=true` for these tokens.
    wants_test: AtomicBool,
}

impl Platform {
    /// The platform at `origin`; `limits` is how patient it is. In production no test tokens are asked for.
    ///
    /// # Errors
    ///
    /// When this machine has no encrypted connections.
    pub fn new(origin: &Url, is_production: bool, limits: Limits) -> Result<Self, SignInError> {
        let line = Line::to(origin, limits.answer)?;
        let wants_test = AtomicBool::new(false);
        Ok(Self(Arc::new(Inner { limits, line, origin: origin.clone(), is_production, wants_test })))
    }

    /// Exchanges another's token for an Altinn token. A 401 can be a passing outage here: a few attempts.
    pub(super) async fn exchange(&self, issuer: Issuer, token: &SecretString) -> Result<Issued, SignInError> {
        with_attempts(who(), self.0.limits.attempts, || self.exchange_once(issuer, token)).await
    }

    async fn exchange_once(&self, issuer: Issuer, token: &SecretString) -> Result<Issued, AttemptError> {
        // Firms that sign in side by side are met one after the other, here as at the issuer.
        static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
        let _turn = ONE_AT_A_TIME.lock().await;
        let path = format!("{EXCHANGE}{}", issuer.path());
        let wants_test = self.0.wants_test.load(Ordering::Relaxed);
        let mut told = self.get(&path, wants_test, bearer(token)?).await?;
        if matches!(told.status, 401 | 403) && !wants_test && !self.0.is_production {
            told = self.get(&path, true, bearer(token)?).await?;
            self.0.wants_test.store(told.status == 200, Ordering::Relaxed);
        }
        match told.status {
            200 => Ok(issued(told)?),
            401 => Err(AttemptError::Passing { message: said(&told), wait: None, this_side: None }),
            403 => Err(AttemptError::Lasting(SignInError::Refused {
                who: who(),
                message: said(&told),
                hint: kept!("auth-hint-the-token-has-no-altinn-scope"),
            })),
            _ => Err(AttemptError::Lasting(SignInError::Refused {
                who: who(),
                message: said(&told),
                hint: kept!("auth-hint-check-environment-or-ask"),
            })),
        }
    }

    /// Asks for a fresher token. `None` where that is not to be had for this one.
    pub(super) async fn refresh(&self, token: &Token) -> Result<Option<Issued>, SignInError> {
        match self.get(REFRESH, false, token.header()).await {
            Ok(told) if told.status == 200 => Ok(issued(told).ok()),
            Ok(_) => Ok(None),
            Err(AttemptError::Passing { message, .. }) => {
                Err(SignInError::Unavailable { who: who(), message })
            }
            Err(AttemptError::Lasting(error)) => Err(error),
        }
    }

    async fn get(&self, path: &str, test: bool, bearer: HeaderValue) -> Result<Told, AttemptError> {
        let mut url = self.0.origin.clone();
        url.set_path(path);
        url.set_query(test.then_some("test=true"));
        let mut request = Http::request(Method::GET, url);
        request.headers_mut().insert(AUTHORIZATION, bearer);
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("text/plain, application/json"));
        self.0.line.ask(request).await
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Platform").field("origin", &self.0.origin.as_str()).finish_non_exhaustive()
    }
}

fn bearer(token: &SecretString) -> Result<HeaderValue, SignInError> {
    let bearer = SecretString::from(format!("Bearer {}", token.expose_secret()));
    let mut header = HeaderValue::from_str(bearer.expose_secret()).map_err(|_| SignInError::Refused {
        who: who(),
        message: kept!("auth-what-is-to-be-exchanged-is-no-token"),
        hint: kept!("auth-hint-this-is-not-as-it-should-be"),
    })?;
    header.set_sensitive(true);
    Ok(header)
}

/// The token in the body: plain text, or a JSON string.
fn issued(mut told: Told) -> Result<Issued, SignInError> {
    let now = told.now();
    let text = std::str::from_utf8(&told.whole.body).unwrap_or_default().trim();
    let token = serde_json::from_str::<SecretString>(text).unwrap_or_else(|_| SecretString::from(text));
    told.whole.body.zeroize();
    let is_token = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_token(token.expose_secret()) {
        return Err(SignInError::Refused {
            who: who(),
            message: kept!("auth-it-answered-200-without-a-token"),
            hint: kept!("auth-hint-a-gateway-may-have-answered"),
        });
    }
    Ok(Issued { secret: token, now })
}

/// What was answered instead of a token. Only an error's body is shown.
fn said(told: &Told) -> Wording {
    let body = String::from_utf8_lossy(&told.whole.body);
    Wording::heard(match told.shown(&body) {
        Some(text) if told.status != 200 => format!("{} {text}", told.status),
        _ => told.status.to_string(),
    })
}
