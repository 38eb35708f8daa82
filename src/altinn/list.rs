//! Reads a list of clients of any size: parsed while it arrives, handed on in groups, never held as a whole.

use std::{
    fmt,
    io::{self, Read},
    mem,
};

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use tokio::sync::mpsc;

use super::wire::{ClientWire, Links, SystemUserInformation};
use crate::model::ListedClient;

/// So many clients are handed on at once.
const GROUP: usize = 512;

/// What a list says besides its clients.
#[derive(Debug, Default)]
pub(super) struct ListHead {
    pub(super) links: Links,
    pub(super) information: SystemUserInformation,
    /// There was a `data` member: without one it is no list.
    has_data: bool,
}

/// Parses a list from what arrives, on the thread that calls it.
///
/// # Errors
///
/// It is not a list, or not whole: then nothing of it is to be trusted.
pub(super) fn parse(
    arriving: mpsc::Receiver<Vec<u8>>,
    groups: mpsc::Sender<Vec<ListedClient>>,
) -> Result<ListHead, serde_json::Error> {
    let reader = Arriving { chunks: arriving, chunk: Vec::new(), read: 0 };
    let mut deserializer = serde_json::Deserializer::from_reader(reader);
    let head = ListVisitor { groups }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    if head.has_data { Ok(head) } else { Err(serde_json::Error::custom("no data")) }
}

/// Chunks of a body as something to read from.
struct Arriving {
    chunks: mpsc::Receiver<Vec<u8>>,
    chunk: Vec<u8>,
    read: usize,
}

impl Read for Arriving {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.chunk.len() {
            let Some(chunk) = self.chunks.blocking_recv() else { return Ok(0) };
            self.chunk = chunk;
            self.read = 0;
        }
        let rest = self.chunk.get(self.read..).unwrap_or_default();
        let many = rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
        }
        self.read += many;
        Ok(many)
    }
}

struct ListVisitor {
    groups: mpsc::Sender<Vec<ListedClient>>,
}

impl<'de> DeserializeSeed<'de> for ListVisitor {
    type Value = ListHead;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<ListHead, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ListVisitor {
    type Value = ListHead;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of clients")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<ListHead, M::Error> {
        let mut head = ListHead::default();
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "links" => head.links = members.next_value::<Option<Links>>()?.unwrap_or_default(),
                "systemUserInformation" => {
                    head.information =
                        members.next_value::<Option<SystemUserInformation>>()?.unwrap_or_default();
                }
                "data" => {
                    members.next_value_seed(Clients { groups: &self.groups })?;
                    head.has_data = true;
                }
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(head)
    }
}

struct Clients<'list> {
    groups: &'list mpsc::Sender<Vec<ListedClient>>,
}

impl<'de> DeserializeSeed<'de> for Clients<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Clients<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("clients")
    }

    /// Members that are null are left out, and it may be the other way round one day.
    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut clients: S) -> Result<(), S::Error> {
        let hand_on = |group: Vec<ListedClient>| {
            self.groups.blocking_send(group).map_err(|_| S::Error::custom("nobody takes the list any more"))
        };
        let mut group = Vec::with_capacity(GROUP);
        while let Some(client) = clients.next_element::<ClientWire>()? {
            group.push(ListedClient::from(client));
            if group.len() == GROUP {
                hand_on(mem::replace(&mut group, Vec::with_capacity(GROUP)))?;
            }
        }
        hand_on(group)
    }
}
