//! What a fleet keeps in a ledger on a server beside its runs, for all its hosts: rows with a name and a value.

use super::{Ledger, LedgerError, db::params};

/// A row that a fleet keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptRow {
    /// What it is called among its kind.
    pub name: String,
    /// What is kept.
    pub value: String,
    /// How long ago it was written, in seconds of the server's clock.
    pub age_seconds: f64,
}

impl Ledger {
    /// The rows of one kind of a fleet's, by their names.
    ///
    /// # Errors
    ///
    /// The server cannot be reached or refuses.
    pub fn kept(&self, fleet: &str, kind: &str) -> Result<Vec<KeptRow>, LedgerError> {
        let mut select = self.connection.prepare_cached(
            "SELECT name, value, CAST(extract(epoch FROM clock_timestamp() - at) AS DOUBLE PRECISION) FROM kept
             WHERE fleet = ?1 AND kind = ?2 ORDER BY name",
        )?;
        let rows = select.query_map([fleet, kind], |row| {
            Ok(KeptRow { name: row.get(0)?, value: row.get(1)?, age_seconds: row.get(2)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps a row, or with no value forgets it.
    ///
    /// # Errors
    ///
    /// The server cannot be reached or refuses.
    pub fn keep(&self, fleet: &str, kind: &str, name: &str, value: Option<&str>) -> Result<(), LedgerError> {
        match value {
            Some(value) => self.connection.execute(
                "INSERT INTO kept (fleet, kind, name, value, at) VALUES (?1, ?2, ?3, ?4, clock_timestamp())
                 ON CONFLICT (fleet, kind, name) DO UPDATE SET value = excluded.value, at = excluded.at",
                params![fleet, kind, name, value],
            )?,
            None => self.connection.execute(
                "DELETE FROM kept WHERE fleet = ?1 AND kind = ?2 AND name = ?3",
                params![fleet, kind, name],
            )?,
        };
        Ok(())
    }

    /// Keeps a row that is not there yet. Answers whether it was this one that kept it.
    ///
    /// # Errors
    ///
    /// The server cannot be reached or refuses.
    pub fn keep_first(&self, fleet: &str, kind: &str, name: &str) -> Result<bool, LedgerError> {
        let kept = self.connection.execute(
            "INSERT INTO kept (fleet, kind, name, value, at) VALUES (?1, ?2, ?3, '', clock_timestamp())
             ON CONFLICT DO NOTHING",
            params![fleet, kind, name],
        )?;
        Ok(kept > 0)
    }

    /// What can be said of the server before much depends on it: the slower half of some round trips, and what of its
    /// settings can lose what it has confirmed.
    ///
    /// # Errors
    ///
    /// The server cannot be reached or refuses.
    pub fn server_condition(&self) -> Result<ServerCondition, LedgerError> {
        let mut trips: Vec<std::time::Duration> = Vec::new();
        for _ in 0..15 {
            let begin = std::time::Instant::now();
            let mut select = self.connection.prepare_cached("SELECT 1")?;
            let _: i64 = select.query_row([], |row| row.get(0))?;
            trips.push(begin.elapsed());
        }
        trips.sort();
        let setting = |name: &str| -> Result<String, LedgerError> {
            Ok(self.connection.query_row("SELECT current_setting(?1)", [name], |row| row.get(0))?)
        };
        Ok(ServerCondition {
            round_trip: trips[trips.len() * 3 / 4],
            is_standby: self.connection.query_row("SELECT pg_is_in_recovery()", [], |row| row.get(0))?,
            synchronous_commit: setting("synchronous_commit")?,
            fsync: setting("fsync")?,
            synchronous_standbys: setting("synchronous_standby_names")?,
        })
    }
}

/// How far a server can be relied on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerCondition {
    /// Three in four round trips are no longer.
    pub round_trip: std::time::Duration,
    /// It only follows another.
    pub is_standby: bool,
    /// Its setting of that name.
    pub synchronous_commit: String,
    /// Its setting of that name.
    pub fsync: String,
    /// Which other servers have what it confirms; empty where none has.
    pub synchronous_standbys: String,
}
