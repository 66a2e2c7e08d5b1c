//! What near shapes have in common: a kernel ridge regression ([`super::near`]) of what the groups leave, first of all devices
//! together, then in each narrowest group, as trials choose ([`super::local_choice`]).

use std::collections::BTreeMap;

use super::FitPoint;
use super::groups::members;
use super::local_choice::{Trial, chosen};
use super::near::{Choice, Node, Shapes, near, nodes, weights};
use crate::record::{Local, OPERATOR_LEVELS, SHARED_LEVELS};

/// Groups of more distinct shapes are thinned to this many, evenly.
const MOST_POINTS: usize = 1000;

/// Levels that have such a part: what devices share, then the narrowest groups.
const LEVELS: [usize; 2] = [SHARED_LEVELS - 1, OPERATOR_LEVELS - 1];

/// Fits what devices share of shapes, then the narrowest groups, to what is left at the points. A part that does not help is empty.
pub(super) fn fit(points: &[&FitPoint], shapes: &Shapes, left: &[f64]) -> [Local; 2] {
    let mut left = left.to_vec();
    // What the first part leaves where it has not seen the points of a trial.
    let mut of_trials = Trial::ALL.map(|_| left.clone());
    LEVELS.map(|level| {
        let groups = groups(points, level);
        let Some(choice) = chosen((points, shapes), (level, &groups), &of_trials) else {
            return Local::default();
        };
        if level < SHARED_LEVELS {
            for (trial, left) in Trial::ALL.into_iter().zip(&mut of_trials) {
                let teaches = |place: &usize| !trial.tests(points[*place]);
                fit_groups(shapes, (&groups, choice), teaches, left);
            }
        }
        fit_groups(shapes, (&groups, choice), |_| true, &mut left)
    })
}

/// Fits what devices share of shapes, as it was chosen before.
pub(super) fn fit_common(
    points: &[&FitPoint],
    shapes: &Shapes,
    left: &[f64],
    choice: Choice,
) -> Local {
    fit_level((points, LEVELS[0]), shapes, left, choice)
}

/// Fits what shapes of the narrowest groups have in common, as it was chosen before.
pub(super) fn fit_narrow(
    points: &[&FitPoint],
    shapes: &Shapes,
    left: &[f64],
    choice: Choice,
) -> Local {
    fit_level((points, LEVELS[1]), shapes, left, choice)
}

fn fit_level(
    (points, level): (&[&FitPoint], usize),
    shapes: &Shapes,
    left: &[f64],
    choice: Choice,
) -> Local {
    let groups = groups(points, level);
    fit_groups(shapes, (&groups, choice), |_| true, &mut left.to_vec())
}

/// Points of the groups of a level. What one device says of its shapes is its own, so groups that devices share have two.
fn groups<'a>(points: &[&'a FitPoint], level: usize) -> BTreeMap<&'a str, Vec<usize>> {
    let mut groups = members(points, level);
    if level < SHARED_LEVELS {
        groups.retain(|_, places| {
            let first = &points[places[0]].device;
            places.iter().any(|place| points[*place].device != *first)
        });
    }
    groups
}

/// Fits groups to what is left at the points that teach, and takes it off all of theirs.
fn fit_groups(
    shapes: &Shapes,
    (groups, choice): (&BTreeMap<&str, Vec<usize>>, Choice),
    teaches: impl Fn(&usize) -> bool,
    left: &mut [f64],
) -> Local {
    let mut local = Local {
        alike: choice.alike,
        noise: choice.noise,
        groups: BTreeMap::new(),
    };
    for (key, places) in groups {
        let teaching: Vec<usize> = places.iter().copied().filter(&teaches).collect();
        let nodes = thinned(nodes(shapes, &teaching, left), MOST_POINTS);
        let Some(weights) = weights(shapes, &nodes, choice) else {
            continue;
        };
        let known = (nodes.as_slice(), weights.as_slice());
        for place in places {
            left[*place] -= near(shapes, shapes.of_point[*place], known, choice.alike);
        }
        let found = nodes.iter().map(|node| node.shape);
        local
            .groups
            .insert((*key).to_owned(), found.zip(weights).collect());
    }
    local
}

/// Every second, third … where there are too many.
fn thinned(nodes: Vec<Node>, most: usize) -> Vec<Node> {
    let step = nodes.len().div_ceil(most).max(1);
    nodes.into_iter().step_by(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::ops::{Gemm, Kernel};
    use crate::perf::testing::BF16;
    use crate::perf::{Wiring, operator_shape};
    use crate::record::{OperatorPlace, Sample};

    const DEVICES: [&str; 3] = ["h100-sxm5-80gb", "h200-sxm-141gb", "b200-sxm-180gb"];

    fn point(device: &str, rows: u32, number: usize) -> FitPoint {
        let place = OperatorPlace {
            device,
            op: "gemm",
            format: "bfloat16".to_owned(),
            backend: "vllm",
            version: "1",
            kernel: "k",
        };
        let size = f64::from(rows);
        let kernel = Kernel::Gemm(Gemm::new(size, 4096.0, 4096.0, BF16));
        let facts = Catalog::embedded().device(device).expect("it is there");
        let shape =
            operator_shape(&kernel, facts, Wiring::of(&place)).expect("its facts are there");
        let tests = |nth: usize| {
            if number % 4 == nth {
                Sample::HeldOut
            } else {
                Sample::InSample
            }
        };
        FitPoint {
            keys: place.keys(),
            device: device.to_owned(),
            shape,
            time: 1e-3,
            sample: Sample::InSample,
            inner: tests(0),
            everywhere: tests(1),
            part: (number % 5) as u8,
        }
    }

    /// Products of many heights on three devices, each with a residual that jumps from height to height, alike on all devices.
    fn case() -> (Vec<FitPoint>, Vec<f64>) {
        let mut points = Vec::new();
        let mut left = Vec::new();
        for (device, name) in DEVICES.into_iter().enumerate() {
            for height in 0..60_u32 {
                let jump = if height * 7 % 13 < 6 { 0.3 } else { -0.3 };
                points.push(point(name, 16 * (height + 1), height as usize + device));
                left.push(jump);
            }
        }
        (points, left)
    }

    /// What both parts say of a point.
    fn said(parts: &[Local; 2], shapes: &Shapes, points: &[FitPoint], place: usize) -> f64 {
        let of = |local: &Local, level: usize| {
            let nodes = local.groups.get(&points[place].keys[level]);
            let terms = nodes.into_iter().flatten().map(|(shape, weight)| {
                weight
                    * local
                        .alike
                        .of(shapes.of(shapes.of_point[place]), shapes.of(*shape))
            });
            terms.sum::<f64>()
        };
        of(&parts[0], LEVELS[0]) + of(&parts[1], LEVELS[1])
    }

    #[test]
    fn a_device_takes_a_shape_from_the_others() {
        let (points, left) = case();
        // The last device has timed every second height alone.
        let taught: Vec<usize> = (0..points.len())
            .filter(|place| *place < 120 || place % 2 == 0)
            .collect();
        let all: Vec<&FitPoint> = points.iter().collect();
        let shapes = Shapes::new(&all);
        let teaching: Vec<&FitPoint> = taught.iter().map(|place| &points[*place]).collect();
        let of_teaching: Vec<f64> = taught.iter().map(|place| left[*place]).collect();
        let own = Shapes::new(&teaching);
        let parts = fit(&teaching, &own, &of_teaching);
        assert_eq!(own.distinct, shapes.distinct);
        assert_eq!(parts[0].groups.len(), 1, "one group of all devices");
        for place in (121..points.len()).step_by(2) {
            let found = said(&parts, &shapes, &points, place);
            assert!((found - left[place]).abs() < 0.2, "{place}: {found}");
        }
    }

    #[test]
    fn one_device_shares_nothing() {
        let (points, left) = case();
        let alone: Vec<&FitPoint> = points[..60].iter().collect();
        let shapes = Shapes::new(&alone);
        let parts = fit(&alone, &shapes, &left[..60]);
        assert!(parts[0].groups.is_empty());
    }

    #[test]
    fn what_never_varies_has_no_part() {
        let (points, _) = case();
        let all: Vec<&FitPoint> = points.iter().collect();
        let parts = fit(&all, &Shapes::new(&all), &vec![0.0; points.len()]);
        assert!(parts.iter().all(|part| part.groups.is_empty()));
    }

    #[test]
    fn repeats_of_a_shape_are_one_node_of_less_noise() {
        let (points, _) = case();
        let twice: Vec<&FitPoint> = [&points[0], &points[1], &points[0]].into();
        let shapes = Shapes::new(&twice);
        let found = nodes(&shapes, &[0, 1, 2], &[0.2, 0.5, 0.4]);
        let means: Vec<(f64, f64)> = found.iter().map(|node| (node.mean, node.count)).collect();
        assert_eq!(means.len(), 2);
        assert!(
            means
                .iter()
                .any(|(mean, count)| (mean - 0.3).abs() < 1e-12 && *count > 1.5)
        );
    }
}
