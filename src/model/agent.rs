//! System users, as Altinn lists them.

use serde::Serialize;

use super::AgentId;

/// What kind of system user this is (`userType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AgentKind {
    /// For client relationships: the only kind that can be given clients.
    Agent,
    /// For the owner's own system: can have no clients.
    Standard,
    /// Altinn said something else, or nothing.
    Unknown,
}

/// One system user of the facilitator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Agent {
    /// The system user's UUID.
    pub id: AgentId,
    /// The title people know it by (`integrationTitle`); can be empty.
    pub title: String,
    /// The system it belongs to (`systemId`); can be empty.
    pub system_id: String,
    /// The vendor's own reference, where it was made with one.
    pub external_ref: Option<String>,
    /// Who makes the system (`supplierName`); can be empty.
    pub supplier: String,
    /// Whether it can have clients.
    pub kind: AgentKind,
    /// Deleted in Altinn.
    pub deleted: bool,
    /// URNs of its access packages, fixed when it was approved.
    pub packages: Vec<String>,
    /// When it was made, as Altinn writes it (RFC 3339); can be empty.
    pub created: String,
}
