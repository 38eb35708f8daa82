//! `fullmakt sandbox`.

use std::{
    collections::HashSet,
    fmt,
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use serde::Serialize;

use super::super::{
    Context,
    exit::{Exit, Failure},
    signals,
};
use crate::{
    model::OrganisationNumber,
    sandbox::{
        ADMINISTRATION_PATH, BASE_PATH, CLIENT_ID, CLIENT_KEY, DEFAULT_FAULT_SHARE, DEFAULT_SEED,
        DEFAULT_SMALL_FIRMS, ONBOARDING_AGENT, Options, RequestStatus, SANDBOX_TOKEN, Server, Store, World,
        facilitator, small_firm,
    },
    words::{say, text},
};

/// Where `fullmakt sandbox` serves when nobody says otherwise.
const DEFAULT_PORT: u16 = 5150;

/// The origin there.
pub(crate) fn served_at() -> String {
    format!("http://127.0.0.1:{DEFAULT_PORT}")
}

/// Serve the sandbox on a loopback port
///
/// The sandbox imitates both of Altinn's APIs for client delegation. Jobs with `environment = "sandbox"` use the same world without
/// this command; it is for looking at the API with curl, and for trying another program against it.
#[derive(Debug, Args)]
pub(crate) struct SandboxArgs {
    /// The port; 0 takes a free one
    #[arg(long, default_value_t = DEFAULT_PORT)]
    port: u16,
    /// Decides which requests fail in passing
    #[arg(long, default_value_t = DEFAULT_SEED)]
    seed: u64,
    /// Share of requests that fail in passing
    #[arg(long, default_value = "3%", value_parser = share)]
    faults: f64,
    /// How long an answer takes, such as 30ms
    #[arg(long, default_value = "30ms", value_parser = latency)]
    latency: Duration,
    /// How much longer the first API takes for every client of the firm, such as 100us
    #[arg(long, default_value = "0s", value_parser = latency)]
    latency_per_client: Duration,
    /// How many small firms there are beside the big one
    #[arg(long, default_value_t = DEFAULT_SMALL_FIRMS, value_parser = small_firms)]
    firms: usize,
    /// Put the world back to what it was at first, and end
    #[arg(long)]
    reset: bool,
    /// Approve a firm's requests for system users, as its people would, or those of all; and end
    #[arg(long, value_name = "ORG|all", value_parser = whose)]
    approve: Vec<Whose>,
    /// Reject them, and end
    #[arg(long, value_name = "ORG|all", value_parser = whose)]
    reject: Vec<Whose>,
    /// Deny them, and end
    #[arg(long, value_name = "ORG|all", value_parser = whose)]
    deny: Vec<Whose>,
    /// Let half a year go by for them, and end
    #[arg(long, value_name = "ORG|all", value_parser = whose)]
    time_out: Vec<Whose>,
}

/// Whose requests are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    All,
    Firm(OrganisationNumber),
}

fn whose(text: &str) -> Result<Whose, String> {
    if text == "all" {
        return Ok(Whose::All);
    }
    OrganisationNumber::parse(text).map(Whose::Firm).map_err(|error| error.to_string())
}

impl SandboxArgs {
    /// Who is answered how; `None` is half a year.
    fn answers(&self) -> Vec<(Whose, Option<RequestStatus>)> {
        let each = |whose: &[Whose], answer: Option<RequestStatus>| -> Vec<_> {
            whose.iter().map(|whose| (*whose, answer)).collect()
        };
        let mut answers = [
            each(&self.approve, Some(RequestStatus::Accepted)),
            each(&self.reject, Some(RequestStatus::Rejected)),
            each(&self.deny, Some(RequestStatus::Denied)),
            each(&self.time_out, None),
        ]
        .concat();
        // All are those that are not named.
        answers.sort_by_key(|(whose, _)| *whose == Whose::All);
        answers
    }
}

/// Answers requests as people of the firms would. A sandbox that is served meanwhile from the same state folder knows it
/// at its next request.
fn answer_requests(
    args: &SandboxArgs,
    answers: &[(Whose, Option<RequestStatus>)],
    mut store: Store,
    context: &Context,
) -> Result<Exit, Failure> {
    let fault = |error| Failure::new(Exit::Fault, error);
    let mut world = World::with_small_firms(args.seed, 0.0, args.firms);
    store.catch_up(&mut world).map_err(fault)?;
    let mut answered = 0_u64;
    for (whose, answer) in answers {
        for (id, firm) in world.open_requests() {
            if *whose != Whose::All && *whose != Whose::Firm(firm) {
                continue;
            }
            match answer {
                Some(answer) => drop(world.answer_request(id, *answer)),
                None => world.let_request_time_out(id),
            }
            answered += 1;
        }
    }
    store.record(&world).map_err(fault)?;
    let said = say!("request-sandbox-answered", answered = answered).to_string();
    context.output.answer(format!("{said}\n"), &serde_json::json!({ "answered": answered }));
    Ok(Exit::Done)
}

fn share(text: &str) -> Result<f64, String> {
    text.strip_suffix('%')
        .and_then(|share| share.trim().parse::<f64>().ok())
        .filter(|share| (0.0..=100.0).contains(share))
        .map(|share| share / 100.0)
        .ok_or_else(|| text!("cli-give-a-share-such-as-3").to_owned())
}

/// More would only take memory.
const MOST_FIRMS: usize = 10_000;

fn small_firms(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| *count <= MOST_FIRMS);
    count.ok_or_else(|| say!("cli-give-a-number-from-0-to", most = MOST_FIRMS).to_string())
}

fn latency(text: &str) -> Result<Duration, String> {
    text.parse::<jiff::SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| *duration <= Duration::from_mins(1))
        .ok_or_else(|| text!("cli-give-a-duration-such-as-30ms-up-to-a-minute").to_owned())
}

/// The sandbox for jobs with `environment = "sandbox"`: in this process, on a free port, its world in the state folder. It
/// has as many small firms as these jobs are for.
pub(crate) async fn in_process(
    firms: &HashSet<OrganisationNumber>,
    context: &Context,
) -> Result<Server, Failure> {
    let last = (DEFAULT_SMALL_FIRMS..MOST_FIRMS).rev().find(|place| firms.contains(&small_firm(*place)));
    let count = last.map_or(DEFAULT_SMALL_FIRMS, |place| place + 1);
    let mut world = World::with_small_firms(DEFAULT_SEED, DEFAULT_FAULT_SHARE, count);
    // This one ends with its command; the link is opened later, while `fullmakt sandbox` serves.
    world.answer_requests_at(served_at());
    let options = Options { store: Some(store(context)?), ..Options::default() };
    Server::start(world, options)
        .await
        .map_err(|error| Failure::new(Exit::Fault, say!("cli-the-sandbox-cannot-be-started", error = error)))
}

pub(crate) async fn sandbox(args: SandboxArgs, context: &Context) -> Result<Exit, Failure> {
    let mut store = store(context)?;
    if args.reset {
        store.reset().map_err(|error| Failure::new(Exit::Fault, error))?;
        context.output.say(format!("{}\n", text!("cli-the-sandbox-is-as-it-was-at-first")));
        return Ok(Exit::Done);
    }
    let answers = args.answers();
    if !answers.is_empty() {
        return answer_requests(&args, &answers, store, context);
    }
    let interrupt = signals::listen(context.output, text!("cli-the-sandbox-ends"));
    let world = World::with_small_firms(args.seed, args.faults, args.firms);
    let options = Options {
        port: args.port,
        latency: args.latency,
        latency_per_client: args.latency_per_client,
        store: Some(store),
    };
    let server = Server::start(world, options).await.map_err(|error| {
        Failure::new(
            Exit::Fault,
            say!("cli-the-sandbox-cannot-be-served-on-port", port = args.port, error = error),
        )
        .hint(say!("cli-choose-another-with-port-or-0-for-any-that-is"))
    })?;
    let key_file = write_client_key(context)?;
    let served = Served::of(&server, &key_file);
    context.output.answer(&served, &served);
    interrupt.requested().await;
    server.shutdown().await;
    Ok(Exit::Done)
}

fn store(context: &Context) -> Result<Store, Failure> {
    let state = context.state()?;
    let folder = state.path().join("sandbox");
    state.private_folder("sandbox").map_err(|error| {
        Failure::new(Exit::Fault, say!("cli-cannot-be-made", folder = folder.display(), error = error))
    })?;
    Store::open(&folder).map_err(|error| Failure::new(Exit::Fault, error))
}

/// The key of the sandbox's client, where a job file can name it.
fn write_client_key(context: &Context) -> Result<PathBuf, Failure> {
    let folder = context.state()?.path().join("sandbox");
    let path = folder.join("client-key.jwk");
    let written = tempfile::NamedTempFile::new_in(&folder).and_then(|mut file| {
        file.write_all(CLIENT_KEY.as_bytes())?;
        file.persist(&path).map_err(|error| error.error)
    });
    match written {
        Ok(_) => Ok(path),
        Err(error) => Err(Failure::new(
            Exit::Fault,
            say!("cli-cannot-be-written", file = path.display(), error = error),
        )),
    }
}

/// What is said when the sandbox is up.
#[derive(Serialize)]
struct Served {
    origin: String,
    token: &'static str,
    facilitator: String,
    /// The facilitator's party UUID, for the second API.
    party: String,
    agent: String,
    clients: u64,
    /// Every firm, the big one among them.
    firms: Vec<String>,
    client_id: &'static str,
    key_file: String,
    token_endpoint: String,
    issuer: String,
}

impl Served {
    fn of(server: &Server, key_file: &Path) -> Self {
        let world = server.world();
        let world = world.lock();
        Self {
            client_id: CLIENT_ID,
            key_file: key_file.display().to_string(),
            token_endpoint: server.token_endpoint().0.to_string(),
            issuer: server.issuer(),
            origin: server.origin().origin().ascii_serialization(),
            token: SANDBOX_TOKEN,
            facilitator: facilitator().to_string(),
            agent: ONBOARDING_AGENT.to_string(),
            clients: world.client_count(facilitator()) as u64,
            party: world.party(facilitator()).to_string(),
            firms: world.facilitators().map(|firm| firm.to_string()).collect(),
        }
    }
}

impl fmt::Display for Served {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, token, facilitator, party, agent, clients, firms, .. } = self;
        let Self { client_id, key_file, token_endpoint, issuer, .. } = self;
        writeln!(
            out,
            "{}",
            say!(
                "cli-the-sandbox-answers-on-until-ctrl-c-with",
                origin = origin,
                clients = clients,
                facilitator = facilitator
            )
        )?;
        writeln!(out, "{}", text!("cli-try"))?;
        let path = BASE_PATH;
        writeln!(
            out,
            "  curl -H 'Authorization: Bearer {token}' '{origin}{path}/agents?party={facilitator}'"
        )?;
        writeln!(out, "  curl -H 'Authorization: Bearer {token}' '{origin}{path}/clients?agent={agent}'")?;
        writeln!(
            out,
            "  curl -H 'Authorization: Bearer {token}' '{origin}{ADMINISTRATION_PATH}/clients?party={party}'"
        )?;
        let others: Vec<&str> = firms.iter().map(String::as_str).filter(|firm| firm != facilitator).collect();
        if !others.is_empty() {
            let first: Vec<&str> = others.iter().copied().take(5).collect();
            let more = if others.len() > first.len() { " …" } else { "" };
            writeln!(
                out,
                "{}",
                say!(
                    "cli-there-are-smaller-firms-as-well",
                    firms = others.len(),
                    first = first.join(", "),
                    more = more
                )
            )?;
        }
        writeln!(
            out,
            "{}",
            say!("cli-in-a-job-file-with-environment-either-of", origin = format!("{:?}", origin))
        )?;
        for (method, endpoint) in [
            ("maskinporten", format!("token_endpoint = {token_endpoint:?}")),
            ("id-porten", format!("issuer = {issuer:?}")),
        ] {
            writeln!(out, "\n  [auth]\n  method = {method:?}\n  client_id = {client_id:?}")?;
            writeln!(out, "  key_file = {key_file:?}\n  {endpoint}")?;
        }
        Ok(())
    }
}
