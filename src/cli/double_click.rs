//! A window that was opened by a double-click in Windows, which would close before anybody has read what stands in it.

use std::io::{self, IsTerminal};

use super::{
    Command, Context, asking,
    exit::Exit,
    init::InitArgs,
    output::{Color, Format, Log, Output},
};
use crate::words::text;

/// Whether the program was most likely started so: with nothing to do, in a window, and not from the command prompt, which
/// leaves its PROMPT to what it starts. PowerShell leaves nothing; there one question more is asked than need be.
pub(super) fn is_likely() -> bool {
    cfg!(windows)
        && std::env::args_os().len() == 1
        && std::env::var_os("PROMPT").is_none()
        && io::stdin().is_terminal()
        && io::stderr().is_terminal()
}

/// Offers what somebody needs who has no job file yet, and keeps the window open until it has been read.
pub(super) fn offer() -> Exit {
    let output = Output::new(Format::Text, Color::Auto, false, false, Log::Text);
    let state_dir = std::env::var_os("FULLMAKT_STATE_DIR").map(Into::into);
    let context = Context { output, state_dir, address: None, together: None };
    output.ask("\n");
    let exit = if asking::ask_now(text!("init-now"), &context) {
        let outcome = super::dispatch(Command::Init(Box::<InitArgs>::default()), &context);
        if let Err(failure) = &outcome.result {
            failure.print(output);
        }
        outcome.exit()
    } else {
        Exit::NothingSent
    };
    asking::ask_now(text!("init-press-enter"), &context);
    exit
}
