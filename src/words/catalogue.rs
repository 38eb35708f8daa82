//! The messages of each language, parsed once.

use std::{
    borrow::Cow,
    collections::HashMap,
    io::Read,
    sync::{LazyLock, Mutex, PoisonError},
};

use flate2::read::ZlibDecoder;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use super::{Argument, Language, Refusal, command, number::grouped, wording::mark_of_fixed};

type Bundle = FluentBundle<FluentResource>;

/// Every file of a language, one after the other, as the build has packed them.
macro_rules! packed {
    ($language:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $language, ".ftl.zz"))
    };
}

const ENGLISH: &[u8] = packed!("en");
const NORWEGIAN: &[u8] = packed!("nb");

static EN: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::En));
static NB: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Nb));

/// The messages of a language, parsed. What cannot be unpacked or parsed is left out, and a test says so; the rest speaks.
pub(super) fn resource(language: Language) -> FluentResource {
    let packed = match language {
        Language::En => ENGLISH,
        Language::Nb => NORWEGIAN,
    };
    let mut text = String::new();
    let _ = ZlibDecoder::new(packed).read_to_string(&mut text);
    match FluentResource::try_new(text) {
        Ok(resource) | Err((resource, _)) => resource,
    }
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
    // A function of this name is added once.
    let _ = bundle.add_function(command::FUNCTION, |_, _| FluentValue::from(command::fullmakt()));
    bundle.add_resource_overriding(resource(language));
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
            Argument::Refusal(error) => {
                given.set(Cow::Borrowed(*name), FluentValue::from(Refusal(error).to_string()));
            }
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
