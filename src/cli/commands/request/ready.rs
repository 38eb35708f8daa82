//! What is written for firms whose system user is there: nobody types its id.

use std::{io::ErrorKind, path::Path};

use super::super::super::{
    Context,
    exit::{Exit, Failure},
    fleet_file::FleetFile,
    vendor_file::VendorFile,
};
use crate::{
    fleet::{NewUnit, append},
    ledger::RequestRecord,
    model::{JobKind, ReadyGoesTo, RequestState},
    state_dir::{Readers, write_new},
    words::say,
};

/// Writes a job, or a row of a fleet's list, for each of these firms that is ready and has none. Answers what was written.
pub(super) fn write_ready(
    file: &VendorFile,
    records: &[RequestRecord],
    context: &Context,
) -> Result<Vec<String>, Failure> {
    let ready: Vec<&RequestRecord> = records
        .iter()
        .filter(|record| record.state == RequestState::Accepted && record.agent.is_some())
        .collect();
    if ready.is_empty() {
        return Ok(Vec::new());
    }
    match &file.vendor.ready.goes_to {
        ReadyGoesTo::Jobs(folder) => write_jobs(file, &ready, &file.resolve(folder)),
        ReadyGoesTo::Fleet(fleet) => add_to_fleet(file, &ready, &file.resolve(fleet), context),
    }
}

fn write_jobs(file: &VendorFile, ready: &[&RequestRecord], folder: &Path) -> Result<Vec<String>, Failure> {
    let wrong = |path: &Path, error: &std::io::Error| {
        Failure::new(Exit::Fault, say!("cli-cannot-be-written", file = path.display(), error = error))
    };
    std::fs::create_dir_all(folder).map_err(|error| wrong(folder, &error))?;
    let mut written = Vec::new();
    for record in ready {
        let Some(agent) = record.agent else { continue };
        let resolved = |path: &str| file.resolve(Path::new(path)).display().to_string();
        let (name, text) =
            file.vendor.job_of((record.firm, &record.external_ref), agent, record.from_agent, &resolved);
        let path = folder.join(format!("{name}.toml"));
        match write_new(&path, Readers::Everybody, text.as_bytes()) {
            Ok(()) => written.push(path.display().to_string()),
            // Somebody may have put it right.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(wrong(&path, &error)),
        }
    }
    Ok(written)
}

fn add_to_fleet(
    file: &VendorFile,
    ready: &[&RequestRecord],
    fleet: &Path,
    context: &Context,
) -> Result<Vec<String>, Failure> {
    let fleet = FleetFile::read(fleet)?;
    let ready_kind = file.vendor.ready.kind;
    let units: Vec<NewUnit> = ready
        .iter()
        .filter_map(|record| {
            let moves = record.from_agent.is_some();
            let is_second = record.external_ref != record.firm.to_string() && !moves;
            let job = file.vendor.job_name_of(record.firm, &record.external_ref, moves);
            Some(NewUnit {
                job: if is_second { job } else { String::new() },
                firm: record.firm,
                name: record.name.clone(),
                agent: record.agent?,
                from_agent: record.from_agent,
                kind: if moves { JobKind::MOVES } else { ready_kind },
                manifest: if moves { String::new() } else { file.vendor.ready.manifest_of(record.firm) },
            })
        })
        .collect();
    let added = append(&fleet.list(), &units).map_err(Failure::nothing_sent)?;
    if !added.is_empty() {
        context.output.step(say!("request-rows-added", rows = added.len(), list = fleet.list().display()));
    }
    let job = |unit: &NewUnit| match unit.job.as_str() {
        "" => format!("{}#{}-{}-{}", fleet.path.display(), fleet.fleet.name, unit.firm, unit.kind.as_str()),
        job => format!("{}#{job}", fleet.path.display()),
    };
    Ok(added.iter().map(job).collect())
}
