//! Variants of a model, held against the point that answers.

use super::PointResult;

/// The variants of one answer's point.
#[derive(Debug, Clone, PartialEq)]
pub struct WhatIf {
    /// Key of the point.
    pub base: String,
    /// Variants in the order written.
    pub variants: Vec<WhatIfVariant>,
}

/// One variant.
#[derive(Debug, Clone, PartialEq)]
pub struct WhatIfVariant {
    /// Its name.
    pub name: String,
    /// What it changes, in words; empty where it states a score of the point as it is.
    pub about: String,
    /// Its numbers; `None` where there are none.
    pub point: Option<PointResult>,
    /// Why there are no numbers, in words.
    pub refused: Option<String>,
    /// A score that the scenario states; nothing predicts one.
    pub quality: Option<StatedQuality>,
}

/// A stated score.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct StatedQuality {
    /// The number.
    pub score: f64,
    /// What was measured.
    pub metric: String,
    /// Where it was measured or read.
    pub source: String,
}
