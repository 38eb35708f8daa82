//! Delegates clients to system users in Altinn, thousands at once, and leaves nobody in doubt about who was delegated.
//!
//! The flow of `fullmakt run JOB`:
//!
//! 1. [`cli`] reads the job file ([`model::Job`]); [`manifest`] reads the client list, row by row, into the
//!    [`ledger`]'s plan, with a complaint for every row that cannot be acted on.
//! 2. [`engine`] reads Altinn's two lists through [`altinn`] into the ledger; [`model::plan_client`] decides for each
//!    client; [`report`] shows the plan, and somebody says yes.
//! 3. The plan becomes a run. The engine claims clients in groups, sends each at the job's pace, and has every answer
//!    judged once, at the edge of `altinn`, into a [`model::Verdict`].
//! 4. A verdict is an event, an event a new state ([`model::ClientState::after`]); the ledger holds it before it is shown.
//! 5. When all are answered, Altinn's list is read again. What it confirms is done; what it does not goes round again.
//! 6. `report` writes the summary and the failure report, which is the next manifest.
//!
//! [`sandbox`] is a fake Altinn that makes all of it run without the real one. `ARCHITECTURE.md` has the map.

#[cfg(test)]
extern crate self as fullmakt;

pub mod altinn;
pub mod cli;
pub mod clock;
pub mod engine;
pub mod fleet;
pub mod ledger;
pub mod manifest;
pub mod model;
pub mod report;
pub mod sandbox;
mod signatures;
pub mod state_dir;
pub mod words;
