//! What the sandbox's Altinn does with tokens: another's is exchanged, its own is made fresh.

use serde_json::{Value, json};

use super::{Asked, SignIns, jwt};
use crate::sandbox::{chance, request::Reply};

/// Tokens of another issuer are exchanged by nobody.
pub(super) fn unknown_provider(path: &str) -> Reply {
    let provider = path.rsplit('/').next().unwrap_or_default();
    let words =
        format!("Invalid TokenProvider: {provider}. Trusted token providers are: Maskinporten and Id-porten");
    Reply::with_body(400, "text/plain; charset=utf-8", words)
}

impl SignIns {
    pub(super) fn exchange(&mut self, asked: &Asked<'_>, issuer: &str) -> Reply {
        if self.exchange_outage > 0 {
            self.exchange_outage -= 1;
            return Reply::empty(401);
        }
        let Some(claims) = asked.bearer.and_then(|token| jwt::verify(token, issuer, asked.now)) else {
            return Reply::empty(401);
        };
        if self.wants_test && asked.query("test").as_deref() != Some("true") {
            return Reply::empty(401);
        }
        let scope = claims["scope"].as_str().unwrap_or_default();
        let is_id_porten = issuer == asked.issuer();
        if is_id_porten && !scope.split(' ').any(|scope| scope.starts_with("altinn:")) {
            return Reply::empty(403);
        }
        // From ID-porten as long as its token had left, from Maskinporten half an hour.
        let exp = if is_id_porten { claims["exp"].clone() } else { json!(asked.now + self.altinn_life_s) };
        self.altinn_token(asked, &claims, &exp)
    }

    pub(super) fn refresh(&mut self, asked: &Asked<'_>) -> Reply {
        let claims = asked.bearer.and_then(|token| jwt::verify(token, jwt::ALTINN, asked.now));
        match claims {
            Some(claims) if self.refresh_works => {
                let exp = json!(asked.now + self.altinn_life_s);
                self.altinn_token(asked, &claims, &exp)
            }
            _ => Reply::empty(401),
        }
    }

    fn altinn_token(&mut self, asked: &Asked<'_>, claims: &Value, exp: &Value) -> Reply {
        let mut altinn = claims.clone();
        altinn["iss"] = json!(jwt::ALTINN);
        altinn["iat"] = json!(asked.now);
        altinn["exp"] = exp.clone();
        altinn["jti"] = json!(self.next_id("altinn", asked.now));
        altinn["urn:altinn:authlevel"] = json!("3");
        if let Some(user) = claims["urn:altinn:userid"].as_u64() {
            altinn["urn:altinn:authenticatemethod"] = json!("idporten");
            altinn["urn:altinn:party:uuid"] = json!(chance::uuid(0x9e50, &[user]));
            altinn["urn:altinn:partyid"] = json!(50_000_000 + user % 1_000_000);
        }
        let token = self.give(&altinn);
        if self.answers_in_json {
            Reply::json(200, &json!(token))
        } else {
            Reply::with_body(200, "text/plain; charset=utf-8", token)
        }
    }
}
