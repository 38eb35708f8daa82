//! The fleet file: what many firms have in common. Each firm's row makes it an ordinary job.

use std::path::PathBuf;

use jiff::civil::Time;
use serde::Deserialize;
use toml::Spanned;

use super::{
    ApiChoice, Auth, Environment, JobError, Notify, OrganisationNumber, Pace,
    auth::AuthSection,
    job::{GuardSection, NotifySection, PaceSection, Source, guard_of, job_name, pace_of, within},
    job_words,
};
use crate::words::{say, text};

/// What is the same for all firms of a fleet.
#[derive(Debug, Clone, PartialEq)]
pub struct Fleet {
    /// `a-z 0-9 -`; the jobs' names begin with it.
    pub name: String,
    /// The list of firms, relative to the fleet file.
    pub list: PathBuf,
    /// How many units are carried out side by side, 1 to 64.
    pub side_by_side: usize,
    /// When units may be carried out; at any time where there is none.
    pub window: Option<Window>,
    /// Which Altinn.
    pub environment: Environment,
    /// The pace of all together.
    pub pace: Pace,
    /// How all sign in, as it would be for a firm.
    pub auth: Option<Auth>,
    /// A program that is told how a night ended.
    pub notify: Option<Notify>,
    /// The tables that every job is given, as they were written.
    common: toml::Table,
}

/// A stretch of each day, local time; it may go over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// When it begins.
    pub from: Time,
    /// When it ends.
    pub to: Time,
}

/// How many units are carried out side by side where the file does not say.
const SIDE_BY_SIDE: usize = 8;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Spanned<String>,
    altinn: AltinnSection,
    auth: Option<Spanned<AuthSection>>,
    pace: Option<PaceSection>,
    guard: Option<GuardSection>,
    notify: Option<NotifySection>,
    fleet: FleetSection,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AltinnSection {
    environment: Spanned<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "checked here, used by each job")]
    api: ApiChoice,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FleetSection {
    list: PathBuf,
    side_by_side: Option<Spanned<i64>>,
    window: Option<Spanned<String>>,
}

impl Window {
    /// Such as `01:00-05:00`; none where it is no such thing.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let time = |text: &str| Time::strptime("%H:%M", text.trim()).ok();
        let window = Self { from: time(from)?, to: time(to)? };
        (window.from != window.to).then_some(window)
    }
}

impl Fleet {
    /// The name that stands above the first section of a fleet file, whatever may be wrong below.
    pub fn name_in(text: &str) -> Option<String> {
        let is_above = |line: &&str| !line.trim_start().starts_with('[');
        let above: Vec<&str> = text.lines().take_while(is_above).collect();
        let above: toml::Table = toml::from_str(&above.join("\n")).ok()?;
        job_name(above.get("name")?.as_str()?).ok()
    }

    /// Reads and checks the text of a fleet file.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its line.
    pub fn parse(text: &str) -> Result<Self, JobError> {
        let source = Source(text);
        let read_wrong = |error: toml::de::Error| {
            let at = error.span().map_or(0, |span| span.start);
            source.error(at, job_words::explained(text, at, error.message()))
        };
        let file: File = toml::from_str(text).map_err(read_wrong)?;
        if let Some((at, message)) = job_words::spoiled_path(text) {
            return Err(source.error(at, message));
        }
        let mut common: toml::Table = toml::from_str(text).map_err(read_wrong)?;
        common.remove("fleet");
        common.remove("notify");
        let environment = source.check(&file.altinn.environment, |text| Environment::parse(text))?;
        guard_of(&source, None, file.guard.as_ref())?;
        let auth = match &file.auth {
            None if environment != Environment::Sandbox => {
                return Err(source.error(
                    file.altinn.environment.span().start,
                    say!(
                        "model-environment-needs-a-sign-in-add-auth-with",
                        environment = format!("{:?}", environment.name())
                    )
                    .to_string(),
                ));
            }
            None => None,
            Some(section) => {
                if let Some(at) = section.get_ref().says_whose_system_user() {
                    return Err(source.error(at, text!("fleet-has-each-firms-own-system-user")));
                }
                let auth = section.get_ref().check(&environment, any_firm());
                let auth = auth.map_err(|(at, message)| source.error(at, message))?;
                if !matches!(auth, Auth::Maskinporten(_)) {
                    return Err(source.error(section.span().start, text!("fleet-signs-in-with-maskinporten")));
                }
                Some(auth)
            }
        };
        Ok(Self {
            name: source.check(&file.name, |name| job_name(name))?,
            list: file.fleet.list,
            side_by_side: match &file.fleet.side_by_side {
                None => SIDE_BY_SIDE,
                Some(number) => source.check(number, |number| within("side_by_side", *number, 64))?,
            },
            window: match &file.fleet.window {
                None => None,
                Some(window) => Some(source.check(window, |text| {
                    Window::parse(text).ok_or_else(|| {
                        say!("fleet-window-is-not-one", text = format!("{text:?}")).to_string()
                    })
                })?),
            },
            pace: pace_of(&source, file.pace.as_ref())?,
            notify: match &file.notify {
                None => None,
                Some(notify) => Some(notify.check(&source)?),
            },
            environment,
            auth,
            common,
        })
    }

    /// The text of a firm's job: what all have in common, with what its row says. Keys are `table.key` or `key`.
    pub fn job_text(&self, said: &[(&str, toml::Value)]) -> String {
        let mut job = self.common.clone();
        for (key, value) in said {
            match key.split_once('.') {
                None => {
                    job.insert((*key).to_owned(), value.clone());
                }
                Some((table, key)) => {
                    let table = job.entry(table).or_insert_with(|| toml::Value::Table(toml::Table::new()));
                    if let toml::Value::Table(table) = table {
                        table.insert(key.to_owned(), value.clone());
                    }
                }
            }
        }
        written(&job)
    }
}

/// A job file with these keys: whatever is no table first, then a section for each table.
pub(super) fn written(job: &toml::Table) -> String {
    let (sections, keys): (Vec<_>, Vec<_>) = job.iter().partition(|(_, value)| value.is_table());
    let line = |(key, value): (&String, &toml::Value)| format!("{key} = {}", literal(value));
    let mut lines: Vec<String> = keys.into_iter().map(line).collect();
    for (name, section) in sections {
        lines.push(format!("\n[{name}]"));
        lines.extend(section.as_table().into_iter().flatten().map(line));
    }
    lines.join("\n") + "\n"
}

/// A value as TOML has it. Every key has been checked, so none needs quotes.
fn literal(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => quoted(text),
        toml::Value::Array(values) => {
            format!("[{}]", values.iter().map(literal).collect::<Vec<_>>().join(", "))
        }
        toml::Value::Table(table) => {
            let keys = table.iter().map(|(key, value)| format!("{key} = {}", literal(value)));
            format!("{{ {} }}", keys.collect::<Vec<_>>().join(", "))
        }
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => format!("{number:?}"),
        toml::Value::Boolean(yes) => yes.to_string(),
        toml::Value::Datetime(time) => time.to_string(),
    }
}

/// A text within quotes, whatever stands in it: as it is wherever that goes, because paths have backslashes.
fn quoted(text: &str) -> String {
    let is_plain = !text.chars().any(char::is_control);
    if is_plain && !text.contains('\'') {
        return format!("'{text}'");
    }
    if is_plain && !text.contains("'''") && !text.ends_with('\'') {
        return format!("'''{text}'''");
    }
    let mut quoted = String::from("\"");
    for one in text.chars() {
        match one {
            '"' | '\\' => quoted.extend(['\\', one]),
            one if one.is_control() => quoted.extend(format!("\\u{:04X}", u32::from(one)).chars()),
            one => quoted.push(one),
        }
    }
    quoted.push('"');
    quoted
}

/// A number to check a sign-in by that is each firm's own.
fn any_firm() -> OrganisationNumber {
    // The Norwegian Digitalisation Agency's: valid, and never sent.
    OrganisationNumber::parse("991825827").unwrap_or_else(|_| unreachable!("a valid number"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Job;

    const FLEET: &str = r#"
name = "nightly"
[altinn]
environment = "sandbox"
[pace]
rate = "50/s"
[guard]
removals = "10%"
[fleet]
list = "firms.csv"
side_by_side = 4
window = "23:00-05:00"
"#;

    #[test]
    fn a_row_of_a_fleet_makes_an_ordinary_job() {
        let fleet = Fleet::parse(FLEET).unwrap();
        assert_eq!((fleet.side_by_side, fleet.name.as_str()), (4, "nightly"));
        let text = |text: &str| toml::Value::String(text.to_owned());
        let job = Job::parse(&fleet.job_text(&[
            ("name", text("nightly-314250052")),
            ("kind", text("reconcile")),
            ("manifest", text("lists/a \"quoted\" one.csv")),
            ("altinn.facilitator", text("314250052")),
            ("altinn.agent", text("lonn")),
            ("guard.removals", text("5%")),
        ]));
        let job = job.unwrap();
        for path in [r"C:\lists\a.csv", r"\\server\Ola's\a.csv", "it's", "two\tcells"] {
            let parsed: toml::Table = toml::from_str(&format!("a = {}", quoted(path))).unwrap();
            assert_eq!(parsed["a"].as_str(), Some(path));
        }
        assert_eq!(job.pace.rate.to_string(), "50/s");
        assert_eq!(job.guard.removals, Some(super::super::Limit::Percent(5.0)));
        assert_eq!(job.manifest.unwrap().to_str(), Some("lists/a \"quoted\" one.csv"));
    }

    #[test]
    fn what_is_wrong_with_a_fleet_file_is_said_with_its_line() {
        for (from, to, line, says) in [
            ("side_by_side = 4", "side_by_side = 0", 11, "side_by_side"),
            ("\"23:00-05:00\"", "\"at night\"", 12, "01:00-05:00"),
            ("[guard]", "[gaurd]", 7, "gaurd"),
            ("\"sandbox\"", "\"prod\"", 4, "[auth]"),
            ("rate = ", "rat = ", 6, "rat"),
        ] {
            let error = Fleet::parse(&FLEET.replace(from, to)).unwrap_err();
            assert_eq!(error.line, line, "{error}");
            assert!(error.message.contains(says), "{error}");
        }
        let one_for_all =
            format!("{FLEET}[auth]\nmethod = \"maskinporten\"\nsystem_user_org = \"314250052\"\n");
        let error = Fleet::parse(&one_for_all).unwrap_err();
        assert!(error.line == 15 && error.message.contains("each firm's own"), "{error}");
    }
}
