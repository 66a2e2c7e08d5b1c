//! Widths of intervals from errors of fits that had not seen the rows.

use std::collections::{BTreeMap, BTreeSet};

use crate::calibrate::effects::RunRows;
use crate::record::{Column, EffectSupport, Metric, Widths};
use crate::stats::math;

/// Share of errors that an interval is to hold.
const HELD: f64 = super::run::LEVEL;

/// Fewer rows than this say nothing of a metric; it is then as wide as the steps make it.
const FEWEST: usize = 30;

/// The smallest half-width of a logarithm: numbers are not known closer than this.
const FINEST: f64 = 0.02;

/// Errors of rows that a fit had not seen, by what it had seen of the place instead.
pub(super) struct Left {
    by_support: [(EffectSupport, Vec<Option<f64>>); 3],
}

impl Left {
    /// Errors with groups, devices and software left out. Without the group its pair of device and software is known from
    /// other models, without the device its family, without the software the device under other software.
    pub fn new([groups, devices, programs]: [Vec<Option<f64>>; 3]) -> Self {
        Self {
            by_support: [
                (EffectSupport::Pair, groups),
                (EffectSupport::Device, programs),
                (EffectSupport::Family, devices),
            ],
        }
    }
}

/// The widths; `ends` predicts all rows under widths.
pub(super) fn widths(
    rows: &RunRows,
    left: &Left,
    ends: impl Fn(Widths) -> Vec<Option<(f64, f64, f64)>>,
) -> Widths {
    let weights = rows.by_group();
    let mut widths = Widths::default();
    for (support, errors) in &left.by_support {
        let of_steps = |column: Column| {
            matches!(
                column.metric,
                Metric::Tpot
                    | Metric::DecodeThroughput
                    | Metric::PrefillThroughput
                    | Metric::OutputThroughput
            )
        };
        let sizes = sized(rows, errors, &weights, of_steps, |_, error| error.abs());
        widths
            .pace
            .insert(*support, held(sizes).unwrap_or(0.5).max(FINEST));
    }
    let widest = |widths: &Widths| widths.pace.values().copied().fold(0.0, f64::max);
    let most = widest(&widths);
    widths.pace.insert(EffectSupport::Nothing, most);
    let here = widths.pace(EffectSupport::Pair);
    let ends = ends(widths.clone());
    let columns: BTreeSet<Column> = rows.rows.iter().map(|row| row.column).collect();
    let mut of_nothing = BTreeMap::<Column, f64>::new();
    for (support, errors) in &left.by_support {
        let wider = widths.pace(*support) / here;
        for column in &columns {
            let score = |place: usize, error: f64| {
                let (value, lo, hi) = ends[place].unwrap_or((1.0, 1.0, 1.0));
                let end = if error > 0.0 { hi / value } else { value / lo };
                error.abs() / (wider * math::ln(end)).max(FINEST)
            };
            let scores = sized(rows, errors, &weights, |of_row| of_row == *column, score);
            if let Some(scale) = held(scores) {
                widths.scale.insert((*column, *support), scale);
                let widest = of_nothing.entry(*column).or_default();
                *widest = widest.max(scale * widths.pace(*support) / most);
            }
        }
    }
    for (column, scale) in of_nothing {
        widths.scale.insert((column, EffectSupport::Nothing), scale);
    }
    widths
}

/// Sizes of errors with their weights, of rows with a metric.
fn sized(
    rows: &RunRows,
    errors: &[Option<f64>],
    weights: &[f64],
    is_wanted: impl Fn(Column) -> bool,
    size: impl Fn(usize, f64) -> f64,
) -> Vec<(f64, f64)> {
    let wanted = rows
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| is_wanted(row.column));
    wanted
        .filter_map(|(place, _)| Some((size(place, errors[place]?), weights[place])))
        .collect()
}

/// The size that holds [`HELD`] of the weight, counting one row more beyond it; `None` of too few rows.
fn held(mut sizes: Vec<(f64, f64)>) -> Option<f64> {
    if sizes.len() < FEWEST {
        return None;
    }
    sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let whole: f64 = sizes.iter().map(|(_, weight)| weight).sum();
    let wanted = HELD * whole * (1.0 + 1.0 / sizes.len() as f64);
    let mut sum = 0.0;
    for (size, weight) in &sizes {
        sum += weight;
        if sum >= wanted {
            return Some(*size);
        }
    }
    sizes.last().map(|(size, _)| *size)
}
