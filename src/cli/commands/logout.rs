//! `fullmakt logout`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::{
    altinn::auth::SignedOut,
    words::{say, text},
};

use super::super::{
    Context,
    exit::{Exit, Failure},
    job::JobFile,
    place::Place,
};

/// End the sign-in with ID-porten: revoke it, and forget it on this machine
#[derive(Debug, Args)]
pub(crate) struct LogoutArgs {
    /// The job file; its [auth] says method = "id-porten"
    job: PathBuf,
}

#[derive(Serialize)]
struct LoggedOut {
    signed_in: bool,
    revoked: bool,
}

pub(crate) async fn logout(args: LogoutArgs, context: &Context) -> Result<Exit, Failure> {
    let file = JobFile::read(&args.job)?;
    let place = Place::of(&file, context).await?;
    let SignedOut { was_signed_in, not_told } = place.id_porten()?.sign_out().await?;
    let answer = LoggedOut { signed_in: false, revoked: not_told.is_none() };
    let words = if was_signed_in {
        format!("{}\n", text!("cli-signed-out-nothing-of-it-is-left-on-this"))
    } else {
        format!("{}\n", text!("cli-nobody-was-signed-in"))
    };
    context.output.answer(words, &answer);
    if let Some(error) = not_told {
        context.output.note(say!("cli-id-porten-could-not-be-told", error = error, hint = error.hint()));
    }
    Ok(Exit::Done)
}
