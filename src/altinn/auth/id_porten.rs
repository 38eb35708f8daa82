//! ID-porten: a person signs in with the browser (OpenID Connect, authorization code with PKCE), and the token that
//! comes of it is exchanged for an Altinn token.

use std::{sync::Arc, time::Duration};

use openidconnect::{
    AuthorizationCode, ClientId, CsrfToken, Nonce, OAuth2TokenResponse, PkceCodeChallenge, RedirectUrl,
    RefreshToken, RequestTokenError, Scope, TokenResponse,
    core::{CoreAuthenticationFlow, CoreClient, CoreErrorResponseType, CoreTokenResponse},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use url::{Url, form_urlencoded};
use uuid::Uuid;

use super::{
    AuthorizationRequest, AuthorizationResponse, Freshness, Kept, Limits, NEEDED_SCOPES, PARTIES_SCOPE,
    Passwords, Platform, Sessions, SignInError, SigningKey, Token,
    attempts::{AttemptError, Line, post, with_attempts},
    oauth::OauthError,
    openid::{OpenIdProvider, check_issuer, hint_for, refused, sign_in_again, who},
    platform::Issuer,
    sessions::Session,
    token_provider::{Issued, Promise, TokenProvider},
};
use crate::{
    altinn::http::clean,
    model::IdPorten as Config,
    words::{Wording, kept, say},
};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// A kept token is worth taking when it has so long left, where there is a refresh token to get another by.
const ENOUGH: Duration = Duration::from_mins(2);
/// The life of a client's assertion.
const ASSERTION_LIFE_S: i64 = 100;

/// A client of ID-porten. Cloned, it is the same.
#[derive(Clone)]
pub struct IdPorten(Arc<Inner>, bool);

struct Inner {
    limits: Limits,
    config: Config,
    key: Option<SigningKey>,
    provider: OpenIdProvider,
    platform: Platform,
    sessions: Sessions,
}

/// What came of a sign-out.
#[derive(Debug, PartialEq, Eq)]
pub struct SignedOut {
    /// Whether there was a sign-in to end.
    pub was_signed_in: bool,
    /// Why the issuer could not be told.
    pub not_told: Option<SignInError>,
}

/// What came of a sign-in.
#[derive(Debug)]
pub struct SignedIn {
    /// Where the refresh token is kept, or else the token.
    pub kept: Kept,
    /// Whether there is a refresh token: without one the sign-in ends with its token.
    pub lasts: bool,
}

/// The claims by which a confidential client says who it is (RFC 7523, section 3).
#[derive(Serialize)]
struct ClientAssertion<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
}

impl IdPorten {
    /// `issuer` is the one that the job or its environment names; `limits` is how patient it is.
    ///
    /// # Errors
    ///
    /// When the key cannot be used, or this machine has no encrypted connections.
    pub fn new(
        config: Config,
        issuer: String,
        platform: Platform,
        sessions: Sessions,
        passwords: &Passwords,
        limits: Limits,
    ) -> Result<Self, SignInError> {
        let key = match &config.key {
            Some(key) => Some(SigningKey::open(key, passwords)?),
            None => None,
        };
        let url = Url::parse(&issuer).map_err(|_| SignInError::Machine {
            problem: say!("auth-issuer-is-not-an-address", issuer = format!("{issuer:?}")).kept(),
            hint: kept!("auth-hint-mend-it-in-auth"),
        })?;
        Ok(Self(
            Arc::new(Inner {
                limits,
                provider: OpenIdProvider::new(issuer, Line::to(&url, limits.answer)?, limits.attempts),
                config,
                key,
                platform,
                sessions,
            }),
            false,
        ))
    }

    /// Asks for the scope that lists parties besides.
    pub(super) fn with_parties(self, with_parties: bool) -> Self {
        Self(self.0, with_parties)
    }

    /// Where the browser is to end.
    pub fn redirect(&self) -> &Url {
        &self.0.config.redirect_uri
    }

    /// Begins a sign-in: nothing is remembered of it but what is answered.
    ///
    /// # Errors
    ///
    /// When the issuer does not answer, or not as an `OpenID` provider.
    pub async fn begin(&self) -> Result<AuthorizationRequest, SignInError> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = CoreClient::from_provider_metadata(
            self.0.provider.metadata().await?.clone(),
            ClientId::new(self.0.config.client_id.clone()),
            None,
        )
        .set_redirect_uri(RedirectUrl::from_url(self.redirect().clone()));
        let request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scopes(NEEDED_SCOPES.map(|scope| Scope::new(scope.to_owned())))
            .add_scopes(self.1.then(|| Scope::new(PARTIES_SCOPE.to_owned())))
            .set_pkce_challenge(challenge);
        let (address, state, nonce) = request.url();
        // It is opened in a browser, and may be anything that a program is registered for.
        if address.scheme() != "https" && !(address.scheme() == "http" && crate::model::is_loopback(&address))
        {
            return Err(refused(
                kept!("auth-it-names-an-address-to-sign-in-at-that-is-not-https"),
                check_issuer(),
            ));
        }
        Ok(AuthorizationRequest { address, state, nonce, verifier })
    }

    /// Ends a sign-in: takes the code to the issuer, checks the ID token, exchanges the token, and keeps what came.
    ///
    /// # Errors
    ///
    /// When the person refused, an answer was not the issuer's, a check failed, or the exchange did.
    pub async fn finish(
        &self,
        request: AuthorizationRequest,
        response: AuthorizationResponse,
    ) -> Result<SignedIn, SignInError> {
        if !request.is_answered_by(&response) {
            return Err(refused(kept!("auth-the-browser-ended-another-sign-in"), sign_in_again()));
        }
        let metadata = self.0.provider.metadata().await?;
        let promised = metadata.additional_metadata().authorization_response_iss_parameter_supported;
        match &response.issuer {
            Some(issuer) if issuer != self.0.provider.issuer() => {
                return Err(refused(
                    kept!("auth-the-answer-came-from-another-issuer"),
                    kept!("auth-hint-do-not-go-on"),
                ));
            }
            None if promised => {
                return Err(refused(
                    kept!("auth-the-answer-does-not-say-which-issuer-it-is-from"),
                    kept!("auth-hint-copy-all-of-the-address"),
                ));
            }
            _ => {}
        }
        let code = response.code.map_err(|error| error.refused_by(who(), hint_for(&error.error)))?;
        let client = CoreClient::from_provider_metadata(
            metadata.clone(),
            ClientId::new(self.0.config.client_id.clone()),
            None,
        )
        .set_redirect_uri(RedirectUrl::from_url(self.redirect().clone()));
        let mut exchange = client
            .exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()))
            .map_err(|_| {
                refused(kept!("auth-its-discovery-document-names-no-token-endpoint"), check_issuer())
            })?
            .set_pkce_verifier(request.verifier);
        for (name, value) in self.assertion()? {
            exchange = exchange.add_extra_param(name, value);
        }
        let answer =
            exchange.request_async(&self.0.provider).await.map_err(|error| self.0.provider.explain(error));
        // A code is good for one attempt.
        let answer = answer.map_err(no_more_attempts)?;
        let id_token = answer.id_token().ok_or_else(|| {
            refused(kept!("auth-it-gave-no-id-token"), kept!("auth-hint-the-client-needs-openid"))
        })?;
        id_token.claims(&client.id_token_verifier(), &request.nonce).map_err(|error| {
            let hint = self.0.provider.skew().unwrap_or_else(sign_in_again);
            let reason = clean(&error.to_string()).unwrap_or_default();
            refused(say!("auth-its-id-token-does-not-hold", reason = reason).kept(), hint)
        })?;
        self.exchange_and_keep(&answer, None).await.map(|(signed_in, _)| signed_in)
    }

    /// Tells the issuer that the sign-in is over, and forgets it.
    ///
    /// # Errors
    ///
    /// When what is kept cannot be read or forgotten.
    pub async fn sign_out(&self) -> Result<SignedOut, SignInError> {
        let _lock = self.locked().await?;
        let session = self.0.sessions.load()?;
        let not_told = match &session.refresh_token {
            Some(refresh_token) => self.revoke(refresh_token).await.err(),
            None => None,
        };
        self.0.sessions.forget()?;
        let was_signed_in = session.refresh_token.is_some() || session.altinn_token.is_some();
        Ok(SignedOut { was_signed_in, not_told })
    }

    async fn revoke(&self, refresh_token: &SecretString) -> Result<(), SignInError> {
        let metadata = self.0.provider.metadata().await?;
        let Some(revocation) = &metadata.additional_metadata().revocation_endpoint else {
            return Ok(());
        };
        let address = Url::parse(revocation)
            .map_err(|_| refused(kept!("auth-its-revocation-address-is-none"), check_issuer()))?;
        with_attempts(who(), self.0.limits.attempts, || self.revoke_at(&address, refresh_token)).await
    }

    /// RFC 7009. Ours, because the library takes no loopback address for it.
    async fn revoke_at(&self, address: &Url, refresh_token: &SecretString) -> Result<(), AttemptError> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("token", refresh_token.expose_secret())
            .append_pair("token_type_hint", "refresh_token")
            .append_pair("client_id", &self.0.config.client_id)
            .extend_pairs(self.assertion()?);
        let told = self.0.provider.line.ask(post(address.clone(), form.finish())).await?;
        if told.status == 200 {
            return Ok(());
        }
        let error = OauthError::of(&told);
        Err(error.refused_by(who(), hint_for(&error.error)).into())
    }

    /// A token by what is kept of the sign-in: what another process has got meanwhile, or by the refresh token.
    async fn sign_in_from_kept(&self, used: Option<&Token>) -> Result<Option<Issued>, SignInError> {
        let _lock = self.locked().await?;
        let session = self.0.sessions.load()?;
        if let Some(kept) = &session.altinn_token {
            let issued = Issued::by_own_clock(kept.clone());
            let token = Token::new(kept, 0, &self.name(), issued.now);
            let is_good = token.is_ok_and(|token| {
                let is_another = used.is_none_or(|used| !token.is_the_same_as(used));
                let lasts = token.left().is_none_or(|left| left > ENOUGH) || session.refresh_token.is_none();
                is_another && lasts && token.freshness() != Freshness::Spent
            });
            if is_good {
                return Ok(Some(issued));
            }
        }
        let Some(refresh_token) = session.refresh_token else {
            return Err(SignInError::NotSignedIn(match session.altinn_token {
                Some(_) => kept!("auth-the-sign-in-has-ended"),
                None => say!("auth-nobody-has-signed-in", client = self.0.config.client_id).kept(),
            }));
        };
        let answer = match with_attempts(who(), self.0.limits.attempts, || self.refresh(&refresh_token)).await
        {
            Err(SignInError::NotSignedIn(words)) => {
                self.0.sessions.forget()?;
                return Err(SignInError::NotSignedIn(words));
            }
            answer => answer?,
        };
        self.exchange_and_keep(&answer, Some(refresh_token)).await.map(|(_, issued)| Some(issued))
    }

    async fn refresh(&self, refresh_token: &SecretString) -> Result<CoreTokenResponse, AttemptError> {
        let client = CoreClient::from_provider_metadata(
            self.0.provider.metadata().await?.clone(),
            ClientId::new(self.0.config.client_id.clone()),
            None,
        );
        let token = RefreshToken::new(refresh_token.expose_secret().to_owned());
        let mut request = client.exchange_refresh_token(&token).map_err(|_| {
            refused(kept!("auth-its-discovery-document-names-no-token-endpoint"), check_issuer())
        })?;
        for (name, value) in self.assertion()? {
            request = request.add_extra_param(name, value);
        }
        request.request_async(&self.0.provider).await.map_err(|error| match &error {
            RequestTokenError::ServerResponse(answer)
                if *answer.error() == CoreErrorResponseType::InvalidGrant =>
            {
                let why = format!("{}{}", answer.error().as_ref(), described(answer.error_description()));
                SignInError::NotSignedIn(say!("auth-the-sign-in-has-ended-because", why = why).kept()).into()
            }
            _ => self.0.provider.explain(error),
        })
    }

    /// Keeps a new refresh token before anything else can go wrong, then exchanges, and keeps what that gives.
    async fn exchange_and_keep(
        &self,
        answer: &CoreTokenResponse,
        refresh_token: Option<SecretString>,
    ) -> Result<(SignedIn, Issued), SignInError> {
        let rotated = answer.refresh_token().map(|token| SecretString::from(token.secret().as_str()));
        let mut session = Session { refresh_token: rotated.or(refresh_token), ..Session::default() };
        self.0.sessions.save(&session)?;
        let access_token = SecretString::from(answer.access_token().secret().as_str());
        let issued = self.0.platform.exchange(Issuer::IdPorten, &access_token).await?;
        session.altinn_token = Some(issued.secret.clone());
        let kept = self.0.sessions.save(&session)?;
        Ok((SignedIn { kept, lasts: session.refresh_token.is_some() }, issued))
    }

    /// How a confidential client says who it is; a public one says nothing.
    fn assertion(&self) -> Result<Vec<(&'static str, String)>, SignInError> {
        let Some(key) = &self.0.key else { return Ok(Vec::new()) };
        let iat = crate::clock::now().as_second();
        let client_id = &self.0.config.client_id;
        let assertion = key.sign(&ClientAssertion {
            iss: client_id,
            sub: client_id,
            aud: self.0.provider.issuer(),
            iat,
            exp: iat + ASSERTION_LIFE_S,
            jti: Uuid::new_v4().to_string(),
        })?;
        Ok(vec![
            ("client_assertion_type", ASSERTION_TYPE.to_owned()),
            ("client_assertion", assertion.expose_secret().to_owned()),
        ])
    }

    async fn locked(&self) -> Result<super::sessions::SessionLock, SignInError> {
        let sessions = self.0.sessions.clone();
        let locked = tokio::task::spawn_blocking(move || sessions.lock()).await;
        locked
            .unwrap_or_else(|_| Err(refused(kept!("auth-the-sign-in-could-not-be-locked"), sign_in_again())))
    }
}

impl TokenProvider for IdPorten {
    fn name(&self) -> Wording {
        say!("auth-id-porten-client", client = self.0.config.client_id).kept()
    }

    fn sign_in<'a>(&'a self, used: Option<&'a Token>) -> Promise<'a, Result<Option<Issued>, SignInError>> {
        Box::pin(self.sign_in_from_kept(used))
    }

    fn keep<'a>(&'a self, refreshed: &'a SecretString) -> Promise<'a, ()> {
        Box::pin(async {
            // The run has the token; that the next command does not find it is no reason to stop.
            let Ok(_lock) = self.locked().await else { return };
            if let Ok(mut session) = self.0.sessions.load() {
                session.altinn_token = Some(refreshed.clone());
                let _ = self.0.sessions.save(&session);
            }
        })
    }

    fn lasts(&self) -> bool {
        self.0.sessions.load().is_ok_and(|session| session.refresh_token.is_some())
    }
}

fn no_more_attempts(trouble: AttemptError) -> SignInError {
    match trouble {
        AttemptError::Passing { message, .. } => SignInError::Unavailable { who: who(), message },
        AttemptError::Lasting(error) => error,
    }
}

fn described(description: Option<&String>) -> String {
    description.and_then(|text| clean(text)).map(|text| format!(": {text}")).unwrap_or_default()
}
