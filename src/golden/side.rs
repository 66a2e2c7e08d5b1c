//! One of two documents that are put beside each other.

use std::collections::BTreeMap;

use super::document::{Golden, GoldenValue};
use super::keys::parts;
use super::of_results::named;
use crate::record::{Results, Source};

/// Numbers by point and column, with intervals where the document has them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Side {
    pub(super) points: BTreeMap<String, SidePoint>,
}

/// One point of a side.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct SidePoint {
    /// Axis values as text.
    pub(super) axes: BTreeMap<String, String>,
    pub(super) numbers: BTreeMap<String, SideNumber>,
}

/// One number of a side.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SideNumber {
    pub(super) value: f64,
    pub(super) interval: Option<(f64, f64)>,
    pub(super) unit: String,
}

impl From<&Results> for Side {
    fn from(results: &Results) -> Self {
        let points = results.points.iter().map(|point| {
            let mut numbers = BTreeMap::new();
            for (column, entries) in &point.metrics {
                let predicted = entries
                    .iter()
                    .filter(|entry| entry.source == Source::Predicted);
                for entry in predicted {
                    let number = SideNumber {
                        value: entry.value,
                        interval: entry.interval.map(|(lo, hi, _)| (lo, hi)),
                        unit: entry.unit.clone(),
                    };
                    numbers.insert(named(&column.to_string(), entry, results), number);
                }
            }
            let axes = point
                .axes
                .iter()
                .map(|(name, value)| (name.clone(), value.to_string()));
            let side = SidePoint {
                axes: axes.collect(),
                numbers,
            };
            (point.key.clone(), side)
        });
        Self {
            points: points.collect(),
        }
    }
}

impl From<&Golden> for Side {
    fn from(golden: &Golden) -> Self {
        let points = golden.points.iter().map(|(key, point)| {
            let numbers = point.values.iter().filter_map(|(column, value)| {
                let value = match value {
                    GoldenValue::Number(number) => *number,
                    GoldenValue::Flag(_) | GoldenValue::Text(_) => return None,
                };
                let name = column.split('.').next().unwrap_or(column);
                let number = SideNumber {
                    value,
                    interval: None,
                    unit: golden.units.get(name).cloned().unwrap_or_default(),
                };
                Some((column.clone(), number))
            });
            let axes = parts(key)
                .into_iter()
                .map(|(axis, value)| (axis.to_owned(), value.trim_matches('"').to_owned()));
            let side = SidePoint {
                axes: axes.collect(),
                numbers: numbers.collect(),
            };
            (key.clone(), side)
        });
        Self {
            points: points.collect(),
        }
    }
}
