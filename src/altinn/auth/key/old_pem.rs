//! OpenSSL's old way of encrypting PEM (RFC 1421's `Proc-Type` and `DEK-Info` before the base64), as `openssl genrsa -aes256`
//! wrote it before 3.0 and many devices still do. The key is made from the password by MD5, which guards little: it is
//! read, because people have such files, and never written.

use cbc::cipher::{BlockModeDecrypt, KeyIvInit, block_padding::Pkcs7};
use md5::{Digest, Md5};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::pem;

/// How a block is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    TripleDes,
}

impl Cipher {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "AES-128-CBC" => Self::Aes128,
            "AES-192-CBC" => Self::Aes192,
            "AES-256-CBC" => Self::Aes256,
            "DES-EDE3-CBC" => Self::TripleDes,
            _ => return None,
        })
    }

    /// The length of its key and of its initialisation vector, in bytes.
    fn lengths(self) -> (usize, usize) {
        match self {
            Self::Aes128 => (16, 16),
            Self::Aes192 => (24, 16),
            Self::Aes256 => (32, 16),
            Self::TripleDes => (24, 8),
        }
    }
}

/// What stands in a block that is encrypted so.
pub(super) struct OldEncryption {
    cipher: Cipher,
    iv: Vec<u8>,
    encrypted: SecretSlice<u8>,
}

/// Whether a block's text begins with the two lines.
pub(super) fn is_in(body: &str) -> bool {
    body.contains("Proc-Type:") || body.contains("DEK-Info:")
}

impl OldEncryption {
    /// Reads the block's text, line breaks lost or not; `None` for another cipher, or where it is broken.
    pub(super) fn read(body: &str) -> Option<Self> {
        let (_, after) = body.split_once("DEK-Info:")?;
        let (name, after) = after.split_once(',')?;
        let cipher = Cipher::named(name.trim())?;
        let (_, iv_length) = cipher.lengths();
        // The vector's length tells where the base64 begins, where a line break does not.
        let hex = after.get(..2 * iv_length)?;
        let iv = (0..iv_length).map(|place| u8::from_str_radix(hex.get(2 * place..2 * place + 2)?, 16).ok());
        let iv = iv.collect::<Option<Vec<u8>>>()?;
        let encrypted = pem::decode(after.get(2 * iv_length..)?)?;
        Some(Self { cipher, iv, encrypted })
    }

    /// The DER inside; `None` where the password is wrong, as far as the padding tells.
    pub(super) fn decrypt(&self, password: &SecretString) -> Option<SecretSlice<u8>> {
        let key = self.key(password);
        let (key, iv) = (key.expose_secret(), self.iv.as_slice());
        let mut bytes = self.encrypted.expose_secret().to_vec();
        let length = match self.cipher {
            Cipher::Aes128 => {
                opened(cbc::Decryptor::<aes::Aes128>::new_from_slices(key, iv).ok()?, &mut bytes)
            }
            Cipher::Aes192 => {
                opened(cbc::Decryptor::<aes::Aes192>::new_from_slices(key, iv).ok()?, &mut bytes)
            }
            Cipher::Aes256 => {
                opened(cbc::Decryptor::<aes::Aes256>::new_from_slices(key, iv).ok()?, &mut bytes)
            }
            Cipher::TripleDes => {
                opened(cbc::Decryptor::<des::TdesEde3>::new_from_slices(key, iv).ok()?, &mut bytes)
            }
        };
        let bytes = SecretSlice::from(bytes);
        let inside = bytes.expose_secret().get(..length?)?.to_vec();
        Some(SecretSlice::from(inside))
    }

    /// OpenSSL's `EVP_BytesToKey` with MD5, once, and the first eight bytes of the vector as salt.
    fn key(&self, password: &SecretString) -> SecretSlice<u8> {
        let (length, _) = self.cipher.lengths();
        let mut key: Vec<u8> = Vec::new();
        while key.len() < length {
            let mut hash = Md5::new();
            hash.update(key.len().checked_sub(16).map_or(&[][..], |last| &key[last..]));
            hash.update(password.expose_secret().as_bytes());
            hash.update(&self.iv[..8]);
            key.extend_from_slice(&hash.finalize());
        }
        key.truncate(length);
        SecretSlice::from(key)
    }
}

/// Decrypts in place. Answers how many bytes there are without the padding.
fn opened(decryptor: impl BlockModeDecrypt, bytes: &mut [u8]) -> Option<usize> {
    decryptor.decrypt_padded::<Pkcs7>(bytes).ok().map(<[u8]>::len)
}
