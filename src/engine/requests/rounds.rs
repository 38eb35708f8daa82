//! A round of asking as a run: begun, carried out, gone on with, superseded.

use super::{FirmAsk, FirmPlanned, RequestApi};
use crate::{
    engine::{Engine, EngineError, execute::stopped},
    ledger::{FirmEvent, NewRequest, NewRun, OpenFirm, RequestRecord, RoundKey, RoundRow, RoundStep},
    model::{
        ClientEvent, ClientState, FirmHeld, FirmResumed, Intent, RequestState, RequestStep, RunId, RunStatus,
        WantedSystemUser, resume_firm,
    },
    words::Wording,
};

/// A round that can be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirmRound {
    /// Its run.
    pub run: RunId,
    /// What is to be sent.
    pub asks: Vec<FirmAsk>,
}

impl RequestRecord {
    /// What the firm was asked for.
    pub fn asked_before(&self) -> NewRequest {
        NewRequest {
            wanted: WantedSystemUser {
                firm: self.firm,
                external_ref: Some(self.external_ref.clone()),
                packages: self.packages.clone(),
                redirect: self.redirect.clone(),
                title: self.title.clone(),
            },
            name: self.name.clone(),
            from_agent: self.from_agent,
        }
    }
}

impl<A: RequestApi> Engine<A> {
    /// Makes these rows a run: every firm stands in the ledger before the first is asked.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written.
    pub async fn begin_round(&self, run: NewRun, rows: Vec<RoundRow>) -> Result<FirmRound, EngineError> {
        let to_do: Vec<(NewRequest, RoundStep)> = rows
            .iter()
            .filter_map(|row| match row {
                RoundRow::Firm { what: RoundStep::Leave, .. } | RoundRow::Rejected { .. } => None,
                RoundRow::Firm { firm, what, .. } => Some((firm.clone(), *what)),
            })
            .collect();
        let (run, keys) = self.writer.call(move |ledger| ledger.begin_round(&run, &rows)).await?;
        let asks = keys.into_iter().zip(to_do).map(|(key, (firm, what))| match what {
            RoundStep::AskAgain(id) => FirmAsk { withdraw: Some(id), ..FirmAsk::of(key, firm) },
            RoundStep::Withdraw(id) => FirmAsk { withdraw: Some(id), wanted: None, ..FirmAsk::of(key, firm) },
            RoundStep::Ask | RoundStep::Leave => FirmAsk::of(key, firm),
        });
        Ok(FirmRound { run, asks: asks.collect() })
    }

    /// Carries a round out. What came of each firm, and how the run stands, is in the ledger when this ends, however it ends;
    /// firms that were not reached stay as they were planned.
    ///
    /// # Errors
    ///
    /// Altinn refuses the sign-in or what is asked for, does not answer for as long as `give_up_after` says, or somebody
    /// asked to stop.
    pub async fn carry_out_round(&self, round: FirmRound) -> Result<(), EngineError> {
        let FirmRound { run, asks } = round;
        let done = self.ask_firms(asks).await;
        let (status, why) = match &done {
            Ok(()) => (RunStatus::Completed, None),
            Err(EngineError::Halted(halted)) => (RunStatus::Stopped, Some(stopped(halted))),
            // A fault leaves it as a killed process would.
            Err(EngineError::Interrupted | EngineError::Ledger(_) | EngineError::Panicked(_)) => {
                (RunStatus::Interrupted, None)
            }
        };
        let ended = self.writer.call(move |ledger| ledger.end_run(&run, status, why.as_ref())).await;
        done.and(ended.map_err(Into::into))
    }

    /// Goes on with a round: what was under way is settled by what Altinn has, and the run is at work again, for whoever is signed
    /// in now. `as_now` is what a firm is asked for by now.
    ///
    /// # Errors
    ///
    /// As [`Self::see_firms`].
    pub async fn resume_round(
        &self,
        system_id: &str,
        run: &RunId,
        signed_in_as: &Wording,
        as_now: impl Fn(&RequestRecord) -> NewRequest,
    ) -> Result<FirmRound, EngineError> {
        let (id, who) = (run.clone(), signed_in_as.to_owned());
        let open = self.writer.call(move |ledger| ledger.open_firms(&id)).await?;
        let firms: Vec<NewRequest> = open.iter().map(|firm| as_now(&firm.record)).collect();
        let found = self.see_firms(system_id, &firms).await?;
        let (mut events, mut asks): (Vec<FirmEvent>, Vec<FirmAsk>) = (Vec::new(), Vec::new());
        for ((firm, wanted), found) in open.iter().zip(firms).zip(&found) {
            match resume_firm(firm.held(), found.request.as_ref(), found.system_user) {
                FirmResumed::Settled(event, made) => events.push((firm.key, event, made)),
                FirmResumed::Open(step) => {
                    asks.push(FirmAsk::resumed(firm, wanted, step));
                    events.extend(firm.is_claimed().then_some((firm.key, ClientEvent::SetBack, None)));
                }
            }
        }
        let id = run.clone();
        self.writer
            .call(move |ledger| {
                ledger.settle_round(&events)?;
                ledger.reopen_run(&id, &who)
            })
            .await?;
        Ok(FirmRound { run: run.clone(), asks })
    }

    /// Rounds of the system that came to no end, and whose firms are all among these, which are about to be asked: they are
    /// settled by what Altinn has, and superseded. Answers which. Other rounds are left to be gone on with.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written.
    pub async fn supersede_rounds(
        &self,
        system_id: &str,
        planned: &[FirmPlanned],
    ) -> Result<Vec<RunId>, EngineError> {
        let (environment, system_id) = (self.environment.clone(), system_id.to_owned());
        let rounds: Vec<(RunId, Vec<OpenFirm>)> = self
            .writer
            .call(move |ledger| {
                ledger.interrupt_rounds(&environment, &system_id)?;
                let rounds = ledger.open_rounds(&environment, &system_id)?.into_iter();
                rounds.map(|run| Ok((run.clone(), ledger.open_firms(&run)?))).collect()
            })
            .await?;
        let mut superseded = Vec::new();
        for (run, open) in rounds {
            let found_of = |firm: &OpenFirm| {
                planned.iter().find(|planned| {
                    let wanted = &planned.firm.wanted;
                    wanted.firm == firm.record.firm && wanted.reference() == firm.record.external_ref
                })
            };
            let found: Option<Vec<&FirmPlanned>> = open.iter().map(found_of).collect();
            let Some(found) = found else { continue };
            let events: Vec<FirmEvent> = open
                .iter()
                .zip(found)
                .map(|(firm, planned)| {
                    let found = &planned.found;
                    match resume_firm(firm.held(), found.request.as_ref(), found.system_user) {
                        FirmResumed::Settled(event, made) => (firm.key, event, made),
                        FirmResumed::Open(_) => (firm.key, ClientEvent::Superseded, None),
                    }
                })
                .collect();
            let id = run.clone();
            self.writer
                .call(move |ledger| {
                    ledger.settle_round(&events)?;
                    ledger.end_run(&id, RunStatus::Superseded, None)
                })
                .await?;
            superseded.push(run);
        }
        Ok(superseded)
    }
}

impl OpenFirm {
    fn held(&self) -> FirmHeld {
        FirmHeld {
            intent: self.intent,
            withdraws: self.withdraws,
            was_last: self.was_last,
            is_withdrawn: self.record.state == RequestState::Withdrawn,
        }
    }

    /// It may have been sent.
    fn is_claimed(&self) -> bool {
        self.state == ClientState::Sending
    }
}

impl FirmAsk {
    fn of(key: RoundKey, firm: NewRequest) -> Self {
        Self { key, wanted: Some(firm.wanted), withdraw: None, tries: 0 }
    }

    /// What is left of a firm of a round that came to no end.
    fn resumed(firm: &OpenFirm, wanted: NewRequest, step: RequestStep) -> Self {
        let ask = Self::of(firm.key, wanted);
        match step {
            RequestStep::AskAgain(id) if firm.intent == Intent::Withdraw => {
                Self { withdraw: Some(id), wanted: None, ..ask }
            }
            RequestStep::AskAgain(id) => Self { withdraw: Some(id), ..ask },
            RequestStep::Ask | RequestStep::Leave(_) => ask,
        }
    }
}
