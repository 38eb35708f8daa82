//! Every sentence is there in every language with the same arguments, every one is used, and none stands in the code.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/source.rs"]
mod source;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use fluent_syntax::{
    ast::{CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser::parse,
};
use source::{code_files, src};

/// Where text is for no reader of another language: what the TOML reader and a tunnel say is compared, the sandbox answers as
/// Altinn does, Prometheus reads English, and the English of help texts stands where clap reads it.
const NO_SENTENCES_OF_OURS: &[&str] = &[
    "altinn/http/unanswered.rs",
    "cli/mod.rs",
    "model/job_words.rs",
    "report/fleet/metrics.rs",
    "report/metrics.rs",
    "sandbox/",
    "words/",
];

/// Messages whose ids are put together: help texts, of which English is clap's own.
const HELP: &str = "help-";

/// The messages of a language, each with its arguments.
fn messages(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut messages = BTreeMap::new();
    for file in fs::read_dir(src().join("words").join(language)).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let resource =
            parse(text.as_str()).unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", path.display()));
        for entry in &resource.body {
            match entry {
                Entry::Message(message) => {
                    assert!(message.attributes.is_empty(), "{}: attributes are not used", message.id.name);
                    let mut arguments = BTreeSet::new();
                    of_pattern(message.value.as_ref().unwrap(), &mut arguments);
                    let before = messages.insert(message.id.name.to_owned(), arguments);
                    assert!(before.is_none(), "{} stands twice in {language}", message.id.name);
                }
                Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
                Entry::Term(term) => panic!("{}: terms are not used", term.id.name),
                Entry::Junk { content } => panic!("{}: cannot be read: {content}", path.display()),
            }
        }
    }
    messages
}

fn of_pattern(pattern: &Pattern<&str>, arguments: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            match expression {
                Expression::Inline(inline) => of_inline(inline, arguments),
                Expression::Select { selector, variants } => {
                    of_inline(selector, arguments);
                    for variant in variants {
                        of_pattern(&variant.value, arguments);
                    }
                }
            }
        }
    }
}

fn of_inline(inline: &InlineExpression<&str>, arguments: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => drop(arguments.insert(id.name.to_owned())),
        InlineExpression::FunctionReference { arguments: CallArguments { positional, .. }, .. } => {
            for inline in positional {
                of_inline(inline, arguments);
            }
        }
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
        other => panic!("{other:?} is not used in messages"),
    }
}

/// Code in pieces: what is code, and what stands in string literals, each with its line.
fn pieces(code: &str) -> Vec<(usize, bool, String)> {
    let (mut pieces, mut rest, mut line) = (Vec::new(), code, 1);
    let mut own = String::new();
    while let Some(character) = rest.chars().next() {
        let raw = rest.starts_with("r\"") || rest.starts_with("r#");
        let is_name = |text: &str| text.ends_with(|last: char| last.is_alphanumeric() || last == '_');
        if character == '"' || raw && !is_name(&own) {
            let hashes = rest.chars().skip(1).take_while(|next| *next == '#').count();
            let (skipped, end) = if character == 'r' {
                (2 + hashes, format!("\"{}", "#".repeat(hashes)))
            } else {
                (1, "\"".into())
            };
            let inner = &rest[skipped..];
            let mut at = 0;
            while !inner[at..].starts_with(&end) {
                let next = inner[at..].chars().next().unwrap();
                at += next.len_utf8();
                if next == '\\' && character == '"' {
                    at += inner[at..].chars().next().unwrap().len_utf8();
                }
            }
            pieces.push((line, false, std::mem::take(&mut own)));
            pieces.push((line, true, inner[..at].to_owned()));
            line += inner[..at].matches('\n').count();
            rest = &inner[at + end.len()..];
            continue;
        }
        // A character literal may hold a quote.
        for literal in ["'\"'", "'\\''", "'\\\\'"] {
            if let Some(after) = rest.strip_prefix(literal) {
                own.push_str("' '");
                rest = after;
            }
        }
        if let Some(character) = rest.chars().next().filter(|next| *next != '"') {
            line += usize::from(character == '\n');
            own.push(character);
            rest = &rest[character.len_utf8()..];
        }
    }
    pieces.push((line, false, own));
    pieces
}

/// One `say!` or `text!` of the code: where it stands, its id and its arguments.
struct Use {
    place: String,
    id: String,
    arguments: BTreeSet<String>,
}

fn uses() -> Vec<Use> {
    let mut uses = Vec::new();
    for (name, code) in code_files().into_iter().filter(|(name, _)| name != "words/mod.rs") {
        let pieces = pieces(&code);
        for (place, (line, is_text, id)) in pieces.iter().enumerate().filter(|(place, _)| *place > 0) {
            let before = pieces[place - 1].2.trim_end();
            let Some(before) = before.strip_suffix('(').filter(|_| *is_text) else { continue };
            let is_macro = |name: &str| {
                let before = before.strip_suffix(name);
                before.is_some_and(|before| {
                    !before.ends_with(|last: char| last.is_alphanumeric() || last == '_')
                })
            };
            if !["say!", "text!", "kept!"].iter().any(|name| is_macro(name)) {
                continue;
            }
            let arguments =
                if is_macro("say!") { names_of_arguments(&pieces[place + 1..]) } else { BTreeSet::new() };
            uses.push(Use { place: format!("src/{name}:{line}"), id: id.clone(), arguments });
        }
    }
    uses
}

/// The names before `=` at the top of what stands up to the closing bracket.
fn names_of_arguments(after: &[(usize, bool, String)]) -> BTreeSet<String> {
    let (mut depth, mut name, mut names, mut naming) = (0, String::new(), BTreeSet::new(), false);
    for character in after.iter().filter(|(_, is_text, _)| !is_text).flat_map(|(_, _, code)| code.chars()) {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => return names,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => (name, naming) = (String::new(), true),
            '=' if depth == 0 && naming => {
                names.insert(name.trim().to_owned());
                naming = false;
            }
            other if naming => name.push(other),
            _ => {}
        }
    }
    panic!("a say! without an end");
}

#[test]
fn every_message_is_there_in_both_languages_with_the_same_arguments() {
    let (english, norwegian) = (messages("en"), messages("nb"));
    assert!(english.len() > 50 && english.keys().all(|id| !id.starts_with(HELP)));
    for (id, arguments) in &english {
        let there = norwegian.get(id).unwrap_or_else(|| panic!("{id} has no Norwegian"));
        assert_eq!(there, arguments, "{id}");
    }
    for id in norwegian.keys().filter(|id| !id.starts_with(HELP)) {
        assert!(english.contains_key(id), "{id} has no English");
    }
}

#[test]
fn every_message_that_is_said_is_there_with_its_arguments_and_every_one_is_said() {
    let messages = messages("en");
    let uses = uses();
    assert!(uses.len() > 50);
    for Use { place, id, arguments } in &uses {
        let known = messages.get(id).unwrap_or_else(|| panic!("{place}: there is no message {id}"));
        assert_eq!(arguments, known, "{place}: the arguments of {id}");
    }
    let said: BTreeSet<&String> = uses.iter().map(|used| &used.id).collect();
    let unused: Vec<_> = messages.keys().filter(|id| !said.contains(id)).collect();
    assert!(unused.is_empty(), "nothing says {unused:?}");
}

/// Whether a text is made of words: three or more side by side, without commas between them.
fn is_a_sentence(text: &str) -> bool {
    let is_word = |word: &str| {
        let word = word.trim_matches(|mark: char| ".;:()!?’…`,".contains(mark));
        !word.is_empty() && word.chars().all(|letter| letter.is_alphabetic() && !letter.is_uppercase())
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let ends_with_comma = |word: &&str| word.ends_with(',');
    words
        .windows(3)
        .any(|three| three.iter().all(|word| is_word(word)) && !three[..2].iter().any(ends_with_comma))
}

/// Text that is for programmers: what an assertion, an `expect` or a lint's reason says.
fn is_for_programmers(before: &str) -> bool {
    let before = before.trim_end();
    [".expect(", "unreachable!(", "reason =", "panic!(", "expecting =", "serialize ="]
        .iter()
        .any(|end| before.ends_with(end))
}

/// Whether a text is SQL, which the ledger has.
fn is_sql(text: &str) -> bool {
    let words =
        ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "WHERE", "CASE", "EXISTS", "NOT NULL"];
    words.iter().any(|word| text.contains(word))
}

#[test]
fn no_sentence_stands_in_the_code() {
    let mut found = Vec::new();
    for (name, code) in code_files() {
        if NO_SENTENCES_OF_OURS.iter().any(|place| name.starts_with(place)) {
            continue;
        }
        let pieces = pieces(&code);
        for (place, (line, is_text, text)) in pieces.iter().enumerate().filter(|(place, _)| *place > 0) {
            if *is_text && is_a_sentence(text) && !is_sql(text) && !is_for_programmers(&pieces[place - 1].2) {
                found.push(format!("src/{name}:{line}: {text:?}"));
            }
        }
    }
    assert!(found.is_empty(), "a sentence belongs to src/words/:\n{}", found.join("\n"));
}
