//! A client's private key: from whatever file or variable it is in to signed JWTs. No error quotes what is read: a
//! label, a type or an id in it may be the key itself.

mod certificate;
mod der;
mod forms;
mod jwk;
mod old_pem;
mod pem;

use std::{fmt, path::Path};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rsa::{RsaPrivateKey, pkcs1::EncodeRsaPrivateKey, traits::PublicKeyParts};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::Serialize;

use super::{
    KeyError, Passwords, SignInError,
    private_file::{self, Unread},
};
use crate::{
    model::{Key, KeyFrom, argument, variable_in_words},
    signatures,
};

/// The shortest key that Maskinporten and ID-porten take, in bits.
const LEAST_BITS: usize = 2048;
/// The most that is read of a key file, in bytes; a key with its certificates has some ten thousand.
const KEY_FILE_BYTES: u64 = 1024 * 1024;

const RSA_WANTED: &str = "Maskinporten and ID-porten take RSA keys: make one with `(umask 077; openssl genrsa -out \
                          fullmakt.pem 4096)`, and register its public half";
const BROKEN: &str = "take the file from where the key was made once more; it may have been cut or changed";

/// An RSA key that signs JWTs.
pub struct SigningKey {
    key: EncodingKey,
    algorithm: Algorithm,
    name: Name,
}

/// How the other side knows which key has signed.
enum Name {
    /// The id of a key that is registered for the client.
    Kid(String),
    /// The key's certificate and those that certify it, as base64 of their DER.
    Certificates(Vec<String>),
}

/// What was found in a key file.
struct Found {
    key: RsaPrivateKey,
    /// The id that stands beside it.
    kid: Option<String>,
    algorithm: Algorithm,
    /// The certificates beside it, in DER.
    certificates: Vec<Vec<u8>>,
}

impl Found {
    fn bare(key: RsaPrivateKey) -> Self {
        Self { key, kid: None, algorithm: Algorithm::RS256, certificates: Vec::new() }
    }
}

/// What is wrong with a key, and what to do about it.
type Wrong = (String, String);

fn wrong<T>(problem: impl Into<String>, hint: impl Into<String>) -> Result<T, Wrong> {
    Err((problem.into(), hint.into()))
}

/// The password of a key, looked for when it turns out to be needed.
struct Password<'a> {
    variable: Option<&'a str>,
    passwords: &'a Passwords,
}

impl Password<'_> {
    fn get(&self) -> Result<SecretString, Wrong> {
        const KEY: &str = "key_password_env";
        let Some(variable) = self.variable else {
            return self.passwords.ask().ok_or_else(|| {
                (
                    "needs a password".to_owned(),
                    format!(
                        "name an environment variable that holds it: {KEY} = \"…\" in [auth] (on a terminal it is asked \
                         for)"
                    ),
                )
            });
        };
        match std::env::var_os(variable).map(std::ffi::OsString::into_string) {
            Some(Ok(password)) => Ok(SecretString::from(password)),
            Some(Err(_)) | None => wrong(
                format!("needs a password, and {} is not set", variable_in_words(KEY, variable)),
                "set it for this program only, or take the line out to be asked on a terminal",
            ),
        }
    }
}

impl SigningKey {
    /// Reads the private RSA key of a job, in any form; `passwords` is asked where it needs one that no variable holds.
    ///
    /// # Errors
    ///
    /// What cannot be read, or can be read by others, and everything that is no private RSA key of at least 2048 bits
    /// with an id or a certificate; each with what to do.
    pub fn open(key: &Key, passwords: &Passwords) -> Result<Self, KeyError> {
        let (from, bytes) = match &key.from {
            KeyFrom::File(path) => (format!("the key file {}", path.display()), read_file(path)),
            KeyFrom::Env(name) => (variable_in_words("key_env", name), read_variable(name)),
        };
        let password = Password { variable: key.password_env.as_deref(), passwords };
        bytes
            .and_then(|bytes| forms::read(bytes.expose_secret(), &password))
            .and_then(|found| Self::new(found, key.kid.as_deref()))
            .map_err(|(problem, hint)| KeyError { from, problem, hint })
    }

    fn new(found: Found, kid: Option<&str>) -> Result<Self, Wrong> {
        let Found { key, kid: own_kid, algorithm, certificates } = found;
        let bits = key.n().bits();
        if bits < LEAST_BITS {
            return wrong(
                format!("is a key of {bits} bits"),
                format!("make one of at least {LEAST_BITS} bits, and register it"),
            );
        }
        let name = match kid.map(str::to_owned).or(own_kid).filter(|kid| !kid.is_empty()) {
            Some(kid) => Name::Kid(kid),
            None => Name::Certificates(certificate::chain(&key, &certificates)?),
        };
        if matches!(&name, Name::Certificates(chain) if chain.is_empty()) {
            return wrong(
                "does not say which key it is",
                "add kid = \"…\" to [auth]: the key's id, as Samarbeidsportalen shows it beside the client; with an \
                 enterprise certificate give the file that holds both the key and the certificate",
            );
        }
        let der =
            key.to_pkcs1_der().or_else(|_| wrong("cannot be used", "make a new key, and register it"))?;
        Ok(Self { key: EncodingKey::from_rsa_der(der.as_bytes()), algorithm, name })
    }

    /// How the key is known to the other side, in words.
    pub(super) fn in_words(&self) -> String {
        match &self.name {
            Name::Kid(kid) => format!("the key {kid}"),
            Name::Certificates(_) => "the key of the enterprise certificate".to_owned(),
        }
    }

    /// Signs claims: a JWT with `alg` and `kid`, or `x5c`, in its header and nothing else.
    pub(super) fn sign(&self, claims: &impl Serialize) -> Result<SecretString, SignInError> {
        let mut header = Header::new(self.algorithm);
        header.typ = None;
        match &self.name {
            Name::Kid(kid) => header.kid = Some(kid.clone()),
            Name::Certificates(chain) => header.x5c = Some(chain.clone()),
        }
        signatures::encode(&header, claims, &self.key).map(SecretString::from).map_err(|_| {
            SignInError::Machine {
                problem: "the key cannot sign".to_owned(),
                hint: "make a new key, and register it".to_owned(),
            }
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SigningKey").field("name", &self.in_words()).finish_non_exhaustive()
    }
}

fn read_file(path: &Path) -> Result<SecretSlice<u8>, Wrong> {
    const CHECK: &str = "check key_file in [auth]; it is relative to the job file";
    private_file::read(path, KEY_FILE_BYTES).map_err(|unread| match unread {
        Unread::Io(error) => (format!("cannot be read: {error}"), CHECK.to_owned()),
        Unread::NotAFile => ("cannot be read: it is not a file".to_owned(), CHECK.to_owned()),
        Unread::TooLong => ("is too long for a key".to_owned(), CHECK.to_owned()),
        Unread::Exposed(mode) => (
            format!("can be read by others than its owner (mode {mode:03o})"),
            format!("chmod 600 {}", argument(path)),
        ),
    })
}

fn read_variable(name: &str) -> Result<SecretSlice<u8>, Wrong> {
    const CHECK: &str = "set it to the private key: a JWK, PEM, or any of these in base64";
    match std::env::var_os(name).map(std::ffi::OsString::into_string) {
        Some(Ok(text)) if !text.trim().is_empty() => Ok(SecretSlice::from(text.into_bytes())),
        Some(Ok(_)) | None => wrong("is not set", CHECK),
        Some(Err(_)) => wrong("holds no text", CHECK),
    }
}

#[cfg(test)]
mod tests;
