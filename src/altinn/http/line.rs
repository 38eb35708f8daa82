//! One way to Altinn for all of its APIs: a pool of connections and a source of tokens. One request, its answer, and a
//! token that is renewed where it was refused.

use std::{fmt, sync::Arc, time::Duration};

use hyper::{
    Method,
    header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue},
};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::de::{DeserializeOwned, Deserializer, MapAccess};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};
use url::Url;

use super::{
    Http, Judged, Limits, ListLimits, ListShape, Page, RawAnswer, Response, Unanswered, Whole,
    list::{next_page, read_page},
};
use crate::{
    altinn::auth::{SignInError, Token, TokenSource},
    engine::NextPage,
    model::{Again, Answer, AtLast, Call, HaltCause, ListedClient, NoVerdict, Verdict},
    words::Wording,
};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// The longest that a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The most that is read of an answer that is no list, in bytes.
pub(in crate::altinn) const BODY_BYTES: usize = 64 * 1024;

/// How an API judges what is not the answer that the call promises.
pub(in crate::altinn) type Judge = fn(Call, &RawAnswer<'_>, Timestamp) -> Judged;

/// Altinn over HTTP: one pool of connections, one source of tokens. Cloned, it is the same.
#[derive(Clone)]
pub(in crate::altinn) struct Line {
    http: Http,
    origin: Url,
    limits: Limits,
    list_limits: ListLimits,
    tokens: TokenSource,
}

/// A request that has been sent: when, and with which token.
pub(in crate::altinn) struct Sent {
    token: Arc<Token>,
    at: Timestamp,
    started: Instant,
}

/// What became of a request: the whole answer, or why there is none, in words.
pub(in crate::altinn) struct Exchanged {
    sent: Sent,
    pub(in crate::altinn) received: Result<Whole, Unanswered>,
}

impl Line {
    /// A way to `origin`; path and query are not looked at. Each request may take `answer_limit`.
    pub(in crate::altinn) fn new(
        origin: &Url,
        answer_limit: Duration,
        list_limits: ListLimits,
        tokens: TokenSource,
        in_flight: usize,
    ) -> Result<Self, Wording> {
        let limits = Limits { connect: CONNECT_TIMEOUT.min(answer_limit), answer: answer_limit };
        let http = Http::to(origin, limits, in_flight).map_err(|unanswered| unanswered.words)?;
        Ok(Self { http, origin: origin.clone(), limits, list_limits, tokens })
    }

    pub(in crate::altinn) fn with_list_limits(self, list_limits: ListLimits) -> Self {
        Self { list_limits, ..self }
    }

    pub(in crate::altinn) fn tokens(&self) -> &TokenSource {
        &self.tokens
    }

    /// An address on the platform.
    pub(in crate::altinn) fn at(&self, path: &str) -> Url {
        let mut url = self.origin.clone();
        url.set_path(path);
        url.set_query(None);
        url.set_fragment(None);
        url
    }

    /// Sends one request and waits for the head of its answer. Without a good token nothing is sent.
    async fn open(
        &self,
        method: Method,
        url: Url,
        json: Option<String>,
    ) -> Result<(Sent, Result<Response, Unanswered>), Box<Answer>> {
        let token = self.tokens.ready().await.map_err(|error| Box::new(not_sent(&error)))?;
        let sent = Sent { token, at: crate::clock::now(), started: Instant::now() };
        let (is_get, is_json) = (method == Method::GET, json.is_some());
        let mut request = Http::request_with(method, url, json.unwrap_or_default());
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, sent.token.header());
        headers.insert(ACCEPT, JSON);
        if is_json {
            headers.insert(CONTENT_TYPE, JSON);
        } else if !is_get {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let response = self.http.send(request).await;
        Ok((sent, response))
    }

    /// Sends one request, with this JSON where there is some, and reads its whole answer, up to `most_bytes`. An error
    /// where nothing was sent for want of a token.
    pub(in crate::altinn) async fn exchange(
        &self,
        method: Method,
        url: Url,
        json: Option<String>,
        most_bytes: usize,
    ) -> Result<Exchanged, Box<Answer>> {
        let (sent, response) = self.open(method, url, json).await?;
        let received = match response {
            Ok(response) => self.read(&sent, response, most_bytes).await,
            Err(unanswered) => Err(unanswered),
        };
        Ok(Exchanged { sent, received })
    }

    /// Reads the body within what is left of the time-out.
    async fn read(&self, sent: &Sent, response: Response, most_bytes: usize) -> Result<Whole, Unanswered> {
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
        judged.message = judged.message.with_texts(|text| sent.token.taken_out_of(text));
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
                    judged.message = Wording::of(|| format!("{}; {error}", judged.message));
                }
            }
        }
        judged.into_answer(status, sent.at, took)
    }

    /// One request about a client, and what its answer decides.
    pub(in crate::altinn) async fn change(
        &self,
        call: Call,
        method: Method,
        url: Url,
        json: Option<String>,
        judge: impl FnOnce(&RawAnswer<'_>, Timestamp) -> Judged,
    ) -> Answer {
        let request = format!("{method} {}", url.path());
        let exchanged = match self.exchange(method, url, json, BODY_BYTES).await {
            Ok(exchanged) => exchanged,
            Err(not_sent) => return *not_sent,
        };
        let judged = match &exchanged.received {
            Ok(whole) => judge(&whole.raw(), crate::clock::now()),
            Err(unanswered) => Judged::unanswered(call, unanswered),
        };
        let (status, left) = (exchanged.status(), exchanged.has_left());
        Answer { request, sent: left, ..self.settle(exchanged.sent, status, judged).await }
    }

    /// One request, and what `read` makes of its whole answer: what was asked for, or a verdict. Answered with how the
    /// request went.
    pub(in crate::altinn) async fn ask<T>(
        &self,
        call: Call,
        method: Method,
        url: Url,
        json: Option<String>,
        most_bytes: usize,
        read: impl FnOnce(&RawAnswer<'_>, Timestamp) -> Result<T, Judged>,
    ) -> Result<(T, Answer), Box<Answer>> {
        let exchanged = self.exchange(method, url, json, most_bytes).await?;
        let outcome = match &exchanged.received {
            Ok(whole) => read(&whole.raw(), crate::clock::now()),
            Err(unanswered) => Err(Judged::unanswered(call, unanswered)),
        };
        let (status, left) = (exchanged.status(), exchanged.has_left());
        match outcome {
            Ok(value) => Ok((value, self.settle(exchanged.sent, status, Judged::done()).await)),
            Err(judged) => {
                Err(Box::new(Answer { sent: left, ..self.settle(exchanged.sent, status, judged).await }))
            }
        }
    }

    /// Where a list that was read at `url` goes on.
    pub(in crate::altinn) fn next(&self, url: &Url, next: Option<&str>) -> Result<Option<NextPage>, Judged> {
        next_page(url, &self.origin, next).map_err(|words| Judged::halt(HaltCause::Unexpected, words))
    }

    /// One request that reads a document of at most so many bytes.
    pub(in crate::altinn) async fn document<T: DeserializeOwned>(
        &self,
        call: Call,
        url: Url,
        most_bytes: usize,
        judge: Judge,
    ) -> Result<T, Box<Answer>> {
        let exchanged = self.exchange(Method::GET, url, None, most_bytes).await?;
        if let Ok(whole) = &exchanged.received
            && whole.status() == 200
            && !whole.cut
            && let Ok(document) = serde_json::from_slice(&whole.body)
        {
            exchanged.sent.token.mark_accepted();
            return Ok(document);
        }
        Err(self.fail(call, exchanged, judge).await)
    }

    /// The failing answer to a call.
    async fn fail(&self, call: Call, exchanged: Exchanged, judge: Judge) -> Box<Answer> {
        let judged = match &exchanged.received {
            Ok(whole) => judge(call, &whole.raw(), crate::clock::now()),
            Err(unanswered) => Judged::unanswered(call, unanswered),
        };
        let (status, left) = (exchanged.status(), exchanged.has_left());
        Box::new(Answer { sent: left, ..self.settle(exchanged.sent, status, judged).await })
    }

    /// Streams one page of a list: the one at `first`, or the one that the page before named.
    pub(in crate::altinn) async fn page(
        &self,
        call: Call,
        first: Url,
        page: Option<NextPage>,
        shape: impl ListShape,
        groups: mpsc::Sender<Vec<ListedClient>>,
        judge: Judge,
    ) -> Result<(Page, Option<NextPage>), Box<Answer>> {
        // What `next_page` has made parses.
        let url = page.and_then(|page| Url::parse(&page.0).ok()).unwrap_or(first);
        let (sent, response) = self.open(Method::GET, url.clone(), None).await?;
        let response = match response {
            Ok(response) if response.status() == 200 => response,
            Ok(response) => {
                let received = self.read(&sent, response, BODY_BYTES).await;
                return Err(self.fail(call, Exchanged { sent, received }, judge).await);
            }
            Err(unanswered) => {
                return Err(self.fail(call, Exchanged { sent, received: Err(unanswered) }, judge).await);
            }
        };
        let shape = WithoutToken { shape, token: Arc::clone(&sent.token) };
        let judged = match read_page(self.limits, self.list_limits, call, shape, groups, response).await {
            Ok(page) => {
                sent.token.mark_accepted();
                match next_page(&url, &self.origin, page.next.as_deref()) {
                    Ok(next) => return Ok((page, next)),
                    Err(words) => Judged::halt(HaltCause::Unexpected, words),
                }
            }
            Err(judged) => judged,
        };
        Err(Box::new(self.settle(sent, Some(200), judged).await))
    }
}

impl Exchanged {
    fn status(&self) -> Option<u16> {
        self.received.as_ref().ok().map(Whole::status)
    }

    /// Whether anything of the request may have left this machine.
    fn has_left(&self) -> bool {
        self.received.as_ref().map_or_else(|unanswered| unanswered.sent, |_| true)
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Line")
            .field("origin", &self.origin.as_str())
            .field("limits", &self.limits)
            .field("tokens", &self.tokens)
            .finish_non_exhaustive()
    }
}

/// A list whose names are read without the token: a server may show what it was sent.
struct WithoutToken<Shape> {
    shape: Shape,
    token: Arc<Token>,
}

/// A shorter word holds no piece of a token that would be taken out.
const WORTH_LOOKING_AT: usize = 16;

impl<Shape: ListShape> ListShape for WithoutToken<Shape> {
    fn client<'de, D: Deserializer<'de>>(&mut self, element: D) -> Result<Option<ListedClient>, D::Error> {
        let mut client = self.shape.client(element)?;
        if let Some(client) = &mut client
            && client.name.split(' ').any(|word| word.len() >= WORTH_LOOKING_AT)
        {
            client.name = self.token.taken_out_of(&client.name);
        }
        Ok(client)
    }

    fn member<'de, A: MapAccess<'de>>(
        &mut self,
        name: &str,
        members: &mut A,
        page: &mut Page,
    ) -> Result<bool, A::Error> {
        self.shape.member(name, members, page)
    }
}

/// The answer to a request that has not been sent, for want of a token.
fn not_sent(error: &SignInError) -> Answer {
    let words = Wording::of(|| format!("{error}; {}", error.hint()));
    let judged = Judged::halt(halt_for(error), words);
    Answer { sent: false, ..judged.into_answer(None, crate::clock::now(), Duration::ZERO) }
}

fn halt_for(error: &SignInError) -> HaltCause {
    if let Some(this_side) = error.this_side() {
        this_side
    } else if error.is_passing() {
        HaltCause::SignInUnavailable
    } else {
        HaltCause::SignedOut
    }
}
