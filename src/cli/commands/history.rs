//! `fullmakt history`.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use clap::Args;
use serde::Serialize;

use super::{
    super::{
        Context,
        exit::{Exit, Failure},
        job::JobFile,
    },
    access::{ClientView, Text as AccessText, note_stranger, read},
};
use crate::{
    model::{ClientId, OrganisationNumber},
    report::{History, SupportText},
    words::say,
};

/// How one client stands, and everything that is known of it; offline
///
/// Exit code 1 when the ledger knows nothing of the client.
#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// The client's organisation number, in any way of writing it; or its party UUID, for a private person
    org: String,
    /// Print what Altinn's service desk asks for: each request with its time in UTC, status, code and trace id
    #[arg(long)]
    support: bool,
    /// Ask Altinn first, signed in as this job file says: which of the firm's system users can act for the client now,
    /// and with what
    #[arg(long, value_name = "JOB", conflicts_with = "support")]
    now: Option<PathBuf>,
}

/// The answer: what Altinn says now, and what was done.
#[derive(Serialize)]
struct Told<'a> {
    /// None where Altinn was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    access: Option<Vec<ClientView>>,
    #[serde(flatten)]
    history: &'a History,
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(access) = &self.access {
            writeln!(out, "{}", AccessText(access))?;
        }
        write!(out, "{}", self.history)
    }
}

pub(crate) async fn history(args: HistoryArgs, context: &Context) -> Result<Exit, Failure> {
    let ledger = context.ledger_to_look()?;
    let (client, runs) = if let Ok(client) = args.org.trim().parse::<ClientId>() {
        (client.to_string(), ledger.history_of_client(client)?)
    } else {
        let number = OrganisationNumber::parse(&args.org).map_err(|error| {
            Failure::nothing_sent(say!("cli-is-no-client", client = format!("{:?}", args.org), error = error))
                .hint(say!("cli-give-an-organisation-number-such-as-310609544"))
        })?;
        (number.to_string(), ledger.history_of_number(&number.to_string())?)
    };
    let access = match &args.now {
        None => None,
        Some(job) => Some(asked(job, &client, context).await?),
    };
    if runs.is_empty() && access.as_ref().is_none_or(Vec::is_empty) {
        return Err(Failure::new(
            Exit::SomeFailed,
            say!(
                "cli-the-ledger-in-knows-nothing-of",
                path = context.state()?.path().display(),
                client = client
            ),
        )
        .hint(say!("cli-no-run-kept-there-has-named-this-client-state")));
    }
    let history = History::new(client, runs);
    if args.support {
        context.output.answer(SupportText(&history), &history);
    } else {
        let told = Told { access, history: &history };
        context.output.answer(&told, &told);
    }
    Ok(Exit::Done)
}

/// Who can act for this one client now.
async fn asked(job: &Path, client: &str, context: &Context) -> Result<Vec<ClientView>, Failure> {
    // A private person has no number to ask for: all are read, and the others left out.
    let number = OrganisationNumber::parse(client).ok();
    let file = JobFile::read(job)?;
    let (_, mut found) = read(&file, &number.into_iter().collect(), context).await?;
    found.retain(|found| number.is_some() || found.is(client));
    if found.is_empty() {
        note_stranger(client, &file, context);
    }
    Ok(found)
}
