//! An answer as it came, and an answer that has been judged.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use super::{Unanswered, ruling::ask_again};
use crate::{
    model::{Again, Answer, AtLast, Call, HaltCause, NoVerdict, Notice, Verdict},
    words::Wording,
};

/// The longest wait that is believed as it stands; anything longer outlasts every run anyway.
const LONGEST_WAIT: Duration = Duration::from_hours(365 * 24);

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
    pub message: Wording,
    /// Altinn's trace id.
    pub trace_id: Option<String>,
    /// What a person can do; empty when there is nothing to say.
    pub hint: Wording,
    /// What else it gives away.
    pub notice: Option<Notice>,
}

impl Judged {
    /// As it was asked.
    pub fn done() -> Self {
        Self {
            verdict: Verdict::Done,
            code: None,
            message: Wording::NOTHING,
            trace_id: None,
            hint: Wording::NOTHING,
            notice: None,
        }
    }

    /// No answer came, or none that is Altinn's: ask again.
    pub fn unreachable(call: Call, message: Wording) -> Self {
        Self::no_verdict(call, NoVerdict::Unreachable, message)
    }

    /// No answer came. What lies on this side and does not pass by itself ends the run.
    pub(in crate::altinn) fn unanswered(call: Call, unanswered: &Unanswered) -> Self {
        match unanswered.this_side {
            Some(cause) if !cause.may_pass() => Self::halt(cause, unanswered.words.clone()),
            this_side => Self {
                notice: this_side.map(Notice::ThisSide),
                ..Self::unreachable(call, unanswered.words.clone())
            },
        }
    }

    pub(in crate::altinn) fn no_verdict(call: Call, why: NoVerdict, message: Wording) -> Self {
        Self { verdict: again(call, why), message, hint: ask_again(), ..Self::done() }
    }

    pub(in crate::altinn) fn halt(cause: HaltCause, message: Wording) -> Self {
        Self { verdict: Verdict::Halt(cause), message, hint: Wording::of(|| cause.hint()), ..Self::done() }
    }

    /// Altinn does not accept the token: the one halt that a renewed token can turn into another attempt.
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
            notice: self.notice,
            sent_at,
            took,
            request: String::new(),
            sent: true,
        }
    }
}

/// No verdict yet; at last a failed client, or a list that is not to be had.
pub(super) fn again(call: Call, why: NoVerdict) -> Verdict {
    let at_last =
        if call.names_a_client() { AtLast::FailClient } else { AtLast::Halt(HaltCause::ListUnavailable) };
    Verdict::Again(Again { not_before: None, why, at_last })
}

/// The wait that `Retry-After` asks for: seconds, or an HTTP date. A date that has passed is no wait; what is
/// neither is not there.
pub(super) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        let wait = value.parse().map_or(LONGEST_WAIT, Duration::from_secs);
        return Some(wait.min(LONGEST_WAIT));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let now = SystemTime::try_from(now).ok()?;
    Some(date.duration_since(now).unwrap_or_default().min(LONGEST_WAIT))
}

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
