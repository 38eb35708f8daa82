//! The documents that the three GETs answer, member by member as Altinn writes them.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    chance,
    parties::{SandboxAgent, SandboxClient},
    request::Reply,
};
use crate::model::{AgentId, AgentKind, ClientId, OrganisationNumber};

/// How lists of clients are written; everything in it is allowed by what Altinn documents.
#[derive(Debug, Clone, Default)]
pub struct ListStyle {
    /// Clients a page, which `links.next` leads on from; `None` for one document, as Altinn does today.
    pub page_size: Option<usize>,
    /// One client in so many is listed twice; `None` for nobody.
    pub twice_in: Option<u64>,
    /// Written as every page's `links.next`, for tests of links that lead astray.
    pub next: Option<String>,
    /// What stands before the path in an honest `links.next`; the server sets it.
    pub origin: String,
}

/// A page of a list, about to be written.
pub(super) struct Page<'world> {
    pub style: &'world ListStyle,
    pub path: &'world str,
    pub agent: AgentId,
    pub owner: OrganisationNumber,
    pub from: usize,
    pub seed: u64,
}

#[derive(Serialize)]
struct Document<'world> {
    links: Links,
    #[serde(rename = "systemUserInformation")]
    system_user_information: SystemUserInformation,
    data: Vec<Entry<'world>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Links {
    /// `{}`
    Nothing {},
    /// `{"next":null}` or `{"next":"…"}`
    Next { next: Option<String> },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SystemUserInformation {
    system_user_id: AgentId,
    system_user_owner_org: OrganisationNumber,
}

#[derive(Serialize)]
struct Entry<'world> {
    #[serde(rename = "clientId")]
    id: ClientId,
    #[serde(rename = "clientOrganizationNumber")]
    number: String,
    #[serde(rename = "clientOrganizationName", skip_serializing_if = "str::is_empty")]
    name: &'world str,
}

impl Page<'_> {
    /// The page of these clients, in an order that is the seed's own.
    pub(super) fn reply<'world>(&self, clients: impl Iterator<Item = &'world SandboxClient>) -> Reply {
        let shuffled = self.shuffled(clients);
        let page_size = self.style.page_size.unwrap_or(usize::MAX).max(1);
        let end = self.from.saturating_add(page_size).min(shuffled.len());
        let page = shuffled.get(self.from..end).unwrap_or_default();
        let document = Document {
            links: self.links((end < shuffled.len()).then_some(end)),
            system_user_information: SystemUserInformation {
                system_user_id: self.agent,
                system_user_owner_org: self.owner,
            },
            data: page.iter().map(|(_, client)| entry(client)).collect(),
        };
        match serde_json::to_vec(&document) {
            Ok(body) => Reply::with_body(200, "application/json; charset=utf-8", body),
            Err(_) => Reply::empty(500),
        }
    }

    fn shuffled<'world>(
        &self,
        clients: impl Iterator<Item = &'world SandboxClient>,
    ) -> Vec<(u64, &'world SandboxClient)> {
        let mut shuffled = Vec::new();
        for client in clients {
            let place = chance::roll(self.seed, &chance::halves(client.id.0));
            shuffled.push((place, client));
            if let Some(twice_in) = self.style.twice_in
                && place.is_multiple_of(twice_in.max(1))
            {
                shuffled.push((chance::roll(place, &[]), client));
            }
        }
        shuffled.sort_unstable_by_key(|(place, client)| (*place, client.id));
        shuffled
    }

    fn links(&self, next_from: Option<usize>) -> Links {
        let astray = self.style.next.clone();
        let next = astray.or_else(|| {
            let Self { path, agent, .. } = self;
            let origin = &self.style.origin;
            next_from.map(|from| format!("{origin}{path}?agent={agent}&from={from}"))
        });
        let says_null = chance::roll(self.seed, &chance::halves(self.agent.0)).is_multiple_of(2);
        if next.is_some() || says_null { Links::Next { next } } else { Links::Nothing {} }
    }
}

fn entry(client: &SandboxClient) -> Entry<'_> {
    Entry {
        id: client.id,
        number: client.number.map(|number| number.to_string()).unwrap_or_default(),
        name: &client.name,
    }
}

/// The facilitator's system users, in the order in which they were made.
pub(super) fn agents_reply<'world>(agents: impl Iterator<Item = &'world SandboxAgent>) -> Reply {
    Reply::json(200, &agents.map(agent_entry).collect())
}

fn agent_entry(agent: &SandboxAgent) -> Value {
    let listed = &agent.listed;
    let packages: Vec<Value> = listed.packages.iter().map(|urn| json!({ "urn": urn })).collect();
    let mut entry = Map::new();
    let mut member = |name: &str, value: Value| entry.insert(name.to_owned(), value);
    member("id", json!(listed.id));
    member("integrationTitle", json!(listed.title));
    member("systemId", json!(listed.system_id));
    member("productName", json!(listed.title));
    member("systemInternalId", json!(chance::uuid(1, &chance::halves(listed.id.0))));
    member("partyId", json!((50_000_000 + agent.facilitator.as_u32() % 1_000_000).to_string()));
    member("partyUuId", json!(""));
    member("reporteeOrgNo", json!(agent.facilitator));
    member("created", json!(listed.created));
    member("isDeleted", json!(listed.deleted));
    member("supplierName", json!(listed.supplier));
    member("supplierOrgno", json!(vendor()));
    member("accessPackages", json!(packages));
    let external_ref = listed.external_ref.clone().unwrap_or_else(|| agent.facilitator.to_string());
    member("externalRef", json!(external_ref));
    if listed.kind == AgentKind::Agent {
        member("userType", json!("agent"));
    }
    Value::Object(entry)
}

/// Whoever makes the systems in the sandbox.
fn vendor() -> OrganisationNumber {
    chance::number_from(31_000_001)
}
