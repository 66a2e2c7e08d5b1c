//! What stands for facts that are not stated.

use std::collections::BTreeMap;

use crate::record::{Engine, MACHINE_FACTS, NetworkCall, NetworkDefaults};
use crate::stats::math::ln;
use crate::stats::quantile;

/// Medians of what devices state, by engine, and straight lines through what networks cost; each device and network counts once.
pub fn network_defaults(
    calls: &[&NetworkCall],
    stated: impl Fn(&NetworkCall) -> [Option<f64>; MACHINE_FACTS],
) -> NetworkDefaults {
    let mut devices = BTreeMap::<(Engine, &str), [Option<f64>; MACHINE_FACTS]>::new();
    let mut networks = BTreeMap::<(&str, &str), &NetworkCall>::new();
    for call in calls {
        let facts = devices
            .entry((call.engine, &call.device.id))
            .or_insert([None; MACHINE_FACTS]);
        for (fact, found) in facts.iter_mut().zip(stated(call)) {
            *fact = fact.or(found);
        }
        networks
            .entry((&call.names.network, &call.names.input))
            .or_insert(call);
    }
    let all: Vec<_> = devices.values().collect();
    let anywhere = medians(&all, [0.0; MACHINE_FACTS]);
    let of = |engine: Engine| {
        let own = devices.iter().filter(|((other, _), _)| *other == engine);
        let own: Vec<_> = own.map(|(_, facts)| facts).collect();
        (!own.is_empty()).then(|| (engine, medians(&own, anywhere)))
    };
    let logs = |count: Option<f64>| count.map(ln);
    let networks: Vec<&NetworkCall> = networks.into_values().collect();
    let pairs = |one: fn(&NetworkCall) -> Option<f64>, other: fn(&NetworkCall) -> Option<f64>| {
        let both = networks.iter();
        both.filter_map(|call| Some((logs(one(call))?, logs(other(call))?)))
            .collect::<Vec<_>>()
    };
    let params: Vec<f64> = networks
        .iter()
        .filter_map(|call| logs(call.facts.params))
        .collect();
    NetworkDefaults {
        engines: Engine::ALL.into_iter().filter_map(of).collect(),
        anywhere,
        params: quantile(&params, 0.5).unwrap_or(0.0),
        macs_of_params: line(&pairs(|call| call.facts.params, step_macs)),
        activations_of_macs: line(&pairs(step_macs, |call| call.facts.activations)),
    }
    .kept()
}

/// Multiply-adds of one sample, or of one step of it.
fn step_macs(call: &NetworkCall) -> Option<f64> {
    Some(call.facts.macs? / call.load.steps)
}

fn medians(
    devices: &[&[Option<f64>; MACHINE_FACTS]],
    otherwise: [f64; MACHINE_FACTS],
) -> [f64; MACHINE_FACTS] {
    std::array::from_fn(|place| {
        let known: Vec<f64> = devices.iter().filter_map(|facts| facts[place]).collect();
        quantile(&known, 0.5).unwrap_or(otherwise[place])
    })
}

/// Constant and slope of least squares; points of one size have no slope.
fn line(points: &[(f64, f64)]) -> [f64; 2] {
    let count = points.len() as f64;
    if points.is_empty() {
        return [0.0, 1.0];
    }
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let spread: f64 = points
        .iter()
        .map(|point| (point.0 - x) * (point.0 - x))
        .sum();
    let both: f64 = points
        .iter()
        .map(|point| (point.0 - x) * (point.1 - y))
        .sum();
    let slope = if spread > 1e-9 { both / spread } else { 0.0 };
    [y - slope * x, slope]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_and_equal_points_have_no_slope() {
        let [constant, slope] = line(&[(1.0, 3.0), (2.0, 5.0), (3.0, 7.0)]);
        assert!((constant - 1.0).abs() < 1e-12 && (slope - 2.0).abs() < 1e-12);
        assert_eq!(line(&[(1.0, 3.0), (1.0, 5.0)]), [4.0, 0.0]);
        assert_eq!(line(&[]), [0.0, 1.0]);
    }
}
