//! Keys in DER: PKCS#1, PKCS#8 open and encrypted, PKCS#12; and what is told from them.

use p12_keystore::Pkcs12Archive;
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use rsa::{RsaPrivateKey, pkcs1::DecodeRsaPrivateKey, pkcs8::DecodePrivateKey};
use secrecy::ExposeSecret;
use x509_cert::{
    Certificate,
    der::{Decode, asn1::ObjectIdentifier},
};

use super::{BROKEN, Found, Password, RSA_WANTED, Wrong, wrong};

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// What the object identifiers of PKCS#12's own encryption begin with: PKCS#8 can be encrypted by it, too.
const PKCS12_ENCRYPTION: &[u8] = &[0x06, 0x0a, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01];
const OLD_ENCRYPTION: (&str, &str) = (
    "is encrypted in an old way that is not read here",
    "encrypt it as one does now, under the same password: (umask 077; openssl pkey -in KEY -aes256 -out NEW)",
);
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
            .or_else(|_| wrong("holds a private key that is broken", BROKEN)),
        RSA_PSS => wrong("is a key for RSA-PSS only", RSA_WANTED),
        EC => wrong("is an EC key", RSA_WANTED),
        ED25519 => wrong("is an Ed25519 key", RSA_WANTED),
        _ => wrong("is a private key of another kind than RSA", RSA_WANTED),
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
        )) => wrong(OLD_ENCRYPTION.0, OLD_ENCRYPTION.1),
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
                "is a PKCS#12 file that cannot be opened: the password is wrong, or it is encrypted in a way that is not \
                 read here",
                "take the key out of it: (umask 077; openssl pkcs12 -legacy -in FILE -nodes -out fullmakt.pem)",
            );
        }
    };
    let certificates = archive.certs.iter().map(|bag| bag.cert.as_der().to_vec()).collect();
    match archive.keys.as_slice() {
        [] => wrong(
            "is a PKCS#12 file without a private key",
            "export the certificate once more, together with its private key",
        ),
        [bag] => Ok(Found { certificates, ..pkcs8(bag.key.as_der(), bag.key.oid())? }),
        several => wrong(
            format!("is a PKCS#12 file with {} private keys", several.len()),
            "export only the one that is for Maskinporten; authentication, not encryption or signature",
        ),
    }
}

pub(super) fn wrong_password() -> Result<Found, Wrong> {
    wrong(
        "does not open with this password",
        "check the password; a key that was changed on its way would say the same",
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
    const PRIVATE_WANTED: &str =
        "give the private key's file; the public key and the certificate are for the other side";
    if JAVA.iter().any(|magic| bytes.starts_with(magic)) {
        return wrong(
            "is a Java key store",
            "make a PKCS#12 file of it: keytool -importkeystore -srckeystore FILE -destkeystore fullmakt.p12 \
             -deststoretype PKCS12",
        );
    }
    if Certificate::from_der(bytes).is_ok() {
        return wrong("holds a certificate, not a private key", PRIVATE_WANTED);
    }
    if x509_cert::spki::SubjectPublicKeyInfoRef::from_der(bytes).is_ok() {
        return wrong("holds a public key, not a private key", PRIVATE_WANTED);
    }
    if bytes[..bytes.len().min(20)].windows(PKCS12_ENCRYPTION.len()).any(|oid| oid == PKCS12_ENCRYPTION) {
        return wrong(OLD_ENCRYPTION.0, OLD_ENCRYPTION.1);
    }
    if is_sec1(bytes) {
        return wrong("is an EC key", RSA_WANTED);
    }
    if bytes.starts_with(&[0x30]) {
        return wrong("holds a key that is broken, or of a kind that is not known", BROKEN);
    }
    wrong(
        "holds no key that can be read: neither a JWK nor PEM, DER or PKCS#12",
        "give the private key's file: JSON, text that begins with -----BEGIN, or a .p12 file",
    )
}

/// `ECPrivateKey` of SEC 1: version 1, then the key.
fn is_sec1(bytes: &[u8]) -> bool {
    matches!(bytes, [0x30, _, 0x02, 0x01, 0x01, 0x04, ..] | [0x30, 0x81, _, 0x02, 0x01, 0x01, 0x04, ..])
}
