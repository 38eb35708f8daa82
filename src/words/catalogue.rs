//! The messages of each language, parsed once.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use super::{Argument, Language, number::grouped, wording::mark_of_fixed};

type Bundle = FluentBundle<FluentResource>;

/// The files of one language.
macro_rules! files {
    ($folder:literal: $($file:literal),+ $(,)?) => {
        &[$(include_str!(concat!($folder, "/", $file, ".ftl"))),+]
    };
}

const ENGLISH: &[&str] = files!("en": "altinn", "auth", "cli", "doctor", "engine", "fleet", "init", "ledger", "manifest", "model", "plan", "report", "request");
const NORWEGIAN: &[&str] = files!("nb": "altinn", "auth", "cli", "doctor", "engine", "fleet", "help", "init", "ledger", "manifest", "model", "plan", "report", "request");

static EN: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::En));
static NB: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Nb));

/// The texts of every file of a language.
fn files(language: Language) -> &'static [&'static str] {
    match language {
        Language::En => ENGLISH,
        Language::Nb => NORWEGIAN,
    }
}

/// The files of a language, parsed. What cannot be parsed is left out, and a test says so; the rest speaks.
pub(super) fn resources(language: Language) -> impl Iterator<Item = FluentResource> {
    files(language).iter().map(|file| match FluentResource::try_new((*file).to_owned()) {
        Ok(resource) | Err((resource, _)) => resource,
    })
}

fn bundle(language: Language) -> Bundle {
    // A tag that cannot be read would be the root language, which has one plural; ours are read, and a test counts.
    let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![tag]);
    match language {
        Language::En => bundle.set_formatter(Some(|value, _| number(value, Language::En))),
        Language::Nb => bundle.set_formatter(Some(|value, _| number(value, Language::Nb))),
    }
    // Marks of direction around each argument would be control characters on a terminal.
    bundle.set_use_isolating(false);
    resources(language).for_each(|resource| bundle.add_resource_overriding(resource));
    bundle
}

fn number(value: &FluentValue<'_>, language: Language) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(grouped(&number.as_string(), language)),
        _ => None,
    }
}

fn of(language: Language) -> &'static Bundle {
    match language {
        Language::En => &EN,
        Language::Nb => &NB,
    }
}

fn formatted(language: Language, id: &str, arguments: Option<&FluentArgs<'_>>) -> Option<String> {
    let bundle = of(language);
    let pattern = bundle.get_message(id)?.value()?;
    // An argument that is missing shows as its name; a test keeps that from happening.
    let mut errors = Vec::new();
    Some(bundle.format_pattern(pattern, arguments, &mut errors).into_owned())
}

/// The sentence; where the language has none the English one, and where there is none the id.
pub(super) fn said(language: Language, id: &str, arguments: &[(&str, Argument<'_>)]) -> String {
    let mut given = FluentArgs::with_capacity(arguments.len());
    for (name, argument) in arguments {
        match argument {
            // A double holds every whole number up to 2^53, which no list has.
            Argument::Number(number) => given.set(Cow::Borrowed(*name), FluentValue::from(*number)),
            Argument::Text(text) => given.set(Cow::Borrowed(*name), FluentValue::from(text.to_string())),
        }
    }
    formatted(language, id, Some(&given))
        .or_else(|| formatted(Language::En, id, Some(&given)))
        .unwrap_or_else(|| id.to_owned())
}

/// A message of an id that is put together.
pub(super) fn of_id(language: Language, id: &str) -> Option<String> {
    formatted(language, id, None)
}

/// Whether there is such a message.
pub(super) fn is_known(id: &str) -> bool {
    of(Language::En).has_message(id)
}

/// A message without arguments, or the mark of it where no language is given. Each is made into text once and kept for good.
pub(super) fn fixed(language: Option<Language>, id: &'static str) -> &'static str {
    type Made = HashMap<(Option<Language>, &'static str), &'static str>;
    static MADE: LazyLock<Mutex<Made>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.entry((language, id)).or_insert_with(|| {
        let text = language.map_or_else(|| mark_of_fixed(id), |language| said(language, id, &[]));
        Box::leak(text.into_boxed_str())
    })
}
