//! What the calls answer, as JSON: further members, missing ones and nulls are to be expected.

use serde::Deserialize;

use crate::model::{Agent, AgentId, AgentKind, ClientId, ListedClient, OrganisationNumber};

/// The answer of POST and DELETE.
#[derive(Debug, Deserialize)]
pub(super) struct Delegation {
    pub(super) agent: AgentId,
    pub(super) client: ClientId,
}

/// One system user of `GET /agents`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AgentWire {
    id: AgentId,
    integration_title: Option<String>,
    system_id: Option<String>,
    external_ref: Option<String>,
    supplier_name: Option<String>,
    user_type: Option<String>,
    is_deleted: Option<bool>,
    access_packages: Option<Vec<PackageWire>>,
    created: Option<String>,
}

#[derive(Debug, Deserialize)]
struct PackageWire {
    urn: Option<String>,
}

impl From<AgentWire> for Agent {
    fn from(wire: AgentWire) -> Self {
        let kind = match wire.user_type.as_deref() {
            Some(kind) if kind.eq_ignore_ascii_case("agent") => AgentKind::Agent,
            Some(kind) if kind.eq_ignore_ascii_case("standard") => AgentKind::Standard,
            _ => AgentKind::Unknown,
        };
        Self {
            id: wire.id,
            title: wire.integration_title.unwrap_or_default(),
            system_id: wire.system_id.unwrap_or_default(),
            external_ref: wire.external_ref.filter(|external_ref| !external_ref.is_empty()),
            supplier: wire.supplier_name.unwrap_or_default(),
            kind,
            deleted: wire.is_deleted.unwrap_or(false),
            packages: wire
                .access_packages
                .unwrap_or_default()
                .into_iter()
                .filter_map(|package| package.urn)
                .collect(),
            created: wire.created.unwrap_or_default(),
        }
    }
}

/// One client of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClientWire {
    client_id: ClientId,
    client_organization_number: Option<String>,
    client_organization_name: Option<String>,
}

impl From<ClientWire> for ListedClient {
    fn from(wire: ClientWire) -> Self {
        Self {
            id: wire.client_id,
            // A private person has an empty one.
            number: wire
                .client_organization_number
                .and_then(|number| OrganisationNumber::parse(&number).ok()),
            name: wire.client_organization_name.unwrap_or_default(),
        }
    }
}

/// What stands beside a list's clients.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Links {
    pub(super) next: Option<String>,
}

/// Whose list it is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SystemUserInformation {
    pub(super) system_user_owner_org: Option<String>,
}
