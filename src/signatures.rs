//! The signatures of the JWTs that are made and checked here: RSA with SHA-2, which is what Maskinporten and ID-porten take.
//! The JWT library is given these instead of the family of cryptography that it would bring along besides the one that is
//! built in already.

#![expect(
    clippy::disallowed_methods,
    reason = "here the library is given its cryptography before it is called"
)]

use jsonwebtoken::{
    Algorithm, DecodingKey, DecodingKeyKind, EncodingKey, Header, TokenData, Validation,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind},
    jwk::Jwk,
    signature::{self, Signer, Verifier},
};
use rsa::{
    BigUint, Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey,
    pkcs1::{DecodeRsaPrivateKey, DecodeRsaPublicKey},
    rand_core::OsRng,
    traits::PublicKeyParts,
};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256, Sha384, Sha512};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| Ok(Box::new(Signs { sha: Sha::of(*algorithm)?, key: key.clone() })),
    verifier_factory: |algorithm, key| Ok(Box::new(Signs { sha: Sha::of(*algorithm)?, key: key.clone() })),
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: |der| {
            let key = RsaPrivateKey::from_pkcs1_der(der)
                .map_err(|error| Error::from(ErrorKind::InvalidRsaKey(error.to_string())))?;
            Ok((key.n().to_bytes_be(), key.e().to_bytes_be()))
        },
        ..KeyUtils::new_unimplemented()
    },
};

/// Gives the JWT library the signatures of this module.
fn provide() {
    // Whoever was first has given it the same.
    let _ = PROVIDER.install_default();
}

/// A JWT of these claims, signed.
///
/// # Errors
///
/// The key is no RSA key, or the header names no algorithm for one.
pub(crate) fn encode(header: &Header, claims: &impl Serialize, key: &EncodingKey) -> Result<String, Error> {
    provide();
    jsonwebtoken::encode(header, claims, key)
}

/// What a JWT says, when its signature holds.
///
/// # Errors
///
/// It does not, or what it says is not what `validation` wants.
pub(crate) fn decode<T: DeserializeOwned + Clone>(
    token: &str,
    key: &DecodingKey,
    validation: &Validation,
) -> Result<TokenData<T>, Error> {
    provide();
    jsonwebtoken::decode(token, key, validation)
}

/// The public half of a private key.
///
/// # Errors
///
/// It is no RSA key.
pub(crate) fn public_jwk(key: &EncodingKey, algorithm: Algorithm) -> Result<Jwk, Error> {
    provide();
    Jwk::from_encoding_key(key, algorithm)
}

/// A JWT that nobody has signed.
#[cfg(test)]
pub(crate) fn unsigned(claims: &serde_json::Value) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
    format!("{}.{}.{}", part(r#"{"alg":"RS256"}"#), part(&claims.to_string()), part("none"))
}

/// A key, and the hash that it signs.
struct Signs<K> {
    sha: Sha,
    key: K,
}

#[derive(Debug, Clone, Copy)]
enum Sha {
    Sha256,
    Sha384,
    Sha512,
}

impl Sha {
    fn of(algorithm: Algorithm) -> Result<Self, Error> {
        match algorithm {
            Algorithm::RS256 => Ok(Self::Sha256),
            Algorithm::RS384 => Ok(Self::Sha384),
            Algorithm::RS512 => Ok(Self::Sha512),
            _ => Err(ErrorKind::InvalidAlgorithm.into()),
        }
    }

    fn algorithm(self) -> Algorithm {
        match self {
            Self::Sha256 => Algorithm::RS256,
            Self::Sha384 => Algorithm::RS384,
            Self::Sha512 => Algorithm::RS512,
        }
    }

    /// How a hash is padded to be signed, and the hash.
    fn of_message(self, message: &[u8]) -> (Pkcs1v15Sign, Vec<u8>) {
        match self {
            Self::Sha256 => (Pkcs1v15Sign::new::<Sha256>(), Sha256::digest(message).to_vec()),
            Self::Sha384 => (Pkcs1v15Sign::new::<Sha384>(), Sha384::digest(message).to_vec()),
            Self::Sha512 => (Pkcs1v15Sign::new::<Sha512>(), Sha512::digest(message).to_vec()),
        }
    }
}

impl Signer<Vec<u8>> for Signs<EncodingKey> {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let key =
            RsaPrivateKey::from_pkcs1_der(self.key.as_bytes()).map_err(signature::Error::from_source)?;
        let (padding, hash) = self.sha.of_message(message);
        // Blinded: the time that it takes says nothing of the key.
        key.sign_with_rng(&mut OsRng, padding, &hash).map_err(signature::Error::from_source)
    }
}

impl JwtSigner for Signs<EncodingKey> {
    fn algorithm(&self) -> Algorithm {
        self.sha.algorithm()
    }
}

impl Verifier<Vec<u8>> for Signs<DecodingKey> {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let key = match self.key.kind() {
            DecodingKeyKind::SecretOrDer(der) => {
                RsaPublicKey::from_pkcs1_der(der).map_err(signature::Error::from_source)?
            }
            DecodingKeyKind::RsaModulusExponent { n, e } => {
                RsaPublicKey::new(BigUint::from_bytes_be(n), BigUint::from_bytes_be(e))
                    .map_err(signature::Error::from_source)?
            }
        };
        let (padding, hash) = self.sha.of_message(message);
        key.verify(padding, &hash, signature).map_err(signature::Error::from_source)
    }
}

impl JwtVerifier for Signs<DecodingKey> {
    fn algorithm(&self) -> Algorithm {
        self.sha.algorithm()
    }
}
