//! The one narrow door to the database that the ledger is in: execute, query, transaction. What is written with it is the
//! same text whatever the database is; the values that go in and come out are those that [`ToSql`] and [`FromSql`] make.

#[cfg(feature = "postgres")]
mod postgres;

use std::{io, ops::Deref, path::Path, time::Duration};

#[cfg(feature = "postgres")]
use rusqlite::types::FromSqlError;
use rusqlite::{
    ErrorCode,
    backup::{Backup, StepResult},
    ffi,
    types::{FromSql, Type},
};
pub(super) use rusqlite::{ToSql, params};

#[cfg(feature = "postgres")]
pub use postgres::{Address, AddressError};
#[cfg(feature = "postgres")]
pub(super) use postgres::{Postgres, Trouble};

/// What the database, or a value in it, has against a statement.
#[derive(Debug)]
pub(super) enum Error {
    /// `SQLite`; of any database a value that is not what was asked for, and a row that is not there.
    Sqlite(rusqlite::Error),
    /// `PostgreSQL`, or the way to it.
    #[cfg(feature = "postgres")]
    Postgres(Trouble),
}

pub(super) type Result<T> = std::result::Result<T, Error>;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

#[cfg(feature = "postgres")]
impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        Self::Postgres(trouble)
    }
}

/// Why a copy was not made.
pub(super) enum NotCopied {
    /// What is copied cannot be read.
    Source(rusqlite::Error),
    /// The copy cannot be written.
    Copy(io::Error),
}

impl From<rusqlite::Error> for NotCopied {
    fn from(error: rusqlite::Error) -> Self {
        const READING: [i32; 2] = [ffi::SQLITE_IOERR_READ, ffi::SQLITE_IOERR_SHORT_READ];
        match error.sqlite_error() {
            Some(fault) if fault.code == ErrorCode::DiskFull => Self::Copy(io::ErrorKind::StorageFull.into()),
            Some(fault)
                if fault.code == ErrorCode::SystemIoFailure && !READING.contains(&fault.extended_code)
                    || matches!(fault.code, ErrorCode::CannotOpen | ErrorCode::ReadOnly) =>
            {
                Self::Copy(io::Error::other(error))
            }
            _ => Self::Source(error),
        }
    }
}

impl Error {
    /// Whether a value would stand where it must not, as twice where it may stand once.
    pub(super) fn is_constraint(&self) -> bool {
        match self {
            Self::Sqlite(error) => error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation),
            #[cfg(feature = "postgres")]
            Self::Postgres(Trouble::Server(error)) => {
                error.code().is_some_and(|code| code.code().starts_with("23"))
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => false,
        }
    }

    /// Whether somebody else held a row for too long.
    #[cfg(feature = "postgres")]
    pub(super) fn is_lock_timeout(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(Trouble::Server(error)) => error.code().is_some_and(|code| code.code() == "55P03"),
            Self::Postgres(_) => false,
        }
    }

    /// What stands in a column means nothing; `why` says it.
    pub(super) fn unreadable(column: usize, why: String) -> Self {
        Self::Sqlite(rusqlite::Error::FromSqlConversionFailure(column, Type::Text, why.into()))
    }
}

/// Values for the `?1`, `?2`… of a statement.
pub(super) trait Params {
    fn with<T>(self, then: impl FnOnce(&[&dyn ToSql]) -> T) -> T;
}

impl Params for &[&dyn ToSql] {
    #[inline]
    fn with<T>(self, then: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
        then(self)
    }
}

impl Params for [&dyn ToSql; 0] {
    #[inline]
    fn with<T>(self, then: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
        then(&self)
    }
}

impl<V: ToSql> Params for [V; 1] {
    #[inline]
    fn with<T>(self, then: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
        then(&[&self[0]])
    }
}

impl<V: ToSql> Params for [V; 2] {
    #[inline]
    fn with<T>(self, then: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
        then(&[&self[0], &self[1]])
    }
}

/// A connection.
#[derive(Debug)]
pub(super) enum Connection {
    Sqlite(rusqlite::Connection),
    #[cfg(feature = "postgres")]
    Postgres(Postgres),
}

impl Connection {
    fn is_in_transaction(&self) -> bool {
        match self {
            Self::Sqlite(connection) => !connection.is_autocommit(),
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => connection.is_in_transaction(),
        }
    }

    /// Writes what is in the log beside the file into the file itself.
    pub(super) fn checkpoint(&self) -> Result<()> {
        match self {
            Self::Sqlite(_) => self.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Has a temporary table's size and values noted, so that it is read by its indexes where that is faster; `SQLite` knows
    /// without.
    pub(super) fn analyze(&self, table: &str) -> Result<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => connection.batch(&format!("ANALYZE temp.{table}")),
        }
    }

    /// Gives memory back that is of no use any more.
    pub(super) fn shrink(&self) -> Result<()> {
        match self {
            Self::Sqlite(_) => self.execute_batch("PRAGMA shrink_memory"),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Gives room back to the disk; `PostgreSQL` sees to that by itself.
    pub(super) fn vacuum(&self) -> Result<()> {
        match self {
            Self::Sqlite(_) => self.execute_batch("VACUUM"),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Copies everything as it is now into a file; not what is on a server.
    pub(super) fn copy_to(&self, file: &Path) -> std::result::Result<(), NotCopied> {
        let connection = match self {
            Self::Sqlite(connection) => connection,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => return Ok(()),
        };
        let mut copy = rusqlite::Connection::open(file)?;
        // Nobody needs half a copy back: no second file is made beside it.
        copy.pragma_update(None, "journal_mode", "off")?;
        let backup = Backup::new(connection, &mut copy)?;
        // All pages in one step: the copy is of one moment.
        while backup.step(-1)? != StepResult::Done {
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Does one thing or several, without values.
    pub(super) fn execute_batch(&self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch(sql)?),
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => connection.batch(sql),
        }
    }

    /// Does something; answers how many rows it changed.
    pub(super) fn execute(&self, sql: &str, values: impl Params) -> Result<usize> {
        values.with(|values| match self {
            Self::Sqlite(connection) => Ok(connection.execute(sql, values)?),
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => connection.execute(sql, values),
        })
    }

    /// The first row of an answer; an error where there is none.
    pub(super) fn query_row<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnOnce(Row<'_>) -> Result<T>,
    ) -> Result<T> {
        self.prepare(sql)?.query_row(values, read)
    }

    /// A statement that is made once and used here.
    pub(super) fn prepare(&self, sql: &str) -> Result<Statement<'_>> {
        match self {
            Self::Sqlite(connection) => Ok(Statement::Sqlite(connection.prepare(sql)?)),
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => Ok(Statement::Postgres(connection, sql.to_owned())),
        }
    }

    /// A statement that is kept for the next time.
    pub(super) fn prepare_cached(&self, sql: &str) -> Result<Statement<'_>> {
        match self {
            Self::Sqlite(connection) => Ok(Statement::Cached(connection.prepare_cached(sql)?)),
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => Ok(Statement::Postgres(connection, sql.to_owned())),
        }
    }

    /// A transaction, which is rolled back where it is dropped.
    pub(super) fn transaction(&mut self) -> Result<Transaction<'_>> {
        self.execute_batch("BEGIN")?;
        Ok(Transaction { connection: self, is_over: false })
    }

    /// The same, which may write from its start.
    pub(super) fn writing(&mut self) -> Result<Transaction<'_>> {
        // `BEGIN IMMEDIATE` would begin to write into every database of the connection. Each of its commits then walks
        // through all pages of the temporary tables, of which a list of a million clients has tens of thousands. What
        // writes first takes the same lock, and waits for it in the same way.
        let transaction = self.transaction()?;
        if let Self::Sqlite(connection) = transaction.connection {
            connection.prepare_cached(WRITES_NOTHING)?.execute([])?;
        }
        Ok(transaction)
    }
}

/// Changes no row, and takes the lock for changing some.
const WRITES_NOTHING: &str = "UPDATE main.runs SET status = status WHERE number = -1";

/// A transaction.
pub(super) struct Transaction<'c> {
    connection: &'c Connection,
    is_over: bool,
}

impl Transaction<'_> {
    /// Keeps what was written.
    pub(super) fn commit(mut self) -> Result<()> {
        self.connection.execute_batch("COMMIT")?;
        self.is_over = true;
        Ok(())
    }
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        // Some errors end a transaction by themselves.
        if !self.is_over && self.connection.is_in_transaction() {
            #[cfg(feature = "postgres")]
            if let Connection::Postgres(connection) = self.connection {
                connection.forget_later();
            }
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}

/// A statement that is made.
pub(super) enum Statement<'c> {
    Sqlite(rusqlite::Statement<'c>),
    Cached(rusqlite::CachedStatement<'c>),
    #[cfg(feature = "postgres")]
    Postgres(&'c Postgres, String),
}

impl Statement<'_> {
    /// Does it; answers how many rows it changed.
    pub(super) fn execute(&mut self, values: impl Params) -> Result<usize> {
        values.with(|values| match self {
            Self::Sqlite(statement) => Ok(statement.execute(values)?),
            Self::Cached(statement) => Ok(statement.execute(values)?),
            #[cfg(feature = "postgres")]
            Self::Postgres(connection, sql) => connection.execute(sql, values),
        })
    }

    /// Does it, now or with what comes next in the transaction: an error may come with that. For what is done for each
    /// of many rows.
    pub(super) fn put(&mut self, values: impl Params) -> Result<()> {
        #[cfg(feature = "postgres")]
        if let Self::Postgres(connection, sql) = self {
            return values.with(|values| connection.execute_later(sql, values, None));
        }
        self.execute(values).map(drop)
    }

    /// The same for one that changes one row. `Some(false)` where it has not; where that comes out later, the transaction
    /// fails.
    pub(super) fn change_one(&mut self, values: impl Params) -> Result<Option<bool>> {
        #[cfg(feature = "postgres")]
        if let Self::Postgres(connection, sql) = self {
            values.with(|values| connection.execute_later(sql, values, Some(1)))?;
            return Ok(None);
        }
        Ok(Some(self.execute(values)? == 1))
    }

    /// The rows of its answer.
    pub(super) fn query(&mut self, values: impl Params) -> Result<Rows<'_>> {
        values.with(|values| match self {
            Self::Sqlite(statement) => Ok(Rows::Sqlite(statement.query(values)?)),
            Self::Cached(statement) => Ok(Rows::Sqlite(statement.query(values)?)),
            #[cfg(feature = "postgres")]
            Self::Postgres(connection, sql) => {
                Ok(Rows::Postgres { rows: connection.query(sql, values)?.into_iter(), row: None })
            }
        })
    }

    /// The rows of its answer, each made into something.
    pub(super) fn query_map<T, F: FnMut(Row<'_>) -> Result<T>>(
        &mut self,
        values: impl Params,
        read: F,
    ) -> Result<Mapped<'_, F>> {
        Ok(Mapped { rows: self.query(values)?, read })
    }

    /// The first row of its answer; an error where there is none.
    pub(super) fn query_row<T>(
        &mut self,
        values: impl Params,
        read: impl FnOnce(Row<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut rows = self.query(values)?;
        let row = rows.next()?.ok_or(Error::Sqlite(rusqlite::Error::QueryReturnedNoRows))?;
        read(row)
    }
}

/// The rows of an answer, as they come.
pub(super) enum Rows<'s> {
    Sqlite(rusqlite::Rows<'s>),
    #[cfg(feature = "postgres")]
    Postgres {
        rows: std::vec::IntoIter<tokio_postgres::Row>,
        row: Option<tokio_postgres::Row>,
    },
}

impl Rows<'_> {
    /// The next one.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>> {
        match self {
            Self::Sqlite(rows) => Ok(rows.next()?.map(Row::Sqlite)),
            #[cfg(feature = "postgres")]
            Self::Postgres { rows, row } => {
                *row = rows.next();
                Ok(row.as_ref().map(Row::Postgres))
            }
        }
    }
}

/// Rows that are made into something as they come.
pub(super) struct Mapped<'s, F> {
    rows: Rows<'s>,
    read: F,
}

impl<T, F: FnMut(Row<'_>) -> Result<T>> Iterator for Mapped<'_, F> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        match self.rows.next() {
            Ok(row) => row.map(|row| (self.read)(row)),
            Err(error) => Some(Err(error)),
        }
    }
}

/// A row of an answer.
#[derive(Clone, Copy)]
pub(super) enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    #[cfg(feature = "postgres")]
    Postgres(&'r tokio_postgres::Row),
}

impl Row<'_> {
    /// The value in a column, from 0.
    #[inline]
    pub(super) fn get<T: FromSql>(self, column: usize) -> Result<T> {
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            #[cfg(feature = "postgres")]
            Self::Postgres(row) => T::column_result(postgres::value_of(row, column)?).map_err(|error| {
                let why = match error {
                    FromSqlError::Other(why) => why.to_string(),
                    error => error.to_string(),
                };
                Error::unreadable(column, why)
            }),
        }
    }
}

/// An answer that may have no row.
pub(super) trait OptionalExtension<T> {
    /// `None` where it has none.
    fn optional(self) -> Result<Option<T>>;
}

impl<T> OptionalExtension<T> for Result<T> {
    fn optional(self) -> Result<Option<T>> {
        match self {
            Ok(value) => Ok(Some(value)),
            Err(Error::Sqlite(rusqlite::Error::QueryReturnedNoRows)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
