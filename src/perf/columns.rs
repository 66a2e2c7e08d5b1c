//! Numbers by column, with intervals at the asked level.

use super::spread::Spread;
use crate::record::{Column, Estimated, Metric};
use crate::stats::math;

/// Widens or narrows intervals from the pack's level to the asked one.
///
/// `ln(hi / value)` is scaled by `z(asked) / z(pack)`, the ratio of normal quantiles, as if the logarithm of the error were
/// normal; terms come with one interval each, so no other shape is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    ratio: f64,
}

impl Level {
    /// From one level to another, given by their two-sided normal quantiles; a pack without level has nothing to widen.
    pub fn new(pack_z: Option<f64>, asked_z: f64) -> Self {
        Self {
            ratio: pack_z.map_or(1.0, |pack_z| asked_z / pack_z),
        }
    }

    /// The normal quantile of a two-sided level inside (0, 1).
    pub fn z(level: f64) -> f64 {
        math::normal_quantile(0.5 + 0.5 * level)
    }

    /// The spread at the asked level: value, low and high end.
    pub fn at(self, spread: Spread) -> Spread {
        let (value, lo, hi) = (spread.value(), spread.lo(), spread.hi());
        if (self.ratio - 1.0).abs() < 1e-12 || value <= 0.0 || hi <= lo {
            return Spread::new(value, lo, hi);
        }
        let scaled = |end: f64| {
            if end > 0.0 {
                value * math::exp(self.ratio * math::ln(end / value))
            } else {
                end
            }
        };
        Spread::new(value, scaled(lo).min(value), scaled(hi).max(value))
    }
}

/// Collects estimates whose ends are at the asked level already; a number that is not finite is left out.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    values: Vec<Estimated>,
}

impl Columns {
    pub fn new() -> Self {
        Self {
            values: Vec::with_capacity(24),
        }
    }

    pub fn scalar(&mut self, metric: Metric, spread: Spread) {
        self.add(Column::of(metric), spread);
    }

    pub fn add(&mut self, column: Column, spread: Spread) {
        let (value, lo, hi) = (spread.value(), spread.lo(), spread.hi());
        if value.is_finite() && lo.is_finite() && hi.is_finite() {
            self.values.push(Estimated {
                column,
                value,
                lo,
                hi,
            });
        }
    }

    /// Sorted by column.
    pub fn finish(mut self) -> Vec<Estimated> {
        self.values
            .sort_unstable_by_key(|estimated| estimated.column);
        self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_level_is_wider_and_keeps_the_value() {
        let spread = Spread::new(10.0, 20.0, 5.0);
        let found = Level::new(Some(Level::z(0.9)), Level::z(0.95)).at(spread);
        let (value, lo, hi) = (found.value(), found.lo(), found.hi());
        assert!((value - 10.0).abs() < 1e-12);
        // 1.960 / 1.645 = 1.1916: 10 · 2^1.1916 = 22.84.
        assert!(
            (hi - 22.84).abs() < 0.01 && (lo - 4.379).abs() < 0.01,
            "{lo} {hi}"
        );
    }

    #[test]
    fn what_is_not_finite_is_absent() {
        let mut columns = Columns::new();
        columns.scalar(Metric::RequestThroughput, Spread::exact(f64::INFINITY));
        columns.scalar(Metric::RequestThroughput, Spread::exact(f64::NAN));
        assert!(columns.finish().is_empty());
    }
}
