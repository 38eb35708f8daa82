//! A fleet in words: what a night would do, and how it goes.

mod plan;
mod status;

pub use plan::{FleetPlan, UnitPlan};
pub use status::FleetText;
