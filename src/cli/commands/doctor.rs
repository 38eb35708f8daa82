//! `fullmakt doctor`.

use std::{fmt, io::Write, path::PathBuf, time::Duration};

use clap::Args;
use serde::Serialize;

use super::super::{
    Context,
    exit::{Exit, Failure},
    job::JobFile,
    place::Place,
    rows::clients_listed,
    which::live_status,
    whoami::DoorsView,
};
use crate::{
    altinn::{Client, NotReached, TokenSource, reach},
    clock,
    engine::{Engine, Interrupter, PlanAgents, Settings},
    ledger::RunRecord,
    model::{Agent, Pace, RunStatus, mixed, short},
    report::{Summary, approximately, count, date_time},
    words::{say, text},
};

/// A clock may be so far from Altinn's: sign-ins are refused long before certificates are.
const MOST_SKEW: Duration = Duration::from_secs(30);
/// Room that a run of a hundred thousand clients takes, reports included.
const ROOM_BYTES: usize = 64 << 20;

/// Check everything that a run needs, one line each, and say what to do
///
/// Sends only questions, and changes nothing. The exit code is that of the worst line: 0 all is well, 2 the job or its list, 3 the
/// network, the sign-in or Altinn, 4 another run holds the system user, 5 this machine.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// The job file
    job: PathBuf,
}

/// What was looked at, in the order in which one thing needs the other.
#[derive(Serialize)]
struct Doctor {
    checks: Vec<Check>,
    well: bool,
}

/// One line.
#[derive(Serialize)]
struct Check {
    check: &'static str,
    #[serde(skip)]
    title: &'static str,
    /// `well`, `ill`, `warning`, or `unknown` where something before it has to be mended first.
    state: State,
    message: String,
    what_to_do: Vec<String>,
    #[serde(skip)]
    exit: Exit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Well,
    Warning,
    Ill,
    Unknown,
}

pub(crate) async fn doctor(args: DoctorArgs, context: &Context) -> Result<Exit, Failure> {
    let file = JobFile::read(&args.job)?;
    let mut doctor = Doctor { checks: Vec::new(), well: true };
    doctor.at_altinn(&file, context).await?;
    doctor.here(&file, context)?;
    let failing = |check: &&Check| check.state == State::Ill;
    // What comes first keeps the rest from being seen; a fault of this machine comes before all.
    let ill = doctor.checks.iter().filter(failing).map(|check| check.exit);
    let exit = ill.max_by_key(|exit| match exit {
        Exit::Fault => 4,
        Exit::Stopped => 3,
        Exit::Held => 2,
        _ => 1,
    });
    doctor.well = exit.is_none();
    context.output.answer(&doctor, &doctor);
    Ok(exit.unwrap_or(Exit::Done))
}

impl Doctor {
    fn add(&mut self, check: &'static str, title: &'static str, found: Result<String, Failure>) -> bool {
        let is_well = found.is_ok();
        self.checks.push(match found {
            Ok(message) => {
                Check { check, title, state: State::Well, message, what_to_do: Vec::new(), exit: Exit::Done }
            }
            Err(failure) => Check {
                check,
                title,
                state: State::Ill,
                message: failure.message().to_owned(),
                what_to_do: failure.advice().collect(),
                exit: failure.exit,
            },
        });
        is_well
    }

    /// What is no reason not to run, and worth knowing.
    fn warn(&mut self, check: &'static str, title: &'static str, message: String, todo: Vec<String>) {
        let (state, exit) = (State::Warning, Exit::Done);
        self.checks.push(Check { check, title, state, message, what_to_do: todo, exit });
    }

    fn unknown(&mut self, checks: &[(&'static str, &'static str)]) {
        for (check, title) in checks {
            let message = text!("doctor-not-known-yet").to_owned();
            let (state, exit) = (State::Unknown, Exit::Done);
            self.checks.push(Check { check, title, state, message, what_to_do: Vec::new(), exit });
        }
    }

    /// The way to Altinn, and what it says.
    async fn at_altinn(&mut self, file: &JobFile, context: &Context) -> Result<(), Failure> {
        let place = Place::of(file, context).await?;
        self.way(&place, file).await;
        let tokens = match place.tokens().await {
            Ok(tokens) => tokens,
            Err(failure) => {
                self.add("sign_in", text!("doctor-sign-in"), Err(failure));
                self.unknown(&[
                    ("scopes", text!("doctor-scopes")),
                    ("doors", text!("doctor-doors")),
                    ("firm", text!("doctor-firm")),
                    ("agent", text!("doctor-agent")),
                    ("packages", text!("doctor-packages")),
                ]);
                return Ok(());
            }
        };
        self.signed_in(&tokens);
        let doors = DoorsView::asked(file, &place, &tokens, context).await?;
        let way = match doors.way() {
            Ok(way) => Ok(say!("doctor-doors-open", api = way).to_string()),
            Err(why) => {
                let shut = Failure::new(Exit::Stopped, say!("doctor-doors-shut"));
                Err(why.into_iter().filter(|why| !why.is_empty()).fold(shut, Failure::detail))
            }
        };
        self.add("doors", text!("doctor-doors"), way);
        self.agents(file, &place, tokens, context).await
    }

    /// The name, the proxy, the connection, the encryption; and the clock by what came back.
    async fn way(&mut self, place: &Place, file: &JobFile) {
        let origin = place.origin.origin().ascii_serialization();
        let proxy = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
            .into_iter()
            .find(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
        let reached = reach(&place.origin, file.job.pace.timeout.min(Duration::from_secs(20))).await;
        let clock = match reached {
            Ok(date) => {
                let how = match (place.origin.scheme(), proxy) {
                    ("http", _) => text!("doctor-network-loopback").to_owned(),
                    (_, None) => text!("doctor-network-encrypted").to_owned(),
                    (_, Some(name)) => say!("doctor-network-proxy", variable = name).to_string(),
                };
                let said = say!("doctor-network-reached", origin = origin, how = how).to_string();
                self.add("network", text!("doctor-network"), Ok(said));
                date
            }
            Err(NotReached { words, cause }) => {
                let failure = Failure::new(
                    Exit::Stopped,
                    say!("doctor-network-not-reached", origin = origin, why = words),
                );
                let failure = match cause {
                    Some(cause) => failure.hint(cause.hint()),
                    None => failure.hint(say!("doctor-network-again")),
                };
                self.add("network", text!("doctor-network"), Err(failure));
                None
            }
        };
        let Some(theirs) = clock else {
            return self.unknown(&[("clock", text!("doctor-clock"))]);
        };
        let skew = clock::now().duration_since(theirs).unsigned_abs();
        let found = if skew <= MOST_SKEW {
            Ok(text!("doctor-clock-right").to_owned())
        } else {
            let wrong = say!("doctor-clock-wrong", by = approximately(skew), theirs = date_time(theirs));
            Err(Failure::new(Exit::Fault, wrong).hint(say!("doctor-clock-set")))
        };
        self.add("clock", text!("doctor-clock"), found);
    }

    fn signed_in(&mut self, tokens: &TokenSource) {
        let token = tokens.current();
        let claims = token.claims();
        let who = claims.who.clone().unwrap_or_else(|| text!("doctor-somebody").to_owned());
        let said = match claims.expires_at {
            Some(at) => say!(
                "doctor-signed-in-until",
                who = who,
                by = tokens.name(),
                left = approximately(at.duration_since(clock::now()).unsigned_abs())
            )
            .to_string(),
            None => say!("doctor-signed-in", who = who, by = tokens.name()).to_string(),
        };
        self.add("sign_in", text!("doctor-sign-in"), Ok(said));
        let missing = claims.missing_scopes();
        let scopes = match (&claims.scopes, missing.as_slice()) {
            (None, _) => Ok(text!("doctor-scopes-unsaid").to_owned()),
            (Some(_), []) => Ok(text!("doctor-scopes-both").to_owned()),
            (Some(_), missing) => {
                let missing = say!("doctor-scopes-missing", scopes = missing.join(", ")).to_string();
                Err(Failure::new(Exit::Stopped, missing).hint(say!("doctor-scopes-order")))
            }
        };
        self.add("scopes", text!("doctor-scopes"), scopes);
    }

    async fn agents(
        &mut self,
        file: &JobFile,
        place: &Place,
        tokens: TokenSource,
        context: &Context,
    ) -> Result<(), Failure> {
        let job = &file.job;
        let pace = Pace { attempts: 1, ..job.pace };
        let client = Client::new(&place.origin, pace.timeout, tokens, 1)
            .map_err(|error| Failure::new(Exit::Fault, error))?;
        let settings = Settings {
            pace,
            facilitator: job.facilitator,
            environment: job.environment.name(),
            patience: None,
            persistent: false,
        };
        let (events, _) = tokio::sync::mpsc::unbounded_channel();
        let (_interrupter, interrupt) = Interrupter::new();
        let engine =
            Engine::new(std::sync::Arc::new(client), context.ledger_to_look()?, settings, events, interrupt);
        let rest = [("agent", text!("doctor-agent")), ("packages", text!("doctor-packages"))];
        let listed = match engine.agents().await {
            Ok(listed) => listed,
            Err(error) => {
                self.add("firm", text!("doctor-firm"), Err(error.into()));
                self.unknown(&rest);
                return Ok(());
            }
        };
        let firm = say!("doctor-firm-known", firm = job.facilitator.to_string(), agents = listed.len());
        self.add("firm", text!("doctor-firm"), Ok(firm.to_string()));
        let agents = match PlanAgents::of_job(&listed, &job.agent, job.from_agent.as_ref()) {
            Ok(agents) => agents,
            Err(error) => {
                self.add("agent", text!("doctor-agent"), Err(error.into()));
                self.unknown(&rest[1..]);
                return Ok(());
            }
        };
        for agent in agents.old.iter().chain([&agents.own]) {
            self.agent(agent, file, context)?;
        }
        Ok(())
    }

    fn agent(&mut self, agent: &Agent, file: &JobFile, context: &Context) -> Result<(), Failure> {
        let name = if agent.title.is_empty() { agent.id.to_string() } else { agent.title.clone() };
        let held = context.state()?.is_held(&file.job.environment.name(), agent.id);
        let found = if held {
            let held = Failure::new(Exit::Held, say!("doctor-agent-held", agent = name));
            Err(held.hint(say!("doctor-agent-held-todo")))
        } else {
            Ok(say!("doctor-agent-there", agent = name).to_string())
        };
        self.add("agent", text!("doctor-agent"), found);
        let names: Vec<&str> = agent.packages.iter().map(|package| short(package)).collect();
        match mixed(&agent.packages) {
            _ if names.is_empty() => {
                let none = Failure::new(Exit::Stopped, say!("doctor-packages-none", agent = name));
                self.add(
                    "packages",
                    text!("doctor-packages"),
                    Err(none.hint(crate::model::HaltCause::NoUsablePackage.hint())),
                );
            }
            Some(_) => self.warn(
                "packages",
                text!("doctor-packages"),
                say!("doctor-packages-mixed", packages = names.join(", ")).to_string(),
                vec![text!("doctor-packages-split").to_owned()],
            ),
            None => {
                self.add("packages", text!("doctor-packages"), Ok(names.join(", ")));
            }
        }
        Ok(())
    }

    /// What is on this machine: the list, the folder, the pace, the last runs.
    fn here(&mut self, file: &JobFile, context: &Context) -> Result<(), Failure> {
        let listed = clients_listed(file);
        let clients = listed.as_ref().ok().copied().flatten();
        let list = listed.map(|clients| match clients {
            Some(clients) => say!("doctor-list-clean", clients = clients).to_string(),
            None => text!("doctor-list-none").to_owned(),
        });
        self.add("list", text!("doctor-list"), list);
        self.add("state", text!("doctor-state"), state_folder(context));
        let rate = file.job.pace.rate.to_string();
        let pace = match (clients, file.job.pace.rate.time_for(clients.unwrap_or_default())) {
            (Some(clients), Some(time)) => {
                let takes = approximately(time);
                say!("doctor-pace-takes", rate = rate, clients = clients, time = takes).to_string()
            }
            _ => say!("doctor-pace", rate = rate).to_string(),
        };
        self.add("pace", text!("doctor-pace-title"), Ok(pace));
        self.last_runs(file, context)
    }

    fn last_runs(&mut self, file: &JobFile, context: &Context) -> Result<(), Failure> {
        let title = text!("doctor-runs");
        let ledger = match context.existing_ledger() {
            Ok(ledger) => ledger,
            Err(failure) => {
                self.add("runs", title, Err(failure));
                return Ok(());
            }
        };
        let Some(ledger) = ledger else {
            self.add("runs", title, Ok(text!("doctor-runs-none").to_owned()));
            return Ok(());
        };
        let is_of_job =
            |run: &RunRecord| run.job == file.job.name && run.environment == file.job.environment.name();
        let mut newest: Option<Summary> = None;
        let mut failing_since: Option<Summary> = None;
        for record in ledger.runs()?.iter().filter(|run| is_of_job(run)) {
            let summary = Summary::of(&ledger, record, live_status(&ledger, record))?;
            let failed = summary.totals.failed + summary.totals.rejected > 0;
            let is_bad = failed
                || matches!(summary.status, RunStatus::Stopped | RunStatus::Interrupted | RunStatus::Refused);
            if newest.is_none() {
                newest = Some(summary.clone());
            }
            if !is_bad {
                break;
            }
            failing_since = Some(summary);
        }
        let Some(newest) = newest else {
            self.add("runs", title, Ok(text!("doctor-runs-none").to_owned()));
            return Ok(());
        };
        let last = say!(
            "doctor-runs-last",
            run = newest.run,
            status = newest.status.in_words(),
            at = date_time(newest.started_at)
        )
        .to_string();
        match failing_since {
            None => {
                self.add("runs", title, Ok(last));
            }
            Some(since) => {
                let failed = newest.totals.failed + newest.totals.rejected;
                let at = date_time(since.started_at);
                let said = say!("doctor-runs-failing", last = last, failed = failed, since = at).to_string();
                self.warn("runs", title, said, vec![say!("doctor-runs-todo", run = newest.run).to_string()]);
            }
        }
        Ok(())
    }
}

/// Whether a run's records can be kept: a file of some size is written there and taken away again. A folder that is not
/// there yet is not made.
fn state_folder(context: &Context) -> Result<String, Failure> {
    let state = context.state()?;
    let folder = state.path();
    if !folder.exists() {
        return Ok(say!("doctor-state-new", folder = folder.display()).to_string());
    }
    let written = tempfile::tempfile_in(folder).and_then(|mut file| {
        let piece = vec![0xa5; 1 << 20];
        (0..ROOM_BYTES >> 20).try_for_each(|_| file.write_all(&piece))?;
        file.flush()
    });
    match written {
        Ok(()) => Ok(say!("doctor-state-room", folder = folder.display()).to_string()),
        Err(error) => {
            let wrong = say!("doctor-state-not", folder = folder.display(), error = error);
            Err(Failure::new(Exit::Fault, wrong).hint(say!("doctor-state-todo")))
        }
    }
}

impl fmt::Display for Doctor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Check { title, state, message, what_to_do, .. } in &self.checks {
            let state = match state {
                State::Well => text!("doctor-well"),
                State::Warning => text!("doctor-warning"),
                State::Ill => text!("doctor-ill"),
                State::Unknown => text!("doctor-unknown"),
            };
            writeln!(out, "{state:<5} {title}: {message}")?;
            for todo in what_to_do {
                writeln!(out, "    {todo}")?;
            }
        }
        let ill = self.checks.iter().filter(|check| check.state == State::Ill).count();
        if ill == 0 {
            writeln!(out, "{}", text!("doctor-all-well"))
        } else {
            writeln!(out, "{}", say!("doctor-so-many-ill", ill = count(ill as u64)))
        }
    }
}
