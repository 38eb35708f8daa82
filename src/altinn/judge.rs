//! From an answer to a verdict: the table of the API's errors, code for code. Pure; the clock is passed in.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    problem::{Body, Problem, clean, clean_identifier},
    wire,
};
use crate::model::{
    Again, AgentId, Answer, AtLast, Call, ClientId, HaltCause, NoVerdict, Operation, Verdict,
};

/// The longest wait that is believed as it stands; anything longer outlasts every run anyway.
const LONGEST_WAIT: Duration = Duration::from_hours(365 * 24);

/// The two titles of a codeless 404 that say that the facilitator is unknown.
const UNKNOWN_FACILITATOR: [&str; 2] = ["System Owner not Found", "Party not found"];

/// An answer as it came, before anybody has judged it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawAnswer<'answer> {
    /// The HTTP status.
    pub status: u16,
    /// The header `Retry-After`.
    pub retry_after: Option<&'answer str>,
    /// A trace id from the headers, for answers whose body has none.
    pub trace_id: Option<&'answer str>,
    /// The body, as far as it came.
    pub body: &'answer [u8],
    /// The body was longer, or the connection broke before its end.
    pub cut: bool,
}

impl<'answer> RawAnswer<'answer> {
    /// A whole answer without the headers that matter.
    pub fn new(status: u16, body: &'answer [u8]) -> Self {
        Self { status, retry_after: None, trace_id: None, body, cut: false }
    }
}

/// A verdict, with everything that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What the answer decides.
    pub verdict: Verdict,
    /// Altinn's error code; of several, the one that decided.
    pub code: Option<String>,
    /// What Altinn said, on one line; empty when done.
    pub message: String,
    /// Altinn's trace id.
    pub trace_id: Option<String>,
    /// What a person can do; empty when there is nothing to say.
    pub hint: &'static str,
}

impl Judged {
    /// No answer came, or none that is Altinn's: ask again.
    pub fn unreachable(call: Call, message: impl Into<String>) -> Self {
        Self::no_verdict(call, NoVerdict::Unreachable, message)
    }

    pub(super) fn no_verdict(call: Call, why: NoVerdict, message: impl Into<String>) -> Self {
        Self {
            verdict: again(call, why),
            code: None,
            message: message.into(),
            trace_id: None,
            hint: ASK_AGAIN,
        }
    }

    pub(super) fn halt(cause: HaltCause, message: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Halt(cause),
            code: None,
            message: message.into(),
            trace_id: None,
            hint: cause.hint(),
        }
    }

    /// Altinn does not accept the token (401 or AUTH-00043): the one halt that a renewed token can turn
    /// into another try.
    pub fn token_refused(&self) -> bool {
        self.verdict == Verdict::Halt(HaltCause::SignedOut)
    }

    /// Completed with what the one who sent it knows. `status` is `None` when no answer came.
    pub fn into_answer(self, status: Option<u16>, sent_at: Timestamp, took: Duration) -> Answer {
        Answer {
            verdict: self.verdict,
            status,
            code: self.code,
            message: self.message,
            trace_id: self.trace_id,
            hint: self.hint,
            sent_at,
            took,
            sent: true,
        }
    }
}

/// Judges the answer to a POST or a DELETE. `Done` only when it is a whole 200 that names this agent and this
/// client; `now` turns a `Retry-After` date into a wait.
pub fn judge_change(
    operation: Operation,
    agent: AgentId,
    client: ClientId,
    answer: &RawAnswer<'_>,
    now: Timestamp,
) -> Judged {
    let call = match operation {
        Operation::Delegate => Call::Delegate,
        Operation::Remove => Call::Remove,
    };
    if answer.status != 200 || answer.cut {
        return judge(call, answer, now);
    }
    match serde_json::from_slice::<wire::Changed>(answer.body) {
        Ok(changed) if changed.names(agent, client) => {
            Judged { verdict: Verdict::Done, code: None, message: String::new(), trace_id: None, hint: "" }
        }
        Ok(_) => {
            let mut judged = judge(call, answer, now);
            "Altinn answered 200 for another agent or client than it was asked about"
                .clone_into(&mut judged.message);
            judged
        }
        Err(_) => judge(call, answer, now),
    }
}

/// Judges an answer that is not the promised one: never `Done`. A 200 comes here when its body is not what the
/// call promises, and is no verdict.
pub fn judge(call: Call, answer: &RawAnswer<'_>, now: Timestamp) -> Judged {
    let body = Body::read(answer.body);
    let cut = answer.cut || body == Body::Cut;
    let ruling = Ruling::of(call, answer.status, &body).unless_cut(call, cut);
    let mut verdict = ruling.verdict;
    if let Verdict::Again(again) = &mut verdict {
        again.not_before = answer.retry_after.and_then(|value| retry_after(value, now));
    }
    let mut message = body.message(answer.status);
    if answer.status == 200 && matches!(body, Body::Problem(_) | Body::Text(_)) {
        "Altinn answered 200 with something else than this call promises".clone_into(&mut message);
    }
    if answer.cut && body.problem().is_none() {
        message = Body::Cut.message(answer.status);
    }
    let trace_id = body.problem().and_then(|problem| problem.trace_id.clone());
    Judged {
        verdict,
        code: ruling.code,
        message: clean(&message).unwrap_or_default(),
        trace_id: trace_id.or_else(|| answer.trace_id.and_then(clean_identifier)),
        hint: ruling.hint,
    }
}

/// What one rule of the table says.
struct Ruling {
    verdict: Verdict,
    code: Option<String>,
    hint: &'static str,
}

impl Ruling {
    /// The code decides before the status; without a code that is known, the status does.
    fn of(call: Call, status: u16, body: &Body) -> Self {
        let Some(problem) = body.problem().filter(|_| status != 200) else {
            return Self::by_status(call, status, body, None);
        };
        if let Some(code) = &problem.code
            && let Some(ruling) = Self::by_code(call, code)
        {
            return ruling;
        }
        if let Some(ruling) = Self::by_validation(call, status, body, problem) {
            return ruling;
        }
        if problem.code.is_none() && (400..500).contains(&status) {
            if problem.complains_about("agent") {
                return Self::new(Verdict::Halt(HaltCause::UnknownAgent));
            }
            if problem.complains_about("client") && call.names_a_client() {
                return Self::new(Verdict::Final).hint(UNREADABLE_CLIENT);
            }
        }
        Self::by_status(call, status, body, problem.code.clone())
    }

    /// Of several complaints the gravest, and of equally grave ones the first.
    fn by_validation(call: Call, status: u16, body: &Body, problem: &Problem) -> Option<Self> {
        let mut gravest: Option<Self> = None;
        for complaint in &problem.validation {
            let known = complaint.code.as_deref().and_then(|code| Self::by_code(call, code));
            let ruling = known.unwrap_or_else(|| {
                let code = complaint.code.clone().or_else(|| problem.code.clone());
                Self::by_status(call, status, body, code)
            });
            if gravest.as_ref().is_none_or(|gravest| ruling.gravity() > gravest.gravity()) {
                gravest = Some(ruling);
            }
        }
        gravest
    }

    /// The table's rows that have a code. Whole codes: `AUTH-00014` is not `AUTH.VLD-00014`.
    fn by_code(call: Call, code: &str) -> Option<Self> {
        let halt = |cause| Self::new(Verdict::Halt(cause));
        let ruling = match code {
            "AUTH-00079" => Self::new(refused(call)).hint(NOT_A_CLIENT),
            "AUTH-00080" => Self::new(refused(call)).hint(LACKS_A_PACKAGE),
            "AUTH.VLD-00016" => Self::new(refused(call)).hint(UNREADABLE_CLIENT),
            "AUTH-00063" => halt(HaltCause::NoUsablePackage),
            "AUTH-00034" | "AUTH.VLD-00015" => halt(HaltCause::WrongKindOfAgent),
            "AUTH.VLD-00014" => halt(HaltCause::UnknownAgent),
            "AUTH-00002" => Self::new(again(call, NoVerdict::Unclear)).hint(DELEGATION_FAILED),
            "AUTH-00031" => Self::new(again(call, NoVerdict::Unclear)).hint(REMOVAL_FAILED),
            "AUTH-00045" => Self::new(again(call, NoVerdict::Unclear)).hint(ASK_AGAIN),
            "AUTH-00043" => halt(HaltCause::SignedOut),
            "AUTH-00044" => halt(HaltCause::Forbidden),
            "AUTH-00038" if call == Call::Delegated => halt(HaltCause::CannotReadClients),
            _ => return None,
        };
        Some(Self { code: Some(code.to_owned()), ..ruling })
    }

    /// The table's rows that have none, and every code that is not in it.
    fn by_status(call: Call, status: u16, body: &Body, code: Option<String>) -> Self {
        let ruling = match status {
            401 => Self::new(Verdict::Halt(HaltCause::SignedOut)),
            403 => Self::new(Verdict::Halt(HaltCause::Forbidden)),
            404 if code.is_none() => Self::not_found(body),
            408 => Self::new(again(call, NoVerdict::Unreachable)),
            429 => Self::new(again(call, NoVerdict::Throttled)),
            200..=299 => Self::new(again(call, NoVerdict::Unclear)),
            400..=499 => Self::new(refused(call)),
            _ => Self::new(again(call, NoVerdict::Unreachable)),
        };
        Self { code, ..ruling }
    }

    /// A 404 without a code can be a passing outage of the register behind, so it gets its tries.
    fn not_found(body: &Body) -> Self {
        let facilitator = body.problem().is_some_and(|problem| problem.says_one_of(&UNKNOWN_FACILITATOR));
        let cause = if facilitator { HaltCause::UnknownFacilitator } else { HaltCause::Unexpected };
        Self::new(Verdict::Again(Again {
            not_before: None,
            why: NoVerdict::Unclear,
            at_last: AtLast::Halt(cause),
        }))
    }

    fn new(verdict: Verdict) -> Self {
        let hint = match verdict {
            Verdict::Done => "",
            Verdict::Final => UNDOCUMENTED,
            Verdict::Halt(cause) => cause.hint(),
            Verdict::Again(again) => match again.at_last {
                AtLast::FailClient => ASK_AGAIN,
                AtLast::Halt(cause) => cause.hint(),
            },
        };
        Self { verdict, code: None, hint }
    }

    fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    /// A body that breaks off may have had a code that says otherwise: what no code has decided is then open.
    fn unless_cut(self, call: Call, cut: bool) -> Self {
        let undecided = matches!(self.verdict, Verdict::Final | Verdict::Halt(HaltCause::Unexpected));
        if cut && undecided && self.code.is_none() {
            Self::new(again(call, NoVerdict::Unclear))
        } else {
            self
        }
    }

    fn gravity(&self) -> u8 {
        match self.verdict {
            Verdict::Done | Verdict::Again(_) => 0,
            Verdict::Final => 1,
            Verdict::Halt(HaltCause::Unexpected) => 2,
            Verdict::Halt(_) => 3,
        }
    }
}

/// No: for the client where the call names one, else for the run.
fn refused(call: Call) -> Verdict {
    if call.names_a_client() { Verdict::Final } else { Verdict::Halt(HaltCause::Unexpected) }
}

fn again(call: Call, why: NoVerdict) -> Verdict {
    let at_last =
        if call.names_a_client() { AtLast::FailClient } else { AtLast::Halt(HaltCause::ListUnavailable) };
    Verdict::Again(Again { not_before: None, why, at_last })
}

/// The wait that `Retry-After` asks for: seconds, or an HTTP date. A date that has passed is no wait; what is
/// neither is not there.
fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        let wait = value.parse().map_or(LONGEST_WAIT, Duration::from_secs);
        return Some(wait.min(LONGEST_WAIT));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let now = SystemTime::try_from(now).ok()?;
    Some(date.duration_since(now).unwrap_or_default().min(LONGEST_WAIT))
}

impl wire::Changed {
    fn names(&self, agent: AgentId, client: ClientId) -> bool {
        let Self { agent: named_agent, client: named_client } = self;
        let asked: (Uuid, Uuid) = (agent.0, client.0);
        (*named_agent, *named_client) == asked
    }
}

const NOT_A_CLIENT: &str = "Altinn does not list this client for the facilitator: ask the client to renew the \
     facilitator's role (accountant, auditor or property manager) in the business register, or to delegate an \
     access package to the facilitator in Altinn; or take it out of the manifest";
const LACKS_A_PACKAGE: &str = "the agent needs an access package that this client has not given the facilitator: \
     ask the client to renew the role or to delegate the missing package in Altinn; an agent whose packages mix \
     clients by role and clients by delegation refuses both, so use one agent for each kind";
const UNREADABLE_CLIENT: &str = "Altinn cannot read this client's id, though its own list gave it: its service desk can look up the trace id";
const DELEGATION_FAILED: &str = "Altinn says this of any failure behind it: `fullmakt retry` sends it again; if it \
     stays so for a client that is delegated already, the relationship behind that delegation has been replaced, \
     and removing the client and then delegating it again mends it (in between the agent has no access)";
const REMOVAL_FAILED: &str = "Altinn says this of any failure behind a removal, whatever the words are: \
     `fullmakt retry` sends it again";
const ASK_AGAIN: &str = "nothing is decided: `fullmakt retry` sends it again";
const UNDOCUMENTED: &str = "this answer is not documented: Altinn's service desk can look it up, by the trace id \
     where there is one, else by the exact time";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_both_forms_and_nonsense_is_not() {
        let now: Timestamp = "2015-10-21T07:28:00Z".parse().unwrap();
        let seconds = |value| retry_after(value, now).map(|wait| wait.as_secs());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds(" 0 "), Some(0));
        assert_eq!(seconds("Wed, 21 Oct 2015 07:28:30 GMT"), Some(30));
        assert_eq!(seconds("Wed, 21 Oct 2015 07:27:30 GMT"), Some(0));
        assert_eq!(seconds("99999999999999999999999"), Some(LONGEST_WAIT.as_secs()));
        for nonsense in ["", "soon", "-1", "1.5", "+3", "Wed, 99 Oct"] {
            assert_eq!(seconds(nonsense), None, "{nonsense}");
        }
    }
}
