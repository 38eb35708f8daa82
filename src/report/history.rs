//! Everything that is known of one client: as a story, and as what Altinn's service desk asks for.

use std::fmt;

use serde::Serialize;

use super::words::{count, stored_time};
use crate::ledger::{HistoryAttempt, HistoryEntry};

/// One client's history.
#[derive(Debug, Clone, Serialize)]
pub struct History {
    /// What was asked for: an organisation number or a party UUID.
    pub client: String,
    /// The client's newest name in the ledger; empty when there is none.
    pub name: String,
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
        Self { client, name: name.unwrap_or_default().to_owned(), runs }
    }
}

impl fmt::Display for History {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", format!("{} {}", self.client, self.name).trim_end())?;
        for entry in &self.runs {
            writeln!(out)?;
            let purpose = match (&entry.undo_of, &entry.retry_of) {
                (Some(run), _) => format!("undo of run {run}"),
                (None, Some(run)) => format!("retry of run {run}"),
                (None, None) => entry.kind.clone(),
            };
            writeln!(
                out,
                "run {} of {} ({purpose}) in {}, planned {}",
                entry.run,
                entry.job,
                entry.environment,
                stored_time(&entry.planned_at)
            )?;
            let title = if entry.agent_title.is_empty() {
                String::new()
            } else {
                format!(" ({})", entry.agent_title)
            };
            writeln!(out, "  agent {}{title}", entry.agent)?;
            if let Some(from_agent) = &entry.from_agent {
                writeln!(out, "  from agent {from_agent}")?;
            }
            if !entry.signed_in_as.is_empty() {
                writeln!(out, "  signed in: {}", entry.signed_in_as)?;
            }
            for attempt in &entry.attempts {
                let where_to = match &entry.from_agent {
                    Some(_) => format!("{} on {}", attempt.operation, attempt.agent),
                    None => attempt.operation.clone(),
                };
                writeln!(out, "  {}  {where_to}  {}", stored_time(&attempt.sent_at), said(attempt))?;
                if let Some(trace_id) = &attempt.trace_id {
                    writeln!(out, "    trace id {trace_id}")?;
                }
            }
            let wish = match (&entry.from_agent, entry.operation.as_deref()) {
                (Some(_), _) => "move",
                (None, operation) => operation.unwrap_or("nothing"),
            };
            let state = if wish == "move" && entry.state == "delegated" { "moved" } else { &entry.state };
            write!(out, "  to {wish}: {state}")?;
            if let Some(settled_at) = &entry.settled_at {
                write!(out, " at {}", stored_time(settled_at))?;
            }
            if entry.attempts.is_empty() && !entry.message.is_empty() {
                write!(out, ": {}", entry.message)?;
            }
            writeln!(out)?;
            if let Some(since) = &entry.unchanged_since {
                writeln!(
                    out,
                    "  unchanged in {} later runs of this job; the last, {}, planned {}",
                    count(since.runs),
                    since.last_run,
                    stored_time(&since.last_at)
                )?;
            }
        }
        Ok(())
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
        said = format!("{said}: {}", attempt.message);
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
            writeln!(out, "Environment:    {}", entry.environment)?;
            writeln!(out, "Facilitator:    {}", entry.facilitator)?;
            let number = entry.organisation_number.as_deref().unwrap_or("(a private person)");
            writeln!(out, "Client:         {number}")?;
            if let Some(client) = &entry.client {
                writeln!(out, "Client UUID:    {client}")?;
            }
            for attempt in &entry.attempts {
                writeln!(out)?;
                writeln!(out, "  Sent at:      {} (UTC)", attempt.sent_at)?;
                let request = if attempt.request.is_empty() { &attempt.operation } else { &attempt.request };
                writeln!(out, "  Request:      {request}")?;
                writeln!(out, "  Agent:        {}", attempt.agent)?;
                match attempt.status {
                    Some(status) => writeln!(out, "  HTTP status:  {status}")?,
                    None => writeln!(out, "  HTTP status:  none, there was no answer")?,
                }
                if let Some(duration_ms) = attempt.duration_ms {
                    writeln!(out, "  Took:         {duration_ms} ms")?;
                }
                if let Some(code) = &attempt.code {
                    writeln!(out, "  Code:         {code}")?;
                }
                if !attempt.message.is_empty() {
                    writeln!(out, "  Message:      {}", attempt.message)?;
                }
                if let Some(trace_id) = &attempt.trace_id {
                    writeln!(out, "  Trace id:     {trace_id}")?;
                }
            }
        }
        if first { writeln!(out, "no request about this client has been sent") } else { Ok(()) }
    }
}
