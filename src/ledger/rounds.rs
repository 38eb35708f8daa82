//! Rounds of asking firms, as runs: each firm is a row of the run as a client is, with its state and its attempts, so that
//! whatever shows runs shows these. What the firm has answered since stands with its request, which outlives the run.
//!
//! A firm is claimed before it is asked, and the attempt stands there as lost until its answer is kept.

use super::{
    Ledger, LedgerError, NewRun,
    claims::Keys,
    db::{OptionalExtension, Transaction, params},
    intents::cells_to_text,
    millis, millis_now,
    requests::{self, COLUMNS, NewRequest, RequestOutcome, RequestRecord, keep, packages_text},
    run::insert_run,
    stamp_now,
};
use crate::{
    clock,
    model::{
        AgentId, AttemptVerdict, ClientEvent, ClientState, IllegalTransition, Intent, Operation, RequestId,
        RequestState, RunId, RunStatus,
    },
    words::Wording,
};

/// The table that says of which firm's request a row of a run is: what the run was to take back, and what it made. What
/// older versions kept of attempts becomes a run for each system.
pub(super) const TABLES: &str = "CREATE TABLE system_user_asks (
        client       INTEGER PRIMARY KEY REFERENCES client_rows (client),
        firm_request INTEGER NOT NULL REFERENCES system_user_requests (firm_request),
        withdraws    TEXT,
        request_id   TEXT
    ) STRICT;
    CREATE INDEX system_user_asks_of ON system_user_asks (firm_request);

    INSERT INTO agents (id) VALUES ('00000000-0000-0000-0000-000000000000') ON CONFLICT DO NOTHING;
    INSERT INTO runs (id, job, kind, environment, facilitator, agent, agent_title, job_file, job_text, manifest, dialect,
                      rows, status, program, started_at, finished_at)
        SELECT lower(hex(randomblob(4))), 'request', 'request', environment, '', '00000000-0000-0000-0000-000000000000',
               system_id, '', '', '',
               '{\"delimiter\":\";\",\"encoding\":\"utf-8-bom\",\"line_ending\":\"lf\",\"header\":[\"organisation_number\",\"name\"],\"sheet\":null}',
               count(DISTINCT firm_request), 'completed', '', min(sent_at), max(sent_at)
        FROM system_user_attempts JOIN system_user_requests USING (firm_request) GROUP BY environment, system_id;
    INSERT INTO client_rows (run, line, organisation_number, name, agent, intent, state, tries, retryable, status, code,
                             message, hint, trace_id, cells)
        SELECT runs.number, firm_request, r.facilitator, name, agents.agent, 'request',
               CASE WHEN state IN ('failed', 'withdrawn') THEN state WHEN state IN ('planned', 'asking', 'withdrawing')
                    THEN 'superseded' ELSE 'asked' END,
               r.attempts, retryable, r.status, r.code, r.message, r.hint, r.trace_id, '[]'
        FROM system_user_requests r JOIN runs ON runs.kind = 'request' AND runs.environment = r.environment
             AND runs.agent_title = r.system_id, agents
        WHERE agents.id = '00000000-0000-0000-0000-000000000000'
          AND firm_request IN (SELECT firm_request FROM system_user_attempts);
    INSERT INTO system_user_asks (client, firm_request, request_id)
        SELECT client, line, request_id FROM client_rows JOIN system_user_requests ON firm_request = line
        WHERE intent = 'request';
    UPDATE client_rows SET line = 0 WHERE intent = 'request';
    INSERT INTO attempt_rows (client, agent, operation, verdict, sent_ms, duration_ms, status, code, message, trace_id)
        SELECT k.client, agents.agent, CASE a.call WHEN 'ask' THEN 'request' ELSE a.call END, a.verdict,
               coalesce(CAST(round(unixepoch(a.sent_at, 'subsec') * 1000) AS INTEGER), 0), a.duration_ms, a.status, a.code, a.message, a.trace_id
        FROM system_user_attempts a JOIN system_user_asks k USING (firm_request), agents
        WHERE agents.id = '00000000-0000-0000-0000-000000000000' ORDER BY a.attempt;
    DROP TABLE system_user_attempts;
    CREATE VIEW system_user_attempts AS SELECT attempt, firm_request,
        CASE operation WHEN 'request' THEN 'ask' ELSE operation END AS call, verdict, sent_at, duration_ms, status, code,
        message, trace_id
        FROM attempts JOIN system_user_asks USING (client);";

/// A row of a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoundRow {
    /// A firm.
    Firm {
        /// Its line in the list; 0 where no list names it.
        line: u64,
        /// What stood there.
        cells: Vec<String>,
        /// What it is asked for.
        firm: NewRequest,
        /// What is done about it.
        what: RoundStep,
    },
    /// A row of the list that cannot be read, and is left to the failure report.
    Rejected {
        /// The line in the file.
        line: u64,
        /// What stood there.
        cells: Vec<String>,
        /// Everything that is wrong with it.
        problem: Wording,
    },
}

/// What a round does about a firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoundStep {
    /// It is asked.
    Ask,
    /// This request is taken back, and the firm is asked again.
    AskAgain(RequestId),
    /// This request is taken back.
    Withdraw(RequestId),
    /// Nothing.
    Leave,
}

/// Where a firm of a round stands in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoundKey {
    /// Its request.
    pub firm_request: i64,
    /// Its row in the run.
    pub client: i64,
}

/// A firm of a round that came to no end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenFirm {
    /// Where it stands.
    pub key: RoundKey,
    /// What was to be done.
    pub intent: Intent,
    /// How the run holds it.
    pub state: ClientState,
    /// The request that was to be taken back.
    pub withdraws: Option<RequestId>,
    /// The round has sent what was to be done, and no other has sent the same since.
    pub was_last: bool,
    /// Its request, as the ledger holds it.
    pub record: RequestRecord,
}

/// A firm of a round, with its request as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedFirm {
    /// Its row in the run.
    pub client: i64,
    /// What it came to there.
    pub state: ClientState,
    /// Whether a later run may try it again.
    pub retryable: bool,
    /// The request that this run made.
    pub made: Option<RequestId>,
    /// Its request, which a later run may have made anew.
    pub record: RequestRecord,
}

/// What happened to a firm while nobody was at work on its round.
pub type FirmEvent = (RoundKey, ClientEvent, Option<RequestId>);

impl Ledger {
    /// Makes a plan of asking a run: its firms stand in the ledger before the first is asked. Answers where each stands that
    /// something is to be done about, in their order. A firm that was asked for a system user that takes over another's clients is
    /// asked for that again, whoever asks.
    pub fn begin_round(
        &mut self,
        run: &NewRun,
        rows: &[RoundRow],
    ) -> Result<(RunId, Vec<RoundKey>), LedgerError> {
        let id = RunId::from_random(fastrand::u64(..));
        let begins = clock::now();
        let transaction = self.writing()?;
        let number = insert_run(&transaction, &id, run, begins)?;
        transaction.execute("INSERT INTO agents (id) VALUES (?1) ON CONFLICT DO NOTHING", [run.agent])?;
        let mut keys = Vec::new();
        for row in rows {
            match row {
                RoundRow::Firm { line, cells, firm, what } => {
                    let key =
                        add_firm(&transaction, run, number, (*line, cells, millis(begins)), firm, *what)?;
                    keys.extend((*what != RoundStep::Leave).then_some(key));
                }
                RoundRow::Rejected { line, cells, problem } => {
                    transaction.execute(
                        "INSERT INTO client_rows (run, agent, line, name, intent, state, message, settled_ms, cells)
                         VALUES (?1, (SELECT agent FROM agents WHERE id = ?2), ?3, '', ?4, ?5, ?6, ?7, ?8)",
                        params![
                            number,
                            run.agent,
                            line,
                            run.kind.intent(None),
                            ClientState::Rejected,
                            problem,
                            millis(begins),
                            cells_to_text(cells)
                        ],
                    )?;
                }
            }
        }
        for superseded in &run.supersedes {
            transaction
                .execute("UPDATE runs SET superseded_by = ?2 WHERE id = ?1", params![superseded, id])?;
        }
        transaction.commit()?;
        self.checkpoint()?;
        Ok((id, keys))
    }

    /// The firm is about to be sent something: nothing goes out that does not stand here.
    pub fn claim_request(&mut self, key: RoundKey, state: RequestState) -> Result<(), LedgerError> {
        let RoundKey { firm_request, client } = key;
        let transaction = self.writing()?;
        let to = state_of(&transaction, client)?.after(ClientEvent::Claimed, Operation::Delegate)?;
        transaction.execute(
            "UPDATE system_user_requests SET state = ?2, attempts = attempts + 1,
                 asked_at = CASE WHEN ?2 = ?3 THEN ?4 ELSE asked_at END
             WHERE firm_request = ?1",
            params![firm_request, state, RequestState::Asking, stamp_now()],
        )?;
        transaction.execute(
            "UPDATE client_rows SET state = ?2, tries = tries + 1, last_attempt_ms = ?3 WHERE client = ?1",
            params![client, to, millis_now()],
        )?;
        let call = if state == RequestState::Withdrawing { Intent::Withdraw } else { Intent::Ask };
        transaction.execute(
            "INSERT INTO attempt_rows (client, agent, operation, verdict, sent_ms, message)
             SELECT client, agent, ?2, ?3, ?4, '' FROM client_rows WHERE client = ?1",
            params![client, call, AttemptVerdict::Lost, millis_now()],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Keeps what came of a claim.
    pub fn settle_request(&mut self, key: RoundKey, outcome: &RequestOutcome) -> Result<(), LedgerError> {
        let RoundKey { firm_request, client } = key;
        let transaction = self.writing()?;
        let answer = &outcome.answer;
        let attempt = "(SELECT max(attempt) FROM attempt_rows WHERE client = ?1)";
        if answer.sent {
            let request = Keys::default().request(&transaction, &answer.request)?;
            transaction.execute(
                &format!(
                    "UPDATE attempt_rows SET verdict = ?2, sent_ms = ?3, duration_ms = ?4, status = ?5, code = ?6,
                         message = ?7, trace_id = ?8, request = ?9 WHERE attempt = {attempt}"
                ),
                params![
                    client,
                    AttemptVerdict::from(answer.verdict),
                    millis(answer.sent_at),
                    i64::try_from(answer.took.as_millis()).unwrap_or(i64::MAX),
                    answer.status,
                    answer.code,
                    answer.message,
                    answer.trace_id,
                    request
                ],
            )?;
        } else {
            // It provably never left.
            transaction.execute(&format!("DELETE FROM attempt_rows WHERE attempt = {attempt}"), [client])?;
        }
        settle_firm(&transaction, client, outcome)?;
        transaction.execute(
            "UPDATE system_user_requests SET state = ?2, wanted = CASE WHEN ?3 = 1 THEN 0 ELSE wanted END, retryable = ?4,
                 status = ?5, code = ?6, message = ?7, hint = ?8, trace_id = ?9, attempts = attempts - ?10
             WHERE firm_request = ?1",
            params![
                firm_request,
                outcome.state,
                i64::from(outcome.ends),
                i64::from(outcome.is_retryable()),
                answer.status,
                answer.code,
                answer.message,
                answer.hint,
                answer.trace_id,
                i64::from(!answer.sent)
            ],
        )?;
        if outcome.forgets {
            requests::forget(&transaction, firm_request)?;
        }
        if let Some(request) = &outcome.request {
            requests::put_request(&transaction, firm_request, request)?;
            if outcome.is_new {
                put_made(&transaction, client, request.id)?;
            }
        }
        if let Some(agent) = outcome.agent {
            requests::put_agent(&transaction, firm_request, agent)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Keeps what happened to firms of a round while nobody was at work on it.
    pub fn settle_round(&mut self, events: &[FirmEvent]) -> Result<(), LedgerError> {
        let transaction = self.writing()?;
        for (key, event, made) in events {
            change(&transaction, key.client, *event)?;
            if let Some(made) = made {
                put_made(&transaction, key.client, *made)?;
            }
            if *event != ClientEvent::SetBack && *event != ClientEvent::Superseded {
                transaction.execute(
                    "UPDATE system_user_requests SET wanted = 0 WHERE firm_request = ?1",
                    [key.firm_request],
                )?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Firms of a round that have come to nothing yet, in the order of its list.
    pub fn open_firms(&self, run: &RunId) -> Result<Vec<OpenFirm>, LedgerError> {
        let mut select = self.connection.prepare(&format!(
            "SELECT {COLUMNS}, c.client, c.intent, c.state, k.withdraws,
                 (SELECT count(*) FROM attempt_rows own WHERE own.client = c.client AND own.operation = c.intent
                  AND NOT EXISTS (SELECT 1 FROM system_user_asks o JOIN attempt_rows others ON others.client = o.client
                      WHERE o.firm_request = k.firm_request AND o.client <> c.client AND others.operation = c.intent
                        AND others.attempt > own.attempt))
             FROM client_rows c JOIN system_user_asks k ON k.client = c.client
             JOIN system_user_requests r ON r.firm_request = k.firm_request
             WHERE c.run = ?1 AND c.state IN (?2, ?3, ?4) ORDER BY c.client"
        ))?;
        let mut rows = select.query(params![
            self.run_number(run)?,
            ClientState::Pending,
            ClientState::Sending,
            ClientState::Waiting
        ])?;
        let mut firms = Vec::new();
        while let Some(row) = rows.next()? {
            let record = requests::record(row)?;
            let key = RoundKey { firm_request: record.row, client: row.get(23)? };
            let (intent, state) = (row.get(24)?, row.get(25)?);
            let withdraws = requests::request_id(row.get(26)?)?;
            let was_last = row.get::<i64>(27)? > 0;
            firms.push(OpenFirm { key, intent, state, withdraws, was_last, record });
        }
        Ok(firms)
    }

    /// Every firm of a round, in the order of its list.
    pub fn firms_of_round(&self, run: &RunId) -> Result<Vec<AskedFirm>, LedgerError> {
        let mut select = self.connection.prepare(&format!(
            "SELECT {COLUMNS}, c.client, c.state, c.retryable, k.request_id
             FROM client_rows c JOIN system_user_asks k ON k.client = c.client
             JOIN system_user_requests r ON r.firm_request = k.firm_request
             WHERE c.run = ?1 ORDER BY c.client"
        ))?;
        let mut rows = select.query([self.run_number(run)?])?;
        let mut firms = Vec::new();
        while let Some(row) = rows.next()? {
            firms.push(AskedFirm {
                record: requests::record(row)?,
                client: row.get(23)?,
                state: row.get(24)?,
                retryable: row.get::<i64>(25)? != 0,
                made: requests::request_id(row.get(26)?)?,
            });
        }
        Ok(firms)
    }

    /// Rounds of a system that have not come to their end, oldest first.
    pub fn open_rounds(&self, environment: &str, system_id: &str) -> Result<Vec<RunId>, LedgerError> {
        let runs = self.runs()?.into_iter().rev();
        let is_open = |run: &super::RunRecord| {
            run.kind.asks_firms()
                && run.status.can_be_resumed()
                && run.environment == environment
                && run.agent_title == system_id
        };
        Ok(runs.filter(is_open).map(|run| run.id).collect())
    }

    /// Marks rounds of a system that another process left `running` as interrupted: the caller holds the system's lock, so that
    /// process is gone.
    pub fn interrupt_rounds(&mut self, environment: &str, system_id: &str) -> Result<(), LedgerError> {
        let transaction = self.writing()?;
        transaction.execute(
            "UPDATE runs SET status = ?3 WHERE status = ?4 AND environment = ?1 AND agent_title = ?2 AND agent = ?5
               AND kind IN ('request', 'withdraw')",
            params![
                environment,
                system_id,
                RunStatus::Interrupted,
                RunStatus::Running,
                AgentId(uuid::Uuid::nil())
            ],
        )?;
        transaction.commit()?;
        Ok(())
    }
}

/// A firm of a round: its row in the run, and its request, which is kept as about to be asked.
fn add_firm(
    transaction: &Transaction<'_>,
    run: &NewRun,
    number: i64,
    (line, cells, now): (u64, &[String], i64),
    firm: &NewRequest,
    what: RoundStep,
) -> Result<RoundKey, LedgerError> {
    let wanted = &firm.wanted;
    let firm_request = keep(transaction, &run.environment, &run.agent_title, wanted, &firm.name)?;
    let asks = matches!(what, RoundStep::Ask | RoundStep::AskAgain(_));
    if asks {
        transaction.execute(
            "UPDATE system_user_requests SET wanted = 1, packages = ?2, title = ?3, redirect = ?4,
                 from_agent = COALESCE(?5, from_agent),
                 state = CASE WHEN request_id IS NULL THEN ?6 ELSE state END
             WHERE firm_request = ?1",
            params![
                firm_request,
                packages_text(&wanted.packages),
                wanted.title,
                wanted.redirect,
                firm.from_agent,
                RequestState::Planned
            ],
        )?;
    }
    let state = if what == RoundStep::Leave { ClientState::Unchanged } else { ClientState::Pending };
    let client = transaction.query_row(
        "INSERT INTO client_rows (run, agent, line, organisation_number, name, intent, state, settled_ms, cells)
         VALUES (?1, (SELECT agent FROM agents WHERE id = ?2), ?3, ?4,
                 (SELECT name FROM system_user_requests WHERE firm_request = ?5), ?6, ?7, ?8, ?9)
         RETURNING client",
        params![
            number,
            run.agent,
            line,
            wanted.firm.to_string(),
            firm_request,
            run.kind.intent(None),
            state,
            state.is_final().then_some(now),
            cells_to_text(cells)
        ],
        |row| row.get(0),
    )?;
    let withdraws = match what {
        RoundStep::AskAgain(id) | RoundStep::Withdraw(id) => Some(id.expose()),
        RoundStep::Ask | RoundStep::Leave => None,
    };
    transaction.execute(
        "INSERT INTO system_user_asks (client, firm_request, withdraws) VALUES (?1, ?2, ?3)",
        params![client, firm_request, withdraws],
    )?;
    Ok(RoundKey { firm_request, client })
}

fn state_of(transaction: &Transaction<'_>, client: i64) -> Result<ClientState, LedgerError> {
    let state = transaction
        .query_row("SELECT state FROM client_rows WHERE client = ?1", [client], |row| row.get(0))
        .optional()?;
    state.ok_or_else(|| IllegalTransition { state: ClientState::Pending, event: ClientEvent::Claimed }.into())
}

/// A firm's row goes to its next state.
fn change(
    transaction: &Transaction<'_>,
    client: i64,
    event: ClientEvent,
) -> Result<ClientState, LedgerError> {
    let to = state_of(transaction, client)?.after(event, Operation::Delegate)?;
    transaction.execute(
        "UPDATE client_rows SET state = ?2, settled_ms = ?3 WHERE client = ?1",
        params![client, to, to.is_final().then(millis_now)],
    )?;
    Ok(to)
}

fn settle_firm(
    transaction: &Transaction<'_>,
    client: i64,
    outcome: &RequestOutcome,
) -> Result<(), LedgerError> {
    let answer = &outcome.answer;
    transaction.execute(
        "UPDATE client_rows SET retryable = ?2, status = ?3, code = ?4, message = ?5, hint = ?6, trace_id = ?7
         WHERE client = ?1",
        params![
            client,
            i64::from(outcome.is_retryable()),
            answer.status,
            answer.code,
            answer.message,
            answer.hint,
            answer.trace_id
        ],
    )?;
    // No list says anything of a firm: a refusal stands.
    if change(transaction, client, outcome.event)? == ClientState::Unverified {
        change(transaction, client, ClientEvent::RefusalStands)?;
    }
    Ok(())
}

fn put_made(transaction: &Transaction<'_>, client: i64, made: RequestId) -> Result<(), LedgerError> {
    transaction.execute(
        "UPDATE system_user_asks SET request_id = ?2 WHERE client = ?1",
        params![client, made.expose()],
    )?;
    Ok(())
}
