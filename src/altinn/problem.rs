//! From an answer to a verdict, code for code.
//!
//! Two dialects of problem details are alive, and a gateway in front can answer anything. The code decides where
//! there is one; the status only where there is none. Source: the client delegation API's error table.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::model::{Again, AtLast, Call, HaltCause, NoVerdict, Verdict};

/// An answer as it came.
#[derive(Debug, Clone, Copy)]
pub struct Reply<'reply> {
    /// The HTTP status.
    pub status: u16,
    /// What `Retry-After` said; see [`retry_after`].
    pub retry_after: Option<Duration>,
    /// The body, or as much of it as came.
    pub body: &'reply [u8],
}

/// What an answer means, and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What it decides.
    pub verdict: Verdict,
    /// The code that decided, where there was one.
    pub code: Option<String>,
    /// What Altinn said, made fit to be shown.
    pub message: String,
    /// Altinn's trace id.
    pub trace_id: Option<String>,
    /// What a person can do; empty when there is nothing to say.
    pub hint: &'static str,
}

/// The longest message that is kept, in characters.
const LONGEST_MESSAGE: usize = 300;

const NOT_A_CLIENT_ANY_MORE: &str = "the client is no longer your firm's: ask the client to renew your role (accountant, auditor, business manager) \
     in the business register, or its delegation in Altinn, then try again";
const LACKS_A_PACKAGE: &str = "the client has not given your firm every access package that the agent asks for: ask the client to renew the \
     accountant role in Altinn or to delegate the missing package; an agent that mixes packages of registered roles with \
     delegated ones asks every client for both kinds";
const UNREADABLE_CLIENT: &str =
    "Altinn cannot read the client's id that its own list gave; its service desk can look up the trace id";
const UNCLEAR: &str = "Altinn gives this code for any failure behind it: try again later. If it stays so for this client, its relationship \
     behind the delegation was probably replaced; removing the client in Altinn and delegating it again mends that";
const TRY_LATER: &str = "Altinn did not answer properly: `fullmakt retry` tries again";
const UNDOCUMENTED: &str = "this answer is not documented; Altinn's service desk can look up the trace id";

/// Says what an answer to a call means. Not for the answer 200 with the body that was promised: that is done.
pub fn judge(call: Call, reply: &Reply<'_>) -> Judged {
    let problem = Problem::read(reply.body);
    let by_code = problem.codes.iter().filter_map(|code| rule(call, code).map(|rule| (code, rule)));
    // Several things can be wrong at once; what concerns the run outweighs what concerns one client.
    let gravest = by_code.max_by_key(|(_, rule)| match rule.0 {
        Rule::Halt(_) => 2,
        Rule::Final => 1,
        Rule::Unclear => 0,
    });
    let (code, (verdict, hint)) = match gravest {
        Some((code, (rule, hint))) => (Some(code.clone()), (rule.verdict(call, reply), hint)),
        None => (problem.codes.first().cloned(), by_status(call, reply, &problem)),
    };
    Judged { verdict, code, message: problem.message(reply), trace_id: problem.trace_id, hint }
}

/// What one code means.
#[derive(Clone, Copy)]
enum Rule {
    Final,
    Unclear,
    Halt(HaltCause),
}

impl Rule {
    fn verdict(self, call: Call, reply: &Reply<'_>) -> Verdict {
        match self {
            Self::Final if call.names_a_client() => Verdict::Final,
            Self::Final => Verdict::Halt(HaltCause::Unexpected),
            Self::Unclear => again(call, reply, NoVerdict::Unclear),
            Self::Halt(cause) => Verdict::Halt(cause),
        }
    }
}

/// The table, by code. `None` for a code that it does not have.
fn rule(call: Call, code: &str) -> Option<(Rule, &'static str)> {
    let halt = |cause| Some((Rule::Halt(cause), ""));
    match code {
        "AUTH-00079" => Some((Rule::Final, NOT_A_CLIENT_ANY_MORE)),
        "AUTH-00080" => Some((Rule::Final, LACKS_A_PACKAGE)),
        "AUTH-00063" => halt(HaltCause::NoUsablePackage),
        "AUTH-00034" | "AUTH.VLD-00015" => halt(HaltCause::WrongKindOfAgent),
        "AUTH.VLD-00014" => halt(HaltCause::UnknownAgent),
        "AUTH.VLD-00016" => Some((Rule::Final, UNREADABLE_CLIENT)),
        "AUTH-00002" | "AUTH-00031" | "AUTH-00045" => Some((Rule::Unclear, UNCLEAR)),
        "AUTH-00043" => halt(HaltCause::SignedOut),
        "AUTH-00044" => halt(HaltCause::Forbidden),
        "AUTH-00038" if matches!(call, Call::Delegated | Call::Available) => {
            halt(HaltCause::CannotReadClients)
        }
        _ => None,
    }
}

/// The table, by status, for answers without a code that it has.
fn by_status(call: Call, reply: &Reply<'_>, problem: &Problem) -> (Verdict, &'static str) {
    match reply.status {
        401 => (Verdict::Halt(HaltCause::SignedOut), ""),
        403 => (Verdict::Halt(HaltCause::Forbidden), ""),
        404 if problem.codes.is_empty() => {
            let cause = match problem.text.as_deref() {
                Some("System Owner not Found" | "Party not found") => HaltCause::UnknownFacilitator,
                _ => HaltCause::Unexpected,
            };
            let again = Again {
                not_before: reply.retry_after,
                why: NoVerdict::Unclear,
                at_last: AtLast::Halt(cause),
            };
            (Verdict::Again(again), "")
        }
        429 => (again(call, reply, NoVerdict::Throttled), TRY_LATER),
        408 | 500..=599 => (again(call, reply, NoVerdict::Unreachable), TRY_LATER),
        400..=499 => match problem.unreadable.as_deref() {
            Some("agent") => (Verdict::Halt(HaltCause::UnknownAgent), ""),
            Some("party") => (Verdict::Halt(HaltCause::UnknownFacilitator), ""),
            _ if call.names_a_client() => (Verdict::Final, UNDOCUMENTED),
            _ => (Verdict::Halt(HaltCause::Unexpected), UNDOCUMENTED),
        },
        // A 200 without what it promised: what it did is not known.
        200..=299 => (again(call, reply, NoVerdict::Unclear), TRY_LATER),
        // A redirect is never followed with a token.
        _ => (again(call, reply, NoVerdict::Unreachable), TRY_LATER),
    }
}

fn again(call: Call, reply: &Reply<'_>, why: NoVerdict) -> Verdict {
    Verdict::Again(Again { not_before: reply.retry_after, why, at_last: at_last(call) })
}

/// What it means when a call has no verdict after every try.
pub(super) fn at_last(call: Call) -> AtLast {
    if call.names_a_client() { AtLast::FailClient } else { AtLast::Halt(HaltCause::ListUnavailable) }
}

/// What could be read of a body.
#[derive(Default)]
struct Problem {
    /// The problem's code, or those of its validation errors.
    codes: Vec<String>,
    /// `detail`, or else `title`.
    text: Option<String>,
    trace_id: Option<String>,
    /// The parameter that the framework could not read.
    unreadable: Option<String>,
    is_json: bool,
}

impl Problem {
    fn read(body: &[u8]) -> Self {
        let Ok(Value::Object(problem)) = serde_json::from_slice::<Value>(body) else {
            return Self::default();
        };
        let text = |name: &str| problem.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let mut read = Self {
            text: text("detail").or_else(|| text("title")).map(str::to_owned),
            trace_id: text("traceId").map(clean),
            is_json: true,
            ..Self::default()
        };
        match problem.get("validationErrors").and_then(Value::as_array) {
            Some(errors) if !errors.is_empty() => read.take_validation_errors(errors),
            _ => read.codes.extend(text("code").map(clean)),
        }
        if let Some(errors) = problem.get("errors").and_then(Value::as_object) {
            // The gravest first: an unreadable agent is wrong for every client.
            read.unreadable = ["agent", "party", "client"]
                .into_iter()
                .find(|name| errors.keys().any(|key| key.eq_ignore_ascii_case(name)))
                .map(str::to_owned);
            let said: Vec<&str> =
                errors.values().filter_map(Value::as_array).flatten().filter_map(Value::as_str).collect();
            if !said.is_empty() {
                read.text = Some(said.join(" "));
            }
        }
        read
    }

    fn take_validation_errors(&mut self, errors: &[Value]) {
        let mut said = Vec::new();
        for error in errors {
            let text = |name: &str| error.get(name).and_then(Value::as_str);
            let code = text("code").unwrap_or_default();
            self.codes.push(clean(code));
            let path = error.get("paths").and_then(|paths| paths.get(0)).and_then(Value::as_str);
            let place = path.map(|path| format!(" ({path})")).unwrap_or_default();
            said.push(format!("{}{place}", text("detail").or_else(|| text("title")).unwrap_or(code)));
        }
        self.text = Some(said.join("; "));
    }

    /// What it said, or what kind of nothing it was.
    fn message(&self, reply: &Reply<'_>) -> String {
        if let Some(text) = &self.text {
            return clean(text);
        }
        let body = String::from_utf8_lossy(&reply.body[..reply.body.len().min(2048)]);
        let body = body.trim();
        let what = if body.is_empty() {
            "an empty answer".to_owned()
        } else if body.starts_with('<') {
            "a web page instead of an answer".to_owned()
        } else if self.is_json || body.starts_with(['{', '[']) {
            "an answer that is cut short or not what was promised".to_owned()
        } else {
            clean(body)
        };
        format!("{}: {what}", reply.status)
    }
}

/// Without control characters, in one line, of bearable length.
fn clean(text: &str) -> String {
    let one_line = text.split(|character: char| character.is_control() || character.is_whitespace());
    let mut clean = String::new();
    for word in one_line.filter(|word| !word.is_empty()) {
        if !clean.is_empty() {
            clean.push(' ');
        }
        clean.push_str(word);
    }
    if clean.chars().count() > LONGEST_MESSAGE {
        clean = clean.chars().take(LONGEST_MESSAGE).chain(['…']).collect();
    }
    clean
}

/// Reads `Retry-After` in both its forms, seconds and an HTTP date, as a wait from `now` on. A date that has passed
/// is no wait; what is neither is ignored.
pub fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(Duration::from_secs(u64::from(seconds)));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    Some(until.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_call() -> impl Strategy<Value = Call> {
        prop::sample::select(vec![
            Call::Agents,
            Call::Available,
            Call::Delegated,
            Call::Delegate,
            Call::Remove,
        ])
    }

    proptest! {
        #[test]
        fn no_answer_panics_or_counts_as_done(
            call in any_call(),
            status in 100u16..=999,
            body in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..200),
                "\\{\"(code|title|detail|validationErrors|errors)\":[^\\n]{0,60}".prop_map(String::into_bytes),
            ],
        ) {
            let judged = judge(call, &Reply { status, retry_after: None, body: &body });
            prop_assert_ne!(judged.verdict, Verdict::Done);
            prop_assert!(judged.message.chars().count() <= LONGEST_MESSAGE + 10);
            prop_assert!(!judged.message.chars().any(char::is_control));
        }

        #[test]
        fn a_list_never_fails_a_client(status in 300u16..=599, body in prop::collection::vec(any::<u8>(), 0..100)) {
            let judged = judge(Call::Delegated, &Reply { status, retry_after: None, body: &body });
            prop_assert_ne!(judged.verdict, Verdict::Final);
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_nothing_else() {
        let now = httpdate::parse_http_date("Fri, 30 Jan 2026 22:00:00 GMT").unwrap();
        let wait = |value| retry_after(value, now);
        assert_eq!(wait("120"), Some(Duration::from_secs(120)));
        assert_eq!(wait(" 0 "), Some(Duration::ZERO));
        assert_eq!(wait("Fri, 30 Jan 2026 22:01:30 GMT"), Some(Duration::from_secs(90)));
        assert_eq!(wait("Fri, 30 Jan 2026 21:00:00 GMT"), Some(Duration::ZERO));
        for nonsense in ["", "soon", "-5", "1.5", "99999999999999999999"] {
            assert_eq!(wait(nonsense), None, "{nonsense}");
        }
    }
}
