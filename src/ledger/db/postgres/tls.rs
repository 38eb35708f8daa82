//! An encrypted connection to the server, with the encryption that Altinn is reached with.

use std::{
    error::Error as _,
    future::Future,
    io,
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use rustls::{
    CertificateError as Certificate, ClientConfig, Error, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::{
    Socket,
    tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream},
};
use tokio_rustls::{TlsConnector, client::TlsStream as Encrypted};

use super::Encryption;
use crate::words::{say, text};

/// Makes connections encrypted whose server proves that it is the one that was named.
#[derive(Clone)]
pub(super) struct Tls(TlsConnector);

impl Tls {
    /// By the authorities in this file, or by those that this machine believes.
    pub(super) fn new(root: Option<&Path>) -> Result<Self, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let config = match root {
            None => {
                builder.with_platform_verifier().map_err(|error| error.to_string())?.with_no_client_auth()
            }
            Some(path) => {
                let pem = super::read_certificates(path)?;
                let mut roots = RootCertStore::empty();
                for certificate in CertificateDer::pem_slice_iter(&pem) {
                    let added = certificate.map_err(|error| format!("{}: {error}", path.display()))?;
                    roots.add(added).map_err(|error| format!("{}: {error}", path.display()))?;
                }
                builder.with_root_certificates(roots).with_no_client_auth()
            }
        };
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }
}

/// What is wrong with the certificate that a server has shown, in words; none where that is not why it was not connected.
pub(super) fn refusal(error: &tokio_postgres::Error, by: &Encryption) -> Option<String> {
    let io = error.source()?.downcast_ref::<io::Error>()?;
    let Error::InvalidCertificate(wrong) = io.get_ref()?.downcast_ref::<Error>()? else { return None };
    let said = match wrong {
        Certificate::UnknownIssuer | Certificate::BadSignature => match by {
            Encryption::By(Some(file)) => {
                say!("ledger-certificate-not-by-file", file = file.display()).to_string()
            }
            _ => text!("ledger-certificate-not-trusted").to_owned(),
        },
        Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
            text!("ledger-certificate-of-another-name").to_owned()
        }
        Certificate::Expired
        | Certificate::ExpiredContext { .. }
        | Certificate::NotValidYet
        | Certificate::NotValidYetContext { .. } => text!("ledger-certificate-out-of-its-time").to_owned(),
        other => say!("ledger-certificate-wrong", error = format!("{other:?}")).to_string(),
    };
    Some(said)
}

/// The same for one server.
pub(super) struct ToServer {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Line;
    type TlsConnect = ToServer;
    type Error = io::Error;

    fn make_tls_connect(&mut self, server: &str) -> io::Result<ToServer> {
        let name = ServerName::try_from(server.to_owned()).map_err(io::Error::other)?;
        Ok(ToServer { connector: self.0.clone(), name })
    }
}

impl TlsConnect<Socket> for ToServer {
    type Stream = Line;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Line>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(async move { Ok(Line(self.connector.connect(self.name, socket).await?)) })
    }
}

/// An encrypted connection.
pub(super) struct Line(Encrypted<Socket>);

impl TlsStream for Line {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
