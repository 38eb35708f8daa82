//! Altinn's lists, agent by agent, kept in temporary tables while a run needs them: they can be larger than memory is cheap.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Ledger, LedgerError, stamp_now};
use crate::model::{AgentId, ClientList, ListedClient, OrganisationNumber};

/// The tables of the lists, on this connection only.
pub(super) fn make_tables(connection: &Connection) -> Result<(), LedgerError> {
    for list in [ClientList::Available, ClientList::Delegated] {
        let table = table(list);
        connection.execute_batch(&format!(
            "CREATE TEMP TABLE {table} (agent TEXT NOT NULL, id TEXT NOT NULL, number INTEGER, name TEXT NOT NULL,
                                        PRIMARY KEY (agent, id)) WITHOUT ROWID;
             CREATE INDEX temp.{table}_number ON {table} (agent, number);"
        ))?;
    }
    Ok(())
}

fn table(list: ClientList) -> &'static str {
    match list {
        ClientList::Available => "available",
        ClientList::Delegated => "delegated",
    }
}

impl Ledger {
    /// Forgets an agent's list, before it is read (again).
    pub fn clear_list(&mut self, list: ClientList, agent: AgentId) -> Result<(), LedgerError> {
        self.connection.execute(&format!("DELETE FROM temp.{} WHERE agent = ?1", table(list)), [agent])?;
        Ok(())
    }

    /// Adds clients to an agent's list. A client that is listed twice is one client.
    pub fn add_to_list(
        &mut self,
        list: ClientList,
        agent: AgentId,
        clients: &[ListedClient],
    ) -> Result<(), LedgerError> {
        let transaction = self.connection.transaction()?;
        {
            let mut insert = transaction.prepare_cached(&format!(
                "INSERT OR IGNORE INTO temp.{} (agent, id, number, name) VALUES (?1, ?2, ?3, ?4)",
                table(list)
            ))?;
            for client in clients {
                let number = client.number.map(OrganisationNumber::as_u32);
                insert.execute(params![agent, client.id, number, client.name])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// How many clients an agent's list has.
    pub fn list_len(&self, list: ClientList, agent: AgentId) -> Result<u64, LedgerError> {
        Ok(self.connection.query_row(
            &format!("SELECT count(*) FROM temp.{} WHERE agent = ?1", table(list)),
            [agent],
            |row| row.get(0),
        )?)
    }

    /// The clients of an agent's list, by organisation number; private persons last.
    pub fn listed(&self, list: ClientList, agent: AgentId) -> Result<Vec<ListedClient>, LedgerError> {
        let mut select = self.connection.prepare(&format!(
            "SELECT id, number, name FROM temp.{} WHERE agent = ?1 ORDER BY number IS NULL, number, id",
            table(list)
        ))?;
        let mut rows = select.query([agent])?;
        let mut clients = Vec::new();
        while let Some(row) = rows.next()? {
            clients.push(ListedClient {
                id: row.get(0)?,
                number: row.get::<_, Option<u32>>(1)?.and_then(OrganisationNumber::from_u32),
                name: row.get(2)?,
                packages: None,
            });
        }
        Ok(clients)
    }

    /// Remembers how many clients a list that has been read to its end has, and answers how many it had the last time.
    pub fn remember_list(
        &mut self,
        environment: &str,
        list: ClientList,
        agent: AgentId,
    ) -> Result<Option<u64>, LedgerError> {
        let now = self.list_len(list, agent)?;
        let transaction = self.writing()?;
        let keys = params![environment, agent, table(list)];
        let before = transaction
            .query_row(
                "SELECT clients FROM lists WHERE environment = ?1 AND agent = ?2 AND list = ?3",
                keys,
                |row| row.get(0),
            )
            .optional()?;
        transaction.execute(
            "INSERT INTO lists (environment, agent, list, clients, read_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (environment, agent, list) DO UPDATE SET clients = excluded.clients, read_at = excluded.read_at",
            params![environment, agent, table(list), now, stamp_now()],
        )?;
        transaction.commit()?;
        Ok(before)
    }
}
