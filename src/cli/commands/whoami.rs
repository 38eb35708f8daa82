//! `fullmakt whoami`.

use std::{fmt, path::PathBuf};

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use super::super::{
    Context,
    exit::{Exit, Failure},
    job::JobFile,
    place::Place,
};
use crate::{
    altinn::{TokenSource, auth::NEEDED_SCOPES},
    report::{approximately, clock_time},
};

/// Say who is signed in, with which scopes, and until when
///
/// Signs in first where that needs nobody (Maskinporten). Exit code 3 when a scope that a run needs is missing.
#[derive(Debug, Args)]
pub(crate) struct WhoamiArgs {
    /// The job file
    job: PathBuf,
}

pub(crate) async fn whoami(args: WhoamiArgs, context: &Context) -> Result<Exit, Failure> {
    let file = JobFile::read(&args.job)?;
    let place = Place::of(&file, context).await?;
    let tokens = place.tokens().await?;
    let identity = Identity::of(&tokens, &place);
    context.output.answer(&identity, &identity);
    Ok(identity.exit())
}

/// Who is signed in.
#[derive(Serialize)]
pub(crate) struct Identity {
    /// In words; none when the token does not say.
    who: Option<String>,
    /// `token`, `id-porten` or `maskinporten`; `none` for the sandbox without a sign-in.
    method: &'static str,
    /// Where the token comes from.
    from: String,
    environment: String,
    /// None when the token does not say.
    scopes: Option<Vec<String>>,
    /// Of the two that a run needs; empty when none is missing or the token does not say.
    missing_scopes: Vec<&'static str>,
    /// None when the token does not say.
    expires_at: Option<Timestamp>,
}

impl Identity {
    pub(crate) fn of(tokens: &TokenSource, place: &Place) -> Self {
        let token = tokens.current();
        let claims = token.claims();
        Self {
            who: claims.who.clone(),
            method: place.sign_in.as_ref().map_or("none", |sign_in| sign_in.auth.method()),
            from: tokens.name(),
            environment: place.environment.clone(),
            scopes: claims.scopes.as_ref().map(|scopes| scopes.iter().cloned().collect()),
            missing_scopes: claims.missing_scopes(),
            expires_at: claims.expires_at,
        }
    }

    /// A sign-in that a run cannot use is none.
    pub(crate) fn exit(&self) -> Exit {
        if self.missing_scopes.is_empty() { Exit::Done } else { Exit::Stopped }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.who {
            Some(who) => writeln!(out, "signed in to {} as {who}", self.environment)?,
            None => writeln!(
                out,
                "there is a token for {}; it does not say whose it is, and Altinn has not been asked",
                self.environment
            )?,
        }
        writeln!(out, "  by:          {}", self.from)?;
        match &self.scopes {
            None => writeln!(out, "  scopes:      the token does not say")?,
            Some(scopes) => writeln!(out, "  scopes:      {}", scopes.join(" "))?,
        }
        match self.missing_scopes.as_slice() {
            [] if self.scopes.is_some() => {
                writeln!(out, "               both that a run needs are there")?;
            }
            [] => {}
            missing => {
                let both = NEEDED_SCOPES.join(" and ");
                writeln!(out, "  missing:     {} (a run needs {both})", missing.join(" and "))?;
            }
        }
        match self.expires_at {
            None => writeln!(out, "  until:       the token does not say"),
            Some(at) => {
                let left = at.duration_since(crate::clock::now()).unsigned_abs();
                writeln!(out, "  until:       {} (the token; {} left)", clock_time(at), approximately(left))
            }
        }
    }
}
