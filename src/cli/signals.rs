//! Ctrl-C, SIGTERM and the end of the session (SIGHUP): the first asks to stop, the second leaves at once.

use super::{exit::Exit, output::Output};
use crate::engine::{Interrupt, Interrupter};

/// Listens from now on. `first` is said at the first signal.
pub(crate) fn listen(output: Output, first: &'static str) -> Interrupt {
    let (interrupter, interrupt) = Interrupter::new();
    tokio::spawn(async move {
        let asked = tokio::select! {
            asked = signal() => asked,
            // Nobody is left who could be asked: the session has ended, and a later one listens for itself.
            () = interrupter.abandoned() => return,
        };
        if !asked {
            // Nothing to listen to: keep the other side waiting.
            std::future::pending::<()>().await;
        }
        interrupter.interrupt();
        output.note(first);
        signal().await;
        // Everything that was shown is in the ledger already.
        std::process::exit(Exit::Interrupted as i32);
    });
    interrupt
}

#[cfg(unix)]
async fn signal() -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return false;
    };
    let mut hang_up = if hang_up_is_ignored() { None } else { signal(SignalKind::hangup()).ok() };
    let hung_up = async {
        match &mut hang_up {
            Some(hang_up) => hang_up.recv().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        got = interrupt.recv() => got.is_some(),
        got = terminate.recv() => got.is_some(),
        got = hung_up => got.is_some(),
    }
}

/// Whether the program was started so that the end of the session is to leave it alone, as `nohup` does. Listening would
/// undo that. It cannot be asked from every system: where it cannot, a program that writes to no terminal is left alone.
#[cfg(unix)]
fn hang_up_is_ignored() -> bool {
    use std::io::IsTerminal;
    const HANG_UP: u32 = 1;
    // Asked once: after listening, the system says that it is not ignored.
    static IGNORED: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *IGNORED.get_or_init(|| {
        let status = std::fs::read_to_string("/proc/self/status").ok();
        let mask = status.as_deref().and_then(|status| {
            let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
            u64::from_str_radix(mask.trim(), 16).ok()
        });
        match mask {
            Some(mask) => mask & (1 << (HANG_UP - 1)) != 0,
            None => !std::io::stdout().is_terminal() && !std::io::stderr().is_terminal(),
        }
    })
}

#[cfg(not(unix))]
async fn signal() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}
