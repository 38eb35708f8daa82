//! The only place that prints: the answer on stdout, everything else on stderr.

use std::{
    fmt::Display,
    io::{self, IsTerminal},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use console::Term;
use serde::Serialize;
use serde_json::{Map, Value};

use super::wrap::wrapped;
use crate::{
    report::{
        Clean, ProgressStyle, Summary, json_without_invisible, line_to_stderr, log_line, to_stderr, to_stdout,
    },
    words::{in_english, say, text},
};

/// What the answer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON document.
    Json,
}

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What messages and progress look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Log {
    /// For people.
    Text,
    /// One JSON object per line: at, level, message and further fields.
    Json,
}

/// Where the answer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AnswerTo {
    Stdout,
    Stderr,
    /// Nor does anything else that is said: whoever carries out many jobs says what came of each.
    Nowhere,
}

/// Where everything that is said goes.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    format: Format,
    colored: bool,
    verbose: bool,
    quiet: bool,
    log: Log,
    answer_to: AnswerTo,
}

/// Whether an answer has been given: there is one for each command.
static ANSWERED: AtomicBool = AtomicBool::new(false);

const ERROR: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = AnsiColor::Yellow.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

impl Output {
    /// From the options that every command has.
    pub fn new(format: Format, color: Color, verbose: bool, quiet: bool, log: Log) -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colored = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => !unwanted && io::stderr().is_terminal(),
        };
        Self { format, colored, verbose, quiet, log, answer_to: AnswerTo::Stdout }
    }

    /// The same, but an answer is only said on stderr: stdout is for the answer to what the user asked.
    pub fn aside(self) -> Self {
        if self.is_silent() { self } else { Self { answer_to: AnswerTo::Stderr, ..self } }
    }

    /// The same, but nothing is said.
    pub fn silent(self) -> Self {
        Self { answer_to: AnswerTo::Nowhere, quiet: true, verbose: false, ..self }
    }

    fn is_silent(self) -> bool {
        self.answer_to == AnswerTo::Nowhere
    }

    /// Whether the answer is to be JSON.
    pub fn is_json(self) -> bool {
        self.format == Format::Json
    }

    /// Whether every step is said.
    pub fn is_verbose(self) -> bool {
        self.verbose
    }

    /// The answer: `text` for people, `json` for programs.
    pub fn answer(self, text: impl Display, json: &impl Serialize) {
        if self.is_silent() {
            return;
        }
        if self.answer_to == AnswerTo::Stderr {
            return self.say(text);
        }
        ANSWERED.store(true, Relaxed);
        match self.format {
            Format::Text => to_stdout(&fitted(Clean::of(text), &Term::stdout())),
            Format::Json => match in_english(|| serde_json::to_string_pretty(json)) {
                Ok(json) => to_stdout(&Clean::of(format_args!("{}\n", json_without_invisible(&json)))),
                Err(error) => self.error(error),
            },
        }
    }

    /// Why there is no answer, in its place on stdout, where JSON is wanted and nothing stands there yet.
    pub fn error_as_answer(self, json: &impl Serialize) {
        if self.is_json() && self.answer_to == AnswerTo::Stdout && !ANSWERED.load(Relaxed) {
            self.answer("", json);
        }
    }

    /// Something the user should know, on stderr; not with `-q`.
    pub fn note(self, text: impl Display) {
        if !self.quiet {
            self.labelled("note", text!("cli-note"), NOTE, &text);
        }
    }

    /// Something that went wrong and changes nothing, on stderr, always.
    pub fn warning(self, text: impl Display) {
        self.labelled("warning", text!("cli-warning"), WARNING, &text);
    }

    /// How a run ended, with its counts; only in the JSON log, since people read the answer.
    pub fn ended(self, summary: &Summary) {
        if self.log == Log::Json && !self.quiet {
            let fields = serde_json::json!({
                "run": summary.run, "job": summary.job, "status": summary.status, "totals": summary.totals,
                "attempts": summary.attempts,
            });
            let message =
                say!("plan-run-is", run = summary.run, job = summary.job, status = summary.status).english();
            log("info", &message, fields);
        }
    }

    /// What is being done, on stderr; only with `-v`.
    pub fn step(self, text: impl Display) {
        if self.verbose && self.log == Log::Json {
            log("step", &text, Value::Null);
        } else if self.verbose {
            line_to_stderr(&Clean::of(text));
        }
    }

    /// Plain words on stderr, part of a conversation; not with `-q`.
    pub fn say(self, text: impl Display) {
        if self.quiet {
            return;
        }
        if self.log == Log::Json {
            return log("info", &text, Value::Null);
        }
        to_stderr(&fitted(Clean::of(text), &Term::stderr()));
    }

    /// A question on stderr, always.
    pub fn ask(self, question: impl Display) {
        if self.log == Log::Json {
            return log("question", &question, Value::Null);
        }
        to_stderr(&fitted(Clean::of(question), &Term::stderr()));
    }

    /// What went wrong, on stderr, always.
    pub fn error(self, text: impl Display) {
        self.labelled("error", text!("cli-error"), ERROR, &text);
    }

    /// What to do about it, on stderr, always.
    pub fn hint(self, text: impl Display) {
        self.labelled("hint", text!("cli-hint"), HINT, &text);
    }

    /// A line that belongs to an error, on stderr, always.
    pub fn detail(self, text: impl Display) {
        if self.is_silent() {
            return;
        }
        if self.log == Log::Json {
            return log("detail", &text, Value::Null);
        }
        line_to_stderr(&fitted(Clean::of(text).indented(2), &Term::stderr()));
    }

    /// How progress is shown.
    pub fn progress(self) -> ProgressStyle {
        if self.quiet {
            ProgressStyle::Quiet
        } else if self.log == Log::Json {
            ProgressStyle::Json
        } else if io::stderr().is_terminal() {
            ProgressStyle::Bar
        } else {
            ProgressStyle::Lines
        }
    }

    /// `level` is the word in the log, `label` the one for people.
    fn labelled(self, level: &str, label: &'static str, style: Style, text: &dyn Display) {
        if self.is_silent() {
            return;
        }
        if self.log == Log::Json {
            return log(level, text, Value::Null);
        }
        let said = Clean::of(text).labelled(label, self.colored.then_some(style));
        line_to_stderr(&fitted(said, &Term::stderr()));
    }
}

/// A text as a terminal shows it, wrapped at words; elsewhere as it is, so that programs find lines whole.
fn fitted(text: Clean, terminal: &Term) -> Clean {
    match terminal.size_checked() {
        Some((_, columns)) => text.wrapped(|text| wrapped(text, usize::from(columns))),
        None => text,
    }
}

/// One line of the JSON log; a message without words is none.
fn log(level: &str, message: &dyn Display, fields: Value) {
    let message = in_english(|| message.to_string());
    let fields = if let Value::Object(fields) = fields { fields } else { Map::new() };
    if !message.trim().is_empty() {
        line_to_stderr(&Clean::of(log_line(level, &message, fields)));
    }
}
