//! The second API: access management's client delegation. The caller names the roles and packages; the lists say, client
//! by client, what each gives and what the agent has.
//!
//! Its answers hold national identity numbers. Of every party only id, organisation number, name and kind are read, and
//! nothing of a body is shown but a problem's own words, without numbers of eleven digits.

mod parties;
mod table;
mod wire;

use hyper::Method;
use serde::de::IgnoredAny;
use tokio::sync::mpsc;
use url::Url;

use super::http::{Judged, Line, RawAnswer};
use crate::{
    engine::{FirstDelegation, ListInformation, NextPage},
    model::{
        AgentId, Answer, Call, ClientChange, ClientList, HaltCause, ListedClient, Operation, PartyId, Verdict,
    },
    words::{Wording, say},
};

pub(super) use parties::Parties;
pub use table::{judge, judge_change, judge_preparation, known_errors};

/// Where the API stands on the platform. The second version is not known to be open.
const BASE_PATH: &str = "/accessmanagement/api/v1/enduser/clientdelegations";

/// The most that is read of the list of system users, in bytes.
const AGENTS_BYTES: usize = 16 * 1024 * 1024;

/// The second API over HTTP, for one facilitator.
#[derive(Debug, Clone)]
pub(super) struct Administration {
    line: Line,
    party: PartyId,
    clients: Url,
    agents: Url,
    agent_packages: Url,
    agent_clients: Url,
}

impl Administration {
    pub(super) fn new(line: Line, party: PartyId) -> Self {
        let at = |path: &str| line.at(&format!("{BASE_PATH}{path}"));
        Self {
            party,
            clients: at("/clients"),
            agents: at("/agents"),
            agent_packages: at("/agents/accesspackages"),
            agent_clients: at("/agents/clients"),
            line,
        }
    }

    pub(super) fn party(&self) -> PartyId {
        self.party
    }

    fn url(&self, path: &Url, query: &str) -> Url {
        let mut url = path.clone();
        url.set_query(Some(&format!("party={}{query}", self.party)));
        url
    }

    pub(super) async fn clients(
        &self,
        list: ClientList,
        agent: AgentId,
        page: Option<NextPage>,
        groups: mpsc::Sender<Vec<ListedClient>>,
    ) -> Result<ListInformation, Box<Answer>> {
        let (call, url) = match list {
            ClientList::Available => (Call::Available, self.url(&self.clients, "")),
            ClientList::Delegated => {
                (Call::Delegated, self.url(&self.agent_packages, &format!("&to={agent}")))
            }
        };
        let (_, next) = self.line.page(call, url, page, wire::ListOf::new(list), groups, judge).await?;
        // The list does not name its agent: the request does. What comes is the answer to exactly this request, so that a
        // list of delegated clients is as much the agent's as one that says so. One that is empty is read twice.
        let agent = (list == ClientList::Delegated).then_some(agent);
        Ok(ListInformation { owner: None, agent, next })
    }

    /// Asks for the shortest list there is, and looks at the verdict alone.
    pub(super) async fn probe(&self) -> Result<(), Box<Answer>> {
        let url = self.url(&self.agents, "");
        let _: IgnoredAny = self.line.document(Call::Agents, url, AGENTS_BYTES, judge).await?;
        Ok(())
    }

    /// Makes the agent's own assignment, which may be there already.
    pub(super) async fn prepare(&self, agent: AgentId) -> Result<FirstDelegation, Box<Answer>> {
        let url = self.url(&self.agents, &format!("&to={agent}"));
        let answer = self.line.change(Call::Prepare, Method::POST, url, None, judge_preparation).await;
        match answer.verdict {
            Verdict::Done => Ok(FirstDelegation::LikeAnyOther),
            _ => Err(Box::new(answer)),
        }
    }

    pub(super) async fn send(&self, change: &ClientChange) -> Answer {
        let (from, to) = (change.client, change.agent);
        let query = format!("&from={from}&to={to}");
        let judge = |answer: &RawAnswer<'_>, now| judge_change(change, answer, now);
        match change.operation {
            Operation::Delegate => {
                let Some(body) = change.packages.as_deref().and_then(wire::body) else {
                    return packages_unknown();
                };
                let url = self.url(&self.agent_packages, &query);
                self.line.change(Call::Delegate, Method::POST, url, Some(body), judge).await
            }
            Operation::Remove => {
                let url = self.url(&self.agent_clients, &format!("{query}&cascade=true"));
                self.line.change(Call::Remove, Method::DELETE, url, None, judge).await
            }
        }
    }
}

/// The server would take any package: without the agent's and the client's own, nothing is sent.
fn packages_unknown() -> Answer {
    let cause = HaltCause::PackagesUnknown;
    let judged = Judged::halt(
        cause,
        say!("altinn-nothing-was-sent", why = Wording::of(|| cause.explanation())).kept(),
    );
    let answer = judged.into_answer(None, crate::clock::now(), std::time::Duration::ZERO);
    Answer { sent: false, ..answer }
}
