//! A tree becomes a value.

use super::parse::{Expr, ExprKind, Function, Operator};
use super::{ExprError, ExprValue, operate};
use crate::stats::math;

/// What a name stands for.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::scenario) struct Looked {
    pub value: ExprValue,
    /// The scalar it was read from, so that a mere reference repeats it as written.
    pub scalar: Option<crate::scenario::Scalar>,
}

/// Where names get their values.
pub(in crate::scenario) trait Lookup {
    /// The value of a name.
    ///
    /// # Errors
    ///
    /// A message, and what would help.
    fn lookup(&self, name: &str) -> Result<Looked, (String, Option<String>)>;
}

/// The value of an expression.
pub(super) fn eval(expr: &Expr, names: &dyn Lookup) -> Result<ExprValue, ExprError> {
    let at_this = |message: String| ExprError::new(message, expr.place);
    match &expr.kind {
        ExprKind::Value(value) => Ok(value.clone()),
        ExprKind::Name(name) => look(name, expr, names).map(|looked| looked.value),
        ExprKind::Negative(inner) => {
            let value = eval(inner, names)?;
            let Some(amount) = operate::amount(&value) else {
                return Err(at_this(format!("{} has no negative", value.kind())));
            };
            operate::with_amount(&value, -amount).map_err(at_this)
        }
        ExprKind::Not(inner) => Ok(ExprValue::Bool(!truth(inner, names)?)),
        ExprKind::Binary(Operator::And, left, right) => {
            Ok(ExprValue::Bool(truth(left, names)? && truth(right, names)?))
        }
        ExprKind::Binary(Operator::Or, left, right) => {
            Ok(ExprValue::Bool(truth(left, names)? || truth(right, names)?))
        }
        ExprKind::Binary(operator, left, right) => {
            let (left, right) = (eval(left, names)?, eval(right, names)?);
            operate::operate(*operator, &left, &right).map_err(at_this)
        }
        ExprKind::Call(function, values) => call(*function, values, expr, names),
    }
}

/// What a name stands for.
pub(super) fn look(name: &str, expr: &Expr, names: &dyn Lookup) -> Result<Looked, ExprError> {
    names.lookup(name).map_err(|(message, help)| ExprError {
        message,
        place: expr.place,
        help,
    })
}

fn truth(expr: &Expr, names: &dyn Lookup) -> Result<bool, ExprError> {
    match eval(expr, names)? {
        ExprValue::Bool(truth) => Ok(truth),
        value @ (ExprValue::Number(_) | ExprValue::Quantity { .. } | ExprValue::Text(_)) => {
            let message = format!("a truth value is needed here, not {}", value.kind());
            Err(ExprError::new(message, expr.place).help("compare it with something: `x > 0`"))
        }
    }
}

fn call(
    function: Function,
    values: &[Expr],
    expr: &Expr,
    names: &dyn Lookup,
) -> Result<ExprValue, ExprError> {
    match function {
        Function::If => {
            let chosen = if truth(&values[0], names)? { 1 } else { 2 };
            eval(&values[chosen], names)
        }
        Function::Min => extreme(values, names, std::cmp::Ordering::is_lt),
        Function::Max => extreme(values, names, std::cmp::Ordering::is_gt),
        Function::Round => map(&values[0], names, f64::round),
        Function::Ceil => map(&values[0], names, f64::ceil),
        Function::Floor => map(&values[0], names, f64::floor),
        Function::Log2 => match eval(&values[0], names)? {
            ExprValue::Number(number) if number > 0.0 => operate::number(math::log2(number))
                .map_err(|message| ExprError::new(message, expr.place)),
            value @ (ExprValue::Number(_)
            | ExprValue::Quantity { .. }
            | ExprValue::Bool(_)
            | ExprValue::Text(_)) => {
                let message = format!("`log2` takes a number above zero, not {}", value.text());
                Err(ExprError::new(message, values[0].place))
            }
        },
    }
}

fn extreme(
    values: &[Expr],
    names: &dyn Lookup,
    better: impl Fn(std::cmp::Ordering) -> bool,
) -> Result<ExprValue, ExprError> {
    let mut best = eval(&values[0], names)?;
    for expr in &values[1..] {
        let value = eval(expr, names)?;
        let order =
            operate::order(&value, &best).map_err(|message| ExprError::new(message, expr.place))?;
        if better(order) {
            best = value;
        }
    }
    if operate::amount(&best).is_none() {
        let message = format!("a number or quantity is needed here, not {}", best.kind());
        return Err(ExprError::new(message, values[0].place));
    }
    Ok(best)
}

fn map(expr: &Expr, names: &dyn Lookup, change: fn(f64) -> f64) -> Result<ExprValue, ExprError> {
    let value = eval(expr, names)?;
    let Some(amount) = operate::amount(&value) else {
        let message = format!("a number or quantity is needed here, not {}", value.kind());
        return Err(ExprError::new(message, expr.place));
    };
    operate::with_amount(&value, change(amount))
        .map_err(|message| ExprError::new(message, expr.place))
}
