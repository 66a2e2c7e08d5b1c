//! Rows of the LLM family: each run is predicted once.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::energy::{PowerScope, estimated};
use super::kernels::Basis;
use super::rates::RunRates;
use super::row::{Compared, Fit, Names, Outcome};
use super::systems::{Systems, workload_key};
use crate::analyse::Pair;
use crate::catalog::{Catalog, Model, ModelKind, TransformerKind};
use crate::perf::Server;
use crate::pipeline::{Asked, estimate, parallel};
use crate::record::rows::{Include, Line, LlmCase, Skip, Table, llm_case, llm_row};
use crate::record::{Bound, Column, Estimate, Metric, NotModelled};
use crate::scenario::{LlmWorkload, Method};

/// The level asked for under a pack without one, which gives no intervals whatever is asked.
const ANY_LEVEL: f64 = 0.9;

/// Seed of simulated rows.
const SEED: u64 = 1;

/// Percentiles that rows of this family state.
const PERCENTILES: [f64; 3] = [50.0, 90.0, 99.0];

/// A resolved row: its case, and where in the lists of systems and runs its prediction stands.
struct Resolved<'a> {
    case: LlmCase,
    scope: PowerScope,
    framework: &'a str,
}

struct Unresolved<'a> {
    reason: Skip,
    detail: &'a str,
}

/// Predicts the chosen lines of a table of the LLM family, in their order.
pub(super) fn outcomes(
    basis: Basis<'_>,
    table: &Table,
    lines: &[usize],
    (include, method): (Include, Method),
) -> Vec<Outcome> {
    let rates = RunRates::of(table, lines);
    let resolved = parallel::map(lines, |line| {
        resolve(basis.catalog, table, &table.lines[*line], (include, &rates))
    });
    let mut systems = Systems::default();
    let mut runs: BTreeMap<(usize, String), usize> = BTreeMap::new();
    let mut asked: Vec<(usize, &LlmWorkload)> = Vec::new();
    let places: Vec<Option<usize>> = resolved
        .iter()
        .map(|resolved| {
            let case = &resolved.as_ref().ok()?.case;
            let system = systems.place(&case.system);
            let key = (system, workload_key(&case.workload));
            Some(*runs.entry(key).or_insert_with(|| {
                asked.push((system, &case.workload));
                asked.len() - 1
            }))
        })
        .collect();
    let servers = parallel::map(systems.list(), |system| Server::new(system, basis.pack));
    let level = basis.pack.level.unwrap_or(ANY_LEVEL);
    let how = Asked::new(method, level, &PERCENTILES, SEED);
    let estimates = parallel::map(&asked, |(system, workload)| match &servers[*system] {
        Ok(server) => estimate(server, &systems.list()[*system], workload, &how),
        Err(missing) => Err(missing.clone()),
    });
    let rows = resolved.iter().zip(&places);
    rows.map(|(resolved, place)| match (resolved, place) {
        (Ok(resolved), Some(place)) => outcome(resolved, &estimates[*place]),
        (Err(Unresolved { reason, detail }), _) => Outcome::skipped(
            reason.clone(),
            Some(detail).filter(|detail| !detail.is_empty()).copied(),
        ),
        (Ok(_), None) => unreachable!("every resolved row has a run"),
    })
    .collect()
}

fn resolve<'a>(
    catalog: &Catalog,
    table: &Table,
    line: &'a Line,
    (include, rates): (Include, &RunRates),
) -> Result<Resolved<'a>, Unresolved<'a>> {
    let text = |column: &str| table.field(line, column);
    let unresolved = |reason: Skip| {
        let detail = text(blamed(&reason));
        Unresolved { reason, detail }
    };
    let row = llm_row(table, line, include).map_err(unresolved)?;
    let case = llm_case(&row, catalog, rates.rate(table, line)).map_err(unresolved)?;
    Ok(Resolved {
        case,
        scope: PowerScope::of(text("power_scope"), text("source_id")),
        framework: row.framework,
    })
}

/// The column that says more about a reason.
const fn blamed(reason: &Skip) -> &'static str {
    match reason {
        Skip::UnknownHardware => "hardware",
        Skip::UnknownModel | Skip::UnsupportedModel => "model",
        Skip::UnknownFramework => "framework",
        Skip::UnknownMetric | Skip::UnitMismatch => "metric",
        Skip::UnsupportedScenario => "scenario",
        Skip::UnknownPrecision => "quant_scheme",
        Skip::UnsupportedFamily
        | Skip::SpeculativeDecoding
        | Skip::LoadInput
        | Skip::MissingField(_)
        | Skip::BadValue
        | Skip::DuplicateRow
        | Skip::Suspect(_)
        | Skip::Derived
        | Skip::FlaggedOutlier
        | Skip::Unverified
        | Skip::NoEstimate => "source_id",
    }
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
    let predicted = estimated(estimate, column, resolved.scope)
        .filter(|found| found.value > 0.0 && found.value.is_finite());
    let Some(predicted) = predicted else {
        return Outcome::Skipped {
            reason: Skip::NoEstimate,
            detail: Some(Arc::from(column.to_string())),
            fit,
        };
    };
    let framework = if resolved.framework.is_empty() {
        "unstated"
    } else {
        resolved.framework
    };
    Outcome::Compared(Box::new(Compared {
        names: Names {
            hardware: Arc::from(case.system.hardware.device.id.as_str()),
            model: Arc::from(case.system.model.model.id.as_str()),
            framework: Arc::from(framework),
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
