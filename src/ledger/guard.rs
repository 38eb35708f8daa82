//! What the guard has to say of a plan: agent by agent, removals and additions.

use serde::Serialize;
use strum::IntoStaticStr;

use super::{
    LedgerError,
    db::{Transaction, params},
};
use crate::model::{AgentId, ClientState, Guard, Intent, Operation};

/// What a guard limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Guarded {
    /// Clients that would lose their access.
    Removals,
    /// Clients that would be given access.
    Additions,
}

impl Guarded {
    /// The key in the job file.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// More would change on an agent than the guard allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// The agent.
    pub agent: AgentId,
    /// What there would be too much of.
    pub exceeds: Guarded,
    /// Clients that would be removed: of a reconcile those that no row names, of other kinds all.
    pub removals: u64,
    /// Clients that would be delegated to it and that it does not have.
    pub additions: u64,
    /// How many may be.
    pub allowed: u64,
    /// How many clients the agent has now, private persons not counted.
    pub delegated_now: u64,
    /// How many there would be of the same on all agents together.
    pub on_all_agents: u64,
}

impl Refused {
    /// How many there would be of what there would be too much of.
    pub fn planned(&self) -> u64 {
        match self.exceeds {
            Guarded::Removals => self.removals,
            Guarded::Additions => self.additions,
        }
    }
}

const REMOVALS: &str =
    "SELECT count(*) FROM temp.plan WHERE agent = ?1 AND state = ?2 AND intent = ?3 AND operation = ?4";
// A refresh gives nobody access who has none.
const ADDITIONS: &str =
    "SELECT count(*) FROM temp.plan WHERE agent = ?1 AND state = ?2 AND intent != ?3 AND operation = ?4";

/// What a plan changes on an agent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Changes {
    pub(super) agent: AgentId,
    pub(super) removals: u64,
    pub(super) additions: u64,
}

impl Changes {
    /// Counts them; `unnamed` are the removals that count in a reconcile, where the others are asked for by name.
    pub(super) fn of(
        transaction: &Transaction<'_>,
        agent: AgentId,
        unnamed: Option<u64>,
    ) -> Result<Self, LedgerError> {
        let pending = |sql: &str, intent: Intent, operation: Operation| -> Result<u64, LedgerError> {
            let values = params![agent, ClientState::Pending, intent, operation];
            Ok(transaction.query_row(sql, values, |row| row.get(0))?)
        };
        let removals = match unnamed {
            Some(unnamed) => unnamed,
            None => pending(REMOVALS, Intent::Remove, Operation::Remove)?,
        };
        let additions = pending(ADDITIONS, Intent::Refresh, Operation::Delegate)?;
        Ok(Self { agent, removals, additions })
    }
}

/// The first limit that is exceeded, if one is. A plan that changes exactly as much in all as somebody has said yes to
/// for this once is let through.
pub(super) fn refused(
    transaction: &Transaction<'_>,
    changes: &[Changes],
    guard: Guard,
) -> Result<Option<Refused>, LedgerError> {
    let removals: u64 = changes.iter().map(|changes| changes.removals).sum();
    let additions: u64 = changes.iter().map(|changes| changes.additions).sum();
    for changes in changes {
        // Private persons are not to be removed, so they do not raise the limit either.
        let delegated_now = transaction.query_row(
            "SELECT count(*) FROM temp.delegated WHERE agent = ?1 AND number IS NOT NULL",
            [changes.agent],
            |row| row.get(0),
        )?;
        for (exceeds, limit, planned, on_all_agents, once) in [
            (Guarded::Removals, guard.removals, changes.removals, removals, guard.once.removals),
            (Guarded::Additions, guard.additions, changes.additions, additions, guard.once.additions),
        ] {
            let Some(limit) = limit else { continue };
            let allowed = limit.of(delegated_now);
            if planned > allowed && once != Some(on_all_agents) {
                let Changes { agent, removals, additions } = *changes;
                return Ok(Some(Refused {
                    agent,
                    exceeds,
                    removals,
                    additions,
                    allowed,
                    delegated_now,
                    on_all_agents,
                }));
            }
        }
    }
    Ok(None)
}
