//! What a run would do: in words and numbers before anybody says yes.

use std::{fmt, time::Duration};

use serde::Serialize;

use super::{
    Warning,
    sentences::{clients, other_name},
    words::{about, count},
};
use crate::{
    ledger::{Guarded, PlanCounts, PlannedClient, Refused},
    model::{Agent, Environment, Job, JobKind, Limit, Pace, RunId, Totals},
    words::{decimal, say, text},
};

/// The head of a plan as JSON: `plan --format json` adds `operations` and `notes`.
#[derive(Debug, Clone, Serialize)]
pub struct PlanView {
    /// The job's name.
    pub job: String,
    /// The job's kind.
    pub kind: &'static str,
    /// `sandbox`, `tt02`, `prod` or an origin.
    pub environment: String,
    /// The firm.
    pub facilitator: String,
    /// The agent; of a migration, the new one.
    pub agent: String,
    /// The agent that a migration takes the clients from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_agent: Option<String>,
    /// Agents that rows name besides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_agents: Vec<String>,
    /// The packages that the agent has, and a delegation gives.
    pub packages: Vec<String>,
    /// What the run's totals will be if everything goes well.
    pub totals: Totals,
    /// Clients that the agent has now.
    pub delegated_now: u64,
    /// Clients of the manifest that are delegated but no longer available.
    pub no_longer_available: u64,
    /// Clients that no row names and that are to be removed (reconcile); a part of `removed`.
    pub unnamed: u64,
    /// Private persons that are delegated now and left alone (reconcile).
    pub private_persons: u64,
    /// More would change than the guard allows: a run is refused.
    pub refused: Option<Refused>,
    /// Least seconds that it takes at the job's rate, and with its requests in flight as fast as Altinn answered while the
    /// plan was made.
    pub seconds: Option<f64>,
    /// What to think of before saying yes.
    pub warnings: Vec<Warning>,
    /// Clients that something is sent for.
    pub operations: Vec<PlannedClient>,
    /// Clients that nothing is sent for although the manifest names them, and why.
    pub failures: Vec<PlannedClient>,
}

/// What a run is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// What its job says.
    Job,
    /// To try again what failed in a run.
    Retry(RunId),
    /// To reverse a run.
    Undo(RunId),
}

/// A plan for people.
#[derive(Debug)]
pub struct PlanText<'plan> {
    /// The job.
    pub job: &'plan Job,
    /// The kind of the run, which an undo has of its own.
    pub kind: JobKind,
    /// What the run is for.
    pub purpose: &'plan Purpose,
    /// The agent; of a migration, the new one.
    pub agent: &'plan Agent,
    /// The agent that a migration takes the clients from.
    pub old_agent: Option<&'plan Agent>,
    /// Agents that rows name besides.
    pub other_agents: &'plan [Agent],
    /// What it comes to.
    pub counts: &'plan PlanCounts,
    /// How long an answer takes at the least, where that is known.
    pub latency: Option<Duration>,
    /// The first clients that nothing can be sent for.
    pub first_failures: &'plan [PlannedClient],
    /// The first clients that are delegated but no longer available.
    pub first_gone: &'plan [PlannedClient],
    /// The first clients that are to be removed.
    pub first_removed: &'plan [PlannedClient],
    /// The first clients whose name in the list is not Altinn's and that are not held for it.
    pub first_renamed: &'plan [PlannedClient],
}

/// How long so many requests take at the least: at the pace's rate (the lists and the read-back are three more), and with
/// its requests in flight, where it is known how long an answer takes. `None` where neither says anything.
pub(super) fn least_time(pace: &Pace, latency: Option<Duration>, operations: u64) -> Option<Duration> {
    let by_rate = pace.rate.time_for(if operations == 0 { 0 } else { operations + 1 });
    by_rate.max(latency.map(|latency| in_flight_time(pace, latency, operations)))
}

/// How long so many requests take when each is answered after `latency` and `in_flight` are under way at once.
fn in_flight_time(pace: &Pace, latency: Duration, operations: u64) -> Duration {
    Duration::try_from_secs_f64(latency.as_secs_f64() * operations as f64 / pace.in_flight.max(1) as f64)
        .unwrap_or(Duration::MAX)
}

/// How many requests in flight the rate needs at this latency, where that is clearly more than the pace has.
fn in_flight_needed(pace: &Pace, latency: Duration) -> Option<usize> {
    let period = pace.rate.period()?;
    let needed = latency.as_secs_f64() / period.as_secs_f64();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive; it saturates")]
    (needed > 1.1 * pace.in_flight as f64).then(|| needed.ceil() as usize)
}

impl fmt::Display for PlanText<'_> {
    /// What there is to look at first, what it comes to last: the end is what stands on the screen.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let job = self.job;
        writeln!(
            out,
            "{}",
            say!(
                "plan-head",
                job = job.name,
                what = self.what_for(),
                firm = job.facilitator,
                environment = job.environment.name()
            )
        )?;
        self.agents(out)?;
        writeln!(out)?;
        self.failures(out)?;
        self.renamed(out)?;
        self.left_alone(out)?;
        self.removed(out)?;
        self.gone(out)?;
        self.totals(out)?;
        writeln!(out)?;
        self.time(out)
    }
}

impl PlanText<'_> {
    fn totals(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let totals = &self.counts.totals;
        let named = totals.clients() - totals.rejected - self.counts.unnamed;
        let different = if self.other_agents.is_empty() {
            say!("plan-different-clients", clients = named).to_string()
        } else {
            say!("plan-different-pairs", pairs = named).to_string()
        };
        writeln!(out, "{:>9} {}, {different}", count(totals.rows), say!("plan-rows", rows = totals.rows))?;
        let mut line = |number: u64, what: &str| -> fmt::Result {
            if number > 0 { writeln!(out, "{:>9} {what}", count(number)) } else { Ok(()) }
        };
        let (to_delegate, to_remove) = self.words();
        line(totals.delegated, to_delegate)?;
        line(totals.removed, to_remove)?;
        line(totals.unchanged, text!("plan-unchanged"))?;
        line(totals.failed, text!("plan-cannot-be-sent"))?;
        line(totals.rejected, &say!("plan-rejected", rows = totals.rejected).to_string())?;
        line(self.counts.persons, &say!("plan-private-persons", persons = self.counts.persons).to_string())
    }

    /// What is asked about, in the last lines before the question: how many, which way, for which system user, for whom
    /// and where.
    pub fn summary(&self) -> Vec<String> {
        let totals = &self.counts.totals;
        let on = self.on_which_agents();
        let mut lines = Vec::new();
        if totals.delegated > 0 {
            lines.push(match (&self.old_agent, self.purpose) {
                (Some(old), _) => {
                    let (from, to) = (quoted(old), quoted(self.agent));
                    say!("plan-move", clients = clients(totals.delegated), from = from, to = to).to_string()
                }
                (None, Purpose::Undo(_)) if self.kind.moves() => {
                    say!("plan-move-back", clients = clients(totals.delegated)).to_string()
                }
                (None, _) if self.kind.refreshes() => {
                    say!("plan-delegate-again", clients = clients(totals.delegated), agent = on).to_string()
                }
                (None, _) => {
                    say!("plan-delegate", clients = clients(totals.delegated), agent = on).to_string()
                }
            });
        }
        if totals.removed > 0 {
            let from = self.old_agent.map_or(on, quoted);
            lines.push(say!("plan-remove", clients = clients(totals.removed), agent = from).to_string());
        }
        lines.push(say!("plan-for", firm = self.job.facilitator).to_string());
        let environment = &self.job.environment;
        lines.push(match environment {
            Environment::Prod => text!("plan-in-prod").to_owned(),
            Environment::Tt02 => text!("plan-in-tt02").to_owned(),
            Environment::Sandbox => text!("plan-in-sandbox").to_owned(),
            Environment::Origin(url) if url.host_str() == Some("platform.altinn.no") => {
                say!("plan-in-prod-at", environment = environment.name()).to_string()
            }
            Environment::Origin(_) => say!("plan-in-origin", environment = environment.name()).to_string(),
        });
        lines
    }

    fn on_which_agents(&self) -> String {
        match self.other_agents.len() {
            0 => quoted(self.agent),
            1 => {
                let other = self.other_agents.first().map(quoted).unwrap_or_default();
                say!("plan-two-agents", agent = quoted(self.agent), other = other).to_string()
            }
            more => say!("plan-more-agents", agent = quoted(self.agent), more = more).to_string(),
        }
    }

    /// How many clients lose their access, where that is what the run is for: who says yes to it types the number.
    pub fn to_be_removed(&self) -> u64 {
        if self.kind.moves() { 0 } else { self.counts.totals.removed }
    }

    fn what_for(&self) -> String {
        match self.purpose {
            Purpose::Job => self.kind.as_str().to_owned(),
            Purpose::Retry(run) => say!("plan-retry-of", run = run).to_string(),
            Purpose::Undo(run) => say!("plan-undo-of", run = run).to_string(),
        }
    }

    /// What is done to clients that are delegated, and to those that are removed.
    fn words(&self) -> (&'static str, &'static str) {
        let row = self.kind.row();
        match (self.kind.moves(), self.purpose) {
            (true, Purpose::Undo(_)) => (text!("plan-to-move-back"), text!("plan-to-take-off")),
            (true, _) => (text!("plan-to-move"), text!("plan-to-take-off-old")),
            (false, _) if row.removes_unnamed => (text!("plan-to-delegate"), text!("plan-to-remove-unnamed")),
            (false, _) if self.kind.refreshes() => (text!("plan-to-delegate-again"), text!("plan-to-remove")),
            (false, _) => (text!("plan-to-delegate"), text!("plan-to-remove")),
        }
    }

    fn agents(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titled = |agent: &Agent| {
            let title = if agent.title.is_empty() { text!("plan-no-title") } else { &agent.title };
            say!("plan-agent", agent = agent.id, title = title).to_string()
        };
        let now = self.counts.delegated_now;
        if let Some(old) = self.old_agent {
            writeln!(out, "{}", say!("plan-from-agent", agent = titled(old)))?;
            writeln!(out, "{}", say!("plan-to-agent", agent = titled(self.agent), clients = now))?;
        } else if self.other_agents.is_empty() {
            writeln!(out, "{}", say!("plan-agent-now", agent = titled(self.agent), clients = now))?;
        } else {
            writeln!(out, "{}", titled(self.agent))?;
            for agent in self.other_agents {
                writeln!(out, "{}", titled(agent))?;
            }
            writeln!(out, "{}", say!("plan-agents-now", clients = now))?;
        }
        if self.kind.refreshes() || self.kind.moves() {
            writeln!(out, "{}", say!("plan-packages", packages = packages(self.agent)))?;
        }
        Ok(())
    }

    /// Why the guard says no; empty when it does not.
    pub fn refusal(&self) -> String {
        let Some(refused) = self.counts.refused else { return String::new() };
        let Refused { agent, exceeds, allowed, delegated_now, .. } = refused;
        let limit = match exceeds {
            Guarded::Removals => self.job.guard.removals,
            Guarded::Additions => self.job.guard.additions,
        };
        let limit = match limit {
            Some(Limit::Percent(share)) => {
                say!("plan-limit-share", share = share, all = delegated_now, clients = allowed).to_string()
            }
            Some(Limit::Count(_)) | None => count(allowed),
        };
        let clients = refused.planned();
        let what = match exceeds {
            Guarded::Additions => say!("plan-would-delegate", clients = clients, agent = agent).to_string(),
            Guarded::Removals if self.kind.row().removes_unnamed => {
                say!("plan-would-remove-unnamed", clients = clients, agent = agent).to_string()
            }
            Guarded::Removals => say!("plan-would-remove", clients = clients, agent = agent).to_string(),
        };
        say!("plan-guard-refuses", what = what, guard = exceeds.as_str(), limit = limit).to_string()
    }

    /// Which agent a line is about, where there are several.
    fn on_which(&self, client: &PlannedClient) -> String {
        if self.other_agents.is_empty() || client.agent.is_empty() {
            return String::new();
        }
        let all = std::iter::once(self.agent).chain(self.other_agents);
        let title = all.filter(|agent| agent.id.to_string() == client.agent).map(|agent| &agent.title).next();
        let title = title.filter(|title| !title.is_empty()).unwrap_or(&client.agent);
        format!(" {}", say!("plan-on-agent", agent = title))
    }

    fn left_alone(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.counts.spared > 0 {
            writeln!(out, "{}\n", say!("plan-spared", clients = self.counts.spared))?;
        }
        if self.counts.agents_left_alone > 0 {
            let Agent { id, title, .. } = self.agent;
            writeln!(out, "{}\n", say!("plan-agent-left-alone", agent = id, title = title))?;
        }
        Ok(())
    }

    fn removed(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first_removed.is_empty() {
            return Ok(());
        }
        if self.kind.row().removes_unnamed {
            writeln!(out, "{}", text!("plan-removed-unnamed"))?;
        } else {
            writeln!(out, "{}", text!("plan-removed"))?;
        }
        for client in self.first_removed {
            let number = client.organisation_number.as_deref().unwrap_or(text!("plan-a-private-person"));
            writeln!(out, "  {number} {}{}", client.name, self.on_which(client))?;
        }
        let more = self.counts.totals.removed.saturating_sub(self.first_removed.len() as u64);
        if more > 0 {
            writeln!(out, "{}", say!("plan-and-more", more = more))?;
        }
        writeln!(out)
    }

    fn failures(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for client in self.first_failures {
            let number = client.organisation_number.as_deref().unwrap_or(text!("plan-a-private-person"));
            if client.names_another {
                writeln!(out, "{}: {}{}", other_name(client), client.message.said(), self.on_which(client))?;
                continue;
            }
            writeln!(out, "{}{number}: {}{}", place(client), client.message.said(), self.on_which(client))?;
        }
        let all = self.counts.totals.failed + self.counts.held_rows;
        let more = all.saturating_sub(self.first_failures.len() as u64);
        if more > 0 {
            writeln!(out, "{}", say!("plan-and-more", more = more))?;
        }
        if all > 0 { writeln!(out) } else { Ok(()) }
    }

    /// Names that are not Altinn's, of clients that are dealt with all the same.
    fn renamed(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.counts.names.other.saturating_sub(self.counts.held + self.counts.held_rows);
        if all == 0 {
            return Ok(());
        }
        writeln!(out, "{}", say!("plan-other-names", names = all))?;
        for client in self.first_renamed {
            writeln!(out, "  {}{}", other_name(client), self.on_which(client))?;
        }
        let more = all.saturating_sub(self.first_renamed.len() as u64);
        if more > 0 {
            writeln!(out, "{}", say!("plan-and-more", more = more))?;
        }
        writeln!(out)
    }

    fn gone(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.counts.gone == 0 {
            return Ok(());
        }
        writeln!(out, "{}", say!("plan-gone", clients = self.counts.gone))?;
        for client in self.first_gone {
            let number = client.organisation_number.as_deref().unwrap_or(text!("plan-a-private-person"));
            writeln!(out, "{}{number} {}", place(client), client.name)?;
        }
        writeln!(out)
    }

    fn time(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operations = self.counts.operations;
        let pace = &self.job.pace;
        let needed = self.latency.and_then(|latency| in_flight_needed(pace, latency));
        let Some(time) = least_time(pace, self.latency, operations) else {
            return writeln!(out, "{}", say!("plan-time-in-flight", requests = pace.in_flight));
        };
        if operations == 0 {
            return writeln!(out, "{}", text!("plan-nothing-to-send"));
        }
        if let (Some(needed), Some(latency)) = (needed, self.latency) {
            let said = say!(
                "plan-time-held-back",
                time = about(time),
                requests = pace.in_flight,
                answers = decimal(&format!("{:.1}", latency.as_secs_f64())),
                rate = pace.rate,
                needed = needed.to_string()
            )
            .to_string();
            return writeln!(out, "{said}");
        }
        let about = about(time);
        if pace.rate.period().is_some() {
            writeln!(out, "{}", say!("plan-time-at-rate", time = about, rate = pace.rate))
        } else {
            writeln!(out, "{}", say!("plan-time-at-least", requests = pace.in_flight, time = about))
        }
    }
}

/// A system user as people know it.
fn quoted(agent: &Agent) -> String {
    if agent.title.is_empty() {
        say!("plan-untitled-agent", agent = agent.id).to_string()
    } else {
        say!("plan-quoted", title = agent.title).to_string()
    }
}

/// Where the manifest names a client; empty when it does not.
fn place(client: &PlannedClient) -> String {
    if client.line == 0 {
        String::new()
    } else {
        format!("{}: ", say!("plan-line", line = client.line.to_string()))
    }
}

/// The names of an agent's packages, without what all of them begin with.
fn packages(agent: &Agent) -> String {
    let short = |urn: &String| urn.rsplit(':').next().unwrap_or(urn).to_owned();
    match agent.packages.as_slice() {
        [] => text!("plan-no-packages").to_owned(),
        packages => packages.iter().map(short).collect::<Vec<_>>().join(", "),
    }
}

impl PlanView {
    /// The head; `operations` and `failures` are filled from the ledger.
    pub fn of(
        job: &Job,
        kind: JobKind,
        agent: &Agent,
        old_agent: Option<&Agent>,
        other_agents: &[Agent],
        counts: &PlanCounts,
        latency: Option<Duration>,
    ) -> Self {
        Self {
            job: job.name.clone(),
            kind: kind.as_str(),
            environment: job.environment.name(),
            facilitator: job.facilitator.to_string(),
            agent: agent.id.to_string(),
            from_agent: old_agent.map(|agent| agent.id.to_string()),
            other_agents: other_agents.iter().map(|agent| agent.id.to_string()).collect(),
            packages: agent.packages.clone(),
            unnamed: counts.unnamed,
            private_persons: counts.persons,
            refused: counts.refused,
            totals: counts.totals,
            delegated_now: counts.delegated_now,
            no_longer_available: counts.gone,
            seconds: least_time(&job.pace, latency, counts.operations).map(|time| time.as_secs_f64()),
            warnings: Vec::new(),
            operations: Vec::new(),
            failures: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Rate;

    /// So many requests a second, 0 for unlimited.
    fn pace(rate: u32, in_flight: usize) -> Pace {
        let limited = |requests| Rate::Limited { requests, per: Duration::from_secs(1) };
        let rate = std::num::NonZero::new(rate).map_or(Rate::Unlimited, limited);
        Pace { rate, in_flight, ..Pace::default() }
    }

    #[test]
    fn the_time_knows_how_long_answers_take_and_how_many_are_in_flight() {
        let seconds = |pace: &Pace, latency_ms: Option<u64>, operations| {
            let time = least_time(pace, latency_ms.map(Duration::from_millis), operations);
            time.map(|time| time.as_secs_f64().round())
        };
        let asked = pace(10, 4);
        assert_eq!(seconds(&asked, None, 1000), Some(100.0), "at the rate");
        assert_eq!(seconds(&asked, Some(200), 1000), Some(100.0), "answers come fast enough");
        assert_eq!(seconds(&asked, Some(2000), 1000), Some(500.0), "four at once, two seconds each");
        let unlimited = pace(0, 4);
        assert_eq!(seconds(&unlimited, None, 1000), None);
        assert_eq!(seconds(&unlimited, Some(2000), 1000), Some(500.0));
        assert_eq!(seconds(&asked, Some(2000), 0), Some(0.0));
    }

    #[test]
    fn more_in_flight_is_asked_for_only_where_the_rate_needs_it() {
        let needed =
            |rate, in_flight, ms| in_flight_needed(&pace(rate, in_flight), Duration::from_millis(ms));
        assert_eq!(needed(10, 4, 2000), Some(20));
        assert_eq!(needed(10, 16, 1000), None);
        assert_eq!(needed(10, 10, 1050), None, "nearly enough");
        assert_eq!(needed(0, 1, 60_000), None);
    }
}
