//! PEM (RFC 7468) as it arrives from secret stores and mail programs: line breaks lost or written as `\n`, indented,
//! with other text between the blocks.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use secrecy::{ExposeSecret, SecretSlice, SecretString, zeroize::Zeroize};

use super::old_pem;
use crate::words::{Wording, kept};

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// Base64 with or without its padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a block is labelled as. A label is never shown as it stands: what stands there may be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// `PRIVATE KEY`: PKCS#8.
    PrivateKey,
    /// `ENCRYPTED PRIVATE KEY`: PKCS#8 behind a password.
    EncryptedPrivateKey,
    /// `RSA PRIVATE KEY`: PKCS#1.
    RsaPrivateKey,
    /// `EC PRIVATE KEY`: SEC 1.
    EcPrivateKey,
    /// `DSA PRIVATE KEY`.
    DsaPrivateKey,
    /// `OPENSSH PRIVATE KEY`.
    OpensshPrivateKey,
    /// `CERTIFICATE`, `X509 CERTIFICATE` or `TRUSTED CERTIFICATE`.
    Certificate,
    /// `PUBLIC KEY` or `RSA PUBLIC KEY`.
    PublicKey,
    /// `CERTIFICATE REQUEST` or `NEW CERTIFICATE REQUEST`.
    CertificateRequest,
    /// `PKCS7` or `CMS`.
    Pkcs7,
    /// Anything else, such as `EC PARAMETERS`.
    Other,
}

impl Label {
    fn of(label: &str) -> Self {
        match label {
            "PRIVATE KEY" => Self::PrivateKey,
            "ENCRYPTED PRIVATE KEY" => Self::EncryptedPrivateKey,
            "RSA PRIVATE KEY" => Self::RsaPrivateKey,
            "EC PRIVATE KEY" => Self::EcPrivateKey,
            "DSA PRIVATE KEY" => Self::DsaPrivateKey,
            "OPENSSH PRIVATE KEY" => Self::OpensshPrivateKey,
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Self::Certificate,
            "PUBLIC KEY" | "RSA PUBLIC KEY" => Self::PublicKey,
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Self::CertificateRequest,
            "PKCS7" | "CMS" => Self::Pkcs7,
            _ => Self::Other,
        }
    }

    /// What it is, with its article, in English.
    pub(super) fn in_words(self) -> Wording {
        match self {
            Self::PrivateKey | Self::RsaPrivateKey => kept!("auth-pem-a-private-key"),
            Self::EncryptedPrivateKey => kept!("auth-pem-an-encrypted-private-key"),
            Self::EcPrivateKey => kept!("auth-pem-an-ec-key"),
            Self::DsaPrivateKey => kept!("auth-pem-a-dsa-key"),
            Self::OpensshPrivateKey => kept!("auth-pem-a-key-in-opensshs-own-format"),
            Self::Certificate => kept!("auth-pem-a-certificate"),
            Self::PublicKey => kept!("auth-pem-a-public-key"),
            Self::CertificateRequest => kept!("auth-pem-a-certificate-request"),
            Self::Pkcs7 => kept!("auth-pem-a-pkcs7-bundle-of-certificates"),
            Self::Other => kept!("auth-pem-of-a-kind-that-is-not-known"),
        }
    }
}

/// One block.
pub(super) struct Block {
    pub(super) label: Label,
    /// The text between the lines, where it is encrypted in the old way of OpenSSL and whole.
    pub(super) old_encryption: Option<SecretString>,
    /// What the base64 text between the lines holds; `None` when it is no base64, or breaks off.
    pub(super) der: Option<SecretSlice<u8>>,
}

/// Every block, in order. What stands between blocks is passed over.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    text.split(BEGIN).skip(1).map(block).collect()
}

/// A block from what stands after its `-----BEGIN `.
fn block(text: &str) -> Block {
    // The label ends at the next dashes, wherever the line ends.
    let Some((label, rest)) = text.split_once(DASHES) else {
        return Block { label: Label::Other, old_encryption: None, der: None };
    };
    let (body, is_whole) = rest.split_once(END).map_or((rest, false), |(body, _)| (body, true));
    let is_old = old_pem::is_in(body);
    Block {
        label: Label::of(label),
        old_encryption: (is_old && is_whole).then(|| SecretString::from(body)),
        der: if is_whole && !is_old { decode(body) } else { None },
    }
}

/// Base64 with white space anywhere in it, or with line breaks written out as `\n`.
pub(super) fn decode(body: &str) -> Option<SecretSlice<u8>> {
    let mut bare = String::with_capacity(body.len());
    let mut characters = body.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\\' {
            while characters.next_if_eq(&'\\').is_some() {}
            characters.next_if(|next| matches!(next, 'n' | 'r' | 't'));
        } else if !character.is_whitespace() && !matches!(character, '\u{feff}' | '\u{200b}') {
            bare.push(character);
        }
    }
    let bare = SecretString::from(bare);
    let bytes = decode_bare(&bare);
    bytes.map(SecretSlice::from)
}

fn decode_bare(bare: &SecretString) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    match LENIENT.decode_vec(bare.expose_secret(), &mut bytes) {
        Ok(()) if !bytes.is_empty() => Some(bytes),
        _ => {
            bytes.zeroize();
            None
        }
    }
}
