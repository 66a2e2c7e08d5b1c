//! Scalars with expressions in them.

use std::collections::BTreeSet;

use super::eval::{Lookup, eval, look};
use super::parse::{Expr, ExprKind, parse};
use super::{ExprError, ExprValue};
use crate::scenario::Scalar;

/// Bytes of a scalar after evaluation.
const MAX_BYTES: usize = 64 << 10;

/// The scalar with its expressions evaluated. One that is a single expression keeps the type of its value; in longer
/// text the value is printed.
pub(in crate::scenario) fn evaluate_scalar(
    scalar: &Scalar,
    names: &dyn Lookup,
) -> Result<Scalar, ExprError> {
    let parts = split(&scalar.text)?;
    if let [Part::Expression { start, text }] = parts.as_slice() {
        return value(text, names).map_err(|error| shifted(error, *start));
    }
    let mut written = String::new();
    for part in parts {
        match part {
            Part::Text(text) => written.push_str(text),
            Part::Dollar => written.push('$'),
            Part::Expression { start, text } => {
                let value = value(text, names).map_err(|error| shifted(error, start))?;
                written.push_str(&value.text);
                if written.len() > MAX_BYTES {
                    let message =
                        format!("the text has more than {MAX_BYTES} bytes after evaluation");
                    return Err(ExprError::new(message, (start, start + text.len())));
                }
            }
        }
    }
    Ok(Scalar {
        text: written,
        ..scalar.clone()
    })
}

/// The names that the expressions of a scalar use; those of one that cannot be read are left out.
pub(in crate::scenario) fn mentions(scalar: &Scalar, names: &mut BTreeSet<String>) {
    for part in split(&scalar.text).unwrap_or_default() {
        if let Part::Expression { text, .. } = part
            && let Ok(expr) = parse(text)
        {
            collect(&expr, names);
        }
    }
}

fn collect(expr: &Expr, names: &mut BTreeSet<String>) {
    match &expr.kind {
        ExprKind::Value(_) => {}
        ExprKind::Name(name) => {
            names.insert(name.clone());
        }
        ExprKind::Negative(inner) | ExprKind::Not(inner) => collect(inner, names),
        ExprKind::Binary(_, left, right) => {
            collect(left, names);
            collect(right, names);
        }
        ExprKind::Call(_, values) => values.iter().for_each(|value| collect(value, names)),
    }
}

/// A stretch of a scalar.
enum Part<'s> {
    Text(&'s str),
    /// `$$`
    Dollar,
    /// What stands between `$(` and `)`, and at which byte of the scalar.
    Expression {
        start: usize,
        text: &'s str,
    },
}

fn split(text: &str) -> Result<Vec<Part<'_>>, ExprError> {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find('$') {
        let dollar = at + found;
        if found > 0 {
            parts.push(Part::Text(&text[at..dollar]));
        }
        let rest = &text[dollar..];
        if rest.starts_with("$$") {
            parts.push(Part::Dollar);
            at = dollar + 2;
        } else if let Some(inside) = rest.strip_prefix("$(") {
            let Some(length) = closing(inside) else {
                let problem = ExprError::new("`$(` is never closed", (dollar, dollar + 2));
                return Err(problem.help("write `$( … )`; `$$(` is the text `$(`"));
            };
            let start = dollar + 2;
            parts.push(Part::Expression {
                start,
                text: &text[start..start + length],
            });
            at = start + length + 1;
        } else {
            parts.push(Part::Text("$"));
            at = dollar + 1;
        }
    }
    if at < text.len() {
        parts.push(Part::Text(&text[at..]));
    }
    Ok(parts)
}

/// Bytes before the parenthesis that closes the expression; quoted text may hold parentheses.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    for (position, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') if depth == 0 => return Some(position),
            (None, b')') => depth -= 1,
            (Some(_) | None, _) => {}
        }
    }
    None
}

/// The value of one expression as a scalar; a mere name repeats the scalar that it refers to.
fn value(text: &str, names: &dyn Lookup) -> Result<Scalar, ExprError> {
    let expr = parse(text)?;
    if let ExprKind::Name(name) = &expr.kind {
        let looked = look(name, &expr, names)?;
        return Ok(looked.scalar.unwrap_or_else(|| looked.value.scalar()));
    }
    eval(&expr, names).map(|value: ExprValue| value.scalar())
}

fn shifted(mut error: ExprError, by: usize) -> ExprError {
    error.place = (error.place.0 + by, error.place.1 + by);
    error
}
