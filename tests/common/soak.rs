//! A day that is bad in every way: the real program is killed again and again at random moments, while Altinn's limit
//! moves, changes are down and lists are not, answers are lost, and requests meet passing faults. What came of it is compared
//! with what stands in the ledger and in the world.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::missing_panics_doc)]

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use fullmakt::{
    model::{AgentId, ClientId},
    sandbox::{
        Fault, Faults, Method, ONBOARDING_AGENT, PAYROLL_AGENT, PAYROLL_PACKAGE, Reply, SandboxAgent,
        SharedWorld, World, facilitator,
    },
};

use super::program::{Done, Program};

/// What is soaked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Delegate,
    Migrate,
    /// The reversal of a migration that went undisturbed.
    Undo,
}

/// One soak.
#[derive(Debug, Clone, Copy)]
pub struct Soak {
    pub what: What,
    pub seed: u64,
    pub clients: usize,
    /// The most kills; fewer where the run comes to its end before.
    pub kills: u32,
    /// One kill in five comes after this long at the most, the others after a tenth of it.
    pub longest: Duration,
}

/// What came of one.
#[derive(Debug, Default)]
pub struct Soaked {
    pub kills: u32,
    pub limit_moves: u32,
    pub half_outages: u32,
    /// Requests that the world counted.
    pub sent: u64,
    pub refused_429: u64,
    pub gateway_errors: u64,
    /// Attempts without an answer: connections that were cut, and what was under way in a kill.
    pub answers_lost: u64,
    /// Requests that no attempt in the ledger accounts for.
    pub beyond_the_bound: u64,
    /// Requests for what had been answered as done already.
    pub after_done: u64,
    /// Clients that are not as asked.
    pub lost: u64,
    /// Everything else that should not be, in words.
    pub unexplained: Vec<String>,
    pub took: Duration,
}

impl Soaked {
    /// Nothing is lost, nothing unexplained, and nothing sent beyond the bound.
    pub fn is_whole(&self) -> bool {
        self.lost == 0 && self.beyond_the_bound == 0 && self.after_done == 0 && self.unexplained.is_empty()
    }
}

impl Soak {
    pub fn run(&self) -> Soaked {
        let begin = Instant::now();
        let mut random = fastrand::Rng::with_seed(self.seed);
        let mut program = Program::new(self.world(), Duration::from_millis(5));
        "rate = \"400/s\"\nin_flight = 32\ngive_up_after = \"5min\"\n".clone_into(&mut program.pace);
        program.write_job("delegate", "");
        if self.what != What::Delegate {
            make_migration(&program);
        }
        let mut soaked = Soaked::default();
        let mut command: Vec<String> = ["run", "job.toml", "--yes"].map(ToOwned::to_owned).to_vec();
        if self.what == What::Undo {
            let arguments: Vec<&str> = command.iter().map(String::as_str).collect();
            program.run(&arguments).expect(0);
            command = ["undo", "--yes"].map(ToOwned::to_owned).to_vec();
        }
        let before = newest_run(&program).map(|run| run.0);
        let sent_before = program.world().lock().requests();
        *program.world().lock().faults_mut() = Faults::passing(self.seed, 0.05);
        let weather = Weather::begin(program.world(), self.seed);
        for _ in 0..self.kills {
            let longest = if random.u8(..5) == 0 { self.longest } else { self.longest / 10 };
            let arguments: Vec<&str> = command.iter().map(String::as_str).collect();
            let mut child = program.spawn(&arguments);
            thread::sleep(longest.mul_f64(random.f64()));
            let ended = child.try_wait().unwrap();
            if ended.is_none() {
                child.kill().unwrap();
                child.wait().unwrap();
                soaked.kills += 1;
            }
            // Before the run is in the ledger there is nothing to go on with.
            if let Some((run, status)) = newest_run(&program).filter(|(run, _)| Some(run) != before.as_ref())
            {
                if status == "completed" {
                    break;
                }
                command = vec!["resume".to_owned(), run];
            }
            if let Some(status) = ended.filter(|status| !status.success()) {
                let done = Done::of(child.wait_with_output().unwrap());
                soaked.unexplained.push(format!("{command:?} ended with {status}: {}", done.stderr));
            }
        }
        (soaked.limit_moves, soaked.half_outages) = weather.end();
        self.finish(&program, &command, &mut soaked);
        soaked.sent = program.world().lock().requests() - sent_before;
        self.compare(&program, before.as_deref(), &mut soaked);
        soaked.took = begin.elapsed();
        soaked
    }

    fn world(&self) -> World {
        let mut world = World::with_clients(self.clients, self.seed);
        if self.what != What::Delegate {
            world.add_agent(SandboxAgent::new(PAYROLL_AGENT, facilitator(), &[PAYROLL_PACKAGE]));
            let ids: Vec<_> = world.clients().iter().map(|client| client.id).collect();
            for id in ids {
                world.set_delegated(ONBOARDING_AGENT, id, 1);
            }
        }
        world
    }

    /// The run goes to its end undisturbed.
    fn finish(&self, program: &Program, command: &[String], soaked: &mut Soaked) {
        let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        arguments.extend(["--format", "json"]);
        let done = program.run(&arguments);
        let done = if done.stderr.contains("is completed") {
            program.run(&["status", "--format", "json"])
        } else {
            done
        };
        if done.code != Some(0) {
            soaked.unexplained.push(format!("the end: {done:?}"));
            return;
        }
        let summary = done.json();
        let total = |name: &str| summary["totals"][name].as_u64().unwrap_or_default();
        let names = ["delegated", "removed", "unchanged", "failed", "rejected", "pending"];
        let sum: u64 = names.into_iter().map(total).sum();
        if sum != self.clients as u64 || summary["status"] != "completed" {
            soaked.unexplained.push(format!("the totals do not add up: {summary}"));
        }
        soaked.lost += total("failed") + total("pending") + total("rejected");
    }

    /// The ledger and the world must say the same.
    fn compare(&self, program: &Program, before: Option<&str>, soaked: &mut Soaked) {
        let world = program.world();
        let world = world.lock();
        let (wanted, other) = match self.what {
            What::Migrate => (PAYROLL_AGENT, Some(ONBOARDING_AGENT)),
            What::Undo => (ONBOARDING_AGENT, Some(PAYROLL_AGENT)),
            What::Delegate => (ONBOARDING_AGENT, None),
        };
        let has = world.delegated(wanted);
        let missing = world.clients().iter().filter(|client| !has.contains(&client.id)).count();
        let left = other.map_or(0, |other| world.delegated(other).len());
        soaked.lost += (missing + left) as u64;
        if self.what != What::Delegate {
            soaked.unexplained.extend(on_neither(&world));
        }

        let attempts = attempts(program);
        for client in world.clients() {
            for agent in [ONBOARDING_AGENT, PAYROLL_AGENT] {
                let sent = world.sent(agent, client.id);
                let kept = attempts.get(&(agent.to_string(), client.id.to_string())).copied().unwrap_or(0);
                soaked.beyond_the_bound += u64::from(sent.saturating_sub(kept));
            }
        }
        // A run before it is no part of it.
        let is_of_soak = format!("runs.id != '{}'", before.unwrap_or_default());
        let of_soak =
            format!("JOIN clients USING (client) JOIN runs ON runs.number = clients.run WHERE {is_of_soak}");
        let count = |sql: &str| -> u64 { program.ledger(sql).unwrap()[0][0].parse().unwrap() };
        soaked.refused_429 =
            count(&format!("SELECT count(*) FROM attempts {of_soak} AND attempts.status = 429"));
        soaked.gateway_errors =
            count(&format!("SELECT count(*) FROM attempts {of_soak} AND attempts.status >= 500"));
        soaked.answers_lost =
            count(&format!("SELECT count(*) FROM attempts {of_soak} AND attempts.status IS NULL"));
        soaked.after_done = count(&format!(
            "SELECT coalesce(sum(times - 1), 0) FROM (SELECT count(*) AS times FROM attempts {of_soak}
             AND attempts.verdict = 'done' GROUP BY attempts.client, attempts.agent, attempts.operation) AS twice"
        ));
        let open_clients = count(&format!(
            "SELECT count(*) FROM clients JOIN runs ON runs.number = clients.run WHERE {is_of_soak}
             AND state NOT IN ('delegated', 'removed', 'unchanged')"
        ));
        if open_clients > 0 {
            soaked
                .unexplained
                .push(format!("{open_clients} clients are in no good final state in the ledger"));
        }
    }
}

/// From the onboarding agent to the payroll agent.
fn make_migration(program: &Program) {
    program.write_job("migrate", "");
    let agent = format!("agent = \"{ONBOARDING_AGENT}\"");
    let both = format!("from_agent = \"{ONBOARDING_AGENT}\"\nto_agent = \"{PAYROLL_AGENT}\"");
    program.write("job.toml", program.read("job.toml").replace(&agent, &both));
}

/// Changes after which a client was on neither of its agents.
fn on_neither(world: &World) -> Vec<String> {
    let mut on: HashMap<(AgentId, ClientId), u8> = HashMap::new();
    for client in world.clients() {
        on.insert((ONBOARDING_AGENT, client.id), 1);
    }
    let mut found = Vec::new();
    for change in world.changes() {
        on.insert((change.agent, change.client), change.after);
        let left = |agent| on.get(&(agent, change.client)).copied().unwrap_or(0);
        if left(ONBOARDING_AGENT) == 0 && left(PAYROLL_AGENT) == 0 {
            found.push(format!("a client was on neither agent: {change:?}"));
        }
    }
    found
}

/// The newest run's id and status, where there is one. A program that was killed at its very start leaves a ledger without
/// tables.
fn newest_run(program: &Program) -> Option<(String, String)> {
    let newest = program.ledger("SELECT id, status FROM runs ORDER BY number DESC LIMIT 1")?.pop()?;
    let [id, status] = <[String; 2]>::try_from(newest).unwrap();
    Some((id, status))
}

/// How many attempts the ledger holds of each agent and client.
fn attempts(program: &Program) -> HashMap<(String, String), u32> {
    let sql =
        "SELECT attempts.agent, client_id, count(*) FROM attempts JOIN clients USING (client) GROUP BY 1, 2";
    let rows = program.ledger(sql).unwrap().into_iter();
    rows.map(|row| ((row[0].clone(), row[1].clone()), row[2].parse().unwrap())).collect()
}

/// What goes on at Altinn meanwhile: a limit on changes that moves from second to second, and half outages.
struct Weather {
    ended: Arc<AtomicBool>,
    counts: Arc<[AtomicU32; 2]>,
    thread: thread::JoinHandle<()>,
}

impl Weather {
    fn begin(world: SharedWorld, seed: u64) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let counts = Arc::new([AtomicU32::new(0), AtomicU32::new(0)]);
        let thread = {
            let (ended, counts) = (Arc::clone(&ended), Arc::clone(&counts));
            thread::spawn(move || {
                let mut random = fastrand::Rng::with_seed(seed ^ 0x5eed);
                while !ended.load(Ordering::Relaxed) {
                    if random.u8(..4) == 0 {
                        counts[1].fetch_add(1, Ordering::Relaxed);
                        refuse_changes(&world, &Fault::unavailable());
                        thread::sleep(Duration::from_millis(random.u64(100..1500)));
                        world.lock().faults_mut().clear_script();
                    } else {
                        counts[0].fetch_add(1, Ordering::Relaxed);
                        limited_second(&world, random.u64(20..300), random.bool());
                    }
                }
            })
        };
        Self { ended, counts, thread }
    }

    /// How often the limit has moved, and how many half outages there were.
    fn end(self) -> (u32, u32) {
        self.ended.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
        (self.counts[0].load(Ordering::Relaxed), self.counts[1].load(Ordering::Relaxed))
    }
}

/// A second in which so many changes are taken and the rest is refused, in windows of a tenth of a second.
fn limited_second(world: &SharedWorld, limit: u64, retry_after: bool) {
    let refusal = if retry_after {
        Fault::too_many_requests("1")
    } else {
        let body = r#"{ "statusCode": 429, "message": "Rate limit is exceeded." }"#;
        Fault::Answered(Reply::with_body(429, "application/json", body))
    };
    for _ in 0..10 {
        let window = Instant::now();
        let from = world.lock().requests();
        let mut refuses = false;
        while window.elapsed() < Duration::from_millis(100) {
            if !refuses && world.lock().requests() - from >= limit / 10 {
                refuse_changes(world, &refusal);
                refuses = true;
            }
            thread::sleep(Duration::from_millis(2));
        }
        world.lock().faults_mut().clear_script();
    }
}

fn refuse_changes(world: &SharedWorld, fault: &Fault) {
    let mut world = world.lock();
    for method in [Method::Post, Method::Delete] {
        world.faults_mut().fail_next_of(method, u32::MAX, fault.clone());
    }
}
