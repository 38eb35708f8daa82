//! Who lives in the world: agents and clients, as a test or the roster describes them.

use std::sync::Arc;

use super::{
    problem::Refusal,
    roles::{Role, is_delegable},
};
use crate::model::{Agent, AgentId, AgentKind, ClientId, OrganisationNumber};

/// The package that the simplest worlds are about.
pub const PAYROLL_PACKAGE: &str = "urn:altinn:accesspackage:regnskapsforer-lonn";

/// A system user of a facilitator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxAgent {
    /// As `GET /agents` lists it.
    pub listed: Agent,
    /// Whose system user it is.
    pub facilitator: OrganisationNumber,
    /// What every call about it answers, whatever else is true.
    pub refuses: Option<Refusal>,
}

impl SandboxAgent {
    /// A healthy agent for client relationships that has these packages.
    pub fn new(id: AgentId, facilitator: OrganisationNumber, packages: &[&str]) -> Self {
        Self {
            listed: Agent {
                id,
                title: "Årsoppgjør".to_owned(),
                system_id: "sandkasse_aarsoppgjor".to_owned(),
                external_ref: None,
                supplier: "SANDKASSE SYSTEMER AS".to_owned(),
                kind: AgentKind::Agent,
                deleted: false,
                packages: packages.iter().map(|package| (*package).to_owned()).collect(),
                created: "2025-09-01T08:00:00.1234567+00:00".to_owned(),
            },
            facilitator,
            refuses: None,
        }
    }
}

/// A client of a facilitator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxClient {
    /// Its party UUID.
    pub id: ClientId,
    /// Whose client it is.
    pub facilitator: OrganisationNumber,
    /// `None` for a private person.
    pub number: Option<OrganisationNumber>,
    /// Empty where Altinn has none: then the lists leave the member out.
    pub name: String,
    /// URNs of the packages that the facilitator has for it.
    pub packages: Arc<[String]>,
    /// By how many roles at least it is tied to the facilitator. The roles are those that carry its packages; where that
    /// are fewer, further roles carry all of them. A POST makes one delegation for each, a DELETE removes one.
    pub relations: u8,
    /// What kind of unit it is: `AS`, `BRL`, `Person` …
    pub variant: &'static str,
    /// False when the relationship has ended: no longer available, and POST does not find it.
    pub available: bool,
    /// What is odd about it.
    pub quirk: Option<Quirk>,
}

impl SandboxClient {
    /// An ordinary organisation, tied by one role.
    pub fn organisation(
        id: ClientId,
        facilitator: OrganisationNumber,
        number: OrganisationNumber,
        name: impl Into<String>,
        packages: Arc<[String]>,
    ) -> Self {
        Self {
            id,
            facilitator,
            number: Some(number),
            name: name.into(),
            packages,
            relations: 1,
            variant: "AS",
            available: true,
            quirk: None,
        }
    }

    /// An ordinary private person, tied by one role.
    pub fn person(
        id: ClientId,
        facilitator: OrganisationNumber,
        name: impl Into<String>,
        packages: Arc<[String]>,
    ) -> Self {
        Self {
            id,
            facilitator,
            number: None,
            name: name.into(),
            packages,
            relations: 1,
            variant: "Person",
            available: true,
            quirk: None,
        }
    }

    /// The roles that tie it to the facilitator, each with the packages that it carries; some carry none.
    pub(super) fn roles(&self) -> Vec<(Role, Vec<&str>)> {
        let mut roles: Vec<(Role, Vec<&str>)> = Vec::new();
        let mut given: Vec<&str> = Vec::new();
        for package in self.packages.iter().map(String::as_str) {
            let role = Role::carrying(package);
            let place = roles.iter().position(|(there, _)| *there == role).unwrap_or_else(|| {
                roles.push((role, Vec::new()));
                roles.len() - 1
            });
            if role.gives(package, self.variant) {
                roles[place].1.push(package);
                given.push(package);
            }
        }
        for role in Role::GIVING.into_iter().rev() {
            let enough = roles.len() >= usize::from(self.relations);
            if !enough && !roles.iter().any(|(there, _)| *there == role) {
                roles.push((role, given.clone()));
            }
        }
        roles
    }

    /// Everything that it gives, whether or not that can be passed on.
    pub(super) fn gives(&self, package: &str) -> bool {
        self.packages.iter().any(|given| given == package)
            && Role::carrying(package).gives(package, self.variant)
    }

    /// Role by role what an agent with these packages can be delegated; a role with nothing is not in it.
    pub(super) fn delegable(&self, packages: &[String]) -> Vec<(Role, Vec<String>)> {
        let wanted =
            |package: &&str| packages.iter().any(|wanted| wanted == package) && is_delegable(package);
        self.roles()
            .into_iter()
            .map(|(role, given)| {
                (role, given.into_iter().filter(wanted).map(str::to_owned).collect::<Vec<_>>())
            })
            .filter(|(_, both)| !both.is_empty())
            .collect()
    }
}

/// What is odd about a client, for as long as the world lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quirk {
    /// Every POST for it is answered so.
    RefusesDelegation(Refusal),
    /// Every DELETE for it is answered so.
    RefusesRemoval(Refusal),
    /// Its relationship was replaced behind an existing delegation: POST answers AUTH-00002 for as long as it is
    /// delegated. DELETE then POST mends it.
    StuckWhileDelegated,
}

/// A list of packages that many clients share.
pub fn packages(urns: &[&str]) -> Arc<[String]> {
    urns.iter().map(|urn| (*urn).to_owned()).collect()
}
