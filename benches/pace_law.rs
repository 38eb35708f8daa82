//! What the control law makes of limits that it does not know, in simulated time.
//!
//! `cargo bench --bench pace_law` walks through the whole grid and prints the table of `docs/pace.md`: for each kind of
//! limiter the worst time as a multiple of the ideal, the most refusals, and how many cells keep their targets.
//! `cargo bench --bench pace_law -- cells` prints every cell, `-- seconds N` what was taken and refused in
//! each second of the Nth of them; `-- picture FILE.svg` draws the picture of that page.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[path = "../tests/common/limits.rs"]
mod limits;

use std::{collections::BTreeMap, fmt::Write as _, fs, time::Duration};

use limits::{Cell, Kind, Limit, Ran, grid};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        // `cargo test --benches` passes `--test`: nothing to measure then.
        ["--test", ..] => {}
        ["cells"] => cells(),
        ["seconds", which] => seconds(which.parse().unwrap()),
        ["picture", file] => fs::write(file, picture()).unwrap(),
        _ => table(),
    }
}

fn cells() {
    for target in grid() {
        let ran = target.cell.run();
        println!(
            "{} | {}/s asked, refused after {} ms | {:.1} s, {:.2} × ideal | {} refused, {:.1} %{}",
            target.family,
            target.cell.asked,
            target.cell.refusal.as_millis(),
            ran.took.as_secs_f64(),
            ran.ratio(),
            ran.refused,
            100.0 * ran.refusals(),
            if target.is_met(&ran) { "" } else { " | missed" }
        );
    }
}

/// Why a cell took as long as it did: `taken` or `taken+refused` of each second, ten to a line.
fn seconds(which: usize) {
    let target = grid().into_iter().nth(which - 1).unwrap();
    let ran = target.cell.run();
    println!("{}, {}/s asked: {:.2} × ideal", target.family, target.cell.asked, ran.ratio());
    for ten in (0..=ran.took.as_secs()).collect::<Vec<_>>().chunks(10) {
        let of = |second| {
            let (taken, refused) = in_second(&ran, second);
            if refused == 0 { taken.to_string() } else { format!("{taken}+{refused}") }
        };
        println!("{:>4} s: {}", ten[0], ten.iter().map(|second| of(*second)).collect::<Vec<_>>().join(" "));
    }
}

/// How many requests were taken and refused in a second.
fn in_second(ran: &Ran, second: u64) -> (usize, usize) {
    let of = |taken: bool| ran.log.iter().filter(|(at, was)| at.as_secs() == second && *was == taken).count();
    (of(true), of(false))
}

fn table() {
    let mut order = Vec::new();
    let mut families: BTreeMap<String, (f64, f64, usize, usize)> = BTreeMap::new();
    for target in grid() {
        let ran = target.cell.run();
        if !families.contains_key(&target.family) {
            order.push(target.family.clone());
        }
        let (time, refusals, met, all) = families.entry(target.family.clone()).or_default();
        *time = time.max(ran.ratio());
        *refusals = refusals.max(ran.refusals());
        *met += usize::from(target.is_met(&ran));
        *all += 1;
    }
    println!("| limiter | limit | told by | worst time | most refusals | cells that keep their targets |");
    println!("|---|---|---|---|---|---|");
    for family in order {
        let (time, refusals, met, all) = families[&family];
        println!("| {family} | {time:.2} × | {:.1} % | {met} of {all} |", 100.0 * refusals);
    }
    let (met, all) = families.values().fold((0, 0), |(met, all), family| (met + family.2, all + family.3));
    println!("\n{met} of {all} cells keep their targets.");
}

/// Requests a second against a limit that moves, taken and refused.
fn picture() -> String {
    let at = |seconds, requests| (Duration::from_secs(seconds), Limit::per_second(requests));
    let cell = Cell {
        kind: Kind::Fixed,
        limits: vec![at(0, 40), at(30, 80), at(70, 20)],
        asked: 100,
        in_flight: 16,
        clients: 4400,
        refusal: Duration::from_millis(60),
        latency: Duration::from_millis(30),
        retry_after: false,
    };
    draw(&cell, &cell.run())
}

fn draw(cell: &Cell, ran: &Ran) -> String {
    const WIDE: f64 = 5.0;
    const HIGH: f64 = 2.0;
    let seconds = ran.took.as_secs() + 1;
    let (width, height) = (seconds as f64 * WIDE + 60.0, 100.0 * HIGH + 60.0);
    let x = |second: f64| 40.0 + second * WIDE;
    let y = |requests: f64| 20.0 + (100.0 - requests) * HIGH;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for requests in [0, 20, 40, 60, 80, 100] {
        let line = y(f64::from(requests));
        let _ = writeln!(
            svg,
            "<path d=\"M40 {line}H{}\" stroke=\"#ddd\"/><text x=\"34\" y=\"{}\" text-anchor=\"end\">{requests}</text>",
            width - 20.0,
            line + 4.0
        );
    }
    for second in 0..seconds {
        let (taken, refused) = in_second(ran, second);
        let (taken, refused) = (taken as f64, refused as f64);
        for (from, to, colour) in [(0.0, taken, "#3b82b6"), (taken, taken + refused, "#d9534f")] {
            let _ = writeln!(
                svg,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{colour}\"/>",
                x(second as f64),
                y(to),
                WIDE - 1.0,
                (to - from) * HIGH
            );
        }
    }
    let mut limit = String::new();
    for (index, (from, limit_now)) in cell.limits.iter().enumerate() {
        let until = cell.limits.get(index + 1).map_or(seconds as f64, |(until, _)| until.as_secs_f64());
        let verb = if index == 0 { "M" } else { "L" };
        let high = y(f64::from(limit_now.requests));
        let _ = write!(limit, "{verb}{} {high}H{}", x(from.as_secs_f64()), x(until));
    }
    let _ = writeln!(svg, "<path d=\"{limit}\" fill=\"none\" stroke=\"#222\" stroke-width=\"1.5\"/>");
    let _ = writeln!(
        svg,
        "<text x=\"40\" y=\"14\">requests in each second: taken (blue), refused (red); the server's limit (black); 100/s asked</text>\n\
         <text x=\"{}\" y=\"{}\" text-anchor=\"end\">{seconds} seconds</text>\n</svg>",
        width - 20.0,
        height - 16.0
    );
    svg
}
