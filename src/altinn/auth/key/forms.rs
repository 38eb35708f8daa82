//! From the bytes of a key file to the key, whatever form it has: text or binary, in base64, UTF-16, quotes or JSON.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::{
    Found, Password, Wrong, broken, der, jwk,
    old_pem::OldEncryption,
    pem::{self, Block, Label},
    rsa_wanted, wrong,
};
use crate::words::{kept, say};

/// How many wrappings (base64 in base64, a text in JSON) are taken off.
const MOST_WRAPPINGS: u8 = 3;

/// Finds the private RSA key in it.
pub(super) fn read(bytes: &[u8], password: &Password<'_>) -> Result<Found, Wrong> {
    unwrapped(bytes, password, MOST_WRAPPINGS)
}

fn unwrapped(bytes: &[u8], password: &Password<'_>, wrappings: u8) -> Result<Found, Wrong> {
    match text_of(bytes) {
        None => der::read(bytes, password),
        Some(text) => in_text(text.expose_secret().trim(), password, wrappings),
    }
}

fn in_text(text: &str, password: &Password<'_>, wrappings: u8) -> Result<Found, Wrong> {
    if text.starts_with('{') {
        return jwk::read(text);
    }
    let blocks = pem::blocks(text);
    if !blocks.is_empty() {
        return in_blocks(&blocks, password);
    }
    let inside = if wrappings == 0 { None } else { inside_of(text) };
    match inside {
        Some(inside) => unwrapped(inside.expose_secret(), password, wrappings - 1),
        None => wrong(
            kept!("auth-key-holds-neither-a-jwk-nor-pem"),
            kept!("auth-hint-give-the-private-keys-file-in-one-of-these-forms"),
        ),
    }
}

/// What a wrapping holds: a JSON text, quotes, base64.
fn inside_of(text: &str) -> Option<SecretSlice<u8>> {
    if let Ok(inside) = serde_json::from_str::<String>(text) {
        return Some(SecretSlice::from(inside.into_bytes()));
    }
    let quoted = |quote| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    if let Some(inside) = quoted('"').or_else(|| quoted('\'')) {
        return Some(SecretSlice::from(inside.as_bytes().to_vec()));
    }
    pem::decode(text)
        .or_else(|| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok().map(SecretSlice::from))
}

/// The key in PEM, with the certificates beside it, in any order.
fn in_blocks(blocks: &[Block], password: &Password<'_>) -> Result<Found, Wrong> {
    let is_key = |block: &&Block| {
        use Label::{
            DsaPrivateKey, EcPrivateKey, EncryptedPrivateKey, OpensshPrivateKey, PrivateKey, RsaPrivateKey,
        };
        matches!(
            block.label,
            PrivateKey
                | EncryptedPrivateKey
                | RsaPrivateKey
                | EcPrivateKey
                | DsaPrivateKey
                | OpensshPrivateKey
        )
    };
    let keys: Vec<&Block> = blocks.iter().filter(is_key).collect();
    let key = match keys.as_slice() {
        [key] => key,
        // There is at least one block.
        [] => return der::holds(blocks.first().map_or(Label::Other, |block| block.label)),
        several => {
            return wrong(
                say!("auth-key-holds-several-private-keys", keys = several.len()).kept(),
                kept!("auth-hint-leave-only-the-one-that-is-registered"),
            );
        }
    };
    let certificates = blocks.iter().filter(|block| block.label == Label::Certificate);
    let certificates =
        certificates.filter_map(|block| Some(block.der.as_ref()?.expose_secret().to_vec())).collect();
    Ok(Found { certificates, ..in_block(key, password)? })
}

fn in_block(block: &Block, password: &Password<'_>) -> Result<Found, Wrong> {
    if let Some(text) = &block.old_encryption
        && matches!(block.label, Label::RsaPrivateKey | Label::PrivateKey)
    {
        return in_old_block(text, password);
    }
    match block.label {
        Label::EcPrivateKey => wrong(kept!("auth-key-is-an-ec-key"), rsa_wanted()),
        Label::DsaPrivateKey => wrong(kept!("auth-key-is-a-dsa-key"), rsa_wanted()),
        Label::OpensshPrivateKey => {
            wrong(kept!("auth-key-is-in-opensshs-own-format"), kept!("auth-hint-make-pem-of-a-copy-of-it"))
        }
        _ => match &block.der {
            Some(der) => der::read(der.expose_secret(), password),
            None => wrong(kept!("auth-key-is-broken"), broken()),
        },
    }
}

/// A block that OpenSSL has encrypted in its old way.
fn in_old_block(text: &SecretString, password: &Password<'_>) -> Result<Found, Wrong> {
    let Some(encrypted) = OldEncryption::read(text.expose_secret()) else {
        return wrong(
            kept!("auth-key-is-encrypted-in-openssls-old-way"),
            kept!("auth-hint-encrypt-it-as-one-does-now"),
        );
    };
    match encrypted.decrypt(&password.get()?) {
        // What a wrong password makes of it can have a right padding by chance, and is no key.
        Some(der) => der::read(der.expose_secret(), password).or_else(|_| der::wrong_password()),
        None => der::wrong_password(),
    }
}

/// The text that the bytes are; `None` when they are binary.
fn text_of(bytes: &[u8]) -> Option<SecretString> {
    let zeros = |from: usize| {
        let pairs = bytes.chunks_exact(2).take(16);
        pairs.len() > 3 && pairs.into_iter().all(|pair| pair[from] == 0 && pair[1 - from] != 0)
    };
    let utf_16 = if bytes.starts_with(&[0xff, 0xfe]) || zeros(1) {
        Some(encoding_rs::UTF_16LE)
    } else if bytes.starts_with(&[0xfe, 0xff]) || zeros(0) {
        Some(encoding_rs::UTF_16BE)
    } else {
        None
    };
    if let Some(encoding) = utf_16 {
        return Some(SecretString::from(encoding.decode(bytes).0.into_owned()));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let is_binary = bytes.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace());
    match std::str::from_utf8(bytes) {
        Ok(text) if !is_binary => Some(SecretString::from(text)),
        // A certificate's owner beside the key may be named in another encoding.
        _ if bytes.windows(11).any(|window| window == b"-----BEGIN ") => {
            Some(SecretString::from(String::from_utf8_lossy(bytes).into_owned()))
        }
        _ => None,
    }
}
