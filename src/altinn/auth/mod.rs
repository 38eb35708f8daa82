//! Signing in: how a job comes by an Altinn token, and keeps one that is good.
//!
//! A [`TokenSource`] hands out the token of the moment and renews it in time, once for all requests. What it renews by
//! is a token provider: a token given once, a token in a file, [`Maskinporten`](crate::model::Maskinporten) (a signed grant), or
//! [`IdPorten`] (a person with a browser). The last two end in an exchange at the [`Platform`], which can also make an
//! Altinn token live longer. Nothing here shows a token or a key, in errors or otherwise.

mod attempts;
mod authorization;
mod claims;
mod error;
mod id_porten;
mod key;
mod keyring;
mod maskinporten;
mod oauth;
mod openid;
mod passwords;
mod pieces;
mod platform;
mod private_file;
mod redaction;
mod redirect;
mod sessions;
mod source;
mod token;
mod token_provider;

use std::{path::PathBuf, time::Duration};

use url::Url;

pub use authorization::{AuthorizationRequest, AuthorizationResponse};
pub use claims::{Claims, NEEDED_SCOPES, PARTIES_SCOPE, REQUEST_SCOPES};
pub use error::{ForeignIssuer, KeyError, KeyProblem, SignInError, TokenError};
pub use id_porten::{IdPorten, SignedIn, SignedOut};
pub use key::SigningKey;
pub use passwords::Passwords;
pub use platform::Platform;
pub use redirect::Redirect;
pub use sessions::{Kept, Sessions};
pub use source::TokenSource;
pub use token::{Freshness, Token};

use crate::{
    model::{Auth, TokenFrom},
    words::kept,
};
use maskinporten::{GrantFor, Maskinporten};
use token_provider::{Fixed, TokenFile};

/// Where and how a job signs in. Paths are whole, and no address is left out.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The method, and what it needs.
    pub auth: Auth,
    /// Altinn's platform.
    pub origin: Url,
    /// The environment, as the ledger names it.
    pub environment: String,
    /// No test tokens are asked for.
    pub is_production: bool,
    /// Where sign-ins with ID-porten are kept; its owner's alone.
    pub sessions: PathBuf,
    /// Whether the operating system's keyring is used, where there is one.
    pub with_keyring: bool,
    /// How a person is asked for the password of a key.
    pub passwords: Passwords,
    /// Whether the scope that lists parties is asked for besides: the firm's party UUID has to be looked up.
    pub with_parties: bool,
    /// How patient it is.
    pub limits: Limits,
}

/// How patient signing in is with those who do not answer.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long each request may take.
    pub answer: Duration,
    /// How often something is asked before it counts as not answering. The waits in between grow from a second.
    pub attempts: u32,
}

impl SignIn {
    /// Signs in, or finds the token where it is.
    ///
    /// # Errors
    ///
    /// Every [`SignInError`]: the token, the key, a refusal, no answer, or nobody signed in.
    pub async fn open(&self) -> Result<TokenSource, SignInError> {
        let platform = self.platform()?;
        match &self.auth {
            Auth::Token(TokenFrom::Env(name)) => {
                TokenSource::open(Box::new(Fixed::from_env(name)?), Some(platform)).await
            }
            Auth::Token(TokenFrom::File(path)) => {
                TokenSource::open(
                    Box::new(TokenFile { path: path.clone(), of_any_issuer: false }),
                    Some(platform),
                )
                .await
            }
            Auth::Maskinporten(config) => {
                let endpoint = config.endpoint.clone().ok_or_else(no_address)?;
                let token_provider = Maskinporten::new(
                    config.clone(),
                    endpoint,
                    platform.clone(),
                    &self.passwords,
                    self.limits,
                )?
                .with_parties(self.with_parties);
                TokenSource::open(Box::new(token_provider), Some(platform)).await
            }
            Auth::IdPorten(_) => {
                let token_provider = self.id_porten()?.ok_or_else(no_address)?;
                TokenSource::open(Box::new(token_provider), Some(platform)).await
            }
        }
    }

    /// Signs in as a vendor that asks firms for system users: with a token of Maskinporten's own, which is not exchanged.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub async fn open_as_vendor(&self) -> Result<TokenSource, SignInError> {
        match &self.auth {
            Auth::Token(TokenFrom::Env(name)) => {
                TokenSource::open(Box::new(Fixed::of_any_issuer(name)?), None).await
            }
            Auth::Token(TokenFrom::File(path)) => {
                let file = TokenFile { path: path.clone(), of_any_issuer: true };
                TokenSource::open(Box::new(file), None).await
            }
            Auth::Maskinporten(config) => {
                let endpoint = config.endpoint.clone().ok_or_else(no_address)?;
                let platform = self.platform()?;
                let provider =
                    Maskinporten::new(config.clone(), endpoint, platform, &self.passwords, self.limits)?;
                TokenSource::open(Box::new(provider.granting(GrantFor::Vendor)), None).await
            }
            Auth::IdPorten(_) => Err(no_address()),
        }
    }

    /// The client of ID-porten; `None` where the job signs in otherwise.
    ///
    /// # Errors
    ///
    /// When its key cannot be used, or this machine has no encrypted connections.
    pub fn id_porten(&self) -> Result<Option<IdPorten>, SignInError> {
        let Auth::IdPorten(config) = &self.auth else { return Ok(None) };
        let issuer = config.issuer.clone().ok_or_else(no_address)?;
        let sessions =
            Sessions::new(&self.sessions, self.with_keyring, &self.environment, &config.client_id, &issuer);
        IdPorten::new(config.clone(), issuer, self.platform()?, sessions, &self.passwords, self.limits)
            .map(|id_porten| Some(id_porten.with_parties(self.with_parties)))
    }

    fn platform(&self) -> Result<Platform, SignInError> {
        Platform::new(&self.origin, self.is_production, self.limits)
    }
}

fn no_address() -> SignInError {
    SignInError::Machine {
        problem: kept!("auth-the-job-does-not-say-where-to-sign-in"),
        hint: kept!("auth-hint-add-issuer-or-token-endpoint"),
    }
}
