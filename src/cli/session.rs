//! A job connected: signed in to its Altinn, or to the sandbox in this process.

use std::{sync::Arc, time::Duration};

use tokio::sync::mpsc;

use super::{
    Context,
    exit::{Exit, Failure},
    job::JobFile,
    place::Place,
    signals,
};
use crate::{
    altinn::{Client, TokenSource},
    engine::{Engine, Interrupt, Settings},
    ledger::Ledger,
    model::{Auth, TokenFrom},
    report::{Progress, Warning, WarningKind, approximately},
};

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
    /// Ctrl-C.
    pub(crate) interrupt: Interrupt,
}

/// What a session is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errand {
    /// To look: whoever looks does not wait for an outage to end.
    Look,
    /// To execute a run.
    Run {
        /// How long another run on an agent is waited for.
        wait: Option<Duration>,
    },
}

impl Errand {
    fn patience(self) -> Option<Duration> {
        match self {
            Self::Look => None,
            Self::Run { wait } => wait,
        }
    }
}

impl Session {
    /// Connects and signs in.
    pub(crate) async fn open(
        file: &JobFile,
        ledger: Ledger,
        errand: Errand,
        context: &Context,
    ) -> Result<Self, Failure> {
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
        let settings = Settings {
            pace: job.pace,
            facilitator: job.facilitator,
            environment: job.environment.name(),
            patience: errand.patience(),
            persistent: matches!(errand, Errand::Run { .. }),
        };
        let engine = Engine::new(Arc::new(client), ledger, settings, sender, interrupt.clone());
        let progress = Progress::start(context.output.progress(), context.output.is_verbose(), events);
        Ok(Self { engine, progress, tokens, place, interrupt })
    }

    /// Why the token will not see a run of so many seconds to its end; `None` when it will, as far as one can know.
    pub(crate) async fn token_warning(&self, seconds: Option<f64>) -> Option<Warning> {
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
        let message = format!(
            "the run takes about {takes} at the least, the token has {left} left, {unless}: the run would stop on the \
             way; nothing is lost then, and `fullmakt resume` goes on"
        );
        Some(Warning::new(WarningKind::TokenTooShort, message))
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
