//! What is written for firms whose system user is there: nobody types its id.

use std::{
    collections::HashSet,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use super::super::super::{
    Context,
    exit::{Exit, Failure},
    fleet_file::FleetFile,
    vendor_file::VendorFile,
};
use crate::{
    fleet::{NewUnit, append},
    ledger::{RequestRecord, RunRecord},
    model::{AgentId, JobKind, OrganisationNumber, ReadyGoesTo, RunStatus},
    state_dir::{Readers, write_new},
    words::say,
};

/// What was written, and what took its place.
#[derive(Debug, Default)]
pub(super) struct ReadyWritten {
    /// The jobs.
    pub(super) jobs: Vec<String>,
    /// Rows that were taken out of the fleet's list, and job files that were renamed, in words.
    pub(super) taken_out: Vec<String>,
    /// Jobs whose list of clients is not there.
    pub(super) without_list: Vec<String>,
}

/// A firm that is ready, with what is to be written for it.
struct ReadyFirm<'a> {
    record: &'a RequestRecord,
    agent: AgentId,
    /// Its clients are yet to be moved from this one.
    moves_from: Option<AgentId>,
    /// The system user whose clients it takes over, or has taken over.
    old: Option<AgentId>,
}

/// Writes a job, or a row of a fleet's list, for each of these firms that is ready and has none. A system user whose clients
/// another takes over gets none any more, and what it had is taken out of the way: `all` is every firm that the ledger has.
/// Answers what was written.
pub(super) fn write_ready(
    file: &VendorFile,
    records: &[RequestRecord],
    all: &[RequestRecord],
    context: &Context,
) -> Result<ReadyWritten, Failure> {
    let ready = ready_firms(records, all, context)?;
    if ready.is_empty() {
        return Ok(ReadyWritten::default());
    }
    match &file.vendor.ready.goes_to {
        ReadyGoesTo::Jobs(folder) => write_jobs(file, &ready, all, &file.resolve(folder)),
        ReadyGoesTo::Fleet(fleet) => add_to_fleet(file, &ready, &file.resolve(fleet), context),
    }
}

fn ready_firms<'a>(
    records: &'a [RequestRecord],
    all: &[RequestRecord],
    context: &Context,
) -> Result<Vec<ReadyFirm<'a>>, Failure> {
    let taken_over: HashSet<AgentId> =
        all.iter().filter(|record| record.is_ready()).filter_map(|record| record.from_agent).collect();
    let runs = match context.existing_ledger()? {
        Some(ledger) if !taken_over.is_empty() => ledger.runs()?,
        _ => Vec::new(),
    };
    let mut ready = Vec::new();
    for record in records.iter().filter(|record| record.is_ready()) {
        let Some(agent) = record.agent.filter(|agent| !taken_over.contains(agent)) else { continue };
        let moves_from = record.from_agent.filter(|old| !has_moved(&runs, *old, agent));
        let is_half_way = moves_from.is_some_and(|old| {
            let takes_over = |before: &RequestRecord| before.agent == Some(old) && before.is_ready();
            let moves =
                |before: &RequestRecord| before.from_agent.is_some_and(|older| !has_moved(&runs, older, old));
            all.iter().any(|before| takes_over(before) && moves(before))
        });
        if is_half_way {
            context.output.note(say!("request-move-waits-for-a-move", firm = record.firm));
            continue;
        }
        ready.push(ReadyFirm { record, agent, moves_from, old: record.from_agent });
    }
    Ok(ready)
}

/// Whether the last move between these two went from the old to the new, and came to its end.
fn has_moved(runs: &[RunRecord], old: AgentId, new: AgentId) -> bool {
    let between = |run: &&RunRecord| {
        run.kind.moves() && run.status != RunStatus::Refused && (run.agent == new || run.agent == old)
    };
    runs.iter().find(between).is_some_and(|run| run.agent == new && run.status == RunStatus::Completed)
}

fn wrong(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Fault, say!("cli-cannot-be-written", file = path.display(), error = error))
}

fn write_jobs(
    file: &VendorFile,
    ready: &[ReadyFirm<'_>],
    all: &[RequestRecord],
    folder: &Path,
) -> Result<ReadyWritten, Failure> {
    fs::create_dir_all(folder).map_err(|error| wrong(folder, &error))?;
    let mut written = ReadyWritten::default();
    for firm in ready {
        let ReadyFirm { record, agent, moves_from, .. } = firm;
        let resolved = |path: &str| file.resolve(Path::new(path)).display().to_string();
        let list = file.resolve(Path::new(&file.vendor.ready.manifest_of(record.firm)));
        let lacks_a_list = moves_from.is_none() && !list.exists();
        // The file of a system user that is no more may have the name already.
        for own_name in [false, true] {
            let named = (record.firm, record.external_ref.as_str());
            let (name, text) = file.vendor.job_of(named, *agent, *moves_from, own_name, &resolved);
            let path = folder.join(format!("{name}.toml"));
            let job = path.display().to_string();
            match write_new(&path, Readers::Everybody, text.as_bytes()) {
                Ok(()) => {
                    if let Some(old) = firm.old {
                        written.taken_out.extend(set_aside(file, record.firm, old, all, folder)?);
                    }
                    written.without_list.extend(lacks_a_list.then(|| job.clone()));
                    written.jobs.push(job);
                    break;
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    let there = fs::read_to_string(&path).map_err(|error| wrong(&path, &error))?;
                    // Somebody may have put it right.
                    if names_agent(&there).is_none_or(|there| there == *agent) {
                        written.without_list.extend(lacks_a_list.then_some(job));
                        break;
                    }
                }
                Err(error) => return Err(wrong(&path, &error)),
            }
        }
    }
    Ok(written)
}

/// The system user whose clients a job file is about, where it names it by its id.
fn names_agent(text: &str) -> Option<AgentId> {
    let job: toml::Table = toml::from_str(text).ok()?;
    let altinn = job.get("altinn")?.as_table()?;
    let agent = altinn.get("agent").or_else(|| altinn.get("to_agent"))?.as_str()?;
    uuid::Uuid::parse_str(agent).ok().map(AgentId)
}

/// Renames the job file of a system user whose clients another takes over: run again, it would give them back to it.
fn set_aside(
    file: &VendorFile,
    firm: OrganisationNumber,
    old: AgentId,
    all: &[RequestRecord],
    folder: &Path,
) -> Result<Vec<String>, Failure> {
    let number = firm.to_string();
    let reference = all.iter().find(|record| record.agent == Some(old)).map(|record| &record.external_ref);
    let named = (firm, reference.unwrap_or(&number).as_str());
    let mut renamed = Vec::new();
    for own_name in [false, true] {
        let (name, _) = file.vendor.job_of(named, old, None, own_name, &str::to_owned);
        let path = folder.join(format!("{name}.toml"));
        let Ok(there) = fs::read_to_string(&path) else { continue };
        if names_agent(&there) != Some(old) {
            continue;
        }
        let aside = |count: u32| match count {
            1 => folder.join(format!("{name}.toml.old")),
            count => folder.join(format!("{name}.toml.old-{count}")),
        };
        let free: Option<PathBuf> = (1..u32::MAX).map(aside).find(|path| !path.exists());
        let Some(free) = free else { continue };
        fs::rename(&path, &free).map_err(|error| wrong(&path, &error))?;
        renamed.push(
            say!("request-job-set-aside", job = path.display(), new = free.display(), agent = old)
                .to_string(),
        );
    }
    Ok(renamed)
}

fn add_to_fleet(
    file: &VendorFile,
    ready: &[ReadyFirm<'_>],
    fleet: &Path,
    context: &Context,
) -> Result<ReadyWritten, Failure> {
    let fleet = FleetFile::read(fleet)?;
    let ready_kind = file.vendor.ready.kind;
    let units: Vec<NewUnit> = ready
        .iter()
        .map(|ReadyFirm { record, agent, moves_from, old }| {
            let moves = moves_from.is_some();
            let is_second = record.external_ref != record.firm.to_string() && !moves;
            let job = file.vendor.job_name_of(record.firm, &record.external_ref, moves);
            NewUnit {
                job: if is_second { job } else { String::new() },
                firm: record.firm,
                name: record.name.clone(),
                agent: *agent,
                from_agent: *moves_from,
                kind: if moves { JobKind::MOVES } else { ready_kind },
                manifest: if moves { String::new() } else { file.vendor.ready.manifest_of(record.firm) },
                instead_of: old.iter().copied().collect(),
            }
        })
        .collect();
    let done = append(&fleet.list(), &units).map_err(Failure::nothing_sent)?;
    let list = fleet.list();
    if !done.added.is_empty() {
        context.output.step(say!("request-rows-added", rows = done.added.len(), list = list.display()));
    }
    let job = |unit: &NewUnit| match unit.job.as_str() {
        "" => format!("{}#{}-{}-{}", fleet.path.display(), fleet.fleet.name, unit.firm, unit.kind.as_str()),
        job => format!("{}#{job}", fleet.path.display()),
    };
    let out = |(firm, agent): &(OrganisationNumber, AgentId)| {
        say!("request-row-taken-out", list = list.display(), firm = firm, agent = agent).to_string()
    };
    let lacks_a_list = |unit: &&NewUnit| {
        let folder = fleet.path.parent().unwrap_or(Path::new(""));
        !unit.kind.moves() && !folder.join(&unit.manifest).exists()
    };
    Ok(ReadyWritten {
        without_list: units.iter().filter(lacks_a_list).map(job).collect(),
        jobs: done.added.iter().map(job).collect(),
        taken_out: done.taken_out.iter().map(out).collect(),
    })
}
