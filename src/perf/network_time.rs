//! What fitted models say of a network on a device.

use super::network_draw::power_limit;
use super::network_effects::Effect;
use super::network_features::{NetworkShape, network_shape};
use super::network_power::{energy, power};
use super::network_tables::{BOUNDED_EFFECTS, POWER_EFFECTS, TIME_EFFECTS};
use crate::record::{
    Column, Estimated, Metric, NetworkCall, NetworkHead, NetworkModels, NetworkScenario,
    NetworkSupport,
};
use crate::stats::math::{exp, ln};

/// A number with the half-width of its logarithm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NetworkEstimate {
    /// The number, base units.
    pub value: f64,
    /// Half-width of the interval of its logarithm; `None` where the model has none.
    pub radius: Option<f64>,
    /// What was seen of the run's kind.
    pub support: NetworkSupport,
}

/// The sum of a head's coefficients for a run.
pub(super) fn sum(
    head: &NetworkHead,
    effects: &[Effect],
    call: &NetworkCall,
    shape: &NetworkShape,
) -> f64 {
    let of = |effect: &Effect| {
        let groups = head.effects.get(effect.name)?;
        let coefficients = groups.get(&effect.key(call))?;
        let terms = effect.features.iter().zip(coefficients);
        Some(
            terms
                .map(|(feature, c)| c * shape.features[*feature as usize])
                .sum::<f64>(),
        )
    };
    effects.iter().filter_map(of).sum()
}

/// The time of one sample on one device, seconds: batches share theirs, devices that share the samples count apart. Where the group
/// of device, network and software was not seen, the network's errors on devices like this one count. Never less than arithmetic
/// takes at the fastest dense peak of the device.
pub fn network_time(models: &NetworkModels, call: &NetworkCall) -> NetworkEstimate {
    let shape = network_shape(call, &models.defaults);
    let support = models.seen.support(call);
    let names = &call.names;
    let group = (&*call.device.id, &*names.network, &*names.software);
    let beside = match support {
        NetworkSupport::Both => models.neighbours.expected(group),
        NetworkSupport::Group
        | NetworkSupport::Device
        | NetworkSupport::Network
        | NetworkSupport::Nothing => 0.0,
    };
    let sum = sum(&models.time, TIME_EFFECTS, call, &shape) + beside;
    let sum = models.time.within(call.engine, sum);
    NetworkEstimate {
        value: exp(shape.reference + sum).max(shape.bound),
        radius: models.time.radius(support, call),
        support,
    }
}

/// The latency of a query that waits for others, seconds.
fn bounded_latency(models: &NetworkModels, call: &NetworkCall) -> NetworkEstimate {
    let shape = network_shape(call, &models.defaults);
    let support = models.seen.support(call);
    let sum = sum(&models.bounded, BOUNDED_EFFECTS, call, &shape);
    NetworkEstimate {
        value: exp(models.bounded.within(call.engine, sum)).max(shape.bound),
        radius: models.bounded.radius(support, call),
        support,
    }
}

/// The number of a column for a run, `None` where the models have none.
pub fn network_estimate(
    models: &NetworkModels,
    call: &NetworkCall,
    column: Column,
) -> Option<(Estimated, NetworkSupport)> {
    let scaled = |time: NetworkEstimate, value: f64| NetworkEstimate { value, ..time };
    let found = if column == Column::of(Metric::Power) {
        power(models, call)?
    } else if column == Column::of(Metric::EnergyPerSample) {
        energy(models, call)?
    } else {
        match (NetworkHeadName::of(call, column)?, column.metric) {
            (NetworkHeadName::Bounded, _) => bounded_latency(models, call),
            (_, Metric::SamplesPerSecond) => {
                let time = network_time(models, call);
                scaled(time, f64::from(call.load.devices) / time.value)
            }
            (_, _) => {
                let time = network_time(models, call);
                scaled(time, time.value * call.batch())
            }
        }
    };
    let factor = exp(found.radius.unwrap_or(0.0));
    let most = power_limit(call).filter(|_| call.cards_alone && column.metric == Metric::Power);
    let estimated = Estimated {
        column,
        value: found.value,
        lo: found.value / factor,
        hi: most.map_or(found.value * factor, |most| {
            (found.value * factor).min(most.max(found.value))
        }),
    };
    Some((estimated, found.support))
}

/// The logarithm that a head learns from a measured number: `None` for columns that follow from others.
pub fn network_target(call: &NetworkCall, column: Column, value: f64) -> Option<f64> {
    Some(match NetworkHeadName::of(call, column)? {
        NetworkHeadName::Bounded | NetworkHeadName::Power => ln(value),
        NetworkHeadName::Time if column.metric == Metric::SamplesPerSecond => {
            ln(f64::from(call.load.devices) / value)
        }
        NetworkHeadName::Time => ln(value / call.batch()),
    })
}

/// The effect of a name, and its features in order, as packs must hold them.
pub fn network_effects_of(head: NetworkHeadName) -> &'static [Effect] {
    match head {
        NetworkHeadName::Time => TIME_EFFECTS,
        NetworkHeadName::Bounded => BOUNDED_EFFECTS,
        NetworkHeadName::Power => POWER_EFFECTS,
    }
}

/// What a head predicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NetworkHeadName {
    /// Times of samples.
    Time,
    /// Latencies under a bound.
    Bounded,
    /// Powers.
    Power,
}

impl NetworkHeadName {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Time, Self::Bounded, Self::Power];

    /// The head that a column of a run belongs to; `None` for columns that follow from others, and for power of accelerators alone.
    pub fn of(call: &NetworkCall, column: Column) -> Option<Self> {
        let is = |metric: Metric| column.metric == metric;
        if is(Metric::Latency) && call.load.scenario == NetworkScenario::Server {
            Some(Self::Bounded)
        } else if is(Metric::Latency) || is(Metric::SamplesPerSecond) {
            Some(Self::Time)
        } else if is(Metric::Power) && !call.cards_alone {
            Some(Self::Power)
        } else {
            None
        }
    }

    /// What of a run's logarithm is not learnt.
    pub fn offset(self, shape: &NetworkShape) -> f64 {
        match self {
            Self::Time => shape.reference,
            Self::Bounded | Self::Power => 0.0,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use super::super::network_testing::call;
    use super::*;
    use crate::record::NetworkNeighbours;

    /// Models whose only effect makes everything `factor` times the reference.
    pub fn models(factor: f64) -> NetworkModels {
        let mut coefficients = vec![0.0; TIME_EFFECTS[0].features.len()];
        coefficients[0] = ln(factor);
        let groups = BTreeMap::from([(String::new(), coefficients)]);
        let mut models = NetworkModels::default();
        models.time.effects.insert("all".to_owned(), groups);
        models.time.radii.insert("nothing".to_owned(), ln(2.0));
        models
    }

    fn at(factor: f64, column: Column) -> Estimated {
        let found = network_estimate(&models(factor), &call(), column);
        found.expect("a time").0
    }

    #[test]
    fn a_rate_and_a_latency_are_of_one_time() {
        let rate = at(4.0, Column::of(Metric::SamplesPerSecond)).value;
        let latency = at(4.0, Column::of(Metric::Latency)).value;
        assert!((rate * latency / 256.0 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn no_prediction_beats_the_fastest_peak_of_its_device() {
        let column = Column::of(Metric::SamplesPerSecond);
        let shape = network_shape(&call(), &NetworkModels::default().defaults);
        for factor in [1e-9, 1e-3, 0.1] {
            assert!(at(factor, column).value <= 1.0 / shape.bound * (1.0 + 1e-12));
        }
        assert!(at(8.0, column).value < at(4.0, column).value);
    }

    /// The device and one like it have missed forty networks alike; the other has missed this network by a third.
    fn with_neighbours() -> NetworkModels {
        let mut models = models(4.0);
        let names = call().names;
        let device = call().device.id.clone();
        let seen = &mut models.seen;
        seen.devices = [device.clone(), "twin".to_owned()].into();
        seen.networks = [names.network.clone()].into();
        for network in 0..40_u32 {
            let error = 0.1 * f64::from(network % 9) - 0.4;
            for device in [&device, "twin"] {
                let group = (
                    device.to_owned(),
                    format!("n{network}"),
                    names.software.clone(),
                );
                seen.groups.insert(group, Some(error));
            }
        }
        let group = ("twin".to_owned(), names.network, names.software);
        seen.groups.insert(group, Some(0.3));
        models.neighbours = NetworkNeighbours::of(&models.seen);
        models
    }

    #[test]
    fn errors_on_devices_like_it_count_where_a_group_was_not_seen() {
        let plain = network_time(&models(4.0), &call()).value;
        let mut models = with_neighbours();
        let found = network_time(&models, &call());
        assert_eq!(found.support, NetworkSupport::Both);
        // Slower there, so slower here.
        let moved = ln(found.value / plain);
        assert!((0.1..0.3).contains(&moved), "{moved}");
        models.seen.add(&call());
        let seen = network_time(&models, &call());
        assert_eq!(seen.support, NetworkSupport::Group);
        assert!((seen.value / plain - 1.0).abs() < 1e-12);
    }

    #[test]
    fn an_interval_holds_the_value() {
        let found = at(4.0, Column::of(Metric::Latency));
        assert!((found.hi / found.value - 2.0).abs() < 1e-9 && found.lo < found.value);
    }

    #[test]
    fn what_no_head_knows_has_no_estimate() {
        for metric in [Metric::Power, Metric::EnergyPerSample, Metric::MemoryTotal] {
            let found = network_estimate(&models(2.0), &call(), Column::of(metric));
            assert_eq!(found, None);
        }
    }
}
