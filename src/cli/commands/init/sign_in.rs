//! How the job signs in: the keys of `[auth]`.

use std::path::Path;

use super::{
    super::super::{asking, exit::Failure},
    InitArgs,
    draft::Draft,
    interview::{Interview, Question},
    pasted,
};
use crate::{
    altinn::auth::{Passwords, SigningKey},
    model::{Environment, Key, KeyFrom},
    words::{Lazy, say, text},
};

/// The ways, as `[auth] method` names them.
pub(super) const METHODS: [&str; 3] = ["id-porten", "maskinporten", "token"];

/// The flags that a way to sign in cannot do without, where there is nobody to ask.
pub(super) fn needed_flags(args: &InitArgs, environment: &Environment) -> Vec<&'static str> {
    let is_elsewhere = matches!(environment, Environment::Origin(_));
    let has_key = args.key_file.is_some() || args.key_env.is_some();
    let needed: &[(&'static str, bool)] = match args.method.as_deref() {
        None => &[("--method", false)],
        Some("id-porten") => &[
            ("--client-id", args.client_id.is_some()),
            ("--redirect-uri", args.redirect_uri.is_some() || *environment != Environment::Prod),
            ("--issuer", args.issuer.is_some() || !is_elsewhere),
        ],
        Some("maskinporten") => &[
            ("--client-id", args.client_id.is_some()),
            ("--key-file", has_key),
            ("--token-endpoint", args.token_endpoint.is_some() || !is_elsewhere),
        ],
        Some(_) => &[("--token-file", args.token_file.is_some() || args.token_env.is_some())],
    };
    needed.iter().filter(|(_, is_there)| !is_there).map(|(flag, _)| *flag).collect()
}

impl Interview<'_> {
    /// Asks for the way to sign in and what belongs to it, until it makes sense together.
    pub(super) async fn sign_in(&self, args: &InitArgs, draft: &mut Draft) -> Result<(), Failure> {
        let mut args = args.clone();
        loop {
            draft.auth = self.auth(&args, draft).await?;
            match draft.job_file() {
                Ok(_) => return Ok(()),
                Err(wrong) if self.is_asking => {
                    self.tell(&wrong);
                    args.forget_sign_in();
                }
                Err(wrong) => return Err(wrong),
            }
        }
    }

    async fn auth(&self, args: &InitArgs, draft: &Draft) -> Result<Vec<(&'static str, String)>, Failure> {
        let question = Question {
            flag: "--method",
            given: args.method.as_deref(),
            above: text!("init-method").to_owned(),
            asked: text!("init-one-to-three").to_owned(),
            default: self.is_asking.then(|| "1".to_owned()),
        };
        let method = self.choice(question, &METHODS).await?;
        let mut auth = vec![("method", method.to_owned())];
        if method == "token" {
            auth.push(self.token(args, draft).await?);
            return Ok(auth);
        }
        let asked = if method == "id-porten" {
            text!("init-client-id-of-id-porten")
        } else {
            text!("init-client-id-of-maskinporten")
        };
        auth.push(("client_id", self.text("--client-id", args.client_id.as_deref(), asked).await?));
        if method == "id-porten" {
            if draft.environment == Environment::Prod || args.redirect_uri.is_some() {
                let given = args.redirect_uri.as_deref();
                let asked = text!("init-redirect-uri");
                auth.push(("redirect_uri", self.text("--redirect-uri", given, asked).await?));
            }
            if matches!(draft.environment, Environment::Origin(_)) || args.issuer.is_some() {
                let asked = text!("init-issuer");
                auth.push(("issuer", self.text("--issuer", args.issuer.as_deref(), asked).await?));
            }
        } else {
            if matches!(draft.environment, Environment::Origin(_)) || args.token_endpoint.is_some() {
                let given = args.token_endpoint.as_deref();
                let asked = text!("init-token-endpoint");
                auth.push(("token_endpoint", self.text("--token-endpoint", given, asked).await?));
            }
            let reference = args.external_ref.clone().map(|reference| ("external_ref", reference));
            auth.extend(reference);
        }
        auth.extend(self.key(args, draft, method == "maskinporten").await?);
        Ok(auth)
    }

    /// Where an Altinn token is: in a file or in a variable.
    async fn token(&self, args: &InitArgs, draft: &Draft) -> Result<(&'static str, String), Failure> {
        match (&args.token_file, &args.token_env) {
            (Some(file), _) => return Ok(("token_file", draft.named(file)?)),
            (None, Some(variable)) => return Ok(("token_env", variable.clone())),
            (None, None) => {}
        }
        let question = Question {
            flag: "--token-file",
            given: None,
            above: String::new(),
            asked: text!("init-token").to_owned(),
            default: None,
        };
        self.answer(question, |typed| {
            let path = pasted::path(typed);
            if path.is_file() {
                return Ok(("token_file", draft.named(&path)?));
            }
            // What has no folder in it and is there in no folder is a name.
            let is_name = typed.chars().all(|one| one.is_ascii_alphanumeric() || one == '_');
            let is_short = typed.len() <= 64;
            if is_name && is_short && std::env::var_os(typed).is_some() {
                return Ok(("token_env", typed.to_owned()));
            }
            // A token itself is not said again.
            let named = if is_short { typed } else { "…" };
            Err(Failure::nothing_sent(say!("init-token-is-neither", typed = named)))
        })
        .await
    }

    /// The key of the client with its id, tried at once; nothing for a client without one.
    async fn key(
        &self,
        args: &InitArgs,
        draft: &Draft,
        is_needed: bool,
    ) -> Result<Vec<(&'static str, String)>, Failure> {
        let passwords = Passwords::asked_by(asking::key_password);
        let mut keys = Vec::new();
        let from = if let Some(variable) = &args.key_env {
            keys.push(("key_env", variable.clone()));
            KeyFrom::Env(variable.clone())
        } else {
            let given = args.key_file.as_deref().map(Path::to_string_lossy);
            if !is_needed && given.is_none() && !self.is_asking {
                return Ok(keys);
            }
            let question = Question {
                flag: "--key-file",
                given: given.as_deref(),
                above: String::new(),
                asked: (if is_needed { text!("init-key") } else { text!("init-key-if-any") }).to_owned(),
                default: (!is_needed).then(String::new),
            };
            let file = self
                .answer(question, |typed| {
                    if typed.is_empty() {
                        return Ok(None);
                    }
                    let path = pasted::path(typed);
                    if !path.exists() {
                        let none = Lazy(|| text!("manifest-there-is-no-such-file"));
                        let typed = format!("{typed:?}");
                        return Err(Failure::nothing_sent(say!(
                            "init-answer-is-wrong",
                            typed = typed,
                            why = none
                        )));
                    }
                    opened(args, KeyFrom::File(path.clone()), Some("any"), &passwords)?;
                    Ok(Some((draft.named(&path)?, path)))
                })
                .await?;
            let Some((named, path)) = file else { return Ok(keys) };
            keys.push(("key_file", named));
            KeyFrom::File(path)
        };
        if let Some(kid) = &args.kid {
            keys.push(("kid", kid.clone()));
        } else if self.is_asking && opened(args, from, None, &passwords).is_err() {
            keys.push(("kid", self.text("--kid", None, text!("init-kid")).await?));
        }
        keys.extend(args.key_password_env.clone().map(|variable| ("key_password_env", variable)));
        Ok(keys)
    }

    /// A text that is not empty.
    async fn text(&self, flag: &'static str, given: Option<&str>, asked: &str) -> Result<String, Failure> {
        let question = Question { flag, given, above: String::new(), asked: asked.to_owned(), default: None };
        self.answer(question, |typed| Ok(typed.to_owned())).await
    }
}

/// Reads the key once, so that a wrong file is said now; `kid` stands in for an id that is not known yet.
fn opened(args: &InitArgs, from: KeyFrom, kid: Option<&str>, passwords: &Passwords) -> Result<(), Failure> {
    let key = Key { from, kid: kid.map(str::to_owned), password_env: args.key_password_env.clone() };
    match SigningKey::open(&key, passwords) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::nothing_sent(&error).hint(Lazy(|| error.hint()))),
    }
}
