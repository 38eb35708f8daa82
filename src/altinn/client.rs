//! The five calls over HTTP, each answer judged as soon as it is here.

use std::{fmt, sync::Arc, time::Duration};

use jiff::Timestamp;
use reqwest::{
    Method, Request, Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, HeaderValue},
};
use secrecy::ExposeSecret;
use thiserror::Error;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};
use url::Url;

use super::{
    auth::{SignInError, Token, TokenSource},
    judge::{Judged, judge, judge_change},
    list::{next_page, read_page},
    transport::{Limits, Whole, http_client},
    wire,
};
use crate::{
    engine::{Api, ListInformation, NextPage},
    model::{
        Again, Agent, AgentId, Answer, AtLast, Call, ClientId, ClientList, HaltCause, ListedClient,
        NoVerdict, Operation, OrganisationNumber, Verdict, is_loopback,
    },
};

/// Where the client delegation API stands on the platform.
const BASE_PATH: &str = "/authentication/api/v1/enduser/systemuser";
/// The longest that a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The most that is read of an answer that is no list, in bytes.
const BODY_BYTES: usize = 64 * 1024;
/// The most that is read of the list of system users, in bytes.
const AGENTS_BYTES: usize = 16 * 1024 * 1024;

/// Altinn over HTTP: one pool of connections, one source of tokens.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    origin: Url,
    agents: Url,
    available: Url,
    clients: Url,
    limits: Limits,
    tokens: TokenSource,
}

/// Why there is no client.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The origin is not one that a token may be sent to.
    #[error("{0} is not https, nor http on a loopback address")]
    Origin(String),
    /// The TLS stack could not be set up.
    #[error("no encrypted connections on this machine: {0}")]
    Tls(String),
}

impl Client {
    /// A client for the platform at `origin` (path and query are not looked at). Each request may take
    /// `timeout`; of a list, each wait for more of it. `in_flight` is how many connections are worth keeping.
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
        let limits = Limits { connect: CONNECT_TIMEOUT.min(timeout), answer: timeout };
        let at = |path: &str| {
            let mut url = origin.clone();
            url.set_path(&format!("{BASE_PATH}{path}"));
            url.set_query(None);
            url.set_fragment(None);
            url
        };
        Ok(Self {
            http: http_client(origin, limits, in_flight)
                .map_err(|error| ClientError::Tls(limits.explain(&error)))?,
            agents: at("/agents"),
            available: at("/clients/available"),
            clients: at("/clients"),
            origin: origin.clone(),
            limits,
            tokens,
        })
    }

    fn list_url(&self, list: ClientList, agent: AgentId) -> Url {
        let mut url = match list {
            ClientList::Available => self.available.clone(),
            ClientList::Delegated => self.clients.clone(),
        };
        url.set_query(Some(&format!("agent={agent}")));
        url
    }

    /// Sends one request and waits for the head of its answer. Without a good token nothing is sent.
    async fn open(&self, method: Method, url: Url) -> Result<(Sent, Result<Response, String>), Box<Answer>> {
        let token = self.tokens.ready().await.map_err(|error| Box::new(not_sent(&error)))?;
        let sent = Sent { token, at: Timestamp::now(), started: Instant::now() };
        let is_get = method == Method::GET;
        let mut request = Request::new(method, url);
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, sent.token.header());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if !is_get {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let response = match timeout(self.limits.answer, self.http.execute(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(self.limits.explain(&error)),
            Err(_) => Err(self.limits.no_answer()),
        };
        Ok((sent, response))
    }

    /// Sends one request and reads its whole answer, up to `most_bytes`.
    async fn exchange(
        &self,
        method: Method,
        url: Url,
        most_bytes: usize,
    ) -> Result<(Sent, Result<Whole, String>), Box<Answer>> {
        let (sent, response) = self.open(method, url).await?;
        let whole = match response {
            Ok(response) => self.read(&sent, response, most_bytes).await,
            Err(words) => Err(words),
        };
        Ok((sent, whole))
    }

    /// Reads the body within what is left of the time-out.
    async fn read(&self, sent: &Sent, response: Response, most_bytes: usize) -> Result<Whole, String> {
        let left = self.limits.answer.saturating_sub(sent.started.elapsed());
        let Ok(mut whole) = timeout(left, Whole::read(response, most_bytes)).await else {
            return Err(self.limits.no_answer());
        };
        whole.take_out(sent.token.secret().expose_secret());
        Ok(whole)
    }

    /// The answer as the engine gets it: a refused token is renewed first, where that can be.
    async fn settle(&self, sent: Sent, status: Option<u16>, mut judged: Judged) -> Answer {
        let took = sent.started.elapsed();
        let without_token = |text: Option<String>| text.map(|text| sent.token.taken_out_of(&text));
        judged.message = sent.token.taken_out_of(&judged.message);
        (judged.code, judged.trace_id) = (without_token(judged.code), without_token(judged.trace_id));
        if matches!(judged.verdict, Verdict::Done | Verdict::Final) {
            sent.token.mark_accepted();
        }
        if judged.token_refused() {
            match self.tokens.renew(&sent.token).await {
                Ok(true) => {
                    judged.verdict = Verdict::Again(Again {
                        not_before: None,
                        why: NoVerdict::TokenRenewed,
                        at_last: AtLast::Halt(HaltCause::SignedOut),
                    });
                }
                Ok(false) => {}
                Err(error) => {
                    judged.verdict = Verdict::Halt(halt_for(&error));
                    judged.message = format!("{}; {error}", judged.message);
                }
            }
        }
        judged.into_answer(status, sent.at, took)
    }

    /// The failing answer to a call that reads.
    async fn fail(&self, call: Call, sent: Sent, whole: Result<Whole, String>) -> Box<Answer> {
        let (status, judged) = match &whole {
            Ok(whole) => (Some(whole.status()), judge(call, &whole.raw(), Timestamp::now())),
            Err(words) => (None, Judged::unreachable(call, words.as_str())),
        };
        Box::new(self.settle(sent, status, judged).await)
    }
}

impl Api for Client {
    async fn agents(&self, facilitator: OrganisationNumber) -> Result<Vec<Agent>, Box<Answer>> {
        let mut url = self.agents.clone();
        url.set_query(Some(&format!("party={facilitator}")));
        let (sent, whole) = self.exchange(Method::GET, url, AGENTS_BYTES).await?;
        if let Ok(whole) = &whole
            && whole.status() == 200
            && !whole.cut
            && let Ok(users) = serde_json::from_slice::<Vec<wire::SystemUser>>(&whole.body)
        {
            sent.token.mark_accepted();
            return Ok(users.into_iter().map(Agent::from).collect());
        }
        Err(self.fail(Call::Agents, sent, whole).await)
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
        // What `next_page` has made parses.
        let url =
            page.and_then(|page| Url::parse(&page.0).ok()).unwrap_or_else(|| self.list_url(list, agent));
        let (sent, response) = self.open(Method::GET, url.clone()).await?;
        let response = match response {
            Ok(response) if response.status() == 200 => response,
            Ok(response) => {
                let whole = self.read(&sent, response, BODY_BYTES).await;
                return Err(self.fail(call, sent, whole).await);
            }
            Err(words) => return Err(self.fail(call, sent, Err(words)).await),
        };
        let judged = match read_page(self.limits, call, agent, &groups, response).await {
            Ok(page) => {
                sent.token.mark_accepted();
                match next_page(&url, &self.origin, page.next.as_deref()) {
                    Ok(next) => return Ok(ListInformation { owner: page.owner, next }),
                    Err(words) => Judged::halt(HaltCause::Unexpected, words),
                }
            }
            Err(judged) => judged,
        };
        Err(Box::new(self.settle(sent, Some(200), judged).await))
    }

    async fn send(&self, operation: Operation, agent: AgentId, client: ClientId) -> Answer {
        let (method, call) = match operation {
            Operation::Delegate => (Method::POST, Call::Delegate),
            Operation::Remove => (Method::DELETE, Call::Remove),
        };
        let mut url = self.clients.clone();
        url.set_query(Some(&format!("agent={agent}&client={client}")));
        let (sent, whole) = match self.exchange(method, url, BODY_BYTES).await {
            Ok(exchanged) => exchanged,
            Err(not_sent) => return *not_sent,
        };
        let (status, judged) = match &whole {
            Ok(whole) => {
                let judged = judge_change(operation, agent, client, &whole.raw(), Timestamp::now());
                (Some(whole.status()), judged)
            }
            Err(words) => (None, Judged::unreachable(call, words.as_str())),
        };
        self.settle(sent, status, judged).await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("origin", &self.origin.as_str())
            .field("limits", &self.limits)
            .field("tokens", &self.tokens)
            .finish_non_exhaustive()
    }
}

/// The answer to a request that has not been sent, for want of a token.
fn not_sent(error: &SignInError) -> Answer {
    let judged = Judged::halt(halt_for(error), format!("{error}; {}", error.hint()));
    Answer { sent: false, ..judged.into_answer(None, Timestamp::now(), Duration::ZERO) }
}

fn halt_for(error: &SignInError) -> HaltCause {
    if error.is_passing() { HaltCause::SignInUnavailable } else { HaltCause::SignedOut }
}

/// A request that has been sent: when, and with which token.
struct Sent {
    token: Arc<Token>,
    at: Timestamp,
    started: Instant,
}
