//! Names and values of the matrix, checked against the document, and the entries of `exclude` and `include`.

use super::axes::{Axis, Product};
use super::same::same_slot;
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::scenario::{AxisPaths, AxisTarget, Document, Entry, Node, Value};
use crate::source::Span;

/// What reading a matrix needs and finds.
pub(super) struct Context<'d> {
    pub document: &'d Document,
    pub paths: &'d dyn AxisPaths,
    pub problems: Diagnostics,
    pub warnings: Diagnostics,
}

impl<'d> Context<'d> {
    pub fn new(document: &'d Document, paths: &'d dyn AxisPaths) -> Self {
        Self {
            document,
            paths,
            problems: Diagnostics::default(),
            warnings: Diagnostics::default(),
        }
    }

    /// The entries of a map that may be absent.
    pub fn map<'n>(&mut self, node: Option<&'n Node>, name: &str) -> &'n [Entry] {
        let Some(node) = node else {
            return &[];
        };
        if !matches!(node.value, Value::Map(_)) {
            self.wrong_type(node, &format!("{} is a map", quoted(name)));
        }
        node.entries()
    }

    /// The items of a list that may be absent.
    pub fn list<'n>(&mut self, node: Option<&'n Node>, name: &str) -> &'n [Node] {
        let Some(node) = node else {
            return &[];
        };
        if !matches!(node.value, Value::List(_)) {
            self.wrong_type(node, &format!("{} is a list of maps", quoted(name)));
        }
        node.items()
    }

    fn wrong_type(&mut self, node: &Node, message: &str) {
        let problem = Diagnostic::error(Code::WrongType, message, node.span);
        self.problems
            .push(problem.label(format!("found {}", node.kind())));
    }

    /// What a name sets.
    pub fn target(&mut self, name: &str, span: Span) -> Option<AxisTarget> {
        match self.paths.resolve(name) {
            Ok(target) => Some(target),
            Err(nearest) => {
                let message = format!("no scenario field is named `{name}`");
                let label = match nearest {
                    Some(near) => {
                        format!("not an axis or a path of the document; did you mean `{near}`?")
                    }
                    None => "not an axis or a path of the document".to_owned(),
                };
                self.problems.push(
                    Diagnostic::error(Code::UnknownAxis, message, span)
                        .label(label)
                        .with_note("axis names are listed by `phantom schema --axes`"),
                );
                None
            }
        }
    }

    /// A value of `model` or `hardware` names an alias.
    pub fn check_alias(&mut self, target: &AxisTarget, node: &Node) {
        let (section, code) = match target {
            AxisTarget::Model => ("models", Code::UnknownModel),
            AxisTarget::Hardware => ("hardware", Code::UnknownHardware),
            AxisTarget::ModelField(_)
            | AxisTarget::HardwareField(_)
            | AxisTarget::LoadMode(_)
            | AxisTarget::Path(_) => return,
        };
        let Some(scalar) = node.scalar() else {
            self.wrong_type(
                node,
                &format!("a value of this axis names an alias of `{section}`"),
            );
            return;
        };
        let Some(aliases) = self.document.root.get(section) else {
            return;
        };
        if aliases.get(&scalar.text).is_some() {
            return;
        }
        let names = aliases.entries().iter().map(|entry| entry.key.as_str());
        let label = match suggest(&scalar.text, names) {
            Some(near) => format!("not an alias of `{section}`; did you mean `{near}`?"),
            None => format!("not an alias of `{section}`"),
        };
        let message = format!("`{section}` has no entry `{}`", scalar.text);
        self.problems
            .push(Diagnostic::error(code, message, node.span).label(label));
    }

    /// Values that name points are written out.
    pub fn refuse_expression(&mut self, node: &Node) {
        match &node.value {
            Value::Map(entries) => entries
                .iter()
                .for_each(|entry| self.refuse_expression(&entry.node)),
            Value::List(items) => items.iter().for_each(|item| self.refuse_expression(item)),
            Value::Scalar(scalar) if !scalar.literal && scalar.text.contains("$(") => {
                let problem = Diagnostic::error(Code::BadExpression, "an axis value cannot be an expression", node.span)
                    .label("evaluated after the matrix is expanded")
                    .help("write the values out, or let the field itself be an expression of `point.…` or `vars.…`");
                self.problems.push(problem);
            }
            Value::Scalar(_) => {}
        }
    }
}

fn quoted(name: &str) -> String {
    if name.contains(' ') {
        name.to_owned()
    } else {
        format!("`matrix.{name}`")
    }
}

/// The combinations that agree with some fields: for each factor that is named, which of its levels do.
#[derive(Debug, Clone, Default)]
pub(super) struct Pattern {
    levels: Vec<(usize, Vec<bool>)>,
}

impl Pattern {
    fn restrict(&mut self, axis: &Axis, node: &Node) -> Found {
        let like = axis.levels_like(node);
        let found = if like.contains(&true) {
            Found::Some
        } else {
            Found::None
        };
        match self
            .levels
            .iter_mut()
            .find(|(factor, _)| *factor == axis.factor)
        {
            Some((_, levels)) => {
                for (level, like) in levels.iter_mut().zip(like) {
                    *level &= like;
                }
            }
            None => self.levels.push((axis.factor, like)),
        }
        found
    }

    /// Nothing agrees.
    fn never(axis: &Axis) -> Self {
        Self {
            levels: vec![(axis.factor, Vec::new())],
        }
    }

    /// True when the combination with these levels agrees.
    pub fn matches(&self, levels: &[u64]) -> bool {
        self.levels
            .iter()
            .all(|(factor, like)| like.get(levels[*factor] as usize) == Some(&true))
    }

    /// True when some combination of the whole product agrees.
    pub fn possible(&self) -> bool {
        self.levels.iter().all(|(_, like)| like.contains(&true))
    }
}

enum Found {
    Some,
    None,
}

/// Reads one entry of `exclude`.
pub(super) fn exclude(
    entry: &Node,
    product: &Product,
    context: &mut Context<'_>,
) -> Option<Pattern> {
    let mut pattern = Pattern::default();
    let mut complete = true;
    for field in context.map(Some(entry), "an entry of `exclude`") {
        let target = context.paths.resolve(&field.key).ok();
        let Some(axis) = product.axis_like(&field.key, target.as_ref()) else {
            context
                .problems
                .push(no_axis(&field.key, field.key_span, product));
            complete = false;
            continue;
        };
        context.check_alias(&axis.target, &field.node);
        if let Found::None = pattern.restrict(axis, &field.node) {
            let message = format!("no value of `{}` is like this one", axis.name);
            context.warnings.push(
                Diagnostic::warning(Code::BadValue, message, field.node.span)
                    .label("excludes nothing"),
            );
        }
    }
    (complete && !pattern.levels.is_empty()).then_some(pattern)
}

fn no_axis(name: &str, span: Span, product: &Product) -> Diagnostic {
    let names = product.axes.iter().map(|axis| axis.name.as_str());
    let label = match suggest(name, names) {
        Some(near) => format!("not an axis of this matrix; did you mean `{near}`?"),
        None => "not an axis of this matrix".to_owned(),
    };
    let message = format!("`exclude` names `{name}`, which no axis or zip group varies");
    Diagnostic::error(Code::UnknownAxis, message, span).label(label)
}

/// One entry of `include`.
#[derive(Debug, Clone)]
pub(super) struct Include {
    /// The combinations it contradicts in no field.
    pub pattern: Pattern,
    /// Fields that are axes: position of the axis and value, in key order.
    pub values: Vec<(usize, Node)>,
    /// Its other fields.
    pub extra: Vec<(String, AxisTarget, Node)>,
}

/// Reads one entry of `include`.
pub(super) fn include(entry: &Node, product: &Product, context: &mut Context<'_>) -> Include {
    let mut read = Include {
        pattern: Pattern::default(),
        values: Vec::new(),
        extra: Vec::new(),
    };
    for field in context.map(Some(entry), "an entry of `include`") {
        let Some(target) = context.target(&field.key, field.key_span) else {
            continue;
        };
        context.check_alias(&target, &field.node);
        let axes = &product.axes;
        let Some(position) = axes
            .iter()
            .position(|axis| same_slot(&axis.target, &target))
        else {
            read.extra
                .push((field.key.clone(), target, field.node.clone()));
            continue;
        };
        context.refuse_expression(&field.node);
        if axes[position].target == target {
            read.pattern.restrict(&axes[position], &field.node);
            read.values.push((position, field.node.clone()));
        } else {
            // Another mode of the same load: it contradicts every value of the axis.
            read.pattern = Pattern::never(&axes[position]);
            read.extra
                .push((field.key.clone(), target, field.node.clone()));
        }
    }
    read.values.sort_by_key(|(position, _)| *position);
    read
}
