//! The states of one client in a run, and the one function that changes them.
//!
//! Used live and on recovery alike. Whatever is not listed in [`ClientState::after`] is illegal.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use thiserror::Error;

use super::Operation;

use crate::words::say;

/// Where a client stands in a run.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum ClientState {
    /// Planned; nothing is under way.
    Pending,
    /// The ledger holds it as about to be sent, or sent and not answered.
    Sending,
    /// Answered without a verdict; to be sent again.
    Waiting,
    /// Altinn answered that it is so; not confirmed by a read-back yet.
    Answered,
    /// Refused, or without a verdict at the last attempt: it has failed unless a read-back says what was wanted.
    Unverified,
    /// Final: a read-back lists the client as delegated.
    Delegated,
    /// Final: a read-back no longer lists the client.
    Removed,
    /// Final: a firm that has been asked for its system user. What it answers is not the run's.
    Asked,
    /// Final: a firm whose request has been taken back.
    Withdrawn,
    /// Final: it was already so, nothing was sent.
    Unchanged,
    /// Final: refused, attempts used up, or not a client; and Altinn's list does not have it as wanted.
    Failed,
    /// Final: a later run has settled the client on this agent, or has taken this run's place.
    Superseded,
    /// Final: the manifest row could not be read.
    Rejected,
}

/// What can happen to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, VariantArray)]
pub enum ClientEvent {
    /// The ledger holds that it is about to be sent.
    Claimed,
    /// Altinn says that it is so.
    Accepted,
    /// No verdict; there are attempts left.
    NoVerdict,
    /// No verdict, and no attempts left.
    AttemptsUsedUp,
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
    /// A read-back agrees with the refusal, or has nothing to say against giving up.
    RefusalStands,
    /// Somebody has taken its access away since the plan was made, which this run is not to give back.
    Overtaken,
    /// A later run has settled it, or has taken this run's place.
    Superseded,
    /// There is the request that the firm was to be asked with.
    FirmAsked,
    /// The firm's request is there no more, as was wanted.
    FirmWithdrawn,
}

/// An event that cannot happen in this state: a fault of the program, never of its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{}", say!("model-a-client-that-is-cannot-be-this-is-a-fault-in", state = format!("{:?}", .state), event = format!("{:?}", .event)))]
pub struct IllegalTransition {
    /// The state the client was in.
    pub state: ClientState,
    /// What was said to have happened.
    pub event: ClientEvent,
}

impl ClientState {
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
            (Self::Sending, Event::AttemptsUsedUp | Event::Refused) => Self::Unverified,
            (Self::Sending, Event::SetBack) => Self::Pending,

            (Self::Pending | Self::Sending | Self::Waiting, Event::AlreadySo) => Self::Unchanged,
            (Self::Unverified, Event::RefusalStands) => Self::Failed,
            (Self::Answered, Event::NeverConfirmed) => Self::Failed,
            (Self::Pending | Self::Sending | Self::Waiting, Event::FirmAsked) => Self::Asked,
            (Self::Pending | Self::Sending | Self::Waiting, Event::FirmWithdrawn) => Self::Withdrawn,

            // What a read-back decides, of every client that is in no final state: a resume settles them all.
            (state, _) if state.is_final() => return Err(IllegalTransition { state, event }),
            (_, Event::Confirmed) => match operation {
                Operation::Delegate => Self::Delegated,
                Operation::Remove => Self::Removed,
            },
            (_, Event::Moved) => Self::Delegated,
            (_, Event::HalfMoved | Event::NotConfirmed) => Self::Pending,
            (_, Event::Overtaken) => Self::Failed,
            (_, Event::Superseded) => Self::Superseded,

            (state, event) => return Err(IllegalTransition { state, event }),
        })
    }

    /// Whether nothing more happens to the client in this run.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Delegated
                | Self::Removed
                | Self::Asked
                | Self::Withdrawn
                | Self::Unchanged
                | Self::Failed
                | Self::Superseded
                | Self::Rejected
        )
    }

    /// The word in the ledger and in the reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ClientEvent as Event;
    use ClientState as State;

    /// The whole table: a row per state, a column per event in the order of `Event::VARIANTS`.
    fn expected(state: State, operation: Operation) -> [Option<State>; 17] {
        let done = Some(match operation {
            Operation::Delegate => State::Delegated,
            Operation::Remove => State::Removed,
        });
        let (pending, sending) = (Some(State::Pending), Some(State::Sending));
        let (waiting, answered) = (Some(State::Waiting), Some(State::Answered));
        let (unverified, unchanged) = (Some(State::Unverified), Some(State::Unchanged));
        let (failed, superseded, moved) =
            (Some(State::Failed), Some(State::Superseded), Some(State::Delegated));
        // Claimed, Accepted, NoVerdict, AttemptsUsedUp, Refused, SetBack, AlreadySo, Confirmed, HalfMoved, Moved,
        // NotConfirmed, NeverConfirmed, RefusalStands, Overtaken, Superseded, FirmAsked, FirmWithdrawn
        let (asked, withdrawn) = (Some(State::Asked), Some(State::Withdrawn));
        #[rustfmt::skip]
        let row = match state {
            State::Pending => [
                sending, None, None, None, None, None, unchanged, done, pending, moved, pending, None, None, failed,
                superseded, asked, withdrawn,
            ],
            State::Sending => [
                None, answered, waiting, unverified, unverified, pending, unchanged, done, pending, moved, pending,
                None, None, failed, superseded, asked, withdrawn,
            ],
            State::Waiting => [
                sending, None, None, None, None, None, unchanged, done, pending, moved, pending, None, None, failed,
                superseded, asked, withdrawn,
            ],
            State::Answered => [
                None, None, None, None, None, None, None, done, pending, moved, pending, failed, None, failed,
                superseded, None, None,
            ],
            State::Unverified => [
                None, None, None, None, None, None, None, done, pending, moved, pending, None, failed, failed,
                superseded, None, None,
            ],
            State::Delegated
            | State::Removed
            | State::Asked
            | State::Withdrawn
            | State::Unchanged
            | State::Failed
            | State::Superseded
            | State::Rejected => [None; 17],
        };
        row
    }

    #[test]
    fn every_pair_of_state_and_event_is_what_the_table_says() {
        for operation in [Operation::Delegate, Operation::Remove] {
            for state in State::VARIANTS.iter().copied() {
                for (event, expected) in Event::VARIANTS.iter().copied().zip(expected(state, operation)) {
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
        for state in State::VARIANTS.iter().filter(|state| state.is_final()) {
            for event in Event::VARIANTS {
                assert!(state.after(*event, Operation::Delegate).is_err(), "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn a_state_reads_back_from_its_word() {
        for state in State::VARIANTS {
            assert_eq!(state.as_str().parse(), Ok(*state));
        }
        assert!("lost".parse::<State>().is_err());
    }
}
