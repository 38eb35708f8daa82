//! Reads a manifest for a command: every row into the plan, every complaint to the user.

use std::{
    fs, mem,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;

use super::{
    Context,
    exit::{Exit, Failure},
    job::JobFile,
};
use crate::{
    engine::{ManifestError as SourceError, ReadRows, RowsRead, Source},
    ledger::{LedgerError, PlanEntry},
    manifest::{Complaint, Dialect, Entry, Expects, Manifest, ManifestError, Options, Remark, fingerprint},
    model::{AgentRef, JobKind, RowActions},
    words::say,
};

/// Where the clients of a job's plan come from. A manifest is read to its end and refused here and now, offline, where
/// it cannot be used; when the plan is made it is read again, under the locks, unless nobody has changed it.
pub(crate) fn source_of(file: &JobFile, skip_invalid: bool, context: &Context) -> Result<Source, Failure> {
    let Some(path) = file.manifest() else {
        let dialect = dialect_text(&Dialect::plain(&["organisation_number", "name"]))?;
        return Ok(Source::AllDelegated(RowsRead { dialect, ..RowsRead::default() }));
    };
    context.output.step(say!("cli-reading", path = path.display()));
    let (kind, options) = (file.job.kind, file.manifest_options());
    // Before it is read: what is changed while it is read has another fingerprint later.
    let fingerprint = fingerprint(&path).unwrap_or_default();
    let (mut groups, mut bytes) = (Vec::new(), 0);
    let rows = Rows::read(&path, &options, expects(kind), &mut |group| {
        bytes += group.iter().flat_map(cells_of).map(|cell| size_of::<String>() + cell.len()).sum::<usize>();
        if bytes <= MOST_BYTES_KEPT {
            groups.push(group);
        } else {
            groups = Vec::new();
        }
        Ok(())
    })?;
    rows.note_remarks(context);
    rows.must_be_clean(&path, skip_invalid)?;
    let kept = (bytes <= MOST_BYTES_KEPT).then(|| rows.read_from(&path, fingerprint)).transpose()?;
    let kept = kept.map(|read| Arc::new(Kept { read, groups }));
    Ok(Source::Manifest(Box::new(move || {
        read_again(path.clone(), options.clone(), kind, skip_invalid, kept.clone())
    })))
}

/// What was read of a manifest that is not too long to be remembered.
struct Kept {
    read: RowsRead,
    groups: Vec<Vec<PlanEntry>>,
}

/// The cells of a list whose rows are kept until the plan is made, in bytes: some 25,000 clients, which take four times as
/// much in all. A longer list is read again.
const MOST_BYTES_KEPT: usize = 2 << 20;

fn cells_of(entry: &PlanEntry) -> &[String] {
    match entry {
        PlanEntry::Row(row) => &row.cells,
        PlanEntry::Repeated { cells, .. } | PlanEntry::Rejected { cells, .. } => cells,
    }
}

/// How many clients a job's list names, when every row can be acted on; `None` where the job takes all that are delegated.
pub(crate) fn clients_listed(file: &JobFile) -> Result<Option<u64>, Failure> {
    let Some(path) = file.manifest() else { return Ok(None) };
    let rows = Rows::read(&path, &file.manifest_options(), expects(file.job.kind), &mut |_| Ok(()))?;
    rows.must_be_clean(&path, false)?;
    Ok(Some(rows.clients))
}

fn read_again(
    path: PathBuf,
    options: Options,
    kind: JobKind,
    skip_invalid: bool,
    kept: Option<Arc<Kept>>,
) -> ReadRows {
    Box::new(move |take| {
        let read = || -> Result<RowsRead, Failure> {
            let fingerprint = fingerprint(&path).map_err(Failure::nothing_sent)?;
            if let Some(kept) = kept.filter(|kept| kept.read.fingerprint == fingerprint) {
                kept.groups.iter().try_for_each(|group| take(group))?;
                return Ok(RowsRead { written_at: written_at(&path), ..kept.read.clone() });
            }
            let rows = Rows::read(&path, &options, expects(kind), &mut |group| take(&group))?;
            rows.must_be_clean(&path, skip_invalid)?;
            rows.read_from(&path, fingerprint)
        };
        read().map_err(SourceError::from)
    })
}

/// When a file was last written, where the file system knows.
pub(crate) fn written_at(path: &Path) -> Option<Timestamp> {
    Timestamp::try_from(fs::metadata(path).ok()?.modified().ok()?).ok()
}

fn dialect_text(dialect: &Dialect) -> Result<String, Failure> {
    serde_json::to_string(dialect).map_err(|error| Failure::new(Exit::Fault, error))
}

/// What a kind of job expects of a manifest's `action` column.
pub(crate) fn expects(kind: JobKind) -> Expects {
    match kind.row().row_actions {
        RowActions::EachRow => Expects::Action,
        RowActions::Only(action) => Expects::Only(action),
    }
}

/// What a manifest came to.
#[derive(Debug)]
pub(crate) struct Rows {
    /// How it is written.
    pub(crate) dialect: Dialect,
    /// What was made of it that its reader may want to know.
    pub(crate) remarks: Vec<Remark>,
    /// Every row, blank lines not counted.
    pub(crate) rows: u64,
    /// Rows that name a client that no earlier row names.
    pub(crate) clients: u64,
    /// Rows that say again what an earlier row says.
    pub(crate) repeated: Vec<Repeated>,
    /// Rows that cannot be acted on.
    pub(crate) rejected: u64,
    /// What is wrong with them.
    pub(crate) complaints: Vec<Complaint>,
    /// The first different agents that rows name otherwise than by a UUID.
    pub(crate) agents_by_name: Vec<String>,
    /// The last row's line, where no line break ends it.
    open_end: Option<u64>,
}

/// A row that says again what an earlier row says.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Repeated {
    /// Its line.
    pub(crate) line: u64,
    /// The earlier row's line.
    pub(crate) first_line: u64,
    /// The client.
    pub(crate) organisation_number: String,
}

/// So many rows go into the ledger at once.
const GROUP: usize = 1000;

/// Of a manifest in which everything is wrong, so much is enough to see what.
pub(crate) const MOST_COMPLAINTS_SHOWN: usize = 1000;

impl Rows {
    /// Reads the list of a job; `take` is given its rows, in groups.
    pub(crate) fn read(
        path: &Path,
        options: &Options,
        expects: Expects,
        take: &mut dyn FnMut(Vec<PlanEntry>) -> Result<(), LedgerError>,
    ) -> Result<Self, Failure> {
        Self::of(&Manifest::open_with(path, options).map_err(Failure::nothing_sent)?, expects, take)
    }

    /// Reads a manifest that is open; `take` is given its rows, in groups.
    pub(crate) fn of(
        manifest: &Manifest,
        expects: Expects,
        take: &mut dyn FnMut(Vec<PlanEntry>) -> Result<(), LedgerError>,
    ) -> Result<Self, Failure> {
        let mut rows = Self {
            dialect: manifest.dialect().clone(),
            remarks: manifest.remarks().to_vec(),
            rows: 0,
            clients: 0,
            repeated: Vec::new(),
            rejected: 0,
            complaints: Vec::new(),
            agents_by_name: Vec::new(),
            open_end: None,
        };
        let mut group = Vec::new();
        let mut entries = manifest.read(expects).map_err(Failure::nothing_sent)?;
        for entry in entries.by_ref() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return Err(rows.broken_off(&error)),
            };
            group.extend(rows.take(entry));
            if group.len() >= GROUP {
                take(mem::take(&mut group))?;
            }
        }
        take(group)?;
        rows.open_end = entries.open_end();
        Ok(rows)
    }

    /// What a plan is told of them.
    fn read_from(&self, path: &Path, fingerprint: String) -> Result<RowsRead, Failure> {
        Ok(RowsRead {
            rows: self.rows,
            manifest: path.display().to_string(),
            dialect: dialect_text(&self.dialect)?,
            fingerprint,
            written_at: written_at(path),
            open_end: self.open_end,
        })
    }

    /// The file cannot be read on: said with everything that was wrong up to there.
    fn broken_off(&self, error: &ManifestError) -> Failure {
        self.complaints.iter().take(MOST_COMPLAINTS_SHOWN).fold(Failure::nothing_sent(error), Failure::detail)
    }

    fn take(&mut self, entry: Entry) -> Option<PlanEntry> {
        self.rows += 1;
        match entry {
            Entry::Row(row) => {
                self.clients += 1;
                self.note_agent(row.agent.as_deref());
                Some(PlanEntry::Row(row))
            }
            Entry::Repeated { line, first_line, number, name, cells } => {
                let organisation_number = number.to_string();
                self.repeated.push(Repeated { line, first_line, organisation_number });
                name.map(|name| PlanEntry::Repeated { line, first_line, name, cells })
            }
            Entry::Rejected { line, complaints, cells } => {
                self.rejected += 1;
                let problem = Complaint::problems(&complaints);
                self.complaints.extend(complaints);
                Some(PlanEntry::Rejected { line, problem, cells })
            }
        }
    }

    fn note_agent(&mut self, agent: Option<&str>) {
        const FIRST: usize = 3;
        let Some(agent) = agent else { return };
        let is_noted = self.agents_by_name.iter().any(|noted| noted == agent);
        if self.agents_by_name.len() < FIRST
            && !is_noted
            && matches!(AgentRef::named(agent), AgentRef::Named(_))
        {
            self.agents_by_name.push(agent.to_owned());
        }
    }

    /// Says what was made of the list, and which rows name a client again.
    fn note_remarks(&self, context: &Context) {
        for remark in &self.remarks {
            context.output.note(remark);
        }
        for repeated in self.repeated.iter().take(10) {
            context.output.note(say!(
                "cli-line-names-again-as-line-does-it-is-one",
                line = repeated.line,
                organisation_number = repeated.organisation_number,
                first_line = repeated.first_line
            ));
        }
        if self.repeated.len() > 10 {
            context
                .output
                .note(say!("cli-more-rows-say-something-again", rows = self.repeated.len() as u64 - 10));
        }
    }

    /// Refuses a manifest with bad rows, unless they are to be left to the failure report.
    fn must_be_clean(&self, path: &Path, skip_invalid: bool) -> Result<(), Failure> {
        if self.rejected == 0 || skip_invalid {
            return Ok(());
        }
        let mut failure = Failure::nothing_sent(say!(
            "cli-of-rows-in-cannot-be-acted-on-so-nothing-is",
            rejected = self.rejected,
            rows = self.rows,
            path = path.display()
        ));
        for complaint in self.complaints.iter().take(MOST_COMPLAINTS_SHOWN) {
            failure = failure.detail(complaint);
        }
        if self.complaints.len() > MOST_COMPLAINTS_SHOWN {
            let more = self.complaints.len() - MOST_COMPLAINTS_SHOWN;
            failure = failure.detail(say!("cli-and-more", more = more));
        }
        Err(failure.hint(say!("cli-correct-them-or-add-skip-invalid-to-leave")))
    }
}
