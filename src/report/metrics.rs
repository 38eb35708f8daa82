//! How a job ended, in Prometheus' text format, for the textfile collector of its node exporter.

use std::fmt::{self, Display};

use jiff::Timestamp;

use super::Summary;
use crate::model::RunStatus;

/// What is said of the last time a job was run.
#[derive(Debug)]
pub struct Metrics<'run> {
    /// The job's name, or its file's where it could not be read.
    pub job: &'run str,
    /// The job's kind; empty where it could not be read.
    pub kind: &'run str,
    /// `sandbox`, `tt02`, `prod` or an origin; empty where it could not be read.
    pub environment: &'run str,
    /// The program's exit code.
    pub exit_code: u8,
    /// When the program began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// When a run of this job last completed without failures, if the ledger says so.
    pub last_success: Option<Timestamp>,
    /// When a run of this job last came to its end, with failed clients or without, if the ledger says so.
    pub last_completion: Option<Timestamp>,
    /// What the file that these replace says: what the ledger does not say is kept from it. A bad night is often one on which
    /// the ledger cannot be read.
    pub before: &'run str,
    /// Whether clients failed that did not fail the last time; none of a run that did not come to its end.
    pub new_failures: Option<bool>,
    /// Whether the `[notify]` command failed; none where it was not called.
    pub notify_failed: Option<bool>,
    /// The run; none when it was refused before it began.
    pub summary: Option<&'run Summary>,
}

/// Every word that the label `status` can be. The last two are no run's status: none began, or a fault kept the program
/// from saying how it stands.
const STATUSES: [&str; 7] =
    ["running", "completed", "interrupted", "stopped", "superseded", "refused", "unknown"];

/// The exit code of a fault of the program or of the machine.
const FAULT: u8 = 5;

impl Display for Metrics<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = |value: f64| [(None, value)];
        let took = seconds(self.ended_at) - seconds(self.started_at);
        self.gauge(
            out,
            "last_exit_code",
            "Exit code of the last time: 0 is all as asked.",
            &one(self.exit_code.into()),
        )?;
        self.gauge(
            out,
            "last_start_timestamp_seconds",
            "When the program last began.",
            &one(seconds(self.started_at)),
        )?;
        self.gauge(
            out,
            "last_end_timestamp_seconds",
            "When the program last ended.",
            &one(seconds(self.ended_at)),
        )?;
        self.gauge(
            out,
            "last_duration_seconds",
            "How long the program took.",
            &one((took * 1000.0).round() / 1000.0),
        )?;
        self.of_the_ledger(
            out,
            "last_success_timestamp_seconds",
            "When a run of this job last completed without failures.",
            self.last_success,
        )?;
        self.of_the_ledger(
            out,
            "last_completion_timestamp_seconds",
            "When a run of this job last came to its end, with failed clients or without.",
            self.last_completion,
        )?;
        if let Some(failed) = self.notify_failed {
            self.gauge(
                out,
                "last_notify_failed",
                "1 where the [notify] command failed.",
                &one(u8::from(failed).into()),
            )?;
        }
        self.of_the_run(out)
    }
}

impl Metrics<'_> {
    fn gauge(
        &self,
        out: &mut fmt::Formatter<'_>,
        name: &str,
        help: &str,
        values: &[(Option<(&str, &str)>, f64)],
    ) -> fmt::Result {
        if values.is_empty() {
            return Ok(());
        }
        heading(out, name, help)?;
        for (label, value) in values {
            write!(
                out,
                "fullmakt_{name}{{job=\"{}\",kind=\"{}\",environment=\"{}\"",
                Escaped(self.job),
                Escaped(self.kind),
                Escaped(self.environment)
            )?;
            if let Some((name, value)) = label {
                write!(out, ",{name}=\"{}\"", Escaped(value))?;
            }
            writeln!(out, "}} {value}")?;
        }
        Ok(())
    }

    /// A time that only the ledger knows; where it does not say, what the file before says of this job, as it stands there. Of
    /// a job whose file cannot be read only the file's name is known; then all of the series is kept, since each job has a
    /// metrics file of its own.
    fn of_the_ledger(
        &self,
        out: &mut fmt::Formatter<'_>,
        name: &str,
        help: &str,
        at: Option<Timestamp>,
    ) -> fmt::Result {
        if let Some(at) = at {
            return self.gauge(out, name, help, &[(None, seconds(at))]);
        }
        let begin = if self.environment.is_empty() {
            format!("fullmakt_{name}{{job=\"")
        } else {
            format!("fullmakt_{name}{{job=\"{}\",", Escaped(self.job))
        };
        let is_whole = |line: &&str| {
            let value = line.rsplit_once("\"} ").and_then(|(_, value)| value.parse::<f64>().ok());
            line.starts_with(&begin) && value.is_some_and(f64::is_finite)
        };
        let mut lines = self.before.lines().filter(is_whole).peekable();
        if lines.peek().is_some() {
            heading(out, name, help)?;
        }
        lines.try_for_each(|line| writeln!(out, "{line}"))
    }

    /// What is said of the run.
    fn of_the_run(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let no_run = if self.exit_code == FAULT { "unknown" } else { "refused" };
        let status = self.summary.map_or(no_run, |summary| summary.status.as_str());
        self.gauge(
            out,
            "last_run_status",
            "1 for the status of the last run; refused when none began, unknown after a fault.",
            &STATUSES.map(|word| (Some(("status", word)), f64::from(u8::from(word == status)))),
        )?;
        if let Some(new) = self.new_failures {
            self.gauge(
                out,
                "last_run_new_failures",
                "1 where clients failed that did not fail the last time that the job came to its end.",
                &[(None, u8::from(new).into())],
            )?;
        }
        let Some(summary) = self.summary else { return Ok(()) };
        self.gauge(out, "last_run_info", "The last run's id.", &[(Some(("run", &summary.run)), 1.0)])?;
        if summary.status == RunStatus::Refused {
            // It has no clients.
            return Ok(());
        }
        let totals = &summary.totals;
        self.gauge(
            out,
            "last_run_clients",
            "Clients of the last run by outcome.",
            &totals
                .by_outcome()
                .into_iter()
                .map(|(word, clients)| (Some(("outcome", word)), clients as f64))
                .collect::<Vec<_>>(),
        )?;
        self.gauge(
            out,
            "last_run_attempts",
            "Requests about clients that the last run has sent.",
            &[(None, summary.attempts as f64)],
        )
    }
}

fn heading(out: &mut fmt::Formatter<'_>, name: &str, help: &str) -> fmt::Result {
    writeln!(out, "# HELP fullmakt_{name} {help}\n# TYPE fullmakt_{name} gauge")
}

fn seconds(time: Timestamp) -> f64 {
    time.as_millisecond() as f64 / 1000.0
}

/// A label's value: backslash, quote and line feed escaped, as the format wants it.
pub(super) struct Escaped<'text>(pub(super) &'text str);

impl Display for Escaped<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '\\' => out.write_str("\\\\")?,
                '"' => out.write_str("\\\"")?,
                '\n' => out.write_str("\\n")?,
                other => write!(out, "{other}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_run_has_an_exit_code_and_an_end_and_labels_are_escaped() {
        let metrics = Metrics {
            job: "a\"b\\c\nd",
            kind: "",
            environment: "",
            exit_code: 2,
            started_at: Timestamp::from_second(1_700_000_000).unwrap(),
            ended_at: Timestamp::from_second(1_700_000_002).unwrap(),
            last_success: None,
            last_completion: None,
            before: "",
            new_failures: None,
            notify_failed: None,
            summary: None,
        };
        let text = metrics.to_string();
        let labels = r#"{job="a\"b\\c\nd",kind="",environment=""}"#;
        assert!(text.contains(&format!("fullmakt_last_exit_code{labels} 2\n")), "{text}");
        assert!(
            text.contains(&format!("fullmakt_last_end_timestamp_seconds{labels} 1700000002\n")),
            "{text}"
        );
        assert!(text.contains("status=\"refused\"} 1\n") && !text.contains("last_success"), "{text}");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split('{').next().unwrap();
            assert!(text.contains(&format!("# TYPE {name} gauge\n")), "{name}");
            assert!(text.contains(&format!("# HELP {name} ")), "{name}");
        }
    }

    #[test]
    fn what_the_ledger_does_not_say_is_kept_from_the_file_before() {
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        let well = Metrics {
            job: "night",
            kind: "reconcile",
            environment: "tt02",
            exit_code: 0,
            started_at: at,
            ended_at: at,
            last_success: Some(at),
            last_completion: Some(at),
            before: "",
            new_failures: Some(false),
            notify_failed: None,
            summary: None,
        };
        let before = well.to_string();
        let kept = |metrics: &Metrics<'_>| {
            let text = metrics.to_string();
            let lines =
                text.lines().filter(|line| line.contains("last_success") || line.contains("last_completion"));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        let bad =
            Metrics { exit_code: 5, last_success: None, last_completion: None, before: &before, ..well };
        assert_eq!(kept(&bad), kept(&well));
        let other = Metrics { job: "another", ..bad };
        assert_eq!(kept(&other), Vec::<String>::new());
        // The job file cannot be read: it is known by its name alone.
        let unreadable = Metrics { job: "nightly-file", kind: "", environment: "", ..bad };
        assert_eq!(kept(&unreadable), kept(&well));
        let spoilt = before.replace("} 1700000000", "} soon");
        assert_eq!(kept(&Metrics { before: &spoilt, ..bad }), Vec::<String>::new());
    }
}
