//! An open loop: requests arrive at a rate, whether or not the server keeps up.

use super::closed_loop::{Engines, Settled};
use super::demand::Demand;
use super::mix::Arriving;
use super::spread::Spread;
use super::step_time::StepModel;
use crate::scenario::Arrival;
use crate::stats::math;

/// Requests a second as they arrive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrivals {
    /// Requests per second.
    pub rate: f64,
    /// Squared coefficient of variation of the gaps.
    pub gap_variation: f64,
}

impl Arrivals {
    /// The arrivals of a load; gamma gaps of shape `b` have the squared variation `1 / b`.
    pub fn new(rate: f64, arrival: Arrival) -> Self {
        let gap_variation = match arrival {
            Arrival::Poisson => 1.0,
            Arrival::Constant => 0.0,
            Arrival::Gamma { burstiness } => 1.0 / burstiness.max(1e-6),
        };
        Self {
            rate,
            gap_variation,
        }
    }
}

/// What an open loop settles to.
#[derive(Debug, Clone, PartialEq)]
pub enum Opened {
    /// The server keeps up with the terms' values.
    Steady {
        /// The closed loop with as many requests as are in the server on average.
        settled: Box<Settled>,
        /// Time that a request waits for a place, with a share of requests that wait at all.
        queue: Spread,
        /// Share of the requests that wait.
        waiting: f64,
    },
    /// More arrives than the server can do; the largest throughput stands in the closed loop.
    Saturated(Box<Settled>),
}

impl Opened {
    /// What a rate of arrivals settles to.
    ///
    /// The mean number of requests in the server, `n`, is the one whose closed-loop throughput is the arrival rate (mean-value
    /// analysis: Reiser and Lavenberg, JACM 27(2), 1980). Near the largest throughput requests queue for one of `c` places:
    /// `W = ρ^{√(2(c + 1)) − 1} / (1 − ρ) · T / c · (C_a² + C_s²) / 2` (Sakasegawa, Ann. Inst. Stat. Math. 29, 1977, with the
    /// factor of Allen and Cunneen).
    ///
    /// | Symbol | Meaning |
    /// |---|---|
    /// | `c`, `T` | places of all engines, and the time a request holds one |
    /// | `ρ` | arrival rate over the largest throughput |
    /// | `C_a²`, `C_s²` | squared variation of gaps and of service, the latter from output lengths |
    pub fn new(steps: &StepModel, engines: &Engines, demand: &Demand, arrivals: Arrivals) -> Self {
        let places = engines.count * engines.room.clamp(1.0, MOST);
        let at = |number: f64| Settled::closed(steps, engines, demand, number, Arriving::AtRandom);
        let full = at(places);
        let load = arrivals.rate / full.rate.value();
        if load >= 1.0 {
            return Self::Saturated(Box::new(full));
        }
        let lanes = [0, 1, 2].map(|lane| solve(&at, arrivals.rate, places, lane));
        let settled = merge(&lanes);
        let service = demand.outputs.square / (demand.outputs.mean * demand.outputs.mean) - 1.0;
        let spread = 0.5 * (arrivals.gap_variation + service.max(0.0));
        let exponent = math::sqrt(2.0 * (places + 1.0)) - 1.0;
        let queue = full.rate.zip(settled.e2el, |most, time| {
            // An end of the interval that could not keep up stands as close to the limit as a digit shows.
            let load = (arrivals.rate / most).min(0.999);
            math::pow(load, exponent) / (1.0 - load) * time / places * spread
        });
        Self::Steady {
            settled: Box::new(settled),
            queue,
            waiting: math::pow(load, exponent),
        }
    }
}

/// No server has more places than this.
const MOST: f64 = 1e5;

/// The closed loop whose throughput is the rate, with the terms of one lane.
fn solve(at: &impl Fn(f64) -> Settled, rate: f64, places: f64, lane: usize) -> Settled {
    let (mut low, mut high) = (0.0, places);
    let alone = at(1.0);
    let few = rate * alone.e2el.0[lane];
    if few <= 1.0 {
        return at(few.max(1e-9));
    }
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if at(middle).rate.0[lane] < rate {
            low = middle;
        } else {
            high = middle;
        }
        if high - low <= 1e-7 * high {
            break;
        }
    }
    at(high)
}

/// One lane of each.
fn merge(lanes: &[Settled; 3]) -> Settled {
    let pick = |get: fn(&Settled) -> Spread| {
        Spread::new(
            get(&lanes[0]).0[0],
            get(&lanes[1]).0[1],
            get(&lanes[2]).0[2],
        )
    };
    Settled {
        ttft: pick(|settled| settled.ttft),
        tpot: pick(|settled| settled.tpot),
        e2el: pick(|settled| settled.e2el),
        rate: pick(|settled| settled.rate),
        queue: pick(|settled| settled.queue),
        ..lanes[0].clone()
    }
}
