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
    named(context, flag.or(of_scenario(scenario)))
}

/// The pack that a scenario names.
fn of_scenario(scenario: &Scenario) -> Option<&str> {
    scenario.run.iter().find_map(|entry| match &entry.kind {
        ExecutorKind::Predict { calibration, .. } => calibration.as_deref(),
        ExecutorKind::Measured { .. } => None,
    })
}

/// The built-in pack that was chosen last, which a loop of evaluations need not read again.
#[cfg(feature = "watch")]
#[derive(Debug, Default)]
pub struct BuiltIn(Option<(String, Calibration)>);

#[cfg(feature = "watch")]
impl BuiltIn {
    /// [`choose`], from here where the same built-in pack was chosen before.
    ///
    /// # Errors
    ///
    /// Those of [`choose`].
    pub fn choose(
        &mut self,
        context: &Context,
        flag: Option<&str>,
        scenario: &Scenario,
    ) -> Result<Calibration, Exit> {
        let name = flag.or(of_scenario(scenario)).unwrap_or("default");
        if let Some((known, pack)) = &self.0
            && known == name
        {
            return Ok(pack.clone());
        }
        let pack = named(context, Some(name))?;
        let is_file = !Calibration::BUILT_IN.contains(&name);
        self.0 = (!is_file).then(|| (name.to_owned(), pack.clone()));
        Ok(pack)
    }
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
