//! What the engine asks of Altinn. The HTTP client answers it, and in tests of time the sandbox's world does.

use std::future::Future;

use tokio::sync::mpsc;

use crate::model::{Agent, AgentId, Answer, ClientId, ListedClient, Operation, OrganisationNumber};

/// Which of Altinn's two lists of clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientList {
    /// `GET /clients/available`: the clients that may be delegated to the agent.
    Available,
    /// `GET /clients`: the clients that are delegated to the agent now.
    Delegated,
}

/// What a list says besides its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListInformation {
    /// Whose system user the agent is (`systemUserOwnerOrg`), where Altinn says so.
    pub owner: Option<OrganisationNumber>,
}

/// The client delegation API, with every answer already judged. One call is one request (a list: one per page).
///
/// A call that fails answers with an [`Answer`] whose verdict is not `Done`.
pub trait Api: Send + Sync + 'static {
    /// The facilitator's system users.
    fn agents(
        &self,
        facilitator: OrganisationNumber,
    ) -> impl Future<Output = Result<Vec<Agent>, Box<Answer>>> + Send;

    /// Streams a list of clients into `groups`, in no promised order, the same client perhaps twice.
    ///
    /// When it fails, what has been sent into `groups` is to be thrown away.
    fn clients(
        &self,
        list: ClientList,
        agent: AgentId,
        groups: mpsc::Sender<Vec<ListedClient>>,
    ) -> impl Future<Output = Result<ListInformation, Box<Answer>>> + Send;

    /// Delegates one client to the agent, or removes one of its delegations.
    fn send(
        &self,
        operation: Operation,
        agent: AgentId,
        client: ClientId,
    ) -> impl Future<Output = Answer> + Send;
}
