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
const PARTS: [(&str, &[EffectScope]); 6] = [
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
}

type Errors = Vec<Option<f64>>;

impl RunsAccount {
    /// The account of a fit; asks the equations some thirty times.
    ///
    /// `left` are errors with devices left out, as [`cross_fit`] gives them.
    pub fn of(rows: &RunRows, runs: &dyn Runs, whole: &Fitted, left: &[Option<f64>]) -> Self {
        let mut kept = Vec::new();
        let mut parts = BTreeMap::<String, Vec<Option<StageErrors>>>::new();
        let mut macro_median = Vec::new();
        let mut last = Vec::new();
        for (_, scopes) in PARTS {
            kept.extend_from_slice(scopes);
            let shift = restricted(rows, whole, &whole.weights, &kept);
            let predicted = runs.predict(&effects(rows, &shift));
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
            fitted: whole.weights.iter().filter(|weight| **weight > 0.0).count(),
            parts,
            macro_median,
            in_sample: in_sample.collect(),
            left_out: by_device(rows, left),
            shots: shots(rows, runs, whole, left),
            worst: worst(rows, &last),
        }
    }
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
        .map(|(row, predicted)| Some(row.measured - (*predicted)?))
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

/// Errors with rows given back, on the rows that no number of them gives back.
fn shots(rows: &RunRows, runs: &dyn Runs, whole: &Fitted, left: &[Option<f64>]) -> Vec<Shots> {
    let found = SHOTS.map(|shots| {
        if shots == 0 {
            return left.to_vec();
        }
        let denied = Denied {
            shots,
            ..Denied::parts_of(Folds::Devices)
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

/// The table of a terminal.
pub fn runs_text(account: &RunsAccount) -> String {
    let mut text = format!(
        "{:<24}{:>8}{:>15}{:>10}{:>15}{:>15}\n",
        "runs", "fitted", "mean/median %", "held out", "mean/median %", "cited terms %"
    );
    for (column, parts) in &account.parts {
        let seen = account.in_sample.get(column).copied();
        let (first, last) = (
            parts.first().copied().flatten(),
            parts.last().copied().flatten(),
        );
        let pair =
            |errors: Option<StageErrors>| errors.map_or_else(|| "-".to_owned(), StageErrors::pair);
        let count = |errors: Option<StageErrors>| errors.map_or(0, |errors| errors.n);
        text.push_str(&format!(
            "{column:<24}{:>8}{:>15}{:>10}{:>15}{:>15}\n",
            count(seen),
            pair(seen),
            count(last),
            pair(last),
            pair(first)
        ));
    }
    text
}

/// The tables of the page about a pack, in Markdown.
pub fn runs_readme(account: &RunsAccount) -> String {
    let mut text = String::from(
        "Errors of runs in held-out groups, mean/median absolute percentage, part by part of the model.\n\n| Column | Held-out rows |",
    );
    let pair =
        |errors: Option<StageErrors>| errors.map_or_else(|| "-".to_owned(), StageErrors::pair);
    for (name, _) in PARTS {
        text.push_str(&format!(" {name} |"));
    }
    text.push_str(" In sample | Bias |\n|---|---|---|---|---|---|---|---|---|\n");
    for (column, parts) in &account.parts {
        let Some(last) = parts.last().copied().flatten() else {
            continue;
        };
        text.push_str(&format!("| `{column}` | {} |", last.n));
        for errors in parts {
            text.push_str(&format!(" {} |", pair(*errors)));
        }
        let seen = account.in_sample.get(column).copied();
        text.push_str(&format!(" {} | {:.1} |\n", pair(seen), 100.0 * last.bias));
    }
    text.push_str("| mean over (hardware, model, framework) of medians | |");
    for median in &account.macro_median {
        let percent =
            median.map_or_else(|| "-".to_owned(), |median| format!("{:.1}", 100.0 * median));
        text.push_str(&format!(" {percent} |"));
    }
    text.push_str(" | |\n\nErrors of means on each device by a fit that has not seen it (devices are left out in five parts), devices of 20 rows or more.\n\n| Device | Rows | Mean/median | Bias |\n|---|---|---|---|\n");
    for (device, errors) in &account.left_out {
        text.push_str(&format!(
            "| {device} | {} | {} | {:.1} |\n",
            errors.n,
            pair(Some(*errors)),
            100.0 * errors.bias
        ));
    }
    text.push_str("\nThe same with rows of the device given back to the fit, on rows that are never given back.\n\n| Own rows | Rows | Mean/median |\n|---|---|---|\n");
    for shots in &account.shots {
        let n = shots.errors.map_or(0, |errors| errors.n);
        text.push_str(&format!(
            "| {} | {n} | {} |\n",
            shots.rows,
            pair(shots.errors)
        ));
    }
    text.push_str("\nHeld-out groups of 5 rows or more with the largest median error.\n\n| Device, model, software | Rows | Mean/median | Bias |\n|---|---|---|---|\n");
    for (group, errors) in &account.worst {
        text.push_str(&format!(
            "| {group} | {} | {} | {:.1} |\n",
            errors.n,
            pair(Some(*errors)),
            100.0 * errors.bias
        ));
    }
    text
}
