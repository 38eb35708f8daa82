//! An interrupted run: gone on with, or superseded by a later one.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    Api, Engine, EngineError, PlanAgents, PlanError,
    execute::{LONGEST_HELD, Run},
};
use crate::{
    clock,
    ledger::{Ledger, RunRecord, WhichRun},
    model::{AgentId, AgentRef, ClientList, HaltCause, Moment, RunId, RunStatus, Totals, WhenRunAgain},
    words::Wording,
};

/// An interrupted run that is at work again, with what is left of it.
#[derive(Debug)]
pub struct Resumption {
    /// The run.
    pub run: Run,
    /// Clients that this resume leaves as a later run has settled them.
    pub superseded: u64,
}

/// The earlier runs of a job that have not come to their end, and what becomes of them when it is run again.
#[derive(Debug, Default)]
pub struct Previous {
    /// To be finished first: half done is worse than finished.
    pub finish: Option<RunRecord>,
    /// To be superseded: today's list and Altinn's word of now say what is to be done.
    pub supersede: Vec<RunRecord>,
}

impl<A: Api> Engine<A> {
    /// What becomes of a job's unfinished runs when it is run again: see the kinds' table. Only the newest run of the
    /// job is ever finished, and only while its agents are the job's.
    ///
    /// # Errors
    ///
    /// The agents cannot be read, or the ledger.
    pub async fn previous(
        &self,
        job: &str,
        agent: &AgentRef,
        from_agent: Option<&AgentRef>,
    ) -> Result<Previous, PlanError> {
        let mut supersede = self.unfinished_runs(job).await?;
        let is_finished = |run: &RunRecord| {
            run.undo_of.is_some() || run.kind.row().when_run_again == WhenRunAgain::Finished
        };
        let Some(newest) = supersede.first().filter(|run| is_finished(run)) else {
            return Ok(Previous { finish: None, supersede });
        };
        let id = newest.id.clone();
        let (is_newest, its_agents) = self
            .writer
            .call(move |ledger| Ok((ledger.is_newest_of_its_job(&id)?, ledger.agents_of_run(&id)?)))
            .await?;
        // Agents that are no longer there cannot be given the rest.
        let agents = match PlanAgents::of_job(&self.agents().await?, agent, from_agent) {
            Ok(agents) => agents.ids().collect::<Vec<_>>(),
            Err(PlanError::Engine(EngineError::Halted(halted))) if halted.answer.is_none() => Vec::new(),
            Err(error) => return Err(error),
        };
        let finish =
            (is_newest && its_agents.iter().all(|agent| agents.contains(agent))).then(|| supersede.remove(0));
        Ok(Previous { finish, supersede })
    }

    /// Goes on with a run that was interrupted or stopped: takes its locks, reads Altinn's lists of delegated clients,
    /// and settles every client that was under way or unconfirmed; nothing is sent yet. What a later run has settled on
    /// the same agent is not reversed.
    ///
    /// # Errors
    ///
    /// The run has come to its end or has been undone; a lock is held; a list cannot be read.
    pub async fn resume(&self, run: &RunId, signed_in_as: &Wording) -> Result<Resumption, PlanError> {
        self.honour_not_before().await?;
        let id = run.clone();
        let agents = self.writer.call(move |ledger| ledger.agents_of_run(&id)).await?;
        let locks = self.lock(agents).await?;
        // Whoever held the lock may have seen to it.
        let id = run.clone();
        let (record, undone_by) = self
            .writer
            .call(move |ledger| Ok((ledger.find_run(&WhichRun::exactly(&id))?, ledger.undone_by(&id)?)))
            .await?;
        if !record.status.can_be_resumed() {
            return Err(PlanError::HasEnded(record.id, record.status));
        }
        if let Some(undone_by) = undone_by {
            return Err(PlanError::Undone { run: record.id, undone_by });
        }
        let mut run = Run { id: record.id, totals: Totals::default(), kind: record.kind, locks };
        let superseded = self.go_on(&mut run, signed_in_as).await?;
        Ok(Resumption { run, superseded })
    }

    /// Settles what was under way by Altinn's lists of now, and marks the run as being at work again, with its counts of now.
    /// Answers how many clients a later run had settled.
    ///
    /// # Errors
    ///
    /// A list cannot be read, or the ledger cannot be written.
    pub async fn go_on(&self, run: &mut Run, signed_in_as: &Wording) -> Result<u64, EngineError> {
        let tells_packages = self.api.tells_packages();
        if tells_packages {
            // What each was approved for, before its lists are read.
            self.agents().await?;
        }
        let id = run.id.clone();
        for agent in self.writer.call(move |ledger| ledger.agents_unfinished(&id)).await? {
            self.read_list_of_turn(&run.id, agent).await?;
            let id = run.id.clone();
            if tells_packages && self.writer.call(move |ledger| ledger.delegates_to(&id, agent)).await? {
                self.read_list(ClientList::Available, agent).await?;
            }
        }
        let settled = self.settle(&run.id, Moment::Recovery, None).await?;
        if tells_packages {
            let id = run.id.clone();
            self.writer.call(move |ledger| ledger.fail_undelegable(&id)).await?;
        }
        let (id, signed_in_as) = (run.id.clone(), signed_in_as.to_owned());
        let reopen = move |ledger: &mut Ledger| {
            ledger.reopen_run(&id, &signed_in_as)?;
            ledger.counted_totals(&id)
        };
        run.totals = self.writer.call(reopen).await?;
        Ok(settled.superseded)
    }

    /// The runs of this job that have not come to their end, newest first. A run that is at work is not among them.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub async fn unfinished_runs(&self, job: &str) -> Result<Vec<RunRecord>, EngineError> {
        let (job, environment, facilitator) =
            (job.to_owned(), self.environment.clone(), self.facilitator.to_string());
        let unfinished = move |ledger: &mut Ledger| {
            let mut left = Vec::new();
            for run in ledger.unfinished_runs(&job, &environment, &facilitator)? {
                if run.status != RunStatus::Running || !ledger.is_held(&run.environment, run.agent)? {
                    left.push(run);
                }
            }
            Ok(left)
        };
        Ok(self.writer.call(unfinished).await?)
    }

    /// Settles a run whose place a later one takes: what it has done is told apart by Altinn's lists, nothing is sent,
    /// and it can no longer be resumed. The caller holds the locks of `held`; agents that are not among them, or that
    /// no longer exist, are taken to have changed nothing.
    pub(super) async fn supersede(&self, run: &RunId, held: &[AgentId]) -> Result<(), EngineError> {
        let id = run.clone();
        let record = self.writer.call(move |ledger| ledger.find_run(&WhichRun::exactly(&id))).await?;
        // Whoever held the lock may have seen to it.
        if !record.status.can_be_resumed() {
            return Ok(());
        }
        let id = run.clone();
        for agent in self.writer.call(move |ledger| ledger.agents_unfinished(&id)).await? {
            self.writer.call(move |ledger| ledger.clear_list(ClientList::Delegated, agent)).await?;
            if !held.contains(&agent) {
                continue;
            }
            match self.read_list(ClientList::Delegated, agent).await {
                Err(EngineError::Halted(halted)) if halted.cause == HaltCause::UnknownAgent => {}
                read => drop(read?),
            }
        }
        self.settle(run, Moment::Supersession, None).await?;
        let run = run.clone();
        Ok(self.writer.call(move |ledger| ledger.end_run(&run, RunStatus::Superseded, None)).await?)
    }

    /// Waits as long as Altinn has asked an earlier run to wait, though no longer than a day from when it asked: a
    /// broken header must not stop the nights.
    pub(super) async fn honour_not_before(&self) -> Result<(), EngineError> {
        let environment = self.environment.clone();
        let asked = self.writer.call(move |ledger| ledger.not_before(&environment)).await?;
        let now = clock::now();
        let waits = asked.iter().filter_map(|asked| longest_wait(asked.until, asked.said_at, now));
        let wait = waits.max();
        if let Some(wait) = wait {
            self.pacer.hold_here_until(Instant::now() + wait);
        }
        Ok(())
    }
}

fn longest_wait(until: Timestamp, said_at: Timestamp, now: Timestamp) -> Option<Duration> {
    let until = until.min(said_at.checked_add(LONGEST_HELD).unwrap_or(until));
    Duration::try_from(until.duration_since(now)).ok().filter(|wait| !wait.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_altinn_asked_is_honoured_over_a_restart_and_no_longer_than_a_day() {
        let at = |hours: i64| Timestamp::from_second(1_800_000_000 + hours * 3600).unwrap();
        let hours = |wait: Option<Duration>| wait.map(|wait| wait.as_secs() / 3600);
        assert_eq!(hours(longest_wait(at(5), at(0), at(1))), Some(4));
        assert_eq!(longest_wait(at(5), at(0), at(6)), None);
        let in_a_hundred_years = at(24 * 36_500);
        assert_eq!(hours(longest_wait(in_a_hundred_years, at(0), at(1))), Some(23));
        assert_eq!(longest_wait(in_a_hundred_years, at(0), at(25)), None);
    }
}
