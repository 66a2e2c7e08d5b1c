//! Which calibration pack a command uses.

use std::path::Path;

use super::outputs::chain;
use crate::cli::Exit;
use crate::cli::context::Context;
use crate::record::Calibration;
use crate::scenario::{ExecutorKind, Scenario};
use crate::source::World;

/// The pack named by a flag, else by the scenario, else `default`.
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

/// The pack of that name or file; `default` where nothing is named, which is fitted on measurements. `datasheet` holds published
/// terms alone, `none` datasheet values alone.
///
/// # Errors
///
/// [`Exit::BadInput`] after every problem of the pack was shown.
pub fn named(context: &Context, name: Option<&str>) -> Result<Calibration, Exit> {
    let name = match name {
        Some("datasheet") => return Ok(Calibration::embedded()),
        Some("none") => return Ok(Calibration::none()),
        None | Some("default") => return Ok(Calibration::fitted()),
        Some(name) => name,
    };
    let bytes = context.world.read(Path::new(name)).map_err(|error| {
        context.complain(&format!("error[calibration-invalid]: no pack is named `{name}` (built in: `default`, `datasheet`, `none`), and as a file: {}", chain(&error)));
        Exit::BadInput
    })?;
    Calibration::read(&bytes).map_err(|problems| {
        for problem in problems {
            context.complain(&format!("error[calibration-invalid]: {name}: {problem}"));
        }
        Exit::BadInput
    })
}
