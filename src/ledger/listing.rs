//! Altinn's lists, agent by agent, kept in temporary tables while a run needs them: they can be larger than memory is cheap.
//!
//! Where a list tells packages, each different set of them is kept once for each agent, with what of it the agent was
//! approved for and what it lacks of that.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    sync::Arc,
};

use super::{
    Ledger, LedgerError,
    db::{Connection, OptionalExtension, Transaction, params},
    stamp_now,
};
use crate::model::{Agent, AgentId, ClientId, ClientList, ListedClient, OrganisationNumber, Packages};

/// The tables of the lists, on this connection only.
pub(super) fn make_tables(connection: &Connection) -> Result<(), LedgerError> {
    for list in [ClientList::Available, ClientList::Delegated] {
        let table = table(list);
        connection.execute_batch(&format!(
            "CREATE TEMP TABLE {table} (place INTEGER PRIMARY KEY, agent TEXT NOT NULL, id TEXT NOT NULL, number INTEGER, name TEXT NOT NULL,
                                        packages INTEGER, gives INTEGER NOT NULL);"
        ))?;
    }
    // `held` is a client's packages role by role, `approved` what of it the agent was approved for (empty: nothing), both
    // as JSON objects; `lacking` a JSON array of what it was approved for besides (empty: nothing); `roles` how many roles
    // have packages, and so how many delegations there are.
    connection.execute_batch(
        "CREATE TEMP TABLE package_sets (
            id INTEGER PRIMARY KEY, agent TEXT NOT NULL, held TEXT NOT NULL, approved TEXT NOT NULL,
            lacking TEXT NOT NULL, roles INTEGER NOT NULL, UNIQUE (agent, held));",
    )?;
    Ok(())
}

/// Makes what a client is looked up by, where it is not there: when the list is whole, because to sort a million ids at once
/// costs a fraction of putting each in its place as it comes. The agent, the same for most, comes last: what differs is
/// compared first. A client that is listed twice is one client.
fn index(connection: &Connection, list: ClientList) -> Result<(), LedgerError> {
    let table = table(list);
    let by_id = format!("CREATE UNIQUE INDEX IF NOT EXISTS temp.{table}_id ON {table} (id, agent)");
    match connection.execute_batch(&by_id) {
        Err(error) if error.is_constraint() => {
            connection.execute_batch(&format!(
                "DELETE FROM temp.{table} WHERE place NOT IN
                    (SELECT min(place) FROM temp.{table} GROUP BY agent, id);
                 {by_id}"
            ))?;
        }
        made => made?,
    }
    Ok(connection.analyze(table)?)
}

/// Makes what a row of a manifest is looked up by in the lists. A resume knows its clients by their ids and does without.
pub(super) fn index_numbers(connection: &Connection) -> Result<(), LedgerError> {
    for list in [ClientList::Available, ClientList::Delegated] {
        let table = table(list);
        connection.execute_batch(&format!(
            "CREATE INDEX IF NOT EXISTS temp.{table}_number ON {table} (number, agent);"
        ))?;
        connection.analyze(table)?;
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
        let table = table(list);
        let other: bool = self.connection.query_row(
            &format!("SELECT EXISTS (SELECT 1 FROM temp.{table} WHERE agent != ?1)"),
            [agent],
            |row| row.get(0),
        )?;
        if other {
            index(&self.connection, list)?;
            self.connection.execute(&format!("DELETE FROM temp.{table} WHERE agent = ?1"), [agent])?;
        } else {
            self.connection.execute_batch(&format!(
                "DROP INDEX IF EXISTS temp.{table}_id; DROP INDEX IF EXISTS temp.{table}_number;
                 DELETE FROM temp.{table};"
            ))?;
        }
        Ok(())
    }

    /// Takes note of which packages each agent was approved for. What was read of lists before is forgotten.
    pub fn know_agents(&mut self, agents: &[Agent]) -> Result<(), LedgerError> {
        let approved: BTreeMap<AgentId, Vec<String>> =
            agents.iter().map(|agent| (agent.id, agent.packages.clone())).collect();
        if approved != self.approved {
            self.connection.execute_batch(
                "DELETE FROM temp.available; DELETE FROM temp.delegated; DELETE FROM temp.package_sets;",
            )?;
            self.approved = approved;
        }
        Ok(())
    }

    /// Adds clients to an agent's list. A client that is listed twice is one client, with the packages of both lines: a line
    /// can be about one of its roles.
    pub fn add_to_list(
        &mut self,
        list: ClientList,
        agent: AgentId,
        clients: &[ListedClient],
    ) -> Result<(), LedgerError> {
        // Lines of one client are put together as they come, which takes looking it up.
        if clients.iter().any(|client| client.packages.is_some()) {
            index(&self.connection, list)?;
        }
        let approved = self.approved.get(&agent).map_or(&[][..], Vec::as_slice);
        let transaction = self.connection.transaction()?;
        {
            let mut sets = Sets { transaction: &transaction, agent, approved, seen: HashMap::new() };
            let mut insert = transaction.prepare_cached(&format!(
                "INSERT INTO temp.{} (agent, id, number, name, packages, gives)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
                table(list)
            ))?;
            for client in clients {
                let number = client.number.map(OrganisationNumber::as_u32);
                let set = client.packages.as_ref().map(|packages| sets.keep(packages)).transpose()?;
                // A client that gives the agent nothing is a client of the firm, and not available.
                let gives = list == ClientList::Delegated || set.is_none_or(|set| set.gives);
                let set = set.map(|set| set.id);
                let values = params![agent, client.id, number, client.name, set, gives];
                let Some(packages) = &client.packages else {
                    insert.put(values)?;
                    continue;
                };
                if insert.execute(values)? == 0 {
                    merge(&sets, list, client.id, packages)?;
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// How many clients an agent's list has.
    pub fn list_len(&self, list: ClientList, agent: AgentId) -> Result<u64, LedgerError> {
        index(&self.connection, list)?;
        Ok(self.connection.query_row(
            &format!("SELECT count(*) FROM temp.{} WHERE agent = ?1", table(list)),
            [agent],
            |row| row.get(0),
        )?)
    }

    /// The clients of an agent's list, by organisation number; private persons last. Of the list of available clients
    /// those that the agent can have something of.
    pub fn listed(&self, list: ClientList, agent: AgentId) -> Result<Vec<ListedClient>, LedgerError> {
        self.listed_where(list, agent, "c.gives != 0")
    }

    /// The same, with the clients of the firm that give the agent nothing.
    pub fn listed_whole(&self, list: ClientList, agent: AgentId) -> Result<Vec<ListedClient>, LedgerError> {
        self.listed_where(list, agent, "1 = 1")
    }

    fn listed_where(
        &self,
        list: ClientList,
        agent: AgentId,
        which: &str,
    ) -> Result<Vec<ListedClient>, LedgerError> {
        index(&self.connection, list)?;
        let mut select = self.connection.prepare(&format!(
            "SELECT c.id, c.number, c.name, s.id, s.held FROM temp.{} c
             LEFT JOIN temp.package_sets s ON s.id = c.packages
             WHERE c.agent = ?1 AND {which} ORDER BY c.number IS NULL, c.number, c.id",
            table(list)
        ))?;
        let mut sets: HashMap<i64, Arc<Packages>> = HashMap::new();
        let mut rows = select.query([agent])?;
        let mut clients = Vec::new();
        while let Some(row) = rows.next()? {
            let packages = match row.get::<Option<i64>>(3)? {
                None => None,
                Some(id) => {
                    if let Entry::Vacant(vacant) = sets.entry(id) {
                        vacant.insert(packages_from_text(&row.get::<String>(4)?)?);
                    }
                    sets.get(&id).map(Arc::clone)
                }
            };
            clients.push(ListedClient {
                id: row.get(0)?,
                number: row.get::<Option<u32>>(1)?.and_then(OrganisationNumber::from_u32),
                name: row.get(2)?,
                packages,
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

/// Adds these packages to those of a client that is listed already.
fn merge(
    sets: &Sets<'_>,
    list: ClientList,
    client: ClientId,
    packages: &Packages,
) -> Result<(), LedgerError> {
    let (transaction, agent, table) = (sets.transaction, sets.agent, table(list));
    let held: Option<String> = transaction
        .prepare_cached(&format!(
            "SELECT s.held FROM temp.{table} c JOIN temp.package_sets s ON s.id = c.packages
             WHERE c.agent = ?1 AND c.id = ?2"
        ))?
        .query_row(params![agent, client], |row| row.get(0))
        .optional()?;
    let Some(held) = held else { return Ok(()) };
    let mut all = Packages::clone(&*packages_from_text(&held)?);
    for (role, of_role) in packages.roles() {
        for package in of_role {
            all.add(role, package);
        }
    }
    let set = sets.keep_new(&all)?;
    transaction
        .prepare_cached(&format!(
            "UPDATE temp.{table} SET packages = ?3, gives = CASE WHEN gives > ?4 THEN gives ELSE ?4 END WHERE agent = ?1 AND id = ?2"
        ))?
        .execute(params![agent, client, set.id, set.gives])?;
    Ok(())
}

/// A set of packages that is in its table.
#[derive(Debug, Clone, Copy)]
struct Set {
    id: i64,
    /// The agent was approved for something in it.
    gives: bool,
}

/// The sets of packages of one agent's lists, as they are added.
struct Sets<'a> {
    transaction: &'a Transaction<'a>,
    agent: AgentId,
    approved: &'a [String],
    /// By where they are in memory: many clients share one.
    seen: HashMap<*const Packages, Set>,
}

impl Sets<'_> {
    fn keep(&mut self, packages: &Arc<Packages>) -> Result<Set, LedgerError> {
        if let Some(set) = self.seen.get(&Arc::as_ptr(packages)) {
            return Ok(*set);
        }
        let set = self.keep_new(packages)?;
        self.seen.insert(Arc::as_ptr(packages), set);
        Ok(set)
    }

    fn keep_new(&self, packages: &Packages) -> Result<Set, LedgerError> {
        let held = text(packages);
        let approved = packages.approved(self.approved);
        let gives = !approved.is_empty();
        let lacking = packages.lacking(self.approved);
        let lacking = if lacking.is_empty() { String::new() } else { text(&lacking) };
        self.transaction
            .prepare_cached(
                "INSERT INTO temp.package_sets (agent, held, approved, lacking, roles)
                 VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                self.agent,
                held,
                if gives { text(&approved) } else { String::new() },
                lacking,
                packages.roles().len()
            ])?;
        let id = self
            .transaction
            .prepare_cached("SELECT id FROM temp.package_sets WHERE agent = ?1 AND held = ?2")?
            .query_row(params![self.agent, held], |row| row.get(0))?;
        Ok(Set { id, gives })
    }
}

fn text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Packages from what stands in their table.
pub(super) fn packages_from_text(text: &str) -> Result<Arc<Packages>, LedgerError> {
    serde_json::from_str(text).map(Arc::new).map_err(|error| LedgerError::Damaged(error.to_string()))
}

/// What is lacking, from what stands in its table; nothing where nothing does.
pub(super) fn lacking_from_text(text: Option<&str>) -> Vec<String> {
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AgentKind;

    #[test]
    fn a_client_that_is_listed_once_for_each_role_has_the_packages_of_all_and_what_it_gives_decides() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = crate::ledger::test_server::ledger(folder.path());
        let agent = Agent {
            id: AgentId(uuid::Uuid::from_u128(1)),
            title: String::new(),
            system_id: String::new(),
            external_ref: None,
            supplier: String::new(),
            kind: AgentKind::Agent,
            deleted: false,
            packages: vec!["p1".to_owned(), "p2".to_owned()],
            created: String::new(),
        };
        ledger.know_agents(std::slice::from_ref(&agent)).unwrap();
        let line = |id: u128, role: &str, package: &str| ListedClient {
            id: ClientId(uuid::Uuid::from_u128(id)),
            number: None,
            name: String::new(),
            packages: Some(Arc::new([(role, package)].into_iter().collect())),
        };
        let lines = [line(1, "a", "p1"), line(2, "a", "other"), line(1, "b", "p2"), line(3, "a", "p1")];
        ledger.add_to_list(ClientList::Available, agent.id, &lines[..2]).unwrap();
        ledger.add_to_list(ClientList::Available, agent.id, &lines[2..]).unwrap();
        let listed = ledger.listed(ClientList::Available, agent.id).unwrap();
        let all: Packages = [("a", "p1"), ("b", "p2")].into_iter().collect();
        assert_eq!(listed.iter().map(|client| client.id.0.as_u128()).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(listed[0].packages.as_deref(), Some(&all));
        assert_eq!(ledger.listed_whole(ClientList::Available, agent.id).unwrap().len(), 3);
        let lacking: Vec<String> = ledger
            .connection
            .prepare(
                "SELECT s.lacking FROM temp.available a JOIN temp.package_sets s ON s.id = a.packages ORDER BY a.id",
            )
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(lacking, ["", r#"["p1","p2"]"#, r#"["p2"]"#]);
    }
}
