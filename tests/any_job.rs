//! What holds for every job that reconciles, moves or undoes, whatever the world is like and whenever it is
//! interrupted. In virtual time, on the sandbox's world, which is looked at after every request.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/postgres.rs"]
mod postgres;

use fullmakt::words::Wording;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use fullmakt::{
    altinn::{Judged, RawAnswer, administration, client_delegation},
    engine::{
        Api, Engine, FirstDelegation, Interrupter, JobFacts, ListInformation, NextPage, PlanError,
        PlanRequest, ReadRows, RowsRead, Run, RunEnd, Settings, Source,
    },
    ledger::{Ledger, PlanCounts, PlanEntry},
    model::{
        Action, Agent, AgentId, AgentRef, Answer, Call, ClientChange, ClientId, ClientList, ClientState,
        Guard, JobKind, Limit, ListedClient, ManifestRow, Once, Operation, OrganisationNumber, Pace,
        Packages, Rate, RunId, Verdict,
    },
    sandbox::{
        Faults, Method, ONBOARDING_AGENT as OLD, PAYROLL_AGENT as NEW, Quirk, Refusal, Reply, Request,
        SandboxAgent, SandboxClient, SharedWorld, World, facilitator, packages,
    },
};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::{sync::mpsc, time::sleep};
use uuid::Uuid;

const ORGANISATIONS: usize = 14;
const PERSONS: usize = 3;
const PACKAGE: &str = "urn:altinn:accesspackage:regnskapsforer-lonn";

type Watch = Box<dyn Fn(&World) + Send + Sync>;

/// The sandbox's world without HTTP, looked at after every change.
struct Direct {
    world: SharedWorld,
    watch: Mutex<Option<Watch>>,
    /// Everything but the agents goes through the second API.
    second: AtomicBool,
}

impl Direct {
    async fn answer(&self, request: Request) -> Option<Reply> {
        let begun = self.world.lock().begin(&request);
        sleep(Duration::from_millis(30)).await;
        let mut world = self.world.lock();
        let reply = world.finish(begun);
        if let Some(watch) = &*self.watch.lock().unwrap() {
            watch(&world);
        }
        reply
    }

    fn is_second(&self) -> bool {
        self.second.load(Ordering::Relaxed)
    }

    /// A request to the second API.
    fn administration(&self, method: Method, path: &str, query: &[(&str, String)]) -> Request {
        let party = self.world.lock().party(facilitator());
        let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Request::administration(method, path, party, &query)
    }

    fn judged(&self, call: Call, reply: Option<&Reply>) -> Box<Answer> {
        let judged = match reply {
            Some(reply) if self.is_second() => administration::judge(call, &raw(reply), Timestamp::now()),
            Some(reply) => client_delegation::judge(call, &raw(reply), Timestamp::now()),
            None => Judged::unreachable(call, Wording::heard("connection reset")),
        };
        Box::new(judged.into_answer(reply.map(|reply| reply.status), Timestamp::now(), Duration::ZERO))
    }
}

fn raw(reply: &Reply) -> RawAnswer<'_> {
    RawAnswer { retry_after: reply.retry_after.as_deref(), ..RawAnswer::new(reply.status, &reply.body) }
}

impl Api for Direct {
    async fn agents(&self, _: OrganisationNumber) -> Result<Vec<Agent>, Box<Answer>> {
        sleep(Duration::from_millis(30)).await;
        Ok(self.world.lock().agents().map(|agent| agent.listed.clone()).collect())
    }

    async fn clients(
        &self,
        list: ClientList,
        agent: AgentId,
        _: Option<NextPage>,
        groups: mpsc::Sender<Vec<ListedClient>>,
    ) -> Result<ListInformation, Box<Answer>> {
        let second = self.is_second();
        let (request, call) = match list {
            ClientList::Available if second => {
                (self.administration(Method::Get, "/clients", &[]), Call::Available)
            }
            ClientList::Delegated if second => {
                let query = [("to", agent.to_string())];
                (self.administration(Method::Get, "/agents/accesspackages", &query), Call::Delegated)
            }
            ClientList::Available => (Request::available(agent), Call::Available),
            ClientList::Delegated => (Request::delegated(agent), Call::Delegated),
        };
        let reply = self.answer(request).await;
        let Some(reply) = reply.as_ref().filter(|reply| reply.status == 200) else {
            return Err(self.judged(call, reply.as_ref()));
        };
        let document: Value = serde_json::from_slice(&reply.body).unwrap();
        let lines = document["data"].as_array().unwrap().iter();
        if second {
            let gives =
                |client: &ListedClient| client.packages.as_ref().is_some_and(|packages| !packages.is_empty());
            groups.send(lines.map(listed_with_packages).filter(gives).collect()).await.unwrap();
            return Ok(ListInformation { owner: None, agent: Some(agent), next: None });
        }
        let listed = lines.map(|client| ListedClient {
            id: client["clientId"].as_str().unwrap().parse().unwrap(),
            number: client["clientOrganizationNumber"]
                .as_str()
                .and_then(|n| OrganisationNumber::parse(n).ok()),
            name: String::new(),
            packages: None,
        });
        groups.send(listed.collect()).await.unwrap();
        Ok(ListInformation { owner: Some(facilitator()), agent: Some(agent), next: None })
    }

    fn tells_packages(&self) -> bool {
        self.is_second()
    }

    async fn prepare(&self, agent: AgentId) -> Result<FirstDelegation, Box<Answer>> {
        if !self.is_second() {
            return Ok(FirstDelegation::Alone);
        }
        let request = self.administration(Method::Post, "/agents", &[("to", agent.to_string())]);
        let Some(reply) = self.answer(request).await else { return Err(self.judged(Call::Prepare, None)) };
        let judged = administration::judge_preparation(&raw(&reply), Timestamp::now());
        let answer = judged.into_answer(Some(reply.status), Timestamp::now(), Duration::ZERO);
        if answer.verdict == Verdict::Done {
            Ok(FirstDelegation::LikeAnyOther)
        } else {
            Err(Box::new(answer))
        }
    }

    async fn send(&self, change: &ClientChange) -> Answer {
        if self.is_second() {
            return self.send_through_the_second(change).await;
        }
        let ClientChange { operation, agent, client, .. } = *change;
        let (request, call) = match operation {
            Operation::Delegate => (Request::delegate(agent, client), Call::Delegate),
            Operation::Remove => (Request::remove(agent, client), Call::Remove),
        };
        let reply = self.answer(request).await;
        match &reply {
            None => *self.judged(call, None),
            Some(reply) => {
                client_delegation::judge_change(operation, agent, client, &raw(reply), Timestamp::now())
                    .into_answer(Some(reply.status), Timestamp::now(), Duration::ZERO)
            }
        }
    }
}

impl Direct {
    async fn send_through_the_second(&self, change: &ClientChange) -> Answer {
        let query = [("from", change.client.to_string()), ("to", change.agent.to_string())];
        let (request, call) = match change.operation {
            Operation::Delegate => {
                let packages = change.packages.as_ref().unwrap();
                let values: Vec<Value> = packages
                    .roles()
                    .map(|(role, packages)| json!({ "role": role, "packages": packages }))
                    .collect();
                let mut request = self.administration(Method::Post, "/agents/accesspackages", &query);
                request.body = json!({ "values": values }).to_string().into_bytes();
                (request, Call::Delegate)
            }
            Operation::Remove => {
                let [from, to] = query;
                let query = [from, to, ("cascade", "true".to_owned())];
                (self.administration(Method::Delete, "/agents/clients", &query), Call::Remove)
            }
        };
        let Some(reply) = self.answer(request).await else { return *self.judged(call, None) };
        let judged = administration::judge_change(change, &raw(&reply), Timestamp::now());
        judged.into_answer(Some(reply.status), Timestamp::now(), Duration::ZERO)
    }
}

/// A line of the second API's lists.
fn listed_with_packages(line: &Value) -> ListedClient {
    let number = line["client"]["organizationIdentifier"].as_str();
    let mut packages = Packages::default();
    for access in line["access"].as_array().unwrap() {
        for package in access["packages"].as_array().unwrap() {
            packages.add(access["role"]["urn"].as_str().unwrap(), package["urn"].as_str().unwrap());
        }
    }
    ListedClient {
        id: line["client"]["id"].as_str().unwrap().parse().unwrap(),
        number: number.and_then(|number| OrganisationNumber::parse(number).ok()),
        name: String::new(),
        packages: Some(Arc::new(packages)),
    }
}

/// One client of a world that is made up.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is drawn by itself")]
struct Made {
    on_old: bool,
    on_new: bool,
    available: bool,
    two_relations: bool,
    refuses: bool,
    named: bool,
    removes: bool,
}

fn any_client() -> impl Strategy<Value = Made> {
    (
        any::<bool>(),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.9),
        any::<bool>(),
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.7),
        any::<bool>(),
    )
        .prop_map(|(on_old, on_new, available, two_relations, refuses, named, removes)| Made {
            on_old,
            on_new,
            available,
            two_relations,
            refuses,
            named,
            removes,
        })
}

fn any_clients() -> impl Strategy<Value = Vec<Made>> {
    prop::collection::vec(any_client(), ORGANISATIONS)
}

/// Where each client is: on which agents.
type Places = BTreeMap<ClientId, (bool, bool)>;

struct Bench {
    folder: tempfile::TempDir,
    api: Arc<Direct>,
    clients: Vec<Made>,
    ids: Vec<(ClientId, OrganisationNumber)>,
    persons: Vec<ClientId>,
    /// Whether the next engine goes through the second API, and those after it in turn.
    doors: Mutex<Vec<bool>>,
}

impl Bench {
    fn new(clients: Vec<Made>, seed: u64, faults: f64) -> Self {
        let mut world = World::with_clients(ORGANISATIONS, seed);
        world.add_agent(SandboxAgent::new(NEW, facilitator(), &[PACKAGE]));
        let ids: Vec<_> = world.clients().iter().map(|client| (client.id, client.number.unwrap())).collect();
        for (made, (id, _)) in clients.iter().zip(&ids) {
            let client = world.client_mut(*id).unwrap();
            client.available = made.available;
            client.relations = if made.two_relations { 2 } else { 1 };
            if made.refuses {
                client.quirk = Some(Quirk::RefusesDelegation(Refusal::PackageMissing));
            }
            let relations = client.relations;
            for (agent, is_on) in [(OLD, made.on_old), (NEW, made.on_new)] {
                if is_on {
                    world.set_delegated(agent, *id, relations);
                }
            }
        }
        let persons: Vec<_> =
            (0..PERSONS).map(|place| ClientId(Uuid::from_u128(0xbeef_0000 + place as u128))).collect();
        for person in &persons {
            world.add_client(SandboxClient::person(*person, facilitator(), "P", packages(&[PACKAGE])));
            world.set_delegated(OLD, *person, 1);
        }
        *world.faults_mut() = Faults::passing(seed, faults);
        let api = Direct {
            world: SharedWorld::new(world),
            watch: Mutex::new(None),
            second: AtomicBool::new(false),
        };
        let doors = Mutex::new(vec![false]);
        Self { folder: tempfile::tempdir().unwrap(), api: Arc::new(api), clients, ids, persons, doors }
    }

    /// The same where each engine goes through the door whose turn it is: what one began another goes on with.
    fn through(self, doors: Vec<bool>) -> Self {
        *self.doors.lock().unwrap() = doors;
        self
    }

    /// Every client's rows on both agents, role by role.
    fn rows(&self) -> Vec<BTreeMap<String, BTreeSet<String>>> {
        let world = self.api.world.lock();
        let all = world.clients().iter().flat_map(|client| [OLD, NEW].map(|agent| (agent, client.id)));
        all.map(|(agent, client)| world.delegated_rows(agent, client)).collect()
    }

    fn ledger(&self) -> Ledger {
        postgres::ledger(self.folder.path())
    }

    fn places(&self) -> Places {
        let world = self.api.world.lock();
        let (old, new) = (world.delegated(OLD), world.delegated(NEW));
        world
            .clients()
            .iter()
            .map(|client| (client.id, (old.contains(&client.id), new.contains(&client.id))))
            .collect()
    }

    fn watch(&self, watch: impl Fn(&World) + Send + Sync + 'static) {
        *self.api.watch.lock().unwrap() = Some(Box::new(watch));
    }

    /// An engine, and what asks it to stop after so many milliseconds.
    fn engine(&self, stop_after_ms: Option<u64>) -> Engine<Direct> {
        let (interrupter, interrupt) = Interrupter::new();
        let (events, _) = mpsc::unbounded_channel();
        {
            let mut doors = self.doors.lock().unwrap();
            doors.rotate_left(1);
            self.api.second.store(doors[0], Ordering::Relaxed);
        }
        tokio::spawn(async move {
            sleep(Duration::from_millis(stop_after_ms.unwrap_or(1 << 40))).await;
            interrupter.interrupt();
        });
        let settings = Settings {
            pace: Pace { rate: Rate::per_second(40), in_flight: 5, ..Pace::default() },
            facilitator: facilitator(),
            environment: "sandbox".to_owned(),
            patience: None,
            persistent: true,
        };
        Engine::new(Arc::clone(&self.api), self.ledger(), settings, events, interrupt)
    }

    /// The manifest's rows.
    fn entries(&self, kind: JobKind) -> Vec<PlanEntry> {
        let named = self.clients.iter().zip(&self.ids).filter(|(made, _)| made.named);
        named
            .enumerate()
            .map(|(index, (made, (_, number)))| {
                let action = if made.removes { Action::Remove } else { Action::Delegate };
                PlanEntry::Row(ManifestRow {
                    line: index as u64 + 2,
                    number: *number,
                    action: (kind == JobKind::Manifest).then_some(action),
                    agent: None,
                    name: None,
                    cells: vec![number.to_string()],
                })
            })
            .collect()
    }

    /// Plans as `run` does. Answers the counts, and the run unless the guard refuses it.
    async fn plan(
        &self,
        kind: JobKind,
        entries: Vec<PlanEntry>,
        guard: Guard,
    ) -> (PlanCounts, Option<RunId>) {
        let engine = self.engine(None);
        let migrates = kind == JobKind::Migrate;
        let (own, old) = if migrates { (NEW, Some(OLD)) } else { (OLD, None) };
        let source = source_of(entries);
        let request = PlanRequest {
            from_agent: old.map(AgentRef::Id),
            guard: Some(guard),
            ..request(kind, own, source)
        };
        let plan = engine.plan(request).await.unwrap();
        let (counts, is_refused) = (plan.counts, plan.counts.refused.is_some());
        match engine.begin(plan, Wording::NOTHING).await {
            Ok(Run { id, .. }) => (counts, Some(id)),
            Err(PlanError::Refused(_)) if is_refused => (counts, None),
            Err(error) => panic!("{error}"),
        }
    }

    /// Plans the opposite of a run, as `undo` does. None when there is nothing to undo.
    async fn plan_undo(&self, of: RunId, kind: JobKind) -> Option<RunId> {
        let engine = self.engine(None);
        let own = if kind == JobKind::Migrate { NEW } else { OLD };
        match engine.plan(request(kind, own, Source::OppositesOf(of))).await {
            Ok(plan) => Some(engine.begin(plan, Wording::NOTHING).await.unwrap().id),
            Err(PlanError::Nothing(_)) => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// Executes a run, with these interruptions and a resume after each; to its end unless `give_up`.
    async fn execute(&self, run: &RunId, interrupts_ms: &[u64], give_up: bool) {
        let mut stops = interrupts_ms.iter().copied();
        loop {
            let engine = self.engine(stops.next());
            let Ok(resumed) = engine.resume(run, &Wording::NOTHING).await else {
                continue;
            };
            let end = engine.execute(&resumed.run).await.unwrap();
            let totals = self.ledger().counted_totals(run).unwrap();
            match end {
                RunEnd::Completed => {
                    assert_eq!(totals.pending, 0);
                    return;
                }
                RunEnd::Interrupted if give_up && stops.len() == 0 => return,
                RunEnd::Interrupted => {}
                RunEnd::Halted(halted) => panic!("{halted:?}"),
            }
        }
    }
}

fn source_of(entries: Vec<PlanEntry>) -> Source {
    Source::Manifest(Box::new(move || {
        let entries = entries.clone();
        let read: ReadRows = Box::new(move |take| {
            take(&entries)?;
            Ok(RowsRead { rows: entries.len() as u64, ..RowsRead::default() })
        });
        read
    }))
}

fn request(kind: JobKind, own: AgentId, source: Source) -> PlanRequest {
    PlanRequest {
        kind,
        source,
        agent: AgentRef::Id(own),
        from_agent: None,
        guard: None,
        other_rows: Vec::new(),
        job: JobFacts { name: "test".to_owned(), ..JobFacts::default() },
        supersedes: Vec::new(),
    }
}

fn in_virtual_time<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

const NO_GUARD: Guard = Guard {
    removals: Some(Limit::Percent(100.0)),
    additions: None,
    manifest_age: None,
    manifest_rest: Duration::ZERO,
    once: Once { removals: None, additions: None, other_names: None },
};

/// Which door each engine goes through, in turn: `true` for the second API.
fn any_doors() -> impl Strategy<Value = Vec<bool>> {
    prop::collection::vec(any::<bool>(), 1..4)
}

fn any_interrupts() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(100u64..2500, 0..3)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_reconcile_ends_in_exactly_the_manifest_and_the_private_persons(
        clients in any_clients(),
        seed in 0u64..1000,
        faults in 0.0f64..0.2,
        interrupts in any_interrupts(),
        doors in any_doors(),
    ) {
        // An empty manifest never gets so far.
        prop_assume!(clients.iter().any(|made| made.named));
        in_virtual_time(async {
            let bench = Bench::new(clients, seed, faults).through(doors);
            let run = bench.plan(JobKind::Reconcile, bench.entries(JobKind::Reconcile), NO_GUARD).await.1.unwrap();
            bench.execute(&run, &interrupts, false).await;
            let now = bench.places();
            for (made, (id, _)) in bench.clients.iter().zip(&bench.ids) {
                let may_be_delegated = made.available && !made.refuses;
                let wanted = made.named && (made.on_old || may_be_delegated);
                assert_eq!(now[id].0, wanted, "{made:?}");
                assert_eq!(now[id].1, made.on_new, "another agent's clients are nobody's business");
            }
            assert!(bench.persons.iter().all(|person| now[person].0), "private persons stay");
            let (again, _) = bench.plan(JobKind::Reconcile, bench.entries(JobKind::Reconcile), NO_GUARD).await;
            let sent_again = again.operations;
            let refused = bench.clients.iter().filter(|made| made.named && !made.on_old && made.available && made.refuses);
            assert_eq!(sent_again, refused.count() as u64, "a second run sends only for whom Altinn refuses");
        });
    }

    #[test]
    fn nothing_is_ever_removed_beyond_the_guard_and_a_refused_plan_is_no_run(
        clients in any_clients(),
        seed in 0u64..1000,
        share in 0.0f64..100.0,
        allowed in 0u64..6,
        by_count in any::<bool>(),
        with_a_bad_row in prop::bool::weighted(0.2),
    ) {
        in_virtual_time(async {
            let bench = Bench::new(clients, seed, 0.0);
            let before = bench.places();
            let removals = if by_count { Limit::Count(allowed) } else { Limit::Percent(share) };
            let mut entries = bench.entries(JobKind::Reconcile);
            if with_a_bad_row {
                entries.push(PlanEntry::Rejected { line: 99, problem: Wording::heard("bad"), cells: Vec::new() });
            }
            let (counts, run) = bench.plan(JobKind::Reconcile, entries, Guard { removals: Some(removals), ..NO_GUARD }).await;
            let delegated = bench.clients.iter().filter(|made| made.on_old).count() as f64;
            let limit = if by_count { allowed as f64 } else { delegated * share / 100.0 };
            if let Some(run) = &run {
                bench.execute(run, &[], false).await;
            } else {
                assert!(counts.unnamed as f64 > limit);
            }
            let now = bench.places();
            let removed = before.iter().filter(|(id, (on_old, _))| *on_old && !now[*id].0).count();
            assert!(removed as f64 <= limit + 1e-9, "{removed} of {delegated}, allowed {limit}");
            assert!(!with_a_bad_row || removed == 0, "a row that cannot be read may mean anybody");
        });
    }

    #[test]
    fn a_migration_never_leaves_a_client_on_neither_agent_and_moves_everybody_who_can_be(
        clients in any_clients(),
        seed in 0u64..1000,
        faults in 0.0f64..0.2,
        interrupts in any_interrupts(),
        doors in any_doors(),
    ) {
        in_virtual_time(async {
            let bench = Bench::new(clients, seed, faults).through(doors);
            let before = bench.places();
            let had: BTreeSet<ClientId> =
                before.iter().filter(|(_, (old, new))| *old || *new).map(|(id, _)| *id).collect();
            bench.watch(move |world| {
                let (old, new) = (world.delegated(OLD), world.delegated(NEW));
                for id in &had {
                    assert!(old.contains(id) || new.contains(id), "{id} is on neither agent");
                }
            });
            let run = bench.plan(JobKind::Migrate, bench.entries(JobKind::Migrate), NO_GUARD).await.1.unwrap();
            bench.execute(&run, &interrupts, false).await;
            let now = bench.places();
            for (made, (id, _)) in bench.clients.iter().zip(&bench.ids) {
                let moves = made.named && made.on_old && (made.on_new || (made.available && !made.refuses));
                let wanted = if moves { (false, true) } else { (made.on_old, made.on_new) };
                assert_eq!(now[id], wanted, "{made:?}");
            }
        });
    }

    #[test]
    fn undoing_any_run_gives_the_world_back_whether_or_not_it_came_to_its_end(
        clients in any_clients(),
        seed in 0u64..1000,
        faults in 0.0f64..0.2,
        interrupts in any_interrupts(),
        give_up in any::<bool>(),
        kind in prop::sample::select(vec![
            JobKind::Delegate, JobKind::Remove, JobKind::Manifest, JobKind::Reconcile, JobKind::Migrate,
        ]),
        undo_interrupts in any_interrupts(),
        doors in any_doors(),
    ) {
        // Who is no longer available or is refused cannot be given back.
        let clients: Vec<Made> =
            clients.into_iter().map(|made| Made { available: true, refuses: false, ..made }).collect();
        in_virtual_time(async {
            let bench = Bench::new(clients, seed, faults).through(doors);
            let before = bench.places();
            let had: BTreeSet<ClientId> =
                before.iter().filter(|(_, (old, new))| *old || *new).map(|(id, _)| *id).collect();
            let run = bench.plan(kind, bench.entries(kind), NO_GUARD).await.1.unwrap();
            bench.execute(&run, &interrupts, give_up).await;
            let between = bench.places();
            if kind == JobKind::Migrate {
                bench.watch(move |world| {
                    let (old, new) = (world.delegated(OLD), world.delegated(NEW));
                    assert!(had.iter().all(|id| old.contains(id) || new.contains(id)));
                });
            }
            let Some(undo) = bench.plan_undo(run, kind).await else {
                assert_eq!(between, before, "nothing to undo");
                return;
            };
            bench.execute(&undo, &undo_interrupts, false).await;
            assert_eq!(bench.places(), before, "undone");
            // An undo can itself be undone.
            let Some(redo) = bench.plan_undo(undo, kind).await else {
                assert_eq!(between, before, "the undo has changed nothing");
                return;
            };
            bench.execute(&redo, &[], false).await;
            assert_eq!(bench.places(), between, "the undo is undone");
        });
    }

    #[test]
    fn whichever_door_a_run_goes_through_and_however_it_is_interrupted_the_same_rows_are_left(
        clients in any_clients(),
        seed in 0u64..1000,
        faults in 0.0f64..0.2,
        interrupts in any_interrupts(),
        doors in any_doors(),
        kind in prop::sample::select(vec![
            JobKind::Delegate, JobKind::Remove, JobKind::Manifest, JobKind::Reconcile, JobKind::Migrate,
        ]),
    ) {
        prop_assume!(clients.iter().any(|made| made.named));
        in_virtual_time(async {
            let mut left = Vec::new();
            for doors in [vec![false], vec![true], doors] {
                let bench = Bench::new(clients.clone(), seed, faults).through(doors);
                let run = bench.plan(kind, bench.entries(kind), NO_GUARD).await.1.unwrap();
                bench.execute(&run, &interrupts, false).await;
                left.push(bench.rows());
            }
            assert!(left.iter().all(|rows| *rows == left[0]), "{left:?}");
        });
    }
}

#[test]
fn who_is_taken_off_the_new_agent_after_the_plan_is_given_to_it_again_before_leaving_the_old_one() {
    let on_both = Made {
        on_old: true,
        on_new: true,
        available: true,
        two_relations: true,
        refuses: false,
        named: true,
        removes: false,
    };
    in_virtual_time(async {
        let bench = Bench::new(vec![on_both; ORGANISATIONS], 1, 0.0);
        let run = bench.plan(JobKind::Migrate, bench.entries(JobKind::Migrate), NO_GUARD).await.1.unwrap();
        let ids: Vec<ClientId> = bench.ids.iter().map(|(id, _)| *id).collect();
        for id in &ids {
            bench.api.world.lock().set_delegated(NEW, *id, 0);
        }
        let watched = ids.clone();
        bench.watch(move |world| {
            let (old, new) = (world.delegated(OLD), world.delegated(NEW));
            assert!(watched.iter().all(|id| old.contains(id) || new.contains(id)));
        });
        bench.execute(&run, &[], false).await;
        let now = bench.places();
        assert!(ids.iter().all(|id| now[id] == (false, true)), "{now:?}");
    });
}

/// One step of a history: a run of one of two jobs on the same agent, perhaps interrupted; a resume of an earlier run; an
/// undo of one.
#[derive(Debug, Clone)]
enum Step {
    Run { job: usize, kind: JobKind, named: Vec<bool>, resumes_previous: bool, stop_after_ms: Option<u64> },
    Resume { which: usize, stop_after_ms: Option<u64> },
    Undo { which: usize, stop_after_ms: Option<u64> },
}

fn any_step() -> impl Strategy<Value = Step> {
    // Planning takes about 200 ms, sending fourteen clients about 350.
    let stop = || prop::option::weighted(0.5, 200u64..600);
    let kind = prop::sample::select(vec![JobKind::Delegate, JobKind::Remove, JobKind::Reconcile]);
    let named = prop::collection::vec(any::<bool>(), ORGANISATIONS);
    prop_oneof![
        4 => (0..2usize, kind, named, any::<bool>(), stop()).prop_map(
            |(job, kind, named, resumes_previous, stop_after_ms)| Step::Run {
                job, kind, named, resumes_previous, stop_after_ms,
            }
        ),
        2 => (any::<usize>(), stop()).prop_map(|(which, stop_after_ms)| Step::Resume { which, stop_after_ms }),
        1 => (any::<usize>(), stop()).prop_map(|(which, stop_after_ms)| Step::Undo { which, stop_after_ms }),
    ]
}

/// A run of a history: what its plan wanted for each client, and whether it has come to its end.
struct Begun {
    id: RunId,
    wants: BTreeMap<ClientId, bool>,
    completed: bool,
}

/// What has happened so far. Runs stand in the order in which they began.
struct History {
    bench: Bench,
    runs: Vec<Begun>,
}

impl History {
    async fn step(&mut self, step: &Step) {
        match step {
            Step::Run { job, kind, named, resumes_previous, stop_after_ms } => {
                self.run(*job, *kind, named, *resumes_previous, *stop_after_ms).await;
            }
            Step::Resume { which, stop_after_ms } if self.runs.iter().any(|run| !run.completed) => {
                let unfinished = self.runs.iter().enumerate().filter(|(_, run)| !run.completed);
                let unfinished: Vec<usize> = unfinished.map(|(place, _)| place).collect();
                let which = unfinished[which % unfinished.len()];
                let engine = self.bench.engine(*stop_after_ms);
                match engine.resume(&self.runs[which].id, &Wording::NOTHING).await {
                    Ok(resumed) => self.execute(engine, resumed.run, which).await,
                    Err(PlanError::HasEnded(..) | PlanError::Undone { .. } | PlanError::Engine(_)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            Step::Undo { which, stop_after_ms } if !self.runs.is_empty() => {
                let of = self.runs[which % self.runs.len()].id.clone();
                let request = request(JobKind::Manifest, OLD, Source::OppositesOf(of));
                self.plan_and_execute(request, *stop_after_ms).await;
            }
            Step::Resume { .. } | Step::Undo { .. } => {}
        }
        self.check(step);
    }

    async fn run(
        &mut self,
        job: usize,
        kind: JobKind,
        named: &[bool],
        resumes_previous: bool,
        stop_after_ms: Option<u64>,
    ) {
        // An empty manifest never gets so far.
        if named.iter().all(|named| !named) {
            return;
        }
        for (made, named) in self.bench.clients.iter_mut().zip(named) {
            made.named = *named;
        }
        let job = JobFacts { name: ["one", "other"][job].to_owned(), ..JobFacts::default() };
        let supersedes = if resumes_previous {
            let engine = self.bench.engine(None);
            let previous = engine.previous(&job.name, &AgentRef::Id(OLD), None).await.unwrap();
            if let Some(undo) = previous.finish {
                let which = self.runs.iter().position(|run| run.id == undo.id).unwrap();
                let resumed = engine.resume(&undo.id, &Wording::NOTHING).await.unwrap();
                self.execute(engine, resumed.run, which).await;
            }
            previous.supersede.into_iter().map(|run| run.id).collect()
        } else {
            Vec::new()
        };
        let source = source_of(self.bench.entries(kind));
        let request = PlanRequest { job, supersedes, ..request(kind, OLD, source) };
        self.plan_and_execute(request, stop_after_ms).await;
    }

    async fn plan_and_execute(&mut self, request: PlanRequest, stop_after_ms: Option<u64>) {
        let engine = self.bench.engine(stop_after_ms);
        let plan = match engine.plan(request).await {
            Ok(plan) => plan,
            Err(PlanError::Nothing(_) | PlanError::Engine(_)) => return,
            Err(error) => panic!("{error}"),
        };
        let wants = engine
            .each_planned(true, BTreeMap::new(), |wants, client| {
                let settles = matches!(client.state, ClientState::Pending | ClientState::Unchanged);
                let id = client.client.as_deref().and_then(|id| id.parse().ok());
                if let (true, Some(id), Some(operation)) = (settles, id, client.operation) {
                    wants.insert(id, operation == Operation::Delegate);
                }
            })
            .await
            .unwrap();
        let run = engine.begin(plan, Wording::NOTHING).await.unwrap();
        self.runs.push(Begun { id: run.id.clone(), wants, completed: false });
        self.execute(engine, run, self.runs.len() - 1).await;
    }

    async fn execute(&mut self, engine: Engine<Direct>, run: Run, which: usize) {
        let end = engine.execute(&run).await.unwrap();
        self.runs[which].completed = matches!(end, RunEnd::Completed);
    }

    /// Every client is as the newest completed run wanted it that has named it, unless a newer one that has not come to
    /// its end has named it too.
    fn check(&self, step: &Step) {
        let now = self.bench.places();
        for (id, _) in &self.bench.ids {
            let newest = self.runs.iter().rev().find_map(|run| Some((run, *run.wants.get(id)?)));
            let Some((run, wanted)) = newest.filter(|(run, _)| run.completed) else { continue };
            assert_eq!(now[id].0, wanted, "{id} after {step:?}: run {} wanted it so", run.id);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn after_any_sequence_of_runs_kills_resumes_and_undos_the_newest_completed_plan_is_what_holds(
        on_old in prop::collection::vec(any::<bool>(), ORGANISATIONS),
        steps in prop::collection::vec(any_step(), 2..9),
    ) {
        let clients = on_old.into_iter().map(|on_old| Made {
            on_old, on_new: false, available: true, two_relations: false, refuses: false, named: true, removes: false,
        });
        in_virtual_time(async {
            let mut history = History { bench: Bench::new(clients.collect(), 1, 0.0), runs: Vec::new() };
            for step in &steps {
                history.step(step).await;
            }
        });
    }
}
