//! What `fleet plan` and `fleet work` have in common: the pace, the sandbox, and a way to carry out a unit with them.

use std::sync::Arc;

use super::super::{
    super::{
        Context,
        exit::Failure,
        fleet_file::FleetFile,
        together::{Together, pace_of},
    },
    sandbox::in_process,
};
use crate::{
    engine::Interrupt,
    fleet::Units,
    model::{Environment, Fleet},
};

/// What the fleet's units share, until `interrupt` is asked to stop them. With `looks`, nothing is made.
pub(super) async fn together(
    file: &FleetFile,
    units: &Units,
    looks: bool,
    interrupt: Interrupt,
    context: &Context,
) -> Result<Together, Failure> {
    let sandbox = if file.fleet.environment == Environment::Sandbox {
        let firms = units.units.iter().map(|unit| unit.job.facilitator).collect();
        Some(Arc::new(in_process(&firms, context).await?))
    } else {
        None
    };
    let Fleet { pace, environment, auth, .. } = &file.fleet;
    let pace = pace_of(looks, pace.rate, environment, auth.as_ref(), context)?;
    Ok(Together::new(pace, sandbox, interrupt))
}

/// What a unit is given: nothing is said, and the pace is everybody's.
pub(super) fn of_unit(context: &Context, together: Together) -> Context {
    Context { output: context.output.silent(), together: Some(together), ..context.clone() }
}
