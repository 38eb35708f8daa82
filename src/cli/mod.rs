//! The command line: one file per subcommand, with its arguments, its doc comment and its function.

mod agents;
mod agents_of;
mod asking;
mod carry_out;
mod check;
mod clients;
mod exit;
mod history;
mod job;
mod login;
mod logout;
mod notify;
mod output;
mod place;
mod plan;
mod proposal;
mod report;
mod resume;
mod retry;
mod rows;
mod run;
mod runs;
mod sandbox;
mod session;
mod signals;
mod status;
mod unattended;
mod undo;
mod verify;
mod whoami;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Args, Parser, Subcommand};
use etcetera::BaseStrategy;

pub use exit::{Exit, Failure};
use output::{Color, Format, Log, Output};
use unattended::Watch;

use crate::ledger::Ledger;

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
  fullmakt agents onboarding.toml    which system users are there?
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
    /// What the answer on stdout looks like
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Whether messages are coloured; NO_COLOR is respected
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
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
    Check(check::CheckArgs),
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
    Agents(agents::AgentsArgs),
    Clients(clients::ClientsArgs),
    Login(login::LoginArgs),
    Logout(logout::LogoutArgs),
    Whoami(whoami::WhoamiArgs),
    Sandbox(sandbox::SandboxArgs),
}

/// What every command is given besides its own arguments.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    output: Output,
    state_dir: Option<PathBuf>,
    watch: Arc<Watch>,
}

impl Context {
    /// The state folder.
    fn state_dir(&self) -> Result<PathBuf, Failure> {
        if let Some(folder) = &self.state_dir {
            return Ok(folder.clone());
        }
        etcetera::choose_base_strategy().map(|strategy| strategy.data_dir().join("fullmakt")).map_err(|_| {
            Failure::new(Exit::Fault, "there is no home folder to keep runs in")
                .hint("name a folder with --state-dir")
        })
    }

    /// The ledger in the state folder.
    fn ledger(&self) -> Result<Ledger, Failure> {
        Ok(Ledger::open(&self.state_dir()?)?)
    }
}

/// Reads the command line, does what it says, and answers with the exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let global = cli.global;
    let context = Context {
        output: Output::new(global.format, global.color, global.verbose, global.quiet, global.log),
        state_dir: global.state_dir,
        watch: Arc::new(Watch::new()),
    };
    let (exit, why) = match dispatch(cli.command, &context) {
        Ok(exit) => (exit, None),
        Err(failure) => {
            failure.print(context.output);
            (failure.exit, Some(failure.message().to_owned()))
        }
    };
    context.watch.finish(exit, why.as_deref(), &context);
    exit.into()
}

fn dispatch(command: Command, context: &Context) -> Result<Exit, Failure> {
    match &command {
        Command::Run(args) => context.watch.arm(&args.unattended, Some(&args.job)),
        Command::Resume(args) => context.watch.arm(&args.unattended, None),
        Command::Retry(args) => context.watch.arm(&args.unattended, None),
        Command::Undo(args) => context.watch.arm(&args.unattended, None),
        _ => {}
    }
    match command {
        Command::Check(args) => check::check(&args, context),
        Command::Runs(args) => runs::runs(&args, context),
        Command::Status(args) => status::status(&args, context),
        Command::Report(args) => report::report(&args, context),
        Command::History(args) => history::history(&args, context),
        Command::Plan(args) => with_runtime(plan::plan(args, context)),
        Command::Run(args) => with_runtime(run::run(args, context)),
        Command::Resume(args) => with_runtime(resume::resume(args, context)),
        Command::Retry(args) => with_runtime(retry::retry(args, context)),
        Command::Undo(args) => with_runtime(undo::undo(args, context)),
        Command::Verify(args) => with_runtime(verify::verify(args, context)),
        Command::Agents(args) => with_runtime(agents::agents(args, context)),
        Command::Clients(args) => with_runtime(clients::clients(args, context)),
        Command::Login(args) => with_runtime(login::login(args, context)),
        Command::Logout(args) => with_runtime(logout::logout(args, context)),
        Command::Whoami(args) => with_runtime(whoami::whoami(args, context)),
        Command::Sandbox(args) => with_runtime(sandbox::sandbox(args, context)),
    }
}

/// Carries out a command that talks to Altinn.
fn with_runtime(command: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(
            |error| Failure::new(Exit::Fault, format!("the program cannot start its threads: {error}")),
        )?;
    let done = runtime.block_on(command);
    // A question that nobody has answered must not keep the program from ending.
    runtime.shutdown_background();
    done
}
