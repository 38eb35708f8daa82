//! The one narrow door to the database that the ledger is in: execute, query, transaction. What is written with it is the
//! same text whatever the database is; the values that go in and come out are those that [`ToSql`] and [`FromSql`] make.

use std::{ops::Deref, path::Path, time::Duration};

use rusqlite::{
    ErrorCode,
    backup::{Backup, StepResult},
    types::{FromSql, Type},
};
pub(super) use rusqlite::{ToSql, params};

/// What the database, or a value in it, has against a statement.
#[derive(Debug)]
pub(super) enum Error {
    /// `SQLite`; of any database a value that is not what was asked for, and a row that is not there.
    Sqlite(rusqlite::Error),
}

pub(super) type Result<T> = std::result::Result<T, Error>;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Error {
    /// Whether a value would stand where it must not, as twice where it may stand once.
    pub(super) fn is_constraint(&self) -> bool {
        let Self::Sqlite(error) = self;
        error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
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
}

impl Connection {
    fn is_in_transaction(&self) -> bool {
        let Self::Sqlite(connection) = self;
        !connection.is_autocommit()
    }

    /// Writes what is in the log beside the file into the file itself.
    pub(super) fn checkpoint(&self) -> Result<()> {
        self.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }

    /// Gives memory back that is of no use any more.
    pub(super) fn shrink(&self) -> Result<()> {
        self.execute_batch("PRAGMA shrink_memory")
    }

    /// Gives room back to the disk.
    pub(super) fn vacuum(&self) -> Result<()> {
        self.execute_batch("VACUUM")
    }

    /// Copies everything as it is now into a file.
    pub(super) fn copy_to(&self, file: &Path) -> Result<()> {
        let Self::Sqlite(connection) = self;
        let mut copy = rusqlite::Connection::open(file)?;
        let backup = Backup::new(connection, &mut copy)?;
        // All pages in one step: the copy is of one moment.
        while backup.step(-1)? != StepResult::Done {
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Does one thing or several, without values.
    pub(super) fn execute_batch(&self, sql: &str) -> Result<()> {
        let Self::Sqlite(connection) = self;
        Ok(connection.execute_batch(sql)?)
    }

    /// Does something; answers how many rows it changed.
    pub(super) fn execute(&self, sql: &str, values: impl Params) -> Result<usize> {
        let Self::Sqlite(connection) = self;
        values.with(|values| Ok(connection.execute(sql, values)?))
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
        let Self::Sqlite(connection) = self;
        Ok(Statement::Sqlite(connection.prepare(sql)?))
    }

    /// A statement that is kept for the next time.
    pub(super) fn prepare_cached(&self, sql: &str) -> Result<Statement<'_>> {
        let Self::Sqlite(connection) = self;
        Ok(Statement::Cached(connection.prepare_cached(sql)?))
    }

    /// A transaction, which is rolled back where it is dropped.
    pub(super) fn transaction(&mut self) -> Result<Transaction<'_>> {
        self.begin("BEGIN")
    }

    /// The same, which may write from its start.
    pub(super) fn writing(&mut self) -> Result<Transaction<'_>> {
        self.begin("BEGIN IMMEDIATE")
    }

    fn begin(&mut self, how: &str) -> Result<Transaction<'_>> {
        self.execute_batch(how)?;
        Ok(Transaction { connection: self, is_over: false })
    }
}

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
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}

/// A statement that is made.
pub(super) enum Statement<'c> {
    Sqlite(rusqlite::Statement<'c>),
    Cached(rusqlite::CachedStatement<'c>),
}

impl<'c> Statement<'c> {
    #[inline]
    fn sqlite(&mut self) -> &mut rusqlite::Statement<'c> {
        match self {
            Self::Sqlite(statement) => statement,
            Self::Cached(statement) => statement,
        }
    }

    /// Does it; answers how many rows it changed.
    pub(super) fn execute(&mut self, values: impl Params) -> Result<usize> {
        values.with(|values| Ok(self.sqlite().execute(values)?))
    }

    /// The rows of its answer.
    pub(super) fn query(&mut self, values: impl Params) -> Result<Rows<'_>> {
        values.with(|values| Ok(Rows::Sqlite(self.sqlite().query(values)?)))
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
}

impl Rows<'_> {
    /// The next one.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>> {
        let Self::Sqlite(rows) = self;
        Ok(rows.next()?.map(Row::Sqlite))
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
}

impl Row<'_> {
    /// The value in a column, from 0.
    #[inline]
    pub(super) fn get<T: FromSql>(self, column: usize) -> Result<T> {
        let Self::Sqlite(row) = self;
        Ok(row.get(column)?)
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
