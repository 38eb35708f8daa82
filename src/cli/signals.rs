//! Ctrl-C and SIGTERM: the first asks to stop, the second leaves at once.

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
    tokio::select! {
        got = interrupt.recv() => got.is_some(),
        got = terminate.recv() => got.is_some(),
    }
}

#[cfg(not(unix))]
async fn signal() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}
