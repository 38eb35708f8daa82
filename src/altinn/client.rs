//! The five calls.

use std::time::Duration;

use reqwest::{Response, Url};
use thiserror::Error;
use tokio::{sync::mpsc, time::timeout};

use super::{
    list,
    problem::{Judged, Reply, at_last, judge},
    token::TokenSource,
    transport::{Sent, http, wait_of},
    wire::{AgentWire, Delegation},
};
use crate::{
    engine::{Api, ListInformation, NextPage},
    model::{
        Again, Agent, AgentId, Answer, AtLast, Call, ClientId, ClientList, HaltCause, ListedClient,
        NoVerdict, Operation, OrganisationNumber, Verdict,
    },
};

const BASE_PATH: &str = "/authentication/api/v1/enduser/systemuser";

/// Why there is no client.
#[derive(Debug, Error)]
pub enum ClientError {
    /// TLS cannot be set up, which is about the platform's trust store.
    #[error("no connections can be made: {0}")]
    Http(#[from] reqwest::Error),
}

/// The client delegation API of one origin, signed in.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    origin: Url,
    limit: Duration,
    token: TokenSource,
}

impl Client {
    /// A client for the platform at `origin`. A request may take `limit` from sending to the end of its answer; a list
    /// may take longer, as long as it does not pause for so long.
    ///
    /// # Errors
    ///
    /// TLS cannot be set up.
    pub fn new(origin: &Url, limit: Duration, token: TokenSource) -> Result<Self, ClientError> {
        Ok(Self { http: http(origin, limit)?, origin: origin.clone(), limit, token })
    }

    fn url(&self, path: &str, query: &str) -> Url {
        let mut url = self.origin.clone();
        url.set_path(&[BASE_PATH, path].concat());
        url.set_query(Some(query));
        url
    }

    /// Sends a request. Answers the head of a 200, or what anything else means.
    async fn ask(&self, call: Call, url: Url) -> (Sent, Result<Response, Answer>) {
        let (authorization, generation) = self.token.header();
        let (sent, response) = Sent::send(&self.http, call, url, authorization, self.limit).await;
        let mut response = match response {
            Ok(response) => response,
            Err(answer) => return (sent, Err(answer)),
        };
        if response.status().as_u16() == 200 {
            self.token.accepted(generation);
            return (sent, Ok(response));
        }
        let body = sent.body(&mut response).await.unwrap_or_default();
        let mut answer = judged(&sent, call, &response, &body);
        if answer.verdict == Verdict::Halt(HaltCause::SignedOut) && self.token.renew(generation) {
            answer.verdict = Verdict::Again(Again {
                not_before: None,
                why: NoVerdict::TokenRenewed,
                at_last: AtLast::Halt(HaltCause::SignedOut),
            });
        }
        (sent, Err(answer))
    }

    /// Reads a list from a 200, while it arrives.
    async fn read_list(
        &self,
        sent: &Sent,
        call: Call,
        mut response: Response,
        groups: mpsc::Sender<Vec<ListedClient>>,
    ) -> Result<ListInformation, Answer> {
        let url = response.url().clone();
        let (chunks, arriving) = mpsc::channel::<Vec<u8>>(8);
        let parsing = tokio::task::spawn_blocking(move || list::parse(arriving, groups));
        let broken = loop {
            match timeout(self.limit, response.chunk()).await {
                Ok(Ok(Some(chunk))) => {
                    if chunks.send(chunk.to_vec()).await.is_err() {
                        break None;
                    }
                }
                Ok(Ok(None)) => break None,
                Ok(Err(error)) => break Some(sent.no_answer(&error)),
                Err(_) => break Some(sent.too_late()),
            }
        };
        drop(chunks);
        let parsed = parsing.await;
        if let Some(answer) = broken {
            return Err(answer);
        }
        let Ok(Ok(head)) = parsed else {
            let message = "200: the list is cut short or not a list".to_owned();
            return Err(sent.again(NoVerdict::Unclear, at_last(call), message));
        };
        let next = head.links.next.map(|next| self.next_page(sent, &url, &next)).transpose()?;
        let owner = head.information.system_user_owner_org;
        Ok(ListInformation { owner: owner.and_then(|owner| OrganisationNumber::parse(&owner).ok()), next })
    }

    /// Where a list goes on; never on another origin, which would be given the token.
    fn next_page(&self, sent: &Sent, url: &Url, next: &str) -> Result<NextPage, Answer> {
        let next = url.join(next).ok().filter(|next| next.origin() == self.origin.origin());
        next.map(|next| NextPage(next.into())).ok_or_else(|| {
            let message =
                "the list goes on outside the platform's own address; it is not followed".to_owned();
            sent.bare(Verdict::Halt(HaltCause::Unexpected), message)
        })
    }

    fn page_url(&self, list: ClientList, agent: AgentId, page: Option<NextPage>) -> Url {
        let first = match list {
            ClientList::Available => self.url("/clients/available", &format!("agent={agent}")),
            ClientList::Delegated => self.url("/clients", &format!("agent={agent}")),
        };
        // Made by `next_page`, so it parses and is on the origin.
        page.and_then(|page| Url::parse(&page.0).ok())
            .filter(|page| page.origin() == self.origin.origin())
            .unwrap_or(first)
    }
}

/// Judges an answer that is not what was promised.
fn judged(sent: &Sent, call: Call, response: &Response, body: &[u8]) -> Answer {
    let status = response.status().as_u16();
    let judged: Judged = judge(call, &Reply { status, retry_after: wait_of(response), body });
    sent.judged(status, judged)
}

impl Api for Client {
    async fn agents(&self, facilitator: OrganisationNumber) -> Result<Vec<Agent>, Box<Answer>> {
        let url = self.url("/agents", &format!("party={facilitator}"));
        let (sent, response) = self.ask(Call::Agents, url).await;
        let mut response = response?;
        let mut body = Vec::new();
        loop {
            match timeout(self.limit, response.chunk()).await {
                Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
                Ok(Ok(None)) => break,
                Ok(Err(error)) => return Err(Box::new(sent.no_answer(&error))),
                Err(_) => return Err(Box::new(sent.too_late())),
            }
        }
        match serde_json::from_slice::<Vec<AgentWire>>(&body) {
            Ok(agents) => Ok(agents.into_iter().map(Agent::from).collect()),
            Err(_) => Err(Box::new(judged(&sent, Call::Agents, &response, &body))),
        }
    }

    async fn clients(
        &self,
        list: ClientList,
        agent: AgentId,
        page: Option<NextPage>,
        groups: mpsc::Sender<Vec<ListedClient>>,
    ) -> Result<ListInformation, Box<Answer>> {
        let call = match list {
            ClientList::Available => Call::Available,
            ClientList::Delegated => Call::Delegated,
        };
        let (sent, response) = self.ask(call, self.page_url(list, agent, page)).await;
        Ok(self.read_list(&sent, call, response?, groups).await?)
    }

    async fn send(&self, operation: Operation, agent: AgentId, client: ClientId) -> Answer {
        let call = match operation {
            Operation::Delegate => Call::Delegate,
            Operation::Remove => Call::Remove,
        };
        let url = self.url("/clients", &format!("agent={agent}&client={client}"));
        let (sent, response) = self.ask(call, url).await;
        let mut response = match response {
            Ok(response) => response,
            Err(answer) => return answer,
        };
        let body = match sent.body(&mut response).await {
            Ok(body) => body,
            Err(answer) => return answer,
        };
        match serde_json::from_slice::<Delegation>(&body) {
            Ok(done) if done.agent == agent && done.client == client => sent.done(200),
            _ => judged(&sent, call, &response, &body),
        }
    }
}
