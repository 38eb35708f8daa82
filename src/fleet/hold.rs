//! Who is held by hand: a file in the state folder, which a fleet at work looks at several times a second.

use std::{
    collections::BTreeMap,
    io, thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::record::{self, KeptError, Place};
use crate::{
    model::OrganisationNumber,
    state_dir::{AgentLock, LockError, StateDir},
};

/// Another who changes the holds is waited for so long, and looked at so often.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// What all firms together are called among those that are held.
#[cfg(feature = "postgres")]
const ALL: &str = "*";

/// One hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Since when.
    pub since: Timestamp,
    /// Why, as somebody said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl Hold {
    /// The reason as it stands behind what is held; empty where nobody gave one.
    pub fn why(&self) -> String {
        if self.reason.is_empty() { String::new() } else { format!(": {}", self.reason) }
    }
}

/// Who is held.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Holds {
    /// All firms.
    pub all: Option<Hold>,
    /// Single firms, by their numbers.
    pub firms: BTreeMap<String, Hold>,
}

impl Holds {
    /// Who is held of the fleet of this name; nobody where nothing was ever held.
    ///
    /// # Errors
    ///
    /// The file cannot be read: then nobody knows, and nothing is to be sent.
    pub fn read(place: &Place, fleet: &str) -> Result<Self, KeptError> {
        match place {
            Place::Folder(state) => record::read(state, &file_of(fleet)),
            #[cfg(feature = "postgres")]
            Place::Server(ledger) => {
                let mut holds = Self::default();
                for row in ledger.kept(fleet, "hold")? {
                    // What cannot be read holds all the same.
                    let hold = serde_json::from_str(&row.value)
                        .unwrap_or(Hold { since: Timestamp::UNIX_EPOCH, reason: String::new() });
                    if row.name == ALL {
                        holds.all = Some(hold);
                    } else {
                        holds.firms.insert(row.name, hold);
                    }
                }
                Ok(holds)
            }
        }
    }

    /// Changes and keeps it. What others change meanwhile stays.
    ///
    /// # Errors
    ///
    /// The file cannot be read, locked or written.
    pub fn change<T>(
        place: &Place,
        fleet: &str,
        change: impl FnOnce(&mut Self) -> T,
    ) -> Result<(Self, T), KeptError> {
        let _lock = match place {
            Place::Folder(state) => Some(lock(state, fleet)?),
            // There each row is changed for itself.
            #[cfg(feature = "postgres")]
            Place::Server(_) => None,
        };
        let before = Self::read(place, fleet)?;
        let mut holds = before.clone();
        let answer = change(&mut holds);
        if holds != before {
            holds.write(place, fleet, &before)?;
        }
        Ok((holds, answer))
    }

    #[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "the file is written whole"))]
    fn write(&self, place: &Place, fleet: &str, before: &Self) -> Result<(), KeptError> {
        match place {
            Place::Folder(state) => record::write(state, &file_of(fleet), self),
            #[cfg(feature = "postgres")]
            Place::Server(ledger) => {
                let (before, now) = (before.by_name(), self.by_name());
                for name in before.keys().filter(|name| !now.contains_key(*name)) {
                    ledger.keep(fleet, "hold", name, None)?;
                }
                for (name, hold) in now.iter().filter(|(name, hold)| before.get(*name) != Some(hold)) {
                    let hold = serde_json::to_string(hold).unwrap_or_default();
                    ledger.keep(fleet, "hold", name, Some(&hold))?;
                }
                Ok(())
            }
        }
    }

    /// The holds by the names of their rows.
    #[cfg(feature = "postgres")]
    fn by_name(&self) -> BTreeMap<&str, &Hold> {
        let firms = self.firms.iter().map(|(firm, hold)| (firm.as_str(), hold));
        self.all.iter().map(|hold| (ALL, hold)).chain(firms).collect()
    }

    /// Whether a firm may not send, alone or with all.
    pub fn holds(&self, firm: OrganisationNumber) -> bool {
        self.of(firm).is_some()
    }

    /// Holds one firm, or all.
    pub fn hold(&mut self, firm: Option<OrganisationNumber>, since: Timestamp, reason: String) {
        let hold = Hold { since, reason };
        match firm {
            Some(firm) => drop(self.firms.insert(firm.to_string(), hold)),
            None => self.all = Some(hold),
        }
    }

    /// The hold that keeps a firm from sending: its own, or that of all.
    pub fn of(&self, firm: OrganisationNumber) -> Option<&Hold> {
        self.firms.get(&firm.to_string()).or(self.all.as_ref())
    }

    /// Lets one firm go on, or all that are held together: who is held alone stays so, for a reason of its own. Answers
    /// whether that hold was there.
    pub fn release(&mut self, firm: Option<OrganisationNumber>) -> bool {
        match firm {
            Some(firm) => self.firms.remove(&firm.to_string()).is_some(),
            None => self.all.take().is_some(),
        }
    }
}

/// Takes the lock of a fleet's holds, which is had for a moment: whoever has it for long has been stopped with it in hand.
fn lock(state: &StateDir, fleet: &str) -> Result<AgentLock, KeptError> {
    let begin = Instant::now();
    loop {
        let (file, error) = match state.lock_holds(fleet) {
            Ok(lock) => return Ok(lock),
            Err(LockError::Held) if begin.elapsed() < PATIENCE => {
                thread::sleep(LOOK_AGAIN);
                continue;
            }
            Err(LockError::Held) => (file_of(fleet), io::ErrorKind::TimedOut.into()),
            Err(LockError::Io { path, error }) => (path.display().to_string(), error),
        };
        return Err(KeptError::File { file, error });
    }
}

/// The file of who is held, among a fleet's.
fn file_of(fleet: &str) -> String {
    format!("{fleet}.held.json")
}
