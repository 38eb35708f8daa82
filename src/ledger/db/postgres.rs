//! `PostgreSQL` behind the door. The ledger waits for each answer, on whatever thread it is called, so what talks to the
//! server runs on a thread of its own. What nobody needs the answer of is sent together with what comes after it: a client's
//! outcome costs no round trip of its own.

use std::{
    collections::HashMap,
    fmt,
    future::Future,
    io,
    path::{Path, PathBuf},
    pin::Pin,
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc,
    },
    task::Poll,
    time::Duration,
};

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use tokio_postgres::{
    Client, Config, Statement,
    config::{Host, SslMode},
    types::{FromSql, IsNull, ToSql, Type, private::BytesMut, to_sql_checked},
};

use super::{Error, Result, ToSql as StoredToSql};
use crate::words::{say, text};

mod tls;

/// How long a connection is waited for.
const CONNECT: Duration = Duration::from_secs(10);
/// Who has not acknowledged what was sent for so long is gone.
const USER_TIMEOUT: Duration = Duration::from_secs(10);
/// An answer that has not come after so long does not come: a network that swallows everything looks like that.
const ANSWER: Duration = Duration::from_mins(1);
/// So many statements that nobody waits for are sent at once.
const TOGETHER: usize = 128;

/// Where a ledger is, when it is no file: a server, a database, a user. No password: that is in the password file.
#[derive(Clone)]
pub struct Address {
    text: String,
    config: Config,
    encryption: Encryption,
    lease: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Encryption {
    None,
    /// By the authorities in this file, or those that this machine believes.
    By(Option<PathBuf>),
}

/// What is wrong with an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It cannot be read as one.
    #[error("{}", say!("ledger-address-unreadable", error = .0))]
    Unreadable(String),
    /// It holds a password, which whoever lists this machine's processes would see.
    #[error("{}", text!("ledger-address-has-password"))]
    HasPassword,
    /// A `sslmode` that is not known.
    #[error("{}", say!("ledger-address-sslmode", mode = format!("{:?}", .0)))]
    SslMode(String),
    /// A `sslmode` that would send what is kept of clients to another machine as it is.
    #[error("{}", text!("ledger-address-unencrypted"))]
    Unencrypted,
    /// A length of leases that is none, or too short or long.
    #[error("{}", say!("ledger-address-lease", lease = format!("{:?}", .0)))]
    Lease(String),
}

/// How long a lease is where the address does not say.
const LEASE: Duration = Duration::from_secs(30);
/// Leases that are of use: shorter ones are over before they can be renewed, longer ones leave a dead host's work lying.
const LEASES: std::ops::RangeInclusive<Duration> = Duration::from_secs(3)..=Duration::from_mins(10);

impl Address {
    /// Reads `postgres://user@host:port/database?sslmode=verify-full&sslrootcert=FILE`. `sslmode` is `verify-full`, or,
    /// within this machine, `disable`; without it, what goes to another machine is encrypted, and what stays on this one is not.
    ///
    /// `lease=30s` says how long a process that is not heard of keeps its agents, 3 s to 10 min.
    ///
    /// # Errors
    ///
    /// Anything else, and a password.
    pub fn parse(text: &str) -> std::result::Result<Self, AddressError> {
        let unreadable = |error: &dyn fmt::Display| AddressError::Unreadable(error.to_string());
        let mut url = url::Url::parse(text).map_err(|error| unreadable(&error))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(AddressError::Unreadable(format!("{}://", url.scheme())));
        }
        if url.password().is_some() {
            return Err(AddressError::HasPassword);
        }
        let (mut mode, mut root, mut lease, mut others) = (None, None, LEASE, Vec::new());
        for (name, value) in url.query_pairs() {
            match &*name {
                "sslmode" => mode = Some(value.into_owned()),
                "sslrootcert" => root = Some(PathBuf::from(&*value)),
                "lease" => {
                    let length =
                        crate::model::duration("lease", &value).ok().filter(|length| LEASES.contains(length));
                    lease = length.ok_or_else(|| AddressError::Lease(value.into_owned()))?;
                }
                "password" => return Err(AddressError::HasPassword),
                _ => others.push((name.into_owned(), value.into_owned())),
            }
        }
        url.set_query(None);
        if !others.is_empty() {
            url.query_pairs_mut().extend_pairs(&others);
        }
        let mut config: Config = url.as_str().parse().map_err(|error| unreadable(&error))?;
        let stays = config.get_hosts().iter().all(is_this_machine)
            && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback);
        let encryption = match mode.as_deref() {
            Some("disable") if stays => Encryption::None,
            Some("disable") => return Err(AddressError::Unencrypted),
            // Weaker modes encrypt for whoever answers; the strongest is all that there is here.
            Some("verify-full" | "verify-ca" | "require") => Encryption::By(root),
            None if stays => Encryption::None,
            None => Encryption::By(root),
            Some(other) => return Err(AddressError::SslMode(other.to_owned())),
        };
        config
            .application_name("fullmakt")
            .connect_timeout(CONNECT)
            .tcp_user_timeout(USER_TIMEOUT)
            .keepalives_idle(Duration::from_secs(5))
            .keepalives_interval(Duration::from_secs(2))
            .keepalives_retries(3)
            .ssl_mode(if encryption == Encryption::None { SslMode::Disable } else { SslMode::Require });
        Ok(Self { text: text.to_owned(), config, encryption, lease })
    }

    /// How long a lease is.
    pub(in crate::ledger) fn lease(&self) -> Duration {
        self.lease
    }

    /// The configuration with the password that the password file has for it.
    fn with_password(&self) -> Config {
        let mut config = self.config.clone();
        let Some(file) = password_file() else { return config };
        let Ok(lines) = std::fs::read_to_string(file) else { return config };
        let host = match config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            _ => "localhost".to_owned(),
        };
        let port = config.get_ports().first().copied().unwrap_or(5432).to_string();
        let user = config.get_user().unwrap_or_default().to_owned();
        let database = config.get_dbname().unwrap_or(&user).to_owned();
        if let Some(password) = password_in(&lines, [&host, &port, &database, &user]) {
            config.password(password);
        }
        config
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.text)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.text)
    }
}

fn is_this_machine(host: &Host) -> bool {
    match host {
        Host::Tcp(host) => {
            host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// The file in which libpq, too, looks for passwords.
fn password_file() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("PGPASSFILE") {
        return Some(PathBuf::from(named));
    }
    let home = std::env::var_os("HOME").map(PathBuf::from)?;
    Some(home.join(".pgpass"))
}

/// The password in the first line of `host:port:database:user:password` that fits; a star fits all, a backslash makes the
/// next character an ordinary one.
fn password_in(lines: &str, sought: [&str; 4]) -> Option<String> {
    lines.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut fields = vec![String::new()];
        let mut characters = line.chars();
        while let Some(character) = characters.next() {
            match character {
                '\\' => fields.last_mut()?.extend(characters.next()),
                ':' if fields.len() < 5 => fields.push(String::new()),
                other => fields.last_mut()?.push(other),
            }
        }
        let fits = fields.len() == 5
            && fields.iter().zip(sought).all(|(field, sought)| field == "*" || field == sought);
        fits.then(|| fields.swap_remove(4))
    })
}

/// What can go wrong between here and the server.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The server says so, or the connection broke.
    Server(tokio_postgres::Error),
    /// Nothing came for so long.
    Silent(Duration),
    /// The server wants a password, and none is kept.
    NoPassword,
    /// What it is to be encrypted with cannot be had.
    Encryption(String),
    /// A statement that nobody waited for changed another number of rows than it must.
    Changed {
        /// How many it must.
        expected: u64,
        /// How many it did.
        changed: u64,
    },
}

impl Trouble {
    /// Whether the server was not reached, or is not ready: it may be the next time.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Silent(_) => true,
            Self::NoPassword | Self::Encryption(_) | Self::Changed { .. } => false,
            Self::Server(error) => {
                let is_network =
                    std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<io::Error>);
                let code = error.code().map_or("", tokio_postgres::error::SqlState::code);
                // No connection, out of something, and a server that is going down, is coming up or was told to stop this.
                let is_passing = ["08", "53", "57"].iter().any(|class| code.starts_with(class));
                // It ended a session that had been silent for too long in a transaction, as one of a host that was cut off
                // or stood still.
                let is_ended = matches!(code, "25P03" | "25P04");
                // Aborted because of what others did at the same time: the next time it will do.
                let is_conflict = matches!(code, "40001" | "40P01" | "55P03");
                error.is_closed() || is_network || is_passing || is_ended || is_conflict
            }
        }
    }
}

impl Trouble {
    /// Whether the user, the password, the database or what the user may do there is not right.
    pub(crate) fn is_about_rights(&self) -> bool {
        match self {
            Self::NoPassword => true,
            Self::Server(error) => error.code().is_some_and(|code| {
                let code = code.code();
                code.starts_with("28") || matches!(code, "3D000" | "3F000" | "42501")
            }),
            Self::Silent(_) | Self::Encryption(_) | Self::Changed { .. } => false,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(error) => match error.as_db_error() {
                Some(said) => write!(out, "{}", said.message()),
                None => match std::error::Error::source(error) {
                    Some(source) => write!(out, "{error}: {source}"),
                    None => write!(out, "{error}"),
                },
            },
            Self::Silent(waited) => write!(out, "{}", say!("ledger-no-answer", seconds = waited.as_secs())),
            Self::NoPassword => write!(out, "{}", text!("ledger-password-missing")),
            Self::Encryption(why) => write!(out, "{why}"),
            Self::Changed { expected, changed } => {
                write!(out, "{}", say!("ledger-rows-instead", changed = *changed, expected = *expected))
            }
        }
    }
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Server(error)
    }
}

/// The one thread that talks to servers.
static TALKS: LazyLock<io::Result<tokio::runtime::Runtime>> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("postgres")
        .enable_io()
        .enable_time()
        .build()
});

/// Has this done over there, and waits for it. Everything else on this thread waits, too, as for a disk.
fn wait<T: Send + 'static>(
    longest: Duration,
    what: impl Future<Output = std::result::Result<T, Trouble>> + Send + 'static,
) -> std::result::Result<T, Trouble> {
    let talks = match &*TALKS {
        Ok(talks) => talks,
        Err(error) => return Err(Trouble::Encryption(error.to_string())),
    };
    let (done, answer) = mpsc::sync_channel(1);
    talks.spawn(async move {
        let _ = done.send(what.await);
    });
    answer.recv_timeout(longest).unwrap_or(Err(Trouble::Silent(longest)))
}

/// A connection to a server.
pub(crate) struct Postgres {
    client: Arc<Client>,
    made: Mutex<HashMap<String, Statement>>,
    /// What is to be sent with the next statement.
    later: Mutex<Vec<Later>>,
    is_in_transaction: AtomicBool,
    longest: Duration,
}

/// A statement that nobody waits for.
struct Later {
    statement: Statement,
    values: Vec<Given>,
    expected: Option<u64>,
}

impl fmt::Debug for Postgres {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Postgres").finish_non_exhaustive()
    }
}

impl Postgres {
    /// Connects.
    pub(crate) fn connect(address: &Address) -> std::result::Result<Self, Trouble> {
        Self::connect_for(address, ANSWER)
    }

    /// Connects for somebody who waits no longer than this for any answer.
    pub(crate) fn connect_for(address: &Address, longest: Duration) -> std::result::Result<Self, Trouble> {
        let config = address.with_password();
        let has_password = config.get_password().is_some();
        let encryption = match &address.encryption {
            Encryption::None => None,
            Encryption::By(root) => Some(tls::Tls::new(root.as_deref()).map_err(Trouble::Encryption)?),
        };
        let connected = wait(CONNECT.min(longest) + Duration::from_secs(1), async move {
            // The connection lives as long as its client, and says what it ends on to whoever asks next.
            Ok(match encryption {
                None => {
                    let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
                    tokio::spawn(connection);
                    client
                }
                Some(encryption) => {
                    let (client, connection) = config.connect(encryption).await?;
                    tokio::spawn(connection);
                    client
                }
            })
        });
        let client = connected.map_err(|trouble| match &trouble {
            Trouble::Server(error) => match tls::refusal(error, &address.encryption) {
                Some(why) => Trouble::Encryption(why),
                None if !has_password && is_about_configuration(error) => Trouble::NoPassword,
                None => trouble,
            },
            _ => trouble,
        })?;
        Ok(Self {
            client: Arc::new(client),
            made: Mutex::default(),
            later: Mutex::default(),
            is_in_transaction: AtomicBool::new(false),
            longest,
        })
    }

    pub(super) fn is_in_transaction(&self) -> bool {
        self.is_in_transaction.load(Relaxed)
    }

    pub(super) fn batch(&self, sql: &str) -> Result<()> {
        self.send_later()?;
        let (client, sql) = (Arc::clone(&self.client), translated(sql));
        let first = sql.split_whitespace().next().unwrap_or_default().to_owned();
        let done = wait(self.longest, async move { Ok(client.batch_execute(&sql).await?) });
        match first.as_str() {
            "BEGIN" => self.is_in_transaction.store(done.is_ok(), Relaxed),
            "COMMIT" | "ROLLBACK" | "COMMIT;" => self.is_in_transaction.store(false, Relaxed),
            _ => {}
        }
        Ok(done?)
    }

    /// Forgets what was left for later.
    pub(super) fn forget_later(&self) {
        self.later.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn statement(&self, sql: &str) -> Result<Statement> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(statement) = made.get(sql) {
            return Ok(statement.clone());
        }
        let (client, text) = (Arc::clone(&self.client), translated(sql));
        let statement = wait(self.longest, async move { Ok(client.prepare(&text).await?) })?;
        made.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(super) fn execute(&self, sql: &str, values: &[&dyn StoredToSql]) -> Result<usize> {
        self.send_later()?;
        let (statement, values) = (self.statement(sql)?, given(values)?);
        let client = Arc::clone(&self.client);
        let changed = wait(self.longest, async move { Ok(client.execute_raw(&statement, values).await?) })?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    /// Does it with what comes next; an error, and how many rows it changed where that must be so many, comes then.
    pub(super) fn execute_later(
        &self,
        sql: &str,
        values: &[&dyn StoredToSql],
        expected: Option<u64>,
    ) -> Result<()> {
        let later = Later { statement: self.statement(sql)?, values: given(values)?, expected };
        let mut all = self.later.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(later);
        let is_enough = all.len() >= TOGETHER;
        drop(all);
        if is_enough { self.send_later() } else { Ok(()) }
    }

    fn send_later(&self) -> Result<()> {
        let all = std::mem::take(&mut *self.later.lock().unwrap_or_else(PoisonError::into_inner));
        if all.is_empty() {
            return Ok(());
        }
        let client = Arc::clone(&self.client);
        Ok(wait(self.longest, async move { together(&client, all).await })?)
    }

    pub(super) fn query(&self, sql: &str, values: &[&dyn StoredToSql]) -> Result<Vec<tokio_postgres::Row>> {
        self.send_later()?;
        let (statement, values) = (self.statement(sql)?, given(values)?);
        let client = Arc::clone(&self.client);
        Ok(wait(self.longest, async move {
            let values: Vec<&(dyn ToSql + Sync)> =
                values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
            Ok(client.query(&statement, &values).await?)
        })?)
    }
}

/// Whether what was configured does not do. Of what an [`Address`] makes only a password can be missing.
fn is_about_configuration(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_none() && error.to_string().starts_with("invalid configuration")
}

type Doing<'d> = Pin<Box<dyn Future<Output = std::result::Result<u64, tokio_postgres::Error>> + Send + 'd>>;

/// Sends these one after the other without waiting, and then waits for all.
async fn together(client: &Client, all: Vec<Later>) -> std::result::Result<(), Trouble> {
    let mut doing: Vec<(Option<Doing<'_>>, Option<u64>)> = all
        .into_iter()
        .map(|later| {
            let doing: Doing<'_> =
                Box::pin(async move { client.execute_raw(&later.statement, later.values).await });
            (Some(doing), later.expected)
        })
        .collect();
    let mut trouble = None;
    std::future::poll_fn(|context| {
        let mut is_over = true;
        for (slot, expected) in &mut doing {
            let Some(future) = slot else { continue };
            match future.as_mut().poll(context) {
                Poll::Pending => is_over = false,
                Poll::Ready(done) => {
                    *slot = None;
                    let wrong = match (done, *expected) {
                        (Ok(changed), Some(expected)) if changed != expected => {
                            Some(Trouble::Changed { expected, changed })
                        }
                        (Ok(_), _) => None,
                        (Err(error), _) => Some(Trouble::Server(error)),
                    };
                    // The first one is the cause of those after it.
                    trouble = trouble.take().or(wrong);
                }
            }
        }
        if is_over { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    trouble.map_or(Ok(()), Err)
}

/// A value on its way out.
#[derive(Debug)]
struct Given(Value);

fn given(values: &[&dyn StoredToSql]) -> Result<Vec<Given>> {
    let one = |value: &&dyn StoredToSql| -> Result<Given> {
        Ok(Given(match value.to_sql()? {
            ToSqlOutput::Borrowed(value) => match value {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => Value::Integer(number),
                ValueRef::Real(number) => Value::Real(number),
                ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
                ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
            },
            ToSqlOutput::Owned(value) => value,
            _ => Value::Null,
        }))
    };
    values.iter().map(one).collect()
}

type Refusal = Box<dyn std::error::Error + Sync + Send>;

impl ToSql for Given {
    fn to_sql(&self, wanted: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, Refusal> {
        match (&self.0, wanted) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Integer(number), wanted) => match *wanted {
                Type::INT8 => ToSql::to_sql(number, wanted, out),
                Type::INT4 => ToSql::to_sql(&i32::try_from(*number)?, wanted, out),
                Type::INT2 => ToSql::to_sql(&i16::try_from(*number)?, wanted, out),
                Type::BOOL => ToSql::to_sql(&(*number != 0), wanted, out),
                Type::FLOAT8 => ToSql::to_sql(&(*number as f64), wanted, out),
                _ => ToSql::to_sql(&number.to_string(), &Type::TEXT, out),
            },
            (Value::Real(number), _) => ToSql::to_sql(number, wanted, out),
            (Value::Text(text), _) => ToSql::to_sql(text, &Type::TEXT, out),
            (Value::Blob(bytes), _) => ToSql::to_sql(&bytes.as_slice(), wanted, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A value on its way in, as it came.
struct Came<'r>(Option<&'r [u8]>);

impl<'r> FromSql<'r> for Came<'r> {
    fn from_sql(_: &Type, bytes: &'r [u8]) -> std::result::Result<Self, Refusal> {
        Ok(Self(Some(bytes)))
    }

    fn from_sql_null(_: &Type) -> std::result::Result<Self, Refusal> {
        Ok(Self(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// The value in a column of a row.
pub(super) fn value_of(row: &tokio_postgres::Row, column: usize) -> Result<ValueRef<'_>> {
    let missing = || Error::Sqlite(rusqlite::Error::InvalidColumnIndex(column));
    let kind = row.columns().get(column).ok_or_else(missing)?.type_();
    let came: Came<'_> = row.try_get(column).map_err(Trouble::Server)?;
    let Some(bytes) = came.0 else { return Ok(ValueRef::Null) };
    let unreadable = |error: Refusal| Error::unreadable(column, error.to_string());
    Ok(match *kind {
        Type::INT8 => ValueRef::Integer(i64::from_sql(kind, bytes).map_err(unreadable)?),
        Type::INT4 => ValueRef::Integer(i32::from_sql(kind, bytes).map_err(unreadable)?.into()),
        Type::INT2 => ValueRef::Integer(i16::from_sql(kind, bytes).map_err(unreadable)?.into()),
        Type::BOOL => ValueRef::Integer(bool::from_sql(kind, bytes).map_err(unreadable)?.into()),
        Type::FLOAT8 => ValueRef::Real(f64::from_sql(kind, bytes).map_err(unreadable)?),
        Type::BYTEA => ValueRef::Blob(bytes),
        Type::TEXT | Type::VARCHAR | Type::NAME | Type::UNKNOWN => ValueRef::Text(bytes),
        ref other => {
            return Err(Error::unreadable(
                column,
                say!("ledger-value-of-type", kind = other.name()).to_string(),
            ));
        }
    })
}

/// A statement as this server has it: places of values, the schema of temporary tables, and what only `SQLite` knows.
fn translated(sql: &str) -> String {
    let sql = sql.replace("instr(", "strpos(").replace("json_array(", "json_build_array(");
    let sql = temporary_indexes(&sql);
    let mut out = String::with_capacity(sql.len() + 16);
    let mut rest = sql.as_str();
    let mut before = ' ';
    while let Some(character) = rest.chars().next() {
        let is_begin = !before.is_alphanumeric() && before != '_' && before != '.';
        let (put, taken) = match character {
            '?' => ("$", 1),
            't' if is_begin && rest.starts_with("temp.") => ("pg_temp.", 5),
            'm' if is_begin && rest.starts_with("main.") => ("", 5),
            'I' if is_begin && rest.starts_with("INDEXED BY ") => {
                let name = rest[11..].find(|one: char| !one.is_alphanumeric() && one != '_');
                ("", 11 + name.unwrap_or(rest.len() - 11))
            }
            _ => {
                out.push(character);
                before = character;
                rest = &rest[character.len_utf8()..];
                continue;
            }
        };
        out.push_str(put);
        before = rest[..taken].chars().next_back().unwrap_or(' ');
        rest = &rest[taken..];
    }
    out
}

/// An index is in the schema of its table: there the table's name says it, in `SQLite` the index's.
fn temporary_indexes(sql: &str) -> String {
    const MAKES: &str = "INDEX IF NOT EXISTS temp.";
    let mut parts = sql.split(MAKES);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("INDEX IF NOT EXISTS ");
        out.push_str(&part.replacen(" ON ", " ON temp.", 1));
    }
    out
}

/// Reads a file of certificates; an error is in words, with its path.
fn read_certificates(path: &Path) -> std::result::Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_says_the_same_on_both() {
        assert_eq!(
            translated("SELECT a FROM temp.t INDEXED BY t_n WHERE b = ?1 AND main.c.d = ?12 AND x.temp.y"),
            "SELECT a FROM pg_temp.t  WHERE b = $1 AND c.d = $12 AND x.temp.y"
        );
        assert_eq!(
            translated(
                "CREATE UNIQUE INDEX IF NOT EXISTS temp.a_id ON a (b); DROP INDEX IF EXISTS temp.a_id"
            ),
            "CREATE UNIQUE INDEX IF NOT EXISTS a_id ON pg_temp.a (b); DROP INDEX IF EXISTS pg_temp.a_id"
        );
    }

    #[test]
    fn an_address_has_no_password_and_what_leaves_the_machine_is_encrypted() {
        let encryption = |text: &str| Address::parse(text).map(|address| address.encryption);
        let machine = Encryption::By(None);
        assert_eq!(encryption("postgres://f@db.example/ledger"), Ok(machine.clone()));
        assert_eq!(encryption("postgres://f@db.example/ledger?sslmode=verify-full"), Ok(machine));
        assert_eq!(encryption("postgres://f@127.0.0.1:5433/ledger"), Ok(Encryption::None));
        assert_eq!(encryption("postgres://f@localhost/l?sslmode=disable"), Ok(Encryption::None));
        for elsewhere in ["db/l?sslmode=disable", "localhost/l?hostaddr=10.0.0.5&sslmode=disable"] {
            let address = format!("postgres://f@{elsewhere}");
            assert_eq!(encryption(&address), Err(AddressError::Unencrypted));
        }
        assert_eq!(encryption("postgres://f@localhost/l?hostaddr=10.0.0.5"), Ok(Encryption::By(None)));
        assert_eq!(encryption("postgres://f@localhost/l?hostaddr=127.0.0.1"), Ok(Encryption::None));
        let own = Encryption::By(Some(PathBuf::from("/ca.pem")));
        assert_eq!(encryption("postgres://f@127.0.0.1/l?sslmode=require&sslrootcert=/ca.pem"), Ok(own));
        assert_eq!(encryption("postgres://f:hush@db/l"), Err(AddressError::HasPassword));
        assert_eq!(encryption("postgres://f@db/l?password=hush"), Err(AddressError::HasPassword));
        assert!(matches!(encryption("postgres://db/l?sslmode=perhaps"), Err(AddressError::SslMode(_))));
        assert!(matches!(encryption("mysql://db/l"), Err(AddressError::Unreadable(_))));
    }

    #[test]
    fn a_password_is_the_one_in_the_first_line_that_fits() {
        let lines = "# comment\nother:5432:ledger:f:no\ndb:*:ledger:f:one\\:two\n*:*:*:*:last\n";
        let found = |host| password_in(lines, [host, "5432", "ledger", "f"]);
        assert_eq!(found("db").as_deref(), Some("one:two"));
        assert_eq!(found("elsewhere").as_deref(), Some("last"));
        assert_eq!(password_in("a:b", ["a", "b", "c", "d"]), None);
    }
}
