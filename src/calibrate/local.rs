//! What near shapes have in common: kernel ridge regression of what the groups leave, in each narrowest group.
//!
//! `w = (K + s I)⁻¹ r` with the likeness `K` of [`likeness`]. Length and noise are chosen from a small grid on a quarter of the
//! layer shapes among the fitted points, never on held-out ones.

use std::collections::BTreeMap;

use super::FitPoint;
use super::groups::members;
use super::symmetric::solve;
use crate::perf::likeness;
use crate::record::{Local, OPERATOR_LEVELS, Sample, kept_size};

const LENGTHS: [f64; 3] = [1.0, 2.0, 4.0];
const NOISES: [f64; 2] = [0.1, 0.3];

/// Larger groups are thinned to this many points, evenly over their shapes.
const MOST_POINTS: usize = 1000;

/// Groups up to this size choose the settings; larger ones would cost most of the time.
const MOST_TO_CHOOSE: usize = 600;

/// Residuals beyond this count as this.
const MOST_RESIDUAL: f64 = 1.0;

/// Distinct shapes, and the position of each point's shape among them.
pub(super) struct Shapes {
    pub distinct: Vec<Vec<f64>>,
    pub of_point: Vec<u32>,
}

impl Shapes {
    /// The shapes of points as a file will hold them, sorted.
    pub fn new(points: &[&FitPoint]) -> Self {
        let kept: Vec<Vec<u64>> = points
            .iter()
            .map(|point| {
                let sizes = point.shape.sizes.iter();
                sizes.map(|size| kept_size(*size).to_bits()).collect()
            })
            .collect();
        let mut places: BTreeMap<&Vec<u64>, u32> = kept.iter().map(|shape| (shape, 0)).collect();
        for (number, place) in places.values_mut().enumerate() {
            *place = number as u32;
        }
        let distinct = places.keys().map(|shape| {
            let sizes = shape.iter();
            sizes.map(|size| f64::from_bits(*size)).collect()
        });
        Self {
            distinct: distinct.collect(),
            of_point: kept.iter().map(|shape| places[shape]).collect(),
        }
    }

    fn of(&self, point: usize) -> &[f64] {
        &self.distinct[self.of_point[point] as usize]
    }
}

/// Fits the local part to what is left at the points.
pub(super) fn fit(points: &[&FitPoint], shapes: &Shapes, left: &[f64]) -> Local {
    let groups = members(points, OPERATOR_LEVELS - 1);
    let (length, noise) = chosen(points, shapes, left, &groups);
    let mut local = Local {
        length,
        groups: BTreeMap::new(),
    };
    for (key, places) in groups {
        let places = thinned(shapes, places);
        let Some(weights) = weights(shapes, &places, left, (length, noise)) else {
            continue;
        };
        let found = places.iter().map(|place| shapes.of_point[*place]);
        local
            .groups
            .insert(key.to_owned(), found.zip(weights).collect());
    }
    local
}

/// Sorted by shape; every second, third … where there are too many.
fn thinned(shapes: &Shapes, mut places: Vec<usize>) -> Vec<usize> {
    places.sort_by_key(|place| (shapes.of_point[*place], *place));
    let step = places.len().div_ceil(MOST_POINTS).max(1);
    places.into_iter().step_by(step).collect()
}

fn weights(
    shapes: &Shapes,
    places: &[usize],
    left: &[f64],
    (length, noise): (f64, f64),
) -> Option<Vec<f64>> {
    let mut matrix: Vec<Vec<f64>> = Vec::with_capacity(places.len());
    for (row, place) in places.iter().enumerate() {
        let others = places[..=row].iter();
        let mut row_of: Vec<f64> = others
            .map(|other| likeness(shapes.of(*place), shapes.of(*other), length))
            .collect();
        row_of[row] += noise;
        matrix.push(row_of);
    }
    let right: Vec<f64> = places
        .iter()
        .map(|place| left[*place].clamp(-MOST_RESIDUAL, MOST_RESIDUAL))
        .collect();
    solve(&mut matrix, &right)
}

/// The length and noise with the least mean error on the inner test points.
fn chosen(
    points: &[&FitPoint],
    shapes: &Shapes,
    left: &[f64],
    groups: &BTreeMap<&str, Vec<usize>>,
) -> (f64, f64) {
    let mut best = (f64::INFINITY, (LENGTHS[1], NOISES[0]));
    for length in LENGTHS {
        for noise in NOISES {
            let mut error = 0.0;
            for places in groups
                .values()
                .filter(|places| places.len() <= MOST_TO_CHOOSE)
            {
                let (teach, test): (Vec<usize>, Vec<usize>) = places
                    .iter()
                    .partition(|place| points[**place].inner == Sample::InSample);
                let Some(weights) = weights(shapes, &teach, left, (length, noise)) else {
                    continue;
                };
                for place in test {
                    let near = teach.iter().zip(&weights).map(|(other, weight)| {
                        weight * likeness(shapes.of(place), shapes.of(*other), length)
                    });
                    error += (left[place] - near.sum::<f64>()).abs().min(MOST_RESIDUAL);
                }
            }
            if error < best.0 {
                best = (error, (length, noise));
            }
        }
    }
    best.1
}
