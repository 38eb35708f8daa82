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
    faults::Faults,
    lists::ListStyle,
    parties::{Quirk, SandboxAgent, SandboxClient},
    request::Method,
    tokens::{Permission, Tokens},
};
use crate::model::{AgentId, ClientId, OrganisationNumber};

mod answering;
#[cfg(test)]
mod tests;

pub use answering::Begun;

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

#[derive(Debug, Clone)]
struct Delegation {
    relations: u8,
    packages: Arc<[String]>,
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
    /// Its delegations before.
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
            set_relations(state, place, relations);
        }
        self
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
        self.delegation(agent, client).map_or(0, |delegation| delegation.relations)
    }

    /// The packages that the agent may use for the client: those it had when the client was last delegated.
    pub fn delegated_packages(&self, agent: AgentId, client: ClientId) -> &[String] {
        self.delegation(agent, client).map_or(&[], |delegation| &delegation.packages)
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

/// Gives the client this many delegations, with the packages that the agent has now.
fn set_relations(state: &mut AgentState, client: usize, relations: u8) {
    if relations == 0 {
        state.delegations.remove(&client);
        return;
    }
    if *state.packages != *state.agent.listed.packages {
        state.packages = state.agent.listed.packages.iter().cloned().collect();
    }
    let packages = Arc::clone(&state.packages);
    state.delegations.insert(client, Delegation { relations, packages });
}
