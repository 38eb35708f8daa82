//! What a token says of itself. Read, not verified: that is for whoever takes the token.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    altinn::http::clean_identifier,
    words::{Wording, kept, say},
};

/// The two scopes that a run needs; the write scope does not imply the read scope.
pub const NEEDED_SCOPES: [&str; 2] = ["altinn:clientdelegations.read", "altinn:clientdelegations.write"];

/// The scope that lists the parties that a sign-in may act for, where the firm's party UUID has to be looked up.
pub const PARTIES_SCOPE: &str = "altinn:accessmanagement/authorizedparties";

/// The two scopes that a vendor needs to ask firms for system users, and to see what came of it.
pub const REQUEST_SCOPES: [&str; 2] =
    ["altinn:authentication/systemuser.request.write", "altinn:authentication/systemuser.request.read"];

/// What a token says of itself, as far as it is a JWT.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// Who issued it.
    pub issuer: Option<String>,
    /// When it runs out.
    pub expires_at: Option<Timestamp>,
    /// When it was issued.
    pub issued_at: Option<Timestamp>,
    /// Its scopes; `None` when it does not say.
    pub scopes: Option<BTreeSet<String>>,
    /// Whom it was issued for, in words for people, without anybody's national identity number.
    pub who: Option<Wording>,
    /// It was issued for a system user, not for a person.
    pub is_system_user: bool,
}

impl Claims {
    /// Reads a token; one that is no JWT says nothing.
    pub fn of(token: &str) -> Self {
        let Ok(claims) = jsonwebtoken::dangerous::insecure_decode_claims::<Value>(token) else {
            return Self::default();
        };
        let time = |name: &str| Timestamp::from_second(seconds(&claims[name])?).ok();
        Self {
            issuer: claims["iss"].as_str().and_then(clean_identifier),
            expires_at: time("exp"),
            issued_at: time("iat").or_else(|| time("nbf")),
            scopes: scopes(&claims["scope"]),
            who: who(&claims).map(|who| who.with_texts(|text| clean_identifier(text).unwrap_or_default())),
            is_system_user: system_user(&claims).is_some(),
        }
    }

    /// Whether it may list the parties that it may act for; `None` when it does not say.
    pub fn may_list_parties(&self) -> Option<bool> {
        self.scopes.as_ref().map(|scopes| scopes.contains(PARTIES_SCOPE))
    }

    /// Which of the needed scopes it lacks; none when it does not say.
    pub fn missing_scopes(&self) -> Vec<&'static str> {
        self.missing_of(&NEEDED_SCOPES)
    }

    /// Which of these scopes it lacks; none when it does not say.
    pub fn missing_of(&self, needed: &[&'static str]) -> Vec<&'static str> {
        let Some(scopes) = &self.scopes else { return Vec::new() };
        needed.iter().copied().filter(|needed| !scopes.contains(*needed)).collect()
    }
}

/// A time in seconds, however the number is written.
fn seconds(value: &Value) -> Option<i64> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a time in seconds; an absurd one is as good as none"
    )]
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

fn scopes(value: &Value) -> Option<BTreeSet<String>> {
    match value {
        Value::String(text) => Some(text.split_whitespace().filter_map(clean_identifier).collect()),
        Value::Array(scopes) => {
            Some(scopes.iter().filter_map(Value::as_str).filter_map(clean_identifier).collect())
        }
        _ => None,
    }
}

fn who(claims: &Value) -> Option<Wording> {
    system_user(claims)
        .or_else(|| Some(say!("auth-altinn-user", user = plain(&claims["urn:altinn:userid"])?).kept()))
        .or_else(|| Some(say!("auth-a-person-born", date = birth_date(claims["pid"].as_str()?)?).kept()))
        .or_else(|| {
            let number =
                organisation(&claims["consumer"]).or_else(|| plain(&claims["urn:altinn:orgNumber"]))?;
            Some(say!("auth-organisation", number = number).kept())
        })
        .or_else(|| Some(say!("auth-subject", subject = plain(&claims["sub"])?).kept()))
}

fn system_user(claims: &Value) -> Option<Wording> {
    let details = claims["authorization_details"].as_array()?;
    let detail = details.iter().find(|detail| detail["type"] == "urn:altinn:systemuser")?;
    let id = match &detail["systemuser_id"] {
        Value::Array(ids) => ids.first().and_then(plain),
        id => plain(id),
    };
    let of = organisation(&detail["systemuser_org"])
        .map_or_else(|| kept!("auth-an-unnamed-organisation"), Wording::heard);
    Some(match id {
        Some(id) => say!("auth-system-user-of", id = id, of = of).kept(),
        None => say!("auth-a-system-user-of", of = of).kept(),
    })
}

/// `0192:314250052` without what it begins with.
fn organisation(value: &Value) -> Option<String> {
    let id = value["ID"].as_str()?;
    Some(id.rsplit(':').next().unwrap_or(id).to_owned())
}

/// The day, month and year that a national identity number begins with.
fn birth_date(number: &str) -> Option<String> {
    let date = number.get(..6).filter(|date| date.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some(format!("{}.{}.{}", &date[..2], &date[2..4], &date[4..]))
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(of: &Value) -> Claims {
        Claims::of(&crate::signatures::unsigned(of))
    }

    #[test]
    fn a_token_tells_when_it_runs_out_and_which_scopes_it_has() {
        let read = claims(&json!({ "exp": 1_800_000_000, "iat": 1_799_998_200.0, "scope": "openid a:b" }));
        assert_eq!(read.expires_at.unwrap().as_second(), 1_800_000_000);
        assert_eq!(read.issued_at.unwrap().as_second(), 1_799_998_200);
        assert_eq!(read.missing_scopes(), NEEDED_SCOPES);
        let listed = claims(&json!({ "scope": [NEEDED_SCOPES[1]] }));
        assert_eq!(listed.missing_scopes(), [NEEDED_SCOPES[0]]);
    }

    #[test]
    fn what_is_no_jwt_says_nothing_and_lacks_nothing() {
        for token in ["sandbox", "", "a.b.c", "é.é.é"] {
            assert_eq!(Claims::of(token), Claims::default());
            assert!(Claims::of(token).missing_scopes().is_empty());
        }
    }

    #[test]
    fn what_a_token_says_cannot_steer_the_terminal() {
        let read = claims(&json!({ "sub": "x\u{1b}[2J\u{7}\nsigned in to prod", "scope": "\u{1b}[31mevil" }));
        assert_eq!(
            read.who.as_ref().map(crate::words::Wording::english).as_deref(),
            Some("subject x[2J signed in to prod")
        );
        assert!(read.scopes.unwrap().contains("[31mevil"));
    }

    #[test]
    fn whoever_signed_in_is_named_without_the_identity_number() {
        let system_user = json!({ "authorization_details": [{ "type": "urn:altinn:systemuser",
            "systemuser_id": ["u-1"], "systemuser_org": { "authority": "x", "ID": "0192:314250052" } }] });
        for (token, who) in [
            (system_user, "system user u-1 of 314250052"),
            (json!({ "urn:altinn:userid": 20_001_234, "pid": "01017012345" }), "Altinn user 20001234"),
            (json!({ "pid": "01017012345", "sub": "s" }), "a person (born 01.01.70)"),
            (json!({ "consumer": { "ID": "0192:310609544" } }), "organisation 310609544"),
            (json!({ "sub": "s" }), "subject s"),
        ] {
            assert_eq!(claims(&token).who.as_ref().map(crate::words::Wording::english).as_deref(), Some(who));
        }
    }
}
