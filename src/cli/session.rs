//! A job connected: signed in to its Altinn, or to the sandbox in this process.

use std::{sync::Arc, time::Duration};

use tokio::sync::mpsc;
use url::Url;

use super::{
    Context,
    exit::{Exit, Failure},
    job::JobFile,
    signals,
};
use crate::{
    altinn::{
        Client, SignIn, TokenSource,
        auth::{IdPorten, Limits},
    },
    engine::{Engine, Interrupt, Pacer},
    ledger::{Clerk, Ledger, make_private_folder},
    model::{Auth, Environment, TokenEndpoint, TokenFrom},
    report::{Progress, approximately},
    sandbox::{SANDBOX_TOKEN, Server},
};

/// Set to `off`, sign-ins are kept in a file though there may be a keyring.
const KEYRING_SWITCH: &str = "FULLMAKT_KEYRING";
/// So often a sign-in that does not answer is tried at the most: about a quarter of a minute.
const MOST_SIGN_IN_TRIES: u32 = 4;

/// Everything a command needs to talk to Altinn about a job.
pub(crate) struct Session {
    /// The engine.
    pub(crate) engine: Engine<Client>,
    /// Who shows what the engine tells.
    pub(crate) progress: Progress,
    /// Where its tokens come from.
    pub(crate) tokens: TokenSource,
    /// Where the job is.
    pub(crate) place: Place,
}

/// Where a job is: its Altinn, and how to sign in there.
pub(crate) struct Place {
    /// How to sign in; `None` for the sandbox, which needs no sign-in.
    pub(crate) sign_in: Option<SignIn>,
    /// The environment, as the ledger names it.
    pub(crate) environment: String,
    origin: Url,
    /// The sandbox, when the job is for it; it ends with this.
    #[expect(dead_code, reason = "held, so that it answers")]
    sandbox: Option<Server>,
}

impl Place {
    /// Finds the job's Altinn. Nothing is sent yet.
    pub(crate) async fn of(file: &JobFile, context: &Context) -> Result<Self, Failure> {
        let (origin, sandbox) = if let Some(origin) = file.job.environment.origin() {
            (origin, None)
        } else {
            let server = super::sandbox::in_process(context).await?;
            (server.origin().clone(), Some(server))
        };
        context.output.step(format!("Altinn is {origin}"));
        let sign_in = match file.auth() {
            None => None,
            Some(auth) => Some(SignIn {
                auth: sandbox.as_ref().map_or(auth.clone(), |server| with_addresses_of(server, auth)),
                origin: origin.clone(),
                environment: file.job.environment.name(),
                is_production: file.job.environment == Environment::Prod,
                sessions: sessions_folder(context)?,
                with_keyring: std::env::var_os(KEYRING_SWITCH).is_none_or(|switch| switch != "off"),
                limits: Limits {
                    answer: file.job.pace.timeout,
                    tries: file.job.pace.attempts.min(MOST_SIGN_IN_TRIES),
                },
            }),
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
            Failure::nothing_sent("this job does not sign in with ID-porten")
                .hint("login and logout are for jobs with method = \"id-porten\" in [auth]")
        })
    }

    /// Signs in, where that needs nobody.
    pub(crate) async fn tokens(&self) -> Result<TokenSource, Failure> {
        match &self.sign_in {
            None => Ok(TokenSource::fixed(&SANDBOX_TOKEN.into(), "the sandbox")?),
            Some(sign_in) => Ok(sign_in.open().await?),
        }
    }
}

/// The sandbox has its own ID-porten and its own Maskinporten.
fn with_addresses_of(server: &Server, auth: Auth) -> Auth {
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

fn sessions_folder(context: &Context) -> Result<std::path::PathBuf, Failure> {
    let state = context.state_dir()?;
    let folder = state.join("sessions");
    make_private_folder(&state).and_then(|()| make_private_folder(&folder)).map_err(|error| {
        Failure::new(Exit::Fault, format!("{} cannot be made: {error}", folder.display()))
    })?;
    Ok(folder)
}

impl Session {
    /// Connects and signs in.
    pub(crate) async fn open(file: &JobFile, ledger: Ledger, context: &Context) -> Result<Self, Failure> {
        let interrupt = signals::listen(
            context.output,
            "stopping: waiting for the answers that are under way; once more leaves at once",
        );
        let job = &file.job;
        let place = Place::of(file, context).await?;
        let tokens = tokens(file, &place, &interrupt, context).await?;
        let client = Client::new(&place.origin, job.pace.timeout, tokens.clone(), job.pace.in_flight)
            .map_err(|error| Failure::new(Exit::Fault, error))?;
        let (sender, events) = mpsc::unbounded_channel();
        let engine = Engine {
            api: Arc::new(client),
            clerk: Clerk::start(ledger, sender.clone()),
            pacer: Pacer::new(job.pace.rate),
            pace: job.pace,
            facilitator: job.facilitator,
            events: sender,
            interrupt,
        };
        let progress = Progress::start(context.output.progress(), events);
        Ok(Self { engine, progress, tokens, place })
    }

    /// Why the token will not see a run of so many seconds to its end; `None` when it will, as far as one can know.
    pub(crate) async fn token_warning(&self, seconds: Option<f64>) -> Option<String> {
        let left = self.tokens.current().left()?;
        let takes = Duration::try_from_secs_f64(seconds?).ok()?;
        if takes < left || self.tokens.lasts().await {
            return None;
        }
        let (takes, left) = (approximately(takes), approximately(left));
        let unless = match &self.place.sign_in.as_ref()?.auth {
            Auth::Token(TokenFrom::File(path)) => {
                format!("unless {} holds a new one by then", path.display())
            }
            Auth::IdPorten(_) => "and then you will have to sign in again".to_owned(),
            Auth::Token(TokenFrom::Env(_)) | Auth::Maskinporten(_) => "and nothing renews it".to_owned(),
        };
        Some(format!(
            "the run takes about {takes} at the least, the token has {left} left, {unless}: the run would stop on the \
             way; nothing is lost then, and `fullmakt resume` goes on"
        ))
    }

    /// Who signed in, in words; empty when the token does not say.
    pub(crate) fn signed_in_as(&self) -> String {
        match (self.tokens.current().claims().who.clone(), &self.place.sign_in) {
            (Some(who), Some(sign_in)) => format!("{who} ({})", sign_in.auth.method()),
            _ => String::new(),
        }
    }
}

/// Signs in; a person at a terminal who has not yet is asked to do so now.
async fn tokens(
    file: &JobFile,
    place: &Place,
    interrupt: &Interrupt,
    context: &Context,
) -> Result<TokenSource, Failure> {
    let opened = tokio::select! {
        biased;
        () = interrupt.requested() => return Err(Failure::new(Exit::Interrupted, "interrupted; nothing was sent")),
        opened = place.tokens() => opened,
    };
    let tokens = match opened {
        Err(failure) if failure.needs_login => {
            if !super::login::offered(file, place, interrupt, context).await? {
                return Err(failure);
            }
            place.tokens().await?
        }
        opened => opened?,
    };
    let missing = tokens.current().claims().missing_scopes();
    if missing.is_empty() {
        return Ok(tokens);
    }
    Err(Failure::new(
        Exit::Stopped,
        format!("the token from {} lacks the scope {}", tokens.name(), missing.join(" and ")),
    )
    .hint("a run needs both altinn:clientdelegations.read and altinn:clientdelegations.write: the write scope does not imply the read scope")
    .hint("give the client both scopes in Samarbeidsportalen, then sign in again"))
}
