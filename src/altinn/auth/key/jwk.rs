//! Private JWKs (RFC 7517, RFC 7518).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use rsa::{BigUint, RsaPrivateKey};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{Found, Wrong, broken, rsa_wanted, wrong};
use crate::words::kept;

/// The members that matter here.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    n: Option<String>,
    e: Option<String>,
    d: Option<SecretString>,
    p: Option<SecretString>,
    q: Option<SecretString>,
}

/// Reads a private RSA key; its primes are worked out where they are missing.
pub(super) fn read(text: &str) -> Result<Found, Wrong> {
    // The reader's own words could show a piece of the key.
    let Ok(jwk) = serde_json::from_str::<Jwk>(text) else {
        return wrong(kept!("auth-key-is-not-a-jwk"), kept!("auth-hint-one-private-key-as-json"));
    };
    match jwk.kty.as_str() {
        "RSA" => {}
        "EC" => return wrong(kept!("auth-key-is-an-ec-key"), rsa_wanted()),
        "OKP" => return wrong(kept!("auth-key-is-an-okp-key"), rsa_wanted()),
        "oct" => return wrong(kept!("auth-key-is-a-shared-secret"), rsa_wanted()),
        _ => return wrong(kept!("auth-key-is-of-a-kind-that-is-not-known"), rsa_wanted()),
    }
    let algorithm = match jwk.alg.as_deref() {
        None | Some("RS256") => Algorithm::RS256,
        Some("RS384") => Algorithm::RS384,
        Some("RS512") => Algorithm::RS512,
        Some(_) => {
            return wrong(
                kept!("auth-key-is-for-another-algorithm"),
                kept!("auth-hint-take-a-key-for-one-of-these"),
            );
        }
    };
    Ok(Found { key: jwk.key()?, kid: jwk.kid, algorithm, certificates: Vec::new() })
}

impl Jwk {
    fn key(&self) -> Result<RsaPrivateKey, Wrong> {
        let (Some(modulus), Some(exponent), Some(private)) = (&self.n, &self.e, &self.d) else {
            return wrong(
                kept!("auth-key-is-not-a-whole-private-key"),
                kept!("auth-hint-this-file-must-hold-the-private-key"),
            );
        };
        let primes = match (&self.p, &self.q) {
            (Some(one), Some(other)) => vec![number(one.expose_secret())?, number(other.expose_secret())?],
            _ => Vec::new(),
        };
        let parts = (number(modulus)?, number(exponent)?, number(private.expose_secret())?);
        RsaPrivateKey::from_components(parts.0, parts.1, parts.2, primes)
            .and_then(|key| key.validate().map(|()| key))
            .or_else(|_| wrong(kept!("auth-key-holds-numbers-that-are-no-rsa-key"), broken()))
    }
}

fn number(text: &str) -> Result<BigUint, Wrong> {
    URL_SAFE_NO_PAD
        .decode(text.trim_end_matches('='))
        .map(|bytes| BigUint::from_bytes_be(&bytes))
        .or_else(|_| wrong(kept!("auth-key-has-a-number-that-is-not-base64url"), broken()))
}
