//! When requests of an open loop are meant to be sent.

use super::time::Nanos;
use crate::scenario::Arrival;
use crate::stats::{Stream, math, stream};

/// How many requests come in a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rate {
    /// Always the same.
    Steady(f64),
    /// From one rate to another, evenly over so many seconds; then none.
    Ramp {
        /// At the start.
        from: f64,
        /// At the end.
        to: f64,
        /// Seconds.
        over: f64,
    },
}

/// Intended times, one after another.
///
/// Gaps are drawn with mean one, whatever the rate: rates can be compared, as they see the same requests. A steady rate
/// divides them by itself. Of a ramp the `k`th request comes where the integral of the rate reaches the sum of the first `k` gaps, which for
/// exponential gaps is the Poisson process of that rate (Çinlar, "Introduction to Stochastic Processes", 1975, chapter 4.7):
/// `a t + b t² / 2 = s` with `b = (to − from) / over`, so `t = 2 s / (a + √(a² + 2 b s))`.
///
/// ```
/// use phantom::scenario::Arrival;
/// use phantom::simulate::arrivals::{Rate, Times};
/// let ramp = Rate::Ramp { from: 0.0, to: 2.0, over: 10.0 };
/// let mut times = Times::new(ramp, Arrival::Constant, 1);
/// // t² / 10 = 1, 2, …: the first after √10 s, ten in all.
/// assert!((times.next().expect("a first").seconds() - 10.0_f64.sqrt()).abs() < 1e-8);
/// assert_eq!(times.left(), 9);
/// ```
#[derive(Debug, Clone)]
pub struct Times {
    gaps: Stream,
    arrival: Arrival,
    rate: Rate,
    /// Seconds for a steady rate, the sum of gaps for a ramp.
    clock: f64,
    /// What gaps are multiplied by.
    scale: f64,
}

/// Rounding of the last request of a ramp with equal gaps.
const ROUNDING: f64 = 1e-9;

impl Times {
    /// Times of a rate; gaps are those of the stream `arrivals` of the seed.
    pub fn new(rate: Rate, arrival: Arrival, seed: u64) -> Self {
        Self {
            gaps: stream(seed, "arrivals"),
            arrival,
            rate,
            clock: 0.0,
            scale: 1.0,
        }
    }

    /// The same times with all gaps scaled so that the requests from the one numbered `first` on, `count` of them, come at the
    /// rate exactly.
    ///
    /// A sample of a thousand gaps is off its mean by about 3 %, and a server near its limits answers such a load very differently.
    /// What the rate is, is given; only how arrivals are spread in time is to be drawn (the mean gap as a control variate: Law,
    /// "Simulation Modeling and Analysis", 5th edition, section 11.4).
    #[must_use]
    pub fn exact_over(self, first: u64, count: u64) -> Self {
        let mut ahead = self.clone();
        for _ in 0..first {
            ahead.gap();
        }
        let sum: f64 = (0..count).map(|_| ahead.gap()).sum();
        let scale = if sum > 0.0 { count as f64 / sum } else { 1.0 };
        Self { scale, ..self }
    }

    fn gap(&mut self) -> f64 {
        let gap = match self.arrival {
            Arrival::Poisson => self.gaps.exponential(),
            Arrival::Constant => 1.0,
            Arrival::Gamma { burstiness } => {
                self.gaps.gamma(burstiness.max(1e-6)) / burstiness.max(1e-6)
            }
        };
        gap * self.scale
    }

    /// How many are to come; without end for a steady rate, which is [`u64::MAX`].
    pub fn left(&self) -> u64 {
        match self.rate {
            Rate::Steady(_) => u64::MAX,
            Rate::Ramp { .. } => self.clone().map(|_| 1).sum(),
        }
    }
}

impl Iterator for Times {
    type Item = Nanos;

    fn next(&mut self) -> Option<Nanos> {
        let gap = self.gap();
        match self.rate {
            Rate::Steady(rate) => {
                self.clock += gap / rate;
                Some(Nanos::from_seconds(self.clock))
            }
            Rate::Ramp { from, to, over } => {
                self.clock += gap;
                let all = 0.5 * (from + to) * over;
                if self.clock > all * (1.0 + ROUNDING) {
                    return None;
                }
                let slope = (to - from) / over;
                let square = (from * from + 2.0 * slope * self.clock).max(0.0);
                let time = 2.0 * self.clock / (from + math::sqrt(square));
                Some(Nanos::from_seconds(time.min(over)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_has_as_many_requests_as_its_rate_says_up_or_down() {
        for (from, to) in [
            (1.0, 20.0),
            (20.0, 1.0),
            (0.0, 10.0),
            (10.0, 0.0),
            (5.0, 5.0),
        ] {
            let ramp = Rate::Ramp {
                from,
                to,
                over: 1000.0,
            };
            let times: Vec<f64> = Times::new(ramp, Arrival::Poisson, 3)
                .map(Nanos::seconds)
                .collect();
            let expected = 500.0 * (from + to);
            let found = times.len() as f64;
            assert!((found / expected - 1.0).abs() < 0.05, "{found} {expected}");
            assert!(times.is_sorted() && times.iter().all(|time| *time <= 1000.0));
            // The first half has three quarters of the flatter end and one of the other.
            let early = times.iter().filter(|time| **time < 500.0).count() as f64;
            let share = 500.0 * (0.75 * from + 0.25 * to);
            assert!(
                (early - share).abs() < 5.0 * share.sqrt(),
                "{early} {share}"
            );
        }
    }

    #[test]
    fn measured_requests_come_at_the_rate_exactly() {
        for arrival in [Arrival::Poisson, Arrival::Gamma { burstiness: 0.3 }] {
            let times = Times::new(Rate::Steady(4.0), arrival, 3).exact_over(100, 500);
            let times: Vec<f64> = times.take(700).map(Nanos::seconds).collect();
            // The gap before the first of them is theirs too.
            let window = times[599] - times[99];
            assert!((window - 500.0 / 4.0).abs() < 1e-6, "{window}");
        }
    }

    #[test]
    fn a_flat_ramp_is_a_steady_rate() {
        let ramp = Rate::Ramp {
            from: 4.0,
            to: 4.0,
            over: 100.0,
        };
        let steady = Times::new(Rate::Steady(4.0), Arrival::Poisson, 3);
        for (flat, steady) in Times::new(ramp, Arrival::Poisson, 3).zip(steady) {
            assert!(flat.get().abs_diff(steady.get()) <= 100);
        }
    }
}
