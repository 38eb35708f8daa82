//! A job connected: to its Altinn, or to the sandbox in this process.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{
    Context,
    exit::{Exit, Failure},
    job::JobFile,
    signals,
};
use crate::{
    altinn::{Client, TokenSource},
    engine::{Engine, Pacer},
    ledger::{Clerk, Ledger},
    model::{Environment, TokenFrom},
    report::Progress,
    sandbox::{SANDBOX_TOKEN, Server},
};

/// Everything a command needs to talk to Altinn about a job.
pub(crate) struct Session {
    /// The engine.
    pub(crate) engine: Engine<Client>,
    /// Who shows what the engine tells.
    pub(crate) progress: Progress,
    /// The sandbox, when the job is for it; it ends with the session.
    pub(crate) sandbox: Option<Server>,
}

impl Session {
    /// Connects. Nothing is sent yet.
    pub(crate) async fn open(file: &JobFile, ledger: Ledger, context: &Context) -> Result<Self, Failure> {
        let interrupt = signals::listen(
            context.output,
            "stopping: waiting for the answers that are under way; once more leaves at once",
        );
        let job = &file.job;
        let (origin, token, sandbox) = match (&job.environment, file.token_from()) {
            (Environment::Sandbox, _) => {
                let server = super::sandbox::in_process(context).await?;
                let token = TokenSource::fixed(&SANDBOX_TOKEN.into(), "the sandbox")
                    .map_err(Failure::nothing_sent)?;
                (server.origin().clone(), token, Some(server))
            }
            (environment, Some(from)) => {
                let origin = environment
                    .origin()
                    .ok_or_else(|| Failure::nothing_sent("the job names no environment"))?;
                (origin, token(&from)?, None)
            }
            (_, None) => return Err(Failure::nothing_sent("the job has no [auth]")),
        };
        context.output.step(format!("Altinn is {origin}"));
        let client = Client::new(&origin, job.pace.timeout, token, job.pace.in_flight)
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
        Ok(Self { engine, progress, sandbox })
    }
}

fn token(from: &TokenFrom) -> Result<TokenSource, Failure> {
    let source = match from {
        TokenFrom::Env(name) => TokenSource::from_env(name),
        TokenFrom::File(path) => TokenSource::from_file(path),
    };
    source.map_err(|error| {
        Failure::nothing_sent(error).hint(
            "put an Altinn token there, issued for the firm's client administrator with the scopes \
             altinn:clientdelegations.read and altinn:clientdelegations.write",
        )
    })
}
