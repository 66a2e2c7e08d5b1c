//! A golden from its text.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::document::{Golden, GoldenPoint, GoldenValue, MadeBy, SCHEMA};
use crate::record::JsonError;
use crate::record::json::from_text;

/// Why a text is no golden.
#[derive(Debug, thiserror::Error)]
pub enum GoldenError {
    /// It is no JSON, or a field is missing or of the wrong type.
    #[error("not a golden file: {0}")]
    Shape(#[from] JsonError),
    /// Another format or version.
    #[error("the file says `{found}` where `{SCHEMA}` is expected")]
    Schema {
        /// What it says.
        found: String,
    },
    /// A value that is neither a number, nor a boolean, nor text.
    #[error("`{column}` of `{key}` is neither a number, nor true or false, nor text")]
    Value {
        /// Point.
        key: String,
        /// Column.
        column: String,
    },
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    answers: BTreeMap<String, String>,
    #[serde(default)]
    files: BTreeMap<String, String>,
    made_by: RawMadeBy,
    points: BTreeMap<String, BTreeMap<String, Value>>,
    scenario: RawScenario,
    #[serde(default)]
    units: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct RawMadeBy {
    calibration: String,
    catalog: String,
    phantom_version: String,
    predictor_version: u32,
}

#[derive(Deserialize)]
struct RawScenario {
    blake3: String,
    name: String,
}

/// The golden of a text.
///
/// # Errors
///
/// [`GoldenError`] where the text is no golden of this version.
pub fn read(text: &str) -> Result<Golden, GoldenError> {
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    let Head { schema: found } = from_text(text)?;
    if found != SCHEMA {
        return Err(GoldenError::Schema { found });
    }
    let raw: Raw = from_text(text)?;
    let points = raw
        .points
        .into_iter()
        .map(|(key, values)| Ok((key.clone(), point(&key, values)?)))
        .collect::<Result<_, GoldenError>>()?;
    Ok(Golden {
        scenario: raw.scenario.name,
        scenario_blake3: raw.scenario.blake3,
        made_by: MadeBy {
            phantom_version: raw.made_by.phantom_version,
            predictor_version: raw.made_by.predictor_version,
            calibration: raw.made_by.calibration,
            catalog: raw.made_by.catalog,
        },
        units: raw.units,
        answers: raw.answers,
        points,
        files: raw.files,
    })
}

fn point(key: &str, mut raw: BTreeMap<String, Value>) -> Result<GoldenPoint, GoldenError> {
    let wrong = |column: &str| GoldenError::Value {
        key: key.to_owned(),
        column: column.to_owned(),
    };
    let Some(Value::String(id)) = raw.remove("id") else {
        return Err(wrong("id"));
    };
    let mut values = BTreeMap::new();
    for (column, value) in raw {
        let value = match value {
            Value::Bool(flag) => GoldenValue::Flag(flag),
            Value::String(text) => GoldenValue::Text(text),
            Value::Number(number) => {
                GoldenValue::Number(number.as_f64().ok_or_else(|| wrong(&column))?)
            }
            Value::Null | Value::Array(_) | Value::Object(_) => return Err(wrong(&column)),
        };
        values.insert(column, value);
    }
    Ok(GoldenPoint { id, values })
}

#[cfg(test)]
mod tests {
    use super::super::{Taken, from_results, write};
    use super::*;
    use crate::record::sample;

    #[test]
    fn a_golden_reads_back_and_is_written_with_the_same_text() {
        let golden = from_results(Taken {
            results: &sample::results(3),
            local: &std::collections::BTreeSet::new(),
            files: &BTreeMap::from([("report.pdf".to_owned(), "00".to_owned())]),
        });
        let text = write(&golden);
        let again = read(&text).expect("our own file");
        assert_eq!(again, golden);
        assert_eq!(write(&again), text);
        let points = text
            .lines()
            .filter(|line| line.starts_with("\"hardware=h100,concurrency="));
        assert_eq!(points.count(), 3, "one point stands on a line");
    }

    #[test]
    fn the_example_of_the_format_reads() {
        let text = r#"{"schema": "phantom.golden/v1",
 "scenario": {"name": "hello", "blake3": "00"},
 "made_by": {"phantom_version": "0.1.0", "predictor_version": 3, "calibration": "default@00", "catalog": "00"},
 "units": {"mean_ttft": "s"},
 "answers": {"1": "point"},
 "points": {
"point": {"id": "9f3c0a1b2c3d", "bound.decode": "memory-bandwidth", "mean_ttft": 0.0412, "memory_fits": true}
 },
 "baseline": {}}"#;
        let golden = read(text).expect("a golden");
        assert_eq!(
            golden.points["point"].values["mean_ttft"],
            GoldenValue::Number(0.0412)
        );
        assert!(read("{\"schema\": \"phantom.results/v1\"}").is_err());
    }
}
