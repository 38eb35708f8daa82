//! Altinn as the engine knows it. System users and their packages always come from the first API; lists are read through
//! the second where there is one, and changes are sent through the one that is said.

use std::{fmt, time::Duration};

use thiserror::Error;
use tokio::sync::mpsc;
use url::Url;

use super::{
    administration::{Administration, Parties},
    auth::TokenSource,
    client_delegation::ClientDelegation,
    http::{Line, ListLimits},
};
use crate::{
    engine::{Api, FirstDelegation, ListInformation, NextPage, PartySearch, WithAdministration},
    model::{
        Agent, AgentId, Answer, ClientChange, ClientList, ListedClient, OrganisationNumber, PartyId, Writes,
        is_loopback,
    },
    words::{Wording, say},
};

/// Altinn over HTTP: one pool of connections, one source of tokens. Cloned, it is the same.
#[derive(Clone)]
pub struct Client {
    line: Line,
    delegation: ClientDelegation,
    administration: Option<(Administration, Writes)>,
}

/// Why there is no client.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The origin is not one that a token may be sent to.
    #[error("{}", say!("altinn-is-not-https-nor-http-on-a-loopback-address", origin = .0))]
    Origin(String),
    /// The TLS stack could not be set up: why.
    #[error("{}", say!("altinn-no-encrypted-connections-on-this-machine", why = .0))]
    Tls(Wording),
}

impl Client {
    /// A client for the platform at `origin` (path and query are not looked at), through the first API alone. Each
    /// request may take `timeout`; of a list, each wait for more of it. `in_flight` is how many connections are worth
    /// keeping.
    ///
    /// # Errors
    ///
    /// When a token must not be sent to `origin`, or the system's certificates cannot be read.
    pub fn new(
        origin: &Url,
        timeout: Duration,
        tokens: TokenSource,
        in_flight: usize,
    ) -> Result<Self, ClientError> {
        if origin.scheme() != "https" && !(origin.scheme() == "http" && is_loopback(origin)) {
            return Err(ClientError::Origin(origin.origin().ascii_serialization()));
        }
        let line =
            Line::new(origin, timeout, ListLimits::default(), tokens, in_flight).map_err(ClientError::Tls)?;
        Ok(Self { delegation: ClientDelegation::new(line.clone()), administration: None, line })
    }

    /// The same, with the second API beside the first. `party` is the facilitator's party UUID.
    #[must_use]
    pub fn with_administration(self, party: PartyId, writes: Writes) -> Self {
        let administration = Administration::new(self.line.clone(), party);
        Self { administration: Some((administration, writes)), ..self }
    }

    /// The same with other bounds on lists.
    #[must_use]
    pub fn with_list_limits(self, limits: ListLimits) -> Self {
        let line = self.line.with_list_limits(limits);
        let client = Self {
            delegation: ClientDelegation::new(line.clone()),
            administration: None,
            line: line.clone(),
        };
        match self.administration {
            Some((administration, writes)) => client.with_administration(administration.party(), writes),
            None => client,
        }
    }

    fn writer(&self) -> Option<&Administration> {
        match &self.administration {
            Some((administration, Writes::ThroughAdministration)) => Some(administration),
            _ => None,
        }
    }
}

impl Api for Client {
    async fn agents(&self, facilitator: OrganisationNumber) -> Result<Vec<Agent>, Box<Answer>> {
        self.delegation.agents(facilitator).await
    }

    async fn find_party(
        &self,
        facilitator: OrganisationNumber,
        page: Option<NextPage>,
    ) -> Result<PartySearch, Box<Answer>> {
        Parties(self.line.clone()).find(facilitator, page).await
    }

    async fn probe_lists(&self) -> Result<(), Box<Answer>> {
        match &self.administration {
            Some((administration, _)) => administration.probe().await,
            None => Ok(()),
        }
    }

    fn tells_packages(&self) -> bool {
        self.administration.is_some()
    }

    async fn clients(
        &self,
        list: ClientList,
        agent: AgentId,
        page: Option<NextPage>,
        groups: mpsc::Sender<Vec<ListedClient>>,
    ) -> Result<ListInformation, Box<Answer>> {
        match &self.administration {
            Some((administration, _)) => administration.clients(list, agent, page, groups).await,
            None => self.delegation.clients(list, agent, page, groups).await,
        }
    }

    async fn prepare(&self, agent: AgentId) -> Result<FirstDelegation, Box<Answer>> {
        match self.writer() {
            Some(administration) => administration.prepare(agent).await,
            None => self.delegation.prepare(agent).await,
        }
    }

    async fn send(&self, change: &ClientChange) -> Answer {
        match self.writer() {
            Some(administration) => administration.send(change).await,
            None => self.delegation.send(change).await,
        }
    }
}

impl WithAdministration for Client {
    fn with_administration(&self, party: PartyId, writes: Writes) -> Self {
        self.clone().with_administration(party, writes)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let writes = self.administration.as_ref().map(|(_, writes)| writes);
        formatter
            .debug_struct("Client")
            .field("line", &self.line)
            .field("writes", &writes)
            .finish_non_exhaustive()
    }
}
