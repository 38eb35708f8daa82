//! How the world answers: what stands in the way, what is changed, and when.

use serde_json::json;
use uuid::Uuid;

use super::{Change, FirstPost, Row, World, administration::Asked, requests::VendorCall};
use crate::{
    model::{AgentId, AgentKind, ClientId, OrganisationNumber},
    sandbox::{
        chance,
        faults::{Fault, Try},
        lists::{Page, agents_reply},
        parties::{Quirk, SandboxAgent},
        problem::{self, Refusal},
        request::{Method, Reply, Request, Route},
        roles::{Role, is_delegable},
        tokens::{Grant, Tokens, Vendor},
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
    Administration { asked: Asked, salt: u64, cut: bool },
    Vendor { call: VendorCall, vendor: Vendor, cut: bool },
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
                let listed = |agent: &&SandboxAgent| {
                    agent.facilitator == party
                        && !agent.listed.deleted
                        && agent.listed.kind != AgentKind::Standard
                };
                Some(agents_reply(self.agents().filter(listed)))
            }
            Work::List { cut: true, .. } => None,
            Work::List { route, path, agent, from, cut: false } => Some(self.list(route, &path, agent, from)),
            Work::Change { adds, agent, client, first, salt, cut } => {
                let reply =
                    if adds { self.add(agent, client, first, salt) } else { self.remove_one(agent, client) };
                (!cut).then_some(reply)
            }
            Work::Administration { asked, salt, cut } => {
                let reply = self.administer(asked, salt);
                (!cut).then_some(reply)
            }
            Work::Vendor { call, vendor, cut } => {
                let reply = self.answer_vendor(call, vendor);
                (!cut).then_some(reply)
            }
        }
    }

    /// Counts the request before anything is decided about it.
    fn count_request(&mut self, request: &Request) -> Try {
        let uuid = |text: Option<&str>| text.and_then(|text| Uuid::parse_str(text).ok()).unwrap_or_default();
        let is_of_administration = request.route().is_some_and(Route::is_of_administration);
        let (agent, client) = if is_of_administration {
            (uuid(request.parameter("to")), uuid(request.parameter("from")))
        } else {
            (uuid(request.agent.as_deref()), uuid(request.client.as_deref()))
        };
        let traffic = self.traffic.entry((agent, client)).or_default();
        traffic.add(request.method);
        Try {
            method: request.method,
            agent,
            client,
            nth: traffic.gets + traffic.posts + traffic.deletes,
            faults_in_a_row: traffic.faults_in_a_row,
            nth_of_all: self.requests,
            is_of_administration,
        }
    }

    /// From the front door inwards; `Err` is the answer where something stands in the way.
    fn decide(&mut self, request: &Request, tried: Try, salt: u64) -> Result<Work, Option<Reply>> {
        if let Some(page) = self.request_page(request) {
            return Err(Some(page));
        }
        if let Some(call) = VendorCall::of(request) {
            let vendor = Tokens::vendor(request);
            let refused = call.refused(vendor, request.token.is_some());
            let vendor = vendor.filter(|_| refused.is_none()).ok_or(refused)?;
            return Ok(Work::Vendor { call, vendor, cut: self.meet_fault(tried, salt)? });
        }
        let route = request.route().ok_or_else(|| Some(Reply::empty(404)))?;
        if !route.takes(request.method) {
            return Err(Some(Reply::empty(405)));
        }
        let grant = self.tokens.admit(request, route, salt).map_err(Some)?;
        let cut = self.meet_fault(tried, salt)?;
        if route.is_of_administration() {
            let asked = self.decide_administration(request, route, grant, salt).map_err(Some)?;
            return Ok(Work::Administration { asked, salt, cut });
        }
        if route == Route::Agents {
            return self.decide_agents(request, grant, salt);
        }
        let parameters = readable(request, salt).map_err(Some)?;
        let agent = self.usable_agent(request.method, route, &parameters, salt).map_err(Some)?;
        if grant.firm.is_some_and(|firm| firm != self.agents[agent].agent.facilitator) {
            return Err(Some(Reply::empty(403)));
        }
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

    fn decide_agents(&self, request: &Request, grant: Grant, salt: u64) -> Result<Work, Option<Reply>> {
        let text = request.party.as_deref().unwrap_or_default();
        if text.is_empty() {
            return Err(Some(problem::unreadable(&[("party", "")], salt)));
        }
        let party = OrganisationNumber::parse(text).ok().filter(|party| self.facilitators.contains(party));
        match party {
            None => Err(Some(problem::party_not_found(text, salt))),
            Some(party) if grant.firm.is_some_and(|firm| firm != party) => Err(Some(Reply::empty(403))),
            Some(party) => Ok(Work::Agents(party)),
        }
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
            None if parameters.agent.is_none() => errors.push(Refusal::AgentUnreadable),
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
        let required = &state.agent.listed.packages;
        let is_client = client.facilitator == state.agent.facilitator && client.available;
        if !is_client || !required.iter().any(|package| client.gives(package)) {
            return Some(Refusal::ClientNotFound);
        }
        let has_all = required.iter().all(|package| client.gives(package) && is_delegable(package));
        (!has_all).then_some(Refusal::PackageMissing)
    }

    /// Whether this POST makes the agent's own assignment; `Err` when another is making it right now.
    fn is_first_post(&mut self, agent: usize) -> Result<bool, Refusal> {
        self.begin_first_post(agent).map_err(|()| Refusal::DelegationFailed)
    }

    /// Whether the request that begins makes the agent's own assignment; `Err` when another is making it right now.
    pub(super) fn begin_first_post(&mut self, agent: usize) -> Result<bool, ()> {
        let first_post = &mut self.agents[agent].first_post;
        match *first_post {
            FirstPost::Done => Ok(false),
            FirstPost::UnderWay => Err(()),
            FirstPost::None => {
                *first_post = FirstPost::UnderWay;
                Ok(true)
            }
        }
    }

    /// The assignment that the first request has made is there from now on.
    pub(super) fn finish_first_post(&mut self, agent: usize) {
        let state = &mut self.agents[agent];
        if state.first_post != FirstPost::Done {
            state.first_post = FirstPost::Done;
            self.assigned.push(state.agent.listed.id);
        }
    }

    fn add(&mut self, agent: usize, client: ClientId, first: bool, salt: u64) -> Reply {
        let Some(place) = self.client_places.get(&client).copied() else {
            return Refusal::ClientNotFound.reply(salt);
        };
        if first {
            self.finish_first_post(agent);
        }
        let state = &self.agents[agent];
        let new = self.clients[place].delegable(&state.agent.listed.packages);
        let id = state.agent.listed.id;
        self.add_packages(agent, place, &new);
        done(id, client)
    }

    /// Adds packages to the client's rows, and rows where there are none for a role.
    pub(super) fn add_packages(&mut self, agent: usize, client: usize, new: &[(Role, Vec<String>)]) {
        self.change(agent, client, |rows| {
            for (role, packages) in new {
                match rows.iter_mut().find(|(there, _)| there == role) {
                    None => rows.push((*role, packages.clone())),
                    Some((_, there)) => {
                        let missing = packages.iter().filter(|package| !there.contains(package));
                        let missing: Vec<String> = missing.cloned().collect();
                        there.extend(missing);
                    }
                }
            }
        });
    }

    fn remove_one(&mut self, agent: usize, client: ClientId) -> Reply {
        if let Some(place) = self.client_places.get(&client).copied() {
            self.remove_row(agent, place);
        }
        done(self.agents[agent].agent.listed.id, client)
    }

    /// Takes one row away, where there is one.
    pub(super) fn remove_row(&mut self, agent: usize, client: usize) {
        self.change(agent, client, |rows| drop(rows.pop()));
    }

    /// Changes a client's rows, and notes that they have changed.
    pub(super) fn change(
        &mut self,
        agent: usize,
        client: usize,
        change: impl FnOnce(&mut Vec<(Role, Vec<String>)>),
    ) {
        let state = &mut self.agents[agent];
        let before: Vec<Row> =
            state.delegations.get(&client).map(|there| there.rows.clone()).unwrap_or_default();
        let plain = |row: &Row| (row.role, row.packages.to_vec());
        let mut rows: Vec<_> = before.iter().map(plain).collect();
        change(&mut rows);
        rows.retain(|(_, packages)| !packages.is_empty());
        if rows.iter().eq(before.iter().map(plain).collect::<Vec<_>>().iter()) {
            return;
        }
        let count = |length: usize| u8::try_from(length).unwrap_or(u8::MAX);
        let (before, after) = (count(before.len()), count(rows.len()));
        state.put(client, rows);
        let (agent, client) = (state.agent.listed.id, self.clients[client].id);
        self.changes.push(Change { agent, client, before, after });
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
                && packages.iter().any(|package| client.gives(package))
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
