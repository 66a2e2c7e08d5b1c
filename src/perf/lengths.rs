//! Length distributions as a few weighted lengths, and the moments the equations need.

use crate::scenario::Lengths;
use crate::stats::math;

/// Nodes and weights of the 16-point Gauss–Legendre rule on (−1, 1), the positive half; the rest by symmetry
/// (Abramowitz and Stegun, table 25.4).
const LEGENDRE: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_6),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_7, 0.149_595_988_816_576_73),
    (0.755_404_408_355_003, 0.124_628_971_255_533_87),
    (0.865_631_202_387_831_7, 0.095_158_511_682_492_78),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_894),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_095),
];

/// Standard deviations around the mean that are looked at; outside lies a share of 7e-6.
const REACH: f64 = 4.5;

/// Most values an empirical distribution is reduced to.
const EMPIRICAL: usize = 32;

/// A length distribution as weighted lengths, in rising order.
#[derive(Debug, Clone, PartialEq)]
pub struct LengthGrid {
    /// Lengths in tokens with weights that add up to one.
    pub nodes: Vec<(f64, f64)>,
    /// Mean.
    pub mean: f64,
    /// Mean of the square.
    pub square: f64,
}

impl LengthGrid {
    /// The grid of a distribution.
    ///
    /// Normal and lognormal lengths outside `min` and `max` are drawn again, so the density is cut there and scaled up; a
    /// length is at least one token. Lengths count as continuous between their ends.
    ///
    /// ```
    /// use phantom::perf::LengthGrid;
    /// use phantom::scenario::Lengths;
    /// let lengths = LengthGrid::new(&Lengths::Uniform { min: 100, max: 300 });
    /// assert!((lengths.mean - 200.0).abs() < 1e-9);
    /// ```
    pub fn new(lengths: &Lengths) -> Self {
        Self::from_nodes(nodes(lengths))
    }

    fn from_nodes(mut nodes: Vec<(f64, f64)>) -> Self {
        if nodes.len() > 1 {
            nodes.sort_by(|a, b| a.0.total_cmp(&b.0));
            let total: f64 = nodes.iter().map(|(_, weight)| weight).sum();
            for (_, weight) in &mut nodes {
                *weight /= total;
            }
        }
        let mean = nodes.iter().map(|(x, w)| x * w).sum();
        let square = nodes.iter().map(|(x, w)| x * x * w).sum();
        Self {
            nodes,
            mean,
            square,
        }
    }

    /// The distribution of the length beyond `tokens`, at least `least`.
    #[must_use]
    pub fn beyond(&self, tokens: f64, least: f64) -> Self {
        let shifted = self
            .nodes
            .iter()
            .map(|(length, weight)| ((length - tokens).max(least), *weight));
        Self::from_nodes(shifted.collect())
    }

    /// Places and weights whose weighted sum of a smooth function is its integral from `low` to `high`.
    pub fn quadrature(low: f64, high: f64) -> impl Iterator<Item = (f64, f64)> {
        quadrature(low, high)
    }

    /// True when all lengths are equal.
    pub fn is_fixed(&self) -> bool {
        self.nodes.len() == 1
    }

    /// The mean of a function of the length.
    pub fn mean_of(&self, mut function: impl FnMut(f64) -> f64) -> f64 {
        self.nodes.iter().map(|(x, w)| function(*x) * w).sum()
    }

    /// The share of requests with a length above `tokens`.
    pub fn share_above(&self, tokens: f64) -> f64 {
        let at = |index: usize| self.nodes[index].0;
        let mut share = 0.0;
        for (index, (length, weight)) in self.nodes.iter().enumerate() {
            // Each node stands for the stretch up to half way to its neighbours.
            let low = if index == 0 {
                *length
            } else {
                0.5 * (at(index - 1) + length)
            };
            let high = if index + 1 == self.nodes.len() {
                *length
            } else {
                0.5 * (length + at(index + 1))
            };
            share += weight
                * if tokens < low {
                    1.0
                } else if tokens >= high {
                    0.0
                } else {
                    (high - tokens) / (high - low)
                };
        }
        share
    }
}

fn nodes(lengths: &Lengths) -> Vec<(f64, f64)> {
    match lengths {
        Lengths::Fixed(tokens) => vec![((*tokens as f64).max(1.0), 1.0)],
        Lengths::Normal {
            mean,
            std,
            min,
            max,
        } => {
            let (mean, std) = (*mean, *std);
            let cut = Cut::new(*min, *max);
            if std <= 0.0 {
                return vec![(mean.clamp(cut.low, cut.high), 1.0)];
            }
            let ends = ((cut.low - mean) / std, (cut.high - mean) / std);
            gaussian(ends, |z| (mean + std * z).clamp(cut.low, cut.high))
        }
        Lengths::Lognormal {
            mean,
            std,
            min,
            max,
        } => {
            let cut = Cut::new(*min, *max);
            let variation = std / mean;
            if variation.is_nan() || variation <= 0.0 {
                return vec![(mean.clamp(cut.low, cut.high), 1.0)];
            }
            // σ² = ln(1 + cv²), μ = ln(mean) − σ²/2: moments of the lengths themselves.
            let variance = math::ln(1.0 + variation * variation);
            let (mu, sigma) = (math::ln(*mean) - 0.5 * variance, math::sqrt(variance));
            let ends = (
                (math::ln(cut.low) - mu) / sigma,
                (math::ln(cut.high) - mu) / sigma,
            );
            gaussian(ends, |z| math::exp(mu + sigma * z).clamp(cut.low, cut.high))
        }
        Lengths::Uniform { min, max } => {
            let (low, high) = ((*min as f64).max(1.0), (*max as f64).max(1.0));
            if high <= low {
                return vec![(low, 1.0)];
            }
            quadrature(low, high)
                .map(|(x, w)| (x, w / (high - low)))
                .collect()
        }
        Lengths::Empirical(values) => grouped(values),
        Lengths::Mixture(parts) => parts
            .iter()
            .flat_map(|(share, part)| {
                LengthGrid::new(part)
                    .nodes
                    .into_iter()
                    .map(move |(length, weight)| (length, weight * share))
            })
            .collect(),
    }
}

struct Cut {
    low: f64,
    high: f64,
}

impl Cut {
    fn new(min: Option<u64>, max: Option<u64>) -> Self {
        let low = min.map_or(1.0, |min| (min as f64).max(1.0));
        let high = max.map_or(1e9, |max| (max as f64).max(low));
        Self { low, high }
    }
}

/// Lengths of a cut standard normal variable; the weights still lack their common factor.
fn gaussian((from, to): (f64, f64), length: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    // A cut beyond the reach leaves the end that is nearest to the mean.
    let low = from.clamp(-REACH, REACH);
    let high = to.clamp(-REACH, REACH);
    if high - low < 1e-9 {
        let end = if from >= REACH { from } else { to };
        return vec![(length(end), 1.0)];
    }
    quadrature(low, high)
        .map(|(z, w)| (length(z), w * math::exp(-0.5 * z * z)))
        .collect()
}

/// The 16-point Gauss–Legendre rule on an interval: places and weights.
fn quadrature(low: f64, high: f64) -> impl Iterator<Item = (f64, f64)> {
    let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
    LEGENDRE
        .into_iter()
        .flat_map(move |(x, w)| [(middle - half * x, half * w), (middle + half * x, half * w)])
}

/// Neighbouring values of a long list become one, with their mean and their weight.
fn grouped(values: &[(u64, f64)]) -> Vec<(f64, f64)> {
    let size = values.len().div_ceil(EMPIRICAL).max(1);
    values
        .chunks(size)
        .filter_map(|group| {
            let weight: f64 = group.iter().map(|(_, weight)| weight).sum();
            let sum: f64 = group.iter().map(|(length, w)| *length as f64 * w).sum();
            (weight > 0.0).then(|| ((sum / weight).max(1.0), weight))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lognormal_keeps_its_mean_and_spread() {
        let grid = LengthGrid::new(&Lengths::Lognormal {
            mean: 1024.0,
            std: 512.0,
            min: None,
            max: None,
        });
        assert!((grid.mean / 1024.0 - 1.0).abs() < 1e-3, "{}", grid.mean);
        let std = math::sqrt(grid.square - grid.mean * grid.mean);
        assert!((std / 512.0 - 1.0).abs() < 1e-2, "{std}");
    }

    #[test]
    fn a_cut_moves_the_mean_towards_what_is_left() {
        let cut = |max| {
            LengthGrid::new(&Lengths::Normal {
                mean: 500.0,
                std: 200.0,
                min: None,
                max,
            })
            .mean
        };
        assert!(cut(Some(500)) < cut(None) - 100.0);
        assert!((cut(Some(500)) - (500.0 - 0.797_88 * 200.0)).abs() < 10.0);
    }

    #[test]
    fn an_impossible_cut_is_its_nearest_end() {
        let grid = LengthGrid::new(&Lengths::Normal {
            mean: 10.0,
            std: 1.0,
            min: Some(1000),
            max: Some(2000),
        });
        assert_eq!(grid.nodes, [(1000.0, 1.0)]);
    }

    #[test]
    fn shares_above_fall_from_one_to_zero() {
        let grid = LengthGrid::new(&Lengths::Uniform { min: 1, max: 101 });
        assert!((grid.share_above(0.0) - 1.0).abs() < 1e-9);
        assert!((grid.share_above(51.0) - 0.5).abs() < 1e-9);
        assert_eq!(grid.share_above(101.0), 0.0);
    }
}
