//! What a read-back decides for one client: Altinn's list of now against what the run wants and has sent. Pure.
//!
//! Altinn's word beats ours: a client that its list has as wanted is done, whatever was answered, and one that it does
//! not have so is not, whatever was answered.

use super::{ClientEvent, ClientState, Intent, Operation};

/// When the list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// At the end of a round of sending: settles what was answered, refused, or given up.
    EndOfRound,
    /// In an outage in which lists are answered: settles those whose last request was not.
    Outage,
    /// Before clients are taken off an old agent: settles those that the new agent's list does not have.
    BeforeRemoval,
    /// Before a resume sends anything: settles every client that is in no final state.
    Recovery,
    /// A later run takes this one's place: settles every client that is in no final state, and nothing is sent.
    Supersession,
}

/// What is known of one client when the list has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own that a list or the ledger answers"
)]
pub struct Sighting {
    /// What is wanted.
    pub intent: Intent,
    /// The operation whose turn it is.
    pub operation: Operation,
    /// Where the client stands.
    pub state: ClientState,
    /// How often it was sent round again.
    pub rounds: u32,
    /// Anything was sent for it in this run.
    pub attempted: bool,
    /// The list of the agent whose turn it is has it.
    pub listed: bool,
    /// Of a move: the new agent's list has it.
    pub on_new_agent: bool,
    /// Of a move: the old agent's list has it.
    pub on_old_agent: bool,
    /// Of a move: this run has sent it to the new agent.
    pub sent_to_new_agent: bool,
    /// What a later run has settled about it on this agent.
    pub later: Later,
}

/// What later runs have settled about a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Later {
    /// Nothing.
    #[default]
    Nothing,
    /// One found it as it was wanted, and changed nothing.
    Found,
    /// One has changed it.
    Changed,
}

impl Sighting {
    fn moves(&self) -> bool {
        self.intent == Intent::Move
    }

    /// The list says what the operation wants. It says nothing about a refresh: the client is listed before it and
    /// after it.
    fn as_wanted(&self) -> bool {
        self.listed == self.operation.wants_delegated()
    }

    /// May be sent round again. A move has two operations, each with its rounds.
    fn has_rounds_left(&self, rounds: u32) -> bool {
        self.rounds + 1 < if self.moves() { 2 * rounds } else { rounds }
    }

    /// Of a move: it is to leave the old agent, and is not on the new one.
    pub fn must_return_to_new_agent(&self) -> bool {
        self.moves() && self.operation == Operation::Remove && !self.on_new_agent
    }

    /// A later run has changed the client, or has found what this run has not done. What this run sent and a later one only
    /// found there is this run's own: nobody else would take it back.
    fn is_a_later_runs(&self) -> bool {
        match self.later {
            Later::Nothing => false,
            Later::Changed => true,
            Later::Found => {
                let is_own = match self.intent {
                    Intent::Move => false,
                    Intent::Refresh => self.state == ClientState::Answered,
                    // What was refused somebody else may have done since.
                    _ => self.attempted && self.state != ClientState::Unverified,
                };
                !(is_own && self.as_wanted())
            }
        }
    }

    /// What a list that says what the operation wants makes of it.
    fn confirmed(&self) -> ClientEvent {
        match (self.intent, self.operation) {
            (Intent::Move, Operation::Delegate) => ClientEvent::HalfMoved,
            (Intent::Move, Operation::Remove) if self.sent_to_new_agent => ClientEvent::Moved,
            _ => ClientEvent::Confirmed,
        }
    }
}

/// Decides what has happened to a client. `rounds` is how often a client is sent at the most because a read-back does
/// not say what Altinn answered.
pub fn read_back(moment: Moment, client: &Sighting, rounds: u32) -> ClientEvent {
    match moment {
        Moment::EndOfRound => end_of_round(client, rounds),
        // In a refresh the list says nothing about the last request.
        Moment::Outage if client.as_wanted() && client.intent != Intent::Refresh => client.confirmed(),
        Moment::Outage => ClientEvent::NotConfirmed,
        Moment::BeforeRemoval if client.on_old_agent && client.has_rounds_left(rounds) => {
            ClientEvent::NotConfirmed
        }
        Moment::BeforeRemoval => ClientEvent::Overtaken,
        Moment::Recovery => recovery(client),
        Moment::Supersession => supersession(client),
    }
}

fn end_of_round(client: &Sighting, rounds: u32) -> ClientEvent {
    let refused = client.state == ClientState::Unverified;
    match (client.as_wanted(), client.intent) {
        // Being listed proves no refresh that Altinn has not accepted.
        (true, Intent::Refresh) if refused => ClientEvent::RefusalStands,
        (true, _) => client.confirmed(),
        (false, _) if refused => ClientEvent::RefusalStands,
        (false, Intent::Refresh) => ClientEvent::Overtaken,
        (false, _) if client.has_rounds_left(rounds) => ClientEvent::NotConfirmed,
        (false, _) => ClientEvent::NeverConfirmed,
    }
}

fn recovery(client: &Sighting) -> ClientEvent {
    if client.is_a_later_runs() {
        return ClientEvent::Superseded;
    }
    let as_wanted = client.as_wanted();
    match (client.intent, client.state) {
        (Intent::Refresh, ClientState::Unverified) => ClientEvent::RefusalStands,
        (Intent::Refresh, _) if !as_wanted => ClientEvent::Overtaken,
        (Intent::Refresh, ClientState::Answered) => ClientEvent::Confirmed,
        (Intent::Refresh, ClientState::Sending) => ClientEvent::SetBack,
        (Intent::Refresh, _) => ClientEvent::NotConfirmed,
        (Intent::Move, _) => recovery_of_a_move(client),
        (_, ClientState::Pending) if as_wanted && !client.attempted => ClientEvent::AlreadySo,
        (_, _) if as_wanted => ClientEvent::Confirmed,
        (_, ClientState::Unverified) => ClientEvent::RefusalStands,
        (_, ClientState::Sending) => ClientEvent::SetBack,
        (_, _) => ClientEvent::NotConfirmed,
    }
}

/// It must be on the new agent before it leaves the old one, whatever somebody has done meanwhile; who is on neither
/// has been taken away by somebody else.
fn recovery_of_a_move(client: &Sighting) -> ClientEvent {
    if !client.on_new_agent && !client.on_old_agent {
        return ClientEvent::Overtaken;
    }
    match (client.operation, client.state) {
        (_, _) if client.must_return_to_new_agent() => ClientEvent::NotConfirmed,
        (_, _) if client.as_wanted() => client.confirmed(),
        (_, ClientState::Unverified) => ClientEvent::RefusalStands,
        (_, ClientState::Sending) => ClientEvent::SetBack,
        (_, _) => ClientEvent::NotConfirmed,
    }
}

/// What this run has done is its own; what it has not is the later run's.
fn supersession(client: &Sighting) -> ClientEvent {
    match recovery(client) {
        event @ (ClientEvent::Confirmed
        | ClientEvent::Moved
        | ClientEvent::AlreadySo
        | ClientEvent::RefusalStands) => event,
        _ => ClientEvent::Superseded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ClientEvent as Event;
    use ClientState as State;

    const ROUNDS: u32 = 4;

    fn of(intent: Intent, operation: Operation, state: State, listed: bool) -> Sighting {
        Sighting {
            intent,
            operation,
            state,
            rounds: 0,
            attempted: state != State::Pending,
            listed,
            on_new_agent: false,
            on_old_agent: false,
            sent_to_new_agent: false,
            later: Later::Nothing,
        }
    }

    fn plain(intent: Intent, state: State, listed: bool) -> Sighting {
        of(intent, intent.operation().unwrap(), state, listed)
    }

    /// Of a move: whose turn it is, and where it is listed.
    fn moved(operation: Operation, state: State, new: bool, old: bool) -> Sighting {
        let listed = if operation == Operation::Delegate { new } else { old };
        Sighting {
            on_new_agent: new,
            on_old_agent: old,
            sent_to_new_agent: operation == Operation::Remove || state != State::Pending,
            ..of(Intent::Move, operation, state, listed)
        }
    }

    #[test]
    fn at_the_end_of_a_round_the_list_has_the_last_word() {
        use Intent::{Delegate, Refresh, Remove};
        for (intent, state, listed, event) in [
            (Delegate, State::Answered, true, Event::Confirmed),
            (Delegate, State::Answered, false, Event::NotConfirmed),
            (Delegate, State::Unverified, true, Event::Confirmed),
            (Delegate, State::Unverified, false, Event::RefusalStands),
            (Remove, State::Answered, false, Event::Confirmed),
            (Remove, State::Answered, true, Event::NotConfirmed),
            (Remove, State::Unverified, false, Event::Confirmed),
            (Remove, State::Unverified, true, Event::RefusalStands),
            (Refresh, State::Answered, true, Event::Confirmed),
            (Refresh, State::Answered, false, Event::Overtaken),
            (Refresh, State::Unverified, true, Event::RefusalStands),
            (Refresh, State::Unverified, false, Event::RefusalStands),
        ] {
            let decided = read_back(Moment::EndOfRound, &plain(intent, state, listed), ROUNDS);
            assert_eq!(decided, event, "{intent:?} {state:?} listed: {listed}");
        }
    }

    #[test]
    fn who_is_not_confirmed_goes_round_again_as_often_as_allowed_and_a_move_twice_as_often() {
        for (intent, last) in [(Intent::Delegate, ROUNDS), (Intent::Move, 2 * ROUNDS)] {
            let client = plain(intent, State::Answered, false);
            let decided = |rounds| read_back(Moment::EndOfRound, &Sighting { rounds, ..client }, ROUNDS);
            assert_eq!((decided(last - 2), decided(last - 1)), (Event::NotConfirmed, Event::NeverConfirmed));
        }
    }

    #[test]
    fn a_move_is_half_done_on_the_new_agent_and_done_off_the_old_one() {
        for (operation, new, old, event) in [
            (Operation::Delegate, true, true, Event::HalfMoved),
            (Operation::Delegate, false, true, Event::NotConfirmed),
            (Operation::Remove, true, false, Event::Moved),
            (Operation::Remove, true, true, Event::NotConfirmed),
        ] {
            let client = moved(operation, State::Answered, new, old);
            assert_eq!(read_back(Moment::EndOfRound, &client, ROUNDS), event, "{operation:?} {new} {old}");
        }
        let taken_off =
            Sighting { sent_to_new_agent: false, ..moved(Operation::Remove, State::Answered, true, false) };
        assert_eq!(read_back(Moment::EndOfRound, &taken_off, ROUNDS), Event::Confirmed);
    }

    #[test]
    fn in_an_outage_what_the_list_shows_is_done_and_what_it_does_not_is_to_be_sent_again() {
        use Intent::{Delegate, Refresh, Remove};
        for (intent, listed, event) in [
            (Delegate, true, Event::Confirmed),
            (Delegate, false, Event::NotConfirmed),
            (Remove, false, Event::Confirmed),
            (Remove, true, Event::NotConfirmed),
            (Refresh, true, Event::NotConfirmed),
        ] {
            let decided = read_back(Moment::Outage, &plain(intent, State::Waiting, listed), ROUNDS);
            assert_eq!(decided, event, "{intent:?} listed: {listed}");
        }
    }

    #[test]
    fn before_a_removal_a_client_that_is_not_on_the_new_agent_goes_back_to_it_or_was_overtaken() {
        let client = moved(Operation::Remove, State::Pending, false, true);
        assert_eq!(read_back(Moment::BeforeRemoval, &client, ROUNDS), Event::NotConfirmed);
        let worn_out = Sighting { rounds: 2 * ROUNDS - 1, ..client };
        assert_eq!(read_back(Moment::BeforeRemoval, &worn_out, ROUNDS), Event::Overtaken);
        let nowhere = moved(Operation::Remove, State::Pending, false, false);
        assert_eq!(read_back(Moment::BeforeRemoval, &nowhere, ROUNDS), Event::Overtaken);
    }

    #[test]
    fn a_recovery_settles_by_the_list_and_sets_back_what_was_under_way() {
        use Intent::{Delegate, Refresh, Remove};
        for (intent, state, listed, event) in [
            (Delegate, State::Pending, true, Event::AlreadySo),
            (Delegate, State::Sending, true, Event::Confirmed),
            (Delegate, State::Waiting, true, Event::Confirmed),
            (Delegate, State::Answered, true, Event::Confirmed),
            (Delegate, State::Unverified, true, Event::Confirmed),
            (Delegate, State::Pending, false, Event::NotConfirmed),
            (Delegate, State::Sending, false, Event::SetBack),
            (Delegate, State::Waiting, false, Event::NotConfirmed),
            (Delegate, State::Answered, false, Event::NotConfirmed),
            (Delegate, State::Unverified, false, Event::RefusalStands),
            (Remove, State::Pending, false, Event::AlreadySo),
            (Remove, State::Sending, true, Event::SetBack),
            (Refresh, State::Pending, true, Event::NotConfirmed),
            (Refresh, State::Sending, true, Event::SetBack),
            (Refresh, State::Answered, true, Event::Confirmed),
            (Refresh, State::Unverified, true, Event::RefusalStands),
            (Refresh, State::Pending, false, Event::Overtaken),
        ] {
            let decided = read_back(Moment::Recovery, &plain(intent, state, listed), ROUNDS);
            assert_eq!(decided, event, "{intent:?} {state:?} listed: {listed}");
        }
    }

    #[test]
    fn a_recovered_move_leaves_nobody_on_neither_agent() {
        for (operation, state, new, old, event) in [
            (Operation::Delegate, State::Sending, true, true, Event::HalfMoved),
            (Operation::Delegate, State::Sending, false, true, Event::SetBack),
            (Operation::Delegate, State::Unverified, false, true, Event::RefusalStands),
            (Operation::Remove, State::Sending, true, true, Event::SetBack),
            (Operation::Remove, State::Sending, true, false, Event::Moved),
            (Operation::Remove, State::Pending, false, true, Event::NotConfirmed),
            (Operation::Remove, State::Sending, false, false, Event::Overtaken),
            (Operation::Delegate, State::Pending, false, false, Event::Overtaken),
        ] {
            let client = moved(operation, state, new, old);
            let decided = read_back(Moment::Recovery, &client, ROUNDS);
            assert_eq!(decided, event, "{operation:?} {state:?} new {new} old {old}");
        }
    }

    #[test]
    fn what_a_later_run_has_settled_is_superseded_whatever_the_list_says() {
        for intent in [Intent::Delegate, Intent::Remove, Intent::Refresh, Intent::Move] {
            for state in [State::Pending, State::Sending, State::Waiting, State::Answered, State::Unverified]
            {
                for listed in [true, false] {
                    let client = Sighting { later: Later::Changed, ..plain(intent, state, listed) };
                    assert_eq!(read_back(Moment::Recovery, &client, ROUNDS), Event::Superseded);
                }
            }
        }
    }

    #[test]
    fn what_was_sent_and_a_later_run_only_found_is_the_runs_own() {
        let of = |intent, state, listed| {
            let client = Sighting { later: Later::Found, ..plain(intent, state, listed) };
            read_back(Moment::Recovery, &client, ROUNDS)
        };
        for (intent, listed) in [(Intent::Delegate, true), (Intent::Remove, false), (Intent::Refresh, true)] {
            assert_eq!(of(intent, State::Answered, listed), Event::Confirmed, "{intent:?}");
            assert_eq!(
                of(intent, State::Answered, !listed),
                Event::Superseded,
                "somebody has changed it since"
            );
            assert_eq!(of(intent, State::Pending, listed), Event::Superseded, "this run has not sent it");
            assert_eq!(of(intent, State::Unverified, listed), Event::Superseded, "Altinn refused it");
        }
        assert_eq!(of(Intent::Delegate, State::Sending, true), Event::Confirmed);
        assert_eq!(of(Intent::Refresh, State::Sending, true), Event::Superseded, "a list proves no refresh");
        assert_eq!(
            of(Intent::Move, State::Answered, true),
            Event::Superseded,
            "the later run finishes a move"
        );
    }

    #[test]
    fn a_superseded_run_keeps_what_it_has_done_and_sends_nothing_more() {
        for state in [State::Pending, State::Sending, State::Waiting, State::Answered, State::Unverified] {
            for intent in [Intent::Delegate, Intent::Remove, Intent::Refresh] {
                for listed in [true, false] {
                    let client = plain(intent, state, listed);
                    let event = read_back(Moment::Supersession, &client, ROUNDS);
                    let after = state.after(event, client.operation).unwrap();
                    assert!(after.is_final(), "{intent:?} {state:?} listed: {listed}: {event:?}");
                }
            }
        }
        let half = moved(Operation::Delegate, State::Sending, true, true);
        assert_eq!(read_back(Moment::Supersession, &half, ROUNDS), Event::Superseded);
    }
}
