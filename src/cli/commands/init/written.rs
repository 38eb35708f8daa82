//! The job file written, and what comes next.

use std::{fmt, io::ErrorKind, path::PathBuf};

use serde::Serialize;

use super::{
    super::super::exit::{Exit, Failure},
    draft::Draft,
};
use crate::{
    model::{JobKind, argument},
    state_dir::{Readers, write_bytes, write_new},
    words::{for_people, fullmakt, say},
};

/// Writes the file, whole or not at all.
pub(super) fn write(draft: &Draft, may_replace: bool) -> Result<(), Failure> {
    let text = for_people(|| draft.text());
    let written = if may_replace {
        write_bytes(&draft.path, Readers::Everybody, text.as_bytes())
    } else {
        write_new(&draft.path, Readers::Everybody, text.as_bytes())
    };
    written.map_err(|error| {
        let file = draft.path.display();
        if error.kind() == ErrorKind::AlreadyExists {
            return Failure::nothing_sent(say!("init-there-is-a-file", file = file))
                .hint(say!("init-there-is-a-file-to-do"));
        }
        Failure::new(Exit::Fault, say!("cli-cannot-be-written", file = file, error = error))
    })
}

/// What was written, and what comes next.
#[derive(Serialize)]
pub(super) struct Written {
    job_file: PathBuf,
    name: String,
    kind: JobKind,
    environment: String,
    facilitator: String,
    /// As Altinn has it; empty where that is not known.
    facilitator_name: String,
    agent: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<String>,
    /// Different clients in the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    clients: Option<u64>,
    /// Whether Altinn was asked for the firm and its system users.
    looked_up: bool,
    /// The commands that come next, in their order.
    next: Vec<String>,
    /// Rows of the list that cannot be acted on.
    #[serde(skip_serializing_if = "is_zero")]
    rejected: u64,
    #[serde(skip)]
    signs_in_first: bool,
}

impl Written {
    pub(super) fn of(draft: &Draft, clients: Option<u64>, rejected: u64, is_known: bool) -> Self {
        let job = argument(&draft.path);
        let is_a_person = draft.auth.iter().any(|(key, value)| *key == "method" && value == "id-porten");
        let signs_in_first = is_a_person && !is_known;
        let first = signs_in_first.then(|| format!("{} login {job}", fullmakt()));
        let look = if is_known || signs_in_first { "plan" } else { "doctor" };
        Self {
            job_file: draft.path.clone(),
            name: draft.name.clone(),
            kind: draft.kind,
            environment: draft.environment.name(),
            facilitator: draft.facilitator.to_string(),
            facilitator_name: draft.facilitator_name.clone(),
            agent: draft.agent.as_ref().map(|(id, _)| id.clone()).unwrap_or_default(),
            manifest: draft.manifest.clone(),
            clients,
            looked_up: is_known,
            next: first
                .into_iter()
                .chain([format!("{} {look} {job}{}", fullmakt(), skips(look, rejected))])
                .collect(),
            rejected,
            signs_in_first,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// What lets a plan be shown of a list in which rows cannot be acted on.
fn skips(command: &str, rejected: u64) -> &'static str {
    if command == "plan" && rejected > 0 { " --skip-invalid" } else { "" }
}

impl fmt::Display for Written {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let job = argument(&self.job_file);
        writeln!(out, "{}", say!("init-written", file = self.job_file.display()))?;
        if self.rejected > 0 {
            writeln!(out, "{}", say!("init-next-correct", rows = self.rejected))?;
        }
        let plans = self.signs_in_first || self.looked_up;
        let job = if plans { format!("{job}{}", skips("plan", self.rejected)) } else { job };
        if self.signs_in_first {
            writeln!(out, "{}", say!("init-next-login", job = argument(&self.job_file), plan = job))
        } else if self.looked_up {
            writeln!(out, "{}", say!("init-next-plan", job = job))
        } else {
            writeln!(out, "{}", say!("init-next-doctor", job = job))
        }
    }
}
