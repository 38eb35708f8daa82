//! What the sandbox's Maskinporten does with a grant, and how both issuers know a client by its signature.

use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, DecodingKey, decode_header, jwk::Jwk};
use serde_json::{Value, json};
use x509_cert::{Certificate, der::Decode};

use super::{Asked, CLIENT_ID, CLIENT_KEY, SignIns, jwt, oauth_error};
use crate::{
    sandbox::{request::Reply, roster::facilitator},
    signatures::decode,
};

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// The claims that a grant may have; any other is refused.
const KNOWN_CLAIMS: [&str; 9] =
    ["aud", "iss", "scope", "iat", "exp", "jti", "authorization_details", "resource", "consumer_org"];
/// How far `iat` may be from the clock, and how long a grant may live, in seconds.
const SKEW_S: i64 = 10;
const LIFE_S: i64 = 120;

impl SignIns {
    pub(super) fn grant(&mut self, asked: &Asked<'_>) -> Reply {
        match self.granted(asked) {
            Ok(claims) => {
                let token = self.give(&claims);
                Reply::json(
                    200,
                    &json!({ "access_token": token, "token_type": "Bearer", "expires_in": self.issuer_life_s,
                             "scope": claims["scope"] }),
                )
            }
            Err(reply) => reply,
        }
    }

    fn granted(&mut self, asked: &Asked<'_>) -> Result<Value, Reply> {
        let invalid = |description: &str| oauth_error(400, "invalid_grant", description);
        if asked.form("grant_type").as_deref() != Some(GRANT_TYPE) {
            return Err(oauth_error(400, "unsupported_grant_type", "grant_type must be jwt-bearer"));
        }
        let assertion = asked.form("assertion").ok_or_else(|| invalid("there is no assertion"))?;
        let claims = signed_by_client(&assertion)?;
        let unknown =
            claims.as_object().into_iter().flatten().find(|(name, _)| !KNOWN_CLAIMS.contains(&name.as_str()));
        if let Some((name, _)) = unknown {
            return Err(oauth_error(400, "invalid_request", &format!("unknown claim {name} in the grant")));
        }
        if claims["iss"] != CLIENT_ID {
            return Err(oauth_error(400, "invalid_client", "MP-110: unknown client"));
        }
        if claims["aud"] != asked.maskinporten() {
            return Err(invalid(&format!("MP-003: aud must be {}", asked.maskinporten())));
        }
        let (Some(iat), Some(exp)) = (claims["iat"].as_i64(), claims["exp"].as_i64()) else {
            return Err(invalid("MP-004: iat and exp are needed"));
        };
        if (iat - asked.now).abs() > SKEW_S {
            return Err(invalid("MP-005: iat is not within 10 seconds of the server's time"));
        }
        if exp <= asked.now || exp - iat > LIFE_S {
            return Err(invalid("MP-006: exp must be in the future, at most 120 seconds after iat"));
        }
        let jti = claims["jti"].as_str().unwrap_or_default();
        if jti.is_empty() || !self.spent.insert(format!("grant {jti}")) {
            return Err(invalid("MP-007: jti has been used before"));
        }
        self.system_user(asked, &claims)
    }

    fn system_user(&mut self, asked: &Asked<'_>, claims: &Value) -> Result<Value, Reply> {
        let invalid = |description: &str| oauth_error(400, "invalid_grant", description);
        let scope = claims["scope"].as_str().unwrap_or_default();
        if let Some(scope) = scope.split(' ').find(|scope| !self.scopes.iter().any(|given| given == scope)) {
            return Err(oauth_error(
                400,
                "invalid_scope",
                &format!("MP-200: the client has not been given the scope {scope}"),
            ));
        }
        let now = asked.now;
        let jti = self.next_id("maskinporten", now);
        let token = json!({
            "iss": asked.maskinporten(), "scope": scope, "iat": now, "exp": now + self.issuer_life_s,
            "jti": jti, "client_id": CLIENT_ID,
            "consumer": { "authority": "iso6523-actorid-upis", "ID": format!("0192:{}", facilitator()) },
        });
        if claims["authorization_details"].is_null() {
            // A token all the same, which is nobody's: Altinn refuses it.
            return Ok(token);
        }
        let details = &claims["authorization_details"][0];
        if details["type"] != "urn:altinn:systemuser" {
            return Err(invalid("MP-300: authorization_details must name a system user"));
        }
        let org = details["systemuser_org"]["ID"].as_str().unwrap_or_default();
        if details["systemuser_org"]["authority"] != "iso6523-actorid-upis" || !org.starts_with("0192:") {
            return Err(invalid("MP-301: systemuser_org is not an organisation number"));
        }
        if !self.firms.iter().any(|firm| org == format!("0192:{firm}")) {
            return Err(invalid("MP-303: no system user of this organisation for the client"));
        }
        // Where a system user was made without a reference, its organisation's number is the reference.
        let named = details["externalRef"].as_str();
        let default = org.trim_start_matches("0192:");
        let fits = match &self.external_ref {
            Some(made_with) => named == Some(made_with),
            None => named.is_none_or(|named| named == default),
        };
        if !fits {
            return Err(invalid("MP-303: no system user of this organisation with this externalRef"));
        }
        if !self.is_approved {
            return Err(invalid("MP-304: the system user has not been approved"));
        }
        let mut token = token;
        token["consumer"]["ID"] = json!(org);
        token["authorization_details"] = json!([{
            "type": "urn:altinn:systemuser",
            "systemuser_id": ["7d0c3a5e-6a0e-4bb9-9c3f-0d9a1b2c3d4e"],
            "systemuser_org": details["systemuser_org"],
            "system_id": "sandkasse_klientadministrasjon",
        }]);
        Ok(token)
    }
}

/// The claims of what [`CLIENT_ID`] has signed, by the key id in its header or by the certificate there.
pub(super) fn signed_by_client(assertion: &str) -> Result<Value, Reply> {
    let invalid = |description: &str| oauth_error(400, "invalid_grant", description);
    let header = decode_header(assertion).map_err(|_| invalid("MP-001: the assertion is not a JWT"))?;
    if let (None, Some([own, ..])) = (&header.kid, header.x5c.as_deref()) {
        return signed_by_certificate(assertion, own, header.alg);
    }
    let jwk: Value = serde_json::from_str(CLIENT_KEY).unwrap_or_default();
    if header.kid.as_deref() != jwk["kid"].as_str() {
        let kid = header.kid.unwrap_or_default();
        return Err(oauth_error(
            400,
            "invalid_client",
            &format!("MP-111: the client has no key with the id {kid}"),
        ));
    }
    let public = json!({ "kty": jwk["kty"], "n": jwk["n"], "e": jwk["e"] });
    let key = serde_json::from_value::<Jwk>(public).ok().and_then(|jwk| DecodingKey::from_jwk(&jwk).ok());
    key.and_then(|key| decode::<Value>(assertion, &key, &jwt::signature_only(header.alg)).ok())
        .map(|decoded| decoded.claims)
        .ok_or_else(|| invalid("MP-002: the signature does not hold"))
}

/// The claims of what an enterprise certificate has signed that names the client's firm. Who has issued it is nothing that
/// a sandbox looks at.
fn signed_by_certificate(assertion: &str, own: &str, algorithm: Algorithm) -> Result<Value, Reply> {
    let invalid = |description: &str| oauth_error(400, "invalid_client", description);
    let der = STANDARD.decode(own).map_err(|_| invalid("MP-112: x5c is no certificate"))?;
    let certificate = Certificate::from_der(&der).map_err(|_| invalid("MP-112: x5c is no certificate"))?;
    let certificate = certificate.tbs_certificate();
    if !certificate.subject().to_string().contains(&facilitator().to_string()) {
        return Err(invalid("MP-113: the certificate is not the client's organisation's"));
    }
    let public = certificate.subject_public_key_info().subject_public_key.raw_bytes();
    let key = DecodingKey::from_rsa_der(public);
    decode::<Value>(assertion, &key, &jwt::signature_only(algorithm))
        .map(|decoded| decoded.claims)
        .map_err(|_| oauth_error(400, "invalid_grant", "MP-002: the signature does not hold"))
}
