//! A page of a list of clients, of any size in little memory: chunks of the answer go through a channel to a thread that
//! parses them as they come and hands on the clients in groups.

use std::io::{self, BufReader, Read};

use reqwest::Response;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use tokio::{sync::mpsc, time::timeout};
use url::Url;

use super::{
    judge::Judged,
    problem::{Body, clean},
    transport::Limits,
    wire,
};
use crate::{
    engine::NextPage,
    model::{AgentId, Call, ListedClient, NoVerdict, OrganisationNumber},
};

/// How many clients are handed on at once.
const GROUP_CLIENTS: usize = 512;
/// How many chunks may wait for the parser.
const WAITING_CHUNKS: usize = 4;
/// How much of the answer is parsed at once, in bytes.
const BUFFER_BYTES: usize = 64 * 1024;
/// How much of a body is kept to say what it was, in bytes.
const HEAD_BYTES: usize = 256;

/// Where a list goes on, if it does. The token goes nowhere but to `origin`.
pub(super) fn next_page(current: &Url, origin: &Url, next: Option<&str>) -> Result<Option<NextPage>, String> {
    let Some(next) = next.map(str::trim).filter(|next| !next.is_empty()) else {
        return Ok(None);
    };
    let mut next =
        current.join(next).map_err(|_| "Altinn's list names a next page that is no address".to_owned())?;
    next.set_fragment(None);
    let is_plain = next.username().is_empty() && next.password().is_none();
    if next.origin() != origin.origin() || !is_plain {
        let stranger = clean(&next.origin().ascii_serialization()).unwrap_or_default();
        return Err(format!(
            "Altinn's list goes on at {stranger}, which is not the platform; it was not followed there"
        ));
    }
    Ok(Some(NextPage(next.into())))
}

/// What a page says besides its clients.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) next: Option<String>,
    pub(super) owner: Option<OrganisationNumber>,
}

/// Streams one page. However long it takes, it fails only when nothing more comes within the time-out.
pub(super) async fn read_page(
    limits: Limits,
    call: Call,
    agent: AgentId,
    groups: &mpsc::Sender<Vec<ListedClient>>,
    mut response: Response,
) -> Result<Page, Judged> {
    let (chunks, waiting) = mpsc::channel(WAITING_CHUNKS);
    let groups = groups.clone();
    let parser = tokio::task::spawn_blocking(move || parse(ChunkReader::new(waiting), agent, groups));
    let pumped = loop {
        let chunk = match timeout(limits.answer, response.chunk()).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => break Ok(()),
            Ok(Err(error)) => break Err(limits.explain(&error)),
            Err(_) => break Err(limits.no_answer()),
        };
        if chunks.send(Ok(chunk)).await.is_err() {
            break Ok(());
        }
    };
    if let Err(words) = pumped {
        // The parser must not take the end of what came for the end of the list.
        let _ = chunks.send(Err(io::ErrorKind::UnexpectedEof.into())).await;
        drop(chunks);
        let _ = parser.await;
        return Err(Judged::unreachable(call, format!("{words}, in the middle of the list")));
    }
    drop(chunks);
    match parser.await {
        Ok(Ok(page)) => Ok(page),
        Ok(Err(words)) => Err(Judged::no_verdict(call, NoVerdict::Unclear, words)),
        Err(_) => Err(Judged::no_verdict(call, NoVerdict::Unclear, "the list could not be read")),
    }
}

/// Parses one page as it comes, on a thread that may wait.
fn parse<Chunk: AsRef<[u8]>>(
    mut chunks: ChunkReader<Chunk>,
    agent: AgentId,
    groups: mpsc::Sender<Vec<ListedClient>>,
) -> Result<Page, String> {
    let mut sink = Groups { group: Vec::new(), taker: groups, agent };
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(BUFFER_BYTES, &mut chunks));
    let page = PageSeed(&mut sink).deserialize(&mut json).and_then(|page| json.end().map(|()| page));
    drop(json);
    match page {
        Ok(page) if sink.flush() => Ok(page),
        Ok(_) => Err(NOBODY_READS.to_owned()),
        Err(error) => Err(chunks.describe(&error)),
    }
}

const NOBODY_READS: &str = "the list was not read to its end, because nobody took it";

/// The chunks that have come, as a thread reads them.
struct ChunkReader<Chunk> {
    waiting: mpsc::Receiver<io::Result<Chunk>>,
    chunk: Option<Chunk>,
    read_bytes: usize,
    /// How the body began.
    head: Vec<u8>,
}

impl<Chunk: AsRef<[u8]>> ChunkReader<Chunk> {
    fn new(waiting: mpsc::Receiver<io::Result<Chunk>>) -> Self {
        Self { waiting, chunk: None, read_bytes: 0, head: Vec::new() }
    }

    /// What the body was, since it was no list. Nothing out of it is shown: it may be anything.
    fn describe(&self, error: &serde_json::Error) -> String {
        match Body::read(&self.head) {
            body @ (Body::Empty | Body::Html) => return body.message(200),
            _ if error.is_eof() => return Body::Cut.message(200),
            _ => {}
        }
        let reason = error.to_string();
        let shows_a_value = reason.contains('"');
        let reason = if shows_a_value || error.is_syntax() {
            format!("it is not what it should be at line {} column {}", error.line(), error.column())
        } else {
            clean(&reason).unwrap_or_default()
        };
        format!("Altinn answered 200 with a list that cannot be trusted: {reason}")
    }
}

impl<Chunk: AsRef<[u8]>> Read for ChunkReader<Chunk> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let rest = self.chunk.as_ref().map_or(&[][..], |chunk| &chunk.as_ref()[self.read_bytes..]);
            if !rest.is_empty() {
                let count = rest.len().min(buffer.len());
                buffer[..count].copy_from_slice(&rest[..count]);
                let room = HEAD_BYTES.saturating_sub(self.head.len());
                self.head.extend_from_slice(&rest[..count.min(room)]);
                self.read_bytes += count;
                return Ok(count);
            }
            match self.waiting.blocking_recv() {
                Some(chunk) => self.chunk = Some(chunk?),
                None => return Ok(0),
            }
            self.read_bytes = 0;
        }
    }
}

/// Where the clients of a page go.
struct Groups {
    group: Vec<ListedClient>,
    taker: mpsc::Sender<Vec<ListedClient>>,
    agent: AgentId,
}

impl Groups {
    /// `false` when nobody takes them.
    fn push(&mut self, client: ListedClient) -> bool {
        self.group.push(client);
        self.group.len() < GROUP_CLIENTS || self.flush()
    }

    fn flush(&mut self) -> bool {
        let group = std::mem::take(&mut self.group);
        group.is_empty() || self.taker.blocking_send(group).is_ok()
    }
}

/// A whole page: an object with `data` in it.
struct PageSeed<'groups>(&'groups mut Groups);

impl<'de> DeserializeSeed<'de> for PageSeed<'_> {
    type Value = Page;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Page, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for PageSeed<'_> {
    type Value = Page;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a list of clients")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Page, A::Error> {
        let mut page = Page::default();
        let mut has_data = false;
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "data" if has_data => return Err(A::Error::duplicate_field("data")),
                "data" => {
                    members.next_value_seed(DataSeed(&mut *self.0))?;
                    has_data = true;
                }
                "links" => {
                    let links: Option<wire::Links> = members.next_value()?;
                    page.next = links.and_then(|links| links.next);
                }
                "systemUserInformation" => {
                    let information: Option<wire::AgentInformation> = members.next_value()?;
                    let information = information.unwrap_or_default();
                    if information.is_of_another_than(self.0.agent) {
                        return Err(A::Error::custom("it is another agent's"));
                    }
                    page.owner = information.owner();
                }
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        if has_data { Ok(page) } else { Err(A::Error::missing_field("data")) }
    }
}

/// `data`: the clients.
struct DataSeed<'groups>(&'groups mut Groups);

impl<'de> DeserializeSeed<'de> for DataSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for DataSeed<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an array of clients")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut clients: A) -> Result<(), A::Error> {
        while let Some(client) = clients.next_element::<wire::Client>()? {
            if !self.0.push(client.into()) {
                return Err(A::Error::custom(NOBODY_READS));
            }
        }
        Ok(())
    }
}
