//! Help in Norwegian. The English texts stand where clap reads them, beside the arguments; for Norwegian the finished
//! command tree is walked and every text replaced by the message of its place: `help-run` for the command, `help-run--yes`
//! for its option, `help--state-dir` for an option of several commands, `help--format-json` for one of its values.

use std::{borrow::Cow, ffi::OsString, fmt::Write as _};

use clap::{
    Arg, Command, CommandFactory,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::Cli;
use crate::words::{Language, of_id, say, text};

/// The command line, speaking the language that holds.
pub(super) fn command() -> Command {
    let mut command = Cli::command();
    if Language::current() == Language::En {
        return command;
    }
    // Only the finished tree has clap's own options and the options that every command has.
    command.build();
    translated(command, "help", &mut |_| ())
}

/// What was typed, but that `help --help` is `help`.
pub(super) fn asked(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut kept: Vec<OsString> = Vec::new();
    for argument in arguments {
        let is_for_help = kept.len() > 1 && kept.last().is_some_and(|before| before == "help");
        if !(is_for_help && (argument == "--help" || argument == "-h")) {
            kept.push(argument);
        }
    }
    kept
}

/// A command and everything below it; `missing` is told the ids that there is no message for.
fn translated(command: Command, id: &str, missing: &mut dyn FnMut(&str)) -> Command {
    let own = |name: &str| format!("{id}-{name}");
    let mut command = command.mut_args(|arg| translated_arg(arg, id, missing));
    // The program itself.
    let words_of = if id == "help" { "help-fullmakt" } else { id };
    if let Some(words) = found(&[Cow::Borrowed(words_of)], missing) {
        let first = words.split("\n\n").next().unwrap_or_default().to_owned();
        if first != words {
            command = command.long_about(words);
        }
        command = command.about(first);
    }
    if command.get_after_long_help().is_some()
        && let Some(words) = found(&[Cow::Owned(own("after"))], missing)
    {
        command = command.after_long_help(words);
    }
    let usage = norwegian_usage(&command.render_usage().to_string());
    let command = command
        .override_usage(usage)
        .subcommand_help_heading(text!("cli-help-commands"))
        .help_template(format!(
            "{{before-help}}{{about-with-newline}}\n{}: {{usage}}\n\n{{all-args}}{{after-help}}",
            text!("cli-help-usage")
        ));
    command.mut_subcommands(|below| {
        // `help` repeats all the others below it.
        if below.get_name() == "help" {
            return below.about(text!("cli-help-help-command"));
        }
        let id = own(below.get_name());
        translated(below, &id, missing)
    })
}

/// `fullmakt run [VALG] <JOB>`.
fn norwegian_usage(usage: &str) -> String {
    usage
        .trim_start_matches("Usage:")
        .trim()
        .replace("[OPTIONS]", text!("cli-help-options-in-usage"))
        .replace("<COMMAND>", text!("cli-help-command-in-usage"))
}

/// The message of the first id that has one.
fn found(ids: &[Cow<'_, str>], missing: &mut dyn FnMut(&str)) -> Option<String> {
    let words = ids.iter().find_map(|id| of_id(Language::Nb, id));
    if words.is_none() {
        missing(&ids.join(" or "));
    }
    words
}

fn translated_arg(arg: Arg, command: &str, missing: &mut dyn FnMut(&str)) -> Arg {
    let heading = match arg.get_help_heading() {
        _ if arg.is_positional() => text!("cli-help-arguments"),
        None => text!("cli-help-options"),
        Some(_) => text!("cli-help-options-of-every-command"),
    };
    let arg = arg.help_heading(heading);
    match arg.get_id().as_str() {
        "help" => return arg.help(text!("cli-help-print-help")).long_help(text!("cli-help-print-help")),
        "version" => return arg.help(text!("cli-help-print-version")),
        _ => {}
    }
    let name = arg.get_long().unwrap_or(arg.get_id().as_str()).to_owned();
    let ids = if arg.is_positional() {
        [Cow::Owned(format!("{command}-{name}")), Cow::Owned(format!("help-arg-{name}"))]
    } else {
        [Cow::Owned(format!("{command}--{name}")), Cow::Owned(format!("help--{name}"))]
    };
    let Some(words) = found(&ids, missing) else { return arg };
    let (short, long) = with_values(&arg, &words, &ids, missing);
    arg.hide_default_value(true).hide_possible_values(true).hide_env(true).help(short).long_help(long)
}

/// An option's words with what may be given, what is taken without it, and the variable that it is read from, as clap has
/// them: behind the words in the short help, below them in the long.
fn with_values(
    arg: &Arg,
    words: &str,
    ids: &[Cow<'_, str>; 2],
    missing: &mut dyn FnMut(&str),
) -> (String, String) {
    let mut short = words.split("\n\n").next().unwrap_or_default().to_owned();
    let mut long = words.to_owned();
    let mut add = |said: String| {
        let _ = write!(short, " [{said}]");
        let _ = write!(long, "\n\n[{said}]");
    };
    let takes_values = arg.get_num_args().is_some_and(|values| values.takes_values());
    let default: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if takes_values && !default.is_empty() && !arg.is_hide_default_value_set() {
        add(say!("cli-help-default", value = default.join(", ")).to_string());
    }
    if let Some(variable) = arg.get_env() {
        add(say!("cli-help-variable", name = variable.to_string_lossy()).to_string());
    }
    let values = arg.get_possible_values();
    if takes_values && !values.is_empty() {
        let names: Vec<_> = values.iter().map(|value| value.get_name().to_owned()).collect();
        let _ = write!(short, " [{}]", say!("cli-help-values", values = names.join(", ")));
        let _ = write!(long, "\n\n{}", text!("cli-help-possible-values"));
        for name in names {
            let ids = ids.each_ref().map(|id| Cow::Owned(format!("{id}-{name}")));
            let means = found(&ids, missing).unwrap_or_default();
            let _ = write!(long, "\n- {name}: {means}");
        }
    }
    (short, long)
}

/// Whether somebody has called the program with nothing to do, and wants to know where to begin.
pub(super) fn nothing_was_asked(error: &clap::Error, arguments: impl Iterator<Item = OsString>) -> bool {
    let is_missing = matches!(
        error.kind(),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand
    );
    let commands = Cli::command();
    let is_command =
        |argument: OsString| commands.get_subcommands().any(|command| argument == command.get_name());
    is_missing && !arguments.skip(1).any(is_command)
}

/// What is wrong with a command line, in Norwegian; `None` for the rare kinds, which clap says in its own words.
pub(super) fn wrong(error: &clap::Error) -> Option<String> {
    if Language::current() == Language::En {
        return None;
    }
    let of = |kind| error.get(kind).map(words_of).unwrap_or_default();
    let (argument, value) = (of(ContextKind::InvalidArg), of(ContextKind::InvalidValue));
    let said = match error.kind() {
        ErrorKind::UnknownArgument => say!("cli-wrong-unknown", argument = argument).to_string(),
        ErrorKind::InvalidSubcommand => {
            say!("cli-wrong-command", command = of(ContextKind::InvalidSubcommand)).to_string()
        }
        ErrorKind::MissingRequiredArgument => say!("cli-wrong-missing", arguments = argument).to_string(),
        ErrorKind::MissingSubcommand => text!("cli-wrong-no-command").to_owned(),
        ErrorKind::ArgumentConflict => {
            say!("cli-wrong-conflict", argument = argument, other = of(ContextKind::PriorArg)).to_string()
        }
        ErrorKind::InvalidValue if value.is_empty() => {
            say!("cli-wrong-no-value", argument = argument).to_string()
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let why = match (of(ContextKind::ValidValue), std::error::Error::source(error)) {
                (values, _) if !values.is_empty() => say!("cli-help-values", values = values).to_string(),
                (_, Some(source)) => source.to_string(),
                (_, None) => String::new(),
            };
            say!("cli-wrong-value", argument = argument, value = value, why = why).to_string()
        }
        _ => return None,
    };
    let mut text = format!("{}: {}\n", text!("cli-error"), said.trim_end_matches([':', ' ']));
    let meant = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    for meant in meant.into_iter().map(of).filter(|meant| !meant.is_empty()) {
        let _ = write!(text, "\n  {}: {}\n", text!("cli-hint"), say!("cli-wrong-meant", meant = meant));
    }
    if let Some(usage) = error.get(ContextKind::Usage) {
        let _ = write!(text, "\n{}: {}\n", text!("cli-help-usage"), norwegian_usage(&usage.to_string()));
    }
    let _ = write!(text, "\n{}\n", text!("cli-wrong-more"));
    Some(text)
}

fn words_of(value: &ContextValue) -> String {
    match value {
        ContextValue::None => String::new(),
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{ids_that_begin_with, in_language};

    #[test]
    fn every_text_of_the_help_has_norwegian_and_every_norwegian_one_is_shown() {
        let mut missing = Vec::new();
        let mut command = Cli::command();
        command.build();
        in_language(Language::Nb, || translated(command, "help", &mut |id| missing.push(id.to_owned())));
        assert!(missing.is_empty(), "nb/help.ftl has no {missing:#?}");
        let mut all = String::new();
        let mut command = in_language(Language::Nb, command_with_everything_shown);
        shown(&mut command, &mut all);
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let all = flat(&all);
        for id in ids_that_begin_with(Language::Nb, "help-") {
            let words = flat(&of_id(Language::Nb, &id).unwrap());
            assert!(all.contains(&words), "{id} is shown nowhere: {words}");
        }
    }

    fn command_with_everything_shown() -> Command {
        command().term_width(10_000).max_term_width(10_000)
    }

    fn shown(command: &mut Command, all: &mut String) {
        all.push_str(
            &command.clone().term_width(10_000).max_term_width(10_000).render_long_help().to_string(),
        );
        command
            .get_subcommands_mut()
            .filter(|below| below.get_name() != "help")
            .for_each(|below| shown(below, all));
    }
}
