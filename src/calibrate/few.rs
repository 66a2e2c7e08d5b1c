//! A model that is known, moved by a few points of one's own.

use super::FitPoint;
use super::family::Fitted;
use super::groups::correct;
use super::local::{self, Choice, Shapes};
use crate::perf::{operator_parts, standard_features};
use crate::record::{OPERATOR_LEVELS, OperatorFamily, SHARED_LEVELS};
use crate::stats::math::ln;

/// Shrinks corrections by own points. Ten times what those of a whole table are shrunk by: a row of features measures some ten, so
/// one point moves its group by half of what it misses, thirty by nearly all.
const PENALTY: f64 = 10.0;

/// Moves the corrections of the points' devices and narrowest groups, and what near shapes of these groups have in common. Floors,
/// the efficiency, and what devices share stay as they are; so do the widths of intervals.
pub fn move_by(family: &mut OperatorFamily, points: &[&FitPoint]) {
    let floors: Vec<f64> = points
        .iter()
        .map(|point| family.floors.at(&point.keys))
        .collect();
    let rows: Vec<Vec<f64>> = points
        .iter()
        .zip(&floors)
        .map(|(point, floor)| [vec![1.0], standard_features(family, &point.shape, *floor)].concat())
        .collect();
    let mut left: Vec<f64> = points
        .iter()
        .map(|point| ln(point.time / operator_parts(family, &point.shape, &point.keys).time))
        .collect();
    let fitted = Fitted {
        points,
        rows: &rows,
        weights: &vec![1.0; points.len()],
        floors: &floors,
    };
    for level in SHARED_LEVELS..OPERATOR_LEVELS {
        for (key, own) in correct(&fitted, (level, PENALTY), &mut left) {
            let known = family.levels[level]
                .entry(key)
                .or_insert_with(|| vec![0.0; own.len()]);
            for (coefficient, own) in known.iter_mut().zip(own) {
                *coefficient += own;
            }
        }
    }
    near(family, points, &left);
    for point in points {
        for ((least, most), size) in family.range.iter_mut().zip(&point.shape.sizes) {
            *least = least.min(*size);
            *most = most.max(*size);
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
