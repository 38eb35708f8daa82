//! What is kept of something that was said: of a sentence of ours which message it was and what it was about, of what
//! another said the text. The ledger outlives a change of language and is read by several people, so it keeps no
//! sentence of ours.
//!
//! A kept value is text: what another said, as it was said, or else JSON: `{"id":…,"with":{…}}` is a message of ours, and a
//! list is its parts one after the other. An argument is a number, a text, or either of these again. What another said and
//! begins as JSON does is kept as a list of that one text, so that nobody's words are taken for ours.

use std::{
    borrow::Cow,
    cell::RefCell,
    collections::HashMap,
    fmt::{self, Display},
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, LazyLock},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{Argument, Language, Refusal, catalogue, in_english};

/// What the ledger keeps of something said. Shows itself in the language that holds, and in JSON in English.
///
/// Made of a sentence of ours with [`Wording::of`], `kept!` or `say!(…).kept()`, and of another's words with [`Wording::heard`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Wording(Option<Arc<str>>);

impl Wording {
    /// Nothing was said.
    pub const NOTHING: Self = Self(None);

    /// What another said: Altinn, an identity provider, the operating system.
    pub fn heard(text: impl Into<String>) -> Self {
        let text = text.into();
        if looks_encoded(&text) {
            Self::decoded(Value::Array(vec![Value::String(text)]).to_string())
        } else {
            Self::decoded(text)
        }
    }

    /// What `sentence` answers, made of sentences of ours, alone or with other text between them: an error, say. A closure,
    /// because a sentence that has been made into text is one no more.
    pub fn of<T: Display>(sentence: impl Fn() -> T) -> Self {
        match captured(&sentence) {
            Some(Value::String(text)) => Self::heard(text),
            Some(value) => Self::decoded(value.to_string()),
            // Somebody has cut what was captured; then only its text is left.
            None => Self::heard(in_english(|| sentence().to_string())),
        }
    }

    /// The message `id`, which has no arguments; `kept!` is the way to write it.
    pub fn fixed(id: &'static str) -> Self {
        Self::decoded(format!("{{\"id\":\"{id}\"}}"))
    }

    /// A name that is the same in every language, such as Maskinporten's.
    pub fn name(name: &'static str) -> Self {
        Self::heard(name)
    }

    /// Whether it is another's words, and none of our sentences.
    pub fn is_heard(&self) -> bool {
        !self.is_empty() && value_of(self.encoded()).is_none_or(|value| matches!(&value, Value::Array(parts) if matches!(parts.as_slice(), [Value::String(_)])))
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// As it is kept.
    pub fn encoded(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// What was kept, as [`Self::encoded`] had it. Text that is no such encoding is text.
    pub fn decoded(kept: impl Into<String>) -> Self {
        let kept = kept.into();
        Self((!kept.is_empty()).then(|| kept.into()))
    }

    /// In the language that holds here.
    pub fn said(&self) -> Cow<'_, str> {
        if looks_encoded(self.encoded()) || is_capturing() {
            Cow::Owned(self.to_string())
        } else {
            Cow::Borrowed(self.encoded())
        }
    }

    /// In English, for what programs read.
    pub fn english(&self) -> String {
        in_english(|| self.to_string())
    }

    /// The same with every text in it changed so: what others said, and what a sentence is about.
    #[must_use]
    pub fn with_texts(self, change: impl Fn(&str) -> String) -> Self {
        match value_of(self.encoded()) {
            None => Self::heard(change(self.encoded())),
            Some(mut value) => {
                change_texts(&mut value, &change);
                Self::decoded(value.to_string())
            }
        }
    }
}

impl Display for Wording {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_capturing() {
            return match value_of(self.encoded()) {
                Some(value) => out.write_str(&mark(value)),
                None => out.write_str(self.encoded()),
            };
        }
        if !looks_encoded(self.encoded()) {
            return out.pad(self.encoded());
        }
        out.pad(&by_heart(self.encoded()))
    }
}

/// Whether that is what it says here.
impl PartialEq<&str> for Wording {
    fn eq(&self, text: &&str) -> bool {
        self.said() == *text
    }
}

/// In English: programs read English whoever is at the keyboard.
impl Serialize for Wording {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.english())
    }
}

/// For what a file of our own holds: as it is kept. `#[serde(with = "words::as_kept")]`.
pub mod as_kept {
    use super::{Deserialize as _, Deserializer, Serializer, Wording};

    /// Writes it as it is kept.
    pub fn serialize<S: Serializer>(kept: &Wording, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(kept.encoded())
    }

    /// Reads it back.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Wording, D::Error> {
        String::deserialize(deserializer).map(Wording::decoded)
    }
}

/// The same of several.
pub mod all_as_kept {
    use super::{Deserialize as _, Deserializer, Serializer, Wording};

    /// Writes each as it is kept.
    pub fn serialize<S: Serializer>(all: &[Wording], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(all.iter().map(Wording::encoded))
    }

    /// Reads them back.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Wording>, D::Error> {
        Ok(Vec::<String>::deserialize(deserializer)?.into_iter().map(Wording::decoded).collect())
    }
}

/// Whether text begins as an encoded one does.
fn looks_encoded(text: &str) -> bool {
    text.starts_with(['{', '['])
}

/// What is encoded; `None` for text, and for what an older version kept and only looks so.
fn value_of(kept: &str) -> Option<Value> {
    if !looks_encoded(kept) {
        return None;
    }
    serde_json::from_str(kept).ok().filter(is_ours)
}

/// Whether it is built of our messages and of texts.
fn is_ours(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Number(number) => number.is_i64(),
        Value::Array(parts) => parts.iter().all(is_ours),
        Value::Object(said) => {
            let is_known = said.get("id").and_then(Value::as_str).is_some_and(catalogue::is_known);
            let arguments = said.get("with");
            is_known
                && said.len() == 1 + usize::from(arguments.is_some())
                && arguments.is_none_or(|all| all.as_object().is_some_and(|all| all.values().all(is_ours)))
        }
        Value::Null | Value::Bool(_) => false,
    }
}

/// So many different values are known by heart; a list has few reasons and many rows.
const BY_HEART: usize = 256;

thread_local! {
    static KNOWN: RefCell<HashMap<(Language, String), String>> = RefCell::default();
}

fn by_heart(kept: &str) -> String {
    let key = (Language::current(), kept.to_owned());
    if let Some(said) = KNOWN.with_borrow(|known| known.get(&key).cloned()) {
        return said;
    }
    let said = value_of(kept).map_or_else(|| kept.to_owned(), |value| say_value(key.0, &value));
    KNOWN.with_borrow_mut(|known| {
        if known.len() >= BY_HEART {
            known.clear();
        }
        known.insert(key, said.clone());
    });
    said
}

fn say_value(language: Language, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(|part| say_value(language, part)).collect(),
        Value::Object(said) => {
            let arguments = said.get("with").and_then(Value::as_object).into_iter().flatten();
            let texts: Vec<_> = arguments
                .map(|(name, value)| (name.as_str(), value.as_i64(), say_value(language, value)))
                .collect();
            let arguments: Vec<_> = texts
                .iter()
                .map(|(name, number, text)| (*name, number.map_or(Argument::Text(text), Argument::Number)))
                .collect();
            let id = said.get("id").and_then(Value::as_str).unwrap_or_default();
            catalogue::said(language, id, &arguments)
        }
        other => other.to_string(),
    }
}

fn change_texts(value: &mut Value, change: &impl Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = change(text),
        Value::Array(parts) => parts.iter_mut().for_each(|part| change_texts(part, change)),
        Value::Object(said) => {
            let arguments = said.get_mut("with").and_then(Value::as_object_mut).into_iter().flatten();
            arguments.for_each(|(_, value)| change_texts(value, change));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

// To keep what an error shows, whatever it is made of, it is written once with each of our sentences as a mark, and the marks
// are taken for what they stand for. A mark has a number in it that nobody outside of this process knows, so that no text can
// have one.

const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';

/// What stands at both ends of every mark, so that one that was cut is still known for one.
static SECRET: LazyLock<String> = LazyLock::new(|| format!("{:016x}", RandomState::new().hash_one(0_u8)));
static BEGIN: LazyLock<String> = LazyLock::new(|| format!("{OPEN}{}", *SECRET));
static END: LazyLock<String> = LazyLock::new(|| format!("{}{CLOSE}", *SECRET));

thread_local! {
    /// The sentences that were said since the capture began; `None` where nothing is captured.
    static CAPTURED: RefCell<Option<Vec<Value>>> = const { RefCell::new(None) };
}

/// Puts back what held before, also where the closure panics.
struct Before(Option<Vec<Value>>);

impl Drop for Before {
    fn drop(&mut self) {
        CAPTURED.set(self.0.take());
    }
}

/// Whether what is said here is captured and not made into text.
pub(super) fn is_capturing() -> bool {
    CAPTURED.with_borrow(Option::is_some)
}

/// What `make` answers when nothing is captured.
pub(super) fn without_capture<T>(make: impl FnOnce() -> T) -> T {
    let _before = Before(CAPTURED.take());
    make()
}

/// What is shown, in parts; `None` where a mark did not come through whole.
fn captured<T: Display>(sentence: impl Fn() -> T) -> Option<Value> {
    in_english(|| {
        let _before = Before(CAPTURED.replace(Some(Vec::new())));
        in_parts(&sentence().to_string())
    })
}

/// The mark of a message.
pub(super) fn mark_of(id: &str, arguments: &[(&'static str, Argument<'_>)]) -> String {
    let mut said = Map::new();
    said.insert("id".to_owned(), id.into());
    if !arguments.is_empty() {
        let in_text = |text: String| in_parts(&text).unwrap_or(Value::String(text));
        let value = |argument: &Argument<'_>| match argument {
            Argument::Number(number) => Value::from(*number),
            Argument::Text(text) => in_text(text.to_string()),
            Argument::Refusal(error) => in_text(Refusal(error).to_string()),
        };
        let arguments: Map<_, _> =
            arguments.iter().map(|(name, argument)| ((*name).to_owned(), value(argument))).collect();
        said.insert("with".to_owned(), arguments.into());
    }
    mark(said.into())
}

/// The mark of a message without arguments: it has the id in itself, so that it can be kept for good.
pub(super) fn mark_of_fixed(id: &str) -> String {
    format!("{}={id}{}", *BEGIN, *END)
}

fn mark(value: Value) -> String {
    let place = CAPTURED.with_borrow_mut(|captured| {
        let captured = captured.get_or_insert_default();
        captured.push(value);
        captured.len() - 1
    });
    format!("{}#{place}{}", *BEGIN, *END)
}

/// Text with marks in it as what they stand for: a text, a sentence, or a list of both.
fn in_parts(text: &str) -> Option<Value> {
    let mut parts: Vec<Value> = Vec::new();
    let mut add = |part: Value| match (parts.last_mut(), part) {
        (Some(Value::String(before)), Value::String(text)) => before.push_str(&text),
        (_, Value::String(text)) if text.is_empty() => {}
        (_, part) => parts.push(part),
    };
    let mut pieces = text.split(BEGIN.as_str());
    add(pieces.next()?.into());
    for piece in pieces {
        let (mark, after) = piece.split_once(END.as_str())?;
        let part = match (mark.strip_prefix('='), mark.strip_prefix('#')) {
            (Some(id), _) => Value::Object(Map::from_iter([("id".to_owned(), id.into())])),
            (None, place) => {
                let place: usize = place?.parse().ok()?;
                CAPTURED.with_borrow(|captured| captured.as_ref()?.get(place).cloned())?
            }
        };
        match part {
            Value::Array(parts) => parts.into_iter().for_each(&mut add),
            part => add(part),
        }
        add(after.into());
    }
    let is_whole = parts.iter().all(|part| part.as_str().is_none_or(|text| !text.contains(SECRET.as_str())));
    is_whole.then(|| match parts.len() {
        0 => Value::String(String::new()),
        1 => parts.remove(0),
        _ => Value::Array(parts),
    })
}
