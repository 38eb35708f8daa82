//! Which language the program speaks: `--lang`, or the machine's. It is known before the command line is read, because
//! what is wrong with that is said in it too.

use std::ffi::OsString;

use clap::ValueEnum;

use crate::words::Language;

/// What `--lang` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Lang {
    /// English.
    En,
    /// Norwegian (bokmål).
    Nb,
}

/// Sets the language by the arguments as they stand, and where they name none, by the machine.
pub(super) fn choose(arguments: impl Iterator<Item = OsString>) {
    let machine = || Language::of_machine(|name| std::env::var(name).ok());
    asked_for(arguments).unwrap_or_else(machine).set();
}

/// What `--lang` says, also in a command line that cannot be understood otherwise. The last one counts, as it does there.
fn asked_for(arguments: impl Iterator<Item = OsString>) -> Option<Language> {
    let arguments: Vec<OsString> = arguments.skip(1).take_while(|argument| argument != "--").collect();
    let value = |place: usize, argument: &OsString| {
        let argument = argument.to_str()?;
        match argument.strip_prefix("--lang=") {
            Some(tag) => Language::of_tag(tag),
            None if argument == "--lang" => Language::of_tag(arguments.get(place + 1)?.to_str()?),
            None => None,
        }
    };
    arguments.iter().enumerate().rev().find_map(|(place, argument)| value(place, argument))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_found_wherever_it_stands_among_the_arguments() {
        let found = |line: &str| asked_for(line.split(' ').map(OsString::from));
        assert_eq!(found("fullmakt --lang nb plan"), Some(Language::Nb));
        assert_eq!(found("fullmakt plan --nonsense --lang=en"), Some(Language::En));
        assert_eq!(found("fullmakt plan --lang"), None);
        assert_eq!(found("fullmakt plan --lang de"), None);
        assert_eq!(found("fullmakt plan -- --lang nb"), None);
    }
}
