//! One token: sealed, with its generation, its claims and how long it is good for.

use std::{
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hyper::header::HeaderValue;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::{Claims, TokenError, redaction::Redaction};
use crate::words::Wording;

/// A token is renewed so long before it runs out: the servers behind Altinn allow no clock skew.
const RENEW_BEFORE: Duration = Duration::from_mins(1);
/// So shortly before it runs out a token is no longer sent: the answer would come too late.
const LAST_USE_BEFORE: Duration = Duration::from_secs(10);

/// One token, and which one it is: generations count up from 0 with every renewal.
pub struct Token {
    secret: SecretString,
    header: HeaderValue,
    generation: u64,
    accepted: AtomicBool,
    /// Made when something is said that may show it.
    redaction: OnceLock<Redaction>,
    claims: Claims,
    /// What is left of its life, from when it was got.
    life: Option<Life>,
}

#[derive(Debug, Clone, Copy)]
struct Life {
    begins: Instant,
    length: Duration,
}

/// How good a token still is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// To be used.
    Fresh,
    /// To be used, and to be renewed now.
    Due,
    /// Not to be used any more.
    Spent,
}

impl Token {
    /// Takes a token as it was pasted or answered: white space around it, quotes and a leading `Bearer` are taken
    /// off. `from` names where it comes from, for errors. `now` is what the clock of whoever issued it says, or
    /// this machine's.
    pub(super) fn new(
        pasted: &SecretString,
        generation: u64,
        from: &Wording,
        now: Timestamp,
    ) -> Result<Self, TokenError> {
        let bare = bare(pasted.expose_secret());
        if bare.is_empty() {
            return Err(TokenError::Empty { from: from.clone() });
        }
        let illegal = || TokenError::Illegal { from: from.clone() };
        if !bare.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(illegal());
        }
        let bearer = SecretString::from(format!("Bearer {bare}"));
        let mut header = HeaderValue::from_str(bearer.expose_secret()).map_err(|_| illegal())?;
        header.set_sensitive(true);
        let claims = Claims::of(bare);
        let length = claims.expires_at.map(|at| {
            let left = at.duration_since(now);
            // A clock that runs behind must not make a token live longer than it was issued for.
            let whole = claims.issued_at.map_or(left, |issued| at.duration_since(issued));
            Duration::try_from(left.min(whole)).unwrap_or_default()
        });
        Ok(Self {
            secret: SecretString::from(bare),
            header,
            generation,
            accepted: AtomicBool::new(false),
            redaction: OnceLock::new(),
            claims,
            life: length.map(|length| Life { begins: Instant::now(), length }),
        })
    }

    /// The token itself.
    pub fn secret(&self) -> &SecretString {
        &self.secret
    }

    /// How many renewals came before it.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// What it says of itself.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// How long it may still be used; `None` when it does not say.
    pub fn left(&self) -> Option<Duration> {
        self.life.map(|life| life.length.saturating_sub(life.begins.elapsed()))
    }

    /// How good it still is. One that does not say when it runs out is fresh until it is refused.
    pub fn freshness(&self) -> Freshness {
        let (Some(left), Some(life)) = (self.left(), self.life) else {
            return Freshness::Fresh;
        };
        // Of a token that lives for seconds these margins would leave nothing.
        if left <= LAST_USE_BEFORE.min(life.length / 6) {
            Freshness::Spent
        } else if left <= RENEW_BEFORE.min(life.length / 2) {
            Freshness::Due
        } else {
            Freshness::Fresh
        }
    }

    /// The whole `Authorization` header.
    pub(in crate::altinn) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// What was said to a request with this token, without the token: whole or in part, in any spelling.
    pub(in crate::altinn) fn taken_out_of(&self, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        self.redaction.get_or_init(|| Redaction::of([&self.secret])).of_text(text)
    }

    /// Altinn has given an answer that it gives to no stranger.
    pub(in crate::altinn) fn mark_accepted(&self) {
        if !self.accepted.load(Ordering::Relaxed) {
            self.accepted.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn is_a_renewal_never_accepted(&self) -> bool {
        self.generation > 0 && !self.accepted.load(Ordering::Relaxed)
    }

    pub(super) fn is_the_same_as(&self, other: &Self) -> bool {
        self.secret.expose_secret() == other.secret.expose_secret()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Token").field("generation", &self.generation).finish_non_exhaustive()
    }
}

/// Without what comes along when a token is pasted: white space, a byte order mark, quotes, `Bearer`.
pub(super) fn bare(pasted: &str) -> &str {
    let dressing =
        |character: char| character.is_whitespace() || matches!(character, '\u{feff}' | '"' | '\'');
    let text = pasted.trim_matches(dressing);
    match text.split_at_checked("Bearer".len()) {
        Some((word, rest))
            if word.eq_ignore_ascii_case("Bearer") && !rest.starts_with(|next| !dressing(next)) =>
        {
            rest.trim_matches(dressing)
        }
        _ => text,
    }
}
