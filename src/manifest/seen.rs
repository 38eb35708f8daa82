//! Which clients a list has named: about 20 bytes a client, the only thing that grows with the list.

use std::collections::{HashMap, hash_map::Entry};

use crate::model::OrganisationNumber;

/// What rows have named: clients, with the agent where a row says which.
#[derive(Debug, Default)]
pub(super) struct Seen {
    agents: HashMap<String, u32>,
    first_lines: HashMap<u64, u32>,
}

impl Seen {
    /// The line that named it first; `None` when this is the first.
    pub(super) fn insert(
        &mut self,
        number: OrganisationNumber,
        agent: Option<&str>,
        line: u64,
    ) -> Option<u64> {
        let key = self.key(number, agent);
        match self.first_lines.entry(key) {
            Entry::Occupied(first) => Some(u64::from(*first.get())),
            Entry::Vacant(place) => {
                place.insert(u32::try_from(line).unwrap_or(u32::MAX));
                None
            }
        }
    }

    fn key(&mut self, number: OrganisationNumber, agent: Option<&str>) -> u64 {
        let next = u32::try_from(self.agents.len() + 1).unwrap_or(u32::MAX);
        let known = agent.map(|agent| self.agents.get(agent).copied().ok_or(agent));
        let agent = match known {
            None => 0,
            Some(Ok(place)) => place,
            Some(Err(new)) => *self.agents.entry(new.to_owned()).or_insert(next),
        };
        u64::from(agent) << 32 | u64::from(number.as_u32())
    }
}
