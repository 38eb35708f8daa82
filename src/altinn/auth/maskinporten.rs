//! Maskinporten: a signed grant (RFC 7523). For a system user, exchanged for an Altinn token; for a vendor, as it is.

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroize};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::form_urlencoded;
use uuid::Uuid;

use super::{
    Limits, NEEDED_SCOPES, PARTIES_SCOPE, Passwords, Platform, REQUEST_SCOPES, SignInError, SigningKey,
    Token,
    attempts::{AttemptError, Line, Told, post, with_attempts},
    oauth::{OauthError, skew},
    platform::Issuer,
    token_provider::{Issued, Promise, TokenProvider},
};
use crate::{
    clock,
    model::{Maskinporten as Config, TokenEndpoint},
    words::{Wording, kept, say},
};

fn who() -> Wording {
    Wording::name("Maskinporten")
}
const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// A grant's life; Maskinporten takes up to 120 s.
const GRANT_LIFE_S: i64 = 100;

/// Whom a grant is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GrantFor {
    /// A firm's system user: its token is exchanged for one of Altinn's.
    SystemUser,
    /// The vendor itself: its token is sent as it is.
    Vendor,
}

/// Signs in as a system user or as a vendor, without anybody.
pub(super) struct Maskinporten {
    limits: Limits,
    config: Config,
    endpoint: TokenEndpoint,
    key: SigningKey,
    line: Line,
    platform: Platform,
    grant_for: GrantFor,
    /// Whether the scope that lists parties is asked for besides: until Maskinporten has refused it.
    with_parties: AtomicBool,
}

/// The claims of a grant. Maskinporten refuses any that it does not know.
#[derive(Serialize)]
struct Grant<'a> {
    aud: &'a str,
    iss: &'a str,
    scope: String,
    iat: i64,
    exp: i64,
    jti: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authorization_details: Vec<Value>,
}

#[derive(Deserialize)]
struct Answer {
    access_token: SecretString,
}

impl Maskinporten {
    /// `limits` is how patient it is.
    pub(super) fn new(
        config: Config,
        endpoint: TokenEndpoint,
        platform: Platform,
        passwords: &Passwords,
        limits: Limits,
    ) -> Result<Self, SignInError> {
        let key = SigningKey::open(&config.key, passwords)?;
        let line = Line::to(&endpoint.url, limits.answer)?;
        let (grant_for, with_parties) = (GrantFor::SystemUser, AtomicBool::new(false));
        Ok(Self { limits, config, endpoint, key, line, platform, grant_for, with_parties })
    }

    /// Asks for the scope that lists parties besides. A client that has not been given it gets a token without.
    pub(super) fn with_parties(self, with_parties: bool) -> Self {
        self.with_parties.store(with_parties, Ordering::Relaxed);
        self
    }

    /// The same for another.
    pub(super) fn granting(self, grant_for: GrantFor) -> Self {
        Self { grant_for, ..self }
    }

    fn scope(&self) -> String {
        if self.grant_for == GrantFor::Vendor {
            return REQUEST_SCOPES.join(" ");
        }
        let parties = self.with_parties.load(Ordering::Relaxed).then_some(PARTIES_SCOPE);
        NEEDED_SCOPES.into_iter().chain(parties).collect::<Vec<_>>().join(" ")
    }

    fn grant(&self, now: Timestamp) -> Result<SecretString, SignInError> {
        let iat = now.as_second();
        self.key.sign(&Grant {
            aud: &self.endpoint.audience,
            iss: &self.config.client_id,
            scope: self.scope(),
            iat,
            exp: iat + GRANT_LIFE_S,
            jti: Uuid::new_v4().to_string(),
            authorization_details: match self.grant_for {
                GrantFor::SystemUser => vec![self.system_user()],
                GrantFor::Vendor => Vec::new(),
            },
        })
    }

    /// Which system user a grant is for.
    fn system_user(&self) -> Value {
        let mut system_user = json!({
            "type": "urn:altinn:systemuser",
            "systemuser_org": {
                "authority": "iso6523-actorid-upis",
                "ID": format!("0192:{}", self.config.system_user_org),
            },
        });
        if let Some(external_ref) = &self.config.external_ref {
            system_user["externalRef"] = json!(external_ref);
        }
        system_user
    }

    async fn ask(&self) -> Result<SecretString, AttemptError> {
        // Many firms of one client sign in side by side; Maskinporten meets them one after the other.
        static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
        let _turn = ONE_AT_A_TIME.lock().await;
        let mut told = self.told(clock::now()).await?;
        // Where the clock of a ledger's server is followed, that one may be wrong.
        if told.status != 200 && skew(&told).is_some() && !clock::ahead().is_zero() {
            told = self.told(clock::own()).await?;
        }
        // The scopes are refused as a whole: once more without the one that can be done without.
        let is_refused = told.status != 200
            && OauthError::of(&told).error == "invalid_scope"
            && self.with_parties.swap(false, Ordering::Relaxed);
        self.token_in(if is_refused { self.told(clock::now()).await? } else { told })
    }

    async fn told(&self, now: Timestamp) -> Result<Told, AttemptError> {
        let grant = self.grant(now)?;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", GRANT_TYPE)
            .append_pair("assertion", grant.expose_secret())
            .finish();
        self.line.ask(post(self.endpoint.url.clone(), form)).await
    }

    fn token_in(&self, mut told: Told) -> Result<SecretString, AttemptError> {
        if told.status != 200 {
            return Err(self.refused(&told).into());
        }
        let answer = serde_json::from_slice::<Answer>(&told.whole.body);
        told.whole.body.zeroize();
        // The reader's own words could show a piece of the token.
        answer.map(|answer| answer.access_token).map_err(|_| {
            AttemptError::Lasting(SignInError::Refused {
                who: who(),
                message: kept!("auth-it-answered-200-without-an-access-token"),
                hint: kept!("auth-hint-check-token-endpoint"),
            })
        })
    }

    fn refused(&self, told: &Told) -> SignInError {
        let error = OauthError::of(told);
        let hint = self.hint(&error, told);
        error.refused_by(who(), hint)
    }

    /// What to do about it.
    fn hint(&self, error: &OauthError, told: &Told) -> Wording {
        if let Some(skew) = skew(told) {
            return skew;
        }
        let (client, key) = (&self.config.client_id, self.key.in_words());
        let of = self.config.system_user_org;
        let reference = self.config.external_ref.as_ref().map(|reference| format!("{reference:?}"));
        let audience = &self.endpoint.audience;
        match (error.error.as_str(), error.number(), reference) {
            (_, Some("303"), Some(reference)) => say!(
                "auth-hint-no-such-system-user-with-a-reference",
                client = client,
                reference = reference,
                of = of
            )
            .kept(),
            (_, Some("303"), None) => say!("auth-hint-no-such-system-user", client = client, of = of).kept(),
            ("invalid_scope", ..) if self.grant_for == GrantFor::Vendor => {
                say!("request-hint-the-vendors-client-needs-the-scopes", client = client).kept()
            }
            ("invalid_scope", ..) => {
                say!("auth-hint-the-client-must-have-the-scopes", client = client).kept()
            }
            ("invalid_client", ..) => {
                say!("auth-hint-check-client-id-and-key", client = client, key = key).kept()
            }
            ("invalid_grant", _, Some(reference)) => say!(
                "auth-hint-check-the-grant-with-a-reference",
                key = key,
                client = client,
                audience = audience,
                of = of,
                reference = reference
            )
            .kept(),
            ("invalid_grant", _, None) => {
                say!("auth-hint-check-the-grant", key = key, client = client, audience = audience, of = of)
                    .kept()
            }
            _ => kept!("auth-hint-digdirs-support"),
        }
    }
}

impl TokenProvider for Maskinporten {
    fn name(&self) -> Wording {
        say!("auth-maskinporten-client", client = self.config.client_id).kept()
    }

    fn sign_in<'a>(&'a self, _used: Option<&'a Token>) -> Promise<'a, Result<Option<Issued>, SignInError>> {
        Box::pin(async {
            let token = with_attempts(who(), self.limits.attempts, || self.ask()).await?;
            match self.grant_for {
                GrantFor::SystemUser => self.platform.exchange(Issuer::Maskinporten, &token).await.map(Some),
                GrantFor::Vendor => Ok(Some(Issued::by_own_clock(token))),
            }
        })
    }

    fn lasts(&self) -> bool {
        true
    }
}
