//! The document as serde reads it, before its names are understood.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::record::{Payment, PointSystem, Presentation, Roofline, StatedQuality};

#[derive(Deserialize)]
pub(super) struct Document {
    pub(super) answers: Vec<Answer>,
    pub(super) assumptions: Vec<Assumption>,
    pub(super) axes: Vec<String>,
    pub(super) complete: bool,
    /// Absent under a pack that does not say what it was fitted on.
    #[serde(default)]
    pub(super) evidence: Vec<EvidenceRows>,
    pub(super) findings: Vec<Finding>,
    pub(super) golden: Option<Golden>,
    pub(super) inputs: Inputs,
    /// Absent where fewer than two ways to pay have a price.
    #[serde(default)]
    pub(super) payments: Vec<Payment>,
    pub(super) planned: u64,
    pub(super) points: Vec<Point>,
    pub(super) presentation: Presentation,
    /// Absent where no option is bound by the roof of a device.
    #[serde(default)]
    pub(super) rooflines: Vec<Roofline>,
    /// Absent where no answer names a point.
    #[serde(default)]
    pub(super) sensitivity: Vec<super::sensitivity::Raw>,
    pub(super) skipped: Vec<Skipped>,
    /// Absent where no variant was named.
    #[serde(default)]
    pub(super) what_if: Vec<WhatIf>,
}

#[derive(Deserialize)]
pub(super) struct WhatIf {
    pub(super) base: String,
    pub(super) variants: Vec<Variant>,
}

#[derive(Deserialize)]
pub(super) struct Variant {
    pub(super) about: String,
    pub(super) name: String,
    pub(super) point: Option<Point>,
    pub(super) quality: Option<StatedQuality>,
    pub(super) refused: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Point {
    pub(super) axes: BTreeMap<String, Value>,
    pub(super) bound: BTreeMap<String, String>,
    /// Absent under a pack that was not fitted.
    pub(super) evidence: Option<PointEvidence>,
    pub(super) id: String,
    pub(super) key: String,
    pub(super) metrics: BTreeMap<String, Vec<Entry>>,
    pub(super) notes: Vec<String>,
    pub(super) system: PointSystem,
    pub(super) verdicts: BTreeMap<String, Vec<VerdictEntry>>,
}

#[derive(Deserialize)]
pub(super) struct PointEvidence {
    pub(super) beyond: Vec<String>,
    pub(super) nearest: Vec<(usize, f64)>,
    pub(super) support: String,
}

#[derive(Deserialize)]
pub(super) struct EvidenceRows {
    pub(super) accelerators: Option<[f64; 2]>,
    pub(super) architecture: String,
    pub(super) class: String,
    pub(super) columns: Vec<String>,
    pub(super) date: String,
    pub(super) device: String,
    pub(super) example: String,
    pub(super) format: String,
    pub(super) input_tokens: Option<[f64; 2]>,
    pub(super) kind: String,
    pub(super) model: String,
    pub(super) model_kind: String,
    pub(super) output_tokens: Option<[f64; 2]>,
    pub(super) parameters_m: Option<[f64; 2]>,
    pub(super) rows: u32,
    pub(super) runtime: String,
    pub(super) sequences: Option<[f64; 2]>,
    pub(super) software: String,
    pub(super) source: String,
}

#[derive(Deserialize)]
pub(super) struct Entry {
    pub(super) basis: String,
    pub(super) executor: String,
    pub(super) hi: Option<f64>,
    pub(super) interval: String,
    pub(super) level: Option<f64>,
    pub(super) lo: Option<f64>,
    pub(super) method: String,
    pub(super) n: Option<u64>,
    pub(super) purchase: Option<String>,
    pub(super) scope: Option<String>,
    pub(super) source: String,
    pub(super) unit: String,
    pub(super) value: f64,
}

#[derive(Deserialize)]
pub(super) struct VerdictEntry {
    #[serde(default)]
    pub(super) by_value_alone: bool,
    pub(super) limiting: Option<String>,
    pub(super) margin: Option<f64>,
    pub(super) source: String,
    pub(super) verdict: String,
}

#[derive(Deserialize)]
pub(super) struct Answer {
    pub(super) group: BTreeMap<String, Value>,
    pub(super) headline: bool,
    pub(super) key: Option<String>,
    pub(super) nearest_miss: Option<NearestMiss>,
    pub(super) objective: Objective,
    pub(super) question: String,
    pub(super) runner_up: Option<String>,
    /// Absent where no load was searched.
    #[serde(default)]
    pub(super) search: Option<Search>,
    pub(super) size: Option<Size>,
    pub(super) verdict: String,
}

#[derive(Deserialize)]
pub(super) struct Search {
    pub(super) base: String,
    pub(super) end: String,
    pub(super) from: f64,
    pub(super) monotone: bool,
    pub(super) steps: Vec<SearchStep>,
    pub(super) to: f64,
    pub(super) tolerance: f64,
}

#[derive(Deserialize)]
pub(super) struct SearchStep {
    pub(super) hi: Option<f64>,
    pub(super) limiting: Option<String>,
    pub(super) lo: Option<f64>,
    pub(super) load: f64,
    pub(super) margin: Option<f64>,
    pub(super) meets: bool,
    pub(super) unit: String,
    pub(super) value: Option<f64>,
    pub(super) verdict: String,
}

#[derive(Deserialize)]
pub(super) struct NearestMiss {
    pub(super) key: String,
    pub(super) margin: Option<f64>,
    pub(super) slo: String,
}

#[derive(Deserialize)]
pub(super) struct Objective {
    pub(super) column: String,
    pub(super) hi: Option<f64>,
    pub(super) lo: Option<f64>,
    pub(super) unit: String,
    pub(super) value: Option<f64>,
}

#[derive(Deserialize)]
pub(super) struct Size {
    pub(super) accelerators: u64,
    pub(super) cost_per_month: Option<f64>,
    pub(super) replicas: u64,
}

#[derive(Deserialize)]
pub(super) struct Assumption {
    pub(super) as_of: Option<String>,
    pub(super) basis: String,
    pub(super) path: String,
    pub(super) source: String,
    pub(super) value: String,
}

#[derive(Deserialize)]
pub(super) struct Finding {
    pub(super) class: String,
    pub(super) code: String,
    pub(super) column: Option<String>,
    pub(super) key: Option<String>,
    pub(super) message: String,
    pub(super) new: Option<f64>,
    pub(super) old: Option<f64>,
    pub(super) place: Option<Place>,
    pub(super) severity: String,
}

#[derive(Deserialize)]
pub(super) struct Place {
    pub(super) column: usize,
    pub(super) end_column: usize,
    pub(super) end_line: usize,
    pub(super) file: String,
    pub(super) line: usize,
}

#[derive(Deserialize)]
pub(super) struct Golden {
    pub(super) changes: Vec<Change>,
    pub(super) compared: u64,
    pub(super) differing: u64,
    pub(super) file: String,
    pub(super) state: String,
}

#[derive(Deserialize)]
#[expect(
    clippy::struct_field_names,
    reason = "the names are those of the document"
)]
pub(super) struct Change {
    pub(super) change: Option<f64>,
    pub(super) column: String,
    pub(super) key: String,
    pub(super) new: Option<String>,
    pub(super) old: Option<String>,
    pub(super) tolerance: String,
}

#[derive(Deserialize)]
pub(super) struct Inputs {
    pub(super) calibration: Calibration,
    pub(super) catalog: Catalog,
    pub(super) currency: Option<String>,
    pub(super) files: Vec<File>,
    #[serde(default)]
    pub(super) labels: BTreeMap<String, String>,
    pub(super) phantom_version: String,
    pub(super) predictor_version: u32,
    pub(super) scenario: ScenarioFile,
    pub(super) seed: u64,
}

#[derive(Deserialize)]
pub(super) struct Calibration {
    pub(super) blake3: String,
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct Catalog {
    pub(super) as_of: String,
    pub(super) blake3: String,
    pub(super) overlay: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct File {
    pub(super) blake3: String,
    pub(super) path: String,
}

#[derive(Deserialize)]
pub(super) struct ScenarioFile {
    pub(super) blake3: String,
    pub(super) description: Option<String>,
    pub(super) name: String,
    pub(super) path: String,
}

#[derive(Deserialize)]
pub(super) struct Skipped {
    pub(super) code: String,
    pub(super) executor: String,
    pub(super) points: u64,
    pub(super) target: String,
}
