//! The only place that knows HTTP.
//!
//! | where | what |
//! |---|---|
//! | [`Client`] | Altinn as the engine knows it: its APIs, one to read through and one to write through |
//! | `http/` | requests, answers, limits, `Retry-After`, renewal on 401, problem documents, lists in groups |
//! | [`client_delegation`] | the first API: its paths, its wire types, the table of its errors |
//! | [`administration`] | the second API, access management's: the same three, and where the party UUID is found |
//! | [`requests`] | the vendor's side: requests for system users |
//! | [`auth`] | how a job comes by a token and keeps one that is good |
//!
//! What Altinn answers becomes a verdict once, in the API's table, which is pure: the sandbox's world is judged by the
//! same functions in tests of time. [`TokenSource`] says which token goes along.

pub mod administration;
pub mod auth;
mod client;
pub mod client_delegation;
mod http;
pub mod requests;

pub use crate::model::Writes;
pub use auth::{SignIn, SignInError, Token, TokenError, TokenSource};
pub use client::{Client, ClientError};
pub use http::{Judged, KnownError, ListLimits, NotReached, RawAnswer, proxy_variable, reach};

/// Every error code about clients that the APIs' tables know, the first API's first.
pub fn known_errors() -> Vec<KnownError> {
    let mut known = client_delegation::known_errors();
    known.extend(administration::known_errors());
    known
}
