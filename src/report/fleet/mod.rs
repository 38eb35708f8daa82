//! A fleet in words: what a night would do, and how it goes.

mod metrics;
mod plan;
mod status;

pub use metrics::FleetMetrics;
pub use plan::{FleetPlan, UnitPlan};
pub(super) use status::in_words;
pub use status::{FleetText, fleet_sentence};

/// A night as a page for people.
///
/// # Errors
///
/// It cannot be written.
pub fn write_fleet_page(status: &crate::fleet::FleetStatus, file: &mut std::fs::File) -> std::io::Result<()> {
    crate::words::for_people(|| super::page::write_fleet(status, file))
}
