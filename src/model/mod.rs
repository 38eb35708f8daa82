//! What the program is about, in types: no I/O, no async, no clock.
//!
//! Everything here can be read, tested and believed without a network or a disk. The other folders
//! translate: a spreadsheet into [`ManifestRow`]s, HTTP into [`Verdict`]s, [`Event`]s into what people see.

mod agent;
mod auth;
mod client;
mod environment;
mod event;
mod job;
mod organisation_number;
mod pace;
mod packages;
mod plan;
mod run;
mod state;
mod totals;
mod verdict;

pub use agent::{Agent, AgentKind};
pub use auth::{Auth, IdPorten, KeyFile, Maskinporten, TokenEndpoint, TokenFrom};
pub use client::{AgentId, ClientChange, ClientId, ClientList, ListedClient, PartyId};
pub use environment::{Environment, is_loopback};
pub use event::{Event, Phase, WaitReason};
pub use job::{AgentRef, Guard, Job, JobError, JobKind, Removals, duration};
pub use organisation_number::{OrganisationNumber, OrganisationNumberError};
pub use pace::{Pace, Rate};
pub use packages::Packages;
pub use plan::{Action, Listing, ManifestRow, NotSent, Operation, Planned, Wanted, plan_client};
pub use run::{RunId, RunStatus};
pub use state::{ClientEvent, ClientState, IllegalTransition};
pub use totals::Totals;
pub use verdict::{Again, Answer, AtLast, Call, HaltCause, NoVerdict, Notice, Verdict};
