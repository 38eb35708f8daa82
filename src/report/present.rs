//! How a client stands now, as far as the runs that are kept here know: the answer that a history begins with.

use std::fmt;

use serde::Serialize;

use super::words::{stored_day, stored_time};
use crate::{
    ledger::HistoryEntry,
    model::{ClientState, JobKind},
    words::{Wording, say},
};

/// How a client stands with one agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Present {
    /// `sandbox`, `tt02`, `prod` or an origin.
    pub environment: String,
    /// The agent.
    pub agent: String,
    /// What people call it; empty where that is not known.
    pub agent_title: String,
    /// Whether it is delegated; none where no run came to know.
    pub delegated: Option<bool>,
    /// When a run made it so; none where the first run that looked found it so.
    pub since: Option<String>,
    /// The run that made it so, found it so first, or tried last.
    pub run: String,
    /// Who had signed in to that run, in words; empty when that is not known.
    pub signed_in_as: Wording,
    /// When Altinn's list last said so, or, where no run came to know, when the last one tried.
    pub seen_at: String,
}

/// How the client of these runs (oldest first) stands with each agent, in the order in which they had to do with it.
pub(super) fn present(runs: &[HistoryEntry]) -> Vec<Present> {
    let mut now: Vec<Present> = Vec::new();
    // A firm that a vendor has asked is nobody's client by that.
    let is_a_client = |entry: &&HistoryEntry| !entry.kind.parse().is_ok_and(JobKind::asks_firms);
    for entry in runs.iter().filter(is_a_client) {
        let settled_at = entry.settled_at.clone().unwrap_or_else(|| entry.planned_at.clone());
        let seen_at = entry.unchanged_since.as_ref().map_or(settled_at, |since| since.last_at.clone());
        let state: Option<ClientState> = entry.state.parse().ok();
        // Of a move the old agent is the other way round.
        let wants = entry.from_agent.is_some() || entry.operation.as_deref() != Some("remove");
        let is_settled =
            matches!(state, Some(ClientState::Delegated | ClientState::Removed | ClientState::Unchanged));
        let changed = matches!(state, Some(ClientState::Delegated | ClientState::Removed));
        let agents = [Some((&entry.agent, wants)), entry.from_agent.as_ref().map(|old| (old, false))];
        for (agent, delegated) in agents.into_iter().flatten() {
            let place =
                now.iter().position(|there| there.agent == *agent && there.environment == entry.environment);
            let found = Present {
                environment: entry.environment.clone(),
                agent: agent.clone(),
                agent_title: title_of(agent, runs),
                delegated: is_settled.then_some(delegated),
                since: changed.then(|| entry.settled_at.clone()).flatten(),
                run: entry.run.clone(),
                signed_in_as: entry.signed_in_as.clone(),
                seen_at: seen_at.clone(),
            };
            match place.and_then(|place| now.get_mut(place)) {
                None => now.push(found),
                // A run that did not get through takes away nothing that is known; one that found it so has seen it.
                Some(_) if !is_settled => {}
                Some(there) if !changed && there.delegated == Some(delegated) => {
                    there.seen_at = found.seen_at;
                }
                Some(there) => *there = found,
            }
        }
    }
    now
}

/// A run's agent has its title there; another agent of the same run may have it in another.
fn title_of(agent: &str, runs: &[HistoryEntry]) -> String {
    let titled = runs.iter().rev().find(|run| run.agent == agent && !run.agent_title.is_empty());
    titled.map(|run| run.agent_title.clone()).unwrap_or_default()
}

/// The sentence, about a client that is called so.
pub(super) struct Sentence<'a> {
    pub(super) client: &'a str,
    pub(super) present: &'a Present,
}

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, present } = self;
        let Present { run, .. } = present;
        let title = if present.agent_title.is_empty() { &present.agent } else { &present.agent_title };
        let agent = match present.environment.as_str() {
            "prod" => title.clone(),
            environment => format!("{title} ({environment})"),
        };
        let who = present.signed_in_as.to_string();
        let seen = stored_time(&present.seen_at);
        match (present.delegated, &present.since) {
            (None, _) => {
                return write!(
                    out,
                    "{}",
                    say!("plan-now-not-known", client = client, agent = agent, run = run, seen = seen)
                );
            }
            (Some(true), Some(since)) => {
                let since = stored_day(since);
                write!(
                    out,
                    "{}",
                    say!("plan-now-delegated", client = client, agent = agent, since = since, run = run)
                )?;
            }
            (Some(true), None) => {
                write!(
                    out,
                    "{}",
                    say!("plan-now-found-delegated", client = client, agent = agent, run = run)
                )?;
            }
            (Some(false), Some(since)) => {
                let since = stored_day(since);
                write!(
                    out,
                    "{}",
                    say!("plan-now-removed", client = client, agent = agent, since = since, run = run)
                )?;
            }
            (Some(false), None) => {
                write!(out, "{}", say!("plan-now-found-removed", client = client, agent = agent, run = run))?;
            }
        }
        if !who.is_empty() {
            write!(out, "{}", say!("plan-now-signed-in", who = who))?;
        }
        write!(out, "{}", say!("plan-now-seen", seen = seen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::UnchangedSince;

    fn run(id: &str, agent: &str, operation: &str, state: &str, day: u32) -> HistoryEntry {
        let at = format!("2026-03-{day:02}T12:00:00.000Z");
        HistoryEntry {
            run: id.to_owned(),
            job: "onboarding".to_owned(),
            kind: "delegate".to_owned(),
            environment: "prod".to_owned(),
            facilitator: "314250052".to_owned(),
            agent: agent.to_owned(),
            agent_title: if agent == "a" { "Lønn".to_owned() } else { String::new() },
            from_agent: None,
            undo_of: None,
            retry_of: None,
            signed_in_as: Wording::heard("Altinn user 1"),
            planned_at: at.clone(),
            operation: Some(operation.to_owned()),
            state: state.to_owned(),
            settled_at: Some(at),
            message: Wording::NOTHING,
            code: None,
            organisation_number: Some("310609544".to_owned()),
            client: None,
            name: "TIGER AS".to_owned(),
            attempts: Vec::new(),
            unchanged_since: None,
        }
    }

    fn said(runs: &[HistoryEntry]) -> Vec<String> {
        let client = "310609544 TIGER AS";
        present(runs).iter().map(|present| Sentence { client, present }.to_string()).collect()
    }

    #[test]
    fn who_was_delegated_is_so_since_that_day_and_seen_last_when_a_night_found_it_so() {
        let first = run("r1", "a", "delegate", "delegated", 3);
        let night = HistoryEntry {
            unchanged_since: Some(UnchangedSince {
                runs: 7,
                last_run: "r9".to_owned(),
                last_at: "2026-03-20T12:00:00.000Z".to_owned(),
            }),
            ..run("r2", "a", "delegate", "unchanged", 4)
        };
        let said = said(&[first, night]);
        let [said] = said.as_slice() else { panic!("{said:?}") };
        assert!(
            said.starts_with("310609544 TIGER AS has been delegated to Lønn since 3 March 2026, by run r1; "),
            "{said}"
        );
        assert!(said.contains("signed in: Altinn user 1; ") && said.contains("2026-03-20"), "{said}");
    }

    #[test]
    fn a_removal_ends_it_and_a_try_that_failed_changes_nothing_that_is_known() {
        let delegated = run("r1", "a", "delegate", "delegated", 3);
        let removed = run("r2", "a", "remove", "removed", 5);
        let failed = run("r3", "a", "delegate", "failed", 6);
        let said_now = said(&[delegated.clone(), removed, failed.clone()]);
        assert!(
            said_now[0].contains("is not delegated to Lønn") && said_now[0].contains("5 March 2026"),
            "{said_now:?}"
        );
        let said_now = said(&[delegated, failed.clone()]);
        assert!(said_now[0].contains("since 3 March 2026"), "{said_now:?}");
        assert!(said(&[failed])[0].contains("is not known here"));
    }

    #[test]
    fn a_move_is_told_of_both_agents_and_what_was_so_before_is_told_as_found() {
        let moved =
            HistoryEntry { from_agent: Some("old".to_owned()), ..run("r1", "a", "remove", "delegated", 3) };
        let now: Vec<_> = present(&[moved]).into_iter().map(|now| (now.agent, now.delegated)).collect();
        assert_eq!(now, [("a".to_owned(), Some(true)), ("old".to_owned(), Some(false))]);
        let found = said(&[run("r1", "b", "delegate", "unchanged", 3)]);
        assert!(found[0].contains("is delegated to b; it was so already when run r1 looked"), "{found:?}");
    }
}
