//! The other side of signing in: a Maskinporten, an ID-porten and Altinn's token exchange, which refuse as the real
//! ones do. Pure: the time is passed in.
//!
//! Tokens are JWTs signed with the sandbox's own key, so a sandbox that is started again still takes them.

mod grants;
mod id_porten;
mod jwt;
mod platform;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use url::form_urlencoded;

pub use id_porten::{Person, link_for};

use super::{
    request::{Method, Reply},
    roster::facilitator,
    tokens::{Grant, Permission, Vendor},
};
use crate::model::OrganisationNumber;

/// The client of the sandbox's Maskinporten and ID-porten whose private key is [`CLIENT_KEY`].
pub const CLIENT_ID: &str = "sandbox-client";
/// A public client of the sandbox's ID-porten.
pub const PUBLIC_CLIENT_ID: &str = "sandbox-public-client";
/// The private key of [`CLIENT_ID`], a JWK. Everybody may know it: it opens nothing but a sandbox.
pub const CLIENT_KEY: &str = include_str!("keys/client.jwk");
/// The path of the token endpoint of the sandbox's Maskinporten.
pub const MASKINPORTEN_TOKEN_PATH: &str = "/maskinporten/token";
/// The path of the issuer of the sandbox's ID-porten.
pub const ID_PORTEN_PATH: &str = "/idporten";

const SCOPES: [&str; 3] = [
    "altinn:clientdelegations.read",
    "altinn:clientdelegations.write",
    "altinn:accessmanagement/authorizedparties",
];

/// What a vendor needs to look at requests for system users, and to make them.
const REQUEST_SCOPES: [&str; 2] =
    ["altinn:authentication/systemuser.request.read", "altinn:authentication/systemuser.request.write"];

/// How the sandbox signs people and systems in, and what goes wrong with it.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own that a test turns")]
pub struct SignIns {
    /// How long an Altinn token lives, in seconds.
    pub altinn_life_s: i64,
    /// How long a token of Maskinporten or ID-porten lives, in seconds.
    pub issuer_life_s: i64,
    /// An Altinn token is accepted for so many requests; `None` for any number.
    pub uses: Option<u32>,
    /// How far the sandbox's clock is ahead of this machine's, in seconds.
    pub clock_ahead_s: i64,
    /// Whether `/refresh` works.
    pub refresh_works: bool,
    /// Whether the exchange wants `?test=true`.
    pub wants_test: bool,
    /// Whether the exchange answers with a JSON string instead of plain text.
    pub answers_in_json: bool,
    /// So many exchanges from now on answer 401, as in a passing outage.
    pub exchange_outage: u32,
    /// The firms of the world: each has a system user that administers its clients.
    pub firms: Vec<OrganisationNumber>,
    /// Whether the system user has been approved.
    pub is_approved: bool,
    /// The reference that the system user was made with; a grant has to name it then.
    pub external_ref: Option<String>,
    /// The addresses that a browser may be sent back to, besides those on a loopback host.
    pub redirects: Vec<String>,
    /// Which scopes the client has been given.
    pub scopes: Vec<String>,
    /// Whether ID-porten gives refresh tokens to clients that authenticate.
    pub gives_refresh_tokens: bool,
    /// Whether the refresh tokens that were given have run out.
    pub refresh_tokens_have_ended: bool,
    /// Whether ID tokens come with another nonce than the one that was asked for.
    pub wrong_nonce: bool,
    /// Every token that was given, so that a test can look for them where none belongs.
    pub given: Vec<String>,
    /// What was asked, by path, answered or not.
    pub asked: BTreeMap<String, u32>,
    codes: BTreeMap<String, id_porten::Code>,
    /// What must not be used twice: ids of grants, codes and refresh tokens.
    spent: BTreeSet<String>,
    uses_of: BTreeMap<String, u32>,
    issued: u64,
}

impl Default for SignIns {
    fn default() -> Self {
        Self {
            altinn_life_s: 30 * 60,
            issuer_life_s: 10 * 60,
            uses: None,
            clock_ahead_s: 0,
            refresh_works: true,
            wants_test: false,
            answers_in_json: false,
            exchange_outage: 0,
            firms: vec![facilitator()],
            is_approved: true,
            external_ref: None,
            redirects: vec!["https://firm.example/signed-in".to_owned()],
            scopes: SCOPES.iter().chain(&REQUEST_SCOPES).map(|scope| (*scope).to_owned()).collect(),
            gives_refresh_tokens: true,
            refresh_tokens_have_ended: false,
            wrong_nonce: false,
            given: Vec::new(),
            asked: BTreeMap::new(),
            codes: BTreeMap::new(),
            spent: BTreeSet::new(),
            uses_of: BTreeMap::new(),
            issued: 0,
        }
    }
}

/// One request to the side that signs in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) body: &'a [u8],
    pub(super) bearer: Option<&'a str>,
    /// Where the sandbox answers: `http://127.0.0.1:PORT`.
    pub(super) origin: &'a str,
    /// This machine's clock, in seconds since 1970.
    pub(super) now: i64,
}

impl Asked<'_> {
    fn query(&self, name: &str) -> Option<String> {
        parameter(self.query.as_bytes(), name)
    }

    fn form(&self, name: &str) -> Option<String> {
        parameter(self.body, name)
    }

    fn issuer(&self) -> String {
        format!("{}{ID_PORTEN_PATH}", self.origin)
    }

    fn maskinporten(&self) -> String {
        format!("{}/maskinporten/", self.origin)
    }
}

fn parameter(encoded: &[u8], name: &str) -> Option<String> {
    form_urlencoded::parse(encoded).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

impl SignIns {
    /// The answer, when the path is one of signing in.
    pub(super) fn answer(&mut self, asked: Asked<'_>) -> Option<Reply> {
        let asked = Asked { now: asked.now + self.clock_ahead_s, ..asked };
        let path = asked.path.strip_suffix('/').unwrap_or(asked.path);
        let (get, post) = (asked.method == Method::Get, asked.method == Method::Post);
        let reply = match path {
            "/authentication/api/v1/exchange/maskinporten" if get => {
                self.exchange(&asked, &asked.maskinporten())
            }
            "/authentication/api/v1/exchange/id-porten" if get => self.exchange(&asked, &asked.issuer()),
            _ if get && path.starts_with("/authentication/api/v1/exchange/") => {
                platform::unknown_provider(path)
            }
            "/authentication/api/v1/refresh" if get => self.refresh(&asked),
            MASKINPORTEN_TOKEN_PATH if post => self.grant(&asked),
            "/idporten/.well-known/openid-configuration" if get => id_porten::discovery(&asked),
            "/idporten/jwks" if get => Reply::json(200, &json!({ "keys": [jwt::public_key()] })),
            "/idporten/authorize" if get => id_porten::authorize(&asked, &self.redirects),
            "/idporten/authorize/as" if get => self.authorize_as(&asked),
            "/idporten/token" if post => self.token(&asked),
            "/idporten/revoke" if post => self.revoke(&asked),
            _ => return None,
        };
        *self.asked.entry(path.to_owned()).or_default() += 1;
        Some(reply)
    }

    /// What an Altinn token of the sandbox's own making may do now; `None` for any other, or when it has run out.
    pub(super) fn grant_of(&mut self, token: &str, now: i64) -> Option<Grant> {
        let claims = jwt::verify(token, jwt::ALTINN, now + self.clock_ahead_s)?;
        if let Some(uses) = self.uses {
            let used = self.uses_of.entry(claims["jti"].as_str()?.to_owned()).or_default();
            *used += 1;
            if *used > uses {
                return None;
            }
        }
        let scope = claims["scope"].as_str()?;
        let has = |name: &str| scope.split(' ').any(|scope| scope == name);
        let details = &claims["authorization_details"][0];
        let organisation = details["systemuser_org"]["ID"].as_str().and_then(|id| id.strip_prefix("0192:"));
        let firm = organisation.and_then(|number| OrganisationNumber::parse(number).ok());
        let is_administrator = firm.is_some() || Person::is_administrator(&claims);
        let permission = match (has(SCOPES[0]), has(SCOPES[1]), is_administrator) {
            (true, true, true) if firm.is_some() => Permission::SystemUser,
            (true, true, true) => Permission::Both,
            (true, false, true) => Permission::Read,
            (false, true, true) => Permission::Write,
            _ => Permission::Forbidden,
        };
        Some(Grant { permission, firm, may_list_parties: has(SCOPES[2]) })
    }

    /// The vendor that a token of the sandbox's Maskinporten is of, as it stands, not exchanged.
    pub(super) fn vendor_of(&self, token: &str, origin: &str, now: i64) -> Option<Vendor> {
        let claims = jwt::verify(token, &format!("{origin}/maskinporten/"), now + self.clock_ahead_s)?;
        let consumer = claims["consumer"]["ID"].as_str()?.strip_prefix("0192:")?;
        let organisation = OrganisationNumber::parse(consumer).ok()?;
        let scope = claims["scope"].as_str()?;
        let [reads, writes] = REQUEST_SCOPES.map(|name| scope.split(' ').any(|scope| scope == name));
        Some(Vendor { organisation, reads, writes })
    }

    /// An Altinn token of the client administrator with these scopes (with blanks between), for so many seconds.
    pub fn mint(&mut self, scopes: &str, life_s: i64) -> String {
        let now = crate::clock::now().as_second() + self.clock_ahead_s;
        let jti = self.next_id("minted", now);
        self.give(&json!({ "iss": jwt::ALTINN, "scope": scopes, "iat": now, "exp": now + life_s, "jti": jti,
                           "urn:altinn:userid": 20_000_001 }))
    }

    /// Signs a token.
    fn give(&mut self, claims: &Value) -> String {
        let token = jwt::sign(claims);
        self.given.push(token.clone());
        token
    }

    /// A name that has not been given before.
    fn next_id(&mut self, what: &str, now: i64) -> String {
        self.issued += 1;
        format!("{what}-{now}-{}-{:08x}", self.issued, fastrand::u32(..))
    }
}

/// An error as OAuth 2.0 says it, with an id as the real ones have it.
fn oauth_error(status: u16, error: &str, description: &str) -> Reply {
    let description = format!("{description} (trace_id: 5a4d0b0c6f1e)");
    let document: Value = json!({ "error": error, "error_description": description });
    Reply::json(status, &document)
}
