//! A page of a list of clients, of any size in little memory: chunks of the answer go through a channel to a thread that
//! parses them as they come and hands on the clients in groups.

use std::{
    io::{self, BufReader, Read},
    time::Duration,
};

use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};
use url::Url;

use super::{Body, Judged, Limits, Response, Unanswered, bounds::Bounds, chunk, clean};
use crate::{
    engine::NextPage,
    model::{AgentId, Call, HaltCause, ListedClient, NoVerdict, Notice, OrganisationNumber},
    words::{Wording, kept, say},
};

/// How many clients are handed on at once.
const GROUP_CLIENTS: usize = 512;
/// How many chunks may wait for the parser.
const WAITING_CHUNKS: usize = 4;
/// How much of the answer is parsed at once, in bytes.
const BUFFER_BYTES: usize = 64 * 1024;
/// How much of a body is kept to say what it was, in bytes.
const HEAD_BYTES: usize = 256;

/// How much of a list is read. Without progress it ends at the time-out of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListLimits {
    /// The longest that one page may be, in bytes. A client takes up to about 1,500.
    pub page_bytes: u64,
    /// The longest that one text in it may be, in bytes.
    pub text_bytes: usize,
    /// The longest that reading one page may take, however it flows.
    pub page_takes: Duration,
}

impl Default for ListLimits {
    fn default() -> Self {
        Self { page_bytes: 4 << 30, text_bytes: 64 << 10, page_takes: Duration::from_mins(15) }
    }
}

/// How one API writes its lists.
pub(in crate::altinn) trait ListShape: Send + 'static {
    /// Reads one element of `data`; `None` for one that is no client to be told of.
    fn client<'de, D: Deserializer<'de>>(&mut self, element: D) -> Result<Option<ListedClient>, D::Error>;

    /// Reads a member besides `links` and `data`. `false` where it is of no interest and has not been read.
    fn member<'de, A: MapAccess<'de>>(
        &mut self,
        name: &str,
        members: &mut A,
        page: &mut Page,
    ) -> Result<bool, A::Error>;
}

/// Where a list goes on, if it does; what is wrong with that. The token goes nowhere but to `origin`.
pub(super) fn next_page(
    current: &Url,
    origin: &Url,
    next: Option<&str>,
) -> Result<Option<NextPage>, Wording> {
    let Some(next) = next.map(str::trim).filter(|next| !next.is_empty()) else {
        return Ok(None);
    };
    let mut next =
        current.join(next).map_err(|_| kept!("altinn-the-list-names-a-next-page-that-is-no-address"))?;
    next.set_fragment(None);
    let is_plain = next.username().is_empty() && next.password().is_none();
    if next.origin() != origin.origin() || !is_plain {
        let stranger = clean(&next.origin().ascii_serialization()).unwrap_or_default();
        return Err(say!("altinn-the-list-goes-on-elsewhere", stranger = stranger).kept());
    }
    Ok(Some(NextPage(next.into())))
}

/// What a page says besides its clients.
#[derive(Debug, Default)]
pub(in crate::altinn) struct Page {
    pub(super) next: Option<String>,
    /// Whose system user the agent is.
    pub(in crate::altinn) owner: Option<OrganisationNumber>,
    /// Whose list it says it is.
    pub(in crate::altinn) agent: Option<AgentId>,
}

/// `links` of a list. A `next` that is no text is an error: the list would be taken for whole.
#[derive(Debug, Default, Deserialize)]
struct Links {
    #[serde(default)]
    next: Option<String>,
}

/// Streams one page. It fails when nothing more comes within the time-out, and when it is not whole in the time that a
/// page may take.
pub(super) async fn read_page(
    limits: Limits,
    list_limits: ListLimits,
    call: Call,
    shape: impl ListShape,
    groups: mpsc::Sender<Vec<ListedClient>>,
    response: Response,
) -> Result<Page, Judged> {
    let mut body = response.into_body();
    let (chunks, waiting) = mpsc::channel(WAITING_CHUNKS);
    let reader = ChunkReader::new(waiting, list_limits);
    let parser = tokio::task::spawn_blocking(move || parse(reader, shape, groups));
    let ends = Instant::now() + list_limits.page_takes;
    let pumped = loop {
        let idle_until = Instant::now() + limits.answer;
        let chunk = match timeout_at(idle_until.min(ends), chunk(&mut body)).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => break Ok(()),
            Ok(Err(error)) => break Err(Unanswered::broken(&error)),
            Err(_) if Instant::now() >= ends => {
                let seconds = list_limits.page_takes.as_secs_f64();
                break Err(Unanswered::sent(say!("altinn-no-end-within", seconds = seconds).kept()));
            }
            Err(_) => break Err(limits.no_answer()),
        };
        if chunks.send(Ok(chunk)).await.is_err() {
            break Ok(());
        }
    };
    if let Err(unanswered) = pumped {
        // The parser must not take the end of what came for the end of the list.
        let _ = chunks.send(Err(io::ErrorKind::UnexpectedEof.into())).await;
        drop(chunks);
        let _ = parser.await;
        let words = say!("altinn-in-the-middle-of-the-list", words = unanswered.words).kept();
        return Err(Judged::unreachable(call, words));
    }
    drop(chunks);
    match parser.await {
        Ok(Ok(page)) => Ok(page),
        Ok(Err(NoList { words, this_side })) => {
            let notice = this_side.map(Notice::ThisSide);
            Err(Judged { notice, ..Judged::no_verdict(call, NoVerdict::Unclear, words) })
        }
        Err(_) => {
            let words = kept!("altinn-the-list-could-not-be-read");
            Err(Judged::no_verdict(call, NoVerdict::Unclear, words))
        }
    }
}

/// Parses one page as it comes, on a thread that may wait.
fn parse<Chunk: AsRef<[u8]>>(
    mut chunks: ChunkReader<Chunk>,
    shape: impl ListShape,
    groups: mpsc::Sender<Vec<ListedClient>>,
) -> Result<Page, NoList> {
    let mut sink = Groups { group: Vec::new(), taker: groups, shape };
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(BUFFER_BYTES, &mut chunks));
    let page = PageSeed(&mut sink).deserialize(&mut json).and_then(|page| json.end().map(|()| page));
    drop(json);
    match page {
        Ok(page) if sink.flush() => Ok(page),
        Ok(_) => Err(NoList { words: nobody_reads(), this_side: None }),
        Err(error) => Err(NoList { words: chunks.describe(&error), this_side: chunks.this_side() }),
    }
}

/// What came is no list.
struct NoList {
    words: Wording,
    this_side: Option<HaltCause>,
}

/// How the parser's own errors begin that hold nothing out of the document.
const OF_THE_PARSER: [&str; 2] = ["missing field", "duplicate field"];

/// The errors that reading a list ends with on our side, as the parser passes them on: in English.
fn said_by_us() -> [Wording; 3] {
    [nobody_reads(), another_agents(), too_many_packages()]
}

/// What a list of another agent than was asked about is called.
pub(in crate::altinn) fn another_agents() -> Wording {
    kept!("altinn-it-is-another-agents")
}

/// What a client with absurdly many packages is called.
pub(in crate::altinn) fn too_many_packages() -> Wording {
    kept!("altinn-a-client-has-more-access-packages-than-there-are")
}

fn nobody_reads() -> Wording {
    kept!("altinn-the-list-was-not-read-to-its-end")
}

/// What is wrong with the document, and where; nothing out of it.
fn where_it_broke(error: &serde_json::Error) -> Wording {
    let (said, line, column) = (error.to_string(), error.line().to_string(), error.column().to_string());
    let place = format!(" at line {line} column {column}");
    let what = said.strip_suffix(&place).unwrap_or(&said);
    let ours = said_by_us().into_iter().find(|ours| what.starts_with(&ours.english()));
    let what = if let Some(ours) = ours {
        ours
    } else if OF_THE_PARSER.iter().any(|begin| what.starts_with(begin)) {
        Wording::heard(clean(what).unwrap_or_default())
    } else {
        kept!("altinn-it-is-not-what-it-should-be")
    };
    say!("altinn-at-line-and-column", what = what, line = line, column = column).kept()
}

/// The chunks that have come, as a thread reads them.
struct ChunkReader<Chunk> {
    waiting: mpsc::Receiver<io::Result<Chunk>>,
    chunk: Option<Chunk>,
    read_bytes: usize,
    /// How the body began.
    head: Vec<u8>,
    bounds: Bounds,
    /// What was too much of it.
    too_much: Option<Wording>,
}

impl<Chunk: AsRef<[u8]>> ChunkReader<Chunk> {
    fn new(waiting: mpsc::Receiver<io::Result<Chunk>>, limits: ListLimits) -> Self {
        let bounds = Bounds::new(limits.page_bytes, limits.text_bytes);
        Self { waiting, chunk: None, read_bytes: 0, head: Vec::new(), bounds, too_much: None }
    }

    fn this_side(&self) -> Option<HaltCause> {
        Body::read(&self.head).of_this_side(200)
    }

    /// What the body was, since it was no list. Nothing out of it is shown: it may be anything.
    fn describe(&self, error: &serde_json::Error) -> Wording {
        match Body::read(&self.head) {
            _ if self.too_much.is_some() => {}
            body @ (Body::Empty | Body::Html) => return body.message(200),
            _ if error.is_eof() => return Body::Cut.message(200),
            _ => {}
        }
        let reason = match &self.too_much {
            Some(too_much) => too_much.clone(),
            None => where_it_broke(error),
        };
        say!("altinn-a-list-that-cannot-be-trusted", reason = reason).kept()
    }
}

impl<Chunk: AsRef<[u8]>> Read for ChunkReader<Chunk> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let rest = self.chunk.as_ref().map_or(&[][..], |chunk| &chunk.as_ref()[self.read_bytes..]);
            if !rest.is_empty() {
                let count = rest.len().min(buffer.len());
                if let Err(too_much) = self.bounds.pass(&rest[..count]) {
                    self.too_much = Some(too_much);
                    return Err(io::ErrorKind::InvalidData.into());
                }
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
struct Groups<Shape> {
    group: Vec<ListedClient>,
    taker: mpsc::Sender<Vec<ListedClient>>,
    shape: Shape,
}

impl<Shape> Groups<Shape> {
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
struct PageSeed<'groups, Shape>(&'groups mut Groups<Shape>);

impl<'de, Shape: ListShape> DeserializeSeed<'de> for PageSeed<'_, Shape> {
    type Value = Page;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Page, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, Shape: ListShape> Visitor<'de> for PageSeed<'_, Shape> {
    type Value = Page;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an object")
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
                    let links: Option<Links> = members.next_value()?;
                    page.next = links.and_then(|links| links.next);
                }
                name => {
                    if !self.0.shape.member(name, &mut members, &mut page)? {
                        members.next_value::<IgnoredAny>()?;
                    }
                }
            }
        }
        if has_data { Ok(page) } else { Err(A::Error::missing_field("data")) }
    }
}

/// `data`: the clients.
struct DataSeed<'groups, Shape>(&'groups mut Groups<Shape>);

impl<'de, Shape: ListShape> DeserializeSeed<'de> for DataSeed<'_, Shape> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, Shape: ListShape> Visitor<'de> for DataSeed<'_, Shape> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut clients: A) -> Result<(), A::Error> {
        while let Some(client) = clients.next_element_seed(ElementSeed(&mut self.0.shape))? {
            let Some(client) = client else { continue };
            if !self.0.push(client) {
                return Err(A::Error::custom(nobody_reads()));
            }
        }
        Ok(())
    }
}

/// One element of `data`.
struct ElementSeed<'shape, Shape>(&'shape mut Shape);

impl<'de, Shape: ListShape> DeserializeSeed<'de> for ElementSeed<'_, Shape> {
    type Value = Option<ListedClient>;

    fn deserialize<D: Deserializer<'de>>(self, element: D) -> Result<Option<ListedClient>, D::Error> {
        self.0.client(element)
    }
}
