//! A head that is known, moved by a few runs of one's own.

use std::collections::BTreeMap;

use super::super::own_points::{KNOWN, noise};
use super::NetworkPoint;
use super::design::Design;
use super::solve::Equations;
use crate::perf::{Effect, NetworkHeadName, Part, network_effects_of};
use crate::record::{NetworkCall, NetworkHead, NetworksSeen};

/// No run is taken to be more exact than 10 %.
const LEAST_NOISE: f64 = 0.1;

/// What a coefficient costs in a group that many devices and networks share: it stays, as slopes could reach anything.
const SHARED: f64 = 1e6;

/// Steps of the solution.
const STEPS: usize = 300;

/// Moves a head, whose base has seen what is given, by runs with `ln(measured / predicted)`. Widths of intervals stay: a few runs do not say how far off others are.
pub fn move_head(
    head: &mut NetworkHead,
    name: NetworkHeadName,
    (runs, seen): (&[(&NetworkPoint, f64)], &NetworksSeen),
) {
    if runs.is_empty() {
        return;
    }
    let points: Vec<&NetworkPoint> = runs.iter().map(|(point, _)| *point).collect();
    let design = Design::new(&points, network_effects_of(name));
    let costs = design.costs(|effect, row| cost(effect, &points[row].call, seen));
    let costs = design.penalties.iter().zip(costs);
    let penalties: Vec<f64> = costs.map(|(penalty, cost)| cost * penalty).collect();
    let rows: Vec<usize> = (0..points.len()).collect();
    let targets: Vec<f64> = runs.iter().map(|(_, left)| *left).collect();
    let equations = Equations {
        design: &design,
        rows: &rows,
        targets: &targets,
        weights: &weights(&points, &design),
        penalties: &penalties,
    };
    let found = design.head(&equations.solve(vec![0.0; penalties.len()], STEPS));
    for (effect, groups) in found.effects {
        let of_effect = head.effects.entry(effect).or_default();
        for (key, own) in groups {
            let sums = of_effect.entry(key).or_insert_with(|| vec![0.0; own.len()]);
            for (sum, own) in sums.iter_mut().zip(own) {
                *sum += own;
            }
        }
    }
    for point in points {
        let target = point.target();
        for key in [point.call.engine.name(), ""] {
            let range = head.range.entry(key.to_owned()).or_insert([target; 2]);
            *range = [range[0].min(target), range[1].max(target)];
        }
    }
}

/// What coefficients of a group cost: those of a device and a network that were fitted are known, and those that neither names are
/// shared with all others.
fn cost(effect: &Effect, call: &NetworkCall, seen: &NetworksSeen) -> f64 {
    let device = effect.parts.contains(&Part::Device);
    let network = effect.parts.contains(&Part::Network);
    let is_new = device && !seen.devices.contains(&call.device.id)
        || network && !seen.networks.contains(&call.names.network);
    match (device || network, is_new) {
        (false, _) => SHARED,
        (true, false) => KNOWN,
        (true, true) => 1.0,
    }
}

/// One over the noise of each run, by what its groups may do where nothing is known of them and how many runs are of its device.
fn weights(points: &[&NetworkPoint], design: &Design) -> Vec<f64> {
    let mut counts = BTreeMap::<&str, f64>::new();
    for point in points {
        *counts.entry(&point.call.device.id).or_default() += 1.0;
    }
    let weight = |(row, point): (usize, &&NetworkPoint)| {
        let count = counts[point.call.device.id.as_str()];
        let noise = noise(design.own_variance(row), count);
        1.0 / noise.max(LEAST_NOISE * LEAST_NOISE)
    };
    points.iter().enumerate().map(weight).collect()
}
