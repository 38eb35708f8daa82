//! What was asked, what happened, what failed and what was removed.

use std::{collections::BTreeMap, io::Write};

use super::{html::Html, time, title};
use crate::{
    ledger::{ClientRecord, FailureReason, Which},
    model::{ClientState, Job, Rate},
    report::{Facts, ReportError, sentences::EN, summary::done_words, words::count},
};

/// So many reasons have a place of their own.
const MOST_REASONS: usize = 40;
/// So many clients are named with each reason.
const NAMED_PER_REASON: usize = 5;
/// So many removed clients are named.
const MOST_REMOVALS: u64 = 1000;

/// The title, and the run in one sentence.
pub(super) fn headline(page: &mut Html<impl Write>, facts: &Facts<'_>) -> Result<(), ReportError> {
    let totals = &facts.summary.totals;
    let (all, failed) = (totals.clients(), totals.failed + totals.rejected);
    let (class, mark, sentence) = if all == 0 {
        ("p class=\"verdict\"", "–", EN.no_clients.to_owned())
    } else if totals.pending > 0 {
        ("p class=\"verdict open\"", "…", (EN.not_settled)(totals.pending, all))
    } else if failed > 0 {
        ("p class=\"verdict bad\"", "!", (EN.some_failed)(failed, all))
    } else {
        ("p class=\"verdict good\"", "✓", (EN.all_done)(all))
    };
    page.markup("<header>\n<h1>")?;
    page.foreign(&title(facts))?;
    page.markup("</h1>\n")?;
    page.open(class)?;
    page.element("span class=\"mark\" aria-hidden=\"true\"", mark)?;
    page.text(sentence)?;
    page.markup("</p>\n</header>\n")?;
    Ok(())
}

/// Begins a section.
pub(super) fn section(
    page: &mut Html<impl Write>,
    tag: &'static str,
    heading: &'static str,
) -> Result<(), ReportError> {
    page.open(tag)?;
    page.element("h2", heading)?;
    Ok(())
}

/// What was asked, by whom, when.
pub(super) fn asked(page: &mut Html<impl Write>, facts: &Facts<'_>) -> Result<(), ReportError> {
    let run = facts.run;
    section(page, "section id=\"asked\"", EN.asked)?;
    page.markup("<dl>\n")?;
    page.definition(EN.job, &run.job)?;
    page.definition(EN.what, run.kind.as_str())?;
    let relation = match (&run.retry_of, &run.undo_of) {
        (_, Some(other)) => format!("{}: {}", run.id, (EN.undoes_run)(other)),
        (Some(other), None) => format!("{}: {}", run.id, (EN.retries_run)(other)),
        (None, None) => run.id.to_string(),
    };
    page.definition(EN.run, &relation)?;
    page.definition(EN.firm, &run.facilitator)?;
    page.definition(EN.environment, &run.environment)?;
    let agent = run.agent.to_string();
    let agent = if run.agent_title.is_empty() { agent } else { format!("{} ({agent})", run.agent_title) };
    page.definition(EN.agent, &agent)?;
    let list = if run.manifest.is_empty() {
        EN.no_list.to_owned()
    } else {
        // The path tells of the machine; the name is what people know the list by.
        let name = run.manifest.rsplit(['/', '\\']).next().unwrap_or(&run.manifest);
        (EN.list_of)(name, run.rows)
    };
    page.definition(EN.list, &list)?;
    let by = if run.signed_in_as.is_empty() { EN.not_known } else { &run.signed_in_as };
    page.definition(EN.signed_in_as, by)?;
    if let Ok(job) = Job::parse(&run.job_text) {
        match job.pace.rate {
            Rate::Unlimited => page.definition(EN.pace, EN.pace_unlimited)?,
            rate @ Rate::Limited { .. } => page.definition(EN.pace, &(EN.at_most)(&rate.to_string()))?,
        }
    }
    page.markup("<div>")?;
    page.element("dt", EN.began)?;
    page.markup("<dd>")?;
    time(page, &run.started_at.to_string())?;
    page.markup("</dd></div>\n<div>")?;
    page.element("dt", EN.ended)?;
    page.markup("<dd>")?;
    match run.finished_at {
        Some(finished_at) => time(page, &finished_at.to_string())?,
        None => page.text(EN.not_ended)?,
    }
    page.markup("</dd></div>\n</dl>\n</section>\n")?;
    Ok(())
}

/// What became of the clients, in numbers and as a bar; and why the run was stopped, where it was.
pub(super) fn happened(page: &mut Html<impl Write>, facts: &Facts<'_>) -> Result<(), ReportError> {
    let (run, totals) = (facts.run, &facts.summary.totals);
    let (delegated, removed) = done_words(run.kind, run.undo_of.is_some());
    let rows = [
        ("delegated", totals.delegated, delegated),
        ("removed", totals.removed, removed),
        ("unchanged", totals.unchanged - totals.superseded, EN.unchanged),
        ("superseded", totals.superseded, EN.superseded),
        ("failed", totals.failed, EN.failed),
        ("rejected", totals.rejected, EN.rejected),
        ("unconfirmed", totals.answered, EN.unconfirmed),
        ("pending", totals.pending - totals.answered, EN.to_be_sent),
    ];
    section(page, "section id=\"happened\"", EN.happened)?;
    let all = totals.clients();
    if all > 0 {
        page.open_with(
            "svg class=\"bar\" viewBox=\"0 0 1000 24\" preserveAspectRatio=\"none\" role=\"img\"",
            &[("aria-label", &EN.outcomes_picture)],
        )?;
        let mut x = 0.0;
        for (class, number, _) in rows {
            let width = number as f64 / all as f64 * 1000.0;
            page.open_with(
                "rect y=\"0\" height=\"24\"",
                &[("class", &class), ("x", &format!("{x:.2}")), ("width", &format!("{width:.2}"))],
            )?;
            page.markup("</rect>")?;
            x += width;
        }
        page.markup("</svg>\n")?;
    }
    page.markup("<table class=\"outcomes\">\n<thead><tr>")?;
    page.element("th scope=\"col\" class=\"number\"", EN.number_of_clients)?;
    page.element("th scope=\"col\"", EN.outcome)?;
    page.markup("</tr></thead>\n<tbody>\n")?;
    for (class, number, words) in rows.into_iter().filter(|(_, number, _)| *number > 0) {
        page.markup("<tr>")?;
        page.element("td class=\"number\"", count(number))?;
        page.markup("<th scope=\"row\">")?;
        swatch(page, class)?;
        page.text(words)?;
        page.markup("</th></tr>\n")?;
    }
    page.markup("</tbody>\n</table>\n")?;
    stopped(page, facts)?;
    page.markup("</section>\n")?;
    Ok(())
}

/// A sample of how a picture shows something.
pub(super) fn swatch(page: &mut Html<impl Write>, class: &'static str) -> Result<(), ReportError> {
    page.markup("<svg class=\"swatch\" viewBox=\"0 0 16 16\" aria-hidden=\"true\">")?;
    page.open_with("rect width=\"16\" height=\"16\"", &[("class", &class)])?;
    page.markup("</rect></svg>")?;
    Ok(())
}

fn stopped(page: &mut Html<impl Write>, facts: &Facts<'_>) -> Result<(), ReportError> {
    if let Some(stop) = &facts.summary.stop {
        page.markup("<div class=\"box\">")?;
        page.element("h3", EN.stopped)?;
        page.element("p", stop.explanation)?;
        page.markup("<dl>")?;
        if !stop.message.is_empty() {
            page.definition(EN.altinn_said, &stop.message)?;
        }
        to_do(page, stop.hint)?;
        if let Some(trace_id) = &stop.trace_id {
            page.definition(EN.trace_id, trace_id)?;
        }
        page.markup("</dl></div>\n")?;
    }
    if facts.summary.status.can_be_resumed() {
        page.markup("<p>")?;
        page.sentence(&(EN.resume)(facts.run.id.as_str()))?;
        page.markup("</p>\n")?;
    }
    Ok(())
}

/// What a person can do.
fn to_do(page: &mut Html<impl Write>, hint: &str) -> Result<(), ReportError> {
    page.markup("<div>")?;
    page.element("dt", EN.to_do)?;
    page.markup("<dd>")?;
    page.sentence(hint)?;
    page.markup("</dd></div>\n")?;
    Ok(())
}

/// What a group of failures has in common.
type Reason = (Option<String>, String, bool, String);

/// The first clients of each reason.
fn named(facts: &Facts<'_>) -> Result<BTreeMap<Reason, Vec<ClientRecord>>, ReportError> {
    let mut named: BTreeMap<Reason, Vec<ClientRecord>> = BTreeMap::new();
    facts.ledger.each_client(&facts.run.id, Which::Failures, None, |client| {
        let reason = (client.code.clone(), client.message.clone(), client.retryable, client.hint.clone());
        let is_known = named.contains_key(&reason);
        // Messages can be as many as clients.
        if client.state == ClientState::Failed && (is_known || named.len() < 10 * MOST_REASONS) {
            let first = named.entry(reason).or_default();
            if first.len() < NAMED_PER_REASON {
                first.push(client.clone());
            }
        }
        Ok::<(), ReportError>(())
    })?;
    Ok(named)
}

/// Who failed, by reason, and what to do.
pub(super) fn failures(page: &mut Html<impl Write>, facts: &Facts<'_>) -> Result<(), ReportError> {
    if !facts.summary.has_failures() {
        return Ok(());
    }
    section(page, "section id=\"failures\"", EN.failures)?;
    let named = named(facts)?;
    let reasons = &facts.summary.failure_reasons;
    for reason in reasons.iter().take(MOST_REASONS) {
        failure(page, reason, &named)?;
    }
    let more = reasons.len().saturating_sub(MOST_REASONS);
    if more > 0 {
        page.element("p", (EN.more_reasons)(more as u64))?;
    }
    if facts.summary.totals.rejected > 0 {
        page.markup("<article class=\"box\">")?;
        page.markup("<h3>")?;
        page.text((EN.clients_count)(facts.summary.totals.rejected))?;
        page.text(": ")?;
        page.text(EN.rows_rejected)?;
        page.markup("</h3><dl>")?;
        page.definition(EN.to_do, EN.correct_rows)?;
        page.markup("</dl></article>\n")?;
    }
    if reasons.iter().any(|reason| reason.retryable) {
        page.markup("<p>")?;
        page.sentence(&(EN.retry)(facts.run.id.as_str()))?;
        page.markup("</p>\n")?;
    }
    page.markup("</section>\n")?;
    Ok(())
}

fn failure(
    page: &mut Html<impl Write>,
    reason: &FailureReason,
    named: &BTreeMap<Reason, Vec<ClientRecord>>,
) -> Result<(), ReportError> {
    page.markup("<article class=\"box\"><h3>")?;
    page.text((EN.clients_count)(reason.clients))?;
    page.text(": ")?;
    page.foreign(&reason.message)?;
    if let Some(code) = &reason.code {
        page.text(" ")?;
        page.element("code", code)?;
    }
    page.markup("</h3>\n")?;
    let (tag, words) = if reason.retryable {
        ("p class=\"tag retryable\"", EN.may_be_retried)
    } else {
        ("p class=\"tag\"", EN.needs_you)
    };
    page.element(tag, words)?;
    page.markup("<dl>")?;
    if !reason.hint.is_empty() {
        to_do(page, &reason.hint)?;
    }
    let key = (reason.code.clone(), reason.message.clone(), reason.retryable, reason.hint.clone());
    if let Some(first) = named.get(&key) {
        page.markup("<div>")?;
        page.element("dt", EN.among_them)?;
        page.markup("<dd><ul>")?;
        for client in first {
            page.markup("<li>")?;
            page.foreign(&said(client))?;
            page.markup("</li>")?;
        }
        let more = reason.clients.saturating_sub(first.len() as u64);
        if more > 0 {
            page.element("li", (EN.more_in)(more, "failures.csv"))?;
        }
        page.markup("</ul></dd></div>")?;
    }
    page.markup("</dl></article>\n")?;
    Ok(())
}

/// A client in one line: its number and name.
fn said(client: &ClientRecord) -> String {
    let number = client.organisation_number.as_deref().unwrap_or(EN.private_person);
    if client.name.is_empty() { number.to_owned() } else { format!("{number} {}", client.name) }
}

/// Who was removed, by name.
pub(super) fn removals(page: &mut Html<impl Write>, facts: &Facts<'_>) -> Result<(), ReportError> {
    let removed = facts.summary.totals.removed;
    if removed == 0 {
        return Ok(());
    }
    section(page, "section id=\"removals\"", EN.removals)?;
    page.markup("<ul class=\"names\">\n")?;
    facts.ledger.each_client(&facts.run.id, Which::Removed, Some(MOST_REMOVALS), |client| {
        page.markup("<li>")?;
        page.foreign(&said(client))?;
        page.markup("</li>\n")?;
        Ok::<(), ReportError>(())
    })?;
    page.markup("</ul>\n")?;
    if removed > MOST_REMOVALS {
        page.element("p", (EN.more_in)(removed - MOST_REMOVALS, "done.csv"))?;
    }
    page.markup("</section>\n")?;
    Ok(())
}
