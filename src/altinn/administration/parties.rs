//! Where the facilitator's party UUID is found: among the parties that the caller may act for.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::judge;
use crate::{
    altinn::http::{Judged, Line, ListShape, Page, RawAnswer, lenient_text, lenient_uuid},
    engine::{Firm, NextPage, PartySearch},
    model::{Answer, Call, HaltCause, ListedClient, OrganisationNumber, PartyId},
    words::Wording,
};

const PATH: &str = "/accessmanagement/api/v1/enduser/authorizedparties";
/// Parties for which the caller may administer clients. An environment that does not know the resource answers an
/// empty list, and is asked again without the filter.
const CLIENT_ADMINISTRATION: &str = "anyOfResourceIds=altinn_client_administration";

/// The list of parties that the caller may act for.
#[derive(Debug, Clone)]
pub(in crate::altinn) struct Parties(pub(in crate::altinn) Line);

impl Parties {
    /// Looks for the facilitator on one page.
    pub(in crate::altinn) async fn find(
        &self,
        facilitator: OrganisationNumber,
        page: Option<NextPage>,
    ) -> Result<PartySearch, Box<Answer>> {
        let everything = self.0.at(PATH);
        let mut url = everything.clone();
        url.set_query(Some(CLIENT_ADMINISTRATION));
        let is_first = page.is_none();
        let sought = Sought::default();
        let shape = Search { facilitator, sought: sought.clone() };
        // It takes no clients, because there are none.
        let (groups, _none) = mpsc::channel::<Vec<ListedClient>>(1);
        let (_, next) = self.0.page(Call::Parties, url, page, shape, groups, judge_parties).await?;
        let (found, is_empty) = sought.read();
        Ok(match (found, next) {
            (Some(firm), _) => PartySearch::Found(firm),
            (None, Some(next)) => PartySearch::GoesOn(next),
            (None, None) if is_first && is_empty => PartySearch::GoesOn(NextPage(everything.into())),
            (None, None) => PartySearch::NotThere,
        })
    }
}

/// A 401 with a text is no refused token: it is neither a person's nor a system user's.
fn judge_parties(call: Call, answer: &RawAnswer<'_>, now: Timestamp) -> Judged {
    let judged = judge(call, answer, now);
    if answer.status == 401 && !judged.token_refused() {
        return Judged { message: judged.message, ..Judged::halt(HaltCause::Forbidden, Wording::NOTHING) };
    }
    judged
}

/// What has been found, where the one who asked can see it.
#[derive(Debug, Clone, Default)]
struct Sought(Arc<Mutex<(Option<Firm>, u64)>>);

impl Sought {
    fn note(&self, firm: Option<Firm>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.1 += 1;
        state.0 = state.0.take().or(firm);
    }

    /// The firm, and whether there were no parties at all.
    fn read(&self) -> (Option<Firm>, bool) {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (state.0.clone(), state.1 == 0)
    }
}

struct Search {
    facilitator: OrganisationNumber,
    sought: Sought,
}

impl ListShape for Search {
    fn client<'de, D: Deserializer<'de>>(&mut self, element: D) -> Result<Option<ListedClient>, D::Error> {
        Entries(self).deserialize(element).map(|()| None)
    }

    fn member<'de, A: MapAccess<'de>>(&mut self, _: &str, _: &mut A, _: &mut Page) -> Result<bool, A::Error> {
        Ok(false)
    }
}

/// A party with its sub-units, or a list of them, or a list of lists: all three have been seen.
struct Entries<'search>(&'search Search);

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("parties")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while entries.next_element_seed(Entries(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let (mut party, mut number, mut name, mut may_not_act) = (None, String::new(), String::new(), false);
        while let Some(member) = members.next_key::<String>()? {
            match member.as_str() {
                "partyUuid" => party = members.next_value::<PartyUuid>()?.0,
                "organizationNumber" => number = members.next_value::<Text>()?.0,
                "name" => name = members.next_value::<Text>()?.0,
                "onlyHierarchyElementWithNoAccess" => {
                    may_not_act = members.next_value::<Option<bool>>()?.unwrap_or(false);
                }
                "subunits" => members.next_value_seed(Entries(self.0))?,
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        let is_facilitator = OrganisationNumber::parse(&number) == Ok(self.0.facilitator);
        let party = party.filter(|_| is_facilitator && !may_not_act).map(PartyId);
        self.0.sought.note(party.map(|party| Firm { party, name }));
        Ok(())
    }
}

#[derive(Deserialize)]
struct PartyUuid(#[serde(deserialize_with = "lenient_uuid")] Option<Uuid>);

#[derive(Deserialize)]
struct Text(#[serde(deserialize_with = "lenient_text")] String);
