//! Asking, until an answer will do; or taking it from a flag.

use std::fmt::Display;

use super::super::super::{
    Context,
    asking::{NoAnswer, typed},
    exit::{Exit, Failure},
};
use crate::{
    engine::Interrupt,
    words::{Lazy, say, text},
};

/// Somebody who answers, at a terminal or by flags.
pub(super) struct Interview<'context> {
    pub(super) context: &'context Context,
    pub(super) interrupt: Interrupt,
    /// Whether there is a terminal to ask on.
    pub(super) is_asking: bool,
}

/// One thing to know.
pub(super) struct Question<'answer> {
    /// The flag that answers it, as it is typed.
    pub(super) flag: &'static str,
    /// What the flag says.
    pub(super) given: Option<&'answer str>,
    /// What stands above it, and is said once; often nothing.
    pub(super) above: String,
    /// How it is asked, as often as it takes.
    pub(super) asked: String,
    /// What is taken when nothing is typed.
    pub(super) default: Option<String>,
}

impl Interview<'_> {
    /// A line of the conversation.
    pub(super) fn say(&self, line: impl Display) {
        self.context.output.say(format!("{line}\n"));
    }

    /// What is wrong, and what to do about it; then it is asked again.
    pub(super) fn tell(&self, failure: &Failure) {
        failure.print(self.context.output.aside());
    }

    /// The answer, once `check` takes one. What a flag says is asked nobody again.
    pub(super) async fn answer<T>(
        &self,
        question: Question<'_>,
        mut check: impl FnMut(&str) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if let Some(given) = question.given {
            return check(given.trim())
                .map_err(|wrong| wrong.detail(say!("init-as-said-by", flag = question.flag)));
        }
        if !self.is_asking {
            return match &question.default {
                Some(default) => check(default),
                None => Err(missing(&[question.flag])),
            };
        }
        if !question.above.is_empty() {
            self.context.output.ask(format!("{}\n", question.above.trim_end()));
        }
        let asked = match &question.default {
            Some(default) if !default.is_empty() => format!("{} [{default}]:", question.asked),
            _ => format!("{}:", question.asked),
        };
        loop {
            let line = self.line(&asked).await?;
            let answer = match (line.as_str(), &question.default) {
                ("", Some(default)) => default,
                ("", None) => continue,
                (line, _) => line,
            };
            match check(answer) {
                Ok(answer) => return Ok(answer),
                Err(wrong) => self.tell(&wrong),
            }
        }
    }

    /// One of a few, by its number or its name.
    pub(super) async fn choice(
        &self,
        question: Question<'_>,
        names: &[&'static str],
    ) -> Result<&'static str, Failure> {
        let (least, most) = (1, names.len());
        self.answer(question, |typed| {
            let by_number = typed.parse().ok().and_then(|number: usize| names.get(number.checked_sub(1)?));
            let by_name = || names.iter().find(|name| name.eq_ignore_ascii_case(typed));
            let unknown = || {
                Failure::nothing_sent(say!(
                    "init-not-one-of",
                    typed = format!("{:?}", typed),
                    least = least,
                    most = most,
                    names = names.join(", ")
                ))
            };
            by_number.or_else(by_name).copied().ok_or_else(unknown)
        })
        .await
    }

    /// What is typed, without the blanks around it.
    pub(super) async fn line(&self, asked: &str) -> Result<String, Failure> {
        match typed(asked, self.context, &self.interrupt).await {
            Ok(line) => Ok(line.trim().to_owned()),
            Err(NoAnswer::Interrupted) => Err(Failure::new(Exit::Interrupted, nothing_is_written())),
            Err(NoAnswer::Ended) => Err(Failure::nothing_sent(nothing_is_written())),
        }
    }
}

fn nothing_is_written() -> impl Display {
    Lazy(|| text!("init-nothing-is-written"))
}

/// There is nobody to ask, and these flags were not given.
pub(super) fn missing(flags: &[&'static str]) -> Failure {
    let failure = Failure::nothing_sent(say!(
        "init-no-terminal-and-missing",
        flags = flags.join(", "),
        count = flags.len()
    ));
    failure.hint(say!("init-help-shows-the-flags"))
}
