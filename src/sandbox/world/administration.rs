//! How the world answers access management's client delegation API, on the same rows as the first API.

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{FirstPost, World};
use crate::{
    model::{AgentKind, ClientId, OrganisationNumber},
    sandbox::{
        chance,
        entities::{self, AgentLine, ClientLine, Lines, Listed},
        parties::{Quirk, SandboxClient},
        problem::{self, AdministrationError, Refusal},
        request::{Method, Reply, Request, Route},
        roles::{Role, exists, is_delegable, package_id, short},
        tokens::Grant,
    },
};

/// What has been asked and is not answered yet. What stands in the way is decided when it begins.
#[derive(Debug)]
pub(super) enum Asked {
    FirmClients { firm: OrganisationNumber, roles: Filter<Role>, packages: Filter<String>, page: PageOf },
    FirmAgents { firm: OrganisationNumber },
    AgentPackages { agent: Option<usize>, page: PageOf },
    ClientPackages { firm: OrganisationNumber, client: Option<usize> },
    Prepare { agent: usize, first: bool },
    Delegate { agent: usize, client: usize, values: Vec<(Role, Vec<String>)>, first: bool },
    RemovePackages { agent: usize, client: usize, values: Vec<(Role, Vec<String>)> },
    RemoveClient { pair: Option<(usize, usize)>, cascade: bool },
    RemoveAgent { agent: Option<usize>, cascade: bool },
    Parties { grant: Grant, filtered: bool, known: bool },
}

/// Where a list is asked for, and from which place on.
#[derive(Debug)]
pub(super) struct PageOf {
    path_and_query: String,
    from: usize,
}

/// Any of several; everything where none was asked for, nothing where all that was asked for are unknown.
#[derive(Debug)]
pub(super) enum Filter<T> {
    None,
    AnyOf(Vec<T>),
}

impl<T: PartialEq> Filter<T> {
    fn lets(&self, value: &T) -> bool {
        match self {
            Self::None => true,
            Self::AnyOf(wanted) => wanted.contains(value),
        }
    }
}

/// The body of a change: role by role, the packages.
#[derive(Debug, Deserialize)]
struct Body {
    values: Vec<BodyValue>,
}

#[derive(Debug, Deserialize)]
struct BodyValue {
    role: String,
    #[serde(default)]
    packages: Vec<String>,
}

/// Deciding what is asked.
impl World {
    pub(super) fn decide_administration(
        &mut self,
        request: &Request,
        route: Route,
        grant: Grant,
        salt: u64,
    ) -> Result<Asked, Reply> {
        if route == Route::Parties {
            let ids: Vec<&str> = request.parameters("anyOfResourceIds").collect();
            let known = ids.contains(&"altinn_client_administration");
            return Ok(Asked::Parties { grant, filtered: !ids.is_empty(), known });
        }
        let firm = self.firm_of(request, grant)?;
        let ids = ids(request, salt)?;
        match (route, request.method) {
            (Route::FirmClients, _) => Ok(firm_clients_of(request, firm)),
            (Route::FirmAgents, Method::Get) => Ok(Asked::FirmAgents { firm }),
            (Route::FirmAgents, Method::Post) => self.decide_preparation(firm, ids.to, salt),
            (Route::FirmAgents, _) => {
                Ok(Asked::RemoveAgent { agent: self.agent_of(firm, ids.to), cascade: has_cascade(request) })
            }
            (Route::AgentPackages, Method::Get) => {
                Ok(Asked::AgentPackages { agent: self.agent_of(firm, ids.to), page: page_of(request) })
            }
            (Route::AgentPackages, method) => self.decide_packages(request, method, firm, ids, salt),
            (Route::AgentClients, _) => {
                let client = ids.from.and_then(|from| self.client_places.get(&ClientId(from)).copied());
                let refuses = client.and_then(|client| self.clients[client].quirk);
                if let Some(Quirk::RefusesRemoval(_)) = refuses {
                    return Err(Refusal::InternalServerError.reply(salt));
                }
                let pair = self.agent_of(firm, ids.to).zip(client);
                Ok(Asked::RemoveClient { pair, cascade: has_cascade(request) })
            }
            _ => Ok(Asked::ClientPackages {
                firm,
                client: ids.from.and_then(|from| self.client_places.get(&ClientId(from)).copied()),
            }),
        }
    }

    /// The firm that `party` names, where the caller administers its clients.
    fn firm_of(&self, request: &Request, grant: Grant) -> Result<OrganisationNumber, Reply> {
        let party = request.parameter("party").and_then(|party| Uuid::parse_str(party).ok());
        self.facilitators
            .iter()
            .copied()
            .find(|firm| Some(self.party(*firm).0) == party)
            .filter(|firm| grant.firm.is_none_or(|own| own == *firm))
            .ok_or_else(|| Reply::empty(403))
    }

    fn agent_of(&self, firm: OrganisationNumber, id: Option<Uuid>) -> Option<usize> {
        let place = *self.agent_places.get(&crate::model::AgentId(id?))?;
        (self.agents[place].agent.facilitator == firm).then_some(place)
    }

    /// What is wrong with an agent that clients are to be delegated to.
    fn wrong_agent(&self, firm: OrganisationNumber, id: Option<Uuid>) -> Result<usize, AdministrationError> {
        let about = |error: AdministrationError| match id {
            Some(id) => error.about(id.to_string()),
            None => error,
        };
        let is_a_client = id.and_then(|id| self.client_places.get(&ClientId(id)));
        if let Some(place) = is_a_client {
            let is_a_person = self.clients[*place].number.is_none();
            let code = if is_a_person { "AM.VLD-00032" } else { "AM.VLD-00008" };
            return Err(about(AdministrationError::new(code, "$QUERY/to")));
        }
        let place = id.and_then(|id| self.agent_places.get(&crate::model::AgentId(id)).copied());
        let Some(place) = place.filter(|place| !self.agents[*place].agent.listed.deleted) else {
            return Err(about(AdministrationError::new("AM.VLD-00006", "$QUERY/to")));
        };
        let agent = &self.agents[place].agent;
        if agent.listed.kind == AgentKind::Standard || agent.refuses.is_some() {
            return Err(about(AdministrationError::new("AM.VLD-00008", "$QUERY/to")));
        }
        if agent.facilitator != firm {
            return Err(about(AdministrationError::new("AM.VLD-00032", "$QUERY/to")));
        }
        Ok(place)
    }

    fn decide_preparation(
        &mut self,
        firm: OrganisationNumber,
        to: Option<Uuid>,
        salt: u64,
    ) -> Result<Asked, Reply> {
        let agent = self.wrong_agent(firm, to).map_err(|mut error| {
            if error.code == "AM.VLD-00006" {
                // Here without the sign that stands everywhere else.
                "QUERY/to".clone_into(&mut error.path);
            }
            problem::administration(&[error], salt)
        })?;
        let first = self.begin_first_post(agent).map_err(|()| Refusal::InternalServerError.reply(salt))?;
        Ok(Asked::Prepare { agent, first })
    }

    fn decide_packages(
        &mut self,
        request: &Request,
        method: Method,
        firm: OrganisationNumber,
        ids: Ids,
        salt: u64,
    ) -> Result<Asked, Reply> {
        let body: Body = serde_json::from_slice(&request.body).map_err(|_| problem::unreadable_body(salt))?;
        let client = ids.from.and_then(|from| self.client_places.get(&ClientId(from)).copied());
        let agent = self.wrong_agent(firm, ids.to);
        let mut errors = Vec::new();
        if client.is_none() {
            let error = AdministrationError::new("AM.VLD-00006", "$QUERY/from");
            errors.push(error.about(ids.from.unwrap_or_default().to_string()));
        }
        let (client, agent) = match (client, agent) {
            (Some(client), Ok(agent)) => (client, agent),
            (_, agent) => {
                errors.extend(agent.err());
                return Err(problem::administration(&errors, salt));
            }
        };
        if method == Method::Delete {
            if self.agents[agent].first_post == FirstPost::None {
                let error = AdministrationError::new("AM.VLD-00032", "$QUERY/to");
                return Err(problem::administration(&[error], salt));
            }
            let values = body.values.into_iter();
            let values = values.filter_map(|value| Some((Role::named(&value.role)?, value.packages)));
            return Ok(Asked::RemovePackages { agent, client, values: values.collect() });
        }
        let values = self.delegable_values(agent, &self.clients[client], &body, firm);
        let values = values.map_err(|errors| problem::administration(&errors, salt))?;
        self.refuse_by_quirk(agent, client, salt)?;
        if values.is_empty() {
            return Ok(Asked::Delegate { agent, client, values, first: false });
        }
        let first = self.begin_first_post(agent).map_err(|()| Refusal::InternalServerError.reply(salt))?;
        Ok(Asked::Delegate { agent, client, values, first })
    }

    /// Each role and package that may be delegated, or everything that is wrong with them.
    fn delegable_values(
        &self,
        agent: usize,
        client: &SandboxClient,
        body: &Body,
        firm: OrganisationNumber,
    ) -> Result<Vec<(Role, Vec<String>)>, Vec<AdministrationError>> {
        let gives = client.facilitator == firm && client.available;
        let held = if gives { client.roles() } else { Vec::new() };
        let listed = &self.agents[agent].agent.listed.packages;
        let (mut values, mut errors) = (Vec::new(), Vec::new());
        for (i, value) in body.values.iter().enumerate() {
            let role_error =
                |code| AdministrationError::new(code, format!("/values[{i}]/role")).about(value.role.clone());
            let Some(role) = Role::named(&value.role) else {
                errors.push(role_error("AM.VLD-00029"));
                continue;
            };
            let carried = held.iter().find(|(there, _)| *there == role).map(|(_, packages)| packages);
            if carried.is_none() {
                errors.push(role_error("AM.VLD-00032"));
            }
            for (j, package) in value.packages.iter().enumerate() {
                let is_known =
                    exists(package) || listed.contains(package) || client.packages.contains(package);
                let code = if !is_known {
                    "AM.VLD-00030"
                } else if !is_delegable(package) {
                    "AM.VLD-00033"
                } else if carried.is_some_and(|carried| !carried.contains(&package.as_str())) {
                    "AM.VLD-00026"
                } else {
                    continue;
                };
                let path = format!("/values[{i}]/packages[{j}]");
                errors.push(AdministrationError::new(code, path).about(package.clone()));
            }
            values.push((role, value.packages.clone()));
        }
        if errors.is_empty() { Ok(values) } else { Err(errors) }
    }

    /// What is odd about the client, as this API says it.
    fn refuse_by_quirk(&self, agent: usize, client: usize, salt: u64) -> Result<(), Reply> {
        let refused =
            |code, path: &str| Err(problem::administration(&[AdministrationError::new(code, path)], salt));
        match self.clients[client].quirk {
            Some(Quirk::RefusesDelegation(Refusal::ClientNotFound)) => {
                refused("AM.VLD-00032", "/values[0]/role")
            }
            Some(Quirk::RefusesDelegation(Refusal::PackageMissing)) => {
                refused("AM.VLD-00026", "/values[0]/packages[0]")
            }
            Some(Quirk::RefusesDelegation(Refusal::ClientUnreadable)) => {
                refused("AM.VLD-00006", "$QUERY/from")
            }
            Some(Quirk::RefusesDelegation(Refusal::Undocumented)) => Err(Refusal::Undocumented.reply(salt)),
            Some(Quirk::RefusesDelegation(_)) => Err(Refusal::InternalServerError.reply(salt)),
            Some(Quirk::StuckWhileDelegated) if self.agents[agent].delegations.contains_key(&client) => {
                Err(Refusal::InternalServerError.reply(salt))
            }
            _ => Ok(()),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Ids {
    from: Option<Uuid>,
    to: Option<Uuid>,
}

fn ids(request: &Request, salt: u64) -> Result<Ids, Reply> {
    let mut wrong = Vec::new();
    let mut read = |name: &'static str| {
        let text = request.parameter(name).filter(|text| !text.is_empty())?;
        let parsed = Uuid::parse_str(text).ok();
        if parsed.is_none() {
            wrong.push((name, text));
        }
        parsed
    };
    let ids = Ids { from: read("from"), to: read("to") };
    if wrong.is_empty() { Ok(ids) } else { Err(problem::unreadable(&wrong, salt)) }
}

fn firm_clients_of(request: &Request, firm: OrganisationNumber) -> Asked {
    let mut roles = request.parameters("roles").peekable();
    let roles = match roles.peek() {
        None => Filter::None,
        Some(_) => Filter::AnyOf(roles.filter_map(Role::named).collect()),
    };
    let mut packages = request.parameters("packages").peekable();
    let packages = if packages.peek().is_some() {
        Filter::AnyOf(packages.map(|package| short(package).to_owned()).collect())
    } else {
        Filter::None
    };
    Asked::FirmClients { firm, roles, packages, page: page_of(request) }
}

fn has_cascade(request: &Request) -> bool {
    request.parameter("cascade").is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

fn page_of(request: &Request) -> PageOf {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    // Where a page begins is ours to say: `from` is a client's in this API.
    for (name, value) in request.query.iter().filter(|(name, _)| name != "fromPlace") {
        query.append_pair(name, value);
    }
    PageOf {
        path_and_query: format!("{}?{}", request.path, query.finish()),
        from: request.parameter("fromPlace").and_then(|from| from.parse().ok()).unwrap_or(0),
    }
}

/// Answering it.
impl World {
    pub(super) fn administer(&mut self, asked: Asked, salt: u64) -> Reply {
        match asked {
            Asked::FirmClients { firm, roles, packages, page } => {
                self.firm_clients(firm, &roles, &packages, &page)
            }
            Asked::FirmAgents { firm } => self.firm_agents(firm),
            Asked::AgentPackages { agent, page } => self.agent_packages(agent, &page),
            Asked::ClientPackages { firm, client } => self.client_packages(firm, client),
            Asked::Prepare { agent, first } => {
                if first {
                    self.finish_first_post(agent);
                }
                let state = &self.agents[agent].agent;
                let from = self.party(state.facilitator);
                let id = chance::uuid(0xa551, &chance::halves(state.listed.id.0));
                Reply::json(
                    200,
                    &json!({ "id": id, "roleId": Role::Agent.id(), "fromId": from, "toId": state.listed.id }),
                )
            }
            Asked::Delegate { agent, client, values, first } => {
                if first {
                    self.finish_first_post(agent);
                }
                let reply = self.rows_reply(agent, client, &values, true);
                self.add_packages(agent, client, &values);
                reply
            }
            Asked::RemovePackages { agent, client, values } => self.remove_packages(agent, client, values),
            Asked::RemoveClient { pair: None, .. } => Reply::empty(204),
            Asked::RemoveClient { pair: Some((agent, client)), cascade } => {
                let has_packages = self.agents[agent].delegations.contains_key(&client);
                if has_packages && !cascade {
                    let error = AdministrationError::new("AM.VLD-00031", "$QUERY/cascade");
                    return problem::administration(&[error], salt);
                }
                self.remove_row(agent, client);
                Reply::empty(204)
            }
            Asked::RemoveAgent { agent: None, .. } => Reply::empty(204),
            Asked::RemoveAgent { agent: Some(agent), cascade } => self.remove_agent(agent, cascade, salt),
            Asked::Parties { grant, filtered, known } => self.parties(grant, filtered && !known),
        }
    }

    fn firm_clients(
        &self,
        firm: OrganisationNumber,
        roles: &Filter<Role>,
        packages: &Filter<String>,
        page: &PageOf,
    ) -> Reply {
        let mut listed: Vec<Listed<'_>> = Vec::new();
        for client in self.clients.iter().filter(|client| client.facilitator == firm && client.available) {
            let access: Vec<(Role, Vec<&str>)> = client
                .roles()
                .into_iter()
                .filter(|(role, _)| roles.lets(role))
                .map(|(role, given)| {
                    let asked = given.into_iter().filter(|package| packages.lets(&short(package).to_owned()));
                    (role, asked.collect())
                })
                .collect();
            let has_any = access.iter().any(|(_, given)| !given.is_empty());
            let is_listed = !access.is_empty() && (matches!(packages, Filter::None) || has_any);
            if is_listed {
                listed.push(Listed { client: entities::client(client), access });
            }
        }
        if matches!(packages, Filter::None) && roles.lets(&Role::Hovedenhet) {
            listed.extend(entities::own_units(firm));
        }
        self.lines(listed, page)
    }

    fn agent_packages(&self, agent: Option<usize>, page: &PageOf) -> Reply {
        let delegations = agent.into_iter().flat_map(|agent| &self.agents[agent].delegations);
        let listed = delegations.map(|(place, delegation)| Listed {
            client: entities::client(&self.clients[*place]),
            access: delegation
                .rows
                .iter()
                .map(|row| (row.role, row.packages.iter().map(String::as_str).collect()))
                .collect(),
        });
        self.lines(listed.collect(), page)
    }

    fn lines(&self, listed: Vec<Listed<'_>>, page: &PageOf) -> Reply {
        let lines = Lines {
            style: &self.lists,
            seed: self.seed,
            path_and_query: &page.path_and_query,
            from: page.from,
        };
        lines.reply(listed.into_iter().map(ClientLine::from).collect())
    }

    fn firm_agents(&self, firm: OrganisationNumber) -> Reply {
        let assigned = self.agents.iter().filter(|state| {
            state.agent.facilitator == firm
                && state.first_post == FirstPost::Done
                && !state.agent.listed.deleted
        });
        entities::document(&assigned.map(|state| AgentLine::assigned(&state.agent)).collect::<Vec<_>>())
    }

    fn client_packages(&self, firm: OrganisationNumber, client: Option<usize>) -> Reply {
        let Some(client) = client else { return entities::document::<AgentLine<'_>>(&[]) };
        let lines = self.agents.iter().filter(|state| state.agent.facilitator == firm).filter_map(|state| {
            let delegation = state.delegations.get(&client)?;
            let rows = delegation.rows.iter();
            let access = rows.map(|row| (row.role, row.packages.iter().map(String::as_str).collect()));
            Some(AgentLine::of(&state.agent, access.collect()))
        });
        entities::document(&lines.collect::<Vec<_>>())
    }

    /// What a change of these packages answers, before it is made.
    fn rows_reply(&self, agent: usize, client: usize, values: &[(Role, Vec<String>)], adds: bool) -> Reply {
        let state = &self.agents[agent];
        let delegation = state.delegations.get(&client);
        let via = self.party(state.agent.facilitator);
        let rows: Vec<Value> = values
            .iter()
            .flat_map(|(role, packages)| {
                let row = delegation.and_then(|delegation| delegation.row(*role));
                packages.iter().map(move |package| {
                    let is_there = row.is_some_and(|row| row.packages.contains(package));
                    json!({
                        "roleId": role.id(), "packageId": package_id(package), "viaId": via,
                        "fromId": self.clients[client].id, "toId": state.agent.listed.id,
                        "changed": is_there != adds,
                    })
                })
            })
            .collect();
        Reply::json(200, &Value::Array(rows))
    }

    fn remove_packages(&mut self, agent: usize, client: usize, values: Vec<(Role, Vec<String>)>) -> Reply {
        // A role that the client does not have is passed over in silence.
        let roles = self.clients[client].roles();
        let has = |role: Role| {
            roles.iter().any(|(there, _)| *there == role)
                || self.agents[agent].delegations.get(&client).is_some_and(|there| there.row(role).is_some())
        };
        let values: Vec<_> = values.into_iter().filter(|(role, _)| has(*role)).collect();
        let reply = self.rows_reply(agent, client, &values, false);
        self.change(agent, client, |rows| {
            for (role, packages) in rows {
                let gone = values.iter().filter(|(named, _)| named == role).flat_map(|(_, gone)| gone);
                let gone: Vec<&String> = gone.collect();
                packages.retain(|package| !gone.contains(&package));
            }
        });
        reply
    }

    fn remove_agent(&mut self, agent: usize, cascade: bool, salt: u64) -> Reply {
        if !cascade && !self.agents[agent].delegations.is_empty() {
            let error = AdministrationError::new("AM.VLD-00031", "$QUERY/cascade");
            return problem::administration(&[error], salt);
        }
        let clients: Vec<usize> = self.agents[agent].delegations.keys().copied().collect();
        for client in clients {
            self.change(agent, client, Vec::clear);
        }
        self.agents[agent].first_post = FirstPost::None;
        Reply::empty(204)
    }

    /// The parties that the caller may act for. Documented as a list of lists; half of the worlds write it so.
    fn parties(&self, grant: Grant, nothing: bool) -> Reply {
        let firms = self.facilitators().filter(|firm| !nothing && grant.firm.is_none_or(|own| own == *firm));
        let parties: Vec<Value> = firms.map(|firm| entities::party(firm, self.party(firm))).collect();
        let nested = chance::roll(self.seed, &[0x9a]).is_multiple_of(2);
        let data = if nested { json!([parties]) } else { json!(parties) };
        Reply::json(200, &json!({ "links": { "next": null }, "data": data }))
    }
}
