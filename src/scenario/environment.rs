//! `${NAME}`, `${NAME:-default}`, `${NAME:?message}` and `$$` in plain and double-quoted scalars.
//!
//! A scalar that contains `$(` after this stage waits for its point: in it `$$` is still a dollar and is read so together
//! with its expressions. Every other scalar is final. What a variable holds is never read as an expression.

use super::{Node, Scalar, Value};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{Span, World};

/// Bytes that variables may bring into one document.
const MAX_BYTES: usize = 4 << 20;

/// Replaces every variable of the tree.
pub(super) fn substitute(root: &mut Node, world: &dyn World) -> Result<(), Diagnostics> {
    let mut substitution = Substitution {
        world,
        left: MAX_BYTES,
        problems: Diagnostics::default(),
    };
    substitution.node(root);
    if substitution.problems.is_empty() {
        Ok(())
    } else {
        Err(substitution.problems)
    }
}

struct Substitution<'w> {
    world: &'w dyn World,
    /// Bytes that may still be added.
    left: usize,
    problems: Diagnostics,
}

impl Substitution<'_> {
    fn node(&mut self, tree: &mut Node) {
        match &mut tree.value {
            Value::Map(entries) => {
                for entry in entries {
                    self.node(&mut entry.node);
                }
            }
            Value::List(items) => {
                for item in items {
                    self.node(item);
                }
            }
            Value::Scalar(text) if text.literal || !text.text.contains('$') => {}
            Value::Scalar(text) => match self.scalar(text, tree.span) {
                Ok(replaced) => text.text = replaced,
                Err(problem) => self.problems.push(problem),
            },
        }
    }

    fn scalar(&mut self, text: &Scalar, span: Span) -> Result<String, Diagnostic> {
        let parts = parts(text, span, self.world)?;
        let added: usize = parts.iter().map(Part::added).sum();
        let Some(left) = self.left.checked_sub(added) else {
            let message = format!("variables bring more than {MAX_BYTES} bytes into the document");
            return Err(Diagnostic::error(Code::TooLarge, message, span));
        };
        self.left = left;
        Ok(joined(&parts, text.text.contains("$(")))
    }
}

/// A stretch of a scalar.
enum Part<'s> {
    /// Text as it stands.
    Text(&'s str),
    /// `$$`
    Dollar,
    /// What a variable gives.
    Value(String),
}

impl Part<'_> {
    /// Bytes that the document does not hold itself.
    fn added(&self) -> usize {
        match self {
            Part::Text(_) | Part::Dollar => 0,
            Part::Value(value) => value.len(),
        }
    }
}

fn parts<'s>(
    scalar: &'s Scalar,
    span: Span,
    world: &dyn World,
) -> Result<Vec<Part<'s>>, Diagnostic> {
    let mut parts = Vec::new();
    let mut rest = scalar.text.as_str();
    while let Some(start) = rest.find('$') {
        let (before, form) = rest.split_at(start);
        parts.push(Part::Text(before));
        if let Some(after) = form.strip_prefix("$$") {
            parts.push(Part::Dollar);
            rest = after;
        } else if form.starts_with("${") {
            let offset = scalar.text.len() - form.len();
            let Some(length) = closing_brace(form) else {
                return Err(unclosed(scalar, span, offset));
            };
            let place = part_span(scalar, span, offset, length);
            parts.push(Part::Value(variable(&form[2..length - 1], place, world)?));
            rest = &form[length..];
        } else {
            parts.push(Part::Text("$"));
            rest = &form[1..];
        }
    }
    parts.push(Part::Text(rest));
    Ok(parts)
}

/// The parts as one text; one that `waits` for its point keeps its dollars doubled.
fn joined(parts: &[Part<'_>], waits: bool) -> String {
    let holds_expression =
        |part: &Part<'_>| matches!(part, Part::Value(value) if value.contains("$("));
    let waits = waits || parts.iter().any(holds_expression);
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(plain) => text.push_str(plain),
            Part::Dollar => text.push_str(if waits { "$$" } else { "$" }),
            Part::Value(value) if waits => text.push_str(&value.replace('$', "$$")),
            Part::Value(value) => text.push_str(value),
        }
    }
    text
}

/// The value of `NAME`, `NAME:-default` or `NAME:?message`.
fn variable(form: &str, span: Span, world: &dyn World) -> Result<String, Diagnostic> {
    let end = form
        .find(|character: char| character != '_' && !character.is_ascii_alphanumeric())
        .unwrap_or(form.len());
    let (name, rest) = form.split_at(end);
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(malformed(form, span));
    }
    let value = world.variable(name);
    if let Some(default) = rest.strip_prefix(":-") {
        if default.contains("${") {
            return Err(malformed(form, span).with_note("a default is text, not another variable"));
        }
        return Ok(value
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| default.to_owned()));
    }
    if let Some(message) = rest.strip_prefix(":?") {
        return value
            .filter(|text| !text.is_empty())
            .ok_or_else(|| unset(name, span).with_note(message.trim()));
    }
    if rest.is_empty() {
        value.ok_or_else(|| unset(name, span))
    } else {
        Err(malformed(form, span))
    }
}

fn unset(name: &str, span: Span) -> Diagnostic {
    let message = format!("the environment variable `{name}` is not set");
    Diagnostic::error(Code::UnsetVariable, message, span)
        .label("needed here")
        .help(format!("set it, or write `${{{name}:-default}}`"))
}

fn malformed(form: &str, span: Span) -> Diagnostic {
    let message = format!("`${{{form}}}` names no environment variable");
    Diagnostic::error(Code::BadValue, message, span)
        .help("write `${NAME}`, `${NAME:-default}` or `${NAME:?message}`; `$$` is a dollar")
}

fn unclosed(scalar: &Scalar, span: Span, offset: usize) -> Diagnostic {
    let place = part_span(scalar, span, offset, 2);
    Diagnostic::error(Code::BadValue, "`${` is never closed", place)
        .help("write `${NAME}`; `$$` is a dollar")
}

/// Bytes up to and with the brace that closes the form; braces in a default may nest.
fn closing_brace(form: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (position, byte) in form.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(position + 1),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The place of a part of a scalar, where the scalar stands in the source as it is; else the place of all of it.
pub(super) fn part_span(scalar: &Scalar, span: Span, offset: usize, length: usize) -> Span {
    let written = (span.end - span.start) as usize;
    let quote = usize::from(scalar.quoted);
    if written != scalar.text.len() + 2 * quote {
        return span;
    }
    let start = span.start + (quote + offset) as u32;
    Span {
        source: span.source,
        start,
        end: start + length as u32,
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::sample::{SCOPE, read};
    use crate::scenario::{Combination, Document, apply};
    use crate::source::Memory;

    fn document(text: &str, variables: &[(&str, &str)]) -> Document {
        let mut world = Memory::default().with("scenarios/x.yaml", text);
        for (name, value) in variables {
            world
                .variables
                .insert((*name).to_owned(), (*value).to_owned());
        }
        read(&world, &[]).1.expect("the text is good")
    }

    fn after(text: &str, variables: &[(&str, &str)]) -> String {
        let document = document(text, variables);
        apply(&document, &Combination::empty(), &SCOPE)
            .expect("the text is good")
            .flow()
    }

    #[test]
    fn variables_and_defaults_are_substituted() {
        assert_eq!(
            after("{a: \"${A}\", b: 'x ${A} $$'}", &[("A", "1")]),
            "{a: \"1\", b: 'x ${A} $$'}"
        );
        assert_eq!(
            after("a: ${N:-8}\nb: ${A}/x\nc: ${A:?needed}\n", &[("A", "1")]),
            "{a: 8, b: 1/x, c: 1}"
        );
        assert_eq!(after("a: ${N:-8}", &[("N", "")]), "{a: 8}");
        assert_eq!(after("{a: ${N:-[1, 2]}}", &[]), "{a: \"[1, 2]\"}");
    }

    #[test]
    fn a_substituted_count_is_a_count() {
        let document = document("a: ${N:-8}\n", &[]);
        let scalar = document
            .root
            .get("a")
            .and_then(|node| node.scalar().cloned())
            .expect("a scalar");
        assert_eq!(scalar.as_int(), Some(8));
    }

    #[test]
    fn a_doubled_dollar_is_a_dollar() {
        assert_eq!(
            after("a: $$5\nb: $$(1 + 2)\nc: $$$(1 + 2)\nd: $$${N:-x}\n", &[]),
            "{a: $5, b: $(1 + 2), c: $3, d: $x}"
        );
        assert_eq!(after("a: 5 $ and $x\n", &[]), "{a: 5 $ and $x}");
    }

    #[test]
    fn what_a_variable_holds_is_no_expression() {
        assert_eq!(
            after("a: ${A}\nb: ${A} $(1 + 1)\n", &[("A", "$(1 / 0) $$")]),
            "{a: $(1 / 0) $$, b: $(1 / 0) $$ 2}"
        );
    }

    #[test]
    fn a_large_variable_is_not_multiplied() {
        let mut world = Memory::default().with(
            "scenarios/x.yaml",
            format!("a: [{}]\n", "\"${A}\",".repeat(50)),
        );
        world.variables.insert("A".to_owned(), "x".repeat(1 << 20));
        let problems = read(&world, &[]).1.expect_err("too much text");
        assert_eq!(
            problems.iter().next().map(|problem| problem.code.name()),
            Some("too-large")
        );
    }

    #[test]
    fn variables_stand_inside_expressions() {
        assert_eq!(after("a: $(${N:-8} * 2)\n", &[]), "{a: 16}");
    }
}
