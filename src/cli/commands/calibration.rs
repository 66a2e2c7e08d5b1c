//! Which calibration pack a command uses.

use std::path::Path;

use super::outputs::chain;
use crate::cli::Exit;
use crate::cli::context::Context;
use crate::record::Calibration;
use crate::scenario::{ExecutorKind, Scenario};
use crate::source::World;

/// The pack named by a flag, else by the scenario, else the embedded one.
///
/// # Errors
///
/// [`Exit::BadInput`] after every problem of the pack was shown.
pub fn choose(
    context: &Context,
    flag: Option<&str>,
    scenario: &Scenario,
) -> Result<Calibration, Exit> {
    let of_scenario = scenario.run.iter().find_map(|entry| match &entry.kind {
        ExecutorKind::Predict { calibration, .. } => calibration.as_deref(),
        ExecutorKind::Measured { .. } => None,
    });
    named(context, flag.or(of_scenario))
}

/// The pack of that name or file; the embedded one where none is named.
///
/// # Errors
///
/// [`Exit::BadInput`] after every problem of the pack was shown.
pub fn named(context: &Context, name: Option<&str>) -> Result<Calibration, Exit> {
    let embedded = Calibration::embedded();
    let Some(name) = name.filter(|name| *name != embedded.name) else {
        return Ok(embedded);
    };
    let bytes = context.world.read(Path::new(name)).map_err(|error| {
        let known = &embedded.name;
        context.complain(&format!("error[calibration-invalid]: no pack is named `{name}` (built in: `{known}`), and as a file: {}", chain(&error)));
        Exit::BadInput
    })?;
    Calibration::read(&bytes).map_err(|problems| {
        for problem in problems {
            context.complain(&format!("error[calibration-invalid]: {name}: {problem}"));
        }
        Exit::BadInput
    })
}
