//! Copies of a deployment for a demand, the time in which they serve, and what a month of them is.

use super::ranged::Ranged;
use crate::record::Metric;
use crate::scenario::{
    LoadMode, OwnedRate, Pricing, Purchase, RunPoint, SizeFor, System, Workload,
};
use crate::units::Seconds;

/// Hours of a mean month: 8 760 hours of a year over twelve.
pub(super) const HOURS_PER_MONTH: f64 = 730.0;
pub(super) const MONTHS_PER_YEAR: f64 = 12.0;

const SECONDS_PER_DAY: f64 = 86_400.0;

/// How many copies of a deployment are meant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Wanted {
    /// The deployment as it is.
    One,
    /// As many as a demand takes.
    Fleet(Demand),
    /// A demand that cannot be held against what the deployment does.
    Unknown,
}

impl Wanted {
    /// What the scenario's demand asks of a point, whose predicted numbers `number` gives.
    pub(super) fn of(
        demand: Option<SizeFor>,
        point: &RunPoint,
        number: &dyn Fn(Metric) -> Option<Ranged>,
    ) -> Self {
        match demand {
            None => Self::One,
            Some(demand) => Demand::of(demand, point, number).map_or(Self::Unknown, Self::Fleet),
        }
    }

    /// Copies of a deployment that serves a share of the time.
    pub(super) fn replicas(&self, availability: f64) -> Option<Ranged> {
        match self {
            Self::One => Some(Ranged::ONE),
            Self::Fleet(demand) => demand.replicas(availability),
            Self::Unknown => None,
        }
    }
}

/// What is wanted, and what one deployment does of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Demand {
    pub(super) wanted: f64,
    pub(super) capacity: Ranged,
}

impl Demand {
    /// The demand at a point, whose predicted numbers `number` gives; `None` where a deployment cannot be held against it.
    ///
    /// Requests in flight are those of the load, or by Little's law (J. D. C. Little, Operations Research 9(3), 1961) throughput
    /// times latency where the load is a rate.
    pub(super) fn of(
        demand: SizeFor,
        point: &RunPoint,
        number: &dyn Fn(Metric) -> Option<Ranged>,
    ) -> Option<Self> {
        let (wanted, capacity) = match demand {
            SizeFor::Concurrency(wanted) => (wanted, in_flight(point, number)?),
            SizeFor::RequestRate(wanted) => (wanted, number(Metric::RequestThroughput)?),
        };
        Some(Self { wanted, capacity })
    }

    /// Copies of a deployment that serves a share of the time, with the fewest and the most that the capacity's interval allows.
    pub(super) fn replicas(&self, availability: f64) -> Option<Ranged> {
        let of = |capacity: f64| replicas(self.wanted, capacity * availability).map(|n| n as f64);
        let value = of(self.capacity.value)?;
        Some(Ranged {
            value,
            lo: of(self.capacity.hi).unwrap_or(value),
            hi: of(self.capacity.lo).unwrap_or(value),
        })
    }
}

/// `⌈wanted / capacity⌉`, forgiving the last bits of a quotient that should be whole.
pub(super) fn replicas(wanted: f64, capacity: f64) -> Option<u64> {
    const ROUNDING: f64 = 1e-9;
    let copies = wanted / capacity;
    (copies.is_finite() && copies >= 0.0)
        .then(|| ((copies * (1.0 - ROUNDING)).ceil() as u64).max(1))
}

fn in_flight(point: &RunPoint, number: &dyn Fn(Metric) -> Option<Ranged>) -> Option<Ranged> {
    let Workload::Llm(_) = &point.workload else {
        return None;
    };
    if let Some(held) = held(point) {
        return Some(Ranged::exact(held));
    }
    let rate = number(Metric::RequestThroughput)?;
    Some(rate.times(number(Metric::E2el)?))
}

/// Requests in flight that the load itself holds; `None` where it sends at a rate.
pub(super) fn held(point: &RunPoint) -> Option<f64> {
    let Workload::Llm(llm) = &point.workload else {
        return None;
    };
    match &llm.load.mode {
        LoadMode::Concurrency(users)
        | LoadMode::BatchSize(users)
        | LoadMode::MultiStream(users) => Some(*users as f64),
        LoadMode::SingleStream => Some(1.0),
        LoadMode::RequestRate { .. }
        | LoadMode::Ramp { .. }
        | LoadMode::Offline
        | LoadMode::Trace(_) => None,
    }
}

/// The share of the time in which a deployment serves: `1 / (1 + n λ r)` for spot, 1 for everything else.
///
/// | Symbol | Meaning |
/// |---|---|
/// | `n` | nodes of one replica: whichever is taken away stops it |
/// | `λ` | interruptions of a node in the time in which it runs (`interruptions_per_node_day`) |
/// | `r` | time until another node serves (`restart`) |
///
/// Mean uptime is `1 / (n λ)` and mean downtime `r`: availability of an alternating renewal process (R. E. Barlow and F. Proschan,
/// "Mathematical Theory of Reliability", 1965, chapter 3).
pub(super) fn availability(pricing: &Pricing, system: &System, purchase: Purchase) -> f64 {
    let (Purchase::Spot, Some(spot)) = (purchase, pricing.spot) else {
        return 1.0;
    };
    let restart = spot.restart.map_or(0.0, Seconds::get);
    let nodes = interrupted_nodes(system) as f64;
    1.0 / (1.0 + nodes * spot.interruptions_per_node_day / SECONDS_PER_DAY * restart)
}

/// Nodes of one replica, of which each stops it when it is taken away.
pub(super) fn interrupted_nodes(system: &System) -> u64 {
    let node = u64::from(system.hardware.count).max(1);
    let deployment = &system.deployment;
    let decode = deployment.decode().replica().div_ceil(node);
    let prefill = deployment
        .prefill
        .filter(|_| !deployment.in_one_node(node))
        .map_or(0, |pool| pool.replica().div_ceil(node));
    decode + prefill
}

/// The same under the purchase option whose price is the reference; 1 where none has a price.
pub(super) fn reference_availability(pricing: Option<&Pricing>, system: &System) -> f64 {
    let reference = pricing.and_then(|pricing| {
        let rate = pricing.rates.get(&system.hardware_alias)?;
        let (purchase, _) = rate.among(&pricing.purchase).next()?;
        Some(availability(pricing, system, purchase))
    });
    reference.unwrap_or(1.0)
}

/// The share of a month in which a machine is used: that of its `duty` where it is owned, all of it where it is rented.
pub(super) fn used(owned: Option<&OwnedRate>) -> f64 {
    owned.map_or(1.0, |owned| owned.duty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::sample;
    use crate::scenario::Spot;

    #[test]
    fn a_fleet_is_rounded_up_and_never_by_a_rounding_error() {
        assert_eq!(replicas(100.0, 32.0), Some(4));
        assert_eq!(replicas(0.3, 0.1), Some(3));
        assert_eq!(replicas(1.0, 0.0), None);
    }

    #[test]
    fn more_capacity_takes_fewer_copies() {
        let demand = Demand {
            wanted: 10.0,
            capacity: Ranged::from((3.0, 2.0, 5.0)),
        };
        assert_eq!(demand.replicas(1.0), Some(Ranged::from((4.0, 2.0, 5.0))));
        assert_eq!(demand.replicas(0.5), Some(Ranged::from((7.0, 4.0, 10.0))));
    }

    #[test]
    fn an_interrupted_node_serves_less_of_the_time_and_so_does_a_replica_on_several() {
        let mut pricing = sample::pricing();
        let mut system = sample::system("rented");
        let of = |pricing: &Pricing, system: &System| availability(pricing, system, Purchase::Spot);
        assert!(
            (of(&pricing, &system) - 1.0).abs() < 1e-12,
            "nothing stated"
        );
        pricing.spot = Some(Spot {
            interruptions_per_node_day: 2.0,
            restart: Some(Seconds::new(3600.0)),
        });
        assert!((of(&pricing, &system) - 12.0 / 13.0).abs() < 1e-12);
        system.deployment.parallel.tp = 16;
        assert!(
            (of(&pricing, &system) - 12.0 / 14.0).abs() < 1e-12,
            "two nodes"
        );
        let on_demand = availability(&pricing, &system, Purchase::OnDemand);
        assert!((on_demand - 1.0).abs() < 1e-12);
    }
}
