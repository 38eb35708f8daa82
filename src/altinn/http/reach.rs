//! Whether Altinn's address is reached at all, and what time it is there.

use std::time::Duration;

use hyper::{Method, header::DATE};
use jiff::Timestamp;
use url::Url;

use super::{Http, Limits, Unanswered};
use crate::{model::HaltCause, words::Wording};

/// The longest that a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// Why an address is not reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotReached {
    /// What went wrong.
    pub words: Wording,
    /// What on this side is the matter, where it is that.
    pub cause: Option<HaltCause>,
}

/// Asks the platform at `origin` for nothing in particular, without a token: the name, the proxy, the connection and the
/// encryption must do for an answer. Answers the server's clock, where it says the time.
///
/// # Errors
///
/// No answer came within `answer`.
pub async fn reach(origin: &Url, answer: Duration) -> Result<Option<Timestamp>, NotReached> {
    let limits = Limits { connect: CONNECT.min(answer), answer };
    let not = |unanswered: Unanswered| NotReached { words: unanswered.words, cause: unanswered.this_side };
    let http = Http::to(origin, limits, 1).map_err(not)?;
    let response = http.send(Http::request(Method::HEAD, origin.clone())).await.map_err(not)?;
    if response.status().as_u16() == 407 {
        let cause = HaltCause::ProxySignIn;
        return Err(NotReached { words: Wording::of(|| cause.explanation()), cause: Some(cause) });
    }
    let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
    let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
    Ok(date.and_then(|date| Timestamp::try_from(date).ok()))
}
