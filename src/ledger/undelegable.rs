//! Clients of a run that is gone on with and that cannot be delegated any more, as the lists of now say: they fail with what
//! is missing, and nothing is sent for them.

use super::{Ledger, LedgerError, db::params, listing::lacking_from_text, millis_now};
use crate::{
    model::{ClientEvent, ClientState, NotSent, Operation, RunId},
    words::Wording,
};

/// A client that is to be delegated, and what of the agent's packages it does not give; `None` where it is no client of the
/// firm.
struct Undelegable {
    row: i64,
    state: ClientState,
    gives: bool,
    lacking: Option<String>,
}

impl Ledger {
    /// Ends the clients of a run that are still to be delegated and that do not give what their agent requires. For lists
    /// that tell packages, when they have just been read.
    pub fn fail_undelegable(&mut self, run: &RunId) -> Result<(), LedgerError> {
        let run_number = self.run_number(run)?;
        let transaction = self.writing()?;
        let undelegable: Vec<Undelegable> = {
            let mut select = transaction.prepare(
                "SELECT c.client, c.state, coalesce(a.gives, 0), s.lacking FROM client_rows c
                 LEFT JOIN temp.available a ON a.agent = (SELECT id FROM agents WHERE agents.agent = c.agent) AND a.id = c.client_id
                 LEFT JOIN temp.package_sets s ON s.id = a.packages
                 WHERE c.run = ?1 AND c.state = 'pending' AND c.operation = 'delegate'
                   AND (a.id IS NULL OR a.gives = 0 OR s.lacking != '')",
            )?;
            let rows = select.query_map([run_number], |row| {
                Ok(Undelegable {
                    row: row.get(0)?,
                    state: row.get(1)?,
                    gives: row.get(2)?,
                    lacking: row.get(3)?,
                })
            })?;
            rows.collect::<Result<_, _>>()?
        };
        for client in undelegable {
            let to = client.state.after(ClientEvent::Overtaken, Operation::Delegate)?;
            let why = match (&client.lacking, client.gives) {
                (None, _) => NotSent::NotAClient,
                (Some(_), false) => NotSent::GivesNothing,
                (Some(_), true) => NotSent::Lacks,
            };
            let message = Wording::of(|| why.message(&lacking_from_text(client.lacking.as_deref())));
            transaction
                .prepare_cached(
                    "UPDATE client_rows SET state = ?2, message = ?3, hint = ?4, retryable = 0, settled_ms = ?5
                     WHERE client = ?1",
                )?
                .put(params![client.row, to, message, Wording::of(|| why.hint()), millis_now()])?;
        }
        transaction.commit()?;
        Ok(())
    }
}
