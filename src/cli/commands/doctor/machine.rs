//! What is on this machine: the list, the state folder, the pace, the last runs.

use std::io::Write;

use super::{
    super::super::{
        Context,
        exit::{Exit, Failure, Told},
        job::JobFile,
        rows::clients_listed,
        which::live_status,
    },
    Doctor,
};
use crate::{
    ledger::RunRecord,
    model::RunStatus,
    report::{Summary, approximately, date_time},
    words::{Lazy, say, text},
};

/// Room that a run of a hundred thousand clients takes, reports included.
const ROOM_BYTES: usize = 64 << 20;

impl Doctor {
    /// What is on this machine: the list, the folder, the pace, the last runs.
    pub(super) fn here(&mut self, file: &JobFile, context: &Context) -> Result<(), Failure> {
        let listed = clients_listed(file);
        let clients = listed.as_ref().ok().copied().flatten();
        let list = listed.map(|clients| match clients {
            Some(clients) => Told::of(&say!("doctor-list-clean", clients = clients)),
            None => Told::of(&Lazy(|| text!("doctor-list-none"))),
        });
        self.add("list", text!("doctor-list"), list);
        self.add("state", text!("doctor-state"), state_folder(context));
        let rate = file.job.pace.rate.to_string();
        let pace = match (clients, file.job.pace.rate.time_for(clients.unwrap_or_default())) {
            (Some(clients), Some(time)) => {
                let time = Lazy(|| approximately(time));
                Told::of(&say!("doctor-pace-takes", rate = rate, clients = clients, time = time))
            }
            _ => Told::of(&say!("doctor-pace", rate = rate)),
        };
        self.add("pace", text!("doctor-pace-title"), Ok(pace));
        self.last_runs(file, context)
    }

    fn last_runs(&mut self, file: &JobFile, context: &Context) -> Result<(), Failure> {
        let title = text!("doctor-runs");
        let ledger = match context.existing_ledger() {
            Ok(ledger) => ledger,
            Err(failure) => {
                self.add("runs", title, Err(failure));
                return Ok(());
            }
        };
        let Some(ledger) = ledger else {
            self.add("runs", title, Ok(Told::of(&Lazy(|| text!("doctor-runs-none")))));
            return Ok(());
        };
        let is_of_job =
            |run: &RunRecord| run.job == file.job.name && run.environment == file.job.environment.name();
        let mut newest: Option<Summary> = None;
        let mut failing_since: Option<Summary> = None;
        for record in ledger.runs()?.iter().filter(|run| is_of_job(run)) {
            let summary = Summary::of(&ledger, record, live_status(&ledger, record))?;
            let failed = summary.totals.failed + summary.totals.rejected > 0;
            let is_bad = failed
                || matches!(summary.status, RunStatus::Stopped | RunStatus::Interrupted | RunStatus::Refused);
            if newest.is_none() {
                newest = Some(summary.clone());
            }
            if !is_bad {
                break;
            }
            failing_since = Some(summary);
        }
        let Some(newest) = newest else {
            self.add("runs", title, Ok(Told::of(&Lazy(|| text!("doctor-runs-none")))));
            return Ok(());
        };
        let last = Lazy(|| {
            say!(
                "doctor-runs-last",
                run = newest.run,
                status = newest.status.in_words(),
                at = date_time(newest.started_at)
            )
            .to_string()
        });
        match failing_since {
            None => {
                self.add("runs", title, Ok(Told::of(&last)));
            }
            Some(since) => {
                let totals = &newest.totals;
                let clients = (totals.failed > 0)
                    .then(|| say!("doctor-runs-clients-failed", clients = totals.failed).to_string());
                let rows = (totals.rejected > 0)
                    .then(|| say!("doctor-runs-rows-not-used", rows = totals.rejected).to_string());
                let what: String =
                    clients.into_iter().chain(rows).flat_map(|what| [", ".to_owned(), what]).collect();
                let since = Lazy(|| date_time(since.started_at));
                let said = Told::of(&say!("doctor-runs-failing", last = last, what = what, since = since));
                self.warn("runs", title, said, Told::of(&say!("doctor-runs-todo", run = newest.run)));
            }
        }
        Ok(())
    }
}

/// Whether a run's records can be kept: a file of some size is written there and taken away again. A folder that is not
/// there yet is not made.
fn state_folder(context: &Context) -> Result<Told, Failure> {
    let state = context.state()?;
    let folder = state.path();
    if !folder.exists() {
        return Ok(Told::of(&say!("doctor-state-new", folder = folder.display())));
    }
    let written = tempfile::tempfile_in(folder).and_then(|mut file| {
        let piece = vec![0xa5; 1 << 20];
        (0..ROOM_BYTES >> 20).try_for_each(|_| file.write_all(&piece))?;
        file.flush()
    });
    match written {
        Ok(()) => Ok(Told::of(&say!("doctor-state-room", folder = folder.display()))),
        Err(error) => {
            Err(Failure::new(Exit::Fault, say!("doctor-state-not", folder = folder.display(), error = error))
                .hint(say!("doctor-state-todo")))
        }
    }
}
