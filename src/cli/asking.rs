//! Asking a person at a terminal.

use std::io::{self, BufRead, IsTerminal};

use secrecy::SecretString;

use super::{Context, exit::Failure};
use crate::engine::Interrupt;

/// Refuses, before anything is read or sent, what nobody could say yes to.
pub(crate) fn must_be_able_to_ask(yes: bool) -> Result<(), Failure> {
    if yes || io::stdin().is_terminal() {
        return Ok(());
    }
    Err(Failure::nothing_sent("there is no terminal to ask on, and nothing is sent without a yes")
        .hint("add --yes to do it without being asked; `fullmakt plan JOB` shows what a run would do"))
}

/// Asks for the password of a private key, without showing what is typed; `None` without a terminal.
pub(crate) fn key_password() -> Option<SecretString> {
    let terminal = console::Term::stderr();
    if !io::stdin().is_terminal() || !terminal.is_term() {
        return None;
    }
    terminal.write_str("the password of the private key: ").ok()?;
    terminal.read_secure_line().ok().map(SecretString::from)
}

/// Asks on the terminal. Ctrl-C is a no.
pub(crate) async fn ask(question: &str, context: &Context, interrupt: &Interrupt) -> Result<bool, Failure> {
    context.output.ask(format!("{question} "));
    let read = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    tokio::select! {
        () = interrupt.requested() => {
            context.output.ask("\n");
            Ok(false)
        }
        line = read => Ok(line.ok().and_then(Result::ok).is_some_and(|line| {
            matches!(line.trim().to_lowercase().as_str(), "y" | "yes" | "j" | "ja")
        })),
    }
}
