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
    /// From one level to another, given by their two-sided normal quantiles.
    pub const fn new(pack_z: f64, asked_z: f64) -> Self {
        Self {
            ratio: asked_z / pack_z,
        }
    }

    /// The normal quantile of a two-sided level inside (0, 1).
    pub fn z(level: f64) -> f64 {
        math::normal_quantile(0.5 + 0.5 * level)
    }

    /// Value, low and high end of a spread.
    pub fn interval(self, spread: Spread) -> (f64, f64, f64) {
        let (value, lo, hi) = (spread.value(), spread.lo(), spread.hi());
        if (self.ratio - 1.0).abs() < 1e-12 || value <= 0.0 {
            return (value, lo, hi);
        }
        if hi <= lo {
            return (value, lo, hi);
        }
        let scaled = |end: f64| {
            if end > 0.0 {
                value * math::exp(self.ratio * math::ln(end / value))
            } else {
                end
            }
        };
        (value, scaled(lo).min(value), scaled(hi).max(value))
    }
}

/// Collects estimates; a number that is not finite is left out.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    level: Level,
    values: Vec<Estimated>,
}

impl Columns {
    pub fn new(level: Level) -> Self {
        Self {
            level,
            values: Vec::with_capacity(40),
        }
    }

    pub fn scalar(&mut self, metric: Metric, spread: Spread) {
        self.add(Column::of(metric), spread);
    }

    fn add(&mut self, column: Column, spread: Spread) {
        self.at_level(column, self.level.interval(spread));
    }

    /// A number whose interval is at the asked level already.
    pub fn at_level(&mut self, column: Column, (value, lo, hi): (f64, f64, f64)) {
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
        let (value, lo, hi) = Level::new(Level::z(0.9), Level::z(0.95)).interval(spread);
        assert_eq!(value, 10.0);
        // 1.960 / 1.645 = 1.1916: 10 · 2^1.1916 = 22.84.
        assert!(
            (hi - 22.84).abs() < 0.01 && (lo - 4.379).abs() < 0.01,
            "{lo} {hi}"
        );
    }

    #[test]
    fn what_is_not_finite_is_absent() {
        let mut columns = Columns::new(Level::new(1.0, 1.0));
        columns.scalar(Metric::RequestThroughput, Spread::exact(f64::INFINITY));
        columns.scalar(Metric::RequestThroughput, Spread::exact(f64::NAN));
        assert!(columns.finish().is_empty());
    }
}
