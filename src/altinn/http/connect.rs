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

use hyper::{
    Uri,
    http::uri::Scheme,
    rt::{Read, ReadBufCursor, Write},
};
use hyper_rustls::HttpsConnector;
use hyper_util::client::{
    legacy::connect::{Connected, Connection, HttpConnector, dns::Name, proxy::Tunnel},
    proxy::matcher::{Intercept, Matcher},
};
use rustls::{ClientConfig, RootCertStore, crypto::CryptoProvider};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::{net::lookup_host, time::timeout};
use tower_service::Service;
use url::Url;

use super::clean;
use crate::{
    model::{HaltCause, is_loopback},
    words::{say, text},
};

type Cause = Box<dyn Error + Send + Sync>;
type Promise<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// Makes connections. Cloned, it is the same.
#[derive(Clone)]
pub(super) struct Connector {
    tcp: HttpConnector<Names>,
    proxies: Option<Arc<Matcher>>,
    encryption: Arc<ClientConfig>,
    /// What a proxy that is itself https is spoken to with.
    to_proxy: Arc<ClientConfig>,
    longest: Duration,
}

impl Connector {
    /// Makes connections to `origin`, each within `longest`.
    ///
    /// # Errors
    ///
    /// The machine has no certificates to trust.
    pub(super) fn to(origin: &Url, longest: Duration) -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut encryption = if origin.scheme() == "http" {
            // Not encrypted, so a machine without certificates will do.
            versions(provider)?.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
        } else {
            versions(provider)?.with_platform_verifier()?.with_no_client_auth()
        };
        let to_proxy = Arc::new(encryption.clone());
        encryption.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let mut tcp = HttpConnector::new_with_resolver(Names);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let proxies = (!is_loopback(origin)).then(|| Arc::new(Matcher::from_env()));
        Ok(Self { tcp, proxies, encryption: Arc::new(encryption), to_proxy, longest })
    }

    /// The proxy that requests to `uri` go through.
    pub(super) fn proxy_for(&self, uri: &Uri) -> Option<Intercept> {
        self.proxies.as_ref()?.intercept(uri)
    }

    async fn connect(self, uri: Uri) -> Result<Way, Cause> {
        let is_encrypted = uri.scheme() == Some(&Scheme::HTTPS);
        let Some(proxy) = self.proxy_for(&uri) else {
            return Way::new(HttpsConnector::from((self.tcp, self.encryption)).call(uri)).await;
        };
        if !matches!(proxy.uri().scheme_str(), Some("http" | "https")) {
            return Err(AnotherKindOfProxy.into());
        }
        let mut to_proxy = HttpsConnector::from((self.tcp, self.to_proxy));
        if !is_encrypted {
            let way = Way::new(to_proxy.call(proxy.uri().clone())).await?;
            return Ok(Way { is_forwarded: true, ..way });
        }
        let mut tunnel = Tunnel::new(proxy.uri().clone(), to_proxy);
        if let Some(sign_in) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(sign_in.clone());
        }
        Way::new(HttpsConnector::from((tunnel, self.encryption)).call(uri)).await
    }
}

fn versions(
    provider: Arc<CryptoProvider>,
) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, rustls::Error> {
    ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()
}

impl Service<Uri> for Connector {
    type Response = Way;
    type Error = Cause;
    type Future = Promise<Way, Cause>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Cause>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let (longest, connecting) = (self.longest, self.clone().connect(uri));
        Box::pin(async move { timeout(longest, connecting).await.unwrap_or_else(|_| Err(TooLong.into())) })
    }
}

/// A connection was not there in time.
#[derive(Debug)]
pub(super) struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(text!("altinn-the-connection-timed-out"))
    }
}

impl Error for TooLong {}

/// The variables name a proxy that speaks no HTTP.
#[derive(Debug)]
struct AnotherKindOfProxy;

impl fmt::Display for AnotherKindOfProxy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", HaltCause::ProxyVariable.explanation())
    }
}

impl Error for AnotherKindOfProxy {}

trait Stream: Read + Write + Connection + Send + Unpin {}

impl<T: Read + Write + Connection + Send + Unpin> Stream for T {}

/// A connection that has been made.
pub(super) struct Way {
    stream: Pin<Box<dyn Stream>>,
    /// A proxy reads the requests and hands them on.
    is_forwarded: bool,
}

impl Way {
    async fn new<S: Stream + 'static, E>(
        connecting: impl Future<Output = Result<S, E>>,
    ) -> Result<Self, Cause>
    where
        Cause: From<E>,
    {
        Ok(Self { stream: Box::pin(connecting.await?), is_forwarded: false })
    }
}

impl Connection for Way {
    fn connected(&self) -> Connected {
        self.stream.connected().proxy(self.is_forwarded)
    }
}

impl Read for Way {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_read(context, into)
    }
}

impl Write for Way {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(context)
    }
}

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
