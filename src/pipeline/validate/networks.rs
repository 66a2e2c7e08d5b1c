//! Rows of the vision and edge family: each is predicted by the pack's models of networks.

use std::sync::Arc;

use super::kernels::Basis;
use super::row::{Compared, Fit, Names, Outcome};
use crate::analyse::Pair;
use crate::perf::network_estimate;
use crate::pipeline::parallel;
use crate::record::NetworkModels;
use crate::record::rows::{Include, Line, Skip, Table, network_call, network_row, scores_words};

/// Predicts the chosen lines of a table of networks, in their order.
pub(super) fn outcomes(
    basis: Basis<'_>,
    table: &Table,
    lines: &[usize],
    include: Include,
) -> Vec<Outcome> {
    let networks = basis.pack.networks.as_deref();
    match networks.map(|networks| networks.models()) {
        Some(Ok(models)) => parallel::map(lines, |line| {
            outcome((basis, models), table, &table.lines[*line], include)
        }),
        Some(Err(_)) | None => lines
            .iter()
            .map(|_| Outcome::skipped(Skip::UnsupportedFamily, Some("vision and edge")))
            .collect(),
    }
}

fn outcome(
    (basis, models): (Basis<'_>, &NetworkModels),
    table: &Table,
    line: &Line,
    include: Include,
) -> Outcome {
    let skipped = |reason: Skip| {
        let column = match &reason {
            Skip::UnknownHardware => "hardware",
            Skip::UnknownMetric | Skip::UnitMismatch | Skip::NoEstimate => "metric",
            Skip::UnsupportedScenario => "scenario",
            Skip::UnknownModel
            | Skip::UnknownFramework
            | Skip::UnknownPrecision
            | Skip::UnsupportedModel
            | Skip::UnsupportedFamily
            | Skip::SpeculativeDecoding
            | Skip::LoadInput
            | Skip::MissingField(_)
            | Skip::BadValue
            | Skip::DuplicateRow
            | Skip::Suspect(_)
            | Skip::Derived
            | Skip::FlaggedOutlier
            | Skip::Unverified => "source_id",
        };
        let detail = Some(table.field(line, column)).filter(|text| !text.is_empty());
        Outcome::skipped(reason, detail)
    };
    let row = match network_row(table, line, include) {
        Ok(row) => row,
        Err(reason) => return skipped(reason),
    };
    if scores_words(basis.catalog, &row) {
        return skipped(Skip::UnsupportedModel);
    }
    let call = match network_call(&row, basis.catalog) {
        Ok(call) => call,
        Err(reason) => return skipped(reason),
    };
    let column = row.measured.column;
    let found = network_estimate(models, &call, column)
        .map(|(found, _)| found)
        .filter(|found| found.value > 0.0 && found.value.is_finite());
    let Some(found) = found else {
        return skipped(Skip::NoEstimate);
    };
    Outcome::Compared(Box::new(Compared {
        names: Names {
            hardware: Arc::from(call.device.id.as_str()),
            model: Arc::from(call.names.network),
            framework: Arc::from(call.names.software),
        },
        column,
        pair: Pair {
            predicted: found.value,
            lo: found.lo,
            hi: found.hi,
            measured: row.measured.value,
        },
        bound: None,
        fit: Fit::Fits,
    }))
}
