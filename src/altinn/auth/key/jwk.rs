//! Private JWKs (RFC 7517, RFC 7518).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use rsa::{BigUint, RsaPrivateKey};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{BROKEN, Found, RSA_WANTED, Wrong, wrong};

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
        return wrong(
            "is not a JWK",
            "it must hold one private key as JSON, with kty, n, e and d (a key set has its keys inside \"keys\": take \
             one out)",
        );
    };
    match jwk.kty.as_str() {
        "RSA" => {}
        "EC" => return wrong("is an EC key", RSA_WANTED),
        "OKP" => return wrong("is an Ed25519 or X25519 key (kty OKP)", RSA_WANTED),
        "oct" => return wrong("is a shared secret (kty oct), not a key pair", RSA_WANTED),
        _ => return wrong("is a key of a kind that is not known (kty)", RSA_WANTED),
    }
    let algorithm = match jwk.alg.as_deref() {
        None | Some("RS256") => Algorithm::RS256,
        Some("RS384") => Algorithm::RS384,
        Some("RS512") => Algorithm::RS512,
        Some(_) => {
            return wrong(
                "is for another algorithm (alg) than RS256, RS384 and RS512",
                "take a key for one of these, and register it",
            );
        }
    };
    Ok(Found { key: jwk.key()?, kid: jwk.kid, algorithm, certificates: Vec::new() })
}

impl Jwk {
    fn key(&self) -> Result<RsaPrivateKey, Wrong> {
        let (Some(modulus), Some(exponent), Some(private)) = (&self.n, &self.e, &self.d) else {
            return wrong(
                "is not a whole private key (n, e and d are needed)",
                "Samarbeidsportalen has the public key; this file must hold the private one that was made with it",
            );
        };
        let primes = match (&self.p, &self.q) {
            (Some(one), Some(other)) => vec![number(one.expose_secret())?, number(other.expose_secret())?],
            _ => Vec::new(),
        };
        let parts = (number(modulus)?, number(exponent)?, number(private.expose_secret())?);
        RsaPrivateKey::from_components(parts.0, parts.1, parts.2, primes)
            .and_then(|key| key.validate().map(|()| key))
            .or_else(|_| wrong("holds numbers that are no RSA key", BROKEN))
    }
}

fn number(text: &str) -> Result<BigUint, Wrong> {
    URL_SAFE_NO_PAD
        .decode(text.trim_end_matches('='))
        .map(|bytes| BigUint::from_bytes_be(&bytes))
        .or_else(|_| wrong("is not a JWK: a number in it is not base64url", BROKEN))
}
