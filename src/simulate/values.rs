//! Values with the error of the simulation beside the uncertainty of the terms.

use super::run::Observation;
use super::tally::{BATCHES, Batch};
use super::time::Nanos;
use crate::perf::Spread;
use crate::stats::{Histogram, math};

/// A number with the interval that the simulation's own error gives it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Simulated {
    pub value: f64,
    pub lo: f64,
    pub hi: f64,
}

impl Simulated {
    pub const fn exact(value: f64) -> Self {
        Self {
            value,
            lo: value,
            hi: value,
        }
    }

    fn around(value: f64, half: f64) -> Self {
        Self {
            value,
            lo: (value - half).max(0.0),
            hi: value + half,
        }
    }

    /// One interval with both parts: the simulation's error and the terms' ends are independent, so the logarithms of
    /// their ratios add in squares.
    pub fn with(self, terms: Spread) -> Spread {
        let ratio = |end: f64| {
            if end > 0.0 && self.value > 0.0 {
                math::ln(end / self.value)
            } else {
                0.0
            }
        };
        let both = |simulation: f64, terms: f64| {
            let (a, b) = (ratio(simulation), ratio(terms));
            math::exp(math::sqrt(a * a + b * b))
        };
        let down = both(self.lo, terms.lo().min(self.value));
        let up = both(self.hi, terms.hi().max(self.value));
        // An end at zero has no logarithm and stays.
        let lo = if self.lo <= 0.0 || terms.lo() <= 0.0 {
            0.0_f64.min(self.value)
        } else {
            self.value / down
        };
        Spread::new(self.value, self.value * up, lo)
    }
}

/// A number with one interval, and the two parts of that interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Parts {
    /// With both.
    pub whole: Spread,
    /// With the error of the simulation alone.
    pub simulation: Simulated,
    /// With the ends of the terms alone.
    pub terms: Spread,
}

impl Parts {
    /// All of it through a function that rises or falls.
    pub fn map(self, function: impl Fn(f64) -> f64) -> Self {
        let Simulated { value, lo, hi } = self.simulation;
        let (lo, hi) = (function(lo), function(hi));
        Self {
            whole: self.whole.map(&function),
            simulation: Simulated {
                value: function(value),
                lo: lo.min(hi),
                hi: lo.max(hi),
            },
            terms: self.terms.map(&function),
        }
    }
}

/// Quantile of the t distribution over batches for a two-sided level.
fn t(level: f64) -> f64 {
    math::student_quantile(0.5 + 0.5 * level, (BATCHES - 1) as f64)
}

/// Standard error of the mean of batches.
fn error(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    if n < 2.0 {
        return 0.0;
    }
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    math::sqrt(squares / (n * (n - 1.0)))
}

/// The mean of a latency, seconds, by batch means.
pub(super) fn mean(
    observed: &Observation,
    level: f64,
    of: fn(&Batch) -> &Histogram,
) -> Option<Simulated> {
    let batches = || observed.tally.batches.iter().map(of);
    let count: u64 = batches().map(Histogram::count).sum();
    let means: Vec<f64> = batches().filter_map(Histogram::mean).collect();
    let sum: f64 = batches()
        .map(|batch| batch.mean().unwrap_or(0.0) * batch.count() as f64)
        .sum();
    (count > 0)
        .then(|| Simulated::around(sum / count as f64 * 1e-9, t(level) * error(&means) * 1e-9))
}

/// A quantile of a latency, seconds. Its error is that of the share of requests below it, by batch means, read back from the
/// distribution (Chen and Kelton, "Quantile and tolerance-interval estimation in simulation", EJOR 168, 2006, section 2).
pub(super) fn quantile(
    observed: &Observation,
    whole: &Histogram,
    (q, level): (f64, f64),
    of: fn(&Batch) -> &Histogram,
) -> Option<Simulated> {
    let value = whole.quantile(q)?;
    let shares: Vec<f64> = observed
        .tally
        .batches
        .iter()
        .filter_map(|batch| of(batch).share_within(value))
        .collect();
    let half = t(level) * error(&shares);
    let at = |q: f64| whole.quantile(q.clamp(0.0, 1.0)).unwrap_or(value);
    Some(Simulated {
        value: value * 1e-9,
        lo: at(q - half).min(value) * 1e-9,
        hi: at(q + half).max(value) * 1e-9,
    })
}

/// The share of requests that met the limits of this number, by batch means.
pub(super) fn share(observed: &Observation, level: f64, limits: usize) -> Option<Simulated> {
    let batches = || observed.tally.batches.iter();
    let count: u64 = batches().map(|batch| batch.latencies.e2el.count()).sum();
    let met: u64 = batches().map(|batch| batch.met[limits]).sum();
    let shares: Vec<f64> = batches()
        .filter(|batch| batch.latencies.e2el.count() > 0)
        .map(|batch| batch.met[limits] as f64 / batch.latencies.e2el.count() as f64)
        .collect();
    let found = (count > 0)
        .then(|| Simulated::around(met as f64 / count as f64, t(level) * error(&shares)))?;
    Some(Simulated {
        hi: found.hi.min(1.0),
        ..found
    })
}

/// A count over the window, a second, with the ratio estimator over batches.
pub(super) fn rate(
    observed: &Observation,
    level: f64,
    of: fn(&super::cluster::Snapshot) -> u64,
) -> Option<Simulated> {
    let tally = &observed.tally;
    let end = tally.end?;
    let starts = tally.batches.iter().map(|batch| batch.start);
    // Batches of a load with very few requests may be empty: they have no start.
    let begun = starts
        .enumerate()
        .filter(|(place, start)| *place == 0 || start.at > Nanos::ZERO);
    let points: Vec<(f64, f64)> = begun
        .map(|(_, start)| start)
        .chain([end])
        .map(|snapshot| (of(&snapshot) as f64, snapshot.at.seconds()))
        .collect();
    let (first, last) = (points.first()?, points.last()?);
    let seconds = last.1 - first.1;
    if seconds <= 0.0 {
        return None;
    }
    let rate = (last.0 - first.0) / seconds;
    let residuals: Vec<f64> = points
        .windows(2)
        .map(|pair| (pair[1].0 - pair[0].0) - rate * (pair[1].1 - pair[0].1))
        .collect();
    let half = t(level) * error(&residuals) * residuals.len() as f64 / seconds;
    Some(Simulated::around(rate, half))
}
