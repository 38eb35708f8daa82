//! `fullmakt clients`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::super::{
    Context,
    exit::{Exit, Failure},
    job::JobFile,
    session::{Errand, Session},
};
use crate::{
    manifest::{Dialect, Writer},
    model::{ClientList, ListedClient},
    report::count,
};

/// The clients delegated now, as a manifest
///
/// Private persons have no organisation number, so that a manifest cannot name them: they are counted on stderr, and
/// listed with `--format json`.
#[derive(Debug, Args)]
pub(crate) struct ClientsArgs {
    /// The job file
    job: PathBuf,
    /// Those that could be delegated instead (Altinn lists the ones that are delegated among them)
    #[arg(long)]
    available: bool,
}

#[derive(Serialize)]
struct Clients {
    facilitator: String,
    agent: String,
    list: &'static str,
    clients: Vec<ClientView>,
}

#[derive(Serialize)]
struct ClientView {
    client: String,
    organisation_number: Option<String>,
    name: String,
}

pub(crate) async fn clients(args: ClientsArgs, context: &Context) -> Result<Exit, Failure> {
    let file = JobFile::read(&args.job)?;
    let session = Session::open(&file, context.ledger_to_look()?, Errand::Look, context).await?;
    let list = if args.available { ClientList::Available } else { ClientList::Delegated };
    let (agent, listed) = session.engine.clients(list, &file.job.agent).await?;
    let persons = listed.iter().filter(|client| client.number.is_none()).count() as u64;
    let csv = manifest(&listed).map_err(|error| Failure::new(Exit::Fault, error))?;
    let clients = Clients {
        facilitator: file.job.facilitator.to_string(),
        agent: agent.id.to_string(),
        list: if args.available { "available" } else { "delegated" },
        clients: listed.into_iter().map(ClientView::from).collect(),
    };
    context.output.answer(csv, &clients);
    if persons > 0 && !context.output.is_json() {
        context.output.note(format!(
            "{} private persons are not shown: they have no organisation number",
            count(persons)
        ));
    }
    Ok(Exit::Done)
}

impl From<ListedClient> for ClientView {
    fn from(client: ListedClient) -> Self {
        Self {
            client: client.id.to_string(),
            organisation_number: client.number.map(|number| number.to_string()),
            name: client.name,
        }
    }
}

fn manifest(listed: &[ListedClient]) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes, &Dialect::plain(&["organisation_number", "name"]), &[])?;
    for client in listed {
        if let Some(number) = client.number {
            writer.write(&[number.to_string(), client.name.clone()])?;
        }
    }
    writer.finish()?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
