//! The table of the second API's errors, code for code. The same code means one thing for the client and another for the
//! agent: its path tells which.

use jiff::Timestamp;

use super::wire;
use crate::{
    altinn::http::{self, Complaint, Judged, KnownError, RawAnswer, Ruling, Table},
    model::{Call, ClientChange, HaltCause, Notice, Operation},
    words::{Wording, kept},
};

/// Judges the answer to a delegation or a removal. A delegation is `Done` when it is a whole 200 whose rows are this
/// client's and this agent's, a removal when it is a 204; `now` turns a `Retry-After` date into a wait.
pub fn judge_change(change: &ClientChange, answer: &RawAnswer<'_>, now: Timestamp) -> Judged {
    let call = match change.operation {
        Operation::Remove if answer.status == 204 => return Judged::done(),
        Operation::Remove => Call::Remove,
        Operation::Delegate => Call::Delegate,
    };
    if call == Call::Delegate && answer.status == 200 && !answer.cut {
        let rows = serde_json::from_slice::<Vec<wire::Delegated>>(answer.body).unwrap_or_default();
        let is_meant = |row: &wire::Delegated| row.from_id == change.client.0 && row.to_id == change.agent.0;
        if !rows.is_empty() && rows.iter().all(is_meant) {
            return Judged::done();
        }
        let mut judged = judge(call, answer, now);
        if !rows.is_empty() {
            kept!("altinn-altinn-answered-200-for-another-agent-or").clone_into(&mut judged.message);
        }
        return judged;
    }
    judge(call, answer, now)
}

/// Judges the answer to the request that makes an agent's own assignment.
pub fn judge_preparation(answer: &RawAnswer<'_>, now: Timestamp) -> Judged {
    let is_there = answer.status == 200
        && !answer.cut
        && serde_json::from_slice::<wire::Assignment>(answer.body).is_ok();
    if is_there { Judged::done() } else { judge(Call::Prepare, answer, now) }
}

/// Judges an answer that is not the promised one. `Done` only where there was nothing to remove.
pub fn judge(call: Call, answer: &RawAnswer<'_>, now: Timestamp) -> Judged {
    http::judge::<Codes>(call, answer, now)
}

/// What a complaint is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Client,
    Agent,
    Facilitator,
    Role,
    Else,
}

impl About {
    /// `$QUERY/to`, `QUERY/to` and `/values[0]/packages[1]` are ways of saying it.
    fn of(complaint: Option<&Complaint>) -> Self {
        let paths = complaint.map_or(&[][..], |complaint| &complaint.paths);
        let named = paths.iter().map(|path| {
            let last = path.rsplit(['/', '?', '.']).next().unwrap_or_default();
            match last.split('[').next().unwrap_or_default() {
                "from" | "client" => Self::Client,
                "to" | "agent" => Self::Agent,
                "party" => Self::Facilitator,
                "role" => Self::Role,
                _ => Self::Else,
            }
        });
        named.into_iter().find(|about| *about != Self::Else).unwrap_or(Self::Else)
    }
}

struct Codes;

/// What this API's codes mean.
pub fn known_errors() -> Vec<KnownError> {
    http::known::<Codes>()
}

impl Table for Codes {
    const KNOWN: &'static [(Call, &'static str, &'static str)] = &[
        (Call::Delegate, "AM.VLD-00006", "from"),
        (Call::Delegate, "AM.VLD-00006", "to"),
        (Call::Delegate, "AM.VLD-00006", "party"),
        (Call::Delegate, "AM.VLD-00008", ""),
        (Call::Delegate, "AM.VLD-00026", ""),
        (Call::Delegate, "AM.VLD-00029", ""),
        (Call::Delegate, "AM.VLD-00030", ""),
        (Call::Delegate, "AM.VLD-00031", ""),
        (Call::Delegate, "AM.VLD-00032", "role"),
        (Call::Delegate, "AM.VLD-00032", "to"),
        (Call::Delegate, "AM.VLD-00033", ""),
    ];

    const IS_PERSONAL: bool = true;

    fn by_code(call: Call, code: &str, complaint: Option<&Complaint>) -> Option<Ruling> {
        let outdated = |hint| Some(Ruling::refused(call).hint(hint).notice(Notice::ListOutdated));
        match (code, About::of(complaint)) {
            ("AM.VLD-00006", About::Client) => Some(Ruling::refused(call).hint(unknown_client())),
            // A system user that has just been made may not have arrived there yet.
            ("AM.VLD-00006", About::Agent) => Some(Ruling::at_last(HaltCause::UnknownAgent)),
            ("AM.VLD-00006", About::Facilitator) => Some(Ruling::halt(HaltCause::UnknownFacilitator)),
            ("AM.VLD-00008", _) => Some(Ruling::halt(HaltCause::WrongKindOfAgent)),
            ("AM.VLD-00026", _) => outdated(lacks_a_package()),
            ("AM.VLD-00032", About::Role) => outdated(not_a_client()),
            ("AM.VLD-00032", About::Agent) if call == Call::Remove => Some(Ruling::done()),
            ("AM.VLD-00032", About::Agent) => Some(Ruling::halt(HaltCause::UnknownAgent)),
            ("AM.VLD-00029" | "AM.VLD-00030", _) => Some(Ruling::halt(HaltCause::UnknownPackage)),
            ("AM.VLD-00033", _) => Some(Ruling::halt(HaltCause::PackageNotDelegable)),
            ("AM.VLD-00031", _) => Some(Ruling::halt(HaltCause::Unexpected)),
            _ => None,
        }
    }

    fn by_parameter(call: Call, names: &dyn Fn(&str) -> bool) -> Option<Ruling> {
        if names("party") {
            Some(Ruling::halt(HaltCause::UnknownFacilitator))
        } else if names("to") || names("agent") {
            Some(Ruling::halt(HaltCause::UnknownAgent))
        } else if names("from") || names("client") {
            Some(Ruling::refused(call).hint(unknown_client()))
        } else {
            None
        }
    }

    fn not_found(_: Call, _: &dyn Fn(&[&str]) -> bool) -> HaltCause {
        HaltCause::NotPublished
    }

    /// A delegation whose backing was replaced breaks the server every time.
    fn broken(call: Call) -> Option<Notice> {
        (call == Call::Delegate).then_some(Notice::PerhapsStuck)
    }
}

fn unknown_client() -> Wording {
    kept!("altinn-altinn-does-not-know-this-clients-id-though")
}

fn not_a_client() -> Wording {
    kept!("altinn-the-client-has-ended-the-facilitators-role")
}

fn lacks_a_package() -> Wording {
    kept!("altinn-the-client-does-not-give-the-facilitator-an")
}

#[cfg(test)]
mod tests;
