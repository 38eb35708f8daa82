//! A night of a fleet on one page, for people: what `fleet status` says, firm by firm.

use std::io::{self, BufWriter, Write};

use super::{foot, head, html::Html, time};
use crate::{
    fleet::{FleetStatus, UnitStatus},
    report::{
        fleet::{fleet_sentence, in_words},
        words::count,
    },
    words::{say, text},
};

/// Writes the page.
pub(in crate::report) fn write(status: &FleetStatus, file: &mut impl Write) -> io::Result<()> {
    let mut page = Html::new(BufWriter::new(file));
    let title = say!("fleet-page-title", fleet = status.fleet).to_string();
    head(&mut page, &title, text!("fleet-page-skip"))?;
    headline(&mut page, status, &title)?;
    page.markup("<section id=\"asked\">")?;
    page.element("h2", text!("fleet-page-night"))?;
    page.markup("<dl>\n")?;
    page.definition(text!("report-environment"), &status.environment)?;
    page.definition(text!("report-pace"), &pace(status))?;
    page.markup("<div>")?;
    page.element("dt", text!("report-began"))?;
    page.markup("<dd>")?;
    time(&mut page, status.night_from)?;
    page.markup("</dd></div>\n")?;
    if let Some(hold) = &status.held {
        page.definition(text!("fleet-page-held"), &format!("{:.0} {}", hold.since, hold.reason))?;
    }
    page.markup("</dl>\n</section>\n")?;
    units(&mut page, status)?;
    foot(&mut page, None)?;
    page.flush()
}

/// The title, and the night in one sentence.
fn headline(page: &mut Html<impl Write>, status: &FleetStatus, title: &str) -> io::Result<()> {
    let counts = &status.counts;
    let (class, mark) = if counts.refused + counts.failed + counts.with_failures > 0 {
        ("p class=\"verdict bad\"", "!")
    } else if counts.due + counts.waiting + counts.at_work > 0 {
        ("p class=\"verdict open\"", "…")
    } else {
        ("p class=\"verdict good\"", "✓")
    };
    page.markup("<header>\n<h1>")?;
    page.foreign(title)?;
    page.markup("</h1>\n")?;
    page.open(class)?;
    page.element("span class=\"mark\" aria-hidden=\"true\"", mark)?;
    page.text(fleet_sentence(status))?;
    page.markup("</p>\n</header>\n")
}

fn pace(status: &FleetStatus) -> String {
    match status.pace_used_per_second {
        Some(used) => {
            let used = crate::words::decimal(&format!("{used:.1}"));
            say!("fleet-status-pace", used = used, allowed = status.pace_allowed).to_string()
        }
        None => say!("report-at-most", rate = status.pace_allowed).to_string(),
    }
}

/// The firms, those that need somebody first.
fn units(page: &mut Html<impl Write>, status: &FleetStatus) -> io::Result<()> {
    page.markup("<section id=\"clients\">")?;
    page.element("h2", text!("fleet-page-firms"))?;
    page.markup("<div id=\"tools\" hidden><label for=\"find\">")?;
    page.text(text!("report-find"))?;
    page.markup("</label> <input id=\"find\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\">")?;
    page.open_with("output id=\"shown\" for=\"find\"", &[("data-words", &text!("report-shown"))])?;
    page.markup("</output></div>\n")?;
    let scrolls = format!("{} ({})", text!("fleet-page-firms"), text!("report-scrolls"));
    page.open_with("div class=\"scrolls\" role=\"region\" tabindex=\"0\"", &[("aria-label", &scrolls)])?;
    page.open_with("table id=\"table\"", &[("data-sort", &text!("report-sort-by"))])?;
    page.markup("\n<thead><tr>")?;
    for heading in [
        text!("report-firm"),
        text!("report-name"),
        text!("report-job"),
        text!("report-outcome"),
        text!("report-why"),
        text!("plan-count-delegated"),
        text!("plan-count-removed"),
        text!("plan-count-unchanged"),
        text!("plan-count-failed"),
    ] {
        page.element("th scope=\"col\"", heading)?;
    }
    page.markup("</tr></thead>\n<tbody>\n")?;
    let mut units: Vec<&UnitStatus> = status.units.iter().collect();
    units.sort_by_key(|unit| (unit.message.is_none(), unit.standing == "done", unit.row.line));
    units.into_iter().try_for_each(|unit| row(page, unit))?;
    page.markup("</tbody>\n</table></div>\n</section>\n")
}

fn row(page: &mut Html<impl Write>, unit: &UnitStatus) -> io::Result<()> {
    page.markup("<tr><th scope=\"row\">")?;
    match unit.row.facilitator.as_str() {
        "" => page.text(say!("report-line", line = unit.row.line.to_string()))?,
        firm => page.foreign(firm)?,
    }
    page.markup("</th><td>")?;
    page.foreign(unit.row.name.as_deref().unwrap_or_default())?;
    page.markup("</td><td>")?;
    page.foreign(&unit.row.job)?;
    page.markup("</td><td class=\"state\">")?;
    page.text(in_words(unit))?;
    page.markup("</td><td class=\"why\">")?;
    if let Some(message) = &unit.message {
        page.sentence(&message.said())?;
    }
    for hint in &unit.hints {
        page.markup("<p class=\"hint\">")?;
        page.sentence(&hint.said())?;
        page.markup("</p>")?;
    }
    if let Some(since) = unit.failing_since {
        page.markup("<p class=\"hint\">")?;
        page.text(say!("fleet-failing-since", since = crate::report::date_time(since)))?;
        page.markup("</p>")?;
    }
    page.markup("</td>")?;
    let totals = unit.totals.unwrap_or_default();
    for number in [totals.delegated, totals.removed, totals.unchanged, totals.failed + totals.rejected] {
        page.element("td class=\"number\"", count(number))?;
    }
    page.markup("</tr>\n")
}
