//! Arithmetic and comparison of values.

use std::cmp::Ordering;

use super::ExprValue::{self, Bool, Number, Quantity, Text};
use super::parse::Operator;
use crate::stats::math;
use crate::units::Dimension;

/// `product = rate · amount`, as the units of the language relate.
const PRODUCTS: [(Dimension, Dimension, Dimension); 6] = [
    (Dimension::ByteRate, Dimension::Time, Dimension::Bytes),
    (Dimension::Power, Dimension::Time, Dimension::Energy),
    (Dimension::MoneyRate, Dimension::Time, Dimension::Money),
    (
        Dimension::MoneyPerEnergy,
        Dimension::Energy,
        Dimension::Money,
    ),
    (
        Dimension::CarbonPerEnergy,
        Dimension::Energy,
        Dimension::Carbon,
    ),
    (Dimension::RequestRate, Dimension::Time, Dimension::Count),
];

/// Applies an operator other than `and` and `or`; an error is a message.
pub(super) fn operate(
    operator: Operator,
    left: &ExprValue,
    right: &ExprValue,
) -> Result<ExprValue, String> {
    match operator {
        Operator::Equal => equal(left, right).map(Bool),
        Operator::NotEqual => equal(left, right).map(|equal| Bool(!equal)),
        Operator::Less => order(left, right).map(|order| Bool(order.is_lt())),
        Operator::AtMost => order(left, right).map(|order| Bool(order.is_le())),
        Operator::Greater => order(left, right).map(|order| Bool(order.is_gt())),
        Operator::AtLeast => order(left, right).map(|order| Bool(order.is_ge())),
        Operator::Add => same("added", left, right, |a, b| a + b),
        Operator::Subtract => same("subtracted", left, right, |a, b| a - b),
        Operator::Multiply => multiply(left, right),
        Operator::Divide => divide(left, right),
        Operator::FloorDivide => floor_divide(left, right),
        Operator::Remainder => {
            not_zero(right)?;
            same("divided with a remainder", left, right, |a, b| {
                a - b * (a / b).floor()
            })
        }
        Operator::Power => match (left, right) {
            (Number(base), Number(exponent)) => number(math::pow(*base, *exponent)),
            (_, _) => Err(mismatch("raised to a power", left, right)),
        },
        Operator::And | Operator::Or => Err("`and` and `or` join truth values".to_owned()),
    }
}

/// A finite number; what is not whole is rounded to 15 significant digits.
pub(super) fn number(value: f64) -> Result<ExprValue, String> {
    tidy(value).map(Number)
}

fn tidy(value: f64) -> Result<f64, String> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.is_nan() {
        return Err("the result is no number".to_owned());
    }
    if value.is_infinite() {
        return Err("the result is too large".to_owned());
    }
    if value.fract().abs() < f64::MIN_POSITIVE && value.abs() <= EXACT {
        // Adding zero makes a negative zero positive.
        return Ok(value + 0.0);
    }
    Ok(format!("{value:.14e}").parse().unwrap_or(value))
}

/// The same quantity with another amount.
pub(super) fn with_amount(value: &ExprValue, amount: f64) -> Result<ExprValue, String> {
    match value {
        Quantity {
            dimension,
            currency,
            ..
        } => Ok(Quantity {
            value: tidy(amount)?,
            dimension: *dimension,
            currency: currency.clone(),
        }),
        Number(_) => number(amount),
        Bool(_) | Text(_) => Err(format!("{} has no amount", value.kind())),
    }
}

/// The amount of a number or quantity in base units.
pub(super) fn amount(value: &ExprValue) -> Option<f64> {
    match value {
        Number(amount) | Quantity { value: amount, .. } => Some(*amount),
        Bool(_) | Text(_) => None,
    }
}

fn mismatch(verb: &str, left: &ExprValue, right: &ExprValue) -> String {
    format!("{} and {} cannot be {verb}", left.kind(), right.kind())
}

/// The amounts of two values of one kind.
fn alike(left: &ExprValue, right: &ExprValue) -> Option<(f64, f64)> {
    match (left, right) {
        (Number(a), Number(b)) => Some((*a, *b)),
        (
            Quantity {
                value: a,
                dimension: one,
                currency: mine,
            },
            Quantity {
                value: b,
                dimension: other,
                currency: theirs,
            },
        ) if one == other && mine == theirs => Some((*a, *b)),
        (_, _) => None,
    }
}

fn same(
    verb: &str,
    left: &ExprValue,
    right: &ExprValue,
    combine: impl Fn(f64, f64) -> f64,
) -> Result<ExprValue, String> {
    let (a, b) = alike(left, right).ok_or_else(|| mismatch(verb, left, right))?;
    with_amount(left, combine(a, b))
}

fn not_zero(divisor: &ExprValue) -> Result<(), String> {
    if amount(divisor) == Some(0.0) {
        Err("division by zero".to_owned())
    } else {
        Ok(())
    }
}

fn multiply(left: &ExprValue, right: &ExprValue) -> Result<ExprValue, String> {
    match (left, right) {
        (Number(a), Number(b)) => number(a * b),
        (Number(factor), Quantity { value, .. }) => with_amount(right, value * factor),
        (Quantity { value, .. }, Number(factor)) => with_amount(left, value * factor),
        (Quantity { value: a, .. }, Quantity { value: b, .. }) => {
            let product = PRODUCTS.iter().find_map(|(rate, amount, product)| {
                let found =
                    is(left, *rate) && is(right, *amount) || is(left, *amount) && is(right, *rate);
                found.then_some(*product)
            });
            let product = product.ok_or_else(|| mismatch("multiplied", left, right))?;
            in_dimension(product, a * b, currency(left).or_else(|| currency(right)))
        }
        (_, _) => Err(mismatch("multiplied", left, right)),
    }
}

fn divide(left: &ExprValue, right: &ExprValue) -> Result<ExprValue, String> {
    not_zero(right)?;
    match (left, right) {
        (Quantity { value, .. }, Number(divisor)) => with_amount(left, value / divisor),
        (Number(_) | Quantity { .. }, Number(_) | Quantity { .. }) => {
            if let Some((a, b)) = alike(left, right) {
                return number(a / b);
            }
            let quotient = PRODUCTS.iter().find_map(|(rate, amount, product)| {
                let by_amount = (is(left, *product) && is(right, *amount)).then_some(*rate);
                let by_rate = (is(left, *product) && is(right, *rate)).then_some(*amount);
                by_amount.or(by_rate)
            });
            let quotient = quotient.ok_or_else(|| mismatch("divided", left, right))?;
            let value = amount(left).unwrap_or(f64::NAN) / amount(right).unwrap_or(f64::NAN);
            let currency = if currency(right).is_some() {
                None
            } else {
                currency(left)
            };
            in_dimension(quotient, value, currency)
        }
        (_, _) => Err(mismatch("divided", left, right)),
    }
}

fn floor_divide(left: &ExprValue, right: &ExprValue) -> Result<ExprValue, String> {
    not_zero(right)?;
    let (a, b) = alike(left, right).ok_or_else(|| mismatch("divided", left, right))?;
    number((a / b).floor())
}

fn is(value: &ExprValue, expected: Dimension) -> bool {
    match value {
        Quantity { dimension, .. } => *dimension == expected,
        Number(_) => expected == Dimension::Count,
        Bool(_) | Text(_) => false,
    }
}

fn currency(value: &ExprValue) -> Option<String> {
    match value {
        Quantity { currency, .. } => currency.clone(),
        Number(_) | Bool(_) | Text(_) => None,
    }
}

fn in_dimension(
    dimension: Dimension,
    value: f64,
    currency: Option<String>,
) -> Result<ExprValue, String> {
    if dimension == Dimension::Count {
        return number(value);
    }
    Ok(Quantity {
        value: tidy(value)?,
        dimension,
        currency,
    })
}

fn equal(left: &ExprValue, right: &ExprValue) -> Result<bool, String> {
    match (left, right) {
        (Text(a), Text(b)) => Ok(a == b),
        (Bool(a), Bool(b)) => Ok(a == b),
        (_, _) => order(left, right).map(Ordering::is_eq),
    }
}

/// True when two values are of one kind and equal.
pub(in crate::scenario) fn are_equal(left: &ExprValue, right: &ExprValue) -> bool {
    equal(left, right) == Ok(true)
}

/// The order of two values; `None` when they are of different kinds.
pub(in crate::scenario) fn ordering(left: &ExprValue, right: &ExprValue) -> Option<Ordering> {
    order(left, right).ok()
}

/// The order of two values of one kind.
pub(super) fn order(left: &ExprValue, right: &ExprValue) -> Result<Ordering, String> {
    let (a, b) = alike(left, right).ok_or_else(|| mismatch("compared", left, right))?;
    Ok(a.total_cmp(&b))
}
