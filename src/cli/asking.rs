//! Asking a person at a terminal.

use std::io::{self, BufRead, IsTerminal};

use secrecy::SecretString;

use super::{Context, exit::Failure};
use crate::{
    engine::Interrupt,
    report::{Clean, to_stderr},
    words::{Wording, kept, say, text},
};

/// Whether somebody can be asked here.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal()
}

/// Refuses, before anything is read or sent, what nobody could say yes to.
pub(crate) fn must_be_able_to_ask(yes: bool) -> Result<(), Failure> {
    must_be_able_to_ask_or(yes, &kept!("cli-add-yes-to-do-it-without-being-asked-fullmakt"))
}

/// The same with another hint.
pub(crate) fn must_be_able_to_ask_or(yes: bool, hint: &Wording) -> Result<(), Failure> {
    if yes || can_ask() {
        return Ok(());
    }
    Err(Failure::nothing_sent(say!("cli-there-is-no-terminal-to-ask-on-and-nothing-is")).hint(hint))
}

/// Asks for the password of a private key, without showing what is typed; `None` without a terminal.
pub(crate) fn key_password() -> Option<SecretString> {
    let terminal = console::Term::stderr();
    if !io::stdin().is_terminal() || !terminal.is_term() {
        return None;
    }
    to_stderr(&Clean::of(format_args!("{} ", text!("cli-the-password-of-the-private-key"))));
    terminal.read_secure_line().ok().map(SecretString::from)
}

/// Asks on the terminal for a yes. Ctrl-C is a no.
pub(crate) async fn ask(question: &str, context: &Context, interrupt: &Interrupt) -> Result<bool, Failure> {
    Ok(answer_to(question, context, interrupt).await.is_some_and(|answer| is_yes(&answer)))
}

/// Asks on the terminal for a number to be typed, blanks and separators aside. Anything else, Ctrl-C too, is a no.
pub(crate) async fn ask_for(number: u64, question: &str, context: &Context, interrupt: &Interrupt) -> bool {
    answer_to(question, context, interrupt).await.is_some_and(|answer| is_number(&answer, number))
}

/// Why nobody has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// Ctrl-C.
    Interrupted,
    /// The input has ended.
    Ended,
}

/// What is typed.
pub(crate) async fn typed(
    question: &str,
    context: &Context,
    interrupt: &Interrupt,
) -> Result<String, NoAnswer> {
    context.output.ask(format!("{question} "));
    let read = tokio::task::spawn_blocking(read_line);
    let answer = tokio::select! {
        () = interrupt.requested() => Err(NoAnswer::Interrupted),
        line = read => line.ok().flatten().ok_or(NoAnswer::Ended),
    };
    if answer.is_err() {
        context.output.ask("\n");
    }
    answer
}

/// What is typed; `None` after Ctrl-C and at the end of the input.
async fn answer_to(question: &str, context: &Context, interrupt: &Interrupt) -> Option<String> {
    typed(question, context, interrupt).await.ok()
}

/// Asks on the terminal, in a command that needs no network.
pub(crate) fn ask_now(question: &str, context: &Context) -> bool {
    context.output.ask(format!("{question} "));
    read_line().is_some_and(|answer| is_yes(&answer))
}

fn read_line() -> Option<String> {
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line).ok()?;
    (read > 0).then_some(line)
}

pub(crate) fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "j" | "ja")
}

fn is_number(answer: &str, number: u64) -> bool {
    let digits: String =
        answer.trim().chars().filter(|one| !matches!(one, ' ' | '\u{a0}' | ',' | '.' | '\'')).collect();
    digits.parse() == Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_typed_with_or_without_separators_and_nothing_else_is_one() {
        for typed in ["1200", "1,200\n", " 1 200 ", "1.200"] {
            assert!(is_number(typed, 1200), "{typed:?}");
        }
        for typed in ["", "y", "yes", "120", "1200 clients", "-1200"] {
            assert!(!is_number(typed, 1200), "{typed:?}");
        }
    }
}
