//! The commands that messages tell people to type, each asking for its beginning, so that no sentence can forget it. The build
//! does this to the words before it packs them.

/// A command in a message begins so.
const BEGIN: &str = "`fullmakt ";

/// And so it asks what to begin with: see `command.rs`.
const ASKING: &str = "`{ FULLMAKT() } ";

/// Commands that no ledger is about.
const WITHOUT_A_LEDGER: [&str; 4] = ["check", "completions", "help", "init"];

/// The messages with each command asking for its beginning.
pub(super) fn with_commands_whole(messages: &str) -> String {
    let mut pieces = messages.split(BEGIN);
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let word = piece.split(|one: char| !one.is_ascii_alphanumeric() && one != '-').next();
        let knows_no_ledger = word.is_some_and(|word| WITHOUT_A_LEDGER.contains(&word));
        whole.push_str(if knows_no_ledger { BEGIN } else { ASKING });
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
