//! A read-back: what the ledger believes against the list of delegated clients that has just been read. What it decides is
//! [`read_back`]; here its facts are selected and its decision is stored.

use std::collections::HashSet;

use super::{
    Ledger, LedgerError,
    db::{Connection, Transaction, params},
    millis_now,
    read::ROWS_OF_RUN,
};
use crate::{
    model::{
        AgentId, AttemptVerdict, ClientEvent, ClientId, ClientState, Event, Later, Moment, Operation, RunId,
        Sighting, read_back,
    },
    words::{Wording, kept},
};

/// One client that went from one state to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// The ledger's key of the client in its run.
    pub row: i64,
    /// The client, where Altinn lists it.
    pub client: Option<ClientId>,
    /// The agent that it is about.
    pub agent: AgentId,
    /// What is done for it.
    pub operation: Operation,
    /// Where it stood.
    pub from: ClientState,
    /// Where it stands.
    pub to: ClientState,
}

impl From<Changed> for Event {
    fn from(changed: Changed) -> Self {
        let Changed { row, client, agent, operation, from, to } = changed;
        Self::Changed { row, client, agent, operation, from, to }
    }
}

/// What a part of a read-back came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// Every client that moved.
    pub changed: Vec<Changed>,
    /// After which client the next part begins; none when this was the last.
    pub goes_on_after: Option<i64>,
    /// How many are to be sent (again), at this turn of their agent; of a recovery without those that stay as they were.
    pub pending: u64,
    /// How many a later run had settled, or has taken over.
    pub superseded: u64,
}

/// A client that is not settled yet, with what the lists say of it.
struct Unsettled {
    row: i64,
    client: Option<ClientId>,
    agent: AgentId,
    sighting: Sighting,
}

/// So many clients are read at once.
const GROUP: usize = 1000;
/// So many groups are one part of a read-back, in one transaction: what moved is told and forgotten part by part.
const GROUPS_IN_PART: usize = 20;

/// The agent whose turn it is with a client: of a move first the new one, then the old one.
pub(super) const TURN: &str =
    "CASE WHEN operation = 'remove' THEN coalesce(from_agent, agent) ELSE agent END";

/// The states that are not final.
const UNSETTLED: &str = "state IN ('pending', 'sending', 'waiting', 'answered', 'unverified')";

/// What a later run than that of the client `c` has settled about it on the agent whose turn it is: 2 where one has changed it, 1
/// where one found it unchanged, a run that has no row of its own for it included.
const SETTLED_LATER: &str = "(
    SELECT coalesce(max(CASE later.state WHEN 'unchanged' THEN 1 ELSE 2 END), 0) FROM client_rows AS later JOIN runs ON runs.number = later.run
    WHERE later.client_id = c.client_id AND c.turn IN (later.agent, later.from_agent)
      AND later.state IN ('delegated', 'removed', 'unchanged')
      AND runs.environment = (SELECT environment FROM runs WHERE number = c.run)
      AND (later.run > c.run OR EXISTS (
            SELECT 1 FROM runs AS night WHERE night.unchanged_as = later.run AND night.number > c.run)))";

impl Ledger {
    /// Settles clients of a run by the lists of delegated clients that have just been read: at [`Moment::EndOfRound`]
    /// and [`Moment::BeforeRemoval`] those whose turn is with `agent`, in an outage those of them that wait, else all that are in no
    /// final state. In parts: `after`
    /// is 0 for the first, and what the part before said for the next.
    ///
    /// What was under way when a process went has an attempt of its own, with the verdict `lost`.
    pub fn settle(
        &mut self,
        run: &RunId,
        moment: Moment,
        agent: Option<AgentId>,
        rounds: u32,
        after: i64,
    ) -> Result<Settled, LedgerError> {
        let run_number = self.run_number(run)?;
        let mut settled = Settled::default();
        let mut cursor = after;
        // No later run can have settled anything of the newest.
        let is_newest =
            self.connection.query_row("SELECT max(number) = ?1 FROM runs", [run_number], |row| row.get(0))?;
        if after == 0 && moment == Moment::Recovery && is_newest {
            find_what_to_recover(&self.connection, run_number)?;
        }
        let transaction = self.writing()?;
        if after == 0 && matches!(moment, Moment::Recovery | Moment::Supersession) {
            note_lost(&transaction, run_number)?;
        }
        for nth in 1..=GROUPS_IN_PART {
            let group = unsettled(&transaction, (run_number, is_newest), moment, agent, cursor)?;
            let Some(last) = group.last() else { break };
            cursor = last.row;
            settled.goes_on_after = Some(cursor).filter(|_| nth == GROUPS_IN_PART);
            for client in &group {
                let Sighting { state: from, operation, .. } = client.sighting;
                let event = read_back(moment, &client.sighting, rounds);
                let to = from.after(event, operation)?;
                write(&transaction, client, event, to)?;
                let stays = event != ClientEvent::HalfMoved;
                settled.pending += u64::from(to == ClientState::Pending && stays);
                settled.superseded += u64::from(to == ClientState::Superseded);
                if to != from {
                    let Unsettled { row, client, agent, .. } = *client;
                    settled.changed.push(Changed { row, client, agent, operation, from, to });
                }
            }
        }
        transaction.commit()?;
        Ok(settled)
    }

    /// The new agents of the clients that are to be taken off this old one.
    pub fn agents_moved_to(&self, run: &RunId, old_agent: AgentId) -> Result<Vec<AgentId>, LedgerError> {
        let mut agents = self.agents_where(
            run,
            &format!(
                "SELECT DISTINCT agent FROM unfinished WHERE operation = 'remove' AND from_agent = (SELECT agent FROM agents WHERE id = '{old_agent}')"
            ),
        )?;
        agents.retain(|agent| *agent != old_agent);
        Ok(agents)
    }

    /// The agents whose lists are needed to settle what is unfinished.
    pub fn agents_unfinished(&self, run: &RunId) -> Result<Vec<AgentId>, LedgerError> {
        // In one pass: the clients of a large run are read from the disk each time.
        let pairs = "SELECT DISTINCT agent, from_agent FROM unfinished";
        self.agents_where(
            run,
            &format!(
                "SELECT CASE side WHEN 1 THEN agent ELSE from_agent END
                 FROM ({pairs}) AS pairs, (SELECT 1 AS side UNION ALL SELECT 2) AS sides"
            ),
        )
    }

    /// The agent whose turn is next: one that clients are to be delegated to, or else taken from.
    pub fn next_agent(&self, run: &RunId) -> Result<Option<AgentId>, LedgerError> {
        let second_half = "operation = 'remove' AND from_agent IS NOT NULL";
        // Each stops at the first client that it finds.
        for which in [format!("({second_half}) IS NOT TRUE"), second_half.to_owned()] {
            let first = format!("SELECT {TURN} FROM unfinished WHERE {which} ORDER BY client LIMIT 1");
            if let Some(agent) = self.agents_where(run, &first)?.first() {
                return Ok(Some(*agent));
            }
        }
        Ok(None)
    }

    /// Whether anything of the run is to be confirmed or contested by the list of this agent.
    pub fn awaits_read_back(&self, run: &RunId, agent: AgentId) -> Result<bool, LedgerError> {
        Ok(self.connection.query_row(
            &format!(
                "SELECT EXISTS (SELECT 1 FROM client_rows WHERE run = ?1 AND state IN ('answered', 'unverified')
                                AND {TURN} = (SELECT agent FROM agents WHERE id = ?2))"
            ),
            params![self.run_number(run)?, agent],
            |row| row.get(0),
        )?)
    }

    /// Whether clients of the run are to be taken away from this agent.
    pub fn takes_from(&self, run: &RunId, agent: AgentId) -> Result<bool, LedgerError> {
        Ok(self.connection.query_row(
            &format!(
                "SELECT EXISTS (SELECT 1 FROM client_rows WHERE run = ?1 AND {UNSETTLED}
                                AND ((operation = 'remove' AND {TURN} = (SELECT agent FROM agents WHERE id = ?2))
                                     OR from_agent = (SELECT agent FROM agents WHERE id = ?2)))"
            ),
            params![self.run_number(run)?, agent],
            |row| row.get(0),
        )?)
    }

    /// Whether clients of the run are still to be delegated to this agent.
    pub fn delegates_to(&self, run: &RunId, agent: AgentId) -> Result<bool, LedgerError> {
        Ok(self.connection.query_row(
            &format!(
                "SELECT EXISTS (SELECT 1 FROM client_rows WHERE run = ?1 AND {UNSETTLED} AND operation = 'delegate'
                                AND agent = (SELECT agent FROM agents WHERE id = ?2))"
            ),
            params![self.run_number(run)?, agent],
            |row| row.get(0),
        )?)
    }

    fn agents_where(&self, run: &RunId, select: &str) -> Result<Vec<AgentId>, LedgerError> {
        let mut select = self.connection.prepare(&format!(
            "WITH unfinished AS (SELECT * FROM client_rows WHERE {ROWS_OF_RUN} AND {UNSETTLED})
             SELECT id FROM agents WHERE agent IN ({select}) ORDER BY id"
        ))?;
        let agents = select.query_map([self.run_number(run)?], |row| row.get(0))?;
        Ok(agents.collect::<Result<_, _>>()?)
    }
}

/// Notes an attempt for everything that was under way when the process went.
fn note_lost(transaction: &Transaction<'_>, run: i64) -> Result<(), LedgerError> {
    transaction.execute(
        &format!(
            "INSERT INTO attempt_rows (client, agent, operation, verdict, sent_ms, message)
             SELECT client, {TURN}, operation, ?2, last_attempt_ms, ?3
             FROM client_rows WHERE run = ?1 AND state = 'sending'"
        ),
        params![run, AttemptVerdict::Lost, kept!("ledger-attempt-lost")],
    )?;
    Ok(())
}

/// Those that a read-back before a resume looks at, on this connection only.
pub(super) fn make_table(connection: &Connection) -> Result<(), LedgerError> {
    Ok(connection.execute_batch("CREATE TEMP TABLE to_recover (client INTEGER PRIMARY KEY)")?)
}

/// Finds the clients of the newest run that a resume has something to decide about. Most have not been sent, are not listed,
/// and stay as they are; those that Altinn has answered are left to the end of the round, whose list is newer; of a move the
/// answer decides whose turn it is. In one pass, without asking the lists for each: they are a million at the most.
fn find_what_to_recover(connection: &Connection, run: i64) -> Result<(), LedgerError> {
    connection.execute("DELETE FROM temp.to_recover", [])?;
    let mut listed = HashSet::new();
    let mut lists = connection.prepare("SELECT id FROM temp.delegated")?;
    let mut rows = lists.query([])?;
    while let Some(row) = rows.next()? {
        listed.insert(short(row.get(0)?));
    }
    let mut insert = connection.prepare("INSERT INTO temp.to_recover VALUES (?1)")?;
    let mut select = connection.prepare(&format!(
        "SELECT client, client_id, state = 'pending' AND intent = 'delegate' AND operation = 'delegate' AND from_agent IS NULL
         FROM client_rows WHERE {ROWS_OF_RUN} AND {UNSETTLED} AND NOT (state = 'answered' AND intent != 'move')"
    ))?;
    let mut rows = select.query([run])?;
    while let Some(row) = rows.next()? {
        let stays_unless_listed: bool = row.get(2)?;
        let client: Option<ClientId> = row.get(1)?;
        if !stays_unless_listed || client.is_some_and(|client| listed.contains(&short(client))) {
            insert.put([row.get::<i64>(0)?])?;
        }
    }
    Ok(())
}

/// A client's id in half its bytes. Two clients that have it in common are both looked at.
fn short(client: ClientId) -> u64 {
    let (high, low) = client.0.as_u64_pair();
    high.rotate_left(32) ^ low
}

fn unsettled(
    connection: &Connection,
    (run, is_newest): (i64, bool),
    moment: Moment,
    agent: Option<AgentId>,
    cursor: i64,
) -> Result<Vec<Unsettled>, LedgerError> {
    let name = |agent: &str| format!("(SELECT id FROM agents WHERE agents.agent = c.{agent})");
    let (agent_id, from_agent) = (name("agent"), name("from_agent"));
    // Where one agent is settled, it is the one whose turn it is with all of them.
    let turn = if agent.is_some() { "CAST(?4 AS TEXT)".to_owned() } else { name("turn") };
    let to_remove;
    let which = match moment {
        Moment::EndOfRound => "state IN ('answered', 'unverified')",
        Moment::BeforeRemoval => {
            to_remove = format!(
                "state = 'pending' AND operation = 'remove' AND from_agent IS NOT NULL AND NOT EXISTS
                    (SELECT 1 FROM temp.delegated d WHERE d.agent = {agent_id} AND d.id = c.client_id)"
            );
            &to_remove
        }
        Moment::Outage => "state = 'waiting'",
        Moment::Recovery if is_newest => "client IN (SELECT client FROM temp.to_recover)",
        Moment::Recovery | Moment::Supersession => UNSETTLED,
    };
    let settled_later = match moment {
        Moment::EndOfRound | Moment::BeforeRemoval | Moment::Outage => "0",
        Moment::Recovery | Moment::Supersession if is_newest => "0",
        Moment::Recovery | Moment::Supersession => SETTLED_LATER,
    };
    // Whoever has been answered was sent, and nobody asks.
    let attempted = match moment {
        Moment::EndOfRound => "1",
        _ => "EXISTS (SELECT 1 FROM attempt_rows a WHERE a.client = c.client)",
    };
    let mut select = connection.prepare_cached(&format!(
        "SELECT client, client_id, {turn}, intent, operation, state, rounds, {attempted},
                EXISTS (SELECT 1 FROM temp.delegated d WHERE d.agent = {turn} AND d.id = c.client_id),
                from_agent IS NOT NULL
                    AND EXISTS (SELECT 1 FROM temp.delegated d WHERE d.agent = {agent_id} AND d.id = c.client_id),
                from_agent IS NOT NULL
                    AND EXISTS (SELECT 1 FROM temp.delegated d WHERE d.agent = {from_agent} AND d.id = c.client_id),
                from_agent IS NOT NULL AND EXISTS (
                        SELECT 1 FROM attempt_rows a WHERE a.client = c.client AND a.operation = 'delegate'),
                {settled_later}
         FROM (SELECT *, {TURN} AS turn FROM client_rows WHERE {ROWS_OF_RUN} AND client > ?2) c
         WHERE {which} AND (turn = (SELECT agent FROM agents WHERE id = ?4) OR ?4 IS NULL)
         ORDER BY client LIMIT ?3"
    ))?;
    let rows = select.query_map(params![run, cursor, GROUP, agent], |row| {
        Ok(Unsettled {
            row: row.get(0)?,
            client: row.get(1)?,
            agent: row.get(2)?,
            sighting: Sighting {
                intent: row.get(3)?,
                operation: row.get(4)?,
                state: row.get(5)?,
                rounds: row.get(6)?,
                attempted: row.get(7)?,
                listed: row.get(8)?,
                on_new_agent: row.get(9)?,
                on_old_agent: row.get(10)?,
                sent_to_new_agent: row.get(11)?,
                later: match row.get::<i64>(12)? {
                    0 => Later::Nothing,
                    1 => Later::Found,
                    _ => Later::Changed,
                },
            },
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn write(
    transaction: &Transaction<'_>,
    client: &Unsettled,
    event: ClientEvent,
    to: ClientState,
) -> Result<(), LedgerError> {
    let Sighting { state: from, operation, .. } = client.sighting;
    match event {
        ClientEvent::HalfMoved => turn_to(transaction, client.row, to, Operation::Remove, 0),
        // Somebody has taken it off the new agent meanwhile.
        ClientEvent::NotConfirmed if client.sighting.must_return_to_new_agent() => {
            turn_to(transaction, client.row, to, Operation::Delegate, 1)
        }
        ClientEvent::NotConfirmed | ClientEvent::SetBack => {
            let another_round = from == ClientState::Answered;
            // An attempt that was lost with its process is not one of the client's attempts.
            let back = u32::from(from == ClientState::Sending);
            // Most clients of a run that is resumed early have not been sent yet, and stay as they are.
            if to == from && !another_round && back == 0 {
                return Ok(());
            }
            transaction
                .prepare_cached(
                    "UPDATE client_rows SET state = ?2, rounds = rounds + ?3,
                            tries = CASE WHEN tries > ?4 THEN tries - ?4 ELSE 0 END WHERE client = ?1",
                )?
                .put(params![client.row, to, another_round, back])?;
            Ok(())
        }
        // What Altinn said last, and whether it may be tried again, stand in its row already.
        ClientEvent::RefusalStands => {
            transaction
                .prepare_cached("UPDATE client_rows SET state = ?2, settled_ms = ?3 WHERE client = ?1")?
                .put(params![client.row, to, millis_now()])?;
            Ok(())
        }
        ClientEvent::NeverConfirmed => {
            end_with(transaction, client.row, to, true, never_confirmed(operation))
        }
        ClientEvent::Overtaken => end_with(transaction, client.row, to, true, overtaken()),
        ClientEvent::Superseded => end_with(transaction, client.row, to, false, superseded()),
        _ => end_with(transaction, client.row, to, false, (Wording::NOTHING, Wording::NOTHING)),
    }
}

fn turn_to(
    transaction: &Transaction<'_>,
    row: i64,
    to: ClientState,
    operation: Operation,
    round: u32,
) -> Result<(), LedgerError> {
    transaction
        .prepare_cached(
            "UPDATE client_rows SET state = ?2, operation = ?3, rounds = rounds + ?4, tries = 0, message = '', hint = ''
             WHERE client = ?1",
        )?
        .put(params![row, to, operation, round])?;
    Ok(())
}

fn end_with(
    transaction: &Transaction<'_>,
    row: i64,
    to: ClientState,
    retryable: bool,
    (message, hint): (Wording, Wording),
) -> Result<(), LedgerError> {
    transaction
        .prepare_cached(
            "UPDATE client_rows SET state = ?2, retryable = ?3, message = ?4, hint = ?5, settled_ms = ?6
             WHERE client = ?1",
        )?
        .put(params![row, to, retryable, message, hint, millis_now()])?;
    Ok(())
}

/// What is said of a client whose access somebody has taken away meanwhile.
fn overtaken() -> (Wording, Wording) {
    (kept!("ledger-overtaken"), kept!("ledger-overtaken-hint"))
}

/// What is said of a client that this run leaves to a later one.
fn superseded() -> (Wording, Wording) {
    (kept!("ledger-superseded"), Wording::NOTHING)
}

fn never_confirmed(operation: Operation) -> (Wording, Wording) {
    match operation {
        Operation::Delegate => {
            (kept!("ledger-delegation-not-confirmed"), kept!("ledger-delegation-not-confirmed-hint"))
        }
        Operation::Remove => {
            (kept!("ledger-removal-not-confirmed"), kept!("ledger-removal-not-confirmed-hint"))
        }
    }
}
