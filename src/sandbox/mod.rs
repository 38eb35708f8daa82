//! A fake Altinn, true to the letter of what the real one documents, with nobody real in it.
//!
//! Two APIs stand on one world: client delegation in authentication, and access management's.
//! [`World`] is pure: it knows who is delegated to whom and what every request is answered. [`Server`] puts it
//! behind HTTP on a loopback port, [`Store`] keeps its changes in a folder. [`Faults`] decides what goes wrong.
//!
//! The tokens: `sandbox` (both scopes), `sandbox-read` and `sandbox-write` (one each), `sandbox-forbidden` (403),
//! `sandbox-system-user` (AUTH-00038 where the first API is asked for the delegated clients), and those that the sandbox's own token
//! exchange gives ([`SignIns`]). Every other token answers 401.

mod chance;
mod connection;
mod entities;
mod faults;
#[cfg(test)]
mod fixtures;
mod lists;
mod names;
mod parties;
mod problem;
mod request;
mod roles;
mod roster;
mod server;
mod sign_in;
mod store;
mod tokens;
mod world;

pub use faults::{Fault, Faults, MOST_IN_A_ROW};
pub use lists::ListStyle;
pub use parties::{PAYROLL_PACKAGE, Quirk, SandboxAgent, SandboxClient, packages};
pub use problem::Refusal;
pub use request::{
    ADMINISTRATION_PATH, BASE_PATH, Method, PARTIES_PATH, Reply, Request, SANDBOX_TOKEN, VENDOR_TOKEN,
};
pub use roles::Role;
pub use roster::{
    AGENT_WITHOUT_PACKAGES, DEFAULT_FAULT_SHARE, DEFAULT_SEED, DEFAULT_SMALL_FIRMS, DELETED_AGENT,
    NEW_SYSTEM, NIGHTLY_AGENT, ONBOARDING_AGENT, PAYROLL_AGENT, PAYROLL_EXTERNAL_REF, REFUSALS_AGENT,
    STANDARD_AGENT, VENDOR_REDIRECT, facilitator, small_firm, small_firms_agent,
};
pub use server::{DEFAULT_LATENCY, Options, Seen, Server, SharedSignIns, SharedWorld};
pub use sign_in::{
    CLIENT_ID, CLIENT_KEY, ID_PORTEN_PATH, MASKINPORTEN_TOKEN_PATH, PUBLIC_CLIENT_ID, Person, SignIns,
    link_for,
};
pub use store::{Store, StoreError};
pub use tokens::{Grant, Permission, Vendor};
pub use world::{Begun, Change, RequestStatus, SandboxSystem, World};
