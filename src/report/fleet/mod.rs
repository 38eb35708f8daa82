//! A fleet in words: what a night would do, and how it goes.

mod metrics;
mod plan;
mod status;

pub use metrics::FleetMetrics;
pub use plan::{FleetPlan, UnitPlan};
pub use status::{FleetText, fleet_sentence};
