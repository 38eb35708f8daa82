//! Clients without a verdict, to be claimed again when their time comes.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
};

use tokio::time::Instant;

use crate::ledger::Claimed;

/// Clients by the time at which they may be sent again.
#[derive(Default)]
pub(super) struct Waiting {
    due: BinaryHeap<Reverse<(Instant, i64)>>,
    claims: HashMap<i64, Claimed>,
}

impl Waiting {
    pub(super) fn push(&mut self, due: Instant, claimed: Claimed) {
        self.due.push(Reverse((due, claimed.row)));
        self.claims.insert(claimed.row, claimed);
    }

    pub(super) fn next_due(&self) -> Option<Instant> {
        self.due.peek().map(|Reverse((due, _))| *due)
    }

    /// Takes up to `most` of those whose time has come.
    pub(super) fn take_due(&mut self, now: Instant, most: usize) -> Vec<Claimed> {
        let mut taken = Vec::new();
        while taken.len() < most && self.next_due().is_some_and(|due| due <= now) {
            let Some(Reverse((_, row))) = self.due.pop() else {
                break;
            };
            taken.extend(self.claims.remove(&row));
        }
        taken
    }

    /// Takes the one whose time comes first, whether it has come or not.
    pub(super) fn take_first(&mut self) -> Option<Claimed> {
        let Reverse((_, row)) = self.due.pop()?;
        self.claims.remove(&row)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.claims.is_empty()
    }

    /// Gives a client an attempt back. Answers whether it waits here.
    pub(super) fn give_back(&mut self, row: i64) -> bool {
        let claimed = self.claims.get_mut(&row);
        claimed.map(|claimed| claimed.tries = claimed.tries.saturating_sub(1)).is_some()
    }
}
