//! The results document `phantom.results/v1`.

use std::collections::BTreeMap;

use super::Column;
use crate::diag::{Code, Severity};
use crate::scenario::AxisValue;
use crate::source::Place;

/// Where a number comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// Equations and datasheet values alone.
    Datasheet,
    /// With terms fitted on measurements.
    Fitted,
    /// Measured.
    Measured,
    /// Rests on an assumption.
    Assumed,
    /// Several of these.
    Mixed,
}

impl Basis {
    /// What it is, in words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Datasheet => "equations and stated facts alone",
            Self::Fitted => "equations with terms that were fitted on measurements",
            Self::Measured => "a measurement",
            Self::Assumed => "an assumption",
            Self::Mixed => "several of these",
        }
    }
}

/// Estimate or measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the document")]
pub enum Source {
    Predicted,
    Measured,
    Imported,
}

/// How an interval was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the document")]
pub enum IntervalKind {
    /// From how far predictions missed measurements that the fit had not seen.
    CalibratedResidual,
    /// From the ranges that the sources of the efficiency terms state; not checked against measurements.
    TermBounds,
    StudentT,
    EffectiveN,
    OrderStatistic,
    Wilson,
    Carried,
    None,
}

/// One number of one source.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueEntry {
    /// The number; booleans are 0 and 1 with unit `bool`.
    pub value: f64,
    /// Base unit; the currency code for money.
    pub unit: String,
    /// Interval and its level; all three there or none.
    pub interval: Option<(f64, f64, f64)>,
    /// Requests, iterations or repeats behind a measurement.
    pub n: Option<u64>,
    /// Estimate or measurement.
    pub source: Source,
    /// `predict`, `native`, `openai`, `spawn`, `import`.
    pub executor: &'static str,
    /// Where it comes from.
    pub basis: Basis,
    /// `analytic`, `simulate`, `client`, `iterations`, `tool`, `derived`.
    pub method: &'static str,
    /// How the interval was made.
    pub interval_kind: IntervalKind,
    /// Energy scope, such as `accelerator+host`.
    pub scope: Option<String>,
    /// Purchase option, for money.
    pub purchase: Option<&'static str>,
}

/// Whether an objective is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The whole interval is inside every limit.
    Pass,
    /// An interval straddles a limit.
    Inconclusive,
    /// An interval is outside a limit.
    Fail,
}

/// The verdict of one objective at one point.
#[derive(Debug, Clone, PartialEq)]
pub struct VerdictEntry {
    /// Whose numbers were judged.
    pub source: Source,
    /// The verdict.
    pub verdict: Verdict,
    /// The limit that decided, as a column or metric name.
    pub limiting: Option<String>,
    /// Signed distance to that limit, divided by the limit; positive is inside.
    pub margin: Option<f64>,
    /// True when no interval was there and the value alone decided.
    pub by_value_alone: bool,
}

/// All numbers of one point.
#[derive(Debug, Clone, PartialEq)]
pub struct PointResult {
    /// Readable name.
    pub key: String,
    /// Hash of its inputs, 12 hex digits.
    pub id: String,
    /// Axis values in key order.
    pub axes: Vec<(String, AxisValue)>,
    /// What it runs on, for tables and charts; [`super::PointSystem::of`] makes it.
    pub system: super::PointSystem,
    /// Numbers by column; one entry for each source and purchase.
    pub metrics: BTreeMap<Column, Vec<ValueEntry>>,
    /// Verdicts by objective.
    pub verdicts: BTreeMap<String, Vec<VerdictEntry>>,
    /// What limits each phase: `prefill`, `decode`.
    pub bound: BTreeMap<&'static str, &'static str>,
    /// Stable codes.
    pub notes: Vec<Code>,
    /// What the pack knows of it; `None` under a pack that was not fitted. Positions of rows are those of [`Results::evidence`].
    pub evidence: Option<super::PointEvidence>,
}

impl PointResult {
    /// The predicted entry of a column, reference purchase.
    pub fn predicted(&self, column: Column) -> Option<&ValueEntry> {
        self.metrics
            .get(&column)?
            .iter()
            .find(|entry| entry.source == Source::Predicted)
    }
}

/// A fleet that meets a demand.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerSize {
    /// Copies of the point's deployment.
    pub replicas: u64,
    /// Accelerators of all of them.
    pub accelerators: u64,
    /// Money of a month (730 h), where priced.
    pub cost_per_month: Option<f64>,
}

/// The point that came closest where none passes.
#[derive(Debug, Clone, PartialEq)]
pub struct NearestMiss {
    /// Its key.
    pub key: String,
    /// The objective it misses.
    pub slo: String,
    /// By how much, as a share of the limit, negative.
    pub margin: Option<f64>,
}

/// The answer to one question for one group.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Name of the question.
    pub question: String,
    /// Values of its `per` axes.
    pub group: Vec<(String, AxisValue)>,
    /// Shown first.
    pub headline: bool,
    /// Key of the chosen point; `None` when no point passes. Where loads were searched it is no point of the plan.
    pub key: Option<String>,
    /// Column or axis that was optimised.
    pub objective: String,
    /// Its value with the interval.
    pub value: Option<(f64, Option<f64>, Option<f64>)>,
    /// Unit of the value.
    pub unit: String,
    /// `Pass` or `Inconclusive` for the chosen point; `None` when there is none.
    pub verdict: Option<Verdict>,
    /// Key of the second best.
    pub runner_up: Option<String>,
    /// The fleet, where a demand was given.
    pub size: Option<AnswerSize>,
    /// Where no point passes.
    pub nearest_miss: Option<NearestMiss>,
    /// How it was found, where loads were searched. The value is then the highest load tried that meets the objectives by value,
    /// its ends are the highest that surely meets them and the lowest that surely does not, each absent where the search saw none.
    pub search: Option<super::Searched>,
}

impl Answer {
    /// Key of the point of the plan that the answer rests on: the chosen one, or the one whose load was replaced.
    pub fn point(&self) -> Option<&str> {
        let key = self.key.as_deref()?;
        Some(
            self.search
                .as_ref()
                .map_or(key, |search| search.base.as_str()),
        )
    }
}

/// Classes of findings, for `--fail-on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the document")]
pub enum FindingClass {
    Golden,
    Slo,
    Regression,
    Validity,
    Inconclusive,
    Skip,
    Accuracy,
}

/// Something a run found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Class.
    pub class: FindingClass,
    /// Stable code.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// Point, where one is meant.
    pub key: Option<String>,
    /// Column, objective or question, where one is meant.
    pub column: Option<String>,
    /// In words.
    pub message: String,
    /// Where in the scenario.
    pub place: Option<Place>,
    /// Accepted or allowed value.
    pub old: Option<f64>,
    /// Found value.
    pub new: Option<f64>,
}

/// An executor that did not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedExecutor {
    /// Which.
    pub executor: String,
    /// How many points it would have run.
    pub points: u64,
    /// Stable reason: `server-unreachable`, `program-missing`, `no-file-matches`, `not-in-this-version`, …
    pub code: &'static str,
    /// What it would have used.
    pub target: String,
}

/// The document.
#[derive(Debug, Clone)]
pub struct Results {
    /// False when points are unfinished.
    pub complete: bool,
    /// Identity of everything that went in.
    pub inputs: super::results_inputs::Inputs,
    /// Title, limits, questions and prices in words; [`super::Presentation::of`] makes it. JSON: `presentation`.
    pub presentation: super::Presentation,
    /// Axis names in key order.
    pub axes: Vec<String>,
    /// Points in plan order; of a sweep too large to keep, those that answers and frontiers name.
    pub points: Vec<PointResult>,
    /// How many points the plan has.
    pub planned: u64,
    /// Answers in question order.
    pub answers: Vec<Answer>,
    /// What would change the headline answers, at most three of them; none for answers without a chosen point of the plan.
    pub sensitivity: Vec<super::Sensitivity>,
    /// Prefill and decode under the roof of a device, for the options that reports show.
    pub rooflines: Vec<super::Roofline>,
    /// Ways to pay for the points of the headline answers, at most three of them; none where fewer than two have a price.
    pub payments: Vec<super::Payment>,
    /// Variants of the model at the points of the headline answers; none where the scenario names none.
    pub what_if: Vec<super::WhatIf>,
    /// Findings.
    pub findings: Vec<Finding>,
    /// Executors that did not run.
    pub skipped: Vec<SkippedExecutor>,
    /// Outcome of the golden comparison, where one was made.
    pub golden: Option<super::results_inputs::GoldenOutcome>,
    /// Measured rows that points name as nearest to them, by groups.
    pub evidence: Vec<super::EvidenceGroup>,
    /// Every default, override and catalogue entry that stands for a fact.
    pub assumptions: Vec<crate::scenario::Assumption>,
}
