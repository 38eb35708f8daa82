//! What stands in the way of a request to access management, and what is asked where nothing does.

use serde::Deserialize;
use uuid::Uuid;

use super::{Asked, Filter, PageOf};
use crate::{
    model::{AgentId, AgentKind, ClientId, OrganisationNumber},
    sandbox::{
        parties::{Quirk, SandboxClient},
        problem::{self, AdministrationError, Refusal},
        request::{Method, Reply, Request, Route},
        roles::{Role, exists, is_delegable, short},
        tokens::Grant,
        world::{FirstPost, World},
    },
};

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

impl World {
    pub(in crate::sandbox::world) fn decide_administration(
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
        let place = *self.agent_places.get(&AgentId(id?))?;
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
        let place = id.and_then(|id| self.agent_places.get(&AgentId(id)).copied());
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
