//! What the jobs of a fleet share in one process: the pace, the signal to stop, and the sandbox.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use crate::{
    engine::{Interrupt, Share, SharedPace},
    fleet::Holds,
    model::{OrganisationNumber, Rate},
    sandbox::Server,
};

/// What the jobs of a fleet share.
#[derive(Clone)]
pub(crate) struct Together {
    common: Arc<Common>,
    interrupt: Interrupt,
}

struct Common {
    pace: Arc<SharedPace>,
    /// For a fleet in the sandbox: one for all.
    sandbox: Option<Arc<Server>>,
    /// Each firm's switch; set, it sends nothing.
    held: Mutex<HashMap<OrganisationNumber, Arc<AtomicBool>>>,
}

impl Together {
    /// For jobs that are to share this pace and sandbox, until `interrupt` is asked to stop them.
    pub(crate) fn new(rate: Rate, sandbox: Option<Arc<Server>>, interrupt: Interrupt) -> Self {
        let common = Common { pace: SharedPace::new(rate), sandbox, held: Mutex::default() };
        Self { common: Arc::new(common), interrupt }
    }

    /// The same with another signal to stop.
    pub(crate) fn until(&self, interrupt: Interrupt) -> Self {
        Self { common: Arc::clone(&self.common), interrupt }
    }

    /// The signal to stop.
    pub(crate) fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    /// The sandbox.
    pub(crate) fn sandbox(&self) -> Option<Arc<Server>> {
        self.common.sandbox.clone()
    }

    /// The requests of every kind that all have been let through with.
    pub(crate) fn requests(&self) -> u64 {
        self.common.pace.let_through()
    }

    /// A part in the pace for a firm's job.
    pub(crate) fn share_of(&self, firm: OrganisationNumber) -> Share {
        let mut held = self.common.held.lock().unwrap_or_else(PoisonError::into_inner);
        self.common.pace.share_with(Arc::clone(held.entry(firm).or_default()))
    }

    /// Stops those that are held, and lets the others go on.
    pub(crate) fn hold(&self, holds: &Holds) {
        self.common.pace.pause(holds.all.is_some());
        let held = self.common.held.lock().unwrap_or_else(PoisonError::into_inner);
        for (firm, switch) in held.iter() {
            switch.store(holds.firms.contains_key(&firm.to_string()), Relaxed);
        }
    }
}

impl fmt::Debug for Together {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Together").finish_non_exhaustive()
    }
}
