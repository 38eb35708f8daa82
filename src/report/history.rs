//! Everything that is known of one client: as a story, and as what Altinn's service desk asks for.

use std::fmt;

use serde::Serialize;

use super::{
    present::{Present, Sentence, present},
    words::stored_time,
};
use crate::{
    ledger::{HistoryAttempt, HistoryEntry},
    model::JobKind,
    words::{say, text},
};

/// One client's history.
#[derive(Debug, Clone, Serialize)]
pub struct History {
    /// What was asked for: an organisation number or a party UUID.
    pub client: String,
    /// The client's newest name in the ledger; empty when there is none.
    pub name: String,
    /// How it stands now with each agent, as far as these runs know.
    pub present: Vec<Present>,
    /// The client in each run, oldest first.
    pub runs: Vec<HistoryEntry>,
}

/// A history as Altinn's service desk wants it.
#[derive(Debug)]
pub struct SupportText<'history>(pub &'history History);

impl History {
    /// A history of what was asked for.
    pub fn new(client: String, runs: Vec<HistoryEntry>) -> Self {
        let name = runs.iter().rev().map(|entry| entry.name.as_str()).find(|name| !name.is_empty());
        let name = name.unwrap_or_default().to_owned();
        Self { present: present(&runs), client, name, runs }
    }
}

impl fmt::Display for History {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let client = format!("{} {}", self.client, self.name);
        for present in &self.present {
            writeln!(out, "{}", Sentence { client: client.trim_end(), present })?;
        }
        for entry in &self.runs {
            writeln!(out)?;
            let purpose = match (&entry.undo_of, &entry.retry_of) {
                (Some(run), _) => say!("plan-undo-of", run = run).to_string(),
                (None, Some(run)) => say!("plan-retry-of", run = run).to_string(),
                (None, None) => entry.kind.clone(),
            };
            writeln!(
                out,
                "{}",
                say!(
                    "plan-history-run",
                    run = entry.run,
                    job = entry.job,
                    purpose = purpose,
                    environment = entry.environment,
                    planned = stored_time(&entry.planned_at)
                )
            )?;
            let agent = if is_a_firm(entry) {
                entry.agent_title.clone()
            } else if entry.agent_title.is_empty() {
                say!("plan-untitled-agent", agent = entry.agent).to_string()
            } else {
                say!("plan-agent", agent = entry.agent, title = entry.agent_title).to_string()
            };
            writeln!(out, "  {agent}")?;
            if let Some(from_agent) = &entry.from_agent {
                writeln!(out, "  {}", say!("plan-history-from", agent = from_agent))?;
            }
            if !entry.signed_in_as.is_empty() {
                writeln!(out, "  {}", say!("plan-history-signed-in", who = entry.signed_in_as.said()))?;
            }
            for attempt in &entry.attempts {
                let where_to = match &entry.from_agent {
                    Some(_) => say!("plan-history-on", operation = attempt.operation, agent = attempt.agent)
                        .to_string(),
                    None => attempt.operation.clone(),
                };
                writeln!(out, "  {}  {where_to}  {}", stored_time(&attempt.sent_at), said(attempt))?;
                if let Some(trace_id) = &attempt.trace_id {
                    writeln!(out, "    {}", say!("plan-history-trace-id", id = trace_id))?;
                }
            }
            write!(out, "  {}: {}", wish(entry), state(entry))?;
            if let Some(settled_at) = &entry.settled_at {
                write!(out, " {}", say!("plan-history-at", time = stored_time(settled_at)))?;
            }
            if entry.attempts.is_empty() && !entry.message.is_empty() {
                write!(out, ": {}", entry.message.said())?;
            }
            writeln!(out)?;
            if let Some(since) = &entry.unchanged_since {
                let (last, planned) = (&since.last_run, stored_time(&since.last_at));
                let said = say!("plan-history-unchanged", runs = since.runs, last = last, planned = planned)
                    .to_string();
                writeln!(out, "  {said}")?;
            }
        }
        Ok(())
    }
}

/// What was asked for.
fn wish(entry: &HistoryEntry) -> &'static str {
    match (&entry.from_agent, entry.operation.as_deref()) {
        (Some(_), _) => text!("plan-history-to-move"),
        (None, Some("delegate")) => text!("plan-to-delegate"),
        (None, Some("remove")) => text!("plan-to-remove"),
        (None, None) if is_a_firm(entry) => text!("plan-history-to-ask"),
        (None, _) => text!("plan-history-to-nothing"),
    }
}

/// Whether it is a firm that a vendor asked.
fn is_a_firm(entry: &HistoryEntry) -> bool {
    entry.kind.parse().is_ok_and(JobKind::asks_firms)
}

/// What became of it.
fn state(entry: &HistoryEntry) -> &str {
    match entry.state.as_str() {
        "delegated" if entry.from_agent.is_some() => text!("plan-history-moved"),
        "delegated" => text!("plan-count-delegated"),
        "removed" => text!("plan-count-removed"),
        "unchanged" => text!("plan-count-unchanged"),
        "failed" => text!("plan-count-failed"),
        "asked" => text!("report-state-asked"),
        "withdrawn" => text!("report-state-withdrawn"),
        "rejected" => text!("report-state-rejected"),
        "pending" => text!("plan-count-pending"),
        "superseded" => text!("plan-status-superseded"),
        other => other,
    }
}

/// `again: unclear  400 AUTH-00002: The Delegation failed.`
fn said(attempt: &HistoryAttempt) -> String {
    let mut said = attempt.verdict.clone();
    let mut answered = Vec::new();
    answered.extend(attempt.status.map(|status| status.to_string()));
    answered.extend(attempt.code.clone());
    if !answered.is_empty() {
        said = format!("{said}  {}", answered.join(" "));
    }
    if !attempt.message.is_empty() {
        said = format!("{said}: {}", attempt.message.said());
    }
    said
}

impl fmt::Display for SupportText<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for entry in self.0.runs.iter().filter(|entry| !entry.attempts.is_empty()) {
            if !std::mem::take(&mut first) {
                writeln!(out)?;
            }
            writeln!(out, "{}", say!("plan-support-environment", environment = entry.environment))?;
            let number = entry.organisation_number.as_deref().unwrap_or(text!("plan-support-private-person"));
            if is_a_firm(entry) {
                writeln!(out, "{}", say!("plan-support-vendor", vendor = entry.facilitator))?;
                writeln!(out, "{}", say!("plan-support-system", system = entry.agent_title))?;
                writeln!(out, "{}", say!("plan-support-asked-firm", firm = number))?;
            } else {
                writeln!(out, "{}", say!("plan-support-firm", firm = entry.facilitator))?;
                writeln!(out, "{}", say!("plan-support-client", client = number))?;
            }
            if let Some(client) = &entry.client {
                writeln!(out, "{}", say!("plan-support-uuid", uuid = client))?;
            }
            for attempt in &entry.attempts {
                writeln!(out)?;
                writeln!(out, "  {}", say!("plan-support-sent-at", time = attempt.sent_at))?;
                let request = if attempt.request.is_empty() { &attempt.operation } else { &attempt.request };
                writeln!(out, "  {}", say!("plan-support-request", request = request))?;
                if !is_a_firm(entry) {
                    writeln!(out, "  {}", say!("plan-support-agent", agent = attempt.agent))?;
                }
                match attempt.status {
                    Some(status) => writeln!(out, "  {}", say!("plan-support-status", status = status))?,
                    None => writeln!(out, "  {}", text!("plan-support-no-answer"))?,
                }
                if let Some(duration_ms) = attempt.duration_ms {
                    writeln!(out, "  {}", say!("plan-support-took", ms = duration_ms.to_string()))?;
                }
                if let Some(code) = &attempt.code {
                    writeln!(out, "  {}", say!("plan-support-code", code = code))?;
                }
                if !attempt.message.is_empty() {
                    writeln!(out, "  {}", say!("plan-support-message", message = attempt.message))?;
                }
                if let Some(trace_id) = &attempt.trace_id {
                    writeln!(out, "  {}", say!("plan-support-trace-id", id = trace_id))?;
                }
            }
        }
        if first { writeln!(out, "{}", text!("plan-history-nothing-sent")) } else { Ok(()) }
    }
}
