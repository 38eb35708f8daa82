//! `fullmakt login`, and the sign-in that other commands offer when there is none.

use std::{
    fmt,
    io::{self, BufRead, IsTerminal},
    path::PathBuf,
    time::Duration,
};

use clap::Args;
use serde::Serialize;
use url::Url;

use super::super::{
    Context,
    asking::ask,
    exit::{Exit, Failure},
    job::JobFile,
    place::Place,
    signals,
    whoami::Identity,
};
use crate::{
    altinn::auth::{AuthorizationRequest, AuthorizationResponse, IdPorten, Kept, Redirect, SignedIn},
    engine::Interrupt,
    words::{say, text},
};

/// How long a person may take to sign in.
const PATIENCE: Duration = Duration::from_mins(10);

/// Sign in with ID-porten, as a person
///
/// Opens the browser, and shows the address for those without one. The sign-in is kept in the operating system's
/// keyring, or where there is none in a file that only you can read, for every job with the same client.
#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// The job file; its [auth] says method = "id-porten"
    job: PathBuf,
    /// Only show the address
    #[arg(long)]
    no_browser: bool,
}

pub(crate) async fn login(args: LoginArgs, context: &Context) -> Result<Exit, Failure> {
    let file = JobFile::read(&args.job)?;
    let interrupt = signals::listen(context.output, text!("cli-not-signed-in"));
    let place = Place::of(&file, context).await?;
    let id_porten = place.id_porten()?;
    let signed_in = sign_in(&id_porten, !args.no_browser, &interrupt, context).await?;
    let tokens = place.tokens().await?;
    let login = Login {
        identity: Identity::of(&tokens, &place),
        lasts: signed_in.lasts,
        kept_in: match signed_in.kept {
            Kept::InKeyring => "keyring".to_owned(),
            Kept::InFile(path) => path.display().to_string(),
        },
    };
    context.output.answer(&login, &login);
    Ok(login.identity.exit())
}

/// Offers a person at a terminal to sign in now. Whether he did.
pub(crate) async fn offered(
    file: &JobFile,
    place: &Place,
    interrupt: &Interrupt,
    context: &Context,
) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(false);
    }
    let question = say!("cli-needs-you-to-sign-in-with-id-porten-now-y-n", job = file.job.name).to_string();
    if !ask(&question, context, interrupt).await? {
        return Ok(false);
    }
    let id_porten = place.id_porten()?;
    sign_in(&id_porten, true, interrupt, context).await?;
    Ok(true)
}

/// The whole way of a person: to the browser, and back.
async fn sign_in(
    id_porten: &IdPorten,
    with_browser: bool,
    interrupt: &Interrupt,
    context: &Context,
) -> Result<SignedIn, Failure> {
    let redirect = id_porten.redirect().clone();
    let way_back = if redirect.scheme() == "http" { Some(Redirect::listen(&redirect).await?) } else { None };
    let not_signed_in = || Failure::new(Exit::Interrupted, say!("cli-interrupted-nobody-is-signed-in"));
    let begun = tokio::select! {
        biased;
        () = interrupt.requested() => return Err(not_signed_in()),
        begun = id_porten.begin() => begun?,
    };
    context.output.ask(format!("{}\n\n  {}\n\n", text!("cli-sign-in-here"), begun.address));
    if with_browser {
        open_browser(&begun.address, context);
    }
    let ended = tokio::select! {
        biased;
        () = interrupt.requested() => return Err(not_signed_in()),
        () = tokio::time::sleep(PATIENCE) => {
            return Err(Failure::new(Exit::Stopped, say!("cli-nobody-has-signed-in-within-10-minutes"))
                .hint(say!("cli-fullmakt-login-job-begins-anew")));
        }
        ended = end(way_back, &begun, &redirect, context) => ended?,
    };
    tokio::select! {
        biased;
        () = interrupt.requested() => Err(not_signed_in()),
        signed_in = id_porten.finish(begun, ended) => Ok(signed_in?),
    }
}

/// A browser that does not open is no reason to stop: the address is on the screen.
fn open_browser(address: &Url, context: &Context) {
    let mut options = webbrowser::BrowserOptions::new();
    options.with_suppress_output(true);
    if webbrowser::open_browser_with_options(webbrowser::Browser::Default, address.as_str(), &options)
        .is_err()
    {
        context.output.note(say!("cli-no-browser-could-be-opened-here-copy-the"));
    }
}

/// Waits for the browser to come back, or for the person to paste where it ended.
async fn end(
    way_back: Option<Redirect>,
    begun: &AuthorizationRequest,
    redirect: &Url,
    context: &Context,
) -> Result<AuthorizationResponse, Failure> {
    if let Some(way_back) = way_back {
        return Ok(way_back.wait(begun).await?);
    }
    context.output.ask(format!(
        "{}\n{} ",
        say!("cli-when-you-have-signed-in", redirect = redirect),
        text!("cli-paste-all-of-that-address")
    ));
    loop {
        let read = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            io::stdin().lock().read_line(&mut line).map(|read| (read, line))
        });
        let Ok(Ok((read, line))) = read.await else {
            return Err(no_address());
        };
        if read == 0 {
            context.output.ask("\n");
            return Err(no_address());
        }
        if line.trim().is_empty() {
            continue;
        }
        match AuthorizationResponse::read(&line, redirect) {
            Ok(ended) if begun.is_answered_by(&ended) => return Ok(ended),
            Ok(_) => {
                context.output.ask(format!("{} ", text!("cli-this-address-is-of-another-sign-in-paste-the")));
            }
            Err(problem) => context.output.ask(format!("{} ", say!("cli-once-more", problem = problem))),
        }
    }
}

fn no_address() -> Failure {
    Failure::new(Exit::Stopped, say!("cli-no-address-was-pasted-nobody-is-signed-in"))
        .hint(say!("cli-fullmakt-login-job-begins-anew"))
}

/// What a sign-in came to.
#[derive(Serialize)]
struct Login {
    #[serde(flatten)]
    identity: Identity,
    /// Whether it outlives its token.
    lasts: bool,
    kept_in: String,
}

impl fmt::Display for Login {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.identity)?;
        match self.kept_in.as_str() {
            "keyring" => writeln!(out, "  {}", text!("cli-kept-in-the-keyring"))?,
            file => {
                writeln!(
                    out,
                    "  {}",
                    say!("cli-kept-in-there-is-no-keyring-here-only-you-can", file = file)
                )?;
            }
        }
        if self.lasts {
            writeln!(out, "{}", text!("cli-the-sign-in-is-renewed-by-itself-while-id"))
        } else {
            writeln!(out, "{}", text!("cli-id-porten-gave-no-refresh-token-only-clients"))
        }
    }
}
