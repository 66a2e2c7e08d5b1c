//! The sections of a point's document.

use super::scope::{ExpressionScope, PointScope};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::scenario::environment::part_span;
use crate::scenario::expression::evaluate_scalar;
use crate::scenario::{Combination, Document, Node, Value};

/// The whole document of a point.
///
/// # Errors
///
/// Every value that cannot be set and every expression that cannot be evaluated.
pub fn apply(
    document: &Document,
    combination: &Combination<'_>,
    scope: &ExpressionScope<'_>,
) -> Result<Node, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut root = Node::empty_map(document.root.span);
    let mut add = |key: &str, key_span| match apply_section(document, combination, key, scope) {
        Ok(Some(node)) => root.set(key, key_span, node),
        Ok(None) => {}
        Err(found) => problems.extend(found),
    };
    for entry in document.root.entries() {
        add(&entry.key, entry.key_span);
    }
    for assignment in combination.assignments() {
        let key = assignment.target.section();
        if document.root.get(key).is_none() {
            add(key, assignment.node.span);
        }
    }
    if problems.is_empty() {
        Ok(root)
    } else {
        Err(problems)
    }
}

/// One top-level key of a point's document; `None` when neither the document nor the combination has it.
///
/// # Errors
///
/// As [`apply`].
pub fn apply_section(
    document: &Document,
    combination: &Combination<'_>,
    key: &str,
    scope: &ExpressionScope<'_>,
) -> Result<Option<Node>, Diagnostics> {
    let point = PointScope::new(document, combination, *scope);
    let base = document.root.get(key);
    let mut assignments = combination
        .assignments()
        .filter(|assignment| assignment.target.section() == key)
        .peekable();
    let mut section = match (base, assignments.peek()) {
        (Some(node), _) => node.clone(),
        (None, Some(first)) => Node::empty_map(first.node.span),
        (None, None) => return Ok(None),
    };
    let mut problems = Diagnostics::default();
    let places = point.places();
    for assignment in assignments {
        if let Err(problem) = places.assign(&mut section, assignment, scope.paths.load_modes()) {
            problems.push(problem);
        }
    }
    walk(&mut section, &point, &mut problems);
    if problems.is_empty() {
        Ok(Some(section))
    } else {
        Err(problems)
    }
}

/// Evaluates the expressions of any part of the document for a point.
///
/// # Errors
///
/// Every expression that cannot be evaluated.
pub fn evaluate(
    node: &Node,
    document: &Document,
    combination: &Combination<'_>,
    scope: &ExpressionScope<'_>,
) -> Result<Node, Diagnostics> {
    let point = PointScope::new(document, combination, *scope);
    let mut evaluated = node.clone();
    let mut problems = Diagnostics::default();
    walk(&mut evaluated, &point, &mut problems);
    if problems.is_empty() {
        Ok(evaluated)
    } else {
        Err(problems)
    }
}

fn walk(node: &mut Node, point: &PointScope<'_>, problems: &mut Diagnostics) {
    match &mut node.value {
        Value::Map(entries) => {
            for entry in entries {
                walk(&mut entry.node, point, problems);
            }
        }
        Value::List(items) => {
            for item in items {
                walk(item, point, problems);
            }
        }
        Value::Scalar(scalar) if scalar.literal || !scalar.text.contains("$(") => {}
        Value::Scalar(scalar) => match evaluate_scalar(scalar, point) {
            Ok(value) => *scalar = value,
            Err(error) => {
                let (start, end) = error.place;
                let place = part_span(scalar, node.span, start, end - start);
                let problem = Diagnostic::error(Code::BadExpression, error.message, place);
                problems.push(match error.help {
                    Some(help) => problem.help(help),
                    None => problem,
                });
            }
        },
    }
}
