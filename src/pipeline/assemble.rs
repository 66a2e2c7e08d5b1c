//! The results document around the points: identity, executors that did not run, assumptions.

use super::predict::Request;
use crate::analyse::{self, Facts, Outcome};
use crate::record::{
    EvidenceGroup, Inputs, PREDICTOR_VERSION, Payment, PointResult, Presentation, Results,
    Sensitivity, SkippedExecutor, WhatIf,
};
use crate::scenario::{ExecutorEntry, ExecutorKind, Filter, Plan, RunPoint, Scenario, When};

/// What is said beside the headline answers.
pub struct Beside {
    /// What would change them.
    pub sensitivity: Vec<Sensitivity>,
    /// How their points may be paid for.
    pub payments: Vec<Payment>,
    /// Variants of their models.
    pub what_if: Vec<WhatIf>,
}

/// Puts the document together.
pub fn assemble(
    request: Request<'_>,
    facts: &Facts,
    (points, evidence): (Vec<PointResult>, Vec<EvidenceGroup>),
    (outcome, beside): (Outcome, Beside),
) -> Results {
    let scenario = request.scenario;
    let first: Vec<RunPoint> = request.plan.points(0..request.plan.len().min(1)).collect();
    Results {
        complete: true,
        inputs: inputs(request),
        presentation: Presentation::of(scenario, &first),
        axes: scenario.axes.clone(),
        points,
        planned: request.plan.len(),
        answers: outcome.answers,
        sensitivity: beside.sensitivity,
        payments: beside.payments,
        what_if: beside.what_if,
        rooflines: Vec::new(),
        findings: outcome.findings,
        skipped: scenario
            .run
            .iter()
            .filter_map(|entry| skipped(entry, request.plan))
            .collect(),
        golden: None,
        evidence,
        assumptions: analyse::assumptions(scenario, facts),
    }
}

fn inputs(request: Request<'_>) -> Inputs {
    let scenario: &Scenario = request.scenario;
    let (own, files): (Vec<_>, Vec<_>) = scenario
        .files
        .iter()
        .cloned()
        .partition(|file| file.path == scenario.path);
    Inputs {
        phantom_version: env!("CARGO_PKG_VERSION").to_owned(),
        predictor_version: PREDICTOR_VERSION,
        seed: scenario.statistics.seed,
        currency: scenario
            .pricing
            .as_ref()
            .map(|pricing| pricing.currency.clone()),
        scenario_name: scenario.name.clone(),
        scenario_path: scenario.path.clone(),
        scenario_blake3: own
            .into_iter()
            .next()
            .map(|file| file.blake3)
            .unwrap_or_default(),
        description: scenario.description.clone(),
        labels: scenario.labels.clone(),
        files,
        catalog_blake3: request.catalog.hash(),
        catalog_as_of: request.catalog.as_of().to_owned(),
        catalog_overlay: request.overlay.map(str::to_owned),
        calibration_name: request.pack.name.clone(),
        calibration_blake3: request.pack.blake3.hex().to_owned(),
    }
}

/// An executor that this version does not have is visible, unless the scenario says never to run it.
fn skipped(entry: &ExecutorEntry, plan: &Plan) -> Option<SkippedExecutor> {
    let ExecutorKind::Measured { name, target } = &entry.kind else {
        return None;
    };
    if entry.when == When::Never {
        return None;
    }
    let selected = entry
        .points
        .as_deref()
        .and_then(|text| Filter::parse(text).ok());
    let points = selected.map_or_else(|| plan.len(), |filter| plan.select(&filter).len());
    Some(SkippedExecutor {
        executor: (*name).to_owned(),
        points,
        code: "not-in-this-version",
        target: target.clone(),
    })
}
