//! A number with its interval, and arithmetic that carries the interval.

use crate::record::{Column, Estimated, Metric, PointResult};
use crate::stats::independent::{product, quotient};

/// A number that is not negative, with the ends of its interval, base units.
///
/// Ends of sums are combined as if the worst came together, those of products and quotients as of independent errors: what is
/// multiplied here is power with a time or a rate, and they are known from different terms. Where steps take longer than predicted
/// less power is drawn, so that the interval of energy is wide rather than narrow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ranged {
    pub(super) value: f64,
    pub(super) lo: f64,
    pub(super) hi: f64,
}

impl Ranged {
    /// A predicted number of a point; where it has no interval, both ends are the number.
    pub(super) fn predicted(result: &PointResult, metric: Metric) -> Option<Self> {
        let entry = result.predicted(Column::of(metric))?;
        let (lo, hi) = entry
            .interval
            .map_or((entry.value, entry.value), |(lo, hi, _)| (lo, hi));
        Some(Self::from((entry.value, lo, hi)))
    }

    pub(super) const ONE: Self = Self::exact(1.0);

    pub(super) const fn exact(value: f64) -> Self {
        Self {
            value,
            lo: value,
            hi: value,
        }
    }

    pub(super) fn is_exact(self) -> bool {
        self.lo >= self.value && self.hi <= self.value
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            value: self.value + other.value,
            lo: self.lo + other.lo,
            hi: self.hi + other.hi,
        }
    }

    pub(super) fn times(self, other: Self) -> Self {
        Self::from(product(self.ends(), other.ends()))
    }

    pub(super) fn scaled(self, factor: f64) -> Self {
        self.times(Self::exact(factor))
    }

    /// The quotient: the lower end comes of the lower end and the divisor's upper end.
    pub(super) fn over(self, divisor: Self) -> Self {
        Self::from(quotient(self.ends(), divisor.ends()))
    }

    const fn ends(self) -> (f64, f64, f64) {
        (self.value, self.lo, self.hi)
    }
}

impl From<&Estimated> for Ranged {
    fn from(estimated: &Estimated) -> Self {
        Self {
            value: estimated.value,
            lo: estimated.lo,
            hi: estimated.hi,
        }
    }
}

impl From<(f64, f64, f64)> for Ranged {
    fn from((value, lo, hi): (f64, f64, f64)) -> Self {
        Self { value, lo, hi }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotient_is_lowest_where_the_divisor_is_largest() {
        let price = Ranged::exact(8.0);
        let throughput = Ranged::from((4.0, 2.0, 8.0));
        assert_eq!(price.over(throughput), Ranged::from((2.0, 1.0, 4.0)));
    }
}
