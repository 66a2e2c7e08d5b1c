//! Points by the groups they belong to, and a correction for each.

use std::collections::BTreeMap;

use linfa::dataset::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array1, Array2};

use super::FitPoint;
use super::efficiency::damped;
use super::family::Fitted;
use super::ridge::WeightedRidge;
use crate::record::SHARED_LEVELS;
use crate::stats::symmetric::dot;

/// Residuals of a correction beyond this count as this.
const HUBER: f64 = 0.25;

/// Positions of points by the name of their group at a level.
pub(super) fn members<'a>(points: &[&'a FitPoint], level: usize) -> BTreeMap<&'a str, Vec<usize>> {
    let mut groups = BTreeMap::<&str, Vec<usize>>::new();
    for (place, point) in points.iter().enumerate() {
        groups
            .entry(point.keys[level].as_str())
            .or_default()
            .push(place);
    }
    groups
}

/// Fits a correction of each group of a level to what is left, and takes it off.
pub(super) fn correct(
    Fitted {
        points,
        rows,
        weights,
        ..
    }: &Fitted<'_>,
    (level, penalty): (usize, f64),
    left: &mut [f64],
) -> BTreeMap<String, Vec<f64>> {
    let mut corrections = BTreeMap::new();
    for (key, places) in members(points, level) {
        // Within a device every point counts the same.
        let own: Vec<f64> = places
            .iter()
            .map(|place| {
                if level < SHARED_LEVELS {
                    weights[*place]
                } else {
                    1.0
                }
            })
            .collect();
        let Some(coefficients) = robust(&places, rows, left, &own, penalty) else {
            continue;
        };
        for place in &places {
            left[*place] -= dot(&rows[*place], &coefficients);
        }
        corrections.insert(key.to_owned(), coefficients);
    }
    corrections
}

/// A ridge twice, the second time with far residuals damped.
fn robust(
    places: &[usize],
    rows: &[Vec<f64>],
    left: &[f64],
    weights: &[f64],
    penalty: f64,
) -> Option<Vec<f64>> {
    let columns = rows.first()?.len();
    let records = Array2::from_shape_fn((places.len(), columns), |(row, column)| {
        rows[places[row]][column]
    });
    let targets: Array1<f64> = places.iter().map(|place| left[*place]).collect();
    let mut used: Vec<f64> = weights.to_vec();
    let mut coefficients = Vec::new();
    for _ in 0..2 {
        let dataset = DatasetBase::new(records.clone(), targets.clone())
            .with_weights(used.iter().map(|weight| *weight as f32).collect());
        coefficients = WeightedRidge { penalty }.fit(&dataset).ok()?.coefficients;
        for ((weight, full), place) in used.iter_mut().zip(weights).zip(places) {
            let residual = left[*place] - dot(&rows[*place], &coefficients);
            *weight = full * damped(residual, HUBER);
        }
    }
    Some(coefficients)
}
