//! What a report says beside the numbers, kept in the results document so that it can be rendered again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The words of a scenario that a report repeats: title, limits, questions, prices.
///
/// It is a function of the scenario alone; every field is text or a number in base units.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Presentation {
    /// Title of the report.
    pub title: String,
    /// `llm`, `embedding`, `vision`, `training`, `kernel`.
    pub workload: String,
    /// The workload in words: lengths and load.
    pub workload_text: String,
    /// Axis that varies the load, where one does.
    pub load_axis: Option<String>,
    /// What a load value counts, `requests in flight`.
    pub load_unit: String,
    /// The "do nothing" option: axis values as text.
    pub baseline: BTreeMap<String, String>,
    /// Ids of the charts asked for; `None`: by workload.
    pub charts: Option<Vec<String>>,
    /// Objectives in the order written.
    pub slos: Vec<SloSummary>,
    /// Questions in the order written.
    pub questions: Vec<QuestionSummary>,
    /// Prices, where given.
    pub pricing: Option<PricingSummary>,
    /// Scopes of energy, such as `accelerator + host`.
    pub energy_scope: String,
    /// Power usage effectiveness, where known.
    pub pue: Option<f64>,
    /// Grid region or source of its intensity.
    pub grid: Option<String>,
    /// Regions that are compared; none where all points stand in one.
    #[serde(default)]
    pub places: Vec<PlaceSummary>,
    /// Level of intervals.
    pub confidence: f64,
}

/// A region with what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlaceSummary {
    /// Its name, as its axis has it.
    pub region: String,
    /// Grams of `CO2e` of a kilowatt-hour.
    pub grams_per_kwh: Option<f64>,
    /// Where that was read, with its date.
    pub source: Option<String>,
    /// Power usage effectiveness.
    pub pue: Option<f64>,
    /// Money of a kilowatt-hour.
    pub price_per_kwh: Option<f64>,
}

/// An objective in words and numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SloSummary {
    /// Name.
    pub name: String,
    /// All limits in one sentence.
    pub text: String,
    /// Limits a chart can draw.
    pub limits: Vec<LimitSummary>,
    /// A failure is a finding.
    pub severity: String,
}

/// One limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LimitSummary {
    /// Metric of a per-request limit, column of an aggregate one.
    pub name: String,
    /// Share of requests that must meet it; `None` for an aggregate limit.
    pub attainment: Option<f64>,
    /// `<=`, `>=`, `==`.
    pub comparison: String,
    /// In base units.
    pub limit: f64,
    /// As a reader writes it, `ttft ≤ 500 ms for 95 % of requests`.
    pub text: String,
}

/// A question in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuestionSummary {
    /// Name.
    pub name: String,
    /// `maximize` or `minimize`.
    pub goal: String,
    /// Column or axis.
    pub objective: String,
    /// Objectives that must hold.
    pub subject_to: Vec<String>,
    /// One answer for each value of these.
    pub per: Vec<String>,
    /// Demand a fleet is sized for, in words.
    pub demand: Option<String>,
    /// The demand in requests in flight.
    pub demand_concurrency: Option<f64>,
    /// The demand in requests per second.
    pub demand_request_rate: Option<f64>,
    /// Shown first.
    pub headline: bool,
}

/// Prices in words and numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PricingSummary {
    /// ISO code.
    pub currency: String,
    /// Date of the question.
    pub as_of: Option<String>,
    /// Purchase options; the first is the reference.
    pub purchase: Vec<String>,
    /// Share of paid time that serves.
    pub utilization: f64,
    /// Hosted prices to compare with.
    pub compare_api: Vec<ApiSummary>,
}

/// A hosted price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApiSummary {
    /// Name.
    pub name: String,
    /// Money of a million prompt tokens.
    pub input_per_mtok: f64,
    /// Money of a million generated tokens.
    pub output_per_mtok: f64,
    /// Where it was read.
    pub source: String,
}

/// What one point runs on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PointSystem {
    /// Alias of the model.
    pub model: String,
    /// Alias of the hardware.
    pub hardware: String,
    /// Marketing name of the accelerator.
    pub device: String,
    /// Maker of the accelerator.
    pub vendor: String,
    /// Name of the number formats.
    pub precision: String,
    /// Tensor parallel size.
    pub tp: u32,
    /// Accelerators of all replicas.
    pub accelerators: u32,
    /// Load in the unit of the presentation's load axis.
    pub load: Option<f64>,
    /// Memory of one accelerator.
    pub memory_capacity_b: Option<f64>,
    /// What of it may be used.
    pub memory_usable_b: Option<f64>,
}
