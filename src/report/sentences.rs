//! Sentences that need more than a message and its arguments.

use crate::{
    ledger::{ClientRecord, PlannedClient},
    model::{ClientState, JobKind},
    words::{Wording, say, text},
};

/// What a job of this kind asks for, with the system user's name.
pub(super) fn title_of(kind: JobKind, agent: &str) -> String {
    match kind {
        JobKind::Delegate => say!("report-title-delegate", agent = agent).to_string(),
        JobKind::Remove => say!("report-title-remove", agent = agent).to_string(),
        JobKind::Manifest => say!("report-title-manifest", agent = agent).to_string(),
        JobKind::Reconcile => say!("report-title-reconcile", agent = agent).to_string(),
        JobKind::Refresh => say!("report-title-refresh", agent = agent).to_string(),
        JobKind::Migrate => say!("report-title-migrate", agent = agent).to_string(),
        JobKind::Request => say!("report-title-request", system = agent).to_string(),
        JobKind::Withdraw => say!("report-title-withdraw", system = agent).to_string(),
    }
}

/// `1 client`, `12 clients`.
pub(super) fn clients(number: u64) -> String {
    say!("report-clients", clients = number).to_string()
}

/// `1 firm`, `12 firms`.
pub(super) fn firms(number: u64) -> String {
    say!("report-firms", firms = number).to_string()
}

/// What became of a client, in a word.
pub(super) fn state_in_words(state: ClientState) -> &'static str {
    match state {
        ClientState::Delegated => text!("report-state-delegated"),
        ClientState::Removed => text!("report-state-removed"),
        ClientState::Asked => text!("report-state-asked"),
        ClientState::Withdrawn => text!("report-state-withdrawn"),
        ClientState::Unchanged => text!("report-state-unchanged"),
        ClientState::Failed => text!("report-state-failed"),
        ClientState::Rejected => text!("report-state-rejected"),
        ClientState::Superseded => text!("report-state-superseded"),
        ClientState::Answered
        | ClientState::Pending
        | ClientState::Sending
        | ClientState::Waiting
        | ClientState::Unverified => text!("report-state-pending"),
    }
}

/// A row whose name is not Altinn's, with both names.
pub fn other_name(client: &PlannedClient) -> String {
    let (line, list) = (client.line.to_string(), client.name_in_list.as_deref().unwrap_or_default());
    let altinn = &client.name;
    match &client.organisation_number {
        Some(number) => say!(
            "plan-line-is-in-altinn-in-the-list",
            line = line,
            number = number,
            altinn = altinn,
            list = list
        )
        .to_string(),
        None => say!("plan-line-again-is-in-altinn-in-the-list", line = line, altinn = altinn, list = list)
            .to_string(),
    }
}

/// Why a client failed. What Altinn said with a code of its own stands in Altinn's words, and is said to be Altinn's.
pub(super) fn why(code: Option<&str>, message: &Wording) -> String {
    let message_said = message.said();
    if code.is_some() && message.is_heard() {
        say!("report-altinn-answered", message = message_said.trim_end_matches('.')).to_string()
    } else {
        message_said.into_owned()
    }
}

/// Why a client failed and what to do, as sentences; the first says whether trying again can help.
pub(super) fn reason(client: &ClientRecord) -> String {
    let first = if client.state == ClientState::Rejected {
        text!("report-row-rejected")
    } else if client.retryable {
        text!("report-may-be-retried")
    } else {
        text!("report-needs-you")
    };
    let code = client.code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
    let message = why(client.code.as_deref(), &client.message);
    let mut reason = format!("{first} {}{code}.", message.trim_end_matches('.'));
    if !client.hint.is_empty() {
        reason.push(' ');
        reason.push_str(&say!("report-what-to-do", hint = client.hint.said()).to_string());
    }
    reason
}
