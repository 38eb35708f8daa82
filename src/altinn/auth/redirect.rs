//! Where the browser comes back to: one loopback address, listened on until it has come.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};
use url::{Host, Url};

use super::{AuthorizationRequest, AuthorizationResponse, SignInError};
use crate::words::{Language, for_people, kept, say, text};

/// The most that is read of a browser's request, in bytes.
const REQUEST_BYTES: usize = 32 * 1024;
/// How long a browser may take to send its request.
const REQUEST_TIME: Duration = Duration::from_secs(10);

/// So many connections are listened to at once; more are closed.
const MOST_CONNECTIONS: usize = 64;

/// Listens where the browser is sent.
pub struct Redirect {
    listeners: Vec<TcpListener>,
    address: Url,
}

impl Redirect {
    /// Listens on the address, before the browser is sent anywhere.
    ///
    /// # Errors
    ///
    /// When the port is taken.
    pub async fn listen(address: &Url) -> Result<Self, SignInError> {
        let port = address.port_or_known_default().unwrap_or(80);
        let hosts: Vec<SocketAddr> = match address.host() {
            Some(Host::Ipv4(host)) => vec![(host, port).into()],
            Some(Host::Ipv6(host)) => vec![(host, port).into()],
            _ => vec![([127, 0, 0, 1], port).into(), ([0, 0, 0, 0, 0, 0, 0, 1], port).into()],
        };
        let mut listeners = Vec::new();
        let mut failure = None;
        for host in hosts {
            match TcpListener::bind(host).await {
                Ok(listener) => listeners.push(listener),
                // A machine may be without IPv6; a port that is taken is taken on both.
                Err(error) => failure = Some(error),
            }
        }
        match failure {
            Some(error) if listeners.is_empty() || error.kind() == io::ErrorKind::AddrInUse => {
                Err(SignInError::Machine {
                    problem: say!("auth-cannot-be-listened-on", address = address, error = error).kept(),
                    hint: kept!("auth-hint-close-the-program-that-uses-the-port"),
                })
            }
            _ => Ok(Self { listeners, address: address.clone() }),
        }
    }

    /// Waits for the browser to come back from the sign-in that has request, and tells it so. Whoever else comes is
    /// sent away.
    ///
    /// # Errors
    ///
    /// When the operating system lets nobody come any more.
    pub async fn wait(self, request: &AuthorizationRequest) -> Result<AuthorizationResponse, SignInError> {
        // A browser opens connections that it says nothing on; they must not hold up the one that counts.
        let mut reading = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.accept() => {
                    let mut stream = accepted.map_err(|error| SignInError::Machine {
                        problem: say!("auth-the-browser-cannot-come-back", address = self.address, error = error)
                            .kept(),
                        hint: kept!("auth-hint-sign-in-once-more"),
                    })?;
                    if reading.len() < MOST_CONNECTIONS {
                        reading.spawn(async move {
                            let head = timeout(REQUEST_TIME, read_head(&mut stream)).await.ok()??;
                            Some((stream, head))
                        });
                    }
                }
                Some(read) = reading.join_next() => {
                    let Ok(Some((stream, head))) = read else { continue };
                    if let Some(response) = self.serve(stream, &head, request).await {
                        return Ok(response);
                    }
                }
            }
        }
    }

    async fn accept(&self) -> io::Result<TcpStream> {
        let (stream, _) = match self.listeners.as_slice() {
            [one] => one.accept().await?,
            [one, other, ..] => tokio::select! {
                accepted = one.accept() => accepted?,
                accepted = other.accept() => accepted?,
            },
            [] => std::future::pending().await,
        };
        Ok(stream)
    }

    async fn serve(
        &self,
        mut stream: TcpStream,
        head: &str,
        request: &AuthorizationRequest,
    ) -> Option<AuthorizationResponse> {
        let response = self.read(head).filter(|response| request.is_answered_by(response));
        let (status, words, language) = for_people(|| {
            let (status, words) = match &response {
                Some(response) if response.is_well() => ("200 OK", text!("auth-you-are-signed-in")),
                Some(_) => ("200 OK", text!("auth-the-sign-in-did-not-go-well")),
                None => ("404 Not Found", text!("auth-nothing-is-here")),
            };
            (status, words, Language::current().tag())
        });
        let page = format!(
            "<!doctype html><html lang=\"{language}\"><meta charset=\"utf-8\"><title>fullmakt</title>\
             <body style=\"font: 1.2em sans-serif; margin: 3em\"><p>{words}</p></body></html>"
        );
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
             Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{page}",
            page.len()
        );
        // A browser that does not stay for the page has said what matters.
        let _ = timeout(REQUEST_TIME, stream.write_all(answer.as_bytes())).await;
        let _ = stream.shutdown().await;
        response
    }

    /// The first line of the request: `GET /callback?code=… HTTP/1.1`.
    fn read(&self, head: &str) -> Option<AuthorizationResponse> {
        let mut words = head.lines().next()?.split(' ');
        let ("GET", target) = (words.next()?, words.next()?) else { return None };
        let address = self.address.join(target).ok()?;
        AuthorizationResponse::read(address.as_str(), &self.address).ok()
    }
}

async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut chunk = [0; 4096];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        let read = stream.read(&mut chunk).await.ok()?;
        if read == 0 || head.len() + read > REQUEST_BYTES {
            return None;
        }
        head.extend_from_slice(&chunk[..read]);
    }
    String::from_utf8(head).ok()
}
