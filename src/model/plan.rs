//! What is to be done for one client: the desired state against Altinn's two lists.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::{ClientId, OrganisationNumber, in_words};

use crate::words::{say, text};

/// What a manifest's `action` column asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Action {
    /// The client is to be delegated.
    Delegate,
    /// The client's delegation is to be removed.
    Remove,
}

impl Action {
    /// The word in the manifest.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// One readable row of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestRow {
    /// The line in the file that the row begins on, from 1.
    pub line: u64,
    /// The client.
    pub number: OrganisationNumber,
    /// From the `action` column, where there is one.
    pub action: Option<Action>,
    /// From the `agent` column, as it stands there; none for the job's agent.
    pub agent: Option<String>,
    /// The client's name, where a column holds names.
    pub name: Option<String>,
    /// Every cell of the row, as it stood there.
    pub cells: Vec<String>,
}

/// What is wanted for a client: the desired state, kept with the client from the plan to the end of its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Intent {
    /// It is to be delegated to the agent.
    Delegate,
    /// It is not to be delegated to the agent.
    Remove,
    /// It is delegated to the agent and is to be so once more, so that packages that came later reach it.
    Refresh,
    /// It is to be delegated to the agent, and when that is confirmed no longer to the old one.
    Move,
    /// A firm, which is to be asked for its system user.
    #[strum(serialize = "request")]
    Ask,
    /// A firm whose request is to be taken back.
    Withdraw,
}

impl Intent {
    /// The word in the ledger.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// What is sent first of a client; none of a firm that is asked, which is no client of anybody.
    pub fn operation(self) -> Option<Operation> {
        match self {
            Self::Remove => Some(Operation::Remove),
            Self::Delegate | Self::Refresh | Self::Move => Some(Operation::Delegate),
            Self::Ask | Self::Withdraw => None,
        }
    }
}

/// What is sent to Altinn for a client.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Operation {
    /// Give the agent the client.
    Delegate,
    /// Take one of the client's delegations from the agent.
    Remove,
}

impl Operation {
    /// The word in the ledger, the reports and the `action` column.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether the client's being listed as delegated is what this operation wants.
    pub fn wants_delegated(self) -> bool {
        self == Self::Delegate
    }
}

impl From<Action> for Operation {
    fn from(action: Action) -> Self {
        match action {
            Action::Delegate => Self::Delegate,
            Action::Remove => Self::Remove,
        }
    }
}

/// Where Altinn lists a client of this number, for this agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Listing {
    /// Its id in the list of clients that may be delegated to the agent, where it is in it and gives the agent anything.
    pub available: Option<ClientId>,
    /// Its id in the list of clients that are delegated to the agent.
    pub delegated: Option<ClientId>,
    /// Its id in the same list of the agent that it is to be moved from.
    pub on_old_agent: Option<ClientId>,
    /// What it gives the firm, of the agent's packages.
    pub gives: Gives,
    /// What the agent has of it now, where it is delegated.
    pub has: Has,
    /// Two different clients are listed with this number.
    pub ambiguous: bool,
}

/// What a client gives the firm, of the packages that an agent was approved for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Gives {
    /// The list does not tell, or does not have the client.
    #[default]
    Untold,
    /// All of them: it can be delegated.
    All,
    /// Some: Altinn refuses it.
    Some,
    /// None, though it is a client of the firm.
    Nothing,
}

/// What an agent has of a client that is delegated to it, of the packages that it was approved for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Has {
    /// The list does not tell, or does not have the client.
    #[default]
    Untold,
    /// All of them.
    All,
    /// Some: packages came to the agent, or from the client, after it was delegated.
    Some,
}

/// Why nothing is sent for a client that the manifest names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSent {
    /// Altinn does not list it as a client that may be delegated to this agent.
    NotAClient,
    /// It is a client of the firm, and gives it none of the agent's packages.
    GivesNothing,
    /// It gives the firm some of the agent's packages, and not all.
    Lacks,
    /// Altinn lists two different clients with this number.
    Ambiguous,
    /// It is not delegated, so that it cannot be so once more.
    NotDelegated,
    /// It is not delegated to the agent that it is to be moved from.
    NotOnOldAgent,
    /// The list has the name of another client beside its number.
    AnothersName,
}

impl NotSent {
    /// What is wrong, for the report; `missing` are the packages that the client does not give.
    pub fn message(self, missing: &[String]) -> String {
        let plain = match self {
            Self::GivesNothing if missing.is_empty() => {
                text!("model-the-agent-was-approved-for-no-access-package")
            }
            Self::GivesNothing => {
                return say!(
                    "model-the-client-is-a-client-of-the-firm-and-gives",
                    missing = in_words(missing)
                )
                .to_string();
            }
            Self::Lacks => {
                return say!("model-the-client-does-not-give-the-firm-every", missing = in_words(missing))
                    .to_string();
            }
            Self::NotAClient => {
                text!("model-altinn-does-not-list-this-organisation-among")
            }
            Self::Ambiguous => text!("model-altinn-lists-two-different-clients-with-this"),
            Self::NotDelegated => {
                text!("model-the-client-is-not-delegated-to-the-agent-and")
            }
            Self::NotOnOldAgent => text!("model-the-client-is-not-delegated-to-the-agent-that"),
            Self::AnothersName => text!("model-the-name-in-the-list-is-another-clients"),
        };
        plain.to_owned()
    }

    /// What a person can do.
    pub fn hint(self) -> &'static str {
        match self {
            Self::NotAClient => {
                text!("model-check-the-number-if-it-is-right-ask-the")
            }
            Self::GivesNothing | Self::Lacks => {
                text!("model-ask-the-client-to-register-your-firm-in-that")
            }
            Self::NotDelegated | Self::NotOnOldAgent => {
                text!("model-check-the-number-a-job-of-kind-delegate-gives")
            }
            Self::Ambiguous => text!("model-delegate-the-right-one-in-altinns-portal-or"),
            Self::AnothersName => text!("model-see-whether-the-number-or-the-name-is-wrong"),
        }
    }
}

/// What the plan says for one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planned {
    /// To be sent.
    Send(Operation, ClientId),
    /// Already so.
    Unchanged(Operation, Option<ClientId>),
    /// A failure at once; nothing is sent.
    NotSent(Operation, NotSent),
}

/// Decides what is to be done for a client, from what is wanted for it and Altinn's lists.
pub fn plan_client(intent: Intent, listing: Listing) -> Planned {
    // A firm that is asked is no client that a list could have.
    let not_a_client = Planned::NotSent(Operation::Delegate, NotSent::NotAClient);
    let Some(operation) = intent.operation() else { return not_a_client };
    if listing.ambiguous {
        return Planned::NotSent(operation, NotSent::Ambiguous);
    }
    let Listing { available, delegated, .. } = listing;
    match (intent, delegated, listing.has) {
        (Intent::Move, _, _) => plan_move(listing),
        (Intent::Remove, Some(id), _) => Planned::Send(operation, id),
        (Intent::Remove, None, _) => Planned::Unchanged(operation, available),
        (Intent::Refresh, None, _) => Planned::NotSent(operation, NotSent::NotDelegated),
        // The door does not tell what the agent has.
        (Intent::Refresh, Some(id), Has::Untold) => Planned::Send(operation, id),
        (Intent::Refresh, Some(id), Has::All) => Planned::Unchanged(operation, Some(id)),
        (Intent::Refresh, Some(id), Has::Some) => listing.send_what_is_given(Some(id)),
        // The register ends such a delegation itself, after a while.
        (Intent::Delegate, Some(id), Has::Some) if available.is_none() => {
            Planned::Unchanged(operation, Some(id))
        }
        (Intent::Delegate, Some(id), Has::Some) => listing.send_what_is_given(Some(id)),
        (Intent::Delegate, Some(id), Has::Untold | Has::All) => Planned::Unchanged(operation, Some(id)),
        (Intent::Delegate, None, _) => listing.send_what_is_given(available),
        (Intent::Ask | Intent::Withdraw, _, _) => not_a_client,
    }
}

impl Listing {
    /// A delegation, where the client gives what it takes.
    fn send_what_is_given(self, client: Option<ClientId>) -> Planned {
        let not_sent = |why| Planned::NotSent(Operation::Delegate, why);
        match (self.gives, client) {
            (Gives::Some, _) => not_sent(NotSent::Lacks),
            (Gives::Nothing, _) => not_sent(NotSent::GivesNothing),
            (Gives::All, Some(id)) => Planned::Send(Operation::Delegate, id),
            (Gives::Untold, Some(id)) if self.has == Has::Untold => Planned::Send(Operation::Delegate, id),
            _ => not_sent(NotSent::NotAClient),
        }
    }

    /// What a run keeps as wanted for a client that something is sent for. Who has some of the packages already is given
    /// the others as by a refresh: being listed proves nothing, and an undo takes nothing away that was there before.
    pub fn intent_to_keep(self, intent: Intent) -> Intent {
        match (intent, self.has) {
            (Intent::Delegate, Has::Some) if self.delegated.is_some() => Intent::Refresh,
            _ => intent,
        }
    }
}

/// First on the new agent, then off the old one; whoever cannot be on the new one stays where it is.
fn plan_move(listing: Listing) -> Planned {
    let Listing { delegated: on_new_agent, available, on_old_agent, has, .. } = listing;
    match (on_old_agent, on_new_agent) {
        // It has some of the packages there: the others first.
        (Some(id), Some(_)) if has == Has::Some => listing.send_what_is_given(Some(id)),
        (Some(id), Some(_)) => Planned::Send(Operation::Remove, id),
        (Some(_), None) => listing.send_what_is_given(available),
        (None, Some(id)) => Planned::Unchanged(Operation::Delegate, Some(id)),
        (None, None) => Planned::NotSent(Operation::Delegate, NotSent::NotOnOldAgent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::JobKind;
    use uuid::Uuid;

    const ID: ClientId = ClientId(Uuid::from_u128(7));

    fn listing(available: bool, delegated: bool) -> Listing {
        Listing {
            available: available.then_some(ID),
            delegated: delegated.then_some(ID),
            ..Listing::default()
        }
    }

    #[test]
    fn delegating_sends_only_for_a_client_that_is_available_and_not_delegated() {
        let plan = |available, delegated| plan_client(Intent::Delegate, listing(available, delegated));
        assert_eq!(plan(true, false), Planned::Send(Operation::Delegate, ID));
        assert_eq!(plan(true, true), Planned::Unchanged(Operation::Delegate, Some(ID)));
        assert_eq!(plan(false, true), Planned::Unchanged(Operation::Delegate, Some(ID)));
        assert_eq!(plan(false, false), Planned::NotSent(Operation::Delegate, NotSent::NotAClient));
    }

    #[test]
    fn removing_sends_only_for_a_client_that_is_delegated_available_or_not() {
        let plan = |available, delegated| plan_client(Intent::Remove, listing(available, delegated));
        assert_eq!(plan(true, true), Planned::Send(Operation::Remove, ID));
        assert_eq!(plan(false, true), Planned::Send(Operation::Remove, ID));
        assert_eq!(plan(true, false), Planned::Unchanged(Operation::Remove, Some(ID)));
        assert_eq!(plan(false, false), Planned::Unchanged(Operation::Remove, None));
    }

    #[test]
    fn a_manifest_job_does_what_the_row_says() {
        let plan = |action| plan_client(JobKind::Manifest.intent(Some(action)), listing(true, true));
        assert_eq!(plan(Action::Delegate), Planned::Unchanged(Operation::Delegate, Some(ID)));
        assert_eq!(plan(Action::Remove), Planned::Send(Operation::Remove, ID));
    }

    #[test]
    fn nothing_is_sent_for_a_number_that_two_clients_share() {
        let shared = Listing { ambiguous: true, ..listing(true, false) };
        assert_eq!(
            plan_client(Intent::Delegate, shared),
            Planned::NotSent(Operation::Delegate, NotSent::Ambiguous)
        );
    }

    #[test]
    fn refreshing_sends_for_whom_it_finds_and_gives_nobody_access_that_was_not_there() {
        let plan = |available, delegated| plan_client(Intent::Refresh, listing(available, delegated));
        assert_eq!(plan(true, true), Planned::Send(Operation::Delegate, ID));
        assert_eq!(plan(false, true), Planned::Send(Operation::Delegate, ID));
        assert_eq!(plan(true, false), Planned::NotSent(Operation::Delegate, NotSent::NotDelegated));
    }

    #[test]
    fn where_packages_are_told_nothing_is_sent_that_altinn_would_refuse_and_the_rest_of_what_was_approved_is()
    {
        use Planned::{NotSent as Not, Send, Unchanged};
        let (delegate, op) = (Intent::Delegate, Operation::Delegate);
        let plan = |intent, delegated: bool, gives, has| {
            let available = (!matches!(gives, Gives::Untold | Gives::Nothing)).then_some(ID);
            plan_client(intent, Listing { available, gives, has, ..listing(false, delegated) })
        };
        for (intent, delegated, gives, has, expected) in [
            (delegate, false, Gives::All, Has::Untold, Send(op, ID)),
            (delegate, false, Gives::Some, Has::Untold, Not(op, NotSent::Lacks)),
            (delegate, false, Gives::Nothing, Has::Untold, Not(op, NotSent::GivesNothing)),
            (delegate, false, Gives::Untold, Has::Untold, Not(op, NotSent::NotAClient)),
            (delegate, true, Gives::All, Has::All, Unchanged(op, Some(ID))),
            (delegate, true, Gives::Untold, Has::All, Unchanged(op, Some(ID))),
            (delegate, true, Gives::All, Has::Some, Send(op, ID)),
            (delegate, true, Gives::Some, Has::Some, Not(op, NotSent::Lacks)),
            (delegate, true, Gives::Untold, Has::Some, Unchanged(op, Some(ID))),
            (Intent::Refresh, true, Gives::All, Has::All, Unchanged(op, Some(ID))),
            (Intent::Refresh, true, Gives::All, Has::Some, Send(op, ID)),
            (Intent::Refresh, true, Gives::Some, Has::Some, Not(op, NotSent::Lacks)),
            (Intent::Refresh, true, Gives::Nothing, Has::Some, Not(op, NotSent::GivesNothing)),
            (Intent::Refresh, true, Gives::Untold, Has::Some, Not(op, NotSent::NotAClient)),
        ] {
            assert_eq!(
                plan(intent, delegated, gives, has),
                expected,
                "{intent:?} {delegated} {gives:?} {has:?}"
            );
        }
        let listed = Listing { has: Has::Some, ..listing(true, true) };
        assert_eq!(listed.intent_to_keep(delegate), Intent::Refresh);
        assert_eq!(Listing { has: Has::All, ..listed }.intent_to_keep(delegate), delegate);
        let moved = |has| {
            plan_client(
                Intent::Move,
                Listing { on_old_agent: Some(ID), gives: Gives::All, has, ..listing(true, true) },
            )
        };
        assert_eq!(moved(Has::Some), Send(Operation::Delegate, ID));
        assert_eq!(moved(Has::All), Send(Operation::Remove, ID));
    }

    #[test]
    fn what_is_lacking_is_named_with_who_must_give_it() {
        let missing =
            ["urn:altinn:accesspackage:regnskapsforer-lonn", "urn:altinn:accesspackage:skattegrunnlag"];
        let message = NotSent::Lacks.message(&missing.map(str::to_owned));
        assert!(
            message.contains("regnskapsforer-lonn (comes with the role accountant (regnskapsfører)"),
            "{message}"
        );
        assert!(message.contains("skattegrunnlag (is given by the client in Altinn)"), "{message}");
    }

    #[test]
    fn moving_takes_a_client_off_the_old_agent_only_when_it_is_on_the_new_one() {
        let plan = |old: bool, new: bool, available: bool| {
            let listing = Listing { on_old_agent: old.then_some(ID), ..listing(available, new) };
            plan_client(Intent::Move, listing)
        };
        for available in [true, false] {
            assert_eq!(plan(true, true, available), Planned::Send(Operation::Remove, ID));
            assert_eq!(plan(false, true, available), Planned::Unchanged(Operation::Delegate, Some(ID)));
            assert_eq!(
                plan(false, false, available),
                Planned::NotSent(Operation::Delegate, NotSent::NotOnOldAgent)
            );
        }
        assert_eq!(plan(true, false, true), Planned::Send(Operation::Delegate, ID));
        assert_eq!(plan(true, false, false), Planned::NotSent(Operation::Delegate, NotSent::NotAClient));
    }
}
