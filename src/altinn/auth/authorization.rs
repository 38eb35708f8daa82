//! What the browser is sent out with, and what it comes back with.

use openidconnect::{CsrfToken, Nonce, PkceCodeVerifier};
use secrecy::SecretString;
use url::Url;

use super::oauth::OauthError;
use crate::words::say;

/// An authorization request (RFC 6749, section 4.1.1): the browser is to go to `address`.
pub struct AuthorizationRequest {
    /// Where the person signs in.
    pub address: Url,
    pub(super) state: CsrfToken,
    pub(super) nonce: Nonce,
    pub(super) verifier: PkceCodeVerifier,
}

/// An authorization response (RFC 6749, section 4.1.2): what ID-porten has added to the redirect address.
pub struct AuthorizationResponse {
    pub(super) code: Result<SecretString, OauthError>,
    pub(super) state: String,
    pub(super) issuer: Option<String>,
}

impl AuthorizationResponse {
    /// Reads the address that the browser ended on; `redirect` is what it must begin with.
    ///
    /// # Errors
    ///
    /// In words, when it is another address, or has neither a code nor an error.
    pub fn read(address: &str, redirect: &Url) -> Result<Self, String> {
        let address = Url::parse(address.trim())
            .map_err(|_| say!("auth-this-is-not-an-address", redirect = redirect).to_string())?;
        if address.origin() != redirect.origin() || address.path() != redirect.path() {
            return Err(say!("auth-this-is-another-address", redirect = redirect).to_string());
        }
        let parameter = |name: &str| {
            address.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let code = match (parameter("code"), parameter("error")) {
            (_, Some(error)) => Err(OauthError {
                error,
                error_description: parameter("error_description"),
                error_uri: parameter("error_uri"),
                ..OauthError::default()
            }),
            (Some(code), None) => Ok(SecretString::from(code)),
            (None, None) => return Err(say!("auth-this-address-has-no-code").to_string()),
        };
        Ok(Self { code, state: parameter("state").unwrap_or_default(), issuer: parameter("iss") })
    }
}

impl AuthorizationResponse {
    /// Whether there is a code.
    pub(super) fn is_well(&self) -> bool {
        self.code.is_ok()
    }
}

impl AuthorizationRequest {
    /// Whether the response is to this request (`state`), and to no other.
    pub fn is_answered_by(&self, response: &AuthorizationResponse) -> bool {
        self.state.secret() == &response.state
    }
}
