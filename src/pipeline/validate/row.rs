//! What became of one row.

use std::sync::Arc;

use crate::analyse::Pair;
use crate::record::rows::Skip;
use crate::record::{Bound, Column, Sample};

/// Names that groups are made of, as the catalogue resolves them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Names {
    /// Device id.
    pub hardware: Arc<str>,
    /// Model id, or the operator.
    pub model: Arc<str>,
    /// Software as the row names it, or the backend.
    pub framework: Arc<str>,
}

/// Whether the predicted memory is within the device's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It is.
    Fits,
    /// It is not, although the row was measured.
    Wrong,
}

/// A row with its prediction.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// Names for groups.
    pub names: Names,
    /// What was measured.
    pub column: Column,
    /// Both numbers, base units.
    pub pair: Pair,
    /// What limits the prediction, where known.
    pub bound: Option<Bound>,
    /// Predicted memory.
    pub fit: Fit,
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It has a prediction.
    Compared(Box<Compared>),
    /// It has none.
    Skipped {
        /// Why.
        reason: Skip,
        /// What exactly: the unknown name, the missing fact.
        detail: Option<Arc<str>>,
        /// Predicted memory, where that is why.
        fit: Fit,
    },
}

impl Outcome {
    /// Skipped for a reason.
    pub fn skipped(reason: Skip, detail: Option<&str>) -> Self {
        Self::Skipped {
            reason,
            detail: detail.map(Arc::from),
            fit: Fit::Fits,
        }
    }

    /// True where a measured row is predicted not to fit.
    pub fn is_wrong_fit(&self) -> bool {
        match self {
            Self::Compared(compared) => compared.fit == Fit::Wrong,
            Self::Skipped { fit, .. } => *fit == Fit::Wrong,
        }
    }
}

/// One selected row.
#[derive(Debug, Clone, PartialEq)]
pub struct RowOutcome {
    /// Which file, by position.
    pub file: usize,
    /// Which line of its table, by position.
    pub line: usize,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether the pack was fitted on it; of a skipped row `HeldOut`.
    pub sample: Sample,
}
