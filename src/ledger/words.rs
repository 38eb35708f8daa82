//! The words that the ledger stores: one enum each. A word that is not known is an error, never a default.

use rusqlite::{
    ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};

use crate::{
    model::{
        Action, AgentId, AttemptVerdict, ClientId, ClientState, HaltCause, Intent, JobKind, Operation,
        PartyId, RequestState, RunId, RunStatus,
    },
    words::{Wording, say},
};

/// A word that stands in the ledger and means nothing to this version.
#[derive(Debug, thiserror::Error)]
#[error("{}", say!("ledger-word-unknown", word = format!("{:?}", .word), what = .what))]
struct UnknownWord {
    word: String,
    what: &'static str,
}

fn read<T: std::str::FromStr>(value: ValueRef<'_>, what: &'static str) -> FromSqlResult<T> {
    let word = value.as_str()?;
    word.parse().map_err(|_| FromSqlError::Other(Box::new(UnknownWord { word: word.to_owned(), what })))
}

macro_rules! stored_as_word {
    ($($type:ty: $what:literal),+ $(,)?) => {$(
        impl ToSql for $type {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                let word: &'static str = (*self).into();
                Ok(word.into())
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                read(value, $what)
            }
        }
    )+};
}

stored_as_word! {
    Action: "action",
    AttemptVerdict: "verdict",
    ClientState: "state",
    HaltCause: "cause",
    Intent: "intent",
    JobKind: "kind",
    Operation: "operation",
    RequestState: "request",
    RunStatus: "status",
}

macro_rules! stored_as_text {
    ($($type:ty: $what:literal),+ $(,)?) => {$(
        impl ToSql for $type {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.to_string().into())
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                read(value, $what)
            }
        }
    )+};
}

stored_as_text! {
    AgentId: "agent",
    PartyId: "party id",
}

/// What was said is stored as it is encoded. No text that is said is stored otherwise, so that nobody's words are taken for a
/// code of ours.
impl ToSql for Wording {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.encoded().into())
    }
}

impl FromSql for Wording {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self::decoded(value.as_str()?))
    }
}

/// Sixteen bytes: there are millions of them.
impl ToSql for ClientId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_bytes().as_slice().into())
    }
}

impl FromSql for ClientId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes = value.as_blob()?;
        uuid::Uuid::from_slice(bytes).map(Self).map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

impl ToSql for RunId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for RunId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self::from_ledger(value.as_str()?.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::{Connection, types::FromSql};
    use strum::VariantArray;

    fn there_and_back<T: ToSql + FromSql + PartialEq + std::fmt::Debug>(values: &[T]) {
        let connection = Connection::open_in_memory().unwrap();
        for value in values {
            let back: T = connection.query_row("SELECT ?1", [value], |row| row.get(0)).unwrap();
            assert_eq!(back, *value);
        }
    }

    #[test]
    fn every_word_reads_back() {
        there_and_back(ClientState::VARIANTS);
        there_and_back(Intent::VARIANTS);
        there_and_back(JobKind::VARIANTS);
        there_and_back(Operation::VARIANTS);
        there_and_back(RunStatus::VARIANTS);
        there_and_back(&[ClientId(uuid::Uuid::from_u128(7))]);
        there_and_back(&[HaltCause::SignedOut, HaltCause::ToldToWait]);
        there_and_back(&[AttemptVerdict::Lost, AttemptVerdict::TokenRenewed]);
    }

    #[test]
    fn an_unknown_word_is_an_error_and_no_delegation() {
        let connection = Connection::open_in_memory().unwrap();
        let read = connection.query_row("SELECT 'give'", [], |row| row.get::<_, Operation>(0));
        let error = read.unwrap_err();
        assert!(format!("{error:?}").contains("give"), "{error:?}");
    }
}
