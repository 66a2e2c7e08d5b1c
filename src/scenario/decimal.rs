//! Decimal numbers, so that the steps of a range are the numbers a person would write.

use std::cmp::Ordering;
use std::fmt;

/// Significant digits that are kept; products of two such numbers fit into 128 bits.
const DIGITS: u32 = 18;

/// `digits · 10^-scale`, exact up to 18 significant digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimal {
    digits: i128,
    scale: u32,
}

impl Decimal {
    /// Reads `-12.50`: a sign, digits, and a point with digits. No exponent.
    pub fn read(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let digits_only =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits_only(whole) || !digits_only(part) {
            return None;
        }
        let part = part.trim_end_matches('0');
        let joined = format!("{whole}{part}");
        let significant = joined.trim_start_matches('0');
        if significant.len() > DIGITS as usize || part.len() > DIGITS as usize {
            return None;
        }
        let digits: i128 = if significant.is_empty() {
            0
        } else {
            significant.parse().ok()?
        };
        let digits = if text.starts_with('-') {
            -digits
        } else {
            digits
        };
        Some(Self {
            digits,
            scale: part.len() as u32,
        })
    }

    /// `value` rounded to 12 significant digits.
    pub fn round(value: f64) -> Option<Self> {
        let text = format!("{value:.11e}");
        let (mantissa, exponent) = text.split_once('e')?;
        let digits: i128 = mantissa.replace('.', "").parse().ok()?;
        let scale = 11 - exponent.parse::<i32>().ok()?;
        let digits =
            digits.checked_mul(10_i128.checked_pow(u32::try_from(-scale).unwrap_or(0))?)?;
        Some(
            Self {
                digits,
                scale: u32::try_from(scale).unwrap_or(0),
            }
            .rounded(),
        )
    }

    pub const fn is_positive(self) -> bool {
        self.digits > 0
    }

    pub fn as_f64(self) -> f64 {
        self.to_string().parse().expect("a decimal is a number")
    }

    /// Both numbers with one scale; `None` when that needs too many digits.
    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let raise = |number: Self| {
            number
                .digits
                .checked_mul(10_i128.checked_pow(scale - number.scale)?)
        };
        Some((raise(self)?, raise(other)?, scale))
    }

    /// `self + step · count`
    pub fn plus(self, step: Self, count: u64) -> Option<Self> {
        let (start, step, scale) = self.aligned(step)?;
        let digits = start.checked_add(step.checked_mul(i128::from(count))?)?;
        Some(Self { digits, scale }.rounded())
    }

    /// `self · factor`, rounded to 18 significant digits.
    pub fn times(self, factor: Self) -> Option<Self> {
        let digits = self.digits.checked_mul(factor.digits)?;
        Some(
            Self {
                digits,
                scale: self.scale + factor.scale,
            }
            .rounded(),
        )
    }

    /// How often `step` fits between `self` and `end`: `⌊(end − self) / step⌋`.
    pub fn steps_to(self, end: Self, step: Self) -> Option<u64> {
        let (start, end, scale) = self.aligned(end)?;
        let distance = Self {
            digits: end.checked_sub(start)?,
            scale,
        };
        let (distance, step, _) = distance.aligned(step)?;
        u64::try_from(distance.checked_div(step)?).ok()
    }

    /// `self + (end − self) · part / whole`, rounded to 15 decimals of the distance.
    pub fn between(self, end: Self, part: u64, whole: u64) -> Option<Self> {
        if part == whole {
            return Some(end);
        }
        let (start, end, scale) = self.aligned(end)?;
        let raise = 10_i128.checked_pow(15)?;
        let distance = end.checked_sub(start)?.checked_mul(raise)?;
        let share = distance.checked_mul(i128::from(part))?;
        let whole = i128::from(whole);
        let half = whole / 2 * share.signum();
        let digits = start
            .checked_mul(raise)?
            .checked_add(share.checked_add(half)? / whole)?;
        Some(
            Self {
                digits,
                scale: scale + 15,
            }
            .rounded(),
        )
    }

    /// Without trailing zeros after the point, and with at most 18 significant digits.
    fn rounded(mut self) -> Self {
        let limit = 10_i128.pow(DIGITS);
        while self.scale > 0 && self.digits.abs() >= limit {
            let half = 5 * self.digits.signum();
            self.digits = (self.digits + half) / 10;
            self.scale -= 1;
        }
        while self.scale > 0 && self.digits % 10 == 0 {
            self.digits /= 10;
            self.scale -= 1;
        }
        self
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let (left, right, _) = self.aligned(*other)?;
        Some(left.cmp(&right))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.digits < 0 { "-" } else { "" };
        let digits = format!(
            "{:0width$}",
            self.digits.unsigned_abs(),
            width = self.scale as usize + 1
        );
        let (whole, part) = digits.split_at(digits.len() - self.scale as usize);
        if part.is_empty() {
            write!(f, "{sign}{whole}")
        } else {
            write!(f, "{sign}{whole}.{part}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Decimal {
        Decimal::read(text).expect("a decimal")
    }

    #[test]
    fn steps_are_exact() {
        assert_eq!(
            read("0.1").plus(read("0.1"), 2).expect("small").to_string(),
            "0.3"
        );
        assert_eq!(read("-0.50").to_string(), "-0.5");
        assert_eq!(read("0.1").steps_to(read("0.7"), read("0.1")), Some(6));
        assert_eq!(
            read("1")
                .between(read("10"), 1, 3)
                .expect("small")
                .to_string(),
            "4"
        );
        assert_eq!(
            read("0")
                .between(read("1"), 1, 3)
                .expect("small")
                .to_string(),
            "0.333333333333333"
        );
    }

    #[test]
    fn what_is_no_plain_decimal_is_refused() {
        for text in [
            "",
            "-",
            ".5",
            "5.",
            "1e3",
            "0x10",
            "1 000",
            "1234567890123456789",
        ] {
            assert!(Decimal::read(text).is_none(), "{text}");
        }
        assert!(Decimal::read("10000000000").is_some());
    }
}
