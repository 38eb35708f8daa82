//! Which run is meant.

use super::{
    Ledger, LedgerError, RunRecord,
    db::{OptionalExtension, params},
    read::RUN_COLUMNS,
};
use crate::model::{RunId, RunStatus};

/// How a command names a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WhichRun {
    /// The run's id or the beginning of it; the newest when nothing is given.
    pub prefix: Option<String>,
    /// Only runs of the job of this name.
    pub job: Option<String>,
}

impl WhichRun {
    /// The run of this id.
    pub fn exactly(run: &RunId) -> Self {
        Self { prefix: Some(run.to_string()), job: None }
    }
}

impl Ledger {
    /// The run that is meant; one that was refused only by its id. The newest is meant only where the folder holds the runs of one job, or the job is named.
    ///
    /// # Errors
    ///
    /// No such run, or several.
    pub fn find_run(&self, which: &WhichRun) -> Result<RunRecord, LedgerError> {
        match &which.prefix {
            Some(prefix) => self.run_by_prefix(prefix, which.job.as_deref()),
            None => self.newest_run(which.job.as_deref()),
        }
    }

    fn run_by_prefix(&self, prefix: &str, job: Option<&str>) -> Result<RunRecord, LedgerError> {
        let mut select = self.connection.prepare(&format!(
            "SELECT {RUN_COLUMNS} FROM runs
             WHERE substr(id, 1, length(?1)) = ?1 AND ?1 != '' AND (job = ?2 OR ?2 IS NULL) ORDER BY number"
        ))?;
        let mut fits: Vec<RunRecord> =
            select.query_map(params![prefix, job], RunRecord::from_row)?.collect::<Result<_, _>>()?;
        if fits.len() > 1 {
            let fits = fits.into_iter().map(|run| run.id.to_string()).collect();
            return Err(LedgerError::AmbiguousRun { prefix: prefix.to_owned(), fits });
        }
        fits.pop().ok_or_else(|| LedgerError::NoSuchRun(prefix.to_owned()))
    }

    fn newest_run(&self, job: Option<&str>) -> Result<RunRecord, LedgerError> {
        if job.is_none() {
            let mut select = self.connection.prepare(
                "SELECT id, job FROM runs WHERE number IN (SELECT max(number) FROM runs WHERE status != ?1 GROUP BY job)
                 ORDER BY number DESC",
            )?;
            let newest: Vec<(String, String)> = select
                .query_map([RunStatus::Refused], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            if newest.len() > 1 {
                return Err(LedgerError::SeveralJobs { newest });
            }
        }
        let newest = self.connection.query_row(
            &format!(
                "SELECT {RUN_COLUMNS} FROM runs WHERE (job = ?1 OR ?1 IS NULL) AND status != ?2
                 ORDER BY number DESC LIMIT 1"
            ),
            params![job, RunStatus::Refused],
            RunRecord::from_row,
        );
        newest.optional()?.ok_or_else(|| match job {
            Some(job) => LedgerError::NoSuchRun(job.to_owned()),
            None => LedgerError::NoRunYet(self.state.path().to_owned()),
        })
    }
}
