//! The command line: arguments, questions, printing and exit codes. One file per subcommand in `commands`, and beside it
//! the few things that commands share; what is decided is decided in the engine.

mod asking;
mod at_rest;
mod commands;
mod double_click;
mod errors;
mod executing;
mod exit;
mod fleet_file;
mod help;
mod job;
mod language;
mod notify;
mod outcome;
mod output;
mod place;
mod planned;
mod rows;
mod screen;
mod session;
mod signals;
mod together;
mod unattended;
mod vendor_file;
mod which;
mod wrap;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{ArgMatches, Args, FromArgMatches, Parser, Subcommand, parser::ValueSource};
use etcetera::BaseStrategy;

use commands::{
    access, agents, backup, check, clients, completions, doctor, fleet, history, init, login, logout, man,
    plan, prune, report, request, resume, retry, run, runs, sandbox, status, undo, verify, whoami,
};
pub use exit::{Exit, Failure};
use outcome::Outcome;
use output::{Color, Format, Log, Output};
use together::Together;
use unattended::UnattendedArgs;

use crate::{
    clock,
    fleet::Place,
    ledger::{Address, Ledger},
    manifest::is_reading_workbook,
    model::{argument, is_for_a_shell},
    state_dir::StateDir,
    words::{Language, commands_have, say, text},
};

/// Gives system users access to clients in Altinn, thousands at once, and takes it back.
///
/// A manifest (a CSV file of organisation numbers) and a job file (TOML) say what is to be done. `plan` shows what
/// a run would do, `run` does it, `resume` goes on after an interruption, `retry` tries again what failed.
///
/// Exit codes: 0 all as asked; 1 some clients failed, see the report; 2 nothing was sent; 3 stopped early or
/// could not begin, `resume` goes on with a run that had begun; 4 another run holds this
/// agent; 5 a fault of this machine or the program; 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "fullmakt", version, max_term_width = 100, after_long_help = FIRST_STEPS)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

/// What a newcomer needs to begin.
const FIRST_STEPS: &str = r#"First steps:
  fullmakt check clients.csv         is the client list in order? (offline)
  fullmakt init                      answer a few questions, and have a job file
  fullmakt plan onboarding.toml      what would be done, and how long it takes
  fullmakt run onboarding.toml       do it
  fullmakt resume                    go on after Ctrl-C, a power cut or an outage

A job file:
  name = "onboarding"
  kind = "delegate"                  # or remove; or manifest: a column `action` says which
  manifest = "clients.csv"           # relative to the job file
  [altinn]
  environment = "sandbox"            # or tt02, prod; these need [auth]
  facilitator = "314250052"          # your firm's organisation number
  agent = "1b6cea43-f499-4aae-a633-51cf542795af"
  # [auth]
  # method = "id-porten"             # a person: `fullmakt login JOB` first
  # client_id = "..."                # or maskinporten (unattended), or token
  # [pace]
  # rate = "5/s"                     # the default
"#;

/// The options that every command has.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
struct Global {
    /// Where runs are kept [default: the platform's data folder]
    #[arg(long, global = true, value_name = "DIR", env = "FULLMAKT_STATE_DIR", hide_env_values = true)]
    state_dir: Option<PathBuf>,
    /// The ledger of several hosts, on a server, instead of the file in the state folder
    #[cfg(feature = "postgres")]
    #[arg(long, global = true, value_name = "POSTGRES_URL", env = "FULLMAKT_LEDGER", hide_env_values = true)]
    ledger: Option<String>,
    /// What the answer on stdout looks like
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Whether messages are coloured; NO_COLOR is respected
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
    /// The language of everything that people read [default: the machine's]
    #[arg(long, global = true, value_enum)]
    lang: Option<language::Lang>,
    /// What messages and progress on stderr look like
    #[arg(long, global = true, value_enum, default_value_t = Log::Text)]
    log: Log,
    /// Say what is being done
    #[arg(short, long, global = true)]
    verbose: bool,
    /// Show no progress and no notes
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(Box<init::InitArgs>),
    Check(check::CheckArgs),
    Doctor(doctor::DoctorArgs),
    Plan(plan::PlanArgs),
    Run(run::RunArgs),
    Resume(resume::ResumeArgs),
    Retry(retry::RetryArgs),
    Undo(undo::UndoArgs),
    Verify(verify::VerifyArgs),
    Runs(runs::RunsArgs),
    Status(status::StatusArgs),
    Report(report::ReportArgs),
    History(history::HistoryArgs),
    Access(access::AccessArgs),
    Agents(agents::AgentsArgs),
    Clients(clients::ClientsArgs),
    Login(login::LoginArgs),
    Logout(logout::LogoutArgs),
    Prune(prune::PruneArgs),
    Backup(backup::BackupArgs),
    Whoami(whoami::WhoamiArgs),
    Fleet(fleet::FleetArgs),
    Request(request::RequestArgs),
    Sandbox(sandbox::SandboxArgs),
    Completions(completions::CompletionsArgs),
    #[command(hide = true)]
    Man(man::ManArgs),
}

/// What every command is given besides its own arguments.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    output: Output,
    state_dir: Option<PathBuf>,
    /// The server that the ledger is on; none where it is in the state folder.
    address: Option<Address>,
    /// What a job shares with others in this process; none where it is alone.
    together: Option<Together>,
}

impl Context {
    /// The state folder, which need not be there yet.
    fn state(&self) -> Result<StateDir, Failure> {
        if let Some(folder) = &self.state_dir {
            if is_for_a_shell(folder) {
                let shown = folder.display();
                return Err(Failure::nothing_sent(say!("cli-state-dir-is-for-a-shell", folder = shown))
                    .hint(say!("auth-hint-nothing-is-replaced")));
            }
            return Ok(StateDir::at(folder));
        }
        match etcetera::choose_base_strategy() {
            Ok(strategy) => Ok(StateDir::at(strategy.data_dir().join("fullmakt"))),
            Err(_) => Err(Failure::new(Exit::Fault, say!("cli-there-is-no-home-folder-to-keep-runs-in"))
                .hint(say!("cli-name-a-folder-with-state-dir"))),
        }
    }

    /// The ledger in the state folder; made where it is missing.
    fn ledger(&self) -> Result<Ledger, Failure> {
        Ok(Ledger::open_where(&self.state()?, self.address.as_ref())?)
    }

    /// The ledger in the state folder, if there is one.
    fn existing_ledger(&self) -> Result<Option<Ledger>, Failure> {
        match &self.address {
            Some(_) => self.ledger().map(Some),
            None => Ok(Ledger::open_existing(&self.state()?)?),
        }
    }

    /// Where a fleet keeps what it keeps.
    fn place(&self) -> Result<Place, Failure> {
        #[cfg(feature = "postgres")]
        if self.address.is_some() {
            return Ok(Place::Server(Box::new(self.ledger()?)));
        }
        Ok(Place::Folder(self.state()?))
    }

    /// The ledger for a command that keeps nothing; where there is none, one that goes with it.
    fn ledger_to_look(&self) -> Result<Ledger, Failure> {
        match &self.address {
            Some(_) => self.ledger(),
            None => Ok(Ledger::open_to_look(&self.state()?)?),
        }
    }
}

/// Reads the command line, does what it says, and answers with the exit code.
pub fn main() -> ExitCode {
    let started_at = clock::now();
    say_panics_in_words();
    language::choose(std::env::args_os());
    if errors::are_asked_for(std::env::args_os()) {
        let format = if json_was_asked_for(std::env::args_os()) { Format::Json } else { Format::Text };
        errors::print(Output::new(format, Color::Auto, false, false, Log::Text));
        return Exit::Done.into();
    }
    let parsed =
        help::command().try_get_matches_from(help::asked(std::env::args_os())).and_then(|mut matches| {
            let named = NamedOnTheCommandLine::of(&matches);
            Ok((Cli::from_arg_matches_mut(&mut matches)?, named))
        });
    let (cli, named) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return usage(&error),
    };
    let global = cli.global;
    if global.log == Log::Json {
        Language::english_for_programs();
    }
    let output = Output::new(global.format, global.color, global.verbose, global.quiet, global.log);
    #[cfg(feature = "postgres")]
    let address = match global.ledger.as_deref().map_or(Ok(None), address_of) {
        Ok(address) => address,
        Err(failure) => {
            failure.print(output);
            return failure.exit.into();
        }
    };
    #[cfg(not(feature = "postgres"))]
    let address = None;
    commands_have(named.as_typed(&global));
    let context = Context { output, state_dir: global.state_dir, address, together: None };
    let unattended = cli.command.unattended().cloned();
    if let Some(args) = &unattended
        && let Err(failure) = unattended::before(args.metrics.as_deref(), &context)
    {
        failure.print(output);
        return failure.exit.into();
    }
    let outcome = dispatch(cli.command, &context);
    if let Err(failure) = &outcome.result {
        failure.print(context.output);
    }
    if let Some(args) = unattended {
        unattended::leave_word(&args, &outcome, started_at, &context);
    }
    outcome.exit().into()
}

/// Which of the options that name the ledger stand on the command line. Whoever types a command has the variables already.
#[derive(Debug, Clone, Copy)]
struct NamedOnTheCommandLine {
    state_dir: bool,
    ledger: bool,
}

impl NamedOnTheCommandLine {
    fn of(matches: &ArgMatches) -> Self {
        let is_typed = |id: &str| {
            let known = matches.try_contains_id(id).is_ok();
            known && matches.value_source(id) == Some(ValueSource::CommandLine)
        };
        Self { state_dir: is_typed("state_dir"), ledger: is_typed("ledger") }
    }

    /// As they are typed again. An address that has come so far holds no password.
    fn as_typed(self, global: &Global) -> String {
        let folder = global.state_dir.as_deref().filter(|_| self.state_dir);
        let mut options: Vec<_> =
            folder.map(|folder| format!("--state-dir {}", argument(folder))).into_iter().collect();
        #[cfg(feature = "postgres")]
        if let Some(address) = global.ledger.as_deref().filter(|_| self.ledger) {
            options.push(format!("--ledger {}", argument(Path::new(address))));
        }
        options.join(" ")
    }
}

/// Where the ledger is; a variable that is set to nothing says nothing. Not read by the reader of the command line, which
/// shows what it refuses: a password may stand in it.
#[cfg(feature = "postgres")]
fn address_of(text: &str) -> Result<Option<Address>, Failure> {
    // A host whose setting came out empty would have a ledger of its own, and know of nobody's holds, leases and pace.
    if text.trim().is_empty() {
        return Err(Failure::nothing_sent(say!("cli-ledger-address-is-empty"))
            .hint(say!("cli-ledger-address-may-be-left-out")));
    }
    Address::parse(text).map(Some).map_err(|error| {
        Failure::nothing_sent(say!("cli-ledger-address", error = crate::words::Lazy(|| error.to_string())))
    })
}

/// A panic is a fault of the program, and is said to be one. What the reader of workbooks panics over is the file's
/// fault, which the reader of manifests says.
fn say_panics_in_words() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !is_reading_workbook() {
            default(panic);
        }
    }));
}

/// Help, the version, or what is wrong with the command line: in clap's words, and as JSON where that was asked for.
fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && json_was_asked_for(std::env::args_os()) {
        let words = error.render().to_string();
        let message = words.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        let failure = Failure::nothing_sent(message.trim_start_matches("error: "));
        let failure = failure.hint(say!("cli-fullmakt-help-shows-the-commands-and-their"));
        let output = Output::new(Format::Json, Color::Never, false, false, Log::Text);
        output.error_as_answer(&failure.to_json());
    }
    if error.use_stderr() {
        let output = Output::new(Format::Text, Color::Never, false, false, Log::Text);
        if help::nothing_was_asked(error, std::env::args_os()) {
            output.say(text!("cli-where-to-begin"));
            output.say("\n");
            let exit = if double_click::is_likely() { double_click::offer() } else { Exit::NothingSent };
            return exit.into();
        }
        // What was typed is repeated in it.
        let words = help::wrong(error).unwrap_or_else(|| error.render().to_string());
        output.say(words);
    } else {
        // A closed stdout is no error.
        let _ = error.print();
    }
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Whether the command line asks for JSON, though it could not be understood.
fn json_was_asked_for(arguments: impl Iterator<Item = std::ffi::OsString>) -> bool {
    let arguments: Vec<_> = arguments.skip(1).take_while(|argument| argument != "--").collect();
    arguments.iter().any(|argument| argument == "--format=json")
        || arguments.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json")
}

impl Command {
    /// The options of a command that also runs at night.
    fn unattended(&self) -> Option<&UnattendedArgs> {
        match self {
            Self::Run(args) => Some(&args.unattended),
            Self::Resume(args) => Some(&args.unattended),
            Self::Retry(args) => Some(&args.unattended),
            Self::Undo(args) => Some(&args.unattended),
            _ => None,
        }
    }
}

fn dispatch(command: Command, context: &Context) -> Outcome {
    match command {
        Command::Run(args) => with_runtime(run::run(args, context)),
        Command::Resume(args) => with_runtime(resume::resume(args, context)),
        Command::Retry(args) => with_runtime(retry::retry(args, context)),
        Command::Undo(args) => with_runtime(undo::undo(args, context)),
        Command::Check(args) => check::check(&args, context).into(),
        Command::Runs(args) => runs::runs(&args, context).into(),
        Command::Status(args) => status::status(&args, context).into(),
        Command::Report(args) => report::report(&args, context).into(),
        Command::History(args) => with_runtime(async { history::history(args, context).await.into() }),
        Command::Prune(args) => prune::prune(&args, context).into(),
        Command::Backup(args) => backup::backup(&args, context).into(),
        Command::Init(args) => with_runtime(async { init::init(*args, context).await.into() }),
        Command::Doctor(args) => with_runtime(async { doctor::doctor(args, context).await.into() }),
        Command::Completions(args) => Ok(completions::completions(&args, context)).into(),
        Command::Man(args) => man::man(&args, context).into(),
        Command::Plan(args) => with_runtime(async { plan::plan(args, context).await.into() }),
        Command::Verify(args) => with_runtime(async { verify::verify(args, context).await.into() }),
        Command::Access(args) => with_runtime(async { access::access(args, context).await.into() }),
        Command::Agents(args) => with_runtime(async { agents::agents(args, context).await.into() }),
        Command::Clients(args) => with_runtime(async { clients::clients(args, context).await.into() }),
        Command::Login(args) => with_runtime(async { login::login(args, context).await.into() }),
        Command::Logout(args) => with_runtime(async { logout::logout(args, context).await.into() }),
        Command::Whoami(args) => with_runtime(async { whoami::whoami(args, context).await.into() }),
        Command::Fleet(args) => with_runtime(async { fleet::fleet(args, context).await.into() }),
        Command::Request(args) => with_runtime(request::request(args, context)),
        Command::Sandbox(args) => with_runtime(async { sandbox::sandbox(args, context).await.into() }),
    }
}

/// Runs a command that talks to Altinn. One thread does all of the talking, which is enough for thousands of requests a
/// second: with two, each request wakes the other one, and that costs more than it saves. The ledger and the parsing of
/// lists have threads of their own.
fn with_runtime(command: impl Future<Output = Outcome>) -> Outcome {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure =
                Failure::new(Exit::Fault, say!("cli-the-program-cannot-start-its-threads", error = error));
            return Err(failure).into();
        }
    };
    let outcome = runtime.block_on(command);
    // A question that nobody has answered must not keep the program from ending.
    runtime.shutdown_background();
    outcome
}
