//! What the operating system refuses, in the language of whoever reads: it speaks its own, which is another's English here and
//! may be a third on the next machine.

use std::{
    fmt::{self, Display},
    io::{Error, ErrorKind},
};

use super::text;

/// An error of the operating system's as a sentence of ours, where it is one that people meet; or else as it says itself.
pub struct Refusal<'error>(pub &'error Error);

impl Display for Refusal<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.in_words() {
            Some(words) => out.write_str(words),
            None => self.0.fmt(out),
        }
    }
}

impl Refusal<'_> {
    /// What a person who wanted to write there can do about it; none where the kind of error does not say.
    pub fn todo(&self) -> Option<&'static str> {
        Some(match self.0.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => text!("words-os-make-the-folder"),
            // A file that another program has open is refused there in the same words.
            ErrorKind::PermissionDenied if cfg!(windows) => text!("words-os-may-you-write-windows"),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => text!("words-os-may-you-write"),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => text!("words-os-make-room"),
            ErrorKind::AlreadyExists | ErrorKind::IsADirectory => text!("words-os-name-another"),
            _ => return None,
        })
    }

    fn in_words(&self) -> Option<&'static str> {
        Some(match self.0.kind() {
            ErrorKind::NotFound => text!("words-os-not-found"),
            ErrorKind::PermissionDenied => text!("words-os-permission-denied"),
            ErrorKind::AlreadyExists => text!("words-os-already-exists"),
            ErrorKind::IsADirectory => text!("words-os-is-a-folder"),
            ErrorKind::NotADirectory => text!("words-os-is-no-folder"),
            ErrorKind::StorageFull => text!("words-os-disk-full"),
            ErrorKind::QuotaExceeded => text!("words-os-quota-exceeded"),
            ErrorKind::FileTooLarge => text!("words-os-file-too-large"),
            ErrorKind::ReadOnlyFilesystem => text!("words-os-read-only"),
            ErrorKind::InvalidFilename => text!("words-os-invalid-name"),
            ErrorKind::AddrInUse => text!("words-os-address-in-use"),
            _ => return None,
        })
    }
}
