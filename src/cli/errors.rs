//! `fullmakt help errors`: every code and every cause, from the tables that the reports take their words from.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt::{self, Display},
};

use serde::Serialize;
use strum::VariantArray;

use super::output::Output;
use crate::{
    altinn::{KnownError, known_errors, requests},
    model::{Again, AtLast, HaltCause, Verdict},
    words::{in_english, say, text},
};

/// Options of every command that take a value, which is no word of the command then.
const WITH_VALUES: [&str; 5] = ["--lang", "--format", "--color", "--log", "--state-dir"];

/// Whether this is `fullmakt help errors`, with whatever options.
pub(super) fn are_asked_for(arguments: impl Iterator<Item = OsString>) -> bool {
    let mut words = Vec::new();
    let mut arguments = arguments.skip(1);
    while let Some(argument) = arguments.next() {
        if WITH_VALUES.iter().any(|option| argument == *option) {
            arguments.next();
        } else if !argument.to_string_lossy().starts_with('-') {
            words.push(argument);
        }
    }
    words == ["help", "errors"]
}

/// Prints them: as a page in Markdown, which `docs/errors.md` is, or as JSON.
pub(super) fn print(output: Output) {
    let errors = if output.is_json() { in_english(Errors::all) } else { Errors::all() };
    output.answer(&errors, &errors);
}

#[derive(Serialize)]
struct Errors {
    /// What one client can be answered.
    clients: Vec<OfClient>,
    /// What a firm can be answered that a vendor asks for a system user.
    firms: Vec<OfClient>,
    /// What stops a run.
    runs: Vec<OfRun>,
}

#[derive(Serialize)]
struct OfClient {
    code: &'static str,
    /// Nothing is decided: it may be tried again.
    retryable: bool,
    what_to_do: String,
}

#[derive(Serialize)]
struct OfRun {
    cause: HaltCause,
    /// Codes that lead to it.
    codes: Vec<&'static str>,
    explanation: String,
    what_to_do: String,
}

impl Errors {
    /// Those about one client or firm; the others go to `codes`, by their cause.
    fn each(known: Vec<KnownError>, codes: &mut BTreeMap<&'static str, Vec<&'static str>>) -> Vec<OfClient> {
        let mut each = Vec::new();
        for KnownError { code, verdict, hint, .. } in known {
            let of_client = |retryable| OfClient { code, retryable, what_to_do: hint.said().into_owned() };
            match verdict {
                Verdict::Final => each.push(of_client(false)),
                Verdict::Again(Again { at_last: AtLast::FailClient, .. }) => each.push(of_client(true)),
                Verdict::Again(Again { at_last: AtLast::Halt(cause), .. }) | Verdict::Halt(cause) => {
                    codes.entry(cause.into()).or_default().push(code);
                }
                Verdict::Done => {}
            }
        }
        each
    }

    fn all() -> Self {
        let mut codes: BTreeMap<&'static str, Vec<&'static str>> = BTreeMap::new();
        let clients = Self::each(known_errors(), &mut codes);
        let firms = Self::each(requests::known_errors(), &mut codes);
        let of_run = |cause: &HaltCause| {
            let name: &str = (*cause).into();
            OfRun {
                cause: *cause,
                codes: codes.remove(name).unwrap_or_default(),
                explanation: cause.explanation().to_owned(),
                what_to_do: cause.hint().to_owned(),
            }
        };
        Self { clients, firms, runs: HaltCause::VARIANTS.iter().map(of_run).collect() }
    }
}

impl Display for Errors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "# {}\n\n{}\n", text!("cli-errors-title"), text!("cli-errors-where-from"))?;
        writeln!(out, "## {}\n\n{}\n", text!("cli-errors-clients"), text!("cli-errors-clients-more"))?;
        let each = |out: &mut fmt::Formatter<'_>, each: &[OfClient]| {
            each.iter().try_for_each(|OfClient { code, retryable, what_to_do }| {
                let again =
                    if *retryable { text!("report-may-be-retried") } else { text!("report-needs-you") };
                writeln!(out, "- `{code}`. {again} {}.", capital(what_to_do))
            })
        };
        each(out, &self.clients)?;
        writeln!(out, "\n## {}\n\n{}\n", text!("request-errors"), text!("request-errors-more"))?;
        each(out, &self.firms)?;
        writeln!(out, "\n## {}\n\n{}\n", text!("cli-errors-runs"), text!("cli-errors-runs-more"))?;
        for OfRun { cause, codes, explanation, what_to_do } in &self.runs {
            let name: &str = (*cause).into();
            let codes: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
            let codes = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) };
            let todo = say!("report-what-to-do", hint = what_to_do).to_string();
            writeln!(out, "- `{name}`{codes}. {}. {}", capital(explanation), todo.trim_end())?;
        }
        Ok(())
    }
}

/// The beginning of a sentence.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_asked_for_with_options_anywhere_and_by_no_other_words() {
        let asked = |line: &str| are_asked_for(line.split(' ').map(OsString::from));
        assert!(asked("fullmakt help errors"));
        assert!(asked("fullmakt --lang nb help errors --format=json"));
        assert!(!asked("fullmakt help") && !asked("fullmakt help run") && !asked("fullmakt errors"));
    }

    #[test]
    fn every_code_that_a_table_has_is_told_and_every_cause_has_a_cure() {
        for (table, known) in [
            (
                include_str!("../altinn/client_delegation/table.rs"),
                crate::altinn::client_delegation::known_errors(),
            ),
            (
                include_str!("../altinn/administration/table.rs"),
                crate::altinn::administration::known_errors(),
            ),
            (include_str!("../altinn/requests/table.rs"), requests::known_errors()),
        ] {
            let rules = table.split("fn by_code").nth(1).unwrap().split("fn by_parameter").next().unwrap();
            let mut codes: Vec<&str> = rules.split('"').filter(|text| text.contains("-000")).collect();
            codes.sort_unstable();
            codes.dedup();
            assert!(codes.len() > 6, "{codes:?}");
            for code in codes {
                assert!(known.iter().any(|error| error.code == code), "{code} is in no list of known codes");
            }
        }
        let Errors { clients, firms, runs } = Errors::all();
        assert!(clients.iter().chain(&firms).all(|client| !client.what_to_do.is_empty()));
        for OfRun { cause, explanation, what_to_do, .. } in &runs {
            assert!(!explanation.is_empty() && !what_to_do.is_empty(), "{cause:?}");
        }
        assert!(runs.iter().any(|run| run.codes.len() > 1));
    }
}
