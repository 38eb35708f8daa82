//! Where the processes of this machine that work with one client in one environment meet: when the next request of any
//! of them may go, and until when Altinn has asked all of them to wait.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::PathBuf,
};

use super::{StateDir, make_private_folder};

/// A file that processes have in turn, each for some microseconds.
#[derive(Debug)]
pub struct PaceFile(File);

/// What stands in it, in microseconds since 1970; 0 is never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PaceMarks {
    /// When the next request is due.
    pub next: i64,
    /// Until when nothing may be sent.
    pub not_before: i64,
}

/// Each number in so many characters, so that what is written is always as long as what was there.
const WIDTH: usize = 20;

impl PaceFile {
    /// The file for a client in an environment, made where it is missing.
    ///
    /// # Errors
    ///
    /// It cannot be made or opened.
    pub fn open(state: &StateDir, environment: &str, client: &str) -> io::Result<Self> {
        let path = path_of(state, environment, client);
        if let Some(folder) = path.parent() {
            make_private_folder(folder)?;
        }
        if fs::symlink_metadata(&path).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(io::Error::from(io::ErrorKind::InvalidInput));
        }
        Ok(Self(OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)?))
    }

    /// The same for somebody who makes nothing: none where it is missing, or cannot be opened.
    pub fn open_existing(state: &StateDir, environment: &str, client: &str) -> Option<Self> {
        path_of(state, environment, client)
            .is_file()
            .then(|| Self::open(state, environment, client).ok())
            .flatten()
    }

    /// Reads the marks and writes what `change` makes of them, while no other process does. `None` where another has the
    /// file just now.
    ///
    /// # Errors
    ///
    /// It cannot be read or written.
    pub fn change<T>(&mut self, change: impl FnOnce(&mut PaceMarks) -> T) -> io::Result<Option<T>> {
        match self.0.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let changed = self.change_locked(change);
        self.0.unlock()?;
        changed.map(Some)
    }

    fn change_locked<T>(&mut self, change: impl FnOnce(&mut PaceMarks) -> T) -> io::Result<T> {
        let mut text = String::new();
        self.0.seek(SeekFrom::Start(0))?;
        // What is no number, as after a crash of the machine, is no mark.
        let read = (&self.0).take(4096).read_to_string(&mut text);
        let mut numbers = text.split_whitespace().map(|number| number.parse().unwrap_or(0));
        let mut mark = || if read.is_ok() { numbers.next().unwrap_or(0) } else { 0 };
        let before = PaceMarks { next: mark(), not_before: mark() };
        let mut marks = before;
        let answer = change(&mut marks);
        if marks != before {
            self.0.seek(SeekFrom::Start(0))?;
            let PaceMarks { next, not_before } = marks;
            self.0.write_all(format!("{next:WIDTH$} {not_before:WIDTH$}\n").as_bytes())?;
        }
        Ok(answer)
    }
}

fn path_of(state: &StateDir, environment: &str, client: &str) -> PathBuf {
    let plain = |text: &str| -> String {
        let kept = text.chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '-' });
        kept.take(100).collect()
    };
    state.path().join("locks").join(format!("pace-{}-{}", plain(environment), plain(client)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_writes_another_reads_and_what_is_no_number_is_no_mark() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::at(folder.path());
        let open = || PaceFile::open(&state, "https://platform.tt02.altinn.no", "a/client").unwrap();
        let (mut one, mut other) = (open(), open());
        let marks = PaceMarks { next: 1_780_000_000_000_000, not_before: 7 };
        assert_eq!(one.change(|there| *there = marks).unwrap(), Some(()));
        assert_eq!(other.change(|there| *there).unwrap(), Some(marks));
        let path = fs::read_dir(folder.path().join("locks")).unwrap().next().unwrap().unwrap().path();
        fs::write(&path, [0xff; 30]).unwrap();
        assert_eq!(other.change(|there| *there).unwrap(), Some(PaceMarks::default()));
        one.0.lock().unwrap();
        assert_eq!(other.change(|there| *there).unwrap(), None, "another has it");
    }
}
