//! Two documents beside each other, without judging which is right.

use std::collections::{BTreeMap, BTreeSet};

use super::change::direction;
use super::glob::matches;
use super::side::{Side, SideNumber, SidePoint};
use crate::stats::math;

/// What is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiffOptions {
    /// Columns, as a glob; all where none is given.
    pub metric: Option<String>,
    /// Axes to join by; the whole key where none is given.
    pub match_axes: Vec<String>,
}

/// Whether two numbers differ for sure, and which is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Significance {
    /// Equal.
    Same,
    /// The intervals overlap: `~`.
    Unsure,
    /// The second is better.
    Better,
    /// The second is worse.
    Worse,
    /// They differ, and the column has no good direction.
    Differs,
}

impl Significance {
    /// As tables print it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Same => "=",
            Self::Unsure => "~",
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Differs => "differs",
        }
    }
}

/// One point of one column.
#[derive(Debug, Clone, PartialEq)]
pub struct DiffRow {
    /// Key, or the axes it was joined by.
    pub key: String,
    /// Value in the first document, with half its interval's width.
    pub a: (f64, Option<f64>),
    /// Value in the second.
    pub b: (f64, Option<f64>),
    /// `(b − a) / |a|`; `None` where `a` is zero and `b` is not.
    pub change: Option<f64>,
    /// Whether that means something.
    pub significance: Significance,
}

/// One column of both documents.
#[derive(Debug, Clone, PartialEq)]
pub struct DiffColumn {
    /// Its name.
    pub column: String,
    /// Its unit.
    pub unit: String,
    /// Points that both have, in key order.
    pub rows: Vec<DiffRow>,
    /// Geometric mean of the ratios, less one; where all numbers are above zero.
    pub geometric_mean: Option<f64>,
}

/// Both documents joined.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DiffTable {
    /// Columns that both have.
    pub columns: Vec<DiffColumn>,
    /// Points that only the first has.
    pub only_a: Vec<String>,
    /// Points that only the second has.
    pub only_b: Vec<String>,
    /// What a reader should know before trusting a row.
    pub warnings: Vec<String>,
}

/// Joins two documents by key, or by the axes that the options name.
pub fn diff(a: &Side, b: &Side, options: &DiffOptions) -> DiffTable {
    let mut warnings = Vec::new();
    let a = joined(a, options, "the first", &mut warnings);
    let b = joined(b, options, "the second", &mut warnings);
    let only = |these: &BTreeMap<String, &SidePoint>, those: &BTreeMap<String, &SidePoint>| {
        let alone = these.keys().filter(|key| !those.contains_key(*key));
        alone.cloned().collect()
    };
    let hidden = hidden_axes(&a, &b);
    if !hidden.is_empty() {
        warnings.push(format!(
            "rows hide axes that differ: {}",
            hidden.into_iter().collect::<Vec<_>>().join(", ")
        ));
    }
    DiffTable {
        columns: columns(&a, &b, options.metric.as_deref()),
        only_a: only(&a, &b),
        only_b: only(&b, &a),
        warnings,
    }
}

/// The points of a side by what they are joined by; of several with the same values the first in key order.
fn joined<'a>(
    side: &'a Side,
    options: &DiffOptions,
    which: &str,
    warnings: &mut Vec<String>,
) -> BTreeMap<String, &'a SidePoint> {
    let mut points = BTreeMap::new();
    let mut hidden = 0u64;
    for (key, point) in &side.points {
        let name = if options.match_axes.is_empty() {
            key.clone()
        } else {
            projection(point, &options.match_axes)
        };
        match points.entry(name) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(point);
            }
            std::collections::btree_map::Entry::Occupied(_) => hidden += 1,
        }
    }
    if hidden > 0 {
        warnings.push(format!(
            "{hidden} points of {which} document share their axes with another and are not shown"
        ));
    }
    points
}

fn projection(point: &SidePoint, axes: &[String]) -> String {
    let part = |axis: &String| {
        let value = point.axes.get(axis).map_or("", String::as_str);
        format!("{axis}={value}")
    };
    axes.iter().map(part).collect::<Vec<_>>().join(",")
}

/// Axes on which joined points differ.
fn hidden_axes(
    a: &BTreeMap<String, &SidePoint>,
    b: &BTreeMap<String, &SidePoint>,
) -> BTreeSet<String> {
    let mut hidden = BTreeSet::new();
    for (key, a) in a {
        let Some(b) = b.get(key) else { continue };
        let names = a.axes.keys().chain(b.axes.keys());
        hidden.extend(
            names
                .filter(|axis| a.axes.get(*axis) != b.axes.get(*axis))
                .cloned(),
        );
    }
    hidden
}

fn columns(
    a: &BTreeMap<String, &SidePoint>,
    b: &BTreeMap<String, &SidePoint>,
    metric: Option<&str>,
) -> Vec<DiffColumn> {
    let mut columns: BTreeMap<&str, DiffColumn> = BTreeMap::new();
    for (key, a) in a {
        let Some(b) = b.get(key) else { continue };
        for (name, number) in &a.numbers {
            let Some(other) = b.numbers.get(name) else {
                continue;
            };
            if metric.is_some_and(|glob| !matches(glob, name)) {
                continue;
            }
            let column = columns.entry(name).or_insert_with(|| DiffColumn {
                column: name.clone(),
                unit: number.unit.clone(),
                rows: Vec::new(),
                geometric_mean: None,
            });
            column.rows.push(row(key, name, number, other));
        }
    }
    columns
        .into_values()
        .map(|column| DiffColumn {
            geometric_mean: geometric_mean(&column.rows),
            ..column
        })
        .collect()
}

fn row(key: &str, column: &str, a: &SideNumber, b: &SideNumber) -> DiffRow {
    let half = |number: &SideNumber| number.interval.map(|(lo, hi)| (hi - lo) / 2.0);
    let change = (b.value - a.value) / a.value.abs();
    DiffRow {
        key: key.to_owned(),
        a: (a.value, half(a)),
        b: (b.value, half(b)),
        change: change.is_finite().then_some(change),
        significance: significance(column, a, b),
    }
}

/// Numbers differ for sure where their intervals do not overlap; a number without an interval is exact.
fn significance(column: &str, a: &SideNumber, b: &SideNumber) -> Significance {
    let ends = |number: &SideNumber| number.interval.unwrap_or((number.value, number.value));
    let ((a_lo, a_hi), (b_lo, b_hi)) = (ends(a), ends(b));
    let difference = b.value - a.value;
    if difference.abs() <= 0.0 {
        Significance::Same
    } else if a_lo <= b_hi && b_lo <= a_hi {
        Significance::Unsure
    } else {
        match direction(column, difference) {
            Some("better") => Significance::Better,
            Some(_) => Significance::Worse,
            None => Significance::Differs,
        }
    }
}

/// `exp(mean(ln(b / a))) − 1`, for numbers above zero.
fn geometric_mean(rows: &[DiffRow]) -> Option<f64> {
    let logarithms: Option<Vec<_>> = rows
        .iter()
        .map(|row| (row.a.0 > 0.0 && row.b.0 > 0.0).then(|| math::ln(row.b.0 / row.a.0)))
        .collect();
    crate::stats::mean(&logarithms?).map(|mean| math::exp(mean) - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Column, Metric, Results, sample};

    fn scaled(results: &Results, factor: f64) -> Results {
        let mut scaled = results.clone();
        for point in &mut scaled.points {
            let column = Column::of(Metric::OutputThroughput);
            for entry in point.metrics.get_mut(&column).expect("it is there") {
                entry.value *= factor;
                entry.interval = entry
                    .interval
                    .map(|(lo, hi, level)| (lo * factor, hi * factor, level));
            }
        }
        scaled
    }

    fn throughput(a: &Results, b: &Results) -> DiffColumn {
        let table = diff(&a.into(), &b.into(), &DiffOptions::default());
        table
            .columns
            .into_iter()
            .find(|column| column.column == "output_throughput")
            .expect("both have it")
    }

    #[test]
    fn overlapping_intervals_are_not_significant() {
        let a = sample::results(2);
        let unsure = throughput(&a, &scaled(&a, 1.1));
        assert_eq!(unsure.rows[0].significance, Significance::Unsure);
        assert!((unsure.geometric_mean.expect("above zero") - 0.1).abs() < 1e-9);
        let better = throughput(&a, &scaled(&a, 1.5));
        assert_eq!(better.rows[0].significance, Significance::Better);
        let worse = throughput(&a, &scaled(&a, 0.5));
        assert_eq!(worse.rows[0].significance, Significance::Worse);
        assert_eq!(throughput(&a, &a).rows[0].significance, Significance::Same);
    }

    #[test]
    fn axes_to_join_by_may_hide_others_and_that_is_said() {
        let a = sample::results(1);
        let mut b = sample::results(1);
        b.points[0].axes[0].1 = crate::scenario::AxisValue::Text("l40s".to_owned());
        b.points[0].key = "hardware=l40s,concurrency=1".to_owned();
        let by_key = diff(&(&a).into(), &(&b).into(), &DiffOptions::default());
        assert_eq!((by_key.only_a.len(), by_key.only_b.len()), (1, 1));
        let options = DiffOptions {
            metric: Some("output_*".to_owned()),
            match_axes: vec!["concurrency".to_owned()],
        };
        let matched = diff(&(&a).into(), &(&b).into(), &options);
        assert_eq!(matched.columns.len(), 1);
        assert_eq!(matched.warnings, ["rows hide axes that differ: hardware"]);
    }
}
