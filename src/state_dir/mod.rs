//! The state folder: the ledger's file, the locks, a folder for each run, and private files, written whole or not at all.
//!
//! Reading makes nothing: folders and files come to be when something is to be kept in them. What the program makes is
//! for its owner only; a folder that was there already keeps the permissions that somebody gave it.

#[cfg(feature = "postgres")]
mod alive;
mod lock;
mod pace;

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

#[cfg(feature = "postgres")]
pub use alive::Alive;
pub use lock::{AgentLock, LockError, LockHolder};
pub use pace::{PaceFile, PaceMarks};

use crate::model::RunId;

/// Where runs are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateDir(PathBuf);

/// Who may read a file that is written whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Its owner only.
    Owner,
    /// Everybody: another program collects it.
    Everybody,
}

/// Something of a state folder that others than its owner can get at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    /// The folder, or a file in it.
    pub path: PathBuf,
    /// Who may do what with it, as Unix keeps it.
    pub mode: u32,
}

impl StateDir {
    /// Whether the path is a link to a place that is not there, as of a disk that is not mounted.
    pub fn is_dangling(&self) -> bool {
        fs::symlink_metadata(&self.0).is_ok_and(|metadata| metadata.is_symlink()) && !self.0.exists()
    }

    /// What others than the owner can get at: a folder that they can change, or a ledger that they can read. What the program
    /// makes is never so.
    #[cfg(unix)]
    pub fn exposed(&self) -> Option<Exposed> {
        use std::os::unix::fs::PermissionsExt;
        const WRITTEN_BY_OTHERS: u32 = 0o022;
        const OF_OTHERS: u32 = 0o077;
        let ledger = self.ledger_path();
        [(&self.0, WRITTEN_BY_OTHERS), (&ledger, OF_OTHERS)].into_iter().find_map(|(path, not)| {
            let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
            (mode & not != 0).then(|| Exposed { path: path.clone(), mode })
        })
    }

    /// Elsewhere the folder's own permissions hold, which no number says.
    #[cfg(not(unix))]
    pub fn exposed(&self) -> Option<Exposed> {
        None
    }

    /// The state folder at this path, which need not be there yet.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Makes the folder, with those above it.
    pub fn make(&self) -> io::Result<()> {
        make_private_folder(&self.0)
    }

    /// The ledger's file.
    pub fn ledger_path(&self) -> PathBuf {
        self.0.join("ledger.db")
    }

    /// Where a run's reports go: `<state-dir>/runs/<run>/`.
    pub fn run_folder(&self, run: &RunId) -> PathBuf {
        self.runs().join(run.as_str())
    }

    /// Makes the folder of a run's reports.
    pub fn make_run_folder(&self, run: &RunId) -> io::Result<PathBuf> {
        let folder = self.run_folder(run);
        make_private_folder(&folder)?;
        Ok(folder)
    }

    /// Removes a run's reports, if there are any.
    pub fn remove_run_folder(&self, run: &RunId) -> io::Result<()> {
        match fs::remove_dir_all(self.run_folder(run)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Whether a run has left its folder here.
    pub fn has_run_folders(&self) -> bool {
        fs::read_dir(self.runs()).is_ok_and(|mut folders| folders.next().is_some())
    }

    /// Makes a folder of this name in the state folder.
    pub fn private_folder(&self, name: &str) -> io::Result<PathBuf> {
        let folder = self.0.join(name);
        make_private_folder(&folder)?;
        Ok(folder)
    }

    fn runs(&self) -> PathBuf {
        self.0.join("runs")
    }
}

/// Makes a folder, with those above it, that only its owner can read.
pub fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => io::ErrorKind::NotADirectory.into(),
        _ => error,
    })
}

/// Makes a file, where it is missing, for its owner only: the folder may be one that others can read.
pub fn make_private_file(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).map(drop)
}

/// Writes a file whole or not at all, and onto the disk before it takes its name.
///
/// # Errors
///
/// What `write` answers, or what the operating system says of the file.
pub fn write_whole<E: From<io::Error>>(
    path: &Path,
    readers: Readers,
    write: impl FnOnce(&mut fs::File) -> Result<(), E>,
) -> Result<(), E> {
    written_beside(path, readers, write)?.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Writes a file that is not there yet, whole or not at all.
///
/// # Errors
///
/// It is there, or cannot be written.
pub fn write_new(path: &Path, readers: Readers, bytes: &[u8]) -> io::Result<()> {
    let written = written_beside(path, readers, |file| file.write_all(bytes))?;
    written.persist_noclobber(path).map(drop).map_err(|error| error.error)
}

/// Why a file was not made.
#[derive(Debug)]
pub enum NotMade<E> {
    /// It is there already, or its folder does not take it.
    Place(io::Error),
    /// What was to stand in it could not be written.
    Content(E),
}

/// Makes a file that is not there yet, for its owner only: `make` is given a path beside it, and what it has put there takes the
/// name when it is whole. Nothing is left where it fails.
///
/// # Errors
///
/// What `make` answers, or what the operating system says of the file.
pub fn make_new<E>(path: &Path, make: impl FnOnce(&Path) -> Result<(), E>) -> Result<(), NotMade<E>> {
    if path.symlink_metadata().is_ok() {
        return Err(NotMade::Place(io::ErrorKind::AlreadyExists.into()));
    }
    let temporary = tempfile::Builder::new()
        .prefix(".fullmakt-")
        .suffix(".part")
        .tempfile_in(folder_of(path))
        .map_err(NotMade::Place)?;
    make(temporary.path()).map_err(NotMade::Content)?;
    temporary.as_file().sync_all().map_err(NotMade::Place)?;
    temporary.persist_noclobber(path).map(drop).map_err(|error| NotMade::Place(error.error))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn written_beside<E: From<io::Error>>(
    path: &Path,
    readers: Readers,
    write: impl FnOnce(&mut fs::File) -> Result<(), E>,
) -> Result<tempfile::NamedTempFile, E> {
    let mut temporary = tempfile::NamedTempFile::new_in(folder_of(path))?;
    write(temporary.as_file_mut())?;
    #[cfg(unix)]
    if readers == Readers::Everybody {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(temporary.path(), fs::Permissions::from_mode(0o644))?;
    }
    #[cfg(not(unix))]
    let _ = readers;
    temporary.as_file().sync_all()?;
    Ok(temporary)
}

/// [`write_whole`] for bytes that are there already.
pub fn write_bytes(path: &Path, readers: Readers, bytes: &[u8]) -> io::Result<()> {
    write_whole(path, readers, |file| file.write_all(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_written_whole_leaves_the_old_one_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write_bytes(&path, Readers::Owner, b"old").unwrap();
        let failed: io::Result<()> = write_whole(&path, Readers::Owner, |file| {
            file.write_all(b"ne")?;
            Err(io::Error::other("no more"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_made_is_for_its_owner_only_unless_everybody_is_to_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::at(folder.path().join("a/b"));
        let made = state.private_folder("sessions").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(state.path()), mode(&made)), (0o700, 0o700));
        let path = state.path().join("file");
        write_bytes(&path, Readers::Owner, b"x").unwrap();
        assert_eq!(mode(&path), 0o600);
        write_bytes(&path, Readers::Everybody, b"x").unwrap();
        assert_eq!(mode(&path), 0o644);
        make_private_file(&state.ledger_path()).unwrap();
        assert_eq!(mode(&state.ledger_path()), 0o600);
    }
}
