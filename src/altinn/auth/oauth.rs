//! OAuth 2.0's errors (RFC 6749, section 5.2), said so that a person knows what to do.

use serde::{Deserialize, Serialize};

use super::{SignInError, attempts::Told};
use crate::{
    altinn::http::clean,
    words::{Wording, say},
};

/// How far the clocks may be apart: Maskinporten wants `iat` within so many seconds of its own.
const SKEW_ALLOWED_S: i64 = 10;

/// An error as the token endpoint says it.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub(super) struct OauthError {
    #[serde(default)]
    pub(super) error: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error_description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error_uri: Option<String>,
    /// The HTTP status, where the answer was no such document.
    #[serde(skip)]
    pub(super) bare_status: Option<u16>,
}

impl OauthError {
    /// The error of an answer; one that is no JSON has only its status.
    pub(super) fn of(told: &Told) -> Self {
        let shown = |text: String| told.shown(&text);
        match serde_json::from_slice::<Self>(&told.whole.body) {
            Ok(said) if !said.error.is_empty() => Self {
                error: shown(said.error).unwrap_or_default(),
                error_description: said.error_description.and_then(shown),
                error_uri: said.error_uri.and_then(shown),
                bare_status: None,
            },
            _ => Self {
                error: say!("auth-it-answered", status = told.status).english(),
                error_description: told.shown(&String::from_utf8_lossy(&told.whole.body)),
                error_uri: None,
                bare_status: Some(told.status),
            },
        }
    }

    /// A refusal as the token endpoint would have said it without the secrets of the request; `None` where it is none.
    pub(super) fn clean_document(told: &Told) -> Option<Vec<u8>> {
        serde_json::from_slice::<Self>(&told.whole.body).ok()?;
        serde_json::to_vec(&Self::of(told)).ok()
    }

    /// Everything that was said, on one line.
    pub(super) fn message(&self) -> Wording {
        let error = self.bare_status.is_none().then_some(&self.error);
        let parts = [error, self.error_description.as_ref(), self.error_uri.as_ref()];
        let parts: Vec<String> = parts.into_iter().flatten().filter_map(|part| clean(part)).collect();
        let said = parts.join(": ");
        match self.bare_status {
            None => Wording::heard(said),
            Some(status) if said.is_empty() => say!("auth-it-answered", status = status).kept(),
            Some(status) => Wording::of(|| format!("{}: {said}", say!("auth-it-answered", status = status))),
        }
    }

    /// As a sign-in that `who` refuses.
    pub(super) fn refused_by(&self, who: Wording, hint: Wording) -> SignInError {
        SignInError::Refused { who, message: self.message(), hint }
    }

    /// Maskinporten's own number of the error, such as `MP-303`.
    pub(super) fn number(&self) -> Option<&str> {
        let description = self.error_description.as_deref()?;
        let (_, after) = description.split_once("MP-")?;
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        after.get(..digits).filter(|digits| !digits.is_empty())
    }
}

/// How far this machine's clock is ahead of the server's, in words; `None` when it is near enough.
pub(super) fn skew(told: &Told) -> Option<Wording> {
    let ahead_s = crate::clock::now().as_second() - told.date?.as_second();
    (ahead_s.abs() > SKEW_ALLOWED_S).then(|| {
        let seconds = ahead_s.abs().to_string();
        if ahead_s > 0 {
            say!("auth-hint-the-clock-is-ahead", seconds = seconds).kept()
        } else {
            say!("auth-hint-the-clock-is-behind", seconds = seconds).kept()
        }
    })
}
