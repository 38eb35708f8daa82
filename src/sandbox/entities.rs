//! How access management writes parties, roles and packages: member by member, nulls and national identity numbers
//! included.

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    chance,
    lists::ListStyle,
    parties::{SandboxAgent, SandboxClient},
    request::Reply,
    roles::{Role, package_id},
};
use crate::model::{OrganisationNumber, PartyId};

/// A client and its access, before it is written.
pub(super) struct Listed<'world> {
    pub(super) client: Entity<'world>,
    pub(super) access: Vec<(Role, Vec<&'world str>)>,
}

/// A party.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entity<'world> {
    id: Uuid,
    name: std::borrow::Cow<'world, str>,
    #[serde(rename = "type")]
    kind: &'static str,
    variant: &'world str,
    parent: Option<()>,
    children: Option<()>,
    partyid: Option<u32>,
    user_id: Option<u32>,
    username: Option<()>,
    organization_identifier: Option<String>,
    person_identifier: Option<String>,
    date_of_birth: Option<&'static str>,
    date_of_death: Option<()>,
    is_deleted: bool,
    deleted_at: Option<()>,
}

#[derive(Debug, Serialize)]
struct Access<'world> {
    role: RoleLine,
    packages: Vec<PackageLine<'world>>,
}

#[derive(Debug, Serialize)]
struct RoleLine {
    id: Uuid,
    code: &'static str,
    urn: String,
    /// The key ends in a blank.
    #[serde(rename = "legacyurn ")]
    legacy_urn: Option<()>,
    children: Option<()>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PackageLine<'world> {
    id: Uuid,
    urn: &'world str,
    area_id: Uuid,
}

/// A line of a list of clients.
#[derive(Debug, Serialize)]
pub(super) struct ClientLine<'world> {
    client: Entity<'world>,
    access: Vec<Access<'world>>,
}

/// A line of a list of agents.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AgentLine<'world> {
    agent: Entity<'world>,
    agent_added_at: &'world str,
    access: Vec<Access<'world>>,
}

impl<'world> From<Listed<'world>> for ClientLine<'world> {
    fn from(listed: Listed<'world>) -> Self {
        Self { access: access(listed.access, listed.client.id), client: listed.client }
    }
}

impl<'world> AgentLine<'world> {
    /// An agent with its own assignment, which has no packages.
    pub(super) fn assigned(agent: &'world SandboxAgent) -> Self {
        Self::of(agent, vec![(Role::Agent, Vec::new())])
    }

    /// An agent with what it has for a client.
    pub(super) fn of(agent: &'world SandboxAgent, rows: Vec<(Role, Vec<&'world str>)>) -> Self {
        let listed = &agent.listed;
        let entity = Entity {
            kind: "Systembruker",
            variant: "AgentSystem",
            ..Entity::new(listed.id.0, listed.title.as_str().into())
        };
        Self { access: access(rows, listed.id.0), agent: entity, agent_added_at: &listed.created }
    }
}

fn access(rows: Vec<(Role, Vec<&str>)>, of: Uuid) -> Vec<Access<'_>> {
    rows.into_iter()
        .map(|(role, packages)| {
            let mut lines: Vec<PackageLine<'_>> = packages.into_iter().map(package).collect();
            // One package can stand twice in one role.
            let twice = chance::roll(0x2, &chance::halves(of)).is_multiple_of(7);
            if let Some(first) = lines.first().filter(|_| twice) {
                lines.push(package(first.urn));
            }
            let role = RoleLine {
                id: role.id(),
                code: role.code(),
                urn: role.urn(),
                legacy_urn: None,
                children: None,
            };
            Access { role, packages: lines }
        })
        .collect()
}

fn package(urn: &str) -> PackageLine<'_> {
    PackageLine { id: package_id(urn), urn, area_id: chance::uuid(0xa4ea, &[urn.len() as u64]) }
}

impl<'world> Entity<'world> {
    fn new(id: Uuid, name: std::borrow::Cow<'world, str>) -> Self {
        Self {
            id,
            name,
            kind: "Organisasjon",
            variant: "AS",
            parent: None,
            children: None,
            partyid: None,
            user_id: None,
            username: None,
            organization_identifier: None,
            person_identifier: None,
            date_of_birth: None,
            date_of_death: None,
            is_deleted: false,
            deleted_at: None,
        }
    }
}

/// A client, a private person with his national identity number, as the real API writes it.
pub(super) fn client(client: &SandboxClient) -> Entity<'_> {
    let party_id = chance::roll(3, &chance::halves(client.id.0)) % 1_000_000;
    let entity = Entity {
        partyid: Some(50_000_000 + u32::try_from(party_id).unwrap_or_default()),
        variant: client.variant,
        ..Entity::new(client.id.0, client.name.as_str().into())
    };
    match client.number {
        Some(number) => Entity { organization_identifier: Some(number.to_string()), ..entity },
        None => Entity {
            kind: "Person",
            person_identifier: Some(identity_number(client.id.0)),
            date_of_birth: Some("1970-01-18"),
            ..entity
        },
    }
}

/// Eleven digits in the form of a synthetic national identity number: eighty is added to the month, so it is nobody's.
pub(super) fn identity_number(id: Uuid) -> String {
    format!("188170{:05}", chance::roll(5, &chance::halves(id)) % 100_000)
}

/// The firm's own sub-units, which stand in its list of clients and give nothing.
pub(super) fn own_units<'a>(firm: OrganisationNumber) -> impl Iterator<Item = Listed<'a>> {
    ["AVD. NORD", "AVD. SØR"].into_iter().enumerate().map(move |(place, name)| {
        let seed = [u64::from(firm.as_u32()), place as u64];
        let number = chance::number_from(10_000_000 + firm.as_u32() % 1_000_000 + u32::from(place > 0) * 50);
        let entity = Entity {
            variant: "BEDR",
            organization_identifier: Some(number.to_string()),
            ..Entity::new(chance::uuid(0xbed4, &seed), name.into())
        };
        Listed { client: entity, access: vec![(Role::Hovedenhet, Vec::new())] }
    })
}

/// A party that the caller may act for, with a sub-unit and beside another that he may not act for.
pub(super) fn party(firm: OrganisationNumber, party: PartyId) -> Value {
    let units: Vec<Value> = own_units(firm)
        .map(|unit| {
            json!({
                "partyUuid": unit.client.id, "name": unit.client.name, "type": "Organization",
                "organizationNumber": unit.client.organization_identifier, "personId": null,
                "onlyHierarchyElementWithNoAccess": false, "subunits": [],
            })
        })
        .collect();
    json!({
        "partyUuid": party, "name": "REGNSKAPSFIRMAET", "type": "Organization", "unitType": "AS",
        "organizationNumber": firm.to_string(), "personId": null, "partyId": 51_000_000, "isDeleted": false,
        "onlyHierarchyElementWithNoAccess": false, "authorizedResources": ["altinn_client_administration"],
        "authorizedRoles": [], "subunits": units,
    })
}

/// A list about to be written, in pages where the style says so.
pub(super) struct Lines<'world> {
    pub(super) style: &'world ListStyle,
    pub(super) seed: u64,
    pub(super) path_and_query: &'world str,
    pub(super) from: usize,
}

impl Lines<'_> {
    /// The lines in an order that is the seed's own; now and then one twice.
    pub(super) fn reply(&self, lines: Vec<ClientLine<'_>>) -> Reply {
        let mut shuffled: Vec<(u64, Value)> = Vec::with_capacity(lines.len());
        for line in lines {
            let place = chance::roll(self.seed, &chance::halves(line.client.id));
            let line = serde_json::to_value(&line).unwrap_or_default();
            if let Some(twice_in) = self.style.twice_in
                && place.is_multiple_of(twice_in.max(1))
            {
                shuffled.push((chance::roll(place, &[]), line.clone()));
            }
            shuffled.push((place, line));
        }
        shuffled.sort_by_key(|(place, _)| *place);
        let page_size = self.style.page_size.unwrap_or(usize::MAX).max(1);
        let end = self.from.saturating_add(page_size).min(shuffled.len());
        let page = shuffled.get(self.from..end).unwrap_or_default();
        let next = self.style.next.clone().or_else(|| {
            let more = end < shuffled.len();
            more.then(|| format!("{}{}&fromPlace={end}", self.style.origin, self.path_and_query))
        });
        let data: Vec<&Value> = page.iter().map(|(_, line)| line).collect();
        Reply::json(200, &json!({ "links": { "next": next }, "data": data }))
    }
}

/// A list in one document.
pub(super) fn document<T: Serialize>(data: &[T]) -> Reply {
    Reply::json(200, &json!({ "links": { "next": null }, "data": data }))
}
