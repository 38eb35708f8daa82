//! How a job signs in: the `[auth]` section, checked.

use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;
use url::Url;

use super::{Environment, OrganisationNumber};

use crate::words::{say, text};

/// How the path of a file begins that systemd hands to a unit: `$CREDENTIALS_DIRECTORY/key.jwk`. The folder has another name for
/// each unit, so a whole path would be right in one of them only.
pub const CREDENTIALS: &str = "$CREDENTIALS_DIRECTORY";

/// How a job signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth {
    /// With an Altinn token, as it is.
    Token(TokenFrom),
    /// As a person, the client administrator, with ID-porten.
    IdPorten(IdPorten),
    /// Unattended, with Maskinporten, as a system user that is client administrator.
    Maskinporten(Maskinporten),
}

impl Auth {
    /// The word in the job file.
    pub fn method(&self) -> &'static str {
        match self {
            Self::Token(_) => "token",
            Self::IdPorten(_) => "id-porten",
            Self::Maskinporten(_) => "maskinporten",
        }
    }

    /// The client that Altinn counts the requests of; empty where a token is given, which does not say.
    pub fn client(&self) -> &str {
        match self {
            Self::Token(_) => "",
            Self::IdPorten(auth) => &auth.client_id,
            Self::Maskinporten(auth) => &auth.client_id,
        }
    }

    /// The environment variables that hold secrets; no other program is to have them.
    pub fn variables(&self) -> Vec<&str> {
        let key = match self {
            Self::Token(TokenFrom::Env(name)) => return vec![name],
            Self::Token(TokenFrom::File(_)) => None,
            Self::IdPorten(auth) => auth.key.as_ref(),
            Self::Maskinporten(auth) => Some(&auth.key),
        };
        let Some(key) = key else { return Vec::new() };
        let own = match &key.from {
            KeyFrom::Env(name) => Some(name.as_str()),
            KeyFrom::File(_) => None,
        };
        own.into_iter().chain(key.password_env.as_deref()).collect()
    }
}

/// Where an Altinn token is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenFrom {
    /// In this environment variable.
    Env(String),
    /// In this file, relative to the job file; read again when the token runs out.
    File(PathBuf),
}

/// A client of ID-porten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdPorten {
    /// The client id from Samarbeidsportalen.
    pub client_id: String,
    /// Where the browser is sent after the sign-in: a loopback address that is listened on, or a registered
    /// https address whose final form the user pastes.
    pub redirect_uri: Url,
    /// The key of a confidential client; a public one has none.
    pub key: Option<Key>,
    /// Whose sign-in it is; `None` for the sandbox's own.
    pub issuer: Option<String>,
}

/// A client of Maskinporten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maskinporten {
    /// The client id from Samarbeidsportalen.
    pub client_id: String,
    /// The client's key.
    pub key: Key,
    /// Whose system user it is.
    pub system_user_org: OrganisationNumber,
    /// The reference that the system user was made with, if it was.
    pub external_ref: Option<String>,
    /// Where the grant is sent, and whom it is meant for; `None` for the sandbox's own.
    pub endpoint: Option<TokenEndpoint>,
}

/// Where Maskinporten takes grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenEndpoint {
    /// The address.
    pub url: Url,
    /// The `aud` of a grant.
    pub audience: String,
}

/// A client's private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Where it is.
    pub from: KeyFrom,
    /// Its id. A JWK has its own; a key with its enterprise certificate needs none.
    pub kid: Option<String>,
    /// The environment variable that holds its password.
    pub password_env: Option<String>,
}

/// Where a private key is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFrom {
    /// In this file, relative to the job file.
    File(PathBuf),
    /// In this environment variable.
    Env(String),
}

/// Where the browser is sent when the job file does not say.
const LOOPBACK_REDIRECT: &str = "http://localhost:5151/callback";

/// Every key of the three methods, so that a misspelt one is an error whatever the method.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AuthSection {
    method: Spanned<String>,
    token_env: Option<Spanned<String>>,
    token_file: Option<Spanned<PathBuf>>,
    client_id: Option<Spanned<String>>,
    redirect_uri: Option<Spanned<String>>,
    key_file: Option<Spanned<PathBuf>>,
    key_env: Option<Spanned<String>>,
    key_password_env: Option<Spanned<String>>,
    kid: Option<Spanned<String>>,
    issuer: Option<Spanned<String>>,
    system_user_org: Option<Spanned<String>>,
    external_ref: Option<Spanned<String>>,
    token_endpoint: Option<Spanned<String>>,
    audience: Option<Spanned<String>>,
}

/// What is wrong, and where: an offset into the job file's text.
type Wrong = (usize, String);

impl AuthSection {
    /// Where it says whose system user signs in, an offset into the text.
    pub(super) fn says_whose_system_user(&self) -> Option<usize> {
        self.system_user_org.as_ref().map(|written| written.span().start)
    }

    /// Checks the section.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its place.
    pub(super) fn check(
        &self,
        environment: &Environment,
        facilitator: OrganisationNumber,
    ) -> Result<Auth, Wrong> {
        self.refuse_secrets()?;
        match self.method.get_ref().as_str() {
            "token" => {
                self.only(&["token_env", "token_file"])?;
                self.token().map(Auth::Token)
            }
            "id-porten" => {
                self.only(&[
                    "client_id",
                    "redirect_uri",
                    "key_file",
                    "key_env",
                    "key_password_env",
                    "kid",
                    "issuer",
                ])?;
                self.id_porten(environment).map(Auth::IdPorten)
            }
            "maskinporten" => {
                self.only(&[
                    "client_id",
                    "key_file",
                    "key_env",
                    "key_password_env",
                    "kid",
                    "system_user_org",
                    "external_ref",
                    "token_endpoint",
                    "audience",
                ])?;
                self.maskinporten(environment, facilitator).map(Auth::Maskinporten)
            }
            other => Err(self.at_method(
                say!("model-method-is-not-one-of-token-id-porten-and", other = format!("{:?}", other))
                    .to_string(),
            )),
        }
    }

    /// The keys that are there, with their places.
    fn given(&self) -> impl Iterator<Item = (&'static str, usize)> {
        fn at<T>(key: &'static str, value: Option<&Spanned<T>>) -> Option<(&'static str, usize)> {
            value.map(|value| (key, value.span().start))
        }
        [
            at("token_env", self.token_env.as_ref()),
            at("token_file", self.token_file.as_ref()),
            at("client_id", self.client_id.as_ref()),
            at("redirect_uri", self.redirect_uri.as_ref()),
            at("key_file", self.key_file.as_ref()),
            at("key_env", self.key_env.as_ref()),
            at("key_password_env", self.key_password_env.as_ref()),
            at("kid", self.kid.as_ref()),
            at("issuer", self.issuer.as_ref()),
            at("system_user_org", self.system_user_org.as_ref()),
            at("external_ref", self.external_ref.as_ref()),
            at("token_endpoint", self.token_endpoint.as_ref()),
            at("audience", self.audience.as_ref()),
        ]
        .into_iter()
        .flatten()
    }

    /// A key of another method is a misunderstanding that is better cleared up.
    fn only(&self, allowed: &[&str]) -> Result<(), Wrong> {
        match self.given().find(|(key, _)| !allowed.contains(key)) {
            Some((key, at)) => {
                let method = self.method.get_ref();
                let allowed = allowed.join(", ");
                Err((
                    at,
                    say!(
                        "model-is-not-for-method-which-takes",
                        key = key,
                        method = format!("{:?}", method),
                        allowed = allowed
                    )
                    .to_string(),
                ))
            }
            None => Ok(()),
        }
    }

    /// The section names files and variables. One that holds the secret itself would be kept with the run, and shown.
    fn refuse_secrets(&self) -> Result<(), Wrong> {
        let path = |path: &Spanned<PathBuf>| path.get_ref().to_string_lossy().into_owned();
        let names = [
            ("token_env", self.token_env.as_ref().map(|name| (name.get_ref().clone(), name.span().start))),
            ("token_file", self.token_file.as_ref().map(|file| (path(file), file.span().start))),
            ("key_file", self.key_file.as_ref().map(|file| (path(file), file.span().start))),
            ("key_env", self.key_env.as_ref().map(|name| (name.get_ref().clone(), name.span().start))),
            (
                "key_password_env",
                self.key_password_env.as_ref().map(|name| (name.get_ref().clone(), name.span().start)),
            ),
            ("kid", self.kid.as_ref().map(|kid| (kid.get_ref().clone(), kid.span().start))),
            ("client_id", self.client_id.as_ref().map(|id| (id.get_ref().clone(), id.span().start))),
        ];
        let secret = names.into_iter().find_map(|(key, value)| {
            let (text, at) = value?;
            // An id may be a thumbprint, which is as disordered as a key and shorter.
            let is_id = matches!(key, "kid" | "client_id");
            let is_secret = if is_id { is_key_text(&text) || text.len() > 200 } else { is_a_secret(&text) };
            is_secret.then_some((key, at))
        });
        match secret {
            None => Ok(()),
            Some((key, at)) => {
                Err((at, say!("model-holds-a-key-or-a-token-itself-put-that-into-a", key = key).to_string()))
            }
        }
    }

    fn at_method(&self, message: impl Into<String>) -> Wrong {
        (self.method.span().start, message.into())
    }

    fn token(&self) -> Result<TokenFrom, Wrong> {
        match (&self.token_env, &self.token_file) {
            (Some(name), None) => Ok(TokenFrom::Env(name.get_ref().clone())),
            (None, Some(path)) => Ok(TokenFrom::File(path.get_ref().clone())),
            _ => Err(self.at_method(text!("model-method-token-needs-either-token-env-the-name"))),
        }
    }

    fn client_id(&self) -> Result<String, Wrong> {
        match &self.client_id {
            Some(id) if !id.get_ref().trim().is_empty() => Ok(id.get_ref().trim().to_owned()),
            _ => Err(self.at_method(
                say!(
                    "model-method-needs-client-id-the-clients-id-from",
                    method = format!("{:?}", self.method.get_ref())
                )
                .to_string(),
            )),
        }
    }

    fn key(&self) -> Result<Option<Key>, Wrong> {
        let from = match (&self.key_file, &self.key_env) {
            (Some(path), None) => KeyFrom::File(path.get_ref().clone()),
            (None, Some(name)) => KeyFrom::Env(name.get_ref().clone()),
            (Some(_), Some(stray)) => {
                return Err((
                    stray.span().start,
                    text!("model-the-key-is-either-in-key-file-or-in-key-env").to_owned(),
                ));
            }
            (None, None) => {
                let stray = [("kid", &self.kid), ("key_password_env", &self.key_password_env)];
                return match stray
                    .into_iter()
                    .find_map(|(key, value)| Some((key, value.as_ref()?.span().start)))
                {
                    Some((key, at)) => Err((
                        at,
                        say!("model-is-about-a-key-and-there-is-neither-key-file", key = key).to_string(),
                    )),
                    None => Ok(None),
                };
            }
        };
        let text = |value: &Option<Spanned<String>>| value.as_ref().map(|value| value.get_ref().clone());
        Ok(Some(Key { from, kid: text(&self.kid), password_env: text(&self.key_password_env) }))
    }

    fn id_porten(&self, environment: &Environment) -> Result<IdPorten, Wrong> {
        let issuer = match (environment.id_porten_issuer(), &self.issuer) {
            (Some(_), Some(stray)) => return Err(known_already("issuer", stray, environment)),
            (Some(issuer), None) => Some(issuer.to_owned()),
            (None, Some(issuer)) => {
                address("issuer", issuer)?;
                Some(issuer.get_ref().clone())
            }
            (None, None) if *environment == Environment::Sandbox => None,
            (None, None) => {
                return Err(self.at_method(
                    say!(
                        "model-environment-needs-issuer-the-address-of-its",
                        environment = format!("{:?}", environment.name())
                    )
                    .to_string(),
                ));
            }
        };
        Ok(IdPorten {
            client_id: self.client_id()?,
            redirect_uri: self.redirect_uri(environment)?,
            key: self.key()?,
            issuer,
        })
    }

    fn redirect_uri(&self, environment: &Environment) -> Result<Url, Wrong> {
        let production = text!("model-id-porten-in-production-takes-no-localhost");
        let Some(written) = &self.redirect_uri else {
            return match Url::parse(LOOPBACK_REDIRECT) {
                Ok(url) if *environment != Environment::Prod => Ok(url),
                _ => Err(self.at_method(production)),
            };
        };
        let url = address("redirect_uri", written)?;
        if *environment == Environment::Prod && url.scheme() != "https" {
            return Err((written.span().start, production.to_owned()));
        }
        if url.scheme() == "http" && url.port().is_none() {
            return Err((
                written.span().start,
                say!(
                    "model-redirect-uri-needs-a-port-to-listen-on-as-in",
                    url = format!("{:?}", url.as_str()),
                    example = LOOPBACK_REDIRECT
                )
                .to_string(),
            ));
        }
        Ok(url)
    }

    fn maskinporten(
        &self,
        environment: &Environment,
        facilitator: OrganisationNumber,
    ) -> Result<Maskinporten, Wrong> {
        let endpoint = match (environment.maskinporten(), &self.token_endpoint) {
            (Some(_), Some(stray)) => return Err(known_already("token_endpoint", stray, environment)),
            (Some(endpoint), None) => Some(endpoint),
            (None, Some(written)) => Some(self.token_endpoint(address("token_endpoint", written)?)),
            (None, None) if *environment == Environment::Sandbox => None,
            (None, None) => {
                return Err(self.at_method(
                    say!(
                        "model-environment-needs-token-endpoint-the-address",
                        environment = format!("{:?}", environment.name())
                    )
                    .to_string(),
                ));
            }
        };
        if let (Some(stray), true) = (&self.audience, self.token_endpoint.is_none()) {
            return Err(known_already("audience", stray, environment));
        }
        let system_user_org = match &self.system_user_org {
            None => facilitator,
            Some(written) => OrganisationNumber::parse(written.get_ref()).map_err(|error| {
                (written.span().start, format!("system_user_org {:?}: {error}", written.get_ref()))
            })?,
        };
        Ok(Maskinporten {
            client_id: self.client_id()?,
            key: self.key()?.ok_or_else(|| {
                self.at_method(text!("model-method-maskinporten-needs-key-file-or-key-env"))
            })?,
            system_user_org,
            external_ref: self.external_ref.as_ref().map(|reference| reference.get_ref().clone()),
            endpoint,
        })
    }

    fn token_endpoint(&self, url: Url) -> TokenEndpoint {
        let audience = match &self.audience {
            Some(audience) => audience.get_ref().clone(),
            // `https://maskinporten.no/token` is for the audience `https://maskinporten.no/`.
            None => url.join(".").unwrap_or_else(|_| url.clone()).to_string(),
        };
        TokenEndpoint { url, audience }
    }
}

fn known_already(key: &str, stray: &Spanned<String>, environment: &Environment) -> Wrong {
    let message = say!(
        "model-is-for-other-environments-that-of-is-known-so",
        key = key,
        environment = format!("{:?}", environment.name())
    )
    .to_string();
    (stray.span().start, message)
}

/// An address that secrets may be sent to.
fn address(key: &str, written: &Spanned<String>) -> Result<Url, Wrong> {
    let text = written.get_ref();
    let wrong = |why: &str| (written.span().start, format!("{key} {text:?} {why}"));
    let url = Url::parse(text).map_err(|_| wrong(text!("model-is-not-an-address-such-as-https")))?;
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && super::is_loopback(&url));
    if !is_safe || url.host().is_none() {
        return Err(wrong(text!("model-is-not-https-http-is-for-a-loopback-address")));
    }
    if url.fragment().is_some() || !url.username().is_empty() {
        return Err(wrong(text!("model-has-more-than-an-address-take-out-the-user")));
    }
    Ok(url)
}

/// Whether text that should be a name, a path or an id is a key or a token instead.
fn is_a_secret(text: &str) -> bool {
    is_key_text(text) || runs(text).any(|(_, run)| is_random(run))
}

/// PEM, or a JWK.
fn is_key_text(text: &str) -> bool {
    text.contains("-----BEGIN") || text.trim_start().starts_with('{') || text.contains(['\n', '\r'])
}

/// A message without the key or the token that it quotes. For errors about text that somebody may have pasted a secret
/// into.
pub(super) fn without_secrets(message: &str) -> String {
    const QUOTES: [char; 3] = ['"', '`', '\''];
    let not_shown = text!("model-not-shown-it-looks-like-a-key-or-a-token");
    let dashes = message.find("-----BEGIN").map(|at| (at, message.len()));
    let random = runs(message).filter(|(_, run)| is_random(run)).map(|(at, run)| (at, at + run.len()));
    // Of a key in several lines some may be as ordered as a name: the whole of what is quoted goes.
    let (mut first, mut last) = (usize::MAX, 0);
    for (begin, end) in dashes.into_iter().chain(random) {
        (first, last) = (first.min(begin), last.max(end));
    }
    if last == 0 {
        return message.to_owned();
    }
    let begin = message[..first].rfind(QUOTES).unwrap_or(first);
    let end = message[last..].find(QUOTES).map_or(last, |at| last + at + 1);
    format!("{}{not_shown}{}", &message[..begin], &message[end..])
}

/// The longest pieces of text that base64 or base64url could stand in, with their places. `/` parts them as it parts
/// paths.
fn runs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let belongs = |character: char| character.is_ascii_alphanumeric() || "+=_-".contains(character);
    text.split(move |character| !belongs(character))
        .filter(|run| !run.is_empty())
        .map(move |run| (run.as_ptr() as usize - text.as_ptr() as usize, run))
}

/// Whether a run of characters is too disordered for a name or a path, or begins as DER or JSON in base64 does. Of random base64 two thirds of the characters
/// are of another class (upper case, lower case, digit) than the one before, of words about a tenth.
fn is_random(run: &str) -> bool {
    const FEWEST: usize = 20;
    const LONG: usize = 40;
    let class = |byte: u8| match byte {
        b'A'..=b'Z' => Some(0_usize),
        b'a'..=b'z' => Some(1),
        b'0'..=b'9' => Some(2),
        _ => None,
    };
    let mut counts = [0_usize; 3];
    run.bytes().filter_map(class).for_each(|class| counts[class] += 1);
    let changes = run
        .as_bytes()
        .windows(2)
        .filter(|pair| matches!((class(pair[0]), class(pair[1])), (Some(one), Some(next)) if one != next))
        .count();
    let classes = counts.iter().filter(|count| **count > 0).count();
    let letters: usize = counts.iter().sum();
    let is_encoded = run.starts_with("MII") || run.contains("eyJ");
    if letters < FEWEST || classes < 2 {
        false
    } else if letters < LONG && !is_encoded {
        classes == 3 && changes * 10 >= letters * 3
    } else {
        is_encoded || changes * 5 >= letters
    }
}

/// An environment variable in words. `key` is the key of the job file that names it. A name that is none, such as a
/// password that was written in its place, is not shown.
pub(crate) fn variable_in_words(key: &str, name: &str) -> String {
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    if name.bytes().all(fits) && name.len() <= 64 && !is_random(name) {
        say!("model-the-environment-variable", name = name).to_string()
    } else {
        say!("model-the-environment-variable-that-names", key = key).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Job, JobError};

    fn job(environment: &str, auth: &str) -> Result<Auth, JobError> {
        let text = format!(
            "name = \"j\"\nkind = \"delegate\"\nmanifest = \"m.csv\"\n[altinn]\nenvironment = {environment:?}\n\
             facilitator = \"314250052\"\nagent = \"1b6cea43-f499-4aae-a633-51cf542795af\"\n[auth]\n{auth}\n"
        );
        Job::parse(&text).map(|job| job.auth.unwrap())
    }

    const MASKINPORTEN: &str = "method = \"maskinporten\"\nclient_id = \"c\"\nkey_file = \"key.jwk\"";
    const ID_PORTEN: &str = "method = \"id-porten\"\nclient_id = \"c\"";

    #[test]
    fn maskinporten_signs_in_for_the_facilitator_unless_the_job_says_otherwise() {
        let Auth::Maskinporten(auth) = job("tt02", MASKINPORTEN).unwrap() else { panic!() };
        assert_eq!(auth.system_user_org.to_string(), "314250052");
        let endpoint = auth.endpoint.unwrap();
        assert_eq!(endpoint.url.as_str(), "https://test.maskinporten.no/token");
        assert_eq!(endpoint.audience, "https://test.maskinporten.no/");
        let other = format!("{MASKINPORTEN}\nsystem_user_org = \"310609544\"\nexternal_ref = \"x\"");
        let Auth::Maskinporten(auth) = job("prod", &other).unwrap() else { panic!() };
        assert_eq!(auth.system_user_org.to_string(), "310609544");
        assert_eq!(auth.external_ref.as_deref(), Some("x"));
        assert_eq!(auth.endpoint.unwrap().audience, "https://maskinporten.no/");
    }

    #[test]
    fn the_addresses_of_prod_and_tt02_cannot_be_replaced() {
        let elsewhere = "\"https://elsewhere.example/token\"";
        for (auth, key) in
            [(MASKINPORTEN, "token_endpoint"), (MASKINPORTEN, "audience"), (ID_PORTEN, "issuer")]
        {
            let error = job("tt02", &format!("{auth}\n{key} = {elsewhere}")).unwrap_err();
            assert!(error.message.contains(key) && error.line > 8, "{error}");
        }
    }

    #[test]
    fn another_environment_names_its_own_issuer_and_token_endpoint() {
        let origin = "https://platform.at22.altinn.cloud";
        assert!(job(origin, MASKINPORTEN).unwrap_err().message.contains("needs token_endpoint"));
        assert!(job(origin, ID_PORTEN).unwrap_err().message.contains("needs issuer"));
        let with = format!("{MASKINPORTEN}\ntoken_endpoint = \"https://maskinporten.example/token\"");
        let Auth::Maskinporten(auth) = job(origin, &with).unwrap() else { panic!() };
        assert_eq!(auth.endpoint.unwrap().audience, "https://maskinporten.example/");
        let plain = format!("{ID_PORTEN}\nissuer = \"http://issuer.example\"");
        assert!(job(origin, &plain).unwrap_err().message.contains("is not https"));
    }

    #[test]
    fn production_wants_a_registered_https_redirect_and_test_takes_a_loopback_one() {
        assert!(job("prod", ID_PORTEN).unwrap_err().message.contains("redirect_uri"));
        let loopback = format!("{ID_PORTEN}\nredirect_uri = \"http://localhost:5151/callback\"");
        assert!(job("prod", &loopback).unwrap_err().message.contains("https"));
        let registered = format!("{ID_PORTEN}\nredirect_uri = \"https://firm.example/signed-in\"");
        assert!(job("prod", &registered).is_ok());
        let Auth::IdPorten(auth) = job("tt02", ID_PORTEN).unwrap() else { panic!() };
        assert_eq!(auth.redirect_uri.as_str(), LOOPBACK_REDIRECT);
        assert_eq!(auth.issuer.unwrap(), "https://test.idporten.no");
    }

    #[test]
    fn names_paths_and_ids_are_no_secrets_and_keys_and_tokens_are() {
        for name in [
            "ALTINN_TOKEN",
            "/home/kari/Fullmakt-Noekkel-Produksjon-2026-11-25-Kari.jwk",
            "C:\\\\Users\\\\Kari Nordmann\\\\Documents\\\\Regnskap2026\\\\Maskinporten\\\\privatKey.pem",
            "1b6cea43-f499-4aae-a633-51cf542795af",
            "5D1CD2B3-3C0E-4B6E-9A3D-2F0F3A4B5C6D.pem",
            "/run/credentials/fullmakt.service/maskinporten-key",
            "https://platform.at22.altinn.cloud/authentication/api/v1/openid/",
        ] {
            assert!(!is_a_secret(name), "{name}");
            assert_eq!(without_secrets(name), name);
        }
        for secret in [
            "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ",
            "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCg",
            "-----BEGIN PRIVATE KEY-----",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "{\"kty\":\"RSA\"}",
        ] {
            assert!(is_a_secret(secret), "{secret}");
        }
        let message = "unknown field `MIIEvgIBADANBgkqhkiG9w0BAQ\\nABCDEFGHIJKL`, expected one of `method`";
        let shown = "unknown field (not shown: it looks like a key or a token), expected one of `method`";
        assert_eq!(without_secrets(message), shown);
    }

    #[test]
    fn a_key_of_another_method_is_an_error_with_its_own_line() {
        let error = job("tt02", &format!("{ID_PORTEN}\ntoken_env = \"T\"")).unwrap_err();
        assert_eq!(error.line, 11);
        assert!(error.message.contains("`token_env` is not for method = \"id-porten\""), "{error}");
        let error = job("tt02", "method = \"password\"").unwrap_err();
        assert!(error.message.contains("not one of token, id-porten and maskinporten"), "{error}");
        let error = job("tt02", "method = \"maskinporten\"\nclient_id = \"c\"").unwrap_err();
        assert!(error.message.contains("needs key_file"), "{error}");
    }
}
