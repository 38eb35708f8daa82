//! The table of the first API's errors, code for code.

use jiff::Timestamp;
use uuid::Uuid;

use super::wire;
use crate::{
    altinn::http::{self, Complaint, Judged, KnownError, RawAnswer, Ruling, Table},
    model::{AgentId, Call, ClientId, HaltCause, NoVerdict, Notice, Operation, Verdict},
    words::{Wording, kept},
};

/// The two titles of a codeless 404 that say that the facilitator is unknown.
const UNKNOWN_FACILITATOR: [&str; 2] = ["System Owner not Found", "Party not found"];

/// Judges the answer to a POST or a DELETE. `Done` only when it is a whole 200 that names this agent and this
/// client; `now` turns a `Retry-After` date into a wait.
pub fn judge_change(
    operation: Operation,
    agent: AgentId,
    client: ClientId,
    answer: &RawAnswer<'_>,
    now: Timestamp,
) -> Judged {
    let call = call_for(operation);
    if answer.status != 200 || answer.cut {
        return judge(call, answer, now);
    }
    match serde_json::from_slice::<wire::Changed>(answer.body) {
        Ok(changed) if changed.names(agent, client) => Judged::done(),
        Ok(_) => {
            let mut judged = judge(call, answer, now);
            kept!("altinn-altinn-answered-200-for-another-agent-or").clone_into(&mut judged.message);
            judged
        }
        Err(_) => judge(call, answer, now),
    }
}

/// Judges an answer that is not the promised one: never `Done`. A 200 comes here when its body is not what the
/// call promises, and is no verdict.
pub fn judge(call: Call, answer: &RawAnswer<'_>, now: Timestamp) -> Judged {
    http::judge::<Codes>(call, answer, now)
}

/// A system user is always refused the list of delegated clients: for one, asking again cannot help.
pub(super) fn for_a_system_user(judged: Judged) -> Judged {
    let cause = HaltCause::CannotReadClients;
    if judged.code.as_deref() == Some(LIST_REFUSED) {
        Judged { verdict: Verdict::Halt(cause), hint: Wording::of(|| cause.hint()), ..judged }
    } else {
        judged
    }
}

pub(super) fn call_for(operation: Operation) -> Call {
    match operation {
        Operation::Delegate => Call::Delegate,
        Operation::Remove => Call::Remove,
    }
}

/// What `GET /clients` answers a system user, and a person now and then.
const LIST_REFUSED: &str = "AUTH-00038";

struct Codes;

/// What this API's codes mean.
pub fn known_errors() -> Vec<KnownError> {
    http::known::<Codes>()
}

impl Table for Codes {
    const KNOWN: &'static [(Call, &'static str, &'static str)] = &[
        (Call::Delegate, "AUTH-00002", ""),
        (Call::Remove, "AUTH-00031", ""),
        (Call::Agents, "AUTH-00034", ""),
        (Call::Delegated, LIST_REFUSED, ""),
        (Call::Agents, "AUTH-00043", ""),
        (Call::Agents, "AUTH-00044", ""),
        (Call::Delegate, "AUTH-00045", ""),
        (Call::Delegate, "AUTH-00063", ""),
        (Call::Delegate, "AUTH-00079", ""),
        (Call::Delegate, "AUTH-00080", ""),
        (Call::Delegate, "AUTH.VLD-00014", ""),
        (Call::Delegate, "AUTH.VLD-00015", ""),
        (Call::Delegate, "AUTH.VLD-00016", ""),
    ];

    fn by_code(call: Call, code: &str, _: Option<&Complaint>) -> Option<Ruling> {
        let unclear = || Ruling::again(call, NoVerdict::Unclear);
        Some(match code {
            "AUTH-00079" => Ruling::refused(call).hint(not_a_client()),
            "AUTH-00080" => Ruling::refused(call).hint(lacks_a_package()),
            "AUTH.VLD-00016" => Ruling::refused(call).hint(unreadable_client()),
            "AUTH-00063" => Ruling::halt(HaltCause::NoUsablePackage),
            "AUTH-00034" | "AUTH.VLD-00015" => Ruling::halt(HaltCause::WrongKindOfAgent),
            "AUTH.VLD-00014" => Ruling::halt(HaltCause::UnknownAgent),
            "AUTH-00002" => unclear().hint(delegation_failed()).notice(Notice::PerhapsStuck),
            "AUTH-00031" => unclear().hint(removal_failed()),
            "AUTH-00045" => unclear(),
            "AUTH-00043" => Ruling::halt(HaltCause::SignedOut),
            "AUTH-00044" => Ruling::halt(HaltCause::Forbidden),
            LIST_REFUSED if call == Call::Delegated => Ruling::at_last(HaltCause::CannotReadClients),
            _ => return None,
        })
    }

    fn by_parameter(call: Call, names: &dyn Fn(&str) -> bool) -> Option<Ruling> {
        if names("agent") {
            return Some(Ruling::halt(HaltCause::UnknownAgent));
        }
        names("client").then(|| Ruling::refused(call).hint(unreadable_client()))
    }

    /// It can be a passing outage of the register behind, so it gets its attempts.
    fn not_found(_: Call, says: &dyn Fn(&[&str]) -> bool) -> HaltCause {
        if says(&UNKNOWN_FACILITATOR) { HaltCause::UnknownFacilitator } else { HaltCause::Unexpected }
    }
}

impl wire::Changed {
    fn names(&self, agent: AgentId, client: ClientId) -> bool {
        let Self { agent: named_agent, client: named_client } = self;
        let asked: (Uuid, Uuid) = (agent.0, client.0);
        (*named_agent, *named_client) == asked
    }
}

fn not_a_client() -> Wording {
    kept!("altinn-altinn-does-not-list-this-client-for-the")
}

fn lacks_a_package() -> Wording {
    kept!("altinn-the-agent-needs-an-access-package-that-this")
}

fn unreadable_client() -> Wording {
    kept!("altinn-altinn-cannot-read-this-clients-id-though-its")
}

fn delegation_failed() -> Wording {
    kept!("altinn-altinn-says-this-of-any-failure-behind-it")
}

fn removal_failed() -> Wording {
    kept!("altinn-altinn-says-this-of-any-failure-behind-a")
}
