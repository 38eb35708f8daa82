//! Leases on agents, in a ledger that several hosts share: who may send about an agent, until when, and who takes over. A
//! ledger in the state folder has the operating system's locks instead.

use std::{
    sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError, Weak},
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;

use super::{
    LedgerError,
    db::{Address, Connection, OptionalExtension, Postgres, params},
    fence::{Asked, Fence, Held},
};
use crate::state_dir::{Alive, StateDir};

/// Who asks for a lease, or renews it, waits so long for an answer.
const ANSWER: Duration = Duration::from_secs(5);
/// A lease is renewed so often while it lasts.
const RENEWALS: u32 = 6;
/// Where a renewal failed, it is tried again after so long.
const AGAIN: Duration = Duration::from_millis(500);

/// The leases of this process in one ledger. While one is held it is renewed, by a thread of its own.
pub struct Leases {
    address: Address,
    /// What this process is called in the ledger.
    owner: String,
    /// The last part of that name, which no other process has.
    mark: String,
    state: StateDir,
    /// Made with the first lease: who ends however it ends is known to have ended to whoever comes next on this host.
    alive: OnceLock<Option<Alive>>,
    connection: Mutex<Option<Connection>>,
    held: Mutex<Vec<Weak<Held>>>,
}

/// The right to send about one agent, until it is dropped or another host has taken it over.
pub struct Lease {
    held: Arc<Held>,
    leases: Arc<Leases>,
}

/// Who has an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseHolder {
    /// The host.
    pub host: String,
    /// The process on it.
    pub process: u32,
    /// Since when.
    pub since: Timestamp,
}

impl std::fmt::Debug for Leases {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Leases").field("owner", &self.owner).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.held.fmt(out)
    }
}

/// A name for this host that people know.
pub fn host_name() -> String {
    let named = std::env::var("HOSTNAME").ok().filter(|name| !name.is_empty());
    let read = || std::fs::read_to_string("/etc/hostname").ok().map(|name| name.trim().to_owned());
    named.or_else(read).filter(|name| !name.is_empty()).unwrap_or_else(|| "?".to_owned())
}

impl Leases {
    /// Those of this process in the ledger at this address, with this state folder.
    pub(super) fn of(address: &Address, state: &StateDir) -> Arc<Self> {
        type Known = Vec<(String, Weak<Leases>)>;
        static ALL: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(_, leases)| leases.strong_count() > 0);
        let key = format!("{address} {}", state.path().display());
        if let Some(leases) =
            all.iter().find(|(known, _)| *known == key).and_then(|(_, leases)| leases.upgrade())
        {
            return leases;
        }
        let mark = format!("{:016x}", fastrand::u64(..));
        let leases = Arc::new(Self {
            address: address.clone(),
            owner: format!("{}/{}/{mark}", host_name(), std::process::id()),
            mark,
            state: state.clone(),
            alive: OnceLock::new(),
            connection: Mutex::default(),
            held: Mutex::default(),
        });
        all.push((key, Arc::downgrade(&leases)));
        let renewed = Arc::downgrade(&leases);
        let every = address.lease() / RENEWALS;
        thread::spawn(move || renew_for_ever(&renewed, every));
        leases
    }

    /// Takes an agent, or anything else that has a name, for this process; none where another process, or another part of this one, has it. A lease that is
    /// over is taken over, once what its owner is writing has been written; so is that of a process of the same state folder
    /// which has ended, as a kill ends it.
    ///
    /// # Errors
    ///
    /// The server cannot be reached or refuses.
    pub fn take(
        self: &Arc<Self>,
        environment: &str,
        what: &str,
        fence: &Fence,
    ) -> Result<Option<Lease>, LedgerError> {
        self.alive.get_or_init(|| self.state.mark_alive(&self.mark).ok());
        let ended = self.ended();
        let asked = Asked::now();
        let taken: Option<(i64, i64)> = self.ask(|connection| {
            let taken = connection.query_row(
                "INSERT INTO leases (environment, agent, owner, host, process, epoch, since, lease_until)
                 VALUES (?1, ?2, ?3, ?4, ?5, 1, clock_timestamp(), clock_timestamp() + make_interval(secs => ?6))
                 ON CONFLICT (environment, agent) DO UPDATE
                 SET owner = excluded.owner, host = excluded.host, process = excluded.process,
                     epoch = leases.epoch + 1, since = clock_timestamp(),
                     lease_until = clock_timestamp() + make_interval(secs => ?6)
                 WHERE leases.lease_until < clock_timestamp()
                    OR substring(leases.owner from '[^/]*$') = ANY (string_to_array(?7, ' '))
                 RETURNING lease, epoch",
                params![
                    environment,
                    what,
                    self.owner,
                    host_name(),
                    std::process::id(),
                    self.address.lease().as_secs_f64(),
                    ended
                ],
                |row| Ok((row.get(0)?, row.get(1)?)),
            );
            match taken {
                // Its owner is writing at this moment.
                Err(error) if error.is_lock_timeout() => Ok(None),
                taken => taken.optional(),
            }
        })?;
        let Some((lease, epoch)) = taken else { return Ok(None) };
        let held = Arc::new(Held::new(lease, epoch, asked, self.address.lease()));
        self.held.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&held));
        fence.add(&held);
        Ok(Some(Lease { held, leases: Arc::clone(self) }))
    }

    /// Who has an agent, or what else has a name; none where nobody has.
    ///
    /// # Errors
    ///
    /// The server cannot be reached or refuses.
    pub fn holder(&self, environment: &str, what: &str) -> Result<Option<LeaseHolder>, LedgerError> {
        let ended = self.ended();
        self.ask(|connection| {
            let holder = connection.query_row(
                "SELECT host, process, CAST(floor(extract(epoch FROM since)) AS BIGINT) FROM leases
                 WHERE environment = ?1 AND agent = ?2 AND lease_until > clock_timestamp()
                   AND substring(owner from '[^/]*$') != ALL (string_to_array(?3, ' '))",
                params![environment, what, ended],
                |row| {
                    Ok(LeaseHolder {
                        host: row.get(0)?,
                        process: row.get(1)?,
                        since: Timestamp::from_second(row.get(2)?).unwrap_or_default(),
                    })
                },
            );
            holder.optional()
        })
    }

    /// The processes of this state folder that have ended, as they are called last in their leases.
    fn ended(&self) -> String {
        self.state.ended_processes().join(" ")
    }

    /// Asks the server, over a new connection where the last one broke.
    fn ask<T>(&self, what: impl Fn(&Connection) -> super::db::Result<T>) -> Result<T, LedgerError> {
        let mut kept = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let is_old = kept.is_some();
        let first = match kept.as_ref() {
            Some(connection) => what(connection).map_err(LedgerError::from),
            None => Err(LedgerError::Unreachable(String::new())),
        };
        let answer = match first {
            Err(LedgerError::Unreachable(_)) => {
                *kept = None;
                let connection = Connection::Postgres(Postgres::connect_for(&self.address, ANSWER)?);
                connection.execute_batch("SET lock_timeout = '3s'; SET client_min_messages = 'error'")?;
                let answer = what(&connection).map_err(LedgerError::from);
                *kept = Some(connection);
                answer
            }
            answer => answer,
        };
        if is_old && matches!(answer, Err(LedgerError::Unreachable(_))) {
            *kept = None;
        }
        answer
    }

    /// Renews what is held. What the server does not know as this process's any more is lost.
    fn renew(&self) -> Result<(), LedgerError> {
        let held: Vec<Arc<Held>> = {
            let mut all = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            all.retain(|held| held.strong_count() > 0);
            all.iter().filter_map(Weak::upgrade).collect()
        };
        if held.is_empty() {
            return Ok(());
        }
        let asked = Asked::now();
        // A transaction that writes about one agent, however long, keeps the others from nothing: its own is renewed the next
        // time, and nobody takes that one over meanwhile.
        let ours: Vec<(i64, i64, bool)> = self.ask(|connection| {
            let mut update = connection.prepare_cached(
                "WITH renewed AS (
                     UPDATE leases SET lease_until = clock_timestamp() + make_interval(secs => ?2)
                     WHERE lease IN (SELECT lease FROM leases WHERE owner = ?1 AND lease_until > clock_timestamp()
                                     ORDER BY lease FOR UPDATE SKIP LOCKED)
                     RETURNING lease)
                 SELECT lease, epoch, lease IN (SELECT lease FROM renewed) FROM leases
                 WHERE owner = ?1 AND lease_until > clock_timestamp()",
            )?;
            let rows = update.query_map(params![self.owner, self.address.lease().as_secs_f64()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
            rows.collect()
        })?;
        for held in held {
            match ours.iter().find(|(lease, epoch, _)| (*lease, *epoch) == (held.lease, held.epoch)) {
                Some((_, _, true)) => held.renewed(asked, self.address.lease()),
                Some((_, _, false)) => {}
                None => held.lost(),
            }
        }
        Ok(())
    }

    fn release(&self, held: &Held) {
        // Where the server cannot be reached, the lease runs out.
        let _ = self.ask(|connection| {
            connection.execute(
                "UPDATE leases SET lease_until = clock_timestamp() WHERE lease = ?1 AND epoch = ?2",
                params![held.lease, held.epoch],
            )
        });
    }
}

/// The first statement of every transaction that writes: no other host has taken over what this one works on. Who takes over
/// waits for a transaction that has asked.
pub(super) fn must_be_ours(connection: &Connection, fence: &Fence) -> Result<(), LedgerError> {
    let held = fence.held();
    if held.is_empty() {
        return Ok(());
    }
    let which = held.iter().map(|held| format!("(lease = {} AND epoch = {})", held.lease, held.epoch));
    let which = which.collect::<Vec<_>>().join(" OR ");
    let mut select = connection
        .prepare_cached(&format!("SELECT lease FROM leases WHERE {which} ORDER BY lease FOR SHARE"))?;
    let ours = select.query_map([], |row| row.get::<i64>(0))?.count();
    if ours == held.len() { Ok(()) } else { Err(LedgerError::TakenOver) }
}

fn renew_for_ever(leases: &Weak<Leases>, every: Duration) {
    let mut next = Instant::now() + every;
    loop {
        thread::sleep(next.saturating_duration_since(Instant::now()).min(Duration::from_millis(200)));
        let Some(leases) = leases.upgrade() else { return };
        if Instant::now() < next {
            continue;
        }
        next = Instant::now() + if leases.renew().is_ok() { every } else { AGAIN.min(every) };
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.held.is_over() {
            self.leases.release(&self.held);
        }
    }
}
