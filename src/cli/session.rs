//! A job connected: signed in to its Altinn, or to the sandbox in this process.

use std::{sync::Arc, time::Duration};

use tokio::sync::mpsc;

use super::{
    Context,
    exit::{Exit, Failure},
    fleet_file::must_not_be_held,
    job::JobFile,
    place::Place,
    signals,
    together::pace_of,
};
use crate::{
    altinn::{Client, TokenSource},
    engine::{DoorsFound, Engine, EngineError, Interrupt, Party, Settings},
    ledger::Ledger,
    model::{Auth, Doors, HaltCause, Pace, SecondDoor, TokenFrom},
    report::{Progress, Warning, WarningKind, approximately},
    words::{Lazy, Wording, kept, say, text},
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
    /// To look at the system users alone, which the first API lists for every sign-in.
    LookAtAgents,
    /// To execute a run.
    Run {
        /// How long another run on an agent is waited for.
        wait: Option<Duration>,
    },
}

impl Errand {
    fn patience(self) -> Option<Duration> {
        match self {
            Self::Look | Self::LookAtAgents => None,
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
        // A fleet at work looks at its holds itself.
        if matches!(errand, Errand::Run { .. }) && context.together.is_none() {
            must_not_be_held(file, context)?;
        }
        let interrupt = match &context.together {
            Some(together) => together.interrupt(),
            None => signals::listen(context.output, text!("cli-stopping-waiting-for-the-answers-that-are")),
        };
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
        let engine = if let Some(together) = &context.together {
            engine.at_pace(together.share_of(job.facilitator))
        } else {
            let looks = !matches!(errand, Errand::Run { .. });
            let pace = pace_of(looks, job.pace.rate, &job.environment, job.auth.as_ref(), context)?;
            engine.at_pace(pace.share())
        };
        let engine = match errand {
            Errand::LookAtAgents => engine,
            Errand::Look | Errand::Run { .. } => {
                through_doors(engine, file, &tokens, &place, context).await?
            }
        };
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
        let auth = &self.place.sign_in.as_ref()?.auth;
        let message = || {
            let (takes, left) = (approximately(takes), approximately(left));
            let unless = match auth {
                Auth::Token(TokenFrom::File(path)) => {
                    say!("cli-unless-holds-a-new-one-by-then", path = path.display()).to_string()
                }
                Auth::IdPorten(_) => text!("cli-and-then-you-will-have-to-sign-in-again").to_owned(),
                Auth::Token(TokenFrom::Env(_)) | Auth::Maskinporten(_) => {
                    text!("cli-and-nothing-renews-it").to_owned()
                }
            };
            say!("cli-token-too-short", takes = takes, left = left, unless = unless).to_string()
        };
        Some(Warning::new(WarningKind::TokenTooShort, message))
    }

    /// Who signed in, in words; empty when the token does not say.
    pub(crate) fn signed_in_as(&self) -> Wording {
        match (self.tokens.current().claims().who.clone(), &self.place.sign_in) {
            (Some(who), Some(sign_in)) => Wording::of(|| format!("{who} ({})", sign_in.auth.method())),
            _ => Wording::NOTHING,
        }
    }
}

/// An engine that asks each question once, for whoever wants to know how things stand and keeps nothing.
pub(crate) fn asking_once(
    file: &JobFile,
    place: &Place,
    tokens: &TokenSource,
    interrupt: Interrupt,
    context: &Context,
) -> Result<Engine<Client>, Failure> {
    let job = &file.job;
    let pace = Pace { attempts: 1, ..job.pace };
    let client = Client::new(&place.origin, pace.timeout, tokens.clone(), 1)
        .map_err(|error| Failure::new(Exit::Fault, error))?;
    let settings = Settings {
        pace,
        facilitator: job.facilitator,
        environment: job.environment.name(),
        patience: None,
        persistent: false,
    };
    let (events, _) = mpsc::unbounded_channel();
    Ok(Engine::new(Arc::new(client), context.ledger_to_look()?, settings, events, interrupt))
}

/// Opens the doors of the job, and says where one is shut.
async fn through_doors(
    engine: Engine<Client>,
    file: &JobFile,
    tokens: &TokenSource,
    place: &Place,
    context: &Context,
) -> Result<Engine<Client>, Failure> {
    let token = tokens.current();
    let claims = token.claims();
    let doors = Doors::of(file.job.api, claims.is_system_user);
    // The sandbox without a sign-in lets everybody look everything up.
    let may_look_up = if place.sign_in.is_none() { Some(true) } else { claims.may_list_parties() };
    let party = Party { configured: file.job.facilitator_id, may_look_up };
    let (engine, found) = match engine.open_doors(doors, party).await {
        Err(error) if doors.second == SecondDoor::Must => {
            return Err(shut(error, claims.is_system_user));
        }
        opened => opened?,
    };
    let output = context.output;
    match found {
        DoorsFound::Second(_) => {
            output.step(say!("cli-lists-are-read-through-access-management-with"));
        }
        DoorsFound::FirstAlone => {
            output.step(say!("cli-lists-are-read-through-the-first-api-alone"));
        }
        DoorsFound::SecondIsShut(halted) => {
            let why = match halted.message() {
                message if message.is_empty() => kept!("cli-access-management-is-not-read"),
                message => message,
            };
            output.note(say!(
                "cli-what-is-missing-of-a-clients-packages-is-seen",
                cause = halted.cause.explanation(),
                why = why
            ));
        }
    }
    Ok(engine)
}

/// A door that must be open and is not: said before anything is sent, with what to order.
fn shut(error: EngineError, is_system_user: bool) -> Failure {
    let refused = matches!(
        &error,
        EngineError::Halted(halted)
            if matches!(halted.cause, HaltCause::Forbidden | HaltCause::NotPublished | HaltCause::PartyUnknown)
    );
    let failure = Failure::from(error);
    if !refused {
        return failure;
    }
    let failure = failure.detail(say!("cli-access-managements-api-is-shut-for-this-sign"));
    if is_system_user {
        failure
            .detail(say!("cli-the-first-api-cannot-stand-in-for-it-it-never"))
            .hint(say!("cli-the-system-user-must-be-a-standard-one-with"))
    } else {
        failure.hint(say!("cli-or-take-api-out-of-the-job-file-a-person-can"))
    }
}

/// Signs in; a person at a terminal who has not yet is asked to do so now.
pub(crate) async fn tokens(
    file: &JobFile,
    place: &Place,
    interrupt: &Interrupt,
    context: &Context,
) -> Result<TokenSource, Failure> {
    let opened = tokio::select! {
        biased;
        () = interrupt.requested() => return Err(Failure::new(Exit::Interrupted, say!("cli-interrupted-nothing-was-sent"))),
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
    lacks_scopes(&tokens, &missing).map_err(|failure| {
        failure
            .hint(say!("cli-a-run-needs-both-altinn-clientdelegations"))
            .hint(say!("cli-give-the-client-both-scopes-in"))
    })?;
    Ok(tokens)
}

/// An error where a token lacks any scopes.
pub(super) fn lacks_scopes(tokens: &TokenSource, missing: &[&str]) -> Result<(), Failure> {
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Stopped,
        say!(
            "cli-the-token-from-lacks-the-scope",
            from = Lazy(|| tokens.name().to_string()),
            scopes = missing.join(text!("cli-and"))
        ),
    ))
}
