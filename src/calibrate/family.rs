//! The whole fit of one family of operators.

use std::collections::BTreeMap;

use super::FitPoint;
use super::efficiency::fit_efficiency;
use super::groups::{correct, members};
use super::local::{self, Shapes};
use crate::perf::{efficiency_cost, machine_features, standard_features};
use crate::record::{Floors, Local, OPERATOR_LEVELS, OperatorFamily, Scale};
use crate::stats::math::{ln, sqrt};
use crate::stats::quantile;

/// Which parts are fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settings {
    /// All.
    Whole,
    /// All but what near shapes have in common, which unseen groups do not use.
    WithoutLocal,
}

/// Penalty of the shared efficiency.
const PENALTY: f64 = 1.0;

/// A device of few points counts less than its share: its weight is `1 / (n + 50)` for each.
const FEW_POINTS: f64 = 50.0;

/// The share of points that may lie below the floor, which noise reaches.
const FLOOR_SHARE: f64 = 0.02;

/// No launch takes less, seconds; rows at the bound of their shape would otherwise give a floor of nothing.
const LEAST_FLOOR: f64 = 5e-7;

/// The model of the points, in their order; a model that adds nothing to a floor of [`LEAST_FLOOR`] where there are none.
pub fn fit_family(points: &[&FitPoint], settings: Settings) -> OperatorFamily {
    let floors = floors(points);
    let mut family = OperatorFamily {
        range: range(points),
        floors,
        ..OperatorFamily::default()
    };
    let at: Vec<f64> = points
        .iter()
        .map(|point| family.floors.at(&point.keys))
        .collect();
    let raw: Vec<Vec<f64>> = points
        .iter()
        .zip(&at)
        .map(|(point, floor)| point.shape.features(*floor))
        .collect();
    family.features = scales(&raw);
    let machines: Vec<Vec<f64>> = points
        .iter()
        .map(|point| point.shape.machine.to_vec())
        .collect();
    family.machine = scales(&machines);
    let rows: Vec<Vec<f64>> = points
        .iter()
        .zip(&at)
        .map(|(point, floor)| {
            [vec![1.0], standard_features(&family, &point.shape, *floor)].concat()
        })
        .collect();
    let weights = weights(points);
    let mut left = shared(&mut family, points, &rows, &weights, &at);
    for level in 0..OPERATOR_LEVELS {
        family.levels[level] = correct(points, level, &rows, &weights, &mut left);
    }
    family.local.length = 1.0;
    if settings == Settings::Whole && !points.is_empty() {
        let shapes = Shapes::new(points);
        let local: Local = local::fit(points, &shapes, &left);
        family.local = local;
        family.shapes = shapes.distinct;
    }
    family
}

/// Fits what all calls share; returns what it leaves of the logarithms.
fn shared(
    family: &mut OperatorFamily,
    points: &[&FitPoint],
    rows: &[Vec<f64>],
    weights: &[f64],
    floors: &[f64],
) -> Vec<f64> {
    let wide: Vec<Vec<f64>> = points
        .iter()
        .zip(rows)
        .map(|(point, row)| [row.clone(), machine_features(family, &point.shape)].concat())
        .collect();
    let targets: Vec<f64> = points
        .iter()
        .zip(floors)
        .map(|(point, floor)| ln(point.time / (floor + point.shape.roofline())))
        .collect();
    family.whole = fit_efficiency(&wide, &targets, weights, PENALTY);
    let costs = wide.iter().map(|row| {
        let terms = row.iter().zip(&family.whole);
        efficiency_cost(terms.map(|(x, c)| x * c).sum())
    });
    targets
        .iter()
        .zip(costs)
        .map(|(y, cost)| y - cost)
        .collect()
}

/// What is left of a time beyond its roofline for the fastest calls of each group.
pub(super) fn floors(points: &[&FitPoint]) -> Floors {
    let beyond: Vec<f64> = points
        .iter()
        .map(|point| (point.time - point.shape.roofline()).max(LEAST_FLOOR))
        .collect();
    let mut floors = Floors::default();
    let mut of_wide = BTreeMap::<&str, Vec<f64>>::new();
    for (key, places) in members(points, OPERATOR_LEVELS - 1) {
        let values: Vec<f64> = places.iter().map(|place| beyond[*place]).collect();
        let floor = quantile(&values, FLOOR_SHARE).unwrap_or(LEAST_FLOOR);
        floors.narrow.insert(key.to_owned(), floor);
        let wide = points[places[0]].keys[0].as_str();
        of_wide.entry(wide).or_default().push(floor);
    }
    for (key, values) in of_wide {
        let middle = quantile(&values, 0.5).unwrap_or(LEAST_FLOOR);
        floors.wide.insert(key.to_owned(), middle);
    }
    let middles: Vec<f64> = floors.wide.values().copied().collect();
    floors.anywhere = quantile(&middles, 0.5).unwrap_or(LEAST_FLOOR);
    floors
}

fn range(points: &[&FitPoint]) -> Vec<(f64, f64)> {
    let Some(first) = points.first() else {
        return Vec::new();
    };
    let empty = vec![(f64::INFINITY, f64::NEG_INFINITY); first.shape.sizes.len()];
    points.iter().fold(empty, |mut range, point| {
        for ((least, most), size) in range.iter_mut().zip(&point.shape.sizes) {
            *least = least.min(*size);
            *most = most.max(*size);
        }
        range
    })
}

/// A feature whose deviation is no more than rounding is switched off.
const LEAST_DEVIATION: f64 = 1e-3;

fn scales(rows: &[Vec<f64>]) -> Vec<Scale> {
    let columns = rows.first().map_or(0, Vec::len);
    let count = rows.len() as f64;
    (0..columns)
        .map(|column| {
            let mean = rows.iter().map(|row| row[column]).sum::<f64>() / count;
            let squares = rows
                .iter()
                .map(|row| (row[column] - mean) * (row[column] - mean));
            let deviation = sqrt(squares.sum::<f64>() / count);
            Scale {
                mean,
                deviation: if deviation > LEAST_DEVIATION {
                    deviation
                } else {
                    0.0
                },
            }
        })
        .collect()
}

/// Every device counts the same, however many rows it has; the mean weight is about one.
fn weights(points: &[&FitPoint]) -> Vec<f64> {
    let mut counts = BTreeMap::<&str, f64>::new();
    for point in points {
        *counts.entry(&point.device).or_default() += 1.0;
    }
    let share = points.len() as f64 / counts.len().max(1) as f64;
    points
        .iter()
        .map(|point| share / (counts[point.device.as_str()] + FEW_POINTS))
        .collect()
}
