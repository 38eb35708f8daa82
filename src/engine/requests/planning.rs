//! Decides what is to be done about firms by what Altinn has of them, and makes it so.

use super::{FirmAsk, FirmFound, RequestApi};
use crate::{
    engine::{Engine, EngineError},
    ledger::{NewRequest, RequestRecord, SeenFirm},
    model::{RequestStep, plan_request},
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
        let planned = firms.into_iter().zip(found).map(|(firm, found)| {
            let step = plan_request(found.request.as_ref(), found.system_user, again);
            FirmPlanned { firm, found, step }
        });
        Ok(planned.collect())
    }

    /// Carries a plan out: every firm that is to be asked stands in the ledger before the first is.
    ///
    /// # Errors
    ///
    /// As [`Self::ask_firms`].
    pub async fn carry_out_requests(
        &self,
        system_id: &str,
        planned: &[FirmPlanned],
    ) -> Result<(), EngineError> {
        let to_do: Vec<&FirmPlanned> =
            planned.iter().filter(|planned| !matches!(planned.step, RequestStep::Leave(_))).collect();
        let firms: Vec<NewRequest> = to_do.iter().map(|planned| planned.firm.clone()).collect();
        let (environment, system_id) = (self.environment.clone(), system_id.to_owned());
        let rows =
            self.writer.call(move |ledger| ledger.plan_requests(&environment, &system_id, &firms)).await?;
        let asks = rows.into_iter().zip(to_do).map(|(row, planned)| FirmAsk {
            row,
            wanted: Some(planned.firm.wanted.clone()),
            withdraw: match planned.step {
                RequestStep::AskAgain(id) => Some(id),
                RequestStep::Ask | RequestStep::Leave(_) => None,
            },
            tries: 0,
        });
        self.ask_firms(asks.collect()).await
    }

    /// Takes the requests of these firms back.
    ///
    /// # Errors
    ///
    /// As [`Self::ask_firms`].
    pub async fn withdraw_requests(&self, records: &[RequestRecord]) -> Result<(), EngineError> {
        let withdraw = |record: &RequestRecord| {
            let withdraw = Some(record.request?);
            Some(FirmAsk { row: record.row, wanted: None, withdraw, tries: 0 })
        };
        self.ask_firms(records.iter().filter_map(withdraw).collect()).await
    }
}
