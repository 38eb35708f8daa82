//! How a run goes, while it goes: one bar on a terminal, a plain line every few seconds elsewhere.

use std::{collections::VecDeque, time::Duration};

use console::{Term, measure_text_width};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle as BarStyle};
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval},
};

use super::{
    log::log_line,
    terminal::{Clean, line_to_stderr},
    words::{approximately, clock_time, count},
};
use crate::{
    model::{ClientList, ClientState, Event, Phase, Totals, WaitReason},
    words::{decimal, in_english, say, text},
};

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressStyle {
    /// One bar that is drawn again and again.
    Bar,
    /// A line now and then.
    Lines,
    /// A line of JSON at every turn, and now and then.
    Json,
    /// Not at all.
    Quiet,
}

const LINE_EVERY: Duration = Duration::from_secs(5);
/// A line that says nothing new is written this often.
const SAME_LINE_EVERY: Duration = Duration::from_mins(1);
const DRAW_EVERY: Duration = Duration::from_millis(200);
const RATE_OVER: Duration = Duration::from_secs(10);

/// The task that owns the counters. It ends when the last sender of events is gone.
#[derive(Debug)]
pub struct Progress(JoinHandle<()>);

impl Progress {
    /// Starts to show progress.
    ///
    /// Must be called within a tokio runtime.
    pub fn start(style: ProgressStyle, verbose: bool, mut events: mpsc::UnboundedReceiver<Event>) -> Self {
        Self(tokio::spawn(async move {
            let mut shown = Shown { verbose, ..Shown::new(style) };
            let mut ticks = interval(if style == ProgressStyle::Bar { DRAW_EVERY } else { LINE_EVERY });
            ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
            ticks.reset();
            let mut group = Vec::new();
            loop {
                tokio::select! {
                    many = events.recv_many(&mut group, 1024) => {
                        if many == 0 {
                            break;
                        }
                        for event in group.drain(..) {
                            shown.take(&event);
                        }
                    }
                    _ = ticks.tick() => shown.draw(),
                }
            }
            shown.finish();
        }))
    }

    /// Waits until everything that was told has been shown.
    pub async fn finish(self) {
        // A report that fails does not stop the others.
        let _ = self.0.await;
    }
}

struct Shown {
    style: ProgressStyle,
    /// Says each step.
    verbose: bool,
    bar: Option<ProgressBar>,
    /// How long the bar was drawn last; `None` before the first time.
    bar_length: Option<usize>,
    counters: Counters,
    /// What was written last, and when.
    last_line: (String, Instant),
}

/// What is counted, apart from how it is shown.
struct Counters {
    totals: Totals,
    /// Clients that were pending when this process began.
    to_do: u64,
    /// Clients that had failed by then, for whom nothing is sent.
    failed_before: u64,
    retries: u64,
    /// Refused or given up, unless a read-back says what was wanted.
    refused: u64,
    phase: Phase,
    waiting: Option<(jiff::Timestamp, WaitReason)>,
    /// How many were done at moments of the last seconds.
    history: VecDeque<(Instant, u64)>,
}

impl Counters {
    fn new(totals: Totals) -> Self {
        Self {
            totals,
            to_do: totals.pending,
            failed_before: totals.failed,
            retries: 0,
            refused: 0,
            phase: Phase::Sending,
            waiting: None,
            history: VecDeque::from([(Instant::now(), 0)]),
        }
    }

    fn done(&self) -> u64 {
        (self.to_do + self.totals.answered + self.refused).saturating_sub(self.totals.pending)
    }

    fn take(&mut self, event: &Event) {
        match *event {
            Event::Began(totals) => *self = Self::new(totals),
            Event::Phase(phase) => self.phase = phase,
            Event::Changed { from, to, .. } => {
                // Whoever is under way counts as pending, so that the state before a claim does not matter.
                self.totals.moved(from, to);
                self.retries += u64::from(to == ClientState::Waiting);
                self.refused += u64::from(to == ClientState::Unverified);
                self.refused -= u64::from(from == ClientState::Unverified);
            }
            Event::Asked { failed } => {
                let to = if failed { ClientState::Failed } else { ClientState::Delegated };
                self.totals.moved(ClientState::Pending, to);
            }
            Event::Reading { .. } | Event::Held { .. } => {}
            Event::Waiting { until, why } => self.waiting = Some((until, why)),
            Event::Going => self.waiting = None,
            Event::HeldBack { .. } => {}
        }
    }

    fn per_second(&mut self) -> f64 {
        let now = Instant::now();
        let done = self.done();
        self.history.push_back((now, done));
        while self.history.len() > 2 && self.history.front().is_some_and(|(then, _)| now - *then > RATE_OVER)
        {
            self.history.pop_front();
        }
        let Some((then, done_then)) = self.history.front() else { return 0.0 };
        let seconds = (now - *then).as_secs_f64();
        if seconds < 0.05 { 0.0 } else { done.saturating_sub(*done_then) as f64 / seconds }
    }

    fn line(&mut self) -> String {
        self.parts().join(BETWEEN)
    }

    /// What there is to say, what matters most first: a narrow terminal shows only the beginning.
    fn parts(&mut self) -> Vec<String> {
        let per_second = self.per_second();
        let mut parts = Vec::new();
        let (done, failed) = (self.done(), self.totals.failed - self.failed_before + self.refused);
        if self.to_do > 0 {
            parts.push(format!("{}/{}", count(done), count(self.to_do)));
        }
        match (self.waiting, self.phase) {
            (Some((until, why)), _) => parts.push(waiting(until, why)),
            (None, Phase::ReadingBack) => parts.push(text!("plan-reading-back").to_owned()),
            (None, Phase::Sending) => {
                if per_second > 0.0 && self.to_do > done {
                    let left = Duration::from_secs_f64((self.to_do - done) as f64 / per_second);
                    parts.push(say!("plan-time-left", time = approximately(left)).to_string());
                }
                if per_second < 0.05 && self.retries > 0 {
                    parts.push(text!("plan-waiting-before-tries").to_owned());
                } else {
                    parts.push(format!("{}/s", decimal(&format!("{per_second:.1}"))));
                }
            }
        }
        if failed > 0 {
            parts.push(say!("plan-so-many-failed", clients = failed).to_string());
        }
        if self.retries > 0 {
            parts.push(say!("plan-retries", retries = self.retries).to_string());
        }
        parts
    }
}

/// What stands between two parts of the line.
const BETWEEN: &str = "  ";
/// The bar is so long where there is room for it, and is left out where less than the shorter is left.
const BAR: (usize, usize) = (5, 20);

/// How long the bar is, and what stands after it, on a terminal of so many columns. Parts are left out whole, from the
/// last one on; only a first one that is too long by itself is cut, between two words. The last column stays empty, since
/// some terminals go on to the next line when it is written.
fn fitted(parts: &[String], columns: usize) -> (usize, String) {
    let room = columns.saturating_sub(1);
    let mut line = String::new();
    for part in parts {
        let longer = if line.is_empty() { part.clone() } else { [&line, BETWEEN, part].concat() };
        if measure_text_width(&longer) > room {
            // What is being waited for is worth its beginning.
            if !line.contains(BETWEEN) {
                line = cut_between_words(&longer, room);
            }
            break;
        }
        line = longer;
    }
    let left = room.saturating_sub(measure_text_width(&line) + 1);
    (if left < BAR.0 { 0 } else { left.min(BAR.1) }, line)
}

fn cut_between_words(text: &str, room: usize) -> String {
    let mut end = 0;
    for (place, _) in text.match_indices(' ') {
        if measure_text_width(&text[..place]) < room {
            end = place;
        }
    }
    if end == 0 { String::new() } else { format!("{}…", text[..end].trim_end()) }
}

/// Until when nothing is sent, and why.
fn waiting(until: jiff::Timestamp, why: WaitReason) -> String {
    let time = clock_time(until);
    match why {
        WaitReason::Told => say!("plan-waits-as-told", time = time).to_string(),
        WaitReason::Outage => say!("plan-waits-for-answers", time = time).to_string(),
        WaitReason::Throttled => say!("plan-waits-throttled", time = time).to_string(),
        WaitReason::ChangesRefused => say!("plan-waits-for-changes", time = time).to_string(),
        WaitReason::Unclear => say!("plan-waits-unclear", time = time).to_string(),
        WaitReason::ThisSide(cause) => {
            say!("plan-waits-this-side", time = time, cause = cause.explanation()).to_string()
        }
    }
}

/// What one line says beside the bar: a step or a note.
enum Line {
    Step,
    Note,
}

impl Shown {
    fn new(style: ProgressStyle) -> Self {
        let counters = Counters::new(Totals::default());
        Self {
            style,
            verbose: false,
            bar: None,
            bar_length: None,
            counters,
            last_line: (String::new(), Instant::now()),
        }
    }

    fn begin(&mut self) {
        if self.style == ProgressStyle::Bar && self.counters.to_do > 0 {
            let bar = ProgressBar::with_draw_target(Some(self.counters.to_do), ProgressDrawTarget::stderr());
            self.bar = Some(bar);
            self.bar_length = None;
        }
    }

    /// Says a step, with `-v`; that another run is waited for and that `in_flight` holds the pace back, always.
    fn say(&self, event: &Event) {
        // The log is for programs, which read English.
        let is_log = self.style == ProgressStyle::Json;
        let said = if is_log { in_english(|| self.line_of(event)) } else { self.line_of(event) };
        let Some((line, said)) = said else { return };
        let said = match (self.style, line) {
            (ProgressStyle::Quiet, _) => return,
            (ProgressStyle::Json, Line::Note) => log_line("note", &said, serde_json::Map::new()),
            (ProgressStyle::Json, Line::Step) => log_line("step", &said, serde_json::Map::new()),
            (_, Line::Note) => format!("{}: {said}", text!("cli-note")),
            (_, Line::Step) => said,
        };
        let write = || line_to_stderr(&Clean::of(&said));
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// What there is to say of an event besides what is counted.
    fn line_of(&self, event: &Event) -> Option<(Line, String)> {
        Some(match event {
            Event::Held { holder: None, patience } => {
                (Line::Note, say!("plan-another-run", patience = approximately(*patience)).to_string())
            }
            Event::Held { holder: Some((process, since)), patience } => {
                let (process, patience) = (process.to_string(), approximately(*patience));
                let since = clock_time(*since);
                let said = say!("plan-another-run-of", process = process, since = since, patience = patience)
                    .to_string();
                (Line::Note, said)
            }
            Event::Reading { list: ClientList::Available, agent } if self.verbose => {
                (Line::Step, say!("plan-reading-available", agent = agent).to_string())
            }
            Event::Reading { list: ClientList::Delegated, agent } if self.verbose => {
                (Line::Step, say!("plan-reading-delegated", agent = agent).to_string())
            }
            Event::HeldBack { in_flight, needed } => {
                let (requests, needed) = (in_flight.to_string(), needed.to_string());
                (Line::Note, say!("plan-held-back", requests = requests, needed = needed).to_string())
            }
            _ => return None,
        })
    }

    fn take(&mut self, event: &Event) {
        self.say(event);
        let at_once = matches!(event, Event::Waiting { .. } | Event::Phase(Phase::ReadingBack))
            || self.style == ProgressStyle::Json && matches!(event, Event::Began(_) | Event::Going);
        let begins = matches!(event, Event::Began(_));
        self.counters.take(event);
        if begins {
            self.begin();
        }
        if at_once {
            self.draw();
        }
    }

    fn draw(&mut self) {
        // Before a run has begun there is nothing to count, only perhaps something to wait for.
        let idle = self.counters.to_do == 0 && self.counters.waiting.is_none();
        if self.style == ProgressStyle::Quiet || idle {
            return;
        }
        let is_log = self.style == ProgressStyle::Json;
        let line = if is_log { in_english(|| self.counters.line()) } else { self.counters.line() };
        if let Some(bar) = &self.bar {
            // Asked each time: the window may be another size by now.
            let columns = Term::stderr().size_checked().map_or(80, |(_, columns)| usize::from(columns));
            let (length, message) = fitted(&self.counters.parts(), columns);
            let template = if length == 0 { "{msg}".to_owned() } else { format!("{{bar:{length}}} {{msg}}") };
            if self.bar_length != Some(length)
                && let Ok(style) = BarStyle::with_template(&template)
            {
                bar.set_style(style.progress_chars("=> "));
                self.bar_length = Some(length);
            }
            bar.set_position(self.counters.done());
            bar.set_message(Clean::of(message).as_str().to_owned());
        } else {
            let now = Instant::now();
            if line != self.last_line.0 || now - self.last_line.1 >= SAME_LINE_EVERY {
                let said = if self.style == ProgressStyle::Json { self.json(&line) } else { line.clone() };
                line_to_stderr(&Clean::of(said));
                self.last_line = (line, now);
            }
        }
    }

    /// The line as one of the JSON log, with the counts.
    fn json(&self, line: &str) -> String {
        let phase = match (self.counters.waiting, self.counters.phase) {
            (Some(_), _) => "waiting",
            (None, Phase::Sending) => "sending",
            (None, Phase::ReadingBack) => "reading back",
        };
        let fields = serde_json::json!({
            "phase": phase, "done": self.counters.done(), "to_do": self.counters.to_do,
            "retries": self.counters.retries, "totals": self.counters.totals,
        });
        let fields =
            if let serde_json::Value::Object(fields) = fields { fields } else { serde_json::Map::new() };
        log_line("progress", line, fields)
    }

    fn finish(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AgentId, Operation};

    fn counters(pending: u64) -> Counters {
        let mut totals = Totals::default();
        totals.count(ClientState::Pending, pending);
        totals.count(ClientState::Unchanged, 5);
        Counters::new(totals)
    }

    fn changed(from: ClientState, to: ClientState) -> Event {
        let (client, agent) = (None, AgentId(uuid::Uuid::nil()));
        Event::Changed { row: 1, client, agent, operation: Operation::Delegate, from, to }
    }

    #[tokio::test(start_paused = true)]
    async fn the_line_counts_done_failed_and_retries_and_says_what_is_left() {
        let mut counters = counters(20);
        tokio::time::advance(Duration::from_secs(2)).await;
        for _ in 0..9 {
            counters.take(&changed(ClientState::Sending, ClientState::Answered));
        }
        counters.take(&changed(ClientState::Sending, ClientState::Unverified));
        counters.take(&changed(ClientState::Sending, ClientState::Waiting));
        assert_eq!(counters.line(), "10/20  2 s left  5.0/s  1 failed  1 retry");
    }

    #[tokio::test(start_paused = true)]
    async fn the_line_says_until_when_it_waits_and_stops_saying_so() {
        let mut counters = counters(2);
        let until = crate::clock::now();
        counters.take(&Event::Waiting { until, why: WaitReason::Told });
        assert!(counters.line().contains(&format!("waiting for Altinn until {}", clock_time(until))));
        counters.take(&Event::Going);
        assert!(!counters.line().contains("waiting"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_a_read_back_does_not_confirm_is_not_done() {
        let mut counters = counters(2);
        counters.take(&changed(ClientState::Sending, ClientState::Answered));
        assert_eq!(counters.done(), 1);
        counters.take(&changed(ClientState::Answered, ClientState::Pending));
        assert_eq!(counters.done(), 0);
    }

    #[test]
    fn the_line_fits_every_width_and_keeps_the_time_left_at_forty_columns() {
        let parts: Vec<String> =
            ["12,345/100,000", "2 h 15 min left", "79.6/s", "1,234 failed", "99 retries"]
                .map(str::to_owned)
                .to_vec();
        for columns in 0..140 {
            let (bar, line) = fitted(&parts, columns);
            let width = measure_text_width(&line) + if bar == 0 { 0 } else { bar + 1 };
            assert!(width <= columns, "{columns}: {bar} {line}");
            assert_eq!(line.contains("2 h 15 min left"), columns >= 32, "{columns}: {line}");
            // A part is there whole or not at all.
            assert!(parts.join(BETWEEN).starts_with(line.trim_end_matches('…')), "{line}");
        }
        assert_eq!(fitted(&parts, 40), (0, "12,345/100,000  2 h 15 min left  79.6/s".to_owned()));
        assert_eq!(fitted(&parts, 120).0, 20);
        assert_eq!(fitted(&parts, 79).0, 12);
    }

    #[test]
    fn what_is_waited_for_is_cut_between_words() {
        let parts = ["10/20", "waiting until 22:04:31: this machine does not find the name"]
            .map(str::to_owned)
            .to_vec();
        assert_eq!(fitted(&parts, 40), (0, "10/20  waiting until 22:04:31: this…".to_owned()));
        assert_eq!(fitted(&parts, 200), (20, parts.join(BETWEEN)));
    }
}
