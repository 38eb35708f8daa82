//! `fullmakt access`.

use std::{collections::BTreeSet, fmt, path::PathBuf};

use clap::Args;
use serde::Serialize;

use super::super::{
    Context,
    exit::{Exit, Failure},
    job::JobFile,
    session::{Errand, Session},
};
use crate::{
    engine::{AgentAccess, ClientAccess},
    manifest::{Dialect, Writer},
    model::{OrganisationNumber, in_words, short},
    words::{Lazy, say, text},
};

/// Who can act for whom now, with which packages, and what is missing
///
/// Reads Altinn's lists of every system user for client relationships. Packages are told where access management's API
/// is open to the sign-in.
#[derive(Debug, Args)]
pub(crate) struct AccessArgs {
    /// The job file
    job: PathBuf,
    /// Organisation numbers of clients; all clients where none is given
    organisations: Vec<String>,
    /// Print one row for each client and system user, as CSV
    #[arg(long)]
    csv: bool,
}

#[derive(Serialize)]
pub(super) struct ClientView {
    client: String,
    organisation_number: Option<String>,
    name: String,
    /// None where the packages were not to be read.
    held: Option<Vec<String>>,
    agents: Vec<AgentView>,
}

#[derive(Serialize)]
struct AgentView {
    agent: String,
    title: String,
    delegated: bool,
    packages: Option<Vec<String>>,
    missing: Vec<String>,
}

pub(crate) async fn access(args: AccessArgs, context: &Context) -> Result<Exit, Failure> {
    let of = args
        .organisations
        .iter()
        .map(|text| {
            OrganisationNumber::parse(text)
                .map_err(|error| Failure::nothing_sent(Lazy(|| format!("{text:?}: {error}"))))
        })
        .collect::<Result<BTreeSet<_>, _>>()?;
    let file = JobFile::read(&args.job)?;
    let (seen, views) = read(&file, &of, context).await?;
    if args.csv && !context.output.is_json() {
        let csv = csv(&views).map_err(|error| Failure::new(Exit::Fault, error))?;
        context.output.answer(csv, &views);
    } else {
        context.output.answer(Text(&views), &views);
    }
    for number in of.difference(&seen) {
        note_stranger(number, &file, context);
    }
    Ok(Exit::Done)
}

/// Says that no list of the firm's has this client.
pub(super) fn note_stranger(client: impl fmt::Display, file: &JobFile, context: &Context) {
    let facilitator = file.job.facilitator;
    context.output.note(say!(
        "cli-is-no-client-of-that-altinn-lists-and-none-of",
        number = client,
        facilitator = facilitator
    ));
}

/// Asks Altinn who can act for these clients now, for all where none is named. Answers which numbers it has as well.
pub(super) async fn read(
    file: &JobFile,
    of: &BTreeSet<OrganisationNumber>,
    context: &Context,
) -> Result<(BTreeSet<OrganisationNumber>, Vec<ClientView>), Failure> {
    let session = Session::open(file, context.ledger_to_look()?, Errand::Look, context).await?;
    let found = session.engine.access(of).await?;
    let seen = found.iter().filter_map(|client| client.number).collect();
    Ok((seen, found.into_iter().map(ClientView::from).collect()))
}

impl ClientView {
    /// Whether it is the client with this party UUID.
    pub(super) fn is(&self, client: &str) -> bool {
        self.client == client
    }
}

impl From<ClientAccess> for ClientView {
    fn from(client: ClientAccess) -> Self {
        Self {
            client: client.client.to_string(),
            organisation_number: client.number.map(|number| number.to_string()),
            name: client.name,
            held: client.held,
            agents: client.agents.into_iter().map(AgentView::from).collect(),
        }
    }
}

impl From<AgentAccess> for AgentView {
    fn from(agent: AgentAccess) -> Self {
        let AgentAccess { agent, title, delegated, packages, missing } = agent;
        Self { agent: agent.to_string(), title, delegated, packages, missing }
    }
}

fn names(packages: &[String], between: &str) -> String {
    packages.iter().map(|package| short(package)).collect::<Vec<_>>().join(between)
}

/// For people: of each client only the system users that have something of it.
pub(super) struct Text<'a>(pub(super) &'a [ClientView]);

impl fmt::Display for Text<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return writeln!(out, "{}", text!("cli-no-clients"));
        }
        for client in self.0 {
            let number = client.organisation_number.as_deref().unwrap_or(text!("cli-a-private-person"));
            writeln!(out, "{number}  {}", client.name)?;
            match client.held.as_deref() {
                None => {}
                Some([]) => {
                    writeln!(out, "    {}", text!("cli-gives-the-firm-nothing-that-can-be-delegated"))?;
                }
                Some(held) => writeln!(out, "    {}", say!("cli-gives-the-firm", held = names(held, ", ")))?,
            }
            let mut nobody = true;
            for agent in client.agents.iter().filter(|agent| agent.delegated) {
                nobody = false;
                let title = if agent.title.is_empty() { text!("cli-no-title") } else { &agent.title };
                let with = match agent.packages.as_deref() {
                    None => text!("cli-delegated-with-which-packages-was-not-to-be").to_owned(),
                    Some([]) => text!("cli-delegated-with-no-package").to_owned(),
                    Some(packages) => names(packages, ", "),
                };
                writeln!(out, "    {} ({title}): {with}", agent.agent)?;
                if !agent.missing.is_empty() {
                    writeln!(
                        out,
                        "        {}",
                        say!("cli-the-client-does-not-give", missing = in_words(&agent.missing))
                    )?;
                }
            }
            if nobody {
                writeln!(out, "    {}", text!("cli-no-system-user-can-act-for-it"))?;
            }
        }
        Ok(())
    }
}

fn csv(clients: &[ClientView]) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    let columns =
        ["organisation_number", "name", "client", "agent", "title", "delegated", "packages", "missing"];
    let mut writer = Writer::new(&mut bytes, &Dialect::plain(&columns), &[])?;
    for client in clients {
        for agent in &client.agents {
            writer.write(&[
                client.organisation_number.clone().unwrap_or_default(),
                client.name.clone(),
                client.client.clone(),
                agent.agent.clone(),
                agent.title.clone(),
                if agent.delegated { "yes" } else { "no" }.to_owned(),
                names(agent.packages.as_deref().unwrap_or_default(), " "),
                names(&agent.missing, " "),
            ])?;
        }
    }
    writer.finish()?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
