//! How alike near shapes are, and how noisy: chosen by trials among the fitted points, never on held-out ones.
//!
//! A trial leaves out a quarter of the layer shapes of each device, a quarter of them on all devices, or a fifth of the single shapes,
//! and sums errors there over a small grid of choices; where none makes these errors smaller, a family goes without the part.

use std::collections::BTreeMap;

use super::FitPoint;
use super::near::{Choice, MOST_RESIDUAL, Node, Shapes, near, nodes, weights};
use super::point::TOLD;
use crate::record::{Alike, SHARED_LEVELS, Sample};

const LENGTHS: [f64; 5] = [0.25, 0.5, 1.0, 2.0, 4.0];
const NOISES: [f64; 5] = [0.03, 0.1, 0.3, 1.0, 3.0];

/// How much more alike a shape is to itself than to its neighbours: what devices share of a shape alone.
const SAMENESSES: [f64; 4] = [0.0, 0.3, 1.0, 3.0];

/// Where likeness falls at once, noise may be as small as clocks are exact.
const ROUGH_NOISES: [f64; 3] = [0.01, 0.1, 0.3];

/// Likeness that falls at once is tried where shapes have no more sizes: rows, and a width of which few are timed. With three sizes it took
/// errors of products on single shapes from 6.4/4.2 to 6.3/3.8 %, those on layer shapes from 7.2/4.8 to 7.3/4.9, and the fit half as long
/// again; those of attention did not move.
const ROUGH_SIZES: usize = 2;

/// How alike other layers are to the same, where likeness falls at once.
const ACROSS: [f64; 2] = [1.0, 0.3];

/// Groups with so many distinct shapes to teach choose the settings; larger ones would cost most of the time.
const MOST_TO_CHOOSE: usize = 600;

/// What tests settings.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trial {
    /// A quarter of the layer shapes of each device.
    Layer,
    /// A quarter of the layer shapes, on all devices.
    Everywhere,
    /// A fifth of the single shapes.
    Single,
}

impl Trial {
    pub const ALL: [Self; 3] = [Self::Layer, Self::Everywhere, Self::Single];

    pub fn tests(self, point: &FitPoint) -> bool {
        match self {
            Self::Layer => point.inner == Sample::HeldOut,
            Self::Everywhere => point.everywhere == Sample::HeldOut,
            Self::Single => point.part == TOLD,
        }
    }
}

/// The choice with the least mean error on the trials, each counting the same; `None` where going without is as good. `left` is what is
/// left in each trial.
pub(super) fn chosen(
    (points, shapes): (&[&FitPoint], &Shapes),
    (level, groups): (usize, &BTreeMap<&str, Vec<usize>>),
    left: &[Vec<f64>; 3],
) -> Option<Choice> {
    let sizes = shapes.distinct.first().map_or(0, Vec::len);
    let tried = tried(level, sizes);
    let mut totals = vec![0.0; 1 + tried.len()];
    for (trial, left) in Trial::ALL.into_iter().zip(left) {
        let without = |place: &usize| left[*place].abs().min(MOST_RESIDUAL);
        let mut errors = vec![0.0; totals.len()];
        let mut count = 0.0;
        for places in groups.values() {
            let (test, teach): (Vec<usize>, Vec<usize>) = places
                .iter()
                .partition(|place| trial.tests(points[**place]));
            let teach = nodes(shapes, &teach, left);
            if teach.len() > MOST_TO_CHOOSE {
                continue;
            }
            count += test.len() as f64;
            errors[0] += test.iter().map(without).sum::<f64>();
            for (error, choice) in errors[1..].iter_mut().zip(&tried) {
                *error += missed((&test, &teach), shapes, left, *choice);
            }
        }
        for (total, error) in totals.iter_mut().zip(errors) {
            *total += error / f64::max(count, 1.0);
        }
    }
    let (mut best, mut least) = (None, totals[0]);
    for (total, choice) in totals[1..].iter().zip(&tried) {
        if *total < least {
            (best, least) = (Some(*choice), *total);
        }
    }
    best
}

/// All that are tried at a level. A shape of a narrowest group is measured once, or repeated: there is nothing to share.
fn tried(level: usize, sizes: usize) -> Vec<Choice> {
    let shared = if level < SHARED_LEVELS {
        SAMENESSES.len()
    } else {
        1
    };
    let mut tried = Vec::new();
    for length in LENGTHS {
        for sameness in &SAMENESSES[..shared] {
            tried.extend(NOISES.map(|noise| Choice {
                alike: Alike::smooth(length, *sameness),
                noise,
            }));
        }
        for across in ACROSS.into_iter().filter(|_| sizes <= ROUGH_SIZES) {
            tried.extend(ROUGH_NOISES.map(|noise| Choice {
                alike: Alike {
                    rough: true,
                    across,
                    ..Alike::smooth(length, 0.0)
                },
                noise,
            }));
        }
    }
    tried
}

/// The sum of what is left at some points of a group by what others teach.
fn missed(
    (test, teach): (&[usize], &[Node]),
    shapes: &Shapes,
    left: &[f64],
    choice: Choice,
) -> f64 {
    let weights = weights(shapes, teach, choice).unwrap_or_default();
    let errors = test.iter().map(|place| {
        let near = near(
            shapes,
            shapes.of_point[*place],
            (teach, &weights),
            choice.alike,
        );
        (left[*place] - near).abs().min(MOST_RESIDUAL)
    });
    errors.sum()
}
