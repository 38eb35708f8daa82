//! Who may ask firms for a system's users: one process at a time. On one host that is a lock of the operating system's; where
//! several hosts share the ledger, a lease in it besides.

#[cfg(feature = "postgres")]
use std::sync::Arc;

#[cfg(feature = "postgres")]
use super::{Fence, Lease, Leases};
use super::{Ledger, LedgerError};
use crate::state_dir::{AgentLock, LockError, StateDir};

/// Takes a system for a process, for what is written through one ledger.
pub struct AskingLocks {
    state: StateDir,
    #[cfg(feature = "postgres")]
    leases: Option<Arc<Leases>>,
    #[cfg(feature = "postgres")]
    fence: Fence,
    environment: String,
    system_id: String,
}

/// The right to ask, until it is dropped or another host has taken it over.
#[derive(Debug)]
#[expect(dead_code, reason = "held, not read")]
pub struct AskingLock {
    #[cfg(feature = "postgres")]
    lease: Option<Lease>,
    lock: AgentLock,
}

impl Ledger {
    /// The locks of a system, for what this ledger writes.
    pub fn asking_locks(&self, environment: &str, system_id: &str) -> AskingLocks {
        AskingLocks {
            state: self.state().clone(),
            #[cfg(feature = "postgres")]
            leases: self.leases(),
            #[cfg(feature = "postgres")]
            fence: self.fence(),
            environment: environment.to_owned(),
            system_id: system_id.to_owned(),
        }
    }

    /// Whether a process asks for a system's users: on this host where the ledger is in the state folder, or else on any.
    ///
    /// # Errors
    ///
    /// The server cannot be reached or refuses.
    pub fn is_asking(&self, environment: &str, system_id: &str) -> Result<bool, LedgerError> {
        #[cfg(feature = "postgres")]
        if let Some(leases) = self.leases() {
            return Ok(leases.holder(environment, &lease_of(system_id))?.is_some());
        }
        Ok(self.state().is_asking(environment, system_id))
    }
}

impl AskingLocks {
    /// Takes the system; none where another process has it, on whatever host.
    ///
    /// # Errors
    ///
    /// The lock's file cannot be used, or the server cannot be reached or refuses.
    pub fn take(&self) -> Result<Option<AskingLock>, LedgerError> {
        let lock = match self.state.lock_requests(&self.environment, &self.system_id) {
            Ok(lock) => lock,
            Err(LockError::Held) => return Ok(None),
            Err(LockError::Io { path, error }) => return Err(LedgerError::Folder { path, error }),
        };
        #[cfg(feature = "postgres")]
        let lease = match &self.leases {
            None => None,
            Some(leases) => match leases.take(&self.environment, &lease_of(&self.system_id), &self.fence)? {
                Some(lease) => Some(lease),
                None => return Ok(None),
            },
        };
        Ok(Some(AskingLock {
            #[cfg(feature = "postgres")]
            lease,
            lock,
        }))
    }
}

/// What the lease is called: no agent and no fleet's job has such a name.
#[cfg(feature = "postgres")]
fn lease_of(system_id: &str) -> String {
    format!("requests {system_id}")
}
