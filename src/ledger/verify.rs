//! What a run left behind, against the lists of one agent that have just been read.

use serde::Serialize;

use super::{
    Ledger, LedgerError,
    db::{self, Row, params},
    listing::{index_numbers, lacking_from_text},
};
use crate::model::{AgentId, ClientId, RunId};

/// How a client stands otherwise than the run left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// The run left it delegated, and it is not listed now.
    Missing,
    /// The run reported it as failed, and it is as it was asked now.
    DoneAfterAll,
    /// Missing, and no longer available either: it is no client of the firm any more.
    GoneFromRegister,
    /// The run left it delegated, it is listed, and the agent has only some of its packages of it.
    Partial,
    /// The run left it not delegated, or a reconcile did not name it, and it is listed now.
    Extra,
}

/// One client that is not as the run left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// How it differs.
    pub difference: DifferenceKind,
    /// The agent whose list says so.
    pub agent: AgentId,
    /// The client's organisation number; none for a private person.
    pub organisation_number: Option<String>,
    /// The client's party UUID, where it is known.
    pub client: Option<String>,
    /// The client's name, as Altinn has it.
    pub name: String,
    /// Of a partial one: the packages that the agent does not have of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing_packages: Vec<String>,
    /// A client that the run did not name at all.
    #[serde(skip)]
    pub unnamed: bool,
    /// The later run that left the client as it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_since_by: Option<String>,
}

/// What one agent's lists say about a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Clients that the run left delegated or not delegated on this agent.
    pub compared: u64,
    /// Those that differ, in the manifest's order; then those that a reconcile did not name.
    pub differences: Vec<Difference>,
    /// Private persons that are delegated now and that the run did not name: a reconcile leaves them alone.
    pub private_persons: u64,
}

/// Each client that the run `?1` left in a known way on the agent `?2`; `delegated` says which, `failed` that it was not
/// as wanted. A client that was moved is delegated on `agent`, and not on `from_agent`. A night that changed nothing left
/// the clients that it named as the run did that it points to.
const LEFT: &str = "
    SELECT client AS row, run, organisation_number AS number, client_id, name,
           CASE WHEN intent = 'remove' THEN 0 ELSE 1 END AS delegated,
           CASE WHEN state = 'failed' THEN 1 ELSE 0 END AS failed
    FROM client_rows WHERE (run = ?1 AND state IN ('delegated', 'removed', 'unchanged', 'failed')
            OR run = (SELECT unchanged_as FROM runs WHERE number = ?1) AND line > 0
                AND state IN ('delegated', 'removed', 'unchanged'))
        AND agent = (SELECT agent FROM agents WHERE id = ?2)
    UNION ALL
    SELECT client, run, organisation_number, client_id, name, 0, CASE WHEN state = 'failed' THEN 1 ELSE 0 END
    FROM client_rows WHERE run = ?1 AND from_agent = (SELECT agent FROM agents WHERE id = ?2) AND state IN ('delegated', 'removed', 'unchanged', 'failed')";

/// The newest later run that changed this client on the agent `?2`, if it left it as `{now}` says: 1 for delegated.
fn changed_since(id: &str, number: &str, now: &str) -> String {
    format!(
        "(SELECT CASE WHEN left_delegated = ({now}) THEN by_run END FROM (
            SELECT r.id AS by_run, l.client AS later_row,
                   CASE WHEN l.from_agent = (SELECT agent FROM agents WHERE id = ?2) THEN 0 WHEN l.from_agent IS NOT NULL THEN 1
                        WHEN l.state = 'delegated' THEN 1 ELSE 0 END AS left_delegated
            FROM client_rows l JOIN runs r ON r.number = l.run
            WHERE (l.client_id = {id} OR l.organisation_number = {number}) AND l.run > ?1
              AND (SELECT agent FROM agents WHERE id = ?2) IN (l.agent, l.from_agent) AND l.state IN ('delegated', 'removed')
              AND r.environment = (SELECT environment FROM runs WHERE number = ?1)) AS later
          ORDER BY later_row DESC LIMIT 1)"
    )
}

/// A client of the run `?1`, or of the run whose clients it found unchanged, on the agent `?2`.
const NAMED: &str = "(run = ?1 OR run = (SELECT unchanged_as FROM runs WHERE number = ?1)) AND agent = (SELECT agent FROM agents WHERE id = ?2)";

impl Ledger {
    /// The agents on which a run has clients, those that it moved clients from included.
    pub fn agents_of_run(&self, run: &RunId) -> Result<Vec<AgentId>, LedgerError> {
        let mut select = self.connection.prepare(
            "WITH this AS (SELECT number AS run FROM runs WHERE number = ?1
                           UNION SELECT unchanged_as FROM runs WHERE number = ?1 AND unchanged_as IS NOT NULL)
             SELECT id FROM agents WHERE agent IN (
                SELECT agent FROM client_rows WHERE run IN (SELECT run FROM this)
                UNION SELECT from_agent FROM client_rows WHERE run IN (SELECT run FROM this) AND from_agent IS NOT NULL)
             UNION SELECT agent FROM runs WHERE number = ?1",
        )?;
        let agents = select.query_map([self.run_number(run)?], |row| row.get(0))?;
        Ok(agents.collect::<Result<_, _>>()?)
    }

    /// The agents of a run that clients are only taken from.
    pub fn agents_only_left(&self, run: &RunId) -> Result<Vec<AgentId>, LedgerError> {
        let mut select = self.connection.prepare(
            "SELECT from_agent FROM clients WHERE run = ?1 AND from_agent IS NOT NULL
             EXCEPT SELECT agent FROM clients WHERE run = ?1",
        )?;
        let agents = select.query_map([self.run_number(run)?], |row| row.get(0))?;
        Ok(agents.collect::<Result<_, _>>()?)
    }

    /// Compares what a run left behind on an agent with the agent's two lists, as they have just been read.
    /// `names_all` is for a reconcile: who is delegated now and was not named is extra.
    pub fn compare_with_lists(
        &self,
        run: &RunId,
        agent: AgentId,
        names_all: bool,
    ) -> Result<Comparison, LedgerError> {
        let number = self.run_number(run)?;
        index_numbers(&self.connection)?;
        let keys = params![number, agent];
        let mut comparison = Comparison {
            compared: self.connection.query_row(
                &format!("SELECT count(*) FROM ({LEFT}) AS left_so"),
                keys,
                |row| row.get(0),
            )?,
            ..Comparison::default()
        };
        let mut select = self.connection.prepare(&format!(
            "WITH left_so AS ({LEFT}),
             now AS (SELECT s.*,
                CASE WHEN CASE WHEN s.client_id IS NULL
                     THEN EXISTS (SELECT 1 FROM temp.delegated WHERE agent = ?2 AND number = CAST(s.number AS INTEGER))
                     ELSE EXISTS (SELECT 1 FROM temp.delegated WHERE agent = ?2 AND id = s.client_id) END THEN 1 ELSE 0 END AS listed,
                CASE WHEN s.client_id IS NULL
                     THEN EXISTS (SELECT 1 FROM temp.available WHERE agent = ?2 AND gives != 0 AND number = CAST(s.number AS INTEGER))
                     ELSE EXISTS (SELECT 1 FROM temp.available WHERE agent = ?2 AND gives != 0 AND id = s.client_id) END AS available,
                (SELECT p.lacking FROM temp.delegated d JOIN temp.package_sets p ON p.id = d.packages
                 WHERE d.agent = ?2 AND p.lacking != '' AND d.id = coalesce(s.client_id,
                    (SELECT id FROM temp.delegated WHERE agent = ?2 AND number = CAST(s.number AS INTEGER) LIMIT 1))
                ) AS lacking
                FROM left_so s)
             SELECT CASE WHEN failed = 1 THEN 'done' WHEN listed = 1 AND delegated = 1 THEN 'partial' WHEN delegated = 0 THEN 'extra' WHEN available THEN 'missing'
                         ELSE 'gone' END,
                    now.number, now.client_id, now.name, {}, lacking
             FROM now WHERE CASE WHEN lacking IS NULL OR delegated = 0 THEN (listed != delegated) != (failed = 1)
                                  ELSE failed = 0 END
             ORDER BY row",
            changed_since("now.client_id", "now.number", "now.listed")
        ))?;
        for found in select.query_map(keys, |row| difference(row, agent))? {
            comparison.differences.push(found?);
        }
        // Of an agent that no row spoke of, a reconcile is not the truth.
        if names_all && comparison.compared > 0 {
            self.unnamed(number, agent, &mut comparison)?;
        }
        Ok(comparison)
    }

    /// Adds the clients that are delegated now and that the run did not name.
    fn unnamed(&self, run: i64, agent: AgentId, comparison: &mut Comparison) -> Result<(), LedgerError> {
        let keys = params![run, agent];
        let mut select = self.connection.prepare(&format!(
            "SELECT 'extra', substr(CAST(1000000000 + d.number AS TEXT), 2), d.id, d.name, {}, NULL
             FROM temp.delegated d
             WHERE d.agent = ?2 AND d.number IS NOT NULL AND d.id NOT IN
                   (SELECT client_id FROM client_rows WHERE {NAMED} AND client_id IS NOT NULL)
               AND d.number NOT IN
                   (SELECT CAST(organisation_number AS INTEGER) FROM client_rows
                    WHERE {NAMED} AND organisation_number IS NOT NULL)
             ORDER BY d.number, d.id",
            changed_since("d.id", "substr(CAST(1000000000 + d.number AS TEXT), 2)", "1")
        ))?;
        for found in select.query_map(keys, |row| difference(row, agent))? {
            comparison.differences.push(Difference { unnamed: true, ..found? });
        }
        comparison.private_persons = self.connection.query_row(
            "SELECT count(*) FROM temp.delegated d WHERE d.agent = ?2 AND d.number IS NULL AND d.id NOT IN
                    (SELECT client_id FROM client_rows WHERE run = ?1 AND agent = (SELECT agent FROM agents WHERE id = ?2) AND client_id IS NOT NULL)",
            keys,
            |row| row.get(0),
        )?;
        Ok(())
    }
}

fn difference(row: Row<'_>, agent: AgentId) -> db::Result<Difference> {
    let kind: String = row.get(0)?;
    Ok(Difference {
        difference: match kind.as_str() {
            "missing" => DifferenceKind::Missing,
            "gone" => DifferenceKind::GoneFromRegister,
            "done" => DifferenceKind::DoneAfterAll,
            "partial" => DifferenceKind::Partial,
            _ => DifferenceKind::Extra,
        },
        agent,
        organisation_number: row.get(1)?,
        client: row.get::<Option<ClientId>>(2)?.map(|client| client.to_string()),
        name: row.get(3)?,
        missing_packages: if kind == "partial" {
            lacking_from_text(row.get::<Option<String>>(5)?.as_deref())
        } else {
            Vec::new()
        },
        unnamed: false,
        changed_since_by: row.get(4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ClientList, ListedClient, OrganisationNumber};
    use DifferenceKind::{Extra, GoneFromRegister, Missing};

    const TO: &str = "00000000-0000-0000-0000-0000000000aa";
    const FROM: &str = "00000000-0000-0000-0000-0000000000bb";

    fn id(place: u8) -> String {
        format!("00000000-0000-0000-0000-0000000000{place:02}")
    }

    fn number(place: u8) -> OrganisationNumber {
        // One in eleven has no check digit.
        (31_000_000..).filter_map(OrganisationNumber::from_first_eight).nth(place.into()).unwrap()
    }

    /// A ledger with one run for each group of clients: (place, agent, `from_agent`, operation, state).
    type Rows<'a> = &'a [(u8, &'a str, Option<&'a str>, &'a str, &'a str)];

    fn ledger(runs: &[Rows<'_>]) -> (tempfile::TempDir, Ledger) {
        let folder = tempfile::tempdir().unwrap();
        let ledger = crate::ledger::test_server::ledger(folder.path());
        ledger.connection.execute("INSERT INTO agents (id) VALUES (?1), (?2)", [TO, FROM]).unwrap();
        for (run, rows) in runs.iter().enumerate() {
            let run = run + 1;
            ledger
                .connection
                .execute(
                    "INSERT INTO runs (number, id, job, kind, environment, facilitator, agent, agent_title,
                        job_file, job_text, manifest, dialect, rows, status, program, started_at)
                     VALUES (?1, 'run' || CAST(?1 AS BIGINT), 'j', 'reconcile', 'tt02', '', ?2, '', '', '', '', '', 0,
                             'completed', '', '2026-01-01T00:00:00Z')",
                    params![run, TO],
                )
                .unwrap();
            for (place, agent, from_agent, operation, state) in *rows {
                ledger
                    .connection
                    .execute(
                        "INSERT INTO client_rows (run, line, organisation_number, client_id, name, operation, state,
                                                  cells, agent, from_agent, intent)
                         VALUES (?1, 1, ?2, ?3, '', ?4, ?5, '[]', (SELECT agent FROM agents WHERE id = ?6),
                                 (SELECT agent FROM agents WHERE id = ?7), CASE WHEN ?7 IS NULL THEN ?4 ELSE 'move' END)",
                        params![
                            run,
                            number(*place).to_string(),
                            id(*place).parse::<ClientId>().unwrap(),
                            operation,
                            state,
                            agent,
                            from_agent
                        ],
                    )
                    .unwrap();
            }
        }
        (folder, ledger)
    }

    /// What Altinn lists: places, 0 for a private person.
    fn list(ledger: &mut Ledger, list: ClientList, places: &[u8]) {
        let clients: Vec<ListedClient> = places
            .iter()
            .map(|place| ListedClient {
                id: ClientId(id(*place).parse().unwrap()),
                number: (*place != 0).then(|| number(*place)),
                name: String::new(),
                packages: None,
            })
            .collect();
        for agent in [TO, FROM].map(|agent| agent.parse().unwrap()) {
            ledger.clear_list(list, agent).unwrap();
            ledger.add_to_list(list, agent, &clients).unwrap();
        }
    }

    fn found(ledger: &Ledger, agent: &str, names_all: bool) -> Vec<(DifferenceKind, String, Option<String>)> {
        let run = RunId::from_ledger("run1".to_owned());
        let comparison = ledger.compare_with_lists(&run, agent.parse().unwrap(), names_all).unwrap();
        comparison
            .differences
            .into_iter()
            .map(|client| {
                (client.difference, client.organisation_number.unwrap_or_default(), client.changed_since_by)
            })
            .collect()
    }

    #[test]
    fn a_reconcile_counts_whom_it_did_not_name_as_extra_and_private_persons_apart() {
        let (_folder, mut ledger) = ledger(&[&[
            (1, TO, None, "delegate", "unchanged"),
            (2, TO, None, "remove", "removed"),
            (3, TO, None, "delegate", "delegated"),
            (4, TO, None, "delegate", "delegated"),
            (5, TO, None, "remove", "failed"),
        ]]);
        list(&mut ledger, ClientList::Delegated, &[1, 2, 5, 6, 0]);
        list(&mut ledger, ClientList::Available, &[1, 2, 3, 6]);
        let named = [
            (Extra, number(2).to_string(), None),
            (Missing, number(3).to_string(), None),
            (GoneFromRegister, number(4).to_string(), None),
        ];
        assert_eq!(found(&ledger, TO, false), named);
        assert_eq!(found(&ledger, TO, true)[3..], [(Extra, number(6).to_string(), None)]);
        let run = RunId::from_ledger("run1".to_owned());
        let comparison = ledger.compare_with_lists(&run, TO.parse().unwrap(), true).unwrap();
        assert_eq!((comparison.compared, comparison.private_persons), (5, 1));
    }

    #[test]
    fn a_client_that_failed_and_is_listed_as_asked_is_done_after_all() {
        let (_folder, mut ledger) =
            ledger(&[&[(1, TO, None, "delegate", "failed"), (2, TO, None, "delegate", "failed")]]);
        list(&mut ledger, ClientList::Delegated, &[1]);
        assert_eq!(found(&ledger, TO, false), [(DifferenceKind::DoneAfterAll, number(1).to_string(), None)]);
    }

    #[test]
    fn a_client_that_was_moved_is_on_the_new_agent_and_not_on_the_old_one() {
        let (_folder, mut ledger) = ledger(&[&[
            (1, TO, Some(FROM), "delegate", "delegated"),
            (2, TO, Some(FROM), "remove", "removed"),
            (3, TO, Some(FROM), "delegate", "unchanged"),
        ]]);
        let run = RunId::from_ledger("run1".to_owned());
        let agents: Vec<String> =
            ledger.agents_of_run(&run).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(agents, [TO, FROM]);
        list(&mut ledger, ClientList::Available, &[1, 2, 3]);
        list(&mut ledger, ClientList::Delegated, &[1, 2, 3]);
        assert_eq!(found(&ledger, TO, false), []);
        list(&mut ledger, ClientList::Delegated, &[2]);
        assert_eq!(found(&ledger, FROM, false), [(Extra, number(2).to_string(), None)]);
    }

    #[test]
    fn a_later_run_explains_only_what_it_left_and_only_on_the_same_agent() {
        let first: Rows<'_> = &[
            (1, TO, None, "delegate", "delegated"),
            (2, TO, None, "delegate", "delegated"),
            (3, TO, None, "delegate", "delegated"),
        ];
        let (_folder, mut ledger) = ledger(&[
            first,
            &[(1, TO, None, "remove", "removed"), (2, FROM, None, "remove", "removed")],
            &[(3, FROM, Some(TO), "delegate", "delegated")],
        ]);
        list(&mut ledger, ClientList::Available, &[1, 2, 3]);
        list(&mut ledger, ClientList::Delegated, &[]);
        assert_eq!(
            found(&ledger, TO, false),
            [
                (Missing, number(1).to_string(), Some("run2".to_owned())),
                (Missing, number(2).to_string(), None),
                (Missing, number(3).to_string(), Some("run3".to_owned())),
            ]
        );
    }
}
