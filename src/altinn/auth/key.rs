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
    KeyError, KeyProblem, Passwords, SignInError,
    private_file::{self, Unread},
};
use crate::{
    model::{CREDENTIALS, Key, KeyFrom, argument, variable_in_words},
    signatures,
    words::{Refusal, Wording, kept, say},
};

/// The shortest key that Maskinporten and ID-porten take, in bits.
const LEAST_BITS: usize = 2048;
/// The most that is read of a key file, in bytes; a key with its certificates has some ten thousand.
const KEY_FILE_BYTES: u64 = 1024 * 1024;

fn rsa_wanted() -> Wording {
    kept!("auth-hint-rsa-keys-are-wanted")
}

fn broken() -> Wording {
    kept!("auth-hint-take-the-file-once-more")
}

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
type Wrong = (Wording, Wording);

fn wrong<T>(problem: Wording, hint: Wording) -> Result<T, Wrong> {
    Err((problem, hint))
}

/// The password of a key, looked for when it turns out to be needed.
struct Password<'a> {
    variable: Option<&'a str>,
    passwords: &'a Passwords,
}

impl Password<'_> {
    fn get(&self) -> Result<SecretString, Wrong> {
        let Some(variable) = self.variable else {
            return self.passwords.ask().ok_or_else(|| {
                let problem = kept!("auth-key-needs-a-password");
                (problem, kept!("auth-hint-name-a-variable-with-the-password"))
            });
        };
        match std::env::var_os(variable).map(std::ffi::OsString::into_string) {
            Some(Ok(password)) => Ok(SecretString::from(password)),
            Some(Err(_)) | None => wrong(
                Wording::of(|| {
                    let variable = variable_in_words("key_password_env", variable);
                    say!("auth-key-needs-a-password-and-is-not-set", variable = variable).to_string()
                }),
                kept!("auth-hint-set-it-for-this-program-only"),
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
        let no_key = |(problem, hint): Wrong| (KeyProblem::Wrong(problem), hint);
        let bytes = match &key.from {
            KeyFrom::File(path) => read_file(path),
            KeyFrom::Env(name) => read_variable(name).map_err(no_key),
        };
        let password = Password { variable: key.password_env.as_deref(), passwords };
        let read = |bytes: SecretSlice<u8>| {
            let found = forms::read(bytes.expose_secret(), &password)?;
            Self::new(found, key.kid.as_deref())
        };
        bytes.and_then(|bytes| read(bytes).map_err(no_key)).map_err(|(problem, hint)| KeyError {
            from: key.from.clone(),
            problem,
            hint,
        })
    }

    fn new(found: Found, kid: Option<&str>) -> Result<Self, Wrong> {
        let Found { key, kid: own_kid, algorithm, certificates } = found;
        let bits = key.n().bits();
        if bits < LEAST_BITS {
            return wrong(
                say!("auth-key-is-of-so-many-bits", bits = bits.to_string()).kept(),
                say!("auth-hint-make-one-of-at-least", bits = LEAST_BITS.to_string()).kept(),
            );
        }
        let name = match kid.map(str::to_owned).or(own_kid).filter(|kid| !kid.is_empty()) {
            Some(kid) => Name::Kid(kid),
            None => Name::Certificates(certificate::chain(&key, &certificates)?),
        };
        if matches!(&name, Name::Certificates(chain) if chain.is_empty()) {
            return wrong(kept!("auth-key-does-not-say-which-key-it-is"), kept!("auth-hint-add-kid-to-auth"));
        }
        let der = key
            .to_pkcs1_der()
            .or_else(|_| wrong(kept!("auth-key-cannot-be-used"), kept!("auth-hint-make-a-new-key")))?;
        Ok(Self { key: EncodingKey::from_rsa_der(der.as_bytes()), algorithm, name })
    }

    /// How the key is known to the other side, in words.
    pub(super) fn in_words(&self) -> Wording {
        match &self.name {
            Name::Kid(kid) => say!("auth-the-key-with-this-kid", kid = kid).kept(),
            Name::Certificates(_) => kept!("auth-the-key-of-the-enterprise-certificate"),
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
                problem: kept!("auth-the-key-cannot-sign"),
                hint: kept!("auth-hint-make-a-new-key"),
            }
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SigningKey").field("name", &self.in_words()).finish_non_exhaustive()
    }
}

fn read_file(path: &Path) -> Result<SecretSlice<u8>, (KeyProblem, Wording)> {
    private_file::read(path, KEY_FILE_BYTES).map_err(|unread| {
        let problem = match unread {
            Unread::NothingReplaced => {
                let none = kept!("manifest-there-is-no-such-file");
                return (KeyProblem::Unreadable(none), kept!("auth-hint-nothing-is-replaced"));
            }
            Unread::Exposed(mode) => {
                return (KeyProblem::Exposed(mode), Wording::heard(format!("chmod 600 {}", argument(path))));
            }
            Unread::Io(error) => KeyProblem::Unreadable(Wording::of(|| Refusal(&error))),
            Unread::NotAFile => KeyProblem::Unreadable(kept!("auth-it-is-not-a-file")),
            Unread::TooLong => KeyProblem::Wrong(kept!("auth-key-is-too-long")),
        };
        let is_handed_over = path.starts_with(CREDENTIALS);
        let hint =
            if is_handed_over { kept!("auth-hint-credentials") } else { kept!("auth-hint-check-key-file") };
        (problem, hint)
    })
}

fn read_variable(name: &str) -> Result<SecretSlice<u8>, Wrong> {
    let check = || kept!("auth-hint-set-it-to-the-private-key");
    match std::env::var_os(name).map(std::ffi::OsString::into_string) {
        Some(Ok(text)) if !text.trim().is_empty() => Ok(SecretSlice::from(text.into_bytes())),
        Some(Ok(_)) | None => wrong(kept!("auth-key-is-not-set"), check()),
        Some(Err(_)) => wrong(kept!("auth-key-holds-no-text"), check()),
    }
}

#[cfg(test)]
mod tests;
