//! What a night of very many firms costs, in simulated time: the engine, the ledger, the shared pace and the turns are the
//! program's own, Altinn answers in so many simulated milliseconds, and no time passes but what is waited for.
//!
//! `cargo bench --bench scale` prints the tables of `docs/scale.md` for a thousand firms of 500 clients, in some minutes: every
//! firm's client list is reconciled, so that every list is read; and what follows from them for ten thousand firms, because a
//! night is as long as its requests at the pace of all. `-- 300` simulates as many firms.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use fullmakt::words::Wording;
use std::{
    collections::{BTreeSet, VecDeque},
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use fullmakt::{
    engine::{
        Api, Engine, Interrupt, Interrupter, JobFacts, ListInformation, NextPage, PlanRequest, ReadRows,
        RowsRead, RunEnd, Settings, SharedPace, Source,
    },
    ledger::{Ledger, PlanEntry},
    model::{
        Again, Agent, AgentId, AgentKind, AgentRef, Answer, AtLast, ClientChange, ClientId, ClientList,
        JobKind, ListedClient, ManifestRow, NoVerdict, Operation, OrganisationNumber, Pace, Rate, Verdict,
    },
    state_dir::StateDir,
};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};
use uuid::Uuid;

/// Clients of a firm.
const CLIENTS: usize = 500;
/// So many firms at once: enough that the pace is reached while lists take their time.
const SIDE_BY_SIDE: usize = 32;
/// How long Altinn takes for the list of system users, for a list of clients, for a change.
const TAKES: [Duration; 3] =
    [Duration::from_millis(150), Duration::from_millis(600), Duration::from_millis(200)];
/// As `fleet work` waits before it tries a job again that was stopped.
const TRIED_AGAIN_AFTER: Duration = Duration::from_mins(5);

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let firms = match arguments.next().as_deref() {
        // `cargo test --benches` passes `--test`: nothing to measure then.
        Some("--test") => return,
        Some(many) => many.parse().unwrap(),
        None => 1000,
    };
    println!("{firms} firms of {CLIENTS} clients, {SIDE_BY_SIDE} at once.\n");
    let world = World::new(firms);
    let nights = nights(&world);
    let factor = paces(&world);
    outage(&world);
    ten_thousand(&nights, firms, factor);
}

/// The first night, one that changes nothing, and one in which a fifth of the firms have changes.
fn nights(world: &World) -> Vec<Counted> {
    println!("| night at 20/s | took | requests | of them lists | changes | ledger grew by |");
    println!("|---|---|---|---|---|---|");
    let (mut before, mut counted) = (0, Vec::new());
    for (what, changed_one_in) in [
        ("the first: every client is noted", 0),
        ("nothing has changed", 0),
        ("6 clients changed at every fifth firm", 5),
    ] {
        world.change(changed_one_in);
        let night = world.night(20, None);
        let ledger = world.ledger_bytes();
        println!(
            "| {what} | {} | {} | {:.0} % | {} | {:.1} MB |",
            lasting(night.took),
            night.requests(),
            100.0 * night.lists as f64 / night.requests() as f64,
            night.changes,
            (ledger - before) as f64 / 1e6
        );
        counted.push(Counted { what, requests: night.requests(), bytes: ledger - before });
        before = ledger;
    }
    println!();
    counted
}

/// What a night of the simulated firms came to.
struct Counted {
    what: &'static str,
    requests: u64,
    bytes: u64,
}

/// What the nights would be of ten thousand firms, at a pace that is kept as well as it was.
fn ten_thousand(nights: &[Counted], firms: usize, factor: f64) {
    const PACES: [u32; 4] = [5, 10, 20, 50];
    println!("\n| ten thousand firms | requests | 5/s | 10/s | 20/s | 50/s | ledger grows by |");
    println!("|---|---|---|---|---|---|---|");
    for Counted { what, requests, bytes } in nights {
        let of_all = |part: u64| part as f64 * 10_000.0 / firms as f64;
        let times =
            PACES.map(|pace| lasting(Duration::from_secs_f64(of_all(*requests) / f64::from(pace) * factor)));
        let (requests, megabytes) = (of_all(*requests), of_all(*bytes) / 1e6);
        println!("| {what} | {requests:.0} | {} | {megabytes:.0} MB |", times.join(" | "));
    }
}

/// The same night at other paces. Answers the worst multiple of the ideal.
fn paces(world: &World) -> f64 {
    println!("| pace of all | a night with 6 changes at every fifth firm | of the ideal |\n|---|---|---|");
    let mut worst: f64 = 1.0;
    for rate in [5, 10, 20, 50] {
        world.change(5);
        let night = world.night(rate, None);
        let ideal = night.requests() as f64 / f64::from(rate);
        let factor = night.took.as_secs_f64() / ideal;
        worst = worst.max(factor);
        println!("| {rate}/s | {} | {factor:.2} × |", lasting(night.took));
    }
    println!();
    worst
}

/// Altinn is away for an hour from 02:00, when half of the night's work is done.
fn outage(world: &World) {
    const RATE: u32 = 20;
    let firms = world.firms.len();
    // Every list of every firm at the pace of all: three requests a firm where nothing has changed.
    let from = Duration::from_secs_f64(firms as f64 * 3.0 / f64::from(RATE) / 2.0);
    let until = from + Duration::from_hours(1);
    let night = world.night(RATE, Some((from, until)));
    let done_by = |time: Duration| night.done.iter().filter(|at| **at <= time).count();
    let first = night.done.iter().find(|at| **at > until).copied().unwrap_or_default();
    println!(
        "| an hour's outage at 02:00, in a night of {firms} firms at {RATE}/s without changes | |\n|---|---|"
    );
    println!("| done before it | {} firms |", done_by(from));
    println!("| sent to Altinn during it | {:.1} requests a minute |", night.away as f64 / 60.0);
    println!("| jobs that it stopped, to be tried again | {} |", night.stopped);
    println!(
        "| first job done after it | {:.0} s after its end |",
        first.saturating_sub(until).as_secs_f64()
    );
    println!("| all done | {:.1} min after its end |", night.took.saturating_sub(until).as_secs_f64() / 60.0);
    println!("| the same half without an outage | {:.1} min |", from.as_secs_f64() / 60.0);
    println!("| firms not carried out | {} |", firms - night.done.len());
}

fn lasting(time: Duration) -> String {
    let minutes = time.as_secs_f64() / 60.0;
    if minutes < 60.0 { format!("{minutes:.1} min") } else { format!("{:.1} h", minutes / 60.0) }
}

/// What a night came to.
struct Night {
    took: Duration,
    lists: u64,
    changes: u64,
    /// Sent while Altinn was away.
    away: u64,
    /// Jobs that ended because Altinn was away.
    stopped: usize,
    /// When each job was done.
    done: Vec<Duration>,
}

impl Night {
    fn requests(&self) -> u64 {
        self.lists + self.changes
    }
}

/// Many firms and their Altinn, from night to night.
struct World {
    firms: Vec<Arc<Mutex<Firm>>>,
    folder: tempfile::TempDir,
    nights: AtomicU64,
}

/// One firm: who is delegated, and who is to be.
struct Firm {
    number: OrganisationNumber,
    agent: AgentId,
    first: usize,
    delegated: BTreeSet<usize>,
    listed: BTreeSet<usize>,
}

impl World {
    fn new(firms: usize) -> Self {
        let numbers = (30_000_000..).filter_map(OrganisationNumber::from_first_eight);
        let firm = |(place, number)| {
            // Some more than are delegated, who come when others go.
            Arc::new(Mutex::new(Firm {
                number,
                agent: AgentId(Uuid::from_u128(0xA6E7_0000_0000 + place as u128)),
                first: place * (CLIENTS + 10),
                delegated: (0..CLIENTS).collect(),
                listed: (0..CLIENTS).collect(),
            }))
        };
        Self {
            firms: numbers.take(firms).enumerate().map(firm).collect(),
            folder: tempfile::tempdir().unwrap(),
            nights: AtomicU64::new(0),
        }
    }

    /// Of one firm in so many the list says other clients than before: three come, three go.
    fn change(&self, one_in: usize) {
        if one_in == 0 {
            return;
        }
        for firm in self.firms.iter().step_by(one_in) {
            let mut firm = firm.lock().unwrap();
            let gone: Vec<usize> = firm.listed.iter().copied().take(3).collect();
            let come: Vec<usize> =
                (0..CLIENTS + 10).filter(|client| !firm.listed.contains(client)).take(3).collect();
            for client in gone {
                assert!(firm.listed.remove(&client));
            }
            firm.listed.extend(come);
        }
    }

    fn ledger_bytes(&self) -> u64 {
        fs::metadata(StateDir::at(self.folder.path()).ledger_path()).unwrap().len()
    }

    /// Carries out every firm's job once, at so many requests a second together, `SIDE_BY_SIDE` at once.
    fn night(&self, rate: u32, away: Option<(Duration, Duration)>) -> Night {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let nth = self.nights.fetch_add(1, Relaxed);
        runtime.unwrap().block_on(self.through_the_night(nth, rate, away))
    }

    async fn through_the_night(&self, nth: u64, rate: u32, away: Option<(Duration, Duration)>) -> Night {
        let begin = Instant::now();
        let away = away.map(|(from, until)| (begin + from, begin + until));
        let counts = Arc::new(Counts { away, lists: 0.into(), changes: 0.into(), while_away: 0.into() });
        let pace = SharedPace::new(Rate::per_second(rate));
        let mut due: VecDeque<(Instant, usize)> = (0..self.firms.len()).map(|place| (begin, place)).collect();
        let (mut under_way, mut done, mut stopped) = (JoinSet::new(), Vec::new(), 0);
        loop {
            while under_way.len() < SIDE_BY_SIDE && due.front().is_some_and(|(at, _)| *at <= Instant::now()) {
                let (_, place) = due.pop_front().unwrap();
                let altinn = Altinn { firm: Arc::clone(&self.firms[place]), counts: Arc::clone(&counts) };
                under_way.spawn(job(
                    altinn,
                    nth,
                    rate,
                    Arc::clone(&pace),
                    self.folder.path().to_owned(),
                    place,
                ));
            }
            let next = due.front().map(|(at, _)| *at).filter(|at| *at > Instant::now());
            tokio::select! {
                Some(ended) = under_way.join_next() => {
                    let (place, is_done) = ended.unwrap();
                    if is_done {
                        done.push(begin.elapsed());
                    } else {
                        stopped += 1;
                        due.push_back((Instant::now() + TRIED_AGAIN_AFTER, place));
                    }
                }
                () = sleep_until(next.unwrap_or(begin)), if next.is_some() => {}
                else => break,
            }
        }
        let of = |count: &AtomicU64| count.load(Relaxed);
        Night {
            took: begin.elapsed(),
            lists: of(&counts.lists),
            changes: of(&counts.changes),
            away: of(&counts.while_away),
            stopped,
            done,
        }
    }
}

/// One firm's night, as `run --yes` does it. Answers whether it came to its end.
async fn job(
    altinn: Altinn,
    nth: u64,
    rate: u32,
    pace: Arc<SharedPace>,
    folder: std::path::PathBuf,
    place: usize,
) -> (usize, bool) {
    let (events, mut told) = mpsc::unbounded_channel();
    let (_interrupter, interrupt) = Interrupter::new();
    let (facilitator, agent, rows, fingerprint) = altinn.wanted();
    let settings = Settings {
        pace: Pace { rate: Rate::per_second(rate), ..Pace::default() },
        facilitator,
        environment: "simulated".to_owned(),
        patience: None,
        persistent: true,
    };
    let engine = engine(altinn, &folder, settings, events, interrupt).at_pace(pace.share());
    let listener = tokio::spawn(async move { while told.recv().await.is_some() {} });
    let source = Source::Manifest(Box::new(move || {
        let (rows, fingerprint) = (rows.clone(), fingerprint.clone());
        let read: ReadRows = Box::new(move |take| {
            take(&rows)?;
            Ok(RowsRead { rows: rows.len() as u64, fingerprint, ..RowsRead::default() })
        });
        read
    }));
    let request = PlanRequest {
        kind: JobKind::Reconcile,
        source,
        agent: AgentRef::Id(agent),
        from_agent: None,
        guard: None,
        other_rows: Vec::new(),
        job: JobFacts { name: format!("night-{facilitator}"), ..JobFacts::default() },
        supersedes: Vec::new(),
    };
    let Ok(plan) = engine.plan(request).await else { return (place, false) };
    let run = engine.begin(plan, fullmakt::words::Wording::heard(format!("night {nth}"))).await.unwrap();
    let end = engine.execute(&run).await.unwrap();
    drop(engine);
    listener.await.unwrap();
    (place, matches!(end, RunEnd::Completed))
}

fn engine(
    altinn: Altinn,
    folder: &Path,
    settings: Settings,
    events: mpsc::UnboundedSender<fullmakt::model::Event>,
    interrupt: Interrupt,
) -> Engine<Altinn> {
    let ledger = Ledger::open(&StateDir::at(folder)).unwrap();
    Engine::new(Arc::new(altinn), ledger, settings, events, interrupt)
}

/// What is counted of all firms together.
struct Counts {
    away: Option<(Instant, Instant)>,
    lists: AtomicU64,
    changes: AtomicU64,
    while_away: AtomicU64,
}

/// One firm's Altinn.
struct Altinn {
    firm: Arc<Mutex<Firm>>,
    counts: Arc<Counts>,
}

impl Altinn {
    /// The firm, its agent, and the rows of its list.
    fn wanted(&self) -> (OrganisationNumber, AgentId, Vec<PlanEntry>, String) {
        let firm = self.firm.lock().unwrap();
        let row = |(line, client): (usize, &usize)| {
            let number = firm.client(*client).number.unwrap();
            PlanEntry::Row(ManifestRow {
                line: line as u64 + 2,
                number,
                action: None,
                agent: None,
                name: None,
                cells: vec![number.to_string()],
            })
        };
        let rows = firm.listed.iter().enumerate().map(row).collect();
        (firm.number, firm.agent, rows, format!("{:?}", firm.listed))
    }

    /// Waits as long as Altinn takes. Whether it answers at all.
    async fn answers(&self, count: &AtomicU64, takes: Duration) -> bool {
        count.fetch_add(1, Relaxed);
        let is_away = self.counts.away.is_some_and(|(from, until)| (from..until).contains(&Instant::now()));
        if is_away {
            self.counts.while_away.fetch_add(1, Relaxed);
        }
        sleep(takes).await;
        !is_away
    }
}

impl Firm {
    fn client(&self, client: usize) -> ListedClient {
        let place = self.first + client;
        // One in eleven has no check digit; then the next one has, and is nobody else's.
        let first_eight = 40_000_000 + 2 * u32::try_from(place).unwrap();
        let number = (first_eight..).find_map(OrganisationNumber::from_first_eight);
        ListedClient {
            id: ClientId(Uuid::from_u128(
                (place as u128 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_0C49_2E1B_7A31),
            )),
            number,
            name: format!("KLIENT {place}"),
            packages: None,
        }
    }
}

fn unanswered() -> Answer {
    let again = Again { not_before: None, why: NoVerdict::Unreachable, at_last: AtLast::FailClient };
    Answer { status: None, message: Wording::heard("no answer"), ..answer(Verdict::Again(again)) }
}

fn answer(verdict: Verdict) -> Answer {
    Answer {
        verdict,
        status: Some(200),
        code: None,
        message: Wording::NOTHING,
        trace_id: None,
        hint: Wording::NOTHING,
        notice: None,
        sent_at: fullmakt::clock::now(),
        took: TAKES[2],
        request: "POST /clients".to_owned(),
        sent: true,
    }
}

impl Api for Altinn {
    async fn agents(&self, _: OrganisationNumber) -> Result<Vec<Agent>, Box<Answer>> {
        if !self.answers(&self.counts.lists, TAKES[0]).await {
            return Err(Box::new(unanswered()));
        }
        Ok(vec![Agent {
            id: self.firm.lock().unwrap().agent,
            title: "Lønn".to_owned(),
            system_id: "system".to_owned(),
            external_ref: None,
            supplier: String::new(),
            kind: AgentKind::Agent,
            deleted: false,
            packages: Vec::new(),
            created: String::new(),
        }])
    }

    async fn clients(
        &self,
        list: ClientList,
        _: AgentId,
        _: Option<NextPage>,
        groups: mpsc::Sender<Vec<ListedClient>>,
    ) -> Result<ListInformation, Box<Answer>> {
        if !self.answers(&self.counts.lists, TAKES[1]).await {
            return Err(Box::new(unanswered()));
        }
        let (clients, owner, agent) = {
            let firm = self.firm.lock().unwrap();
            let listed = |client: &usize| list == ClientList::Available || firm.delegated.contains(client);
            let clients = (0..CLIENTS + 10).filter(listed).map(|client| firm.client(client)).collect();
            (clients, Some(firm.number), Some(firm.agent))
        };
        groups.send(clients).await.unwrap();
        Ok(ListInformation { owner, agent, next: None })
    }

    async fn send(&self, change: &ClientChange) -> Answer {
        if !self.answers(&self.counts.changes, TAKES[2]).await {
            return unanswered();
        }
        let mut firm = self.firm.lock().unwrap();
        let client = (0..CLIENTS + 10).find(|client| firm.client(*client).id == change.client).unwrap();
        match change.operation {
            Operation::Delegate => firm.delegated.insert(client),
            Operation::Remove => firm.delegated.remove(&client),
        };
        answer(Verdict::Done)
    }
}
