//! Every sentence of the files that a run leaves, in one place: another language is another value of [`Sentences`].

use super::words::count;
use crate::model::JobKind;

/// The sentences of one language. Words of the ledger and of Altinn stay as they are.
pub(super) struct Sentences {
    /// The language's tag, BCP 47.
    pub(super) lang: &'static str,
    /// What a job of this kind asks for, with the system user's name.
    pub(super) title: fn(JobKind, &str) -> String,
    /// The title of a run that undoes another.
    pub(super) undo_title: fn(&str) -> String,
    /// All as asked, of so many clients.
    pub(super) all_done: fn(u64) -> String,
    /// So many of so many need attention.
    pub(super) some_failed: fn(u64, u64) -> String,
    /// So many of so many are not settled.
    pub(super) not_settled: fn(u64, u64) -> String,
    pub(super) no_clients: &'static str,
    pub(super) skip: &'static str,
    pub(super) asked: &'static str,
    pub(super) happened: &'static str,
    pub(super) over_time: &'static str,
    pub(super) failures: &'static str,
    pub(super) removals: &'static str,
    pub(super) clients: &'static str,
    pub(super) job: &'static str,
    pub(super) what: &'static str,
    pub(super) firm: &'static str,
    pub(super) environment: &'static str,
    pub(super) agent: &'static str,
    pub(super) list: &'static str,
    /// A list's name and its rows.
    pub(super) list_of: fn(&str, u64) -> String,
    pub(super) no_list: &'static str,
    pub(super) signed_in_as: &'static str,
    pub(super) not_known: &'static str,
    pub(super) run: &'static str,
    pub(super) retries_run: fn(&str) -> String,
    pub(super) undoes_run: fn(&str) -> String,
    pub(super) began: &'static str,
    pub(super) ended: &'static str,
    pub(super) not_ended: &'static str,
    pub(super) pace: &'static str,
    /// A pace asked for, as the job file says it.
    pub(super) at_most: fn(&str) -> String,
    pub(super) stopped: &'static str,
    pub(super) altinn_said: &'static str,
    pub(super) to_do: &'static str,
    pub(super) trace_id: &'static str,
    /// How to go on with a run.
    pub(super) resume: fn(&str) -> String,
    pub(super) outcome: &'static str,
    pub(super) number_of_clients: &'static str,
    pub(super) unchanged: &'static str,
    pub(super) superseded: &'static str,
    pub(super) failed: &'static str,
    pub(super) rejected: &'static str,
    pub(super) unconfirmed: &'static str,
    pub(super) to_be_sent: &'static str,
    /// What the picture of the outcomes shows.
    pub(super) outcomes_picture: &'static str,
    pub(super) nothing_sent: &'static str,
    /// Requests, how long, and how many a second.
    pub(super) sent: fn(u64, &str, &str) -> String,
    /// The pace asked for, as a line in the picture.
    pub(super) pace_line: fn(&str) -> String,
    pub(super) pace_unlimited: &'static str,
    pub(super) pace_above: fn(&str) -> String,
    /// So many got no verdict.
    pub(super) retried: fn(u64) -> String,
    pub(super) no_retries: &'static str,
    /// So many pauses, and the longest.
    pub(super) pauses: fn(u64, &str) -> String,
    pub(super) pause: fn(&str) -> String,
    pub(super) picture: &'static str,
    pub(super) answered_axis: &'static str,
    pub(super) rate_axis: &'static str,
    pub(super) legend_done: &'static str,
    pub(super) legend_refused: &'static str,
    pub(super) legend_retried: &'static str,
    pub(super) legend_asked: &'static str,
    pub(super) legend_pause: &'static str,
    pub(super) numbers_of_picture: &'static str,
    pub(super) from: &'static str,
    pub(super) scrolls: &'static str,
    /// A number of clients.
    pub(super) clients_count: fn(u64) -> String,
    pub(super) may_be_retried: &'static str,
    pub(super) needs_you: &'static str,
    pub(super) row_rejected: &'static str,
    pub(super) rows_rejected: &'static str,
    pub(super) correct_rows: &'static str,
    pub(super) what_to_do: fn(&str) -> String,
    /// The command that tries again.
    pub(super) retry: fn(&str) -> String,
    pub(super) among_them: &'static str,
    pub(super) more_reasons: fn(u64) -> String,
    /// So many more, and the file that has them.
    pub(super) more_in: fn(u64, &str) -> String,
    pub(super) private_person: &'static str,
    pub(super) line: fn(u64) -> String,
    pub(super) number: &'static str,
    pub(super) name: &'static str,
    pub(super) state: &'static str,
    pub(super) why: &'static str,
    pub(super) attempts: &'static str,
    pub(super) when: &'static str,
    pub(super) find: &'static str,
    pub(super) sort_by: &'static str,
    /// So many rows of so many; the placeholders are the script's.
    pub(super) shown: &'static str,
    /// The rows that are here, of so many.
    pub(super) table_cut: fn(u64, u64) -> String,
    pub(super) state_delegated: &'static str,
    pub(super) state_removed: &'static str,
    pub(super) state_unchanged: &'static str,
    pub(super) state_failed: &'static str,
    pub(super) state_rejected: &'static str,
    pub(super) state_superseded: &'static str,
    pub(super) state_pending: &'static str,
    /// Where everything is, the version, and the times' zone.
    pub(super) footer: fn(&str, &str) -> String,
}

fn clients(number: u64) -> String {
    if number == 1 { "1 client".to_owned() } else { format!("{} clients", count(number)) }
}

/// English.
pub(super) static EN: Sentences = Sentences {
    lang: "en",
    title: |kind, agent| match kind {
        JobKind::Delegate => format!("Clients delegated to {agent}"),
        JobKind::Remove => format!("Clients removed from {agent}"),
        JobKind::Manifest => format!("Clients delegated to and removed from {agent}"),
        JobKind::Reconcile => format!("{agent}: clients brought in line with the list"),
        JobKind::Refresh => format!("{agent}: clients delegated again, for later packages"),
        JobKind::Migrate => format!("Clients moved to {agent}"),
    },
    undo_title: |agent| format!("{agent}: an earlier run undone"),
    all_done: |all| format!("All as asked: {}.", clients(all)),
    some_failed: |some, all| format!("{} of {} need attention.", count(some), clients(all)),
    not_settled: |some, all| format!("{} of {} are not settled yet.", count(some), clients(all)),
    no_clients: "There was no client to do anything for.",
    skip: "Skip to the clients",
    asked: "What was asked",
    happened: "What happened",
    over_time: "Over time",
    failures: "What failed, and what to do",
    removals: "Removed",
    clients: "Clients",
    job: "Job",
    what: "Kind",
    firm: "Firm",
    environment: "Altinn",
    agent: "System user",
    list: "Client list",
    list_of: |name, rows| format!("{name} ({} rows)", count(rows)),
    no_list: "none: the clients were taken from Altinn or from an earlier run",
    signed_in_as: "Signed in as",
    not_known: "not known",
    run: "Run",
    retries_run: |run| format!("tries again what failed in run {run}"),
    undoes_run: |run| format!("undoes run {run}"),
    began: "Began",
    ended: "Ended",
    not_ended: "not yet",
    pace: "Pace asked for",
    at_most: |rate| format!("at most {rate}"),
    stopped: "The run was stopped early",
    altinn_said: "Altinn said",
    to_do: "What to do",
    trace_id: "Trace id",
    resume: |run| format!("`fullmakt resume {run}` goes on where it ended; nothing is lost."),
    outcome: "Outcome",
    number_of_clients: "Clients",
    unchanged: "unchanged: it was already so",
    superseded: "superseded: a later run has settled them, or has taken this run's place",
    failed: "failed",
    rejected: "rejected: rows of the list that could not be read",
    unconfirmed: "answered by Altinn, to be confirmed by its list",
    to_be_sent: "still to be sent",
    outcomes_picture: "The shares of the outcomes, in the order of the table",
    nothing_sent: "No request about a client was sent.",
    sent: |requests, took, rate| {
        let requests =
            if requests == 1 { "1 request".to_owned() } else { format!("{} requests", count(requests)) };
        format!("{requests} about clients in {took}: {rate} a second on average.")
    },
    pace_line: |rate| format!("The most that was asked for is {rate}, the dashed line."),
    pace_unlimited: "No limit was set to the pace.",
    pace_above: |rate| format!("The most that was asked for, {rate}, is far above what the picture shows."),
    retried: |many| {
        format!(
            "{} of them got no verdict; a client is then sent again, as often as the job allows.",
            count(many)
        )
    },
    no_retries: "Every request got a verdict.",
    pauses: |many, longest| {
        let many = if many == 1 { "one pause".to_owned() } else { format!("{} pauses", count(many)) };
        format!(
            "There {} {many}; the longest took {longest}.",
            if many == "one pause" { "was" } else { "were" }
        )
    },
    pause: |took| format!("pause: {took}"),
    picture: "Two graphs over the same time: above, how many requests had a verdict; below, requests a second by what came of them",
    answered_axis: "requests with a verdict, in all",
    rate_axis: "requests a second",
    legend_done: "done",
    legend_refused: "refused",
    legend_retried: "no verdict",
    legend_asked: "the pace asked for",
    legend_pause: "nothing sent",
    numbers_of_picture: "The picture in numbers",
    from: "From",
    scrolls: "can be scrolled sideways",
    clients_count: clients,
    may_be_retried: "May be tried again.",
    needs_you: "Trying again does not help by itself.",
    row_rejected: "The row cannot be read.",
    rows_rejected: "Rows of the list that could not be read",
    correct_rows: "correct the rows and run the list again; failures.csv has them as they stood",
    what_to_do: |hint| format!("What to do: {hint}."),
    retry: |run| format!("`fullmakt retry {run}` tries again what may be tried again."),
    among_them: "Among them",
    more_reasons: |more| format!("… and {} more reasons, in failures.csv", count(more)),
    more_in: |more, file| format!("… and {} more, in {file}", count(more)),
    private_person: "private person",
    line: |line| format!("line {}", count(line)),
    number: "Organisation number",
    name: "Name",
    state: "Outcome",
    why: "Why, and what to do",
    attempts: "Requests",
    when: "When",
    find: "Find",
    sort_by: "Sort by",
    shown: "{shown} of {all} rows",
    table_cut: |here, all| {
        format!(
            "The table has {} of {}, those that need attention first; done.csv and failures.csv have all.",
            count(here),
            clients(all)
        )
    },
    state_delegated: "delegated",
    state_removed: "removed",
    state_unchanged: "unchanged",
    state_failed: "failed",
    state_rejected: "rejected",
    state_superseded: "superseded",
    state_pending: "not settled",
    footer: |version, zone| {
        format!(
            "Written by fullmakt {version}. Times are in {zone}. Beside this page: done.csv, failures.csv and summary.json."
        )
    },
};
