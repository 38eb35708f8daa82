//! Altinn's two lists, kept in temporary tables while a run needs them: they can be larger than memory is cheap.

use rusqlite::{Connection, params};

use super::{Ledger, LedgerError};
use crate::model::{ClientList, ListedClient, OrganisationNumber};

/// The tables of the lists, on this connection only.
pub(super) fn make_tables(connection: &Connection) -> Result<(), LedgerError> {
    connection.execute_batch(
        "CREATE TEMP TABLE available (id TEXT PRIMARY KEY, number INTEGER, name TEXT NOT NULL) WITHOUT ROWID;
         CREATE INDEX temp.available_number ON available (number);
         CREATE TEMP TABLE delegated (id TEXT PRIMARY KEY, number INTEGER, name TEXT NOT NULL) WITHOUT ROWID;
         CREATE INDEX temp.delegated_number ON delegated (number);",
    )?;
    Ok(())
}

fn table(list: ClientList) -> &'static str {
    match list {
        ClientList::Available => "available",
        ClientList::Delegated => "delegated",
    }
}

impl Ledger {
    /// Forgets a list, before it is read (again).
    pub fn clear_list(&mut self, list: ClientList) -> Result<(), LedgerError> {
        self.connection.execute(&format!("DELETE FROM temp.{}", table(list)), [])?;
        Ok(())
    }

    /// Adds clients to a list. A client that is listed twice is one client.
    pub fn add_to_list(&mut self, list: ClientList, clients: &[ListedClient]) -> Result<(), LedgerError> {
        let transaction = self.connection.transaction()?;
        {
            let mut insert = transaction.prepare_cached(&format!(
                "INSERT OR IGNORE INTO temp.{} (id, number, name) VALUES (?1, ?2, ?3)",
                table(list)
            ))?;
            for client in clients {
                let number = client.number.map(OrganisationNumber::as_u32);
                insert.execute(params![client.id.to_string(), number, client.name])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// How many clients a list has.
    pub fn list_len(&self, list: ClientList) -> Result<u64, LedgerError> {
        Ok(self
            .connection
            .query_row(&format!("SELECT count(*) FROM temp.{}", table(list)), [], |row| row.get(0))?)
    }

    /// The clients of a list, by organisation number; private persons last.
    pub fn listed(&self, list: ClientList) -> Result<Vec<ListedClient>, LedgerError> {
        let mut select = self.connection.prepare(&format!(
            "SELECT id, number, name FROM temp.{} ORDER BY number IS NULL, number, id",
            table(list)
        ))?;
        let mut rows = select.query([])?;
        let mut clients = Vec::new();
        while let Some(row) = rows.next()? {
            let id: String = row.get(0)?;
            clients.push(ListedClient {
                id: id.parse().map_err(|_| LedgerError::Damaged(format!("client id {id:?}")))?,
                number: row.get::<_, Option<u32>>(1)?.and_then(OrganisationNumber::from_u32),
                name: row.get(2)?,
            });
        }
        Ok(clients)
    }
}
