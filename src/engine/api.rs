//! What the engine asks of Altinn. The HTTP client answers it, and in tests of time the sandbox's world does.

use std::future::Future;

use tokio::sync::mpsc;

use crate::model::{
    Agent, AgentId, Answer, ClientId, ClientList, ListedClient, Operation, OrganisationNumber,
};

/// What a page of a list says besides its clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListInformation {
    /// Whose system user the agent is (`systemUserOwnerOrg`), where Altinn says so.
    pub owner: Option<OrganisationNumber>,
    /// Where the list goes on.
    pub next: Option<NextPage>,
}

/// Where a list goes on: what `links.next` said, on the platform's own origin.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NextPage(pub String);

/// The client delegation API, with every answer already judged. One call is one request.
///
/// A call that fails answers with an [`Answer`] whose verdict is not `Done`.
pub trait Api: Send + Sync + 'static {
    /// The facilitator's system users.
    fn agents(
        &self,
        facilitator: OrganisationNumber,
    ) -> impl Future<Output = Result<Vec<Agent>, Box<Answer>>> + Send;

    /// Streams one page of a list of clients into `groups`, in no promised order, the same client perhaps twice.
    /// `page` is where the page before said that the list goes on; none for the first.
    ///
    /// When it fails, what has been sent into `groups` may be part of the page.
    fn clients(
        &self,
        list: ClientList,
        agent: AgentId,
        page: Option<NextPage>,
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
