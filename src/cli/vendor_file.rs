//! A vendor file, and the vendor's side of Altinn connected and signed in.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::sync::mpsc;

use super::{
    Context,
    exit::{Exit, Failure},
    job::{read_text, with_whole_paths},
    place::{sign_in_to, with_addresses_of},
    session::lacks_scopes,
    signals,
    together::pace_of,
};
use crate::{
    altinn::{TokenSource, auth::REQUEST_SCOPES, requests::Requests},
    engine::{Engine, Interrupt, Settings},
    ledger::{Ledger, RunRecord},
    model::{Auth, OrganisationNumber, Vendor},
    report::Progress,
    sandbox::{Server, VENDOR_TOKEN},
    words::{Lazy, Wording, kept, say, text},
};

/// A vendor file with where it came from.
#[derive(Debug, Clone)]
pub(crate) struct VendorFile {
    /// What it says.
    pub(crate) vendor: Vendor,
    /// The file, whole path.
    pub(crate) path: PathBuf,
    /// Its text.
    pub(crate) text: String,
}

impl VendorFile {
    /// Reads a vendor file.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let (text, path) = read_text(path, |error| {
            Failure::nothing_sent(say!(
                "request-vendor-file-cannot-be-read",
                path = path.display(),
                error = error
            ))
            .hint(say!("request-name-the-vendor-file"))
        })?;
        Self::parse(text, path)
    }

    /// The vendor file of a round: as it is now; or as it was, where it is there no more.
    pub(crate) fn of_run(run: &RunRecord) -> Result<Self, Failure> {
        let path = PathBuf::from(&run.job_file);
        let file = if path.exists() { Self::read(&path)? } else { Self::parse(run.job_text.clone(), path)? };
        let vendor = &file.vendor;
        if vendor.environment.name() != run.environment || vendor.system_id != run.agent_title {
            return Err(Failure::nothing_sent(say!(
                "request-vendor-file-is-about-another-system",
                path = run.job_file,
                system = run.agent_title,
                environment = run.environment
            )));
        }
        Ok(file)
    }

    fn parse(text: String, path: PathBuf) -> Result<Self, Failure> {
        let problem = || Vendor::parse(&text).err().map(|error| error.to_string()).unwrap_or_default();
        let vendor = Vendor::parse(&text).map_err(|_| {
            Failure::nothing_sent(say!(
                "request-vendor-file-is-wrong",
                path = path.display(),
                error = Lazy(problem)
            ))
        })?;
        Ok(Self { vendor, path, text })
    }

    /// A path of the file: relative to it.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(path)
    }

    /// How the vendor signs in, with whole paths.
    fn auth(&self) -> Option<Auth> {
        self.vendor.auth.clone().map(|auth| with_whole_paths(auth, |path| self.resolve(path)))
    }
}

/// The vendor's side of Altinn, ready to be asked.
pub(crate) struct VendorSession {
    /// The engine.
    pub(crate) engine: Engine<Requests>,
    /// Who shows what the engine tells.
    pub(crate) progress: Progress,
    /// Ctrl-C.
    pub(crate) interrupt: Interrupt,
    /// Who signed in, where the token says.
    who: Option<Wording>,
    /// The sandbox, when the file is for it; it ends with this.
    #[expect(dead_code, reason = "held, so that it answers")]
    sandbox: Option<Arc<Server>>,
}

impl VendorSession {
    /// Connects and signs in. `sends` is whether anything is to be changed; whoever only looks does not wait for an outage
    /// to end.
    pub(crate) async fn open(
        file: &VendorFile,
        ledger: Ledger,
        firms: &HashSet<OrganisationNumber>,
        sends: bool,
        context: &Context,
    ) -> Result<Self, Failure> {
        let interrupt =
            signals::listen(context.output, text!("cli-stopping-waiting-for-the-answers-that-are"));
        let vendor = &file.vendor;
        let (origin, sandbox) = if let Some(origin) = vendor.environment.origin() {
            (origin, None)
        } else {
            let server = Arc::new(super::commands::sandbox::in_process(firms, context).await?);
            (server.origin().clone(), Some(server))
        };
        context.output.step(say!("cli-altinn-is", origin = origin));
        let tokens = match file.auth() {
            None => TokenSource::fixed(&VENDOR_TOKEN.into(), kept!("cli-the-sandbox"))?,
            Some(auth) => {
                let auth = sandbox.as_ref().map_or(auth.clone(), |server| with_addresses_of(server, auth));
                let sign_in = sign_in_to((&origin, &vendor.environment), auth, vendor.pace, context)?;
                tokio::select! {
                    biased;
                    () = interrupt.requested() => {
                        return Err(Failure::new(Exit::Interrupted, say!("cli-interrupted-nothing-was-sent")));
                    }
                    opened = sign_in.open_as_vendor() => opened?,
                }
            }
        };
        must_have_scopes(&tokens)?;
        let who = tokens.current().claims().who.clone();
        let api = Requests::new(&origin, vendor.pace.timeout, tokens, &vendor.system_id)
            .map_err(|error| Failure::new(Exit::Fault, error))?;
        let pages = sandbox.as_ref().and_then(|_| super::commands::sandbox::served_at().parse().ok());
        let api = match pages {
            Some(pages) => api.with_pages_at(pages),
            None => api,
        };
        let (sender, events) = mpsc::unbounded_channel();
        let settings = Settings {
            pace: vendor.pace,
            // Whoever asks: no list of a firm's clients is read here.
            facilitator: vendor.organisation,
            environment: vendor.environment.name(),
            patience: None,
            persistent: sends,
        };
        let pace = pace_of(!sends, vendor.pace.rate, &vendor.environment, vendor.auth.as_ref(), context)?;
        let engine = Engine::new(Arc::new(api), ledger, settings, sender, interrupt.clone());
        let engine = engine.at_pace(pace.share());
        let progress = Progress::start(context.output.progress(), context.output.is_verbose(), events);
        Ok(Self { engine, progress, interrupt, who, sandbox })
    }

    /// Who signed in, in words for the ledger; empty when the token does not say.
    pub(crate) fn signed_in_as(&self, file: &VendorFile) -> Wording {
        match (&self.who, &file.vendor.auth) {
            (Some(who), Some(auth)) => Wording::of(|| format!("{who} ({})", auth.method())),
            _ => Wording::NOTHING,
        }
    }
}

fn must_have_scopes(tokens: &TokenSource) -> Result<(), Failure> {
    let missing = tokens.current().claims().missing_of(&REQUEST_SCOPES);
    lacks_scopes(tokens, &missing).map_err(|failure| failure.hint(say!("request-hint-scopes")))
}
