//! The only place that knows HTTP.
//!
//! [`Client`] sends the five calls of the client delegation API and implements [`crate::engine::Api`].
//! What Altinn answers becomes a verdict once, in [`judge`] and [`judge_change`], which are pure: the
//! sandbox's world is judged by the same functions in tests of time. [`TokenSource`] says which token goes along.

pub mod auth;
mod client;
mod judge;
mod list;
mod problem;
mod transport;
mod wire;

pub use auth::{SignIn, SignInError, Token, TokenError, TokenSource};
pub use client::{Client, ClientError};
pub use judge::{Judged, RawAnswer, judge, judge_change};
