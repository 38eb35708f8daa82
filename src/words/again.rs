//! A sentence that was kept in English, said in the language of whoever reads it.
//!
//! The ledger outlives a change of language, and is read by several people. So it keeps what we said in English; which
//! message that was, and with which arguments, is found out when it is shown. What Altinn said is no message of ours and
//! stays as it was said.

use std::{borrow::Cow, cell::RefCell, collections::HashMap, sync::LazyLock};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, PatternElement};

use super::{Argument, Language, catalogue};

/// Fewer letters than these beside the arguments make no sentence that can be told from another.
const FEWEST_LETTERS: usize = 6;

/// A message's English text, taken apart.
struct Shape {
    id: String,
    pieces: Vec<Piece>,
    letters: usize,
}

enum Piece {
    Text(String),
    Argument(&'static str),
}

/// Every message whose English text is plain or has arguments in plain places; the longest first, because a longer text is
/// the closer fit.
static SHAPES: LazyLock<Vec<Shape>> = LazyLock::new(|| {
    let mut shapes: Vec<Shape> = catalogue::resources(Language::En)
        .flat_map(|resource| resource.entries().filter_map(shape).collect::<Vec<_>>())
        .collect();
    shapes.sort_by_key(|shape| std::cmp::Reverse(shape.letters));
    shapes
});

/// The messages without arguments, by their text.
static PLAIN: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let plain = SHAPES.iter().filter_map(|shape| match shape.pieces.as_slice() {
        [Piece::Text(text)] => Some((text.as_str(), shape.id.as_str())),
        _ => None,
    });
    plain.collect()
});

fn shape(entry: &Entry<&str>) -> Option<Shape> {
    let Entry::Message(message) = entry else { return None };
    let mut pieces: Vec<Piece> = Vec::new();
    for element in &message.value.as_ref()?.elements {
        let text = match element {
            PatternElement::TextElement { value } => *value,
            PatternElement::Placeable { expression: Expression::Inline(inline) } => match inline {
                InlineExpression::StringLiteral { value } => *value,
                InlineExpression::VariableReference { id } => {
                    // Made once for each message, and there are some hundred.
                    pieces.push(Piece::Argument(Box::leak(id.name.to_owned().into_boxed_str())));
                    continue;
                }
                _ => return None,
            },
            PatternElement::Placeable { .. } => return None,
        };
        match pieces.last_mut() {
            Some(Piece::Text(before)) => before.push_str(text),
            _ => pieces.push(Piece::Text(text.to_owned())),
        }
    }
    let letters = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => text.chars().filter(|character| character.is_alphabetic()).count(),
        Piece::Argument(_) => 0,
    });
    let letters = letters.sum();
    Some(Shape { id: message.id.name.to_owned(), pieces, letters })
}

/// So many different sentences are known by heart; a list has few reasons and many rows.
const BY_HEART: usize = 256;

/// What stands between sentences that are kept side by side.
const BETWEEN: &str = "; ";

/// What the last argument of a sentence may be, where it ends the text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// One sentence, or a piece of one.
    One,
    /// Anything.
    Several,
}

/// A message has at most so many parts with that between them.
const MOST_JOINED: usize = 4;

thread_local! {
    static KNOWN: RefCell<HashMap<(Language, String), String>> = RefCell::default();
}

/// A sentence that was kept in English, in the language that holds here; whatever is no message of ours, as it is. Several
/// sentences with `; ` between them are each said again.
pub fn again(kept: &str) -> Cow<'_, str> {
    let language = Language::current();
    if language == Language::En || kept.is_empty() {
        return Cow::Borrowed(kept);
    }
    let key = (language, kept.to_owned());
    if let Some(said) = KNOWN.with_borrow(|known| known.get(&key).cloned()) {
        return Cow::Owned(said);
    }
    let said = one(language, kept, Last::Several)
        .or_else(|| several(language, kept))
        .or_else(|| in_brackets(language, kept));
    let Some(said) = said else { return Cow::Borrowed(kept) };
    KNOWN.with_borrow_mut(|known| {
        if known.len() >= BY_HEART {
            known.clear();
        }
        known.insert(key, said.clone());
    });
    Cow::Owned(said)
}

/// Sentences with `; ` between them, of which any may have such a place in it as well; `None` where none is a message of
/// ours.
fn several(language: Language, kept: &str) -> Option<String> {
    let parts: Vec<&str> = kept.split(BETWEEN).collect();
    let (mut all, mut is_any_known, mut from) = (Vec::new(), false, 0);
    while from < parts.len() {
        let longest = parts.len().min(from + MOST_JOINED);
        let known = (from + 1..=longest)
            .rev()
            .find_map(|to| Some((to, one(language, &parts[from..to].join(BETWEEN), Last::One)?)));
        is_any_known |= known.is_some();
        let (to, said) = known.unwrap_or_else(|| (from + 1, parts[from].to_owned()));
        all.push(said);
        from = to;
    }
    is_any_known.then(|| all.join(BETWEEN))
}

/// Names with a message of ours in brackets behind each, such as packages with who gives them; `None` where there is none. What
/// stands in brackets may have brackets in it.
fn in_brackets(language: Language, kept: &str) -> Option<String> {
    let (mut said, mut from) = (String::new(), 0);
    for (open, _) in kept.match_indices('(') {
        let inside = open + 1;
        let known = |close: usize| PLAIN.get(kept.get(inside..close)?).map(|id| (close, id));
        let mut ends = kept.match_indices(')').map(|(close, _)| close);
        if let Some((close, id)) = ends.find_map(known).filter(|_| open >= from) {
            said.push_str(&kept[from..inside]);
            said.push_str(&catalogue::said(language, id, &[]));
            from = close;
        }
    }
    (from > 0).then(|| said + &kept[from..])
}

/// One sentence; `None` where it is no message of ours.
fn one(language: Language, kept: &str, last: Last) -> Option<String> {
    if let Some(id) = PLAIN.get(kept) {
        return Some(catalogue::said(language, id, &[]));
    }
    let with_arguments =
        SHAPES.iter().filter(|shape| shape.pieces.len() > 1 && shape.letters >= FEWEST_LETTERS);
    let fits = |shape: &'static Shape| Some((shape, arguments(&shape.pieces, kept, last)?));
    let (shape, found) = with_arguments.into_iter().find_map(fits)?;
    let texts: Vec<_> = found.iter().map(|(name, text)| (*name, again(text), whole_number(text))).collect();
    let arguments: Vec<_> = texts
        .iter()
        .map(|(name, text, number)| (*name, number.map_or(Argument::Text(text), Argument::Number)))
        .collect();
    Some(catalogue::said(language, &shape.id, &arguments))
}

/// What stands in the places of the arguments, if the text is of this shape. None but the last may be several sentences:
/// what is between two texts would go on into the next sentence.
fn arguments<'kept>(
    pieces: &[Piece],
    kept: &'kept str,
    last: Last,
) -> Option<Vec<(&'static str, &'kept str)>> {
    let (mut rest, mut waiting, mut found) = (kept, None, Vec::new());
    for piece in pieces {
        match (piece, waiting) {
            (Piece::Text(text), None) => rest = rest.strip_prefix(text.as_str())?,
            (Piece::Text(text), Some(name)) => {
                let (argument, after) = rest.split_once(text.as_str())?;
                if argument.contains(BETWEEN) {
                    return None;
                }
                found.push((name, argument));
                (rest, waiting) = (after, None);
            }
            // Two arguments side by side cannot be told apart.
            (Piece::Argument(_), Some(_)) => return None,
            (Piece::Argument(name), None) => waiting = Some(*name),
        }
    }
    match waiting {
        Some(_) if last == Last::One && rest.contains(BETWEEN) => return None,
        Some(name) => found.push((name, rest)),
        None if rest.is_empty() => {}
        None => return None,
    }
    Some(found)
}

/// The number, where a text is one as English groups it. Longer digits without a mark are a name, such as a client's.
fn whole_number(text: &str) -> Option<i64> {
    let is_grouped = text.split(',').enumerate().all(|(place, group)| {
        let long = if place == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 };
        long && group.bytes().all(|byte| byte.is_ascii_digit())
    });
    is_grouped.then(|| text.replace(',', "").parse().ok()).flatten()
}
