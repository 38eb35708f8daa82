//! One run at a time per environment and agent.
//!
//! Two files beside each other: `….lock` is taken by a run and by nothing else; `….alive` is held by a run as long as it
//! lives and is what looking asks, so that no look ever keeps a run from its lock. The operating system lets go of both
//! when the process ends, however it ends.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use thiserror::Error;

use super::{StateDir, make_private_folder};
use crate::{
    clock,
    model::AgentId,
    words::{say, text},
};

/// Held by the process that executes a run on an agent.
#[derive(Debug)]
#[expect(dead_code, reason = "held, not read")]
pub struct AgentLock {
    taken: File,
    alive: File,
}

/// Why the lock was not had.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another process holds it.
    #[error("{}", text!("ledger-another-run-is-at-work-on-this-agent"))]
    Held,
    /// The lock file cannot be made, or is not ours.
    #[error("{}", say!("ledger-the-lock-of-the-agent-cannot-be-taken", path = path.display(), error = .error))]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
}

/// Who holds a lock, as the lock file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockHolder {
    /// The process's number.
    pub process: u32,
    /// When it took the lock.
    pub since: Timestamp,
}

impl StateDir {
    /// Takes the lock of an agent. `environment` is the environment's name.
    ///
    /// # Errors
    ///
    /// [`LockError::Held`] when another process has it.
    pub fn lock_agent(&self, environment: &str, agent: AgentId) -> Result<AgentLock, LockError> {
        lock_at(&self.lock_path(environment, agent, "lock"))
    }

    /// Takes the lock of a fleet: one process at a time carries its units out.
    ///
    /// # Errors
    ///
    /// [`LockError::Held`] when another process has it.
    pub fn lock_fleet(&self, name: &str) -> Result<AgentLock, LockError> {
        lock_at(&self.fleet_lock_path(name, "lock"))
    }

    /// Takes the lock of who is held of a fleet by hand: one process at a time changes that.
    ///
    /// # Errors
    ///
    /// [`LockError::Held`] when another process has it.
    pub fn lock_holds(&self, fleet: &str) -> Result<AgentLock, LockError> {
        lock_at(&self.path().join("locks").join(format!("holds-{fleet}.lock")))
    }

    /// Takes the lock of a vendor's system: one process at a time asks firms for its system users.
    ///
    /// # Errors
    ///
    /// [`LockError::Held`] when another process has it.
    pub fn lock_requests(&self, environment: &str, system_id: &str) -> Result<AgentLock, LockError> {
        lock_at(&self.requests_lock_path(environment, system_id, "lock"))
    }

    /// Whether a process asks for a system's users. Makes nothing, takes nothing.
    pub fn is_asking(&self, environment: &str, system_id: &str) -> bool {
        is_held_at(&self.requests_lock_path(environment, system_id, "alive"))
    }

    fn requests_lock_path(&self, environment: &str, system_id: &str, extension: &str) -> PathBuf {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
        let name: String = format!("{environment}-{system_id}").chars().map(plain).collect();
        self.path().join("locks").join(format!("requests-{name}.{extension}"))
    }

    /// Whether a process is at work on a fleet. Makes nothing, takes nothing.
    pub fn is_fleet_at_work(&self, name: &str) -> bool {
        is_held_at(&self.fleet_lock_path(name, "alive"))
    }

    fn fleet_lock_path(&self, name: &str, extension: &str) -> PathBuf {
        self.path().join("locks").join(format!("fleet-{name}.{extension}"))
    }

    /// Whether a run holds the lock of an agent. Makes nothing, takes nothing.
    pub fn is_held(&self, environment: &str, agent: AgentId) -> bool {
        is_held_at(&self.lock_path(environment, agent, "alive"))
    }

    /// Who holds the lock of an agent, where its file says; it may be let go of at any moment.
    pub fn lock_holder(&self, environment: &str, agent: AgentId) -> Option<LockHolder> {
        let text = fs::read_to_string(self.lock_path(environment, agent, "lock")).ok()?;
        let (process, since) = text.split_once(' ')?;
        Some(LockHolder { process: process.parse().ok()?, since: since.trim().parse().ok()? })
    }

    fn lock_path(&self, environment: &str, agent: AgentId, extension: &str) -> PathBuf {
        let name: String = environment
            .chars()
            .map(|character| if character.is_ascii_alphanumeric() { character } else { '-' })
            .collect();
        self.path().join("locks").join(format!("{name}-{agent}.{extension}"))
    }
}

/// Takes a lock, with the file beside it that looking asks.
fn lock_at(path: &Path) -> Result<AgentLock, LockError> {
    let alive_path = path.with_extension("alive");
    let wrong = |path: &Path| {
        let path = path.to_owned();
        move |error| LockError::Io { path, error }
    };
    if let Some(folder) = path.parent() {
        make_private_folder(folder).map_err(wrong(folder))?;
    }
    let mut taken = open_own(path).map_err(wrong(path))?;
    match taken.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(LockError::Held),
        Err(TryLockError::Error(error)) => return Err(wrong(path)(error)),
    }
    // Those who look hold this for a moment, and share it.
    let alive = open_own(&alive_path).map_err(wrong(&alive_path))?;
    alive.lock().map_err(wrong(&alive_path))?;
    // Only for people to read: the lock is the operating system's, whatever stands here.
    let written = taken.set_len(0).and_then(|()| write!(taken, "{} {:.0}", std::process::id(), clock::now()));
    drop(written);
    Ok(AgentLock { taken, alive })
}

/// Whether somebody holds the file that looking asks.
fn is_held_at(alive: &Path) -> bool {
    let alive = OpenOptions::new().read(true).open(alive);
    alive.is_ok_and(|alive| matches!(alive.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Opens a lock file for writing, and makes it where it is missing. What stands there under its name and leads
/// elsewhere is not followed: its target would be emptied.
fn open_own(path: &Path) -> io::Result<File> {
    let leads_elsewhere = || io::Error::other(text!("ledger-it-is-a-symbolic-link-and-a-lock-file-is-none"));
    let is_link = || fs::symlink_metadata(path).is_ok_and(|metadata| metadata.file_type().is_symlink());
    if is_link() {
        return Err(leads_elsewhere());
    }
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    // Put there between the look and the opening.
    if is_link() { Err(leads_elsewhere()) } else { Ok(file) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const AGENT: AgentId = AgentId(Uuid::from_u128(7));

    fn state() -> (tempfile::TempDir, StateDir) {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::at(folder.path());
        (folder, state)
    }

    #[test]
    fn looking_makes_nothing_and_says_who_holds_the_lock() {
        let (folder, state) = state();
        assert!(!state.is_held("tt02", AGENT));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let lock = state.lock_agent("tt02", AGENT).unwrap();
        assert!(state.is_held("tt02", AGENT) && !state.is_held("prod", AGENT));
        assert!(matches!(state.lock_agent("tt02", AGENT), Err(LockError::Held)));
        assert_eq!(state.lock_holder("tt02", AGENT).unwrap().process, std::process::id());
        drop(lock);
        assert!(!state.is_held("tt02", AGENT));
    }

    #[test]
    fn looks_without_end_never_keep_a_run_from_its_lock_and_never_see_each_other() {
        let (_folder, state) = state();
        drop(state.lock_agent("tt02", AGENT).unwrap());
        let stop = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                        state.is_held("tt02", AGENT);
                    }
                });
            }
            for _ in 0..500 {
                assert!(!state.is_held("tt02", AGENT), "a look is taken for a run");
                drop(state.lock_agent("tt02", AGENT).unwrap());
            }
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
        });
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_file_that_is_a_link_is_refused_and_its_target_left_alone() {
        let (folder, state) = state();
        let target = folder.path().join("precious");
        fs::write(&target, "precious").unwrap();
        drop(state.lock_agent("tt02", AGENT).unwrap());
        let path = state.lock_path("tt02", AGENT, "lock");
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(&target, &path).unwrap();
        let error = state.lock_agent("tt02", AGENT).unwrap_err();
        assert!(error.to_string().contains("symbolic link"), "{error}");
        assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
    }
}
