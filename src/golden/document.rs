//! `phantom.golden/v1` as types.

use std::collections::BTreeMap;
use std::fmt;

use crate::record::json::number_text;

/// Name of the format.
pub const SCHEMA: &str = "phantom.golden/v1";

/// Accepted results of one scenario.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Golden {
    /// Name of the scenario.
    pub scenario: String,
    /// blake3 of its text.
    pub scenario_blake3: String,
    /// What made the numbers.
    pub made_by: MadeBy,
    /// Units by column.
    pub units: BTreeMap<String, String>,
    /// Key of the chosen point by question and group; `none` where no point passed.
    pub answers: BTreeMap<String, String>,
    /// Points by key.
    pub points: BTreeMap<String, GoldenPoint>,
    /// blake3 of output files that are accepted too.
    pub files: BTreeMap<String, String>,
}

/// Versions behind accepted numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MadeBy {
    /// Version of phantom.
    pub phantom_version: String,
    /// Raised by every change that may move a prediction.
    pub predictor_version: u32,
    /// `name@hash` of the calibration pack.
    pub calibration: String,
    /// Hash of the catalogue tables.
    pub catalog: String,
}

/// Accepted values of one point.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GoldenPoint {
    /// Hash of its inputs.
    pub id: String,
    /// By column, `<column>.<purchase>`, `bound.<phase>` and `verdict.<objective>`.
    pub values: BTreeMap<String, GoldenValue>,
}

/// One accepted value.
#[derive(Debug, Clone, PartialEq)]
pub enum GoldenValue {
    /// A number of six significant digits.
    Number(f64),
    /// A boolean.
    Flag(bool),
    /// A verdict or a bound.
    Text(String),
}

impl GoldenValue {
    /// A number as the file holds it.
    pub fn rounded(number: f64) -> Self {
        Self::Number(six_digits(number))
    }
}

impl fmt::Display for GoldenValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => f.write_str(&number_text(*number)),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// The nearest number of six significant digits; rounded as text, so that it is the same on every platform.
fn six_digits(number: f64) -> f64 {
    format!("{number:.5e}")
        .parse()
        .expect("a printed number reads back")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_six_significant_digits() {
        assert_eq!(GoldenValue::rounded(0.041_234_567).to_string(), "0.0412346");
        assert_eq!(
            GoldenValue::rounded(16_060_522_496.0).to_string(),
            "16060500000"
        );
        assert_eq!(GoldenValue::rounded(0.0).to_string(), "0");
    }
}
