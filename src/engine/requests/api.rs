//! What the engine asks of the vendor's side of Altinn.

use std::future::Future;

use crate::{
    engine::NextPage,
    model::{AgentId, Answer, FirmRequest, OrganisationNumber, RequestId, WantedSystemUser},
};

/// A page of a vendor's requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestPage {
    /// The requests.
    pub requests: Vec<FirmRequest>,
    /// Where they go on.
    pub next: Option<NextPage>,
}

/// A system user of a firm's, as a vendor may look it up: without its packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemUserFound {
    /// Its UUID.
    pub id: AgentId,
    /// What it is called; can be empty.
    pub title: String,
}

/// What asking a firm came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// There is a request.
    Request {
        /// As it stands, which of an old one can be anything.
        request: FirmRequest,
        /// Whether it was made by this.
        is_new: bool,
    },
    /// Such a system user is there already.
    SystemUserIsThere,
}

/// The vendor's side of Altinn, for one of its systems, with every answer already judged. One call is one request.
///
/// A call that fails answers with an [`Answer`] whose verdict is not `Done`.
pub trait RequestApi: Send + Sync + 'static {
    /// A page of the system's requests. `page` is where the page before said that they go on; none for the first.
    fn requests(
        &self,
        page: Option<NextPage>,
    ) -> impl Future<Output = Result<RequestPage, Box<Answer>>> + Send;

    /// The firm's request with this reference.
    fn request_of(
        &self,
        firm: OrganisationNumber,
        external_ref: &str,
    ) -> impl Future<Output = Result<Option<FirmRequest>, Box<Answer>>> + Send;

    /// The firm's system user with this reference; the firm's number is its reference where there is none.
    fn system_user(
        &self,
        firm: OrganisationNumber,
        external_ref: Option<&str>,
    ) -> impl Future<Output = Result<Option<SystemUserFound>, Box<Answer>>> + Send;

    /// Asks a firm.
    fn ask(
        &self,
        wanted: &WantedSystemUser,
    ) -> impl Future<Output = Result<(Asked, Answer), Box<Answer>>> + Send;

    /// Takes a request back.
    fn withdraw(&self, id: RequestId) -> impl Future<Output = Answer> + Send;
}
