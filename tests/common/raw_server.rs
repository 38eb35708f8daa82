//! A server on the loopback that answers exact bytes, and a client for it.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses its part, and a test whose set-up fails has nothing better to do"
)]

use fullmakt::words::Wording;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use fullmakt::{
    altinn::{Client, TokenSource},
    engine::{Api, ListInformation},
    model::{
        Again, AgentId, Answer, AtLast, ClientChange, ClientId, ClientList, HaltCause, ListedClient,
        NoVerdict, Operation, Verdict,
    },
};
use secrecy::SecretString;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use url::Url;

pub(crate) const AGENT: &str = "1b6cea43-f499-4aae-a633-51cf542795af";
pub(crate) const CLIENT: &str = "fffefbe8-72ed-4729-b80b-dc16a96f4d9f";
pub(crate) const TOKEN: &str = "secret-token-of-the-test";
pub(crate) const TIMEOUT: Duration = Duration::from_millis(500);

pub(crate) fn agent() -> AgentId {
    AGENT.parse().unwrap()
}

pub(crate) fn client_id() -> ClientId {
    CLIENT.parse().unwrap()
}

/// What a server writes for one request, piece by piece.
#[derive(Clone)]
pub(crate) enum Write {
    Bytes(String),
    Pause(Duration),
    /// These bytes so often, with so long a pause after each.
    Repeat(String, u32, Duration),
    Reset,
}

/// A server on the loopback, and the requests that came to it.
pub(crate) struct Server {
    pub(crate) origin: Url,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers each request with what `answer` makes of its number and its text; then closes.
    pub(crate) async fn start(answer: impl Fn(usize, &str) -> Vec<Write> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (answer, seen) = (Arc::new(answer), Arc::clone(&requests));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
                tokio::spawn(async move { serve(stream, &seen, answer.as_ref()).await });
            }
        });
        Self { origin, requests }
    }

    pub(crate) async fn answering(head: &'static str, body: impl Into<String>) -> Self {
        let body = body.into();
        Self::start(move |_, _| answer(head, &body)).await
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn client(&self) -> Client {
        client(&self.origin)
    }

    pub(crate) async fn delegate(&self) -> Answer {
        let answer = self.client().send(&change(Operation::Delegate)).await;
        assert!(!format!("{answer:?}").contains(TOKEN));
        answer
    }

    pub(crate) async fn list(&self) -> Result<(Vec<ListedClient>, ListInformation), Box<Answer>> {
        list(&self.client()).await
    }
}

async fn serve(
    mut stream: TcpStream,
    seen: &Mutex<Vec<String>>,
    answer: &(impl Fn(usize, &str) -> Vec<Write> + Sync),
) {
    let mut request = Vec::new();
    while !is_whole(&request) {
        let mut byte = [0; 1024];
        match stream.read(&mut byte).await {
            Ok(0) | Err(_) => return,
            Ok(count) => request.extend_from_slice(&byte[..count]),
        }
    }
    let request = String::from_utf8(request).unwrap();
    let number = {
        let mut seen = seen.lock().unwrap();
        seen.push(request.clone());
        seen.len() - 1
    };
    for write in answer(number, &request) {
        match write {
            Write::Bytes(bytes) if stream.write_all(bytes.as_bytes()).await.is_err() => return,
            Write::Bytes(_) => {}
            Write::Repeat(bytes, times, pause) => {
                for _ in 0..times {
                    if stream.write_all(bytes.as_bytes()).await.is_err() {
                        return;
                    }
                    if !pause.is_zero() {
                        tokio::time::sleep(pause).await;
                    }
                }
            }
            Write::Pause(pause) => tokio::time::sleep(pause).await,
            Write::Reset => {
                stream.set_zero_linger().unwrap();
                return;
            }
        }
    }
}

/// Whether the head is there, and as much of a body as it promises.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let promised = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    body.len() >= promised.unwrap_or(0)
}

pub(crate) fn answer(head: &str, body: &str) -> Vec<Write> {
    vec![Write::Bytes(format!(
        "HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ))]
}

pub(crate) fn fixed_token() -> TokenSource {
    TokenSource::fixed(&SecretString::from(TOKEN), Wording::heard("the test")).unwrap()
}

pub(crate) fn client(origin: &Url) -> Client {
    Client::new(origin, TIMEOUT, fixed_token(), 4).unwrap()
}

pub(crate) async fn list(client: &Client) -> Result<(Vec<ListedClient>, ListInformation), Box<Answer>> {
    let (groups, mut taken) = mpsc::channel(2);
    let taking = tokio::spawn(async move {
        let mut clients = Vec::new();
        while let Some(group) = taken.recv().await {
            clients.extend(group);
        }
        clients
    });
    let mut page = None;
    let information = loop {
        let information = client.clients(ClientList::Delegated, agent(), page, groups.clone()).await;
        match information {
            Ok(ListInformation { next: Some(next), .. }) => page = Some(next),
            information => break information,
        }
    };
    drop(groups);
    let clients = taking.await.unwrap();
    information.map(|information| (clients, information))
}

/// Asked of a door that chooses the packages itself.
pub(crate) fn change(operation: Operation) -> ClientChange {
    ClientChange { operation, agent: agent(), client: client_id(), packages: None }
}

pub(crate) fn promised() -> String {
    format!(r#"{{"agent":"{AGENT}","client":"{CLIENT}"}}"#)
}

pub(crate) fn uuid(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

pub(crate) fn listed(numbers: impl IntoIterator<Item = u32>) -> String {
    let clients: Vec<String> = numbers
        .into_iter()
        .map(|number| {
            format!(
                r#"{{"clientId":"{}","clientOrganizationNumber":"310609544","clientOrganizationName":"VEIK Å {number}"}}"#,
                uuid(number)
            )
        })
        .collect();
    clients.join(",")
}

pub(crate) fn page(next: &str, numbers: impl IntoIterator<Item = u32>) -> String {
    format!(
        r#"{{"data":[{}],"systemUserInformation":{{"systemUserId":"{AGENT}","systemUserOwnerOrg":"314250052"}},
            "links":{{"next":{next}}}}}"#,
        listed(numbers)
    )
}

pub(crate) fn again(why: NoVerdict, at_last: AtLast) -> Verdict {
    Verdict::Again(Again { not_before: None, why, at_last })
}

pub(crate) fn client_unreachable() -> Verdict {
    again(NoVerdict::Unreachable, AtLast::FailClient)
}

pub(crate) fn list_unclear() -> Verdict {
    again(NoVerdict::Unclear, AtLast::Halt(HaltCause::ListUnavailable))
}

pub(crate) fn list_unreachable() -> Verdict {
    again(NoVerdict::Unreachable, AtLast::Halt(HaltCause::ListUnavailable))
}
