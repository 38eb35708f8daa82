//! Which language people are spoken to in: one for the process, and for a closure another. Where programs read what the
//! process says, it speaks English, and only what is written for people is in their language.

use std::{
    cell::Cell,
    sync::atomic::{AtomicU8, Ordering::Relaxed},
};

/// A language that every sentence is there in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Language {
    /// English.
    En,
    /// Norwegian, bokmål.
    Nb,
}

/// The process's language, English until something else is set.
static OF_THE_PROCESS: AtomicU8 = AtomicU8::new(Language::En as u8);

/// The language of what is written for people: the process's, but where programs read along.
static OF_PEOPLE: AtomicU8 = AtomicU8::new(Language::En as u8);

thread_local! {
    static HERE: Cell<Option<Language>> = const { Cell::new(None) };
}

impl Language {
    /// Every language, English first.
    pub const ALL: [Self; 2] = [Self::En, Self::Nb];

    /// The tag, as BCP 47 and `--lang` have it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Nb => "nb",
        }
    }

    /// The language of a tag.
    pub fn of_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// The language for a locale as POSIX (`nb_NO.UTF-8`) or BCP 47 (`nn-NO`) names it: bokmål for whoever has any
    /// Norwegian, English for everybody else.
    pub fn of_locale(locale: &str) -> Self {
        let language = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        match language.to_ascii_lowercase().as_str() {
            "nb" | "nn" | "no" | "norwegian" => Self::Nb,
            _ => Self::En,
        }
    }

    /// The language of the machine: of the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set; where none is, on
    /// Windows, of the user's display language.
    pub fn of_machine(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(variable)
            .find(|value| !value.is_empty());
        set.or_else(display_language).map_or(Self::En, |locale| Self::of_locale(&locale))
    }

    /// From now on the process speaks this language.
    pub fn set(self) {
        OF_THE_PROCESS.store(self as u8, Relaxed);
        OF_PEOPLE.store(self as u8, Relaxed);
    }

    /// From now on the process speaks English, whatever it was set to: programs read what it says. Text may be made long
    /// before it is logged, so that it is too late to ask for English there. What is [`for_people`] stays in their language.
    pub fn english_for_programs() {
        OF_THE_PROCESS.store(Self::En as u8, Relaxed);
    }

    /// The language that holds here.
    pub fn current() -> Self {
        HERE.get().unwrap_or_else(|| Self::stored_in(&OF_THE_PROCESS))
    }

    fn stored_in(place: &AtomicU8) -> Self {
        match place.load(Relaxed) {
            1 => Self::Nb,
            _ => Self::En,
        }
    }
}

#[cfg(windows)]
fn display_language() -> Option<String> {
    sys_locale::get_locale()
}

#[cfg(not(windows))]
fn display_language() -> Option<String> {
    None
}

/// Puts back what held before, also where the closure panics.
struct Before(Option<Language>);

impl Drop for Before {
    fn drop(&mut self) {
        HERE.set(self.0);
    }
}

/// What `make` answers when it speaks `language`. Only on this thread: what it starts elsewhere speaks the process's.
pub fn in_language<T>(language: Language, make: impl FnOnce() -> T) -> T {
    let _before = Before(HERE.replace(Some(language)));
    super::wording::without_capture(make)
}

/// What `make` answers in English: for JSON, for the log.
pub fn in_english<T>(make: impl FnOnce() -> T) -> T {
    in_language(Language::En, make)
}

/// What `make` answers in the language of whoever reads it: for reports, pages, and the word that a command passes on. Only
/// on this thread, as [`in_language`].
pub fn for_people<T>(make: impl FnOnce() -> T) -> T {
    in_language(Language::stored_in(&OF_PEOPLE), make)
}
