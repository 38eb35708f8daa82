//! The pace that the hosts of one client of Altinn's share, in a ledger on a server: a row of slots on the server's clock, and
//! until when Altinn has asked everybody to wait.

use std::time::{Duration, Instant};

use super::{
    LedgerError,
    db::{Address, Connection, Postgres, params},
};

/// So long an answer is waited for: nothing is sent meanwhile.
const ANSWER: Duration = Duration::from_secs(5);
/// No slot is given that is further ahead.
const AHEAD: Duration = Duration::from_millis(250);

/// The slots of one client of Altinn's in one environment.
pub struct Permits {
    address: Address,
    key: String,
    connection: Option<Connection>,
}

/// What a question for slots was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permitted {
    /// Before the question, on this process's own clock.
    pub asked: Instant,
    /// After the answer.
    pub answered: Instant,
    /// From the server's now to the first slot, or to when it is worth asking again where there is none.
    pub first: Duration,
    /// How many slots, one after the other.
    pub slots: u32,
    /// From the server's now, how long Altinn has asked everybody to wait; zero where it has not.
    pub told: Duration,
}

impl Permits {
    /// Those of a client in an environment. Nothing is asked yet.
    pub fn new(address: &Address, environment: &str, client: &str) -> Self {
        Self { address: address.clone(), key: format!("{environment} {client}"), connection: None }
    }

    /// Asks for up to `want` slots that are `period` apart, for no other process than this one; with no period only whether
    /// Altinn has asked to wait.
    ///
    /// # Errors
    ///
    /// The server cannot be reached or refuses.
    pub fn ask(&mut self, period: Option<Duration>, want: u32) -> Result<Permitted, LedgerError> {
        let key = self.key.clone();
        let micros = |duration: Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        self.with(|connection| {
            let asked = Instant::now();
            let mut ask = connection
                .prepare_cached("SELECT first_us, slots, told_us FROM fullmakt_permits(?1, ?2, ?3, ?4)")?;
            let values = params![key, period.map(micros), want, micros(AHEAD)];
            let length = |micros: i64| Duration::from_micros(micros.max(0).unsigned_abs());
            ask.query_row(values, |row| {
                Ok(Permitted {
                    asked,
                    answered: Instant::now(),
                    first: length(row.get(0)?),
                    slots: row.get(1)?,
                    told: length(row.get(2)?),
                })
            })
        })
    }

    /// Has everybody wait for so long from now; an earlier, longer wait stands.
    ///
    /// # Errors
    ///
    /// The server cannot be reached or refuses.
    pub fn hold(&mut self, wait: Duration) -> Result<(), LedgerError> {
        let key = self.key.clone();
        self.with(|connection| {
            connection.execute(
                "INSERT INTO holds (key, not_before) VALUES (?1, clock_timestamp() + make_interval(secs => ?2))
                 ON CONFLICT (key) DO UPDATE SET not_before = greatest(holds.not_before, excluded.not_before)",
                params![key, wait.as_secs_f64()],
            )
        })?;
        Ok(())
    }

    fn with<T>(&mut self, what: impl FnOnce(&Connection) -> super::db::Result<T>) -> Result<T, LedgerError> {
        let connection = if let Some(connection) = self.connection.take() {
            connection
        } else {
            let connection = Connection::Postgres(Postgres::connect_for(&self.address, ANSWER)?);
            // A slot that is lost in a crash is a slot that nobody uses.
            connection.execute_batch("SET synchronous_commit = off; SET client_min_messages = 'error'")?;
            connection
        };
        let answer = what(&connection)?;
        self.connection = Some(connection);
        Ok(answer)
    }
}
