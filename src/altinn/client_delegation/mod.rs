//! The first API: client delegation in Altinn's authentication. The server chooses the packages, which are all of the
//! agent's, and answers with the clients' ids; what each client gives it does not say.

mod table;
mod wire;

use hyper::Method;
use tokio::sync::mpsc;
use url::Url;

use super::http::{Judged, Line, RawAnswer};
use crate::{
    engine::{Api, ListInformation, NextPage},
    model::{
        Agent, AgentId, Answer, Call, ClientChange, ClientList, ListedClient, Operation, OrganisationNumber,
    },
};

pub use table::{judge, judge_change, known_errors};

/// Where the API stands on the platform.
const BASE_PATH: &str = "/authentication/api/v1/enduser/systemuser";
/// The most that is read of the list of system users, in bytes.
const AGENTS_BYTES: usize = 16 * 1024 * 1024;

/// The first API over HTTP.
#[derive(Debug, Clone)]
pub(super) struct ClientDelegation {
    pub(super) line: Line,
    agents: Url,
    available: Url,
    clients: Url,
}

impl ClientDelegation {
    pub(super) fn new(line: Line) -> Self {
        let at = |path: &str| line.at(&format!("{BASE_PATH}{path}"));
        Self { agents: at("/agents"), available: at("/clients/available"), clients: at("/clients"), line }
    }
}

impl Api for ClientDelegation {
    async fn agents(&self, facilitator: OrganisationNumber) -> Result<Vec<Agent>, Box<Answer>> {
        let mut url = self.agents.clone();
        url.set_query(Some(&format!("party={facilitator}")));
        let users: Vec<wire::SystemUser> = self.line.document(Call::Agents, url, AGENTS_BYTES, judge).await?;
        Ok(users.into_iter().map(Agent::from).collect())
    }

    async fn clients(
        &self,
        list: ClientList,
        agent: AgentId,
        page: Option<NextPage>,
        groups: mpsc::Sender<Vec<ListedClient>>,
    ) -> Result<ListInformation, Box<Answer>> {
        let (call, url) = match list {
            ClientList::Available => (Call::Available, &self.available),
            ClientList::Delegated => (Call::Delegated, &self.clients),
        };
        let mut url = url.clone();
        url.set_query(Some(&format!("agent={agent}")));
        let is_a_system_user = self.line.tokens().current().claims().is_system_user;
        let judge = if is_a_system_user { judge_for_a_system_user } else { judge };
        let (page, next) = self.line.page(call, url, page, wire::ListOf(agent), groups, judge).await?;
        Ok(ListInformation { owner: page.owner, agent: page.agent, next })
    }

    async fn send(&self, change: &ClientChange) -> Answer {
        let ClientChange { operation, agent, client, .. } = *change;
        let method = match operation {
            Operation::Delegate => Method::POST,
            Operation::Remove => Method::DELETE,
        };
        let mut url = self.clients.clone();
        url.set_query(Some(&format!("agent={agent}&client={client}")));
        let judge = |answer: &RawAnswer<'_>, now| judge_change(operation, agent, client, answer, now);
        self.line.change(table::call_for(operation), method, url, None, judge).await
    }
}

fn judge_for_a_system_user(call: Call, answer: &RawAnswer<'_>, now: jiff::Timestamp) -> Judged {
    table::for_a_system_user(judge(call, answer, now))
}
