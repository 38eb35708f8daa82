//! Who is held by hand: a file in the state folder, which a fleet at work looks at several times a second.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::record::{self, KeptError};
use crate::{model::OrganisationNumber, state_dir::StateDir};

/// One hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Since when.
    pub since: Timestamp,
    /// Why, as somebody said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
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
    pub fn read(state: &StateDir, fleet: &str) -> Result<Self, KeptError> {
        record::read(state, &format!("{fleet}.held.json"))
    }

    /// Keeps it.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn write(&self, state: &StateDir, fleet: &str) -> Result<(), KeptError> {
        record::write(state, &format!("{fleet}.held.json"), self)
    }

    /// Whether a firm may not send, alone or with all.
    pub fn holds(&self, firm: OrganisationNumber) -> bool {
        self.all.is_some() || self.firms.contains_key(&firm.to_string())
    }

    /// Holds one firm, or all.
    pub fn hold(&mut self, firm: Option<OrganisationNumber>, since: Timestamp, reason: String) {
        let hold = Hold { since, reason };
        match firm {
            Some(firm) => drop(self.firms.insert(firm.to_string(), hold)),
            None => self.all = Some(hold),
        }
    }

    /// Lets one firm go on, or all. Answers whether it was held.
    pub fn release(&mut self, firm: Option<OrganisationNumber>) -> bool {
        if let Some(firm) = firm {
            return self.firms.remove(&firm.to_string()).is_some();
        }
        let was = self.all.is_some() || !self.firms.is_empty();
        *self = Self::default();
        was
    }
}
