//! The sandbox's ID-porten: an `OpenID` provider whose people sign in with one click.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use url::Url;

use super::{Asked, CLIENT_ID, PUBLIC_CLIENT_ID, SignIns, grants::signed_by_client, jwt, oauth_error};
use crate::{model::is_loopback, sandbox::request::Reply};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long a code is good for, and a refresh token, in seconds.
const CODE_LIFE_S: i64 = 60;
const REFRESH_LIFE_S: i64 = 2 * 3600;

/// Who may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    /// Client administrator for the facilitator.
    Administrator,
    /// Has no such right.
    Stranger,
    /// Goes away instead of signing in.
    Refuses,
}

impl Person {
    const ALL: [Self; 3] = [Self::Administrator, Self::Stranger, Self::Refuses];

    /// The word in the address that signs the person in.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Stranger => "stranger",
            Self::Refuses => "nobody",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Administrator => "Sign in as LETT KLATREMUS, client administrator",
            Self::Stranger => "Sign in as SNILL FREMMED, who may not",
            Self::Refuses => "Cancel",
        }
    }

    /// Whether a token with these claims is the client administrator's.
    pub(super) fn is_administrator(claims: &Value) -> bool {
        claims["urn:altinn:userid"] == Self::Administrator.user_id()
    }

    fn user_id(self) -> u32 {
        match self {
            Self::Administrator => 20_000_001,
            Self::Stranger | Self::Refuses => 20_000_002,
        }
    }
}

/// A code that has been given and not yet taken.
#[derive(Debug, Clone)]
pub(super) struct Code {
    client_id: String,
    redirect_uri: String,
    challenge: String,
    nonce: Option<String>,
    scope: String,
    person: Person,
    until: i64,
}

pub(super) fn discovery(asked: &Asked<'_>) -> Reply {
    let issuer = asked.issuer();
    Reply::json(
        200,
        &json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "revocation_endpoint": format!("{issuer}/revoke"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        }),
    )
}

/// The page where a person chooses who he is.
pub(super) fn authorize(asked: &Asked<'_>, redirects: &[String]) -> Reply {
    if let Err(reply) = redirect_of(asked, redirects) {
        return reply;
    }
    let links: Vec<String> = Person::ALL
        .into_iter()
        .map(|person| {
            let query = asked.query.replace('&', "&amp;").replace('"', "%22");
            let (word, words) = (person.as_str(), person.words());
            format!(
                "<p><a href=\"{}/authorize/as?person={word}&amp;{query}\">{words}</a></p>",
                asked.issuer()
            )
        })
        .collect();
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>The sandbox's ID-porten</title>\
         <body style=\"font: 1.2em sans-serif; margin: 3em\"><h1>The sandbox's ID-porten</h1>{}</body></html>",
        links.concat()
    );
    Reply::with_body(200, "text/html; charset=utf-8", page)
}

/// The client and the redirect address, which are not sent anywhere when they are not known.
fn redirect_of(asked: &Asked<'_>, redirects: &[String]) -> Result<(String, Url), Reply> {
    let bad = |words: &str| Reply::with_body(400, "text/plain; charset=utf-8", words);
    let client_id = asked.query("client_id").unwrap_or_default();
    if client_id != CLIENT_ID && client_id != PUBLIC_CLIENT_ID {
        return Err(bad("unknown client_id"));
    }
    let redirect = asked.query("redirect_uri").unwrap_or_default();
    let is_registered = redirects.contains(&redirect);
    let redirect = Url::parse(&redirect).ok().filter(|url| is_registered || is_loopback(url));
    let redirect = redirect.ok_or_else(|| bad("redirect_uri is not registered"))?;
    Ok((client_id, redirect))
}

impl SignIns {
    /// The person has chosen: the browser goes back to the client.
    pub(super) fn authorize_as(&mut self, asked: &Asked<'_>) -> Reply {
        let (client_id, mut redirect) = match redirect_of(asked, &self.redirects) {
            Ok(found) => found,
            Err(reply) => return reply,
        };
        let answer = self.code_for(asked, client_id, redirect.as_str());
        let mut pairs = redirect.query_pairs_mut();
        match answer {
            Ok(code) => pairs.append_pair("code", &code),
            Err((error, description)) => {
                pairs.append_pair("error", error).append_pair("error_description", description)
            }
        };
        pairs.append_pair("iss", &asked.issuer());
        if let Some(state) = asked.query("state") {
            pairs.append_pair("state", &state);
        }
        drop(pairs);
        Reply { location: Some(redirect.into()), ..Reply::empty(302) }
    }

    fn code_for(
        &mut self,
        asked: &Asked<'_>,
        client_id: String,
        redirect_uri: &str,
    ) -> Result<String, (&'static str, &'static str)> {
        if asked.query("response_type").as_deref() != Some("code") {
            return Err(("unsupported_response_type", "only code"));
        }
        let method = asked.query("code_challenge_method");
        let challenge = asked.query("code_challenge").filter(|_| method.as_deref() == Some("S256"));
        let challenge = challenge.ok_or(("invalid_request", "PKCE with S256 is needed"))?;
        let scope = asked.query("scope").unwrap_or_default();
        if !scope.split(' ').all(|scope| scope == "openid" || self.scopes.iter().any(|given| given == scope))
        {
            return Err(("invalid_scope", "the client has not been given all of these scopes"));
        }
        let person = asked.query("person");
        let person = Person::ALL.into_iter().find(|known| person.as_deref() == Some(known.as_str()));
        let person = person.filter(|person| *person != Person::Refuses);
        let person = person.ok_or(("access_denied", "the user has cancelled"))?;
        let code = self.next_id("code", asked.now);
        let given = Code {
            client_id,
            redirect_uri: redirect_uri.to_owned(),
            challenge,
            nonce: asked.query("nonce"),
            scope,
            person,
            until: asked.now + CODE_LIFE_S,
        };
        self.codes.insert(code.clone(), given);
        Ok(code)
    }

    pub(super) fn token(&mut self, asked: &Asked<'_>) -> Reply {
        let authenticated = match self.client_of(asked) {
            Ok(client_id) => client_id,
            Err(reply) => return reply,
        };
        match asked.form("grant_type").as_deref() {
            Some("authorization_code") => self.take_code(asked, &authenticated),
            Some("refresh_token") => self.take_refresh_token(asked, &authenticated),
            _ => oauth_error(400, "unsupported_grant_type", "unknown grant_type"),
        }
    }

    /// Who asks: a public client by its id, a confidential one by its signature.
    fn client_of(&mut self, asked: &Asked<'_>) -> Result<String, Reply> {
        let invalid = |description: &str| oauth_error(401, "invalid_client", description);
        let Some(assertion) = asked.form("client_assertion") else {
            return match asked.form("client_id") {
                Some(id) if id == PUBLIC_CLIENT_ID => Ok(id),
                _ => Err(invalid("client authentication failed")),
            };
        };
        let claims = signed_by_client(&assertion).map_err(|_| invalid("client assertion does not hold"))?;
        let in_time = claims["exp"].as_i64().is_some_and(|exp| exp > asked.now);
        let jti = claims["jti"].as_str().unwrap_or_default();
        let is_good = asked.form("client_assertion_type").as_deref() == Some(ASSERTION_TYPE)
            && claims["iss"] == CLIENT_ID
            && claims["sub"] == CLIENT_ID
            && claims["aud"] == asked.issuer()
            && in_time
            && self.spent.insert(format!("assertion {jti}"));
        if is_good { Ok(CLIENT_ID.to_owned()) } else { Err(invalid("client assertion is not acceptable")) }
    }

    fn take_code(&mut self, asked: &Asked<'_>, client_id: &str) -> Reply {
        let invalid = |description: &str| oauth_error(400, "invalid_grant", description);
        let Some(code) = asked.form("code").and_then(|code| self.codes.remove(&code)) else {
            return invalid("unknown code, or used before");
        };
        let verifier = asked.form("code_verifier").unwrap_or_default();
        let challenge = URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()));
        if code.client_id != client_id
            || asked.form("redirect_uri").as_deref() != Some(code.redirect_uri.as_str())
            || code.until <= asked.now
            || code.challenge != challenge
        {
            return invalid("the code is not for this client, redirect_uri or code_verifier, or is too old");
        }
        self.tokens(asked, client_id, &code.scope, code.person, code.nonce.as_deref())
    }

    fn take_refresh_token(&mut self, asked: &Asked<'_>, client_id: &str) -> Reply {
        let token = asked.form("refresh_token").unwrap_or_default();
        let claims = jwt::verify(&token, &refresh_issuer(asked), asked.now)
            .filter(|claims| claims["client_id"] == client_id && client_id == CLIENT_ID)
            .filter(|_| !self.refresh_tokens_have_ended);
        let claims = claims.filter(|claims| self.spent.insert(format!("refresh {}", claims["jti"])));
        let Some(claims) = claims else {
            return oauth_error(400, "invalid_grant", "the refresh token has run out, or was used before");
        };
        let person = Person::ALL.into_iter().find(|person| claims["person"] == person.as_str());
        let scope = claims["scope"].as_str().unwrap_or_default();
        self.tokens(asked, client_id, scope, person.unwrap_or(Person::Stranger), None)
    }

    fn tokens(
        &mut self,
        asked: &Asked<'_>,
        client_id: &str,
        scope: &str,
        person: Person,
        nonce: Option<&str>,
    ) -> Reply {
        let (now, life) = (asked.now, self.issuer_life_s);
        let common = json!({
            "iss": asked.issuer(), "sub": format!("sub-{}", person.as_str()), "client_id": client_id,
            "iat": now, "exp": now + life, "jti": self.next_id("id-porten", now),
        });
        let with = |more: Value| {
            let mut claims = common.clone();
            for (name, value) in more.as_object().into_iter().flatten() {
                claims[name] = value.clone();
            }
            claims
        };
        let access_token = self.give(&with(json!({ "scope": scope, "urn:altinn:userid": person.user_id() })));
        let wrong = self.wrong_nonce.then_some("another");
        let mut id_claims = json!({ "aud": client_id, "pid": "01017012345" });
        if let Some(nonce) = wrong.or(nonce) {
            id_claims["nonce"] = json!(nonce);
        }
        let mut answer = json!({
            "access_token": access_token, "token_type": "Bearer", "expires_in": life, "scope": scope,
            "id_token": self.give(&with(id_claims)),
        });
        if client_id == CLIENT_ID && self.gives_refresh_tokens {
            let jti = self.next_id("refresh", now);
            let claims = with(json!({ "iss": refresh_issuer(asked), "jti": jti, "exp": now + REFRESH_LIFE_S,
                                      "scope": scope, "person": person.as_str() }));
            answer["refresh_token"] = json!(self.give(&claims));
        }
        Reply::json(200, &answer)
    }

    pub(super) fn revoke(&mut self, asked: &Asked<'_>) -> Reply {
        if let Err(reply) = self.client_of(asked) {
            return reply;
        }
        let token = asked.form("token").unwrap_or_default();
        if let Some(claims) = jwt::verify(&token, &refresh_issuer(asked), asked.now) {
            self.spent.insert(format!("refresh {}", claims["jti"]));
        }
        Reply::empty(200)
    }
}

fn refresh_issuer(asked: &Asked<'_>) -> String {
    format!("{}/refresh", asked.issuer())
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    use rsa::sha2::{Digest, Sha256};
    Sha256::digest(bytes).to_vec()
}

/// The address of the page's link for a person, as a browser that is a script follows it.
pub fn link_for(page: &str, person: Person) -> Option<String> {
    let begin = page.find(&format!("/authorize/as?person={}&amp;", person.as_str()))?;
    let begin = page[..begin].rfind('"')? + 1;
    let end = begin + page[begin..].find('"')?;
    Some(page[begin..end].replace("&amp;", "&"))
}
