//! What is to be done for one client: the desired state against Altinn's two lists.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::{ClientId, OrganisationNumber};

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
}

impl Intent {
    /// The word in the ledger.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// What is sent first.
    pub fn operation(self) -> Operation {
        match self {
            Self::Remove => Operation::Remove,
            Self::Delegate | Self::Refresh | Self::Move => Operation::Delegate,
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
    /// `POST /clients`.
    Delegate,
    /// `DELETE /clients`.
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
    /// Its id in `GET /clients/available`.
    pub available: Option<ClientId>,
    /// Its id in `GET /clients`.
    pub delegated: Option<ClientId>,
    /// Its id in `GET /clients` of the agent that it is to be moved from.
    pub on_old_agent: Option<ClientId>,
    /// Two different clients are listed with this number.
    pub ambiguous: bool,
}

/// Why nothing is sent for a client that the manifest names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSent {
    /// Altinn does not list it as a client that may be delegated to this agent.
    NotAClient,
    /// Altinn lists two different clients with this number.
    Ambiguous,
    /// It is not delegated, so that it cannot be so once more.
    NotDelegated,
    /// It is not delegated to the agent that it is to be moved from.
    NotOnOldAgent,
}

impl NotSent {
    /// What is wrong, for the report.
    pub fn message(self) -> &'static str {
        match self {
            Self::NotAClient => {
                "Altinn does not list this organisation among the clients that may be delegated to the agent"
            }
            Self::Ambiguous => "Altinn lists two different clients with this organisation number",
            Self::NotDelegated => {
                "the client is not delegated to the agent, and a refresh gives no new access"
            }
            Self::NotOnOldAgent => "the client is not delegated to the agent that it is to be moved from",
        }
    }

    /// What a person can do.
    pub fn hint(self) -> &'static str {
        match self {
            Self::NotAClient => {
                "check the number; if it is right, ask the client to register your firm in its role \
                 (accountant, auditor, business manager) or to give it the access package in Altinn, then try again"
            }
            Self::NotDelegated | Self::NotOnOldAgent => {
                "check the number; a job of kind delegate gives a client access that it does not have"
            }
            Self::Ambiguous => "delegate the right one in Altinn's portal, or ask Altinn which is current",
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
    let operation = intent.operation();
    if listing.ambiguous {
        return Planned::NotSent(operation, NotSent::Ambiguous);
    }
    let Listing { available, delegated, on_old_agent, .. } = listing;
    match (intent, delegated, available) {
        (Intent::Move, _, _) => plan_move(delegated, available, on_old_agent),
        (Intent::Refresh, Some(id), _) => Planned::Send(operation, id),
        (Intent::Refresh, None, _) => Planned::NotSent(operation, NotSent::NotDelegated),
        (Intent::Delegate, Some(id), _) => Planned::Unchanged(operation, Some(id)),
        (Intent::Delegate, None, Some(id)) | (Intent::Remove, Some(id), _) => Planned::Send(operation, id),
        (Intent::Delegate, None, None) => Planned::NotSent(operation, NotSent::NotAClient),
        (Intent::Remove, None, available) => Planned::Unchanged(operation, available),
    }
}

/// First on the new agent, then off the old one; whoever cannot be on the new one stays where it is.
fn plan_move(
    on_new_agent: Option<ClientId>,
    available: Option<ClientId>,
    on_old_agent: Option<ClientId>,
) -> Planned {
    match (on_old_agent, on_new_agent, available) {
        (Some(id), Some(_), _) => Planned::Send(Operation::Remove, id),
        (Some(_), None, Some(id)) => Planned::Send(Operation::Delegate, id),
        (Some(_), None, None) => Planned::NotSent(Operation::Delegate, NotSent::NotAClient),
        (None, Some(id), _) => Planned::Unchanged(Operation::Delegate, Some(id)),
        (None, None, _) => Planned::NotSent(Operation::Delegate, NotSent::NotOnOldAgent),
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
