//! Who can act for which client now, and with what: every agent of the firm, client by client.

use std::collections::{BTreeMap, BTreeSet};

use super::{Api, Engine, EngineError};
use crate::model::{Agent, AgentId, AgentKind, ClientId, ClientList, ListedClient, OrganisationNumber};

/// A client, and which of the firm's agents can act for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientAccess {
    /// The client.
    pub client: ClientId,
    /// None for a private person.
    pub number: Option<OrganisationNumber>,
    /// As Altinn has it; can be empty.
    pub name: String,
    /// The packages that it gives the firm, by URN; `None` where Altinn was not asked for them.
    pub held: Option<Vec<String>>,
    /// Every agent of the firm that can have clients.
    pub agents: Vec<AgentAccess>,
}

/// What one agent has of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentAccess {
    /// The agent.
    pub agent: AgentId,
    /// What people call it.
    pub title: String,
    /// It is delegated to the agent now.
    pub delegated: bool,
    /// The packages that the agent has of it now, by URN; `None` where Altinn was not asked for them.
    pub packages: Option<Vec<String>>,
    /// The packages that the agent was approved for and the client does not give the firm.
    pub missing: Vec<String>,
}

/// Persons come last.
type Place = (bool, Option<u32>, ClientId);

impl<A: Api> Engine<A> {
    /// Reads every list of the firm's agents and puts them together, client by client, by organisation number; private
    /// persons last. Only clients of these numbers; all of them where there is none.
    ///
    /// # Errors
    ///
    /// A list cannot be read.
    pub async fn access(&self, of: &BTreeSet<OrganisationNumber>) -> Result<Vec<ClientAccess>, EngineError> {
        let agents: Vec<Agent> = self
            .agents()
            .await?
            .into_iter()
            .filter(|agent| !agent.deleted && agent.kind != AgentKind::Standard)
            .collect();
        let mut clients: BTreeMap<Place, ClientAccess> = BTreeMap::new();
        let is_meant =
            |client: &ListedClient| of.is_empty() || client.number.is_some_and(|number| of.contains(&number));
        if let (true, Some(agent)) = (self.api.tells_packages(), agents.first()) {
            // The firm's clients are the same whichever agent is named.
            for client in self
                .whole_list(ClientList::Available, agent.id)
                .await?
                .iter()
                .filter(|client| is_meant(client))
            {
                let entry = clients.entry(place(client)).or_insert_with(|| ClientAccess::of(client));
                entry.held = client.packages.as_deref().map(|packages| urns(packages.all()));
            }
        }
        let mut had: BTreeMap<(ClientId, AgentId), ListedClient> = BTreeMap::new();
        for agent in &agents {
            for client in self.whole_list(ClientList::Delegated, agent.id).await? {
                if is_meant(&client) {
                    clients.entry(place(&client)).or_insert_with(|| ClientAccess::of(&client));
                    had.insert((client.id, agent.id), client);
                }
            }
        }
        let tells = self.api.tells_packages();
        Ok(clients
            .into_values()
            .map(|client| {
                let of_agent = |agent: &Agent| {
                    let has = had.get(&(client.client, agent.id));
                    AgentAccess::of(agent, has, client.held.as_deref(), tells)
                };
                ClientAccess { agents: agents.iter().map(of_agent).collect(), ..client }
            })
            .collect())
    }

    async fn whole_list(&self, list: ClientList, agent: AgentId) -> Result<Vec<ListedClient>, EngineError> {
        self.read_list(list, agent).await?;
        Ok(self.writer.call(move |ledger| ledger.listed_whole(list, agent)).await?)
    }
}

fn place(client: &ListedClient) -> Place {
    let number = client.number.map(OrganisationNumber::as_u32);
    (number.is_none(), number, client.id)
}

fn urns<'a>(packages: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    packages.into_iter().map(str::to_owned).collect()
}

impl ClientAccess {
    fn of(client: &ListedClient) -> Self {
        let ListedClient { id, number, name, .. } = client.clone();
        Self { client: id, number, name, held: None, agents: Vec::new() }
    }
}

impl AgentAccess {
    fn of(agent: &Agent, has: Option<&ListedClient>, held: Option<&[String]>, tells: bool) -> Self {
        let packages = has.and_then(|client| client.packages.as_deref()).map(|packages| urns(packages.all()));
        let given = held.unwrap_or_default();
        let mut missing: Vec<String> = Vec::new();
        if tells {
            missing.extend(agent.packages.iter().filter(|package| !given.contains(package)).cloned());
        }
        Self {
            agent: agent.id,
            title: agent.title.clone(),
            delegated: has.is_some(),
            packages: if tells { Some(packages.unwrap_or_default()) } else { packages },
            missing,
        }
    }
}
