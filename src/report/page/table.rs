//! The clients of a run as a table: those that need attention first, and so many that a browser shows them at once.

use std::io::Write;

use super::{html::Html, sections::section, time};
use crate::{
    ledger::{ClientRecord, Which},
    model::ClientState,
    report::{Facts, ReportError, sentences::EN, words::count},
};

/// The table has at most so many rows; the files beside the page have all.
const MOST_ROWS: u64 = 4000;

/// Whose rows come first.
const ORDER: [Which; 6] = [
    Which::Failures,
    Which::Unsettled,
    Which::Removed,
    Which::Delegated,
    Which::Unchanged,
    Which::Superseded,
];

/// The table.
pub(super) fn clients(page: &mut Html<impl Write>, facts: &Facts<'_>) -> Result<(), ReportError> {
    let all = facts.summary.totals.clients();
    section(page, "section id=\"clients\"", EN.clients)?;
    if all == 0 {
        page.element("p", EN.no_clients)?;
        page.markup("</section>\n")?;
        return Ok(());
    }
    if all > MOST_ROWS {
        page.element("p", (EN.table_cut)(MOST_ROWS, all))?;
    }
    page.markup("<div id=\"tools\" hidden><label for=\"find\">")?;
    page.text(EN.find)?;
    page.markup("</label> <input id=\"find\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\">")?;
    page.open_with("output id=\"shown\" for=\"find\"", &[("data-words", &EN.shown)])?;
    page.markup("</output></div>\n")?;
    page.open_with(
        "div class=\"scrolls\" role=\"region\" tabindex=\"0\"",
        &[("aria-label", &format!("{} ({})", EN.clients, EN.scrolls))],
    )?;
    page.open_with("table id=\"table\"", &[("data-sort", &EN.sort_by)])?;
    page.markup("\n<thead><tr>")?;
    let totals = &facts.summary.totals;
    // Where all is as it was asked for there is nothing to explain.
    let explains = totals.failed + totals.rejected + totals.pending + totals.superseded > 0;
    let headings = [
        (EN.number, true),
        (EN.name, true),
        (EN.state, true),
        (EN.why, explains),
        (EN.attempts, true),
        (EN.when, true),
        (EN.trace_id, explains),
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
            row(page, client, explains)
        })?;
    }
    page.markup("</tbody>\n</table></div>\n</section>\n")?;
    Ok(())
}

fn row(page: &mut Html<impl Write>, client: &ClientRecord, explains: bool) -> Result<(), ReportError> {
    page.markup("<tr><th scope=\"row\">")?;
    match &client.organisation_number {
        Some(number) => page.text(number)?,
        None if client.state == ClientState::Rejected => page.text((EN.line)(client.line))?,
        None => page.text(EN.private_person)?,
    }
    page.markup("</th><td>")?;
    if client.name.is_empty() && client.state == ClientState::Rejected {
        page.foreign(&client.cells.join(" "))?;
    } else {
        page.foreign(&client.name)?;
    }
    page.markup("</td><td class=\"state\">")?;
    let (class, words) = state(client.state);
    super::sections::swatch(page, class)?;
    page.text(words)?;
    if explains {
        page.markup("</td><td class=\"why\">")?;
        why(page, client)?;
    }
    page.markup("</td><td class=\"number\">")?;
    page.text(count(client.attempts))?;
    page.markup("</td><td>")?;
    if let Some(at) = client.settled_at.as_ref().or(client.last_attempt_at.as_ref()) {
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
        page.foreign(&client.message)?;
    }
    if let Some(code) = &client.code {
        page.text(" ")?;
        page.element("code", code)?;
    }
    if client.state == ClientState::Failed && client.retryable {
        page.text(" ")?;
        page.element("strong", EN.may_be_retried)?;
    }
    if !client.hint.is_empty() {
        page.markup("<p class=\"hint\">")?;
        page.sentence(&(EN.what_to_do)(&client.hint))?;
        page.markup("</p>")?;
    }
    Ok(())
}

fn is_done(state: ClientState) -> bool {
    matches!(state, ClientState::Delegated | ClientState::Removed | ClientState::Unchanged)
}

fn state(state: ClientState) -> (&'static str, &'static str) {
    match state {
        ClientState::Delegated => ("delegated", EN.state_delegated),
        ClientState::Removed => ("removed", EN.state_removed),
        ClientState::Unchanged => ("unchanged", EN.state_unchanged),
        ClientState::Failed => ("failed", EN.state_failed),
        ClientState::Rejected => ("rejected", EN.state_rejected),
        ClientState::Superseded => ("superseded", EN.state_superseded),
        ClientState::Answered => ("unconfirmed", EN.state_pending),
        ClientState::Pending | ClientState::Sending | ClientState::Waiting | ClientState::Unverified => {
            ("pending", EN.state_pending)
        }
    }
}
