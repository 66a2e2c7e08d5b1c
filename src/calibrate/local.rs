//! What near shapes have in common: kernel ridge regression of what the groups leave, in each narrowest group.
//!
//! `w = (K + s I)⁻¹ r` with the likeness `K` of [`likeness`]. Length and noise are chosen from a small grid by errors on a quarter
//! of the layer shapes and on a fifth of the single shapes among the fitted points, never on held-out ones; where none of them
//! makes these errors smaller, the family goes without this part.

use std::collections::BTreeMap;

use super::FitPoint;
use super::groups::members;
use super::point::TOLD;
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

/// Fits the local part to what is left at the points; `None` where it does not help.
pub(super) fn fit(points: &[&FitPoint], shapes: &Shapes, left: &[f64]) -> Option<Local> {
    let groups = members(points, OPERATOR_LEVELS - 1);
    let (length, noise) = chosen(points, shapes, left, &groups)?;
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
    Some(local)
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

/// What tests settings.
#[derive(Debug, Clone, Copy)]
enum Trial {
    /// A quarter of the layer shapes.
    Layer,
    /// A fifth of the single shapes.
    Single,
}

impl Trial {
    fn tests(self, point: &FitPoint) -> bool {
        match self {
            Self::Layer => point.inner == Sample::HeldOut,
            Self::Single => point.part == TOLD,
        }
    }
}

/// The length and noise with the least mean error on the trials, each counting the same; `None` where going without is as good.
fn chosen(
    points: &[&FitPoint],
    shapes: &Shapes,
    left: &[f64],
    groups: &BTreeMap<&str, Vec<usize>>,
) -> Option<(f64, f64)> {
    let mut groups: Vec<&Vec<usize>> = groups.values().collect();
    groups.retain(|places| places.len() <= MOST_TO_CHOOSE);
    let without = |place: usize| left[place].abs().min(MOST_RESIDUAL);
    let mut totals = vec![0.0; 1 + LENGTHS.len() * NOISES.len()];
    for trial in [Trial::Layer, Trial::Single] {
        let mut errors = vec![0.0; totals.len()];
        let mut count = 0.0;
        for places in &groups {
            let (test, teach): (Vec<usize>, Vec<usize>) = places
                .iter()
                .partition(|place| trial.tests(points[**place]));
            count += test.len() as f64;
            errors[0] += test.iter().map(|place| without(*place)).sum::<f64>();
            for (error, settings) in errors[1..].iter_mut().zip(tried()) {
                *error += missed((&test, &teach), shapes, left, settings);
            }
        }
        for (total, error) in totals.iter_mut().zip(errors) {
            *total += error / f64::max(count, 1.0);
        }
    }
    let (mut best, mut least) = (None, totals[0]);
    for (total, settings) in totals[1..].iter().zip(tried()) {
        if *total < least {
            (best, least) = (Some(settings), *total);
        }
    }
    best
}

/// All lengths with all noises.
fn tried() -> impl Iterator<Item = (f64, f64)> {
    let lengths = LENGTHS.into_iter();
    lengths.flat_map(|length| NOISES.map(|noise| (length, noise)))
}

/// The sum of what is left at some points of a group by what others teach.
fn missed(
    (test, teach): (&[usize], &[usize]),
    shapes: &Shapes,
    left: &[f64],
    (length, noise): (f64, f64),
) -> f64 {
    let weights = weights(shapes, teach, left, (length, noise)).unwrap_or_default();
    let errors = test.iter().map(|place| {
        let near = teach
            .iter()
            .zip(&weights)
            .map(|(other, weight)| weight * likeness(shapes.of(*place), shapes.of(*other), length));
        (left[*place] - near.sum::<f64>()).abs().min(MOST_RESIDUAL)
    });
    errors.sum()
}
