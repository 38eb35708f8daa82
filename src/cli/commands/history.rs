//! `fullmakt history`.

use clap::Args;

use super::super::{
    Context,
    exit::{Exit, Failure},
};
use crate::{
    model::{ClientId, OrganisationNumber},
    report::{History, SupportText},
};

/// Everything that is known of one client, over all runs and agents; offline
///
/// Exit code 1 when the ledger knows nothing of the client.
#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// The client's organisation number, in any way of writing it; or its party UUID, for a private person
    org: String,
    /// Print what Altinn's service desk asks for: each request with its time in UTC, status, code and trace id
    #[arg(long)]
    support: bool,
}

pub(crate) fn history(args: &HistoryArgs, context: &Context) -> Result<Exit, Failure> {
    let ledger = context.ledger_to_look()?;
    let (client, runs) = if let Ok(client) = args.org.trim().parse::<ClientId>() {
        (client.to_string(), ledger.history_of_client(client)?)
    } else {
        let number = OrganisationNumber::parse(&args.org).map_err(|error| {
            Failure::nothing_sent(format!("{:?} is no client: {error}", args.org))
                .hint("give an organisation number such as 310609544, or the client's party UUID")
        })?;
        (number.to_string(), ledger.history_of_number(&number.to_string())?)
    };
    if runs.is_empty() {
        return Err(Failure::new(
            Exit::SomeFailed,
            format!("the ledger in {} knows nothing of {client}", context.state()?.path().display()),
        )
        .hint("no run kept there has named this client; --state-dir names another folder"));
    }
    let history = History::new(client, runs);
    if args.support {
        context.output.answer(SupportText(&history), &history);
    } else {
        context.output.answer(&history, &history);
    }
    Ok(Exit::Done)
}
