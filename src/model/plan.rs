//! What is to be done for one client: the manifest's wish against Altinn's two lists.

use serde::{Deserialize, Serialize};

use super::{ClientId, JobKind, OrganisationNumber};

/// What a manifest's `action` column asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The client is to be delegated.
    Delegate,
    /// The client's delegation is to be removed.
    Remove,
}

impl Action {
    /// The word in the manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delegate => "delegate",
            Self::Remove => "remove",
        }
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
    /// Every cell of the row, as it stood there.
    pub cells: Vec<String>,
}

/// What is sent to Altinn for a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// `POST /clients`.
    Delegate,
    /// `DELETE /clients`.
    Remove,
}

impl Operation {
    /// The word in the ledger, the reports and the `action` column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delegate => "delegate",
            Self::Remove => "remove",
        }
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
}

impl NotSent {
    /// What is wrong, for the report.
    pub fn message(self) -> &'static str {
        match self {
            Self::NotAClient => {
                "Altinn does not list this organisation among the clients that may be delegated to the agent"
            }
            Self::Ambiguous => "Altinn lists two different clients with this organisation number",
        }
    }

    /// What a person can do.
    pub fn hint(self) -> &'static str {
        match self {
            Self::NotAClient => {
                "check the number; if it is right, ask the client to register your firm in its role \
                 (accountant, auditor, business manager) or to give it the access package in Altinn, then try again"
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

/// Decides what is to be done for a client, from the kind of job, the manifest's action and Altinn's lists.
///
/// `action` is only looked at by jobs of kind `manifest`; the reader has seen to it that it is there.
pub fn plan_client(kind: JobKind, action: Option<Action>, listing: Listing) -> Planned {
    let operation = match kind {
        JobKind::Remove => Operation::Remove,
        JobKind::Manifest => action.map_or(Operation::Delegate, Operation::from),
        JobKind::Delegate | JobKind::Reconcile | JobKind::Refresh | JobKind::Migrate => Operation::Delegate,
    };
    if listing.ambiguous {
        return Planned::NotSent(operation, NotSent::Ambiguous);
    }
    match (operation, listing.delegated, listing.available) {
        (Operation::Delegate, Some(id), _) => Planned::Unchanged(operation, Some(id)),
        (Operation::Delegate, None, Some(id)) | (Operation::Remove, Some(id), _) => {
            Planned::Send(operation, id)
        }
        (Operation::Delegate, None, None) => Planned::NotSent(operation, NotSent::NotAClient),
        (Operation::Remove, None, available) => Planned::Unchanged(operation, available),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ID: ClientId = ClientId(Uuid::from_u128(7));

    fn listing(available: bool, delegated: bool) -> Listing {
        Listing { available: available.then_some(ID), delegated: delegated.then_some(ID), ambiguous: false }
    }

    #[test]
    fn delegating_sends_only_for_a_client_that_is_available_and_not_delegated() {
        let plan = |available, delegated| plan_client(JobKind::Delegate, None, listing(available, delegated));
        assert_eq!(plan(true, false), Planned::Send(Operation::Delegate, ID));
        assert_eq!(plan(true, true), Planned::Unchanged(Operation::Delegate, Some(ID)));
        assert_eq!(plan(false, true), Planned::Unchanged(Operation::Delegate, Some(ID)));
        assert_eq!(plan(false, false), Planned::NotSent(Operation::Delegate, NotSent::NotAClient));
    }

    #[test]
    fn removing_sends_only_for_a_client_that_is_delegated_available_or_not() {
        let plan = |available, delegated| plan_client(JobKind::Remove, None, listing(available, delegated));
        assert_eq!(plan(true, true), Planned::Send(Operation::Remove, ID));
        assert_eq!(plan(false, true), Planned::Send(Operation::Remove, ID));
        assert_eq!(plan(true, false), Planned::Unchanged(Operation::Remove, Some(ID)));
        assert_eq!(plan(false, false), Planned::Unchanged(Operation::Remove, None));
    }

    #[test]
    fn a_manifest_job_does_what_the_row_says() {
        let plan = |action| plan_client(JobKind::Manifest, Some(action), listing(true, true));
        assert_eq!(plan(Action::Delegate), Planned::Unchanged(Operation::Delegate, Some(ID)));
        assert_eq!(plan(Action::Remove), Planned::Send(Operation::Remove, ID));
    }

    #[test]
    fn nothing_is_sent_for_a_number_that_two_clients_share() {
        let shared = Listing { ambiguous: true, ..listing(true, false) };
        assert_eq!(
            plan_client(JobKind::Delegate, None, shared),
            Planned::NotSent(Operation::Delegate, NotSent::Ambiguous)
        );
    }
}
