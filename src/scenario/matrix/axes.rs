//! `axes` and `zip`: names, targets and values.

use std::borrow::Cow;

use super::entries::Context;
use super::same::{Meaning, same_slot};
use crate::diag::{Code, Diagnostic};
use crate::scenario::{AxisTarget, Entry, Node, Range, Value};
use crate::source::Span;

/// A factor of the matrix with its levels.
#[derive(Debug, Clone)]
pub struct Axis {
    /// The name as written.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// What it sets.
    pub target: AxisTarget,
    /// Which factor of the product it belongs to; the fields of a zip group share one.
    pub(super) factor: usize,
    values: Values,
}

#[derive(Debug, Clone)]
enum Values {
    List(Vec<Node>),
    Range(Range),
}

impl Axis {
    /// How many levels it has.
    pub const fn len(&self) -> u64 {
        match &self.values {
            Values::List(nodes) => nodes.len() as u64,
            Values::Range(range) => range.len(),
        }
    }

    /// False: an axis has at least one level.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A level.
    ///
    /// # Panics
    ///
    /// When `level` is not below [`Axis::len`].
    pub fn value(&self, level: u64) -> Cow<'_, Node> {
        match &self.values {
            Values::List(nodes) => Cow::Borrowed(&nodes[level as usize]),
            Values::Range(range) => Cow::Owned(range.node(level)),
        }
    }

    /// For every level, whether it means the same as `node`.
    pub(super) fn levels_like(&self, node: &Node) -> Vec<bool> {
        let meaning = Meaning::of(node);
        (0..self.len())
            .map(|level| Meaning::of(&self.value(level)) == meaning)
            .collect()
    }
}

/// Levels of one factor of the product.
#[derive(Debug, Clone)]
pub(super) struct Factor {
    pub len: u64,
    /// For a message: `concurrency`, or the fields of a zip group.
    pub name: String,
}

/// What `axes` and `zip` say.
#[derive(Debug, Clone, Default)]
pub(super) struct Product {
    pub axes: Vec<Axis>,
    pub factors: Vec<Factor>,
}

impl Product {
    /// Reads both keys; problems go to the context.
    pub fn read(matrix: &Node, context: &mut Context<'_>) -> Self {
        let mut product = Self::default();
        for entry in context.map(matrix.get("axes"), "axes") {
            product.axis(entry, context);
        }
        for group in context.list(matrix.get("zip"), "zip") {
            product.group(group, context);
        }
        product
    }

    /// How many combinations there are, as far as a number can say.
    pub fn len(&self) -> u128 {
        self.factors.iter().fold(1, |product, factor| {
            product.saturating_mul(u128::from(factor.len))
        })
    }

    /// The axis that a field of `exclude` or `include` names, by its name or by what it sets.
    pub fn axis_like(&self, name: &str, target: Option<&AxisTarget>) -> Option<&Axis> {
        self.axes
            .iter()
            .find(|axis| axis.name == name || target == Some(&axis.target))
    }

    fn axis(&mut self, entry: &Entry, context: &mut Context<'_>) {
        let factor = self.factors.len();
        if let Some(axis) = self.read_axis(entry, factor, context) {
            let (len, name) = (axis.len(), axis.name.clone());
            self.factors.push(Factor { len, name });
            self.axes.push(axis);
        }
    }

    fn group(&mut self, group: &Node, context: &mut Context<'_>) {
        let factor = self.factors.len();
        let fields: Vec<Axis> = context
            .map(Some(group), "an entry of `zip`")
            .iter()
            .filter_map(|entry| self.read_axis(entry, factor, context))
            .collect();
        let Some(first) = fields.first() else {
            return;
        };
        let len = first.len();
        if fields.iter().any(|field| field.len() != len) {
            let lengths: Vec<String> = fields
                .iter()
                .map(|field| format!("`{}` has {}", field.name, field.len()))
                .collect();
            let message = "the fields of a zip group have different lengths";
            let problem = Diagnostic::error(Code::BadValue, message, group.span);
            context.problems.push(problem.label(lengths.join(", ")));
        }
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        self.factors.push(Factor {
            len,
            name: names.join(" with "),
        });
        self.axes.extend(fields);
    }

    fn read_axis(&self, entry: &Entry, factor: usize, context: &mut Context<'_>) -> Option<Axis> {
        let values = read_values(entry, context);
        let target = context.target(&entry.key, entry.key_span)?;
        if let Some(other) = self
            .axes
            .iter()
            .find(|axis| same_slot(&axis.target, &target))
        {
            let message = format!("`{}` and `{}` set the same field", other.name, entry.key);
            context.problems.push(
                Diagnostic::error(Code::DuplicateKey, message, entry.key_span)
                    .label("set again here")
                    .related(other.span, "first set here"),
            );
            return None;
        }
        let values = values?;
        if let Values::List(nodes) = &values {
            for node in nodes {
                context.check_alias(&target, node);
                context.refuse_expression(node);
            }
        }
        Some(Axis {
            name: entry.key.clone(),
            span: entry.key_span,
            target,
            factor,
            values,
        })
    }
}

/// Values of a range that is kept as a list.
const SHORT: u64 = 4096;

/// A list or a range.
fn read_values(entry: &Entry, context: &mut Context<'_>) -> Option<Values> {
    match Range::from_node(&entry.node) {
        // A short range is written out once instead of at every point.
        Ok(Some(range)) if range.len() <= SHORT => {
            return Some(Values::List(range.nodes().collect()));
        }
        Ok(Some(range)) => return Some(Values::Range(range)),
        Ok(None) => {}
        Err(problem) => {
            context.problems.push(problem);
            return None;
        }
    }
    match &entry.node.value {
        Value::List(nodes) if !nodes.is_empty() => Some(Values::List(nodes.clone())),
        Value::List(_) => {
            let message = format!("the axis `{}` has no value", entry.key);
            context.problems.push(
                Diagnostic::error(Code::BadValue, message, entry.node.span)
                    .label("an empty list makes no point")
                    .help("give it a value, or remove the axis"),
            );
            None
        }
        Value::Map(_) | Value::Scalar(_) => {
            let message = format!("the axis `{}` needs a list or a range", entry.key);
            let problem = Diagnostic::error(Code::WrongType, message, entry.node.span)
                .label(format!("found {}", entry.node.kind()));
            let help = match entry.node.scalar() {
                Some(scalar) if !entry.node.is_null() => format!("write `[{}]`", scalar.text),
                Some(_) | None => "write `[a, b]` or `a..b`".to_owned(),
            };
            context.problems.push(problem.help(help));
            None
        }
    }
}
