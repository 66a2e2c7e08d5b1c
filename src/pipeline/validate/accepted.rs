//! Accepted accuracy as a file, and as a golden that can be reviewed change by change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::golden::{Golden, GoldenPoint, GoldenValue};

/// Name of the format.
pub(super) const SCHEMA: &str = "phantom.accuracy/v1";

/// The accepted numbers of one group of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Accepted {
    pub by: BTreeMap<String, String>,
    pub coverage_90: Option<f64>,
    pub median_ape: f64,
    pub n: usize,
}

impl Accepted {
    /// `hardware=h100-sxm5-80gb,metric=tpot`.
    pub fn key(&self) -> String {
        if self.by.is_empty() {
            return "all rows".to_owned();
        }
        let names = self.by.iter().map(|(key, value)| format!("{key}={value}"));
        names.collect::<Vec<_>>().join(",")
    }
}

/// A file of accepted accuracy.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accuracy {
    pub(super) calibration: String,
    pub(super) groups: Vec<Accepted>,
    pub(super) predictor_version: u32,
    pub(super) schema: String,
}

impl Accuracy {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words.
    pub fn read(text: &str) -> Result<Self, String> {
        let read: Self = serde_json::from_str(text)
            .map_err(|error| format!("not accepted accuracy: {error}"))?;
        if read.schema != SCHEMA {
            return Err(format!("schema `{}` is not `{SCHEMA}`", read.schema));
        }
        Ok(read)
    }

    /// The text of the file: one group on a line.
    ///
    /// # Panics
    ///
    /// Never: plain data has a JSON form.
    pub fn write(&self) -> String {
        let line = |group: &Accepted| serde_json::to_string(group).expect("plain data has a form");
        let groups: Vec<String> = self.groups.iter().map(line).collect();
        let calibration = serde_json::to_string(&self.calibration);
        format!(
            "{{\"calibration\":{},\n\"groups\":[\n{}],\n\"predictor_version\":{},\n\"schema\":\"{SCHEMA}\"}}\n",
            calibration.expect("text has a JSON form"),
            groups.join(",\n"),
            self.predictor_version,
        )
    }

    /// The groups as points of a golden: `median_ape`, `coverage_90` where there are intervals, and `n`.
    pub fn to_golden(&self) -> Golden {
        let point = |group: &Accepted| {
            let mut values = BTreeMap::from([
                (
                    "median_ape".to_owned(),
                    GoldenValue::Number(group.median_ape),
                ),
                ("n".to_owned(), GoldenValue::Number(group.n as f64)),
            ]);
            let coverage = group.coverage_90.map(GoldenValue::Number);
            values.extend(coverage.map(|value| ("coverage_90".to_owned(), value)));
            let id = String::new();
            (group.key(), GoldenPoint { id, values })
        };
        Golden {
            scenario: "accuracy".to_owned(),
            points: self.groups.iter().map(point).collect(),
            ..Golden::default()
        }
    }

    /// The file that holds the groups of a golden, made of the groups of `new` and `old`, in the order of `new`; it says that
    /// it was made as `new` was.
    pub fn of_golden(golden: &Golden, new: &Self, old: &Self) -> Self {
        let mut groups: Vec<Accepted> = Vec::new();
        for group in new.groups.iter().chain(&old.groups) {
            let key = group.key();
            let known = groups.iter().any(|other| other.by == group.by);
            if let (false, Some(point)) = (known, golden.points.get(&key)) {
                let number = |name: &str| match point.values.get(name)? {
                    GoldenValue::Number(number) => Some(*number),
                    GoldenValue::Flag(_) | GoldenValue::Text(_) => None,
                };
                groups.push(Accepted {
                    by: group.by.clone(),
                    coverage_90: number("coverage_90"),
                    median_ape: number("median_ape").unwrap_or(group.median_ape),
                    n: number("n").map_or(group.n, |n| n as usize),
                });
            }
        }
        Self {
            groups,
            ..new.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accuracy(median: [f64; 2]) -> Accuracy {
        let group = |name: &str, median_ape| Accepted {
            by: BTreeMap::from([("hardware".to_owned(), name.to_owned())]),
            coverage_90: Some(0.9),
            median_ape,
            n: 12,
        };
        Accuracy {
            calibration: "default".to_owned(),
            groups: vec![group("h100", median[0]), group("a100", median[1])],
            predictor_version: 3,
            schema: SCHEMA.to_owned(),
        }
    }

    #[test]
    fn a_file_reads_back_and_survives_being_a_golden() {
        let one = accuracy([0.1, 0.2]);
        assert_eq!(Accuracy::read(&one.write()), Ok(one.clone()));
        assert_eq!(Accuracy::of_golden(&one.to_golden(), &one, &one), one);
        assert!(Accuracy::read("{}").is_err());
    }

    #[test]
    fn one_group_is_taken_and_the_other_stays() {
        let (old, new) = (accuracy([0.1, 0.2]), accuracy([0.05, 0.3]));
        let mut golden = old.to_golden();
        let key = "hardware=h100";
        golden
            .points
            .insert(key.to_owned(), new.to_golden().points[key].clone());
        assert_eq!(
            Accuracy::of_golden(&golden, &new, &old),
            accuracy([0.05, 0.2])
        );
    }
}
