//! What was asked, what happened, what failed and what was removed.

use std::{collections::BTreeMap, io::Write};

use super::{html::Html, table::state, time, title};
use crate::{
    ledger::{ClientRecord, FailureReason, Which},
    model::{ClientState, Job, Rate, Vendor, in_words},
    report::{
        Facts, ReportError,
        names::{self, Names},
        sentences::why,
        summary::{done_words, unchanged_words},
        words::count,
    },
    words::{Wording, say, text},
};

/// So many reasons have a place of their own.
const MOST_REASONS: usize = 40;
/// So many clients are named with each reason.
const NAMED_PER_REASON: usize = 5;
/// So many removed clients are named.
const MOST_REMOVALS: u64 = 1000;
/// So many of them are printed; the style sheet has the same number.
const PRINTED_REMOVALS: u64 = 90;
/// So many rows are shown of those that could not be used, and of those whose name is another.
const MOST_ROWS: u64 = 40;

/// The title, and the run in one sentence.
pub(super) fn headline(page: &mut Html<impl Write>, facts: &Facts<'_>) -> Result<(), ReportError> {
    let totals = &facts.summary.totals;
    let (rows, failed) = (totals.rejected, totals.failed + totals.rejected);
    let all = totals.clients() - rows;
    let (class, mark, sentence) = if all + rows == 0 {
        ("p class=\"verdict\"", "–", text!("report-no-clients").to_owned())
    } else if totals.pending > 0 {
        (
            "p class=\"verdict open\"",
            "…",
            say!("report-not-settled", some = totals.pending, all = facts.many(all)).to_string(),
        )
    } else if failed > 0 {
        (
            "p class=\"verdict bad\"",
            "!",
            [
                (totals.failed > 0).then(|| {
                    say!("report-some-failed", some = totals.failed, all = facts.many(all)).to_string()
                }),
                (rows > 0).then(|| say!("report-rows-left", rows = rows).to_string()),
                (totals.failed == 0 && all > 0)
                    .then(|| say!("report-the-others-done", all = facts.many(all)).to_string()),
            ]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" "),
        )
    } else {
        ("p class=\"verdict good\"", "✓", say!("report-all-done", all = facts.many(all)).to_string())
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
    section(page, "section id=\"asked\"", text!("report-asked"))?;
    page.markup("<dl>\n")?;
    page.definition(text!("report-job"), &run.job)?;
    page.definition(text!("report-kind"), run.kind.as_str())?;
    let relation = match (&run.retry_of, &run.undo_of) {
        (_, Some(other)) => format!("{}: {}", run.id, say!("report-undoes-run", run = other)),
        (Some(other), None) => format!("{}: {}", run.id, say!("report-retries-run", run = other)),
        (None, None) => run.id.to_string(),
    };
    page.definition(text!("report-run"), &relation)?;
    page.definition(text!("report-firm"), &run.facilitator)?;
    page.definition(text!("report-environment"), &run.environment)?;
    let agent = run.agent.to_string();
    let agent = match run.agent_title.as_str() {
        "" => agent,
        title if run.agent.0.is_nil() => title.to_owned(),
        title => format!("{title} ({agent})"),
    };
    page.definition(if facts.asks_firms() { text!("report-system") } else { text!("report-agent") }, &agent)?;
    if let (true, Ok(vendor)) = (facts.asks_firms(), Vendor::parse(&run.job_text)) {
        page.definition(text!("report-packages"), &in_words(&vendor.packages))?;
    }
    let list = if run.manifest.is_empty() && facts.asks_firms() {
        text!("report-firms-by-name").to_owned()
    } else if run.manifest.is_empty() {
        text!("report-no-list").to_owned()
    } else {
        // The path tells of the machine; the name is what people know the list by.
        let name = run.manifest.rsplit(['/', '\\']).next().unwrap_or(&run.manifest);
        say!("report-list-of", name = name, rows = run.rows).to_string()
    };
    page.definition(text!("report-list"), &list)?;
    let by =
        if run.signed_in_as.is_empty() { text!("report-not-known").into() } else { run.signed_in_as.said() };
    page.definition(text!("report-signed-in-as"), &by)?;
    if let Ok(job) = Job::parse(&run.job_text) {
        match job.pace.rate {
            Rate::Unlimited => page.definition(text!("report-pace"), text!("report-pace-unlimited"))?,
            rate @ Rate::Limited { .. } => {
                page.definition(text!("report-pace"), &say!("report-at-most", rate = rate).to_string())?;
            }
        }
    }
    page.markup("<div>")?;
    page.element("dt", text!("report-began"))?;
    page.markup("<dd>")?;
    time(page, run.started_at)?;
    page.markup("</dd></div>\n<div>")?;
    page.element("dt", text!("report-ended"))?;
    page.markup("<dd>")?;
    match run.finished_at {
        Some(finished_at) => time(page, finished_at)?,
        None => page.text(text!("report-not-ended"))?,
    }
    page.markup("</dd></div>\n</dl>\n</section>\n")?;
    Ok(())
}

/// What became of the clients, in numbers and as a bar; and why the run was stopped, where it was.
pub(super) fn happened(page: &mut Html<impl Write>, facts: &Facts<'_>) -> Result<(), ReportError> {
    let (run, totals) = (facts.run, &facts.summary.totals);
    let (delegated, removed) = done_words(run.kind, run.undo_of.is_some());
    let rejected = say!("report-rejected", rows = totals.rejected).to_string();
    let asked = say!("report-asked-firms", firms = totals.asked).to_string();
    let withdrawn = say!("report-taken-back", requests = totals.withdrawn).to_string();
    let rows = [
        ("delegated", totals.delegated, delegated),
        ("removed", totals.removed, removed),
        ("delegated", totals.asked, &asked),
        ("removed", totals.withdrawn, &withdrawn),
        ("unchanged", totals.unchanged - totals.superseded, unchanged_words(run.kind)),
        ("superseded", totals.superseded, text!("report-superseded")),
        ("failed", totals.failed, text!("report-failed")),
        ("rejected", totals.rejected, &rejected),
        ("unconfirmed", totals.answered, text!("report-unconfirmed")),
        ("pending", totals.pending - totals.answered, text!("report-to-be-sent")),
    ];
    section(page, "section id=\"happened\"", text!("report-happened"))?;
    let all = totals.clients();
    if all > 0 {
        page.open_with(
            "svg class=\"bar\" viewBox=\"0 0 1000 24\" preserveAspectRatio=\"none\" role=\"img\"",
            &[("aria-label", &text!("report-outcomes-picture"))],
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
    page.element("th scope=\"col\" class=\"number\"", text!("report-how-many"))?;
    page.element("th scope=\"col\"", text!("report-outcome"))?;
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
        page.element("h3", text!("report-stopped"))?;
        page.element("p", stop.cause.explanation())?;
        page.markup("<dl>")?;
        if !stop.message.is_empty() {
            page.definition(text!("report-altinn-said"), &stop.message.said())?;
        }
        to_do(page, stop.cause.hint())?;
        if let Some(trace_id) = &stop.trace_id {
            page.definition(text!("report-trace-id"), trace_id)?;
        }
        page.markup("</dl></div>\n")?;
    }
    if facts.summary.status.can_be_resumed() {
        page.markup("<p>")?;
        page.sentence(&say!("report-resume", run = facts.run.id).to_string())?;
        page.markup("</p>\n")?;
    }
    Ok(())
}

/// What a person can do.
fn to_do(page: &mut Html<impl Write>, hint: &str) -> Result<(), ReportError> {
    page.markup("<div>")?;
    page.element("dt", text!("report-to-do"))?;
    page.markup("<dd>")?;
    page.sentence(hint)?;
    page.markup("</dd></div>\n")?;
    Ok(())
}

/// What a group of failures has in common.
type Reason = (Option<String>, Wording, bool, Wording);

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
    section(page, "section id=\"failures\"", text!("report-failures"))?;
    let named = named(facts)?;
    let reasons = &facts.summary.failure_reasons;
    for reason in reasons.iter().take(MOST_REASONS) {
        failure(page, facts, reason, &named)?;
    }
    let more = reasons.len().saturating_sub(MOST_REASONS);
    if more > 0 {
        page.element("p", say!("report-more-reasons", more = more, file = facts.file("failures")))?;
    }
    if facts.summary.totals.rejected > 0 {
        rejected(page, facts)?;
    }
    if reasons.iter().any(|reason| reason.retryable) {
        page.markup("<p>")?;
        page.sentence(&say!("report-retry", run = facts.run.id).to_string())?;
        page.markup("</p>\n")?;
    }
    page.markup("</section>\n")?;
    Ok(())
}

fn failure(
    page: &mut Html<impl Write>,
    facts: &Facts<'_>,
    reason: &FailureReason,
    named: &BTreeMap<Reason, Vec<ClientRecord>>,
) -> Result<(), ReportError> {
    page.markup("<article class=\"box\"><h3>")?;
    page.text(facts.many(reason.clients))?;
    page.text(": ")?;
    page.foreign(&why(reason.code.as_deref(), &reason.message))?;
    if let Some(code) = &reason.code {
        page.text(" ")?;
        page.element("code", code)?;
    }
    page.markup("</h3>\n")?;
    let (tag, words) = if reason.retryable {
        ("p class=\"tag retryable\"", text!("report-may-be-retried"))
    } else {
        ("p class=\"tag\"", text!("report-needs-you"))
    };
    page.element(tag, words)?;
    page.markup("<dl>")?;
    if !reason.hint.is_empty() {
        to_do(page, &reason.hint.said())?;
    }
    let key = (reason.code.clone(), reason.message.clone(), reason.retryable, reason.hint.clone());
    if let Some(first) = named.get(&key) {
        page.markup("<div>")?;
        page.element("dt", text!("report-among-them"))?;
        page.markup("<dd><ul>")?;
        for client in first {
            page.markup("<li>")?;
            page.foreign(&said(client))?;
            page.markup("</li>")?;
        }
        let more = reason.clients.saturating_sub(first.len() as u64);
        if more > 0 {
            page.element("li", say!("report-more-in", more = more, file = facts.file("failures")))?;
        }
        page.markup("</ul></dd></div>")?;
    }
    page.markup("</dl></article>\n")?;
    Ok(())
}

/// The rows of the list that could not be used, with their lines and what is wrong.
fn rejected(page: &mut Html<impl Write>, facts: &Facts<'_>) -> Result<(), ReportError> {
    page.markup("<article class=\"box\"><h3>")?;
    page.text(say!("report-rows-rejected", rows = facts.summary.totals.rejected))?;
    page.markup("</h3><dl>")?;
    let file = facts.file("failures");
    page.definition(text!("report-to-do"), &say!("report-correct-rows", file = file).to_string())?;
    page.markup("<div>")?;
    page.element("dt", text!("report-among-them"))?;
    page.markup("<dd><ul>")?;
    let mut shown = 0;
    facts.ledger.each_client(&facts.run.id, Which::Failures, None, |client| {
        if client.state != ClientState::Rejected || shown >= MOST_ROWS {
            return Ok(());
        }
        shown += 1;
        page.markup("<li>")?;
        page.text(say!("report-line", line = client.line.to_string()))?;
        page.text(": ")?;
        page.foreign(&client.message.said())?;
        page.text(" ")?;
        page.markup("<span class=\"row\">")?;
        page.foreign(&row_of(client))?;
        page.markup("</span></li>")?;
        Ok::<(), ReportError>(())
    })?;
    let more = facts.summary.totals.rejected.saturating_sub(shown);
    if more > 0 {
        page.element("li", say!("report-more-in", more = more, file = file))?;
    }
    page.markup("</ul></dd></div></dl></article>\n")?;
    Ok(())
}

/// What stands in a row of the list, as far as a line has room for it.
pub(super) fn row_of(client: &ClientRecord) -> String {
    const MOST_LETTERS: usize = 60;
    let cells: Vec<String> = client.cells().into_iter().filter(|cell| !cell.trim().is_empty()).collect();
    let all = cells.join(" · ");
    if all.chars().count() <= MOST_LETTERS {
        return all;
    }
    all.chars().take(MOST_LETTERS).chain(['…']).collect()
}

/// The rows whose name is not Altinn's: first those for which nothing was sent.
pub(super) fn other_names(page: &mut Html<impl Write>, facts: &Facts<'_>) -> Result<(), ReportError> {
    let rows = facts.other_names()?;
    let Some(names) = Names::of(facts.run, &facts.dialect()?).filter(|_| rows > 0) else {
        return Ok(());
    };
    section(page, "section id=\"other-names\"", text!("report-other-names"))?;
    let file = facts.file("other-names");
    page.markup("<p>")?;
    page.text(say!("report-other-names-to-do", rows = rows, file = file))?;
    page.markup("</p>\n")?;
    page.open_with(
        "div class=\"scrolls\" role=\"region\" tabindex=\"0\"",
        &[("aria-label", &format!("{} ({})", text!("report-other-names"), text!("report-scrolls")))],
    )?;
    page.markup("<table class=\"names-table\">\n<thead><tr>")?;
    for heading in [
        text!("report-row"),
        text!("report-number"),
        text!("report-name-in-list"),
        text!("report-name-in-altinn"),
        text!("report-outcome"),
    ] {
        page.element("th scope=\"col\"", heading)?;
    }
    page.markup("</tr></thead>\n<tbody>\n")?;
    let mut shown = 0;
    names::each(facts.ledger, facts.run, &names, |client, name| {
        if shown >= MOST_ROWS {
            return Ok(());
        }
        shown += 1;
        page.markup("<tr><th scope=\"row\">")?;
        page.text(client.line)?;
        page.markup("</th><td>")?;
        page.text(client.organisation_number.as_deref().unwrap_or("–"))?;
        page.markup("</td><td>")?;
        page.foreign(name)?;
        page.markup("</td><td>")?;
        page.foreign(&client.name)?;
        page.markup("</td><td class=\"state\">")?;
        let (class, words) = state(client.state);
        swatch(page, class)?;
        page.text(words)?;
        page.markup("</td></tr>\n")?;
        Ok::<(), ReportError>(())
    })?;
    page.markup("</tbody>\n</table></div>\n")?;
    let more = rows.saturating_sub(shown);
    if more > 0 {
        page.element("p", say!("report-more-in", more = more, file = file))?;
    }
    page.markup("</section>\n")?;
    Ok(())
}

/// A client in one line: its number and name.
fn said(client: &ClientRecord) -> String {
    let number = client.organisation_number.as_deref().unwrap_or(text!("report-private-person"));
    if client.name.is_empty() { number.to_owned() } else { format!("{number} {}", client.name) }
}

/// Who was removed, by name.
pub(super) fn removals(page: &mut Html<impl Write>, facts: &Facts<'_>) -> Result<(), ReportError> {
    let removed = facts.summary.totals.removed;
    if removed == 0 {
        return Ok(());
    }
    section(page, "section id=\"removals\"", text!("report-removals"))?;
    page.markup("<ul class=\"names\">\n")?;
    facts.ledger.each_client(&facts.run.id, Which::Removed, Some(MOST_REMOVALS), |client| {
        page.markup("<li>")?;
        page.foreign(&said(client))?;
        page.markup("</li>\n")?;
        Ok::<(), ReportError>(())
    })?;
    page.markup("</ul>\n")?;
    if removed > PRINTED_REMOVALS {
        page.element(
            "p class=\"printed\"",
            say!("report-more-in", more = removed - PRINTED_REMOVALS, file = facts.file("done")),
        )?;
    }
    if removed > MOST_REMOVALS {
        page.element(
            "p class=\"unprinted\"",
            say!("report-more-in", more = removed - MOST_REMOVALS, file = facts.file("done")),
        )?;
    }
    page.markup("</section>\n")?;
    Ok(())
}
