//! A plan, read from the ledger to be shown: what `plan`, `run`, `retry` and `undo` have in common.

use std::{path::Path, time::Duration};

use super::{Context, exit::Failure, job::JobFile, session::Session};
use crate::{
    engine::{Plan, PlanAgents},
    ledger::{Guarded, NamedClient, PlanCounts, PlannedClient},
    model::{ClientState, Job, JobKind, NameCounts, NamesVerdict, argument},
    report::{PlanText, PlanView, Purpose, Warning, WarningKind, other_name},
    words::{Lazy, in_english, say, text},
};

/// A plan that somebody has to say yes to.
pub(crate) struct Proposal<'job> {
    pub(crate) file: &'job JobFile,
    pub(crate) session: Session,
    pub(crate) plan: Plan,
    /// What to think of, besides what the plan says.
    pub(crate) warnings: Vec<Warning>,
    /// So many names in the list may be others than Altinn's, whatever they look like.
    pub(crate) allowed_other_names: Option<u64>,
}

/// A plan, ready to be shown.
pub(crate) struct Planned {
    job: Job,
    kind: JobKind,
    purpose: Purpose,
    agents: PlanAgents,
    counts: PlanCounts,
    latency: Option<Duration>,
    pub(crate) view: PlanView,
    first_failures: Vec<PlannedClient>,
    first_gone: Vec<PlannedClient>,
    first_removed: Vec<PlannedClient>,
    first_named_as_another: Vec<PlannedClient>,
    first_renamed: Vec<PlannedClient>,
    /// The line of the list's last row, where no line break ends it.
    open_end: Option<u64>,
    /// The client of that row, where its name in the list is the beginning of its name.
    cut: Option<PlannedClient>,
}

/// So many clients of a kind are named in a plan for people.
const FIRST: usize = 10;

impl Planned {
    /// Reads the plan from the ledger: the first clients of note, or `all` for JSON.
    pub(crate) async fn read(session: &Session, job: &Job, plan: &Plan, all: bool) -> Result<Self, Failure> {
        let PlanAgents { own, old, others, .. } = &plan.agents;
        let purpose = match (&plan.retry_of, &plan.undo_of) {
            (_, Some(run)) => Purpose::Undo(run.id.clone()),
            (Some(run), None) => Purpose::Retry(run.clone()),
            (None, None) => Purpose::Job,
        };
        let planned = Self {
            job: job.clone(),
            kind: plan.kind,
            purpose,
            agents: plan.agents.clone(),
            counts: plan.counts,
            view: PlanView::of(job, plan.kind, own, old.as_ref(), others, &plan.counts, plan.latency),
            latency: plan.latency,
            first_failures: Vec::new(),
            first_gone: Vec::new(),
            first_removed: Vec::new(),
            first_named_as_another: Vec::new(),
            first_renamed: Vec::new(),
            open_end: plan.open_end,
            cut: None,
        };
        Ok(session
            .engine
            .each_planned(all, planned, move |planned, client| planned.take(client, all))
            .await?)
    }

    /// Says what to think of before saying yes.
    pub(crate) async fn warn(&mut self, session: &Session, plan: &Plan, context: &Context) {
        for warning in warnings_of(plan) {
            self.warning(warning, context);
        }
        if let Some(warning) = self.other_names() {
            self.warning(warning, context);
        }
        if let Some(warning) = session.token_warning(self.view.seconds).await {
            self.warning(warning, context);
        }
        let agents = std::iter::once(&self.agents.own).chain(&self.agents.others);
        for warning in agents.filter_map(Warning::mixed_packages).collect::<Vec<_>>() {
            self.warning(warning, context);
        }
    }

    /// Adds something to think of before saying yes.
    pub(crate) fn warning(&mut self, warning: Warning, context: &Context) {
        context.output.note(&warning.said);
        self.view.warnings.push(warning);
    }

    /// The first clients whose name in the list is not Altinn's. A name of another client is the one to look at: one of the two
    /// gets what is meant for the other.
    fn first_of_other_names(&self) -> impl Iterator<Item = &PlannedClient> {
        let nobodys = self.first_renamed.iter().filter(|client| !client.names_another);
        self.first_named_as_another.iter().chain(nobodys).take(FIRST)
    }

    /// Names in the list that are not Altinn's.
    fn other_names(&self) -> Option<Warning> {
        let NameCounts { compared, other, of_another_client } = self.counts.names;
        if other == 0 {
            return None;
        }
        let examples = || -> Vec<String> { self.first_of_other_names().map(other_name).collect() };
        let message = || {
            let examples = listed(&examples(), other);
            let held = self.counts.held + self.counts.held_rows > 0;
            match of_another_client {
                0 => say!("cli-other-names", other = other, compared = compared, examples = examples)
                    .to_string(),
                others if held => say!(
                    "cli-other-names-held",
                    other = other,
                    compared = compared,
                    others = others,
                    examples = examples
                )
                .to_string(),
                others => say!(
                    "cli-other-names-and-of-others",
                    other = other,
                    compared = compared,
                    others = others,
                    examples = examples
                )
                .to_string(),
            }
        };
        Some(Warning::new(WarningKind::OtherName, message).about(other, in_english(examples)))
    }

    /// What the list's names say, to be asked about before anything else; `None` where they are in order, or where the
    /// list is refused for them.
    pub(crate) fn names_question(&self) -> Option<String> {
        let NameCounts { compared, other, .. } = self.counts.names;
        (self.counts.names.verdict() == NamesVerdict::MostlyOther).then(|| {
            say!("cli-of-names-in-the-list-are-not-altinns-names", other = other, compared = compared)
                .to_string()
        })
    }

    /// Why nothing of it would be sent, with what to do. `allowed_other_names` is how many other names somebody has said yes
    /// to for this once.
    pub(crate) fn refusal(&self, job_file: &Path, allowed_other_names: Option<u64>) -> Option<Failure> {
        self.guards_refusal(job_file)
            .or_else(|| self.cut_refusal())
            .or_else(|| self.names_refusal(job_file, allowed_other_names))
    }

    /// Why the list is refused as a whole: its columns have been shuffled, and something would be sent if they were not.
    fn names_refusal(&self, job_file: &Path, allowed: Option<u64>) -> Option<Failure> {
        let names = self.counts.names;
        let sends = self.counts.operations + self.counts.held > 0;
        if names.verdict() != NamesVerdict::Shuffled || allowed == Some(names.other) || !sends {
            return None;
        }
        let why = Lazy(|| {
            say!(
                "cli-of-names-in-the-list-are-the-names-of-other",
                of_another_client = names.of_another_client,
                compared = names.compared
            )
            .to_string()
        });
        let refused = Failure::nothing_sent(say!("cli-nothing-is-sent", why = why));
        let failure = self
            .first_of_other_names()
            .fold(refused, |failure, client| failure.detail(Lazy(|| other_name(client))));
        Some(failure.hint(say!("cli-open-the-list-and-see-whether-each-number")).hint(say!(
            "cli-if-it-is-right-all-the-same-fullmakt-run",
            job = argument(job_file),
            names = names.other
        )))
    }

    /// Why a list is refused that ends in the middle of a name, where clients that it does not name would lose access.
    fn cut_refusal(&self) -> Option<Failure> {
        let cut = self.cut.as_ref().filter(|_| self.counts.unnamed > 0)?;
        let failure = Failure::nothing_sent(say!(
            "cli-the-list-may-be-cut-off",
            line = cut.line.to_string(),
            name_in_list = cut.name_in_list.clone().unwrap_or_default(),
            name = cut.name,
            clients = self.counts.unnamed
        ));
        Some(failure.hint(say!("cli-end-its-last-row-with-a-line-break")))
    }

    fn take(&mut self, client: PlannedClient, all: bool) {
        if self.open_end == Some(client.line) && ends_within_its_name(&client) {
            self.cut = Some(client.clone());
        }
        let keep = |first: &mut Vec<PlannedClient>, is_one: bool| {
            if is_one && first.len() < FIRST {
                first.push(client.clone());
            }
        };
        let is_failure = client.state == ClientState::Failed
            || (client.state == ClientState::Rejected && client.names_another);
        keep(&mut self.first_gone, client.gone && !client.unnamed);
        keep(&mut self.first_named_as_another, client.names_another);
        keep(&mut self.first_renamed, client.name_in_list.is_some() && !is_failure);
        keep(&mut self.first_removed, client.is_removed());
        keep(&mut self.first_failures, is_failure);
        match client.state {
            ClientState::Pending if all => self.view.operations.push(client),
            ClientState::Failed | ClientState::Rejected if all => self.view.failures.push(client),
            _ => {}
        }
    }

    /// For people.
    pub(crate) fn text(&self) -> PlanText<'_> {
        PlanText {
            job: &self.job,
            kind: self.kind,
            purpose: &self.purpose,
            agent: &self.agents.own,
            old_agent: self.agents.old.as_ref(),
            other_agents: &self.agents.others,
            counts: &self.counts,
            latency: self.latency,
            first_failures: &self.first_failures,
            first_gone: &self.first_gone,
            first_removed: &self.first_removed,
            first_renamed: &self.first_renamed,
        }
    }

    /// The guard's no, where it says no: with what to do once, for this plan alone.
    fn guards_refusal(&self, job_file: &Path) -> Option<Failure> {
        let refused = self.view.refused?;
        let failure = Failure::nothing_sent(Lazy(|| self.text().refusal()));
        let failure = match refused.exceeds {
            Guarded::Removals if self.kind.row().removes_unnamed => {
                failure.hint(say!("cli-is-the-manifest-whole-a-client-that-is-to"))
            }
            _ => failure.hint(say!("cli-is-this-the-right-list-whole-and-of-today")),
        };
        Some(failure.hint(say!(
            "cli-if-all-of-it-is-meant-fullmakt-run-allow-lets",
            job = argument(job_file),
            exceeds = refused.exceeds.as_str(),
            clients = refused.on_all_agents
        )))
    }
}

/// Whether the list has only the beginning of the client's name.
fn ends_within_its_name(client: &PlannedClient) -> bool {
    let Some(in_list) = &client.name_in_list else { return false };
    client.name.to_lowercase().starts_with(&in_list.trim().to_lowercase())
}

/// What the engine has found in making a plan, as warnings.
fn warnings_of(plan: &Plan) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if plan.counts.delegated_since > 0 {
        let clients = plan.counts.delegated_since;
        let examples: Vec<String> = in_english(|| plan.delegated_since.iter().map(named).collect());
        let message = || {
            let examples = listed(&plan.delegated_since.iter().map(named).collect::<Vec<_>>(), clients);
            if plan.kind.row().removes_unnamed {
                say!("cli-delegated-since-and-left", clients = clients, examples = examples).to_string()
            } else {
                say!("cli-delegated-since-and-removed", clients = clients, examples = examples).to_string()
            }
        };
        warnings.push(Warning::new(WarningKind::DelegatedSince, message).about(clients, examples));
    }
    if let Some(before) = plan.far_more_rows_before {
        let rows = plan.counts.totals.rows;
        let message = || say!("cli-far-fewer-rows", rows = rows, before = before).to_string();
        let examples = vec![rows.to_string(), before.to_string()];
        warnings.push(Warning::new(WarningKind::FewerRows, message).about(before - rows, examples));
    }
    warnings
}

fn named(client: &NamedClient) -> String {
    let number =
        client.number.map_or_else(|| text!("cli-a-private-person").to_owned(), |number| number.to_string());
    format!("{number} {}", client.name).trim_end().to_owned()
}

/// So many examples are said in a sentence; more are a wall.
const SAID: usize = 3;

/// The first of so many, and how many more there are.
fn listed(examples: &[String], all: u64) -> String {
    let first = &examples[..examples.len().min(SAID)];
    let more = all.saturating_sub(first.len() as u64);
    let first = first.join("; ");
    if more > 0 { say!("cli-first-and-more", first = first, more = more).to_string() } else { first }
}
