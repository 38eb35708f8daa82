//! Where a job is: its Altinn or the sandbox in this process, and how to sign in there.

use std::{collections::HashSet, sync::Arc};

use url::Url;

use super::{Context, exit::Failure, job::JobFile, together::Together};
use crate::{
    altinn::{
        SignIn, TokenSource,
        auth::{IdPorten, Limits, Passwords},
    },
    model::{ApiChoice, Auth, Environment, Pace, TokenEndpoint},
    sandbox::{SANDBOX_TOKEN, Server},
    words::{kept, say},
};

/// Set to `off`, sign-ins are kept in a file though there may be a keyring.
pub(super) const KEYRING_SWITCH: &str = "FULLMAKT_KEYRING";
/// So often a sign-in that does not answer is tried at the most: about a quarter of a minute.
pub(super) const MOST_SIGN_IN_TRIES: u32 = 4;

/// Where a job is: its Altinn, and how to sign in there.
pub(crate) struct Place {
    /// How to sign in; `None` for the sandbox, which needs no sign-in.
    pub(crate) sign_in: Option<SignIn>,
    /// The environment, as the ledger names it.
    pub(crate) environment: String,
    /// Altinn's platform, or the sandbox.
    pub(crate) origin: Url,
    /// The sandbox, when the job is for it; it ends with this.
    #[expect(dead_code, reason = "held, so that it answers")]
    sandbox: Option<Arc<Server>>,
}

impl Place {
    /// Finds the job's Altinn. Nothing is sent yet.
    pub(crate) async fn of(file: &JobFile, context: &Context) -> Result<Self, Failure> {
        let (origin, sandbox) = if let Some(origin) = file.job.environment.origin() {
            (origin, None)
        } else if let Some(server) = context.together.as_ref().and_then(Together::sandbox) {
            (server.origin().clone(), Some(server))
        } else {
            let server = Arc::new(
                super::commands::sandbox::in_process(&HashSet::from([file.job.facilitator]), context).await?,
            );
            (server.origin().clone(), Some(server))
        };
        context.output.step(say!("cli-altinn-is", origin = origin));
        let sign_in = match file.auth() {
            None => None,
            Some(auth) => {
                let auth = sandbox.as_ref().map_or(auth.clone(), |server| with_addresses_of(server, auth));
                let to = (&origin, &file.job.environment);
                let sign_in = sign_in_to(to, auth, file.job.pace, context)?;
                Some(SignIn { with_parties: asks_for_parties(file, context), ..sign_in })
            }
        };
        Ok(Self { sign_in, environment: file.job.environment.name(), origin, sandbox })
    }

    /// The client of ID-porten that the job signs in with.
    pub(crate) fn id_porten(&self) -> Result<IdPorten, Failure> {
        let id_porten = match &self.sign_in {
            Some(sign_in) => sign_in.id_porten()?,
            None => None,
        };
        id_porten.ok_or_else(|| {
            Failure::nothing_sent(say!("cli-this-job-does-not-sign-in-with-id-porten"))
                .hint(say!("cli-login-and-logout-are-for-jobs-with-method-id"))
        })
    }

    /// Signs in, where that needs nobody.
    pub(crate) async fn tokens(&self) -> Result<TokenSource, Failure> {
        match &self.sign_in {
            None => Ok(TokenSource::fixed(&SANDBOX_TOKEN.into(), kept!("cli-the-sandbox"))?),
            Some(sign_in) => Ok(sign_in.open().await?),
        }
    }
}

/// How to sign in to this environment, whose platform is at this origin; not for lists of parties.
pub(super) fn sign_in_to(
    (origin, environment): (&Url, &Environment),
    auth: Auth,
    pace: Pace,
    context: &Context,
) -> Result<SignIn, Failure> {
    Ok(SignIn {
        auth,
        origin: origin.clone(),
        environment: environment.name(),
        is_production: *environment == Environment::Prod,
        sessions: context.state()?.path().join("sessions"),
        with_keyring: std::env::var_os(KEYRING_SWITCH).is_none_or(|switch| switch != "off"),
        with_parties: false,
        passwords: Passwords::asked_by(super::asking::key_password),
        limits: Limits { answer: pace.timeout, attempts: pace.attempts.min(MOST_SIGN_IN_TRIES) },
    })
}

/// Whether a sign-in asks for the scope that lists parties: only while the firm's party UUID has to be looked up. ID-porten
/// refuses the whole sign-in for one scope that the client has not been given, so there only where there is no other way.
fn asks_for_parties(file: &JobFile, context: &Context) -> bool {
    let job = &file.job;
    let may_ask = match (&job.auth, job.api) {
        (_, ApiChoice::Delegation) | (None, _) => false,
        (Some(Auth::IdPorten(_)), api) => api == ApiChoice::Administration,
        (Some(_), _) => true,
    };
    if !may_ask || job.facilitator_id.is_some() {
        return false;
    }
    // A ledger that cannot be read is said to be so by whatever needs it: `doctor` looks at the rest all the same.
    let ledger = context.ledger_to_look().ok();
    let known = ledger.and_then(|ledger| ledger.party_id(&job.environment.name(), job.facilitator).ok());
    known.flatten().is_none()
}

/// The sandbox has its own ID-porten and its own Maskinporten.
pub(super) fn with_addresses_of(server: &Server, auth: Auth) -> Auth {
    match auth {
        Auth::IdPorten(mut auth) => {
            auth.issuer.get_or_insert_with(|| server.issuer());
            Auth::IdPorten(auth)
        }
        Auth::Maskinporten(mut auth) => {
            let (url, audience) = server.token_endpoint();
            auth.endpoint.get_or_insert(TokenEndpoint { url, audience });
            Auth::Maskinporten(auth)
        }
        auth @ Auth::Token(_) => auth,
    }
}
