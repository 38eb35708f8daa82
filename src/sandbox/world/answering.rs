//! How the world answers: what stands in the way, what is changed, and when.

use serde_json::json;
use uuid::Uuid;

use super::{Change, FirstPost, World, set_relations};
use crate::{
    model::{AgentId, AgentKind, ClientId, OrganisationNumber},
    sandbox::{
        chance,
        faults::{Fault, Try},
        lists::{Page, agents_reply},
        parties::Quirk,
        problem::{self, Refusal},
        request::{Method, Reply, Request, Route},
    },
};

/// A request that has reached the world and is not answered yet.
///
/// Finish every one: a first POST that is never finished keeps its agent new for ever.
#[must_use = "a request that is begun has to be finished"]
#[derive(Debug)]
pub struct Begun(Work);

#[derive(Debug)]
enum Work {
    Decided(Option<Reply>),
    Agents(OrganisationNumber),
    List { route: Route, path: String, agent: usize, from: usize, cut: bool },
    Change { adds: bool, agent: usize, client: ClientId, first: bool, salt: u64, cut: bool },
}

/// The readable parameters of a request.
struct Parameters {
    agent: Option<AgentId>,
    client: Option<ClientId>,
    from: usize,
}

/// Asking a world.
impl World {
    /// Answers a request at once. `None`: the connection is cut without an answer.
    pub fn answer(&mut self, request: &Request) -> Option<Reply> {
        let begun = self.begin(request);
        self.finish(begun)
    }

    /// A request reaches the world. What it will be answered is decided as far as it does not depend on what
    /// happens until [`Self::finish`].
    pub fn begin(&mut self, request: &Request) -> Begun {
        self.requests += 1;
        let tried = self.count_request(request);
        let [agent_high, agent_low] = chance::halves(tried.agent);
        let [client_high, client_low] = chance::halves(tried.client);
        let nth = u64::from(tried.nth);
        let salt = chance::roll(self.seed, &[agent_high, agent_low, client_high, client_low, nth]);
        Begun(self.decide(request, tried, salt).unwrap_or_else(Work::Decided))
    }

    /// The world answers a request that has begun. `None`: the connection is cut without an answer.
    pub fn finish(&mut self, begun: Begun) -> Option<Reply> {
        match begun.0 {
            Work::Decided(reply) => reply,
            Work::Agents(party) => {
                Some(agents_reply(self.agents().filter(|agent| agent.facilitator == party)))
            }
            Work::List { cut: true, .. } => None,
            Work::List { route, path, agent, from, cut: false } => Some(self.list(route, &path, agent, from)),
            Work::Change { adds, agent, client, first, salt, cut } => {
                let reply =
                    if adds { self.add(agent, client, first, salt) } else { self.remove_one(agent, client) };
                (!cut).then_some(reply)
            }
        }
    }

    /// Counts the request before anything is decided about it.
    fn count_request(&mut self, request: &Request) -> Try {
        let uuid = |text: &Option<String>| {
            text.as_deref().and_then(|text| Uuid::parse_str(text).ok()).unwrap_or_default()
        };
        let (agent, client) = (uuid(&request.agent), uuid(&request.client));
        let traffic = self.traffic.entry((agent, client)).or_default();
        traffic.add(request.method);
        Try {
            method: request.method,
            agent,
            client,
            nth: traffic.gets + traffic.posts + traffic.deletes,
            faults_in_a_row: traffic.faults_in_a_row,
            nth_of_all: self.requests,
        }
    }

    /// From the front door inwards; `Err` is the answer where something stands in the way.
    fn decide(&mut self, request: &Request, tried: Try, salt: u64) -> Result<Work, Option<Reply>> {
        let route = request.route().ok_or_else(|| Some(Reply::empty(404)))?;
        let writes = matches!(request.method, Method::Post | Method::Delete);
        if request.method == Method::Other || (writes && route != Route::Clients) {
            return Err(Some(Reply::empty(405)));
        }
        if let Some(reply) = self.tokens.refusal(request.token.as_deref(), request.method, route, salt) {
            return Err(Some(reply));
        }
        let cut = self.meet_fault(tried, salt)?;
        if route == Route::Agents {
            return self.decide_agents(request, salt);
        }
        let parameters = readable(request, salt).map_err(Some)?;
        let agent = self.usable_agent(request.method, route, &parameters, salt).map_err(Some)?;
        match (request.method, parameters.client) {
            (Method::Post, Some(client)) => {
                if let Some(refusal) = self.refuses_delegation(agent, client) {
                    return Err(Some(refusal.reply(salt)));
                }
                let first = self.is_first_post(agent).map_err(|lost| Some(lost.reply(salt)))?;
                Ok(Work::Change { adds: true, agent, client, first, salt, cut })
            }
            (Method::Delete, Some(client)) => {
                if let Some(Quirk::RefusesRemoval(refusal)) = self.quirk(client) {
                    return Err(Some(refusal.reply(salt)));
                }
                Ok(Work::Change { adds: false, agent, client, first: false, salt, cut })
            }
            _ => Ok(Work::List { route, path: request.path.clone(), agent, from: parameters.from, cut }),
        }
    }

    /// Whether the connection is to be cut after the work; `Err` when a fault answers instead of the work.
    fn meet_fault(&mut self, tried: Try, salt: u64) -> Result<bool, Option<Reply>> {
        let scripted = self.faults.scripted(tried);
        let passing = match scripted {
            Some(_) => None,
            None => self.faults.passing_fault(tried),
        };
        if let Some(traffic) = self.traffic.get_mut(&(tried.agent, tried.client)) {
            traffic.faults_in_a_row = match passing {
                Some(_) => traffic.faults_in_a_row + 1,
                None => 0,
            };
        }
        match scripted.or(passing) {
            None => Ok(false),
            Some(Fault::CutAfterChange) => Ok(true),
            Some(Fault::CutBeforeChange) => Err(None),
            Some(Fault::Answered(reply)) => Err(Some(reply)),
            Some(Fault::Refused(refusal)) => Err(Some(refusal.reply(salt))),
        }
    }

    fn decide_agents(&self, request: &Request, salt: u64) -> Result<Work, Option<Reply>> {
        let text = request.party.as_deref().unwrap_or_default();
        if text.is_empty() {
            return Err(Some(problem::unreadable(&[("party", "")], salt)));
        }
        OrganisationNumber::parse(text)
            .ok()
            .filter(|party| self.facilitators.contains(party))
            .map(Work::Agents)
            .ok_or_else(|| Some(Refusal::PartyNotFound.reply(salt)))
    }

    /// The agent's place, when nothing is wrong with it or with what else has to be given.
    fn usable_agent(
        &self,
        method: Method,
        route: Route,
        parameters: &Parameters,
        salt: u64,
    ) -> Result<usize, Reply> {
        let place = parameters
            .agent
            .and_then(|agent| self.agent_places.get(&agent).copied())
            .filter(|place| !self.agents[*place].agent.listed.deleted);
        let standard = |place: usize| self.agents[place].agent.listed.kind == AgentKind::Standard;
        let mut errors = Vec::new();
        match place {
            None => errors.push(Refusal::AgentNotFound),
            Some(place) if standard(place) => errors.push(Refusal::StandardSystemUser),
            Some(_) => {}
        }
        if method != Method::Get && parameters.client.is_none() {
            errors.push(Refusal::ClientUnreadable);
        }
        let place = match place {
            Some(place) if errors.is_empty() => place,
            _ => return Err(problem::validation(&errors, salt)),
        };
        let agent = &self.agents[place].agent;
        let needs_packages = method == Method::Post || route == Route::Available;
        let refusal = if !self.facilitators.contains(&agent.facilitator) {
            Some(Refusal::SystemOwnerNotFound)
        } else if agent.refuses.is_some() {
            agent.refuses
        } else if needs_packages && agent.listed.packages.is_empty() {
            Some(Refusal::NoUsablePackage)
        } else {
            None
        };
        refusal.map_or(Ok(place), |refusal| Err(refusal.reply(salt)))
    }

    fn refuses_delegation(&self, agent: usize, client: ClientId) -> Option<Refusal> {
        let state = &self.agents[agent];
        let Some(place) = self.client_places.get(&client) else {
            return Some(Refusal::ClientNotFound);
        };
        let client = &self.clients[*place];
        match client.quirk {
            Some(Quirk::RefusesDelegation(refusal)) => return Some(refusal),
            Some(Quirk::StuckWhileDelegated) if state.delegations.contains_key(place) => {
                return Some(Refusal::DelegationFailed);
            }
            _ => {}
        }
        if client.facilitator != state.agent.facilitator || !client.available {
            return Some(Refusal::ClientNotFound);
        }
        let required = &state.agent.listed.packages;
        let has_all = required.iter().all(|package| client.packages.contains(package));
        (!has_all).then_some(Refusal::PackageMissing)
    }

    /// Whether this POST makes the agent's own assignment; `Err` when another is making it right now.
    fn is_first_post(&mut self, agent: usize) -> Result<bool, Refusal> {
        let first_post = &mut self.agents[agent].first_post;
        match *first_post {
            FirstPost::Done => Ok(false),
            FirstPost::UnderWay => Err(Refusal::DelegationFailed),
            FirstPost::None => {
                *first_post = FirstPost::UnderWay;
                Ok(true)
            }
        }
    }

    fn add(&mut self, agent: usize, client: ClientId, first: bool, salt: u64) -> Reply {
        let Some(place) = self.client_places.get(&client).copied() else {
            return Refusal::ClientNotFound.reply(salt);
        };
        let relations = self.clients[place].relations;
        if first {
            self.agents[agent].first_post = FirstPost::Done;
        }
        self.change(agent, place, |before| relations.max(before))
    }

    fn remove_one(&mut self, agent: usize, client: ClientId) -> Reply {
        match self.client_places.get(&client).copied() {
            Some(place) => self.change(agent, place, |before| before.saturating_sub(1)),
            None => done(self.agents[agent].agent.listed.id, client),
        }
    }

    fn change(&mut self, agent: usize, client: usize, after: impl FnOnce(u8) -> u8) -> Reply {
        let state = &mut self.agents[agent];
        let before = state.delegations.get(&client).map_or(0, |delegation| delegation.relations);
        let after = after(before);
        let ids = (state.agent.listed.id, self.clients[client].id);
        // Added again, a client gets the packages that the agent has now; what is left of one keeps its own.
        if after >= before {
            set_relations(state, client, after);
        } else if after == 0 {
            state.delegations.remove(&client);
        } else if let Some(delegation) = state.delegations.get_mut(&client) {
            delegation.relations = after;
        }
        if after != before {
            self.changes.push(Change { agent: ids.0, client: ids.1, before, after });
        }
        done(ids.0, ids.1)
    }

    fn list(&self, route: Route, path: &str, agent: usize, from: usize) -> Reply {
        let state = &self.agents[agent];
        let page = Page {
            style: &self.lists,
            path,
            agent: state.agent.listed.id,
            owner: state.agent.facilitator,
            from,
            seed: self.seed,
        };
        if route == Route::Clients {
            return page.reply(state.delegations.keys().map(|place| &self.clients[*place]));
        }
        let packages = &state.agent.listed.packages;
        page.reply(self.clients.iter().filter(|client| {
            client.available
                && client.facilitator == state.agent.facilitator
                && client.packages.iter().any(|package| packages.contains(package))
        }))
    }
}

fn done(agent: AgentId, client: ClientId) -> Reply {
    Reply::json(200, &json!({ "agent": agent, "client": client }))
}

/// The parameters as the framework reads them: missing is the API's business, unreadable its own.
fn readable(request: &Request, salt: u64) -> Result<Parameters, Reply> {
    let mut wrong = Vec::new();
    let mut uuid = |name, text: &'_ Option<String>| {
        let text = text.as_deref().filter(|text| !text.is_empty())?;
        let parsed = Uuid::parse_str(text);
        if parsed.is_err() {
            wrong.push((name, text.to_owned()));
        }
        parsed.ok().filter(|uuid| !uuid.is_nil())
    };
    let agent = uuid("agent", &request.agent).map(AgentId);
    let client = uuid("client", &request.client).map(ClientId);
    if wrong.is_empty() {
        let from = request.from.as_deref().and_then(|from| from.parse().ok());
        return Ok(Parameters { agent, client, from: from.unwrap_or(0) });
    }
    let wrong: Vec<(&str, &str)> = wrong.iter().map(|(name, text)| (*name, text.as_str())).collect();
    Err(problem::unreadable(&wrong, salt))
}
