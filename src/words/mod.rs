//! Every sentence that a person reads, as data: Fluent messages in `en/` and `nb/`, a file for each room that says them.
//!
//! `say!` names a message and its arguments. What it answers is made into text where it is written, in the language that
//! holds there: [`Language::set`] for the process, [`in_language`] for what a closure does, [`for_people`] for what is written
//! to be read by them. A whole number is grouped as the
//! language writes numbers and picks the plural; a number that is none to people (a port, an HTTP status) is given as text.
//!
//! What programs read (JSON, the log) is English whoever is at the keyboard. What outlives the moment, in the ledger and
//! in errors on their way, is no text but a [`Wording`]: which message, about what; it speaks where it is shown.

mod catalogue;
mod command;
mod language;
mod number;
mod refusal;
#[cfg(test)]
mod whole_commands;
mod wording;

use std::{
    fmt::{self, Display},
    io,
};

pub use command::{commands_have, fullmakt};
pub use language::{Language, for_people, in_english, in_language};
pub use number::{count, decimal};
pub use refusal::Refusal;
pub use wording::{Wording, all_as_kept, as_kept};

/// An argument of a sentence, as the catalogue takes it.
#[derive(Clone, Copy)]
pub enum Argument<'a> {
    /// A quantity: grouped, and picks the plural.
    Number(i64),
    /// Anything else, as it displays itself in the language of the sentence.
    Text(&'a dyn Display),
    /// What the operating system says, as a sentence where there is one for it.
    Refusal(&'a io::Error),
}

/// A sentence that has not been made into text yet; borrows its arguments, as `format_args!` does.
#[derive(Clone, Copy)]
pub struct Said<'a> {
    id: &'static str,
    arguments: &'a [(&'static str, Argument<'a>)],
}

impl<'a> Said<'a> {
    /// The message `id` with its arguments; `say!` is the way to write it.
    pub fn new(id: &'static str, arguments: &'a [(&'static str, Argument<'a>)]) -> Self {
        Self { id, arguments }
    }

    /// In English, for what programs read.
    pub fn english(&self) -> String {
        in_english(|| self.to_string())
    }

    /// For what is kept.
    pub fn kept(&self) -> Wording {
        Wording::of(|| self)
    }
}

impl Display for Said<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if wording::is_capturing() {
            return out.write_str(&wording::mark_of(self.id, self.arguments));
        }
        let said = catalogue::said(Language::current(), self.id, self.arguments);
        // `pad`, so that `{:>9}` works.
        out.pad(&said)
    }
}

/// Text that is made where it is written, in the language that holds there: for an argument that itself speaks.
pub struct Lazy<F>(pub F);

impl<T: Display, F: Fn() -> T> Display for Lazy<F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0().fmt(out)
    }
}

/// A message without arguments in the language that holds here; `text!` is the way to write it.
pub fn fixed(id: &'static str) -> &'static str {
    catalogue::fixed((!wording::is_capturing()).then(Language::current), id)
}

/// A message whose id is put together, such as a help text's; `None` where the language has none.
pub fn of_id(language: Language, id: &str) -> Option<String> {
    catalogue::of_id(language, id)
}

/// A sentence: `say!("rows-read", rows = rows, file = path.display())`. Written with `{}`, or `.to_string()`.
macro_rules! say {
    ($id:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::words::Said::new(
            $id,
            &[$((
                stringify!($name),
                // What is matched lives as long as the statement around it, so that an argument may be made on the spot.
                match &$value {
                    value => {
                        #[allow(unused_imports)]
                        use $crate::words::{AsNumber as _, AsRefusal as _, AsText as _};
                        (&$crate::words::Given(value)).argument()
                    }
                },
            )),*],
        )
    };
}

/// A sentence that has no arguments, as a `&'static str`.
macro_rules! text {
    ($id:literal) => {
        $crate::words::fixed($id)
    };
}

/// A sentence without arguments, for what is kept.
macro_rules! kept {
    ($id:literal) => {
        $crate::words::Wording::fixed($id)
    };
}

pub(crate) use {kept, say, text};

/// The ids of a language that begin so.
#[cfg(test)]
pub(crate) fn ids_that_begin_with(language: Language, begin: &str) -> Vec<String> {
    let of_entry = |entry: &fluent_syntax::ast::Entry<&str>| match entry {
        fluent_syntax::ast::Entry::Message(message) => Some(message.id.name.to_owned()),
        _ => None,
    };
    let resource = catalogue::resource(language);
    resource.entries().filter_map(of_entry).filter(|id| id.starts_with(begin)).collect()
}

/// What `say!` wraps a value in, to find out whether it is a quantity or the system's refusal: the methods of [`AsNumber`] and
/// [`AsRefusal`] are found before those of [`AsText`].
pub struct Given<'a, T: ?Sized>(pub &'a T);

/// Of whole numbers. A `u16` is none: ports and HTTP statuses are names.
pub trait AsNumber<'a> {
    /// The number.
    fn argument(&self) -> Argument<'a>;
}

/// Of errors of the operating system's.
pub trait AsRefusal<'a> {
    /// The error.
    fn argument(&self) -> Argument<'a>;
}

/// Of everything else that displays itself.
pub trait AsText<'a> {
    /// The text.
    fn argument(&self) -> Argument<'a>;
}

macro_rules! numbers {
    ($($type:ty),+) => {$(
        impl<'a> AsNumber<'a> for Given<'_, $type> {
            fn argument(&self) -> Argument<'a> {
                Argument::Number(i64::try_from(*self.0).unwrap_or(i64::MAX))
            }
        }

        impl<'a> AsNumber<'a> for Given<'_, &$type> {
            fn argument(&self) -> Argument<'a> {
                Argument::Number(i64::try_from(**self.0).unwrap_or(i64::MAX))
            }
        }
    )+};
}

numbers!(u32, u64, usize, i32, i64);

impl<'a> AsRefusal<'a> for Given<'a, io::Error> {
    fn argument(&self) -> Argument<'a> {
        Argument::Refusal(self.0)
    }
}

impl<'a> AsRefusal<'a> for Given<'a, &io::Error> {
    fn argument(&self) -> Argument<'a> {
        Argument::Refusal(self.0)
    }
}

impl<'a, T: Display> AsText<'a> for &Given<'a, T> {
    fn argument(&self) -> Argument<'a> {
        Argument::Text(self.0)
    }
}

#[cfg(test)]
mod tests;
