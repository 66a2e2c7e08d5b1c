//! What the number of copies behind a month is made of, for those who ask how it came about.

use super::fleet::{Wanted, availability, held, interrupted_nodes};
use super::money::reference_purchase;
use super::ranged::Ranged;
use crate::record::{Metric, PointResult};
use crate::scenario::{Purchase, RunPoint, Scenario, SizeFor, Spot};

/// The copies of a point's deployment that a demand takes under one purchase option.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Copies {
    /// What is wanted; `None` for the deployment as it is.
    pub demand: Option<SizeFor>,
    /// Requests in flight that the load itself holds in one copy; `None` where it sends at a rate.
    pub held: Option<f64>,
    /// Share of the time in which a copy serves.
    pub availability: f64,
    /// Nodes of a copy, of which each stops it when it is taken away.
    pub nodes: u64,
    /// How they are taken away, where the purchase option has that and the scenario states it.
    pub spot: Option<Spot>,
    /// The copies, with the fewest and the most that the interval of what one serves allows; `None` where they cannot be told.
    pub copies: Option<(f64, f64, f64)>,
}

/// The copies that a month of a point is of, under a purchase option or else the reference.
pub fn copies(
    scenario: &Scenario,
    point: &RunPoint,
    (result, purchase): (&PointResult, Option<&str>),
) -> Copies {
    let pricing = scenario.pricing_of(point);
    let reference =
        pricing.and_then(|pricing| reference_purchase(pricing, &point.system.hardware_alias));
    let purchase = purchase.or(reference).and_then(Purchase::from_name);
    let number = |metric: Metric| Ranged::predicted(result, metric);
    let wanted = Wanted::of(scenario.demand(), point, &number);
    let paid = pricing.zip(purchase);
    let availability = paid.map_or(1.0, |(pricing, purchase)| {
        availability(pricing, &point.system, purchase)
    });
    let copies = wanted.replicas(availability);
    Copies {
        demand: scenario.demand(),
        held: held(point),
        availability,
        nodes: interrupted_nodes(&point.system),
        spot: paid
            .and_then(|(pricing, purchase)| pricing.spot.filter(|_| purchase == Purchase::Spot)),
        copies: copies.map(|copies| (copies.value, copies.lo, copies.hi)),
    }
}
