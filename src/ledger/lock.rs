//! One run at a time per environment and agent.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
};

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

impl Ledger {
    /// Takes the lock of an agent.
    ///
    /// # Errors
    ///
    /// [`LockError::Held`] when another process has it.
    pub fn lock_agent(&self, environment: &str, agent: AgentId) -> Result<AgentLock, LockError> {
        let folder = self.folder().join("locks");
        make_private_folder(&folder)?;
        let name: String = environment
            .chars()
            .map(|character| if character.is_ascii_alphanumeric() { character } else { '-' })
            .collect();
        let path = folder.join(format!("{name}-{agent}.lock"));
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(AgentLock(file)),
            Err(TryLockError::WouldBlock) => Err(LockError::Held),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}
