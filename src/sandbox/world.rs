//! The world behind the API: pure, so that a server, a test in virtual time and a property test can all ask it.
//!
//! A request has two moments. [`World::begin`] is when it reaches Altinn, [`World::finish`] is when Altinn answers;
//! what is changed is changed at the second. Between them other requests can begin, which is how first POSTs to a
//! new agent race. Where that does not matter, [`World::answer`] is both at once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use uuid::Uuid;

use super::{
    chance,
    faults::Faults,
    lists::ListStyle,
    parties::{Quirk, SandboxAgent, SandboxClient},
    request::{Method, Request, Route},
    roles::Role,
    tokens::{Permission, Tokens},
};
use crate::model::{AgentId, ClientId, OrganisationNumber, PartyId};

mod administration;
mod answering;
#[cfg(test)]
mod contract;
mod requests;
#[cfg(test)]
mod tests;

pub use answering::Begun;
pub use requests::{RequestStatus, SandboxSystem};

/// A fake Altinn: facilitators, their agents and clients, and who is delegated to whom.
#[derive(Debug, Clone)]
pub struct World {
    seed: u64,
    facilitators: BTreeSet<OrganisationNumber>,
    agents: Vec<AgentState>,
    agent_places: BTreeMap<AgentId, usize>,
    clients: Vec<SandboxClient>,
    client_places: HashMap<ClientId, usize>,
    tokens: Tokens,
    faults: Faults,
    lists: ListStyle,
    traffic: HashMap<(Uuid, Uuid), Traffic>,
    requests: u64,
    changes: Vec<Change>,
    assigned: Vec<AgentId>,
    client_counts: BTreeMap<OrganisationNumber, usize>,
    requests_made: requests::Requests,
}

#[derive(Debug, Clone)]
struct AgentState {
    agent: SandboxAgent,
    delegations: HashMap<usize, Delegation>,
    first_post: FirstPost,
    /// The packages it had at the last delegation, so that its delegations share them.
    packages: Arc<[String]>,
}

/// An agent's own assignment to its facilitator, which its first POST makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FirstPost {
    None,
    UnderWay,
    Done,
}

/// A client's delegation to an agent: a row for each of its roles, and on each row the packages.
#[derive(Debug, Clone, Default)]
struct Delegation {
    rows: Vec<Row>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) role: Role,
    pub(super) packages: Arc<[String]>,
}

impl Delegation {
    fn row(&self, role: Role) -> Option<&Row> {
        self.rows.iter().find(|row| row.role == role)
    }

    fn count(&self) -> u8 {
        u8::try_from(self.rows.len()).unwrap_or(u8::MAX)
    }
}

/// What there was about one agent and client (or about an agent's lists, with no client).
#[derive(Debug, Clone, Copy, Default)]
struct Traffic {
    gets: u32,
    posts: u32,
    deletes: u32,
    faults_in_a_row: u8,
}

/// One change of who is delegated to whom, in the order in which they were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The agent.
    pub agent: AgentId,
    /// The client.
    pub client: ClientId,
    /// Its delegations before; as many as after where only their packages have changed.
    pub before: u8,
    /// Its delegations after: 0 when it is not delegated any more.
    pub after: u8,
}

/// Building a world.
impl World {
    /// A world without anybody in it. The seed decides dialects, orders and trace ids.
    pub fn empty(seed: u64) -> Self {
        Self {
            seed,
            facilitators: BTreeSet::new(),
            agents: Vec::new(),
            agent_places: BTreeMap::new(),
            clients: Vec::new(),
            client_places: HashMap::new(),
            tokens: Tokens::default(),
            faults: Faults::none(),
            lists: ListStyle::default(),
            traffic: HashMap::new(),
            requests: 0,
            changes: Vec::new(),
            assigned: Vec::new(),
            client_counts: BTreeMap::new(),
            requests_made: requests::Requests::default(),
        }
    }

    /// Makes a facilitator known. Agents of one that is not answer 404.
    pub fn add_facilitator(&mut self, facilitator: OrganisationNumber) -> &mut Self {
        self.facilitators.insert(facilitator);
        self
    }

    /// Adds an agent, or replaces the one with its UUID (its delegations stay as they are).
    pub fn add_agent(&mut self, agent: SandboxAgent) -> &mut Self {
        if let Some(state) = self.agent_state_mut(agent.listed.id) {
            state.agent = agent;
            return self;
        }
        self.agent_places.insert(agent.listed.id, self.agents.len());
        self.agents.push(AgentState {
            agent,
            delegations: HashMap::new(),
            first_post: FirstPost::None,
            packages: Arc::default(),
        });
        self
    }

    /// Adds a client, or replaces the one with its UUID (its delegations stay as they are).
    pub fn add_client(&mut self, client: SandboxClient) -> &mut Self {
        if let Some(place) = self.client_places.get(&client.id) {
            self.clients[*place] = client;
            return self;
        }
        self.client_places.insert(client.id, self.clients.len());
        *self.client_counts.entry(client.facilitator).or_default() += 1;
        self.clients.push(client);
        self
    }

    /// Makes it so that the client has this many delegations to the agent, 0 for none. Not in the log of changes:
    /// this is how the world is, not what somebody asked for. Nothing happens where either is unknown.
    pub fn set_delegated(&mut self, agent: AgentId, client: ClientId, relations: u8) -> &mut Self {
        if let (Some(place), Some(state)) = (
            self.client_places.get(&client).copied(),
            self.agent_places.get(&agent).and_then(|place| self.agents.get_mut(*place)),
        ) {
            state.first_post = FirstPost::Done;
            let rows = rows_of(&self.clients[place], &state.agent.listed.packages, relations);
            state.put(place, rows);
        }
        self
    }

    /// Makes it so that the client has exactly these rows, with an agent that has its own assignment.
    pub(super) fn set_rows(&mut self, agent: AgentId, client: ClientId, rows: Vec<(Role, Vec<String>)>) {
        if let (Some(place), Some(state)) = (
            self.client_places.get(&client).copied(),
            self.agent_places.get(&agent).and_then(|place| self.agents.get_mut(*place)),
        ) {
            state.first_post = FirstPost::Done;
            state.put(place, rows);
        }
    }

    /// Makes it so that the agent has its own assignment to the facilitator.
    pub(super) fn set_assigned(&mut self, agent: AgentId) {
        if let Some(state) = self.agent_state_mut(agent) {
            state.first_post = FirstPost::Done;
        }
    }

    /// The agent, to be changed: its packages, say, as a change request would.
    pub fn agent_mut(&mut self, agent: AgentId) -> Option<&mut SandboxAgent> {
        self.agent_state_mut(agent).map(|state| &mut state.agent)
    }

    /// The client, to be changed: a relationship that ends, say.
    pub fn client_mut(&mut self, client: ClientId) -> Option<&mut SandboxClient> {
        let place = *self.client_places.get(&client)?;
        self.clients.get_mut(place)
    }

    /// What goes wrong on the way.
    pub fn faults_mut(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// How lists are written.
    pub fn lists_mut(&mut self) -> &mut ListStyle {
        &mut self.lists
    }

    /// Accepts this token from now on.
    pub fn accept_token(&mut self, token: &str, permission: Permission) -> &mut Self {
        self.tokens.accept(token, permission);
        self
    }

    /// Answers 401 to this token from now on, as when it has run out.
    pub fn reject_token(&mut self, token: &str) -> &mut Self {
        self.tokens.reject(token);
        self
    }
}

/// Looking at a world.
impl World {
    /// The clients that are delegated to the agent now.
    pub fn delegated(&self, agent: AgentId) -> BTreeSet<ClientId> {
        self.agent_state(agent)
            .into_iter()
            .flat_map(|state| state.delegations.keys())
            .map(|place| self.clients[*place].id)
            .collect()
    }

    /// How many delegations the client has to the agent: one for each role that ties it to the facilitator.
    pub fn relations(&self, agent: AgentId, client: ClientId) -> u8 {
        self.delegation(agent, client).map_or(0, Delegation::count)
    }

    /// The packages that the agent may use for the client, over all its roles, each once and in order.
    pub fn delegated_packages(&self, agent: AgentId, client: ClientId) -> Vec<String> {
        let rows = self.delegation(agent, client).into_iter().flat_map(|delegation| &delegation.rows);
        let packages: BTreeSet<String> = rows.flat_map(|row| row.packages.iter().cloned()).collect();
        packages.into_iter().collect()
    }

    /// The client's delegation to the agent, role by role: what two ways of making it can be compared by.
    pub fn delegated_rows(&self, agent: AgentId, client: ClientId) -> BTreeMap<String, BTreeSet<String>> {
        let rows = self.delegation(agent, client).into_iter().flat_map(|delegation| &delegation.rows);
        rows.map(|row| (row.role.urn(), row.packages.iter().cloned().collect())).collect()
    }

    /// The facilitator's party UUID, by which the second API knows it.
    pub fn party(&self, facilitator: OrganisationNumber) -> PartyId {
        PartyId(chance::uuid(0xf1a3, &[u64::from(facilitator.as_u32())]))
    }

    /// The facilitators, in order.
    pub fn facilitators(&self) -> impl Iterator<Item = OrganisationNumber> + '_ {
        self.facilitators.iter().copied()
    }

    /// How many clients the facilitator has.
    pub fn client_count(&self, facilitator: OrganisationNumber) -> usize {
        self.client_counts.get(&facilitator).copied().unwrap_or(0)
    }

    /// How many clients the first API's server goes through before it answers this: the firm's whole list, for every
    /// POST and for its lists. The second API's does not.
    pub(super) fn clients_gone_through(&self, request: &Request) -> usize {
        let agent = request.agent.as_deref().and_then(|agent| agent.parse().ok());
        let agent = agent.and_then(|agent| self.agent_state(agent));
        let is_the_first_apis = matches!(request.route(), Some(Route::Available | Route::Clients));
        match agent {
            Some(state) if is_the_first_apis && request.method != Method::Delete => {
                self.client_count(state.agent.facilitator)
            }
            _ => 0,
        }
    }

    /// Every client, in the order in which they were added.
    pub fn clients(&self) -> &[SandboxClient] {
        &self.clients
    }

    /// Every agent, in the order in which they were added.
    pub fn agents(&self) -> impl Iterator<Item = &SandboxAgent> {
        self.agents.iter().map(|state| &state.agent)
    }

    /// How many POSTs and DELETEs there were for the client and the agent, answered or not.
    pub fn sent(&self, agent: AgentId, client: ClientId) -> u32 {
        self.count(Method::Post, agent, client) + self.count(Method::Delete, agent, client)
    }

    /// How many requests of this method there were for the client and the agent, answered or not.
    pub fn count(&self, method: Method, agent: AgentId, client: ClientId) -> u32 {
        self.traffic.get(&(agent.0, client.0)).map_or(0, |traffic| traffic.of(method))
    }

    /// How many lists of the agent were asked for, each page for itself.
    pub fn lists_read(&self, agent: AgentId) -> u32 {
        self.count(Method::Get, agent, ClientId(Uuid::nil()))
    }

    /// How many requests there were.
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// Every change that a request made, in order.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The agents whose own assignment a request made, in order.
    pub(super) fn assigned(&self) -> &[AgentId] {
        &self.assigned
    }

    /// The client's rows with the agent, in order.
    pub(super) fn rows(&self, agent: AgentId, client: ClientId) -> &[Row] {
        self.delegation(agent, client).map_or(&[], |delegation| &delegation.rows)
    }
}

impl World {
    fn quirk(&self, client: ClientId) -> Option<Quirk> {
        self.clients[*self.client_places.get(&client)?].quirk
    }

    fn agent_state(&self, agent: AgentId) -> Option<&AgentState> {
        self.agents.get(*self.agent_places.get(&agent)?)
    }

    fn agent_state_mut(&mut self, agent: AgentId) -> Option<&mut AgentState> {
        self.agents.get_mut(*self.agent_places.get(&agent)?)
    }

    fn delegation(&self, agent: AgentId, client: ClientId) -> Option<&Delegation> {
        self.agent_state(agent)?.delegations.get(self.client_places.get(&client)?)
    }
}

impl Traffic {
    fn add(&mut self, method: Method) {
        match method {
            Method::Post => self.posts += 1,
            Method::Delete => self.deletes += 1,
            Method::Get | Method::Other => self.gets += 1,
        }
    }

    fn of(self, method: Method) -> u32 {
        match method {
            Method::Post => self.posts,
            Method::Delete => self.deletes,
            Method::Get | Method::Other => self.gets,
        }
    }
}

impl AgentState {
    /// Puts these rows in place of the client's; none to take it away. Rows share their packages with others'.
    fn put(&mut self, client: usize, rows: Vec<(Role, Vec<String>)>) {
        if rows.is_empty() {
            self.delegations.remove(&client);
            return;
        }
        let rows = rows.into_iter().map(|(role, packages)| {
            if *self.packages != *packages {
                self.packages = packages.into();
            }
            Row { role, packages: Arc::clone(&self.packages) }
        });
        let delegation = Delegation { rows: rows.collect() };
        self.delegations.insert(client, delegation);
    }
}

/// So many rows of a client's for an agent with these packages, as the world is made and not as somebody asked for it:
/// where fewer of the client's roles carry any, others do.
fn rows_of(client: &SandboxClient, packages: &[String], count: u8) -> Vec<(Role, Vec<String>)> {
    let mut rows = client.delegable(packages);
    for role in Role::GIVING.into_iter().rev() {
        if rows.len() < usize::from(count) && !rows.iter().any(|(there, _)| *there == role) {
            rows.push((role, packages.to_vec()));
        }
    }
    rows.truncate(usize::from(count));
    rows
}
