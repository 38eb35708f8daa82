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

use hyper::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::{
    client::{
        legacy::connect::{HttpConnector, dns::Name, proxy::Tunnel},
        proxy::matcher::Matcher,
    },
    rt::TokioIo,
};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier, crypto::ring};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tower_service::Service;
use url::Url;

use super::clean;
use crate::{
    model::{HaltCause, is_loopback},
    words::{say, text},
};

type Cause = Box<dyn Error + Send + Sync>;
type Promise<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;
/// What reaches the host: a connection to it, or one to a proxy, which may be encrypted itself, and a tunnel through that.
type Way = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Makes connections, encrypted where the address is https. Cloned, it is the same.
#[derive(Clone)]
pub(super) struct Connector {
    encrypting: HttpsConnector<Ways>,
    longest: Duration,
}

impl Connector {
    /// Makes connections to `origin`, each within `longest`. What is not encrypted stays on this machine, and goes through no
    /// proxy.
    ///
    /// # Errors
    ///
    /// The machine has no certificates to trust.
    pub(super) fn to(origin: &Url, longest: Duration) -> Result<Self, rustls::Error> {
        let mut encryption = if origin.scheme() == "http" {
            // Not encrypted, so a machine without certificates will do.
            versions()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
        } else {
            versions()?.with_platform_verifier()?.with_no_client_auth()
        };
        let mut tcp = HttpConnector::new_with_resolver(Names);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let proxies = (!is_loopback(origin)).then(|| Arc::new(Matcher::from_env()));
        let ways = Ways { tcp, proxies, to_proxy: Arc::new(encryption.clone()) };
        encryption.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { encrypting: HttpsConnector::from((ways, encryption)), longest })
    }
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
        let (longest, connecting) = (self.longest, self.encrypting.call(uri));
        Box::pin(async move { timeout(longest, connecting).await.unwrap_or_else(|_| Err(TooLong.into())) })
    }
}

/// Makes ways to hosts: straight, or through the proxy that the variables name.
#[derive(Clone)]
struct Ways {
    tcp: HttpConnector<Names>,
    proxies: Option<Arc<Matcher>>,
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
        let Some(proxy) = self.proxies.as_ref().and_then(|proxies| proxies.intercept(&uri)) else {
            let connecting = self.tcp.call(uri);
            return Box::pin(async move { Ok(MaybeHttpsStream::Http(connecting.await?)) });
        };
        if !matches!(proxy.uri().scheme_str(), Some("http" | "https")) {
            return Box::pin(async { Err(AnotherKindOfProxy.into()) });
        }
        let to_proxy = HttpsConnector::from((self.tcp.clone(), Arc::clone(&self.to_proxy)));
        let mut tunnel = Tunnel::new(proxy.uri().clone(), to_proxy);
        if let Some(sign_in) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(sign_in.clone());
        }
        let connecting = tunnel.call(uri);
        Box::pin(async move { Ok(connecting.await?) })
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
