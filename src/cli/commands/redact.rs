//! `report.redact`: texts that no output shows.

use super::outputs::chain;
use crate::cli::Exit;
use crate::cli::context::Context;
use crate::record::{Results, results_json};
use crate::scenario::Loaded;

/// The results as every output shows them.
///
/// # Errors
///
/// [`Exit::BadInput`] after it was shown which text cannot be hidden.
pub fn redacted(context: &Context, loaded: &Loaded, results: Results) -> Result<Results, Exit> {
    results_json::redact(results, &loaded.scenario.report.redact).map_err(|error| {
        context.complain(&format!(
            "error[bad-value]: report.redact: {}",
            chain(&error)
        ));
        Exit::BadInput
    })
}
