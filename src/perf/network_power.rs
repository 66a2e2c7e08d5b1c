//! Power and energy of networks: of whole systems as they were measured, and of accelerators alone.

use super::network_draw::{drawn_share, elasticity, power_limit};
use super::network_features::network_shape;
use super::network_tables::POWER_EFFECTS;
use super::network_time::{NetworkEstimate, network_time, sum};
use crate::record::{NetworkCall, NetworkModels, NetworkStat, NetworkSupport};
use crate::stats::math::{exp, sqrt};

/// The share of the peak of its number format that a run's arithmetic reaches on each device; `None` where multiply-adds are not known.
pub fn network_utilisation(models: &NetworkModels, call: &NetworkCall) -> Option<f64> {
    utilisation(models, call, network_time(models, &drawing(call)))
}

fn utilisation(models: &NetworkModels, call: &NetworkCall, time: NetworkEstimate) -> Option<f64> {
    call.facts.macs?;
    let shape = network_shape(call, &models.defaults);
    Some(exp(shape.reference) / time.value)
}

/// Power of accelerators alone, watts, between what they draw anyway and their limit, with a part `moves` of the error of their time: what takes
/// longer than predicted draws less. The law was fitted on few devices: where
/// the run's group was not seen, it is taken to be half as well known.
fn power_of_cards(
    models: &NetworkModels,
    call: &NetworkCall,
    moves: impl Fn(f64) -> f64,
) -> Option<NetworkEstimate> {
    let (draw, limit) = (models.draw?, power_limit(call)?);
    let time = network_time(models, &drawing(call));
    let utilisation = utilisation(models, call, time)?;
    let known = match time.support {
        NetworkSupport::Group => 1.0,
        NetworkSupport::Both
        | NetworkSupport::Device
        | NetworkSupport::Network
        | NetworkSupport::Nothing => 2.0,
    };
    let part = moves(elasticity(draw, utilisation));
    Some(NetworkEstimate {
        value: limit * drawn_share(draw, utilisation),
        radius: time
            .radius
            .map(|time| hypotenuse(known * draw.radius, part * time)),
        support: time.support,
    })
}

/// The half-width of the sum of two logarithms that know nothing of each other.
fn hypotenuse(one: f64, other: f64) -> f64 {
    sqrt(one * one + other * other)
}

/// Power of what the source measured, watts; `None` where no power was fitted.
pub(super) fn power(models: &NetworkModels, call: &NetworkCall) -> Option<NetworkEstimate> {
    if call.cards_alone {
        return power_of_cards(models, call, |elasticity| elasticity);
    }
    if models.power.effects.is_empty() {
        return None;
    }
    let shape = network_shape(call, &models.defaults);
    let support = models.seen.support(call);
    let sum = sum(&models.power, POWER_EFFECTS, call, &shape);
    Some(NetworkEstimate {
        value: exp(models.power.within(call.engine, sum)),
        radius: models.power.radius(support, call),
        support,
    })
}

/// The run whose throughput or latency tells how long power is drawn for a sample.
fn drawing(call: &NetworkCall) -> NetworkCall {
    let stat = if call.load.scenario.hides_batch() {
        NetworkStat::Rate
    } else {
        NetworkStat::Mean
    };
    NetworkCall {
        stat,
        ..call.clone()
    }
}

/// Energy of one sample, joules: power times the time for which one sample occupies the system.
pub(super) fn energy(models: &NetworkModels, call: &NetworkCall) -> Option<NetworkEstimate> {
    let drawn = drawing(call);
    let time = network_time(models, &drawn);
    let at_once = match drawn.stat {
        NetworkStat::Rate => f64::from(call.load.devices),
        NetworkStat::Mean | NetworkStat::P50 | NetworkStat::P90 | NetworkStat::P99 => 1.0,
    };
    let (power, radius) = if call.cards_alone {
        let power = power_of_cards(models, call, |elasticity| 1.0 - elasticity)?;
        (power.value, power.radius)
    } else {
        let power = power(models, call)?;
        let both = power.radius.zip(time.radius);
        (power.value, both.map(|(one, other)| hypotenuse(one, other)))
    };
    Some(NetworkEstimate {
        value: power * time.value / at_once,
        radius,
        support: time.support,
    })
}

#[cfg(test)]
mod tests {
    use super::super::network_testing::call;
    use super::super::network_time::network_estimate;
    use super::super::network_time::tests::models as models_of;
    use super::*;
    use crate::record::{Column, Metric, NetworkDraw, NetworkLoad};

    #[test]
    fn cards_draw_no_more_than_their_limit() {
        let mut models = models_of(4.0);
        models.draw = Some(NetworkDraw {
            waiting: 0.15,
            busy: 3.0,
            radius: 0.2,
        });
        let mut card = call();
        card.cards_alone = true;
        let most = 450.0;
        let at = |models: &NetworkModels, card: &NetworkCall, metric: Metric| {
            network_estimate(models, card, Column::of(metric))
                .expect("a law")
                .0
        };
        let found = at(&models, &card, Metric::Power);
        assert!(found.value < most && found.hi <= most + 1e-9 && found.lo < found.value);
        // Less arithmetic draws less, eight cards eight times as much.
        let slow = NetworkModels {
            draw: models.draw,
            ..models_of(40.0)
        };
        assert!(at(&slow, &card, Metric::Power).value < found.value);
        let energy = at(&models, &card, Metric::EnergyPerSample).value;
        let rate = at(&models, &card, Metric::SamplesPerSecond).value;
        assert!((energy * rate / found.value - 1.0).abs() < 1e-9);
        let tight = NetworkCall {
            load: NetworkLoad {
                power_limit: Some(225.0),
                ..card.load
            },
            ..card.clone()
        };
        assert!((at(&models, &tight, Metric::Power).value * 2.0 / found.value - 1.0).abs() < 1e-9);
        // At the limit a slower run draws no less, so that all of its time's error is the energy's.
        let busy = NetworkModels {
            draw: models.draw,
            ..models_of(1.1)
        };
        let (power, energy) = (
            at(&busy, &card, Metric::Power),
            at(&busy, &card, Metric::EnergyPerSample),
        );
        assert!(power.value > 0.98 * most && power.hi <= most + 1e-9);
        assert!(energy.hi / energy.value > 1.9);
        card.load.devices = 8;
        let eight = at(&models, &card, Metric::Power).value;
        assert!((eight / found.value - 8.0).abs() < 1e-9);
        card.facts.macs = None;
        let unknown = network_estimate(&models, &card, Column::of(Metric::Power));
        assert_eq!(unknown, None);
    }
}
