//! The states of one client in a run, and the one function that changes them.
//!
//! Used live and on recovery alike. Whatever is not listed in [`ClientState::after`] is illegal.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Operation;

/// Where a client stands in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientState {
    /// Planned; nothing is under way.
    Pending,
    /// The ledger holds it as about to be sent, or sent and not answered.
    Sending,
    /// Answered without a verdict; to be sent again.
    Waiting,
    /// Altinn answered that it is so; not confirmed by a read-back yet.
    Answered,
    /// Final: a read-back lists the client as delegated.
    Delegated,
    /// Final: a read-back no longer lists the client.
    Removed,
    /// Final: it was already so, nothing was sent.
    Unchanged,
    /// Final: refused, tries used up, or not a client.
    Failed,
    /// Final: the manifest row could not be read.
    Rejected,
}

/// What can happen to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientEvent {
    /// The ledger holds that it is about to be sent.
    Claimed,
    /// Altinn says that it is so.
    Accepted,
    /// No verdict; there are tries left.
    NoVerdict,
    /// No verdict, and no tries left.
    TriesUsedUp,
    /// Final for this client.
    Refused,
    /// The run was halted by this answer, or ended before it was sent; the client has had no verdict.
    SetBack,
    /// Altinn lists it as the operation wants, and it was not this run that made it so.
    AlreadySo,
    /// A read-back says what the operation wants.
    Confirmed,
    /// A read-back lists it on the new agent; it is to be taken off the old one.
    HalfMoved,
    /// A read-back no longer lists it on the old agent, after this run had delegated it to the new one.
    Moved,
    /// A read-back does not say what the operation wants, and it may be sent again.
    NotConfirmed,
    /// A read-back does not say what the operation wants, and it has been sent often enough.
    NeverConfirmed,
    /// Somebody has taken its access away since the plan was made, which this run is not to give back.
    Overtaken,
}

/// An event that cannot happen in this state: a fault of the program, never of its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a client that is {state:?} cannot be {event:?}; this is a fault in fullmakt, please report it")]
pub struct IllegalTransition {
    /// The state the client was in.
    pub state: ClientState,
    /// What was said to have happened.
    pub event: ClientEvent,
}

impl ClientState {
    /// Every state, in the order of a client's life.
    pub const ALL: [Self; 9] = [
        Self::Pending,
        Self::Sending,
        Self::Waiting,
        Self::Answered,
        Self::Delegated,
        Self::Removed,
        Self::Unchanged,
        Self::Failed,
        Self::Rejected,
    ];

    /// The state after an event.
    ///
    /// # Errors
    ///
    /// [`IllegalTransition`] for every pair that is not listed here.
    pub fn after(self, event: ClientEvent, operation: Operation) -> Result<Self, IllegalTransition> {
        use ClientEvent as Event;
        Ok(match (self, event) {
            (Self::Pending | Self::Waiting, Event::Claimed) => Self::Sending,

            (Self::Sending, Event::Accepted) => Self::Answered,
            (Self::Sending, Event::NoVerdict) => Self::Waiting,
            (Self::Sending, Event::TriesUsedUp | Event::Refused) => Self::Failed,
            (Self::Sending, Event::SetBack) => Self::Pending,

            (Self::Pending | Self::Sending, Event::AlreadySo) => Self::Unchanged,

            // A resume settles what was under way from Altinn's lists: so Sending and Waiting too.
            (Self::Answered | Self::Sending | Self::Waiting | Self::Pending, Event::Confirmed) => {
                match operation {
                    Operation::Delegate => Self::Delegated,
                    Operation::Remove => Self::Removed,
                }
            }
            (Self::Answered | Self::Sending | Self::Waiting | Self::Pending, Event::Moved) => Self::Delegated,
            (
                Self::Answered | Self::Sending | Self::Waiting | Self::Pending,
                Event::NotConfirmed | Event::HalfMoved,
            ) => Self::Pending,
            (Self::Answered, Event::NeverConfirmed) => Self::Failed,
            (Self::Answered | Self::Sending | Self::Waiting | Self::Pending, Event::Overtaken) => {
                Self::Failed
            }

            (state, event) => return Err(IllegalTransition { state, event }),
        })
    }

    /// Whether nothing more happens to the client in this run.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Pending | Self::Sending | Self::Waiting | Self::Answered)
    }

    /// The word in the ledger and in the reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Waiting => "waiting",
            Self::Answered => "answered",
            Self::Delegated => "delegated",
            Self::Removed => "removed",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
        }
    }

    /// Back from [`Self::as_str`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ClientEvent as Event;
    use ClientState as State;

    const EVENTS: [Event; 13] = [
        Event::Claimed,
        Event::Accepted,
        Event::NoVerdict,
        Event::TriesUsedUp,
        Event::Refused,
        Event::SetBack,
        Event::AlreadySo,
        Event::Confirmed,
        Event::NotConfirmed,
        Event::NeverConfirmed,
        Event::HalfMoved,
        Event::Moved,
        Event::Overtaken,
    ];

    /// The whole table: a row per state, a column per event in the order of `EVENTS`.
    fn expected(state: State, operation: Operation) -> [Option<State>; 13] {
        let done = match operation {
            Operation::Delegate => State::Delegated,
            Operation::Remove => State::Removed,
        };
        let (pending, sending) = (Some(State::Pending), Some(State::Sending));
        let (waiting, answered) = (Some(State::Waiting), Some(State::Answered));
        let (failed, unchanged, done) = (Some(State::Failed), Some(State::Unchanged), Some(done));
        let moved = Some(State::Delegated);
        match state {
            State::Pending => [
                sending, None, None, None, None, None, unchanged, done, pending, None, pending, moved, failed,
            ],
            State::Sending => [
                None, answered, waiting, failed, failed, pending, unchanged, done, pending, None, pending,
                moved, failed,
            ],
            State::Waiting => {
                [sending, None, None, None, None, None, None, done, pending, None, pending, moved, failed]
            }
            State::Answered => {
                [None, None, None, None, None, None, None, done, pending, failed, pending, moved, failed]
            }
            State::Delegated | State::Removed | State::Unchanged | State::Failed | State::Rejected => {
                [None; 13]
            }
        }
    }

    #[test]
    fn every_pair_of_state_and_event_is_what_the_table_says() {
        for operation in [Operation::Delegate, Operation::Remove] {
            for state in State::ALL {
                for (event, expected) in EVENTS.into_iter().zip(expected(state, operation)) {
                    let after = state.after(event, operation);
                    match expected {
                        Some(to) => assert_eq!(after, Ok(to), "{state:?} {event:?}"),
                        None => assert_eq!(after, Err(IllegalTransition { state, event })),
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_happens_to_a_client_in_a_final_state() {
        for state in State::ALL.into_iter().filter(|state| state.is_final()) {
            for event in EVENTS {
                assert!(state.after(event, Operation::Delegate).is_err(), "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn a_state_reads_back_from_its_word() {
        for state in State::ALL {
            assert_eq!(State::from_word(state.as_str()), Some(state));
        }
        assert_eq!(State::from_word("lost"), None);
    }
}
