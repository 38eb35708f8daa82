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
    /// When a run of this job last completed without failures, if ever.
    pub last_success: Option<Timestamp>,
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
        let mut gauge = |name: &str, help: &str, values: &[(Option<(&str, &str)>, f64)]| -> fmt::Result {
            if values.is_empty() {
                return Ok(());
            }
            writeln!(out, "# HELP fullmakt_{name} {help}")?;
            writeln!(out, "# TYPE fullmakt_{name} gauge")?;
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
        };
        let seconds = |time: Timestamp| time.as_millisecond() as f64 / 1000.0;
        let took = seconds(self.ended_at) - seconds(self.started_at);
        gauge(
            "last_exit_code",
            "Exit code of the last time: 0 is all as asked.",
            &[(None, self.exit_code.into())],
        )?;
        gauge(
            "last_start_timestamp_seconds",
            "When the program last began.",
            &[(None, seconds(self.started_at))],
        )?;
        gauge(
            "last_end_timestamp_seconds",
            "When the program last ended.",
            &[(None, seconds(self.ended_at))],
        )?;
        gauge(
            "last_duration_seconds",
            "How long the program took.",
            &[(None, (took * 1000.0).round() / 1000.0)],
        )?;
        if let Some(success) = self.last_success {
            gauge(
                "last_success_timestamp_seconds",
                "When a run of this job last completed without failures.",
                &[(None, seconds(success))],
            )?;
        }
        let no_run = if self.exit_code == FAULT { "unknown" } else { "refused" };
        let status = self.summary.map_or(no_run, |summary| summary.status.as_str());
        gauge(
            "last_run_status",
            "1 for the status of the last run; refused when none began, unknown after a fault.",
            &STATUSES.map(|word| (Some(("status", word)), f64::from(u8::from(word == status)))),
        )?;
        let Some(summary) = self.summary else { return Ok(()) };
        gauge("last_run_info", "The last run's id.", &[(Some(("run", &summary.run)), 1.0)])?;
        if summary.status == RunStatus::Refused {
            // It has no clients.
            return Ok(());
        }
        let totals = &summary.totals;
        gauge(
            "last_run_clients",
            "Clients of the last run by outcome.",
            &totals
                .by_outcome()
                .into_iter()
                .map(|(word, clients)| (Some(("outcome", word)), clients as f64))
                .collect::<Vec<_>>(),
        )?;
        gauge(
            "last_run_attempts",
            "Requests about clients that the last run has sent.",
            &[(None, summary.attempts as f64)],
        )
    }
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
}
