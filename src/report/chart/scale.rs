//! Scales: numbers to pixels, and the ticks between.

use crate::stats::math::{log2, pow};

/// How numbers are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// Equal steps.
    Linear,
    /// Equal factors, ticks at powers of two.
    Log2,
    /// Equal factors, ticks at 1, 2 and 5 times powers of ten.
    Log10,
}

/// A mapping from `lo..hi` to `from..to` pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    spread: Spread,
    lo: f64,
    hi: f64,
    from: f64,
    to: f64,
    /// Where ticks stand.
    pub ticks: Vec<f64>,
}

impl Scale {
    /// From zero to a round number at or above `hi`.
    pub fn from_zero(hi: f64, from: f64, to: f64) -> Self {
        let hi = if hi > 0.0 { hi } else { 1.0 };
        let step = nice_step(hi / 4.0);
        let steps = libm::ceil(hi / step - 1e-9);
        Self {
            spread: Spread::Linear,
            lo: 0.0,
            hi: step * steps,
            from,
            to,
            ticks: (0..=steps as u64).map(|k| step * k as f64).collect(),
        }
    }

    /// Powers of two that hold all values; values must be positive.
    pub fn log2(lo: f64, hi: f64, from: f64, to: f64) -> Self {
        let first = libm::floor(log2(lo) + 1e-9);
        let last = libm::ceil(log2(hi) - 1e-9).max(first + 1.0);
        let every = libm::ceil((last - first + 1.0) / 10.0) as usize;
        let ticks = (first as i64..=last as i64).step_by(every.max(1));
        Self {
            spread: Spread::Log2,
            lo: pow(2.0, first),
            hi: pow(2.0, last),
            from,
            to,
            ticks: ticks.map(|exponent| pow(2.0, exponent as f64)).collect(),
        }
    }

    /// Round bounds at 1, 2 or 5 times a power of ten that hold all values; values must be positive.
    pub fn log10(lo: f64, hi: f64, from: f64, to: f64) -> Self {
        let first = libm::floor(libm::log10(lo)) as i32 - 1;
        let last = libm::ceil(libm::log10(hi)) as i32 + 1;
        let all: Vec<f64> = (first..=last)
            .flat_map(|decade| [1.0, 2.0, 5.0].map(|step| step * pow(10.0, f64::from(decade))))
            .collect();
        let lo = all
            .iter()
            .copied()
            .filter(|tick| *tick <= lo * 1.0001)
            .fold(all[0], f64::max);
        let hi = all
            .iter()
            .copied()
            .filter(|tick| *tick >= hi * 0.9999)
            .fold(f64::INFINITY, f64::min);
        let mut ticks: Vec<f64> = all
            .into_iter()
            .filter(|tick| lo <= *tick && *tick <= hi)
            .collect();
        if ticks.len() > 7 {
            let whole =
                |tick: &f64| (libm::log10(*tick) - libm::round(libm::log10(*tick))).abs() < 1e-6;
            ticks.retain(whole);
        }
        Self {
            spread: Spread::Log10,
            lo,
            hi,
            from,
            to,
            ticks,
        }
    }

    /// The pixel of a value; values outside are held at the edge.
    pub fn at(&self, value: f64) -> f64 {
        let value = value.clamp(self.lo, self.hi);
        let share = match self.spread {
            Spread::Linear => (value - self.lo) / (self.hi - self.lo),
            Spread::Log2 | Spread::Log10 => log2(value / self.lo) / log2(self.hi / self.lo),
        };
        self.from + share * (self.to - self.from)
    }

    /// The values at both ends.
    pub const fn ends(&self) -> (f64, f64) {
        (self.lo, self.hi)
    }

    /// True when the value lies on the axis.
    pub fn holds(&self, value: f64) -> bool {
        self.lo <= value && value <= self.hi
    }
}

/// The smallest of 1, 2, 2.5, 5 and 10 times a power of ten that is at least `least`.
fn nice_step(least: f64) -> f64 {
    let decade = pow(10.0, libm::floor(libm::log10(least)));
    [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|step| step * decade)
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or(10.0 * decade)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_hold_the_values() {
        assert_eq!(Scale::from_zero(0.83, 0.0, 1.0).ticks.len(), 5);
        let linear = Scale::from_zero(4.2, 0.0, 100.0);
        assert_eq!(linear.ticks, [0.0, 2.0, 4.0, 6.0]);
        assert!((linear.at(3.0) - 50.0).abs() < 1e-9);
        let log = Scale::log2(1.0, 256.0, 0.0, 80.0);
        assert_eq!(log.ticks.len(), 9);
        assert!((log.at(16.0) - 40.0).abs() < 1e-9);
        let decades = Scale::log10(0.03, 7.0, 0.0, 1.0);
        assert!((decades.lo - 0.02).abs() < 1e-12 && (decades.hi - 10.0).abs() < 1e-9);
        assert!(decades.holds(0.03));
    }
}
