//! An enterprise certificate (virksomhetssertifikat) beside the key: what names the key where it has no id (`x5c` of
//! RFC 7515, section 4.1.6).

use base64::{Engine, engine::general_purpose::STANDARD};
use rsa::{RsaPrivateKey, pkcs1::EncodeRsaPublicKey};
use x509_cert::{Certificate, der::Decode};

use super::{Wrong, wrong};
use crate::words::{kept, say};

/// The certificate of this key, then those that certify it, the root left out; each as base64 of its DER. Empty where
/// there is no certificate.
///
/// # Errors
///
/// When all certificates are of other keys, or the key's own is not valid now.
pub(super) fn chain(key: &RsaPrivateKey, certificates: &[Vec<u8>]) -> Result<Vec<String>, Wrong> {
    let read: Vec<(Certificate, &[u8])> = certificates
        .iter()
        .filter_map(|der| Some((Certificate::from_der(der).ok()?, der.as_slice())))
        .collect();
    if read.is_empty() {
        return Ok(Vec::new());
    }
    let public = key.to_public_key().to_pkcs1_der().map(rsa::pkcs8::Document::into_vec).unwrap_or_default();
    let is_of_key = |certificate: &Certificate| {
        let info = certificate.tbs_certificate().subject_public_key_info();
        info.subject_public_key.raw_bytes() == public
    };
    let Some(own) = read.iter().find(|(certificate, _)| is_of_key(certificate)) else {
        return wrong(
            kept!("auth-key-and-certificates-of-other-keys"),
            kept!("auth-hint-put-the-keys-own-certificate-there"),
        );
    };
    refuse_if_not_valid(&own.0)?;
    let mut chain = vec![own];
    // Each certifies the one before it; no chain is longer than what is there.
    while chain.len() < read.len() {
        let issuer = chain.last().map(|(last, _)| last.tbs_certificate().issuer());
        let next = read.iter().find(|(certificate, _)| {
            let certificate = certificate.tbs_certificate();
            Some(certificate.subject()) == issuer && certificate.subject() != certificate.issuer()
        });
        match next {
            Some(next) if !chain.iter().any(|(_, der)| *der == next.1) => chain.push(next),
            _ => break,
        }
    }
    Ok(chain.into_iter().map(|(_, der)| STANDARD.encode(der)).collect())
}

fn refuse_if_not_valid(certificate: &Certificate) -> Result<(), Wrong> {
    let validity = certificate.tbs_certificate().validity();
    let now = std::time::UNIX_EPOCH
        + std::time::Duration::from_secs(u64::try_from(crate::clock::now().as_second()).unwrap_or(0));
    if validity.not_after.to_system_time() < now {
        return wrong(
            say!("auth-key-certificate-ran-out", date = validity.not_after.to_date_time()).kept(),
            kept!("auth-hint-order-a-new-enterprise-certificate"),
        );
    }
    if validity.not_before.to_system_time() > now {
        return wrong(
            say!("auth-key-certificate-is-valid-only-from", date = validity.not_before.to_date_time()).kept(),
            kept!("auth-hint-check-the-clock-or-wait"),
        );
    }
    Ok(())
}
