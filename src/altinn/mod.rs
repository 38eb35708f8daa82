//! The only place that knows HTTP: the five calls, their wire types, and what every answer means.
//!
//! An answer is judged once, by [`judge`], from the table of the client delegation API. [`Client`] is the
//! engine's [`Api`](crate::engine::Api).

mod client;
mod list;
mod problem;
mod token;
mod transport;
mod wire;

pub use client::{Client, ClientError};
pub use problem::{Judged, Reply, judge, retry_after};
pub use token::{TokenError, TokenSource};
