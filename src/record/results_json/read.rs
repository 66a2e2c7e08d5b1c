//! The document from its text.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{SCHEMA, raw, sensitivity};
use crate::diag::Code;
use crate::record::json::{JsonError, from_text};
use crate::record::names::{constant, severity};
use crate::record::{
    Answer, AnswerSize, Basis, Column, EffectSupport, EvidenceGroup, EvidenceKind, Finding,
    FindingClass, GoldenChange, GoldenOutcome, Inputs, IntervalKind, Near, NearestMiss,
    PointEvidence, PointResult, Results, SearchEnd, SearchStep, Searched, SkippedExecutor, Source,
    ValueEntry, Verdict, VerdictEntry, WhatIf, WhatIfVariant,
};
use crate::scenario::{Assumption, AxisValue, InputFile};
use crate::source::Place;

/// Why a text is no results document.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON, or a field is missing or of the wrong type.
    #[error("not a results document: {0}")]
    Shape(#[from] JsonError),
    /// Another format or version.
    #[error("the document says `{found}` where `{SCHEMA}` is expected")]
    Schema {
        /// What it says.
        found: String,
    },
    /// A name that this version does not know.
    #[error("`{name}` is no {what}")]
    Name {
        /// What was expected, `column`.
        what: &'static str,
        /// What stands there.
        name: String,
    },
}

/// The document of a text.
///
/// # Errors
///
/// [`ReadError`] where the text is no document of this version.
pub fn read(text: &str) -> Result<Results, ReadError> {
    check_schema(text)?;
    let document: raw::Document = from_text(text)?;
    let order = &document.axes;
    Ok(Results {
        complete: document.complete,
        inputs: inputs(document.inputs),
        presentation: document.presentation,
        points: all(document.points, |one| point(one, order))?,
        planned: document.planned,
        answers: all(document.answers, |one| answer(one, order))?,
        sensitivity: all(document.sensitivity, |one| sensitivity::read(one, order))?,
        rooflines: document.rooflines,
        payments: document.payments,
        what_if: all(document.what_if, |one| what_if(one, order))?,
        findings: all(document.findings, finding)?,
        skipped: all(document.skipped, skipped)?,
        golden: document.golden.map(golden).transpose()?,
        assumptions: all(document.assumptions, assumption)?,
        evidence: all(document.evidence, evidence_rows)?,
        axes: document.axes,
    })
}

/// Another schema is named before its fields are missed.
fn check_schema(text: &str) -> Result<(), ReadError> {
    #[derive(serde::Deserialize)]
    struct Head {
        schema: String,
    }
    let Head { schema: found } = from_text(text)?;
    if found == SCHEMA {
        Ok(())
    } else {
        Err(ReadError::Schema { found })
    }
}

fn all<A, B>(
    items: Vec<A>,
    one: impl FnMut(A) -> Result<B, ReadError>,
) -> Result<Vec<B>, ReadError> {
    items.into_iter().map(one).collect()
}

pub(super) fn known<T>(
    what: &'static str,
    name: &str,
    find: impl FnOnce(&str) -> Option<T>,
) -> Result<T, ReadError> {
    find(name).ok_or_else(|| ReadError::Name {
        what,
        name: name.to_owned(),
    })
}

fn inputs(raw: raw::Inputs) -> Inputs {
    Inputs {
        phantom_version: raw.phantom_version,
        predictor_version: raw.predictor_version,
        seed: raw.seed,
        currency: raw.currency,
        scenario_name: raw.scenario.name,
        scenario_path: raw.scenario.path,
        scenario_blake3: raw.scenario.blake3,
        description: raw.scenario.description,
        labels: raw.labels,
        files: raw
            .files
            .into_iter()
            .map(|file| InputFile {
                path: file.path,
                blake3: file.blake3,
            })
            .collect(),
        catalog_blake3: raw.catalog.blake3,
        catalog_as_of: raw.catalog.as_of,
        catalog_overlay: raw.catalog.overlay,
        calibration_name: raw.calibration.name,
        calibration_blake3: raw.calibration.blake3,
    }
}

fn what_if(raw: raw::WhatIf, order: &[String]) -> Result<WhatIf, ReadError> {
    let variant = |raw: raw::Variant| {
        let numbers = raw.point.map(|raw| point(raw, order));
        Ok(WhatIfVariant {
            name: raw.name,
            about: raw.about,
            point: numbers.transpose()?,
            refused: raw.refused,
            quality: raw.quality,
        })
    };
    Ok(WhatIf {
        base: raw.base,
        variants: all(raw.variants, variant)?,
    })
}

fn point(raw: raw::Point, order: &[String]) -> Result<PointResult, ReadError> {
    let mut metrics = BTreeMap::new();
    for (name, entries) in raw.metrics {
        let column: Column = known("column", &name, |name| name.parse().ok())?;
        metrics.insert(column, all(entries, entry)?);
    }
    let mut verdicts = BTreeMap::new();
    for (slo, entries) in raw.verdicts {
        verdicts.insert(slo, all(entries, verdict)?);
    }
    let mut bound = BTreeMap::new();
    for (phase, what) in &raw.bound {
        bound.insert(
            known("phase", phase, constant)?,
            known("bound", what, constant)?,
        );
    }
    Ok(PointResult {
        key: raw.key,
        id: raw.id,
        axes: axes(raw.axes, order)?,
        system: raw.system,
        metrics,
        verdicts,
        bound,
        notes: all(raw.notes, |note| known("note", &note, Code::from_name))?,
        evidence: raw.evidence.map(evidence).transpose()?,
    })
}

fn evidence(raw: raw::PointEvidence) -> Result<PointEvidence, ReadError> {
    let support = |name: &str| {
        EffectSupport::ALL
            .into_iter()
            .find(|one| one.name() == name)
    };
    let near = |(group, distance)| Near { group, distance };
    Ok(PointEvidence {
        support: known("support", &raw.support, support)?,
        nearest: raw.nearest.into_iter().map(near).collect(),
        beyond: raw.beyond,
    })
}

fn evidence_rows(raw: raw::EvidenceRows) -> Result<EvidenceGroup, ReadError> {
    let kind = |name: &str| EvidenceKind::ALL.into_iter().find(|one| one.name() == name);
    Ok(EvidenceGroup {
        kind: known("kind of evidence", &raw.kind, kind)?,
        columns: all(raw.columns, |name| {
            known("column", &name, |name| name.parse().ok())
        })?,
        device: raw.device.into(),
        class: raw.class.into(),
        architecture: raw.architecture.into(),
        model: raw.model.into(),
        model_kind: raw.model_kind.into(),
        runtime: raw.runtime.into(),
        program: raw.software.into(),
        format: raw.format.into(),
        source: raw.source.into(),
        date: raw.date.into(),
        example: raw.example.into(),
        rows: raw.rows,
        ranges: [
            raw.sequences,
            raw.input_tokens,
            raw.output_tokens,
            raw.accelerators,
            raw.parameters_m,
        ],
    })
}

/// Axis values in the order of the document's axes; further names follow, sorted.
pub(super) fn axes(
    mut raw: BTreeMap<String, Value>,
    order: &[String],
) -> Result<Vec<(String, AxisValue)>, ReadError> {
    let mut named: Vec<_> = order
        .iter()
        .filter_map(|name| Some((name.clone(), raw.remove(name)?)))
        .collect();
    named.extend(raw);
    all(named, |(name, value)| Ok((name, axis_value(value)?)))
}

fn axis_value(value: Value) -> Result<AxisValue, ReadError> {
    match value {
        Value::Bool(value) => Ok(AxisValue::Bool(value)),
        Value::String(text) => Ok(AxisValue::Text(text)),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(count), _) => Ok(AxisValue::Int(count)),
            (None, Some(number)) => Ok(AxisValue::Float(number)),
            (None, None) => known("axis value", &number.to_string(), |_| None),
        },
        other @ (Value::Null | Value::Array(_) | Value::Object(_)) => {
            known("axis value", &other.to_string(), |_| None)
        }
    }
}

fn entry(raw: raw::Entry) -> Result<ValueEntry, ReadError> {
    let interval = match (raw.lo, raw.hi, raw.level) {
        (Some(lo), Some(hi), Some(level)) => Some((lo, hi, level)),
        (_, _, _) => None,
    };
    Ok(ValueEntry {
        value: raw.value,
        unit: raw.unit,
        interval,
        n: raw.n,
        source: known("source", &raw.source, Source::from_name)?,
        executor: known("executor", &raw.executor, constant)?,
        basis: known("basis", &raw.basis, Basis::from_name)?,
        method: known("method", &raw.method, constant)?,
        interval_kind: known("kind of interval", &raw.interval, IntervalKind::from_name)?,
        scope: raw.scope,
        purchase: raw
            .purchase
            .map(|name| known("purchase", &name, constant))
            .transpose()?,
    })
}

fn verdict(raw: raw::VerdictEntry) -> Result<VerdictEntry, ReadError> {
    Ok(VerdictEntry {
        source: known("source", &raw.source, Source::from_name)?,
        verdict: known("verdict", &raw.verdict, Verdict::from_name)?,
        limiting: raw.limiting,
        margin: raw.margin,
        by_value_alone: raw.by_value_alone,
    })
}

fn answer(raw: raw::Answer, order: &[String]) -> Result<Answer, ReadError> {
    let objective = raw.objective;
    Ok(Answer {
        question: raw.question,
        group: axes(raw.group, order)?,
        headline: raw.headline,
        key: raw.key,
        objective: objective.column,
        value: objective
            .value
            .map(|value| (value, objective.lo, objective.hi)),
        unit: objective.unit,
        verdict: match raw.verdict.as_str() {
            "none" => None,
            name => Some(known("verdict", name, Verdict::from_name)?),
        },
        runner_up: raw.runner_up,
        size: raw.size.map(|size| AnswerSize {
            replicas: size.replicas,
            accelerators: size.accelerators,
            cost_per_month: size.cost_per_month,
        }),
        nearest_miss: raw.nearest_miss.map(|miss| NearestMiss {
            key: miss.key,
            slo: miss.slo,
            margin: miss.margin,
        }),
        search: raw.search.map(search).transpose()?,
    })
}

fn search(raw: raw::Search) -> Result<Searched, ReadError> {
    let step = |step: raw::SearchStep| -> Result<SearchStep, ReadError> {
        Ok(SearchStep {
            load: step.load,
            meets: step.meets,
            verdict: known("verdict", &step.verdict, Verdict::from_name)?,
            limiting: step.limiting,
            margin: step.margin,
            value: step.value.map(|value| (value, step.lo, step.hi)),
            unit: step.unit,
        })
    };
    Ok(Searched {
        base: raw.base,
        from: raw.from,
        to: raw.to,
        tolerance: raw.tolerance,
        end: known("end", &raw.end, SearchEnd::from_name)?,
        monotone: raw.monotone,
        steps: raw.steps.into_iter().map(step).collect::<Result<_, _>>()?,
    })
}

fn finding(raw: raw::Finding) -> Result<Finding, ReadError> {
    Ok(Finding {
        class: known("class", &raw.class, FindingClass::from_name)?,
        code: known("code", &raw.code, Code::from_name)?,
        severity: known("severity", &raw.severity, severity)?,
        key: raw.key,
        column: raw.column,
        message: raw.message,
        place: raw.place.map(|place| Place {
            file: place.file,
            line: place.line,
            column: place.column,
            end_line: place.end_line,
            end_column: place.end_column,
        }),
        old: raw.old,
        new: raw.new,
    })
}

fn skipped(raw: raw::Skipped) -> Result<SkippedExecutor, ReadError> {
    Ok(SkippedExecutor {
        executor: raw.executor,
        points: raw.points,
        code: known("code", &raw.code, constant)?,
        target: raw.target,
    })
}

fn golden(raw: raw::Golden) -> Result<GoldenOutcome, ReadError> {
    Ok(GoldenOutcome {
        file: raw.file,
        state: known("state", &raw.state, constant)?,
        compared: raw.compared,
        differing: raw.differing,
        changes: raw
            .changes
            .into_iter()
            .map(|change| GoldenChange {
                key: change.key,
                column: change.column,
                old: change.old,
                new: change.new,
                change: change.change,
                tolerance: change.tolerance,
            })
            .collect(),
    })
}

fn assumption(raw: raw::Assumption) -> Result<Assumption, ReadError> {
    Ok(Assumption {
        path: raw.path,
        value: raw.value,
        basis: known("basis", &raw.basis, Basis::from_name)?,
        source: raw.source,
        as_of: raw.as_of,
    })
}
