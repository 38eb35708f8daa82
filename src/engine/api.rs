//! What the engine asks of Altinn. The HTTP client answers it, and in tests of time the sandbox's world does.

use std::future::{Future, ready};

use tokio::sync::mpsc;

use crate::model::{
    Agent, AgentId, Answer, ClientChange, ClientList, ListedClient, OrganisationNumber, PartyId,
};

/// What a page of a list says besides its clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListInformation {
    /// Whose system user the agent is, where Altinn says so.
    pub owner: Option<OrganisationNumber>,
    /// Whose list it is, where Altinn says so: always the agent that was asked about. A list that says another's is an
    /// error before it comes here.
    pub agent: Option<AgentId>,
    /// Where the list goes on.
    pub next: Option<NextPage>,
}

/// Where a list goes on: what `links.next` said, on the platform's own origin.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NextPage(pub String);

/// How the first delegation to an agent without clients has to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstDelegation {
    /// Alone: it makes the agent's own assignment, and delegations beside it would lose the race for that.
    Alone,
    /// Like any other: the assignment is there.
    LikeAnyOther,
}

/// A firm, as Altinn has it among the parties that somebody may act for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firm {
    /// Its party UUID, which does not change.
    pub party: PartyId,
    /// Its name; can be empty.
    pub name: String,
}

/// What a page says of the facilitator's party UUID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartySearch {
    /// This is it.
    Found(Firm),
    /// It is not on this page; it may be on that one.
    GoesOn(NextPage),
    /// The caller may not act for the facilitator.
    NotThere,
}

/// One of Altinn's APIs for clients and system users, or two of them as one, with every answer already judged. One call
/// is one request.
///
/// A call that fails answers with an [`Answer`] whose verdict is not `Done`.
pub trait Api: Send + Sync + 'static {
    /// The facilitator's system users, with the packages that each was approved for.
    fn agents(
        &self,
        facilitator: OrganisationNumber,
    ) -> impl Future<Output = Result<Vec<Agent>, Box<Answer>>> + Send;

    /// Looks for the facilitator's party UUID on one page of the parties that the caller may act for. `page` is where
    /// the page before said that they go on; none for the first.
    fn find_party(
        &self,
        _facilitator: OrganisationNumber,
        _page: Option<NextPage>,
    ) -> impl Future<Output = Result<PartySearch, Box<Answer>>> + Send {
        ready(Ok(PartySearch::NotThere))
    }

    /// Whether the API that lists are read through lets this sign-in in. No request where that is not worth one.
    fn probe_lists(&self) -> impl Future<Output = Result<(), Box<Answer>>> + Send {
        ready(Ok(()))
    }

    /// Whether its lists tell packages: then `Available` is every client that gives the facilitator any, whichever the
    /// agent, and what is sent must say which packages.
    fn tells_packages(&self) -> bool {
        false
    }

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

    /// Before clients are delegated to an agent that has none: makes its own assignment to the facilitator, where the
    /// API lets one. No request where it does not.
    fn prepare(&self, _agent: AgentId) -> impl Future<Output = Result<FirstDelegation, Box<Answer>>> + Send {
        ready(Ok(FirstDelegation::Alone))
    }

    /// Delegates one client to the agent, or removes one of its delegations. A client has one delegation for each role
    /// that ties it to the facilitator, so one with two roles is removed by two requests.
    fn send(&self, change: &ClientChange) -> impl Future<Output = Answer> + Send;
}
