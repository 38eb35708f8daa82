//! What jobs share: a client's pace on this machine; and in one process, those of a fleet, the signal to stop and the sandbox.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use super::{Context, exit::Failure};
use crate::{
    engine::{Interrupt, Share, SharedPace},
    fleet::Holds,
    model::{Auth, Environment, OrganisationNumber, Rate},
    sandbox::Server,
    state_dir::PaceFile,
    words::say,
};
#[cfg(feature = "postgres")]
use crate::{ledger::Permits, words::text};

/// The pace of a client: shared with every other process of this machine that has the same state folder, but where each has a
/// sandbox of its own. Where it cannot be shared, this process keeps it alone, and says so. Who only looks makes nothing, and
/// shares what is there.
pub(crate) fn pace_of(
    looks: bool,
    rate: Rate,
    environment: &Environment,
    auth: Option<&Auth>,
    context: &Context,
) -> Result<Arc<SharedPace>, Failure> {
    if *environment == Environment::Sandbox {
        return Ok(SharedPace::new(rate));
    }
    let (state, environment, client) = (context.state()?, environment.name(), auth.map_or("", Auth::client));
    #[cfg(feature = "postgres")]
    if let Some(address) = &context.address {
        let output = context.output;
        let on_silence = move |lasts: Option<std::time::Duration>| match lasts {
            Some(lasts) => output.note(say!("cli-the-ledgers-server-is-silent", seconds = lasts.as_secs())),
            None => output.note(text!("cli-the-ledgers-server-answers-again")),
        };
        let permits = Permits::new(address, &environment, client);
        return Ok(SharedPace::on_hosts(rate, permits, Box::new(on_silence)));
    }
    if looks {
        let file = PaceFile::open_existing(&state, &environment, client);
        return Ok(file.map_or_else(|| SharedPace::new(rate), |file| SharedPace::on_machine(rate, file)));
    }
    match PaceFile::open(&state, &environment, client) {
        Ok(file) => Ok(SharedPace::on_machine(rate, file)),
        Err(error) => {
            context.output.note(say!("cli-the-pace-is-not-shared", error = error));
            Ok(SharedPace::new(rate))
        }
    }
}

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
    pub(crate) fn new(pace: Arc<SharedPace>, sandbox: Option<Arc<Server>>, interrupt: Interrupt) -> Self {
        let common = Common { pace, sandbox, held: Mutex::default() };
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
