//! Keys in DER: PKCS#1, PKCS#8 open and encrypted, PKCS#12; and what is told from them.

use p12_keystore::Pkcs12Archive;
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use rsa::{RsaPrivateKey, pkcs1::DecodeRsaPrivateKey, pkcs8::DecodePrivateKey};
use secrecy::ExposeSecret;
use x509_cert::{
    Certificate,
    der::{Decode, asn1::ObjectIdentifier},
};

use super::{Found, Password, Wrong, broken, pem::Label, rsa_wanted, wrong};
use crate::words::{kept, say};

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// What the object identifiers of PKCS#12's own encryption begin with: PKCS#8 can be encrypted by it, too.
const PKCS12_ENCRYPTION: &[u8] = &[0x06, 0x0a, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01];
/// How the two sorts of Java's own key stores begin.
const JAVA: [&[u8]; 2] = [b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce"];

/// Reads a private RSA key in any of these forms.
pub(super) fn read(bytes: &[u8], password: &Password<'_>) -> Result<Found, Wrong> {
    if let Ok(key) = RsaPrivateKey::from_pkcs1_der(bytes) {
        return Ok(Found::bare(key));
    }
    if let Ok(info) = PrivateKeyInfoRef::try_from(bytes) {
        return pkcs8(bytes, info.algorithm.oid);
    }
    if let Ok(info) = EncryptedPrivateKeyInfoRef::try_from(bytes) {
        return encrypted(&info, password);
    }
    if is_pkcs12(bytes) {
        return pkcs12(bytes, password);
    }
    told(bytes)
}

fn pkcs8(bytes: &[u8], kind: ObjectIdentifier) -> Result<Found, Wrong> {
    match kind {
        RSA => RsaPrivateKey::from_pkcs8_der(bytes)
            .map(Found::bare)
            .or_else(|_| wrong(kept!("auth-key-is-broken"), broken())),
        RSA_PSS => wrong(kept!("auth-key-is-for-rsa-pss-only"), rsa_wanted()),
        EC => wrong(kept!("auth-key-is-an-ec-key"), rsa_wanted()),
        ED25519 => wrong(kept!("auth-key-is-an-ed25519-key"), rsa_wanted()),
        _ => wrong(kept!("auth-key-is-of-another-kind-than-rsa"), rsa_wanted()),
    }
}

/// PKCS#8 behind a password.
fn encrypted(info: &EncryptedPrivateKeyInfoRef<'_>, password: &Password<'_>) -> Result<Found, Wrong> {
    use pkcs8::{Error::EncryptedPrivateKey, pkcs5::Error};
    let password = password.get()?;
    match info.decrypt(password.expose_secret().as_bytes()) {
        Ok(key) => match PrivateKeyInfoRef::try_from(key.as_bytes()) {
            Ok(open) => pkcs8(key.as_bytes(), open.algorithm.oid),
            Err(_) => wrong_password(),
        },
        Err(EncryptedPrivateKey(
            Error::NoPbes1CryptSupport
            | Error::UnsupportedAlgorithm { .. }
            | Error::AlgorithmParametersInvalid { .. },
        )) => old_encryption(),
        Err(_) => wrong_password(),
    }
}

/// A PKCS#12 file (`.p12`, `.pfx`): the key in it, and its certificates.
fn pkcs12(bytes: &[u8], password: &Password<'_>) -> Result<Found, Wrong> {
    // Some are made with an empty password: that need not be asked for.
    let opened = match Pkcs12Archive::from_pkcs12(bytes, "") {
        Ok(archive) if !archive.keys.is_empty() => Ok(archive),
        _ => Pkcs12Archive::from_pkcs12(bytes, password.get()?.expose_secret()),
    };
    let archive = match opened {
        Ok(archive) => archive,
        Err(p12_keystore::error::Error::MacError(_)) => return wrong_password(),
        Err(_) => {
            return wrong(
                kept!("auth-key-is-a-pkcs12-file-that-cannot-be-opened"),
                kept!("auth-hint-take-the-key-out-of-it"),
            );
        }
    };
    let certificates = archive.certs.iter().map(|bag| bag.cert.as_der().to_vec()).collect();
    match archive.keys.as_slice() {
        [] => wrong(
            kept!("auth-key-is-a-pkcs12-file-without-a-private-key"),
            kept!("auth-hint-export-the-certificate-with-its-key"),
        ),
        [bag] => Ok(Found { certificates, ..pkcs8(bag.key.as_der(), bag.key.oid())? }),
        several => wrong(
            say!("auth-key-is-a-pkcs12-file-with-several", keys = several.len()).kept(),
            kept!("auth-hint-export-only-the-one-for-maskinporten"),
        ),
    }
}

pub(super) fn wrong_password() -> Result<Found, Wrong> {
    wrong(kept!("auth-key-does-not-open-with-this-password"), kept!("auth-hint-check-the-password"))
}

fn old_encryption() -> Result<Found, Wrong> {
    wrong(kept!("auth-key-is-encrypted-in-an-old-way"), kept!("auth-hint-encrypt-it-as-one-does-now"))
}

/// What stands there is for the other side.
pub(super) fn holds(what: Label) -> Result<Found, Wrong> {
    wrong(
        say!("auth-key-holds-something-else", what = what.in_words()).kept(),
        kept!("auth-hint-give-the-private-keys-file"),
    )
}

/// The version of a PKCS#12 file is 3, and no key has that.
fn is_pkcs12(bytes: &[u8]) -> bool {
    let header = match bytes {
        [0x30, length, ..] if *length < 0x80 => 2,
        [0x30, length, ..] => 2 + usize::from(length & 0x7f),
        _ => return false,
    };
    bytes.get(header..).is_some_and(|inside| inside.starts_with(&[0x02, 0x01, 0x03]))
}

/// What it is instead of a private RSA key.
fn told(bytes: &[u8]) -> Result<Found, Wrong> {
    if JAVA.iter().any(|magic| bytes.starts_with(magic)) {
        return wrong(kept!("auth-key-is-a-java-key-store"), kept!("auth-hint-make-a-pkcs12-file-of-it"));
    }
    if Certificate::from_der(bytes).is_ok() {
        return holds(Label::Certificate);
    }
    if x509_cert::spki::SubjectPublicKeyInfoRef::from_der(bytes).is_ok() {
        return holds(Label::PublicKey);
    }
    if bytes[..bytes.len().min(20)].windows(PKCS12_ENCRYPTION.len()).any(|oid| oid == PKCS12_ENCRYPTION) {
        return old_encryption();
    }
    if is_sec1(bytes) {
        return wrong(kept!("auth-key-is-an-ec-key"), rsa_wanted());
    }
    if bytes.starts_with(&[0x30]) {
        return wrong(kept!("auth-key-is-broken-or-of-an-unknown-kind"), broken());
    }
    wrong(
        kept!("auth-key-holds-no-key-that-can-be-read"),
        kept!("auth-hint-give-the-private-keys-file-in-one-of-these-forms"),
    )
}

/// `ECPrivateKey` of SEC 1: version 1, then the key.
fn is_sec1(bytes: &[u8]) -> bool {
    matches!(bytes, [0x30, _, 0x02, 0x01, 0x01, 0x04, ..] | [0x30, 0x81, _, 0x02, 0x01, 0x01, 0x04, ..])
}
