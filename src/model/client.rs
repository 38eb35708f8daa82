//! The parties of a delegation, by identifiers that cannot be mixed up.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::OrganisationNumber;

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

/// One client as Altinn lists it, available or delegated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedClient {
    /// The client's party UUID.
    pub id: ClientId,
    /// `None` for a private person.
    pub number: Option<OrganisationNumber>,
    /// Empty where Altinn gives none.
    pub name: String,
}

/// Which of Altinn's two lists of clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientList {
    /// `GET /clients/available`: the clients that may be delegated to the agent.
    Available,
    /// `GET /clients`: the clients that are delegated to the agent now.
    Delegated,
}
