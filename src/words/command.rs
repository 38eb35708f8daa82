//! How this program is called in the commands that it tells people to type. A command that left out which ledger it is about
//! would act on another one, whose runs have no lock with the runs of this one.

use std::sync::OnceLock;

/// What the options say that name the ledger, as they are typed; nothing where the command line had none.
static NAMED: OnceLock<String> = OnceLock::new();

/// The name of the function in the messages, where the build has put it before every command.
pub(super) const FUNCTION: &str = "FULLMAKT";

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
