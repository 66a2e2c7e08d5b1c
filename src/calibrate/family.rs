//! The whole fit of one family of operators.

use std::collections::BTreeMap;

use super::FitPoint;
use super::efficiency::fit_efficiency;
use super::groups::{correct, members};
use super::local;
use super::near::{Choice, Shapes};
use super::penalties::Penalties;
use crate::perf::{MACHINE_FIRST, efficiency_cost, machine_features, standard_features};
use crate::record::{Floors, OPERATOR_LEVELS, OperatorFamily, SHARED_LEVELS, Scale};
use crate::stats::math::{ln, sqrt};
use crate::stats::quantile;

/// Which parts are fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Settings {
    /// All.
    Whole,
    /// All but what near shapes have in common.
    WithoutLocal,
    /// All that unseen groups use, with what devices share of shapes as it was chosen before.
    Common(Choice),
}

/// A device of few points counts less than its share: its weight is `1 / (n + 50)` for each.
const FEW_POINTS: f64 = 50.0;

/// The share of points that may lie below the floor, which noise reaches.
const FLOOR_SHARE: f64 = 0.02;

/// No launch takes less, seconds; rows at the bound of their shape would otherwise give a floor of nothing.
const LEAST_FLOOR: f64 = 5e-7;

/// The model of the points, in their order; a model that adds nothing to a floor of [`LEAST_FLOOR`] where there are none.
pub fn fit_family(
    points: &[&FitPoint],
    penalties: Penalties,
    settings: Settings,
) -> OperatorFamily {
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
    for scale in &mut family.machine[..MACHINE_FIRST.min(machines.len())] {
        scale.deviation = 0.0;
    }
    let rows: Vec<Vec<f64>> = points
        .iter()
        .zip(&at)
        .map(|(point, floor)| {
            [vec![1.0], standard_features(&family, &point.shape, *floor)].concat()
        })
        .collect();
    let weights = weights(points);
    let fitted = Fitted {
        points,
        rows: &rows,
        weights: &weights,
        floors: &at,
    };
    let mut left = shared(&mut family, &fitted, penalties);
    for level in 0..OPERATOR_LEVELS {
        let penalty = penalties.of_level(level);
        family.levels[level] = correct(&fitted, (level, penalty), &mut left);
    }
    if settings != Settings::WithoutLocal && !points.is_empty() {
        let shapes = Shapes::new(points);
        match settings {
            Settings::Whole => {
                [family.common, family.local] = local::fit(points, &shapes, &left);
            }
            Settings::Common(choice) => {
                family.common = local::fit_common(points, &shapes, &left, choice);
            }
            Settings::WithoutLocal => {}
        }
        family.shapes = shapes.distinct;
    }
    family
}

/// Points with their standardised features and a constant, weights, and floors.
pub(super) struct Fitted<'a> {
    pub points: &'a [&'a FitPoint],
    pub rows: &'a [Vec<f64>],
    pub weights: &'a [f64],
    pub floors: &'a [f64],
}

/// Fits what all calls share; returns what it leaves of the logarithms.
fn shared(family: &mut OperatorFamily, fitted: &Fitted<'_>, penalties: Penalties) -> Vec<f64> {
    let wide: Vec<Vec<f64>> = fitted
        .points
        .iter()
        .zip(fitted.rows)
        .map(|(point, row)| [row.clone(), machine_features(family, &point.shape)].concat())
        .collect();
    let targets: Vec<f64> = fitted
        .points
        .iter()
        .zip(fitted.floors)
        .map(|(point, floor)| ln(point.time / (floor + point.shape.roofline())))
        .collect();
    let calls = 1 + family.features.len();
    let penalties: Vec<f64> = (0..calls + family.machine.len())
        .map(|column| penalties.of_column(column < calls))
        .collect();
    family.whole = fit_efficiency(&wide, &targets, fitted.weights, &penalties);
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
    let mut of_shared = BTreeMap::<&str, Vec<f64>>::new();
    for (key, places) in members(points, OPERATOR_LEVELS - 1) {
        let values: Vec<f64> = places.iter().map(|place| beyond[*place]).collect();
        let floor = quantile(&values, FLOOR_SHARE).unwrap_or(LEAST_FLOOR);
        floors.narrow.insert(key.to_owned(), floor);
        for key in &points[places[0]].keys[..SHARED_LEVELS] {
            of_shared.entry(key).or_default().push(floor);
        }
    }
    let middle = |values: &[f64]| quantile(values, 0.5).unwrap_or(LEAST_FLOOR);
    for (key, values) in of_shared {
        floors.shared.insert(key.to_owned(), middle(&values));
    }
    let narrow: Vec<f64> = floors.narrow.values().copied().collect();
    floors.anywhere = middle(&narrow);
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
            let mut scale = Scale {
                mean,
                deviation: if deviation > LEAST_DEVIATION {
                    deviation
                } else {
                    0.0
                },
                limits: Scale::WIDEST,
            };
            let fitted = rows.iter().map(|row| scale.of(row[column]));
            scale.limits = fitted.fold((0.0, 0.0), |(least, most), feature| {
                (feature.min(least), feature.max(most))
            });
            scale
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
