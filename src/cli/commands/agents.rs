//! `fullmakt agents`.

use std::{fmt, path::PathBuf};

use clap::Args;
use serde::Serialize;

use super::super::{
    Context,
    exit::{Exit, Failure},
    job::JobFile,
    session::{Errand, Session},
};
use crate::{
    model::{Agent, AgentKind},
    words::{say, text},
};

/// The facilitator's system users, with their access packages
#[derive(Debug, Args)]
pub(crate) struct AgentsArgs {
    /// The job file; its `agent` need not be right yet, only a UUID
    job: PathBuf,
}

#[derive(Serialize)]
struct Agents {
    facilitator: String,
    agents: Vec<Agent>,
}

pub(crate) async fn agents(args: AgentsArgs, context: &Context) -> Result<Exit, Failure> {
    let file = JobFile::read(&args.job)?;
    let session = Session::open(&file, context.ledger_to_look()?, Errand::LookAtAgents, context).await?;
    let agents =
        Agents { facilitator: file.job.facilitator.to_string(), agents: session.engine.agents().await? };
    context.output.answer(&agents, &agents);
    Ok(Exit::Done)
}

impl fmt::Display for Agents {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.agents.is_empty() {
            return writeln!(out, "{}", say!("cli-has-no-system-users", facilitator = self.facilitator));
        }
        for agent in &self.agents {
            let title = if agent.title.is_empty() { text!("cli-no-title") } else { &agent.title };
            writeln!(out, "{}  {title}", agent.id)?;
            let kind = match agent.kind {
                _ if agent.deleted => text!("cli-deleted-can-have-no-clients"),
                AgentKind::Agent if agent.packages.is_empty() => {
                    text!("cli-for-client-relationships-but-without-an")
                }
                AgentKind::Agent => text!("cli-for-client-relationships-can-be-given-clients"),
                AgentKind::Standard => text!("cli-standard-can-have-no-clients"),
                AgentKind::Unknown => text!("cli-of-a-kind-that-this-version-does-not-know"),
            };
            writeln!(out, "    {kind}")?;
            if !agent.system_id.is_empty() {
                writeln!(
                    out,
                    "    {}",
                    say!("cli-system-by", system = agent.system_id, supplier = agent.supplier)
                )?;
            }
            // Where none was given, Altinn says the firm's number, which tells nobody apart.
            let given = agent.external_ref.as_ref().filter(|external_ref| **external_ref != self.facilitator);
            if let Some(external_ref) = given {
                writeln!(out, "    external_ref {external_ref}")?;
            }
            for package in &agent.packages {
                writeln!(out, "    {package}")?;
            }
        }
        Ok(())
    }
}
