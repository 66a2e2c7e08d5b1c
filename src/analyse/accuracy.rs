//! How far predictions are from measurements, over any group of pairs.

use crate::stats::{math, mean, quantile_sorted};

/// Levels at which the coverage of intervals is stated.
pub const LEVELS: [f64; 3] = [0.8, 0.9, 0.95];

/// What rounding may do to two logarithms.
const ROUNDING: f64 = 1e-12;

/// Groups with fewer pairs are marked.
pub const FEW: usize = 5;

/// A predicted and a measured number in the same unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// What was predicted, above zero.
    pub predicted: f64,
    /// Lower end of the predicted interval, above zero.
    pub lo: f64,
    /// Upper end of the predicted interval.
    pub hi: f64,
    /// What was measured, above zero.
    pub measured: f64,
}

impl Pair {
    /// `e = (predicted − measured) / measured`; positive: predicted too high.
    pub fn error(&self) -> f64 {
        (self.predicted - self.measured) / self.measured
    }

    /// True where errors of it can be summed: both numbers are above zero, and their ratio is a finite one.
    pub fn is_sound(&self) -> bool {
        /// Sums of as many pairs as memory holds stay finite below it.
        const FARTHEST: f64 = 1e100;
        let ratio = self.predicted / self.measured;
        self.predicted > 0.0 && self.measured > 0.0 && (0.0..FARTHEST).contains(&ratio)
    }
}

/// Intervals at other levels than the one they were stated at.
///
/// `[p · exp(−a z/z₀), p · exp(b z/z₀)]`
///
/// | Symbol | Meaning |
/// |---|---|
/// | `p` | the prediction |
/// | `a`, `b` | `ln(p / lo)` and `ln(hi / p)` at the stated level |
/// | `z₀`, `z` | normal quantiles of `(1 + level) / 2` at the stated and the asked level |
///
/// # Assumptions
///
/// The logarithm of measured over predicted is normal on each side of the prediction, with a deviation of its own. At the
/// stated level nothing is assumed: the interval stays as it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rescaling {
    /// `z / z₀` at each of [`LEVELS`].
    ratios: [f64; 3],
}

impl Rescaling {
    /// From intervals stated at `level`, strictly between 0 and 1.
    pub fn from_level(level: f64) -> Self {
        let z = |level: f64| math::normal_quantile(f64::midpoint(1.0, level));
        Self {
            ratios: LEVELS.map(|asked| z(asked) / z(level)),
        }
    }

    /// True at each of [`LEVELS`] where the measured value is inside the interval.
    fn covered(&self, pair: &Pair) -> [bool; 3] {
        let end = if pair.measured < pair.predicted {
            pair.lo
        } else {
            pair.hi
        };
        let off = math::ln(pair.measured / pair.predicted).abs();
        let reach = math::ln(end / pair.predicted).abs();
        self.ratios.map(|ratio| off <= reach * ratio + ROUNDING)
    }

    /// Width of the 90 % interval as a share of the prediction.
    fn width_90(&self, pair: &Pair) -> f64 {
        let ends = [pair.lo, pair.hi]
            .map(|end| math::exp(math::ln(end / pair.predicted) * self.ratios[1]));
        ends[1] - ends[0]
    }
}

/// Error statistics of a group of pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accuracy {
    /// Pairs.
    pub n: usize,
    /// Mean of `|e|`.
    pub mape: f64,
    /// Median of `|e|`.
    pub median_ape: f64,
    /// 90th percentile of `|e|`.
    pub p90_ape: f64,
    /// Mean of `e`.
    pub bias: f64,
    /// Intervals against measured values; `None` where predictions have no intervals.
    pub intervals: Option<Intervals>,
    /// Mean over clusters of the cluster's median `|e|`.
    pub macro_median_ape: f64,
}

/// What intervals are worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Intervals {
    /// Share of measured values inside the interval, at each of [`LEVELS`].
    pub coverage: [f64; 3],
    /// Median width of the 90 % interval as a share of the prediction.
    pub width_90: f64,
}

/// The statistics of some pairs, each with the cluster it belongs to; `None` of nothing.
///
/// Clusters are (hardware, model, framework), so that one large source does not decide `macro_median_ape`. Sums run in
/// the order of the pairs, clusters in the order of their numbers. Without a rescaling the pairs have no intervals.
pub fn accuracy(pairs: &[(Pair, usize)], rescaling: Option<&Rescaling>) -> Option<Accuracy> {
    let errors: Vec<f64> = pairs.iter().map(|(pair, _)| pair.error()).collect();
    let absolute: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
    let mut sorted = absolute.clone();
    sorted.sort_by(f64::total_cmp);
    Some(Accuracy {
        n: pairs.len(),
        mape: mean(&absolute)?,
        median_ape: quantile_sorted(&sorted, 0.5)?,
        p90_ape: quantile_sorted(&sorted, 0.9)?,
        bias: mean(&errors)?,
        intervals: rescaling.and_then(|rescaling| intervals(pairs, rescaling)),
        macro_median_ape: macro_median(pairs, &absolute)?,
    })
}

fn intervals(pairs: &[(Pair, usize)], rescaling: &Rescaling) -> Option<Intervals> {
    let mut covered = [0_usize; 3];
    for (pair, _) in pairs {
        for (count, inside) in covered.iter_mut().zip(rescaling.covered(pair)) {
            *count += usize::from(inside);
        }
    }
    let widths = pairs.iter().map(|(pair, _)| rescaling.width_90(pair));
    // An end at infinity has no width that a median could be of.
    let mut widths: Vec<f64> = widths.filter(|width| width.is_finite()).collect();
    widths.sort_by(f64::total_cmp);
    Some(Intervals {
        coverage: covered.map(|count| count as f64 / pairs.len() as f64),
        width_90: quantile_sorted(&widths, 0.5)?,
    })
}

fn macro_median(pairs: &[(Pair, usize)], absolute: &[f64]) -> Option<f64> {
    let clusters = pairs.iter().map(|(_, cluster)| *cluster);
    let mut by_cluster: Vec<(usize, f64)> = clusters.zip(absolute.iter().copied()).collect();
    by_cluster.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let medians: Vec<f64> = by_cluster
        .chunk_by(|a, b| a.0 == b.0)
        .filter_map(|cluster| {
            let sorted: Vec<f64> = cluster.iter().map(|(_, error)| *error).collect();
            quantile_sorted(&sorted, 0.5)
        })
        .collect();
    mean(&medians)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(predicted: f64, measured: f64) -> Pair {
        Pair {
            predicted,
            lo: predicted / 1.5,
            hi: predicted * 1.5,
            measured,
        }
    }

    fn found(pairs: &[(Pair, usize)]) -> Accuracy {
        accuracy(pairs, Some(&Rescaling::from_level(0.9))).expect("some pairs")
    }

    #[test]
    fn errors_are_relative_to_the_measurement() {
        let found = found(&[
            (pair(1.2, 1.0), 0),
            (pair(0.5, 1.0), 0),
            (pair(1.0, 1.0), 0),
        ]);
        assert!((found.mape - 0.7 / 3.0).abs() < 1e-12);
        assert!((found.median_ape - 0.2).abs() < 1e-12);
        assert!((found.bias + 0.1).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_summed_is_no_pair() {
        assert!(pair(1e-3, 1e-18).is_sound());
        for (predicted, measured) in [(1.0, 1e-320), (1.0, 0.0), (f64::NAN, 1.0), (0.0, 1.0)] {
            assert!(
                !pair(predicted, measured).is_sound(),
                "{predicted} {measured}"
            );
        }
        let endless = Pair {
            hi: f64::INFINITY,
            ..pair(1.0, 1.0)
        };
        let found = found(&[(endless, 0), (pair(1.0, 1.0), 0)]);
        assert!(
            found
                .intervals
                .is_some_and(|intervals| intervals.width_90.is_finite())
        );
    }

    #[test]
    fn nothing_has_no_accuracy() {
        assert_eq!(accuracy(&[], Some(&Rescaling::from_level(0.9))), None);
    }

    #[test]
    fn without_intervals_nothing_is_said_of_coverage() {
        let found = accuracy(&[(pair(1.2, 1.0), 0)], None).expect("a pair");
        assert_eq!(found.intervals, None);
        assert!((found.median_ape - 0.2).abs() < 1e-12);
    }

    #[test]
    fn one_large_cluster_does_not_decide_the_macro_median() {
        let mut pairs = vec![(pair(1.1, 1.0), 0); 99];
        pairs.push((pair(1.5, 1.0), 1));
        let found = found(&pairs);
        assert!((found.median_ape - 0.1).abs() < 1e-9);
        assert!((found.macro_median_ape - 0.3).abs() < 1e-9);
    }

    #[test]
    fn an_interval_keeps_its_stated_level_and_widens_with_the_level() {
        let stated = Rescaling::from_level(0.9);
        let one = pair(3.0, 3.0);
        assert!((stated.width_90(&one) - (1.5 - 1.0 / 1.5)).abs() < 1e-12);
        // The 80 % interval of a log-normal reaches 1.2816 / 1.6449 of the way in the logarithm.
        let inside_80 = 3.0 * math::pow(1.5, 1.2815 / 1.6449);
        assert_eq!(stated.covered(&pair(3.0, inside_80)), [true; 3]);
        let inside_90 = 3.0 * math::pow(1.5, 0.99);
        assert_eq!(stated.covered(&pair(3.0, inside_90)), [false, true, true]);
        assert_eq!(stated.covered(&pair(3.0, 2.0)), [false, true, true]);
        assert_eq!(stated.covered(&pair(3.0, 30.0)), [false; 3]);
    }

    #[test]
    fn a_wider_stated_level_means_narrower_rescaled_intervals() {
        let one = pair(3.0, 3.0);
        let at_90 = Rescaling::from_level(0.9).width_90(&one);
        assert!(Rescaling::from_level(0.95).width_90(&one) < at_90);
    }

    #[test]
    fn a_prediction_without_width_covers_only_itself() {
        let exact = Pair {
            predicted: 2.0,
            lo: 2.0,
            hi: 2.0,
            measured: 2.0,
        };
        let coverage = |pair| found(&[(pair, 0)]).intervals.expect("a level").coverage;
        let whole = coverage(exact);
        assert!(whole.iter().all(|share| *share > 0.99));
        let off = Pair {
            measured: 2.1,
            ..exact
        };
        let none = coverage(off);
        assert!(none.iter().all(|share| *share < 0.01));
    }
}
