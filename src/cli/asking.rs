//! Asking a person at a terminal.

use std::io::{self, BufRead, IsTerminal};

use secrecy::SecretString;

use super::{Context, exit::Failure};
use crate::engine::Interrupt;

/// Whether somebody can be asked here.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal()
}

/// Refuses, before anything is read or sent, what nobody could say yes to.
pub(crate) fn must_be_able_to_ask(yes: bool) -> Result<(), Failure> {
    if yes || can_ask() {
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
    let read = tokio::task::spawn_blocking(read_answer);
    tokio::select! {
        () = interrupt.requested() => {
            context.output.ask("\n");
            Ok(false)
        }
        answer = read => Ok(answer.is_ok_and(|says_yes| says_yes)),
    }
}

/// Asks on the terminal, in a command that needs no network.
pub(crate) fn ask_now(question: &str, context: &Context) -> bool {
    context.output.ask(format!("{question} "));
    read_answer()
}

fn read_answer() -> bool {
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    read.is_ok() && matches!(line.trim().to_lowercase().as_str(), "y" | "yes" | "j" | "ja")
}
