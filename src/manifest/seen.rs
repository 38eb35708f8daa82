//! Which clients a list has named: about 14 bytes a client, the only thing that grows with the list.

use std::collections::{BTreeMap, HashMap, btree_map::Entry};

use crate::model::OrganisationNumber;

/// What rows have named: clients, with the agent where a row says which.
#[derive(Debug, Default)]
pub(super) struct Seen {
    without_agent: FirstLines,
    by_agent: HashMap<String, FirstLines>,
}

/// The line that named an organisation number first. In small pieces: a table that doubles is given back in one large one, and from
/// then on the C library keeps that much of whatever else is given back.
type FirstLines = BTreeMap<u32, u32>;

impl Seen {
    /// The line that named it first; `None` when this is the first.
    pub(super) fn insert(
        &mut self,
        number: OrganisationNumber,
        agent: Option<&str>,
        line: u64,
    ) -> Option<u64> {
        let first_lines = match agent {
            None => &mut self.without_agent,
            Some(agent) if self.by_agent.contains_key(agent) => self.by_agent.get_mut(agent)?,
            Some(new) => self.by_agent.entry(new.to_owned()).or_default(),
        };
        match first_lines.entry(number.as_u32()) {
            Entry::Occupied(first) => Some(u64::from(*first.get())),
            Entry::Vacant(place) => {
                place.insert(u32::try_from(line).unwrap_or(u32::MAX));
                None
            }
        }
    }
}
