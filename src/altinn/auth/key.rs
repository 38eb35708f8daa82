//! A client's private key: from a JWK or PEM file that nobody else can read, to signed JWTs. No error quotes what a key
//! file holds: a label, a type or an id that is read from it may be the key itself.

mod pem;

use std::{fmt, fs, path::Path};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rsa::{
    BigUint, RsaPrivateKey,
    pkcs1::{DecodeRsaPrivateKey, EncodeRsaPrivateKey},
    pkcs8::DecodePrivateKey,
    traits::PublicKeyParts,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{KeyError, SignInError};
use pem::Label;

/// The shortest key that Maskinporten and ID-porten take, in bits.
const LEAST_BITS: usize = 2048;

/// An RSA key that signs JWTs.
pub struct SigningKey {
    key: EncodingKey,
    algorithm: Algorithm,
    kid: String,
}

/// The members of a private JWK (RFC 7517, RFC 7518) that matter here.
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

/// What is wrong with a key, and what to do about it.
type Wrong = (String, String);

fn wrong<T>(problem: impl Into<String>, hint: impl Into<String>) -> Result<T, Wrong> {
    Err((problem.into(), hint.into()))
}

impl SigningKey {
    /// Reads a private RSA key: a JWK, or PEM (PKCS#1 or PKCS#8), for which `kid` names it.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or that others can read, and everything that is no private RSA key of at least
    /// 2048 bits; each with what to do.
    pub fn read(path: &Path, kid: Option<&str>) -> Result<Self, KeyError> {
        read(path)
            .and_then(|text| Self::parse(text.expose_secret(), kid))
            .map_err(|(problem, hint)| KeyError { file: path.display().to_string(), problem, hint })
    }

    fn parse(text: &str, kid: Option<&str>) -> Result<Self, Wrong> {
        let text = text.trim_start_matches('\u{feff}').trim();
        let (key, own_kid, algorithm) =
            if text.starts_with('{') { from_jwk(text)? } else { (from_pem(text)?, None, Algorithm::RS256) };
        let Some(kid) = kid.map(str::to_owned).or(own_kid).filter(|kid| !kid.is_empty()) else {
            return wrong(
                "does not say which key it is",
                "add kid = \"…\" to [auth]: the key's id, as Samarbeidsportalen shows it beside the client",
            );
        };
        let bits = key.n().bits();
        if bits < LEAST_BITS {
            return wrong(
                format!("is a key of {bits} bits"),
                format!("make one of at least {LEAST_BITS} bits, and register it"),
            );
        }
        let der = key
            .to_pkcs1_der()
            .or_else(|error| wrong(format!("cannot be used: {error}"), "make a new key, and register it"))?;
        Ok(Self { key: EncodingKey::from_rsa_der(der.as_bytes()), algorithm, kid })
    }

    /// The key's id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Signs claims: a JWT with `alg` and `kid` in its header and nothing else.
    pub(super) fn sign(&self, claims: &impl Serialize) -> Result<SecretString, SignInError> {
        let mut header = Header::new(self.algorithm);
        header.typ = None;
        header.kid = Some(self.kid.clone());
        encode(&header, claims, &self.key).map(SecretString::from).map_err(|error| SignInError::Machine {
            problem: format!("the key cannot sign: {error}"),
            hint: "make a new key, and register it".to_owned(),
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

fn read(path: &Path) -> Result<SecretString, Wrong> {
    let unreadable = |error: &dyn fmt::Display| {
        (
            format!("cannot be read: {error}"),
            "check key_file in [auth]; it is relative to the job file".to_owned(),
        )
    };
    let metadata = fs::metadata(path).map_err(|error| unreadable(&error))?;
    if !metadata.is_file() {
        return Err(unreadable(&"it is not a file"));
    }
    refuse_if_others_can_read(path, &metadata)?;
    fs::read_to_string(path).map(SecretString::from).map_err(|error| unreadable(&error))
}

#[cfg(unix)]
fn refuse_if_others_can_read(path: &Path, metadata: &fs::Metadata) -> Result<(), Wrong> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o777;
    // systemd gives a service its credentials by an access control list, which shows as a right of the group.
    let folder = std::env::var_os("CREDENTIALS_DIRECTORY").filter(|folder| !folder.is_empty());
    let is_a_credential = folder.is_some_and(|folder| path.starts_with(folder)) && mode.trailing_zeros() >= 3;
    if mode.trailing_zeros() >= 6 || is_a_credential {
        return Ok(());
    }
    wrong(
        format!("can be read by others than its owner (mode {mode:03o})"),
        format!("chmod 600 '{}'", path.display()),
    )
}

/// Elsewhere who can read a file is not three groups of bits; a user's own folder is closed to others.
#[cfg(not(unix))]
fn refuse_if_others_can_read(_: &Path, _: &fs::Metadata) -> Result<(), Wrong> {
    Ok(())
}

fn from_jwk(text: &str) -> Result<(RsaPrivateKey, Option<String>, Algorithm), Wrong> {
    // The reader's own words could show a piece of the key.
    let Ok(jwk) = serde_json::from_str::<Jwk>(text) else {
        return wrong(
            "is not a JWK",
            "it must hold one private key as JSON, with kty, n, e, d, p and q (a key set has its keys inside \
             \"keys\": take one out)",
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
    let public = jwk.n.as_deref().zip(jwk.e.as_deref());
    let primes = jwk.p.as_ref().zip(jwk.q.as_ref());
    let (Some((modulus, exponent)), Some((one, other)), Some(private)) = (public, primes, &jwk.d) else {
        return wrong(
            "is not a whole private key (n, e, d, p and q are needed)",
            "Samarbeidsportalen has the public key; this file must hold the private one that was made with it",
        );
    };
    let number = |text: &str| {
        URL_SAFE_NO_PAD
            .decode(text.trim_end_matches('='))
            .map(|bytes| BigUint::from_bytes_be(&bytes))
            .map_err(|_| ("is not a JWK: a number in it is not base64url".to_owned(), BROKEN.to_owned()))
    };
    let primes = vec![number(one.expose_secret())?, number(other.expose_secret())?];
    let key = RsaPrivateKey::from_components(
        number(modulus)?,
        number(exponent)?,
        number(private.expose_secret())?,
        primes,
    )
    .and_then(|key| key.validate().map(|()| key))
    .or_else(|_| wrong("holds numbers that are no RSA key", BROKEN))?;
    Ok((key, jwk.kid, algorithm))
}

const RSA_WANTED: &str = "Maskinporten and ID-porten take RSA keys: make one with `(umask 077; openssl genrsa -out \
                          fullmakt.pem 4096)`, and register its public half";
const DECRYPT: &str =
    "decrypt it into a file that only you can read: (umask 077; openssl pkey -in KEY -out NEW)";
const BROKEN: &str = "take the file from where the key was made once more; it may have been cut or changed";

fn from_pem(text: &str) -> Result<RsaPrivateKey, Wrong> {
    let Some(block) = pem::blocks(text).into_iter().next() else {
        return wrong(
            "holds neither a JWK nor PEM",
            "give the private key's file: JSON, or text that begins with -----BEGIN",
        );
    };
    let broken = || ("holds a private key that is broken".to_owned(), BROKEN.to_owned());
    if block.old_encryption {
        return wrong("is encrypted with a password", DECRYPT);
    }
    let der = || block.der.as_ref().map(ExposeSecret::expose_secret).ok_or_else(broken);
    match block.label {
        Label::RsaPrivateKey => RsaPrivateKey::from_pkcs1_der(der()?).map_err(|_| broken()),
        Label::PrivateKey => RsaPrivateKey::from_pkcs8_der(der()?)
            .or_else(|_| wrong("is not a private RSA key, or is broken", RSA_WANTED)),
        Label::EncryptedPrivateKey => wrong("is encrypted with a password", DECRYPT),
        Label::EcPrivateKey => wrong("is an EC key", RSA_WANTED),
        Label::DsaPrivateKey => wrong("is a DSA key", RSA_WANTED),
        label => wrong(
            format!("holds {}, not a private key", label.in_words()),
            "give the private key's file; the public key and the certificate are for the other side",
        ),
    }
}

#[cfg(test)]
mod tests {
    use rsa::{pkcs1::LineEnding, pkcs8::EncodePrivateKey};

    use super::*;
    use crate::sandbox::CLIENT_KEY;

    fn key() -> RsaPrivateKey {
        from_jwk(CLIENT_KEY).unwrap().0
    }

    #[cfg(unix)]
    fn read_with_mode(text: &str, mode: u32, kid: Option<&str>) -> Result<SigningKey, KeyError> {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        SigningKey::read(&path, kid)
    }

    #[test]
    fn a_jwk_and_both_kinds_of_pem_are_the_same_key() {
        let pkcs1 = key().to_pkcs1_pem(LineEnding::LF).unwrap();
        let pkcs8 = key().to_pkcs8_pem(LineEnding::CRLF).unwrap();
        let jwk = SigningKey::parse(CLIENT_KEY, None).unwrap();
        assert_eq!(jwk.kid(), "sandbox-key");
        let claims = serde_json::json!({ "a": 1 });
        let signed = jwk.sign(&claims).unwrap();
        for pem in [&pkcs1, &pkcs8] {
            let read = SigningKey::parse(pem, Some("sandbox-key")).unwrap();
            assert_eq!(read.sign(&claims).unwrap().expose_secret(), signed.expose_secret());
            assert!(SigningKey::parse(pem, None).unwrap_err().0.contains("which key"), "PEM needs a kid");
        }
    }

    #[test]
    fn a_jwk_says_which_of_the_three_algorithms_it_is_for() {
        for name in ["RS256", "RS384", "RS512"] {
            let jwk = CLIENT_KEY.replace("\"RS256\"", &format!("\"{name}\""));
            let signed = SigningKey::parse(&jwk, None).unwrap().sign(&serde_json::json!({})).unwrap();
            let header = jsonwebtoken::decode_header(signed.expose_secret()).unwrap();
            assert_eq!(
                (format!("{:?}", header.alg), header.kid.as_deref()),
                (name.to_owned(), Some("sandbox-key"))
            );
            assert_eq!(header.typ, None, "no header too many");
        }
        let other = CLIENT_KEY.replace("\"RS256\"", "\"PS256\"");
        assert!(SigningKey::parse(&other, None).unwrap_err().0.contains("another algorithm"));
    }

    #[test]
    fn what_is_no_private_rsa_key_is_told_from_it_and_never_shown() {
        let without_d = CLIENT_KEY.replace("\"d\"", "\"x\"");
        let secret = CLIENT_KEY.split("\"d\": \"").nth(1).unwrap()[..40].to_owned();
        for (text, problem) in [
            (without_d.as_str(), "not a whole private key"),
            ("{\"kty\":\"EC\",\"d\":\"x\"}", "an EC key"),
            ("{\"keys\":[]}", "not a JWK"),
            (&CLIENT_KEY[..CLIENT_KEY.len() / 2], "not a JWK"),
            (&CLIENT_KEY.replacen("\"p\": \"", "\"p\": \"BBBB", 1), "no RSA key"),
            ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "a public key, not a private key"),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----\n", "encrypted with a password"),
            ("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----", "broken"),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "not a private RSA key"),
            ("", "neither a JWK nor PEM"),
        ] {
            let (said, hint) = SigningKey::parse(text, Some("k")).unwrap_err();
            assert!(said.contains(problem), "{said}");
            assert!(!hint.is_empty() && !format!("{said}{hint}").contains(&secret));
        }
        let debug = format!("{:?}", SigningKey::parse(CLIENT_KEY, None).unwrap());
        assert!(!debug.contains(&secret), "{debug}");
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused_with_the_command_that_mends_it() {
        for mode in [0o644, 0o640, 0o604] {
            let error = read_with_mode(CLIENT_KEY, mode, None).unwrap_err();
            assert!(error.to_string().contains(&format!("(mode {mode:03o})")), "{error}");
            assert!(error.hint.starts_with("chmod 600 '"), "{}", error.hint);
        }
        assert!(read_with_mode(CLIENT_KEY, 0o600, None).is_ok());
        assert!(read_with_mode(CLIENT_KEY, 0o400, None).is_ok());
    }
}
