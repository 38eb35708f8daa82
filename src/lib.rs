//! fullmakt delegates clients to system users in Altinn, thousands at once.

pub mod altinn;
pub mod cli;
pub mod engine;
pub mod ledger;
pub mod manifest;
pub mod model;
pub mod report;
pub mod sandbox;
