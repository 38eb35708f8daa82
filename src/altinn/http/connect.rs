//! How connections are made: a name is looked up as the machine does it, a proxy is gone through where the variables name
//! one, and what is https is encrypted.

use std::{
    error::Error,
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
    vec,
};

use http_body_util::Empty;
use hyper::{
    Method, StatusCode, Uri,
    body::Bytes,
    client::conn::http1,
    header::{HOST, PROXY_AUTHORIZATION},
};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::{
    client::legacy::connect::{HttpConnector, dns::Name},
    rt::TokioIo,
};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier, crypto::ring};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::{
    net::{TcpStream, lookup_host},
    sync::Semaphore,
    time::timeout,
};
use tower_service::Service;
use url::Url;

use super::{
    clean,
    proxy::{AnotherKindOfProxy, Proxy},
};
use crate::words::{say, text};

pub(super) type Cause = Box<dyn Error + Send + Sync>;
type Promise<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;
/// What reaches the host: a connection to it, or one to a proxy, which may be encrypted itself, and a tunnel through that.
type Way = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Makes connections, encrypted where the address is https. Cloned, it is the same.
#[derive(Clone)]
pub(super) struct Connector {
    encrypting: HttpsConnector<Ways>,
    is_through_a_proxy: bool,
    longest: Duration,
    /// How many may be under way to being made. The pool begins one for each request that finds none free, and leaves it to
    /// itself when another becomes free first: where a server takes no more, they would use up every file descriptor.
    at_once: Arc<Semaphore>,
}

impl Connector {
    /// Makes connections to `origin`, each within `longest`, so many at once. What is not encrypted stays on this machine,
    /// and goes through no proxy.
    ///
    /// # Errors
    ///
    /// The machine has no certificates to trust.
    pub(super) fn to(origin: &Url, longest: Duration, at_once: usize) -> Result<Self, rustls::Error> {
        let mut encryption = if origin.scheme() == "http" {
            // Not encrypted, so a machine without certificates will do.
            versions()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
        } else {
            versions()?.with_platform_verifier()?.with_no_client_auth()
        };
        let proxy = Proxy::to(origin).map(|proxy| proxy.map(Arc::new));
        let ways = Ways { tcp: tcp(Names, longest), proxy, to_proxy: Arc::new(encryption.clone()) };
        encryption.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let is_through_a_proxy = matches!(ways.proxy, Ok(Some(_)));
        let encrypting = HttpsConnector::from((ways, encryption));
        Ok(Self { encrypting, is_through_a_proxy, longest, at_once: Arc::new(Semaphore::new(at_once)) })
    }
}

/// Connections to what these names stand for. Each address of a name has its share of the time: the second is tried though
/// the first swallows everything.
fn tcp<Names>(names: Names, longest: Duration) -> HttpConnector<Names> {
    let mut tcp = HttpConnector::new_with_resolver(names);
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(longest));
    tcp
}

fn versions() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<Way>;
    type Error = Cause;
    type Future = Promise<Self::Response, Cause>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Cause>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let (at_once, connecting) = (Arc::clone(&self.at_once), self.encrypting.call(uri));
        let connecting = async move {
            let _turn = at_once.acquire().await;
            connecting.await
        };
        let (longest, is_through_a_proxy) = (self.longest, self.is_through_a_proxy);
        Box::pin(async move {
            timeout(longest, connecting).await.unwrap_or_else(|_| Err(TooLong { is_through_a_proxy }.into()))
        })
    }
}

/// Makes ways to hosts: straight, or through the proxy that the variables name.
#[derive(Clone)]
struct Ways {
    tcp: HttpConnector<Names>,
    proxy: Result<Option<Arc<Proxy>>, AnotherKindOfProxy>,
    to_proxy: Arc<ClientConfig>,
}

impl Service<Uri> for Ways {
    type Response = Way;
    type Error = Cause;
    type Future = Promise<Way, Cause>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Cause>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let proxy = match &self.proxy {
            Ok(Some(proxy)) => Arc::clone(proxy),
            Ok(None) => {
                let connecting = self.tcp.call(uri);
                return Box::pin(async move { Ok(MaybeHttpsStream::Http(connecting.await?)) });
            }
            Err(another) => {
                let another = *another;
                return Box::pin(async move { Err(another.into()) });
            }
        };
        let mut to_proxy = HttpsConnector::from((self.tcp.clone(), Arc::clone(&self.to_proxy)));
        let connecting = to_proxy.call(proxy.address.clone());
        Box::pin(async move {
            let why = match connecting.await {
                Ok(way) => match tunnel(way, &proxy, &uri).await {
                    Ok(way) => return Ok(way),
                    Err(why) => why,
                },
                Err(cause) => WhyNoTunnel::Failed(cause),
            };
            Err(NoTunnel { proxy: proxy.place().to_owned(), why }.into())
        })
    }
}

/// Has a proxy make a tunnel to a host, on this connection to it.
async fn tunnel(way: Way, proxy: &Proxy, to: &Uri) -> Result<Way, WhyNoTunnel> {
    let host = format!("{}:{}", to.host().unwrap_or_default(), to.port_u16().unwrap_or(443));
    let mut request = hyper::Request::builder().method(Method::CONNECT).uri(&host).header(HOST, &host);
    if let Some(sign_in) = &proxy.sign_in {
        request = request.header(PROXY_AUTHORIZATION, sign_in);
    }
    let request = request.body(Empty::<Bytes>::new())?;
    let (mut asking, connection) = http1::Builder::new().title_case_headers(true).handshake(way).await?;
    tokio::spawn(connection.with_upgrades());
    let answer = asking.send_request(request).await?;
    if !answer.status().is_success() {
        return Err(WhyNoTunnel::Answered(answer.status()));
    }
    let tunnel = hyper::upgrade::on(answer).await?.downcast::<Way>();
    // The host speaks when it is spoken to, so nothing of its can have been read.
    tunnel.map(|tunnel| tunnel.io).map_err(|_| io::Error::from(io::ErrorKind::Unsupported).into())
}

/// A proxy that made no tunnel, and where it is.
#[derive(Debug)]
pub(super) struct NoTunnel {
    pub(super) proxy: String,
    pub(super) why: WhyNoTunnel,
}

/// Why there is no tunnel.
#[derive(Debug)]
pub(super) enum WhyNoTunnel {
    /// What it answered instead.
    Answered(StatusCode),
    /// It is not reached, or gave no answer.
    Failed(Cause),
}

impl<E: Into<Cause>> From<E> for WhyNoTunnel {
    fn from(cause: E) -> Self {
        Self::Failed(cause.into())
    }
}

impl fmt::Display for NoTunnel {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            WhyNoTunnel::Answered(status) => write!(out, "{} {status}", self.proxy),
            WhyNoTunnel::Failed(cause) => write!(out, "{} {cause}", self.proxy),
        }
    }
}

impl Error for NoTunnel {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.why {
            WhyNoTunnel::Answered(_) => None,
            WhyNoTunnel::Failed(cause) => Some(&**cause),
        }
    }
}

/// A connection was not there in time.
#[derive(Debug)]
pub(super) struct TooLong {
    pub(super) is_through_a_proxy: bool,
}

impl fmt::Display for TooLong {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(text!("altinn-the-connection-timed-out"))
    }
}

impl Error for TooLong {}

/// Looks names up as the machine does, and says so when that fails.
#[derive(Clone)]
struct Names;

impl Service<Name> for Names {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = NoAddress;
    type Future = Promise<Self::Response, NoAddress>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NoAddress>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(async move {
            match lookup_host((name.as_str(), 0)).await {
                Ok(found) => Ok(found.collect::<Vec<_>>().into_iter()),
                Err(error) => Err(NoAddress { name: name.as_str().to_owned(), error }),
            }
        })
    }
}

/// A name without an address.
#[derive(Debug)]
pub(super) struct NoAddress {
    name: String,
    pub(super) error: io::Error,
}

impl fmt::Display for NoAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = clean(&self.error.to_string()).unwrap_or_default();
        let name = clean(&self.name).unwrap_or_default();
        write!(out, "{}", say!("altinn-no-address-for", name = name, reason = reason))
    }
}

impl Error for NoAddress {}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::future::{Ready, ready};

    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    /// A name with these addresses.
    #[derive(Clone)]
    struct Several(Vec<SocketAddr>);

    impl Service<Name> for Several {
        type Response = vec::IntoIter<SocketAddr>;
        type Error = io::Error;
        type Future = Ready<io::Result<Self::Response>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Name) -> Self::Future {
            ready(Ok(self.0.clone().into_iter()))
        }
    }

    /// An address that swallows what comes: a full queue of a listener that takes nothing out of it.
    async fn silent() -> (SocketAddr, Vec<TcpStream>, TcpListener) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut queue = Vec::new();
        while let Ok(taken) = timeout(Duration::from_millis(50), TcpStream::connect(address)).await {
            queue.push(taken.unwrap());
        }
        (address, queue, listener)
    }

    #[tokio::test]
    async fn an_address_that_swallows_everything_leaves_time_for_the_next() {
        let (silent, _queue, _full) = silent().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let names = Several(vec![silent, listener.local_addr().unwrap()]);
        let longest = Duration::from_secs(2);
        let connecting = tcp(names, longest).call(Uri::from_static("http://name.example"));
        timeout(longest, connecting).await.unwrap().unwrap();
    }
}
