//! What a fit to runs says of itself: errors part by part, with devices left out, and with few rows given back.

use std::collections::BTreeMap;

use serde::Serialize;

use super::cross::{Denied, Folds, cross_fit, restricted};
use super::fit::{Fitted, Runs, effects};
use super::row::RunRows;
use crate::calibrate::StageErrors;
use crate::record::{Column, EffectScope, Metric, Sample};
use crate::stats::{math, quantile};

/// Kinds of scopes, from wide to narrow: each part adds some to those before.
pub(super) const PARTS: [(&str, &[EffectScope]); 6] = [
    ("cited terms", &[]),
    ("+ all runs", &[EffectScope::All]),
    (
        "+ class, software, format",
        &[
            EffectScope::Class,
            EffectScope::Runtime,
            EffectScope::Program,
            EffectScope::ProgramVersion,
            EffectScope::Format,
            EffectScope::ClassProgram,
            EffectScope::ProgramFormat,
        ],
    ),
    (
        "+ architecture, device",
        &[
            EffectScope::Architecture,
            EffectScope::Device,
            EffectScope::ArchitectureProgram,
            EffectScope::DeviceProgram,
            EffectScope::DeviceBackend,
            EffectScope::ArchitectureFormat,
            EffectScope::ArchitectureProgramFormat,
            EffectScope::DeviceProgramFormat,
        ],
    ),
    (
        "+ kind of model",
        &[
            EffectScope::KindProgram,
            EffectScope::KindProgramVersion,
            EffectScope::KindProgramFormat,
            EffectScope::KindDeviceProgram,
        ],
    ),
    (
        "+ model",
        &[
            EffectScope::Model,
            EffectScope::ModelProgram,
            EffectScope::DeviceModelProgram,
        ],
    ),
];

/// How many rows of a device that was left out are given back.
const SHOTS: [usize; 5] = [0, 3, 10, 30, 100];

/// Rows of a device with fewer than this say nothing of it.
const FEWEST: usize = 20;

/// Errors with so many rows of each device given back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shots {
    /// Rows of each device that the fit saw.
    pub rows: usize,
    /// Errors on the others, of devices that have enough rows for every number of these.
    pub errors: Option<StageErrors>,
}

/// Errors of one column of one source, by what the fit had seen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnErrors {
    /// Who published the rows.
    pub source: String,
    /// The column that they measured.
    pub column: String,
    /// On groups that are held out for good.
    pub held_out: Option<StageErrors>,
    /// On fitted rows, each by a fit without its group of device, model and software.
    pub group_left_out: Option<StageErrors>,
    /// On fitted rows, each by a fit without its device.
    pub device_left_out: Option<StageErrors>,
    /// On fitted rows.
    pub in_sample: Option<StageErrors>,
}

/// Residuals of fitted rows by fits that had not seen all, as [`CrossFit`](super::CrossFit) gives them.
#[derive(Debug, Clone, Copy)]
pub struct LeftOut<'a> {
    /// Without the row's group of device, model and software.
    pub groups: &'a [Option<f64>],
    /// Without the row's device.
    pub devices: &'a [Option<f64>],
}

/// What a fit to runs says of itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunsAccount {
    /// Rows that were fitted.
    pub fitted: usize,
    /// Errors on held-out groups by column, part by part of the model.
    pub parts: BTreeMap<String, Vec<Option<StageErrors>>>,
    /// Mean over (hardware, model, framework) of the group's median error, held out, part by part.
    pub macro_median: Vec<Option<f64>>,
    /// Errors on rows that were fitted, by column.
    pub in_sample: BTreeMap<String, StageErrors>,
    /// Errors of means of tokens, first tokens and throughput on each device by a fit without it.
    pub left_out: BTreeMap<String, StageErrors>,
    /// How errors fall with rows of a device of one's own.
    pub shots: Vec<Shots>,
    /// Groups with the largest median error, held out.
    pub worst: Vec<(String, StageErrors)>,
    /// Sources with their columns.
    pub sources: Vec<ColumnErrors>,
}

type Errors = Vec<Option<f64>>;

impl RunsAccount {
    /// The account of a fit; asks the equations some thirty times.
    pub fn of(rows: &RunRows, runs: &dyn Runs, whole: &Fitted, left: LeftOut<'_>) -> Self {
        let mut kept = Vec::new();
        let mut parts = BTreeMap::<String, Vec<Option<StageErrors>>>::new();
        let mut macro_median = Vec::new();
        let mut last = Vec::new();
        let held_out = rows.rows.iter().map(|row| row.sample == Sample::HeldOut);
        let held_out: Vec<bool> = held_out.collect();
        let all = vec![true; rows.rows.len()];
        for (at, (_, scopes)) in PARTS.iter().enumerate() {
            // Rows that were fitted are told by the whole model alone.
            let wanted = if at + 1 == PARTS.len() {
                &all
            } else {
                &held_out
            };
            kept.extend_from_slice(scopes);
            let shift = restricted(rows, whole, &whole.weights, &kept);
            let predicted = runs.predict(&effects(rows, &shift), wanted);
            last = residuals(rows, &predicted);
            for column in columns(rows) {
                let of_column = parts.entry(column.to_string()).or_default();
                of_column.push(summary(rows, &last, |place| {
                    rows.rows[place].sample == Sample::HeldOut && rows.rows[place].column == column
                }));
            }
            macro_median.push(macro_of(rows, &last));
        }
        let in_sample = columns(rows).into_iter().filter_map(|column| {
            let errors = summary(rows, &last, |place| {
                rows.rows[place].sample == Sample::InSample && rows.rows[place].column == column
            });
            Some((column.to_string(), errors?))
        });
        Self {
            fitted: fitted(rows, whole),
            parts,
            macro_median,
            in_sample: in_sample.collect(),
            left_out: by_device(rows, left.devices),
            shots: shots(rows, runs, whole),
            worst: worst(rows, &last),
            sources: by_source(rows, &last, left),
        }
    }
}

/// Measured numbers that moved the fit.
fn fitted(rows: &RunRows, whole: &Fitted) -> usize {
    let rows = rows.rows.iter().zip(&whole.weights);
    rows.filter(|(row, weight)| **weight > 0.0 && !row.is_load)
        .count()
}

/// Relative errors `(predicted − measured) / measured` of some rows.
fn summary(
    rows: &RunRows,
    residuals: &[Option<f64>],
    is_wanted: impl Fn(usize) -> bool,
) -> Option<StageErrors> {
    let places = (0..rows.rows.len()).filter(|place| is_wanted(*place));
    let errors: Vec<f64> = places
        .filter_map(|place| Some(math::exp(-residuals[place]?) - 1.0))
        .collect();
    (!errors.is_empty())
        .then(|| StageErrors::of(errors))
        .flatten()
}

fn residuals(rows: &RunRows, predicted: &Errors) -> Errors {
    let pairs = rows.rows.iter().zip(predicted);
    pairs
        .map(|(row, predicted)| {
            let predicted = predicted.filter(|_| !row.is_load)?;
            Some(row.measured - predicted)
        })
        .collect()
}

fn columns(rows: &RunRows) -> Vec<Column> {
    let mut columns: Vec<Column> = rows.rows.iter().map(|row| row.column).collect();
    columns.sort_unstable();
    columns.dedup();
    columns
}

/// Places of the rows of each group.
fn groups(rows: &RunRows, sample: Sample) -> BTreeMap<&[String; 3], Vec<usize>> {
    let mut groups = BTreeMap::<_, Vec<usize>>::new();
    for (place, row) in rows
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.sample == sample)
    {
        groups.entry(&row.group).or_default().push(place);
    }
    groups
}

fn macro_of(rows: &RunRows, residuals: &[Option<f64>]) -> Option<f64> {
    let medians: Vec<f64> = groups(rows, Sample::HeldOut)
        .values()
        .filter_map(|places| {
            let sizes = places
                .iter()
                .filter_map(|place| Some((math::exp(-residuals[*place]?) - 1.0).abs()));
            quantile(&sizes.collect::<Vec<f64>>(), 0.5)
        })
        .collect();
    crate::stats::mean(&medians)
}

/// Numbers that say how a device does: the others depend on queues, tails and power too.
fn is_of_means(column: Column) -> bool {
    [
        Metric::Tpot,
        Metric::Ttft,
        Metric::E2el,
        Metric::DecodeThroughput,
        Metric::PrefillThroughput,
        Metric::OutputThroughput,
    ]
    .iter()
    .any(|metric| Column::of(*metric) == column)
}

fn by_device(rows: &RunRows, residuals: &[Option<f64>]) -> BTreeMap<String, StageErrors> {
    let mut devices: Vec<&str> = rows.rows.iter().map(|row| row.group[0].as_str()).collect();
    devices.sort_unstable();
    devices.dedup();
    let of_device = |device: &str| {
        let errors = summary(rows, residuals, |place| {
            let row = &rows.rows[place];
            row.group[0] == device && is_of_means(row.column)
        })?;
        (errors.n >= FEWEST).then(|| (device.to_owned(), errors))
    };
    devices.into_iter().filter_map(of_device).collect()
}

/// Sources of enough compared rows of a column, by name.
fn by_source(rows: &RunRows, last: &[Option<f64>], left: LeftOut<'_>) -> Vec<ColumnErrors> {
    let mut members = BTreeMap::<(&str, Column), Vec<usize>>::new();
    for (place, row) in rows.rows.iter().enumerate() {
        let of_source = members.entry((&row.source, row.column)).or_default();
        of_source.push(place);
    }
    let members = members.into_iter();
    members
        .map(|((source, column), places)| {
            let errors = |residuals: &[Option<f64>], sample: Sample| {
                summary(rows, residuals, |place| {
                    places.binary_search(&place).is_ok() && rows.rows[place].sample == sample
                })
            };
            ColumnErrors {
                source: source.to_owned(),
                column: column.to_string(),
                held_out: errors(last, Sample::HeldOut),
                group_left_out: errors(left.groups, Sample::InSample),
                device_left_out: errors(left.devices, Sample::InSample),
                in_sample: errors(last, Sample::InSample),
            }
        })
        .filter(|errors| {
            let samples = [errors.held_out, errors.in_sample].into_iter().flatten();
            samples.map(|errors| errors.n).sum::<usize>() >= FEWEST
        })
        .collect()
}

/// Errors with rows given back, on the rows that no number of them gives back.
fn shots(rows: &RunRows, runs: &dyn Runs, whole: &Fitted) -> Vec<Shots> {
    let found = SHOTS.map(|shots| {
        let denied = Denied {
            shots,
            ..Denied::parts_of(Folds::ManyDevices)
        };
        cross_fit(rows, runs, whole, denied)
    });
    let everywhere = |place: usize| {
        is_of_means(rows.rows[place].column) && found.iter().all(|errors| errors[place].is_some())
    };
    SHOTS
        .iter()
        .zip(&found)
        .map(|(shots, errors)| Shots {
            rows: *shots,
            errors: summary(rows, errors, everywhere),
        })
        .collect()
}

fn worst(rows: &RunRows, residuals: &[Option<f64>]) -> Vec<(String, StageErrors)> {
    const SHOWN: usize = 10;
    const OF_A_GROUP: usize = 5;
    let mut groups: Vec<(String, StageErrors)> = groups(rows, Sample::HeldOut)
        .into_iter()
        .filter_map(|(group, places)| {
            let errors = summary(rows, residuals, |place| {
                places.binary_search(&place).is_ok()
            })?;
            Some((group.join(", "), errors))
        })
        .filter(|(_, errors)| errors.n >= OF_A_GROUP)
        .collect();
    groups.sort_by(|a, b| b.1.median_ape.total_cmp(&a.1.median_ape));
    groups.truncate(SHOWN);
    groups
}

#[cfg(test)]
mod tests {
    use super::super::fit::tests::rows;
    use super::*;

    #[test]
    fn sources_are_judged_by_what_the_fit_had_seen() {
        let (mut rows, _) = rows(&[("a", 0.8), ("b", 0.7)], 30);
        for row in &mut rows.rows[..20] {
            row.sample = Sample::HeldOut;
        }
        // A source whose rows have no prediction, and one of too few.
        for row in &mut rows.rows[25..45] {
            row.source = "none".to_owned();
        }
        for row in &mut rows.rows[55..] {
            row.source = "few".to_owned();
        }
        let residuals = |of: f64| -> Vec<Option<f64>> {
            let of_row = |row: &super::super::RunRow| (row.source != "none").then_some(of);
            rows.rows.iter().map(of_row).collect()
        };
        let (groups, devices) = (residuals(-0.2), residuals(-0.4));
        let left = LeftOut {
            groups: &groups,
            devices: &devices,
        };
        let found = by_source(&rows, &residuals(-0.1), left);
        assert_eq!(found.len(), 1);
        let source = &found[0];
        assert_eq!(
            (source.source.as_str(), source.column.as_str()),
            ("s", "mean_tpot")
        );
        // Predicted too slow by e^0.1, e^0.2, e^0.4.
        for (errors, rows, residual) in [
            (source.held_out, 20, 0.1),
            (source.in_sample, 15, 0.1),
            (source.group_left_out, 15, 0.2),
            (source.device_left_out, 15, 0.4),
        ] {
            let errors = errors.expect("rows");
            assert_eq!(errors.n, rows);
            assert!((errors.bias - (math::exp(residual) - 1.0)).abs() < 1e-4);
        }
    }
}
