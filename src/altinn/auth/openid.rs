//! The issuer's side of ID-porten: the library's requests over our own line, its discovery document, its errors.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use hyper::body::Bytes;
use openidconnect::{
    AdditionalProviderMetadata, AsyncHttpClient, HttpRequest, HttpResponse, IssuerUrl, ProviderMetadata,
    RequestTokenError,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreErrorResponseType,
        CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
        CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
    },
};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::sync::OnceCell;
use url::Url;

use super::{
    SignInError,
    attempts::{AttemptError, Line, with_attempts},
    oauth::{OauthError, skew},
    token_provider::Promise,
};
use crate::{
    altinn::http::clean,
    model::HaltCause,
    words::{Wording, kept, say},
};

/// What it is called in words.
pub(super) fn who() -> Wording {
    Wording::name("ID-porten")
}

/// What to do when a sign-in has gone astray.
pub(super) fn sign_in_again() -> Wording {
    kept!("auth-hint-sign-in-once-more")
}

/// What to do when somebody else answers.
pub(super) fn check_issuer() -> Wording {
    kept!("auth-hint-check-environment-or-issuer")
}

/// The issuer, at the other end of a line.
pub(super) struct OpenIdProvider {
    issuer: String,
    pub(super) line: Line,
    attempts: u32,
    metadata: OnceCell<Metadata>,
    /// How far the clocks are apart, as the last answer showed.
    skew: Mutex<Option<Wording>>,
}

/// What the discovery document says besides what every one says (RFC 8414).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct MoreMetadata {
    pub(super) revocation_endpoint: Option<String>,
    /// Whether every authorization response names its issuer (RFC 9207).
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for MoreMetadata {}

pub(super) type Metadata = ProviderMetadata<
    MoreMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

pub(super) type CoreErrorResponse = openidconnect::StandardErrorResponse<CoreErrorResponseType>;

/// Nobody answered.
#[derive(Debug, Error)]
#[error("{message}")]
pub(super) struct NoAnswer {
    pub(super) message: Wording,
    pub(super) wait: Option<Duration>,
    pub(super) this_side: Option<HaltCause>,
}

impl From<NoAnswer> for AttemptError {
    fn from(NoAnswer { message, wait, this_side }: NoAnswer) -> Self {
        match this_side {
            Some(cause) if !cause.may_pass() => SignInError::ThisSide { cause, message }.into(),
            this_side => Self::Passing { message, wait, this_side },
        }
    }
}

impl OpenIdProvider {
    pub(super) fn new(issuer: String, line: Line, attempts: u32) -> Self {
        Self { issuer, line, attempts, metadata: OnceCell::new(), skew: Mutex::default() }
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What its discovery document says.
    pub(super) async fn metadata(&self) -> Result<&Metadata, SignInError> {
        self.metadata.get_or_try_init(|| with_attempts(who(), self.attempts, || self.discover())).await
    }

    async fn discover(&self) -> Result<Metadata, AttemptError> {
        let issuer = IssuerUrl::new(self.issuer.clone())
            .map_err(|_| refused(kept!("auth-issuer-is-no-address"), check_issuer()))?;
        Metadata::discover_async(issuer, self).await.map_err(|error| match error {
            openidconnect::DiscoveryError::Request(no_answer) => no_answer.into(),
            error => {
                let reason = clean(&error.to_string()).unwrap_or_default();
                let message = say!("auth-it-does-not-answer-as-an-openid-provider", reason = reason).kept();
                refused(message, check_issuer()).into()
            }
        })
    }

    /// How far the clocks are apart, as the last answer showed.
    pub(super) fn skew(&self) -> Option<Wording> {
        self.skew.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// An error of the library as ours. Never shows an answer's body: it may hold a token.
    pub(super) fn explain(&self, error: RequestTokenError<NoAnswer, CoreErrorResponse>) -> AttemptError {
        match error {
            RequestTokenError::Request(no_answer) => no_answer.into(),
            RequestTokenError::ServerResponse(answer) => {
                let error = OauthError {
                    error: answer.error().as_ref().to_owned(),
                    error_description: answer.error_description().cloned(),
                    error_uri: answer.error_uri().cloned(),
                    ..OauthError::default()
                };
                let hint = self.skew().unwrap_or_else(|| hint_for(&error.error));
                error.refused_by(who(), hint).into()
            }
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                refused(kept!("auth-it-did-not-answer-as-an-openid-provider"), check_issuer()).into()
            }
        }
    }

    /// The library's requests, over our own line: its limits, its proxies, no redirect followed.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let no_answer = |message: Wording| NoAnswer { message, wait: None, this_side: None };
        let url = Url::parse(&request.uri().to_string())
            .map_err(|_| no_answer(kept!("auth-its-address-cannot-be-asked")))?;
        if url.scheme() != "https" && !crate::model::is_loopback(&url) {
            return Err(no_answer(kept!("auth-it-names-an-address-that-is-not-https")));
        }
        let told = match self.line.ask(request.map(Bytes::from)).await {
            Ok(told) => told,
            Err(AttemptError::Passing { message, wait, this_side }) => {
                return Err(NoAnswer { message, wait, this_side });
            }
            Err(AttemptError::Lasting(SignInError::ThisSide { cause, message })) => {
                return Err(NoAnswer { message, wait: None, this_side: Some(cause) });
            }
            Err(AttemptError::Lasting(error)) => return Err(no_answer(Wording::of(|| &error))),
        };
        *self.skew.lock().unwrap_or_else(PoisonError::into_inner) = skew(&told);
        // The library reads refusals itself: what it reads is clean already.
        let refusal = if told.status == 200 { None } else { OauthError::clean_document(&told) };
        let (status, headers, body) = told.whole.into_parts();
        let body = refusal.unwrap_or(body);
        let mut response = HttpResponse::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for OpenIdProvider {
    type Error = NoAnswer;
    type Future = Promise<'c, Result<HttpResponse, NoAnswer>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// A sign-in that it refuses, or whose answer does not hold.
pub(super) fn refused(message: Wording, hint: Wording) -> SignInError {
    SignInError::Refused { who: who(), message, hint }
}

/// What to do about an OAuth 2.0 error code.
pub(super) fn hint_for(error: &str) -> Wording {
    match error {
        "access_denied" | "login_required" | "interaction_required" => sign_in_again(),
        "invalid_scope" => kept!("auth-hint-the-client-needs-the-scopes-and-openid"),
        "invalid_client" | "unauthorized_client" => {
            kept!("auth-hint-check-client-id-a-confidential-client-needs-a-key")
        }
        "invalid_request" => kept!("auth-hint-check-that-redirect-uri-is-registered"),
        "invalid_grant" => kept!("auth-hint-a-code-is-good-once"),
        _ => kept!("auth-hint-digdirs-support"),
    }
}
