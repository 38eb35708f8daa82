//! The only place that knows HTTP.
//!
//! [`Client`] sends the five calls of the client delegation API and implements [`crate::engine::Api`].
//! What Altinn answers becomes a verdict once, in [`judge`] and [`judge_change`], which are pure: the
//! sandbox's world is judged by the same functions in tests of time. [`TokenSource`] says which token goes along.

mod client;
mod judge;
mod list;
mod problem;
mod token;
mod transport;
mod wire;

pub use client::{Client, ClientError};
pub use judge::{Judged, RawAnswer, judge, judge_change};
pub use token::{Token, TokenError, TokenSource};
