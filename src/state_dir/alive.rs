//! Marks of processes that live: each holds a file of its own as long as it does, and the operating system lets go of it
//! however the process ends. So a later process of the same state folder knows for certain that one has ended.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::PathBuf,
    time::Duration,
};

use super::StateDir;

const FOLDER: &str = "alive";
/// The mark of a process that has ended is kept for so long: nothing of it can be of use to anybody then.
const KEPT: Duration = Duration::from_hours(1);

/// This process lives, until this is dropped.
#[derive(Debug)]
pub struct Alive {
    path: PathBuf,
    _held: File,
}

impl StateDir {
    /// Marks this process as alive under a name that no other has, letters and digits.
    ///
    /// # Errors
    ///
    /// The file cannot be made or held.
    pub fn mark_alive(&self, name: &str) -> io::Result<Alive> {
        let folder = self.private_folder(FOLDER)?;
        let (making, path) = (folder.join(format!("{name}.new")), folder.join(name));
        let held = File::create(&making)?;
        held.lock()?;
        // It has its name when it is held: who finds it free knows that the process has ended.
        fs::rename(&making, &path)?;
        self.ended(true);
        Ok(Alive { path, _held: held })
    }

    /// The names of processes of this state folder that have ended without taking their marks away. What cannot be looked at
    /// is not said to have ended.
    pub fn ended_processes(&self) -> Vec<String> {
        self.ended(false)
    }

    fn ended(&self, tidy: bool) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path().join(FOLDER)) else { return Vec::new() };
        let mut ended = Vec::new();
        for entry in entries.flatten() {
            let Ok(name) = entry.file_name().into_string() else { continue };
            let Ok(file) = OpenOptions::new().read(true).open(entry.path()) else { continue };
            if matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock | TryLockError::Error(_))) {
                continue;
            }
            let age =
                file.metadata().and_then(|known| known.modified()).ok().and_then(|at| at.elapsed().ok());
            if tidy && age.is_some_and(|age| age > KEPT) {
                let _ = fs::remove_file(entry.path());
            } else if !name.contains('.') {
                ended.push(name);
            }
        }
        ended
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_lives_is_not_said_to_have_ended_and_who_was_killed_is() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::at(folder.path());
        assert!(state.ended_processes().is_empty());
        let alive = state.mark_alive("a1").unwrap();
        assert!(state.ended_processes().is_empty());
        // What a kill leaves: the file, and nobody who holds it.
        fs::write(folder.path().join("alive/b2"), "").unwrap();
        fs::write(folder.path().join("alive/c3.new"), "").unwrap();
        assert_eq!(state.ended_processes(), ["b2"]);
        drop(alive);
        assert_eq!(state.ended_processes(), ["b2"], "an end in order leaves nothing");
    }
}
