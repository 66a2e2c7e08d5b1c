//! Intervals of products and quotients of numbers whose errors are independent.

use super::math::{exp, ln, sqrt};

/// A number that is not negative with the ends of its interval: value, low, high.
pub type Ends = (f64, f64, f64);

/// The product of two numbers; half-widths of logarithms add up in squares, each end by itself.
///
/// Ends of nothing, or without end, are multiplied as they are.
pub fn product(one: Ends, other: Ends) -> Ends {
    let value = one.0 * other.0;
    (
        value,
        end(value, (one.0, one.1), (other.0, other.1)),
        end(value, (one.0, one.2), (other.0, other.2)),
    )
}

/// The quotient of two numbers, as [`product`] with one over the divisor.
pub fn quotient(dividend: Ends, divisor: Ends) -> Ends {
    let (value, lo, hi) = divisor;
    product(dividend, (1.0 / value, 1.0 / hi, 1.0 / lo))
}

/// The end of a product on the side of the ends of its parts, each given with its value.
fn end(value: f64, one: (f64, f64), other: (f64, f64)) -> f64 {
    // What is exact leaves the other part its end to the last bit.
    if one.0.to_bits() == one.1.to_bits() || other.0.to_bits() == other.1.to_bits() {
        return one.1 * other.1;
    }
    let parts = [one.0, one.1, other.0, other.1];
    if parts.iter().any(|part| !(*part > 0.0 && part.is_finite())) {
        return one.1 * other.1;
    }
    let [a, b] = [ln(one.1 / one.0), ln(other.1 / other.0)];
    let half = sqrt(a * a + b * b);
    value * exp(if a + b < 0.0 { -half } else { half })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_widths_add_up_in_squares() {
        let wide = (2.0, 2.0 * exp(-0.3), 2.0 * exp(0.3));
        let wider = (5.0, 5.0 * exp(-0.4), 5.0 * exp(0.8));
        let (value, lo, hi) = product(wide, wider);
        assert!((value - 10.0).abs() < 1e-12);
        assert!((lo - 10.0 * exp(-0.5)).abs() < 1e-9);
        assert!((hi - 10.0 * exp(sqrt(0.73))).abs() < 1e-9);
        let (_, lo, hi) = quotient(wide, wider);
        assert!((lo - 0.4 * exp(-sqrt(0.73))).abs() < 1e-9 && (hi - 0.4 * exp(0.5)).abs() < 1e-9);
    }

    #[test]
    fn an_exact_part_and_a_part_of_nothing_keep_the_ends() {
        assert_eq!(quotient((8.0, 8.0, 8.0), (4.0, 2.0, 8.0)), (2.0, 1.0, 4.0));
        assert_eq!(product((0.0, 0.0, 1.0), (4.0, 2.0, 8.0)), (0.0, 0.0, 8.0));
    }
}
