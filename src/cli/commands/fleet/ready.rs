//! What `fleet plan` and `fleet work` have in common: the pace, the sandbox, and a way to carry out a unit with them.

use std::sync::Arc;

use super::super::{
    super::{Context, exit::Failure, fleet_file::FleetFile, together::Together},
    sandbox::in_process,
};
use crate::{engine::Interrupt, fleet::Units, model::Environment};

/// What the fleet's units share, until `interrupt` is asked to stop them.
pub(super) async fn together(
    file: &FleetFile,
    units: &Units,
    interrupt: Interrupt,
    context: &Context,
) -> Result<Together, Failure> {
    let sandbox = if file.fleet.environment == Environment::Sandbox {
        let firms = units.units.iter().map(|unit| unit.job.facilitator).collect();
        Some(Arc::new(in_process(&firms, context).await?))
    } else {
        None
    };
    Ok(Together::new(file.fleet.pace.rate, sandbox, interrupt))
}

/// What a unit is given: nothing is said, and the pace is everybody's.
pub(super) fn of_unit(context: &Context, together: Together) -> Context {
    Context { output: context.output.silent(), together: Some(together), ..context.clone() }
}
