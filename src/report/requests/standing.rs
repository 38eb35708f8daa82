//! How the firms of a vendor stand.

use std::{collections::BTreeSet, fmt, path::PathBuf};

use serde::Serialize;

use super::{
    super::words::{day, stored_time},
    SHOWN_FIRMS,
};
use crate::{
    ledger::RequestRecord,
    model::{JobKind, RequestState, Vendor},
    words::{Wording, say, text},
};

/// One firm, as programs read it. Its link is not in it: that stands in the files that are made to be sent.
#[derive(Debug, Clone, Serialize)]
pub struct FirmView {
    /// Its number.
    pub organisation_number: String,
    /// What the list calls it; can be empty.
    pub name: String,
    /// The reference.
    pub external_ref: String,
    /// `ready` where its system user is there, else the ledger's word.
    pub state: &'static str,
    /// It is yet to be asked.
    pub to_be_asked: bool,
    /// Its system user.
    pub agent: Option<String>,
    /// The system user whose clients that one is to take over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_agent: Option<String>,
    /// How often it was sent.
    pub attempts: u32,
    /// When it was asked.
    pub asked_at: Option<String>,
    /// The last day on which the firm can answer.
    pub answer_by: Option<String>,
    /// When Altinn was last looked at.
    pub seen_at: Option<String>,
    /// The last answer's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What Altinn refused it with.
    #[serde(skip_serializing_if = "Wording::is_empty")]
    pub message: Wording,
    /// What to do about it.
    #[serde(skip_serializing_if = "Wording::is_empty")]
    pub hint: Wording,
    /// Of one that failed: whether trying again may help.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub retryable: bool,
}

impl FirmView {
    /// By what the ledger holds.
    pub fn of(record: &RequestRecord) -> Self {
        let failed = record.state == RequestState::Failed;
        let pending = record.state == RequestState::Pending;
        Self {
            organisation_number: record.firm.to_string(),
            name: record.name.clone(),
            external_ref: record.external_ref.clone(),
            state: state_of(record),
            to_be_asked: record.wanted,
            agent: record.agent.map(|agent| agent.to_string()),
            from_agent: record.from_agent.map(|agent| agent.to_string()),
            attempts: record.attempts,
            asked_at: record.asked_at.clone(),
            answer_by: record.answer_by().filter(|_| pending).map(day),
            seen_at: record.seen_at.clone(),
            code: record.code.clone().filter(|_| failed),
            message: if failed { record.message.clone() } else { Wording::NOTHING },
            hint: if failed { record.hint.clone() } else { Wording::NOTHING },
            retryable: record.retryable,
        }
    }
}

/// The word for where a firm stands.
pub(in crate::report) fn state_of(record: &RequestRecord) -> &'static str {
    if record.is_ready() { "ready" } else { record.state.as_str() }
}

/// How many firms stand where. Every firm is counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RequestCounts {
    /// All, one for each firm and reference.
    pub firms: u64,
    /// How many firms these are, each once whatever its references.
    pub organisations: u64,
    /// Their system user is there.
    pub ready: u64,
    /// Approved, and the system user does not show yet.
    pub accepted: u64,
    /// Asked, and not answered.
    pub pending: u64,
    /// Rejected at the firm.
    pub rejected: u64,
    /// Denied at the firm.
    pub denied: u64,
    /// Not answered in time.
    pub timed_out: u64,
    /// Altinn refused to make the request.
    pub failed: u64,
    /// To be asked, or under way in a process that has ended.
    pub to_be_asked: u64,
    /// Taken back.
    pub withdrawn: u64,
}

impl RequestCounts {
    /// How many have answered with no, not at all, or cannot be asked.
    pub fn came_to_nothing(&self) -> u64 {
        self.rejected + self.denied + self.timed_out + self.failed
    }

    fn add(&mut self, record: &RequestRecord) {
        self.firms += 1;
        let count = match (record.state, record.agent) {
            (RequestState::Accepted, Some(_)) => &mut self.ready,
            (RequestState::Accepted, None) => &mut self.accepted,
            (state, _) if state.is_open() => &mut self.to_be_asked,
            (RequestState::Pending, _) => &mut self.pending,
            (RequestState::Rejected, _) => &mut self.rejected,
            (RequestState::Denied, _) => &mut self.denied,
            (RequestState::TimedOut, _) => &mut self.timed_out,
            (RequestState::Failed, _) => &mut self.failed,
            (RequestState::Withdrawn, _) => &mut self.withdrawn,
            (RequestState::Planned | RequestState::Asking | RequestState::Withdrawing, _) => {
                &mut self.to_be_asked
            }
        };
        *count += 1;
    }
}

/// How the firms of a vendor stand.
#[derive(Debug, Clone, Serialize)]
pub struct RequestsView {
    /// What the firms know the vendor as.
    pub vendor: String,
    /// The system.
    pub system_id: String,
    /// `sandbox`, `tt02`, `prod` or an origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// How many firms stand where.
    pub counts: RequestCounts,
    /// The firms.
    pub firms: Vec<FirmView>,
    /// Files that were written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<PathBuf>,
    /// Jobs or rows that were written for firms that are ready.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub jobs: Vec<String>,
    /// Rows and job files of system users whose clients another takes over, that were taken out of the way, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taken_out: Vec<String>,
    /// Jobs whose list of clients is not there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without_list: Vec<String>,
    /// Lists of clients that were written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<PathBuf>,
    /// Rows of the list that could not be read, and were left out.
    #[serde(skip_serializing_if = "is_zero")]
    pub rows_left_out: u64,
    #[serde(skip)]
    place: String,
    #[serde(skip)]
    pub(super) names_all: bool,
}

impl RequestsView {
    /// The firms of a round, whose environment its summary says.
    pub fn of_round(vendor: &Vendor, records: &[RequestRecord], kind: JobKind) -> Self {
        let names_all = kind == JobKind::TAKES_BACK;
        Self { environment: None, ..Self::of(vendor, records, names_all) }
    }

    /// By what the ledger holds. `names_all`: each firm is named in the text, and not only those with something to see to.
    pub fn of(vendor: &Vendor, records: &[RequestRecord], names_all: bool) -> Self {
        let mut counts = RequestCounts::default();
        for record in records {
            counts.add(record);
        }
        let organisations: BTreeSet<_> = records.iter().map(|record| record.firm).collect();
        counts.organisations = organisations.len() as u64;
        Self {
            vendor: vendor.vendor_name.clone(),
            system_id: vendor.system_id.clone(),
            environment: Some(vendor.environment.name()),
            place: vendor.environment.name(),
            counts,
            firms: records.iter().map(FirmView::of).collect(),
            files: Vec::new(),
            jobs: Vec::new(),
            taken_out: Vec::new(),
            without_list: Vec::new(),
            lists: Vec::new(),
            rows_left_out: 0,
            names_all,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl fmt::Display for RequestsView {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { vendor, system_id, place: environment, counts, .. } = self;
        let head = say!(
            "request-standing-head",
            vendor = vendor,
            system = system_id,
            environment = environment,
            firms = counts.organisations
        )
        .to_string();
        if counts.firms > counts.organisations {
            writeln!(out, "{head}{}", say!("request-standing-requests", requests = counts.firms))?;
        } else {
            writeln!(out, "{head}")?;
        }
        for (count, words) in [
            (counts.ready, text!("request-standing-ready")),
            (counts.accepted, text!("request-standing-accepted")),
            (counts.pending, text!("request-standing-pending")),
            (counts.rejected, text!("request-standing-rejected")),
            (counts.denied, text!("request-standing-denied")),
            (counts.timed_out, text!("request-standing-timed-out")),
            (counts.failed, text!("request-standing-failed")),
            (counts.to_be_asked, text!("request-standing-to-be-asked")),
            (counts.withdrawn, text!("request-standing-withdrawn")),
        ] {
            if count > 0 {
                writeln!(out, "{:>9} {words}", crate::words::count(count))?;
            }
        }
        for firm in &self.firms {
            let is_open = matches!(firm.state, "ready" | "pending" | "accepted");
            if self.names_all || !is_open {
                writeln!(out, "  {}", line(firm))?;
            }
        }
        if self.rows_left_out > 0 {
            writeln!(out, "{}", say!("request-rows-left-out", rows = self.rows_left_out))?;
        }
        for file in &self.files {
            writeln!(out, "{}", say!("request-file-written", file = file.display()))?;
        }
        for job in self.jobs.iter().take(SHOWN_FIRMS) {
            writeln!(out, "{}", say!("request-job-written", job = job))?;
        }
        if self.jobs.len() > SHOWN_FIRMS {
            writeln!(out, "{}", say!("request-more-jobs-written", jobs = self.jobs.len() - SHOWN_FIRMS))?;
        }
        for taken_out in &self.taken_out {
            writeln!(out, "{taken_out}")?;
        }
        if !self.files.is_empty() && self.counts.pending > 0 {
            writeln!(out, "{}", text!("request-next-answers"))?;
        }
        for list in self.lists.iter().take(SHOWN_FIRMS) {
            writeln!(out, "{}", say!("request-list-written", list = list.display()))?;
        }
        if self.lists.len() > SHOWN_FIRMS {
            writeln!(out, "{}", say!("request-more-lists-written", lists = self.lists.len() - SHOWN_FIRMS))?;
        }
        for job in self.without_list.iter().take(SHOWN_FIRMS) {
            writeln!(out, "{}", say!("request-job-lacks-its-list", job = job))?;
        }
        if self.without_list.len() > SHOWN_FIRMS {
            writeln!(
                out,
                "{}",
                say!("request-more-jobs-lack-lists", jobs = self.without_list.len() - SHOWN_FIRMS)
            )?;
        }
        if !self.without_list.is_empty() {
            writeln!(out, "{}", text!("request-next-clients"))?;
        }
        Ok(())
    }
}

fn line(firm: &FirmView) -> String {
    let who = match firm.name.as_str() {
        "" => firm.organisation_number.clone(),
        name => format!("{} {name}", firm.organisation_number),
    };
    let who = if firm.external_ref == firm.organisation_number {
        who
    } else {
        say!("request-firm-and-reference", firm = who, reference = firm.external_ref).to_string()
    };
    let mut said = format!("{who}: {}", in_words(firm.state));
    if let Some(agent) = &firm.agent {
        said.push(' ');
        said.push_str(agent);
    }
    if let Some(asked_at) = firm.asked_at.as_ref().filter(|_| firm.state == "pending") {
        said.push_str(&say!("request-asked-at", at = stored_time(asked_at)).to_string());
    }
    if let Some(day) = &firm.answer_by {
        said.push_str(&say!("request-answer-by", day = day).to_string());
    }
    if !firm.message.is_empty() {
        let code = firm.code.as_ref().map(|code| format!(" ({code})")).unwrap_or_default();
        said.push_str(", ");
        said.push_str(firm.message.said().trim_end_matches('.'));
        said.push_str(&code);
    }
    if !firm.hint.is_empty() {
        said.push_str("; ");
        said.push_str(&firm.hint.said());
    }
    said
}

/// How a firm stands, with its system user where that is there.
pub(in crate::report) fn answer_in_words(record: &RequestRecord) -> String {
    let words = in_words(state_of(record));
    match record.agent.filter(|_| record.state == RequestState::Accepted) {
        Some(agent) => format!("{words} {agent}"),
        None => words.to_owned(),
    }
}

fn in_words(state: &str) -> &'static str {
    match state {
        "ready" => text!("request-state-ready"),
        "accepted" => text!("request-state-accepted"),
        "pending" => text!("request-state-pending"),
        "rejected" => text!("request-state-rejected"),
        "denied" => text!("request-state-denied"),
        "timed_out" => text!("request-state-timed-out"),
        "withdrawn" => text!("request-state-withdrawn"),
        "failed" => text!("request-state-failed"),
        _ => text!("request-state-to-be-asked"),
    }
}
