//! One run at a time per environment and agent.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Write},
    path::PathBuf,
};

use jiff::Timestamp;
use thiserror::Error;

use super::{Ledger, make_private_folder};
use crate::model::AgentId;

/// Held by the process that carries out a run on an agent. The operating system lets go of it when the
/// process ends, however it ends.
#[derive(Debug)]
pub struct AgentLock(#[expect(dead_code, reason = "held, not read")] File);

/// Why the lock was not had.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another process holds it.
    #[error("another run is at work on this agent")]
    Held,
    /// The lock file cannot be made.
    #[error("the lock of the agent cannot be taken: {0}")]
    Io(#[from] io::Error),
}

/// Who holds a lock, as the lock file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockHolder {
    /// The process's number.
    pub process: u32,
    /// When it took the lock.
    pub since: Timestamp,
}

impl Ledger {
    /// Takes the lock of an agent.
    ///
    /// # Errors
    ///
    /// [`LockError::Held`] when another process has it.
    pub fn lock_agent(&self, environment: &str, agent: AgentId) -> Result<AgentLock, LockError> {
        let path = self.lock_path(environment, agent);
        if let Some(folder) = path.parent() {
            make_private_folder(folder)?;
        }
        let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        // Only for people to read: the lock is the operating system's, whatever stands here.
        let written =
            file.set_len(0).and_then(|()| write!(file, "{} {:.0}", std::process::id(), Timestamp::now()));
        drop(written);
        Ok(AgentLock(file))
    }

    /// Who holds the lock of an agent, where its file says; it may be let go of at any moment.
    pub fn lock_holder(&self, environment: &str, agent: AgentId) -> Option<LockHolder> {
        let text = std::fs::read_to_string(self.lock_path(environment, agent)).ok()?;
        let (process, since) = text.split_once(' ')?;
        Some(LockHolder { process: process.parse().ok()?, since: since.trim().parse().ok()? })
    }

    fn lock_path(&self, environment: &str, agent: AgentId) -> PathBuf {
        let name: String = environment
            .chars()
            .map(|character| if character.is_ascii_alphanumeric() { character } else { '-' })
            .collect();
        self.folder().join("locks").join(format!("{name}-{agent}.lock"))
    }
}
