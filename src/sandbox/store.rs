//! Keeps what was changed in a world, in a folder: a log that is only ever appended to.
//!
//! Each line says which delegations a client has to an agent from then on, so reading a line twice does no
//! harm. Lines are written before the reply is sent: a process killed between two requests loses nothing. Several
//! processes may share a folder, because each reads what the others wrote before it answers.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use thiserror::Error;
use uuid::Uuid;

use super::{
    roles::Role,
    world::{Change, World},
};
use crate::model::{AgentId, ClientId};

const LOG_NAME: &str = "sandbox-changes.log";

/// The folder could not be read or written.
#[derive(Debug, Error)]
#[error("the sandbox cannot use its log {}", path.display())]
pub struct StoreError {
    /// The log.
    path: PathBuf,
    /// What the system said.
    source: io::Error,
}

/// A world's changes, on disk.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    log: File,
    /// How much of the log the world has taken in.
    read_to: u64,
    /// How many of the world's own changes are in the log.
    written: usize,
    /// How many of the assignments that it has made.
    assigned_written: usize,
    /// How many of the changes of requests.
    requests_written: usize,
}

impl Store {
    /// Opens the log in this folder, and makes both where they are missing.
    ///
    /// # Errors
    ///
    /// When the folder or the log cannot be made, read or written.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(LOG_NAME);
        let opened = fs::create_dir_all(folder).and_then(|()| open_log(&path));
        match opened {
            Ok(log) => {
                Ok(Self { path, log, read_to: 0, written: 0, assigned_written: 0, requests_written: 0 })
            }
            Err(source) => Err(StoreError { path, source }),
        }
    }

    /// Forgets every change: the next world is as new. A world that has taken them in already keeps them.
    ///
    /// # Errors
    ///
    /// When the log cannot be written.
    pub fn reset(&mut self) -> Result<(), StoreError> {
        self.log.set_len(0).map_err(|source| self.error(source))?;
        self.read_to = 0;
        Ok(())
    }

    /// Takes the changes into the world that were written since the last time, all of them the first time.
    /// Lines that make no sense are passed over: the last one can be torn, and a roster can change.
    ///
    /// # Errors
    ///
    /// When the log cannot be read.
    pub fn catch_up(&mut self, world: &mut World) -> Result<(), StoreError> {
        let news = self.read_news().map_err(|source| self.error(source))?;
        for entry in news.iter().filter_map(|line| parse(line)) {
            match entry {
                Entry::Count(agent, client, count) => drop(world.set_delegated(agent, client, count)),
                Entry::Rows(agent, client, rows) => world.set_rows(agent, client, rows),
                Entry::Assigned(agent) => world.set_assigned(agent),
                Entry::Request(id, kept) => world.set_request(id, &kept),
            }
        }
        Ok(())
    }

    /// Writes the changes that requests have made in the world since the last time.
    ///
    /// # Errors
    ///
    /// When the log cannot be written. The changes are written the next time, then.
    pub fn record(&mut self, world: &World) -> Result<(), StoreError> {
        let changes = world.changes();
        let new = changes.get(self.written..).unwrap_or_default();
        let assigned = world.assigned();
        let new_agents = assigned.get(self.assigned_written..).unwrap_or_default();
        let requests = world.changed_requests(self.requests_written);
        if new.is_empty() && new_agents.is_empty() && requests.is_empty() {
            return Ok(());
        }
        let lines = requests.iter().map(|(id, kept)| format!("? {id} {kept}\n"));
        let lines = lines.chain(new_agents.iter().map(|agent| format!("! {agent}\n")));
        let lines: String = lines.chain(new.iter().map(|change| line(world, change))).collect();
        // One write at the end of the file, so that lines of several processes do not mix.
        self.log.write_all(lines.as_bytes()).map_err(|source| self.error(source))?;
        self.written = changes.len();
        self.assigned_written = assigned.len();
        self.requests_written = world.request_changes();
        Ok(())
    }

    /// The whole lines after those that were read before.
    fn read_news(&mut self) -> io::Result<Vec<String>> {
        let length = self.log.metadata()?.len();
        if length < self.read_to {
            self.read_to = 0;
        }
        if length == self.read_to {
            return Ok(Vec::new());
        }
        self.log.seek(SeekFrom::Start(self.read_to))?;
        let mut bytes = Vec::new();
        self.log.read_to_end(&mut bytes)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        bytes.truncate(whole);
        self.read_to += whole as u64;
        Ok(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
    }

    fn error(&self, source: io::Error) -> StoreError {
        StoreError { path: self.path.clone(), source }
    }
}

/// Opens the log for appending, after ending a line that was torn when its writer was killed.
fn open_log(path: &Path) -> io::Result<File> {
    let mut log = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    if log.metadata()?.len() > 0 {
        log.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        log.read_exact(&mut last)?;
        if last != *b"\n" {
            log.write_all(b" torn\n")?;
        }
    }
    Ok(log)
}

/// What one line of the log says.
#[derive(Debug, PartialEq)]
enum Entry {
    /// `+ agent client count`, as sandboxes wrote it that knew no roles; with `-` where there were fewer than before.
    Count(AgentId, ClientId, u8),
    /// `= agent client role=package,package …`: the rows from then on, none where it is not delegated any more.
    Rows(AgentId, ClientId, Vec<(Role, Vec<String>)>),
    /// `! agent`: its own assignment has been made.
    Assigned(AgentId),
    /// `? request {…}`: a request for a system user as it is from then on; `-` where it is gone.
    Request(Uuid, String),
}

/// The client's rows as they are now: what comes after this change has its own line.
fn line(world: &World, change: &Change) -> String {
    let Change { agent, client, .. } = change;
    let mut line = format!("= {agent} {client}");
    for row in world.rows(*agent, *client) {
        line.push(' ');
        line.push_str(row.role.code());
        line.push('=');
        line.push_str(&row.packages.join(","));
    }
    line.push('\n');
    line
}

fn parse(line: &str) -> Option<Entry> {
    if let Some(request) = line.strip_prefix("? ") {
        let (id, kept) = request.split_once(' ')?;
        let is_whole = kept == "-" || kept.ends_with('}');
        return is_whole.then(|| Some(Entry::Request(id.parse().ok()?, kept.to_owned())))?;
    }
    let mut words = line.split(' ');
    let sign = words.next()?;
    let agent = words.next()?.parse().ok()?;
    if sign == "!" {
        return words.next().is_none().then_some(Entry::Assigned(agent));
    }
    let client = words.next()?.parse().ok()?;
    match sign {
        "+" | "-" => {
            let count = words.next()?.parse().ok()?;
            words.next().is_none().then_some(Entry::Count(agent, client, count))
        }
        "=" => {
            let row = |word: &str| {
                let (role, packages) = word.split_once('=')?;
                Some((Role::named(role)?, packages.split(',').map(str::to_owned).collect()))
            };
            Some(Entry::Rows(agent, client, words.map(row).collect::<Option<_>>()?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{ONBOARDING_AGENT as AGENT, Request};

    fn delegate(world: &mut World, place: usize) {
        let client = world.clients()[place].id;
        assert_eq!(world.answer(&Request::delegate(AGENT, client)).unwrap().status, 200);
    }

    fn replayed(folder: &Path) -> World {
        let mut world = World::with_clients(5, 1);
        Store::open(folder).unwrap().catch_up(&mut world).unwrap();
        world
    }

    #[test]
    fn a_world_that_is_opened_again_is_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let mut world = World::with_clients(5, 1);
        let client = world.clients()[0].id;
        world.client_mut(client).unwrap().relations = 2;
        let mut store = Store::open(folder.path()).unwrap();
        delegate(&mut world, 0);
        delegate(&mut world, 1);
        store.record(&world).unwrap();
        world.answer(&Request::remove(AGENT, client));
        let second = world.clients()[1].id;
        world.answer(&Request::remove(AGENT, second));
        store.record(&world).unwrap();
        let again = replayed(folder.path());
        assert_eq!(again.delegated(AGENT), world.delegated(AGENT));
        assert_eq!(again.relations(AGENT, client), 1);
    }

    #[test]
    fn a_torn_last_line_is_passed_over_and_the_next_change_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut world = World::with_clients(5, 1);
        delegate(&mut world, 0);
        delegate(&mut world, 1);
        Store::open(folder.path()).unwrap().record(&world).unwrap();
        let log = folder.path().join(LOG_NAME);
        let whole = fs::read(&log).unwrap();
        let last_line = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
        for end in last_line + 1..whole.len() {
            fs::write(&log, &whole[..end]).unwrap();
            let mut torn = replayed(folder.path());
            assert_eq!(torn.delegated(AGENT).len(), 1, "cut at {end}");
            let mut store = Store::open(folder.path()).unwrap();
            delegate(&mut torn, 2);
            store.record(&torn).unwrap();
            assert_eq!(replayed(folder.path()).delegated(AGENT), torn.delegated(AGENT));
        }
    }

    #[test]
    fn two_that_share_a_folder_see_each_others_changes() {
        let folder = tempfile::tempdir().unwrap();
        let (mut one, mut other) = (World::with_clients(5, 1), World::with_clients(5, 1));
        let mut store_of_one = Store::open(folder.path()).unwrap();
        let mut store_of_other = Store::open(folder.path()).unwrap();
        delegate(&mut one, 0);
        store_of_one.record(&one).unwrap();
        store_of_other.catch_up(&mut other).unwrap();
        delegate(&mut other, 1);
        store_of_other.record(&other).unwrap();
        store_of_one.catch_up(&mut one).unwrap();
        assert_eq!(one.delegated(AGENT).len(), 2);
        assert_eq!(one.delegated(AGENT), other.delegated(AGENT));
    }

    #[test]
    fn requests_and_the_system_users_that_they_became_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut world = World::built_in(1, 0.0);
        let mut store = Store::open(folder.path()).unwrap();
        let firms =
            [crate::sandbox::small_firm(0), crate::sandbox::small_firm(1), crate::sandbox::small_firm(2)];
        for firm in firms {
            let made =
                world.answer(&crate::sandbox::Request::ask_for_system_user("sandkasse_ny", firm)).unwrap();
            assert_eq!(made.status, 201, "{made:?}");
        }
        let ids: Vec<Uuid> = world.open_requests().into_iter().map(|(id, _)| id).collect();
        let agent = world.answer_request(ids[0], crate::sandbox::RequestStatus::Accepted).unwrap();
        world.let_request_time_out(ids[1]);
        store.record(&world).unwrap();
        let mut again = World::built_in(1, 0.0);
        Store::open(folder.path()).unwrap().catch_up(&mut again).unwrap();
        assert!(again.agents().any(|there| there.listed.id == agent));
        assert_eq!(again.open_requests(), [(ids[2], firms[2])]);
        // A request that is made then is another than those before.
        let made =
            again.answer(&crate::sandbox::Request::ask_for_system_user("sandkasse_ny", firms[0])).unwrap();
        assert_eq!(made.status, 400, "the system user is there");
    }

    #[test]
    fn a_log_of_an_older_sandbox_still_opens() {
        let folder = tempfile::tempdir().unwrap();
        let mut world = World::with_clients(5, 1);
        let ids: Vec<_> = world.clients().iter().map(|client| client.id).collect();
        let log = format!(
            "+ {AGENT} {} 1\n+ {AGENT} {} 2\n+ {AGENT} {} 1\n- {AGENT} {} 0\nwhatever\n",
            ids[0], ids[1], ids[2], ids[2]
        );
        fs::write(folder.path().join(LOG_NAME), log).unwrap();
        Store::open(folder.path()).unwrap().catch_up(&mut world).unwrap();
        assert_eq!(ids.iter().map(|id| world.relations(AGENT, *id)).collect::<Vec<_>>(), [1, 2, 0, 0, 0]);
        assert_eq!(world.delegated_packages(AGENT, ids[1]), world.agents().next().unwrap().listed.packages);
    }

    #[test]
    fn rows_and_an_agents_own_assignment_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut world = World::with_clients(2, 1);
        let (one, two) = (world.clients()[0].id, world.clients()[1].id);
        let mut store = Store::open(folder.path()).unwrap();
        delegate(&mut world, 0);
        let more = "urn:altinn:accesspackage:skatt-naering".to_owned();
        let given: Vec<String> = world.clients()[0].packages.iter().cloned().chain([more.clone()]).collect();
        world.client_mut(one).unwrap().packages = given.into();
        world.agent_mut(AGENT).unwrap().listed.packages.push(more);
        delegate(&mut world, 0);
        store.record(&world).unwrap();
        let mut again = replayed(folder.path());
        assert_eq!(again.delegated_rows(AGENT, one), world.delegated_rows(AGENT, one));
        assert_eq!(again.relations(AGENT, one), 2);
        let begun = [one, two].map(|client| again.begin(&Request::delegate(AGENT, client)));
        assert!(
            begun.into_iter().all(|begun| again.finish(begun).unwrap().status == 200),
            "no race any more"
        );
    }

    #[test]
    fn after_a_reset_a_world_is_as_new() {
        let folder = tempfile::tempdir().unwrap();
        let mut world = World::with_clients(5, 1);
        delegate(&mut world, 0);
        let mut store = Store::open(folder.path()).unwrap();
        store.record(&world).unwrap();
        store.reset().unwrap();
        assert!(replayed(folder.path()).delegated(AGENT).is_empty());
    }
}
