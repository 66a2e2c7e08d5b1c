//! A model that is known, moved by a few points of one's own.

use std::collections::BTreeMap;

use super::FitPoint;
use super::family::Fitted;
use super::groups::correct;
use super::local;
use super::near::{Choice, Shapes};
use super::own_points::{ALONE, OUTSIDE};
use crate::perf::{operator_parts, standard_features};
use crate::record::{DEVICE_LEVEL, NARROWEST_LEVEL, OperatorFamily};
use crate::stats::math::ln;

/// Shrinks the constants of corrections.
const PENALTY: f64 = ALONE;

/// Slopes are shrunk by the square of this as much as constants: one point says nothing of them.
const STEEPNESS: f64 = 4.0;

/// Moves groups by points of one's own: those of a device that the model has not fitted in them, then the narrowest groups, and what
/// near shapes of these have in common. Everything that was fitted stays as it is, and so do the widths of intervals: a few points
/// do not say how far off the others are.
pub fn move_by(family: &mut OperatorFamily, points: &[&FitPoint]) {
    // Other groups of the device that were fitted do not move with these.
    let unknown: Vec<&FitPoint> = points
        .iter()
        .filter(|point| !family.levels[NARROWEST_LEVEL].contains_key(&point.keys[NARROWEST_LEVEL]))
        .copied()
        .collect();
    let mut left = missed(family, &unknown);
    let own = corrections(family, &unknown, DEVICE_LEVEL, &mut left);
    add(family, own);
    let mut left = missed(family, points);
    let own = corrections(family, points, NARROWEST_LEVEL, &mut left);
    add(family, own);
    near(family, points, &left);
}

/// Whether each point is further from what a model says of it than [`OUTSIDE`] times its interval.
pub fn far_from(family: &OperatorFamily, points: &[FitPoint]) -> Vec<bool> {
    let refs: Vec<&FitPoint> = points.iter().collect();
    let radius = |point: &FitPoint| family.radius(family.support(&point.keys)) + ln(OUTSIDE);
    let missed = missed(family, &refs).into_iter();
    missed
        .zip(points)
        .map(|(left, point)| left.abs() > radius(point))
        .collect()
}

/// `ln(measured / predicted)`.
fn missed(family: &OperatorFamily, points: &[&FitPoint]) -> Vec<f64> {
    let predicted = points.iter();
    predicted
        .map(|point| ln(point.time / operator_parts(family, &point.shape, &point.keys).time))
        .collect()
}

/// Corrections of the groups of a level, taken off what is left.
fn corrections(
    family: &OperatorFamily,
    points: &[&FitPoint],
    level: usize,
    left: &mut [f64],
) -> BTreeMap<String, Vec<f64>> {
    let floors: Vec<f64> = points
        .iter()
        .map(|point| family.floors.at(&point.keys))
        .collect();
    let rows: Vec<Vec<f64>> = points
        .iter()
        .zip(&floors)
        .map(|(point, floor)| {
            let features = standard_features(family, &point.shape, *floor);
            let gentle = features.iter().map(|feature| feature / STEEPNESS);
            [1.0].into_iter().chain(gentle).collect()
        })
        .collect();
    let fitted = Fitted {
        points,
        rows: &rows,
        weights: &vec![1.0; points.len()],
        floors: &floors,
    };
    let mut found = correct(&fitted, (level, PENALTY), left);
    for coefficients in found.values_mut() {
        let slopes = coefficients.iter_mut().skip(1);
        slopes.for_each(|slope| *slope /= STEEPNESS);
    }
    found
}

fn add(family: &mut OperatorFamily, own: BTreeMap<String, Vec<f64>>) {
    for (key, own) in own {
        let known = family
            .own
            .entry(key)
            .or_insert_with(|| vec![0.0; own.len()]);
        for (coefficient, own) in known.iter_mut().zip(own) {
            *coefficient += own;
        }
    }
}

/// Adds the points' shapes to what near shapes of the narrowest groups have in common.
fn near(family: &mut OperatorFamily, points: &[&FitPoint], left: &[f64]) {
    let Some(choice) = Choice::of(&family.local) else {
        return;
    };
    let shapes = Shapes::new(points);
    let first = family.shapes.len() as u32;
    let own = local::fit_narrow(points, &shapes, left, choice);
    for (key, nodes) in own.groups {
        let known = family.local.groups.entry(key).or_default();
        known.extend(
            nodes
                .into_iter()
                .map(|(place, weight)| (first + place, weight)),
        );
    }
    family.shapes.extend(shapes.distinct);
}
