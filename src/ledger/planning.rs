//! A plan is made of intents and Altinn's lists, in temporary tables, until somebody says yes to it.

use serde::Serialize;

use super::{
    Ledger, LedgerError, Refused,
    db::{self, Connection, Row, Transaction, params},
    findings::{ListWritten, note_delegated_since},
    guard::{Changes, refused},
    intents::cells_to_text,
    listing::{index_numbers, lacking_from_text},
    names::hold_names,
};
use crate::{
    model::{
        AgentId, ClientId, ClientList, ClientState, Gives, Guard, Has, Intent, JobKind, Listing, NameCounts,
        Operation, OrganisationNumber, Planned, Totals, is_same_name, plan_client,
    },
    words::{Wording, kept},
};

/// What a plan is to be made for.
#[derive(Debug, Clone, PartialEq)]
pub struct Planning {
    /// The kind of job.
    pub kind: JobKind,
    /// How many rows the manifest has.
    pub rows: u64,
    /// Every agent whose lists have been read, the job's own first.
    pub agents: Vec<AgentId>,
    /// How much may be taken away; `None` where what is removed is asked for by name.
    pub guard: Option<Guard>,
    /// When the list's file was written, where there is one.
    pub written: Option<ListWritten>,
}

/// What a plan comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlanCounts {
    /// What the run's totals will be if everything goes well.
    pub totals: Totals,
    /// How many clients the agents have now.
    pub delegated_now: u64,
    /// Clients of the manifest that are delegated but that Altinn no longer lists as available.
    pub gone: u64,
    /// Requests that the run sends if everything goes well, lists not counted.
    pub operations: u64,
    /// Clients that are delegated now, that no row of the manifest names, and that are to be removed.
    pub unnamed: u64,
    /// Clients that no row names and that are not removed all the same, because rows could not be read: one of
    /// them may mean them.
    pub spared: u64,
    /// Private persons that are delegated now: no manifest can name them, so they are left alone.
    pub persons: u64,
    /// Agents of a reconcile that no row names, whose clients are left alone.
    pub agents_left_alone: u64,
    /// Clients that a run has delegated after the list was written, and that the list would have removed: those that
    /// no row names are left alone, those that a row names are not.
    pub delegated_since: u64,
    /// What the comparison of the list's names with Altinn's came to.
    pub names: NameCounts,
    /// Clients that nothing is sent for because their row has the name of another; a part of `failed`.
    pub held: u64,
    /// Rows that name a client again beside the name of another; a part of `rejected`.
    pub held_rows: u64,
    /// The guard refuses the plan.
    pub refused: Option<Refused>,
}

/// One client of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedClient {
    /// `delegate` or `remove`; none for a row that could not be read.
    pub operation: Option<Operation>,
    /// What comes of it: `pending` is to be sent.
    #[serde(skip)]
    pub state: ClientState,
    /// The agent that it is about.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub agent: String,
    /// The agent that it is moved from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_agent: Option<String>,
    /// The client's organisation number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation_number: Option<String>,
    /// The client's party UUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The client's name, as Altinn has it.
    pub name: String,
    /// The line of the manifest; 0 where there is none.
    pub line: u64,
    /// Why nothing is sent, for a failure or a row that could not be read.
    #[serde(skip_serializing_if = "Wording::is_empty")]
    pub message: Wording,
    /// Packages of the agent that are missing: of a client that nothing is sent for, what it does not give; of one that is
    /// delegated again, what the agent does not have of it yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing_packages: Vec<String>,
    /// Delegated, but no longer listed as available.
    pub gone: bool,
    /// No row of the manifest names it.
    pub unnamed: bool,
    /// The name that the manifest has for it, where it is not Altinn's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_in_list: Option<String>,
    /// That name is another client's: one of the two would be taken for the other.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub names_another: bool,
}

impl PlannedClient {
    /// It is to lose its access, and not to another agent.
    pub fn is_removed(&self) -> bool {
        self.state == ClientState::Pending
            && self.operation == Some(Operation::Remove)
            && self.from_agent.is_none()
    }
}

/// The table of a plan, on this connection only.
pub(super) fn make_table(connection: &Connection) -> Result<(), LedgerError> {
    connection.execute_batch(
        "CREATE TEMP TABLE plan (
            seq INTEGER PRIMARY KEY, line INTEGER NOT NULL, number TEXT, client_id TEXT, agent TEXT NOT NULL,
            from_agent TEXT, name TEXT NOT NULL, intent TEXT NOT NULL, operation TEXT, state TEXT NOT NULL, message TEXT NOT NULL, missing TEXT NOT NULL DEFAULT '',
            hint TEXT NOT NULL, gone INTEGER NOT NULL, unnamed INTEGER NOT NULL, cells TEXT NOT NULL, other_name TEXT,
            names_another INTEGER NOT NULL DEFAULT 0);",
    )?;
    Ok(())
}

/// One intent with what Altinn lists for it.
struct Candidate {
    seq: i64,
    line: u64,
    number: Option<u32>,
    client_id: Option<ClientId>,
    agent: String,
    from_agent: Option<String>,
    intent: Intent,
    problem: Wording,
    cells: String,
    available: Option<(ClientId, String)>,
    delegated: Option<(ClientId, String)>,
    on_old_agent: Option<(ClientId, String)>,
    gives: Gives,
    has: Has,
    /// What it does not give, and what the agent does not have of it; as their table has it.
    not_given: Option<String>,
    not_had: Option<String>,
    /// Altinn lists several clients with its number.
    ambiguous: bool,
    list_name: Option<String>,
}

const CANDIDATES: &str = "
    SELECT w.seq, w.line, w.number, w.client_id, w.agent, w.from_agent, w.intent, w.problem, w.cells,
           a.id, a.name, d.id, d.name, o.id, o.name,
           w.client_id IS NULL AND (
               EXISTS (SELECT 1 FROM temp.available INDEXED BY available_number
                       WHERE agent = w.agent AND number = w.number AND place != a.place)
               OR EXISTS (SELECT 1 FROM temp.delegated INDEXED BY delegated_number
                          WHERE agent = w.agent AND number = w.number AND id != coalesce(a.id, d.id))
               OR EXISTS (SELECT 1 FROM temp.delegated INDEXED BY delegated_number
                          WHERE agent = w.from_agent AND number = w.number AND id != coalesce(a.id, d.id, o.id))), a.gives, ag.lacking, dg.lacking, w.list_name
    FROM temp.wanted w
    LEFT JOIN temp.available a ON a.place = CASE WHEN w.client_id IS NULL
        THEN (SELECT place FROM temp.available INDEXED BY available_number WHERE agent = w.agent AND number = w.number LIMIT 1)
        ELSE (SELECT place FROM temp.available WHERE agent = w.agent AND id = w.client_id) END
    LEFT JOIN temp.delegated d ON d.place = CASE WHEN w.client_id IS NULL
        THEN (SELECT place FROM temp.delegated INDEXED BY delegated_number WHERE agent = w.agent AND number = w.number LIMIT 1)
        ELSE (SELECT place FROM temp.delegated WHERE agent = w.agent AND id = w.client_id) END
    LEFT JOIN temp.delegated o ON o.place = CASE WHEN w.client_id IS NULL
        THEN (SELECT place FROM temp.delegated INDEXED BY delegated_number WHERE agent = w.from_agent AND number = w.number LIMIT 1)
        ELSE (SELECT place FROM temp.delegated WHERE agent = w.from_agent AND id = w.client_id) END
    LEFT JOIN temp.package_sets ag ON ag.id = a.packages
    LEFT JOIN temp.package_sets dg ON dg.id = d.packages
    ORDER BY w.seq";

impl Candidate {
    fn from_row(row: Row<'_>) -> db::Result<Self> {
        let pair = |id: Option<ClientId>, name: Option<String>| id.map(|id| (id, name.unwrap_or_default()));
        let (not_given, not_had): (Option<String>, Option<String>) = (row.get(17)?, row.get(18)?);
        let gives = match (row.get::<Option<bool>>(16)?, not_given.as_deref()) {
            (None, _) | (_, None) => Gives::Untold,
            (Some(false), _) => Gives::Nothing,
            (Some(true), Some("")) => Gives::All,
            (Some(true), Some(_)) => Gives::Some,
        };
        let has = match not_had.as_deref() {
            None => Has::Untold,
            Some("") => Has::All,
            Some(_) => Has::Some,
        };
        Ok(Self {
            seq: row.get(0)?,
            line: row.get(1)?,
            number: row.get(2)?,
            client_id: row.get(3)?,
            agent: row.get::<Option<String>>(4)?.unwrap_or_default(),
            from_agent: row.get(5)?,
            intent: row.get(6)?,
            problem: row.get(7)?,
            cells: row.get(8)?,
            available: pair(row.get(9)?, row.get(10)?),
            delegated: pair(row.get(11)?, row.get(12)?),
            on_old_agent: pair(row.get(13)?, row.get(14)?),
            ambiguous: row.get(15)?,
            gives,
            has,
            not_given,
            not_had,
            list_name: row.get(19)?,
        })
    }

    fn listing(&self) -> Listing {
        let id = |listed: &Option<(ClientId, String)>| listed.as_ref().map(|(id, _)| *id);
        Listing {
            available: id(&self.available).filter(|_| self.gives != Gives::Nothing),
            gives: self.gives,
            has: self.has,
            delegated: id(&self.delegated),
            on_old_agent: id(&self.on_old_agent),
            ambiguous: self.ambiguous,
        }
    }

    fn decide(&self) -> Decided {
        if self.number.is_none() && self.client_id.is_none() {
            return Decided {
                operation: None,
                state: ClientState::Rejected,
                client: None,
                message: self.problem.clone(),
                missing: String::new(),
                intent: self.intent,
                hint: kept!("ledger-correct-the-row"),
            };
        }
        let listing = self.listing();
        let decided = |operation, state, client| Decided {
            operation: Some(operation),
            state,
            client,
            message: Wording::NOTHING,
            missing: String::new(),
            intent: self.intent,
            hint: Wording::NOTHING,
        };
        match plan_client(self.intent, listing) {
            Planned::Send(operation, client) => Decided {
                missing: self
                    .not_had
                    .clone()
                    .filter(|_| operation == Operation::Delegate)
                    .unwrap_or_default(),
                intent: listing.intent_to_keep(self.intent),
                ..decided(operation, ClientState::Pending, Some(client))
            },
            Planned::Unchanged(operation, client) => decided(operation, ClientState::Unchanged, client),
            Planned::NotSent(operation, why) => Decided {
                message: Wording::of(|| why.message(&lacking_from_text(self.not_given.as_deref()))),
                missing: self.not_given.clone().unwrap_or_default(),
                hint: Wording::of(|| why.hint()),
                client: self.client_id,
                ..decided(operation, ClientState::Failed, None)
            },
        }
    }

    /// Requests that it takes if everything goes well: a move is two.
    fn operations(&self, decided: &Decided) -> u64 {
        match (decided.state, decided.operation) {
            (ClientState::Pending, Some(Operation::Delegate)) if self.from_agent.is_some() => 2,
            (ClientState::Pending, _) => 1,
            _ => 0,
        }
    }
}

struct Decided {
    operation: Option<Operation>,
    state: ClientState,
    client: Option<ClientId>,
    message: Wording,
    /// The packages that are missing, as their table has them.
    missing: String,
    intent: Intent,
    hint: Wording,
}

impl Decided {
    /// The state that counts in what the plan promises: what is to be sent counts as done.
    fn promised(&self) -> ClientState {
        match (self.state, self.operation) {
            (ClientState::Pending, Some(Operation::Delegate)) => ClientState::Delegated,
            (ClientState::Pending, Some(Operation::Remove)) => ClientState::Removed,
            (state, _) => state,
        }
    }
}

impl Ledger {
    /// Makes the plan from the intents and the lists.
    pub fn make_plan(&mut self, planning: &Planning) -> Result<PlanCounts, LedgerError> {
        let mut counts = PlanCounts::default();
        for agent in &planning.agents {
            counts.delegated_now += self.list_len(ClientList::Delegated, *agent)?;
        }
        counts.totals.rows = planning.rows;
        index_numbers(&self.connection)?;
        self.connection.analyze("intents")?;
        let transaction = self.connection.transaction()?;
        plan_intents(&transaction, &mut counts)?;
        let allowed = planning.guard.and_then(|guard| guard.once.other_names);
        let holds = hold_names(&transaction, allowed, &mut counts)?;
        // What rows that are not acted on mean is not known: one of them may mean a client that no other row names.
        let spares_unnamed = holds || counts.totals.rejected > 0;
        let removes_unnamed = planning.kind.row().removes_unnamed;
        if removes_unnamed {
            // Each client is looked up by its number and by its id: without these, planning is quadratic.
            transaction.execute_batch(
                "CREATE INDEX IF NOT EXISTS temp.intents_number ON intents (number);
                 CREATE INDEX IF NOT EXISTS temp.plan_client ON plan (client_id, agent);",
            )?;
        }
        let mut changes = Vec::new();
        for agent in &planning.agents {
            let written = planning.written.as_ref();
            let unnamed = if removes_unnamed {
                Some(plan_unnamed(&transaction, *agent, written, spares_unnamed, &mut counts)?)
            } else {
                note_delegated_since(&transaction, *agent, None, written)?;
                None
            };
            changes.push(Changes::of(&transaction, *agent, unnamed)?);
        }
        counts.delegated_since =
            transaction.query_row("SELECT count(*) FROM temp.delegated_since", [], |row| row.get(0))?;
        if let Some(guard) = planning.guard {
            counts.refused = refused(&transaction, &changes, guard)?;
        }
        transaction.commit()?;
        Ok(counts)
    }

    /// Shows the clients of the plan, in the manifest's order: `all`, or without those that nobody has to look at: they are to be
    /// delegated, or as they should be, and nothing more is to be said of them.
    pub fn each_planned(&self, all: bool, mut show: impl FnMut(PlannedClient)) -> Result<(), LedgerError> {
        let mut select = self.connection.prepare(
            "SELECT operation, state, number, client_id, name, line, message, gone, agent, from_agent, unnamed, missing,
                    other_name, names_another
             FROM temp.plan
             WHERE CAST(?1 AS BIGINT) = 1 OR gone = 1 OR names_another = 1 OR other_name IS NOT NULL OR state IN ('failed', 'rejected')
                   OR (state = 'pending' AND operation = 'remove' AND from_agent IS NULL)
             ORDER BY seq",
        )?;
        let mut rows = select.query([all])?;
        while let Some(row) = rows.next()? {
            show(PlannedClient {
                operation: row.get(0)?,
                state: row.get(1)?,
                organisation_number: row.get(2)?,
                client: row.get::<Option<ClientId>>(3)?.map(|client| client.to_string()),
                name: row.get(4)?,
                line: row.get(5)?,
                message: row.get(6)?,
                gone: row.get(7)?,
                agent: row.get(8)?,
                from_agent: row.get(9)?,
                unnamed: row.get(10)?,
                missing_packages: lacking_from_text(row.get::<Option<String>>(11)?.as_deref()),
                name_in_list: row.get(12)?,
                names_another: row.get(13)?,
            });
        }
        Ok(())
    }
}

fn plan_intents(transaction: &Transaction<'_>, counts: &mut PlanCounts) -> Result<(), LedgerError> {
    let mut candidates = transaction.prepare(CANDIDATES)?;
    let mut insert = transaction.prepare(
        "INSERT INTO temp.plan (seq, line, number, client_id, agent, from_agent, name, intent, operation, state,
                                message, hint, gone, unnamed, cells, missing, other_name)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 0, ?14, ?15, ?16)",
    )?;
    let mut rows = candidates.query([])?;
    while let Some(row) = rows.next()? {
        let candidate = Candidate::from_row(row)?;
        let decided = candidate.decide();
        let gone = candidate.delegated.is_some() && candidate.listing().available.is_none();
        counts.gone += u64::from(gone);
        counts.totals.count(decided.promised(), 1);
        counts.operations += candidate.operations(&decided);
        let listed = candidate.delegated.or(candidate.available).or(candidate.on_old_agent);
        let other_name = candidate.list_name.zip(listed.as_ref()).and_then(|(list, (_, altinn))| {
            counts.names.compared += 1;
            (!is_same_name(&list, altinn)).then_some(list)
        });
        counts.names.other += u64::from(other_name.is_some());
        insert.put(params![
            candidate.seq,
            candidate.line,
            candidate.number.and_then(OrganisationNumber::from_u32).map(|number| number.to_string()),
            decided.client,
            candidate.agent,
            candidate.from_agent,
            listed.map(|(_, name)| name).unwrap_or_default(),
            decided.intent,
            decided.operation,
            decided.state,
            decided.message,
            decided.hint,
            gone,
            candidate.cells,
            decided.missing,
            other_name,
        ])?;
    }
    Ok(())
}

/// Clients of the agent `?1` that no intent names, neither by id nor by number.
const UNNAMED: &str = "FROM temp.delegated d WHERE d.agent = ?1 AND d.number IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM temp.wanted w WHERE w.agent = ?1 AND w.number = d.number)
    AND NOT EXISTS (SELECT 1 FROM temp.plan p WHERE p.agent = ?1 AND p.client_id = d.id)";

/// A list is no truth about clients that were delegated after it was written.
const NOT_SINCE: &str =
    "AND NOT EXISTS (SELECT 1 FROM temp.delegated_since s WHERE s.agent = ?1 AND s.id = d.id)";

/// The manifest is the whole truth: who is delegated and not named is to be removed. Answers how many they are.
///
/// Such a client's row in the failure report has no number of its own: given back as a manifest, it must not be
/// taken for a client that is to be delegated.
fn plan_unnamed(
    transaction: &Transaction<'_>,
    agent: AgentId,
    written: Option<&ListWritten>,
    spares: bool,
    counts: &mut PlanCounts,
) -> Result<u64, LedgerError> {
    let one = |sql: &str| transaction.query_row(sql, [agent], |row| row.get::<u64>(0));
    // What no row speaks of, no row is the truth about.
    if one("SELECT count(*) FROM (SELECT 1 FROM temp.wanted WHERE agent = ?1 LIMIT 1) AS first")? == 0 {
        counts.agents_left_alone += 1;
        return Ok(0);
    }
    counts.persons += one("SELECT count(*) FROM temp.delegated WHERE agent = ?1 AND number IS NULL")?;
    note_delegated_since(transaction, agent, Some(UNNAMED), written)?;
    let unnamed = one(&format!("SELECT count(*) {UNNAMED} {NOT_SINCE}"))?;
    if spares {
        counts.spared += unnamed;
        return Ok(0);
    }
    counts.unnamed += unnamed;
    counts.operations += unnamed;
    counts.totals.count(ClientState::Removed, unnamed);
    transaction.execute(
        &format!(
            "INSERT INTO temp.plan (line, number, client_id, agent, name, intent, operation, state, message, hint, gone,
                                    unnamed, cells)
             SELECT 0, substr(CAST(1000000000 + d.number AS TEXT), 2), d.id, ?1, d.name, ?3, ?4, ?5, '', '',
                    CASE WHEN EXISTS (SELECT 1 FROM temp.available a WHERE a.agent = ?1 AND a.id = d.id AND a.gives != 0)
                         THEN 0 ELSE 1 END, 1, ?2
             {UNNAMED} {NOT_SINCE} ORDER BY d.number, d.id"
        ),
        params![agent, cells_to_text(&[]), Intent::Remove, Operation::Remove, ClientState::Pending],
    )?;
    Ok(unnamed)
}
