//! Words that flags take.

use clap::ValueEnum;

use crate::scenario::{Method, Output, OutputKind};

/// Kinds of executor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Only {
    /// Estimates
    Predict,
    /// Runs in this process, on a server, or of a program
    Measure,
    /// Result files of other tools
    Import,
}

/// How the golden file is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GoldenMode {
    /// Compare if there is one; write differences beside it
    Auto,
    /// Compare and never write
    Check,
    /// Take the new results as accepted
    Update,
    /// Skip
    Off,
}

/// Outputs for continuous integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Also {
    /// A page for a pull request
    Markdown,
    /// Test cases
    Junit,
    /// Findings with their places
    Sarif,
}

impl Also {
    /// The output as a scenario would name it.
    pub fn output(self) -> Output {
        let (kind, file) = match self {
            Self::Markdown => (OutputKind::Markdown, "summary.md"),
            Self::Junit => (OutputKind::Junit, "junit.xml"),
            Self::Sarif => (OutputKind::Sarif, "findings.sarif"),
        };
        Output {
            kind,
            file: file.to_owned(),
            template: None,
            standards: Vec::new(),
        }
    }
}

/// Classes of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Drift from accepted results
    Golden,
    /// An objective that does not hold
    Slo,
    /// A measured value that became worse
    Regression,
    /// A measurement that cannot be trusted
    Validity,
    /// An objective that rests on an interval straddling its limit
    Inconclusive,
    /// An executor that was not available
    Skip,
    /// Accuracy that became worse
    Accuracy,
}

/// Rows of doubtful quality.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Doubtful {
    /// Nobody can trace them
    Unverified,
    /// Marked as outliers by their source
    Flagged,
    /// Computed by their source from others
    Derived,
}

/// How loads are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MethodChoice {
    /// Simulated where requests queue or differ, else in closed form
    Auto,
    /// In closed form
    Analytic,
    /// Request by request
    Simulate,
}

impl MethodChoice {
    /// What the pipeline calls it.
    pub const fn method(self) -> Method {
        match self {
            Self::Auto => Method::Auto,
            Self::Analytic => Method::Analytic,
            Self::Simulate => Method::Simulate,
        }
    }
}
