//! Executors, statistics, golden rules and reports.

use super::point::AxisValue;
use crate::source::Span;

/// One entry of `run`.
#[derive(Debug, Clone, PartialEq)]
pub struct ExecutorEntry {
    /// What it does.
    pub kind: ExecutorKind,
    /// Which points, as a filter.
    pub points: Option<String>,
    /// When.
    pub when: When,
    /// Where it is written.
    pub span: Option<Span>,
}

/// What an executor does.
#[derive(Debug, Clone, PartialEq)]
pub enum ExecutorKind {
    /// Estimates.
    Predict {
        /// How.
        method: Method,
        /// Name of a built-in pack, or path of a file; `None` is the default pack.
        calibration: Option<String>,
    },
    /// A measured executor; this version skips it visibly.
    Measured {
        /// `native`, `openai`, `spawn`, `import`.
        name: &'static str,
        /// What it would have used: a URL, a program, a glob.
        target: String,
    },
}

/// How an estimate is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// Whatever fits the question.
    #[default]
    Auto,
    /// Closed form.
    Analytic,
    /// Discrete events.
    Simulate,
}

/// When an executor runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// It must.
    Always,
    /// If it can.
    Available,
    /// It does not.
    Never,
}

/// How results are judged and drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    /// Level of intervals.
    pub confidence: f64,
    /// Seed of every stream.
    pub seed: u64,
    /// Effort of measured runs.
    pub rigor: Rigor,
    /// Percentiles that are reported.
    pub percentiles: Vec<f64>,
    /// Largest share of failed requests.
    pub max_error_rate: f64,
}

/// Effort of measured runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the language")]
pub enum Rigor {
    Quick,
    Standard,
    Mlperf,
}

/// Rules of the golden comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct GoldenRules {
    /// Path of the file, relative to the root.
    pub file: String,
    /// Tolerances in the order written: column or glob.
    pub tolerance: Vec<(String, Tolerance)>,
    /// Significance level of measured changes.
    pub alpha: f64,
    /// Smallest measured change that counts.
    pub min_effect: f64,
    /// Points the golden lacks.
    pub on_new: OnNew,
    /// Accepted points that are gone.
    pub on_missing: OnMissing,
    /// Output files whose hash is accepted too.
    pub files: Vec<String>,
    /// Where the section stands.
    pub span: Option<Span>,
    /// Where each tolerance stands, by its name.
    pub tolerance_spans: Vec<(String, Span)>,
}

#[cfg(test)]
impl GoldenRules {
    /// The rules of a scenario `s` that states none.
    pub(crate) fn sample() -> Self {
        Self {
            file: "golden/s.golden.json".to_owned(),
            tolerance: Vec::new(),
            alpha: 0.01,
            min_effect: 0.05,
            on_new: OnNew::Auto,
            on_missing: OnMissing::Fail,
            files: Vec::new(),
            span: None,
            tolerance_spans: Vec::new(),
        }
    }
}

/// When two values agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tolerance {
    /// `|new − old| ≤ max(abs, rel · |old|)`
    Within {
        /// Relative.
        rel: f64,
        /// Absolute, base units.
        abs: f64,
    },
    /// Equal.
    Exact,
    /// Never compared.
    Ignore,
}

/// Points the golden lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the language")]
pub enum OnNew {
    Auto,
    Fail,
    Warn,
}

/// Accepted points that are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the language")]
pub enum OnMissing {
    Fail,
    Warn,
}

/// Title, charts and outputs.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportOptions {
    /// Title; the name where none is given.
    pub title: String,
    /// The "do nothing" option: axis values.
    pub baseline: Vec<(String, AxisValue)>,
    /// Charts asked for; `None`: by workload.
    pub charts: Option<Vec<Chart>>,
    /// Globs over the results document.
    pub redact: Vec<String>,
    /// Files to write.
    pub outputs: Vec<Output>,
}

/// A chart by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the ids of the report's charts")]
pub enum Chart {
    Pareto,
    ParetoLatency,
    LatencyLoad,
    Cost,
    Memory,
    Roofline,
    PredictedVsMeasured,
    Tornado,
    Energy,
    FleetSize,
    BatchSweep,
    Battery,
    Offload,
    Heatmap,
    Surface,
    StepBreakdown,
    Scaling,
    CostDeadline,
}

/// One file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its kind.
    pub kind: OutputKind,
    /// File name inside the output folder.
    pub file: String,
    /// Template, where another than the built-in one is named.
    pub template: Option<String>,
    /// Standards that a PDF is held to; none are named: see [`PdfStandard`].
    pub standards: Vec<PdfStandard>,
}

/// A standard that a PDF can be held to, for readers of screens (ISO 14289) or for archives (ISO 19005).
///
/// A document that keeps a named one is written, or none is. Where none is named, `pdf/ua-1` is tried and a tagged PDF 1.7 written
/// where it cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the standards")]
pub enum PdfStandard {
    Ua1,
    A2b,
    A2u,
    A2a,
    A3b,
    A3u,
    A3a,
    A4,
}

impl PdfStandard {
    /// True for a standard of archives, PDF/A, which asks for a date.
    pub const fn is_archival(self) -> bool {
        match self {
            Self::Ua1 => false,
            Self::A2b | Self::A2u | Self::A2a | Self::A3b | Self::A3u | Self::A3a | Self::A4 => {
                true
            }
        }
    }

    /// Why `new` cannot be kept beside `others`; `None` where it can.
    ///
    /// PDF/UA-1 goes with every part of PDF/A up to 3, as all of them are of PDF 1.7 at most; PDF/A-4 is of PDF 2.0.
    pub fn clash(others: &[Self], new: Self) -> Option<&'static str> {
        if others.contains(&new) {
            return Some("it is named twice");
        }
        let archival = others.iter().find(|other| other.is_archival());
        if new.is_archival() && archival.is_some() {
            return Some("a document keeps one part and level of PDF/A");
        }
        let has = |one: Self| new == one || others.contains(&one);
        (has(Self::Ua1) && has(Self::A4))
            .then_some("PDF/A-4 is of PDF 2.0, PDF/UA-1 of PDF 1.7 and before")
    }

    /// Why a standard that there is cannot be kept by a report; `None` for names that are no such standard.
    pub fn out_of_reach(name: &str) -> Option<&'static str> {
        match name {
            "pdf/a-1a" | "pdf/a-1b" => {
                Some("PDF/A-1 forbids transparency, which charts have; the next is `pdf/a-2b`")
            }
            "pdf/a-4e" | "pdf/a-4f" => {
                Some("it is for documents that carry other files; the next is `pdf/a-4`")
            }
            _ => None,
        }
    }
}

/// Kinds of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the language")]
pub enum OutputKind {
    Html,
    Pdf,
    Json,
    Csv,
    Parquet,
    Markdown,
    Junit,
    Sarif,
}
