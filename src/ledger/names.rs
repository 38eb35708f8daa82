//! Rows in which a number stands beside the name of another client. One of the two is wrong, and nobody but the list's owner
//! knows which: nothing is sent for them unless somebody has said yes to it.

use std::collections::{HashMap, HashSet};

use super::{
    LedgerError, PlanCounts,
    db::{Connection, Transaction, params},
};
use crate::{
    model::{ClientState, Intent, NotSent, Operation, is_same_name, name_key},
    words::Wording,
};

/// The rows that name a client again, with the name that stands there, on this connection only.
pub(super) fn make_table(connection: &Connection) -> Result<(), LedgerError> {
    connection.execute_batch(
        "CREATE TEMP TABLE repeated (line INTEGER NOT NULL, first_line INTEGER NOT NULL, name TEXT NOT NULL,
                                     intent TEXT NOT NULL, cells TEXT NOT NULL);",
    )?;
    Ok(())
}

/// A row that names again what the plan's row `seq` names.
struct Repeated {
    seq: i64,
    line: u64,
    name: String,
    altinn: String,
    intent: Intent,
    cells: String,
    /// Its name is Altinn's; of a number that Altinn does not list, none is.
    is_right: bool,
}

impl Repeated {
    fn all(transaction: &Transaction<'_>) -> Result<Vec<Self>, LedgerError> {
        // Most lists have none, and a plan can have a million rows to look through for them.
        if !transaction
            .query_row("SELECT EXISTS (SELECT 1 FROM temp.repeated)", [], |row| row.get::<bool>(0))?
        {
            return Ok(Vec::new());
        }
        let mut select = transaction.prepare(
            "SELECT p.seq, r.line, r.name, p.name, r.intent, r.cells FROM temp.repeated r
             JOIN temp.plan p ON p.line = r.first_line WHERE p.number IS NOT NULL ORDER BY r.line",
        )?;
        let rows = select.query_map([], |row| {
            let (name, altinn): (String, String) = (row.get(2)?, row.get(3)?);
            Ok(Self {
                seq: row.get(0)?,
                line: row.get(1)?,
                is_right: !altinn.is_empty() && is_same_name(&name, &altinn),
                name,
                altinn,
                intent: row.get(4)?,
                cells: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Compares the names of rows that name a client again, and says of every row whether its name is that of another client
/// that Altinn lists. Nothing is then sent for such a row, unless exactly as many names as the list has that are not
/// Altinn's have been `allowed`.
///
/// Where a row names a client again with its right name, that row is the client's, and the first one is left. Answers whether
/// rows are held.
pub(super) fn hold_names(
    transaction: &Transaction<'_>,
    allowed: Option<u64>,
    counts: &mut PlanCounts,
) -> Result<bool, LedgerError> {
    let repeated = Repeated::all(transaction)?;
    counts.names.compared += repeated.len() as u64;
    counts.names.other += repeated.iter().filter(|row| !row.is_right).count() as u64;
    if counts.names.other == 0 {
        return Ok(false);
    }
    let known = known_names(transaction)?;
    let first = first_rows_named_as_another(transaction, &known)?;
    let (right, wrong): (Vec<Repeated>, Vec<Repeated>) = repeated.into_iter().partition(|row| row.is_right);
    let mut right: HashMap<i64, Repeated> = right.into_iter().map(|row| (row.seq, row)).collect();
    let wrong: Vec<Repeated> = wrong.into_iter().filter(|row| known.contains(&name_key(&row.name))).collect();
    counts.names.of_another_client = (first.len() + wrong.len()) as u64;
    let holds = counts.names.holds(allowed);
    for seq in first {
        match right.remove(&seq).filter(|_| holds) {
            Some(right) => give_to(transaction, seq, right, counts)?,
            None => mark(transaction, seq, holds, counts)?,
        }
    }
    for row in wrong.into_iter().filter(|_| holds) {
        leave(transaction, &row, counts)?;
    }
    Ok(holds)
}

/// The names of the clients that Altinn lists, as they are compared.
fn known_names(transaction: &Transaction<'_>) -> Result<HashSet<String>, LedgerError> {
    let mut listed = transaction.prepare(
        "SELECT name FROM temp.available WHERE number IS NOT NULL
         UNION SELECT name FROM temp.delegated WHERE number IS NOT NULL",
    )?;
    let names = listed.query_map([], |row| row.get::<String>(0))?;
    names.map(|name| Ok(name_key(&name?))).collect()
}

fn first_rows_named_as_another(
    transaction: &Transaction<'_>,
    known: &HashSet<String>,
) -> Result<Vec<i64>, LedgerError> {
    let mut select =
        transaction.prepare("SELECT seq, other_name FROM temp.plan WHERE other_name IS NOT NULL")?;
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get::<String>(1)?)))?;
    let rows: Vec<(i64, String)> = rows.collect::<Result<_, _>>()?;
    Ok(rows.into_iter().filter(|(_, name)| known.contains(&name_key(name))).map(|(seq, _)| seq).collect())
}

/// Marks a row; where it is held, nothing is sent for its client.
fn mark(
    transaction: &Transaction<'_>,
    seq: i64,
    holds: bool,
    counts: &mut PlanCounts,
) -> Result<(), LedgerError> {
    transaction.prepare_cached("UPDATE temp.plan SET names_another = 1 WHERE seq = ?1")?.execute([seq])?;
    let (state, operation, is_moved) = transaction
        .prepare_cached("SELECT state, operation, from_agent IS NOT NULL FROM temp.plan WHERE seq = ?1")?
        .query_row([seq], |row| {
            Ok((row.get::<ClientState>(0)?, row.get::<Option<Operation>>(1)?, row.get::<bool>(2)?))
        })?;
    if !holds || state != ClientState::Pending {
        return Ok(());
    }
    let why = NotSent::AnothersName;
    transaction
        .prepare_cached(
            "UPDATE temp.plan SET state = ?2, message = ?3, hint = ?4, missing = '' WHERE seq = ?1",
        )?
        .execute(params![
            seq,
            ClientState::Failed,
            Wording::of(|| why.message(&[])),
            Wording::of(|| why.hint())
        ])?;
    let promised = match operation {
        Some(Operation::Remove) => &mut counts.totals.removed,
        Some(Operation::Delegate) | None => &mut counts.totals.delegated,
    };
    *promised = promised.saturating_sub(1);
    counts.totals.failed += 1;
    let requests = if operation == Some(Operation::Delegate) && is_moved { 2 } else { 1 };
    counts.operations = counts.operations.saturating_sub(requests);
    counts.held += 1;
    Ok(())
}

/// The client is the row's that names it rightly; the first row is left to the failure report.
fn give_to(
    transaction: &Transaction<'_>,
    seq: i64,
    right: Repeated,
    counts: &mut PlanCounts,
) -> Result<(), LedgerError> {
    let first = transaction
        .prepare_cached("SELECT line, other_name, intent, cells FROM temp.plan WHERE seq = ?1")?
        .query_row([seq], |row| {
            Ok(Repeated {
                seq,
                line: row.get(0)?,
                name: row.get(1)?,
                altinn: right.altinn,
                intent: row.get(2)?,
                cells: row.get(3)?,
                is_right: false,
            })
        })?;
    transaction
        .prepare_cached("UPDATE temp.plan SET line = ?2, cells = ?3, other_name = NULL WHERE seq = ?1")?
        .execute(params![seq, right.line, right.cells])?;
    leave(transaction, &first, counts)
}

/// Leaves a row to the failure report: it has the number of a client that another row has.
fn leave(transaction: &Transaction<'_>, row: &Repeated, counts: &mut PlanCounts) -> Result<(), LedgerError> {
    let why = NotSent::AnothersName;
    transaction
        .prepare_cached(
            "INSERT INTO temp.plan (line, agent, name, intent, state, message, hint, gone, unnamed, cells, other_name,
                                    names_another)
             SELECT ?2, agent, ?3, ?4, ?5, ?6, ?7, 0, 0, ?8, ?9, 1 FROM temp.plan WHERE seq = ?1",
        )?
        .execute(params![
            row.seq,
            row.line,
            row.altinn,
            row.intent,
            ClientState::Rejected,
            Wording::of(|| why.message(&[])),
            Wording::of(|| why.hint()),
            row.cells,
            row.name
        ])?;
    counts.totals.rejected += 1;
    counts.held_rows += 1;
    Ok(())
}
