//! The counts of a run. They always add up.

use serde::{Deserialize, Serialize};

use super::ClientState;

/// How many clients of a run stand where.
///
/// `delegated + removed + unchanged + failed + rejected + pending` is the number of distinct
/// clients of the run (a row that could not be read counts as one), always; of a run that asks firms it is
/// `asked + withdrawn` instead of the first two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Rows of the manifest, those that could not be read and those that say the same again included.
    pub rows: u64,
    /// Listed by Altinn as delegated, after this run delegated them.
    pub delegated: u64,
    /// No longer listed by Altinn, after this run removed them.
    pub removed: u64,
    /// Already so, and nothing was sent; or superseded.
    pub unchanged: u64,
    /// Refused, given up, or not a client.
    pub failed: u64,
    /// Rows that could not be read.
    pub rejected: u64,
    /// Not settled yet.
    pub pending: u64,
    /// Firms that a vendor has asked for their system users: in runs of kind `request` only.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub asked: u64,
    /// Firms whose requests were taken back: in runs of kind `withdraw` only.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub withdrawn: u64,
    /// Of the pending: those that Altinn has answered for and a read-back has yet to confirm.
    pub answered: u64,
    /// Of the unchanged: those that a later run settled, or whose run a later one superseded.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub superseded: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Totals {
    /// Counts `many` clients that stand in `state`.
    pub fn count(&mut self, state: ClientState, many: u64) {
        *self.of_state(state) += many;
        match state {
            ClientState::Answered => self.answered += many,
            ClientState::Superseded => self.superseded += many,
            _ => {}
        }
    }

    /// Counts the clients of another run besides.
    pub fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.delegated += other.delegated;
        self.removed += other.removed;
        self.unchanged += other.unchanged;
        self.failed += other.failed;
        self.rejected += other.rejected;
        self.pending += other.pending;
        self.asked += other.asked;
        self.withdrawn += other.withdrawn;
        self.answered += other.answered;
        self.superseded += other.superseded;
    }

    /// The counts that make up the clients, each with its word.
    pub fn by_outcome(&self) -> Vec<(&'static str, u64)> {
        let of_firms = [("asked", self.asked), ("withdrawn", self.withdrawn)];
        let outcomes = [
            ("delegated", self.delegated),
            ("removed", self.removed),
            ("unchanged", self.unchanged),
            ("failed", self.failed),
            ("rejected", self.rejected),
            ("pending", self.pending),
        ];
        outcomes.into_iter().chain(of_firms.into_iter().filter(|(_, firms)| *firms > 0)).collect()
    }

    /// What was carried out: clients delegated and removed, firms asked and requests taken back.
    pub fn done(&self) -> u64 {
        self.delegated + self.removed + self.asked + self.withdrawn
    }

    /// One client went from one state to another.
    pub fn moved(&mut self, from: ClientState, to: ClientState) {
        *self.of_state(from) -= 1;
        if from == ClientState::Answered {
            self.answered -= 1;
        }
        self.count(to, 1);
    }

    /// The number of distinct clients.
    pub fn clients(&self) -> u64 {
        self.done() + self.unchanged + self.failed + self.rejected + self.pending
    }

    fn of_state(&mut self, state: ClientState) -> &mut u64 {
        match state {
            ClientState::Pending
            | ClientState::Sending
            | ClientState::Waiting
            | ClientState::Answered
            | ClientState::Unverified => &mut self.pending,
            ClientState::Delegated => &mut self.delegated,
            ClientState::Removed => &mut self.removed,
            ClientState::Asked => &mut self.asked,
            ClientState::Withdrawn => &mut self.withdrawn,
            ClientState::Unchanged | ClientState::Superseded => &mut self.unchanged,
            ClientState::Failed => &mut self.failed,
            ClientState::Rejected => &mut self.rejected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ClientEvent, Operation};
    use proptest::prelude::*;
    use strum::VariantArray as _;

    fn any_event() -> impl Strategy<Value = ClientEvent> {
        prop::sample::select(ClientEvent::VARIANTS)
    }

    proptest! {
        #[test]
        fn totals_add_up_after_any_events_in_any_order(
            events in prop::collection::vec((0usize..8, any_event()), 0..200)
        ) {
            let mut states = [ClientState::Pending; 8];
            let mut totals = Totals::default();
            totals.count(ClientState::Pending, 8);
            for (client, event) in events {
                if let Ok(to) = states[client].after(event, Operation::Delegate) {
                    totals.moved(states[client], to);
                    states[client] = to;
                }
                let mut recounted = Totals::default();
                for state in states {
                    recounted.count(state, 1);
                }
                prop_assert_eq!(totals, recounted);
                prop_assert_eq!(totals.clients(), 8);
            }
        }
    }
}
