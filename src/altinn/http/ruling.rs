//! From an answer to a verdict, as far as that is the same for every API: the status where no code decides, several
//! errors at once, bodies that break off, `Retry-After`. Each API brings the table of its own codes. Pure; the clock is
//! passed in.

use jiff::Timestamp;

use super::{
    Body, Complaint, Judged, RawAnswer,
    answer::{again, retry_after},
    clean, clean_identifier,
    problem::{Problem, without_identity_numbers},
};
use crate::{
    model::{Again, AtLast, Call, HaltCause, NoVerdict, Notice, Verdict},
    words::{Wording, kept, say},
};

/// What one rule of a table says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::altinn) struct Ruling {
    pub(in crate::altinn) verdict: Verdict,
    hint: Wording,
    notice: Option<Notice>,
    code: Option<String>,
}

/// An error code of an API's, with what its table says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownError {
    /// The code.
    pub code: &'static str,
    /// The parameter that the answer complains about, where the same code means several things; else empty.
    pub about: &'static str,
    /// What it decides.
    pub verdict: Verdict,
    /// What it means for a client and what to do; where the run stops, what to do about that.
    pub hint: Wording,
}

/// Every code of an API's table, as the table itself rules on it.
pub(in crate::altinn) fn known<T: Table>() -> Vec<KnownError> {
    let rule = |&(call, code, about): &(Call, &'static str, &'static str)| {
        let paths = if about.is_empty() { Vec::new() } else { vec![format!("QUERY/{about}")] };
        let complaint = Complaint { code: Some(code.to_owned()), text: None, paths };
        let ruling = T::by_code(call, code, Some(&complaint))?;
        Some(KnownError { code, about, verdict: ruling.verdict, hint: ruling.hint })
    };
    T::KNOWN.iter().filter_map(rule).collect()
}

/// The codes of one API.
pub(in crate::altinn) trait Table {
    /// What the API's table says of this error; `None` where it is not in it. Whole codes are compared, never digits.
    fn by_code(call: Call, code: &str, complaint: Option<&Complaint>) -> Option<Ruling>;

    /// What the framework's own answer to a parameter that it cannot read says, by the parameter's name.
    fn by_parameter(call: Call, names: &dyn Fn(&str) -> bool) -> Option<Ruling>;

    /// What a 404 without a code means at last, by the problem's words.
    fn not_found(call: Call, says: &dyn Fn(&[&str]) -> bool) -> HaltCause;

    /// What a 500 gives away about the call.
    fn broken(_call: Call) -> Option<Notice> {
        None
    }

    /// Every code of the table, each with a call that can be answered so, and what it complains about.
    const KNOWN: &'static [(Call, &'static str, &'static str)];

    /// Whether texts can hold national identity numbers, which are then not shown.
    const IS_PERSONAL: bool = false;
}

/// Judges an answer that is not the promised one: never `Done`, unless the table says of an error that there is nothing
/// left to do. A 200 comes here when its body is not what the call promises, and is no verdict.
pub(in crate::altinn) fn judge<T: Table>(call: Call, answer: &RawAnswer<'_>, now: Timestamp) -> Judged {
    let body = Body::read(answer.body);
    let cut = answer.cut || body == Body::Cut;
    let mut ruling = Ruling::of::<T>(call, answer.status, &body, cut);
    if answer.status == 500 {
        ruling.notice = ruling.notice.or_else(|| T::broken(call));
    }
    if let Verdict::Again(_) = ruling.verdict
        && let Some(cause) = body.of_this_side(answer.status)
    {
        ruling.notice = Some(Notice::ThisSide(cause));
    }
    if answer.status == 407 {
        ruling = Ruling::halt(HaltCause::ProxySignIn);
    }
    let mut verdict = ruling.verdict;
    if let Verdict::Again(again) = &mut verdict {
        again.not_before = answer.retry_after.and_then(|value| retry_after(value, now));
    }
    let message = if verdict == Verdict::Done { Wording::NOTHING } else { message::<T>(answer, &body) };
    let trace_id = body.problem().and_then(|problem| problem.trace_id.clone());
    Judged {
        verdict,
        code: ruling.code,
        message: message.with_texts(|text| clean(text).unwrap_or_default()),
        trace_id: trace_id.or_else(|| answer.trace_id.and_then(clean_identifier)),
        hint: ruling.hint,
        notice: ruling.notice,
    }
}

fn message<T: Table>(answer: &RawAnswer<'_>, body: &Body) -> Wording {
    let status = answer.status;
    if answer.cut && body.problem().is_none() {
        return Body::Cut.message(status);
    }
    if (200..300).contains(&status) && matches!(body, Body::Problem(_) | Body::Text(_)) {
        return say!("altinn-altinn-answered-with-something-else-than-this", status = status).kept();
    }
    match body {
        Body::Text(_) if T::IS_PERSONAL => {
            say!("altinn-altinns-gateway-answered-with-a-text", status = status).kept()
        }
        body if T::IS_PERSONAL => body.message(status).with_texts(without_identity_numbers),
        body => body.message(status),
    }
}

impl Ruling {
    /// The code decides before the status; without a code that is known, the status does.
    fn of<T: Table>(call: Call, status: u16, body: &Body, cut: bool) -> Self {
        let Some(problem) = body.problem().filter(|_| !(200..300).contains(&status)) else {
            return Self::without_problem::<T>(call, status, body, cut);
        };
        if let Some(code) = &problem.code
            && let Some(ruling) = T::by_code(call, code, None)
        {
            return ruling.with_code(code);
        }
        if let Some(ruling) = Self::by_validation::<T>(call, status, body, problem) {
            return ruling;
        }
        if problem.code.is_none()
            && (400..500).contains(&status)
            && let Some(ruling) = T::by_parameter(call, &|name| problem.complains_about(name))
        {
            return ruling;
        }
        Self::by_status::<T>(call, status, body, problem.code.clone())
    }

    /// A body that breaks off may have had a code that decides: what only the status says is then open.
    fn without_problem<T: Table>(call: Call, status: u16, body: &Body, cut: bool) -> Self {
        if cut && (400..500).contains(&status) && !matches!(status, 401 | 403 | 408 | 429) {
            return Self::again(call, NoVerdict::Unclear);
        }
        Self::by_status::<T>(call, status, body, None)
    }

    /// Of several errors at once the gravest decides.
    fn by_validation<T: Table>(call: Call, status: u16, body: &Body, problem: &Problem) -> Option<Self> {
        let mut gravest: Option<Self> = None;
        for complaint in &problem.validation {
            let known = complaint.code.as_deref().and_then(|code| {
                T::by_code(call, code, Some(complaint)).map(|ruling| ruling.with_code(code))
            });
            let ruling = known.unwrap_or_else(|| {
                let code = complaint.code.clone().or_else(|| problem.code.clone());
                Self::by_status::<T>(call, status, body, code)
            });
            if gravest.as_ref().is_none_or(|gravest| ruling.gravity() > gravest.gravity()) {
                gravest = Some(ruling);
            }
        }
        gravest
    }

    /// The rows of the tables that have no code, and every code that is in none.
    fn by_status<T: Table>(call: Call, status: u16, body: &Body, code: Option<String>) -> Self {
        let is_client_error = (400..500).contains(&status) && status != 408 && status != 429;
        let ruling = match status {
            200..=299 => Self::again(call, NoVerdict::Unclear),
            408 => Self::again(call, NoVerdict::Unreachable),
            429 => Self::again(call, NoVerdict::Throttled),
            _ if is_client_error && !body.is_altinns(status) => Self::again(call, NoVerdict::Unreachable),
            401 => Self::halt(HaltCause::SignedOut),
            403 => Self::halt(HaltCause::Forbidden),
            404 if code.is_none() => {
                let says = |words: &[&str]| body.problem().is_some_and(|problem| problem.says_one_of(words));
                Self::at_last(T::not_found(call, &says))
            }
            400..=499 => Self::refused(call),
            _ => Self::again(call, NoVerdict::Unreachable),
        };
        Self { code, ..ruling }
    }

    /// No: for the client where the call names one, else for the run.
    pub(in crate::altinn) fn refused(call: Call) -> Self {
        if call.names_a_client() {
            Self::new(Verdict::Final, undocumented())
        } else {
            Self::halt(HaltCause::Unexpected)
        }
    }

    /// No, and nothing more is sent.
    pub(in crate::altinn) fn halt(cause: HaltCause) -> Self {
        Self::new(Verdict::Halt(cause), Wording::of(|| cause.hint()))
    }

    /// No verdict: ask again.
    pub(in crate::altinn) fn again(call: Call, why: NoVerdict) -> Self {
        let verdict = again(call, why);
        let hint = match verdict {
            Verdict::Again(Again { at_last: AtLast::Halt(cause), .. }) => Wording::of(|| cause.hint()),
            _ => ask_again(),
        };
        Self::new(verdict, hint)
    }

    /// No verdict; when asking again does not help it is the run that cannot go on.
    pub(in crate::altinn) fn at_last(cause: HaltCause) -> Self {
        let again = Again { not_before: None, why: NoVerdict::Unclear, at_last: AtLast::Halt(cause) };
        Self::new(Verdict::Again(again), Wording::of(|| cause.hint()))
    }

    /// There is nothing left to do.
    pub(in crate::altinn) fn done() -> Self {
        Self::new(Verdict::Done, Wording::NOTHING)
    }

    fn new(verdict: Verdict, hint: Wording) -> Self {
        Self { verdict, hint, notice: None, code: None }
    }

    pub(in crate::altinn) fn hint(self, hint: Wording) -> Self {
        Self { hint, ..self }
    }

    pub(in crate::altinn) fn notice(self, notice: Notice) -> Self {
        Self { notice: Some(notice), ..self }
    }

    fn with_code(self, code: &str) -> Self {
        Self { code: Some(code.to_owned()), ..self }
    }

    /// A stop of the run beats what only an agent's clients cannot have, that beats one client's refusal.
    fn gravity(&self) -> u8 {
        match self.verdict {
            Verdict::Done => 0,
            Verdict::Again(Again { at_last: AtLast::FailClient, .. }) => 1,
            Verdict::Final => 2,
            Verdict::Again(Again { at_last: AtLast::Halt(_), .. }) => 3,
            Verdict::Halt(HaltCause::Unexpected) => 4,
            Verdict::Halt(cause) if cause.is_of_the_agent() => 5,
            Verdict::Halt(_) => 6,
        }
    }
}

pub(in crate::altinn) fn ask_again() -> Wording {
    kept!("altinn-nothing-is-decided-fullmakt-retry-sends-it")
}

fn undocumented() -> Wording {
    kept!("altinn-this-answer-is-not-documented-altinns-service")
}
