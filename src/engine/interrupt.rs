//! Somebody asks a run to stop: a type, never a text.

use tokio::sync::watch;

/// The side that asks.
#[derive(Debug)]
pub struct Interrupter(watch::Sender<bool>);

/// The side that is asked.
#[derive(Debug, Clone)]
pub struct Interrupt(watch::Receiver<bool>);

impl Interrupter {
    /// Both sides.
    pub fn new() -> (Self, Interrupt) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Interrupt(receiver))
    }

    /// Asks to stop.
    pub fn interrupt(&self) {
        self.0.send_replace(true);
    }

    /// Waits until nobody is left who could be asked.
    pub async fn abandoned(&self) {
        self.0.closed().await;
    }
}

impl Interrupt {
    /// Whether somebody has asked to stop.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until somebody asks to stop; for ever when nobody is left who could.
    pub async fn requested(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|requested| *requested).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
