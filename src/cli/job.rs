//! Finds a job file and reads it.

use std::{
    fmt::Display,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::{exit::Failure, fleet_file::FleetFile};
use crate::{
    engine::{JobFacts, PlanRequest, Source},
    ledger::{NewRun, RunRecord},
    manifest::{Dialect, Options, fingerprint},
    model::{
        AgentId, AgentRef, Auth, CREDENTIALS, IdPorten, Job, Key, KeyFrom, Maskinporten, OtherRow, TokenFrom,
        job_text,
    },
    words::{Lazy, Refusal, Wording, say},
};

/// A job with where it came from.
#[derive(Debug, Clone)]
pub(crate) struct JobFile {
    /// The job.
    pub(crate) job: Job,
    /// The file, whole path.
    pub(crate) path: PathBuf,
    /// What stood in it.
    pub(crate) text: String,
    /// Of a fleet's unit: the system users that the firm's other rows name.
    pub(crate) other_rows: Vec<OtherRow>,
}

/// The text of a job or fleet file, and its whole path; `cannot` says why it cannot be read.
pub(super) fn read_text(
    path: &Path,
    cannot: impl Fn(&dyn Display) -> Failure,
) -> Result<(String, PathBuf), Failure> {
    let bytes = fs::read(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => cannot(&say!("manifest-there-is-no-such-file")),
        _ => cannot(&Refusal(&error)),
    })?;
    let problem = || job_text(bytes.clone()).err().unwrap_or_default();
    let text = job_text(bytes.clone()).map_err(|_| cannot(&Lazy(problem)))?;
    Ok((text, std::path::absolute(path).unwrap_or_else(|_| path.to_owned())))
}

impl JobFile {
    /// Reads a job file; or makes the job of a fleet's unit, named `FLEET.toml#JOB`.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        if let Some(unit) = FleetFile::job_at(path) {
            return unit;
        }
        let (text, path) = read_text(path, |error| {
            Failure::nothing_sent(say!(
                "cli-the-job-file-cannot-be-read",
                path = path.display(),
                error = error
            ))
        })?;
        Self::parse(text, path)
    }

    /// A job from the text that the ledger keeps, for a file that is no longer there.
    pub(crate) fn parse(text: String, path: PathBuf) -> Result<Self, Failure> {
        // Read once more for each language that it is said in.
        let problem = || Job::parse(&text).err().map(|error| error.to_string()).unwrap_or_default();
        let job = Job::parse(&text).map_err(|_| {
            Failure::nothing_sent(say!("cli-the-job-file", path = path.display(), error = Lazy(problem)))
        })?;
        Ok(Self { job, path, text, other_rows: Vec::new() })
    }

    /// The job of an earlier run: as its file is now, or as it was where the file is gone.
    ///
    /// The file may have changed in how it signs in and how fast it goes, not in what it is about.
    pub(crate) fn of_run(run: &RunRecord) -> Result<Self, Failure> {
        let path = PathBuf::from(&run.job_file);
        let file = if path.exists() {
            Self::read(&path)?
        } else if let Some(Ok(unit)) = FleetFile::job_at(&path) {
            unit
        } else {
            Self::parse(run.job_text.clone(), path)?
        };
        let then = Self::parse(run.job_text.clone(), PathBuf::from(&run.job_file))?;
        let same = file.job.environment == then.job.environment
            && file.job.facilitator == then.job.facilitator
            && file.job.agent == then.job.agent
            && file.job.from_agent == then.job.from_agent
            && file.job.kind == then.job.kind;
        if !same {
            return Err(Failure::nothing_sent(say!(
                "cli-the-job-file-is-about-something-else-now-than",
                job_file = run.job_file,
                run = run.id
            ))
            .hint(say!("cli-give-it-back-its-kind-environment-facilitator")));
        }
        // The run's own agent, whatever a reference would find today; the rows of a migration hold both of theirs.
        let mut file = file;
        file.job.agent = AgentRef::Id(run.agent);
        file.job.from_agent = None;
        Ok(file)
    }

    /// What a plan for this job is to be made of, with the guard that it has.
    pub(crate) fn request(&self, source: Source) -> PlanRequest {
        let guarded = matches!(source, Source::Manifest(_) | Source::AllDelegated(_));
        // What a run did can be taken back whatever the list of firms says today.
        let other_rows =
            if matches!(source, Source::OppositesOf(_)) { Vec::new() } else { self.other_rows.clone() };
        PlanRequest {
            kind: self.job.kind,
            source,
            agent: self.job.agent.clone(),
            from_agent: self.job.from_agent.clone(),
            guard: guarded.then_some(self.job.guard),
            other_rows,
            job: JobFacts {
                name: self.job.name.clone(),
                file: self.path.display().to_string(),
                text: self.text.clone(),
            },
            supersedes: Vec::new(),
        }
    }

    /// What is kept of a run of this job that was refused before it began. Its agent may not be known.
    pub(crate) fn refused_run(&self) -> NewRun {
        let agent = match &self.job.agent {
            AgentRef::Id(agent) => *agent,
            _ => AgentId(Uuid::nil()),
        };
        NewRun {
            job: self.job.name.clone(),
            kind: self.job.kind,
            environment: self.job.environment.name(),
            facilitator: self.job.facilitator,
            agent,
            agent_title: String::new(),
            job_file: self.path.display().to_string(),
            job_text: self.text.clone(),
            manifest: self.manifest().map(|path| path.display().to_string()).unwrap_or_default(),
            fingerprint: String::new(),
            dialect: serde_json::to_string(&Dialect::plain(&[])).unwrap_or_default(),
            rows: 0,
            retry_of: None,
            undo_of: None,
            supersedes: Vec::new(),
            signed_in_as: Wording::NOTHING,
        }
    }

    /// What has changed since a run of this job began, in words; empty when the run is what would be planned today.
    pub(crate) fn changed_since(&self, run: &RunRecord) -> Vec<String> {
        let mut changes = Vec::new();
        let then = Job::parse(&run.job_text);
        if then.is_ok_and(|then| then.guard != self.job.guard || then.manifest != self.job.manifest) {
            changes
                .push(say!("cli-the-job-file-says-something-else", path = self.path.display()).to_string());
        }
        if run.fingerprint.is_empty() {
            return changes;
        }
        match fingerprint(Path::new(&run.manifest)) {
            Ok(now) if now == run.fingerprint => {}
            Ok(_) => {
                changes.push(say!("cli-the-manifest-has-other-content", manifest = run.manifest).to_string());
            }
            Err(error) => changes.push(
                say!("cli-the-manifest-cannot-be-read", manifest = run.manifest, error = error.problem)
                    .to_string(),
            ),
        }
        changes
    }

    /// What the job says of how its manifest is to be read.
    pub(crate) fn manifest_options(&self) -> Options {
        Options { column: self.job.column.clone(), sheet: self.job.sheet.clone() }
    }

    /// A path of the job file: relative to it.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(path)
    }

    /// The manifest.
    pub(crate) fn manifest(&self) -> Option<PathBuf> {
        self.job.manifest.as_deref().map(|manifest| self.resolve(manifest))
    }

    /// How the job signs in, with whole paths.
    pub(crate) fn auth(&self) -> Option<Auth> {
        self.job.auth.clone().map(|auth| with_whole_paths(auth, |path| self.resolve(path)))
    }
}

/// A way to sign in whose key or token is in the file that `resolve` makes of its path.
pub(crate) fn with_whole_paths(auth: Auth, resolve: impl Fn(&Path) -> PathBuf) -> Auth {
    let resolve = |path: &Path| match (path.strip_prefix(CREDENTIALS), std::env::var_os(&CREDENTIALS[1..])) {
        (Ok(name), Some(folder)) => Path::new(&folder).join(name),
        // It is said to be missing under the name that it has in the job file.
        (Ok(_), None) => path.to_owned(),
        (Err(_), _) => resolve(path),
    };
    let key = |key: &Key| match &key.from {
        KeyFrom::File(path) => Key { from: KeyFrom::File(resolve(path)), ..key.clone() },
        KeyFrom::Env(_) => key.clone(),
    };
    match auth {
        Auth::Token(TokenFrom::File(path)) => Auth::Token(TokenFrom::File(resolve(&path))),
        Auth::Token(from) => Auth::Token(from),
        Auth::IdPorten(auth) => Auth::IdPorten(IdPorten { key: auth.key.as_ref().map(key), ..auth }),
        Auth::Maskinporten(auth) => Auth::Maskinporten(Maskinporten { key: key(&auth.key), ..auth }),
    }
}
