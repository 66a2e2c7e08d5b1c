//! What names stand for at one point.

use std::cell::Cell;

use super::assign::Places;
use crate::diag::suggest;
use crate::scenario::expression::{ExprError, ExprValue, Looked, Lookup, evaluate_scalar};
use crate::scenario::{AxisPaths, AxisTarget, Combination, Document, Node, Scalar, Value};

/// Names that refer to each other in one chain.
const MAX_CHAIN: usize = 16;

/// Expressions that are evaluated for the sake of one.
const MAX_WORK: usize = 10_000;

/// Values that the document alone does not give: `model.*`, `hardware.*` and `runtime.*` after look-ups and defaults.
pub trait Names {
    /// The value of a dotted name such as `model.id`; `None`: what the document says, or unknown.
    fn lookup(&self, path: &str) -> Option<ExprValue>;

    /// The names it knows, to suggest one.
    fn known(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What expressions may refer to.
#[derive(Clone, Copy)]
pub struct ExpressionScope<'a> {
    /// Values from outside the document.
    pub names: &'a dyn Names,
    /// Axis names.
    pub paths: &'a dyn AxisPaths,
}

/// The names of one point.
pub(super) struct PointScope<'a> {
    pub document: &'a Document,
    pub combination: &'a Combination<'a>,
    pub scope: ExpressionScope<'a>,
    /// How many names are being looked up inside each other.
    depth: Cell<usize>,
    /// How many expressions were evaluated for the sake of others.
    work: Cell<usize>,
}

impl<'a> PointScope<'a> {
    pub const fn new(
        document: &'a Document,
        combination: &'a Combination<'a>,
        scope: ExpressionScope<'a>,
    ) -> Self {
        Self {
            document,
            combination,
            scope,
            depth: Cell::new(0),
            work: Cell::new(0),
        }
    }

    /// A scalar of the point's document with its expressions evaluated.
    pub fn evaluate(&self, scalar: &Scalar) -> Result<Scalar, ExprError> {
        self.work.set(0);
        evaluate_scalar(scalar, self)
    }

    pub const fn places(&self) -> Places<'a> {
        Places {
            document: self.document,
            combination: self.combination,
        }
    }

    /// What stands at a path for this point: what the combination sets there, else the document.
    fn at(&self, path: &[&str]) -> Option<&'a Node> {
        let places = self.places();
        let set = self.combination.assignments().filter_map(|assignment| {
            let target = places.path(assignment.target)?;
            let rest = path.strip_prefix(target.as_slice())?;
            assignment.node.at(rest.iter().copied())
        });
        set.last()
            .or_else(|| self.document.root.at(path.iter().copied()))
    }

    fn point(&self, name: &str) -> Result<Looked, (String, Option<String>)> {
        if let Some(node) = self.combination.value(name) {
            return self.read(&format!("point.{name}"), node);
        }
        let target = self.scope.paths.resolve(name).map_err(|near| {
            let message = format!("`point.{name}` is no axis and no field of a point");
            (
                message,
                near.map(|near| format!("did you mean `point.{near}`?")),
            )
        })?;
        match &target {
            AxisTarget::Model | AxisTarget::Hardware => {
                let alias = self.places().alias(target.section());
                alias.map(|alias| Looked {
                    value: ExprValue::from(alias),
                    scalar: None,
                })
            }
            AxisTarget::ModelField(_)
            | AxisTarget::HardwareField(_)
            | AxisTarget::LoadMode(_)
            | AxisTarget::Path(_) => {
                let places = Places {
                    document: self.document,
                    combination: self.combination,
                };
                let node = places.path(&target).and_then(|path| self.at(&path));
                return match node {
                    Some(node) => self.read(&format!("point.{name}"), node),
                    None => Err((format!("`point.{name}` has no value at this point"), None)),
                };
            }
        }
        .ok_or_else(|| (format!("`point.{name}` has no value at this point"), None))
    }

    /// A name of the document: `vars.x`, `model.x`, `hardware.x`, `runtime.x`.
    fn document(
        &self,
        family: &str,
        rest: &str,
        name: &str,
    ) -> Result<Looked, (String, Option<String>)> {
        if let Some(value) = self.scope.names.lookup(name) {
            return Ok(Looked {
                value,
                scalar: None,
            });
        }
        let unknown = || (format!("`{name}` has no value"), self.suggestion(name));
        let section = if family == "model" { "models" } else { family };
        let mut path = vec![section];
        if section != family || family == "hardware" {
            path.push(self.places().alias(section).ok_or_else(unknown)?);
        }
        path.extend(rest.split('.'));
        let node = self.at(&path).ok_or_else(unknown)?;
        self.read(name, node)
    }

    fn suggestion(&self, name: &str) -> Option<String> {
        let mut known = self.scope.names.known();
        if let Some(vars) = self.document.root.get("vars") {
            known.extend(
                vars.entries()
                    .iter()
                    .map(|entry| format!("vars.{}", entry.key)),
            );
        }
        let near = suggest(name, known.iter().map(String::as_str))?;
        Some(format!("did you mean `{near}`?"))
    }

    /// The value of a node, which may itself be an expression.
    fn read(&self, name: &str, node: &Node) -> Result<Looked, (String, Option<String>)> {
        let Value::Scalar(scalar) = &node.value else {
            return Err((
                format!("`{name}` is {}, not a single value", node.kind()),
                None,
            ));
        };
        if node.is_null() {
            return Err((format!("`{name}` has no value"), None));
        }
        let scalar = if !scalar.literal && scalar.text.contains("$(") {
            if self.depth.get() >= MAX_CHAIN {
                return Err((format!("`{name}` refers to itself"), None));
            }
            self.work.set(self.work.get() + 1);
            if self.work.get() > MAX_WORK {
                return Err((
                    format!("`{name}` rests on too many other expressions"),
                    None,
                ));
            }
            self.depth.set(self.depth.get() + 1);
            let evaluated = evaluate_scalar(scalar, self);
            self.depth.set(self.depth.get() - 1);
            evaluated.map_err(|error| (error.message, error.help))?
        } else {
            scalar.clone()
        };
        Ok(Looked {
            value: ExprValue::of(&scalar),
            scalar: Some(scalar),
        })
    }
}

impl Lookup for PointScope<'_> {
    fn lookup(&self, name: &str) -> Result<Looked, (String, Option<String>)> {
        match name.split_once('.') {
            Some(("point", rest)) => self.point(rest),
            Some((family @ ("vars" | "model" | "hardware" | "runtime"), rest)) => {
                self.document(family, rest, name)
            }
            Some(_) | None => {
                let help = self.suggestion(&format!("vars.{name}")).unwrap_or_else(|| {
                    "names begin with `vars.`, `model.`, `hardware.`, `runtime.` or `point.`"
                        .to_owned()
                });
                Err((format!("`{name}` is no name"), Some(help)))
            }
        }
    }
}
