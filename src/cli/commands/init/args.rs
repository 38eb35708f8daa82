//! The answers that are given as flags.

use std::path::PathBuf;

use clap::Args;

use super::{super::super::exit::Failure, interview::missing, sign_in};
use crate::{
    model::{Environment, JobKind},
    words::say,
};

/// Ask a few questions, write a job file, and say what comes next
///
/// What can be looked up is not asked. Every answer can be a flag; where there is no terminal, all that are needed must be. Nothing
/// is sent but questions, and nothing is written before the last answer.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct InitArgs {
    /// The job file to write [default: onboarding.toml]
    pub(super) file: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long)]
    pub(super) force: bool,
    /// What the job's runs are kept under [default: as the file is called]
    #[arg(long)]
    pub(super) name: Option<String>,
    /// What to do: delegate, remove, manifest, reconcile or refresh [default: by the list]
    #[arg(long)]
    pub(super) kind: Option<String>,
    /// Which Altinn: prod, tt02, sandbox or an address
    #[arg(long, value_name = "WHERE")]
    pub(super) environment: Option<String>,
    /// The firm's organisation number
    #[arg(long, value_name = "ORG")]
    pub(super) facilitator: Option<String>,
    /// The system user that gets the clients: its UUID, its reference or its title
    #[arg(long)]
    pub(super) agent: Option<String>,
    /// The client list: a CSV file or a workbook
    #[arg(long, value_name = "FILE")]
    pub(super) manifest: Option<PathBuf>,
    /// The heading of the list's column of organisation numbers
    #[arg(long)]
    pub(super) column: Option<String>,
    /// The sheet of a workbook
    #[arg(long)]
    pub(super) sheet: Option<String>,
    /// How to sign in: id-porten, maskinporten or token
    #[arg(long)]
    pub(super) method: Option<String>,
    /// The client's id, from Samarbeidsportalen
    #[arg(long, value_name = "ID")]
    pub(super) client_id: Option<String>,
    /// id-porten: where the browser ends after the sign-in
    #[arg(long, value_name = "URL")]
    pub(super) redirect_uri: Option<String>,
    /// The client's private key, as a file
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,
    /// The environment variable that holds the private key
    #[arg(long, value_name = "VARIABLE", conflicts_with = "key_file")]
    pub(super) key_env: Option<String>,
    /// The environment variable that holds the key's password
    #[arg(long, value_name = "VARIABLE")]
    pub(super) key_password_env: Option<String>,
    /// The key's id, where the key does not say it
    #[arg(long)]
    pub(super) kid: Option<String>,
    /// maskinporten: the reference that the system user which signs in was made with
    #[arg(long, value_name = "REF")]
    pub(super) external_ref: Option<String>,
    /// id-porten: its address, outside prod and tt02
    #[arg(long, value_name = "URL")]
    pub(super) issuer: Option<String>,
    /// maskinporten: its address, outside prod and tt02
    #[arg(long, value_name = "URL")]
    pub(super) token_endpoint: Option<String>,
    /// token: the file that holds it
    #[arg(long, value_name = "FILE")]
    pub(super) token_file: Option<PathBuf>,
    /// token: the environment variable that holds it
    #[arg(long, value_name = "VARIABLE", conflicts_with = "token_file")]
    pub(super) token_env: Option<String>,
}

impl InitArgs {
    /// A sign-in that was refused is asked for anew.
    pub(super) fn forget_sign_in(&mut self) {
        (self.method, self.client_id, self.redirect_uri, self.key_file) = (None, None, None, None);
        (self.key_env, self.key_password_env, self.kid, self.external_ref) = (None, None, None, None);
        (self.issuer, self.token_endpoint, self.token_file, self.token_env) = (None, None, None, None);
    }

    /// The kind of job that a flag names.
    pub(super) fn kind(&self) -> Result<Option<JobKind>, Failure> {
        let Some(named) = &self.kind else { return Ok(None) };
        let kind = JobKind::of_job_files().find(|kind| kind.as_str() == named);
        match kind {
            // A migration is between two system users, which is another conversation.
            Some(kind) if !kind.moves() => Ok(Some(kind)),
            Some(_) => Err(Failure::nothing_sent(say!("init-moves", kind = named))),
            None => Err(Failure::nothing_sent(say!("init-no-such-kind", kind = format!("{:?}", named)))),
        }
    }
}

/// Where there is nobody to ask, everything that is missing is said at once.
pub(super) fn must_have_flags(args: &InitArgs, kind: Option<JobKind>) -> Result<(), Failure> {
    let environment = args.environment.as_deref().and_then(|text| Environment::parse(text).ok());
    let is_sandbox = environment == Some(Environment::Sandbox);
    let mut flags = Vec::new();
    if args.environment.is_none() {
        flags.push("--environment");
    }
    if args.facilitator.is_none() && !is_sandbox {
        flags.push("--facilitator");
    }
    match &environment {
        Some(environment) if !is_sandbox => flags.extend(sign_in::needed_flags(args, environment)),
        _ => {}
    }
    if args.manifest.is_none() && kind.is_none_or(JobKind::needs_manifest) {
        flags.push("--manifest");
    }
    if flags.is_empty() { Ok(()) } else { Err(missing(&flags)) }
}
