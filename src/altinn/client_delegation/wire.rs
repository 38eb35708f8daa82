//! What Altinn writes on the wire, read with patience: fields may be missing, null, or more than these.

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess},
};
use uuid::Uuid;

use crate::{
    altinn::http::{ListShape, Page, another_agents, lenient_text},
    model::{Agent, AgentId, AgentKind, ClientId, ListedClient, OrganisationNumber},
};

/// The answer to a POST or a DELETE that was carried out.
#[derive(Debug, Deserialize)]
pub(super) struct Changed {
    pub(super) agent: Uuid,
    pub(super) client: Uuid,
}

/// One client of a list. Without a readable id the whole list is not to be trusted, so that is an error.
#[derive(Debug, Deserialize)]
pub(super) struct Client {
    #[serde(rename = "clientId")]
    id: Uuid,
    #[serde(rename = "clientOrganizationNumber", default, deserialize_with = "lenient_text")]
    number: String,
    #[serde(rename = "clientOrganizationName", default, deserialize_with = "lenient_text")]
    name: String,
}

impl From<Client> for ListedClient {
    fn from(client: Client) -> Self {
        Self {
            id: ClientId(client.id),
            number: OrganisationNumber::parse(&client.number).ok(),
            name: client.name,
            packages: None,
        }
    }
}

/// `systemUserInformation` of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AgentInformation {
    #[serde(default, deserialize_with = "lenient_text")]
    system_user_id: String,
    #[serde(default, deserialize_with = "lenient_text")]
    system_user_owner_org: String,
}

/// A list of the clients of this agent.
pub(super) struct ListOf(pub(super) AgentId);

impl ListShape for ListOf {
    fn client<'de, D: Deserializer<'de>>(&mut self, element: D) -> Result<Option<ListedClient>, D::Error> {
        Client::deserialize(element).map(|client| Some(client.into()))
    }

    fn member<'de, A: MapAccess<'de>>(
        &mut self,
        name: &str,
        members: &mut A,
        page: &mut Page,
    ) -> Result<bool, A::Error> {
        if name != "systemUserInformation" {
            return Ok(false);
        }
        let information: Option<AgentInformation> = members.next_value()?;
        let information = information.unwrap_or_default();
        page.owner = OrganisationNumber::parse(&information.system_user_owner_org).ok();
        if !information.system_user_id.is_empty() {
            let named = Uuid::parse_str(&information.system_user_id).ok().map(AgentId);
            if named != Some(self.0) {
                return Err(A::Error::custom(another_agents()));
            }
            page.agent = named;
        }
        Ok(true)
    }
}

/// One system user. Without a readable id it could not be chosen, nor be ruled out: an error.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SystemUser {
    id: Uuid,
    #[serde(default, deserialize_with = "lenient_text")]
    integration_title: String,
    #[serde(default, deserialize_with = "lenient_text")]
    system_id: String,
    #[serde(default, deserialize_with = "lenient_text")]
    external_ref: String,
    #[serde(default, deserialize_with = "lenient_text")]
    supplier_name: String,
    #[serde(default, deserialize_with = "lenient_text")]
    user_type: String,
    #[serde(default, deserialize_with = "lenient_text")]
    created: String,
    #[serde(default)]
    is_deleted: Option<bool>,
    #[serde(default)]
    access_packages: Option<Vec<AccessPackage>>,
}

#[derive(Debug, Deserialize)]
struct AccessPackage {
    #[serde(default, deserialize_with = "lenient_text")]
    urn: String,
}

impl From<SystemUser> for Agent {
    fn from(user: SystemUser) -> Self {
        let kind = match user.user_type.to_ascii_lowercase().as_str() {
            "agent" => AgentKind::Agent,
            "standard" => AgentKind::Standard,
            _ => AgentKind::Unknown,
        };
        let packages = user.access_packages.unwrap_or_default().into_iter();
        Self {
            id: AgentId(user.id),
            title: user.integration_title,
            system_id: user.system_id,
            external_ref: Some(user.external_ref).filter(|reference| !reference.is_empty()),
            supplier: user.supplier_name,
            kind,
            deleted: user.is_deleted.unwrap_or(false),
            packages: packages.map(|package| package.urn).filter(|urn| !urn.is_empty()).collect(),
            created: user.created,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "1b6cea43-f499-4aae-a633-51cf542795af";

    fn agent(members: &str) -> Agent {
        let json = format!(r#"{{"id":"{ID}"{members}}}"#);
        serde_json::from_str::<SystemUser>(&json).unwrap().into()
    }

    #[test]
    fn an_agent_with_nothing_but_an_id_is_read() {
        let agent = agent("");
        assert_eq!(agent.kind, AgentKind::Unknown);
        assert!(!agent.deleted && agent.packages.is_empty() && agent.external_ref.is_none());
    }

    #[test]
    fn nulls_and_strange_members_of_an_agent_do_no_harm() {
        let agent = agent(
            r#","userType":"Agent","isDeleted":null,"accessPackages":null,"externalRef":null,"partyUuId":"","new":[1]"#,
        );
        assert_eq!(agent.kind, AgentKind::Agent);
        assert!(!agent.deleted && agent.packages.is_empty() && agent.external_ref.is_none());
    }

    #[test]
    fn a_client_without_a_readable_number_is_a_private_person() {
        for number in ["null", "\"\"", "\"12345\"", "[]"] {
            let json = format!(r#"{{"clientId":"{ID}","clientOrganizationNumber":{number}}}"#);
            let client: ListedClient = serde_json::from_str::<Client>(&json).unwrap().into();
            assert_eq!(client.number, None, "{number}");
        }
    }
}
