//! What the tests share: the sandbox's world with answers by script, and a run on it in virtual time.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::missing_panics_doc
)]

pub mod limits;
pub mod postgres;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use fullmakt::{
    engine::{
        Api, Engine, Interrupt, Interrupter, JobFacts, ListInformation, NextPage, Plan, PlanError,
        PlanRequest, ReadRows, RowsRead, Run, RunEnd, Settings, Source,
    },
    ledger::{Ledger, PlanEntry},
    model::{
        Again, Agent, AgentId, AgentKind, AgentRef, Answer, AtLast, ClientChange, ClientId, ClientList,
        Event, HaltCause, JobKind, ListedClient, ManifestRow, NoVerdict, Operation, OrganisationNumber, Pace,
        Rate, RunId, Totals, Verdict,
    },
    sandbox::{PAYROLL_PACKAGE, Request, SandboxAgent, SandboxClient, World, packages},
    words::Wording,
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};
use uuid::Uuid;

pub const AGENT: AgentId = AgentId(Uuid::from_u128(0xa6e7));

pub fn facilitator() -> OrganisationNumber {
    OrganisationNumber::parse("314250052").unwrap()
}

/// Organisation numbers, as many as any test needs.
fn numbers() -> &'static [OrganisationNumber] {
    static NUMBERS: OnceLock<Vec<OrganisationNumber>> = OnceLock::new();
    NUMBERS
        .get_or_init(|| (20_000_000..).filter_map(OrganisationNumber::from_first_eight).take(5000).collect())
}

/// The `index`-th client of a scripted Altinn.
pub fn client(index: usize) -> ListedClient {
    let number = numbers()[index];
    ListedClient { id: id(index), number: Some(number), name: format!("KLIENT {index}"), packages: None }
}

fn id(index: usize) -> ClientId {
    ClientId(Uuid::from_u128(index as u128 + 1))
}

fn index(client: ClientId) -> usize {
    usize::try_from(client.0.as_u128()).unwrap() - 1
}

/// The sandbox's world with these clients, all of whom give the agent what it asks for.
fn world(clients: usize) -> World {
    let given = packages(&[PAYROLL_PACKAGE]);
    let mut world = World::empty(1);
    world.add_facilitator(facilitator());
    world.add_agent(SandboxAgent::new(AGENT, facilitator(), &[PAYROLL_PACKAGE]));
    for client in (0..clients).map(client) {
        let number = client.number.unwrap();
        world.add_client(SandboxClient::organisation(
            client.id,
            facilitator(),
            number,
            client.name,
            given.clone(),
        ));
    }
    world
}

/// An answer with this verdict.
pub fn answer(verdict: Verdict) -> Answer {
    Answer {
        verdict,
        status: Some(if verdict == Verdict::Done { 200 } else { 400 }),
        code: None,
        message: if verdict == Verdict::Done { Wording::NOTHING } else { Wording::heard("by script") },
        trace_id: None,
        hint: Wording::NOTHING,
        notice: None,
        sent_at: jiff::Timestamp::now(),
        took: Duration::from_millis(30),
        request: String::new(),
        sent: true,
    }
}

/// No verdict, for this reason.
pub fn again(why: NoVerdict, not_before: Option<Duration>) -> Verdict {
    Verdict::Again(Again { not_before, why, at_last: AtLast::FailClient })
}

/// What the script says to one request: given the client's index and how often it was sent before.
pub type Script = Box<dyn Fn(usize, usize) -> Verdict + Send + Sync>;

/// The sandbox's world, which carries out what the script says is done; the script answers, 30 ms after being asked.
pub struct ScriptedAltinn {
    script: Script,
    /// From a request about a client to its answer.
    latency: Duration,
    /// Whether a request is carried out though it gets no verdict.
    carried_out_all_the_same: bool,
    /// From asking for the facilitator's agents to the answer.
    agents_take: Duration,
    /// Whether `GET /agents` answers.
    reachable: Box<dyn Fn() -> bool + Send + Sync>,
    state: Mutex<State>,
    /// Refuses what is too much, after so long, saying until when or not.
    limit: Option<(Mutex<limits::Limiter>, Duration, bool)>,
    begin: Instant,
}

struct State {
    /// The sandbox's world: what is carried out is carried out there.
    world: World,
    /// Answered 200 without doing it.
    liars: BTreeSet<usize>,
    sent: Vec<(Instant, usize, Operation)>,
    under_way: usize,
    most_under_way: usize,
    under_way_before_first_answer: usize,
    answered: usize,
    probes: Vec<Instant>,
    refused: usize,
}

impl ScriptedAltinn {
    pub fn new(clients: usize, script: impl Fn(usize, usize) -> Verdict + Send + Sync + 'static) -> Self {
        let state = State {
            world: world(clients),
            liars: BTreeSet::new(),
            sent: Vec::new(),
            under_way: 0,
            most_under_way: 0,
            under_way_before_first_answer: 0,
            answered: 0,
            probes: Vec::new(),
            refused: 0,
        };
        Self {
            script: Box::new(script),
            latency: Duration::from_millis(30),
            carried_out_all_the_same: false,
            agents_take: Duration::from_millis(30),
            reachable: Box::new(|| true),
            state: Mutex::new(state),
            limit: None,
            begin: Instant::now(),
        }
    }

    pub fn agents_take(mut self, time: Duration) -> Self {
        self.agents_take = time;
        self
    }

    /// Refuses as this cell of the grid says, and takes as long for a verdict.
    pub fn limited_as(mut self, cell: &limits::Cell) -> Self {
        self.limit = Some((Mutex::new(cell.limiter()), cell.refusal, cell.retry_after));
        self.with_latency(cell.latency)
    }

    pub fn carried_out_all_the_same(mut self) -> Self {
        self.carried_out_all_the_same = true;
        self
    }

    pub fn with_latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    pub fn reachable_when(mut self, reachable: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.reachable = Box::new(reachable);
        self
    }

    pub fn with_delegated(self, clients: impl IntoIterator<Item = usize>) -> Self {
        {
            let mut state = self.state.lock().unwrap();
            for index in clients {
                state.world.set_delegated(AGENT, id(index), 1);
            }
        }
        self
    }

    pub fn with_two_relations(self, clients: impl IntoIterator<Item = usize>) -> Self {
        {
            let mut state = self.state.lock().unwrap();
            for index in clients {
                state.world.client_mut(id(index)).unwrap().relations = 2;
                if state.world.relations(AGENT, id(index)) > 0 {
                    state.world.set_delegated(AGENT, id(index), 2);
                }
            }
        }
        self
    }

    pub fn with_liars(self, clients: impl IntoIterator<Item = usize>) -> Self {
        self.state.lock().unwrap().liars.extend(clients);
        self
    }

    pub fn delegated(&self) -> BTreeSet<usize> {
        self.state.lock().unwrap().world.delegated(AGENT).into_iter().map(index).collect()
    }

    /// When each request about a client was sent.
    pub fn times(&self) -> Vec<Instant> {
        self.state.lock().unwrap().sent.iter().map(|(time, ..)| *time).collect()
    }

    /// How often a client was sent.
    pub fn sent(&self, index: usize) -> usize {
        self.state.lock().unwrap().sent.iter().filter(|(_, sent, _)| *sent == index).count()
    }

    pub fn most_under_way(&self) -> usize {
        self.state.lock().unwrap().most_under_way
    }

    pub fn under_way_before_first_answer(&self) -> usize {
        self.state.lock().unwrap().under_way_before_first_answer
    }

    pub fn probes(&self) -> usize {
        self.state.lock().unwrap().probes.len()
    }

    /// How many requests were refused as too many.
    pub fn refused(&self) -> usize {
        self.state.lock().unwrap().refused
    }

    /// When the facilitator's agents were asked for.
    pub fn probe_times(&self) -> Vec<Instant> {
        self.state.lock().unwrap().probes.clone()
    }

    fn judge(&self, operation: Operation, index: usize, before: usize) -> Verdict {
        let verdict = (self.script)(index, before);
        let mut state = self.state.lock().unwrap();
        let carried_out = verdict == Verdict::Done || self.carried_out_all_the_same;
        if carried_out && !state.liars.contains(&index) {
            let request = match operation {
                Operation::Delegate => Request::delegate(AGENT, id(index)),
                Operation::Remove => Request::remove(AGENT, id(index)),
            };
            state.world.answer(&request);
        }
        verdict
    }
}

impl Api for ScriptedAltinn {
    async fn agents(&self, _: OrganisationNumber) -> Result<Vec<Agent>, Box<Answer>> {
        self.state.lock().unwrap().probes.push(Instant::now());
        sleep(self.agents_take).await;
        if !(self.reachable)() {
            return Err(Box::new(answer(again(NoVerdict::Unreachable, None))));
        }
        Ok(vec![Agent {
            id: AGENT,
            title: "Agent".to_owned(),
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
        page: Option<NextPage>,
        groups: mpsc::Sender<Vec<ListedClient>>,
    ) -> Result<ListInformation, Box<Answer>> {
        sleep(Duration::from_millis(30)).await;
        let listed: Vec<_> = {
            let state = self.state.lock().unwrap();
            let delegated = state.world.delegated(AGENT);
            let all = (0..state.world.clients().len()).map(client);
            all.filter(|client| list == ClientList::Available || delegated.contains(&client.id)).collect()
        };
        // In two pages, so that paging is always in play.
        let (first, second) = listed.split_at(listed.len() / 2);
        let last = page.is_some();
        groups.send(if last { second } else { first }.to_vec()).await.unwrap();
        let next = (!last).then(|| NextPage("2".to_owned()));
        Ok(ListInformation { owner: Some(facilitator()), agent: Some(AGENT), next })
    }

    async fn send(&self, change: &ClientChange) -> Answer {
        let ClientChange { operation, client, .. } = *change;
        let index = index(client);
        let before = self.sent(index);
        {
            let mut state = self.state.lock().unwrap();
            state.sent.push((Instant::now(), index, operation));
            state.under_way += 1;
            state.most_under_way = state.most_under_way.max(state.under_way);
            if state.answered == 0 {
                state.under_way_before_first_answer =
                    state.under_way_before_first_answer.max(state.under_way);
            }
        }
        let refused = self.limit.as_ref().and_then(|(limiter, after, says)| {
            let wait = limiter.lock().unwrap().ask(self.begin.elapsed()).err()?;
            Some((*after, says.then(|| Duration::from_secs(wait.as_secs_f64().ceil() as u64))))
        });
        let verdict = if let Some((after, retry_after)) = refused {
            sleep(after).await;
            self.state.lock().unwrap().refused += 1;
            again(NoVerdict::Throttled, retry_after)
        } else {
            sleep(self.latency).await;
            self.judge(operation, index, before)
        };
        let mut state = self.state.lock().unwrap();
        state.under_way -= 1;
        state.answered += 1;
        answer(verdict)
    }
}

/// A state folder, an engine on a scripted Altinn, and what the engine tells.
pub struct Bench {
    pub folder: tempfile::TempDir,
    pub altinn: Arc<ScriptedAltinn>,
    pub pace: Pace,
    pub interrupter: Arc<Interrupter>,
    pub interrupt: Interrupt,
    /// Whether its engines wait for an outage to end, as a run's do.
    pub persistent: bool,
}

/// What a run came to.
pub struct Outcome {
    pub end: RunEnd,
    pub run: RunId,
    pub totals: Totals,
    pub events: Vec<Event>,
    pub took: Duration,
}

impl Bench {
    pub fn new(altinn: ScriptedAltinn, rate: Rate) -> Self {
        let (interrupter, interrupt) = Interrupter::new();
        Self {
            folder: tempfile::tempdir().unwrap(),
            altinn: Arc::new(altinn),
            pace: Pace { rate, ..Pace::default() },
            interrupter: Arc::new(interrupter),
            interrupt,
            persistent: true,
        }
    }

    /// The same, with nobody having asked to stop.
    pub fn uninterrupted(self) -> Self {
        let (interrupter, interrupt) = Interrupter::new();
        Self { interrupter: Arc::new(interrupter), interrupt, ..self }
    }

    pub fn ledger(&self) -> Ledger {
        postgres::ledger(self.folder.path())
    }

    pub fn engine(&self) -> (Engine<ScriptedAltinn>, mpsc::UnboundedReceiver<Event>) {
        let (events, told) = mpsc::unbounded_channel();
        let settings = Settings {
            pace: self.pace,
            facilitator: facilitator(),
            environment: "sandbox".to_owned(),
            patience: None,
            persistent: self.persistent,
        };
        let altinn = Arc::clone(&self.altinn);
        (Engine::new(altinn, self.ledger(), settings, events, self.interrupt.clone()), told)
    }

    /// Plans and executes a run of these clients.
    pub async fn run(&self, kind: JobKind, clients: std::ops::Range<usize>) -> Outcome {
        let (engine, told) = self.engine();
        let rows = clients
            .map(|index| {
                let number = client(index).number.unwrap();
                ManifestRow {
                    line: index as u64 + 2,
                    number,
                    action: None,
                    agent: None,
                    name: None,
                    cells: vec![number.to_string()],
                }
            })
            .collect();
        let plan: Plan = plan(&engine, kind, rows).await.unwrap();
        let run = engine.begin(plan, Wording::NOTHING).await.unwrap();
        self.execute(engine, told, run).await
    }

    /// Goes on with a run, as `resume` does.
    pub async fn resume(&self, run: RunId) -> Outcome {
        let (engine, told) = self.engine();
        let run = engine.resume(&run, &Wording::NOTHING).await.unwrap().run;
        self.execute(engine, told, run).await
    }

    async fn execute(
        &self,
        engine: Engine<ScriptedAltinn>,
        mut told: mpsc::UnboundedReceiver<Event>,
        run: Run,
    ) -> Outcome {
        let begin = Instant::now();
        let end = engine.execute(&run).await.unwrap();
        let took = begin.elapsed();
        drop(engine);
        let run = run.id;
        let mut events = Vec::new();
        while let Some(event) = told.recv().await {
            events.push(event);
        }
        let totals = self.ledger().counted_totals(&run).unwrap();
        assert_eq!(totals.clients(), totals.rows, "the totals add up");
        Outcome { end, run, totals, events, took }
    }
}

/// Plans a job of this kind for these rows.
pub async fn plan(
    engine: &Engine<ScriptedAltinn>,
    kind: JobKind,
    rows: Vec<ManifestRow>,
) -> Result<Plan, PlanError> {
    let entries: Vec<_> = rows.into_iter().map(PlanEntry::Row).collect();
    let source = Source::Manifest(Box::new(move || {
        let entries = entries.clone();
        let read: ReadRows = Box::new(move |take| {
            take(&entries)?;
            Ok(RowsRead { rows: entries.len() as u64, ..RowsRead::default() })
        });
        read
    }));
    let request = PlanRequest {
        kind,
        source,
        agent: AgentRef::Id(AGENT),
        from_agent: None,
        guard: None,
        other_rows: Vec::new(),
        job: JobFacts { name: "test".to_owned(), ..JobFacts::default() },
        supersedes: Vec::new(),
    };
    engine.plan(request).await
}

/// The cause of a run's halt.
pub fn cause(end: &RunEnd) -> Option<HaltCause> {
    match end {
        RunEnd::Halted(halted) => Some(halted.cause),
        RunEnd::Completed | RunEnd::Interrupted => None,
    }
}
