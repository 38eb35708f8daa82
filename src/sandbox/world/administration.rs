//! How the world answers access management's client delegation API, on the same rows as the first API.

use serde_json::{Value, json};

use super::{FirstPost, World};
use crate::{
    model::OrganisationNumber,
    sandbox::{
        chance,
        entities::{self, AgentLine, ClientLine, Lines, Listed},
        problem::{self, AdministrationError},
        request::Reply,
        roles::{Role, package_id, short},
        tokens::Grant,
    },
};

mod deciding;

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
