//! What engines that share a pace know together of an Altinn that answers nobody: then one of them asks now and then, for all.
//! Pure: the time is passed in. What one engine makes of an outage is in [`circuit_breaker`](super::circuit_breaker).

use std::{collections::HashSet, time::Duration};

use tokio::time::Instant;

/// So many requests in a row without a verdict,
const IN_A_ROW: u32 = 5;
/// of so many engines, and nobody asks but for all.
const ENGINES: usize = 2;
/// One request of each kind in so long: together fewer than ten a minute.
const ASKED_EVERY: Duration = Duration::from_secs(13);

/// What is asked of Altinn. It can answer lists while it refuses changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    /// A list, of system users or of clients.
    List,
    /// A change of a client.
    Change,
}

/// What has been asked in vain.
#[derive(Debug, Default)]
pub(super) struct Silence {
    lists: Row,
    changes: Row,
}

#[derive(Debug, Default)]
struct Row {
    in_a_row: u32,
    engines: HashSet<u64>,
    /// When one may ask for all; none while Altinn answers.
    ask_at: Option<Instant>,
}

impl Silence {
    fn row(&mut self, what: Asking) -> &mut Row {
        match what {
            Asking::List => &mut self.lists,
            Asking::Change => &mut self.changes,
        }
    }

    /// A request got a verdict: Altinn is there.
    pub(super) fn answered(&mut self, what: Asking) {
        *self.row(what) = Row::default();
    }

    /// A request of this engine got none.
    pub(super) fn unanswered(&mut self, what: Asking, engine: u64, now: Instant) {
        let row = self.row(what);
        row.in_a_row = row.in_a_row.saturating_add(1);
        row.engines.insert(engine);
        if row.in_a_row >= IN_A_ROW && row.engines.len() >= ENGINES {
            row.ask_at.get_or_insert(now + ASKED_EVERY);
        }
    }

    /// When something may be asked; none: at any time.
    pub(super) fn ask_at(&mut self, what: Asking) -> Option<Instant> {
        self.row(what).ask_at
    }

    /// Something is asked now.
    pub(super) fn asked(&mut self, what: Asking, now: Instant) {
        let row = self.row(what);
        row.ask_at = row.ask_at.map(|_| now + ASKED_EVERY);
    }
}
