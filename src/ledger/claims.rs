//! Clients are claimed before they are sent, and what came of it is recorded: in groups, in one transaction each.

use std::{collections::HashMap, sync::Arc};

use super::{
    Changed, Ledger, LedgerError,
    db::{OptionalExtension, Transaction, params},
    listing::packages_from_text,
    millis, millis_now,
    settle::TURN,
};
use crate::model::{
    AgentId, Answer, AttemptVerdict, ClientEvent, ClientId, ClientState, IllegalTransition, Operation,
    Packages,
};

/// A client that the ledger holds as about to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The ledger's key of this client in this run.
    pub row: i64,
    /// Whom to send.
    pub client: ClientId,
    /// What to send.
    pub operation: Operation,
    /// About which agent.
    pub agent: AgentId,
    /// Which of the job's `attempts` this is, from 1.
    pub tries: u32,
    /// Of a delegation, what is delegated: what the agent was approved for and the client gives, as the list of today says;
    /// `None` where it does not tell.
    pub packages: Option<Arc<Packages>>,
    /// Of a removal, how many delegations are to be removed after this one: one for each role of the client.
    pub more_delegations: u32,
}

/// What came of a claim.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Which claim.
    pub claimed: Claimed,
    /// What happened to the client.
    pub event: ClientEvent,
    /// The answer; none when it was never sent.
    pub answer: Option<Answer>,
    /// Whether this was one of the client's tries (an outage or a throttling is not the client's doing).
    pub counts: bool,
}

/// What the writer claims clients of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work {
    pub(super) run_number: i64,
    /// The agent whose clients have their turn.
    pub(super) agent: AgentId,
    /// The last client that was claimed.
    pub(super) cursor: i64,
}

/// The numbers that agents and requests have in the ledger, as far as this connection has seen them. Both are few: what a
/// request is about stands in its query, which is not kept.
#[derive(Debug, Default)]
pub(super) struct Keys {
    agents: HashMap<AgentId, i64>,
    requests: HashMap<String, i64>,
}

impl Keys {
    /// The number of an agent; none where the ledger does not know it.
    fn agent(&mut self, transaction: &Transaction<'_>, agent: AgentId) -> Result<Option<i64>, LedgerError> {
        if let Some(key) = self.agents.get(&agent) {
            return Ok(Some(*key));
        }
        let key: Option<i64> = transaction
            .query_row("SELECT agent FROM agents WHERE id = ?1", [agent], |row| row.get(0))
            .optional()?;
        self.agents.extend(key.map(|key| (agent, key)));
        Ok(key)
    }

    /// The number of a request's method and path, which gets one now where it has none; none of a request without either.
    pub(super) fn request(
        &mut self,
        transaction: &Transaction<'_>,
        request: &str,
    ) -> Result<Option<i64>, LedgerError> {
        if let Some(key) = self.requests.get(request) {
            return Ok(Some(*key));
        }
        if request.is_empty() {
            return Ok(None);
        }
        transaction.execute("INSERT INTO requests (text) VALUES (?1) ON CONFLICT DO NOTHING", [request])?;
        let key =
            transaction
                .query_row("SELECT request FROM requests WHERE text = ?1", [request], |row| row.get(0))?;
        self.requests.insert(request.to_owned(), key);
        Ok(Some(key))
    }
}

/// What a client that is to be delegated gives the agent `?4`, and how many roles of one that is to be removed it has.
const PACKAGES: &str = "CASE WHEN operation = 'delegate' THEN
    (SELECT s.approved FROM temp.available a JOIN temp.package_sets s ON s.id = a.packages
     WHERE a.agent = ?4 AND a.id = client_rows.client_id) END";
const ROLES: &str = "CASE WHEN operation = 'remove' THEN
    (SELECT s.roles FROM temp.delegated d JOIN temp.package_sets s ON s.id = d.packages
     WHERE d.agent = ?4 AND d.id = client_rows.client_id) END";

/// The same where no list tells packages, which need not be looked for then.
const UNTOLD: (&str, &str) = ("CAST(NULL AS TEXT)", "CAST(NULL AS BIGINT)");

/// Claims up to `fresh` clients that have not been sent yet, and those of `again`.
pub(super) fn claim(
    transaction: &Transaction<'_>,
    keys: &mut Keys,
    work: &mut Work,
    fresh: usize,
    again: Vec<Claimed>,
) -> Result<Vec<Claimed>, LedgerError> {
    let again_many = again.len();
    let mut claims = again;
    for claimed in &mut claims {
        mark_sending(transaction, claimed, ClientState::Waiting)?;
    }
    if fresh > 0 {
        let agent = keys.agent(transaction, work.agent)?;
        let from = work.cursor;
        let tells_packages: bool = transaction
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM temp.package_sets)")?
            .query_row([], |row| row.get(0))?;
        let (packages, roles) = if tells_packages { (PACKAGES, ROLES) } else { UNTOLD };
        let mut select = transaction.prepare_cached(&format!(
            "SELECT client, client_id, operation, tries, {packages}, {roles}
             FROM client_rows WHERE run = ?1 AND state = 'pending' AND client > ?2
               AND {TURN} = (SELECT agent FROM agents WHERE id = ?4)
             ORDER BY client LIMIT ?3"
        ))?;
        let mut sets = HashMap::new();
        let mut rows = select.query(params![work.run_number, from, fresh, work.agent])?;
        while let Some(row) = rows.next()? {
            let operation = row.get(2)?;
            ClientState::Pending.after(ClientEvent::Claimed, operation)?;
            claims.push(Claimed {
                row: row.get(0)?,
                client: row.get(1)?,
                operation,
                agent: work.agent,
                tries: row.get::<u32>(3)? + 1,
                packages: packages_of(row.get::<Option<String>>(4)?.as_deref(), &mut sets)?,
                more_delegations: row.get::<Option<u32>>(5)?.unwrap_or(0).saturating_sub(1),
            });
        }
        mark_fresh(transaction, work, agent, claims.get(again_many..).unwrap_or_default())?;
    }
    Ok(claims)
}

impl Ledger {
    /// Of clients that were refused because the list of what they give is not of today: those that the list that has just
    /// been read has with other packages than were sent. They are to be sent again, in one more round.
    ///
    /// Answers which moved.
    pub fn send_again_where_list_differs(
        &mut self,
        agent: AgentId,
        refused: &[Claimed],
    ) -> Result<Vec<Changed>, LedgerError> {
        let transaction = self.writing()?;
        let mut moved = Vec::new();
        {
            let mut gives = transaction.prepare_cached(
                "SELECT s.approved, s.lacking FROM temp.available a JOIN temp.package_sets s ON s.id = a.packages
                 WHERE a.agent = ?1 AND a.id = ?2",
            )?;
            let mut set_back = transaction.prepare_cached(
                "UPDATE client_rows SET state = ?2, rounds = rounds + 1, tries = 0
                 WHERE client = ?1 AND state = 'unverified'",
            )?;
            let mut sets = HashMap::new();
            let from = ClientState::Unverified;
            let to = from.after(ClientEvent::NotConfirmed, Operation::Delegate)?;
            for claimed in refused {
                let mut found = gives.query(params![agent, claimed.client])?;
                let Some(row) = found.next()? else { continue };
                let gives_all = row.get::<String>(1)?.is_empty();
                let packages = packages_of(row.get::<Option<String>>(0)?.as_deref(), &mut sets)?;
                if gives_all
                    && packages.is_some()
                    && packages != claimed.packages
                    && set_back.execute(params![claimed.row, to])? > 0
                {
                    let Claimed { row, client, operation, agent, .. } = *claimed;
                    moved.push(Changed { row, client: Some(client), agent, operation, from, to });
                }
            }
        }
        transaction.commit()?;
        Ok(moved)
    }
}

/// What stands in the table of sets; the same text is the same value.
fn packages_of(
    text: Option<&str>,
    sets: &mut HashMap<String, Arc<Packages>>,
) -> Result<Option<Arc<Packages>>, LedgerError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    if let Some(set) = sets.get(text) {
        return Ok(Some(Arc::clone(set)));
    }
    let set = packages_from_text(text)?;
    sets.insert(text.to_owned(), Arc::clone(&set));
    Ok(Some(set))
}

/// The clients that have just been selected, as about to be sent: all at once, since they lie side by side.
fn mark_fresh(
    transaction: &Transaction<'_>,
    work: &mut Work,
    agent: Option<i64>,
    claims: &[Claimed],
) -> Result<(), LedgerError> {
    let Some(last) = claims.last() else { return Ok(()) };
    let changed = transaction
        .prepare_cached(&format!(
            "UPDATE client_rows SET state = 'sending', tries = tries + 1, last_attempt_ms = ?5
             WHERE client > ?1 AND client <= ?2 AND +run = ?3 AND state = 'pending'
               AND {TURN} = ?4"
        ))?
        .execute(params![work.cursor, last.row, work.run_number, agent, millis_now()])?;
    work.cursor = last.row;
    if changed == claims.len() {
        Ok(())
    } else {
        Err(not_as_believed(ClientState::Pending, ClientEvent::Claimed))
    }
}

fn mark_sending(
    transaction: &Transaction<'_>,
    claimed: &mut Claimed,
    from: ClientState,
) -> Result<(), LedgerError> {
    let to = from.after(ClientEvent::Claimed, claimed.operation)?;
    claimed.tries += 1;
    let changed = transaction
        .prepare_cached(
            "UPDATE client_rows SET state = ?3, tries = ?4, last_attempt_ms = ?5 WHERE client = ?1 AND state = ?2",
        )?
        .change_one(params![
            claimed.row,
            from,
            to,
            claimed.tries,
            millis_now()
        ])?;
    expect_one(changed, from, ClientEvent::Claimed)
}

/// Records what came of a claim. Answers the state the client is in now.
pub(super) fn record(
    transaction: &Transaction<'_>,
    keys: &mut Keys,
    outcome: &Outcome,
) -> Result<ClientState, LedgerError> {
    let claimed = &outcome.claimed;
    let to = ClientState::Sending.after(outcome.event, claimed.operation)?;
    let tries = match outcome.event {
        ClientEvent::Accepted => 0,
        _ if outcome.counts => claimed.tries,
        // One that never left was no attempt, and an outage may have given it back already.
        _ => claimed.tries.saturating_sub(1),
    };
    let Some(answer) = &outcome.answer else {
        let changed = transaction
            .prepare_cached(
                "UPDATE client_rows SET state = ?2, tries = ?3 WHERE client = ?1 AND state = 'sending'",
            )?
            .change_one(params![claimed.row, to, tries])?;
        expect_one(changed, ClientState::Sending, outcome.event)?;
        return Ok(to);
    };
    let agent = keys.agent(transaction, claimed.agent)?;
    let request = keys.request(transaction, &answer.request)?;
    transaction
        .prepare_cached(
            "INSERT INTO attempt_rows (client, agent, operation, verdict, sent_ms, duration_ms, status, code, message,
                                   trace_id, request)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .put(params![
            claimed.row,
            agent,
            claimed.operation,
            AttemptVerdict::from(answer.verdict),
            millis(answer.sent_at),
            u64::try_from(answer.took.as_millis()).unwrap_or(u64::MAX),
            answer.status,
            answer.code,
            answer.message,
            answer.trace_id,
            request,
        ])?;
    let changed = transaction
        .prepare_cached(
            "UPDATE client_rows SET state = ?2, tries = ?3, retryable = ?4, status = ?5, code = ?6, message = ?7,
                                hint = ?8, trace_id = ?9, last_attempt_ms = ?10, settled_ms = ?11
             WHERE client = ?1 AND state = 'sending'",
        )?
        .change_one(params![
            claimed.row,
            to,
            tries,
            outcome.event == ClientEvent::AttemptsUsedUp,
            answer.status,
            answer.code,
            answer.message,
            answer.hint,
            answer.trace_id,
            millis(answer.sent_at),
            to.is_final().then(millis_now),
        ])?;
    expect_one(changed, ClientState::Sending, outcome.event)?;
    Ok(to)
}

impl Ledger {
    /// Takes an attempt off each of these clients, which turned out not to be the client's: it was an outage. Those that
    /// do not wait for another attempt are passed over.
    pub fn give_back_attempts(&mut self, rows: &[i64]) -> Result<(), LedgerError> {
        let transaction = self.writing()?;
        for row in rows {
            transaction
                .prepare_cached(
                    "UPDATE client_rows SET tries = tries - 1 WHERE client = ?1 AND state = 'waiting' AND tries > 0",
                )?
                .put([row])?;
        }
        transaction.commit()?;
        Ok(())
    }
}

/// The ledger must hold the client in the state that the engine believes it to be in.
fn expect_one(is_changed: Option<bool>, state: ClientState, event: ClientEvent) -> Result<(), LedgerError> {
    if is_changed == Some(false) { Err(not_as_believed(state, event)) } else { Ok(()) }
}

fn not_as_believed(state: ClientState, event: ClientEvent) -> LedgerError {
    IllegalTransition { state, event }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_that_an_outage_has_given_back_is_not_given_back_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = crate::ledger::test_server::ledger(folder.path());
        let client = ClientId(uuid::Uuid::from_u128(1));
        ledger
            .connection
            .execute_batch(
                "INSERT INTO runs (number, id, job, kind, environment, facilitator, agent, agent_title, job_file,
                                   job_text, manifest, dialect, rows, status, program, started_at)
                 VALUES (1, 'r', 'j', 'delegate', 'tt02', '', 'a', '', '', '', '', '', 1, 'running', '', '');
                 INSERT INTO agents (id) VALUES ('a');
                 INSERT INTO client_rows (client, run, line, name, operation, state, cells, agent)
                 VALUES (7, 1, 2, '', 'delegate', 'sending', '[]', 1);",
            )
            .unwrap();
        let claimed = Claimed {
            row: 7,
            client,
            operation: Operation::Delegate,
            agent: AgentId(uuid::Uuid::from_u128(2)),
            tries: 0,
            packages: None,
            more_delegations: 0,
        };
        let outcome = Outcome { claimed, event: ClientEvent::SetBack, answer: None, counts: false };
        let transaction = ledger.writing().unwrap();
        let to = record(&transaction, &mut Keys::default(), &outcome).unwrap();
        transaction.commit().unwrap();
        let kept = "SELECT tries FROM client_rows WHERE client = 7";
        let tries: i64 = ledger.connection.query_row(kept, [], |row| row.get(0)).unwrap();
        assert_eq!((to, tries), (ClientState::Pending, 0));
    }
}
