//! Rows of the LLM family: each run is predicted once.

use std::sync::Arc;

use super::kernels::Basis;
use super::llm_cases::{Impossible, LlmCases, Resolved, Unresolved};
use super::row::{Compared, Fit, Names, Outcome};
use crate::analyse::Pair;
use crate::catalog::{Model, ModelKind, TransformerKind};
use crate::record::rows::{Include, Skip, Suspicion, Table};
use crate::record::{Bound, Column, Estimate, Metric, NotModelled};
use crate::scenario::Method;
use crate::units::si;

/// Predicts the chosen lines of a table of the LLM family, in their order.
pub(super) fn outcomes(
    basis: Basis<'_>,
    table: &Table,
    lines: &[usize],
    (include, method): (Include, Method),
) -> Vec<Outcome> {
    let cases = LlmCases::of(basis.catalog, table, lines, include);
    let estimates = cases.estimates(basis.pack, &LlmCases::asked(basis.pack, method));
    let doubts = if include.flagged {
        vec![None; cases.rows.len()]
    } else {
        cases.doubts()
    };
    let rows = cases.rows.iter().zip(doubts);
    rows.map(|(row, found)| match row {
        Ok(resolved) => match found {
            Some((why, found)) => doubtful(why, found),
            None => outcome(resolved, resolved.estimate(&estimates)),
        },
        Err(Unresolved { reason, detail }) => Outcome::skipped(
            reason.clone(),
            Some(detail).filter(|detail| !detail.is_empty()).copied(),
        ),
    })
    .collect()
}

/// A row whose run is better than datasheets allow, or that is far worse than cited terms say.
fn doubtful(why: Suspicion, found: Impossible) -> Outcome {
    let by = if why == Suspicion::SlowerThanPlausible {
        "cited terms say"
    } else {
        "datasheets allow"
    };
    let unit = found.column.metric.unit();
    let detail = format!(
        "{} {}, where {by} {}",
        found.column,
        si(found.measured, unit, 3),
        si(found.bound, unit, 3)
    );
    Outcome::skipped(Skip::Suspect(why), Some(&detail))
}

fn outcome(resolved: &Resolved<'_>, estimate: &Result<Estimate, NotModelled>) -> Outcome {
    let case = &resolved.case;
    let column = case.measured.column;
    let estimate = match estimate {
        Ok(estimate) => estimate,
        Err(missing) => return not_modelled(&case.system.model.model, missing),
    };
    let fit = if estimate.memory.fits() {
        Fit::Fits
    } else {
        Fit::Wrong
    };
    let Some(predicted) = resolved.answer(estimate) else {
        return Outcome::Skipped {
            reason: Skip::NoEstimate,
            detail: Some(Arc::from(column.to_string())),
            fit,
        };
    };
    Outcome::Compared(Box::new(Compared {
        names: Names {
            hardware: Arc::from(case.system.hardware.device.id.as_str()),
            model: Arc::from(case.system.model.model.id.as_str()),
            framework: Arc::from(resolved.framework()),
        },
        column,
        pair: Pair {
            predicted: predicted.value,
            lo: predicted.lo,
            hi: predicted.hi,
            measured: case.measured.value,
        },
        bound: bound(estimate, column),
        fit,
    }))
}

/// A model of a kind that this version does not predict, or a fact that is missing.
fn not_modelled(model: &Model, missing: &NotModelled) -> Outcome {
    let is_decoder = match &model.kind {
        ModelKind::Transformer(transformer) => transformer.kind == TransformerKind::Decoder,
        ModelKind::Network(_) => false,
    };
    if is_decoder {
        Outcome::skipped(Skip::NoEstimate, Some(&missing.to_string()))
    } else {
        Outcome::skipped(Skip::UnsupportedModel, Some(&model.id))
    }
}

fn bound(estimate: &Estimate, column: Column) -> Option<Bound> {
    if matches!(column.metric, Metric::Ttft | Metric::PrefillThroughput) {
        estimate.bound_prefill
    } else {
        estimate.bound_decode.or(estimate.bound_prefill)
    }
}
