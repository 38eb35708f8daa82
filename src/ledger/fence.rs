//! What keeps a process from sending and writing about an agent that another host has taken over: the leases that it holds.
//! A ledger in the state folder has none; there the operating system's lock does it.

use std::{
    future::poll_fn,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::Poll,
    time::Instant,
};

use jiff::Timestamp;

use super::LedgerError;
use crate::clock;

/// A lease on one agent, as this process knows it.
#[derive(Debug)]
pub(super) struct Held {
    /// The lease's key in the ledger.
    pub(super) lease: i64,
    /// The how manieth owner of the agent this one is.
    pub(super) epoch: i64,
    until: Mutex<Until>,
    is_lost: AtomicBool,
}

/// When it is over, on this process's own clocks: on the one that nobody sets, and on the wall, which goes on while a virtual
/// machine stands still.
#[derive(Debug, Clone, Copy)]
struct Until {
    monotonic: Instant,
    wall: Timestamp,
}

impl Held {
    pub(super) fn new(lease: i64, epoch: i64, asked: Asked, length: std::time::Duration) -> Self {
        Self { lease, epoch, until: Mutex::new(asked.until(length)), is_lost: AtomicBool::new(false) }
    }

    /// It was renewed by a question that was asked then.
    pub(super) fn renewed(&self, asked: Asked, length: std::time::Duration) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = asked.until(length);
    }

    /// Another has it.
    pub(super) fn lost(&self) {
        self.is_lost.store(true, Relaxed);
    }

    pub(super) fn is_over(&self) -> bool {
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_lost.load(Relaxed) || Instant::now() >= until.monotonic || clock::own() >= until.wall
    }
}

/// When the ledger was asked for a lease: it counts from before the question.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked(Instant, Timestamp);

impl Asked {
    pub(super) fn now() -> Self {
        Self(Instant::now(), clock::own())
    }

    /// A tenth less than the ledger gives, because clocks do not go equally fast.
    fn until(self, length: std::time::Duration) -> Until {
        let length = length.mul_f64(0.9);
        let wall = self.1.checked_add(length).unwrap_or(self.1);
        Until { monotonic: self.0 + length, wall }
    }
}

/// The leases that a ledger's work depends on.
#[derive(Debug, Clone, Default)]
pub struct Fence(Arc<Mutex<Vec<Weak<Held>>>>);

impl Fence {
    pub(super) fn add(&self, held: &Arc<Held>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|held| held.strong_count() > 0);
        all.push(Arc::downgrade(held));
    }

    /// Whether one of them is over: then nothing may be sent.
    pub fn is_over(&self) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter_map(Weak::upgrade).any(|held| held.is_over())
    }

    /// Has a request sent while they last, and looks again each time when it gets on (a token has come, a connection has
    /// been made): a process that has been stopped may wake anywhere in between, long after another host has taken over.
    ///
    /// # Errors
    ///
    /// One of them is over. The request is dropped, wherever it was.
    pub fn while_ours<F: Future>(&self, asking: F) -> impl Future<Output = Result<F::Output, LedgerError>> {
        let mut asking = Box::pin(asking);
        poll_fn(move |context| {
            if self.is_over() {
                Poll::Ready(Err(LedgerError::TakenOver))
            } else {
                asking.as_mut().poll(context).map(Ok)
            }
        })
    }

    /// Whether there are any, and so a time when they are over.
    pub fn is_there(&self) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().any(|held| held.strong_count() > 0)
    }

    pub(super) fn held(&self) -> Vec<Arc<Held>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut held: Vec<_> = all.iter().filter_map(Weak::upgrade).collect();
        held.sort_by_key(|held| held.lease);
        held
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, time::Duration};

    use super::*;

    #[tokio::test]
    async fn a_request_that_is_under_way_when_a_lease_is_lost_gets_on_no_further() {
        let fence = Fence::default();
        let held = Arc::new(Held::new(1, 1, Asked::now(), Duration::from_mins(5)));
        fence.add(&held);
        assert_eq!(fence.while_ours(async { "answered" }).await.unwrap(), "answered");
        let sent = AtomicBool::new(false);
        let asking = async {
            // Here the process is stopped, and wakes when a connection has been made.
            held.lost();
            tokio::task::yield_now().await;
            sent.store(true, Relaxed);
            pending::<()>().await;
        };
        assert!(matches!(fence.while_ours(asking).await, Err(LedgerError::TakenOver)));
        assert!(!sent.load(Relaxed));
    }
}
