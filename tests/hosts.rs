//! A fleet on several hosts: who works on what, when one of them dies, hangs, is cut off, or has another clock.

#![cfg(all(target_os = "linux", feature = "postgres"))]
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/hosts.rs"]
mod hosts;
#[path = "common/program.rs"]
mod program;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, TryLockError},
    thread,
    time::{Duration, Instant},
};

use fullmakt::sandbox::{Fault, Method, World};
use hosts::{Hosts, LEASE, Line, bare, faketime, kill, with_clock};
use program::{Done, Program, postgres::Postgres};
use serde_json::Value;

/// These tests wait more than they work: two are side by side, and no more, because each has three workers and a server.
static BESIDE: [Mutex<()>; 2] = [const { Mutex::new(()) }; 2];

fn place() -> std::sync::MutexGuard<'static, ()> {
    loop {
        for place in &BESIDE {
            match place.try_lock() {
                Ok(taken) => return taken,
                Err(TryLockError::Poisoned(taken)) => return taken.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn three_hosts_share_the_firms_and_one_pace_and_no_client_is_sent_twice() {
    let _place = place();
    let Some(hosts) = Hosts::new(12, "60/s") else { return };
    let mut workers = hosts.workers_at_work();
    let begin = Instant::now();
    for worker in &mut workers {
        hosts.must_end_well(worker);
    }
    hosts.must_be_done(0);
    // One run for each firm: nobody began what another had.
    let runs = hosts.server.ask(&bare(&hosts.address), "SELECT count(*), count(DISTINCT agent) FROM runs");
    assert_eq!(runs, "12|12", "{}", hosts.said());
    let by_host = hosts
        .server
        .ask(&bare(&hosts.address), "SELECT count(DISTINCT process) FROM leases WHERE agent NOT LIKE '%#%'");
    assert!(by_host.parse::<u32>().unwrap() >= 2, "one worker did it all");
    hosts.must_not_be_mixed();
    let times = hosts.times();
    let lasted = times.last().unwrap().duration_since(begin).as_secs_f64();
    let least = times.len() as f64 / 60.0;
    assert!(lasted < 2.5 * least + 5.0, "{lasted} s for {least} s");
}

#[test]
fn what_a_killed_host_was_at_is_taken_over_within_its_lease_and_a_look_and_every_client_is_delegated() {
    let _place = place();
    let Some(hosts) = Hosts::new(9, "40/s") else { return };
    let mut workers = hosts.workers_at_work();
    hosts.wait_until_sent(50);
    let gone = workers.remove(0);
    let held = hosts.stop_in_the_middle(&gone);
    let id = gone.id();
    kill(gone);
    hosts.must_be_taken_over(&held, id);
    for worker in &mut workers {
        hosts.must_end_well(worker);
    }
    hosts.must_be_done(3 * 16);
    hosts.must_not_be_mixed();
}

#[test]
fn a_host_that_stood_still_sends_nothing_about_what_another_has_taken_over() {
    let _place = place();
    let Some(hosts) = Hosts::new(9, "40/s") else { return };
    let mut workers = hosts.workers_at_work();
    hosts.wait_until_sent(50);
    hosts.stop_in_the_middle(&workers[0]);
    for worker in &mut workers[1..] {
        hosts.must_end_well(worker);
    }
    hosts.must_be_done(3 * 16);
    let before = hosts.times().len();
    let sent = hosts.sent();
    program::signal(&workers[0], "CONT");
    hosts.must_end_well(&mut workers[0]);
    assert_eq!(hosts.sent(), sent, "{}", hosts.said());
    assert_eq!(hosts.times().len(), before, "nothing is left to do");
    hosts.must_not_be_mixed();
    assert_eq!(
        hosts.server.ask(
            &bare(&hosts.address),
            "SELECT count(*) FROM client_rows WHERE state NOT IN ('delegated', 'unchanged', 'superseded')"
        ),
        "0"
    );
}

#[test]
fn a_host_that_is_cut_off_from_the_ledger_stops_at_once_and_another_takes_over() {
    let _place = place();
    let Some(hosts) = Hosts::new(9, "40/s") else { return };
    let line = Line::to(hosts.server.port);
    let through = hosts.address.replace(&format!(":{}/", hosts.server.port), &format!(":{}/", line.port));
    hosts.door.hold(true);
    let mut cut_off = hosts.worker("one", &through);
    let mut others = [hosts.worker("two", &hosts.address), hosts.worker("three", &hosts.address)];
    hosts.wait_until_all_are_at_work(&[&cut_off, &others[0], &others[1]]);
    hosts.wait_until_sent(50);
    let held = hosts.stop_in_the_middle(&cut_off);
    let places = hosts.agents_of(&cut_off);
    line.cut(true);
    program::signal(&cut_off, "CONT");
    let cut = Instant::now();
    // What was handed out ahead lies at most 250 ms ahead; the answer takes a moment, too.
    thread::sleep(Duration::from_secs(1));
    let sent = hosts.sent_about(&places);
    while cut.elapsed() < LEASE.mul_f64(0.6) {
        assert_eq!(hosts.sent_about(&places), sent, "{}", hosts.said());
        thread::sleep(Duration::from_millis(20));
    }
    hosts.must_be_taken_over(&held, cut_off.id());
    for worker in &mut others {
        hosts.must_end_well(worker);
    }
    hosts.must_be_done(3 * 16);
    assert!(
        hosts.said_by("one").contains("the ledger's server has not answered for"),
        "{}",
        hosts.said_by("one")
    );
    line.cut(false);
    hosts.must_end_well(&mut cut_off);
    hosts.must_be_done(3 * 16);
    hosts.must_not_be_mixed();
}

#[test]
fn a_host_that_does_not_reach_altinn_leaves_the_rest_to_another() {
    let _place = place();
    let Some(hosts) = Hosts::new(12, "40/s") else { return };
    let file = std::fs::read_to_string(hosts.program.path("fleet.toml")).unwrap();
    hosts.program.write("fleet.toml", format!("{file}give_up_after = \"3s\"\n"));
    hosts.door.shut(true);
    let mut cut_off = hosts.worker("one", &hosts.address);
    let begin = Instant::now();
    while !hosts.said_by("one").contains("leaves the rest to the other hosts") {
        assert!(begin.elapsed() < Duration::from_mins(1), "{}", hosts.said());
        thread::sleep(Duration::from_millis(50));
    }
    // Five, and those that were begun beside the fifth: they rest for some minutes.
    let standing = |what: &str| {
        let status = hosts.status();
        status["units"].as_array().unwrap().iter().filter(|unit| unit["standing"] == what).count()
    };
    while standing("at_work") > 0 {
        assert!(begin.elapsed() < Duration::from_secs(90), "{}", hosts.said());
        thread::sleep(Duration::from_millis(100));
    }
    let tried = standing("waiting");
    assert!((5..=5 + 2).contains(&tried), "{tried}: {}", hosts.said());
    hosts.door.shut(false);
    let mut other = hosts.worker("two", &hosts.address);
    let firms_done = || {
        let of_firm = |place| hosts.clients(place).iter().all(|(_, sent)| *sent == 1);
        (0..12).filter(|place| of_firm(*place)).count()
    };
    while firms_done() < 12 - tried {
        assert!(begin.elapsed() < Duration::from_mins(2), "{}", hosts.said());
        thread::sleep(Duration::from_millis(50));
    }
    let senders: BTreeSet<u32> = hosts.requests_of_each_agent().into_values().flatten().collect();
    assert_eq!(senders, BTreeSet::from([other.id()]), "{}", hosts.said());
    for worker in [&mut cut_off, &mut other] {
        program::signal(worker, "TERM");
        worker.wait().unwrap();
    }
}

#[test]
fn when_the_server_dies_all_stop_and_when_it_is_back_all_go_on() {
    let _place = place();
    let Some(hosts) = Hosts::new(9, "40/s") else { return };
    let mut workers = hosts.workers_at_work();
    hosts.wait_until_sent(50);
    hosts.server.crash();
    let died = Instant::now();
    thread::sleep(Duration::from_secs(3));
    let late = hosts.times().into_iter().filter(|at| *at > died + Duration::from_secs(1)).count();
    assert_eq!(late, 0, "{}", hosts.said());
    for worker in &mut workers {
        assert!(worker.try_wait().unwrap().is_none(), "nobody gives up: {}", hosts.said());
    }
    hosts.server.up();
    for worker in &mut workers {
        hosts.must_end_well(worker);
    }
    hosts.must_be_done(9 * 16);
    hosts.must_keep_the_pace();
}

#[test]
fn a_retry_after_that_one_host_is_told_holds_all_of_them() {
    let _place = place();
    let Some(hosts) = Hosts::new(9, "40/s") else { return };
    let mut workers = hosts.workers_at_work();
    hosts.wait_until_sent(50);
    hosts.program.world().lock().faults_mut().fail_next_of(Method::Post, 1, Fault::too_many_requests("3"));
    for worker in &mut workers {
        hosts.must_end_well(worker);
    }
    let times = hosts.times();
    let longest = times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    // Who was told tells the others through the server; what was handed out before lies at most 250 ms ahead.
    assert!(longest >= Duration::from_secs(2), "{longest:?}\n{}", hosts.said());
    let total: u32 = hosts.sent().iter().sum();
    // It was a client that was refused, or what comes before an agent's first one.
    let all = hosts.sent().len();
    assert!((all..=all + 1).contains(&(total as usize)), "one was refused, and nobody else asked meanwhile");
    hosts.must_not_be_mixed();
}

#[test]
fn a_hold_by_hand_holds_all_hosts_and_a_worker_elsewhere_goes_on_when_it_is_released() {
    let _place = place();
    let Some(hosts) = Hosts::new(6, "12/s") else { return };
    // So many that each has something under way: one that has nothing, and may begin nothing, has ended.
    hosts.door.hold(true);
    let mut workers = [hosts.worker("one", &hosts.address), hosts.worker("two", &hosts.address)];
    hosts.wait_until_all_are_at_work(&[&workers[0], &workers[1]]);
    hosts.wait_until_sent(8);
    hosts.ask(&["fleet", "hold", "fleet.toml", "--reason", "maintenance"]).expect(0);
    hosts.must_fall_silent();
    let status = hosts.status();
    assert_eq!(status["held"]["reason"], "maintenance");
    assert_eq!(status["at_work"], true, "{status}");
    let places: BTreeSet<&str> =
        status["units"].as_array().unwrap().iter().filter_map(|unit| unit["host"].as_str()).collect();
    assert_eq!(places, BTreeSet::from(["one", "two"]), "which host each is under way on: {status}");
    hosts.ask(&["fleet", "release", "fleet.toml"]).expect(0);
    for worker in &mut workers {
        hosts.must_end_well(worker);
    }
    hosts.must_be_done(0);
    hosts.must_not_be_mixed();
}

#[test]
fn hosts_whose_clocks_are_ten_minutes_apart_share_the_work_and_one_of_them_killed_is_taken_over() {
    let _place = place();
    if faketime().is_none() {
        return;
    }
    let Some(hosts) = Hosts::new(9, "40/s") else { return };
    let begin = jiff::Timestamp::now();
    hosts.door.hold(true);
    let mut workers: Vec<_> = [("one", Some("+300s")), ("two", Some("-300s")), ("three", None)]
        .into_iter()
        .map(|(host, off)| {
            hosts.worker_with(host, &hosts.address, |command| {
                if let Some(off) = off {
                    with_clock(command, off);
                }
            })
        })
        .collect();
    hosts.wait_until_all_are_at_work(&workers.iter().collect::<Vec<_>>());
    hosts.wait_until_sent(25);
    hosts.program.world().lock().faults_mut().fail_next_of(Method::Post, 1, Fault::too_many_requests("3"));
    hosts.wait_until_sent(50);
    let gone = workers.remove(0);
    let held = hosts.stop_in_the_middle(&gone);
    let id = gone.id();
    kill(gone);
    hosts.must_be_taken_over(&held, id);
    for worker in &mut workers {
        hosts.must_end_well(worker);
    }
    // The one that was refused, and what the killed one had under way.
    hosts.must_be_done(1 + 3 * 16);
    hosts.must_not_be_mixed();
    let times = hosts.times();
    let longest = times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!(longest >= Duration::from_secs(2), "they did not all wait: {longest:?}");
    for (host, said) in [("one", "300 s ahead"), ("two", "300 s behind")] {
        assert!(hosts.said_by(host).contains(said), "{}", hosts.said());
    }
    assert!(!hosts.said_by("three").contains("this machine's clock"), "{}", hosts.said_by("three"));
    must_be_in_order(&hosts, begin, jiff::Timestamp::now());
}

/// Whatever time the ledger has, whoever wrote it, is of this stretch, and nothing ended before it began.
fn must_be_in_order(hosts: &Hosts, begin: jiff::Timestamp, end: jiff::Timestamp) {
    let ask = |sql: &str| hosts.server.ask(&bare(&hosts.address), sql);
    let (from, to) = (begin.as_millisecond() - 1500, end.as_millisecond() + 1500);
    let attempts = ask(&format!(
        "SELECT count(*), count(*) FILTER (WHERE sent_ms NOT BETWEEN {from} AND {to}) FROM attempt_rows"
    ));
    let (all, outside) = attempts.split_once('|').unwrap();
    assert!(all.parse::<u32>().unwrap() > 100 && outside == "0", "{attempts}");
    let runs = ask("SELECT min(started_at), max(started_at), min(finished_at), max(finished_at),
                count(*) FILTER (WHERE finished_at < started_at), count(*) - count(finished_at) FROM runs");
    let runs: Vec<&str> = runs.split('|').collect();
    for time in &runs[..4] {
        let time: jiff::Timestamp = time.parse().unwrap();
        assert!((from..=to).contains(&time.as_millisecond()), "{runs:?}");
    }
    assert_eq!(runs[4..], ["0", "0"], "{runs:?}");
}

#[test]
fn until_when_altinn_asked_one_host_to_wait_is_the_same_moment_for_another_with_another_clock() {
    if faketime().is_none() {
        return;
    }
    let Some(server) = Postgres::start() else { return };
    let (mut program, address) = (Program::new(World::with_clients(3, 1), Duration::ZERO), server.address());
    program.pace.push_str("give_up_after = \"30s\"\n");
    program.write_job("delegate", "");
    let run = |off: &str| {
        let mut command = program.command(&["run", "job.toml", "--yes", "--resume-previous"]);
        with_clock(&mut command, off);
        let state = program.path(if off.starts_with('+') { "one" } else { "two" });
        command.env("FULLMAKT_LEDGER", &address).env("FULLMAKT_STATE_DIR", state);
        Done::of(command.output().unwrap())
    };
    program.world().lock().faults_mut().fail_next_of(Method::Post, 1, Fault::too_many_requests("3600"));
    run("+300s").expect(3);
    let asked = server.ask(&bare(&address), "SELECT not_before FROM runs");
    let in_an_hour = jiff::Timestamp::now().as_second() + 3600;
    let asked: jiff::Timestamp = asked.parse().unwrap();
    assert!((in_an_hour - asked.as_second()).abs() < 30, "{asked}");
    assert!(run("-300s").expect(3).stderr.contains("Altinn asks to wait longer"));
    // Five minutes more or less would be too many to wait, or none.
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(4);
    server.ask(&bare(&address), &format!("UPDATE runs SET not_before = '{soon:.3}'"));
    server.ask(&bare(&address), &format!("UPDATE holds SET not_before = '{soon:.3}'"));
    let sent =
        |program: &Program| program.server().requests().into_iter().map(|seen| seen.at).collect::<Vec<_>>();
    let before = sent(&program).len();
    let waits = Instant::now() + Duration::from_secs(3);
    run("-300s").expect(0);
    assert!(sent(&program)[before..].iter().all(|at| *at > waits), "it did not wait");
    assert_eq!(program.delegated(), 3);
}

#[test]
fn with_a_server_whose_clock_is_wrong_a_host_whose_clock_is_right_signs_in_all_the_same() {
    let _place = place();
    let Some(library) = faketime() else { return };
    let Some(hosts) = Hosts::new(2, "25/s") else { return };
    let library = library.display().to_string();
    hosts.server.restart_in(&[
        ("LD_PRELOAD", &library),
        ("FAKETIME", "+300s"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ]);
    let mut worker = hosts.worker("one", &hosts.address);
    hosts.must_end_well(&mut worker);
    hosts.must_be_done(0);
    assert!(
        hosts.said_by("one").contains("300 s behind the clock of the ledger's server"),
        "{}",
        hosts.said()
    );
}

#[test]
fn at_midnight_hosts_finish_what_is_under_way_and_begin_the_new_night_with_every_firm_once() {
    let _place = place();
    let Some(library) = faketime() else { return };
    let Some(hosts) = Hosts::new(6, "6/s") else { return };
    // On the server's clock it is soon midnight: all hosts go by it. Altinn's clock is the same.
    let now = jiff::Timestamp::now().as_second();
    let ahead = 86_400 - now % 86_400 - 20;
    let soon = Instant::now() + Duration::from_secs(12);
    hosts.server.restart_in(&[
        ("LD_PRELOAD", &library.display().to_string()),
        ("FAKETIME", &format!("{ahead:+}s")),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ]);
    hosts.program.server().sign_ins().lock().clock_ahead_s = ahead;
    let ask = |sql: &str| hosts.server.ask(&bare(&hosts.address), sql);
    let in_utc = |host| {
        hosts.worker_with(host, &hosts.address, |command| {
            command.env("TZ", "UTC");
        })
    };
    hosts.door.hold(true);
    let mut workers = [in_utc("one"), in_utc("two")];
    // A night's work is sixteen seconds. It begins eight before midnight, or a little later where all this takes long.
    thread::sleep(soon.saturating_duration_since(Instant::now()));
    hosts.wait_until_all_are_at_work(&[&workers[0], &workers[1]]);
    for worker in &mut workers {
        hosts.must_end_well(worker);
    }
    let of_the_new_day =
        format!("started_at >= '{:.3}'", jiff::Timestamp::from_second(now - now % 86_400 + 86_400).unwrap());
    let before = ask(&format!("SELECT count(*) FROM runs WHERE NOT {of_the_new_day}"));
    let before: u32 = before.parse().unwrap();
    assert!((1..=6).contains(&before), "{before} runs before midnight: {}", hosts.said());
    let after = ask(&format!(
        "SELECT count(*), count(DISTINCT job), count(*) FILTER (WHERE status = 'completed') FROM runs WHERE {of_the_new_day}"
    ));
    assert_eq!(after, "6|6|6", "{}", hosts.said());
    let midnight = of_the_new_day.split_once(">= ").unwrap().1;
    let under_way =
        ask(&format!("SELECT count(*) FROM runs WHERE started_at < {midnight} AND finished_at > {midnight}"));
    assert_ne!(under_way, "0", "nothing was under way at midnight: {}", hosts.said());
    let over_it = "SELECT count(*) FROM runs WHERE status != 'completed' OR finished_at < started_at";
    assert_eq!(ask(over_it), "0", "what was under way at midnight was not broken off: {}", hosts.said());
    assert!(hosts.sent().iter().all(|sent| *sent == 1), "{:?}", hosts.sent());
    hosts.must_keep_the_pace();
}

#[test]
fn a_server_that_confirms_too_early_is_refused_with_its_settings() {
    let _place = place();
    let Some(hosts) = Hosts::new(1, "unlimited") else { return };
    let sql = "ALTER ROLE fullmakt SET synchronous_commit = off";
    hosts.server.ask(&bare(&hosts.address), sql);
    let refused = hosts.ask(&["fleet", "work", "fleet.toml", "--until-done"]).expect(2);
    assert!(refused.stderr.contains("synchronous_commit = off"), "{}", refused.stderr);
    assert!(hosts.sent().iter().all(|sent| *sent == 0));
    hosts.server.ask(&bare(&hosts.address), "ALTER ROLE fullmakt RESET synchronous_commit");
    let done = hosts.ask(&["fleet", "work", "fleet.toml", "--until-done"]).expect(0);
    assert!(done.stderr.contains("synchronous_standby_names is empty"), "{}", done.stderr);
}

#[test]
fn the_history_of_a_client_is_the_same_from_a_ledger_on_a_server_and_one_in_the_folder() {
    let _place = place();
    let Some(server) = Postgres::start() else { return };
    let histories = [None, Some(server.address())].map(|address| {
        let world = World::with_clients(40, 1);
        let program = Program::new(world, Duration::ZERO);
        let run = |arguments: &[&str]| {
            let mut command = program.command(arguments);
            if let Some(address) = &address {
                command.env("FULLMAKT_LEDGER", address);
            }
            Done::of(command.output().unwrap())
        };
        let code = run(&["run", "job.toml", "--yes"]).code;
        assert!(matches!(code, Some(0 | 1)), "{code:?}");
        run(&["run", "job.toml", "--yes"]);
        assert_eq!(program.path("state/ledger.db").exists(), address.is_none());
        let numbers: Vec<_> = {
            let world = program.world();
            let world = world.lock();
            world.clients().iter().filter_map(|client| client.number).collect()
        };
        let mut all = BTreeMap::new();
        for number in numbers {
            let number = number.to_string();
            let told = run(&["history", &number, "--format", "json"]);
            let mut told: Value = serde_json::from_str(&told.stdout).unwrap_or_default();
            without_what_differs(&mut told);
            all.insert(number, told);
        }
        let mut last = run(&["status", "--format", "json"]).json();
        without_what_differs(&mut last);
        (code, all, last)
    });
    let [folder, on_server] = histories;
    assert!(folder.1.len() > 30 && folder.1.values().any(|told| told.to_string().contains("attempts")));
    assert_eq!(folder, on_server);
}

/// Ids, times, ports: what two runs of the same never have in common.
fn without_what_differs(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| {
                !name.ends_with("_at")
                    && !name.contains("duration")
                    && !name.contains("second")
                    && !matches!(
                        name.as_str(),
                        "environment"
                            | "run"
                            | "last_run"
                            | "since"
                            | "failures"
                            | "trace_id"
                            | "job_file"
                            | "state_dir"
                            | "folder"
                            | "report"
                            | "reports"
                            | "files"
                    )
            });
            fields.values_mut().for_each(without_what_differs);
        }
        Value::Array(all) => all.iter_mut().for_each(without_what_differs),
        _ => {}
    }
}

#[test]
fn an_address_that_cannot_be_used_is_refused_without_showing_what_stands_in_it() {
    let program = Program::new(World::with_clients(1, 1), Duration::ZERO);
    for address in [
        "postgres://fullmakt:hush-hush@127.0.0.1/ledger",
        "postgres://127.0.0.1/ledger?password=hush-hush",
        "host=127.0.0.1 password=hush-hush",
        "mysql://fullmakt:hush-hush@127.0.0.1/ledger",
    ] {
        for more in [&[][..], &["--format", "json"], &["--lang", "nb"], &["--log", "json"]] {
            let said = program.run(&[&["--ledger", address, "runs"], more].concat()).expect(2);
            assert!(said.stderr.contains("--ledger") || said.stdout.contains("--ledger"), "{}", said.stderr);
            assert!(!format!("{}{}", said.stdout, said.stderr).contains("hush"), "{address}");
            let mut command = program.command(&[&["runs"], more].concat());
            let said = Done::of(command.env("FULLMAKT_LEDGER", address).output().unwrap()).expect(2);
            assert!(!format!("{}{}", said.stdout, said.stderr).contains("hush"), "{address}");
        }
    }
}

#[test]
fn a_ledger_that_is_set_to_nothing_is_no_ledger_of_this_hosts_own() {
    let program = Program::new(World::with_clients(3, 1), Duration::ZERO);
    let mut command = program.command(&["run", "job.toml", "--yes"]);
    let refused = Done::of(command.env("FULLMAKT_LEDGER", "").output().unwrap()).expect(2);
    assert!(refused.stderr.contains("unset FULLMAKT_LEDGER"), "{}", refused.stderr);
    assert_eq!(program.delegated(), 0);
}
