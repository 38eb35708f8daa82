//! The page for a firm that is asked for a system user: the link, a code for a telephone's camera, and what whoever approves
//! has to know, in both languages. One file that asks nothing of any network.

use std::{
    fmt::Write as _,
    io::{self, BufWriter, Write},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use qrcode::{Color, QrCode};
use sha2::{Digest, Sha256};

use super::html::Html;
use crate::{
    ledger::RequestRecord,
    model::{Link, Vendor, short},
    report::words::stored_day,
    words::{Language, in_language, say, text},
};

const STYLE: &str = include_str!("firm.css");

/// How much stays white around the code, in its own squares: a camera needs it.
const QUIET: usize = 4;

/// Writes the page: Norwegian first, because that is what most firms read.
pub(in crate::report) fn write_firm(
    vendor: &Vendor,
    record: &RequestRecord,
    file: &mut impl Write,
) -> io::Result<()> {
    let Some(link) = &record.link else { return Ok(()) };
    let mut page = Html::new(BufWriter::new(file));
    head(&mut page, &in_language(Language::Nb, || title(vendor)))?;
    for language in [Language::Nb, Language::En] {
        in_language(language, || section(&mut page, vendor, record, link))?;
    }
    page.markup("</main>\n</body>\n</html>\n")?;
    page.flush()
}

fn title(vendor: &Vendor) -> String {
    say!("request-page-title", vendor = vendor.vendor_name).to_string()
}

fn head(page: &mut Html<impl Write>, title: &str) -> io::Result<()> {
    let style = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy =
        format!("default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'");
    page.markup("<!DOCTYPE html>\n<html lang=\"nb\">\n<head>\n<meta charset=\"utf-8\">\n")?;
    page.open_with("meta http-equiv=\"Content-Security-Policy\"", &[("content", &policy)])?;
    page.markup(
        "\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex\">\n",
    )?;
    page.element("title", title)?;
    page.markup("<style>")?;
    page.markup(STYLE)?;
    page.markup("</style>\n</head>\n<body>\n<main>\n")
}

fn section(
    page: &mut Html<impl Write>,
    vendor: &Vendor,
    record: &RequestRecord,
    link: &Link,
) -> io::Result<()> {
    let firm = match record.name.as_str() {
        "" => record.firm.to_string(),
        name => format!("{name} ({})", record.firm),
    };
    let (name, number) = (&vendor.vendor_name, vendor.organisation.to_string());
    page.open_with("section", &[("lang", &Language::current().tag())])?;
    page.markup("\n<h1>")?;
    page.foreign(&title(vendor))?;
    page.markup("</h1>\n")?;
    paragraph(page, &say!("request-page-why", firm = firm, vendor = name, organisation = number))?;
    page.element("h2", text!("request-page-who-heading"))?;
    paragraph(page, &say!("request-page-who", firm = firm))?;
    page.element("h2", text!("request-page-gives-heading"))?;
    paragraph(page, &text!("request-page-gives"))?;
    page.markup("<ul>\n")?;
    for package in &record.packages {
        match altinns_name(package) {
            Some(name) => page.element("li", format_args!("{name} ({})", short(package)))?,
            None => page.element("li", short(package))?,
        }
    }
    page.markup("</ul>\n")?;
    page.element("h2", text!("request-page-check-heading"))?;
    page.markup("<ol>\n")?;
    page.element("li", say!("request-page-check-address", host = host(link)))?;
    page.element("li", say!("request-page-check-vendor", vendor = name, organisation = number))?;
    page.element("li", say!("request-page-check-firm", firm = firm))?;
    page.element("li", text!("request-page-check-packages"))?;
    page.markup("</ol>\n")?;
    page.element("h2", text!("request-page-link-heading"))?;
    page.markup("<p>")?;
    page.open_with("a class=\"answer\" rel=\"noreferrer\"", &[("href", &link.expose())])?;
    page.text(text!("request-page-link"))?;
    page.markup("</a></p>\n<figure>")?;
    code(page, link)?;
    page.element("figcaption", text!("request-page-code"))?;
    page.markup("</figure>\n")?;
    page.element("p class=\"address\"", link.expose())?;
    if let Some(by) = record.answer_by() {
        paragraph(page, &say!("request-page-by", day = stored_day(&by.to_string())))?;
    }
    paragraph(page, &text!("request-page-secret"))?;
    paragraph(page, &say!("request-page-after", vendor = name))?;
    page.markup("</section>\n")
}

/// What Altinn's pages call the packages that clients' roles carry, as far as is known; Norwegian whoever reads.
fn altinns_name(package: &str) -> Option<&'static str> {
    Some(match short(package) {
        "regnskapsforer-lonn" => text!("request-package-accountant-payroll"),
        "regnskapsforer-med-signeringsrettighet" => text!("request-package-accountant-signing"),
        "regnskapsforer-uten-signeringsrettighet" => text!("request-package-accountant"),
        "ansvarlig-revisor" => text!("request-package-auditor"),
        "revisormedarbeider" => text!("request-package-auditors-staff"),
        "forretningsforer-eiendom" => text!("request-package-property"),
        _ => return None,
    })
}

fn paragraph(page: &mut Html<impl Write>, words: &impl std::fmt::Display) -> io::Result<()> {
    page.element("p", words)?;
    page.markup("\n")
}

/// Where the link leads: what is to stand in the browser's address.
fn host(link: &Link) -> String {
    let url = url::Url::parse(link.expose()).ok();
    url.map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

/// The code: one path, a square for each dark module.
fn code(page: &mut Html<impl Write>, link: &Link) -> io::Result<()> {
    let Ok(code) = QrCode::new(link.expose()) else { return Ok(()) };
    let width = code.width();
    let mut path = String::new();
    for (place, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (place % width + QUIET, place / width + QUIET);
            // Writing to a text cannot fail.
            let _ = write!(path, "M{x} {y}h1v1h-1z");
        }
    }
    let whole = width + 2 * QUIET;
    let view = format!("0 0 {whole} {whole}");
    page.open_with(
        "svg class=\"code\" role=\"img\" shape-rendering=\"crispEdges\"",
        &[("viewBox", &view), ("aria-label", &text!("request-page-code"))],
    )?;
    page.open_with("rect class=\"paper\"", &[("width", &whole), ("height", &whole)])?;
    page.markup("</rect>")?;
    page.open_with("path class=\"ink\"", &[("d", &path)])?;
    page.markup("</path></svg>")
}
