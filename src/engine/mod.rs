//! The use cases: [`Engine::plan`] makes a [`Plan`] that can be shown, [`Engine::begin`] makes it a run, [`Engine::execute`]
//! brings the run to its end, read-backs and final status included; [`Engine::resume`] goes on with one, and
//! [`Engine::verify`] compares one with Altinn's lists of now. Emits events; knows neither HTTP nor SQL.
//!
//! The way of one client is in `sending`.

mod access;
mod agents;
mod api;
mod backoff;
mod circuit_breaker;
mod clock;
mod doors;
mod execute;
#[cfg(feature = "postgres")]
mod hosts;
mod in_flight;
mod interrupt;
mod lists;
mod machine;
mod pacer;
mod plan;
mod rate_control;
mod requests;
mod resume;
mod sending;
mod share;
mod silence;
mod verify;
#[cfg(test)]
#[path = "../../tests/common/pace.rs"]
mod watch;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

#[cfg(feature = "postgres")]
use crate::ledger::Leases;
use jiff::Timestamp;
use thiserror::Error;
use tokio::sync::mpsc;

pub use access::{AgentAccess, ClientAccess};
pub use agents::PlanAgents;
pub use api::{Api, Firm, FirstDelegation, ListInformation, NextPage, PartySearch};
pub use backoff::backoff;
pub use clock::Clock;
pub use doors::{DoorsFound, Party, WithAdministration};
pub use execute::{Run, RunEnd};
pub use interrupt::{Interrupt, Interrupter};
pub use pacer::Pacer;
pub use plan::{JobFacts, ManifestError, Plan, PlanError, PlanRequest, ReadRows, RowsRead, Source};
pub use rate_control::{Answered, Leave, RateControl};
pub use requests::{
    Asked, FirmAsk, FirmFound, FirmPlanned, FirmRound, RequestApi, RequestPage, SystemUserFound,
};
pub use resume::{Previous, Resumption};
pub use share::{Share, SharedPace};

use self::silence::Asking;
use crate::{
    ledger::{Fence, Ledger, LedgerError, LedgerWriter},
    model::{Answer, Event, HaltCause, OrganisationNumber, Pace, Verdict},
    state_dir::StateDir,
    words::{Wording, say},
};

/// What an engine works for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The job's pace.
    pub pace: Pace,
    /// The firm.
    pub facilitator: OrganisationNumber,
    /// `sandbox`, `tt02`, `prod` or an origin.
    pub environment: String,
    /// How long another run on an agent is waited for; `None`: not at all.
    pub patience: Option<Duration>,
    /// Whether an Altinn that does not answer is asked until `give_up_after` has passed, as a run does, or a list only as
    /// often as `attempts` says: somebody may be looking at the screen.
    pub persistent: bool,
}

/// The engine: Altinn, the ledger's writer and the pacer, and what is done with them.
pub struct Engine<A> {
    /// Altinn, or what stands in for it.
    api: Arc<A>,
    writer: LedgerWriter,
    state: StateDir,
    /// The leases of this process, where the ledger is on a server.
    #[cfg(feature = "postgres")]
    leases: Option<Arc<Leases>>,
    /// The leases that this engine's work depends on.
    fence: Fence,
    /// Says when the next request may go.
    pacer: Share,
    pace: Pace,
    facilitator: OrganisationNumber,
    environment: String,
    patience: Option<Duration>,
    persistent: bool,
    /// Whether Altinn has been heard of since the command began.
    heard: AtomicBool,
    /// Where events are told.
    events: mpsc::UnboundedSender<Event>,
    /// Ctrl-C.
    interrupt: Interrupt,
    /// How long the fastest answer to a question took, in microseconds; `u64::MAX` before the first.
    fastest_answer_us: AtomicU64,
}

/// Why a run cannot go on.
#[derive(Debug, Clone, PartialEq)]
pub struct Halted {
    /// The cause.
    pub cause: HaltCause,
    /// The answer that decided it, where one did.
    pub answer: Option<Answer>,
    /// Until when Altinn asked to be left alone.
    pub not_before: Option<Timestamp>,
}

impl Halted {
    fn by(cause: HaltCause, answer: Answer) -> Self {
        Self { cause, answer: Some(answer), not_before: None }
    }

    fn without_answer(cause: HaltCause) -> EngineError {
        EngineError::Halted(Box::new(Self { cause, answer: None, not_before: None }))
    }

    /// What Altinn said; empty when it said nothing.
    pub fn message(&self) -> Wording {
        self.answer.as_ref().map_or(Wording::NOTHING, |answer| answer.message.clone())
    }
}

/// Why the engine gave no answer.
#[derive(Debug, Error)]
pub enum EngineError {
    /// Altinn's word, or the lack of it.
    #[error("{}", .0.cause.explanation())]
    Halted(Box<Halted>),
    /// Somebody asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The ledger cannot be written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A part of the program broke down.
    #[error("{}", say!("engine-a-request-broke-down-this-is-a-fault-in", error = .0))]
    Panicked(String),
}

impl<A: Send + Sync + 'static> Engine<A> {
    /// An engine on this Altinn, with this ledger. Whoever listens to `events` hears how it goes.
    ///
    /// Must be called within a tokio runtime.
    pub fn new(
        api: Arc<A>,
        ledger: Ledger,
        settings: Settings,
        events: mpsc::UnboundedSender<Event>,
        interrupt: Interrupt,
    ) -> Self {
        let state = ledger.state().clone();
        let fence = ledger.fence();
        #[cfg(feature = "postgres")]
        let leases = ledger.leases();
        Self {
            api,
            writer: LedgerWriter::start(ledger, events.clone()),
            state,
            #[cfg(feature = "postgres")]
            leases,
            fence,
            pacer: SharedPace::new(settings.pace.rate).share(),
            pace: settings.pace,
            facilitator: settings.facilitator,
            environment: settings.environment,
            patience: settings.patience,
            persistent: settings.persistent,
            heard: AtomicBool::new(false),
            events,
            interrupt,
            fastest_answer_us: AtomicU64::new(u64::MAX),
        }
    }

    /// The same at a pace that others share.
    #[must_use]
    pub fn at_pace(self, share: Share) -> Self {
        Self { pacer: share, ..self }
    }

    /// An answer came after so long.
    fn note_latency(&self, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.fastest_answer_us.fetch_min(took, Ordering::Relaxed);
    }

    /// What a request came to, for all that share the pace. Whoever only looks has somebody waiting, and asks for itself.
    fn heard_of(&self, what: Asking, verdict: Verdict) {
        if self.persistent {
            self.pacer.heard(what, verdict);
        }
    }

    /// How long an answer takes at the least, once one has come.
    fn latency(&self) -> Option<Duration> {
        let fastest = self.fastest_answer_us.load(Ordering::Relaxed);
        (fastest < u64::MAX).then(|| Duration::from_micros(fastest))
    }

    /// Whether nothing may be sent any more: another host may have taken over by now.
    fn must_be_ours(&self) -> Result<(), EngineError> {
        if self.fence.is_over() { Err(LedgerError::TakenOver.into()) } else { Ok(()) }
    }

    fn tell(&self, event: Event) {
        // Nobody listening is no reason to stop.
        let _ = self.events.send(event);
    }
}
