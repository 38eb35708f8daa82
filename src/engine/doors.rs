//! Which of Altinn's doors are open: the firm's party UUID is looked up where it is not known, and the second API is asked
//! whether it lets this sign-in in, before anything else is asked of it.

use std::sync::Arc;

use super::{Api, Engine, EngineError, Firm, Halted, NextPage, PartySearch, lists::Pages};
use crate::model::{Doors, HaltCause, PartyId, SecondDoor, Writes};

/// What can be reached through the second API as well.
pub trait WithAdministration: Api + Sized {
    /// The same with the second API beside the first, for the firm whose party UUID this is.
    #[must_use]
    fn with_administration(&self, party: PartyId, writes: Writes) -> Self;
}

/// What is known beforehand of the firm's party UUID.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Party {
    /// As the job file has it.
    pub configured: Option<PartyId>,
    /// Whether the sign-in may list the parties that it may act for; `None` where it does not say.
    pub may_look_up: Option<bool>,
}

/// How the doors stand for a sign-in.
#[derive(Debug)]
pub enum DoorsFound {
    /// Lists are read through the second API.
    Second(Writes),
    /// Everything goes through the first: the job says so, or the firm's party UUID is not known.
    FirstAlone,
    /// Everything goes through the first, because the second refuses this sign-in.
    SecondIsShut(Box<Halted>),
}

impl<A: WithAdministration> Engine<A> {
    /// Opens the doors of a job: an engine that goes through them, and how they stand. A door that must be open and is
    /// not is an error; nothing has been sent then but questions.
    ///
    /// # Errors
    ///
    /// The second API must be used, and the firm's party UUID is not to be had or the API refuses; or Altinn does not
    /// answer in time.
    pub async fn open_doors(self, doors: Doors, party: Party) -> Result<(Self, DoorsFound), EngineError> {
        let must = match doors.second {
            SecondDoor::Closed => return Ok((self, DoorsFound::FirstAlone)),
            SecondDoor::IfOpen => false,
            SecondDoor::Must => true,
        };
        let found = match self.party(party, must).await {
            Err(EngineError::Halted(halted)) if !must => return Ok((self, DoorsFound::SecondIsShut(halted))),
            found => found?,
        };
        let Some(party) = found else {
            if must {
                return Err(Halted::without_answer(HaltCause::PartyUnknown));
            }
            return Ok((self, DoorsFound::FirstAlone));
        };
        let api = Arc::new(self.api.with_administration(party, doors.writes));
        match self.verdict_of(|| api.probe_lists()).await {
            Err(EngineError::Halted(halted)) if !must => return Ok((self, DoorsFound::SecondIsShut(halted))),
            probed => probed?,
        }
        Ok((Self { api, ..self }, DoorsFound::Second(doors.writes)))
    }

    /// The firm's party UUID: from the job file, from the ledger, or among the parties that the sign-in may act for.
    async fn party(&self, party: Party, must: bool) -> Result<Option<PartyId>, EngineError> {
        if party.configured.is_some() {
            return Ok(party.configured);
        }
        let (environment, facilitator) = (self.environment.clone(), self.facilitator);
        let known = self.writer.call(move |ledger| ledger.party_id(&environment, facilitator)).await?;
        // A sign-in that does not say what it may is asked only where there is no other way.
        if known.is_some() || !party.may_look_up.unwrap_or(must) {
            return Ok(known);
        }
        let found = self.firm().await?.map(|firm| firm.party);
        if let Some(party) = found {
            let environment = self.environment.clone();
            self.writer
                .call(move |ledger| ledger.remember_party_id(&environment, facilitator, party))
                .await?;
        }
        Ok(found)
    }
}

impl<A: Api> Engine<A> {
    /// The firm, among the parties that the sign-in may act for; `None` where it is not among them.
    ///
    /// # Errors
    ///
    /// Altinn refuses to list them, or does not answer in time.
    pub async fn firm(&self) -> Result<Option<Firm>, EngineError> {
        let (mut page, mut pages) = (None::<NextPage>, Pages::default());
        loop {
            let search = self.verdict_of(|| self.api.find_party(self.facilitator, page.clone())).await?;
            match search {
                PartySearch::Found(firm) => return Ok(Some(firm)),
                PartySearch::NotThere => return Ok(None),
                PartySearch::GoesOn(next) => page = Some(pages.follow(next)?),
            }
        }
    }
}
