//! What identifies a manifest's content, so that a later change of it is seen.

use std::{io, path::Path};

use sha2::{Digest, Sha256};

use super::{
    decode::open,
    problem::{ManifestError, Problem},
};

/// The SHA-256 of a file's bytes, in hexadecimal digits.
///
/// # Errors
///
/// The file cannot be read.
pub fn fingerprint(path: &Path) -> Result<String, ManifestError> {
    let mut digest = Sha256::new();
    let copied = io::copy(&mut open(path)?, &mut digest);
    copied.map_err(|error| ManifestError::new(path, Problem::Io(error)))?;
    Ok(format!("{:x}", digest.finalize()))
}
