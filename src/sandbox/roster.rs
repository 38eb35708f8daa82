//! The built-in world: the same people each time, none of them real.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

use uuid::Uuid;

use super::{
    chance,
    faults::Faults,
    names,
    parties::{PAYROLL_PACKAGE, Quirk, SandboxAgent, SandboxClient, packages},
    problem::Refusal,
    world::{SandboxSystem, World},
};
use crate::model::{AgentId, AgentKind, ClientId, OrganisationNumber};

/// The agent of `jobs/onboarding.toml`.
pub const ONBOARDING_AGENT: AgentId = AgentId(Uuid::from_u128(0x1b6c_ea43_f499_4aae_a633_51cf_5427_95af));
/// The agent of `jobs/onboarding-refusals.toml`, whose clients are refused for every documented reason.
pub const REFUSALS_AGENT: AgentId = AgentId(Uuid::from_u128(0x5e0c_9d1a_7c44_4b0e_9f35_2a6d_80c1_3e72));
/// The agent of `jobs/nightly-reconcile.toml`.
pub const NIGHTLY_AGENT: AgentId = AgentId(Uuid::from_u128(0x6f1d_2b84_0ac3_4e97_b5d1_38e2_f076_9c4a));
/// A newer agent for the onboarding agent's clients, with one package more and nobody delegated yet.
pub const PAYROLL_AGENT: AgentId = AgentId(Uuid::from_u128(0x8a42_f0b7_31d6_4c59_b2e8_94d7_0c5f_16ab));
/// A system user for the firm's own system: it can have no clients.
pub const STANDARD_AGENT: AgentId = AgentId(Uuid::from_u128(0xc37d_5f20_9be1_4a83_8d06_6f19_e2b4_7d58));
/// An agent that was approved without an access package.
pub const AGENT_WITHOUT_PACKAGES: AgentId =
    AgentId(Uuid::from_u128(0x24f1_8c6e_d05a_47b9_a1c3_70e8_59fd_b326));
/// An agent that has been deleted.
pub const DELETED_AGENT: AgentId = AgentId(Uuid::from_u128(0xe96b_03d4_4f72_4d1c_97ea_1b85_c6a0_f24d));
/// The payroll agent's external reference.
pub const PAYROLL_EXTERNAL_REF: &str = "lonn-2026";

/// A system in the sandbox's register of which there are no system users, registered with every package that clients give.
pub const NEW_SYSTEM: &str = "sandkasse_ny";
/// Where whoever approves a request of the sandbox's systems may be sent.
pub const VENDOR_REDIRECT: &str = "https://vendor.example/approved";

/// How many small firms there are beside the big one, unless somebody asks for another number.
pub const DEFAULT_SMALL_FIRMS: usize = 3;

/// The seed of a demonstration that asks for no other: with it, the onboarding job meets every kind of fault.
pub const DEFAULT_SEED: u64 = 1;
/// The share of requests that meet a passing fault in a demonstration.
pub const DEFAULT_FAULT_SHARE: f64 = 0.03;

/// Decides who lives in the roster. Another number would be other people, and other fixtures.
const ROSTER_SEED: u64 = 0xF011_4A47;
const ADMINISTRATOR_PACKAGE: &str = "urn:altinn:accesspackage:klientadministrator";
const ACCOUNTANT_PACKAGE: &str = "urn:altinn:accesspackage:regnskapsforer-uten-signeringsrettighet";
const AUDITOR_PACKAGE: &str = "urn:altinn:accesspackage:ansvarlig-revisor";
const AUDIT_STAFF_PACKAGE: &str = "urn:altinn:accesspackage:revisormedarbeider";
const PROPERTY_PACKAGE: &str = "urn:altinn:accesspackage:forretningsforer-eiendom";

const ALL_PACKAGES: [&str; 5] =
    [PAYROLL_PACKAGE, ACCOUNTANT_PACKAGE, AUDITOR_PACKAGE, AUDIT_STAFF_PACKAGE, PROPERTY_PACKAGE];

/// Where in the roster the small firms' clients begin.
const OF_SMALL_FIRMS: usize = 2_000;

/// The clients in the fixture of the onboarding job, by place in the roster.
const IN_THE_FIXTURE: Range<usize> = 0..1_000;
/// Available, but in no fixture.
const FURTHER: Range<usize> = 1_000..1_030;
/// The clients of the refusals agent.
const AUDITED: Range<usize> = 1_030..1_070;
/// Organisations that are nobody's clients.
#[cfg(test)]
const STRANGERS: Range<usize> = 1_070..1_075;
const PERSONS: u64 = 25;
const PERSONS_DELEGATED: u64 = 5;

/// The clients that the nightly agent has, by place in the roster.
const OF_LAST_NIGHT: Range<usize> = 100..300;
/// Those that it is to have: ten have left the firm, twelve are new.
#[cfg(test)]
const OF_TONIGHT: Range<usize> = 110..312;
const PERSONS_OF_LAST_NIGHT: u64 = 3;

/// The refusals that the refusals agent's first clients meet, two clients each.
const REFUSALS: [Refusal; 6] = [
    Refusal::ClientNotFound,
    Refusal::PackageMissing,
    Refusal::ClientUnreadable,
    Refusal::DelegationFailed,
    Refusal::InternalServerError,
    Refusal::Undocumented,
];

/// The firm that everybody in the roster belongs to, 314250052.
pub fn facilitator() -> OrganisationNumber {
    chance::number_from(31_425_005)
}

/// The organisation number of a small firm, counted from 0.
pub fn small_firm(place: usize) -> OrganisationNumber {
    chance::number_from(31_500_000 + 37 * u32::try_from(place).unwrap_or(u32::MAX / 64))
}

/// The agent of a small firm: each has one, of the same vendor's system.
pub fn small_firms_agent(place: usize) -> AgentId {
    AgentId(chance::uuid(ROSTER_SEED, &[place as u64, 2]))
}

impl World {
    /// The roster's world. The seed decides what goes wrong, and for which share (0 to 1) of the requests; the
    /// people are always the same. There are [`DEFAULT_SMALL_FIRMS`] beside the big one.
    pub fn built_in(seed: u64, fault_share: f64) -> Self {
        Self::with_small_firms(seed, fault_share, DEFAULT_SMALL_FIRMS)
    }

    /// The same with so many small firms: accountants, auditors and property managers in turn.
    pub fn with_small_firms(seed: u64, fault_share: f64, small_firms: usize) -> Self {
        let mut world = Self::empty(seed);
        world.add_facilitator(facilitator());
        for agent in agents() {
            world.add_agent(agent);
        }
        for client in onboarding_clients().into_iter().chain(further_clients()).chain(persons()) {
            world.add_client(client);
        }
        for client in refused_and_healthy_clients() {
            world.add_client(client);
        }
        add_systems(&mut world);
        delegate_some(&mut world);
        add_small_firms(&mut world, small_firms);
        world.lists_mut().twice_in = Some(101);
        *world.faults_mut() = Faults::passing(seed, fault_share);
        world
    }

    /// A world of this many organisations, all available to [`ONBOARDING_AGENT`], none delegated, nothing going
    /// wrong. The clients depend on the seed; their packages are the agent's.
    pub fn with_clients(count: usize, seed: u64) -> Self {
        let mut world = Self::empty(seed);
        world.add_facilitator(facilitator());
        world.add_agent(SandboxAgent::new(ONBOARDING_AGENT, facilitator(), &[PAYROLL_PACKAGE]));
        let packages = packages(&[PAYROLL_PACKAGE]);
        for (place, number) in numbers().take(count).enumerate() {
            let id = client_id(seed, place);
            let name = names::company(place);
            let client = SandboxClient::organisation(id, facilitator(), number, name, Arc::clone(&packages));
            world.add_client(client);
        }
        world
    }
}

/// The onboarding fixture's clients, in the fixture's order. The first 40 are delegated already, the first three of
/// them no longer available; one in fifty is tied to the firm by two roles.
pub(super) fn onboarding_clients() -> Vec<SandboxClient> {
    let packages = packages(&[PAYROLL_PACKAGE, ACCOUNTANT_PACKAGE]);
    let mut clients = organisations(IN_THE_FIXTURE, &packages);
    for (place, client) in clients.iter_mut().enumerate() {
        client.available = place >= 3;
        client.relations = if place % 50 == 7 { 2 } else { 1 };
    }
    clients
}

/// The refusals fixture's clients: two for each refusal, then healthy ones, the last two of them delegated already.
pub(super) fn refused_and_healthy_clients() -> Vec<SandboxClient> {
    let all = packages(&[AUDITOR_PACKAGE, AUDIT_STAFF_PACKAGE]);
    let too_few = packages(&[AUDIT_STAFF_PACKAGE]);
    let mut clients = organisations(AUDITED, &all);
    for (client, refusal) in clients.iter_mut().zip(REFUSALS.iter().flat_map(|refusal| [refusal; 2])) {
        if *refusal == Refusal::PackageMissing {
            client.packages = Arc::clone(&too_few);
        } else {
            client.quirk = Some(Quirk::RefusesDelegation(*refusal));
        }
    }
    clients
}

/// The nightly fixture's clients.
#[cfg(test)]
pub(super) fn tonights_clients() -> Vec<SandboxClient> {
    onboarding_clients().drain(OF_TONIGHT).collect()
}

/// Numbers that are valid and nobody's clients.
#[cfg(test)]
pub(super) fn strangers() -> Vec<SandboxClient> {
    organisations(STRANGERS, &Arc::default())
}

fn further_clients() -> Vec<SandboxClient> {
    organisations(FURTHER, &packages(&[PAYROLL_PACKAGE, ACCOUNTANT_PACKAGE]))
}

fn persons() -> Vec<SandboxClient> {
    let packages = packages(&[PAYROLL_PACKAGE, ACCOUNTANT_PACKAGE]);
    (0..PERSONS)
        .map(|place| {
            let name = names::person(ROSTER_SEED, place);
            SandboxClient::person(person_id(place), facilitator(), name, Arc::clone(&packages))
        })
        .collect()
}

/// Each small firm has 12 to 31 clients of its own kind: now and then one with too few packages, one with two roles.
fn add_small_firms(world: &mut World, count: usize) {
    let mut places = numbers().enumerate().skip(OF_SMALL_FIRMS);
    for place in 0..count {
        let firm = small_firm(place);
        let (title, urns): (&str, &[&str]) = match place % 3 {
            0 => ("Lønn og regnskap", &[PAYROLL_PACKAGE, ACCOUNTANT_PACKAGE]),
            1 => ("Revisjon", &[AUDITOR_PACKAGE, AUDIT_STAFF_PACKAGE]),
            _ => ("Eiendom", &[PROPERTY_PACKAGE]),
        };
        let mut agent = SandboxAgent::new(small_firms_agent(place), firm, urns);
        title.clone_into(&mut agent.listed.title);
        "sandkasse_byraa".clone_into(&mut agent.listed.system_id);
        world.add_facilitator(firm).add_agent(agent);
        let (all, first) = (packages(urns), packages(&urns[..1]));
        for (nth, (at, number)) in places.by_ref().take(12 + place * 7 % 20).enumerate() {
            let given = if nth % 9 == 4 { &first } else { &all };
            let id = client_id(ROSTER_SEED, at);
            let mut client =
                SandboxClient::organisation(id, firm, number, names::company(at), Arc::clone(given));
            if place % 3 == 2 {
                client.variant = ["BRL", "ESEK", "BRL", "BBL"][nth % 4];
            }
            client.relations = if nth % 7 == 3 { 2 } else { 1 };
            world.add_client(client);
        }
    }
}

/// Every system of the sandbox's is one vendor's, registered with its agents' packages and with client administration.
fn add_systems(world: &mut World) {
    let agents: Vec<SandboxAgent> = world.agents().cloned().collect();
    let mut systems: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for agent in agents {
        systems.entry(agent.listed.system_id).or_default().extend(agent.listed.packages);
    }
    // A product that no firm has a system user of yet.
    systems.insert(NEW_SYSTEM.to_owned(), ALL_PACKAGES.map(str::to_owned).into());
    for (id, mut packages) in systems {
        packages.insert(ADMINISTRATOR_PACKAGE.to_owned());
        world.add_system(SandboxSystem {
            id,
            vendor: facilitator(),
            packages: packages.into_iter().collect(),
            redirects: vec![VENDOR_REDIRECT.to_owned()],
        });
    }
}

fn delegate_some(world: &mut World) {
    for client in onboarding_clients().iter().take(40) {
        world.set_delegated(ONBOARDING_AGENT, client.id, client.relations);
    }
    for place in 0..PERSONS_DELEGATED {
        world.set_delegated(ONBOARDING_AGENT, person_id(place), 1);
    }
    for client in onboarding_clients().drain(OF_LAST_NIGHT) {
        world.set_delegated(NIGHTLY_AGENT, client.id, client.relations);
    }
    for place in 0..PERSONS_OF_LAST_NIGHT {
        world.set_delegated(NIGHTLY_AGENT, person_id(place), 1);
    }
    for client in refused_and_healthy_clients().iter().rev().take(2) {
        world.set_delegated(REFUSALS_AGENT, client.id, client.relations);
    }
}

fn agents() -> Vec<SandboxAgent> {
    let agent = |id, title: &str, system_id: &str, packages: &[&str]| {
        let mut agent = SandboxAgent::new(id, facilitator(), packages);
        title.clone_into(&mut agent.listed.title);
        system_id.clone_into(&mut agent.listed.system_id);
        agent
    };
    let audit = [AUDITOR_PACKAGE, AUDIT_STAFF_PACKAGE];
    let payroll = [PAYROLL_PACKAGE, ACCOUNTANT_PACKAGE];
    let mut agents = vec![
        agent(ONBOARDING_AGENT, "Lønn", "sandkasse_lonn", &[PAYROLL_PACKAGE]),
        agent(REFUSALS_AGENT, "Revisjon", "sandkasse_revisjon", &audit),
        agent(PAYROLL_AGENT, "Lønn og regnskap", "sandkasse_lonn_regnskap", &payroll),
        agent(STANDARD_AGENT, "Eget årsoppgjør", "sandkasse_eget", &payroll),
        agent(AGENT_WITHOUT_PACKAGES, "Uten tilgangspakker", "sandkasse_tom", &[]),
        agent(DELETED_AGENT, "Lønn (avviklet)", "sandkasse_lonn", &[PAYROLL_PACKAGE]),
        agent(NIGHTLY_AGENT, "Regnskap", "sandkasse_regnskap", &[ACCOUNTANT_PACKAGE]),
    ];
    for agent in &mut agents {
        let listed = &mut agent.listed;
        if listed.id == PAYROLL_AGENT {
            listed.external_ref = Some(PAYROLL_EXTERNAL_REF.to_owned());
            "2026-01-12T07:30:00.5+00:00".clone_into(&mut listed.created);
        }
        if listed.id == STANDARD_AGENT {
            listed.kind = AgentKind::Standard;
        }
        listed.deleted = listed.id == DELETED_AGENT;
    }
    agents
}

fn organisations(places: Range<usize>, packages: &Arc<[String]>) -> Vec<SandboxClient> {
    numbers()
        .enumerate()
        .skip(places.start)
        .take(places.len())
        .map(|(place, number)| {
            let id = client_id(ROSTER_SEED, place);
            let name = names::company(place);
            SandboxClient::organisation(id, facilitator(), number, name, Arc::clone(packages))
        })
        .collect()
}

/// Numbers without end, all different, and hardly anybody's: production's begin with 8 or 9, and the test
/// environments have few that begin with 1, 4 or 5. One in ten begins with 0, since such numbers exist there too.
fn numbers() -> impl Iterator<Item = OrganisationNumber> {
    const FIRST_DIGITS: [u32; 10] = [4, 5, 1, 4, 5, 1, 0, 5, 4, 1];
    // A step that shares no factor with ten million goes through all of them before it comes back.
    (0u32..).filter_map(|place| {
        let first_digit = FIRST_DIGITS[place as usize % FIRST_DIGITS.len()];
        let rest = u64::from(place).wrapping_mul(7_654_321).wrapping_add(1_234_567) % 10_000_000;
        OrganisationNumber::from_first_eight(first_digit * 10_000_000 + u32::try_from(rest).unwrap_or(0))
    })
}

fn client_id(seed: u64, place: usize) -> ClientId {
    ClientId(chance::uuid(seed, &[place as u64]))
}

fn person_id(place: u64) -> ClientId {
    ClientId(chance::uuid(ROSTER_SEED, &[place, 1]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{MOST_IN_A_ROW, Request};

    #[test]
    fn the_roster_has_as_many_of_each_as_its_documentation_says() {
        let world = World::built_in(DEFAULT_SEED, 0.0);
        assert_eq!(facilitator().to_string(), "314250052");
        assert_eq!(ONBOARDING_AGENT.to_string(), "1b6cea43-f499-4aae-a633-51cf542795af");
        assert_eq!(world.agents().filter(|agent| agent.facilitator == facilitator()).count(), 7);
        assert_eq!(world.facilitators().count(), 1 + DEFAULT_SMALL_FIRMS);
        assert_eq!(world.delegated(NIGHTLY_AGENT).len(), 200 + 3);
        assert_eq!(world.client_count(facilitator()), 1_000 + 30 + 25 + 40);
        let counts: Vec<_> = (0..3).map(|place| world.client_count(small_firm(place))).collect();
        assert_eq!(counts, [12, 19, 26]);
        let delegated = world.delegated(ONBOARDING_AGENT);
        assert_eq!(delegated.len(), 45);
        let gone = |client: &&SandboxClient| !client.available && delegated.contains(&client.id);
        assert_eq!(world.clients().iter().filter(gone).count(), 3);
        let persons = world.clients().iter().filter(|client| client.number.is_none());
        assert_eq!(persons.count(), 25);
        assert_eq!(world.delegated(PAYROLL_AGENT), BTreeSet::new());
        assert_eq!(world.delegated(REFUSALS_AGENT).len(), 2);
        let zeros = world.clients().iter().filter_map(|client| client.number);
        assert!(zeros.filter(|number| number.to_string().starts_with('0')).count() > 50);
    }

    #[test]
    fn nobody_in_a_world_has_anothers_number_uuid_or_name() {
        for world in [World::built_in(1, 0.0), World::with_clients(20_000, 3)] {
            let clients = world.clients();
            let ids: BTreeSet<_> = clients.iter().map(|client| client.id).collect();
            assert_eq!(ids.len(), clients.len());
            let numbers: Vec<_> = clients.iter().filter_map(|client| client.number).collect();
            assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), numbers.len());
            let companies = clients.iter().filter(|client| client.number.is_some());
            let names: BTreeSet<_> = companies.map(|client| &client.name).collect();
            assert_eq!(names.len(), numbers.len());
        }
        assert_eq!(client_id(1, 1).0.get_version_num(), 4);
    }

    #[test]
    fn the_demonstration_meets_every_kind_of_fault_and_every_client_gets_through() {
        let mut world = World::built_in(DEFAULT_SEED, DEFAULT_FAULT_SHARE);
        let mut met = BTreeSet::new();
        for client in onboarding_clients().iter().skip(40) {
            for _ in 0..=MOST_IN_A_ROW {
                let reply = world.answer(&Request::delegate(ONBOARDING_AGENT, client.id));
                met.insert(reply.map_or(0, |reply| reply.status));
            }
        }
        assert_eq!(met, BTreeSet::from([0, 200, 400, 429, 500, 502, 503]));
        let fixture: BTreeSet<_> = onboarding_clients().iter().map(|client| client.id).collect();
        assert!(world.delegated(ONBOARDING_AGENT).is_superset(&fixture));
    }
}
