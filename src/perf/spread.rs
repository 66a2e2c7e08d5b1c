//! A number under the pack's values and under both ends of its terms.

use std::ops::{Add, Mul};

/// A number three times: with the terms' values, with every term at its slow end, and with every term at its fast end.
///
/// All terms move together, so the two ends are an envelope: the truth lies outside only if terms err in the same direction
/// by more than their intervals. Times rise from `fast` over `value` to `slow`; rates fall.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spread(pub(crate) [f64; 3]);

/// Which of a spread's three numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// With the terms' values.
    Value,
    /// With every term at its slow end.
    Slow,
    /// With every term at its fast end.
    Fast,
}

impl Lane {
    /// All three, in the order in which spreads hold them.
    pub const ALL: [Self; 3] = [Self::Value, Self::Slow, Self::Fast];
}

impl Spread {
    /// The number of one lane.
    pub const fn lane(&self, lane: Lane) -> f64 {
        match lane {
            Lane::Value => self.0[0],
            Lane::Slow => self.0[1],
            Lane::Fast => self.0[2],
        }
    }

    /// The same number whatever the terms are.
    pub const fn exact(number: f64) -> Self {
        Self([number; 3])
    }

    /// A number with its slow and its fast end.
    pub const fn new(value: f64, slow: f64, fast: f64) -> Self {
        Self([value, slow, fast])
    }

    /// With the terms' values.
    pub const fn value(&self) -> f64 {
        self.0[0]
    }

    /// With every term at its slow end.
    pub const fn slow(&self) -> f64 {
        self.0[1]
    }

    /// With every term at its fast end.
    pub const fn fast(&self) -> f64 {
        self.0[2]
    }

    /// The smallest of the three.
    pub const fn lo(&self) -> f64 {
        self.0[0].min(self.0[1]).min(self.0[2])
    }

    /// The largest of the three.
    pub const fn hi(&self) -> f64 {
        self.0[0].max(self.0[1]).max(self.0[2])
    }

    /// Each of the three through a function.
    pub fn map(self, mut function: impl FnMut(f64) -> f64) -> Self {
        Self([
            function(self.0[0]),
            function(self.0[1]),
            function(self.0[2]),
        ])
    }

    /// Each of the three with its counterpart through a function.
    pub fn zip(self, other: Self, mut function: impl FnMut(f64, f64) -> f64) -> Self {
        Self([
            function(self.0[0], other.0[0]),
            function(self.0[1], other.0[1]),
            function(self.0[2], other.0[2]),
        ])
    }

    /// The larger of each pair.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        self.zip(other, f64::max)
    }

    /// The smaller of each pair.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        self.zip(other, f64::min)
    }
}

impl Add for Spread {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
}

impl Mul<f64> for Spread {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        self.map(|number| number * factor)
    }
}

impl Mul for Spread {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }
}
