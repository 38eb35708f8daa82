//! `report.html`: a run on one page, for people. One file that asks nothing of any network: its facts need no script, it
//! prints on A4, and what came from outside stays text ([`html`]), with a content security policy behind that.

mod chart;
mod firm;
mod fleet;
mod html;
mod sections;
mod table;

use std::{
    fs::File,
    io::{self, BufWriter, Write},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{Timestamp, tz::TimeZone};
use sha2::{Digest, Sha256};

use self::html::Html;
use super::{Facts, ReportError, sentences::title_of, words::date_time};
use crate::words::{Language, say, text};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The fillings that tell the parts of a picture apart without colour.
const PATTERNS: &str = "<svg class=\"patterns\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>\
    <pattern id=\"stripes\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
    <rect class=\"ground\" width=\"6\" height=\"6\"></rect><rect class=\"ink\" width=\"2.5\" height=\"6\"></rect></pattern>\
    <pattern id=\"dots\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">\
    <rect class=\"ground\" width=\"6\" height=\"6\"></rect><circle class=\"ink\" cx=\"3\" cy=\"3\" r=\"1.4\"></circle></pattern>\
    </defs></svg>\n";

/// Writes the page.
pub(super) fn write(facts: &Facts<'_>, file: &mut File) -> Result<(), ReportError> {
    let mut page = Html::new(BufWriter::new(file));
    head(&mut page, &format!("{} – {}", title(facts), facts.run.id), text!("report-skip"))?;
    sections::headline(&mut page, facts)?;
    sections::asked(&mut page, facts)?;
    sections::happened(&mut page, facts)?;
    chart::over_time(&mut page, facts)?;
    sections::failures(&mut page, facts)?;
    sections::removals(&mut page, facts)?;
    sections::other_names(&mut page, facts)?;
    table::clients(&mut page, facts)?;
    foot(&mut page, Some(facts))?;
    Ok(page.flush()?)
}

/// Writes the page for a firm that is asked for a system user.
pub(super) use firm::write_firm;
/// Writes the page of a fleet's night.
pub(super) use fleet::write as write_fleet;

/// What the run is called on the page.
fn title(facts: &Facts<'_>) -> String {
    let run = facts.run;
    let agent = if run.agent_title.is_empty() { run.agent.to_string() } else { run.agent_title.clone() };
    match &run.undo_of {
        Some(_) if !run.kind.asks_firms() => say!("report-title-undo", agent = agent).to_string(),
        _ => title_of(run.kind, &agent),
    }
}

/// The beginning, up to the body. Only this page's own style and script may do anything.
fn head(page: &mut Html<impl Write>, title: &str, skip: &str) -> io::Result<()> {
    let source = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
    let policy = format!(
        "default-src 'none'; img-src data:; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        source(STYLE),
        source(SCRIPT)
    );
    page.markup("<!DOCTYPE html>\n")?;
    page.open_with("html", &[("lang", &Language::current().tag())])?;
    page.markup("\n<head>\n<meta charset=\"utf-8\">\n")?;
    page.open_with("meta http-equiv=\"Content-Security-Policy\"", &[("content", &policy)])?;
    page.markup(
        "\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n",
    )?;
    page.element("title", title)?;
    page.markup("<style>")?;
    page.markup(STYLE)?;
    page.markup("</style>\n</head>\n<body>\n")?;
    page.markup(PATTERNS)?;
    page.markup("<a class=\"skip\" href=\"#clients\">")?;
    page.text(skip)?;
    page.markup("</a>\n<main>\n")
}

/// The end; of a run's page with the files beside it.
fn foot(page: &mut Html<impl Write>, facts: Option<&Facts<'_>>) -> io::Result<()> {
    page.markup("</main>\n<footer>")?;
    let zone = TimeZone::system();
    let zone = match zone.iana_name() {
        Some(name) => name.to_owned(),
        None => crate::clock::now().to_zoned_datetime(zone).strftime("%:z").to_string(),
    };
    page.element("p", say!("report-footer", version = env!("CARGO_PKG_VERSION"), zone = zone))?;
    if let Some(facts) = facts {
        let files = facts.files_for_people().join(", ");
        page.element("p", say!("report-footer-files", files = files))?;
    }
    page.markup("</footer>\n<script>")?;
    page.markup(SCRIPT)?;
    page.markup("</script>\n</body>\n</html>\n")
}

/// A time of the ledger's on the user's clock.
fn time(page: &mut Html<impl Write>, at: Timestamp) -> io::Result<()> {
    page.open_with("time", &[("datetime", &at)])?;
    page.text(date_time(at))?;
    page.markup("</time>")
}
