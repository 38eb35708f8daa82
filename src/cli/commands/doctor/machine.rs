//! What is on this machine: the list, the state folder, the pace, the last runs.

use std::{
    io::{self, Write},
    path::Path,
};

use super::{
    super::super::{
        Context,
        commands::report::copies_folder_of,
        exit::{Exit, Failure, Told},
        job::JobFile,
        notify::program_of,
        rows::clients_listed,
        unattended::exposed,
        which::live_status,
    },
    Doctor,
};
use crate::{
    ledger::{LedgerError, RunRecord},
    model::RunStatus,
    report::{Summary, approximately, date_time},
    words::{Lazy, Refusal, say, text},
};

/// Room that a run of a hundred thousand clients takes, reports included.
const ROOM_BYTES: usize = 64 << 20;

impl Doctor {
    /// What is on this machine: the list, the folder, the pace, the last runs.
    pub(super) fn here(&mut self, file: &JobFile, context: &Context) {
        let listed = clients_listed(file);
        let clients = listed.as_ref().ok().copied().flatten();
        let list = listed.map(|clients| match clients {
            Some(clients) => Told::of(&say!("doctor-list-clean", clients = clients)),
            None => Told::of(&Lazy(|| text!("doctor-list-none"))),
        });
        self.add("list", text!("doctor-list"), list);
        self.add("state", text!("doctor-state"), state_folder(context));
        if let Some(exposed) = exposed(context) {
            self.warn("state", text!("doctor-state"), exposed.said(), exposed.todo());
        }
        if let Some(notify) = &file.job.notify {
            self.add("notify", text!("doctor-notify"), notified(&notify.command, file));
        }
        if let Some(folder) = copies_folder_of(&file.job, &file.path) {
            self.add("report", text!("doctor-report"), copies(&folder));
        }
        let rate = file.job.pace.rate.to_string();
        let pace = match (clients, file.job.pace.rate.time_for(clients.unwrap_or_default())) {
            (Some(clients), Some(time)) => {
                let time = Lazy(|| approximately(time));
                Told::of(&say!("doctor-pace-takes", rate = rate, clients = clients, time = time))
            }
            _ => Told::of(&say!("doctor-pace", rate = rate)),
        };
        self.add("pace", text!("doctor-pace-title"), Ok(pace));
        if let Err(failure) = self.last_runs(file, context) {
            self.add("runs", text!("doctor-runs"), Err(failure));
        }
    }

    fn last_runs(&mut self, file: &JobFile, context: &Context) -> Result<(), Failure> {
        let title = text!("doctor-runs");
        let Some(ledger) = context.existing_ledger()? else {
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
    if state.is_dangling() {
        return Err(LedgerError::Dangling(folder.to_owned()).into());
    }
    if !folder.exists() {
        return Ok(Told::of(&say!("doctor-state-new", folder = folder.display())));
    }
    match can_be_written(folder, ROOM_BYTES) {
        Ok(()) => Ok(Told::of(&say!("doctor-state-room", folder = folder.display()))),
        Err(error) => {
            Err(Failure::new(Exit::Fault, say!("doctor-state-not", folder = folder.display(), error = error))
                .hint(say!("doctor-state-todo")))
        }
    }
}

/// Writes a file of this size in a folder, and takes it away again.
fn can_be_written(folder: &Path, bytes: usize) -> io::Result<()> {
    let mut file = tempfile::tempfile_in(folder)?;
    let piece = vec![0xa5; 1 << 20];
    (0..bytes >> 20).try_for_each(|_| file.write_all(&piece))?;
    file.flush()
}

/// Whether there is a program that can be told how a run ends.
fn notified(command: &[String], file: &JobFile) -> Result<Told, Failure> {
    match program_of(file.path.parent().unwrap_or(Path::new("")), command) {
        Ok(program) => Ok(Told::of(&say!("doctor-notify-there", program = program.display()))),
        Err(error) => {
            let named = command.first().map(String::as_str).unwrap_or_default();
            Err(Failure::nothing_sent(say!("doctor-notify-not", program = named, error = error))
                .hint(say!("doctor-notify-todo")))
        }
    }
}

/// Whether copies of the reports can go where the job wants them. A folder that is not there yet is not made.
fn copies(folder: &Path) -> Result<Told, Failure> {
    let there = folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
    match can_be_written(there, 0) {
        Ok(()) if there == folder => Ok(Told::of(&say!("doctor-report-there", folder = folder.display()))),
        Ok(()) => Ok(Told::of(&say!("doctor-state-new", folder = folder.display()))),
        Err(error) => {
            Err(Failure::new(Exit::Fault, say!("doctor-state-not", folder = folder.display(), error = error))
                .hint(Lazy(|| Refusal(&error).todo().unwrap_or_else(|| text!("doctor-report-todo")))))
        }
    }
}
