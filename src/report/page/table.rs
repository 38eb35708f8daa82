//! The clients of a run as a table: those that need attention first, and so many that a browser shows them at once.

use std::io::Write;

use super::{html::Html, sections::section, time};
use crate::{
    ledger::{ClientRecord, Which},
    model::ClientState,
    report::{
        Facts, ReportError,
        requests::answer_in_words,
        sentences::{self, state_in_words},
        words::count,
    },
    words::{say, text},
};

/// The table has at most so many rows; the files beside the page have all.
const MOST_ROWS: u64 = 4000;

/// A table of more rows than these is printed only when it is asked for.
const PRINTED_ROWS: u64 = 40;

/// Whose rows come first.
const ORDER: [Which; 7] = [
    Which::Failures,
    Which::Unsettled,
    Which::Asked,
    Which::Removed,
    Which::Delegated,
    Which::Unchanged,
    Which::Superseded,
];

/// The table.
pub(super) fn clients(page: &mut Html<impl Write>, facts: &Facts<'_>) -> Result<(), ReportError> {
    let all = facts.summary.totals.clients();
    let is_long = all > PRINTED_ROWS;
    let firms = facts.asks_firms();
    let heading = if firms { text!("report-heading-firms") } else { text!("report-heading-clients") };
    section(
        page,
        if is_long { "section id=\"clients\" class=\"long\"" } else { "section id=\"clients\"" },
        heading,
    )?;
    if all == 0 {
        page.element("p", text!("report-no-clients"))?;
        page.markup("</section>\n")?;
        return Ok(());
    }
    if all > MOST_ROWS {
        page.element(
            "p",
            say!(
                "report-table-cut",
                here = MOST_ROWS,
                all = count(all),
                done = facts.file("done"),
                failures = facts.file("failures")
            ),
        )?;
    }
    if is_long {
        let files = format!("{}, {}", facts.file("done"), facts.file("failures"));
        page.element("p class=\"printed\"", say!("report-table-not-printed", rows = all, files = files))?;
        page.markup("<p class=\"unprinted\"><label><input id=\"print-all\" type=\"checkbox\"> ")?;
        page.text(say!("report-print-table", rows = all))?;
        page.markup("</label></p>\n")?;
    }
    page.markup("<div id=\"tools\" hidden><label for=\"find\">")?;
    page.text(text!("report-find"))?;
    page.markup("</label> <input id=\"find\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\">")?;
    page.open_with("output id=\"shown\" for=\"find\"", &[("data-words", &text!("report-shown"))])?;
    page.markup("</output></div>\n")?;
    page.open_with(
        "div class=\"scrolls\" role=\"region\" tabindex=\"0\"",
        &[("aria-label", &format!("{heading} ({})", text!("report-scrolls")))],
    )?;
    page.open_with("table id=\"table\"", &[("data-sort", &text!("report-sort-by"))])?;
    page.markup("\n<thead><tr>")?;
    let totals = &facts.summary.totals;
    // Where all is as it was asked for there is nothing to explain.
    let explains = totals.failed + totals.rejected + totals.pending + totals.superseded > 0;
    let headings = [
        (text!("report-number"), true),
        (text!("report-name"), true),
        (text!("report-outcome"), true),
        (text!("report-reference"), firms),
        (text!("report-answer"), firms),
        (text!("report-why"), explains),
        (text!("report-attempts"), true),
        (text!("report-when"), true),
        (text!("report-trace-id"), explains),
    ];
    for (heading, _) in headings.into_iter().filter(|(_, is_shown)| *is_shown) {
        page.element("th scope=\"col\"", heading)?;
    }
    page.markup("</tr></thead>\n<tbody>\n")?;
    let mut left = MOST_ROWS;
    for which in ORDER {
        if left == 0 {
            break;
        }
        facts.ledger.each_client(&facts.run.id, which, Some(left), |client| {
            left = left.saturating_sub(1);
            row(page, facts, client, explains)
        })?;
    }
    page.markup("</tbody>\n</table></div>\n</section>\n")?;
    Ok(())
}

fn row(
    page: &mut Html<impl Write>,
    facts: &Facts<'_>,
    client: &ClientRecord,
    explains: bool,
) -> Result<(), ReportError> {
    page.markup("<tr><th scope=\"row\">")?;
    match &client.organisation_number {
        Some(number) => page.text(number)?,
        None if client.state == ClientState::Rejected => {
            page.text(say!("report-line", line = client.line.to_string()))?;
        }
        None => page.text(text!("report-private-person"))?,
    }
    page.markup("</th><td>")?;
    if client.state == ClientState::Rejected {
        page.foreign(&super::sections::row_of(client))?;
    } else {
        page.foreign(&client.name)?;
    }
    page.markup("</td><td class=\"state\">")?;
    let (class, words) = state(client.state);
    super::sections::swatch(page, class)?;
    page.text(words)?;
    if facts.asks_firms() {
        let request = facts.request_of(client);
        page.markup("</td><td>")?;
        page.foreign(request.map(|request| request.external_ref.as_str()).unwrap_or_default())?;
        page.markup("</td><td>")?;
        page.text(request.map(answer_in_words).unwrap_or_default())?;
    }
    if explains {
        page.markup("</td><td class=\"why\">")?;
        why(page, client)?;
    }
    page.markup("</td><td class=\"number\">")?;
    page.text(count(client.attempts))?;
    page.markup("</td><td>")?;
    if let Some(at) = client.settled_at.or(client.last_attempt_at) {
        time(page, at)?;
    }
    if explains {
        page.markup("</td><td class=\"trace\">")?;
        if let Some(trace_id) = client.trace_id.as_deref().filter(|_| !is_done(client.state)) {
            page.foreign(trace_id)?;
        }
    }
    page.markup("</td></tr>\n")?;
    Ok(())
}

/// What was said of a client that is not as it was asked for, and what to do.
fn why(page: &mut Html<impl Write>, client: &ClientRecord) -> Result<(), ReportError> {
    if is_done(client.state) {
        return Ok(());
    }
    if !client.message.is_empty() {
        page.foreign(&sentences::why(client.code.as_deref(), &client.message))?;
    }
    if let Some(code) = &client.code {
        page.text(" ")?;
        page.element("code", code)?;
    }
    if client.state == ClientState::Failed && client.retryable {
        page.text(" ")?;
        page.element("strong", text!("report-may-be-retried"))?;
    }
    if !client.hint.is_empty() {
        page.markup("<p class=\"hint\">")?;
        page.sentence(&say!("report-what-to-do", hint = client.hint.said()).to_string())?;
        page.markup("</p>")?;
    }
    Ok(())
}

fn is_done(state: ClientState) -> bool {
    matches!(
        state,
        ClientState::Delegated
            | ClientState::Removed
            | ClientState::Asked
            | ClientState::Withdrawn
            | ClientState::Unchanged
    )
}

/// How a picture shows a state, and its words.
pub(super) fn state(state: ClientState) -> (&'static str, &'static str) {
    let class = match state {
        ClientState::Delegated => "delegated",
        ClientState::Asked => "delegated",
        ClientState::Removed | ClientState::Withdrawn => "removed",
        ClientState::Unchanged => "unchanged",
        ClientState::Failed => "failed",
        ClientState::Rejected => "rejected",
        ClientState::Superseded => "superseded",
        ClientState::Answered => "unconfirmed",
        ClientState::Pending | ClientState::Sending | ClientState::Waiting | ClientState::Unverified => {
            "pending"
        }
    };
    (class, state_in_words(state))
}
