//! What a run tells while it goes on: one vocabulary for every reporter.

use jiff::Timestamp;

use super::{ClientState, Totals};

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A run is carried out from here on; its counts stand so.
    Began(Totals),
    /// The run has come to another part of its work.
    Phase(Phase),
    /// One client went from one state to another, and the ledger holds it.
    Changed {
        /// Where it stood.
        from: ClientState,
        /// Where it stands.
        to: ClientState,
    },
    /// Nothing is sent until then.
    Waiting {
        /// When sending may go on.
        until: Timestamp,
        /// Why it waits.
        why: WaitReason,
    },
    /// The wait is over.
    Going,
}

/// The parts of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Clients are delegated and removed.
    Sending,
    /// Altinn's list is read again, to see whether it is so.
    ReadingBack,
}

/// Why a run waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitReason {
    /// Altinn's `Retry-After`.
    Told,
    /// Altinn does not answer; the program asks now and then whether it is back.
    Outage,
    /// Altinn's answer may be a passing fault, and is asked for again.
    Unclear,
}
