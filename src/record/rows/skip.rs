//! Why a row is not compared.

use std::fmt;

use super::gate::Suspicion;

/// Why a row is not compared; the names are stable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skip {
    /// The catalogue has no such hardware.
    UnknownHardware,
    /// The catalogue has no such model.
    UnknownModel,
    /// No rule says what that software is.
    UnknownFramework,
    /// No rule says what that number format is.
    UnknownPrecision,
    /// No column of phantom means that.
    UnknownMetric,
    /// The load cannot be described as one of phantom's load modes.
    UnsupportedScenario,
    /// The model is of a kind that this version does not predict.
    UnsupportedModel,
    /// The family of measurements comes with a later version.
    UnsupportedFamily,
    /// Several tokens a step were guessed ahead, which this version does not predict.
    SpeculativeDecoding,
    /// The value was the run's own load, so comparing it would compare an input with itself.
    LoadInput,
    /// A field that decides the prediction is empty.
    MissingField(&'static str),
    /// The unit is not the metric's.
    UnitMismatch,
    /// A field cannot be read: no number, negative, not finite, or the line has another length than the header.
    BadValue,
    /// The row contradicts its own run or its neighbours.
    Suspect(Suspicion),
    /// The row stood before.
    DuplicateRow,
    /// The source computed the value from another row.
    Derived,
    /// The source or the collector marked the value as an outlier.
    FlaggedOutlier,
    /// Nobody can trace the value.
    Unverified,
    /// The equations have no number for that column.
    NoEstimate,
}

impl Skip {
    /// The reason without its column.
    const fn name(&self) -> &'static str {
        match self {
            Self::UnknownHardware => "unknown-hardware",
            Self::UnknownModel => "unknown-model",
            Self::UnknownFramework => "unknown-framework",
            Self::UnknownPrecision => "unknown-precision",
            Self::UnknownMetric => "unknown-metric",
            Self::UnsupportedScenario => "unsupported-scenario",
            Self::UnsupportedModel => "unsupported-model",
            Self::UnsupportedFamily => "unsupported-family",
            Self::SpeculativeDecoding => "speculative-decoding",
            Self::LoadInput => "load-input",
            Self::MissingField(_) => "missing-field",
            Self::UnitMismatch => "unit-mismatch",
            Self::BadValue => "bad-value",
            Self::Suspect(_) => "suspect",
            Self::DuplicateRow => "duplicate-row",
            Self::Derived => "derived",
            Self::FlaggedOutlier => "flagged-outlier",
            Self::Unverified => "unverified",
            Self::NoEstimate => "no-estimate",
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingField(column) => write!(f, "{}:{column}", self.name()),
            Self::Suspect(why) => write!(f, "{}:{why}", self.name()),
            Self::UnknownHardware
            | Self::UnknownModel
            | Self::UnknownFramework
            | Self::UnknownPrecision
            | Self::UnknownMetric
            | Self::UnsupportedScenario
            | Self::UnsupportedModel
            | Self::UnsupportedFamily
            | Self::SpeculativeDecoding
            | Self::LoadInput
            | Self::UnitMismatch
            | Self::BadValue
            | Self::DuplicateRow
            | Self::Derived
            | Self::FlaggedOutlier
            | Self::Unverified
            | Self::NoEstimate => f.write_str(self.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_field_names_its_column() {
        assert_eq!(
            Skip::MissingField("input_tokens").to_string(),
            "missing-field:input_tokens"
        );
        assert_eq!(Skip::NoEstimate.to_string(), "no-estimate");
    }
}
