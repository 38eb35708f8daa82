//! The job file: TOML in, a checked [`Job`] out, every complaint with its line.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::SignedDuration;
use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;

use super::{
    AgentId, ApiChoice, Auth, Environment, Guard, JobKind, Limit, Notify, NotifyOn, OrganisationNumber, Pace,
    PartyId, Rate,
    auth::AuthSection,
    characters::is_for_a_shell,
    guard::{manifest_age, manifest_rest},
    job_words,
};

use crate::words::{say, text};

/// What a job is to do, where, signed in how, and how fast. Nothing in it needs checking again.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// `a-z 0-9 -`.
    pub name: String,
    /// What is to be done for each client.
    pub kind: JobKind,
    /// As written: relative to the job file.
    pub manifest: Option<PathBuf>,
    /// The heading of the manifest's column of organisation numbers, where the program cannot tell.
    pub column: Option<String>,
    /// The sheet of the workbook that the manifest is.
    pub sheet: Option<String>,
    /// Which Altinn.
    pub environment: Environment,
    /// The firm whose clients these are.
    pub facilitator: OrganisationNumber,
    /// The system user that is given the clients; of a migration, the new one.
    pub agent: AgentRef,
    /// The system user that a migration takes the clients from.
    pub from_agent: Option<AgentRef>,
    /// Which of Altinn's APIs.
    pub api: ApiChoice,
    /// The firm's party UUID, which the second API asks for; looked up where it is left out.
    pub facilitator_id: Option<PartyId>,
    /// How to sign in; the sandbox needs none.
    pub auth: Option<Auth>,
    /// How fast.
    pub pace: Pace,
    /// What refuses a run.
    pub guard: Guard,
    /// The folder that copies of the reports go to; relative to the job file.
    pub report_folder: Option<PathBuf>,
    /// A program that is told how runs end.
    pub notify: Option<Notify>,
}

/// How a job names its agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentRef {
    /// By its UUID; or by a vendor's reference that happens to be one.
    Id(AgentId),
    /// By the vendor's reference, or by a title that no other has.
    Named(String),
    /// By the vendor's reference that it was made with.
    ExternalRef(String),
    /// By its system; it must be the only agent of that system.
    SystemId(String),
}

/// A system user that another row of a fleet's list names for the same firm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherRow {
    /// The line in the list of firms, from 1.
    pub line: u64,
    /// The system user, as that row names it.
    pub agent: AgentRef,
}

/// What is wrong with a job file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", say!("model-line-says", line = .line.to_string(), message = .message))]
pub struct JobError {
    /// The line in the job file, from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Spanned<String>,
    kind: Spanned<JobKind>,
    manifest: Option<PathBuf>,
    column: Option<String>,
    sheet: Option<String>,
    altinn: Spanned<AltinnSection>,
    auth: Option<Spanned<AuthSection>>,
    pace: Option<PaceSection>,
    guard: Option<GuardSection>,
    notify: Option<NotifySection>,
    report: Option<ReportSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AltinnSection {
    environment: Spanned<String>,
    facilitator: Spanned<String>,
    agent: Option<Spanned<AgentSection>>,
    from_agent: Option<Spanned<AgentSection>>,
    to_agent: Option<Spanned<AgentSection>>,
    #[serde(default)]
    api: ApiChoice,
    facilitator_id: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "an agent is a UUID, { external_ref = \"…\" } or { system_id = \"…\" }")]
enum AgentSection {
    Id(String),
    ExternalRef(ExternalRef),
    SystemId(SystemId),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExternalRef {
    external_ref: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SystemId {
    system_id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PaceSection {
    rate: Option<Spanned<String>>,
    in_flight: Option<Spanned<i64>>,
    attempts: Option<Spanned<i64>>,
    timeout: Option<Spanned<String>>,
    give_up_after: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GuardSection {
    removals: Option<Spanned<toml::Value>>,
    additions: Option<Spanned<toml::Value>>,
    manifest_age: Option<Spanned<String>>,
    manifest_rest: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReportSection {
    folder: Spanned<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NotifySection {
    command: Spanned<Vec<String>>,
    on: Option<Vec<NotifyOn>>,
}

impl NotifySection {
    pub(super) fn check(&self, source: &Source<'_>) -> Result<Notify, JobError> {
        Ok(Notify {
            command: source.check(&self.command, |command| notify_command(command))?,
            on: self.on.clone().unwrap_or_else(|| NotifyOn::DEFAULT.to_vec()),
        })
    }
}

/// The text of a job file, for turning places into lines.
pub(super) struct Source<'text>(pub(super) &'text str);

impl Source<'_> {
    pub(super) fn error(&self, at: usize, message: impl Into<String>) -> JobError {
        let line = 1 + self.0.bytes().take(at).filter(|byte| *byte == b'\n').count();
        JobError { line, message: super::auth::without_secrets(&message.into()) }
    }

    pub(super) fn check<T, U>(
        &self,
        value: &Spanned<T>,
        check: impl FnOnce(&T) -> Result<U, String>,
    ) -> Result<U, JobError> {
        check(value.get_ref()).map_err(|message| self.error(value.span().start, message))
    }
}

impl Job {
    /// Reads and checks the text of a job file.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its line: TOML that does not parse, an unknown or missing key, a
    /// value out of its range.
    pub fn parse(text: &str) -> Result<Self, JobError> {
        let source = Source(text);
        let file: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            source.error(at, job_words::explained(text, at, error.message()))
        })?;
        if let Some((at, message)) = job_words::spoiled_path(text) {
            return Err(source.error(at, message));
        }
        let altinn = file.altinn.get_ref();
        let kind = *file.kind.get_ref();
        let agents = agents_of(&source, kind, &file.altinn)?;
        let mut job = Self {
            name: source.check(&file.name, |name| job_name(name))?,
            kind,
            environment: source.check(&altinn.environment, |text| Environment::parse(text))?,
            facilitator: source.check(&altinn.facilitator, |text| {
                OrganisationNumber::parse(text).map_err(|error| format!("facilitator {text:?}: {error}"))
            })?,
            agent: agents.0,
            from_agent: agents.1,
            manifest: file.manifest,
            column: file.column,
            sheet: file.sheet,
            api: altinn.api,
            facilitator_id: match &altinn.facilitator_id {
                None => None,
                Some(id) => Some(source.check(id, |text| party_id(text))?),
            },
            auth: None,
            pace: pace_of(&source, file.pace.as_ref())?,
            guard: guard_of(&source, kind.row().removals, file.guard.as_ref())?,
            report_folder: match &file.report {
                None => None,
                Some(report) => Some(source.check(&report.folder, |folder| report_folder(folder))?),
            },
            notify: match &file.notify {
                None => None,
                Some(notify) => Some(notify.check(&source)?),
            },
        };
        if let Some(section) = &file.auth {
            let checked = section.get_ref().check(&job.environment, job.facilitator);
            job.auth = Some(checked.map_err(|(at, message)| source.error(at, message))?);
        }
        if job.manifest.is_none() && kind.needs_manifest() {
            return Err(source.error(
                file.kind.span().start,
                say!("model-a-job-needs-manifest-the-csv-file-that-names", kind = kind.as_str()).to_string(),
            ));
        }
        if job.auth.is_none() && job.environment != Environment::Sandbox {
            return Err(source.error(
                altinn.environment.span().start,
                say!(
                    "model-environment-needs-a-sign-in-add-auth-with",
                    environment = format!("{:?}", job.environment.name())
                )
                .to_string(),
            ));
        }
        Ok(job)
    }
}

pub(super) fn job_name(name: &str) -> Result<String, String> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !name.is_empty() && name.len() <= 64 && name.bytes().all(fits) {
        Ok(name.to_owned())
    } else {
        Err(say!("model-name-is-not-a-jobs-name-use-1-to-64-of-a-z-0", name = format!("{:?}", name))
            .to_string())
    }
}

/// The agent that is given the clients, and for a migration the one that they are taken from.
fn agents_of(
    source: &Source<'_>,
    kind: JobKind,
    section: &Spanned<AltinnSection>,
) -> Result<(AgentRef, Option<AgentRef>), JobError> {
    let altinn = section.get_ref();
    let missing = |message: &str| Err(source.error(section.span().start, message));
    if !kind.moves() {
        if let Some(stray) = altinn.from_agent.as_ref().or(altinn.to_agent.as_ref()) {
            let message = text!("model-from-agent-and-to-agent-are-for-kind-migrate");
            return Err(source.error(stray.span().start, message));
        }
        return match &altinn.agent {
            Some(agent) => Ok((source.check(agent, agent_ref)?, None)),
            None => missing(text!("model-altinn-has-no-agent-which-system-user-is-to")),
        };
    }
    if let Some(stray) = &altinn.agent {
        let message = text!("model-a-migrate-job-has-from-agent-and-to-agent-not");
        return Err(source.error(stray.span().start, message));
    }
    let (Some(from), Some(to)) = (&altinn.from_agent, &altinn.to_agent) else {
        return missing(text!("model-a-migrate-job-needs-from-agent-and-to-agent"));
    };
    let (from_agent, to_agent) = (source.check(from, agent_ref)?, source.check(to, agent_ref)?);
    if from_agent == to_agent {
        return Err(source.error(to.span().start, text!("model-from-agent-and-to-agent-are-the-same")));
    }
    Ok((to_agent, Some(from_agent)))
}

fn party_id(text: &str) -> Result<PartyId, String> {
    text.parse().map_err(|_| {
        say!("model-facilitator-id-is-not-a-uuid-it-is-the-firms", text = format!("{:?}", text)).to_string()
    })
}

fn agent_ref(agent: &AgentSection) -> Result<AgentRef, String> {
    match agent {
        AgentSection::Id(text) => match text.trim() {
            "" => Err(text!("model-agent-is-empty-fullmakt-agents-job-lists-the").to_owned()),
            text => match AgentRef::named(text) {
                AgentRef::Named(text) if is_almost_a_uuid(&text) => Err(say!(
                    "model-agent-is-no-whole-uuid-fullmakt-agents-job",
                    text = format!("{:?}", text)
                )
                .to_string()),
                agent => Ok(agent),
            },
        },
        AgentSection::ExternalRef(by) => Ok(AgentRef::ExternalRef(by.external_ref.clone())),
        AgentSection::SystemId(by) => Ok(AgentRef::SystemId(by.system_id.clone())),
    }
}

impl AgentRef {
    /// What a text means that may be a UUID, a reference or a title.
    pub fn named(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Named(text.to_owned()), Self::Id)
    }
}

/// Digits of a UUID, and not all of them.
fn is_almost_a_uuid(text: &str) -> bool {
    text.len() >= 20
        && text.contains('-')
        && text.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'-' | b'{' | b'}'))
}

pub(super) fn pace_of(source: &Source<'_>, section: Option<&PaceSection>) -> Result<Pace, JobError> {
    let mut pace = Pace::default();
    let Some(section) = section else { return Ok(pace) };
    if let Some(rate) = &section.rate {
        pace.rate = source.check(rate, |text| {
            Rate::parse(text).ok_or_else(|| {
                say!("model-rate-is-not-a-pace-such-as-5-s-120-min-or", text = format!("{:?}", text))
                    .to_string()
            })
        })?;
    }
    if let Some(in_flight) = &section.in_flight {
        pace.in_flight = source.check(in_flight, |number| within("in_flight", *number, 1024))?;
    }
    if let Some(attempts) = &section.attempts {
        pace.attempts = source.check(attempts, |number| within("attempts", *number, 100))?;
    }
    if let Some(timeout) = &section.timeout {
        pace.timeout = source.check(timeout, |text| duration("timeout", text))?;
    }
    if let Some(give_up_after) = &section.give_up_after {
        pace.give_up_after = source.check(give_up_after, |text| duration("give_up_after", text))?;
    }
    Ok(pace)
}

pub(super) fn within<T: TryFrom<i64>>(key: &str, number: i64, most: i64) -> Result<T, String> {
    let wrong = || {
        // As they are written in a job file.
        let (number, most) = (number.to_string(), most.to_string());
        say!("model-is-out-of-range-1-to", key = key, number = number, most = most).to_string()
    };
    if (1..=most).contains(&number) { T::try_from(number).map_err(|_| wrong()) } else { Err(wrong()) }
}

/// A duration such as `120s` or `15min`, up to a day; `key` is what it is for, in the error.
///
/// # Errors
///
/// What is wrong with it, in words.
pub fn duration(key: &str, text: &str) -> Result<Duration, String> {
    text.parse::<SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| (Duration::from_millis(1)..=Duration::from_hours(24)).contains(duration))
        .ok_or_else(|| {
            say!(
                "model-is-not-a-duration-such-as-120s-or-15min-up-to",
                key = key,
                text = format!("{:?}", text)
            )
            .to_string()
        })
}

/// A command of `[notify]` names a program.
pub(super) fn notify_command(command: &[String]) -> Result<Vec<String>, String> {
    match command.first() {
        Some(program) if !program.trim().is_empty() => Ok(command.to_vec()),
        _ => Err(text!("model-command-names-no-program-write-it-as-program").to_owned()),
    }
}

fn report_folder(folder: &Path) -> Result<PathBuf, String> {
    if folder.as_os_str().is_empty() {
        return Err(text!("model-folder-is-empty-name-the-folder-that-the").to_owned());
    }
    // It would be made under that name.
    if is_for_a_shell(folder) {
        return Err(text!("auth-hint-nothing-is-replaced").to_owned());
    }
    Ok(folder.to_owned())
}

pub(super) fn guard_of(
    source: &Source<'_>,
    removals: Option<Limit>,
    section: Option<&GuardSection>,
) -> Result<Guard, JobError> {
    let mut guard = Guard { removals, ..Guard::default() };
    let Some(section) = section else { return Ok(guard) };
    let limit = |key: &str, value: &Option<Spanned<toml::Value>>| {
        value.as_ref().map(|value| source.check(value, |value| Limit::parse(key, value))).transpose()
    };
    guard.removals = limit("removals", &section.removals)?.or(guard.removals);
    guard.additions = limit("additions", &section.additions)?;
    if let Some(age) = &section.manifest_age {
        guard.manifest_age = Some(source.check(age, |text| manifest_age(text))?);
    }
    if let Some(rest) = &section.manifest_rest {
        guard.manifest_rest = source.check(rest, |text| manifest_rest(text))?;
    }
    Ok(guard)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TokenFrom;

    const WHOLE: &str = r#"
name = "onboarding"
kind = "delegate"
manifest = "../fixtures/onboarding.csv"

[altinn]
environment = "tt02"
facilitator = "314250052"
agent = "1b6cea43-f499-4aae-a633-51cf542795af"

[auth]
method = "token"
token_env = "ALTINN_TOKEN"

[pace]
rate = "120/min"
in_flight = 8
attempts = 3
timeout = "30s"
give_up_after = "5min"

[guard]
removals = "2.5%"
"#;

    fn with(from: &str, to: &str) -> Result<Job, JobError> {
        assert!(WHOLE.contains(from), "{from}");
        Job::parse(&WHOLE.replace(from, to))
    }

    #[test]
    fn a_whole_job_file_is_read() {
        let job = Job::parse(WHOLE).unwrap();
        assert_eq!(job.name, "onboarding");
        assert_eq!(job.kind, JobKind::Delegate);
        assert_eq!(job.environment, Environment::Tt02);
        assert_eq!(job.facilitator.to_string(), "314250052");
        assert_eq!(job.auth, Some(Auth::Token(TokenFrom::Env("ALTINN_TOKEN".to_owned()))));
        assert_eq!(job.pace.rate.to_string(), "120/min");
        assert_eq!(job.pace.timeout, Duration::from_secs(30));
        assert_eq!(job.pace.give_up_after, Duration::from_mins(5));
        assert_eq!(job.guard.removals, Some(Limit::Percent(2.5)));
    }

    #[test]
    fn what_is_left_out_has_the_documented_default() {
        let job = with(&WHOLE[WHOLE.find("[pace]").unwrap()..], "").unwrap();
        assert_eq!(job.pace, Pace::default());
        assert_eq!(job.guard.removals, JobKind::Delegate.row().removals);
        let reconcile = WHOLE[..WHOLE.find("[pace]").unwrap()].replace("\"delegate\"", "\"reconcile\"");
        assert_eq!(Job::parse(&reconcile).unwrap().guard.removals, Some(Limit::Percent(10.0)));
    }

    #[test]
    fn a_folder_for_copies_of_the_reports_has_a_name() {
        let with_report = |section: &str| Job::parse(&format!("{WHOLE}[report]\n{section}"));
        let job = with_report("folder = \"../reports\"").unwrap();
        assert_eq!(job.report_folder.as_deref(), Some(Path::new("../reports")));
        assert_eq!(Job::parse(WHOLE).unwrap().report_folder, None);
        for (section, says) in [
            ("folder = \"\"", "folder is empty"),
            ("folder = 3", "string"),
            ("", "folder"),
            ("folder = \"~/rapporter\"", "write it out"),
        ] {
            let error = with_report(section).unwrap_err();
            assert!(error.message.contains(says), "{section}: {error}");
        }
    }

    #[test]
    fn a_command_to_notify_with_is_a_program_and_its_arguments() {
        let with_notify = |section: &str| Job::parse(&format!("{WHOLE}[notify]\n{section}"));
        let job = with_notify("command = [\"mail\", \"-s\", \"fullmakt\"]").unwrap();
        let notify = job.notify.unwrap();
        assert_eq!(
            (notify.command.join(" ").as_str(), notify.on),
            ("mail -s fullmakt", NotifyOn::DEFAULT.to_vec())
        );
        let job = with_notify("command = [\"mail\"]\non = [\"completed\", \"new-failures\"]").unwrap();
        assert_eq!(job.notify.unwrap().on, [NotifyOn::Completed, NotifyOn::NewFailures]);
        assert_eq!(Job::parse(WHOLE).unwrap().notify, None);
        for (wrong, says) in [
            ("command = []", "names no program"),
            ("command = [\"\"]", "names no program"),
            ("commands = [\"mail\"]", "`commands`"),
            ("command = [\"mail\"]\non = [\"sometimes\"]", "`new-failures`"),
        ] {
            let error = with_notify(wrong).unwrap_err();
            assert!((25..=26).contains(&error.line) && error.message.contains(says), "{error}");
        }
    }

    #[test]
    fn a_guard_limits_additions_and_the_lists_age_and_keeps_the_kinds_limit_for_removals() {
        let section = "[guard]\nremovals = \"2.5%\"\n";
        let guard = |lines: &str| {
            let text = WHOLE.replace("\"delegate\"", "\"reconcile\"");
            Job::parse(&text.replace(section, &format!("[guard]\n{lines}\n"))).map(|job| job.guard)
        };
        let removals = JobKind::Reconcile.row().removals;
        let all = guard("additions = \"500\"\nmanifest_age = \"36h\"").unwrap();
        assert_eq!((all.removals, all.additions), (removals, Some(Limit::Count(500))));
        assert_eq!(all.manifest_age, Some(Duration::from_hours(36)));
        assert_eq!(guard("").unwrap(), Guard { removals, ..Guard::default() });
        for (lines, says) in
            [("manifest_age = \"old\"", "\"36h\""), ("additions = \"x\"", "additions is a share")]
        {
            let error = guard(lines).unwrap_err();
            assert!(error.line == 23 && error.message.contains(says), "{error}");
        }
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_it_and_its_line() {
        let error = with("in_flight = 8", "inflight = 8").unwrap_err();
        assert_eq!(error.line, 17);
        assert!(error.message.contains("`inflight`"), "{error}");
    }

    #[test]
    fn every_wrong_value_is_named_with_its_line() {
        for (from, to, line, part) in [
            ("\"onboarding\"", "\"On Boarding\"", 2, "On Boarding"),
            ("\"delegate\"", "\"delegat\"", 3, "delegat"),
            ("\"tt02\"", "\"test\"", 7, "sandbox, tt02, prod"),
            ("\"tt02\"", "\"http://altinn.no\"", 7, "https"),
            ("\"tt02\"", "\"https://altinn.no/path\"", 7, "origin"),
            ("\"314250052\"", "\"314250053\"", 8, "check digit"),
            (
                "\"1b6cea43-f499-4aae-a633-51cf542795af\"",
                "\"1b6cea43-f499-4aae-a633-51cf542795a\"",
                9,
                "fullmakt agents JOB",
            ),
            ("\"1b6cea43-f499-4aae-a633-51cf542795af\"", "\" \"", 9, "agent is empty"),
            ("\"1b6cea43-f499-4aae-a633-51cf542795af\"", "{ name = \"x\" }", 9, "external_ref"),
            ("\"314250052\"", "\"314250052\"\nfacilitator_id = \"314250052\"", 9, "party UUID"),
            ("\"314250052\"", "\"314250052\"\napi = \"both\"", 9, "administration"),
            ("method = \"token\"", "method = \"password\"", 12, "password"),
            ("token_env = \"ALTINN_TOKEN\"", "", 12, "token_env"),
            ("\"120/min\"", "\"fast\"", 16, "fast"),
            ("in_flight = 8", "in_flight = 0", 17, "1 to 1024"),
            ("attempts = 3", "attempts = -1", 18, "1 to 100"),
            ("\"30s\"", "\"soon\"", 19, "soon"),
            ("\"5min\"", "\"-5min\"", 20, "-5min"),
            ("\"2.5%\"", "\"all\"", 23, "10%"),
            ("\"2.5%\"", "\"1e2%\"", 23, "10%"),
            ("\"2.5%\"", "\"+5%\"", 23, "10%"),
            ("\"2.5%\"", "\"+5\"", 23, "10%"),
        ] {
            let error = with(from, to).unwrap_err();
            assert_eq!(error.line, line, "{to}: {error}");
            assert!(error.message.contains(part), "{to}: {error}");
        }
    }

    #[test]
    fn a_migration_names_the_agent_that_it_takes_from_and_the_one_that_it_gives_to() {
        let agent = "agent = \"1b6cea43-f499-4aae-a633-51cf542795af\"";
        let migrate =
            |agents: &str| Job::parse(&WHOLE.replace("\"delegate\"", "\"migrate\"").replace(agent, agents));
        let both = "from_agent = { external_ref = \"old\" }\nto_agent = { external_ref = \"new\" }";
        let job = migrate(both).unwrap();
        assert_eq!(job.agent, AgentRef::ExternalRef("new".to_owned()));
        assert_eq!(job.from_agent, Some(AgentRef::ExternalRef("old".to_owned())));
        for (agents, problem) in [
            (agent, "from_agent and to_agent, not agent"),
            ("to_agent = { external_ref = \"new\" }", "needs from_agent and to_agent"),
            (&both.replace("old", "new"), "are the same"),
        ] {
            let error = migrate(agents).unwrap_err();
            assert!(error.message.contains(problem), "{error}");
        }
        assert!(with(agent, both).unwrap_err().message.contains("for kind = \"migrate\" only"));
    }

    #[test]
    fn only_a_refresh_and_a_migration_do_without_a_manifest() {
        for kind in ["delegate", "remove", "manifest", "reconcile", "refresh"] {
            let text = WHOLE
                .replace("\"delegate\"", &format!("{kind:?}"))
                .replace("manifest = \"../fixtures/onboarding.csv\"\n", "");
            assert_eq!(Job::parse(&text).is_ok(), kind == "refresh", "{kind}");
        }
    }

    #[test]
    fn only_the_sandbox_does_without_a_sign_in() {
        let no_auth = WHOLE.replace("[auth]\nmethod = \"token\"\ntoken_env = \"ALTINN_TOKEN\"\n", "");
        assert!(Job::parse(&no_auth).unwrap_err().message.contains("sign-in"));
        assert!(Job::parse(&no_auth.replace("tt02", "sandbox")).is_ok());
    }
}
