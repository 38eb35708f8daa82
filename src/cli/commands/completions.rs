//! `fullmakt completions`.

use clap::{Args, ValueEnum};
use clap_complete::generate;
use serde::Serialize;

use super::super::{Context, exit::Exit, help};

/// Print a script that completes commands and options in your shell
///
/// bash: `fullmakt completions bash > ~/.local/share/bash-completion/completions/fullmakt`
///
/// PowerShell: add `fullmakt completions powershell | Out-String | Invoke-Expression` to the file that $PROFILE names.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// A shell that completes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum Shell {
    /// Bash
    Bash,
    /// Zsh
    Zsh,
    /// Fish
    Fish,
    /// PowerShell
    #[value(name = "powershell")]
    #[serde(rename = "powershell")]
    Pwsh,
}

#[derive(Serialize)]
struct Completions {
    shell: Shell,
    script: String,
}

pub(crate) fn completions(args: &CompletionsArgs, context: &Context) -> Exit {
    let shell = match args.shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Zsh => clap_complete::Shell::Zsh,
        Shell::Fish => clap_complete::Shell::Fish,
        Shell::Pwsh => clap_complete::Shell::PowerShell,
    };
    let mut script = Vec::new();
    generate(shell, &mut help::command(), "fullmakt", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    context.output.answer(&script, &Completions { shell: args.shell, script: script.clone() });
    Exit::Done
}
