//! Planning, pacing, sending, retrying, stopping. Emits events; knows neither HTTP nor SQL.

mod api;

pub use api::{Api, ClientList, ListInformation};
