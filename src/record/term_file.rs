//! Terms as packs write them.

use serde::Deserialize;

use super::calibration::{Term, TermName, TermRange, TermScope, TermValue};
use super::calibration_error::CalibrationError;

/// `{"name": …, "scope": {…}, "value": …, "lower": …, "upper": …, "source": …}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileTerm {
    name: String,
    #[serde(default)]
    scope: FileScope,
    value: f64,
    lower: f64,
    upper: f64,
    source: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct FileScope {
    hardware: Option<String>,
    runtime: Option<String>,
    precision: Option<String>,
}

/// The term of a file at a position; what is wrong with it is added to the errors.
pub(super) fn checked(
    index: usize,
    term: FileTerm,
    errors: &mut Vec<CalibrationError>,
) -> Option<Term> {
    let Some(name) = TermName::from_name(&term.name) else {
        let name = term.name;
        errors.push(CalibrationError::UnknownTerm { index, name });
        return None;
    };
    let FileTerm {
        value,
        lower,
        upper,
        source,
        scope,
        ..
    } = term;
    let inside = [value, lower, upper]
        .iter()
        .all(|number| name.range().allows(*number));
    if !inside || lower > value || value > upper {
        errors.push(CalibrationError::Bounds {
            index,
            name: name.name(),
            value,
            lower,
            upper,
            expected: in_words(name.range()),
        });
    }
    if source.trim().is_empty() {
        let name = name.name();
        errors.push(CalibrationError::NoSource { index, name });
    }
    Some(Term {
        name,
        scope: TermScope {
            hardware: scope.hardware,
            runtime: scope.runtime,
            precision: scope.precision,
        },
        value: TermValue {
            value,
            lower,
            upper,
        },
        source,
    })
}

const fn in_words(range: TermRange) -> &'static str {
    match range {
        TermRange::Efficiency => "above 0 and at most 1",
        TermRange::Share => "from 0 to 1",
        TermRange::Amount => "finite and not negative",
    }
}
