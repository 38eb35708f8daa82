//! How this program is called in the commands that it tells people to type. A command that left out which ledger it is about
//! would act on another one, whose runs have no lock with the runs of this one.

use std::sync::OnceLock;

/// What the options say that name the ledger, as they are typed; nothing where the command line had none.
static NAMED: OnceLock<String> = OnceLock::new();

/// The name of the function in the messages.
pub(super) const FUNCTION: &str = "FULLMAKT";

/// A command in a message begins so.
const BEGIN: &str = "`fullmakt ";

/// Commands that no ledger is about.
const WITHOUT_A_LEDGER: [&str; 4] = ["check", "completions", "help", "init"];

/// From now on every command that is told has these options (`--state-dir DIR`), quoted as a shell needs it. The first call
/// counts, and comes before anything is said.
pub fn commands_have(options: String) {
    // Set twice only by somebody who calls it twice.
    let _ = NAMED.set(options);
}

/// What a command begins with: the program, and the options that name the ledger.
pub fn fullmakt() -> String {
    match NAMED.get().map(String::as_str) {
        None | Some("") => "fullmakt".to_owned(),
        Some(options) => format!("fullmakt {options}"),
    }
}

/// The messages with each command asking for its beginning, so that no sentence can forget it.
pub(super) fn with_commands_whole(messages: &str) -> String {
    let mut pieces = messages.split(BEGIN);
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let word = piece.split(|one: char| !one.is_ascii_alphanumeric() && one != '-').next();
        if word.is_some_and(|word| WITHOUT_A_LEDGER.contains(&word)) {
            whole.push_str(BEGIN);
        } else {
            whole.extend(["`{ ", FUNCTION, "() } "]);
        }
        whole.push_str(piece);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_in_a_message_names_the_ledger_but_those_that_know_none() {
        let messages = "a = `fullmakt resume { $run }` goes on\nb = `fullmakt help` and `fullmakt runs`, fullmakt itself";
        let whole = "a = `{ FULLMAKT() } resume { $run }` goes on\n\
                     b = `fullmakt help` and `{ FULLMAKT() } runs`, fullmakt itself";
        assert_eq!(with_commands_whole(messages), whole);
    }
}
