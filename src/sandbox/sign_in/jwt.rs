//! The sandbox's tokens: signed and verified with its own key.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, jwk::PublicKeyUse};
use serde_json::Value;

use crate::signatures::{self, decode, encode};

/// Everybody may know this key: it opens nothing but a sandbox.
const KEY: &str = include_str!("../keys/platform.pem");
const KID: &str = "sandbox";

/// The issuer of Altinn tokens.
pub(super) const ALTINN: &str = "https://sandbox.altinn.invalid/authentication";

/// Signs claims.
pub(super) fn sign(claims: &Value) -> String {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(KID.to_owned());
    EncodingKey::from_rsa_pem(KEY.as_bytes())
        .and_then(|key| encode(&header, claims, &key))
        .unwrap_or_default()
}

/// The claims of a token that this sandbox has signed as `issuer`, and that has not run out.
pub(super) fn verify(token: &str, issuer: &str, now: i64) -> Option<Value> {
    let key = DecodingKey::from_jwk(&serde_json::from_value(public_key()).ok()?).ok()?;
    let claims = decode::<Value>(token, &key, &signature_only(Algorithm::RS256)).ok()?.claims;
    (claims["iss"] == issuer && claims["exp"].as_i64()? > now).then_some(claims)
}

/// The times and the audience are ours to look at, by the sandbox's clock.
pub(super) fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.algorithms = vec![Algorithm::RS256, Algorithm::RS384, Algorithm::RS512];
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    validation
}

/// The sandbox's public key, a JWK.
pub(super) fn public_key() -> Value {
    let key = EncodingKey::from_rsa_pem(KEY.as_bytes())
        .and_then(|key| signatures::public_jwk(&key, Algorithm::RS256))
        .map(|mut jwk| {
            jwk.common.key_id = Some(KID.to_owned());
            jwk.common.public_key_use = Some(PublicKeyUse::Signature);
            jwk
        });
    key.ok().and_then(|jwk| serde_json::to_value(jwk).ok()).unwrap_or_default()
}
