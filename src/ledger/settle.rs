//! A read-back: what the ledger believes against the list of delegated clients that has just been read.

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, params};

use super::{Ledger, LedgerError, planning::operation_from, stamp};
use crate::model::{ClientEvent, ClientState, Operation, RunId};

/// What a read-back came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// Every client that moved, as (from, to).
    pub moves: Vec<(ClientState, ClientState)>,
    /// How many are to be sent (again).
    pub pending: u64,
}

/// A client that is not settled yet.
struct Unsettled {
    row: i64,
    operation: Operation,
    state: ClientState,
    rounds: u32,
    attempted: bool,
    as_wanted: bool,
    /// A later run has done the same for this client on this agent.
    done_by_another: bool,
}

const GROUP: usize = 1000;

impl Ledger {
    /// At the end of a run: settles every client that Altinn has answered for.
    ///
    /// Who is not as the answer said is to be sent again, up to `rounds` times in all, and has then failed.
    pub fn settle_answered(&mut self, run: &RunId, rounds: u32) -> Result<Settled, LedgerError> {
        self.settle(run, "state = 'answered'", |client| {
            if client.as_wanted {
                ClientEvent::Confirmed
            } else if client.rounds + 1 < rounds {
                ClientEvent::NotConfirmed
            } else {
                ClientEvent::NeverConfirmed
            }
        })
    }

    /// At the start of a resume: settles every client that is in no final state, before anything is sent.
    ///
    /// What was under way when the process went has an attempt of its own, with the verdict `lost`.
    pub fn settle_unfinished(&mut self, run: &RunId) -> Result<Settled, LedgerError> {
        self.connection.execute(
            "INSERT INTO attempts (client, agent, operation, verdict, sent_at, message)
             SELECT client, agent, operation, 'lost', last_attempt_at, 'the program ended before an answer was recorded'
             FROM clients WHERE run = (SELECT number FROM runs WHERE id = ?1) AND state = 'sending'",
            [run.as_str()],
        )?;
        self.settle(run, "state IN ('pending', 'sending', 'waiting', 'answered')", |client| {
            match (client.as_wanted, client.state, client.attempted) {
                (true, ClientState::Pending, false) => ClientEvent::AlreadySo,
                // Under way when the process went, and a later run has seen to it since.
                (true, ClientState::Sending, _) if client.done_by_another => ClientEvent::AlreadySo,
                (true, _, _) => ClientEvent::Confirmed,
                (false, ClientState::Sending, _) => ClientEvent::SetBack,
                (false, _, _) => ClientEvent::NotConfirmed,
            }
        })
    }

    fn settle(
        &mut self,
        run: &RunId,
        which: &str,
        decide: impl Fn(&Unsettled) -> ClientEvent,
    ) -> Result<Settled, LedgerError> {
        let mut settled = Settled::default();
        let mut cursor = 0;
        // Writing from the start: one that reads first cannot wait for a run on another agent that writes meanwhile.
        let transaction =
            self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        loop {
            let group = unsettled(&transaction, run, which, cursor)?;
            let Some(last) = group.last() else { break };
            cursor = last.row;
            for client in &group {
                let event = decide(client);
                let to = client.state.after(event, client.operation)?;
                write(&transaction, client, event, to)?;
                settled.pending += u64::from(to == ClientState::Pending);
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
    which: &str,
    cursor: i64,
) -> Result<Vec<Unsettled>, LedgerError> {
    let mut select = connection.prepare_cached(&format!(
        "SELECT client, operation, state, rounds,
                EXISTS (SELECT 1 FROM attempts WHERE attempts.client = clients.client),
                EXISTS (SELECT 1 FROM temp.delegated WHERE id = client_id),
                state = 'sending' AND EXISTS (
                    SELECT 1 FROM clients AS later JOIN runs ON runs.number = later.run
                    JOIN runs AS this ON this.number = clients.run
                    WHERE later.client_id = clients.client_id AND later.run > clients.run
                      AND runs.agent = this.agent AND runs.environment = this.environment
                      AND later.operation = clients.operation AND later.state IN ('delegated', 'removed'))
         FROM clients WHERE run = (SELECT number FROM runs WHERE id = ?1) AND client > ?2 AND {which}
         ORDER BY client LIMIT ?3"
    ))?;
    let rows = select.query_map(params![run.as_str(), cursor, GROUP], |row| {
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
        ClientEvent::NeverConfirmed => {
            let (message, hint) = never_confirmed(client.operation);
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
