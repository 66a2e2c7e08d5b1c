//! When two values of the document mean the same.

use crate::scenario::{AxisTarget, Node, Value};
use crate::units::{Dimension, parse_any};

/// A value in a form that is equal for equal meanings: `250 ms` and `250ms`, `4k` and `4000`, `fp8` and `"fp8"`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning {
    Bool(bool),
    Quantity(Dimension, u64, Option<String>),
    Text(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl Meaning {
    pub fn of(node: &Node) -> Self {
        match &node.value {
            Value::Map(entries) => {
                let mut fields: Vec<_> = entries
                    .iter()
                    .map(|entry| (entry.key.clone(), Self::of(&entry.node)))
                    .collect();
                fields.sort_by(|left, right| left.0.cmp(&right.0));
                Self::Map(fields)
            }
            Value::List(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Scalar(scalar) => {
                if let Some(truth) = scalar.as_bool() {
                    return Self::Bool(truth);
                }
                match parse_any(&scalar.text) {
                    Some((dimension, parsed)) if !scalar.quoted => {
                        Self::Quantity(dimension, parsed.value.to_bits(), parsed.currency)
                    }
                    Some(_) | None => Self::Text(scalar.text.clone()),
                }
            }
        }
    }
}

/// True when two targets cannot both be set: they are the same field, or modes of the same load.
pub(super) fn same_slot(left: &AxisTarget, right: &AxisTarget) -> bool {
    match (left, right) {
        (AxisTarget::LoadMode(_), AxisTarget::LoadMode(_)) => true,
        (_, _) => left == right,
    }
}
