//! The parties of a delegation, by identifiers that cannot be mixed up.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Operation, OrganisationNumber, Packages};

macro_rules! party_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.as_hyphenated(), formatter)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, formatter)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map($name)
            }
        }
    };
}

party_id! {
    /// The UUID of an agent: the system user that acts for the clients.
    AgentId
}
party_id! {
    /// The party UUID of a client: the only key a client has, since a private person has no number.
    ClientId
}
party_id! {
    /// The party UUID of the facilitator (`facilitator_id` in a job file).
    PartyId
}

/// One client as Altinn lists it, available or delegated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedClient {
    /// The client's party UUID.
    pub id: ClientId,
    /// `None` for a private person.
    pub number: Option<OrganisationNumber>,
    /// Empty where Altinn gives none.
    pub name: String,
    /// In the list of available clients what the client gives the facilitator, in the list of delegated ones what the
    /// agent has of it; `None` where the door does not know. Many clients share one value.
    pub packages: Option<Arc<Packages>>,
}

/// What is asked of Altinn about one client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientChange {
    /// Whether it is delegated or removed.
    pub operation: Operation,
    /// The system user.
    pub agent: AgentId,
    /// The client.
    pub client: ClientId,
    /// Of a delegation, what is delegated: [`Packages::approved`] of what the client gives. `None` where that is not
    /// known, which only a door that chooses the packages itself can do with.
    pub packages: Option<Arc<Packages>>,
}

/// Which of Altinn's two lists of clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientList {
    /// The clients that may be delegated to the agent. Through a door that tells packages these are all that give the
    /// facilitator any; which of them the agent can have is then for [`Packages`] to say.
    Available,
    /// The clients that are delegated to the agent now.
    Delegated,
}
