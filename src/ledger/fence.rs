//! What keeps a process from sending and writing about an agent that another host has taken over: the leases that it holds.
//! A ledger in the state folder has none; there the operating system's lock does it.

use std::{
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Instant,
};

use jiff::Timestamp;

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
