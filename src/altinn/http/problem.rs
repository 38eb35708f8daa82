//! What the body of an answer says, whatever its form: both dialects of problem details, the framework's own
//! answer, a gateway's page, or nothing. No verdicts here.

use serde_json::{Map, Value};

use crate::{
    model::{HaltCause, is_invisible},
    words::{Wording, in_english, say, text},
};

/// How much of a message is kept, in characters.
const MESSAGE_CHARS: usize = 300;
/// How much of a code or a trace id is kept, in characters.
const IDENTIFIER_CHARS: usize = 128;
/// How deep a trace id is looked for.
const TRACE_ID_DEPTH: usize = 4;

/// The form that a body has.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::altinn) enum Body {
    /// Nothing, or white space.
    Empty,
    /// A page meant for a browser.
    Html,
    /// JSON that ends too early.
    Cut,
    /// Anything else that is no JSON object, as text.
    Text(String),
    /// A JSON object.
    Problem(Box<Problem>),
}

/// What a JSON object says about a problem. Members that are missing or of another type are not there.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::altinn) struct Problem {
    pub(in crate::altinn) code: Option<String>,
    pub(in crate::altinn) title: Option<String>,
    pub(in crate::altinn) detail: Option<String>,
    pub(in crate::altinn) trace_id: Option<String>,
    /// `validationErrors`, in their order.
    pub(in crate::altinn) validation: Vec<Complaint>,
    /// `errors` of the framework: the parameter, and what is wrong with it.
    pub(in crate::altinn) parameters: Vec<(String, String)>,
}

/// One of several things that are wrong.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::altinn) struct Complaint {
    pub(in crate::altinn) code: Option<String>,
    pub(in crate::altinn) text: Option<String>,
    /// What it is about, such as `?agent` or `$QUERY/to`.
    pub(in crate::altinn) paths: Vec<String>,
}

impl Body {
    /// Recognises the form of `bytes`.
    pub(in crate::altinn) fn read(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii();
        match bytes.first() {
            None => Self::Empty,
            Some(b'<') => Self::Html,
            Some(b'{' | b'[') => match serde_json::from_slice(bytes) {
                Ok(Value::Object(members)) => Self::Problem(Box::new(Problem::read(&members))),
                Err(error) if error.is_eof() => Self::Cut,
                Ok(_) | Err(_) => Self::text(bytes),
            },
            Some(_) => Self::text(bytes),
        }
    }

    fn text(bytes: &[u8]) -> Self {
        match clean(&String::from_utf8_lossy(bytes)) {
            Some(text) => Self::Text(text),
            None => Self::Empty,
        }
    }

    /// What it says, where it is a JSON object.
    pub(in crate::altinn) fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    /// Whether this is Altinn's own word: a problem document, its framework's answer, or a bare status. What a gateway, a
    /// proxy or a filter on the way writes is not, and decides nothing about a client.
    pub(in crate::altinn) fn is_altinns(&self, status: u16) -> bool {
        match self {
            Self::Problem(problem) => problem.says_anything(),
            Self::Empty => matches!(status, 401 | 403 | 404),
            Self::Html | Self::Cut | Self::Text(_) => false,
        }
    }

    /// What on this side is the matter, where this is most likely a page of a filter or of a network: nothing of Altinn's
    /// answers so.
    pub(in crate::altinn) fn of_this_side(&self, status: u16) -> Option<HaltCause> {
        match (self, status) {
            (Self::Html, 403 | 451 | 511) => Some(HaltCause::BlockPage),
            (Self::Html, 200..=299) => Some(HaltCause::CaptivePortal),
            (Self::Problem(problem), 301..=308) if problem.says_anything() => None,
            (_, 301..=308) => Some(HaltCause::CaptivePortal),
            _ => None,
        }
    }

    /// What a person is shown: Altinn's own words, or a description of what came instead.
    pub(in crate::altinn) fn message(&self, status: u16) -> Wording {
        match self {
            Self::Problem(problem) => problem.message().map_or_else(
                || say!("altinn-altinn-answered-without-saying-why", status = status).kept(),
                Wording::heard,
            ),
            _ if (300..400).contains(&status) => {
                say!("altinn-the-answer-was-a-redirect-which-is-not", status = status).kept()
            }
            Self::Empty => say!("altinn-altinn-answered-with-an-empty-body", status = status).kept(),
            Self::Html if self.of_this_side(status).is_some() => {
                say!("altinn-the-answer-was-with-an-html-page-which-is", status = status).kept()
            }
            Self::Html => say!("altinn-altinns-gateway-answered-with-an-html-page", status = status).kept(),
            Self::Cut => say!("altinn-altinn-answered-with-a-body-that-breaks-off", status = status).kept(),
            Self::Text(text) => say!("altinn-altinns-gateway-answered", status = status, text = text).kept(),
        }
    }
}

impl Problem {
    fn read(members: &Map<String, Value>) -> Self {
        Self {
            code: identifier(members.get("code")),
            title: text(members.get("title")),
            detail: text(members.get("detail")),
            trace_id: trace_id(members, TRACE_ID_DEPTH),
            validation: validation(members.get("validationErrors")),
            parameters: parameters(members.get("errors")),
        }
    }

    fn says_anything(&self) -> bool {
        self.code.is_some()
            || self.title.is_some()
            || self.detail.is_some()
            || !self.validation.is_empty()
            || !self.parameters.is_empty()
    }

    /// The text of everything that is wrong; `None` when nothing says so.
    fn message(&self) -> Option<String> {
        let complaints: Vec<&str> =
            self.validation.iter().filter_map(|complaint| complaint.text.as_deref()).collect();
        if !complaints.is_empty() {
            return clean(&complaints.join("; "));
        }
        let own = self.detail.as_deref().or(self.title.as_deref());
        let parameters: Vec<&str> = self.parameters.iter().map(|(_, text)| text.as_str()).collect();
        match own {
            Some(own) if parameters.is_empty() => clean(own),
            Some(own) => clean(&format!("{own} {}", parameters.join(" "))),
            None => clean(&parameters.join(" ")),
        }
    }

    /// Whether the framework complains about this parameter.
    pub(in crate::altinn) fn complains_about(&self, parameter: &str) -> bool {
        self.parameters.iter().any(|(name, _)| name.eq_ignore_ascii_case(parameter))
    }

    /// Whether title or detail is one of these sentences, whatever the case and with or without its full stop.
    pub(in crate::altinn) fn says_one_of(&self, sentences: &[&str]) -> bool {
        [&self.title, &self.detail].into_iter().flatten().any(|text| {
            let bare = text.trim_end_matches('.');
            sentences.iter().any(|sentence| bare.eq_ignore_ascii_case(sentence))
        })
    }
}

fn validation(value: Option<&Value>) -> Vec<Complaint> {
    let complaints = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    complaints
        .iter()
        .filter_map(Value::as_object)
        .map(|members| Complaint {
            code: identifier(members.get("code")),
            text: text(members.get("detail")).or_else(|| text(members.get("title"))),
            paths: paths(members.get("paths")),
        })
        .collect()
}

fn paths(value: Option<&Value>) -> Vec<String> {
    let paths = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    paths.iter().filter_map(Value::as_str).filter_map(clean_identifier).collect()
}

fn parameters(value: Option<&Value>) -> Vec<(String, String)> {
    let Some(members) = value.and_then(Value::as_object) else {
        return Vec::new();
    };
    let sentence = |complaints: &Value| match complaints {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        Value::String(one) => one.clone(),
        _ => String::new(),
    };
    members.iter().map(|(name, complaints)| (name.clone(), sentence(complaints))).collect()
}

/// `traceId`, at the top or inside another member (`extensions` in some answers).
fn trace_id(members: &Map<String, Value>, depth: usize) -> Option<String> {
    identifier(members.get("traceId")).or_else(|| {
        let depth = depth.checked_sub(1)?;
        let mut nested = members.values().filter_map(Value::as_object);
        nested.find_map(|members| trace_id(members, depth))
    })
}

fn text(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).and_then(clean)
}

fn identifier(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).and_then(clean_identifier)
}

/// What a text of access management's may hold without anybody meaning it: eleven digits are a national identity number.
pub(in crate::altinn) fn without_identity_numbers(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut digits = String::new();
    for character in text.chars().chain([' ']) {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        shown.push_str(if digits.len() == 11 {
            in_english(|| text!("altinn-eleven-digits"))
        } else {
            &digits
        });
        digits.clear();
        shown.push(character);
    }
    shown.pop();
    shown
}

/// One line fit to be shown: no control characters, nothing that turns the direction of writing, not too long.
pub(in crate::altinn) fn clean(text: &str) -> Option<String> {
    shorten(text, MESSAGE_CHARS)
}

/// The same for what identifies something.
pub(in crate::altinn) fn clean_identifier(text: &str) -> Option<String> {
    shorten(text, IDENTIFIER_CHARS)
}

fn shorten(text: &str, most_chars: usize) -> Option<String> {
    let shown = |character: &char| !is_invisible(*character) && !character.is_control();
    let mut line = String::new();
    let mut chars = 0;
    for word in text.split_whitespace() {
        let mut word = word.chars().filter(shown).peekable();
        if !line.is_empty() && word.peek().is_some() {
            line.push(' ');
            chars += 1;
        }
        for character in word {
            if chars >= most_chars {
                line.push('…');
                return Some(line);
            }
            line.push(character);
            chars += 1;
        }
    }
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_no_control_characters_and_an_end() {
        assert_eq!(clean("\u{1b}[31mred\u{7}\r\n\tline").as_deref(), Some("[31mred line"));
        assert_eq!(clean(" \u{202e} \n"), None);
        let long = clean(&"å".repeat(1000)).unwrap();
        assert_eq!(long.chars().count(), MESSAGE_CHARS + 1);
    }

    #[test]
    fn an_identity_number_is_not_shown_and_an_organisation_number_is() {
        assert_eq!(without_identity_numbers("01817012345"), "(eleven digits)");
        assert_eq!(without_identity_numbers("a 01817012345, b"), "a (eleven digits), b");
        assert_eq!(without_identity_numbers("310609544 å 018170123456"), "310609544 å 018170123456");
    }

    #[test]
    fn a_trace_id_is_found_inside_another_member() {
        let body = br#"{"title":"x","extensions":{"traceId":"00-ab-cd-01"}}"#;
        let Body::Problem(problem) = Body::read(body) else { panic!("an object is a problem") };
        assert_eq!(problem.trace_id.as_deref(), Some("00-ab-cd-01"));
    }

    #[test]
    fn the_form_of_a_body_is_recognised() {
        assert_eq!(Body::read(b" \r\n"), Body::Empty);
        assert_eq!(Body::read(b"\xef\xbb\xbf<!doctype html>"), Body::Html);
        assert_eq!(Body::read(br#"{"title":"Bad Req"#), Body::Cut);
        assert_eq!(Body::read(b"upstream gone"), Body::Text("upstream gone".to_owned()));
        assert_eq!(Body::read(b"[1]"), Body::Text("[1]".to_owned()));
    }
}
