//! How commands name a run.

use clap::Args;

use super::{Context, exit::Failure};
use crate::{
    ledger::{Ledger, LedgerError, RunRecord, WhichRun},
    model::RunStatus,
};

/// Which run a command is about.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct WhichRunArgs {
    /// The run's id or the beginning of it [default: the newest, where the folder holds the runs of one job]
    run: Option<String>,
    /// The newest run of the job of this name
    #[arg(long, value_name = "NAME")]
    job: Option<String>,
}

impl WhichRunArgs {
    /// The run that is meant.
    pub(crate) fn find(&self, ledger: &Ledger) -> Result<RunRecord, Failure> {
        let which = WhichRun { prefix: self.run.clone(), job: self.job.clone() };
        Ok(ledger.find_run(&which)?)
    }

    /// The ledger, for looking, and the run in it.
    pub(crate) fn look(&self, context: &Context) -> Result<(Ledger, RunRecord), Failure> {
        let Some(ledger) = context.existing_ledger()? else {
            return Err(LedgerError::NoRunYet(context.state()?.path().to_owned()).into());
        };
        let record = self.find(&ledger)?;
        Ok((ledger, record))
    }
}

/// How a run really stands: one that the ledger calls running, and whose agent nobody holds, was killed.
pub(crate) fn live_status(ledger: &Ledger, record: &RunRecord) -> RunStatus {
    let is_running = record.status == RunStatus::Running;
    let is_held = if !is_running {
        Ok(true)
    } else if record.kind.asks_firms() {
        ledger.is_asking(&record.environment, &record.agent_title)
    } else {
        ledger.is_held(&record.environment, record.agent)
    };
    if is_running && is_held.is_ok_and(|is_held| !is_held) { RunStatus::Interrupted } else { record.status }
}
