//! The quantity types and the relations between them.

use std::cmp::Ordering;
use std::iter::Sum;
use std::ops::{Add, Div, Mul, Sub};

/// A number that is no physical quantity: NaN or negative.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{0} is not a quantity: it must be a number that is not negative")]
pub struct NotAQuantity(pub f64);

macro_rules! quantity {
    ($(#[$meta:meta])* $name:ident, $unit:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(f64);

        impl $name {
            /// Nothing of it.
            pub const ZERO: Self = Self(0.0);
            /// The base unit, as results print it.
            pub const UNIT: &'static str = $unit;

            /// A quantity of `value` base units.
            ///
            /// # Errors
            ///
            /// [`NotAQuantity`] when `value` is NaN or negative.
            pub const fn try_new(value: f64) -> Result<Self, NotAQuantity> {
                if value >= 0.0 { Ok(Self(value)) } else { Err(NotAQuantity(value)) }
            }

            /// A quantity of `value` base units, for values that an equation has already made sure of.
            ///
            /// # Panics
            ///
            /// When `value` is NaN or negative.
            #[track_caller]
            pub const fn new(value: f64) -> Self {
                assert!(value >= 0.0, concat!(stringify!($name), " is never NaN or negative"));
                Self(value)
            }

            /// The number of base units.
            pub const fn get(self) -> f64 {
                self.0
            }

            /// The larger of two.
            pub const fn max(self, other: Self) -> Self {
                if self.0 >= other.0 { self } else { other }
            }

            /// The smaller of two.
            pub const fn min(self, other: Self) -> Self {
                if self.0 <= other.0 { self } else { other }
            }

            /// The difference, or zero when `other` is larger.
            pub const fn saturating_sub(self, other: Self) -> Self {
                if self.0 > other.0 { Self(self.0 - other.0) } else { Self::ZERO }
            }
        }

        impl Eq for $name {}
        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }
        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                self.0.total_cmp(&other.0)
            }
        }
        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }
        impl Sub for $name {
            type Output = Self;
            /// The difference; a negative one is a broken belief of ours.
            #[track_caller]
            fn sub(self, other: Self) -> Self {
                Self::new(self.0 - other.0)
            }
        }
        impl Mul<f64> for $name {
            type Output = Self;
            #[track_caller]
            fn mul(self, factor: f64) -> Self {
                Self::new(self.0 * factor)
            }
        }
        impl Div<f64> for $name {
            type Output = Self;
            #[track_caller]
            fn div(self, divisor: f64) -> Self {
                Self::new(self.0 / divisor)
            }
        }
        impl Div for $name {
            type Output = f64;
            fn div(self, other: Self) -> f64 {
                self.0 / other.0
            }
        }
        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(values: I) -> Self {
                values.fold(Self::ZERO, Add::add)
            }
        }
    };
}

quantity!(
    /// A span of time.
    Seconds, "s"
);
quantity!(
    /// An amount of memory or traffic.
    Bytes, "B"
);
quantity!(
    /// A count of operations; a multiply-add counts as two.
    Flops, "FLOP"
);
quantity!(
    /// A rate of operations, dense.
    FlopsPerSec, "FLOP/s"
);
quantity!(
    /// A rate of traffic.
    BytesPerSec, "B/s"
);
quantity!(
    /// A clock frequency.
    Hertz, "Hz"
);
quantity!(
    /// Electrical power.
    Watts, "W"
);
quantity!(
    /// Energy.
    Joules, "J"
);
quantity!(
    /// An amount of money in the currency of the scenario; one document never mixes currencies.
    Money, "currency"
);
quantity!(
    /// Mass of emitted CO2 equivalent.
    GramsCo2, "gCO2e"
);

/// States `product = rate * amount` once and yields the product and both quotients.
macro_rules! relation {
    ($product:ident = $rate:ident * $amount:ident) => {
        impl Mul<$amount> for $rate {
            type Output = $product;
            #[track_caller]
            fn mul(self, amount: $amount) -> $product {
                $product::new(self.get() * amount.get())
            }
        }
        impl Mul<$rate> for $amount {
            type Output = $product;
            #[track_caller]
            fn mul(self, rate: $rate) -> $product {
                $product::new(self.get() * rate.get())
            }
        }
        impl Div<$rate> for $product {
            type Output = $amount;
            #[track_caller]
            fn div(self, rate: $rate) -> $amount {
                $amount::new(self.get() / rate.get())
            }
        }
        impl Div<$amount> for $product {
            type Output = $rate;
            #[track_caller]
            fn div(self, amount: $amount) -> $rate {
                $rate::new(self.get() / amount.get())
            }
        }
    };
}

relation!(Bytes = BytesPerSec * Seconds);
relation!(Flops = FlopsPerSec * Seconds);
relation!(Joules = Watts * Seconds);

/// A count of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize)]
#[serde(transparent)]
pub struct Tokens(pub u64);

impl Tokens {
    /// The count as a number an equation can use; exact up to 2^53.
    pub const fn as_f64(self) -> f64 {
        self.0 as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relation_yields_the_product_and_both_quotients() {
        let moved = BytesPerSec::new(3.35e12) * Seconds::new(2.0);
        assert_eq!(moved, Bytes::new(6.7e12));
        assert_eq!(moved / Seconds::new(2.0), BytesPerSec::new(3.35e12));
        assert_eq!(moved / BytesPerSec::new(3.35e12), Seconds::new(2.0));
    }

    #[test]
    fn nan_and_negative_numbers_are_no_quantities() {
        assert!(Seconds::try_new(f64::NAN).is_err());
        assert_eq!(Watts::try_new(-1.0), Err(NotAQuantity(-1.0)));
    }
}
