//! What identifies a manifest's content, so that a later change of it is seen.

use std::{fs::File, io, path::Path};

use sha2::{Digest, Sha256};

/// The SHA-256 of a file's bytes, in hexadecimal digits.
///
/// # Errors
///
/// The file cannot be read.
pub fn fingerprint(path: &Path) -> io::Result<String> {
    let mut digest = Sha256::new();
    io::copy(&mut File::open(path)?, &mut digest)?;
    Ok(format!("{:x}", digest.finalize()))
}
