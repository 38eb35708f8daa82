//! The vendor's side of Altinn's authentication: requests for system users for clients, of which a firm's people approve
//! each in Altinn's pages.

mod table;
mod wire;

use std::{fmt, time::Duration};

use hyper::Method;
use url::Url;

use super::{
    auth::TokenSource,
    client::ClientError,
    http::{Line, ListLimits, RawAnswer, ask_again},
};
use crate::{
    engine::{Asked, NextPage, RequestApi, RequestPage, SystemUserFound},
    model::{
        Answer, Call, FirmRequest, Link, OrganisationNumber, RequestId, Verdict, WantedSystemUser,
        is_loopback,
    },
    words::kept,
};

pub use table::{judge, known_errors};

/// Where the vendor's calls stand on the platform.
const BASE_PATH: &str = "/authentication/api/v1/systemuser";
/// Where a firm's people answer, on a host of its own.
const PAGE_PATH: &str = "/accessmanagement/ui/systemuser/agentrequest";
/// The most that is read of a page of requests, in bytes: fifty of them, each with a hundred packages at the most.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// A vendor's requests for system users of one of its systems, over HTTP. Cloned, it is the same.
#[derive(Clone)]
pub struct Requests {
    line: Line,
    system_id: String,
    /// The origin of the pages.
    pages: Url,
}

impl Requests {
    /// The vendor's side of the platform at `origin` (path and query are not looked at). Each request may take `timeout`.
    ///
    /// # Errors
    ///
    /// When a token must not be sent to `origin`, or the system's certificates cannot be read.
    pub fn new(
        origin: &Url,
        timeout: Duration,
        tokens: TokenSource,
        system_id: &str,
    ) -> Result<Self, ClientError> {
        if origin.scheme() != "https" && !(origin.scheme() == "http" && is_loopback(origin)) {
            return Err(ClientError::Origin(origin.origin().ascii_serialization()));
        }
        let line = Line::new(origin, timeout, ListLimits::default(), tokens, 1).map_err(ClientError::Tls)?;
        Ok(Self { line, system_id: system_id.to_owned(), pages: pages_of(origin) })
    }

    /// The same, where firms' people answer at another origin: a sandbox that ends before its links are opened.
    #[must_use]
    pub fn with_pages_at(self, pages: Url) -> Self {
        Self { pages, ..self }
    }

    /// A path below the vendor's, from pieces that are each one segment whatever stands in them.
    fn at(&self, pieces: &[&str]) -> Url {
        let mut url = self.line.at(BASE_PATH);
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(pieces);
        }
        url
    }

    /// Altinn gives the link where a request is asked for by itself, and leaves it out of its list.
    fn link(&self, id: RequestId) -> Link {
        let mut url = self.pages.clone();
        url.set_path(PAGE_PATH);
        url.set_query(Some(&format!("id={}&DONTCHOOSEREPORTEE=true", id.expose())));
        Link::new(url)
    }

    fn request(&self, read: wire::Request) -> Option<FirmRequest> {
        let link = self.link(RequestId(read.id));
        read.into_request(link)
    }
}

impl RequestApi for Requests {
    async fn requests(&self, page: Option<NextPage>) -> Result<RequestPage, Box<Answer>> {
        let first = self.at(&["request", "vendor", "agent", "bysystem", &self.system_id]);
        let url = page.and_then(|page| Url::parse(&page.0).ok()).unwrap_or(first);
        let read = |answer: &RawAnswer<'_>, now| {
            let page: wire::Page = table::document(Call::Requests, answer, now)?;
            let next = self.line.next(&url, page.links.and_then(|links| links.next).as_deref())?;
            Ok((page.data, next))
        };
        let asked = self.line.ask(Call::Requests, Method::GET, url.clone(), None, PAGE_BYTES, read).await;
        let ((data, next), _) = asked?;
        let requests = data.into_iter().filter_map(|read| self.request(read)).collect();
        Ok(RequestPage { requests, next })
    }

    async fn request_of(
        &self,
        firm: OrganisationNumber,
        external_ref: &str,
    ) -> Result<Option<FirmRequest>, Box<Answer>> {
        let firm = firm.to_string();
        let pieces = ["request", "vendor", "agent", "byexternalref", &self.system_id, &firm, external_ref];
        let read = |answer: &RawAnswer<'_>, now| table::document_or_none(Call::Request, answer, now);
        let url = self.at(&pieces);
        let (found, _) = self.line.ask(Call::Request, Method::GET, url, None, PAGE_BYTES, read).await?;
        Ok(found.and_then(|read| self.request(read)))
    }

    async fn system_user(
        &self,
        firm: OrganisationNumber,
        external_ref: Option<&str>,
    ) -> Result<Option<SystemUserFound>, Box<Answer>> {
        let mut url = self.at(&["vendor", "byquery"]);
        let reference = external_ref.map_or_else(|| firm.to_string(), str::to_owned);
        url.query_pairs_mut()
            .append_pair("system-id", &self.system_id)
            .append_pair("orgno", &firm.to_string())
            .append_pair("external-ref", &reference);
        let read = |answer: &RawAnswer<'_>, now| {
            let found: Option<wire::SystemUser> = table::document_or_none(Call::SystemUser, answer, now)?;
            Ok(found)
        };
        let (found, _) = self.line.ask(Call::SystemUser, Method::GET, url, None, PAGE_BYTES, read).await?;
        Ok(found.and_then(wire::SystemUser::into_found))
    }

    async fn ask(&self, wanted: &WantedSystemUser) -> Result<(Asked, Answer), Box<Answer>> {
        let url = self.at(&["request", "vendor", "agent"]);
        let body = wire::body(&self.system_id, wanted);
        let read = |answer: &RawAnswer<'_>, now| table::asked(wanted, answer, now);
        let named =
            |answer: Answer| Answer { request: format!("POST {BASE_PATH}/request/vendor/agent"), ..answer };
        let done = self.line.ask(Call::Ask, Method::POST, url, Some(body), PAGE_BYTES, read).await;
        let (asked, answer) = done.map_err(|answer| Box::new(named(*answer)))?;
        let answer = named(answer);
        let asked = match asked {
            table::Answered::Request(read) => {
                let is_new = answer.status == Some(201);
                match self.request(*read) {
                    Some(request) => Asked::Request { request, is_new },
                    // Checked when it was read.
                    None => return Err(Box::new(Answer { verdict: Verdict::Final, ..answer })),
                }
            }
            table::Answered::SystemUserIsThere => Asked::SystemUserIsThere,
        };
        Ok((asked, answer))
    }

    async fn withdraw(&self, id: RequestId) -> Answer {
        let url = self.at(&["request", "vendor", &id.expose()]);
        let read = |answer: &RawAnswer<'_>, now| table::withdrawn(answer, now);
        let done = self.line.ask(Call::Withdraw, Method::DELETE, url, None, PAGE_BYTES, read).await;
        let answer = match done {
            Ok(((), answer)) => answer,
            Err(answer) => *answer,
        };
        // The id is the link's.
        said_as(answer, format!("DELETE {BASE_PATH}/request/vendor"))
    }
}

impl fmt::Debug for Requests {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Requests")
            .field("line", &self.line)
            .field("system_id", &self.system_id)
            .finish_non_exhaustive()
    }
}

/// The answer with the method and path of what was asked, and with the hint that is right here: no run is retried.
fn said_as(answer: Answer, request: String) -> Answer {
    let hint = if answer.hint == ask_again() { kept!("request-hint-ask-again") } else { answer.hint };
    Answer { hint, request, ..answer }
}

/// Altinn's pages stand on `am.ui` where its platform stands on `platform`; elsewhere, as in a sandbox, on the same.
fn pages_of(origin: &Url) -> Url {
    let mut pages = origin.clone();
    let host =
        origin.host_str().and_then(|host| host.strip_prefix("platform.")).map(|rest| format!("am.ui.{rest}"));
    if let Some(host) = host {
        // A host with other letters in front stays one.
        let _ = pages.set_host(Some(&host));
    }
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_stand_beside_the_platform() {
        for (origin, pages) in [
            ("https://platform.altinn.no", "https://am.ui.altinn.no/"),
            ("https://platform.tt02.altinn.no", "https://am.ui.tt02.altinn.no/"),
            ("http://127.0.0.1:5150", "http://127.0.0.1:5150/"),
        ] {
            assert_eq!(pages_of(&Url::parse(origin).unwrap()).as_str(), pages);
        }
    }
}
