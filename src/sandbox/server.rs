//! The world behind HTTP, on a loopback port.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, UNIX_EPOCH},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, State},
    http::{HeaderMap, HeaderValue, Method as HttpMethod, StatusCode, Uri, header},
    response::Response,
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use url::{Url, form_urlencoded};

use super::{
    chance,
    connection::{CuttableListener, OtherEnd},
    request::{Method, Reply, Request},
    sign_in::{Asked, ID_PORTEN_PATH, MASKINPORTEN_TOKEN_PATH, SignIns},
    store::Store,
    world::World,
};

/// How long an answer takes, about, in a demonstration: 20 to 40 ms.
pub const DEFAULT_LATENCY: Duration = Duration::from_millis(30);

/// How long [`Server::shutdown`] waits for answers under way.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(2);

/// How a world is served.
#[derive(Debug)]
pub struct Options {
    /// The port; 0 for any that is free.
    pub port: u16,
    /// How long an answer takes, about: two thirds to four thirds of it. Zero for no waiting at all.
    pub latency: Duration,
    /// How much longer the first API takes for every client of the firm, when it delegates and when it lists: its server
    /// goes through the firm's whole list each time. The second API's does not.
    pub latency_per_client: Duration,
    /// Where changes are kept; `None` to forget them.
    pub store: Option<Store>,
}

impl Default for Options {
    fn default() -> Self {
        Self { port: 0, latency: DEFAULT_LATENCY, latency_per_client: Duration::ZERO, store: None }
    }
}

/// A world that several hold: the server, and whoever looks at it or changes it meanwhile.
#[derive(Debug, Clone)]
pub struct SharedWorld(Arc<Mutex<World>>);

impl SharedWorld {
    /// Shares a world.
    pub fn new(world: World) -> Self {
        Self(Arc::new(Mutex::new(world)))
    }

    /// The world, for as long as the guard lives. Do not keep it across an await.
    pub fn lock(&self) -> MutexGuard<'_, World> {
        lock(&self.0)
    }
}

/// The side that signs in, held by the server and by whoever changes it meanwhile.
#[derive(Debug, Clone, Default)]
pub struct SharedSignIns(Arc<Mutex<SignIns>>);

impl SharedSignIns {
    /// The side that signs in, for as long as the guard lives. Do not keep it across an await.
    pub fn lock(&self) -> MutexGuard<'_, SignIns> {
        lock(&self.0)
    }
}

/// One request that reached the server.
#[derive(Debug, Clone)]
pub struct Seen {
    /// When it came.
    pub at: Instant,
    /// Its method.
    pub method: Method,
    /// Its path, without the query.
    pub path: String,
    /// The system user that its query names, as it was written: `agent`, or `to` in the second API.
    pub agent: Option<String>,
    /// The other end of the connection that it came on.
    pub from: SocketAddr,
}

/// A world that answers on a loopback port, until it is shut down or dropped.
#[derive(Debug)]
pub struct Server {
    origin: Url,
    state: Arc<ServerState>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

#[derive(Debug)]
struct ServerState {
    world: SharedWorld,
    store: Option<Mutex<Store>>,
    seen: Mutex<Vec<Seen>>,
    latency: Duration,
    latency_per_client: Duration,
    origin: String,
    sign_ins: SharedSignIns,
}

impl Server {
    /// Serves the world, after it has taken in what its store holds. Needs a running tokio runtime.
    ///
    /// # Errors
    ///
    /// When the port is taken or the store cannot be read.
    pub async fn start(mut world: World, mut options: Options) -> io::Result<Self> {
        if let Some(store) = &mut options.store {
            store.catch_up(&mut world).map_err(io::Error::other)?;
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let origin = format!("http://{}", listener.local_addr()?);
        world.lists_mut().origin.clone_from(&origin);
        let sign_ins = SharedSignIns::default();
        sign_ins.lock().firms = world.facilitators().collect();
        let state = Arc::new(ServerState {
            world: SharedWorld::new(world),
            store: options.store.map(Mutex::new),
            seen: Mutex::default(),
            latency: options.latency,
            latency_per_client: options.latency_per_client,
            origin: origin.clone(),
            sign_ins,
        });
        let (stop, stopped) = oneshot::channel();
        let service = Router::new()
            .fallback(handle)
            .with_state(Arc::clone(&state))
            .into_make_service_with_connect_info::<OtherEnd>();
        let serving = tokio::spawn(async move {
            let stopped = async {
                // The sender dropped is as good as the message sent.
                let _ = stopped.await;
            };
            // It ends only by the signal: failures to accept are tried again inside.
            let _ = axum::serve(CuttableListener(listener), service).with_graceful_shutdown(stopped).await;
        });
        let origin = Url::parse(&origin).map_err(io::Error::other)?;
        Ok(Self { origin, state, stop: Some(stop), serving })
    }

    /// Where it answers: `http://127.0.0.1:PORT/`.
    pub fn origin(&self) -> &Url {
        &self.origin
    }

    /// The world that it serves.
    pub fn world(&self) -> SharedWorld {
        self.state.world.clone()
    }

    /// The side that signs in.
    pub fn sign_ins(&self) -> SharedSignIns {
        self.state.sign_ins.clone()
    }

    /// The issuer of its ID-porten.
    pub fn issuer(&self) -> String {
        format!("{}{ID_PORTEN_PATH}", self.state.origin)
    }

    /// The token endpoint of its Maskinporten, and the `aud` of a grant for it.
    pub fn token_endpoint(&self) -> (Url, String) {
        let mut url = self.origin.clone();
        url.set_path(MASKINPORTEN_TOKEN_PATH);
        (url, format!("{}/maskinporten/", self.state.origin))
    }

    /// Every request about clients and system users that has reached it, in the order in which they came.
    pub fn requests(&self) -> Vec<Seen> {
        let mut seen = lock(&self.state.seen).clone();
        seen.sort_by_key(|request| request.at);
        seen
    }

    /// Stops accepting, lets the answers under way out (for two seconds at most), and ends.
    pub async fn shutdown(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if tokio::time::timeout(SHUTDOWN_WAIT, &mut self.serving).await.is_err() {
            self.serving.abort();
        }
    }
}

/// Like Altinn, the work goes on when the caller hangs up: it runs in a task of its own.
async fn handle(
    State(state): State<Arc<ServerState>>,
    ConnectInfo(end): ConnectInfo<OtherEnd>,
    method: HttpMethod,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    // Before anything that may keep it waiting: a sign-in that is being checked is no part of when a request came.
    let at = Instant::now();
    let mut request = request(&method, &uri, &headers);
    let now = crate::clock::now().as_second();
    {
        let mut sign_ins = state.sign_ins.lock();
        let asked = Asked {
            method: request.method,
            path: uri.path(),
            query: uri.query().unwrap_or_default(),
            body: &body,
            bearer: request.token.as_deref(),
            origin: &state.origin,
            now,
        };
        if let Some(reply) = sign_ins.answer(asked) {
            return response(reply, now + sign_ins.clock_ahead_s);
        }
        request.grant = request.token.as_deref().and_then(|token| sign_ins.grant_of(token, now));
        request.vendor =
            request.token.as_deref().and_then(|token| sign_ins.vendor_of(token, &state.origin, now));
    }
    request.body = body.into();
    let work = tokio::spawn(async move { state.answer(&request, at, end.address).await });
    match work.await {
        Ok(Some(reply)) => response(reply, now),
        Ok(None) => {
            end.scissors.cut();
            Response::default()
        }
        Err(_) => response(Reply::empty(500), now),
    }
}

impl ServerState {
    async fn answer(&self, request: &Request, at: Instant, from: SocketAddr) -> Option<Reply> {
        let method = request.method;
        let (begun, ordinal, gone_through) = {
            let mut world = self.world.lock();
            lock(&self.seen).push(Seen {
                at,
                method,
                path: request.path.clone(),
                agent: named_agent(request),
                from,
            });
            if let Some(store) = &self.store
                && lock(store).catch_up(&mut world).is_err()
            {
                return Some(Reply::empty(500));
            }
            let gone_through = world.clients_gone_through(request);
            (world.begin(request), world.requests(), u32::try_from(gone_through).unwrap_or(u32::MAX))
        };
        if !self.latency_per_client.is_zero() && gone_through > 0 {
            tokio::time::sleep(self.latency_per_client.saturating_mul(gone_through)).await;
        }
        if !self.latency.is_zero() {
            let share = 2.0 / 3.0 * (1.0 + chance::share(0, &[ordinal]));
            tokio::time::sleep(self.latency.mul_f64(share)).await;
        }
        let mut world = self.world.lock();
        let reply = world.finish(begun);
        if let Some(store) = &self.store
            && lock(store).record(&world).is_err()
        {
            return Some(Reply::empty(500));
        }
        reply
    }
}

fn request(method: &HttpMethod, uri: &Uri, headers: &HeaderMap) -> Request {
    let mut request = Request {
        method: match *method {
            HttpMethod::GET => Method::Get,
            HttpMethod::POST => Method::Post,
            HttpMethod::DELETE => Method::Delete,
            _ => Method::Other,
        },
        path: uri.path().to_owned(),
        agent: None,
        client: None,
        party: None,
        from: None,
        query: Vec::new(),
        body: Vec::new(),
        token: bearer(headers),
        grant: None,
        vendor: None,
    };
    for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        let parameter = match name.as_ref() {
            "agent" => &mut request.agent,
            "client" => &mut request.client,
            "party" => &mut request.party,
            "from" => &mut request.from,
            _ => {
                request.query.push((name.into_owned(), value.into_owned()));
                continue;
            }
        };
        parameter.get_or_insert_with(|| value.clone().into_owned());
        request.query.push((name.into_owned(), value.into_owned()));
    }
    request
}

fn named_agent(request: &Request) -> Option<String> {
    let to = || request.query.iter().find(|(name, _)| name == "to").map(|(_, value)| value.clone());
    request.agent.clone().or_else(to)
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// `now` is what the sandbox's clock says, in seconds since 1970.
fn response(reply: Reply, now: i64) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Some(content_type) = reply.content_type {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    if let Some(retry_after) = reply.retry_after.and_then(|text| HeaderValue::try_from(text).ok()) {
        headers.insert(header::RETRY_AFTER, retry_after);
    }
    if let Some(location) = reply.location.and_then(|text| HeaderValue::try_from(text).ok()) {
        headers.insert(header::LOCATION, location);
    }
    let date = UNIX_EPOCH + Duration::from_secs(u64::try_from(now).unwrap_or_default());
    if let Ok(date) = HeaderValue::try_from(httpdate::fmt_http_date(date)) {
        headers.insert(header::DATE, date);
    }
    response
}

/// A panic in one request does not stop the others.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
