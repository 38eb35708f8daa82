//! Decides what is to be done about firms by what Altinn has of them, and makes it so.

use std::collections::HashSet;

use super::{FirmFound, RequestApi};
use crate::{
    engine::{Engine, EngineError},
    ledger::{NewRequest, SeenFirm},
    model::{OrganisationNumber, RequestState, RequestStep, plan_request},
};

/// A firm, with what is to be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirmPlanned {
    /// What it is asked for.
    pub firm: NewRequest,
    /// What Altinn has of it.
    pub found: FirmFound,
    /// What is to be done.
    pub step: RequestStep,
}

impl<A: RequestApi> Engine<A> {
    /// Looks at what Altinn has of these firms, and keeps it: what was under way in a process that died is settled by it.
    ///
    /// # Errors
    ///
    /// Altinn refuses, or does not answer in time; the ledger cannot be written.
    pub async fn see_firms(
        &self,
        system_id: &str,
        firms: &[NewRequest],
    ) -> Result<Vec<FirmFound>, EngineError> {
        let keys: Vec<_> = firms.iter().map(|firm| (firm.wanted.firm, firm.wanted.reference())).collect();
        let found = self.look_at_firms(&keys).await?;
        let seen: Vec<SeenFirm> = firms
            .iter()
            .zip(&found)
            .map(|(firm, found)| SeenFirm {
                wanted: firm.wanted.clone(),
                name: firm.name.clone(),
                request: found.request.clone(),
                system_user: found.system_user,
            })
            .collect();
        let (environment, system_id) = (self.environment.clone(), system_id.to_owned());
        self.writer.call(move |ledger| ledger.see_firms(&environment, &system_id, &seen)).await?;
        Ok(found)
    }

    /// What is to be done about these firms. `again` is whether requests that came to nothing are to be made again.
    ///
    /// # Errors
    ///
    /// As [`Self::see_firms`].
    pub async fn plan_firms(
        &self,
        system_id: &str,
        firms: Vec<NewRequest>,
        again: bool,
    ) -> Result<Vec<FirmPlanned>, EngineError> {
        let found = self.see_firms(system_id, &firms).await?;
        let (environment, system) = (self.environment.clone(), system_id.to_owned());
        let withdrawn: HashSet<(OrganisationNumber, String)> = self
            .writer
            .call(move |ledger| ledger.firm_requests(&environment, &system))
            .await?
            .into_iter()
            .filter(|record| record.state == RequestState::Withdrawn)
            .map(|record| (record.firm, record.external_ref))
            .collect();
        let planned = firms.into_iter().zip(found).map(|(firm, found)| {
            let is_withdrawn = withdrawn.contains(&(firm.wanted.firm, firm.wanted.reference()));
            let step = plan_request(found.request.as_ref(), found.system_user, is_withdrawn, again);
            FirmPlanned { firm, found, step }
        });
        Ok(planned.collect())
    }
}
