//! What the program is about, in types: no I/O, no async, no clock.
//!
//! Everything here can be read, tested and believed without a network or a disk. The other folders
//! translate: a spreadsheet into [`ManifestRow`]s, HTTP into [`Verdict`]s, [`Event`]s into what people see.

mod agent;
mod auth;
mod characters;
mod client;
mod doors;
mod environment;
mod event;
mod fleet;
mod guard;
mod identity_number;
mod job;
mod job_text;
mod job_words;
mod kind;
mod names;
mod notify;
mod organisation_number;
mod pace;
mod packages;
mod plan;
mod readback;
mod request;
mod run;
mod spelling;
mod state;
mod totals;
mod vendor;
mod verdict;

pub use agent::{Agent, AgentKind};
pub(crate) use auth::variable_in_words;
pub use auth::{Auth, CREDENTIALS, IdPorten, Key, KeyFrom, Maskinporten, TokenEndpoint, TokenFrom};
pub use characters::{argument, is_for_a_shell, is_invisible, visible};
pub use client::{AgentId, ClientChange, ClientId, ClientList, ListedClient, PartyId};
pub use doors::{ApiChoice, Doors, SecondDoor, Writes};
pub use environment::{Environment, is_loopback};
pub use event::{Event, Phase, WaitReason};
pub use fleet::{Fleet, Window};
pub use guard::{Guard, Limit, Once};
pub use identity_number::{has_identity_number, masked, masked_among_accounts};
pub use job::{AgentRef, Job, JobError, OtherRow, duration};
pub use job_text::job_text;
pub use kind::{
    ClientsFrom, JobAgents, JobKind, KindRow, Opposite, RowActions, Undo, WhenRunAgain, opposite,
};
pub use names::{NameCounts, NamesVerdict, is_same_name, name_key};
pub use notify::{Notify, NotifyOn};
pub use organisation_number::{OrganisationNumber, OrganisationNumberError};
pub use pace::{Pace, Rate};
pub use packages::{GivenBy, Packages, in_words, mixed, short};
pub use plan::{Action, Gives, Has, Intent, Listing, ManifestRow, NotSent, Operation, Planned, plan_client};
pub use readback::{Later, Moment, Sighting, read_back};
pub use request::{
    DAYS_TO_ANSWER, FirmHeld, FirmRequest, FirmResumed, LeftAlone, Link, RequestId, RequestStanding,
    RequestState, RequestStep, WantedSystemUser, plan_request, resume_firm,
};
pub use run::{RunId, RunStatus};
pub use state::{ClientEvent, ClientState, IllegalTransition};
pub use totals::Totals;
pub use vendor::{Ready, ReadyGoesTo, Vendor};
pub use verdict::{Again, Answer, AtLast, AttemptVerdict, Call, HaltCause, NoVerdict, Notice, Verdict};
