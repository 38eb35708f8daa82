//! The vendor file: what a vendor asks firms for, which client of Maskinporten asks, and what is written for the firms that
//! have answered.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use strum::VariantArray as _;
use toml::Spanned;
use url::Url;

use super::{
    AgentId, Auth, CREDENTIALS, Environment, JobError, JobKind, OrganisationNumber, Pace, TokenFrom,
    auth::AuthSection,
    fleet::written,
    job::{PaceSection, Source, job_name, notify_command, pace_of},
    job_words,
};
use crate::words::{say, text};

/// The beginning of every access package's URN; in the file it may be left out.
const PACKAGE_URN: &str = "urn:altinn:accesspackage:";

/// What stands for the firm's number in `[ready] manifest`.
const FIRM: &str = "{firm}";

/// The keys of `[vendor]` that no job file has.
const OWN_KEYS: [&str; 3] = ["organisation", "system_id", "packages"];

/// What a vendor asks firms for, and how. Nothing in it needs checking again.
#[derive(Debug, Clone, PartialEq)]
pub struct Vendor {
    /// `a-z 0-9 -`: the folder of what is written, and the beginning of jobs' names.
    pub name: String,
    /// What the firms know the vendor as.
    pub vendor_name: String,
    /// The vendor's organisation number, which Altinn shows to the firm beside its name.
    pub organisation: OrganisationNumber,
    /// The system in Altinn's register that the system users are to be of.
    pub system_id: String,
    /// The packages, by URN.
    pub packages: Vec<String>,
    /// What the system users are to be called; Altinn takes the system's name where there is none.
    pub title: Option<String>,
    /// Where whoever approves is sent afterwards.
    pub redirect: Option<String>,
    /// The reference of every request; Altinn takes the firm's number where there is none.
    pub external_ref: Option<String>,
    /// Which Altinn.
    pub environment: Environment,
    /// How the vendor signs in; the sandbox needs none.
    pub auth: Option<Auth>,
    /// How fast.
    pub pace: Pace,
    /// What is written for firms whose system user is there.
    pub ready: Ready,
    /// The program that is told which firms have answered, and its arguments; no shell is involved.
    pub notify: Option<Vec<String>>,
    /// The table `[auth]` as it was written, for jobs of the same client.
    pub auth_table: Option<toml::Table>,
}

/// What is written for a firm whose system user is there, so that nobody types its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// Where to.
    pub goes_to: ReadyGoesTo,
    /// The kind of job.
    pub kind: JobKind,
    /// The firm's list of clients; `{firm}` is its number.
    pub manifest: String,
}

/// Where the jobs of firms that are ready go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadyGoesTo {
    /// A job file for each firm, in this folder.
    Jobs(PathBuf),
    /// A row for each firm, in the list of firms of this fleet file.
    Fleet(PathBuf),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Spanned<String>,
    vendor: VendorSection,
    altinn: AltinnSection,
    auth: Option<Spanned<AuthSection>>,
    pace: Option<PaceSection>,
    ready: Option<ReadySection>,
    notify: Option<NotifySection>,
}

/// What it is told of is always the same, so there is no `on`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NotifySection {
    command: Spanned<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VendorSection {
    name: Spanned<String>,
    organisation: Spanned<String>,
    system_id: Spanned<String>,
    packages: Spanned<Vec<String>>,
    title: Option<Spanned<String>>,
    redirect: Option<Spanned<String>>,
    external_ref: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AltinnSection {
    environment: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadySection {
    jobs: Option<Spanned<PathBuf>>,
    fleet: Option<Spanned<PathBuf>>,
    kind: Option<Spanned<String>>,
    manifest: Option<Spanned<String>>,
}

impl Vendor {
    /// Reads and checks the text of a vendor file.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its line.
    pub fn parse(text: &str) -> Result<Self, JobError> {
        let source = Source(text);
        let read_wrong = |error: toml::de::Error| {
            let at = error.span().map_or(0, |span| span.start);
            match OWN_KEYS.iter().find(|key| error.message().contains(&format!("missing field `{key}`"))) {
                Some(key) => source.error(at, say!("request-vendor-lacks-a-key", key = key).to_string()),
                None => source.error(at, job_words::explained(text, at, error.message())),
            }
        };
        let file: File = toml::from_str(text).map_err(read_wrong)?;
        if let Some((at, message)) = job_words::spoiled_path(text) {
            return Err(source.error(at, message));
        }
        let whole: toml::Table = toml::from_str(text).map_err(read_wrong)?;
        let environment = source.check(&file.altinn.environment, |text| Environment::parse(text))?;
        let organisation = source.check(&file.vendor.organisation, |text| {
            OrganisationNumber::parse(text).map_err(|error| format!("{text:?}: {error}"))
        })?;
        let auth = auth_of(&source, &file, &environment, organisation)?;
        let vendor = &file.vendor;
        let optional = |value: &Option<Spanned<String>>, key: &str| -> Result<Option<String>, JobError> {
            value.as_ref().map(|value| source.check(value, |text| filled(key, text))).transpose()
        };
        Ok(Self {
            name: source.check(&file.name, |name| job_name(name))?,
            vendor_name: source.check(&vendor.name, |text| filled("name", text))?,
            organisation,
            system_id: source.check(&vendor.system_id, |text| filled("system_id", text))?,
            packages: source.check(&vendor.packages, |packages| packages_of(packages))?,
            title: optional(&vendor.title, "title")?,
            redirect: match &vendor.redirect {
                None => None,
                Some(redirect) => Some(source.check(redirect, |text| address(text))?),
            },
            external_ref: optional(&vendor.external_ref, "external_ref")?,
            environment,
            auth,
            pace: pace_of(&source, file.pace.as_ref())?,
            ready: ready_of(&source, file.ready.as_ref())?,
            notify: match &file.notify {
                None => None,
                Some(notify) => Some(source.check(&notify.command, |command| notify_command(command))?),
            },
            auth_table: whole.get("auth").and_then(|auth| auth.as_table()).cloned(),
        })
    }
}

/// A vendor signs in with Maskinporten, or is given a token of Maskinporten's by another program.
fn auth_of(
    source: &Source<'_>,
    file: &File,
    environment: &Environment,
    organisation: OrganisationNumber,
) -> Result<Option<Auth>, JobError> {
    let Some(section) = &file.auth else {
        if *environment == Environment::Sandbox {
            return Ok(None);
        }
        let message =
            say!("request-vendor-needs-a-sign-in", environment = format!("{:?}", environment.name()))
                .to_string();
        return Err(source.error(file.altinn.environment.span().start, message));
    };
    let auth = section.get_ref().check(environment, organisation);
    match auth.map_err(|(at, message)| source.error(at, message))? {
        auth @ (Auth::Maskinporten(_) | Auth::Token(TokenFrom::Env(_) | TokenFrom::File(_))) => {
            Ok(Some(auth))
        }
        Auth::IdPorten(_) => {
            Err(source.error(section.span().start, text!("request-vendor-signs-in-with-maskinporten")))
        }
    }
}

fn ready_of(source: &Source<'_>, section: Option<&ReadySection>) -> Result<Ready, JobError> {
    let default = Ready {
        goes_to: ReadyGoesTo::Jobs(PathBuf::from("jobs")),
        kind: JobKind::ONBOARDS,
        manifest: format!("lists/{FIRM}.csv"),
    };
    let Some(section) = section else { return Ok(default) };
    let goes_to = match (&section.jobs, &section.fleet) {
        (Some(_), Some(fleet)) => {
            return Err(source.error(fleet.span().start, text!("request-ready-goes-to-one-place")));
        }
        (Some(jobs), None) => ReadyGoesTo::Jobs(jobs.get_ref().clone()),
        (None, Some(fleet)) => ReadyGoesTo::Fleet(fleet.get_ref().clone()),
        (None, None) => default.goes_to,
    };
    Ok(Ready {
        goes_to,
        kind: match &section.kind {
            None => default.kind,
            Some(kind) => source.check(kind, |word| ready_kind(word))?,
        },
        manifest: match &section.manifest {
            None => default.manifest,
            Some(manifest) => source.check(manifest, |text| {
                if text.contains(FIRM) {
                    Ok(text.clone())
                } else {
                    Err(say!("request-manifest-names-no-firm", text = format!("{text:?}")).to_string())
                }
            })?,
        },
    })
}

/// A kind that gives a firm's clients to a system user that has none yet.
fn ready_kind(word: &str) -> Result<JobKind, String> {
    let fits = |kind: &JobKind| kind.gives_to_a_new_one();
    word.parse::<JobKind>().ok().filter(fits).ok_or_else(|| {
        let kinds: Vec<&str> =
            JobKind::VARIANTS.iter().filter(|kind| fits(kind)).map(|kind| kind.as_str()).collect();
        say!("request-ready-kind-is-none", kind = format!("{word:?}"), kinds = kinds.join(", ")).to_string()
    })
}

impl Vendor {
    /// The name of the job of a firm: with the reference, where the system user has one of its own.
    pub fn job_name_of(&self, firm: OrganisationNumber, external_ref: &str, moves: bool) -> String {
        const MOST: usize = 64;
        let kind = if moves { JobKind::MOVES } else { self.ready.kind };
        let own = if external_ref == firm.to_string() { "" } else { external_ref };
        let plain =
            |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
        let own: String = own.chars().map(plain).collect();
        let (begin, end) = (format!("{}-{firm}", self.name), kind.as_str());
        // The vendor's name is 64 characters at the most: what does not fit is cut in the middle.
        let room = MOST.saturating_sub(begin.len() + end.len() + 2);
        let own = own.trim_matches('-').get(..room.min(own.trim_matches('-').len())).unwrap_or_default();
        let name = if own.is_empty() { format!("{begin}-{end}") } else { format!("{begin}-{own}-{end}") };
        let cut = name.len().saturating_sub(MOST);
        name.get(cut..).unwrap_or(&name).trim_matches('-').to_owned()
    }

    /// The text of the job of a firm whose system user is there, and its name. With `from_agent` its clients are moved from that
    /// one, which needs no list. With `own_name` the name holds the beginning of the system user's id. `resolved` makes a path
    /// of the vendor file whole.
    pub fn job_of(
        &self,
        (firm, external_ref): (OrganisationNumber, &str),
        agent: AgentId,
        from_agent: Option<AgentId>,
        own_name: bool,
        resolved: &dyn Fn(&str) -> String,
    ) -> (String, String) {
        let text = |value: String| toml::Value::String(value);
        let kind = if from_agent.is_some() { JobKind::MOVES } else { self.ready.kind };
        let name = self.job_name_of(firm, external_ref, from_agent.is_some());
        let name = if own_name { with_own_name(&name, agent) } else { name };
        let mut altinn = toml::Table::new();
        altinn.insert("environment".into(), text(self.environment.name()));
        altinn.insert("facilitator".into(), text(firm.to_string()));
        let mut job = toml::Table::new();
        job.insert("name".into(), text(name.clone()));
        job.insert("kind".into(), text(kind.as_str().to_owned()));
        if let Some(from) = from_agent {
            altinn.insert("from_agent".into(), text(from.to_string()));
            altinn.insert("to_agent".into(), text(agent.to_string()));
        } else {
            altinn.insert("agent".into(), text(agent.to_string()));
            job.insert("manifest".into(), text(resolved(&self.ready.manifest_of(firm))));
        }
        job.insert("altinn".into(), toml::Value::Table(altinn));
        if let (Some(Auth::Maskinporten(_)), Some(auth)) = (&self.auth, &self.auth_table) {
            let mut auth = auth.clone();
            let key = auth.get("key_file").and_then(toml::Value::as_str);
            if let Some(key) = key.filter(|key| !Path::new(key).starts_with(CREDENTIALS)).map(resolved) {
                auth.insert("key_file".into(), text(key));
            }
            // Each firm's system user that administers its clients, unless somebody says otherwise.
            auth.remove("system_user_org");
            job.insert("auth".into(), toml::Value::Table(auth));
        }
        (name, written(&job))
    }
}

/// The name with the beginning of the system user's id behind it.
fn with_own_name(name: &str, agent: AgentId) -> String {
    const MOST: usize = 64;
    let name = format!("{name}-{:.8}", agent.to_string());
    let cut = name.len().saturating_sub(MOST);
    name.get(cut..).unwrap_or(&name).trim_matches('-').to_owned()
}

impl Ready {
    /// The firm's list of clients.
    pub fn manifest_of(&self, firm: OrganisationNumber) -> String {
        self.manifest.replace(FIRM, &firm.to_string())
    }
}

/// The package of the system user that administers a firm's clients, which has none itself.
const NOT_FOR_CLIENTS: &str = "klientadministrator";

fn filled(key: &str, text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err(say!("request-key-is-empty", key = key).to_string()),
        text => Ok(text.to_owned()),
    }
}

/// An address that is none would be answered 500 by Altinn, again and again.
fn address(text: &str) -> Result<String, String> {
    let wrong = || say!("request-redirect-is-no-address", text = format!("{text:?}")).to_string();
    let url = Url::parse(text.trim()).map_err(|_| wrong())?;
    if matches!(url.scheme(), "https" | "http") && url.has_host() {
        Ok(text.trim().to_owned())
    } else {
        Err(wrong())
    }
}

/// URNs, or what follows their last colon; each once.
fn packages_of(packages: &[String]) -> Result<Vec<String>, String> {
    let mut urns: Vec<String> = Vec::new();
    for package in packages {
        let short = package.trim().strip_prefix(PACKAGE_URN).unwrap_or(package.trim());
        let is_one = !short.is_empty()
            && short.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !is_one {
            return Err(say!("request-package-is-none", package = format!("{package:?}")).to_string());
        }
        if short == NOT_FOR_CLIENTS {
            return Err(say!("request-package-is-not-for-clients", package = short).to_string());
        }
        let urn = format!("{PACKAGE_URN}{short}");
        if !urns.contains(&urn) {
            urns.push(urn);
        }
    }
    if urns.is_empty() { Err(text!("request-no-packages").to_owned()) } else { Ok(urns) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"
name = "lonn"
[vendor]
name = "Lønnsystemet AS"
organisation = "314250052"
system_id = "314250052_lonn"
packages = ["regnskapsforer-lonn", "urn:altinn:accesspackage:regnskapsforer-lonn"]
redirect = "https://vendor.example/approved"
[altinn]
environment = "tt02"
[auth]
method = "maskinporten"
client_id = "c"
key_file = "key.jwk"
[ready]
fleet = "fleet.toml"
kind = "reconcile"
manifest = "lists/{firm}.xlsx"
"#;

    #[test]
    fn a_vendor_file_says_what_is_asked_for_and_where_firms_that_are_ready_go() {
        let vendor = Vendor::parse(WHOLE).unwrap();
        assert_eq!(vendor.packages, ["urn:altinn:accesspackage:regnskapsforer-lonn"]);
        assert_eq!(vendor.ready.goes_to, ReadyGoesTo::Fleet(PathBuf::from("fleet.toml")));
        assert_eq!(vendor.ready.manifest_of(vendor.organisation), "lists/314250052.xlsx");
        let without = WHOLE.split("[ready]").next().unwrap();
        let ready = Vendor::parse(without).unwrap().ready;
        assert_eq!(ready.goes_to, ReadyGoesTo::Jobs(PathBuf::from("jobs")));
        assert_eq!(ready.manifest_of(vendor.organisation), "lists/314250052.csv");
    }

    #[test]
    fn the_job_of_a_firm_that_is_ready_is_a_job_file() {
        let vendor = Vendor::parse(WHOLE).unwrap();
        let [new, old] = [8, 9].map(|id| AgentId(uuid::Uuid::from_u128(id)));
        let whole = |path: &str| format!("/vendor/{path}");
        let (name, text) = vendor.job_of((vendor.organisation, "314250052"), new, None, false, &whole);
        let job = crate::model::Job::parse(&text).unwrap();
        assert_eq!((job.name.as_str(), job.kind.as_str()), ("lonn-314250052-reconcile", "reconcile"));
        assert_eq!((name, job.agent), (job.name.clone(), crate::model::AgentRef::Id(new)));
        assert_eq!(job.manifest.unwrap().to_str(), Some("/vendor/lists/314250052.xlsx"));
        assert!(text.contains("/vendor/key.jwk"), "{text}");
        let (_, text) = vendor.job_of((vendor.organisation, "lonn/2027 "), new, Some(old), false, &whole);
        let job = crate::model::Job::parse(&text).unwrap();
        assert_eq!(job.name, "lonn-314250052-lonn-2027-migrate");
        assert_eq!((job.kind, job.from_agent), (JobKind::MOVES, Some(crate::model::AgentRef::Id(old))));
    }

    #[test]
    fn a_jobs_name_is_one_however_long_the_vendors_and_the_reference_are() {
        let long = WHOLE.replace("name = \"lonn\"", &format!("name = {:?}", "l".repeat(64)));
        for (file, reference) in
            [(WHOLE, "r".repeat(300)), (long.as_str(), "ø/Å".repeat(9)), (WHOLE, "--".to_owned())]
        {
            let vendor = Vendor::parse(file).unwrap();
            for moves in [false, true] {
                let name = vendor.job_name_of(vendor.organisation, &reference, moves);
                assert!(job_name(&name).is_ok() && name.contains("314250052"), "{name}");
            }
        }
    }

    #[test]
    fn what_is_wrong_with_a_vendor_file_is_said_with_its_line() {
        for (from, to, line, says) in [
            ("[vendor]", "[vender]", 3, "vender"),
            ("organisation = \"314250052\"", "organisation = \"314250053\"", 5, "check digit"),
            ("system_id = \"314250052_lonn\"", "system_id = \" \"", 6, "system_id"),
            ("[\"regnskapsforer-lonn\", ", "[\"Regnskapsfører lønn\", ", 7, "access package"),
            ("[\"regnskapsforer-lonn\", ", "[\"klientadministrator\", ", 7, "standard system user"),
            ("\"https://vendor.example/approved\"", "\"vendor.example\"", 8, "https://"),
            (
                "[auth]\nmethod = \"maskinporten\"\nclient_id = \"c\"\nkey_file = \"key.jwk\"\n",
                "",
                10,
                "maskinporten",
            ),
            ("\"tt02\"", "\"test\"", 10, "sandbox, tt02, prod"),
            ("fleet = \"fleet.toml\"", "fleet = \"fleet.toml\"\njobs = \"jobs\"", 16, "one"),
            ("\"reconcile\"", "\"migrate\"", 17, "migrate"),
            ("\"reconcile\"", "\"remove\"", 17, "delegate, manifest, reconcile"),
            ("\"reconcile\"", "\"tull\"", 17, "delegate, manifest, reconcile"),
            ("lists/{firm}.xlsx", "lists/all.xlsx", 18, "{firm}"),
        ] {
            assert!(WHOLE.contains(from), "{from}");
            let error = Vendor::parse(&WHOLE.replace(from, to)).unwrap_err();
            assert_eq!(error.line, line, "{to}: {error}");
            assert!(error.message.contains(says), "{to}: {error}");
        }
    }
}
