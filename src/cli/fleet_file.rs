//! Finds a fleet file and its list of firms, and reads both.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use super::{
    Context,
    exit::Failure,
    job::{JobFile, read_text},
};
use crate::{
    fleet::{Holds, Unit, Units},
    model::{Fleet, argument},
    report::date_time,
    words::{Lazy, say},
};

/// What stands between a fleet file and a unit's job, where both are named at once: `fleet.toml#night-314250052-reconcile`.
const UNIT: char = '#';

/// A fleet with where it came from.
#[derive(Debug, Clone)]
pub(crate) struct FleetFile {
    /// What all firms have in common.
    pub(crate) fleet: Fleet,
    /// The file, whole path.
    pub(crate) path: PathBuf,
    /// When it or its list was saved last, as far as the file system knows.
    pub(crate) saved_at: Option<Timestamp>,
}

impl FleetFile {
    /// Reads a fleet file.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let (text, path) = text_of(path)?;
        // Read once more for each language that it is said in.
        let problem = || Fleet::parse(&text).err().map(|error| error.to_string()).unwrap_or_default();
        let fleet = Fleet::parse(&text).map_err(|_| {
            Failure::nothing_sent(say!("fleet-file-is-wrong", path = path.display(), error = Lazy(problem)))
        })?;
        let mut file = Self { fleet, path, saved_at: None };
        file.saved_at = saved_at(&file.path).max(saved_at(&file.list()));
        Ok(file)
    }

    /// A fleet's name, also where something else is wrong in its file: who wants to stop a fleet must not have to mend it
    /// first. With what is wrong.
    pub(crate) fn name_of(path: &Path) -> Result<(String, Result<Self, Failure>), Failure> {
        match Self::read(path) {
            Ok(file) => Ok((file.fleet.name.clone(), Ok(file))),
            Err(failure) => match Fleet::name_in(&text_of(path)?.0) {
                Some(name) => Ok((name, Err(failure))),
                None => Err(failure),
            },
        }
    }

    /// Reads the list of firms.
    pub(crate) fn units(&self) -> Result<Units, Failure> {
        Units::read(&self.fleet, &self.list()).map_err(Failure::nothing_sent)
    }

    /// The list of firms.
    pub(crate) fn list(&self) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(&self.fleet.list)
    }

    /// A unit's job, as if its file stood beside the fleet's.
    pub(crate) fn job_of(&self, unit: &Unit) -> JobFile {
        let path = PathBuf::from(format!("{}{UNIT}{}", self.path.display(), unit.job.name));
        JobFile { job: unit.job.clone(), path, text: unit.text.clone(), other_rows: unit.other_rows.clone() }
    }

    /// The job of a unit that a path names with its fleet: none where it names no such thing.
    pub(crate) fn job_at(path: &Path) -> Option<Result<JobFile, Failure>> {
        let (fleet, job) = Self::and_job(path)?;
        let found = || -> Result<JobFile, Failure> {
            let file = Self::read(fleet)?;
            let units = file.units()?;
            let unit = units.units.iter().find(|unit| unit.job.name == job).ok_or_else(|| {
                Failure::nothing_sent(say!("fleet-has-no-such-job", list = file.list().display(), job = job))
                    .hint(say!("fleet-plan-names-the-jobs"))
            })?;
            Ok(file.job_of(unit))
        };
        Some(found())
    }

    /// The fleet file and the job that a path names together.
    fn and_job(path: &Path) -> Option<(&Path, &str)> {
        let (fleet, job) = path.to_str()?.rsplit_once(UNIT)?;
        let fleet = Path::new(fleet);
        (!path.exists() && fleet.is_file()).then_some((fleet, job))
    }
}

fn saved_at(path: &Path) -> Option<Timestamp> {
    let modified = fs::metadata(path).and_then(|metadata| metadata.modified()).ok()?;
    Timestamp::try_from(modified).ok()
}

fn text_of(path: &Path) -> Result<(String, PathBuf), Failure> {
    read_text(path, |error| {
        Failure::nothing_sent(say!("fleet-file-cannot-be-read", path = path.display(), error = error))
    })
}

/// Who carries out a job of a fleet by hand is told where its firm is held, and nothing is sent.
pub(crate) fn must_not_be_held(job: &JobFile, context: &Context) -> Result<(), Failure> {
    let Some((fleet, _)) = FleetFile::and_job(&job.path) else { return Ok(()) };
    let fleet = FleetFile::read(fleet)?;
    let holds = Holds::read(&context.place()?, &fleet.fleet.name)?;
    let firm = job.job.facilitator;
    let Some(hold) = holds.of(firm) else { return Ok(()) };
    let (since, reason) = (Lazy(|| date_time(hold.since)), Lazy(|| hold.why()));
    let path = argument(&fleet.path);
    let failure =
        Failure::nothing_sent(say!("fleet-firm-is-held", firm = firm, since = since, reason = reason));
    Err(if holds.firms.contains_key(&firm.to_string()) {
        failure.hint(say!("fleet-release-lets-firm-go-on", fleet = path, firm = firm))
    } else {
        failure.hint(say!("fleet-release-lets-all-go-on", fleet = path))
    })
}
