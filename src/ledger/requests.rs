//! Requests for system users: which firms a vendor has asked, or is about to, and what came of it.
//!
//! A firm is claimed before it is asked, as a client is before it is sent, and the attempt stands there as lost until its
//! answer is kept. What was under way when a process died is settled by what Altinn has.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Ledger, LedgerError,
    db::{OptionalExtension, Row, Transaction, params},
    stamp_now,
};
use crate::{
    model::{
        AgentId, Answer, ClientEvent, FirmRequest, Link, OrganisationNumber, RequestId, RequestState,
        WantedSystemUser,
    },
    words::Wording,
};

/// The tables. `wanted` is whether the firm is yet to be asked, whatever is done before.
pub(super) const TABLES: &str = "CREATE TABLE system_user_requests (
        firm_request  INTEGER PRIMARY KEY,
        environment   TEXT NOT NULL,
        system_id     TEXT NOT NULL,
        facilitator   TEXT NOT NULL,
        external_ref  TEXT NOT NULL,
        name          TEXT NOT NULL DEFAULT '',
        packages      TEXT NOT NULL,
        title         TEXT,
        redirect      TEXT,
        state         TEXT NOT NULL,
        wanted        INTEGER NOT NULL DEFAULT 0,
        request_id    TEXT,
        link          TEXT,
        created       TEXT NOT NULL DEFAULT '',
        agent         TEXT,
        from_agent    TEXT,
        attempts      INTEGER NOT NULL DEFAULT 0,
        retryable     INTEGER NOT NULL DEFAULT 0,
        status        INTEGER,
        code          TEXT,
        message       TEXT NOT NULL DEFAULT '',
        hint          TEXT NOT NULL DEFAULT '',
        trace_id      TEXT,
        asked_at      TEXT,
        seen_at       TEXT,
        UNIQUE (environment, system_id, facilitator, external_ref)
    ) STRICT;

    CREATE TABLE system_user_attempts (
        attempt      INTEGER PRIMARY KEY,
        firm_request INTEGER NOT NULL REFERENCES system_user_requests (firm_request),
        call         TEXT NOT NULL,
        verdict      TEXT NOT NULL,
        sent_at      TEXT NOT NULL,
        duration_ms  INTEGER,
        status       INTEGER,
        code         TEXT,
        message      TEXT NOT NULL DEFAULT '',
        trace_id     TEXT
    ) STRICT;

    CREATE INDEX system_user_attempts_of ON system_user_attempts (firm_request);";

/// What a record is made of.
pub(super) const COLUMNS: &str = "r.firm_request, r.facilitator, r.external_ref, r.name, r.packages, r.title, r.redirect,
    r.state, r.wanted, r.request_id, r.link, r.created, r.agent, r.from_agent, r.attempts, r.retryable, r.status, r.code,
    r.message, r.hint, r.trace_id, r.asked_at, r.seen_at";

/// A firm that is to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// What for.
    pub wanted: WantedSystemUser,
    /// What the list calls the firm; can be empty.
    pub name: String,
    /// The system user whose clients the new one is to take over.
    pub from_agent: Option<AgentId>,
}

/// What Altinn has of a firm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenFirm {
    /// What the firm is asked for.
    pub wanted: WantedSystemUser,
    /// What the list calls the firm; can be empty.
    pub name: String,
    /// Its request.
    pub request: Option<FirmRequest>,
    /// Its system user.
    pub system_user: Option<AgentId>,
}

/// A firm, as the ledger holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRecord {
    /// The ledger's key.
    pub row: i64,
    /// The firm.
    pub firm: OrganisationNumber,
    /// The reference; the firm's number where the vendor gave none.
    pub external_ref: String,
    /// What the list calls the firm; can be empty.
    pub name: String,
    /// The packages, by URN.
    pub packages: Vec<String>,
    /// What the system user is to be called.
    pub title: Option<String>,
    /// Where the person is sent afterwards.
    pub redirect: Option<String>,
    /// Where the firm stands.
    pub state: RequestState,
    /// It is yet to be asked.
    pub wanted: bool,
    /// The request at Altinn.
    pub request: Option<RequestId>,
    /// Where it is answered.
    pub link: Option<Link>,
    /// When it was made, as Altinn writes it; can be empty.
    pub created: String,
    /// The system user that it has become.
    pub agent: Option<AgentId>,
    /// The system user whose clients the new one is to take over.
    pub from_agent: Option<AgentId>,
    /// How often it was sent.
    pub attempts: u32,
    /// Of one that failed: whether trying again may help.
    pub retryable: bool,
    /// The last answer's HTTP status.
    pub status: Option<u16>,
    /// The last answer's code.
    pub code: Option<String>,
    /// What was said last.
    pub message: Wording,
    /// What to do about it.
    pub hint: Wording,
    /// Altinn's trace id.
    pub trace_id: Option<String>,
    /// When it was asked.
    pub asked_at: Option<String>,
    /// When Altinn was last looked at.
    pub seen_at: Option<String>,
}

/// What came of a claim.
#[derive(Debug, Clone)]
pub struct RequestOutcome {
    pub(super) state: RequestState,
    /// What happened to the firm in its round.
    pub(super) event: ClientEvent,
    pub(super) answer: Answer,
    pub(super) request: Option<FirmRequest>,
    /// The request was made by this.
    pub(super) is_new: bool,
    pub(super) agent: Option<AgentId>,
    /// The request that there was is there no more.
    pub(super) forgets: bool,
    /// Nothing is left to be asked.
    pub(super) ends: bool,
}

impl RequestOutcome {
    fn new(state: RequestState, event: ClientEvent, answer: &Answer, ends: bool) -> Self {
        let answer = answer.clone();
        Self { state, event, answer, request: None, is_new: false, agent: None, forgets: false, ends }
    }

    /// Whether nothing is left to be done about the firm.
    pub fn ends(&self) -> bool {
        self.ends
    }

    /// Whether trying again may help.
    pub(super) fn is_retryable(&self) -> bool {
        self.event == ClientEvent::AttemptsUsedUp
    }

    /// Whether the firm could not be asked.
    pub fn is_failure(&self) -> bool {
        self.state == RequestState::Failed
    }

    /// There is a request, made by this or before.
    pub fn asked(answer: &Answer, request: &FirmRequest, is_new: bool) -> Self {
        // A word that is not known is no reason to ask again.
        let state = RequestState::of(request.standing).unwrap_or(RequestState::Pending);
        let request = Some(request.clone());
        Self { request, is_new, ..Self::new(state, ClientEvent::FirmAsked, answer, true) }
    }

    /// There is a system user.
    pub fn there(answer: &Answer, agent: Option<AgentId>) -> Self {
        Self { agent, ..Self::new(RequestState::Accepted, ClientEvent::AlreadySo, answer, true) }
    }

    /// The request is gone, and the firm is asked next.
    pub fn made_room(answer: &Answer) -> Self {
        Self { forgets: true, ..Self::new(RequestState::Planned, ClientEvent::SetBack, answer, false) }
    }

    /// The request is gone, as was wanted.
    pub fn withdrawn(answer: &Answer) -> Self {
        Self { forgets: true, ..Self::new(RequestState::Withdrawn, ClientEvent::FirmWithdrawn, answer, true) }
    }

    /// Altinn refused, or decided nothing as often as may be.
    pub fn failed(answer: &Answer, retryable: bool) -> Self {
        let event = if retryable { ClientEvent::AttemptsUsedUp } else { ClientEvent::Refused };
        Self::new(RequestState::Failed, event, answer, true)
    }

    /// Nothing was decided: it waits.
    pub fn set_back(answer: &Answer, state: RequestState) -> Self {
        Self::new(state, ClientEvent::NoVerdict, answer, false)
    }
}

impl Ledger {
    /// Keeps what Altinn has of firms. What was under way in a process that died is settled by it.
    pub fn see_firms(
        &mut self,
        environment: &str,
        system_id: &str,
        firms: &[SeenFirm],
    ) -> Result<(), LedgerError> {
        let transaction = self.writing()?;
        for firm in firms {
            see(&transaction, environment, system_id, firm)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Every firm of the system in this environment, by number.
    pub fn firm_requests(
        &self,
        environment: &str,
        system_id: &str,
    ) -> Result<Vec<RequestRecord>, LedgerError> {
        let mut select = self.connection.prepare(&format!(
            "SELECT {COLUMNS} FROM system_user_requests r
             WHERE environment = ?1 AND system_id = ?2 ORDER BY facilitator, external_ref"
        ))?;
        let rows = select.query_map(params![environment, system_id], |row| Ok(record(row)))?;
        rows.map(|row| row?).collect()
    }
}

/// The firm's row, made where it is missing.
pub(super) fn keep(
    transaction: &Transaction<'_>,
    environment: &str,
    system_id: &str,
    wanted: &WantedSystemUser,
    name: &str,
) -> Result<i64, LedgerError> {
    let (firm, reference) = (wanted.firm.to_string(), wanted.reference());
    transaction.execute(
        "INSERT INTO system_user_requests (environment, system_id, facilitator, external_ref, name, packages, title,
                                           redirect, state)
         VALUES (?1, ?2, ?3, ?4, CASE WHEN ?5 <> '' THEN ?5 ELSE coalesce((SELECT max(name) FROM system_user_requests
                     WHERE environment = ?1 AND facilitator = ?3), '') END, ?6, ?7, ?8, ?9)
         ON CONFLICT (environment, system_id, facilitator, external_ref)
         DO UPDATE SET name = CASE WHEN excluded.name <> '' THEN excluded.name ELSE system_user_requests.name END",
        params![
            environment,
            system_id,
            firm,
            reference,
            name,
            packages_text(&wanted.packages),
            wanted.title,
            wanted.redirect,
            RequestState::Withdrawn
        ],
    )?;
    Ok(transaction.query_row(
        "SELECT firm_request FROM system_user_requests
         WHERE environment = ?1 AND system_id = ?2 AND facilitator = ?3 AND external_ref = ?4",
        params![environment, system_id, firm, reference],
        |row| row.get(0),
    )?)
}

fn see(
    transaction: &Transaction<'_>,
    environment: &str,
    system_id: &str,
    firm: &SeenFirm,
) -> Result<(), LedgerError> {
    let is_there = firm.request.is_some() || firm.system_user.is_some();
    let known: Option<i64> = transaction
        .query_row(
            "SELECT firm_request FROM system_user_requests
             WHERE environment = ?1 AND system_id = ?2 AND facilitator = ?3 AND external_ref = ?4",
            params![environment, system_id, firm.wanted.firm.to_string(), firm.wanted.reference()],
            |row| row.get(0),
        )
        .optional()?;
    // A firm that nobody has asked, and that has nothing, is no affair of the ledger's.
    let row = match known {
        Some(row) => row,
        None if is_there => keep(transaction, environment, system_id, &firm.wanted, &firm.name)?,
        None => return Ok(()),
    };
    transaction.execute(
        "UPDATE system_user_requests SET seen_at = ?2, name = CASE WHEN ?3 <> '' THEN ?3 ELSE name END
         WHERE firm_request = ?1",
        params![row, stamp_now(), firm.name],
    )?;
    if let Some(request) = &firm.request {
        put_request(transaction, row, request)?;
        if let Some(state) = RequestState::of(request.standing) {
            set_state(transaction, row, state)?;
        }
    } else {
        forget(transaction, row)?;
        // What Altinn refused stays refused; what was to be asked is still to be asked; anything else is gone.
        transaction.execute(
            "UPDATE system_user_requests SET state = CASE WHEN wanted = 1 THEN ?2 WHEN state = ?3 THEN state ELSE ?4 END
             WHERE firm_request = ?1",
            params![row, RequestState::Planned, RequestState::Failed, RequestState::Withdrawn],
        )?;
    }
    match firm.system_user {
        Some(agent) => {
            put_agent(transaction, row, agent)?;
            set_state(transaction, row, RequestState::Accepted)?;
        }
        None => {
            transaction
                .execute("UPDATE system_user_requests SET agent = NULL WHERE firm_request = ?1", [row])?;
        }
    }
    Ok(())
}

fn set_state(transaction: &Transaction<'_>, row: i64, state: RequestState) -> Result<(), LedgerError> {
    transaction.execute(
        // What is pending or accepted has been asked; a request that came to nothing may be about to be asked again.
        "UPDATE system_user_requests SET state = ?2, wanted = CASE WHEN ?2 IN (?3, ?4) THEN 0 ELSE wanted END, retryable = 0
         WHERE firm_request = ?1",
        params![row, state, RequestState::Pending, RequestState::Accepted],
    )?;
    Ok(())
}

pub(super) fn put_request(
    transaction: &Transaction<'_>,
    row: i64,
    request: &FirmRequest,
) -> Result<(), LedgerError> {
    transaction.execute(
        "UPDATE system_user_requests SET request_id = ?2, link = ?3, created = ?4,
             packages = CASE WHEN ?5 = '[]' THEN packages ELSE ?5 END
         WHERE firm_request = ?1",
        params![
            row,
            request.id.expose(),
            request.link.expose(),
            request.created,
            packages_text(&request.packages)
        ],
    )?;
    Ok(())
}

pub(super) fn put_agent(transaction: &Transaction<'_>, row: i64, agent: AgentId) -> Result<(), LedgerError> {
    transaction
        .execute("UPDATE system_user_requests SET agent = ?2 WHERE firm_request = ?1", params![row, agent])?;
    Ok(())
}

pub(super) fn forget(transaction: &Transaction<'_>, row: i64) -> Result<(), LedgerError> {
    transaction.execute(
        "UPDATE system_user_requests SET request_id = NULL, link = NULL, created = '' WHERE firm_request = ?1",
        [row],
    )?;
    Ok(())
}

pub(super) fn packages_text(packages: &[String]) -> String {
    serde_json::to_string(packages).unwrap_or_default()
}

/// A request's id, as the ledger holds it.
pub(super) fn request_id(id: Option<String>) -> Result<Option<RequestId>, LedgerError> {
    let id = id.map(|id| Uuid::parse_str(&id).map(RequestId)).transpose();
    id.map_err(|error| LedgerError::Damaged(error.to_string()))
}

pub(super) fn record(row: Row<'_>) -> Result<RequestRecord, LedgerError> {
    let damaged = |what: &str| LedgerError::Damaged(what.to_owned());
    let number: String = row.get(1)?;
    let packages: String = row.get(4)?;
    Ok(RequestRecord {
        row: row.get(0)?,
        firm: OrganisationNumber::parse(&number).map_err(|error| damaged(&error.to_string()))?,
        external_ref: row.get(2)?,
        name: row.get(3)?,
        packages: serde_json::from_str(&packages).map_err(|error| damaged(&error.to_string()))?,
        title: row.get(5)?,
        redirect: row.get(6)?,
        state: row.get(7)?,
        wanted: row.get::<i64>(8)? != 0,
        request: request_id(row.get(9)?)?,
        link: row.get::<Option<String>>(10)?.map(Link::new),
        created: row.get(11)?,
        agent: row.get(12)?,
        from_agent: row.get(13)?,
        attempts: row.get(14)?,
        retryable: row.get::<i64>(15)? != 0,
        status: row.get(16)?,
        code: row.get(17)?,
        message: row.get(18)?,
        hint: row.get(19)?,
        trace_id: row.get(20)?,
        asked_at: row.get(21)?,
        seen_at: row.get(22)?,
    })
}

impl RequestRecord {
    /// Whether its system user is there.
    pub fn is_ready(&self) -> bool {
        self.state == RequestState::Accepted && self.agent.is_some()
    }

    /// Whether the firm has come to an answer, or is too late for one.
    pub fn has_answered(&self) -> bool {
        self.is_ready()
            || matches!(self.state, RequestState::Rejected | RequestState::Denied | RequestState::TimedOut)
    }

    /// The last day on which the firm can answer, where it is known when it was asked.
    pub fn answer_by(&self) -> Option<Timestamp> {
        let made = self.created.parse::<Timestamp>().ok();
        let made = made.or_else(|| self.asked_at.as_deref()?.parse().ok())?;
        made.checked_add(jiff::SignedDuration::from_hours(24 * crate::model::DAYS_TO_ANSWER)).ok()
    }
}
