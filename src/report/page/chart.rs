//! A run over time, as a picture and in numbers: how many requests had a verdict, how fast they went, what was sent
//! again, and when nothing was sent.

use std::{io::Write, time::Duration};

use jiff::SignedDuration;

use super::{
    html::Html,
    sections::{section, swatch},
};
use crate::{
    ledger::{Bucket, Timeline},
    model::{Job, Rate},
    report::{
        Facts, ReportError,
        words::{approximately, clock_time, count},
    },
    words::{decimal, say, text},
};

/// So many columns at the most.
const STRETCHES: u32 = 60;
/// Nothing sent for longer than this, in seconds, is a pause; and for longer than this many times the job's pace takes.
const PAUSE_SECONDS: f64 = 5.0;
const PAUSE_PERIODS: f64 = 10.0;

/// The drawing's measures, in its own units.
const LEFT: f64 = 52.0;
const WIDTH: f64 = 700.0;
const TOP: f64 = 22.0;
const UPPER: f64 = 100.0;
const LOWER_TOP: f64 = 158.0;
const LOWER: f64 = 110.0;

/// The section.
pub(super) fn over_time(page: &mut Html<impl Write>, facts: &Facts<'_>) -> Result<(), ReportError> {
    section(page, "section id=\"over-time\"", text!("report-over-time"))?;
    let rate = Job::parse(&facts.run.job_text).map_or(Rate::Unlimited, |job| job.pace.rate);
    let period = rate.period().map_or(0.0, |period| period.as_secs_f64());
    let pause = PAUSE_SECONDS.max(PAUSE_PERIODS * period);
    let Some(timeline) = facts.ledger.timeline(&facts.run.id, STRETCHES, pause)? else {
        page.element("p", text!("report-nothing-sent"))?;
        page.markup("</section>\n")?;
        return Ok(());
    };
    let asked = (period > 0.0).then(|| 1.0 / period);
    let drawing = Drawing::of(&timeline, asked);
    sentences(page, &drawing, rate)?;
    page.open_with(
        "div class=\"scrolls\" role=\"region\" tabindex=\"0\"",
        &[("aria-label", &format!("{} ({})", text!("report-over-time"), text!("report-scrolls")))],
    )?;
    drawing.draw(page)?;
    page.markup("</div>\n<ul class=\"legend\">")?;
    let has = |number: fn(&Bucket) -> u64| timeline.buckets.iter().any(|bucket| number(bucket) > 0);
    let legend = [
        ("done", text!("report-legend-done"), has(|bucket| bucket.done)),
        ("refused", text!("report-legend-refused"), has(|bucket| bucket.refused)),
        ("retried", text!("report-legend-retried"), has(|bucket| bucket.retried)),
        ("pause", text!("report-legend-pause"), !timeline.pauses.is_empty()),
        ("asked", text!("report-legend-asked"), drawing.shows_asked()),
    ];
    for (class, words, _) in legend.into_iter().filter(|(_, _, is_shown)| *is_shown) {
        page.markup("<li>")?;
        swatch(page, class)?;
        page.text(words)?;
        page.markup("</li>")?;
    }
    page.markup("</ul>\n")?;
    numbers(page, &timeline)?;
    page.markup("</section>\n")?;
    Ok(())
}

/// What the picture shows, in words.
fn sentences(page: &mut Html<impl Write>, drawing: &Drawing<'_>, rate: Rate) -> Result<(), ReportError> {
    let timeline = drawing.timeline;
    let all: u64 = timeline.buckets.iter().map(|bucket| bucket.attempts()).sum();
    let retried: u64 = timeline.buckets.iter().map(|bucket| bucket.retried).sum();
    let average = if timeline.seconds > 0.0 { all as f64 / timeline.seconds } else { all as f64 };
    page.markup("<p>")?;
    page.text(say!("report-sent", requests = all, took = lasting(timeline.seconds), rate = short(average)))?;
    page.text(" ")?;
    match (drawing.asked, drawing.shows_asked()) {
        (None, _) => page.text(text!("report-pace-unlimited"))?,
        (Some(_), true) => page.text(say!("report-pace-line", rate = rate))?,
        (Some(_), false) => page.text(say!("report-pace-above", rate = rate))?,
    }
    page.text(" ")?;
    if retried > 0 {
        page.text(say!("report-retried", requests = retried))?;
    } else {
        page.text(text!("report-no-retries"))?;
    }
    if let Some(longest) = timeline.pauses.iter().map(|pause| pause.seconds).max_by(f64::total_cmp) {
        page.text(" ")?;
        page.text(say!("report-pauses", pauses = timeline.pauses.len(), longest = lasting(longest)))?;
    }
    page.markup("</p>\n")?;
    Ok(())
}

fn lasting(seconds: f64) -> String {
    approximately(Duration::try_from_secs_f64(seconds).unwrap_or_default())
}

/// A number with as many digits as a reader needs.
fn short(number: f64) -> String {
    decimal(&if number >= 100.0 {
        format!("{number:.0}")
    } else if number >= 10.0 || number.fract() == 0.0 {
        format!("{number:.1}").trim_end_matches(".0").to_owned()
    } else {
        format!("{number:.2}").trim_end_matches('0').trim_end_matches('.').to_owned()
    })
}

/// The picture.
struct Drawing<'run> {
    timeline: &'run Timeline,
    /// Requests a second that were asked for at the most.
    asked: Option<f64>,
    /// The seconds from the left end to the right.
    span: f64,
    /// The requests a second at the top of the lower graph.
    highest: f64,
}

impl<'run> Drawing<'run> {
    fn of(timeline: &'run Timeline, asked: Option<f64>) -> Self {
        let taken = timeline.buckets.iter().map(|bucket| bucket.attempts()).max().unwrap_or_default() as f64
            / timeline.stretch_seconds;
        // A line far above the columns would flatten them.
        let highest = match asked {
            Some(asked) if asked < 3.0 * taken => taken.max(asked),
            _ => taken,
        };
        let span = timeline.buckets.len() as f64 * timeline.stretch_seconds;
        Self { timeline, asked, span, highest: (highest * 1.08).max(f64::MIN_POSITIVE) }
    }

    fn shows_asked(&self) -> bool {
        self.asked.is_some_and(|asked| asked <= self.highest)
    }

    fn x(&self, seconds: f64) -> f64 {
        LEFT + seconds / self.span * WIDTH
    }

    fn draw(&self, page: &mut Html<impl Write>) -> Result<(), ReportError> {
        page.open_with(
            "svg class=\"chart\" viewBox=\"0 0 770 294\" role=\"img\"",
            &[("aria-label", &text!("report-picture"))],
        )?;
        self.pauses(page)?;
        self.upper(page)?;
        self.lower(page)?;
        self.times(page)?;
        page.markup("</svg>\n")?;
        Ok(())
    }

    fn pauses(&self, page: &mut Html<impl Write>) -> Result<(), ReportError> {
        for pause in &self.timeline.pauses {
            let (x, width) = (self.x(pause.after_seconds), pause.seconds / self.span * WIDTH);
            let words = say!("report-pause", took = lasting(pause.seconds)).to_string();
            rect(page, "pause", [x, TOP, width, LOWER_TOP + LOWER - TOP])?;
            page.element("title", &words)?;
            page.markup("</rect>")?;
            if width > 90.0 {
                text(page, "text class=\"middle\"", x + width / 2.0, LOWER_TOP - 6.0, &words)?;
            }
        }
        Ok(())
    }

    /// How many requests had a verdict, as a line that rises.
    fn upper(&self, page: &mut Html<impl Write>) -> Result<(), ReportError> {
        let decided = |bucket: &Bucket| bucket.done + bucket.refused;
        let all: u64 = self.timeline.buckets.iter().map(decided).sum();
        let y = |number: u64| TOP + UPPER - number as f64 / all.max(1) as f64 * UPPER;
        let mut points = vec![format!("{:.1},{:.1}", LEFT, TOP + UPPER)];
        let mut so_far = 0;
        for (place, bucket) in self.timeline.buckets.iter().enumerate() {
            so_far += decided(bucket);
            let x = self.x((place as f64 + 1.0) * self.timeline.stretch_seconds);
            points.push(format!("{x:.1},{:.1}", y(so_far)));
        }
        let points = points.join(" ");
        let area = format!("{points} {:.1},{:.1}", LEFT + WIDTH, TOP + UPPER);
        page.open_with("polygon class=\"area\"", &[("points", &area)])?;
        page.markup("</polygon>")?;
        page.open_with("polyline class=\"line\"", &[("points", &points)])?;
        page.markup("</polyline>")?;
        axis(page, TOP + UPPER)?;
        text(page, "text", LEFT, TOP - 8.0, text!("report-answered-axis"))?;
        text(page, "text class=\"end\"", LEFT - 6.0, TOP + 10.0, &count(all))?;
        text(page, "text class=\"end\"", LEFT - 6.0, TOP + UPPER, "0")
    }

    /// Requests a second, by what came of them.
    fn lower(&self, page: &mut Html<impl Write>) -> Result<(), ReportError> {
        let stretch = self.timeline.stretch_seconds;
        let width = WIDTH / self.timeline.buckets.len() as f64;
        let gap = if width > 4.0 { 1.0 } else { 0.0 };
        for (place, bucket) in self.timeline.buckets.iter().enumerate() {
            let mut y = LOWER_TOP + LOWER;
            for (class, number) in
                [("done", bucket.done), ("refused", bucket.refused), ("retried", bucket.retried)]
            {
                if number > 0 {
                    let height = number as f64 / stretch / self.highest * LOWER;
                    y -= height;
                    rect(page, class, [self.x(place as f64 * stretch), y, width - gap, height])?;
                    page.markup("</rect>")?;
                }
            }
        }
        axis(page, LOWER_TOP + LOWER)?;
        let highest = self.highest / 1.08;
        let top = LOWER_TOP + LOWER - LOWER / 1.08;
        text(page, "text", LEFT, LOWER_TOP - 6.0, text!("report-rate-axis"))?;
        text(page, "text class=\"end\"", LEFT - 6.0, top + 5.0, &short(highest))?;
        text(page, "text class=\"end\"", LEFT - 6.0, LOWER_TOP + LOWER, "0")?;
        if let Some(asked) = self.asked.filter(|_| self.shows_asked()) {
            let y = LOWER_TOP + LOWER - asked / self.highest * LOWER;
            line(page, "asked", [LEFT, y, LEFT + WIDTH, y])?;
        }
        Ok(())
    }

    fn times(&self, page: &mut Html<impl Write>) -> Result<(), ReportError> {
        for (share, tag) in [(0.0, "text"), (0.5, "text class=\"middle\""), (1.0, "text class=\"end\"")] {
            let after = SignedDuration::try_from_secs_f64(self.span * share).unwrap_or_default();
            let at = self.timeline.begins.checked_add(after).unwrap_or(self.timeline.begins);
            let x = LEFT + WIDTH * share;
            line(page, "axis", [x, LOWER_TOP + LOWER, x, LOWER_TOP + LOWER + 5.0])?;
            text(page, tag, x, LOWER_TOP + LOWER + 20.0, &clock_time(at))?;
        }
        Ok(())
    }
}

fn axis(page: &mut Html<impl Write>, y: f64) -> Result<(), ReportError> {
    line(page, "axis", [LEFT, y, LEFT + WIDTH, y])
}

/// A rectangle that is still open: left, top, width, height.
fn rect(page: &mut Html<impl Write>, class: &str, place: [f64; 4]) -> Result<(), ReportError> {
    let [x, y, width, height] = place.map(|number| format!("{number:.2}"));
    let attributes: [(&'static str, &dyn std::fmt::Display); 5] =
        [("class", &class), ("x", &x), ("y", &y), ("width", &width), ("height", &height)];
    Ok(page.open_with("rect", &attributes)?)
}

fn line(page: &mut Html<impl Write>, class: &str, place: [f64; 4]) -> Result<(), ReportError> {
    let [x1, y1, x2, y2] = place.map(|number| format!("{number:.1}"));
    page.open_with("line", &[("class", &class), ("x1", &x1), ("y1", &y1), ("x2", &x2), ("y2", &y2)])?;
    Ok(page.markup("</line>")?)
}

fn text(
    page: &mut Html<impl Write>,
    tag: &'static str,
    x: f64,
    y: f64,
    text: &str,
) -> Result<(), ReportError> {
    page.open_with(tag, &[("x", &format!("{x:.1}")), ("y", &format!("{y:.1}"))])?;
    page.text(text)?;
    Ok(page.markup("</text>")?)
}

/// The picture in numbers, for those who read or hear it.
fn numbers(page: &mut Html<impl Write>, timeline: &Timeline) -> Result<(), ReportError> {
    page.markup("<details><summary>")?;
    page.text(text!("report-numbers-of-picture"))?;
    page.markup("</summary>\n<table class=\"numbers\">\n<thead><tr>")?;
    for heading in [
        text!("report-from"),
        text!("report-legend-done"),
        text!("report-legend-refused"),
        text!("report-legend-retried"),
        text!("report-rate-axis"),
    ] {
        page.element("th scope=\"col\"", heading)?;
    }
    page.markup("</tr></thead>\n<tbody>\n")?;
    for (place, bucket) in timeline.buckets.iter().enumerate() {
        let after = SignedDuration::try_from_secs_f64(place as f64 * timeline.stretch_seconds);
        let at = timeline.begins.checked_add(after.unwrap_or_default()).unwrap_or(timeline.begins);
        page.markup("<tr>")?;
        page.element("th scope=\"row\"", clock_time(at))?;
        for number in [bucket.done, bucket.refused, bucket.retried] {
            page.element("td class=\"number\"", count(number))?;
        }
        page.element("td class=\"number\"", short(bucket.attempts() as f64 / timeline.stretch_seconds))?;
        page.markup("</tr>\n")?;
    }
    page.markup("</tbody>\n</table></details>\n")?;
    Ok(())
}
