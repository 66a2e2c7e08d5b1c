//! The identity part of the results document.

use crate::scenario::InputFile;

/// Identity of everything that went into a results document.
#[derive(Debug, Clone, PartialEq)]
pub struct Inputs {
    /// Version of phantom.
    pub phantom_version: String,
    /// Raised by every change that may move a prediction.
    pub predictor_version: u32,
    /// Seed.
    pub seed: u64,
    /// Currency, where prices are given.
    pub currency: Option<String>,
    /// Name of the scenario.
    pub scenario_name: String,
    /// Its path relative to the root.
    pub scenario_path: String,
    /// blake3 of its text.
    pub scenario_blake3: String,
    /// The question in one sentence.
    pub description: Option<String>,
    /// Text carried along.
    pub labels: std::collections::BTreeMap<String, String>,
    /// Further files.
    pub files: Vec<InputFile>,
    /// Hash of the catalogue tables.
    pub catalog_blake3: String,
    /// Date of the catalogue.
    pub catalog_as_of: String,
    /// Overlay folder, where one was given.
    pub catalog_overlay: Option<String>,
    /// Name of the calibration pack.
    pub calibration_name: String,
    /// Hash of the pack.
    pub calibration_blake3: String,
}

/// Outcome of the golden comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct GoldenOutcome {
    /// Path of the golden file.
    pub file: String,
    /// `match`, `differs`, `accepted`.
    pub state: &'static str,
    /// Points compared.
    pub compared: u64,
    /// Points that differ.
    pub differing: u64,
    /// Changed values, worst first.
    pub changes: Vec<GoldenChange>,
}

/// One changed value.
#[derive(Debug, Clone, PartialEq)]
pub struct GoldenChange {
    /// Point.
    pub key: String,
    /// Column or field.
    pub column: String,
    /// Accepted, as the golden prints it; `None` where it was absent.
    pub old: Option<String>,
    /// Found; `None` where it is absent now.
    pub new: Option<String>,
    /// Relative change, of numbers.
    pub change: Option<f64>,
    /// Tolerance in words.
    pub tolerance: String,
}
