//! What Altinn has of the firms: their requests, and the system users that these have become.

use std::collections::HashMap;

use super::RequestApi;
use crate::{
    engine::{Engine, EngineError, NextPage, lists::Pages},
    model::{AgentId, FirmRequest, OrganisationNumber, RequestStanding},
};

/// For so few firms each is asked about by itself; for more, the whole list is read, fifty to a page.
const WORTH_A_LIST: usize = 10;

/// What Altinn has of a firm under a reference.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FirmFound {
    /// Its request.
    pub request: Option<FirmRequest>,
    /// Its system user.
    pub system_user: Option<AgentId>,
}

impl<A: RequestApi> Engine<A> {
    /// Every request of the system's.
    ///
    /// # Errors
    ///
    /// Altinn refuses, or does not answer in time.
    pub async fn all_requests(&self) -> Result<Vec<FirmRequest>, EngineError> {
        let (mut all, mut page, mut pages) = (Vec::new(), None::<NextPage>, Pages::default());
        loop {
            let read = self.verdict_of(|| self.api.requests(page.clone())).await?;
            all.extend(read.requests);
            let Some(next) = read.next else { return Ok(all) };
            page = Some(pages.follow(next)?);
        }
    }

    /// What Altinn has of each of these firms and references, in their order. A system user is looked for where the
    /// request does not say that there can be none.
    ///
    /// # Errors
    ///
    /// Altinn refuses, or does not answer in time.
    pub async fn look_at_firms(
        &self,
        firms: &[(OrganisationNumber, String)],
    ) -> Result<Vec<FirmFound>, EngineError> {
        let mut requests: HashMap<(OrganisationNumber, String), FirmRequest> = HashMap::new();
        if firms.len() > WORTH_A_LIST {
            for request in self.all_requests().await? {
                requests.insert((request.firm, request.external_ref.clone()), request);
            }
        } else {
            for (firm, reference) in firms {
                let found = self.verdict_of(|| self.api.request_of(*firm, reference)).await?;
                requests.extend(found.map(|request| ((*firm, reference.clone()), request)));
            }
        }
        let mut all = Vec::with_capacity(firms.len());
        for (firm, reference) in firms {
            let request = requests.remove(&(*firm, reference.clone()));
            let may_be_there = request.as_ref().is_none_or(|request| {
                matches!(request.standing, RequestStanding::Accepted | RequestStanding::Unknown)
            });
            let system_user = if may_be_there { self.system_user_of(*firm, reference).await? } else { None };
            all.push(FirmFound { request, system_user });
        }
        Ok(all)
    }

    /// The firm's system user with this reference.
    ///
    /// # Errors
    ///
    /// Altinn refuses, or does not answer in time.
    pub async fn system_user_of(
        &self,
        firm: OrganisationNumber,
        reference: &str,
    ) -> Result<Option<AgentId>, EngineError> {
        let found = self.verdict_of(|| self.api.system_user(firm, Some(reference))).await?;
        Ok(found.map(|found| found.id))
    }
}
