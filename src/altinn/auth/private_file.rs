//! Files with secrets: read only where nobody but their owner, or whom the platform has handed them to, can read them.

use std::{
    fs::{File, Metadata},
    io::{self, Read},
    path::Path,
};

use secrecy::{SecretSlice, zeroize::Zeroize};

use crate::model::is_for_a_shell;

/// Why a file is not read.
pub(super) enum Unread {
    /// What the operating system says.
    Io(io::Error),
    /// It is not there, and what a shell would have replaced stands in its path.
    NothingReplaced,
    /// A folder, or the like.
    NotAFile,
    /// Others than its owner can read it: its mode.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there are no modes to look at"))]
    Exposed(u32),
    /// It is longer than anything of its kind.
    TooLong,
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads a file of at most `most_bytes`. Where what is opened is no regular file (a pipe), its rights are not looked at.
pub(super) fn read(path: &Path, most_bytes: u64) -> Result<SecretSlice<u8>, Unread> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound if is_for_a_shell(path) => Unread::NothingReplaced,
        _ => error.into(),
    })?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(Unread::NotAFile);
    }
    if metadata.is_file() {
        refuse_if_exposed(path, &metadata)?;
    }
    let mut bytes = Vec::new();
    let read = file.take(most_bytes + 1).read_to_end(&mut bytes);
    if read.as_ref().is_ok_and(|read| *read as u64 > most_bytes) {
        bytes.zeroize();
        return Err(Unread::TooLong);
    }
    read?;
    Ok(SecretSlice::from(bytes))
}

#[cfg(unix)]
fn refuse_if_exposed(path: &Path, metadata: &Metadata) -> Result<(), Unread> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o777;
    // The lowest three bits are the others' rights, the next three the group's, of which reading is the highest.
    let only_the_owner = mode.trailing_zeros() >= 6;
    let the_group_reads = mode.trailing_zeros() >= 5;
    if only_the_owner || (the_group_reads && is_handed_over(path)) {
        Ok(())
    } else {
        Err(Unread::Exposed(mode))
    }
}

/// Whether the platform has put the file there, for a group that is this service's alone: systemd's credentials (an
/// access control list shows as a right of the group), and the secrets of Kubernetes, which belong to root and to the
/// pod's `fsGroup`.
#[cfg(unix)]
fn is_handed_over(path: &Path) -> bool {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    variable("CREDENTIALS_DIRECTORY").is_some_and(|folder| path.starts_with(folder))
        || variable("KUBERNETES_SERVICE_HOST").is_some()
}

/// Elsewhere who can read a file is not three groups of bits; a user's own folder is closed to others.
#[cfg(not(unix))]
fn refuse_if_exposed(_: &Path, _: &Metadata) -> Result<(), Unread> {
    Ok(())
}
