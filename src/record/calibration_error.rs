//! What can be wrong with a calibration pack.

use super::calibration::PREDICTOR_VERSION;
use super::calibration_file::SCHEMA;

/// What is wrong with a pack.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CalibrationError {
    /// It is not JSON of the expected shape.
    #[error("not a calibration pack: {0}")]
    Shape(String),
    /// Another document or version.
    #[error("schema `{0}` is not `{SCHEMA}`")]
    Schema(String),
    /// Made for other equations.
    #[error("made for predictor version {found}, this is version {PREDICTOR_VERSION}")]
    PredictorVersion {
        /// The pack's.
        found: u32,
    },
    /// The level of its intervals is no share.
    #[error("level {0} is not between 0 and 1")]
    Level(f64),
    /// Rows were split by other groups than this version makes, or in no share.
    #[error(
        "the split holds out {holdout}, which must be from 0 to below 1, by groups that must be (hardware, model, framework) of runs and (hardware, op, shape) of kernels"
    )]
    Split {
        /// The share it states.
        holdout: f64,
    },
    /// The model of a family of operators is broken.
    #[error("{0}")]
    Operators(String),
    /// A shift or a width is unknown or no number.
    #[error("{0}")]
    Effects(String),
    /// The models of networks are broken.
    #[error("{0}")]
    Networks(String),
    /// A term has an interval and the pack no level for it.
    #[error("term {index} `{name}` has an interval, and the pack states no level for it")]
    NoLevel {
        /// Position in `terms`, from 0.
        index: usize,
        /// Its name.
        name: &'static str,
    },
    /// No equation reads that term.
    #[error("term {index}: no term is named `{name}`")]
    UnknownTerm {
        /// Position in `terms`, from 0.
        index: usize,
        /// As written.
        name: String,
    },
    /// A value is outside what the term may be, or outside its own interval.
    #[error("term {index} `{name}`: {lower} <= {value} <= {upper} must hold, all {expected}")]
    Bounds {
        /// Position in `terms`, from 0.
        index: usize,
        /// Its name.
        name: &'static str,
        /// Value.
        value: f64,
        /// Lower end.
        lower: f64,
        /// Upper end.
        upper: f64,
        /// The range in words.
        expected: &'static str,
    },
    /// The section of evidence is broken.
    #[error("{0}")]
    Evidence(String),
    /// A term without a source.
    #[error("term {index} `{name}` has no source")]
    NoSource {
        /// Position in `terms`, from 0.
        index: usize,
        /// Its name.
        name: &'static str,
    },
    /// Two terms of one name and scope.
    #[error("term {index} `{name}` stands twice with the same scope")]
    Duplicate {
        /// Position of the second in `terms`, from 0.
        index: usize,
        /// Its name.
        name: &'static str,
    },
}
