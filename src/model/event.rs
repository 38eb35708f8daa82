//! What a run tells while it goes on: one vocabulary for every reporter.

use jiff::Timestamp;

use super::{AgentId, ClientId, ClientList, ClientState, HaltCause, Operation, Totals};

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A list of clients is about to be read.
    Reading {
        /// Which list.
        list: ClientList,
        /// Whose.
        agent: AgentId,
    },
    /// Another process is at work on an agent, and its end is waited for.
    Held {
        /// The process's number and when it began, where that is known.
        holder: Option<(u32, Timestamp)>,
        /// How long it is waited for at the most.
        patience: std::time::Duration,
    },
    /// A run is executed from here on; its counts stand so.
    Began(Totals),
    /// The run has come to another part of its work.
    Phase(Phase),
    /// One client went from one state to another, and the ledger holds it.
    Changed {
        /// The ledger's key of the client in this run.
        row: i64,
        /// The client, where Altinn lists it.
        client: Option<ClientId>,
        /// The agent that it is about.
        agent: AgentId,
        /// What is done for it.
        operation: Operation,
        /// Where it stood.
        from: ClientState,
        /// Where it stands.
        to: ClientState,
    },
    /// One firm that a vendor asks for its system user has come to something, and the ledger holds it.
    Asked {
        /// It could not be asked.
        failed: bool,
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
    /// Answers are so slow that the job's `in_flight` and not its rate holds the pace back. Told once.
    HeldBack {
        /// The job's `in_flight`.
        in_flight: usize,
        /// How many requests under way at once the rate would need.
        needed: usize,
    },
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
    /// Altinn refuses more requests just now (429), and does not say until when.
    Throttled,
    /// Altinn answers lists and refuses changes; one client is sent now and then to see whether that is over.
    ChangesRefused,
    /// Altinn's answer may be a passing fault, and is asked for again.
    Unclear,
    /// Something on this side is in the way, and may pass.
    ThisSide(HaltCause),
}
