//! A read-back: what the ledger believes against the list of delegated clients that has just been read.

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, params};

use super::{Ledger, LedgerError, planning::operation_from, read::agents, stamp};
use crate::model::{AgentId, ClientEvent, ClientState, Operation, RunId};

/// What a read-back came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// Every client that moved, as (from, to).
    pub moves: Vec<(ClientState, ClientState)>,
    /// How many are to be sent (again), at this turn of their agent.
    pub pending: u64,
}

/// A client that is not settled yet.
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own that the lists answer")]
struct Unsettled {
    row: i64,
    operation: Operation,
    state: ClientState,
    rounds: u32,
    attempted: bool,
    /// The list of the agent whose turn it is says what the operation wants.
    as_wanted: bool,
    /// A later run has done the same for this client on this agent.
    done_by_another: bool,
    /// It is to be moved from an old agent.
    moves: bool,
    /// In a move: the new agent's list has it.
    on_new_agent: bool,
    /// In a move: the old agent's list has it.
    on_old_agent: bool,
    /// In a move: this run has delegated it to the new agent.
    was_delegated: bool,
    /// It was delegated before, and is to be so once more: the list says nothing about that.
    again: bool,
}

impl Unsettled {
    /// A move has two operations, each with its rounds.
    fn most_rounds(&self, rounds: u32) -> u32 {
        if self.moves { 2 * rounds } else { rounds }
    }

    /// What a list that says what the operation wants makes of it.
    fn confirmed(&self) -> ClientEvent {
        match (self.moves, self.operation) {
            (true, Operation::Delegate) => ClientEvent::HalfMoved,
            (true, Operation::Remove) if self.was_delegated => ClientEvent::Moved,
            _ => ClientEvent::Confirmed,
        }
    }
}

const GROUP: usize = 1000;

impl Ledger {
    /// At the end of a round: settles every client that Altinn has answered for, by the list of `agent`, which has
    /// just been read.
    ///
    /// Who is not as the answer said is to be sent again, up to `rounds` times in all, and has then failed. Who is
    /// on the new agent of a move is to be taken off the old one next.
    pub fn settle_answered(
        &mut self,
        run: &RunId,
        agent: AgentId,
        rounds: u32,
    ) -> Result<Settled, LedgerError> {
        self.settle(run, Some(agent), "state = 'answered'", |client| {
            if client.as_wanted {
                client.confirmed()
            } else if client.again {
                ClientEvent::Overtaken
            } else if client.rounds + 1 < client.most_rounds(rounds) {
                ClientEvent::NotConfirmed
            } else {
                ClientEvent::NeverConfirmed
            }
        })
    }

    /// In an outage: settles every client without a verdict at this turn of `agent`, by its list, which has just been read.
    /// What the list does not show is to be sent again.
    pub fn settle_without_verdict(&mut self, run: &RunId, agent: AgentId) -> Result<Settled, LedgerError> {
        self.settle(run, Some(agent), "state = 'waiting'", |client| {
            // In a refresh the list says nothing about the last request.
            if client.as_wanted && !client.again { client.confirmed() } else { ClientEvent::NotConfirmed }
        })
    }

    /// Before clients are taken off an old agent: who is not on the new agent's list, which has just been read, is
    /// to be delegated to it first (again), and who is on neither has been taken away by somebody else.
    pub fn settle_before_removal(
        &mut self,
        run: &RunId,
        old_agent: AgentId,
        rounds: u32,
    ) -> Result<Settled, LedgerError> {
        let not_there = "state = 'pending' AND operation = 'remove' AND from_agent IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM temp.delegated d WHERE d.agent = c.agent AND d.id = c.client_id)";
        self.settle(run, Some(old_agent), not_there, |client| {
            if client.on_old_agent && client.rounds + 1 < client.most_rounds(rounds) {
                ClientEvent::NotConfirmed
            } else {
                ClientEvent::Overtaken
            }
        })
    }

    /// The new agents of the clients that are to be taken off this old one.
    pub fn agents_moved_to(&self, run: &RunId, old_agent: AgentId) -> Result<Vec<AgentId>, LedgerError> {
        let mut agents = self.agents_where(
            run,
            &format!(
                "SELECT DISTINCT agent FROM unfinished WHERE operation = 'remove' AND from_agent = '{old_agent}'"
            ),
        )?;
        agents.retain(|agent| *agent != old_agent);
        Ok(agents)
    }

    /// At the start of a resume: settles every client that is in no final state, before anything is sent, by the
    /// lists of its agents, which have just been read.
    ///
    /// What was under way when the process went has an attempt of its own, with the verdict `lost`.
    pub fn settle_unfinished(&mut self, run: &RunId) -> Result<Settled, LedgerError> {
        self.connection.execute(
            "INSERT INTO attempts (client, agent, operation, verdict, sent_at, message)
             SELECT client, CASE WHEN operation = 'remove' THEN coalesce(from_agent, agent) ELSE agent END, operation,
                    'lost', last_attempt_at, 'the program ended before an answer was recorded'
             FROM clients WHERE run = (SELECT number FROM runs WHERE id = ?1) AND state = 'sending'",
            [run.as_str()],
        )?;
        let unfinished = "state IN ('pending', 'sending', 'waiting', 'answered')";
        self.settle(run, None, unfinished, |client| {
            let is_nowhere = client.moves && !client.on_new_agent && !client.on_old_agent;
            if is_nowhere || (client.again && !client.as_wanted) {
                return ClientEvent::Overtaken;
            }
            // Somebody has taken it off the new agent meanwhile: it must be there before it leaves the old one.
            if client.moves && client.operation == Operation::Remove && !client.on_new_agent {
                return ClientEvent::NotConfirmed;
            }
            match (client.as_wanted, client.state, client.attempted) {
                (true, ClientState::Answered, _) if client.again => ClientEvent::Confirmed,
                (true, ClientState::Sending, _) if client.again => ClientEvent::SetBack,
                (true, _, _) if client.again => ClientEvent::NotConfirmed,
                (true, _, _) if client.moves => client.confirmed(),
                (true, ClientState::Pending, false) => ClientEvent::AlreadySo,
                // Under way when the process went, and a later run has seen to it since.
                (true, ClientState::Sending, _) if client.done_by_another => ClientEvent::AlreadySo,
                (true, _, _) => ClientEvent::Confirmed,
                (false, ClientState::Sending, _) => ClientEvent::SetBack,
                (false, _, _) => ClientEvent::NotConfirmed,
            }
        })
    }

    /// The agents whose lists are needed to settle what is unfinished.
    pub fn agents_unfinished(&self, run: &RunId) -> Result<Vec<AgentId>, LedgerError> {
        self.agents_where(
            run,
            "SELECT DISTINCT agent FROM unfinished UNION
             SELECT DISTINCT from_agent FROM unfinished WHERE from_agent IS NOT NULL",
        )
    }

    /// The agent whose turn is next: one that clients are to be delegated to, or else taken from.
    pub fn next_agent(&self, run: &RunId) -> Result<Option<AgentId>, LedgerError> {
        let agents = self.agents_where(
            run,
            "SELECT CASE WHEN operation = 'remove' THEN coalesce(from_agent, agent) ELSE agent END FROM unfinished
             ORDER BY operation = 'remove' AND from_agent IS NOT NULL, client LIMIT 1",
        )?;
        Ok(agents.first().copied())
    }

    fn agents_where(&self, run: &RunId, select: &str) -> Result<Vec<AgentId>, LedgerError> {
        let mut select = self.connection.prepare(&format!(
            "WITH unfinished AS (
                SELECT * FROM clients WHERE run = (SELECT number FROM runs WHERE id = ?1)
                   AND state IN ('pending', 'sending', 'waiting', 'answered'))
             {select}"
        ))?;
        agents(select.query([run.as_str()])?)
    }

    fn settle(
        &mut self,
        run: &RunId,
        agent: Option<AgentId>,
        which: &str,
        decide: impl Fn(&Unsettled) -> ClientEvent,
    ) -> Result<Settled, LedgerError> {
        let mut settled = Settled::default();
        let mut cursor = 0;
        // Writing from the start: one that reads first cannot wait for a run on another agent that writes meanwhile.
        let transaction =
            self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        loop {
            let group = unsettled(&transaction, run, agent, which, cursor)?;
            let Some(last) = group.last() else { break };
            cursor = last.row;
            for client in &group {
                let event = decide(client);
                let to = client.state.after(event, client.operation)?;
                write(&transaction, client, event, to)?;
                let stays = event != ClientEvent::HalfMoved;
                settled.pending += u64::from(to == ClientState::Pending && stays);
                if to != client.state {
                    settled.moves.push((client.state, to));
                }
            }
        }
        transaction.commit()?;
        Ok(settled)
    }
}

fn unsettled(
    connection: &Connection,
    run: &RunId,
    agent: Option<AgentId>,
    which: &str,
    cursor: i64,
) -> Result<Vec<Unsettled>, LedgerError> {
    let mut select = connection.prepare_cached(&format!(
        "SELECT client, operation, state, rounds,
                EXISTS (SELECT 1 FROM attempts WHERE attempts.client = c.client),
                EXISTS (SELECT 1 FROM temp.delegated d WHERE d.agent = turn AND d.id = c.client_id),
                state = 'sending' AND EXISTS (
                    SELECT 1 FROM clients AS later JOIN runs ON runs.number = later.run
                    JOIN runs AS this ON this.number = c.run
                    WHERE later.client_id = c.client_id AND later.run > c.run
                      AND later.agent = c.agent AND runs.environment = this.environment
                      AND later.operation = c.operation AND later.state IN ('delegated', 'removed')),
                from_agent IS NOT NULL,
                from_agent IS NOT NULL
                    AND EXISTS (SELECT 1 FROM temp.delegated d WHERE d.agent = c.agent AND d.id = c.client_id),
                from_agent IS NOT NULL
                    AND EXISTS (SELECT 1 FROM temp.delegated d WHERE d.agent = c.from_agent AND d.id = c.client_id),
                from_agent IS NOT NULL AND EXISTS (
                        SELECT 1 FROM attempts WHERE attempts.client = c.client AND attempts.operation = 'delegate'),
                (SELECT kind FROM runs WHERE runs.number = c.run) = 'refresh'
         FROM (SELECT *, CASE WHEN operation = 'remove' THEN coalesce(from_agent, agent) ELSE agent END AS turn
               FROM clients) c
         WHERE run = (SELECT number FROM runs WHERE id = ?1) AND client > ?2 AND {which}
           AND (?4 IS NULL OR turn = ?4)
         ORDER BY client LIMIT ?3"
    ))?;
    let keys = params![run.as_str(), cursor, GROUP, agent.map(|agent| agent.to_string())];
    let rows = select.query_map(keys, |row| {
        let operation = operation_from(row.get(1)?).unwrap_or(Operation::Delegate);
        let listed: bool = row.get(5)?;
        Ok(Unsettled {
            row: row.get(0)?,
            operation,
            state: ClientState::from_word(&row.get::<_, String>(2)?).unwrap_or(ClientState::Pending),
            rounds: row.get(3)?,
            attempted: row.get(4)?,
            as_wanted: listed == operation.wants_delegated(),
            done_by_another: row.get(6)?,
            moves: row.get(7)?,
            on_new_agent: row.get(8)?,
            on_old_agent: row.get(9)?,
            was_delegated: row.get(10)?,
            again: row.get(11)?,
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
    match event {
        ClientEvent::HalfMoved => {
            transaction
                .prepare_cached(
                    "UPDATE clients SET state = ?2, operation = 'remove', tries = 0, message = '', hint = ''
                     WHERE client = ?1",
                )?
                .execute(params![client.row, to.as_str()])?;
        }
        ClientEvent::NotConfirmed
            if client.moves && client.operation == Operation::Remove && !client.on_new_agent =>
        {
            transaction
                .prepare_cached(
                    "UPDATE clients SET state = ?2, operation = 'delegate', rounds = rounds + 1, tries = 0
                     WHERE client = ?1",
                )?
                .execute(params![client.row, to.as_str()])?;
        }
        ClientEvent::NotConfirmed | ClientEvent::SetBack => {
            let another_round = client.state == ClientState::Answered;
            // An attempt that was lost with its process is not one of the client's tries.
            let tries_back = u32::from(client.state == ClientState::Sending);
            transaction
                .prepare_cached(
                    "UPDATE clients SET state = ?2, rounds = rounds + ?3, tries = max(tries - ?4, 0) WHERE client = ?1",
                )?
                .execute(params![client.row, to.as_str(), another_round, tries_back])?;
        }
        ClientEvent::NeverConfirmed | ClientEvent::Overtaken => {
            let (message, hint) =
                if event == ClientEvent::Overtaken { OVERTAKEN } else { never_confirmed(client.operation) };
            transaction
                .prepare_cached(
                    "UPDATE clients SET state = ?2, retryable = 1, message = ?3, hint = ?4,
                                        settled_at = ?5 WHERE client = ?1",
                )?
                .execute(params![client.row, to.as_str(), message, hint, stamp(Timestamp::now())])?;
        }
        _ => {
            transaction
                .prepare_cached(
                    "UPDATE clients SET state = ?2, message = '', hint = '', settled_at = ?3 WHERE client = ?1",
                )?
                .execute(params![client.row, to.as_str(), stamp(Timestamp::now())])?;
        }
    }
    Ok(())
}

/// What is said of a client whose access somebody has taken away meanwhile.
const OVERTAKEN: (&str, &str) = (
    "somebody has taken the client's access away since the plan was made",
    "if it is to have access all the same, delegate it with a job of kind delegate",
);

fn never_confirmed(operation: Operation) -> (&'static str, &'static str) {
    match operation {
        Operation::Delegate => (
            "Altinn answered that the client is delegated, and does not list it",
            "look at the agent's clients in Altinn; if it is not there, try again later",
        ),
        Operation::Remove => (
            "Altinn answered that the delegation is removed, and still lists the client",
            "the client may be tied to your firm in several ways; look at the agent's clients in Altinn, or try again later",
        ),
    }
}
